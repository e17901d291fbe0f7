//! Sentences that were false and may not come back, wherever they stand: in lessons, in the program, in the documents.
//!
//! Each was measured on Linux 6.18, in a network namespace, or looked up again in the RFC that is named.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use netlab::lessons::shelf;
use run::{home, run};

/// A phrase, in small letters, and what is so.
const FALSE: &[(&str, &str)] = &[
    (
        "after 1, 3 and 7 seconds",
        "SYN went out at 0, 1, 2, 3, 4, 5, 7 and 11 s: net.ipv4.tcp_syn_linear_timeouts is 4 (RFC 6298 leaves it to the system)",
    ),
    (
        "received and not read are thrown away",
        "a program that slept through an RST still read the five bytes that had come, and got ECONNRESET behind them",
    ),
    (
        "when a server crashes",
        "SIGKILL, SIGSEGV and SIGABRT were met as FIN; as RST only where bytes had not been read",
    ),
    ("without finishing it, or crashed", "the same"),
    (
        "can still read (half-closed)",
        "FIN says that no more will be sent, RFC 9293 §3.6; a peer that had called close() answered the next bytes with RST",
    ),
    ("the other kernel", "both ends of a loopback connection have one kernel"),
    ("be reached from nowhere", "a link-local address is reached from its link, RFC 4291 §2.5.6"),
    (
        "belong to one listening socket",
        "two sockets with SO_REUSEPORT listened at one address and port and shared 40 calls; UDP stood beside them",
    ),
    ("all three count bytes", "an answer that ends with the connection counts nothing, RFC 9112 §6.3"),
    ("http/1.0 knew little else", "HTTP/1.0 has Content-Length, RFC 1945 §10.4"),
    (
        "the address is right, the machine is on",
        "RST comes from whoever has the address, the right machine or not, RFC 9293 §3.10.7.1",
    ),
    (
        "asked again sooner than",
        "netlab asks again after 0.8 s; a connection over loopback took less than 0.1 ms",
    ),
    ("an address to ask, not a site to visit", "8.8.4.4 has a web server as well"),
    ("fin promises", "close() returned at once while the reader had read nothing, RFC 9293 §3.6"),
    ("the next lesson\ncounts", "lesson 8 is not there"),
    ("len(word)) + word` makes them.", "on a Python str it is a TypeError: can't concat str to bytes"),
];

/// Files that people read, or that make what people read.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    let mut folders: Vec<PathBuf> = ["lessons", "docs", "src"].map(|name| root.join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let ends = path.extension().and_then(|ext| ext.to_str());
            match ends {
                _ if path.is_dir() => folders.push(path),
                Some("md" | "rs") => files.push(path),
                _ => {}
            }
        }
    }
    files
}

#[test]
fn no_sentence_that_was_false_has_come_back() {
    let files = files();
    assert!(files.len() > 100, "only {} files were looked at", files.len());
    let mut found = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        for (phrase, why) in FALSE {
            if text.contains(phrase) {
                found.push(format!("{}: \"{phrase}\", but {why}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Words of the judge's own, which say nothing to a learner.
const LEAKS: &[&str] =
    &["wanted:", "nothing seen", "of the scene before", "seen: client", "seen: server", "any;"];

#[test]
fn what_a_check_says_of_a_wrong_deed_is_a_sentence() {
    let home = home();
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let mut told = 0;
    for id in ["roles", "names"] {
        let lesson = lessons.iter().find(|lesson| lesson.id == id).unwrap();
        run(home.path(), ["learn", id]).exits(0);
        for step in &lesson.steps {
            // Where no server of the learner's is needed the wrong deeds are one command.
            let alone = step.near_misses().flat_map(|near| &near.commands).filter(|command| {
                !command.keeps_running && command.typed.is_empty() && command.text.contains(".test")
            });
            for command in alone {
                run(home.path(), command.words.iter().skip(1).map(String::as_str));
                let said = run(home.path(), ["check"]).exits(3).text();
                for leak in LEAKS {
                    assert!(!said.contains(leak), "{id}, {}: {leak}\n{said}", step.title);
                }
                told += usize::from(said.contains("the step asks for"));
            }
            run(home.path(), ["skip"]).exits(0);
        }
    }
    assert!(told > 3, "only {told} checks said what they ask for");
}

#[test]
fn a_pronoun_does_not_begin_what_is_said_to_an_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Another language has other pronouns.
        if name.matches('.').count() != 1 || name == "README.md" {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let answer = ["( ) ", "(x) "].iter().any(|mark| line.starts_with(mark));
            let said = if answer { line.rsplit(" | ").next() } else { line.strip_prefix("says: ") };
            let begins = |pronoun: &&str| said.is_some_and(|said| said.starts_with(*pronoun));
            let pronoun = ["It ", "They ", "He ", "She "].into_iter().find(|pronoun| begins(pronoun));
            assert!(pronoun.is_none(), "{name}: nobody knows yet who {pronoun:?} is: {line}");
        }
    }
}
