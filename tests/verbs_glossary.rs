//! `netlab glossary`: what a word of the course means, in every form of output.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use netlab::lessons::glossary;
use netlab::lessons::lint_glossary;
use netlab::lessons::shelf;
use run::{home, run};

#[test]
fn a_word_is_explained_with_the_lesson_that_explains_it() {
    let home = home();
    for words in [&["FIN"][..], &["fin"]] {
        run(home.path(), ["glossary"].iter().chain(words))
            .exits(0)
            .says(&["I have nothing more to send.", "Explained in lesson 6, A connection's life."]);
    }
    // A word of several, whether or not somebody quotes it.
    for words in [&["send", "queue"][..], &["send queue"], &["Half", "Closed"]] {
        run(home.path(), ["glossary"].iter().chain(words)).exits(0).says(&["Explained in lesson"]);
    }
    // Letter case tells apart what it has to.
    run(home.path(), ["glossary", "HEAD"]).exits(0).says(&["The method of HTTP"]);
    run(home.path(), ["glossary", "head"]).exits(0).says(&["What stands before the content"]);
}

#[test]
fn without_a_word_all_of_them_are_listed_by_lesson() {
    let home = home();
    run(home.path(), ["glossary"]).exits(0).says(&["Lesson 1, ", "nonce", "$ netlab glossary kernel"]);
    let listed = run(home.path(), ["glossary", "--json"]).exits(0).document();
    let entries = listed["entries"].as_array().unwrap();
    assert!(entries.len() >= 40, "{} words", entries.len());
    assert!(entries.iter().all(|entry| entry["number"].is_u64()), "{listed}");
}

#[test]
fn for_a_word_that_is_not_there_the_nearest_are_offered() {
    let home = home();
    run(home.path(), ["glossary", "kernal"]).exits(2).says(&[
        "the glossary does not have the word kernal",
        "Nearest to it: kernel.",
        "netlab glossary lists the words there are",
    ]);
    let ran = run(home.path(), ["glossary", "quux\u{1b}[2J"]).exits(2);
    assert!(!ran.err.contains(&0x1b), "{ran:?}");
    let failure = run(home.path(), ["glossary", "kernal", "--json"]).exits(2).document();
    assert_eq!(failure["failure"]["exit"], 2, "{failure}");
}

#[test]
fn it_fits_forty_columns_and_a_terminal_without_unicode() {
    let home = home();
    for form in [&[][..], &["--plain"]] {
        let mut narrow = run::netlab(home.path(), ["glossary", "nonce"].iter().chain(form));
        let ran = run::finish(
            {
                narrow.env("COLUMNS", "40");
                narrow
            },
            b"",
        )
        .exits(0);
        let text = String::from_utf8(ran.out.clone()).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(form.is_empty() || text.is_ascii(), "{text}");
    }
}

#[test]
fn a_folder_may_have_a_glossary_of_its_own() {
    let (home, folder) = (home(), tempfile::tempdir().unwrap());
    let shelf = folder.path().to_str().unwrap();
    let file = folder.path().join("glossary.md");
    let lesson = "---\nid: mine\ntitle: Mine\nminutes: 1\n---\n## Read (read-only)\nA **quux**.\n";
    std::fs::write(folder.path().join("01-mine.md"), lesson).unwrap();
    std::fs::write(&file, "## quux\nlesson: mine\nA word of mine.\n").unwrap();
    run(home.path(), ["glossary", "quux", "--lessons", shelf])
        .exits(0)
        .says(&["A word of mine.", "Explained in lesson 1, Mine."]);
    run(home.path(), ["glossary", "kernel", "--lessons", shelf])
        .exits(2)
        .says(&["does not have the word kernel"]);
    std::fs::write(&file, "## quux\nA word of mine.\n").unwrap();
    run(home.path(), ["glossary", "quux", "--lessons", shelf]).exits(2).says(&["\"quux\" names no lesson"]);
}

#[test]
fn the_course_explains_each_word_where_it_is_first_met() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let (file, entries) = glossary::of(None).unwrap();
    let wrong: Vec<String> =
        lint_glossary::wrong(&file, &entries, &lessons).iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And it would be said if one of them did not.
    let later = lessons.into_iter().filter(|lesson| lesson.id != "life").collect::<Vec<_>>();
    assert!(!lint_glossary::wrong(&file, &entries, &later).is_empty());
}
