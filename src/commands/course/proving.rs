//! Lessons proved by doing what they say: every command is run as a learner would run it, by this program, in a folder
//! of its own, for three learners.
//!
//! Each step has a [network of its own](super::namespace) where this machine allows one, on the very ports that the
//! lesson names. Elsewhere 7777 and 7778 are replaced by free ports, in the commands and in the checks, so that a proof
//! disturbs nobody; findings speak of 7777 and 7778 again, and that literal ports were not proved is said.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::time::Duration;

use tokio::time::interval;

use super::learner::lacking;
use super::namespace::Namespace;
use super::room::{Room, Rules};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::evidence::journal::Account;
use crate::lessons::check;
use crate::lessons::console::Command as Typed;
use crate::lessons::deed::{Deed, MustNot};
use crate::lessons::finding::Finding;
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::progress;
use crate::lessons::proof;
use crate::lessons::shelf::{self, Source};
use crate::lessons::shown;
use crate::lessons::verdict::{Outcome, SceneVerdict};
use crate::lessons::ways;
use crate::net::clock::wall_us;
use crate::render::text::words::count;

/// Three learners, so that nothing holds by the luck of one learner's values.
pub const SEEDS: [&str; 3] = ["00000000000000a1", "00000000000000b2", "00000000000000c3"];
/// Where proofs look for a port of their own, when they have no network of their own.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// How often the check is looked at while wrong deeds are done, as in a session.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// The learner's ports, as lessons write them.
const OWN: [&str; 2] = ["7777", "7778"];

/// What came of it.
#[derive(Debug, Default)]
pub struct Proved {
    /// What does not hold.
    pub findings: Vec<Finding>,
    /// How many steps were run, each learner counted.
    pub proofs: usize,
    /// Whether they were run on the ports that the lessons name.
    pub literal_ports: bool,
}

/// Runs every step that has something to run. A lesson with findings for one learner is not run for the next.
///
/// # Errors
/// When this machine has no room for a proof.
pub async fn prove(sources: &[Source], rules: Rules<'_>, context: &Context) -> Result<Proved, Failure> {
    for (source, lesson) in
        sources.iter().flat_map(|source| lessons(source).map(move |lesson| (source, lesson)))
    {
        for step in &lesson.steps {
            if let Some(why) = step.only_with.and_then(lacking) {
                context.screen.note(&format!("skipped: {}, {}: {why}", source.file, step.title));
            }
        }
    }
    say_what_is_left_out(sources, context);
    let ports = match Namespace::new() {
        Ok(_) => None,
        Err(why) => {
            context.screen.note(&format!(
                "literal ports were not proved: this system gives no network of its own ({why})"
            ));
            Some(free_ports()?)
        }
    };
    let mut proved = Proved { literal_ports: ports.is_none(), ..Proved::default() };
    let mut found: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for seed in SEEDS {
        let clean = sources.iter().enumerate().filter(|(at, _)| !found.contains_key(at));
        let lessons: Vec<(usize, Lesson)> = clean
            .flat_map(|(at, source)| {
                lessons(&on_ports(source, ports.as_deref())).map(move |lesson| (at, lesson))
            })
            .collect();
        let can_be_done = |step: &&Step| step.only_with.and_then(lacking).is_none();
        let runs = |step: &&Step| step.commands().next().is_some() && can_be_done(step);
        let steps = lessons.iter().flat_map(|(at, lesson)| {
            lesson.steps.iter().filter(runs).map(move |step| Work { source: *at, lesson, step, seed })
        });
        let work: Vec<Work<'_>> = steps.collect();
        proved.proofs += work.len();
        // The queue is taken from its end.
        let queue = RefCell::new(work.into_iter().rev().collect());
        let results = RefCell::new(&mut found);
        let worker = || worker(&queue, &results, rules, ports.is_none(), context);
        // Without networks of their own, proofs would meet on a port.
        if ports.is_none() {
            let (one, two, three, four) = tokio::join!(worker(), worker(), worker(), worker());
            one.and(two).and(three).and(four)?;
        } else {
            worker().await?;
        }
    }
    proved.findings = found.into_values().flatten().collect();
    proved.findings.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    for (own, port) in OWN.iter().zip(ports.iter().flatten()) {
        proved.findings.iter_mut().for_each(|finding| finding.what = finding.what.replace(port, own));
    }
    Ok(proved)
}

