//! What a step passed on stays, and what is asked about the step afterwards is answered from that.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{account, get, lesson, tcp};
use netlab::evidence::event::{Side, What};
use netlab::evidence::frozen::{self, FROZEN_BYTES};
use netlab::evidence::journal::Account;
use netlab::lessons::Step;
use netlab::lessons::check::judge;
use netlab::lessons::frozen::evidence;
use netlab::lessons::seen::values;

/// What is put aside of an account, read again from its file.
fn put_aside(step: &Step, account: &Account) -> Account {
    let verdict = judge(step, account);
    assert!(verdict.passed());
    let text = evidence(step, &verdict, account, "test/step#1").unwrap();
    assert!(text.len() <= FROZEN_BYTES, "{} bytes", text.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen.test.step.jsonl");
    frozen::write(&file, &text).unwrap();
    assert!(frozen::read(&file, "test/step#2").is_none(), "of another attempt nothing is known");
    frozen::read(&file, "test/step#1").unwrap()
}

fn answers(step: &Step, account: &Account) -> Vec<String> {
    let question = step.questions().next().unwrap();
    values(question, account).into_iter().map(|(_, found)| String::from_utf8(found.value).unwrap()).collect()
}

fn plant() -> Step {
    let text = "```check\n# the plant\nhttp.path = /plant\nserver.http.status = 200\n```\n\
        ```seen\nWhich word?\nanswer: server.http.content after nonce=\nwhere: http.method = GET\nsays: Yes.\n```";
    lesson(text).steps.remove(0)
}

#[test]
fn the_answer_is_the_one_of_the_conversation_that_passed() {
    let step = plant();
    let earlier = get(4001, "/other", "200 OK", "nonce=early");
    let passed = get(4002, "/plant", "200 OK", "nonce=mine");
    let all = account([earlier, passed]);
    assert_eq!(answers(&step, &all), ["early", "mine"]);
    let kept = put_aside(&step, &all);
    assert_eq!(kept.sightings.len(), 1);
    assert_eq!(kept.sightings[0].flow.events, all.sightings[1].flow.events);
    assert!(judge(&step, &kept).passed());
    assert_eq!(answers(&step, &kept), ["mine"]);
}

#[test]
fn what_is_from_before_the_step_stays_from_before() {
    let step = lesson("```check\n# it said more\nserver.plain.text = now\n```").steps.remove(0);
    let talk = || tcp("connect", 4001, "127.0.0.1:7777").opened().server(b"then\n").step_begins();
    let all = account([talk().server(b"now\n")]);
    let kept = put_aside(&step, &all);
    assert_eq!(kept.sightings[0].server_before, 5);
    assert_eq!(kept.sightings[0].flow.from_server.bytes, b"then\nnow\n");
}

#[test]
fn a_long_conversation_is_made_short_enough_to_be_judged_as_it_was() {
    let step = plant();
    let long = format!("nonce=mine {}", "x".repeat(200_000));
    let kept = put_aside(&step, &account([get(4001, "/plant", "200 OK", &long)]));
    assert_eq!(answers(&step, &kept), ["mine"]);
    assert_eq!(kept.sightings[0].flow.from_server.total, 200_054);
}

#[test]
fn many_hand_overs_are_put_together_and_what_a_check_asks_of_them_stays() {
    let step = lesson("```check\n# it got stuck\ntcp.stuck >= 1\ntcp.resumed\n```").steps.remove(0);
    let mut talk = tcp("pour", 4001, "127.0.0.1:7777").opened();
    for _ in 0..2_000 {
        talk = talk.client(&[b'a'; 100]);
    }
    talk = talk.known(Side::Client, What::Stuck);
    for _ in 0..2_000 {
        talk = talk.client(&[b'a'; 100]);
    }
    let kept = put_aside(&step, &account([talk]));
    assert_eq!(kept.sightings[0].flow.from_client.total, 400_000);
    assert!(kept.sightings[0].flow.events.len() < 100);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("seen.test.step.jsonl");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Nobody ever writes into it: a read would not come back.
    assert!(frozen::read(&pipe, "test/step#1").is_none());
    assert!(frozen::read(folder.path(), "test/step#1").is_none());
}
