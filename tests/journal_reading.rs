//! Reading the journal: the quick way and the plain way agree, and so do reading once and following.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use netlab::evidence::journal::{
    Account, CONVERSATIONS, Follower, JOURNAL_FLOW_BYTES, Journal, Sighting, mark, since,
};
use netlab::evidence::{Event, Flow, FlowId, Listener, Opening, Recorder, Side, Transport, What};
use serde_json::Value;

fn current(folder: &Path) -> PathBuf {
    folder.join("journal.jsonl")
}

fn older(folder: &Path) -> PathBuf {
    folder.join("journal.1.jsonl")
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// The plain way: every line is read as JSON, from the first to the last.
fn plain(folder: &Path, marker: &str) -> Account {
    let mut text = fs::read(older(folder)).unwrap_or_default();
    text.push(b'\n');
    let last = fs::read(current(folder)).unwrap_or_default();
    let whole = last.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    text.extend_from_slice(&last[..whole]);
    let lines: Vec<Option<Value>> = text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice::<Value>(line).ok().filter(says_something))
        .collect();
    let is_marker = |line: &Option<Value>| line.as_ref().is_some_and(|line| line["marker"] == marker);
    let below = lines.iter().rposition(is_marker).map_or(0, |at| at + 1);

    let mut account = Account::default();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        take(&mut account, &mut places, line.as_ref());
        if at + 1 == below {
            account.unreadable = 0;
            account.left_out = 0;
            for sighting in &mut account.sightings {
                sighting.began_before = true;
                sighting.events_before = sighting.flow.events.len();
                sighting.client_before = sighting.flow.from_client.total;
                sighting.server_before = sighting.flow.from_server.total;
            }
        }
    }
    account.sightings.retain(|one| !one.began_before || one.flow.events.len() > one.events_before);
    if let Some(many) = account.sightings.len().checked_sub(CONVERSATIONS).filter(|&many| many > 0) {
        account.sightings.drain(..many);
        account.has_earlier = true;
    }
    account
}

fn says_something(line: &Value) -> bool {
    let something = ["opening", "event", "marker", "left-out"];
    line["v"] == 1 && something.iter().any(|name| line.get(name).is_some())
}

