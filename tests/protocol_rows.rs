//! Rows of protocols: they nest, they follow one another, they say what lies too deep, and nobody else compares names.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use std::fs;
use std::path::{Path, PathBuf};

use kit::{account, check, dns_query, tcp};
use netlab::lessons::check::judge;
use netlab::lessons::flow_paths::FLOW_PATHS;
use netlab::lessons::parse::parse;
use netlab::lessons::paths::ways;
use netlab::meaning;
use netlab::proto::cut::Counted;
use netlab::proto::dns::DNS;
use netlab::proto::field::{Fields, Problem, Spec, Unit, Value};
use netlab::proto::http::HTTP;
use netlab::proto::plain::PLAIN;
use netlab::proto::reader::{DEPTH_LIMIT, Reader};
use netlab::proto::row::{Behind, Pairs};
use netlab::proto::stream::{Around, Carriage, Sender, Stream};
use netlab::proto::{Likeness, PROTOCOLS, Protocol};

/// A protocol for this test: a byte that says how many follow, and a DNS message of that many.
static ENVELOPE: Protocol = Protocol {
    name: "envelope",
    title: "messages in envelopes",
    rfc: "",
    ports: &[],
    looks_like: |_, _| Likeness::No,
    read: envelope,
    cut: || Box::new(Counted::<1>::new(255, "too long", "cut off")),
    pairs: Pairs::Never,
    headline: |_, _| None,
    may_switch: |_, _| false,
    carries: &[],
    inner: |_, _| Vec::new(),
    samples: Vec::new,
};
static WHOLE: Spec = Spec::new("envelope", "", "a length, and a message of it");
static LENGTH: Spec = Spec::new("size", "", "how many bytes follow");

fn envelope<'a>(reader: &mut Reader<'a>, around: &Around<'a>) -> Behind {
    while !reader.at_end() {
        reader.group(&WHOLE, |reader| {
            let Ok(len) = reader.u8(&LENGTH) else { return };
            // A message that is cut says so in its own fields.
            let _ = reader.nested(&DNS, usize::from(len), around);
        });
    }
    Behind::Nothing
}

/// Every bit belongs to one leaf, in order, and every group holds its parts.
fn partitions(fields: &Fields<'_>) {
    let mut at = 0;
    for leaf in fields.leaves() {
        assert_eq!(fields.get(leaf).start, at);
        at += fields.get(leaf).len;
    }
    assert_eq!(at as usize, fields.bytes.len() * 8);
    for index in 0..fields.list.len() {
        assert_eq!(fields.path(index).len(), usize::from(fields.get(index).depth) + 1);
    }
}

/// A response whose two names are pointers to the question's, in a window that does not begin the input.
fn response() -> Vec<u8> {
    let mut response = dns_query(7, "garden.test", 5);
    (response[2], response[7]) = (0x84, 1);
    response.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x05\0\x07\x04shop\xc0\x13");
    response
}

#[test]
fn a_message_in_a_message_counts_from_its_own_first_byte() {
    let letter = |message: &[u8]| [&[u8::try_from(message.len()).unwrap()], message].concat();
    let bytes = [letter(&dns_query(1, "a.test", 1)), letter(&response())].concat();
    let fields = ENVELOPE.dissect(Stream::alone(&bytes, Sender::Server, Carriage::Datagram));
    partitions(&fields);
    let values = |path: &[&str]| -> Vec<String> {
        let all = (0..fields.list.len()).filter(|&index| fields.path(index) == path);
        all.map(|index| String::from_utf8(fields.value(index).into_owned()).unwrap()).collect()
    };
    assert_eq!(values(&["envelope", "dns", "question", "name"]), ["a.test", "garden.test"]);
    assert_eq!(values(&["envelope", "dns", "answer", "name"]), ["garden.test"]);
    assert_eq!(values(&["envelope", "dns", "answer", "rdata", "cname"]), ["shop.test"]);
    assert!(fields.list.iter().all(|field| field.problem.is_none()));
    let begins: Vec<&str> =
        fields.others.iter().map(|part| fields.get(part.root as usize).spec.name).collect();
    assert_eq!(begins, ["dns", "dns"]);
    assert!(fields.others.iter().all(|part| part.is(&DNS)));
    for len in 0..bytes.len() {
        partitions(&ENVELOPE.dissect(Stream::alone(&bytes[..len], Sender::Server, Carriage::Datagram)));
    }
}

