//! The table of `probe`: what it sends is what it says, and its judges take whatever comes back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;

use netlab::evidence::{Flow, Opening, Recorder, Transport, Trouble, TroubleKind};
use netlab::probe::place::Place;
use netlab::probe::report::{Done, Report};
use netlab::probe::robust::Odd;
use netlab::probe::script::Script;
use netlab::probe::{Ask, Check, Rule, Stage, Verdict, repeat, table};
use netlab::proto::field::Fields;
use netlab::proto::http::HTTP;
use netlab::proto::stream::{Carriage, Sender, Stream};

fn place() -> Place {
    Place { host: "localhost:7777".to_owned(), seed: 7 }
}

fn server() -> SocketAddr {
    "127.0.0.1:7777".parse().unwrap()
}

fn read(bytes: &[u8]) -> Fields<'_> {
    HTTP.dissect(Stream::alone(bytes, Sender::Client, Carriage::Stream))
}

/// The ranges of bytes that the dissector finds fault with.
fn faults(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    read(bytes)
        .list
        .iter()
        .filter(|field| field.problem.is_some())
        .map(netlab::proto::field::Field::bytes)
        .collect()
}

fn odd(check: &Check) -> Option<&'static Odd> {
    match check.ask {
        Ask::Odd(odd) => Some(odd),
        _ => None,
    }
}

#[test]
fn every_check_has_a_name_of_its_own_and_builds_on_earlier_ones() {
    let mut names = BTreeSet::new();
    let mut stage = Stage::Hello;
    for check in table::all() {
        assert!(check.id.starts_with(&format!("{}.", check.stage.name())), "{}", check.id);
        assert!(check.stage >= stage, "{} stands in its stage", check.id);
        stage = check.stage;
        let same = if let Ask::Same(other) = check.ask { Some(other) } else { None };
        for other in check.needs.iter().copied().chain(same) {
            assert!(names.contains(other), "{} builds on {other}, which comes before it", check.id);
        }
        assert!(names.insert(check.id), "{} twice", check.id);
    }
    assert!(names.len() >= 55, "{}", names.len());
}

#[test]
fn every_text_reads_as_a_part_of_a_sentence() {
    for check in table::all() {
        for text in [check.expects, check.rule] {
            let end = text.chars().next_back().unwrap();
            assert!(end.is_alphanumeric() || end == ')', "{}: {text}", check.id);
        }
        assert!(check.rfc.starts_with("RFC ") && check.rfc.contains('§'), "{}", check.id);
    }
    for rule in Rule::ALL {
        assert!(rule.says.ends_with(char::is_alphanumeric), "{}", rule.says);
        assert!(rule.rfc.starts_with("RFC ") && rule.rfc.contains('§'), "{}", rule.rfc);
    }
}

#[test]
fn whatever_asks_further_builds_on_one_answer_that_ends_where_it_says() {
    fn builds(check: &Check) -> bool {
        check.needs.iter().any(|id| *id == "hello.length" || builds(table::named(id).unwrap()))
    }
    let further = table::all().filter(|check| check.stage > Stage::Hello);
    for check in further.filter(|check| !matches!(check.ask, Ask::Same("hello.answers"))) {
        assert!(builds(check), "{}", check.id);
    }
}

/// Requests that are sound though the dissector has something to say: an old form, and a method nobody knows.
const UNUSUAL: &[&str] = &["framing.http10"];

#[test]
fn sound_requests_are_sound() {
    for check in table::all().filter(|check| odd(check).is_none() && !UNUSUAL.contains(&check.id)) {
        let Some(script) = check.script(&place()) else { continue };
        for on in 0..script.connections() {
            let bytes: Vec<u8> = script.writes(on).flatten().copied().collect();
            assert_eq!(faults(&bytes), [], "{}: {}", check.id, String::from_utf8_lossy(&bytes));
        }
    }
}

/// Odd requests whose fault is no fault of grammar: a name the server does not have, and sizes.
const FITS_THE_GRAMMAR: &[&str] = &["robust.other-host", "robust.target-huge", "robust.head-huge"];

/// An odd request whose size is beyond every limit, and no fault of grammar where it stands.
const TOO_LARGE: &str = "robust.chunk-huge";

