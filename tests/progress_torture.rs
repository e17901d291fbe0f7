//! The file of progress under everything that may happen to it: kills, crowds, a full disk, no room at all.
//!
//! Writers are processes: this program starts itself again as one of the two ignored tests at the end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use netlab::lessons::fact::Fact;
use netlab::lessons::parse::parse;
use netlab::lessons::progress::{Progress, append, read};
use netlab::state::Home;

use run::{skipped, told};

/// Where a writer's facts go.
const FOLDER: &str = "NETLAB_TORTURE_FOLDER";
/// The number of its first fact.
const FIRST: &str = "NETLAB_TORTURE_FIRST";
/// How many it writes.
const COUNT: &str = "NETLAB_TORTURE_COUNT";

/// Facts are told apart by their numbers.
fn fact(number: u64) -> Fact {
    let lesson = parse("01-roles.md", "---\nid: roles\ntitle: T\nminutes: 1\n---\n## First\n").unwrap();
    Fact::passed(&lesson, &lesson.steps[0], vec!["connection from 127.0.0.1:45328".into()], number)
}

fn numbers(progress: &Progress) -> Vec<u64> {
    progress.facts.iter().map(|fact| fact.at).collect()
}

/// A process that appends `count` facts and says the number of each one that is kept.
fn writer(folder: &Path, first: u64, count: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_writer_of_facts", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder).env(FIRST, first.to_string()).env(COUNT, count.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The numbers a writer says, as long as it lives.
fn acknowledged(writer: &mut Child) -> impl Iterator<Item = u64> + use<> {
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("kept ")?.strip_suffix('.')?.parse().ok())
}

#[test]
fn two_hundred_kills_lose_no_fact_that_was_acknowledged() {
    const KILLS: u64 = 200;
    const APART: u64 = 1_000_000;
    let began = Instant::now();
    let folder = run::home();
    let mut kept: Vec<u64> = Vec::new();
    let mut torn = 0;
    for kill in 0..KILLS {
        let mut writer = writer(folder.path(), kill * APART, APART);
        let mut said = acknowledged(&mut writer);
        // Now before it can have written anything, now in the middle of its first fact, now of a later one.
        let wait_for = usize::try_from(kill % 7).unwrap();
        kept.extend(said.by_ref().take(wait_for));
        writer.kill().unwrap();
        // What it said while it was being killed holds too.
        kept.extend(said);
        writer.wait().unwrap();
        // A kill seldom falls into the write itself, so every tenth leaves what it would leave then.
        if kill % 10 == 3 {
            let line = serde_json::to_string(&fact(kill)).unwrap();
            let path = folder.path().join("progress.jsonl");
            let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
            let cut = line.len() * (1 + usize::try_from(kill).unwrap()) / 250;
            file.write_all(&line.as_bytes()[..cut]).unwrap();
            torn += 1;
        }
    }
    let home = Home::at(folder.path()).unwrap();
    append(&home, &fact(KILLS * APART)).unwrap();
    let progress = read(&home).unwrap();
    let mut there: HashMap<u64, usize> = HashMap::new();
    numbers(&progress).into_iter().for_each(|number| *there.entry(number).or_default() += 1);

    assert!(progress.kept_aside.is_none() && progress.later == 0);
    assert!(there.values().all(|&times| times == 1), "no fact is there twice");
    for number in kept.iter().chain([&(KILLS * APART)]) {
        assert!(there.contains_key(number), "fact {number} was acknowledged and is gone");
    }
    // Each killed writer may have kept one fact more than it could say.
    let unsaid = there.len() - 1 - kept.len();
    assert!(unsaid as u64 <= KILLS, "{unsaid} facts that nobody wrote");
    assert!(
        (torn..=torn + KILLS).contains(&progress.unreadable),
        "{} torn lines, of which {torn} by this test",
        progress.unreadable
    );
    assert!(kept.len() > 300, "the writers wrote: {}", kept.len());
    told(&format!(
        "{KILLS} kills: {} facts acknowledged, {unsaid} kept unsaid, {} torn ({torn} of them by the test), {:.1} s",
        kept.len(),
        progress.unreadable,
        began.elapsed().as_secs_f64()
    ));
}

#[test]
fn two_processes_with_a_thousand_facts_each_keep_two_thousand() {
    const EACH: u64 = 1000;
    let began = Instant::now();
    let folder = run::home();
    let mut writers = [writer(folder.path(), 0, EACH), writer(folder.path(), EACH, EACH)];
    for writer in &mut writers {
        let said = acknowledged(writer).count() as u64;
        assert!(writer.wait().unwrap().success() && said == EACH);
    }
    let progress = read(&Home::at(folder.path()).unwrap()).unwrap();
    assert_eq!((progress.facts.len() as u64, progress.unreadable), (2 * EACH, 0));
    let (ones, others): (Vec<u64>, Vec<u64>) =
        numbers(&progress).into_iter().partition(|number| *number < EACH);
    assert_eq!(ones, (0..EACH).collect::<Vec<_>>(), "in the order of the first writer");
    assert_eq!(others, (EACH..2 * EACH).collect::<Vec<_>>(), "and of the second");
    told(&format!("two writers of {EACH} facts: {:.1} s", began.elapsed().as_secs_f64()));
}

