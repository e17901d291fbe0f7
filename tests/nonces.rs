//! The values made for a learner, as the lab's services say them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::Path;

use netlab::lab::here::PLACES;
use netlab::lab::nonce::{Key, SUBJECTS};
use netlab::lessons::fact::What;
use netlab::lessons::progress;
use netlab::state::Home;
use run::{Running, finish, home, netlab, run as ran};
use tempfile::TempDir;

/// The folder of a learner with a name, so that every value can be computed.
fn learner(name: &str) -> (TempDir, Home) {
    let folder = home();
    fs::write(folder.path().join("learner"), name).unwrap();
    let home = Home::at(folder.path()).unwrap();
    (folder, home)
}

fn expected(class: &str, learner: &str, attempt: &str) -> Vec<String> {
    let key = Key { class: class.to_owned(), learner: learner.to_owned(), attempt: attempt.to_owned() };
    SUBJECTS.iter().filter(|subject| is_said(subject)).map(|subject| key.nonce(subject)).collect()
}

/// What the lab says to this learner, a value for each subject in their order.
fn said(home: &Path) -> Vec<String> {
    said_in(home, "")
}

/// The same with this in `NETLAB_CLASS`.
fn said_in(home: &Path, class: &str) -> Vec<String> {
    let all = [
        &["connect", "--quiet", "time.test"][..],
        &["raw-get", "--quiet", "http://hello.test/"],
        &["raw-get", "--quiet", "http://garden.test/"],
        &["raw-get", "--quiet", "http://shop.test/"],
        &["resolve", "--type", "TXT", "garden.test"],
        &["resolve", "--type", "TXT", "shop.test"],
        &["connect", "--quiet", "here.test"],
        &["connect", "--quiet", "other.here.test"],
        &["connect", "--quiet", "six.here.test"],
        &["connect", "--quiet", "tally.test"],
        &["connect", "--quiet", "finger.test", "--say-first", "ada\\r\\n"],
    ];
    let value = |words: &&[&str]| {
        let mut command = netlab(home, words.iter());
        command.env("NETLAB_CLASS", class);
        let text = finish(command, b"").exits(0).text();
        let after = text.split_once("nonce=").unwrap().1;
        let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        after.chars().take_while(|&letter| letters(letter)).collect::<String>()
    };
    let texts = all.iter().zip(SUBJECTS).filter(|(_, subject)| is_said(subject)).map(|(words, _)| words);
    texts.map(value).collect()
}

/// Whether this machine has the address at which the value of a subject is said.
fn is_said(subject: &str) -> bool {
    let place = PLACES.iter().find(|(_, of)| *of == subject);
    place.is_none_or(|(ip, _)| std::net::TcpListener::bind((*ip, 0)).is_ok())
}

fn lab_up(home: &Path) -> Running {
    let lab = Running::start(home, ["lab", "up", "--free"]);
    lab.line_with("the lab is up");
    lab
}

#[test]
fn every_service_says_the_value_of_its_subject() {
    let (folder, home) = learner("ada");
    assert_eq!(said(folder.path()), expected("", "ada", ""));
    home.set_attempt("roles/change-sides#1").unwrap();
    assert_eq!(said(folder.path()), expected("", "ada", "roles/change-sides#1"));
}

#[test]
fn a_value_stays_in_every_lab_of_one_attempt() {
    let (folder, home) = learner("ada");
    home.set_attempt("roles/change-sides#1").unwrap();
    let for_a_moment = said(folder.path());
    let lab = lab_up(folder.path());
    assert_eq!(said(folder.path()), for_a_moment);
    drop(lab);
    let _again = lab_up(folder.path());
    assert_eq!(said(folder.path()), for_a_moment);
}

#[test]
fn a_lab_that_runs_says_the_value_of_the_step_that_began_last() {
    let (folder, home) = learner("ada");
    let _lab = lab_up(folder.path());
    for attempt in ["roles/change-sides#1", "roles/change-sides#2", "names/ask#1"] {
        home.set_attempt(attempt).unwrap();
        assert_eq!(said(folder.path()), expected("", "ada", attempt), "{attempt}");
    }
    home.set_class("autumn").unwrap();
    assert_eq!(said(folder.path()), expected("autumn", "ada", "names/ask#1"));
}

#[test]
fn the_class_in_the_environment_goes_before_the_one_written_down() {
    let (folder, home) = learner("ada");
    home.set_class("autumn").unwrap();
    assert_eq!(said(folder.path()), expected("autumn", "ada", ""));
    assert_eq!(said_in(folder.path(), "spring"), expected("spring", "ada", ""));
    // Nothing in it is as good as none.
    assert_eq!(said_in(folder.path(), " "), expected("autumn", "ada", ""));
}