#[test]
fn what_lies_too_deep_is_one_field_that_says_so() {
    fn deeper(reader: &mut Reader<'_>, levels: u8) {
        reader.group(&WHOLE, |reader| {
            if reader.u8(&LENGTH).is_ok() && levels > 1 {
                deeper(reader, levels - 1);
            }
        });
    }
    let bytes = [7; 40];
    for levels in [1, DEPTH_LIMIT, DEPTH_LIMIT + 1, 40] {
        let mut reader = Reader::new(&bytes[..usize::from(levels)]);
        deeper(&mut reader, levels);
        let fields = reader.finish();
        partitions(&fields);
        let deep: Vec<_> = fields.list.iter().filter(|field| field.problem.is_some()).collect();
        assert_eq!(deep.len(), usize::from(levels > DEPTH_LIMIT), "{levels} levels");
        for field in deep {
            assert_eq!((field.depth, field.len / 8), (DEPTH_LIMIT, u32::from(levels - DEPTH_LIMIT)));
            assert!(matches!(field.problem, Some(Problem::Rule(rule)) if rule.contains("16 deep")));
        }
    }
}

const UPGRADE: &[u8] = b"GET /talk HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: line\r\n\r\n";
const GRANTED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: line\r\n\r\n";
const KEPT: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_switch_of_protocol_ends_a_reading_and_begins_another_in_each_direction() {
    let asked = [UPGRADE, b"hello\n"].concat();
    let granted = [GRANTED, b"good day\nbye\n"].concat();
    let talk = || tcp("connect", 4001, "127.0.0.1:7080").opened().client(&asked).server(&granted);
    let journal = account([talk()]);
    let readings = meaning::readings(&journal.sightings[0].flow);
    let told: Vec<(&Protocol, Sender, u64, usize)> = readings
        .iter()
        .map(|reading| (reading.protocol, reading.sender(), reading.from, reading.fields.bytes.len()))
        .collect();
    assert_eq!(
        told,
        [
            (&HTTP, Sender::Client, 0, UPGRADE.len()),
            (&PLAIN, Sender::Client, UPGRADE.len() as u64, 6),
            (&HTTP, Sender::Server, 0, GRANTED.len()),
            (&PLAIN, Sender::Server, GRANTED.len() as u64, 13),
        ]
    );
    readings.iter().for_each(|reading| partitions(&reading.fields));
    let passes = |conditions: &str| judge(&check(conditions), &account([talk()])).passed();
    assert!(passes("http.status = 101") && passes("server.plain.text = bye") && passes("plain.text = hello"));
    assert!(!passes("server.plain.text = hello") && !passes("client.plain.text contains GET"));
}

#[test]
fn without_a_grant_what_follows_is_http_still() {
    let asked = [UPGRADE, b"hello\n"].concat();
    let journal = account([tcp("connect", 4001, "127.0.0.1:7080").client(&asked).server(KEPT)]);
    let readings = meaning::readings(&journal.sightings[0].flow);
    assert!(readings.iter().all(|reading| *reading.protocol == HTTP && reading.from == 0));
}

#[test]
fn a_tunnel_holds_whatever_its_bytes_look_like() {
    let asked = b"CONNECT shop.test:80 HTTP/1.1\r\nHost: shop.test:80\r\n\r\nGET /inside HTTP/1.1\r\nHost: shop.test\r\n\r\n";
    let open = b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    let talk = || tcp("connect", 4001, "127.0.0.1:7080").client(asked).server(open);
    let journal = account([talk()]);
    let readings = meaning::readings(&journal.sightings[0].flow);
    assert_eq!(readings.iter().map(|reading| reading.from).collect::<Vec<_>>(), [0, 53, 0, 19]);
    let exchanges = meaning::pairing::exchanges(&readings);
    assert_eq!(exchanges.len(), 2, "the tunnel, and the request in it");
    let passes = |conditions: &str| judge(&check(conditions), &account([talk()])).passed();
    assert!(passes("http.path = /inside\nhttp.status = 204"));
    assert!(!passes("http.path = /inside\nhttp.status = 200"), "that was said of the tunnel");
}

