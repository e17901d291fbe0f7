//! Every line for another tool in the course, done as it stands there: `sh -c` in a network of its own, with a folder of
//! its own for a home, on the ports that the lesson names. It passes its step and
//! shows what the step's questions ask for, or the step says what it shows less, or why it can't be noticed.
//! What other tools must not pass is done as well.
//!
//! The table that comes of it is printed, and written to `outside.md` in cargo's folder for tests.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use netlab::commands::course::namespace::Namespace;
use netlab::commands::course::proving::{self, SEEDS, Work};
use netlab::commands::course::room::{Room, Rules};
use netlab::evidence::journal::Account;
use netlab::lessons::check::judge;
use netlab::lessons::console;
use netlab::lessons::deed::MustNot;
use netlab::lessons::deed::{Deed, Other};
use netlab::lessons::finding::At;
use netlab::lessons::lesson::{Lesson, Step};
use netlab::lessons::shelf;
use netlab::lessons::shown;
use netlab::lessons::ways::{self, Way};
use run::{skipped, told};

/// How long one line may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many steps are done at the same time. Nearly all of that time is spent waiting.
const AT_ONCE: usize = 4;
/// The tools that lines of the course start.
const TOOLS: [&str; 5] = ["nc", "curl", "dig", "python3", "ss"];

fn rules() -> Rules<'static> {
    Rules { program: Path::new(env!("CARGO_BIN_EXE_netlab")), patience: PATIENCE, shell: true }
}

/// Whether this machine can do it at all.
fn can_be_done() -> bool {
    if let Err(why) = Namespace::new() {
        skipped(&format!("no line for another tool was done: {why}"));
        return false;
    }
    true
}

/// A tool that a line needs and this machine does not have.
fn lacks(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split([' ', '|', ';']).collect();
    let is_here = |tool: &str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
        found.status.success()
    };
    TOOLS.into_iter().find(|tool| words.contains(tool) && !is_here(tool))
}

/// Does the same with every piece of work, a few at a time, each with an event loop of its own.
fn each<W: Send>(work: Vec<W>, does: impl AsyncFn(W) + Sync) {
    let left = Mutex::new(work);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                loop {
                    let Some(one) = left.lock().unwrap().pop() else { break };
                    runtime.block_on(does(one));
                }
            });
        }
    });
}