#[test]
fn another_learner_in_the_same_class_and_step_hears_other_values() {
    let [one, other] = ["ada", "bob"].map(|name| {
        let (folder, home) = learner(name);
        home.set_class("autumn").unwrap();
        home.set_attempt("roles/change-sides#1").unwrap();
        said(folder.path())
    });
    for (one, other) in one.iter().zip(&other) {
        assert_ne!(one, other);
    }
}

#[test]
fn a_step_that_begins_is_the_attempt() {
    let (folder, home) = learner("ada");
    let began = || {
        let facts = progress::read(&home).unwrap().facts;
        let began = facts.into_iter().rev().find_map(|fact| match fact.what {
            What::Began { marker, .. } => Some(marker),
            _ => None,
        });
        began.unwrap()
    };
    ran(folder.path(), ["learn", "names"]).exits(0);
    assert_eq!(home.attempt(), began());
    assert_eq!(said(folder.path()), expected("", "ada", &began()));
    ran(folder.path(), ["learn", "roles"]).exits(0);
    assert!(home.attempt().starts_with("roles/"), "{}", home.attempt());
    assert_eq!(home.attempt(), began());
    // Whoever loses the file gets it back from their progress.
    fs::remove_file(home.attempt_file()).unwrap();
    ran(folder.path(), ["learn"]).exits(0);
    assert_eq!(home.attempt(), began());
}

#[test]
fn a_lesson_is_proved_in_an_attempt_as_learners_follow_it() {
    let (folder, _home) = learner("ada");
    let file = folder.path().join("01-client-and-server.md");
    let lesson = include_str!("../lessons/01-client-and-server.md");
    // The finding quotes the first line that is not as shown: here the greeting, value and all.
    let shown = "$ netlab connect time.test\n# or: nc 127.0.0.1 7013\n...\n";
    assert!(lesson.contains(shown));
    fs::write(
        &file,
        lesson.replacen(
            shown,
            "$ netlab connect --quiet time.test\n# or: nc 127.0.0.1 7013\nanother line\n",
            1,
        ),
    )
    .unwrap();
    let document =
        ran(folder.path(), ["lessons", "lint", "--json", file.to_str().unwrap()]).exits(3).document();
    let what = document["findings"][0]["what"].as_str().unwrap();
    let found = what.split_once("printed ").unwrap().1;
    let before_any_step = Key { learner: "00000000000000a1".to_owned(), ..Key::default() };
    assert!(found.contains("nonce="), "{what}");
    assert!(!found.contains(&before_any_step.nonce(SUBJECTS[0])), "{what}");
}

#[test]
fn whatever_lies_where_the_names_should_be_does_no_harm() {
    for name in ["attempt", "class"] {
        let (folder, home) = learner("ada");
        let path = folder.path().join(name);
        for bytes in [b"\xff\x00\x1b[2J\n".to_vec(), vec![0xfe; 10 * 1024 * 1024]] {
            fs::write(&path, bytes).unwrap();
            assert!(home.attempt().len().max(home.class().len()) <= 3 * netlab::state::NAME_BYTES);
            let values = said(folder.path());
            assert_ne!(values, expected("", "ada", ""), "{name} is read as far as it goes");
            assert_eq!(values, said(folder.path()));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(said(folder.path()), expected("", "ada", ""), "a folder has no name in it");
    }
}

#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe_that_lies_where_the_names_should_be() {
    let (folder, _home) = learner("ada");
    for name in ["attempt", "class"] {
        let made = std::process::Command::new("mkfifo").arg(folder.path().join(name)).status();
        if !made.is_ok_and(|status| status.success()) {
            run::skipped("mkfifo is not on this machine");
            return;
        }
    }
    assert_eq!(said(folder.path()), expected("", "ada", ""));
}

#[test]
fn a_step_cannot_begin_where_its_attempt_cannot_be_written() {
    let (folder, home) = learner("ada");
    fs::create_dir(home.attempt_file()).unwrap();
    ran(folder.path(), ["learn"]).exits(4).says(&["attempt failed", "It is a folder."]);
    // Put right, it goes on.
    fs::remove_dir(home.attempt_file()).unwrap();
    ran(folder.path(), ["learn"]).exits(0);
    assert!(home.attempt().starts_with("roles/"), "{}", home.attempt());
}

#[test]
fn without_a_folder_the_lab_still_talks() {
    let folder = home();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(said(&file), expected("", "", ""));
}