#[test]
fn odd_requests_are_odd_where_they_say_and_nowhere_before() {
    let mut many = 0;
    for check in table::all() {
        let Some(odd) = odd(check) else { continue };
        let (bytes, marked) = odd.bytes(&place());
        assert!(!marked.is_empty() && marked.end <= bytes.len(), "{}", check.id);
        if FITS_THE_GRAMMAR.contains(&check.id) {
            assert_eq!(faults(&bytes), [], "{}", check.id);
            continue;
        }
        let faults = faults(&bytes);
        if check.id == TOO_LARGE {
            // Its digits are digits. What no reader can hold breaks a limit; what is missing behind it breaks a rule.
            assert!(faults.iter().all(|fault| fault.start > marked.end), "{faults:?}");
            continue;
        }
        // What is missing is missed between two bytes: touching is meeting.
        let meets = faults.iter().any(|fault| fault.start <= marked.end && marked.start <= fault.end);
        let before = faults.iter().any(|fault| fault.end < marked.start);
        assert!(meets && !before, "{}: marked {marked:?}, and the faults are at {faults:?}", check.id);
        many += 1;
    }
    assert!(many >= 18, "{many}");
}

#[test]
fn the_tls_hello_is_one() {
    let (bytes, _) = odd(table::named("robust.tls").unwrap()).unwrap().bytes(&place());
    let len = |at: usize, digits: usize| {
        bytes[at..at + digits].iter().fold(0, |len, &byte| len << 8 | usize::from(byte))
    };
    assert_eq!(len(3, 2), bytes.len() - 5, "the record ends with the bytes (RFC 8446 section 5.1)");
    assert_eq!((bytes[5], len(6, 3)), (1, bytes.len() - 9), "so does the ClientHello in it (section 4)");
    let extensions = 9 + 2 + 32 + 1 + 4 + 2;
    assert_eq!(len(extensions, 2), bytes.len() - extensions - 2, "and so do its extensions (section 4.2)");
}

#[cfg(unix)]
#[test]
fn a_line_to_repeat_a_check_sends_exactly_its_bytes() {
    let mut tried = 0;
    for check in table::all() {
        let Some(script) = check.script(&place()) else { continue };
        // Every cut of a request repeats the same bytes; one of them is enough.
        for on in 0..script.connections().min(3) {
            let line = repeat::line(&script, on, server()).unwrap();
            if script.writes(on).next().is_none() {
                assert_eq!(line, "nc -z 127.0.0.1 7777", "{}: it connects and says nothing", check.id);
                continue;
            }
            let (sending, nc) = line.rsplit_once(" | ").unwrap();
            assert!(nc.starts_with("nc ") && nc.ends_with("127.0.0.1 7777"), "{line}");
            let sending = sending.replace("sleep 0.1", ":");
            let sent = Command::new("sh").args(["-c", &sending]).output().unwrap();
            let wanted: Vec<u8> = script.writes(on).flatten().copied().collect();
            assert!(sent.stdout == wanted, "{}: {line}", check.id);
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
}

#[cfg(unix)]
#[test]
fn connections_that_belong_together_are_repeated_together() {
    let script = table::named("routes.two-clients").unwrap().script(&place()).unwrap();
    let line = repeat::exact(&script, 1, server()).unwrap();
    assert_eq!(repeat::exact(&script, 0, server()).as_deref(), Some(line.as_str()), "whichever it is about");
    // The first one has said half when the second one asks, and holds on much longer than that takes.
    let (first, second) = line.split_once(" & sleep 0.5; ").unwrap();
    assert!(first.contains("; sleep 5; ") && first.starts_with('('), "{line}");
    let folder = tempfile::tempdir().unwrap();
    let file = |on: usize| folder.path().join(on.to_string());
    for (on, part) in [first, second].into_iter().enumerate() {
        let sending = part.strip_suffix(" | nc 127.0.0.1 7777").unwrap().replace("sleep 5", ":");
        let command = format!("{sending} > '{}'", file(on).display());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success(), "{command}");
        let wanted: Vec<u8> = script.writes(on).flatten().copied().collect();
        assert_eq!(std::fs::read(file(on)).unwrap(), wanted, "{line}");
    }
    let alone = table::named("routes.head").unwrap().script(&place()).unwrap();
    assert_eq!(repeat::exact(&alone, 1, server()), repeat::line(&alone, 1, server()));
}

#[test]
fn curl_is_offered_where_it_asks_the_same() {
    let line = |id: &str, on| {
        let script = table::named(id).unwrap().script(&place()).unwrap();
        repeat::curl(&script, on)
    };
    assert_eq!(line("hello.answers", 0).as_deref(), Some("curl -i 'http://localhost:7777/'"));
    assert_eq!(line("routes.head", 1).as_deref(), Some("curl -I 'http://localhost:7777/'"));
    for (id, on) in
        [("framing.byte-by-byte", 1), ("framing.chunked", 1), ("framing.absolute", 1), ("robust.no-host", 0)]
    {
        assert_eq!(line(id, on), None, "{id}");
    }
}

/// A conversation in which the script's bytes of one connection went out and these came back.
fn flow(script: &Script, on: usize, said: &[u8], closed: bool) -> Flow {
    let recorder = Recorder::keeping(|| 0, Vec::new());
    let recording = recorder.open(&Opening::calling(Transport::Tcp, server(), "probe"));
    recording.opened(Some("127.0.0.1:40000".parse().unwrap()));
    script.writes(on).for_each(|bytes| recording.wrote(bytes));
    if !said.is_empty() {
        recording.read(said, 16_384);
    }
    if closed {
        recording.finished_reading();
    } else {
        recording.failed(Trouble::from(TroubleKind::TimedOut));
    }
    recording.flow()
}

/// The check whose conversations it is judged by, if it has none of its own.
fn source(check: &Check) -> Option<&'static Check> {
    match check.ask {
        Ask::Same(other) => table::named(other),
        Ask::Pairs => table::named("robust.no-host"),
        _ => None,
    }
}

