//! Layers of one connection: each is a flow of its own, and all of them together are one conversation, in the journal, under
//! its limits, and when connections are counted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use netlab::evidence::flow::CIPHERTEXT_BYTES;
use netlab::evidence::journal::{Account, CONVERSATIONS, Journal, since};
use netlab::evidence::{
    End, Flow, FlowId, Layer, Listener, Opening, Recorder, Recording, Side, Transport, TroubleKind, What,
};
use netlab::lessons::parse::parse;
use netlab::lessons::{check, connections};
use serde_json::{Value, json};

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn recorder(journal: &Arc<Journal>) -> Recorder {
    Recorder::keeping(|| 41, vec![journal.clone() as Arc<dyn Listener>])
}

/// A client's end of a connection with TLS in it: the two layers.
fn calls(recorder: &Recorder, from: u16) -> [Recording; 2] {
    let tcp = recorder.open(&Opening::calling(Transport::Tcp, at(7443), "raw-get"));
    tcp.opened(Some(at(from).into()));
    layered(tcp)
}

/// The server's end of the same.
fn answers(recorder: &Recorder, from: u16) -> [Recording; 2] {
    let tcp = recorder.open(&Opening::answering(Transport::Tcp, at(from), at(7443), "lab/hello"));
    tcp.opened(None);
    layered(tcp)
}

fn layered(tcp: Recording) -> [Recording; 2] {
    let tls = tcp.inside(Layer::Tls, Some("http"));
    tls.opened(None);
    [tcp, tls]
}

fn read(folder: &Path) -> Account {
    since(folder, "a marker that is not there").unwrap()
}

/// The lines of the journal that say this.
fn lines(folder: &Path, what: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("journal.jsonl")).unwrap();
    let parsed = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.filter_map(|line| line.get(what).cloned()).collect()
}

#[test]
fn layers_come_back_from_the_journal_as_they_were() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let tcp = recorder.open(&Opening::calling(Transport::Tcp, at(7025), "connect").because(FlowId(7)));
    tcp.opened(Some(at(50_000).into()));
    // What comes before the switch of protocols is carried for nobody else.
    tcp.wrote(b"STARTTLS\r\n");
    tcp.read(b"220 go\r\n", 512);
    let [tcp, tls] = layered(tcp);
    tcp.wrote(&[22, 3, 1, 0, 1, 1]);
    tls.wrote(b"EHLO me\r\n");
    tls.speaks("smtp");
    tls.because(FlowId(9));
    tls.failed(TroubleKind::Truncated.into());
    tcp.finished_reading();
    let named =
        Opening { server: "shop".parse().unwrap(), ..Opening::calling(Transport::Tcp, at(1), "wire") };
    recorder.open(&named).opened(Some("alice/eth0".parse().unwrap()));
    journal.close();

    let flows: Vec<Flow> = read(home.path()).sightings.into_iter().map(|sighting| sighting.flow).collect();
    assert_eq!(flows, recorder.flows());
    let [outer, inner, wire] = &flows[..] else { panic!("three flows") };
    assert_eq!((outer.layer, inner.layer, inner.transport), (Layer::Tcp, Layer::Tls, Transport::Tcp));
    assert_eq!(inner.inside.map(|inside| (inside.flow, inside.from)), Some((outer.id, [10, 8])));
    assert_eq!(outer.carries.map(|carries| (carries.layer, carries.from)), Some((Layer::Tls, [10, 8])));
    // "EHLO" was written when 16 bytes had gone over TCP.
    let beneath = inner.events.iter().find_map(|event| match event.what {
        What::Bytes { beneath, .. } => beneath,
        _ => None,
    });
    assert_eq!(beneath.map(u64::from), Some(16));
    assert_eq!((inner.speaks.as_deref(), inner.spoken()), (Some("http"), Some("smtp")));
    assert_eq!(
        (wire.server.to_string(), wire.client.as_ref().and_then(End::socket)),
        ("shop".to_owned(), None)
    );
}

/// What an earlier netlab does not know stands behind what it knows, so it goes on reading all lines.
#[test]
fn a_line_has_its_new_members_behind_the_old_ones_and_only_where_they_say_something() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    calls(&recorder(&journal), 50_000);
    journal.close();
    let [outer, inner] = &lines(home.path(), "opening")[..] else { panic!("two openings") };
    let members = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(
        !members(outer).iter().any(|member| ["layer", "inside", "because", "speaks"].contains(&&**member))
    );
    assert_eq!((&inner["transport"], &inner["layer"]), (&json!("tcp"), &json!("tls")));
    assert_eq!(inner["inside"], json!({ "flow": outer["flow"], "from": [0, 0] }));
    let text = fs::read_to_string(home.path().join("journal.jsonl")).unwrap();
    assert!(text.lines().all(|line| line.starts_with("{\"v\":1,\"")), "{text}");
    assert!(text.lines().all(|line| line.contains(":{\"flow\":\"")), "{text}");
}