/// A shell in which file systems can be mounted that nobody else sees, if this machine allows it.
fn in_own_mounts(mount: &str) -> Option<Command> {
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script]);
        command
    };
    match shell(mount).output() {
        Ok(tried) if tried.status.success() => Some(shell(&format!("{mount} && exec \"$@\""))),
        Ok(tried) => {
            skipped(&format!(
                "no mounts of one's own here: {}",
                String::from_utf8_lossy(&tried.stderr).trim()
            ));
            None
        }
        Err(error) => {
            skipped(&format!("unshare cannot be run: {error}"));
            None
        }
    }
}

#[test]
fn a_full_disk_is_an_error_and_costs_no_fact_that_was_acknowledged() {
    let folder = run::home();
    let disk = folder.path().to_str().unwrap();
    let Some(mut small) = in_own_mounts(&format!("mount -t tmpfs -o size=64k tmpfs '{disk}'")) else {
        return;
    };
    small.arg("sh").arg(std::env::current_exe().unwrap());
    small.args(["--exact", "a_writer_on_a_full_disk", "--ignored", "--nocapture"]).env(FOLDER, disk);
    let ran = run::finish(small, b"").exits(0);
    let text = ran.text();
    let kept = text.lines().find_map(|line| line.strip_prefix("kept ")).unwrap_or_else(|| panic!("{text}"));
    told(&format!("a disk of 64 KiB: {kept}"));
}

/// Verbs, and what they exit with in a folder that can be written to no more: with nothing in it, with progress.
const VERBS: [(&[&str], i32, i32); 4] =
    [(&["check"], 4, 3), (&["lessons"], 0, 0), (&[], 0, 0), (&["learn", "--step"], 4, 0)];

#[test]
fn a_home_that_is_read_only_is_said_once_and_is_no_panic() {
    let (empty, used) = (run::home(), run::home());
    run::run(used.path(), ["learn", "--step"]).exits(0);
    for (verb, with_nothing, with_progress) in VERBS {
        for (home, code) in [(&empty, with_nothing), (&used, with_progress)] {
            let path = home.path().to_str().unwrap();
            let mount = format!("mount --bind '{path}' '{path}' && mount -o remount,ro,bind '{path}'");
            let Some(mut read_only) = in_own_mounts(&mount) else { return };
            read_only.arg("sh").arg(env!("CARGO_BIN_EXE_netlab")).args(verb).env("NETLAB_HOME", path);
            let ran = run::finish(read_only, b"").exits(code);
            says_at_most_once(&ran, code);
            if code == 4 {
                ran.says(&["Read-only file system", path]);
            }
        }
    }
}

#[test]
fn a_home_that_is_a_file_is_said_once_and_is_no_panic() {
    let folder = run::home();
    let file = folder.path().join("file");
    fs::write(&file, "a letter").unwrap();
    for (verb, code, _) in VERBS {
        let ran = run::run(&file, verb).exits(code);
        says_at_most_once(&ran, code);
        ran.says(&["no folder netlab may write to"]);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "a letter");
}

/// One error where the verb fails, and never the words of a panic.
#[track_caller]
fn says_at_most_once(ran: &run::Ran, code: i32) {
    let complaint = ran.complaint();
    assert!(!complaint.contains("panicked") && !complaint.contains("RUST_BACKTRACE"), "{complaint}");
    assert_eq!(complaint.matches("error: ").count(), usize::from(code == 4), "{complaint}");
    assert!(complaint.matches("cannot be kept").count() <= 1, "{complaint}");
}

fn from_parent(name: &str) -> u64 {
    std::env::var(name).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a process that other tests start"]
fn a_writer_of_facts() {
    let home = Home::at(&PathBuf::from(std::env::var_os(FOLDER).unwrap())).unwrap();
    let first = from_parent(FIRST);
    for number in first..first + from_parent(COUNT) {
        append(&home, &fact(number)).unwrap();
        // One write, with an end mark: half a number must not pass for a whole one.
        io::stdout().write_all(format!("\nkept {number}.\n").as_bytes()).unwrap();
    }
}

#[test]
#[ignore = "a process that another test starts, on a disk of 64 KiB"]
fn a_writer_on_a_full_disk() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let ballast = folder.join("ballast");
    fs::write(&ballast, [0; 16 * 1024]).unwrap();
    let home = Home::at(&folder).unwrap();
    let fill = |first: u64| {
        let refused = (first..).find_map(|number| Some((number, append(&home, &fact(number)).err()?)));
        let (number, error) = refused.unwrap();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
        number
    };
    let full_at = fill(0);
    // Trying again does no harm.
    (0..5).for_each(|_| drop(append(&home, &fact(full_at)).unwrap_err()));
    assert_eq!(numbers(&read(&home).unwrap()), (0..full_at).collect::<Vec<_>>());

    fs::remove_file(&ballast).unwrap();
    let full_again_at = fill(full_at);
    assert!(full_again_at > full_at, "there was room again");
    let progress = read(&home).unwrap();
    assert_eq!(numbers(&progress), (0..full_again_at).collect::<Vec<_>>());
    assert!(progress.unreadable <= 2, "at most the line at each end of the room is torn");
    let unreadable = progress.unreadable;
    let kept = format!("\nkept {full_at} facts, {full_again_at} with room made; {unreadable} lines torn\n");
    io::stdout().write_all(kept.as_bytes()).unwrap();
}
