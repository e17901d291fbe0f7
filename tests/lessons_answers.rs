//! Answers to "what did you see?" are compared by meaning: beside every way to give the right one stands one that is
//! wrong and stays wrong.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{A, MX, Talk, account, dns_answer, dns_query, get, lesson, resolve, tcp, udp};
use netlab::evidence::TroubleKind;
use netlab::lessons::seen::{Answered, answered};

/// The question of a step, and what was seen in it.
struct Asked<'a> {
    question: &'a str,
    answer: &'a str,
    talks: &'a dyn Fn() -> Vec<Talk>,
}

impl Asked<'_> {
    /// Every one of `right` agrees with the evidence and none of `wrong`.
    fn takes(&self, right: &[&str], wrong: &[&str]) {
        let Self { question, answer, talks } = self;
        let lesson = lesson(&format!("```seen\n{question}\n{answer}\nsays: yes\n```"));
        let seen = lesson.steps[0].questions().next().unwrap();
        let account = account(talks());
        for typed in right {
            let said = answered(seen, typed, &account);
            assert!(matches!(said, Answered::Agrees(..)), "{question} {typed:?} is right: {said:?}");
        }
        for typed in wrong {
            let said = answered(seen, typed, &account);
            assert!(matches!(said, Answered::Differs(_)), "{question} {typed:?} is not right: {said:?}");
        }
    }
}

#[test]
fn a_number_is_a_number_in_digits_and_in_words() {
    let fourteen = || {
        let served = tcp("listen", 4001, "127.0.0.1:7777").seen_by_server("listen").opened();
        vec![(0..14).fold(served, |talk, _| talk.client(b"x"))]
    };
    let asked = Asked {
        question: "In how many reads did the 70 bytes come out?",
        answer: "answer: count tcp.read",
        talks: &fourteen,
    };
    asked.takes(
        &["14", "fourteen", "14 reads", "Fourteen reads.", "in 14 reads", "it was 14", "14."],
        &["4", "four", "1", "41", "70", "14 70", "reads", "fourteen or fifteen", "14 4", "", "4 10"],
    );
}

#[test]
fn a_unit_goes_with_what_it_counts_and_with_nothing_else() {
    let long = || vec![tcp("connect", 4001, "127.0.0.1:7777").opened().client(&[b'x'; 2_312])];
    let asked =
        Asked { question: "How much did your side send?", answer: "answer: client.bytes", talks: &long };
    asked.takes(
        &["2312", "2,312", "2 312", "2312 bytes", "2312 B", "2312b", "two thousand three hundred and twelve"],
        &["2312 seconds", "2312 kB", "2311", "bytes", "231", "2312 x", "12"],
    );
    let text = |ttl| {
        let mut answer = dns_answer(1, 0, "big.test", A, &[&[127, 0, 0, 4]]);
        let at = answer.len() - 8;
        answer[at - 2..at + 2].copy_from_slice(&u32::to_be_bytes(ttl));
        vec![
            udp("resolve", 4001, "127.0.0.1:7053")
                .opened()
                .client(&dns_query(1, "big.test", A))
                .server(&answer),
        ]
    };
    let minute = || text(300);
    let asked = Asked {
        question: "For how long may each record be kept?",
        answer: "answer: server.dns.answer.ttl",
        talks: &minute,
    };
    asked.takes(
        &["300", "300 s", "300s", "300 seconds", "5 minutes", "five minutes", "5 min"],
        &["5", "5 s", "300 minutes", "5 hours", "30", "300 bytes"],
    );
}

#[test]
fn a_code_goes_by_its_number_its_mnemonic_and_its_sentence() {
    let missing = || {
        let answer = dns_answer(1, 3, "nothing.test", A, &[]);
        let talk = udp("resolve", 4001, "127.0.0.1:7053").opened();
        vec![talk.client(&dns_query(1, "nothing.test", A)).server(&answer)]
    };
    let asked = Asked {
        question: "Which code came back for nothing.test?",
        answer: "answer: server.dns.rcode",
        talks: &missing,
    };
    asked.takes(
        &[
            "NXDOMAIN",
            "nxdomain",
            "3",
            "three",
            "NXDOMAIN (3)",
            "code 3",
            "it was NXDOMAIN",
            "there is no such name",
        ],
        &["0", "NOERROR", "2", "13", "NXDOMAIN 2", "SERVFAIL", "domain", "code", "NOERROR (3)"],
    );
    let refused = || vec![get(4001, "/x", "404 Not Found", "")];
    let asked = Asked {
        question: "What did the server say to it?",
        answer: "answer: server.http.status",
        talks: &refused,
    };
    asked.takes(
        &["404", "404 Not Found", "not found", "status 404"],
        &["400", "4", "200 OK", "404 OK", "400 Not Found", "found", "404 400"],
    );
    let mail = || vec![resolve(4001, "shop.test", MX, &[])];
    let asked =
        Asked { question: "Which type was asked for?", answer: "answer: dns.question.type", talks: &mail };
    asked.takes(&["MX", "15", "type MX", "mx (15)"], &["A", "1", "5", "TXT"]);
}