fn take(account: &mut Account, places: &mut HashMap<u64, usize>, line: Option<&Value>) {
    let Some(line) = line else {
        account.unreadable += 1;
        return;
    };
    let id = |part: &Value| u64::from_str_radix(part["flow"].as_str().unwrap(), 16).unwrap();
    if let Some(opening) = line.get("opening") {
        places.insert(id(opening), account.sightings.len());
        let server: SocketAddr = opening["server"].as_str().unwrap().parse().unwrap();
        let opening = Opening::calling(Transport::Tcp, server, opening["by"].as_str().unwrap());
        let began_us = line["opening"]["began_us"].as_u64().unwrap();
        let flow = Flow::begun(FlowId(id(&line["opening"])), &opening, began_us);
        let (events_before, client_before, server_before) = (0, 0, 0);
        let began_before = false;
        account.sightings.push(Sighting { flow, began_before, events_before, client_before, server_before });
    } else if let Some(event) = line.get("event") {
        let Some(&place) = places.get(&id(event)) else { return };
        let flow = &mut account.sightings[place].flow;
        let side = if event["side"] == "client" { Side::Client } else { Side::Server };
        if let Some(client) = event["client"].as_str() {
            flow.client = Some(client.parse().unwrap());
        }
        let (what, bytes) = if let Some(bytes) = event.get("bytes") {
            let len = u32::try_from(bytes["len"].as_u64().unwrap()).unwrap();
            let buffer = bytes["buffer"].as_u64().map(|room| u32::try_from(room).unwrap());
            let unbroken = bytes["from"] == flow.sent_by(side).total;
            let text = bytes["text"].as_str().filter(|_| unbroken).unwrap_or_default();
            (What::Bytes { len, buffer, beneath: None }, text.as_bytes().to_vec())
        } else if let Some(note) = event["note"].as_str() {
            (What::Note(note.to_owned()), Vec::new())
        } else if event.get("finished").is_some() {
            (What::Finished, Vec::new())
        } else {
            (What::Opened, Vec::new())
        };
        let at_us = event["at_us"].as_u64().unwrap();
        flow.add(Event { at_us, side, what }, &bytes, JOURNAL_FLOW_BYTES);
    } else if let Some(flows) = line.get("left-out") {
        account.left_out += flows.as_u64().unwrap();
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A journal's next line: of one of a few flows, a marker, or something broken.
fn line(dice: &mut Dice, sent: &mut HashMap<u64, u64>) -> String {
    let flow = dice.below(8) + 1;
    let head = format!(r#"{{"v":1,"event":{{"flow":"{flow:016x}","at_us":{}"#, dice.below(1000));
    match dice.below(24) {
        0..=3 => {
            sent.insert(flow, 0);
            let began = dice.below(1_000_000);
            format!(
                r#"{{"v":1,"opening":{{"flow":"{flow:016x}","transport":"tcp","server":"127.0.0.1:7777","seen":"client","by":"test","began_us":{began}}}}}"#
            )
        }
        4..=5 => format!(r#"{head},"side":"client","client":"127.0.0.1:5{flow:04}","opened":null}}}}"#),
        6..=12 => {
            let from = sent.entry(flow).or_default();
            let line = format!(
                r#"{head},"side":"client","bytes":{{"from":{from},"len":7,"buffer":99,"text":"\"marker"}}}}}}"#
            );
            // Now and then some bytes are missing.
            *from += 7 + u64::from(dice.below(9) == 0);
            line
        }
        13 => format!(r#"{head},"side":"server","finished":null}}}}"#),
        14 => format!(r#"{head},"side":"client","note":"{{\"v\":1,\"marker\":\"step\"}}"}}}}"#),
        15 => format!(r#"{{"v":1,"left-out":{}}}"#, dice.below(5)),
        16 => r#"{"v":1,"marker":"another"}"#.to_owned(),
        17 => r#"{"v":1,"marker":"step"}"#.to_owned(),
        // As no netlab writes it, but as it may be read.
        18 => format!(
            r#" {{"event":{{"side":"client","note":"n","flow":"{flow:x}","at_us":5,"more":[]}},"v":1}}"#
        ),
        19 => r#"{ "marker" : "st\u0065p", "v" : 1 }"#.to_owned(),
        20 => format!(r#"{{"v":2,"event":{{"flow":"{flow:016x}","of":"tomorrow"}}}}"#),
        21 => head,
        22 => r#"{"v":1}"#.to_owned(),
        _ => String::new(),
    }
}

#[test]
fn the_quick_way_and_the_plain_way_agree() {
    let mut straddled = 0;
    for seed in 1..=1000 {
        // Writing over a file would wait for the disk.
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        let (mut dice, mut sent) = (Dice(seed * 0x9e37_79b9_7f4a), HashMap::new());
        let mut half = |dice: &mut Dice| {
            let lines = dice.below(60);
            let mut text = String::new();
            (0..lines).for_each(|_| writeln!(text, "{}", line(dice, &mut sent)).unwrap());
            // Now and then the last line is torn.
            text.truncate(text.len().saturating_sub(usize::try_from(dice.below(5)).unwrap()));
            text
        };
        fs::write(older(folder), half(&mut dice)).unwrap();
        fs::write(current(folder), half(&mut dice)).unwrap();
        for marker in ["step", "another", "never written"] {
            let quick = since(folder, marker).unwrap();
            assert_eq!(quick, plain(folder, marker), "journal {seed}, since {marker}");
            straddled += quick.sightings.iter().filter(|sighting| sighting.began_before).count();
        }
    }
    assert!(straddled > 1000, "markers stand in the middle of flows: {straddled}");
}

#[test]
fn a_follower_that_looks_after_every_line_knows_what_a_reader_knows() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    for seed in 1..=60 {
        for file in [older(folder), current(folder)] {
            let _ = fs::remove_file(file);
        }
        let (mut dice, mut sent) = (Dice(seed * 0x9e37_79b9_7f4a), HashMap::new());
        let mut follower = Follower::new(folder, "step");
        assert!(!follower.look().unwrap(), "there is no journal yet");
        for number in 0..120 {
            let line = line(&mut dice, &mut sent) + "\n";
            // A line may come in two pieces, and the first is nothing yet.
            let cut = usize::try_from(dice.below(2 * line.len() as u64)).unwrap();
            if cut < line.len() && line.is_char_boundary(cut) {
                append(&current(folder), &line[..cut]);
                follower.look().unwrap();
                assert_eq!(*follower.account(), since(folder, "step").unwrap());
                append(&current(folder), &line[cut..]);
            } else {
                append(&current(folder), &line);
            }
            if dice.below(40) == 0 {
                fs::rename(current(folder), older(folder)).unwrap();
            }
            assert!(follower.look().unwrap(), "journal {seed}, line {number}");
            assert!(!follower.look().unwrap(), "and nothing since");
            assert_eq!(*follower.account(), plain(folder, "step"), "journal {seed}, line {number}: {line}");
        }
    }
}

/// One flow that says `text`, written down.
fn say(folder: &Path, text: &str) {
    let journal = Journal::open(folder).unwrap();
    talk(&journal, &[text]);
    journal.close();
}

fn talk(journal: &Arc<Journal>, texts: &[&str]) {
    let recorder = Recorder::passing(|| 41, vec![journal.clone() as Arc<dyn Listener>], 64);
    let server: SocketAddr = "127.0.0.1:7777".parse().unwrap();
    let recording = recorder.open(&Opening::calling(Transport::Tcp, server, "test"));
    recording.opened(Some("127.0.0.1:50000".parse().unwrap()));
    texts.iter().for_each(|text| recording.wrote(text.as_bytes()));
}

fn said(account: &Account) -> Vec<&str> {
    account.sightings.iter().map(|one| std::str::from_utf8(&one.flow.from_client.bytes).unwrap()).collect()
}

#[test]
fn a_marker_that_comes_again_begins_anew() {
    let home = tempfile::tempdir().unwrap();
    let mut follower = Follower::new(home.path(), "step");
    say(home.path(), "early");
    follower.look().unwrap();
    assert_eq!(said(follower.account()), ["early"], "without a marker everything counts");
    mark(home.path(), "step").unwrap();
    follower.look().unwrap();
    assert_eq!(said(follower.account()), [""; 0]);
    say(home.path(), "late");
    follower.look().unwrap();
    assert_eq!(said(follower.account()), ["late"]);
}

#[test]
fn a_journal_that_was_replaced_or_cut_is_read_anew() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let mut follower = Follower::new(folder, "step");
    let mut look = || {
        assert!(follower.look().unwrap());
        assert_eq!(*follower.account(), plain(folder, "step"));
        said(follower.account()).join(" ")
    };
    say(folder, "one");
    say(folder, "two");
    assert_eq!(look(), "one two");

    let text = fs::read_to_string(current(folder)).unwrap();
    fs::write(current(folder), &text[..text.len() / 2]).unwrap();
    assert_eq!(look(), "one", "cut");

    let other = text.replace("one", "ten").replace("two", "six");
    fs::write(current(folder), format!("{other}{text}")).unwrap();
    assert_eq!(look(), "ten six one two", "written over, and longer than before");

    fs::remove_file(current(folder)).unwrap();
    assert_eq!(look(), "", "gone");
    say(folder, "three");
    assert_eq!(look(), "three", "another file");

    fs::rename(current(folder), older(folder)).unwrap();
    say(folder, "four");
    assert_eq!(look(), "three four", "rotated");
    append(&older(folder), &text);
    assert_eq!(look(), "three one two four", "a late writer still had the older half open");
    fs::remove_file(older(folder)).unwrap();
    assert_eq!(look(), "four", "dropped");
}

#[test]
fn a_look_at_an_unchanged_journal_does_not_read_it() {
    let home = tempfile::tempdir().unwrap();
    say(home.path(), "one");
    let mut follower = Follower::new(home.path(), "step");
    assert!(follower.look().unwrap());
    // Other bytes behind the same length and time would only be seen by reading them.
    let path = current(home.path());
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let len = fs::metadata(&path).unwrap().len();
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all(&vec![b'\n'; usize::try_from(len).unwrap()]).unwrap();
    file.set_modified(modified).unwrap();
    assert!(!follower.look().unwrap());
    assert_eq!(said(follower.account()), ["one"]);
}

#[test]
fn a_journal_that_cannot_be_read_is_an_error_until_it_can() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(current(home.path())).unwrap();
    let mut follower = Follower::new(home.path(), "step");
    assert!(follower.look().is_err());
    assert!(follower.look().is_err());
    fs::remove_dir(current(home.path())).unwrap();
    say(home.path(), "one");
    assert!(follower.look().unwrap());
    assert_eq!(said(follower.account()), ["one"]);
}

#[test]
fn looks_at_any_moment_while_others_write_and_rotate_come_to_the_same() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    mark(folder, "step").unwrap();
    let mut follower = Follower::new(folder, "step");
    let writers = 3;
    let done = AtomicUsize::new(0);
    // Each writer fills a half on its own, so that the halves change places several times.
    let piece = "x".repeat(2000);
    let mut looks = 0;
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                let journal = Journal::open(folder).unwrap();
                for round in 0..3000 {
                    talk(&journal, &[&piece, &piece]);
                    if round % 250 == 0 {
                        mark(folder, "another").unwrap();
                    }
                }
                journal.close();
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        while done.load(Ordering::Relaxed) < writers {
            follower.look().unwrap();
            looks += 1;
            std::thread::yield_now();
        }
    });
    follower.look().unwrap();
    assert!(older(folder).exists() && looks > 3, "{looks} looks");
    assert!(!follower.account().sightings.is_empty());
    // Compared without assert_eq, whose message would be as long as the journal.
    assert!(*follower.account() == since(folder, "step").unwrap(), "as if read now");
    assert!(*follower.account() == plain(folder, "step"), "and as the plain way reads it");
}

/// A conversation's first lines.
fn begun(id: usize) -> String {
    format!(
        "{{\"v\":1,\"opening\":{{\"flow\":\"{id:016x}\",\"transport\":\"tcp\",\"server\":\"127.0.0.1:80\",\"seen\":\"client\",\"by\":\"test\",\"began_us\":{id}}}}}\n{}",
        event(id, "opened")
    )
}

fn event(id: usize, what: &str) -> String {
    format!(
        "{{\"v\":1,\"event\":{{\"flow\":\"{id:016x}\",\"at_us\":1,\"side\":\"client\",\"{what}\":null}}}}\n"
    )
}

#[test]
fn of_very_many_conversations_the_latest_count_however_they_are_read() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    append(&current(folder), &begun(900_000));
    mark(folder, "step").unwrap();
    let mut follower = Follower::new(folder, "step");
    let many = CONVERSATIONS + 70;
    for from in (0..many).step_by(300) {
        let lines: String = (from..many.min(from + 300)).map(begun).collect();
        append(&current(folder), &lines);
        // One from before the step goes on, and one that is soon too long ago.
        append(&current(folder), &(event(900_000, "finished") + &event(from, "finished") + "torn\n"));
        follower.look().unwrap();
        let (now, plain) = (since(folder, "step").unwrap(), plain(folder, "step"));
        assert!(now.sightings.len() <= CONVERSATIONS);
        assert!(now == plain, "{from}: reading once, and the plain way");
        assert!(*follower.account() == now, "{from}: following");
    }
    let account = since(folder, "step").unwrap();
    assert!(account.has_earlier && account.sightings.len() == CONVERSATIONS);
    assert_eq!(account.sightings[0].flow.id, FlowId(70));
    assert!(account.unreadable > 0);
    // What happens on one that is not looked at any more changes nothing, now and later.
    append(&current(folder), &event(3, "reset"));
    follower.look().unwrap();
    assert!(*follower.account() == account && since(folder, "step").unwrap() == account);
}