/// The step's own commands, some of them replaced by lines for other tools; the lab stands by where one of them calls it.
fn replaced(step: &Step, ways: &[&Way<'_>]) -> Vec<Deed> {
    let lab = console::command(At { file: "", line: 0 }, "netlab lab up &").unwrap();
    let calls_lab = ways.iter().any(|way| way.text.contains("127.0.0.") && !way.text.contains("7777"));
    let own = step.commands().enumerate().map(|(at, command)| match ways.iter().find(|way| way.at == at) {
        None => Deed::Netlab(command.clone()),
        Some(way) => Deed::Other(Other {
            line: command.line,
            text: way.text.to_owned(),
            keeps_running: command.keeps_running,
            typed: if way.text.contains('|') { Vec::new() } else { command.typed.clone() },
        }),
    });
    calls_lab.then_some(Deed::Netlab(lab)).into_iter().chain(own).collect()
}

/// What came of a step that was done in another way.
struct Done {
    passed: bool,
    /// The questions of the step to which nothing on the screen is the answer.
    unanswered: Vec<String>,
    printed: String,
}

/// Does a step, with these lines in the place of its commands.
async fn done(lesson: &Lesson, step: &Step, ways: &[&Way<'_>]) -> Done {
    let network = Namespace::new().unwrap();
    let room = Room::new(lesson, step, SEEDS[0], rules(), Some(&network)).unwrap();
    // What netlab's own commands print is compared elsewhere: here they may meet another tool.
    let _ = room.run(&replaced(step, ways), lesson).await.unwrap();
    let account = room.account_when(|account: &Account| judge(step, account).passed()).await.unwrap();
    let printed = room.all_printed().await;
    let unanswered =
        step.questions().filter(|question| !shown::can_be_answered(question, &account, &printed));
    let unanswered = unanswered.map(|question| question.question.clone()).collect();
    Done { passed: judge(step, &account).passed(), unanswered, printed }
}

#[test]
fn every_line_for_another_tool_passes_its_step_and_answers_its_questions_or_the_step_says_why_not() {
    if !can_be_done() {
        return;
    }
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let steps = lessons.iter().flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)));
    // The queue is taken from its end.
    let mut work: Vec<_> = steps.enumerate().map(|(at, (lesson, step))| (at, lesson, step)).collect();
    work.reverse();
    let rows = Mutex::new(Vec::new());
    let wrong = Mutex::new(Vec::new());
    each(work, async |(at, lesson, step): (usize, &Lesson, &Step)| {
        let ways = ways::others(step);
        let nth = lesson.steps.iter().position(|one| one.slug == step.slug).unwrap() + 1;
        let step_is = format!("{}/{nth}", lesson.number);
        let mut screens: Vec<String> = Vec::new();
        for way in &ways {
            let came = if let Some(tool) = lacks(way.text) {
                format!("skipped: {tool} is not here")
            } else {
                let Done { passed, unanswered, printed } = done(lesson, step, &[way]).await;
                screens.push(printed.clone());
                match (passed, way.is_unnoticed(), way.but) {
                    (true, false, None) if !unanswered.is_empty() => {
                        let what =
                            format!("passed; not to be answered from its screen: {}", unanswered.join(" "));
                        wrong.lock().unwrap().push(format!("{step_is}: {} {what}:\n{printed}", way.text));
                        what
                    }
                    (true, false, None) => "passed".to_owned(),
                    (true, false, Some(but)) => format!("passed; announced: {but}"),
                    (false, true, Some(but)) => format!("announced: {but}"),
                    (passed, ..) => {
                        let what =
                            if passed { "passes, and is said not to be noticed" } else { "does not pass" };
                        wrong.lock().unwrap().push(format!("{step_is}: {} {what}:\n{printed}", way.text));
                        what.to_owned()
                    }
                }
            };
            rows.lock()
                .unwrap()
                .push((at, format!("| {step_is} | `{}` | {came} |", way.text.replace('|', "\\|"))));
        }
        // And somebody who does all of it with tools of their own, but for what goes on meanwhile.
        let client = |way: &&Way<'_>| !way.command.keeps_running && !way.is_unnoticed();
        let own: Vec<&Way<'_>> = ways.iter().filter(client).collect();
        if own.len() > 1 && own.iter().all(|way| lacks(way.text).is_none()) {
            let Done { passed, unanswered, printed } = done(lesson, step, &own).await;
            screens.push(printed.clone());
            if !passed {
                wrong
                    .lock()
                    .unwrap()
                    .push(format!("{step_is}: all of them together do not pass:\n{printed}"));
            } else if own.iter().all(|way| way.but.is_none()) && !unanswered.is_empty() {
                wrong.lock().unwrap().push(format!(
                    "{step_is}: with all of them the screen does not answer {}:\n{printed}",
                    unanswered.join(" ")
                ));
            }
            let came = if passed { "passed" } else { "does not pass" };
            rows.lock().unwrap().push((at, format!("| {step_is} | all of these together | {came} |")));
        }
        // A line that another tool prints is printed by one of them.
        if ways.iter().all(|way| lacks(way.text).is_none()) {
            let others = step.questions().flat_map(|question| &question.screens).filter(|one| one.other_tool);
            for nowhere in others.filter(|one| screens.iter().all(|printed| one.fills(printed).is_empty())) {
                wrong.lock().unwrap().push(format!("{step_is}: no tool prints \"{}\"", nowhere.label()));
            }
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(at, _)| *at);
    let mut table = "| step | line | what came of it |\n|---|---|---|\n".to_owned();
    rows.iter().for_each(|(_, row)| writeln!(table, "{row}").unwrap());
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside.md"), &table).unwrap();
    told(&table);
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows.len() > 50, "there are {} lines", rows.len());
}

#[test]
fn what_another_tool_must_not_pass_does_not_pass() {
    if !can_be_done() {
        return;
    }
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let steps = lessons.iter().flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)));
    let needs_a_shell = |step: &Step| step.must_nots().any(MustNot::needs_a_shell);
    let work: Vec<_> = steps
        .filter(|(_, step)| needs_a_shell(step))
        .flat_map(|(lesson, step)| SEEDS.map(|seed| (lesson, step, seed)))
        .collect();
    assert!(!work.is_empty(), "there are such deeds");
    let wrong = Mutex::new(Vec::new());
    each(work, async |(lesson, step, seed): (&Lesson, &Step, &str)| {
        let network = Namespace::new().unwrap();
        let work = Work { source: 0, lesson, step, seed };
        let findings = proving::wrong_deeds(work, rules(), Some(&network)).await.unwrap();
        wrong.lock().unwrap().extend(findings.iter().map(ToString::to_string));
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