#[test]
fn an_event_of_an_unknown_kind_is_passed_over_and_a_broken_line_is_counted() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recording = recorder(&journal).open(&Opening::calling(Transport::Tcp, at(7777), "test"));
    recording.wrote(b"before");
    journal.close();
    let path = home.path().join("journal.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    let event = |id: &str, rest: &str| {
        format!("{{\"v\":1,\"event\":{{\"flow\":\"{id}\",\"at_us\":42,\"side\":\"client\",{rest}}}}}\n")
    };
    let id = recording.id().to_string();
    text += &event(&id, "\"migrated\":{\"to\":\"[::1]:80\"}");
    text += &event(&id, "\"bytes\":{\"from\":6,\"len\":6,\"text\":\" after\"}");
    text += &event("no hex", "\"finished\":null");
    text += &event(&id, "\"failed\":{\"kind\":\"eclipse\",\"errno\":null}");
    fs::write(&path, text).unwrap();
    let account = read(home.path());
    let flow = &account.sightings[0].flow;
    assert_eq!(account.unreadable, 1);
    assert_eq!(flow.from_client.bytes, b"before after");
    assert_eq!((flow.events.len(), flow.events_left_out), (3, 1));
    assert_eq!(flow.events[2].what, What::Failed(TroubleKind::Other.into()));
}

#[test]
fn of_ciphertext_the_beginning_is_kept_and_of_plain_bytes_all() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let [tcp, tls] = calls(&recorder, 50_000);
    let plain = recorder.open(&Opening::calling(Transport::Tcp, at(7777), "test"));
    let long = vec![0xfe; CIPHERTEXT_BYTES + 4096];
    tcp.wrote(&long);
    tls.wrote(&long);
    plain.wrote(&long);
    tcp.wrote(b"more");
    journal.close();

    let account = read(home.path());
    let kept = |at: usize| &account.sightings[at].flow.from_client;
    assert_eq!((kept(0).bytes.len(), kept(0).left_out()), (CIPHERTEXT_BYTES, 4100));
    assert_eq!((kept(1).bytes.len(), kept(1).left_out()), (long.len(), 0));
    assert_eq!((kept(2).bytes.len(), kept(2).left_out()), (long.len(), 0));
    let flows: Vec<Flow> = account.sightings.iter().map(|sighting| sighting.flow.clone()).collect();
    assert_eq!(flows, recorder.flows(), "a process keeps in memory what the journal keeps");
    let of_tcp = |event: &Value| event["flow"] == json!(tcp.id().to_string()) && event.get("bytes").is_some();
    let written: Vec<Value> = lines(home.path(), "event").into_iter().filter(of_tcp).collect();
    let digits = |event: &Value| event["bytes"]["hex"].as_str().map_or(0, str::len);
    assert_eq!(
        (&written[0]["bytes"]["len"], digits(&written[0])),
        (&json!(long.len()), 2 * CIPHERTEXT_BYTES)
    );
    assert_eq!((&written[1]["bytes"]["len"], written[1]["bytes"].get("text")), (&json!(4), None));
}

#[test]
fn a_connection_with_layers_is_one_conversation_under_the_limit() {
    let home = run::home();
    let more = 6;
    for _ in 0..(CONVERSATIONS + more) / 103 {
        // A few at a time, so that none has to wait for the disk.
        let journal = Journal::open(home.path()).unwrap();
        let recorder = recorder(&journal);
        for port in 0..103 {
            calls(&recorder, 40_000 + port);
        }
        journal.close();
    }
    let account = read(home.path());
    let stacks = (CONVERSATIONS + more) / 103 * 103;
    assert!(stacks > CONVERSATIONS && account.has_earlier);
    let outermost = account.sightings.iter().filter(|sighting| sighting.flow.inside.is_none()).count();
    assert_eq!((outermost, account.sightings.len()), (CONVERSATIONS, 2 * CONVERSATIONS));
    assert!(account.sightings.iter().all(|sighting| sighting.flow.events.len() == 1), "nothing is nobody's");
}

