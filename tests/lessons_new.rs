//! `netlab lessons new`: what it writes holds, and what it refuses it explains.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::Path;

use netlab::lessons::fence::MACHINERY;
use netlab::lessons::parse::parse;
use netlab::lessons::template;
use run::{Ran, finish, home, netlab, run};

/// Runs netlab in a folder, with a learner of its own.
fn run_in(folder: &Path, args: &[&str]) -> Ran {
    let home = home();
    let mut command = netlab(home.path(), args);
    command.current_dir(folder);
    finish(command, b"")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_lesson_holds_as_it_stands_and_can_be_learned() {
    let folder = home();
    run_in(folder.path(), &["lessons", "new", "say-it-twice"]).exits(0).says(&[
        "01-say-it-twice.md is written",
        "$ netlab lessons lint 01-say-it-twice.md",
        "$ netlab learn --lessons .",
    ]);
    run_in(folder.path(), &["lessons", "lint", "01-say-it-twice.md"]).exits(0).says(&["3 proofs", "hold"]);
    run_in(folder.path(), &["learn", "--lessons", "."]).exits(0).says(&["Lesson 1: Say it twice"]);
}

#[test]
fn it_has_one_of_every_fence_three_hints_and_a_last_step_to_read() {
    let text = template::lesson("say-it-twice");
    for word in MACHINERY {
        // A console that is not shown has no place beside one that is.
        let wanted = match word {
            "hint" => 3,
            "solution" => 0,
            _ => 1,
        };
        assert_eq!(text.lines().filter(|line| *line == format!("```{word}")).count(), wanted, "{word}");
    }
    let lesson = parse("01-say-it-twice.md", &text).unwrap();
    assert_eq!((lesson.id.as_str(), lesson.title.as_str()), ("say-it-twice", "Say it twice"));
    assert!(lesson.steps.last().unwrap().read_only);
    assert!(!text.contains("your-lesson") && !text.contains("Your lesson"));
}

#[test]
fn a_lesson_goes_behind_the_ones_that_are_there_and_over_none_of_them() {
    let folder = home();
    let new = |slug: &str| run_in(folder.path(), &["lessons", "new", slug]).exits(0);
    new("one");
    // Neither a README nor a file that does not read yet is in the way.
    fs::write(folder.path().join("README.md"), "For people.\n").unwrap();
    fs::write(folder.path().join("07-half.md"), "not a lesson yet\n").unwrap();
    new("two");
    assert_eq!(names(folder.path()), ["01-one.md", "07-half.md", "08-two.md", "README.md"]);
    assert_eq!(fs::read_to_string(folder.path().join("07-half.md")).unwrap(), "not a lesson yet\n");
}

#[test]
fn it_goes_where_lessons_are_kept() {
    let folder = home();
    fs::create_dir(folder.path().join("lessons")).unwrap();
    run_in(folder.path(), &["lessons", "new", "one"]).exits(0).says(&["netlab learn --lessons lessons"]);
    run_in(folder.path(), &["lessons", "new", "two", "--lessons", "my own"]).exits(0).says(&[
        "in a new folder",
        "netlab lessons lint 'my own/01-two.md'",
        "netlab learn --lessons 'my own'",
    ]);
    assert_eq!(names(&folder.path().join("lessons")), ["01-one.md"]);
    assert_eq!(names(&folder.path().join("my own")), ["01-two.md"]);
}

#[test]
fn a_name_that_is_none_is_explained() {
    let folder = home();
    for (slug, why, example) in [
        ("", "There is nothing in it.", "mail-for-a-name"),
        ("Mail", "There is a capital letter in it.", "mail"),
        ("my mail", "There is a space in it.", "my-mail"),
        ("my/mail", "It is a name and not a path;", "my-mail"),
        ("../mail", "There is \".\" in it.", "mail"),
        ("my--mail", "Its hyphens do not stand one by one between words.", "my-mail"),
        ("mail-", "Its hyphens do not stand one by one between words.", "mail"),
        ("grün", "There is \"ü\" in it.", "mail-for-a-name"),
        (&"x".repeat(61), "It has more than 60 letters.", "mail-for-a-name"),
        ("\u{1b}[2J", "There is \"␛\" in it.", "2j"),
    ] {
        run_in(folder.path(), &["lessons", "new", slug]).exits(2).says(&[
            "cannot name a lesson",
            why,
            &format!("try: lower-case letters, digits and hyphens: netlab lessons new {example}"),
        ]);
    }
    assert!(names(folder.path()).is_empty(), "nothing was written");
}

#[test]
fn a_name_that_is_taken_says_by_whom() {
    let folder = home();
    let new = |slug: &str| run_in(folder.path(), &["lessons", "new", slug]);
    new("mail").exits(0);
    new("mail").exits(2).says(&["there is a lesson called mail already", "It is ./01-mail.md", "try: give"]);
    // The file may be called anything; progress goes by the id.
    let renamed = folder.path().join("02-letters.md");
    fs::rename(folder.path().join("01-mail.md"), renamed).unwrap();
    new("mail").exits(2).says(&["It is ./02-letters.md"]);
    new("letters").exits(2).says(&["It is ./02-letters.md"]);
    new("names").exits(2).says(&["lessons/04-names.md of the course that is built in"]);
    assert_eq!(names(folder.path()), ["02-letters.md"]);
}

#[test]
fn a_folder_that_is_none_is_explained() {
    let folder = home();
    fs::write(folder.path().join("a-file"), "").unwrap();
    let new = |into: &str| run_in(folder.path(), &["lessons", "new", "mail", "--lessons", into]);
    new("a-file").exits(2).says(&[
        "error: a-file is not a folder",
        "a file of that name",
        "try: name a folder",
    ]);
    new("no/such").exits(2).says(&["error: making the folder no/such failed", "try: a folder that is there"]);
    fs::write(folder.path().join("65535-last.md"), "").unwrap();
    run_in(folder.path(), &["lessons", "new", "mail"]).exits(2).says(&["there is no free number"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_may_not_be_written_to_is_code_4() {
    // The kernel's own folder takes no files from anybody, the administrator included.
    let home = home();
    for into in ["/sys/kernel", "/sys/kernel/my-lessons"] {
        let ran = run(home.path(), ["lessons", "new", "mail", "--lessons", into]).exits(4);
        let text = ran.complaint();
        assert!(text.contains(into) && text.contains("failed"), "{text}");
    }
}

#[test]
fn programs_are_told_too() {
    let folder = home();
    let document = run_in(folder.path(), &["lessons", "new", "mail", "--json"]).exits(0).document();
    assert_eq!(document["verb"], "lessons new");
    assert_eq!(document["file"], "01-mail.md");
    assert_eq!((&document["number"], &document["id"]), (&1.into(), &"mail".into()));
    assert_eq!(document["next"][0], "netlab lessons lint 01-mail.md");
    let failure = run_in(folder.path(), &["lessons", "new", "Mail", "--json"]).exits(2).document();
    assert_eq!(failure["failure"]["exit"], 2);
}