#[test]
fn a_failure_goes_by_every_name_that_systems_and_screens_have_for_it() {
    let fails = |kind: TroubleKind, right: &[&str], wrong: &[&str]| {
        let failed = move || vec![tcp("connect", 4001, "127.0.0.1:7778").failed(kind)];
        let asked = Asked {
            question: "Which word says how the call failed?",
            answer: "answer: flow.failed",
            talks: &failed,
        };
        asked.takes(right, wrong);
    };
    let none = ["it failed", "word", "call", "yes", "open", "error"];
    fails(
        TroubleKind::AddressInUse,
        &[
            "address-in-use",
            "address in use",
            "in use",
            "taken",
            "EADDRINUSE",
            "Address already in use",
            "it is taken",
        ],
        &[&none[..], &["refused", "address", "use", "EADDRNOTAVAIL", "free", "not in use"]].concat(),
    );
    fails(
        TroubleKind::TimedOut,
        &[
            "timed-out",
            "timed out",
            "timeout",
            "time-out",
            "ETIMEDOUT",
            "no answer in time",
            "Connection timed out",
        ],
        &[&none[..], &["refused", "in time", "reset", "ECONNREFUSED", "time"]].concat(),
    );
    fails(
        TroubleKind::Refused,
        &[
            "refused",
            "Refused.",
            "RST",
            "ECONNREFUSED",
            "connection refused",
            "refused (RST)",
            "it was refused",
        ],
        &[&none[..], &["reset", "ECONNRESET", "timeout", "taken", "FIN", "connection", "not refused"]]
            .concat(),
    );
    fails(
        TroubleKind::Reset,
        &["reset", "RST", "ECONNRESET", "connection reset by peer", "broken off"],
        &[&none[..], &["refused", "ECONNREFUSED", "FIN", "closed", "peer"]].concat(),
    );
}

#[test]
fn an_end_may_be_written_with_its_other_half() {
    let talks = || vec![get(4001, "/", "200 OK", "")];
    let port = Asked {
        question: "Which port did the request come to?",
        answer: "answer: server.port",
        talks: &talks,
    };
    port.takes(
        &[
            "7777",
            "port 7777",
            "localhost:7777",
            "127.0.0.1:7777",
            ":7777",
            "http://localhost:7777/",
            "to 7777",
        ],
        &[
            "777",
            "4001",
            "localhost:4001",
            "10.0.0.1:7777",
            "127.0.0.2:7777",
            "localhost",
            "localhost:777",
            "17777",
        ],
    );
    let client = Asked {
        question: "From which port did the client call?",
        answer: "answer: client.port",
        talks: &talks,
    };
    client
        .takes(&["4001", "127.0.0.1:4001", "localhost:4001"], &["7777", "127.0.0.1:7777", "127.0.0.2:4001"]);
    let address = Asked {
        question: "Which address did your server have?",
        answer: "answer: server.address",
        talks: &talks,
    };
    address.takes(
        &[
            "127.0.0.1",
            "127.0.0.1:7777",
            "localhost",
            "localhost:7777",
            "loopback",
            "127.0.0.1/8",
            "the loopback address",
        ],
        &["127.0.0.2", "127.0.0.1:80", "::1", "127.0.0", "7777", "0.0.0.0", "address", "private"],
    );
    let second = || vec![tcp("connect", 4001, "127.0.0.2:7777").opened()];
    let second = Asked { question: "Which address?", answer: "answer: server.address", talks: &second };
    second.takes(&["127.0.0.2", "127.0.0.2:7777"], &["localhost", "loopback", "127.0.0.1", "localhost:7777"]);
    let six = || vec![tcp("connect", 4001, "[::1]:7777").opened()];
    let six = Asked { question: "Which address?", answer: "answer: server.address", talks: &six };
    six.takes(
        &["::1", "[::1]:7777", "0:0:0:0:0:0:0:1", "localhost"],
        &["::2", "127.0.0.1", "[::1]:7778", "::"],
    );
    let kind = Asked { question: "What kind of address?", answer: "answer: server.kind", talks: &talks };
    kind.takes(
        &["loopback", "a loopback address", "Loopback."],
        &["private", "address", "public", "127.0.0.1"],
    );
    let host =
        Asked { question: "What stood behind Host?", answer: "answer: client.http.host", talks: &talks };
    host.takes(
        &["localhost:7777", "localhost", "Host: localhost:7777", "\"localhost:7777\""],
        &["hello.test", "localhost:7778", "7777", "Host", "hello.test:7777"],
    );
}

