//! Handing in and reporting, end to end: learners in folders of their own, files on a disk, exit codes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use netlab::lessons::console::{self, compare};
use netlab::lessons::finding::At;
use run::{Ran, finish, home, netlab, run as ran};
use tempfile::TempDir;

const SEED: &str = "autumn";

/// netlab in its own folder and class, with that folder as the current one.
fn typed(home: &Path, class: &str, words: &[&str]) -> Command {
    let mut command = netlab(home, words);
    command.env("NETLAB_CLASS", class).env("COLUMNS", "80").current_dir(home);
    command
}

fn says(home: &Path, class: &str, words: &[&str]) -> Ran {
    finish(typed(home, class, words), b"")
}

/// A learner with a name for an identity, as a fresh folder.
fn learner(id: &str) -> TempDir {
    let folder = home();
    fs::write(folder.path().join("learner"), id).unwrap();
    folder
}

/// Does the first step of the first lesson and answers its question; gives the word of the greeting.
fn first_step(home: &Path, class: &str, copied: Option<&str>) -> String {
    says(home, class, &["learn"]).exits(0);
    says(home, class, &["learn", "--predict", "1"]).exits(0);
    let greeting = says(home, class, &["connect", "--quiet", "time.test"]).exits(0).text();
    let own = greeting.split("nonce=").nth(1).unwrap();
    let own: String = own.chars().take_while(|&char| char.is_ascii_alphanumeric() || char == '-').collect();
    says(home, class, &["check"]).exits(0);
    if let Some(copied) = copied {
        says(home, class, &["check", "--saw", copied]).exits(3);
    }
    says(home, class, &["check", "--saw", &own]).exits(0);
    own
}

/// Hands in under a name; gives the file.
fn handed_in(home: &Path, class: &str, name: &str) -> PathBuf {
    says(home, class, &["submit", "--name", name]).exits(0).says(&["Written: netlab-"]);
    home.join(format!("netlab-{name}.jsonl"))
}

#[test]
fn a_class_of_three_from_the_first_step_to_the_report() {
    let [ada, bob, cy] = ["a1", "b0", "c0"].map(learner);
    let word = first_step(ada.path(), SEED, None);
    first_step(bob.path(), SEED, Some(&word));
    let box_of_files = home();
    for (home, name) in [(&ada, "Ada"), (&bob, "Bob"), (&cy, "Cy")] {
        let file = handed_in(home.path(), SEED, name);
        fs::copy(&file, box_of_files.path().join(file.file_name().unwrap())).unwrap();
    }
    let folder = box_of_files.path().to_str().unwrap();
    let report = |words: &[&str]| ran(ada.path(), [&["class", folder], words].concat()).exits(0);
    let shared = format!("Ada and Bob gave the same value in lesson 1, {word}, which was made for Ada.");
    report(&["--class", SEED]).says(&[
        "3 learners",
        "2 of 2 thought: a server speaks only when it is asked (lesson 1)",
        "2 answers are values that were made for their learners.",
        &shared,
    ]);
    report(&[]).says(&["These were not checked"]);
    report(&["--class", "spring"]).says(&["The file of Ada was made with another seed."]);

    let document = report(&["--class", SEED, "--json"]).document();
    assert_eq!(document["learners"][0]["name"], "Ada");
    assert_eq!(document["learners"][0]["lessons"][0]["passed"], 1);
    assert_eq!(document["learners"][1]["values"]["own"], 1);
    assert_eq!(document["learners"][2]["lessons"][0]["state"], "open");
    assert_eq!(document["shared"][0]["made_for"], "a1");
    assert_eq!(document["shared"][0]["given_by"][0], "b0");
    assert!(report(&["--csv"]).text().contains("\r\nAda,a1,1,"));
}

#[test]
fn a_hand_in_quotes_the_lab_and_holds_no_seed() {
    let ada = learner("a1");
    let word = first_step(ada.path(), "a seed nobody guesses", None);
    let text = fs::read_to_string(handed_in(ada.path(), "a seed nobody guesses", "Ada")).unwrap();
    assert!(text.contains("connection from 127.0.0.1:"), "{text}");
    assert!(text.contains(&format!("\"answer\":\"{word}\"")), "{text}");
    assert!(!text.contains("a seed nobody guesses"), "{text}");
}

#[test]
fn the_seed_that_learn_keeps_is_the_one_that_is_handed_in() {
    let ada = learner("a1");
    says(ada.path(), "", &["learn", "--class", SEED]).exits(0);
    let kept = says(ada.path(), "", &["submit", "--name", "Ada", "--json"]).exits(0).document();
    let told = says(ada.path(), SEED, &["submit", "--name", "Ada", "--json"]).exits(0).document();
    let other = says(ada.path(), "spring", &["submit", "--name", "Ada", "--json"]).exits(0).document();
    assert_eq!(kept["class"], told["class"]);
    assert_ne!(kept["class"], other["class"]);
}

#[test]
fn what_has_been_reset_is_not_handed_in() {
    let ada = learner("a1");
    let word = first_step(ada.path(), SEED, None);
    says(ada.path(), SEED, &["reset", "--all"]).exits(0);
    let text = fs::read_to_string(handed_in(ada.path(), SEED, "Ada")).unwrap();
    assert!(!text.contains(&word), "{text}");
}

#[test]
fn a_hand_in_needs_a_name_and_says_what_to_type() {
    let ada = learner("a1");
    for words in [&["submit"][..], &["submit", "--name", "  "]] {
        says(ada.path(), "", words).exits(2).says(&["a hand-in needs a name", "netlab submit --name"]);
    }
    says(ada.path(), "", &["submit", "--name", &"x".repeat(10_000)]).exits(2).says(&["too long"]);
}

