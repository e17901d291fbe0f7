//! `netlab lessons lint`: proves that lessons hold, by doing what they say.
//!
//! Every command of a lesson is run as a learner would run it: this program, in a folder of its own,
//! against the embedded lab. Ports 7777 and 7778 are replaced by free ones, in the commands and in the checks,
//! so that a proof disturbs nobody; findings speak of 7777 and 7778 again.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::commands::context::Context;
use crate::commands::course::learner::lacking;
use crate::commands::course::room::{Room, Rules};
use crate::error::{Exit, Failure};
use crate::evidence::journal::Account;
use crate::help;
use crate::lessons::check;
use crate::lessons::console::Command as Typed;
use crate::lessons::finding::Finding;
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::shelf::{self, Source};
use crate::lessons::{lint, lint_words, proof, translation};
use crate::render::course::findings::{self, Counts};

/// Three learners, so that nothing holds by the luck of one learner's values.
const SEEDS: [&str; 3] = ["00000000000000a1", "00000000000000b2", "00000000000000c3"];
/// Where proofs look for a port of their own.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// The learner's ports, as lessons write them.
const OWN: [&str; 2] = ["7777", "7778"];

/// What is to be linted, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Lesson files; none means all that are built in.
    pub files: &'a [PathBuf],
    /// Read only, run nothing.
    pub only_static: bool,
    /// How long one command may take.
    pub patience: Duration,
}

/// Lints the files, or all lessons.
///
/// # Errors
/// When a file cannot be read.
pub async fn run(wanted: Wanted<'_>, context: &Context) -> Result<Exit, Failure> {
    let files = wanted.files;
    let sources = if files.is_empty() { shelf::embedded() } else { read(files)? };
    let parse = |words: &[String]| {
        let words = std::iter::once("netlab").chain(words.iter().map(String::as_str));
        help::command()
            .try_get_matches_from(words)
            .map(|_| ())
            .map_err(|error| first_line(&error.to_string()))
    };
    let mut found = lint::lint(&sources, &parse);
    let mut proved = 0;
    if found.is_empty() && !wanted.only_static {
        let program = std::env::current_exe()
            .map_err(|error| Failure::machine("netlab does not find itself", error.to_string()))?;
        let rules = Rules { program: &program, patience: wanted.patience };
        for source in &sources {
            found.extend(prove(source, rules, &mut proved, context).await?);
        }
    }
    let lessons = shelf::lessons(&sources).unwrap_or_default();
    let missing = if files.is_empty() { lint::uncorrected(&lessons) } else { Vec::new() };
    let untranslated = lint_words::missing(&sources);
    let count = Counts { lessons: sources.len(), proofs: proved };
    findings::show(&context.screen, &count, &found, &untranslated, &missing);
    Ok(if found.is_empty() { Exit::Done } else { Exit::NotPassed })
}

/// Each lesson once, however many of its files are named.
fn read(files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources: Vec<Source> = Vec::new();
    for path in files {
        let original = translation::original_of(&path.display().to_string()).map(|(original, _)| original);
        if let Some(original) = original.filter(|original| !Path::new(original).exists()) {
            return Err(Failure::usage(
                format!("{} translates a lesson that is not there", path.display()),
                "a translation lies beside its original and is linted with it",
            )
            .or_try(format!("put the original at {original}")));
        }
        let source = shelf::file(path).map_err(|error| Failure::file(path, "reading", &error))?;
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Runs every step of one lesson that has something to run, for three learners.
async fn prove(
    source: &Source,
    rules: Rules<'_>,
    proved: &mut usize,
    context: &Context,
) -> Result<Vec<Finding>, Failure> {
    let mut found = Vec::new();
    let original = shelf::lessons(std::slice::from_ref(source)).unwrap_or_default();
    for step in original.iter().flat_map(|lesson| &lesson.steps) {
        if let Some(why) = step.only_with.and_then(lacking) {
            context.screen.note(&format!("skipped: {}, {}: {why}", source.file, step.title));
        }
    }
    for seed in SEEDS {
        let ports = free_ports()?;
        let text =
            OWN.iter().zip(&ports).fold(source.text.clone(), |text, (own, port)| text.replace(own, port));
        let moved = Source::new(source.file.clone(), text);
        let lessons = shelf::lessons(std::slice::from_ref(&moved)).unwrap_or_default();
        for lesson in &lessons {
            let can_be_done = |step: &&Step| step.only_with.and_then(lacking).is_none();
            let runs = |step: &&Step| step.commands().next().is_some() && can_be_done(step);
            for step in lesson.steps.iter().filter(runs) {
                context.screen.status(&format!("proving {}, {} (learner {seed})", lesson.id, step.slug));
                found.extend(prove_step(lesson, step, seed, rules).await?);
                *proved += 1;
            }
        }
        if !found.is_empty() {
            for (own, port) in OWN.iter().zip(&ports) {
                found.iter_mut().for_each(|finding| finding.what = finding.what.replace(port, own));
            }
            break;
        }
    }
    Ok(found)
}

/// Does what a step says, and then each of its slips, each in a folder of its own. Where the commands did not
/// run as they should, nothing is judged: what is missing would follow from that.
async fn prove_step(
    lesson: &Lesson,
    step: &Step,
    seed: &str,
    rules: Rules<'_>,
) -> Result<Vec<Finding>, Failure> {
    let room = Room::new(lesson, step, seed, rules)?;
    let commands: Vec<&Typed> = step.commands().collect();
    let mut found = room.run(&commands, lesson).await?;
    if found.is_empty() {
        let green = |account: &Account| check::judge(step, account).passed() && proof::answers(step, account);
        found.extend(proof::own_commands(lesson, step, &room.account_when(green).await?));
    }
    for near in step.near_misses() {
        let room = Room::new(lesson, step, seed, rules)?;
        let commands: Vec<&Typed> = near.commands.iter().collect();
        let trouble = room.run(&commands, lesson).await?;
        if trouble.is_empty() {
            let told = |account: &Account| {
                check::judge(step, account).feedback.is_some_and(|feedback| feedback.line == near.line)
            };
            found.extend(proof::near_miss(lesson, step, near, &room.account_when(told).await?));
        }
        found.extend(trouble);
    }
    Ok(found)
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

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
