//! What a malformed request gets from the hello server, case by case; and that it gets the same however its bytes are
//! cut up. The conversation is asked without a socket, so every cut of every case can be tried.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use netlab::lab::hello::conversation::{Conversation, Next};
use netlab::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use netlab::lab::hello::head::Ends;
use netlab::lab::hello::page::Page;
use netlab::lab::hello::request::Request;
use netlab::lab::hello::site::{Answer, Site};
use netlab::lab::hello::{Hello, Patience};
use netlab::lab::log::Requests;
use tokio::time::Instant;

/// What follows a request; its answer would hold the word.
const CANARY: &str = "GET /canary HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn hello() -> Hello {
    let site = Arc::new(Greeter::new(GREETING, Elsewhere::Default));
    Hello { name: "hello", site, patience: Patience::PROGRAM, requests: Requests::silent() }
}

/// What came back: the status of each answer, whether the server closed, and all of it as text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    statuses: Vec<u16>,
    closed: bool,
    text: String,
}

/// Says the pieces one after another to one conversation.
fn said<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Reply {
    said_to(&hello(), pieces)
}

fn said_to<'p>(hello: &Hello, pieces: impl IntoIterator<Item = &'p [u8]>) -> Reply {
    let ends = Ends {
        client: "127.0.0.1:40000".parse().unwrap(),
        server: "127.0.0.1:7777".parse().unwrap(),
        secured: false,
    };
    let now = Instant::now();
    let mut conversation = Conversation::new(hello, ends, 1, now);
    let (mut input, mut output, mut closed) = (Vec::new(), Vec::new(), false);
    for piece in pieces {
        input.extend_from_slice(piece);
        conversation.heard(now);
        loop {
            let mut answers = Vec::new();
            let (used, next) = conversation.take(&input, &mut answers, now);
            input.drain(..used);
            output.extend(answers);
            match next {
                Next::Write => {}
                Next::Close => {
                    closed = true;
                    break;
                }
                _ => break,
            }
        }
    }
    let text = String::from_utf8_lossy(&output).into_owned();
    let codes = text.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok());
    Reply { statuses: codes.collect(), closed, text }
}

fn post(fields: &str, content: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{content}")
}

fn chunked(content: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", content)
}