#[test]
fn only_a_hand_in_of_the_same_learner_is_written_over() {
    let [ada, bob] = ["a1", "b0"].map(learner);
    let file = handed_in(ada.path(), "", "Ada");
    let first = fs::read(&file).unwrap();
    first_step(ada.path(), "", None);
    handed_in(ada.path(), "", "Ada");
    assert_ne!(fs::read(&file).unwrap(), first, "it was written over");
    for (home, before) in [(&bob, fs::read(&file).unwrap()), (&ada, b"a shopping list".to_vec())] {
        fs::write(&file, &before).unwrap();
        let words = ["submit", "--name", "X", "--out", file.to_str().unwrap()];
        says(home.path(), "", &words).exits(2).says(&["is there already", "--out FILE"]);
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    let folder = ada.path().to_str().unwrap();
    says(ada.path(), "", &["submit", "--name", "X", "--out", folder]).exits(2).says(&["is there already"]);
    let left: Vec<_> = fs::read_dir(ada.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".tmp")), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_hand_in_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let ada = learner("a1");
    let file = handed_in(ada.path(), "", "Ada");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn files_that_do_not_count_are_named_with_the_reason() {
    let [ada, bob, cy] = ["a1", "b0", "c0"].map(learner);
    first_step(bob.path(), "", None);
    let good = handed_in(ada.path(), "", "Ada");
    let edited = handed_in(bob.path(), "", "Bob");
    let text = fs::read_to_string(&edited).unwrap();
    fs::write(&edited, text.replacen("\"holds\":false", "\"holds\":true", 1)).unwrap();
    let cut = handed_in(cy.path(), "", "Cy");
    let whole = fs::read(&cut).unwrap();
    fs::write(&cut, &whole[..whole.len() - 9]).unwrap();
    let foreign = ada.path().join("\u{1b}[2Jlist.jsonl");
    fs::write(&foreign, "{\"eggs\":6}\n").unwrap();
    let missing = ada.path().join("missing.jsonl");

    let files = [&good, &edited, &cut, &foreign, &missing].map(|path| path.to_str().unwrap());
    let report = ran(ada.path(), [&["class"][..], &files].concat()).exits(3).says(&[
        "1 learner, 4 files left out",
        "line 3 is not as netlab wrote it",
        "it ends in line 2, before its end",
        "it does not begin as a hand-in does",
        "there is no such file or folder",
    ]);
    assert!(!report.err.contains(&0x1b), "{}", report.complaint());
    ran(ada.path(), [&["class"][..], &files[1..]].concat())
        .exits(2)
        .says(&["there is no hand-in to report on"]);
    let document = ran(ada.path(), [&["class", "--json"][..], &files].concat()).exits(3).document();
    assert_eq!(document["left_out"][0]["line"], 3);
    assert_eq!(document["left_out"].as_array().unwrap().len(), 4);
}

#[test]
fn a_file_that_is_named_twice_counts_once() {
    let ada = learner("a1");
    let file = handed_in(ada.path(), "", "Ada");
    let (file, folder) = (file.to_str().unwrap(), ada.path().join("."));
    // The learner's own folder holds other files of lines, which are no hand-ins.
    fs::create_dir(folder.join("box")).unwrap();
    let copy = folder.join("box/netlab-Ada.jsonl");
    fs::copy(file, &copy).unwrap();
    ran(ada.path(), ["class", file, file]).exits(0).says(&["1 learner"]);
    ran(ada.path(), ["class", folder.join("box").to_str().unwrap(), copy.to_str().unwrap()]).exits(0);
    ran(ada.path(), ["class", file, copy.to_str().unwrap()]).exits(3).says(&["it is a copy of"]);
}

#[test]
fn lessons_of_another_folder_are_named_where_they_are_not_at_hand() {
    let [home, class] = ["d1", "d2"].map(learner);
    says(home.path(), SEED, &["lessons", "new", "mail", "--lessons", "own"]).exits(0);
    says(home.path(), SEED, &["learn", "--step", "--lessons", "own"]).exits(0);
    says(home.path(), SEED, &["connect", "--quiet", "time.test"]).exits(0);
    says(home.path(), SEED, &["skip", "--lessons", "own"]).exits(0);
    let file = handed_in(home.path(), SEED, "Dee");
    let file = file.to_str().unwrap();
    let told = "tell of lessons that are not among those at hand: mail. --lessons DIR names their folder";
    ran(class.path(), ["class", file]).exits(0).says(&[told]);
    let own = home.path().join("own");
    let whole = ran(class.path(), ["class", file, "--lessons", own.to_str().unwrap()]).exits(0);
    assert!(!whole.complaint().contains("at hand"), "{}", whole.complaint());
}

#[test]
fn a_made_up_class_says_that_it_is_made_up() {
    let folder = home();
    ran(folder.path(), ["class", "--demo"]).exits(3).says(&["made up", "12 learners, 1 file left out"]);
    let document = ran(folder.path(), ["class", "--demo", "--json"]).exits(3).document();
    assert_eq!(document["demo"], true);
    ran(folder.path(), ["class"]).exits(2);
}

#[test]
fn the_guide_for_teachers_shows_what_submit_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/teaching.md");
    let text = fs::read_to_string(&guide).unwrap();
    let fence = text.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = fence.lines().collect();
    let shown = console::parse(At { file: "docs/teaching.md", line: 1 }, &lines).unwrap();
    let command = shown.commands().next().unwrap();
    let ada = learner("00000000000000d0");
    let words: Vec<&str> = command.words.iter().skip(1).map(String::as_str).collect();
    let printed = says(ada.path(), "", &words).exits(0).text();
    compare(&command.expected, &printed)
        .unwrap_or_else(|_| panic!("the guide shows something else:\n{printed}"));
}
