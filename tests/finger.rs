//! Finger, explained and spoken: trees of whole conversations, any bytes at all, a lesson that asks for it, and the
//! tools that others have for it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on says where it stopped"
)]

#[path = "common/dump.rs"]
mod dump;
#[path = "common/httptext.rs"]
mod httptext;
#[path = "common/random.rs"]
mod random;
#[path = "common/run.rs"]
mod run;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use netlab::proto::field::Fields;
use netlab::proto::finger::FINGER;
use netlab::proto::stream::{Carriage, Sender, Stream};
use random::Random;
use run::{DEADLINE, Running, finish, home, netlab, run, tool};
use serde_json::Value;

/// `in.txt` of each folder of `tests/goldens/finger` gives its `tree.txt`; see `tests/http_goldens.rs`.
#[test]
fn every_golden_gives_its_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/finger");
    let bless = std::env::var_os("NETLAB_BLESS").is_some();
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10, "the goldens are there");
    for case in &cases {
        let (mut sections, ended) = httptext::sections(&fs::read_to_string(case.join("in.txt")).unwrap());
        let (sender, bytes) = sections.pop().unwrap();
        let other = sections.pop().map(|(_, bytes)| bytes).unwrap_or_default();
        let stream = Stream { bytes: &bytes, other: &other, sender, carriage: Carriage::Stream, ended };
        let (tree, file) = (dump::tree(&FINGER.dissect(stream)), case.join("tree.txt"));
        if bless {
            fs::write(&file, &tree).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap_or_default(), tree, "{}", case.display());
    }
}

fn leaves_partition(fields: &Fields<'_>, bytes: &[u8]) {
    let mut at = 0;
    for index in 0..fields.list.len() {
        if fields.is_leaf(index) {
            let field = fields.get(index);
            assert_eq!(field.start, at, "{bytes:?}");
            at += field.len;
        }
    }
    assert_eq!(at as usize, bytes.len() * 8, "{bytes:?}");
}

#[test]
fn any_bytes_give_a_tree_whose_leaves_partition_them() {
    let seeds: [&[u8]; 5] = [
        b"/W ada@garden.test@shop.test\r\n",
        b"/w  @\nmore",
        b"Login: ada\r\n\r\nx\r",
        b"\r\n",
        b"@@@\xff\0\r\n",
    ];
    let mut random = Random(1288);
    let mut cases = 0;
    for seed in seeds {
        for end in 0..=seed.len() {
            for change in 0..20 {
                let mut bytes = seed[..end].to_vec();
                if change > 0 && end > 0 {
                    bytes[random.below(end)] = u8::try_from(random.below(256)).unwrap();
                }
                for (sender, ended) in
                    [Sender::Client, Sender::Server].map(|from| [(from, true), (from, false)]).concat()
                {
                    let stream = Stream { ended, ..Stream::alone(&bytes, sender, Carriage::Stream) };
                    leaves_partition(&FINGER.dissect(stream), &bytes);
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} trees");
}

#[test]
fn lines_and_hosts_beyond_the_limit_are_one_field_that_says_so() {
    for (sender, bytes) in
        [(Sender::Client, "@a".repeat(1000) + "\r\n"), (Sender::Server, "\r\n".repeat(100_000))]
    {
        let fields = FINGER.dissect(Stream::alone(bytes.as_bytes(), sender, Carriage::Stream));
        leaves_partition(&fields, bytes.as_bytes());
        assert!(fields.list.len() < 200_000, "{}", fields.list.len());
        assert_eq!(fields.list.iter().filter(|field| field.problem.is_some()).count(), 1);
    }
}

#[test]
fn what_is_said_by_hand_is_explained() {
    let home = home();
    let ran = run(home.path(), ["connect", "finger.test", "--bytes", "--say-first", "/W ada\\r\\n"]);
    ran.exits(0).says(&[
        "RFC 1288",
        "Office: the mill",
        "nonce=",
        "verbose",
        "user",
        "the server finished (FIN)",
    ]);
    let mut typed = netlab(home.path(), ["connect", "finger.test", "--json"]);
    typed.stdout(Stdio::piped());
    let document = finish(typed, b"grace@garden.test\n").exits(0).document();
    let readings =
        document["flows"].as_array().unwrap().iter().flat_map(|flow| flow["readings"].as_array().unwrap());
    let protocols: Vec<_> = readings.filter_map(|reading| reading["protocol"].as_str()).collect();
    assert_eq!(protocols.iter().filter(|protocol| **protocol == "finger").count(), 2, "{protocols:?}");
    assert!(document.to_string().contains("Finger forwarding service denied"));
}

#[test]
fn a_lesson_can_ask_for_it_and_a_wrong_query_does_not_pass() {
    let home = home();
    let lesson = "tests/fixtures/lessons/finger/01-who-is-there.md";
    run(home.path(), ["lessons", "lint", lesson]).exits(0).says(&["hold"]);
}

/// A lab, and where its finger service is.
fn lab(home: &Path) -> (Running, SocketAddr) {
    let lab = Running::start(home, ["lab", "up", "--free", "--json"]);
    let document: Value = serde_json::from_str(&lab.line()).unwrap();
    let services = document["services"].as_array().unwrap();
    let place = services.iter().find(|service| service["service"] == "finger").unwrap();
    assert_eq!((&place["usual"], &place["protocol"]), (&"127.0.0.1:79".into(), &"finger".into()));
    (lab, place["real"].as_str().unwrap().parse().unwrap())
}

#[test]
fn a_query_is_one_line_and_anything_else_is_refused() {
    let home = home();
    let (_lab, place) = lab(home.path());
    let said = |words: &[u8]| {
        let mut stream = TcpStream::connect(place).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(words).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert_eq!(said(b"\r\n"), "ada     Ada Lovelace\r\ngrace   Grace Hopper\r\n");
    assert!(said(b"ada\r\n").ends_with("\r\n") && said(b"ada\r\n").contains("\r\nnonce="));
    assert_eq!(said(b"ada@garden.test\r\n"), "Finger forwarding service denied\r\n");
    assert_eq!(said(b"ada"), "A query is a line, and this one has no end\r\n");
    assert_eq!(said(&[b'a'; 512]), "A query has at most 512 bytes here\r\n");
    assert_eq!(said(b""), "");
}

#[test]
fn other_tools_are_understood() {
    let home = home();
    let (_lab, place) = lab(home.path());
    let (ip, port) = (place.ip().to_string(), place.port().to_string());
    let says = |mut command: Command, input: &[u8]| {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = run::drain(child.stdout.take().unwrap()).recv_timeout(DEADLINE).unwrap();
        // Its output has ended, and so does it.
        child.wait().unwrap();
        String::from_utf8(output).unwrap()
    };
    if tool("nc", "-h") {
        let mut command = Command::new("nc");
        command.args(["-C", &ip, &port]);
        assert!(says(command, b"ada\n").contains("nonce="));
    }
    if tool("curl", "--version") {
        let mut command = Command::new("curl");
        command.args(["-s", &format!("gopher://{place}/0ada")]);
        assert!(says(command, b"").contains("nonce="));
    }
}