#[test]
fn a_connection_is_counted_once_however_many_layers_either_end_has_written_down() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let [tcp, tls] = calls(&recorder, 50_000);
    answers(&recorder, 50_000);
    // Beside it, the same two ends without TLS and another caller with it.
    recorder.open(&Opening::calling(Transport::Tcp, at(7443), "connect")).opened(Some(at(50_001).into()));
    calls(&recorder, 50_002);
    // What is inside is over, and the connection is not.
    tls.finished_writing();
    tls.finished_reading();
    journal.close();
    let account = read(home.path());
    let numbers = connections::numbers(&account.sightings);
    assert_eq!(numbers, [0, 0, 0, 0, 4, 5, 5]);
    assert_eq!(connections::open(&account.sightings, &numbers)[&0].to_us, None);
    tcp.finished_writing();
    assert!(tcp.flow().has_ended(Side::Client) && !tcp.flow().has_ended(Side::Server));
}

/// Whether this check passes on what the journal holds.
fn passes(check: &str, account: &Account) -> bool {
    let text = format!(
        "---\nid: a\ntitle: A\nminutes: 1\n---\n## A step\n```check\n{check}\n```\n```why\nBecause.\n```\n"
    );
    let lesson = parse("01-a.md", &text).unwrap();
    check::judge(&lesson.steps[0], account).passed()
}

/// A page over TLS, cut short, written down at both ends; beside it one over TCP alone.
fn two_pages(folder: &Path) -> Account {
    const REQUEST: &[u8] = b"GET /secret HTTP/1.1\r\nHost: a.test\r\n\r\n";
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let journal = Journal::open(folder).unwrap();
    let recorder = recorder(&journal);
    for [tcp, tls] in [calls(&recorder, 50_000), answers(&recorder, 50_000)] {
        let asks = tcp.flow().seen == Side::Client;
        let over = |on: &Recording, sent_by_client: bool, bytes: &[u8]| {
            if sent_by_client == asks { on.wrote(bytes) } else { on.read(bytes, 4096) }
        };
        over(&tcp, true, &[0x17; 100]);
        over(&tls, true, REQUEST);
        over(&tcp, false, &[0x17; 200]);
        over(&tcp, false, &[0x17; 50]);
        over(&tls, false, ANSWER);
        if asks {
            tcp.finished_reading();
            tls.failed(TroubleKind::Truncated.into());
        }
    }
    let plain = recorder.open(&Opening::calling(Transport::Tcp, at(7080), "raw-get"));
    plain.opened(Some(at(50_009).into()));
    plain.wrote(b"GET /open HTTP/1.1\r\nHost: a.test\r\n\r\n");
    plain.read(ANSWER, 4096);
    journal.close();
    read(folder)
}

#[test]
fn the_layers_of_one_recording_are_judged_together() {
    let home = run::home();
    let account = two_pages(home.path());
    // What the inner layer said, how the outer one carried it, and that it is both.
    assert!(passes(
        "# s\nhttp.path = /secret\nflow.layer = tls\nflow.transport = tcp\nflow.by = raw-get",
        &account
    ));
    assert!(passes(
        "# s\nhttp.path = /secret\ncount tcp.read = 2\nserver.bytes = 250\nflow.seen = client",
        &account
    ));
    assert!(passes(
        "# s\nhttp.path = /secret\nflow.failed = truncated\nflow.closed-first = server",
        &account
    ));
    // Beside it: no layer has the other's words, and what was not inside TLS is not said to be.
    assert!(!passes("# s\nhttp.path = /open\nflow.layer = tls", &account));
    assert!(passes("# s\nhttp.path = /open\nflow.layer = tcp", &account));
    assert!(!passes("# s\nhttp.path = /secret\ncount tcp.read = 3", &account));
    assert!(!passes("# s\nhttp.path = /secret\nclient.bytes = 38", &account));
    assert!(!passes("# s\nhttp.path = /secret\nflow.layer = udp", &account));
}

#[test]
fn count_flow_counts_a_connection_once_and_not_once_a_layer() {
    let home = run::home();
    let account = two_pages(home.path());
    assert!(passes("# s\nflow.layer = tls\ncount flow = 1", &account));
    assert!(passes("# s\nhttp.status = 200\ncount flow = 2", &account));
    assert!(passes("# s\nflow.transport = tcp\nflow.opened\ncount flow = 2", &account));
    assert!(!passes("# s\nflow.transport = tcp\nflow.opened\ncount flow = 3", &account));
    assert!(!passes("# s\nhttp.status = 200\ncount flow = 3", &account));
}