#[test]
fn what_a_dissector_can_show_a_check_can_ask() {
    let asks = |path: &str| {
        let text = format!("---\nid: test\ntitle: T\nminutes: 1\n---\n## Step\n```check\n{path}\n```\n");
        let lesson = parse("01-test.md", &text).unwrap();
        let scene = &lesson.steps[0].check().unwrap().scenes[0];
        netlab::lessons::paths::problem(&scene.conditions[0].path, false).is_none()
    };
    for path in [
        "http.strict-transport-security",
        "http.proxy-authorization",
        "client.http.sec-websocket-protocol",
        "dns.answer.rdata.tag",
        "dns.additional.address",
        "dns.answer.svc-param.alpn-id",
        "dns.additional.option.client-cookie",
        "plain.line.text",
        "framed.message.length",
    ] {
        assert!(asks(path), "{path}");
    }
    for path in ["http.hosts", "dns.answer.colour", "plain.status"] {
        assert!(!asks(path), "{path}");
    }
    // So can everything that trees of good messages show, down to its last leaf.
    for seed in [b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nAge: 5\r\nTransfer-Encoding: chunked\r\n\r\n1;q\r\na\r\n0\r\nx: y\r\n\r\n"] {
        let fields = HTTP.dissect(Stream::alone(seed, Sender::Server, Carriage::Stream));
        for index in 0..fields.list.len() {
            let way: Vec<String> = fields.path(index).into_iter().map(str::to_owned).collect();
            assert!(ways().any(|one| *one == way), "{way:?}");
        }
    }
    assert!(PROTOCOLS.iter().all(|protocol| !(protocol.samples)().is_empty()));
}

#[test]
fn every_name_knows_how_it_is_written_and_every_number_of_seconds_that_it_is_time() {
    let (mut names, mut times) = (0, 0);
    for protocol in PROTOCOLS {
        for sample in (protocol.samples)() {
            let fields = protocol.dissect(Stream::alone(&sample.bytes, sample.sender, sample.carriage));
            partitions(&fields);
            for field in &fields.list {
                if matches!(field.value, Value::Name(_)) {
                    assert!(field.spec.present.is_some(), "{}", field.spec.name);
                    names += 1;
                }
                if field.spec.meaning.contains("seconds") && matches!(field.value, Value::Number(_)) {
                    assert_eq!(field.spec.unit, Unit::Seconds, "{}", field.spec.name);
                    times += 1;
                }
            }
        }
    }
    assert!(names > 50 && times > 50, "{names} names, {times} times");
}

#[test]
fn the_guide_for_authors_lists_the_paths_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("lessons/README.md")).unwrap();
    let rows = guide.split("| PATH | what it is |").nth(1).unwrap().split("\n\n").next().unwrap();
    let first_cells = rows.lines().filter_map(|row| row.split('|').nth(1));
    let listed: Vec<&str> = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    for row in FLOW_PATHS {
        assert!(listed.contains(&row.path), "lessons/README.md has no row for {}", row.path);
    }
    for path in listed {
        let names: Vec<String> = path.split('.').map(str::to_owned).collect();
        let path = netlab::lessons::question::Path::new(names);
        assert_eq!(netlab::lessons::paths::problem(&path, false), None, "lessons/README.md");
    }
}

#[test]
fn nobody_compares_the_name_of_a_protocol() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.clone()];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path == src.join("proto") {
            continue;
        }
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let code = fs::read_to_string(&path).unwrap();
            seen += 1;
            assert_eq!(compared(&code), None, "{}", shown(&path, &src));
        }
    }
    assert!(seen > 100, "{seen} files");
    // And it would be found.
    assert!(compared("match reading.protocol.name {").is_some());
    assert!(compared("if protocol.name == other.name {").is_some());
    assert!(compared("    \"dns\" => 53,").is_some() && compared("named(\"http\")").is_some());
}

/// The first line that compares a protocol's name, or asks for a row by a name of its own.
fn compared(code: &str) -> Option<&str> {
    code.lines().find(|line| {
        let line = line.trim();
        let by_name = line.contains("protocol.name") || line.contains("protocol().name");
        let compares =
            ["==", "!=", "match ", "matches!", ".eq", "starts_with"].iter().any(|how| line.contains(how));
        let named = PROTOCOLS.iter().any(|protocol| {
            let name = format!("\"{}\"", protocol.name);
            line.starts_with(&format!("{name} =>")) || line.contains(&format!("named({name}"))
        });
        // "http" is a scheme of URLs as well, and a web address is no protocol's row.
        let scheme = line.starts_with("\"http\" =>");
        (by_name && compares) || (named && !scheme)
    })
}

fn shown(path: &Path, src: &Path) -> String {
    let path: PathBuf = path.strip_prefix(src).unwrap_or(path).into();
    path.display().to_string()
}