/// Says what is in the lessons and not proved here: lines for other tools.
fn say_what_is_left_out(sources: &[Source], context: &Context) {
    let lessons: Vec<Lesson> = sources.iter().flat_map(lessons).collect();
    let steps = || lessons.iter().flat_map(|lesson| &lesson.steps);
    let deeds = || steps().flat_map(Step::must_nots);
    let shell = deeds().filter(|must| must.needs_a_shell()).count();
    let lines = shell + steps().map(|step| ways::others(step).len()).sum::<usize>();
    if lines > 0 {
        let lines = count(lines as u64, "line");
        context.screen.note(&format!(
            "not run: {lines} for other tools. The lint never runs a shell for a lesson; whoever wrote them tries them"
        ));
    }
}

/// One step to run for one learner.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// Which file it is from, counted from 0.
    pub source: usize,
    /// Its lesson.
    pub lesson: &'a Lesson,
    /// The step.
    pub step: &'a Step,
    /// The learner's secret.
    pub seed: &'a str,
}

/// Takes one piece of work after the other until none is left.
async fn worker(
    queue: &RefCell<Vec<Work<'_>>>,
    found: &RefCell<&mut BTreeMap<usize, Vec<Finding>>>,
    rules: Rules<'_>,
    apart: bool,
    context: &Context,
) -> Result<(), Failure> {
    loop {
        let next = queue.borrow_mut().pop();
        let Some(work) = next else { return Ok(()) };
        let told = format!("proving {}, {} (learner {})", work.lesson.id, work.step.slug, work.seed);
        context.screen.status(&told);
        let network = if apart {
            let none = |why| Failure::machine("no network of its own for a proof", why);
            Some(Namespace::new().map_err(none)?)
        } else {
            None
        };
        let findings = prove_step(work, rules, network.as_ref()).await?;
        if !findings.is_empty() {
            found.borrow_mut().entry(work.source).or_default().extend(findings);
        }
    }
}

/// Does what a step says, and then each of its slips, each in a folder of its own. Where the commands did not
/// run as they should, nothing is judged: what is missing would follow from that.
async fn prove_step(
    work: Work<'_>,
    rules: Rules<'_>,
    network: Option<&Namespace>,
) -> Result<Vec<Finding>, Failure> {
    let Work { lesson, step, seed, .. } = work;
    let room = Room::new(lesson, step, seed, rules, network)?;
    let mut found = room.run(&deeds(step.commands()), lesson).await?;
    if found.is_empty() {
        let green = |account: &Account| check::judge(step, account).passed() && proof::answers(step, account);
        let account = room.account_when(green).await?;
        found.extend(proof::own_commands(lesson, step, &account));
        found.extend(shown::on_screen(lesson, step, &account, &room.all_printed().await));
    }
    for near in step.near_misses() {
        let room = Room::new(lesson, step, seed, rules, network)?;
        let trouble = room.run(&deeds(near.commands.iter()), lesson).await?;
        if trouble.is_empty() {
            let told = |account: &Account| {
                check::judge(step, account).feedback.is_some_and(|feedback| feedback.line == near.line)
            };
            found.extend(proof::near_miss(lesson, step, near, &room.account_when(told).await?));
        }
        found.extend(trouble);
    }
    found.extend(wrong_deeds(work, rules, network).await?);
    Ok(found)
}

/// Commands as deeds.
pub fn deeds<'a>(commands: impl Iterator<Item = &'a Typed>) -> Vec<Deed> {
    commands.cloned().map(Deed::Netlab).collect()
}