#[test]
fn a_side_is_named_and_the_other_one_is_not() {
    let question = "Which side sent the first byte, client or server?";
    let lab = || vec![tcp("connect", 4001, "127.0.0.1:7080").opened().client(b"GET / HTTP/1.1\r\n\r\n")];
    let asked = Asked { question, answer: "answer: flow.first", talks: &lab };
    asked.takes(
        &[
            "client",
            "the client",
            "Client.",
            "me",
            "I did",
            "my side",
            "mine",
            "it was the client",
            "my client",
        ],
        &[
            "server",
            "the server",
            "client or server",
            "my server",
            "the other side",
            "side",
            "byte",
            "they did",
            "both",
        ],
    );
    let greeting = || vec![tcp("connect", 4001, "127.0.0.1:7013").opened().server(b"hello\r\n")];
    let asked = Asked { question, answer: "answer: flow.first", talks: &greeting };
    asked.takes(&["server", "the server", "the other side"], &["client", "me", "my client", "client server"]);
    // With both programs started by the learner, "me" says nothing.
    let both = || {
        let ends = || tcp("connect", 4001, "127.0.0.1:7777").opened().client(b"hello\r\n");
        vec![ends(), ends().seen_by_server("listen")]
    };
    let asked = Asked { question, answer: "answer: flow.first", talks: &both };
    asked.takes(&["client", "the client", "my client"], &["me", "I did", "server", "the other side"]);
}

#[test]
fn a_word_made_for_somebody_goes_without_its_number() {
    let talks = || {
        let talk = tcp("connect", 4001, "127.0.0.1:7013").opened();
        vec![talk.server(b"Sat, 28 Nov 2026 12:00:00 GMT nonce=sunset-3343\r\n")]
    };
    let asked =
        Asked { question: "Which word?", answer: "answer: server.plain.text after nonce=", talks: &talks };
    asked.takes(
        &[
            "sunset-3343",
            "sunset",
            "Sunset",
            "nonce=sunset-3343",
            "Sat, 28 Nov 2026 12:00:00 GMT nonce=sunset-3343",
            "the word is sunset-3343",
            r"sunset-3343\r\n",
        ],
        &["3343", "sun", "sunset-3344", "sunrise", "sunset-", "nonce=", "word", "sunset sunrise"],
    );
}

#[test]
fn a_line_that_is_copied_from_the_screen_says_what_stands_in_it() {
    let talks = || vec![get(4001, "/seed-a-plant", "200 OK", "0123456789abcdefgh")];
    let length = Asked {
        question: "How long is it?",
        answer: "answer: server.http.content-length\nscreen: content   [?] bytes as promised[..]\nor: < Content-Length: [?]",
        talks: &talks,
    };
    length.takes(
        &[
            "18",
            "content   18 bytes as promised, text/plain",
            "< Content-Length: 18",
            "Content-Length: 18",
            "18 bytes as promised",
        ],
        &[
            "content   19 bytes as promised",
            "< Content-Length: 180",
            "Content-Length:",
            "bytes as promised",
            "content 1 8",
        ],
    );
    let missing = || {
        let answer = dns_answer(1, 3, "nothing.test", A, &[]);
        vec![
            udp("resolve", 4001, "127.0.0.1:7053")
                .opened()
                .client(&dns_query(1, "nothing.test", A))
                .server(&answer),
        ]
    };
    let code = Asked {
        question: "Which code came back?",
        answer: "answer: server.dns.rcode\nscreen: the server answered [?][..]\nor: ;; ->>HEADER<<- [..] status: [?], [..]",
        talks: &missing,
    };
    code.takes(
        &[
            "NXDOMAIN",
            "status: NXDOMAIN",
            ";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 4660",
            "it answered NXDOMAIN",
        ],
        &[
            "status: NOERROR",
            ";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 3",
            "status:",
            "answered",
            "QUERY",
        ],
    );
}

#[test]
fn words_are_words_whatever_stands_around_them() {
    let talks = || vec![get(4001, "/seed-a-plant?color=red", "421 Misdirected Request", "")];
    let reason = Asked {
        question: "Which words stand behind the number 421?",
        answer: "answer: server.http.reason",
        talks: &talks,
    };
    reason.takes(
        &["Misdirected Request", "misdirected request", "421 Misdirected Request", "\"Misdirected Request\""],
        &["421", "Request", "Misdirected", "Not Found", "words"],
    );
    let path = Asked { question: "Which path did you ask for?", answer: "answer: http.path", talks: &talks };
    path.takes(
        &["/seed-a-plant", "\"/seed-a-plant\"", "path /seed-a-plant"],
        &["/", "/seed", "plant", "path", "/seed-a-plants"],
    );
    let query = Asked {
        question: "What stands behind the question mark?",
        answer: "answer: http.query",
        talks: &talks,
    };
    query.takes(
        &["color=red", "?color=red", "/seed-a-plant?color=red"],
        &["color", "red", "?", "color=blue", "/seed-a-plant"],
    );
}