fn judged(check: &'static Check, said: &[u8], closed: bool) -> (Verdict, String) {
    let mut report = Report::new(place());
    let script = check.script(&place()).or_else(|| source(check)?.script(&place())).unwrap();
    let flows = (0..script.connections()).map(|on| flow(&script, on, said, closed)).collect();
    let done = Some(Done { script, flows, health: None });
    if let Some(other) = source(check) {
        report.judge(other, done);
        let outcome = report.judge(check, None);
        return (outcome.verdict, outcome.judged.says.clone());
    }
    let outcome = report.judge(check, done);
    (outcome.verdict, outcome.judged.says.clone())
}

#[test]
fn silence_and_nonsense_pass_no_check() {
    // What comes back to a client that says nothing does not matter; whether the server outlives it is looked at.
    for check in table::all().filter(|check| check.id != "routes.silent-client") {
        for (said, closed) in [
            (b"".as_slice(), false),
            (b"SSH-2.0-OpenSSH_9\r\n", false),
            (b"220 mail ready\r\n", true),
            (b"\x15\x03\x01\x00\x02\x02\x50", true),
            (b"\xff\xfe\0\0\x1b[2J\r\n\r\n", false),
            (b"HTTP/1", true),
        ] {
            let (verdict, says) = judged(check, said, closed);
            assert!(matches!(verdict, Verdict::Fail | Verdict::Advice), "{}: {verdict:?}: {says}", check.id);
            assert!(!says.is_empty());
        }
    }
}

#[test]
fn an_answer_cut_anywhere_is_judged_and_never_a_surprise() {
    let whole = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 18\r\n\r\n🌱 Plant seeded!";
    for check in table::all() {
        for cut in 0..whole.len() {
            let (verdict, _) = judged(check, &whole.as_bytes()[..cut], true);
            assert_ne!(verdict, Verdict::NotTried, "{}", check.id);
        }
    }
    let (verdict, says) = judged(table::named("routes.utf8").unwrap(), whole.as_bytes(), true);
    assert_eq!((verdict, says.as_str()), (Verdict::Pass, "18 bytes"));
}

