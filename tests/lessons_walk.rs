//! The shipped lessons against a stand-in for the lab: checks turn green on their own commands, near-misses draw
//! their own feedback, and "what did you see?" has an answer. The real lab has the last word elsewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;
#[path = "common/run.rs"]
mod run;

use kit::{A, AAAA, MX, TXT, Talk, account, dns_answer, dns_query, tcp, udp};
use std::collections::BTreeMap;

use netlab::evidence::Side;
use netlab::evidence::TroubleKind;
use netlab::evidence::journal::Account;
use netlab::lessons::console::Command;
use netlab::lessons::lesson::{Lesson, Step};
use netlab::lessons::{Finding, proof, seen, shelf};

const CNAME: u16 = 5;

/// The learner's own word.
const WORD: &str = "lime-42";

/// What the lab's zone says: record data, or nothing for a name that does not exist.
fn zone(name: &str, kind: u16) -> Option<Vec<Vec<u8>>> {
    let address = |last: u8| vec![127, 0, 0, last];
    let records = match (name, kind) {
        ("nothing.test" | "nobody.test" | "gardn.test" | "gardens.test" | "mail.shop.test", _) => {
            return None;
        }
        ("garden.test", A) => vec![address(4), address(5)],
        ("garden.test" | "shop.test", TXT) => vec![format!("\x0dnonce={WORD}").into_bytes()],
        ("garden.test" | "shop.test", MX) => vec![b"\0\x0a\x04mail\x06garden\x04test\0".to_vec()],
        ("shop.test", A) => vec![address(5)],
        ("www.garden.test", CNAME) => vec![b"\x06garden\x04test\0".to_vec()],
        ("big.test", A) => (1..=14).map(address).collect(),
        ("hello.test", AAAA) => vec![[[0; 15].as_slice(), &[1]].concat()],
        (_, A) => vec![address(1)],
        _ => Vec::new(),
    };
    Some(records)
}

fn resolve(words: &[&str], port: u16) -> Talk {
    let (kind, name) = match words {
        ["--type", kind, name] => (*kind, *name),
        [name] => ("A", *name),
        other => panic!("not known here: {other:?}"),
    };
    let kinds = [("A", A), ("AAAA", AAAA), ("MX", MX), ("TXT", TXT), ("CNAME", CNAME)];
    let kind = kinds.iter().find(|(known, _)| *known == kind).unwrap().1;
    let records = zone(name, kind);
    let data: Vec<&[u8]> = records.iter().flatten().map(Vec::as_slice).collect();
    let answer = dns_answer(port, if records.is_none() { 3 } else { 0 }, name, kind, &data);
    udp("resolve", port, "127.0.0.1:40053").opened().client(&dns_query(port, name, kind)).server(&answer)
}

/// The front pages of the sites that have names.
const HELLO: &str = "Hello from my netlab server\nnonce=lime-42\n";
const GARDEN: &str = "This is the garden\nnonce=lime-42\n";
const SHOP: &str = "This is the shop\nnonce=lime-42\n";

/// What the hello server answers to one request after another.
fn hellos(requests: &str, strict: bool) -> String {
    requests.split_inclusive("\r\n\r\n").map(|request| hello(request, strict)).collect()
}

/// What the hello server answers to a request.
fn hello(request: &str, strict: bool) -> String {
    let mut words = request.lines().next().unwrap().split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap_or_default());
    let (status, content) = match target.split('?').next().unwrap() {
        _ if request.lines().next().unwrap().split(' ').count() != 3 => {
            ("400 Bad Request", "a target such as / stands between method and version")
        }
        _ if !request.contains("\r\n\r\n") => ("400 Bad Request", "no blank line"),
        _ if request.contains("HTTP/1.1\r\n") && !request.contains("Host: ") => {
            ("400 Bad Request", "HTTP/1.1 needs a Host field")
        }
        _ if request.contains("Host: nobody.test") => ("421 Misdirected Request", "another server's"),
        "/" if request.contains("Host: garden.test") => ("200 OK", GARDEN),
        "/" if request.contains("Host: shop.test") => ("200 OK", SHOP),
        // The lab's own says a word for the learner; a server that the learner started does not.
        "/" if request.contains("Host: hello.test") || request.contains("Host: 127.0.0.") => {
            ("200 OK", HELLO)
        }
        "/" => ("200 OK", "Hello from my netlab server"),
        "/seed-a-plant" => ("200 OK", "🌱 Plant seeded!"),
        _ if strict => ("404 Not Found", "Not Found"),
        _ => ("200 OK", "Default route"),
    };
    let (kind, length) = ("text/plain; charset=utf-8", content.len());
    let content = if method == "HEAD" { "" } else { content };
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{content}")
}

/// Ports on which the lesson's servers wait, and whether they are strict.
type Servers = BTreeMap<String, bool>;

fn raw_get(url: &str, port: u16, servers: &Servers) -> Talk {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: netlab\r\n\r\n");
    call("raw-get", authority, &request, port, servers)
}

