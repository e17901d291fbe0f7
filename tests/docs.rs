//! What the documents show is what netlab does: every example is run, every lesson in them proved, every member
//! of every JSON document described.
//!
//! - A `console` fence is run by trycmd: each command with what it prints, both streams. `TRYCMD=overwrite cargo
//!   test --test docs` writes the outputs anew; read them before committing.
//! - A `text session` fence is a conversation of several commands, written as a lesson's `console` is: ` &` keeps a
//!   command running, `> ` is typed into the one above. Port 7777 is moved to a free one.
//! - A `text guide` fence is one of the guide for authors, which is followed as a whole: see `docs/guide.rs`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "docs/guide.rs"]
mod guide;
#[path = "docs/home.rs"]
mod home;
#[path = "docs/json.rs"]
mod json;
#[path = "docs/markdown.rs"]
mod markdown;
#[path = "docs/session.rs"]
mod session;

use std::path::{Path, PathBuf};

use home::{Home, NETLAB, root};
use markdown::{anchors, documents, fences, links};

#[test]
fn every_console_prints_what_the_documents_show() {
    for document in documents() {
        let home = Home::new();
        let cases = trycmd::TestCases::new();
        cases.register_bin("netlab", trycmd::schema::Bin::Path(PathBuf::from(NETLAB)));
        home.env().into_iter().for_each(|(key, value)| {
            cases.env(key, value);
        });
        let copy = home.path().join(document.file_name().unwrap());
        std::fs::write(&copy, markdown::for_trycmd(&std::fs::read_to_string(&document).unwrap())).unwrap();
        cases.case(&copy);
        cases.run();
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            std::fs::write(document, markdown::from_trycmd(&std::fs::read_to_string(copy).unwrap())).unwrap();
        }
    }
}

#[test]
fn every_session_goes_as_the_documents_show() {
    let mut sessions = 0;
    for document in documents() {
        for fence in fences(&document).iter().filter(|fence| fence.info == "text session") {
            session::play(&document.display().to_string(), fence);
            sessions += 1;
        }
    }
    assert!(sessions > 0, "there are sessions");
}

#[test]
fn the_set_up_is_two_commands() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = markdown::section(&readme, "Set up");
    let shells: Vec<_> =
        markdown::fences_of(&section).into_iter().filter(|fence| fence.info == "sh").collect();
    let commands: Vec<&str> = shells.iter().flat_map(|fence| fence.lines()).collect();
    assert_eq!(commands, ["cargo run --release -- learn", "cargo test"]);
}

#[test]
fn the_guide_for_authors_ends_in_a_lesson_that_holds() {
    let (home, lesson) = guide::follow();
    let lint = home.run(&["lessons", "lint", lesson.to_str().unwrap()]);
    assert_eq!(lint.status.code(), Some(0), "{}", String::from_utf8_lossy(&lint.stdout));
    let text = std::fs::read_to_string(&lesson).unwrap();
    assert!(!text.contains("echo"), "nothing of the lesson it began with is left:\n{text}");
}

#[test]
fn every_member_of_every_json_document_is_described() {
    json::every_member_of_every_document_is_described();
}

#[test]
fn the_description_of_json_and_the_code_name_the_same_members() {
    json::description_and_code_name_the_same_members();
}

#[test]
fn every_fence_says_what_it_is() {
    for document in documents() {
        for fence in fences(&document) {
            assert!(!fence.info.is_empty(), "{}:{}: a fence without a word", document.display(), fence.line);
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let more = ["CHANGELOG.md", "lessons/README.md"].map(|name| root().join(name));
    for document in documents().into_iter().chain(more) {
        for (line, link) in links(&document) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            let found =
                target.exists() && (anchor.is_empty() || anchors(&target).iter().any(|one| one == anchor));
            if !found {
                wrong.push(format!("{}:{line}: {link}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_the_documents_name_is_there() {
    let mut wrong = Vec::new();
    for document in documents() {
        for name in markdown::code_words(&document) {
            let ours =
                ["src/", "tests/", "lessons/", "docs/", ".ci/"].iter().any(|top| name.starts_with(top));
            if ours && !name.contains(['<', '*', ' ', 'N']) && !Path::new(&root().join(&name)).exists() {
                wrong.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