fn get(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// Every row: what it is, the request, the status it gets. All of them close.
fn table() -> Vec<(&'static str, Vec<u8>, u16)> {
    let host = "Host: localhost\r\n\r\n";
    let many: String = (0..2_000).map(|number| format!("X{number}: 1\r\n")).collect();
    let mut rows: Vec<(&'static str, Vec<u8>, u16)> = [
        ("no Host", "GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("two Hosts", get("Host: localhost\r\n"), 400),
        ("bad Host", "GET / HTTP/1.1\r\nHost: a b/\r\n\r\n".to_owned(), 400),
        ("somebody else's Host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), 421),
        ("space before colon", get("A : b\r\n"), 400),
        ("obs-fold", get("A: b\r\n c\r\n"), 400),
        ("line without colon", get("nonsense\r\n"), 400),
        ("NUL in value", get("A: b\0c\r\n"), 400),
        ("ESC in value", get("A: \u{1b}[31m\r\n"), 400),
        ("BEL in value", get("A: \u{7}\r\n"), 400),
        ("8-bit byte in name", get("A\u{e9}: b\r\n"), 400),
        ("X[] name", get("X[]: b\r\n"), 400),
        ("empty name", get(": b\r\n"), 400),
        ("bare CR in value", get("A: b\rc\r\n"), 400),
        ("bare LF lines", "GET / HTTP/1.1\nHost: localhost\n\n".to_owned(), 400),
        ("bare LF in one field", get("A: b\nC: d\r\n"), 400),
        ("HTTP/0.9", "GET /\r\n\r\n".to_owned(), 400),
        ("HTTP/2.0 as text", format!("GET / HTTP/2.0\r\n{host}"), 505),
        ("HTTP/9.9", format!("GET / HTTP/9.9\r\n{host}"), 505),
        ("HTTP/1.10", format!("GET / HTTP/1.10\r\n{host}"), 400),
        ("http/1.1", format!("GET / http/1.1\r\n{host}"), 400),
        ("space in target", format!("GET /a b HTTP/1.1\r\n{host}"), 400),
        ("no slash", format!("GET index.html HTTP/1.1\r\n{host}"), 400),
        ("* for GET", format!("GET * HTTP/1.1\r\n{host}"), 400),
        ("CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
        ("TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400),
        ("CL 5 and CL 6", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400),
        ("CL 5, 6", post("Content-Length: 5, 6\r\n", "hello!"), 400),
        ("CL +5", post("Content-Length: +5\r\n", "hello"), 400),
        ("CL 0x5", post("Content-Length: 0x5\r\n", "hello"), 400),
        ("CL -5", post("Content-Length: -5\r\n", "hello"), 400),
        ("CL empty", post("Content-Length:\r\n", "hello"), 400),
        ("CL huge", post("Content-Length: 99999999999999999999\r\n", ""), 413),
        ("TE unknown", post("Transfer-Encoding: blegh\r\n", ""), 501),
        ("TE chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400),
        ("TE chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""), 400),
        ("TE in HTTP/1.0", format!("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n{host}0\r\n\r\n"), 400),
        ("chunk-size -1", chunked("-1\r\nx\r\n0\r\n\r\n"), 400),
        ("chunk-size 0x5", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400),
        ("chunk-size 0_5", chunked("0_5\r\nhello\r\n0\r\n\r\n"), 400),
        ("chunk-size huge", chunked("fffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 400),
        ("chunk-size beyond the limit", chunked(&format!("100001\r\n{}", "x".repeat(1_048_577))), 413),
        ("bare LF behind a chunk-size", chunked("5\nhello\r\n0\r\n\r\n"), 400),
        ("bare LF behind a chunk", chunked("5\r\nhello\n0\r\n\r\n"), 400),
        ("bare LF in a trailer", chunked("0\r\nA: b\n\r\n"), 400),
        ("200 kB chunk extension", chunked(&format!("5;{}\r\nhello\r\n0\r\n\r\n", "e".repeat(200_000))), 413),
        ("100 kB trailer", chunked(&format!("0\r\nA: {}\r\n\r\n", "t".repeat(100_000))), 431),
        ("100 kB target", format!("GET /{} HTTP/1.1\r\n{host}", "a".repeat(100_000)), 414),
        ("1 MB header", get(&format!("A: {}\r\n", "a".repeat(1_000_000))), 431),
        ("2,000 fields", get(&many), 431),
        ("101 short fields", get(&"A:\r\n".repeat(101)), 431),
        ("10 kB method", format!("{} / HTTP/1.1\r\n{host}", "A".repeat(10_000)), 400),
        ("unknown method", format!("BREW / HTTP/1.1\r\n{host}"), 501),
        ("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n".to_owned(), 405),
        ("unknown expectation", get("Expect: a-miracle\r\n"), 417),
        ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
    ]
    .into_iter()
    .map(|(what, request, status)| (what, request.into_bytes(), status))
    .collect();
    rows.push(("TLS hello on the plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400));
    rows
}

#[test]
fn every_malformed_request_gets_its_status_and_a_close_and_nothing_behind_it_is_answered() {
    let mut wrong = Vec::new();
    for (what, request, status) in table() {
        let reply = said([&request[..], CANARY.as_bytes()]);
        let together = said([&[&request[..], CANARY.as_bytes()].concat()[..]]);
        if reply.statuses != [status] || !reply.closed || !reply.text.contains("\r\nConnection: close\r\n") {
            wrong.push(format!("{what}: wanted {status}, got {:?}, closed {}", reply.statuses, reply.closed));
        }
        if together.statuses != [status] || !together.closed {
            wrong.push(format!("{what}, with a request right behind it: {:?}", together.statuses));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_fine_is_answered_and_stays_open() {
    for (what, request, status) in [
        ("GET", get(""), 200),
        ("an empty line in front", format!("\r\n{}", get("")), 200),
        (
            "a whole URL",
            "GET http://localhost:7777/seed-a-plant HTTP/1.1\r\nHost: x.test\r\n\r\n".to_owned(),
            200,
        ),
        ("space around a value", get("A: \t b \t \r\n"), 200),
        ("an empty value", get("A:\r\n"), 200),
        ("bytes beyond ASCII in a value", get("A: caf\u{e9}\r\n"), 200),
        ("a newer minor version", "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n".to_owned(), 200),
        ("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n".to_owned(), 200),
        ("content", post("Content-Length: 5\r\n", "hello"), 200),
        ("chunks, an extension, a trailer", chunked("5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n"), 200),
        ("an upgrade that is not had here", get("Connection: Upgrade\r\nUpgrade: h2c\r\n"), 200),
        ("TE and a range", get("TE: trailers\r\nConnection: TE\r\nRange: bytes=0-1\r\n"), 200),
        ("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 200),
        ("TRACE", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("PUT", "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi".to_owned(), 405),
        ("HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_owned(), 200),
    ] {
        let reply = said([request.as_bytes(), CANARY.as_bytes()]);
        assert_eq!(reply.statuses, [status, 200], "{what}: {}", reply.text);
        assert!(!reply.closed, "{what}");
        assert_eq!(
            status == 405 || what == "OPTIONS *",
            reply.text.contains("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n")
        );
    }
    let last = said([get("Connection: close\r\n").as_bytes(), CANARY.as_bytes()]);
    assert_eq!((last.statuses, last.closed), (vec![200], true));
}

#[test]
fn however_the_bytes_are_cut_the_verdict_is_the_same() {
    let good =
        [get(""), chunked("5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n"), post("Content-Length: 5\r\n", "hello")];
    let good = good.into_iter().map(|request| ("fine", request.into_bytes(), 200));
    for (what, request, status) in table().into_iter().chain(good) {
        let single = said(request.iter().map(std::slice::from_ref));
        assert_eq!(single.statuses, [status], "{what}, byte by byte");
        if request.len() <= 2048 {
            for at in 1..request.len() {
                let (first, second) = request.split_at(at);
                assert_eq!(said([first, second]).statuses, [status], "{what}, cut at {at}");
            }
        }
    }
}

#[test]
fn a_client_that_has_the_page_is_told_that_it_is_still_the_same() {
    let first = said([get("").as_bytes()]);
    let tag = first.text.split("ETag: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let unchanged = said([get(&format!("If-None-Match: \"x\", W/{tag}\r\n")).as_bytes(), CANARY.as_bytes()]);
    assert_eq!(unchanged.statuses, [304, 200]);
    let head = unchanged.text.split("\r\n\r\n").next().unwrap();
    assert!(head.contains(tag) && !head.contains("Content-Length"), "{head}");
    assert_eq!(said([get("If-None-Match: \"x\"\r\n").as_bytes()]).statuses, [200]);
    assert_eq!(said([get("If-None-Match: *\r\n").as_bytes()]).statuses, [304]);
    assert_eq!(said([get("If-Match: \"x\"\r\n").as_bytes()]).statuses, [412]);
    assert_eq!(said([get(&format!("If-Match: {tag}\r\n")).as_bytes()]).statuses, [200]);
    // There is no date of the last change, so nothing can be said about one.
    assert_eq!(
        said([get("If-Modified-Since: Wed, 25 Nov 2099 00:00:00 GMT\r\n").as_bytes()]).statuses,
        [200]
    );
}

#[test]
fn a_client_that_waits_for_100_gets_it_only_when_its_content_is_wanted() {
    let expecting = |method: &str, len: u64| {
        format!(
            "{method} / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {len}\r\n\r\n"
        )
    };
    let wanted = said([expecting("POST", 5).as_bytes(), b"hello"]);
    assert_eq!((wanted.statuses, wanted.closed), (vec![100, 200], false));
    let there = said([(expecting("POST", 5) + "hello").as_bytes()]);
    assert_eq!(there.statuses, [200], "it has not waited");
    assert_eq!(said([expecting("POST", 0).as_bytes()]).statuses, [200], "there is nothing to wait with");
    for unwanted in [expecting("PUT", 5), expecting("POST", 2_000_000)] {
        let reply = said([unwanted.as_bytes()]);
        assert!(reply.closed && reply.statuses.len() == 1 && reply.statuses[0] >= 400, "{reply:?}");
    }
}

#[test]
fn an_answer_to_head_has_no_content_even_when_it_is_a_refusal() {
    for request in ["HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HEAD / HTTP/1.1\r\n\r\n"] {
        assert!(said([request.as_bytes()]).text.ends_with("\r\n\r\n"), "{request}");
    }
}

#[test]
fn who_asks_the_same_again_is_answered_as_who_asks_for_the_first_time() {
    let again = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let requests = [
        again.clone(),
        again.clone(),
        // Each begins like the one before it, or comes back to one before that.
        "GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n".to_owned(),
        "GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        again.clone(),
        "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        post("Content-Length: 5\r\n", "abcde"),
        post("Content-Length: 5\r\n", "vwxyz"),
        again.clone(),
        again.replace("1.1", "1.0"),
    ];
    let alone: String = requests.iter().map(|request| said([request.as_bytes()]).text).collect();
    let all = requests.concat();
    assert_eq!(said([all.as_bytes()]).text, alone);
    for cut in 1..all.len() {
        let (one, other) = all.split_at(cut);
        assert_eq!(said([one.as_bytes(), other.as_bytes()]).text, alone, "cut at {cut}");
    }
}

/// A site that counts how often it was asked, and whether it says that its answer is settled.
struct Counting {
    asked: AtomicUsize,
    settled: bool,
}

impl Site for Counting {
    fn answer(&self, _: &Request<'_>) -> Answer {
        let many = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let page = Page::text(200, &format!("asked {many} times"));
        if self.settled { page.settled() } else { page }.into()
    }
}

#[test]
fn only_an_answer_that_is_settled_is_given_again_without_a_question() {
    for (settled, last) in [(false, "asked 3 times"), (true, "asked 1 times")] {
        let site = Arc::new(Counting { asked: AtomicUsize::new(0), settled });
        let reply = said_to(&Hello { site, ..hello() }, [get("").as_bytes(); 3]);
        assert_eq!(reply.statuses, [200; 3]);
        assert!(reply.text.ends_with(last), "{settled}: {}", reply.text);
    }
    let long = get(&format!("X-Long: {}\r\n", "x".repeat(2_000)));
    let site = Arc::new(Counting { asked: AtomicUsize::new(0), settled: true });
    let reply = said_to(&Hello { site, ..hello() }, [long.as_bytes(); 2]);
    assert!(reply.text.ends_with("asked 2 times"), "a long head is judged each time: {}", reply.text);
}

/// A refusal is read by somebody who wants to mend the request, so it names what is wrong with it.
#[test]
fn a_refusal_says_what_is_wrong_however_the_request_is_cut() {
    let host = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (request, wanted) in [
        (format!("GET  /{host}"), "exactly one space stands between"),
        (format!(" GET /{host}"), "here a space comes first"),
        (format!("GET /a b{host}"), "a target holds no space"),
        (format!("GET / TEAPOT{host}"), "a target holds no space"),
        (
            "GET / TEAPOT/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
            "a version is HTTP/, one digit, a dot and one digit",
        ),
        (format!("get /{host}"), "methods are written in capitals"),
        (format!("PLANT /{host}"), "does not know that method"),
        (format!("GET http://evil.example/{host}"), "for a site that this server does not have"),
        (format!("GET http://me@localhost/{host}"), "names no user in front of its host"),
        (get("A: b\r\n c\r\n"), "may no longer continue on a second line"),
        (get("nonsense\r\n"), "this line has no colon"),
        (get(": b\r\n"), "a field has a name before its colon"),
        (get("A : b\r\n"), "may have no space between them"),
        (get("A(b: c\r\n"), "a field name is a word of letters, digits"),
        (chunked("3\nabc\r\n0\r\n\r\n"), "has the line feed alone"),
        (chunked("3\r\nabc\n0\r\n\r\n"), "has the line feed alone"),
        (chunked("3\rX\r\n"), "a carriage return in a line of framing has the line feed behind it"),
        (chunked("3\r\nabcd\r\n"), "follow the last byte of a chunk"),
        (chunked("x\r\n"), "a chunk starts with its size in hexadecimal digits"),
    ] {
        let bytes = request.as_bytes();
        for cut in 0..=bytes.len() {
            let (front, rest) = bytes.split_at(cut);
            let reply = said([front, rest]);
            assert!(reply.text.contains(wanted), "{request:?} cut at {cut}: {}", reply.text);
        }
    }
}