#[test]
fn whatever_comes_back_has_a_verdict() {
    let seeds: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 400 Bad Request\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\n🌱 Plant seeded!".as_bytes(),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x05hello",
    ];
    let mut luck = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |many: usize| {
        luck ^= luck << 13;
        luck ^= luck >> 7;
        luck ^= luck << 17;
        usize::try_from(luck >> 24).unwrap() % many
    };
    for round in 0..200 {
        let mut said = seeds[round % seeds.len()].to_vec();
        for _ in 0..=draw(4) {
            let at = draw(said.len());
            match draw(4) {
                0 => said[at] = u8::try_from(draw(256)).unwrap(),
                1 => said.truncate(at.max(1)),
                2 => said.insert(at, b"\r\n :0"[draw(5)]),
                _ => said.extend_from_within(at..),
            }
        }
        for check in table::all() {
            let (verdict, says) = judged(check, &said, draw(2) == 0);
            assert!(verdict != Verdict::NotTried && !says.is_empty(), "{}: {said:?}", check.id);
        }
    }
}

#[test]
fn a_length_that_counts_characters_is_named() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n🌱 Plant seeded!";
    let (verdict, says) = judged(table::named("routes.utf8").unwrap(), answer.as_bytes(), true);
    assert_eq!(verdict, Verdict::Fail);
    assert!(says.contains("the number of characters") && says.contains("the last 3 bytes"), "{says}");
    let (verdict, says) = judged(table::named("hello.length").unwrap(), answer.as_bytes(), true);
    assert_eq!((verdict, says.as_str()), (Verdict::Fail, "3 bytes came behind the end of the answer"));
}

#[test]
fn a_head_without_an_end_is_no_whole_answer() {
    let head = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n";
    for id in ["routes.head", "routes.unknown", "routes.head-unknown"] {
        let (verdict, says) = judged(table::named(id).unwrap(), head, false);
        assert_eq!((verdict, says.as_str()), (Verdict::Fail, "the empty line that ends a head never came"));
    }
}

#[test]
fn a_date_has_one_form() {
    let date = |value: &str| {
        let answer = format!("HTTP/1.1 200 OK\r\nDate: {value}\r\nContent-Length: 0\r\n\r\n");
        judged(table::named("framing.date").unwrap(), answer.as_bytes(), true)
    };
    let sound = "Thu, 26 Nov 2026 12:00:00 GMT";
    assert_eq!(date(sound), (Verdict::Pass, sound.to_owned()));
    for odd in ["2026-11-26 12:00", "Thu, 26 Nov 2026 12:00:00 +0000", "thu, 26 nov 2026 12:00:00 gmt", ""] {
        let (verdict, says) = date(odd);
        assert_eq!(verdict, Verdict::Fail, "{odd}: {says}");
        assert!(says.contains(&format!("which is no date of HTTP: such a one looks like {sound}")), "{says}");
    }
    // The forms of old, and a day that was another one.
    for other in
        ["Thursday, 26-Nov-26 12:00:00 GMT", "Thu Nov 26 12:00:00 2026", "Mon, 26 Nov 2026 12:00:00 GMT"]
    {
        let says = format!("it says {other}, and that date is written {sound}");
        assert_eq!(date(other), (Verdict::Fail, says));
    }
}

#[test]
fn a_request_behind_one_without_an_end_may_not_be_answered() {
    let no = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let two = [no.as_slice(), b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"].concat();
    let verdict = |id: &str, said: &[u8], closed| judged(table::named(id).unwrap(), said, closed).0;
    assert_eq!(verdict("robust.two-lengths", no, true), Verdict::Pass);
    assert_eq!(verdict("robust.two-lengths", no, false), Verdict::Fail, "400, and the connection stays open");
    assert_eq!(verdict("robust.two-lengths", &two, true), Verdict::Fail, "the canary was answered");
    assert_eq!(verdict("robust.no-host", &two, true), Verdict::Pass, "where that one ends is clear");
    assert_eq!(verdict("robust.no-host", b"", true), Verdict::Advice, "closed without a word");
    assert_eq!(verdict("robust.no-host", b"", false), Verdict::Fail, "left hanging");
}

#[test]
fn a_seed_makes_the_same_requests_again() {
    let all = |seed| -> Vec<Option<Script>> {
        let place = Place { host: "localhost:7777".to_owned(), seed };
        table::all().map(|check| check.script(&place)).collect()
    };
    assert!(all(7) == all(7));
    assert!(all(7) != all(8));
}
