//! On 7777, where web servers of learners live, bytes are read as what they look like: raw text there passes the
//! steps that ask for raw text, and a request the steps that ask for a request.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{Talk, account, check, get, tcp};
use netlab::evidence::Side;
use netlab::lessons::check::judge;
use netlab::lessons::{Step, shelf};

/// A step of the course in the binary.
fn step(lesson: &str, title: &str) -> Step {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let lesson = lessons.into_iter().find(|one| one.id == lesson).unwrap();
    lesson.steps.into_iter().find(|step| step.title == title).unwrap()
}

fn passes(step: &Step, talks: impl IntoIterator<Item = Talk>) -> bool {
    judge(step, &account(talks)).passed()
}

/// The same connection as `listen` on port 7777 saw it.
fn heard(port: u16) -> Talk {
    tcp("connect", port, "127.0.0.1:7777").seen_by_server("listen").opened()
}

#[test]
fn the_word_may_be_said_from_a_second_client_of_a_listener_on_7777() {
    let step = step("ports", "Your turn");
    let greeting = || tcp("connect", 4001, "127.0.0.1:7013").opened().server(b"today nonce=plum77\r\n");
    let silent = || tcp("connect", 4002, "127.0.0.1:7777").opened().later(1);
    let second = |said: &[u8]| tcp("connect", 4003, "127.0.0.1:7777").opened().client(said).later(2);
    assert!(passes(&step, [greeting(), silent(), second(b"plum77\n")]));
    assert!(passes(&step, [greeting(), silent(), second(b"GETTING plum77\n")]));
    for wrong in [&b"plum78\n"[..], b"", b"GET /plum77 HTTP/1.1\r\nHost: localhost:7777\r\n\r\n"] {
        assert!(!passes(&step, [greeting(), silent(), second(wrong)]), "{}", wrong.escape_ascii());
    }
    assert!(!passes(&step, [greeting(), second(b"plum77\n")]), "nobody was silent meanwhile");
    assert!(!passes(&step, [silent(), second(b"plum77\n")]), "no greeting gave the word");
}

#[test]
fn a_plant_that_came_to_7777_in_two_reads_was_cut() {
    let step = step("stream", "A plant cut in two");
    assert!(passes(&step, [heard(4001).client(b"\xf0\x9f\x8c").client(b"\xb1")]));
    assert!(!passes(&step, [heard(4001).client("🌱".as_bytes())]), "one read took it whole");
    assert!(!passes(&step, [heard(4001).client(b"pla").client(b"nt")]), "no plant");
}

#[test]
fn messages_on_7777_are_told_apart_by_their_marks() {
    let step = step("stream", "A mark behind each message");
    assert!(passes(&step, [heard(4001).client("one\ntwo\n🌱\n".as_bytes())]));
    assert!(!passes(&step, [heard(4001).client("onetwo🌱".as_bytes())]), "no marks");
    assert!(
        !passes(&step, [heard(4001).client(b"one\n").client(b"two\n").client(b"three\n")]),
        "as many reads"
    );
    let head = b"GET / HTTP/1.1\r\nHost: localhost:7777\r\nAccept: */*\r\n\r\n";
    assert!(!passes(&step, [heard(4001).client(head)]), "the lines of a request are HTTP's, not messages");
}

#[test]
fn what_looks_like_a_request_on_7777_still_is_one() {
    let asked = check("server.port = 7777\nhttp.method");
    assert!(passes(&asked, [get(4001, "/", "200 OK", "Hello")]));
    let said = |bytes: &[u8]| tcp("connect", 4001, "127.0.0.1:7777").opened().client(bytes);
    assert!(passes(&asked, [said(b"BREW /pot HTTP/1.1\r\n")]), "with a method that nobody knows");
    assert!(!passes(&asked, [said(b"good morning\r\n")]));
    // The answer says what the conversation was, whatever the question looked like.
    let answered = said(b"good morning\r\n").server(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    assert!(passes(&check("server.http.status = 400"), [answered.finished(Side::Server)]));
}