/// A call to the lab's web server, or to one of the lesson's where one waits.
fn call(by: &str, authority: &str, typed: &str, port: u16, servers: &Servers) -> Talk {
    let (server, strict) = match authority.split_once(':') {
        None => ("40080", Some(false)),
        Some((_, port)) => (port, servers.get(port).copied()),
    };
    let talk = tcp(by, port, &format!("127.0.0.1:{server}"));
    let Some(strict) = strict else { return talk.failed(TroubleKind::Refused) };
    let talk = talk.opened();
    if typed.is_empty() {
        return talk.finished(Side::Client);
    }
    talk.client(typed.as_bytes()).server(hellos(typed, strict).as_bytes())
}

fn connect(command: &Command, port: u16, servers: &Servers) -> Talk {
    let typed: String = command.typed.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    match command.words[2].as_str() {
        "time.test" => tcp("connect", port, "127.0.0.1:40013")
            .opened()
            .server(format!("noon nonce={WORD}\r\n").as_bytes())
            .finished(Side::Server),
        "here.test" | "other.here.test" => {
            let ip = if command.words[2] == "here.test" { "127.0.0.1" } else { "127.0.0.2" };
            tcp("connect", port, &format!("{ip}:40100"))
                .opened()
                .server(format!("you called {ip}\r\nnonce={WORD}\r\n").as_bytes())
                .finished(Side::Server)
        }
        "tally.test" => tcp("connect", port, "127.0.0.1:40101")
            .opened()
            .client(typed.as_bytes())
            .finished(Side::Client)
            .server(format!("{} bytes\r\nnonce={WORD}\r\n", typed.len()).as_bytes())
            .finished(Side::Server),
        "echo.test" => {
            tcp("connect", port, "127.0.0.1:40007").opened().client(typed.as_bytes()).server(typed.as_bytes())
        }
        place => call("connect", place, &typed, port, servers),
    }
}

/// Whether the stand-in can play all commands of a step and its near-misses.
fn plays(lesson: &Lesson, step: &Step) -> bool {
    let slips = step.near_misses().flat_map(|near| near.commands.iter());
    let unknown = step.commands().chain(slips).find(|command| {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        !matches!(words[1..], ["resolve", ..] | ["raw-get" | "connect", _] | ["serve", "--port", ..])
    });
    if let Some(command) = unknown {
        run::skipped(&format!("{}, {}: the stand-in cannot play {}", lesson.id, step.title, command.text));
    }
    unknown.is_none()
}

/// The steps that the stand-in can play.
fn steps(lessons: &[Lesson]) -> impl Iterator<Item = (&Lesson, &Step)> {
    let steps = lessons.iter().flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)));
    steps.filter(|(lesson, step)| plays(lesson, step))
}

/// What would be in the journal after these commands: each connection as both of its ends saw it.
fn walk<'a>(commands: impl Iterator<Item = &'a Command>) -> Account {
    let mut servers = Servers::new();
    let mut talks = Vec::new();
    for (port, command) in (50_000..).zip(commands) {
        let told = command.with_word(WORD);
        let words: Vec<&str> = told.words.iter().map(String::as_str).collect();
        let talk = |by: Option<&str>| {
            let talk = match words[1..] {
                ["resolve", ..] => resolve(&words[2..], port),
                ["raw-get", url] => raw_get(url, port, &servers),
                ["connect", _] => connect(&told, port, &servers),
                _ => panic!("not known here: {words:?}"),
            };
            match by {
                Some(by) => talk.seen_by_server(by),
                None => talk,
            }
        };
        if let ["serve", "--port", number, rest @ ..] = &words[1..] {
            servers.insert((*number).to_owned(), rest == ["--strict"]);
        } else {
            talks.extend([talk(None), talk(Some("lab"))]);
        }
    }
    account(talks)
}

#[test]
fn every_step_is_green_after_its_own_commands_and_only_then() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let findings: Vec<Finding> = steps(&lessons)
        .flat_map(|(lesson, step)| proof::own_commands(lesson, step, &walk(step.commands())))
        .collect();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_near_miss_stays_red_with_its_own_feedback() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let mut count = 0;
    for (lesson, step) in steps(&lessons) {
        for near in step.near_misses() {
            let findings = proof::near_miss(lesson, step, near, &walk(near.commands.iter()));
            assert!(findings.is_empty(), "{findings:#?}");
            count += 1;
        }
    }
    assert!(count >= 15);
    for (lesson, step) in
        lessons.iter().flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)))
    {
        let has_one = step.near_misses().next().is_some();
        assert!(step.read_only || has_one, "{}: {} has no near-miss", lesson.id, step.title);
    }
}

#[test]
fn every_question_about_what_was_seen_has_an_answer_in_the_evidence() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    for (lesson, step) in steps(&lessons) {
        for question in step.questions() {
            let values = seen::values(question, &walk(step.commands()));
            assert!(!values.is_empty(), "{}:{}", lesson.file, question.line);
        }
    }
}
