//! Lessons that are broken on purpose, and what the lint says to each: that one thing, in so many words.
//!
//! `broken` holds lessons whose fault can be read, `broken-when-run` those that have to be run for it. Beside each of
//! the latter stands the conversation with the lint, as a lesson's `console` would show it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use netlab::lessons::console::{self, Command, compare};
use netlab::lessons::finding::At;
use run::{home, netlab, run};

/// How many lessons are linted at the same time. Nearly all of that time is spent waiting.
const AT_ONCE: usize = 4;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/fixtures/lessons").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
    files.sort();
    files
}

/// The command beside a fixture, and what it prints.
fn conversation(fixture: &Path) -> Command {
    let file = fixture.with_extension("txt");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let lines: Vec<&str> = text.lines().collect();
    let file = file.display().to_string();
    let console = console::parse(At { file: &file, line: 1 }, &lines).unwrap();
    let commands: Vec<&Command> = console.commands().collect();
    let [command] = commands[..] else { panic!("one command in {file}") };
    command.clone()
}

/// Does the same with every piece of work, a few at a time.
fn each(work: Vec<PathBuf>, does: impl Fn(&Path) + Sync) {
    let left = Mutex::new(work);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(one) = left.lock().unwrap().pop() else { break };
                    does(&one);
                }
            });
        }
    });
}

#[test]
fn each_lesson_that_breaks_when_run_draws_its_one_finding() {
    let fixtures = fixtures("broken-when-run");
    assert!(fixtures.len() >= 17, "there are {} fixtures", fixtures.len());
    each(fixtures, |fixture| {
        let (told, home) = (conversation(fixture), home());
        assert!(told.words.contains(&fixture.display().to_string()), "{}: {}", fixture.display(), told.text);
        let ran = run(home.path(), told.words.iter().skip(1)).exits(3);
        let printed = ran.text();
        if let Err(mismatch) = compare(&told.expected, &printed) {
            panic!("{}: {mismatch:?} in\n{printed}", fixture.display());
        }
        assert!(printed.ends_with(": 1 finding\n"), "{}: {printed}", fixture.display());
    });
}

#[test]
fn every_finding_says_where_it_is_and_how_to_mend_it() {
    let all = ["broken", "broken-when-run"].map(fixtures).concat();
    each(all, |fixture| {
        let home = home();
        let file = fixture.display().to_string();
        let lines = String::from_utf8_lossy(&fs::read(fixture).unwrap()).lines().count() as u64;
        let ran = run(home.path(), ["lessons", "lint", "--json", "--patience", "3", &file]).exits(3);
        let document = ran.document();
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{document}");
        for finding in findings {
            let text = |member: &str| finding[member].as_str().unwrap().to_owned();
            assert_eq!(text("file"), file);
            assert!((1..=lines).contains(&finding["line"].as_u64().unwrap()), "{finding}");
            let (what, mend) = (text("what"), text("mend"));
            assert_ne!(what, mend);
            for part in [what, mend] {
                let first = part.chars().next().unwrap_or(' ');
                assert!(part.split(' ').count() > 1 && !part.ends_with('.'), "{finding}");
                assert!(!first.is_uppercase() && !first.is_whitespace(), "{finding}");
            }
        }
    });
}

#[test]
fn a_finding_speaks_of_the_port_the_author_wrote() {
    let home = home();
    let fixture = "tests/fixtures/lessons/broken-when-run/11-server-that-ends.md";
    run(home.path(), ["lessons", "lint", fixture]).exits(3).says(&["port 7777 on 127.0.0.1 is taken"]);
}

#[test]
fn reading_alone_finds_nothing_in_a_lesson_that_breaks_when_run() {
    let home = home();
    for fixture in fixtures("broken-when-run") {
        let mut lint = netlab(home.path(), ["lessons", "lint", "--static"]);
        lint.arg(&fixture);
        run::finish(lint, b"").exits(0).says(&["0 proofs"]);
    }
}

#[test]
fn patience_is_a_number_of_seconds() {
    let home = home();
    for odd in ["0", "601", "soon", "-1"] {
        run(home.path(), ["lessons", "lint", "--static", &format!("--patience={odd}")])
            .exits(2)
            .says(&["--patience"]);
    }
}