/// Does everything that must not pass the step, lines for the shell only where the rules allow it.
///
/// # Errors
/// When this machine has no room for a proof.
pub async fn wrong_deeds(
    work: Work<'_>,
    rules: Rules<'_>,
    network: Option<&Namespace>,
) -> Result<Vec<Finding>, Failure> {
    let Work { lesson, step, .. } = work;
    let mut found = Vec::new();
    // Which scenes stayed red in at least one of them; unknown where not all can be done.
    let mut red = BTreeSet::new();
    let mut all_known = true;
    for must in step.must_nots() {
        if must.needs_a_shell() && !rules.shell {
            all_known = false;
            continue;
        }
        let tried = wrong_deed(work, must, rules, network).await?;
        all_known &= tried.trouble.is_empty();
        red.extend(tried.red.iter().copied());
        if tried.trouble.is_empty() {
            found.extend(proof::must_not(lesson, must, tried.passed));
        }
        found.extend(tried.trouble);
    }
    if all_known && step.must_nots().next().is_some() {
        found.extend(proof::never_red(lesson, step, &red));
    }
    Ok(found)
}

/// What came of wrong deeds.
struct Tried {
    /// What did not run as it should.
    trouble: Vec<Finding>,
    /// When they passed, if they did.
    passed: Option<&'static str>,
    /// The scenes that stayed red, from 0.
    red: Vec<usize>,
}

/// Does wrong deeds before the step, in it, and once more, and looks at the check all the while, as a session does.
async fn wrong_deed(
    work: Work<'_>,
    must: &MustNot,
    rules: Rules<'_>,
    network: Option<&Namespace>,
) -> Result<Tried, Failure> {
    let Work { lesson, step, seed, .. } = work;
    let mut room = Room::new(lesson, step, seed, rules, network)?;
    let mut tried = Tried { trouble: room.run(&must.deeds, lesson).await?, passed: None, red: Vec::new() };
    room.begin(&progress::marker(lesson, step, 2))?;
    for when in ["done before the step", "done in the step", "done twice"] {
        if !tried.trouble.is_empty() {
            return Ok(tried);
        }
        if when != "done before the step" {
            let mut run = pin!(room.run(&must.deeds, lesson));
            let mut again = interval(LOOK_AGAIN);
            loop {
                tokio::select! {
                    trouble = &mut run => {
                        tried.trouble = trouble?;
                        break;
                    }
                    _ = again.tick() => {
                        if check::judge_at(step, &room.account()?, wall_us()).passed() {
                            tried.passed.get_or_insert(when);
                        }
                    }
                }
            }
        }
        let verdict = check::judge(step, &room.account()?);
        if verdict.passed() {
            tried.passed.get_or_insert(when);
        }
        let is_red = |scene: &SceneVerdict| !matches!(scene.outcome, Outcome::Passed(_));
        tried.red = (0..).zip(&verdict.scenes).filter(|(_, scene)| is_red(scene)).map(|(at, _)| at).collect();
    }
    Ok(tried)
}

fn lessons(source: &Source) -> impl Iterator<Item = Lesson> + use<> {
    shelf::lessons(std::slice::from_ref(source)).unwrap_or_default().into_iter()
}

/// The lesson with these ports in the place of the learner's, if any.
fn on_ports(source: &Source, ports: Option<&[String]>) -> Source {
    let pairs = OWN.iter().zip(ports.into_iter().flatten());
    let text = pairs.fold(source.text.clone(), |text, (own, port)| text.replace(own, port));
    Source::new(source.file.clone(), text)
}

/// Ports nobody listens on, and such that no system hands out to clients: a lesson uses them for a while, and
/// a connection that happened to begin there would be in its way.
fn free_ports() -> Result<Vec<String>, Failure> {
    let seed = std::process::id() % (u32::from(PORTS.end - PORTS.start));
    let (before, after): (Vec<u16>, Vec<u16>) = PORTS.partition(|port| u32::from(port - PORTS.start) < seed);
    let mut last = String::new();
    let mut free = Vec::new();
    for port in after.into_iter().chain(before) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => free.push(port.to_string()),
            Err(error) => last = error.to_string(),
        }
        if free.len() == OWN.len() {
            return Ok(free);
        }
    }
    Err(Failure::machine("no free ports for a proof", last))
}
