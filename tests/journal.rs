//! The journal as a file: what comes back of it after everything that can happen to a file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use netlab::evidence::journal::{
    Account, JOURNAL_FLOW_BYTES, JOURNAL_FLOW_EVENTS, JOURNAL_LIMIT, Journal, Sighting, mark, since,
};
use netlab::evidence::{
    End, Event, Flow, Listener, Opening, Recorder, Recording, Side, Transport, Trouble, TroubleKind, What,
};

const LOOPBACK: &str = "127.0.0.1:7777";

/// A recorder whose clock stands still, with this journal.
fn recorder(journal: &Arc<Journal>) -> Recorder {
    Recorder::keeping(|| 41, vec![journal.clone() as Arc<dyn Listener>])
}

fn open(recorder: &Recorder, transport: Transport, server: &str, seen: Side) -> Recording {
    let server: SocketAddr = server.parse().unwrap();
    recorder.open(&Opening { seen, ..Opening::calling(transport, server, "test") })
}

fn client() -> End {
    "127.0.0.1:50000".parse().unwrap()
}

/// One short conversation, written down and closed.
fn short(folder: &Path, text: &str) -> Flow {
    let journal = Journal::open(folder).unwrap();
    let recording = open(&recorder(&journal), Transport::Tcp, LOOPBACK, Side::Client);
    recording.opened(Some(client()));
    recording.wrote(text.as_bytes());
    journal.close();
    recording.flow()
}

fn texts(account: &Account) -> Vec<String> {
    let text = |sighting: &Sighting| String::from_utf8(sighting.flow.from_client.bytes.clone()).unwrap();
    account.sightings.iter().map(text).collect()
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("journal.jsonl")
}

#[test]
fn every_kind_of_event_comes_back_as_it_was() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let tcp = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
    tcp.opened(Some(client()));
    tcp.wrote(b"text: \xc3\xa9 \"quoted\" \\ \n\t\x1b");
    tcp.wrote(b"\xff\x00\xfe");
    tcp.read(b"answer", 16_384);
    tcp.note("a sentence");
    tcp.finished_writing();
    tcp.finished_reading();
    let reset = open(&recorder, Transport::Tcp, "[::1]:7777", Side::Server);
    reset.opened(Some("[::1]:50000".parse().unwrap()));
    reset.failed(Trouble::from(TroubleKind::Reset));
    let udp = open(&recorder, Transport::Udp, "127.0.0.1:7053", Side::Client);
    udp.opened(Some(client()));
    udp.wrote(b"");
    udp.failed(Trouble { kind: TroubleKind::Refused, errno: Some(111) });
    journal.close();

    let account = since(home.path(), "no marker").unwrap();
    let flows: Vec<Flow> = account.sightings.into_iter().map(|sighting| sighting.flow).collect();
    assert_eq!(flows, recorder.flows());
    assert_eq!((account.unreadable, account.left_out), (0, 0));
}

#[test]
fn every_trouble_comes_back_as_it_was() {
    use TroubleKind as Kind;
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
    for kind in [
        Kind::Refused,
        Kind::TimedOut,
        Kind::NetworkUnreachable,
        Kind::HostUnreachable,
        Kind::AddressInUse,
        Kind::AddressNotAvailable,
        Kind::PermissionDenied,
        Kind::TooManyFiles,
        Kind::BrokenPipe,
        Kind::NoBufferSpace,
        Kind::MessageTooLong,
        Kind::NotConnected,
        Kind::ConnectionAborted,
        Kind::FamilyUnsupported,
        Kind::Truncated,
        Kind::WrongName,
        Kind::UnknownIssuer,
        Kind::CertificateExpired,
        Kind::CertificateNotYetValid,
        Kind::BadCertificate,
        Kind::TlsAlert,
        Kind::NotTls,
        Kind::TlsBroken,
        Kind::Other,
    ] {
        recording.failed(Trouble { kind, errno: Some(i32::MAX) });
    }
    journal.close();
    assert_eq!(since(home.path(), "").unwrap().sightings[0].flow, recording.flow());
}

#[test]
fn no_journal_is_an_empty_account() {
    let home = run::home();
    let account = since(home.path(), "m").unwrap();
    assert!(account.sightings.is_empty() && account.unreadable == 0);
}

#[test]
fn a_torn_last_line_costs_that_line_alone_and_the_next_is_not_glued_to_it() {
    let home = run::home();
    short(home.path(), "whole");
    let whole = fs::read(file(home.path())).unwrap();
    // A process that is killed leaves any beginning of its last line.
    for len in 0..=whole.len() {
        fs::write(file(home.path()), &whole[..len]).unwrap();
        short(home.path(), "after");
        let account = since(home.path(), "").unwrap();
        assert_eq!(texts(&account).last().unwrap(), "after", "cut at {len}");
        assert!(account.unreadable <= 1, "cut at {len}");
        fs::remove_file(file(home.path())).unwrap();
    }
}

#[test]
fn garbage_lines_are_counted_and_passed_over() {
    let home = run::home();
    short(home.path(), "before");
    let deep = vec![b'['; 100_000];
    let garbage: &[&[u8]] = &[
        b"not json\n",
        b"{}\n",
        b"{\"v\":1}\n",
        b"{\"v\":99,\"marker\":\"m\"}\n",
        b"\xff\xfe\x00\n",
        b"[[[[[[[[[[\n",
        b"{\"v\":1,\"event\":{\"flow\":\"zz\",\"at_us\":1,\"side\":\"client\",\"opened\":null}}\n",
        &deep,
        b"\n\n\n",
    ];
    let mut all = fs::read(file(home.path())).unwrap();
    garbage.iter().for_each(|line| all.extend_from_slice(line));
    fs::write(file(home.path()), all).unwrap();
    short(home.path(), "after");
    let account = since(home.path(), "").unwrap();
    assert_eq!(texts(&account), ["before", "after"]);
    assert_eq!(account.unreadable, 8);
}

#[test]
fn an_event_of_a_flow_that_was_never_opened_is_nobodys() {
    let home = run::home();
    let line = r#"{"v":1,"event":{"flow":"00000000000000aa","at_us":1,"side":"client","finished":null}}"#;
    fs::write(file(home.path()), format!("{line}\n")).unwrap();
    assert!(since(home.path(), "").unwrap().sightings.is_empty());
}

#[test]
fn what_stands_above_the_marker_is_from_before() {
    let home = run::home();
    short(home.path(), "before");
    mark(home.path(), "step").unwrap();
    short(home.path(), "after");
    mark(home.path(), "another").unwrap();
    short(home.path(), "later");
    assert_eq!(texts(&since(home.path(), "step").unwrap()), ["after", "later"]);
    assert_eq!(texts(&since(home.path(), "another").unwrap()), ["later"]);
    assert_eq!(texts(&since(home.path(), "never written").unwrap()), ["before", "after", "later"]);
    // A step that begins again begins where it was begun last.
    mark(home.path(), "step").unwrap();
    assert_eq!(texts(&since(home.path(), "step").unwrap()), [""; 0]);
}

#[test]
fn a_flow_that_straddles_the_marker_says_which_part_is_from_before() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
    recording.opened(Some(client()));
    recording.wrote(b"early");
    recording.read(b"yes", 16_384);
    journal.close();
    mark(home.path(), "step").unwrap();
    assert!(since(home.path(), "step").unwrap().sightings.is_empty(), "nothing has happened on it since");

    // The same flow goes on, told by the process that still has it.
    let journal = Journal::open(home.path()).unwrap();
    let mut flow = recording.flow();
    let event = netlab::evidence::Event {
        at_us: 42,
        side: Side::Client,
        what: What::Bytes { len: 4, buffer: None, beneath: None },
    };
    flow.add(event.clone(), b"late", 1024);
    journal.happened(&flow, &event, b"late");
    journal.close();
    let account = since(home.path(), "step").unwrap();
    let [sighting] = &account.sightings[..] else { panic!("one flow, told from its beginning") };
    assert!(sighting.began_before);
    assert_eq!((sighting.events_before, sighting.client_before, sighting.server_before), (3, 5, 3));
    assert_eq!(sighting.flow.from_client.bytes, b"earlylate");
}

#[test]
fn long_flows_are_cut_and_counted() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
    recording.opened(Some(client()));
    let piece = vec![b'x'; 1000];
    let pieces = JOURNAL_FLOW_BYTES / piece.len() + 10;
    (0..pieces).for_each(|_| recording.wrote(&piece));
    journal.close();
    let flow = &since(home.path(), "").unwrap().sightings[0].flow;
    assert_eq!(flow.from_client.total, (pieces * piece.len()) as u64);
    assert!(flow.from_client.bytes.len() <= JOURNAL_FLOW_BYTES);
    assert!(flow.from_client.left_out() >= 9000);
    assert!(flow.many_events() <= JOURNAL_FLOW_EVENTS + 1);
}

#[test]
fn bytes_of_other_machines_are_not_written_down() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let recording = open(&recorder, Transport::Tcp, "192.0.2.1:80", Side::Client);
    recording.opened(Some(client()));
    recording.wrote(b"a private word");
    recording.read(b"a private answer", 16_384);
    journal.close();
    let text = fs::read_to_string(file(home.path())).unwrap();
    assert!(!text.contains("private"), "{text}");
    let flow = &since(home.path(), "").unwrap().sightings[0].flow;
    assert_eq!((flow.from_client.total, flow.from_server.total), (14, 16));
    assert!(flow.from_client.bytes.is_empty() && flow.server.to_string().starts_with("192.0.2.1:"));
}

#[test]
fn the_journal_never_takes_more_than_its_limit() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    let recorder = recorder(&journal);
    let piece = vec![b'x'; 30_000];
    let mut last = String::new();
    // About three times what may be kept.
    for number in 0..3 * JOURNAL_LIMIT / 60_000 {
        let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
        recording.opened(Some(client()));
        recording.wrote(&piece);
        recording.wrote(&piece);
        last = format!("flow {number}");
        recording.note(last.clone());
        if number % 20 == 0 {
            assert!(on_disk(home.path()) <= JOURNAL_LIMIT + 200_000, "{} bytes", on_disk(home.path()));
        }
    }
    journal.close();
    assert!(on_disk(home.path()) <= JOURNAL_LIMIT, "{} bytes", on_disk(home.path()));
    let account = since(home.path(), "").unwrap();
    assert_eq!(account.unreadable, 0);
    assert!(account.sightings.len() > 20, "the newest are kept: {}", account.sightings.len());
    let newest = account.sightings.last().unwrap();
    if account.left_out == 0 {
        assert!(newest.flow.events.iter().any(|event| event.what == What::Note(last.clone())));
    }
}

fn on_disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

#[cfg(unix)]
#[test]
fn the_journal_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = run::home();
    let folder = home.path().join("state");
    run::run(&folder, ["resolve", "garden.test"]).exits(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file(&folder)), 0o600);
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn two_processes_write_at_once_and_no_line_is_torn() {
    let home = run::home();
    let many = 12;
    let runs: Vec<_> = (0..many)
        .map(|_| {
            let folder = home.path().to_owned();
            std::thread::spawn(move || run::run(&folder, ["resolve", "big.test", "hello.test"]).exits(0))
        })
        .collect();
    runs.into_iter().for_each(|run| drop(run.join().unwrap()));
    let account = since(home.path(), "").unwrap();
    assert_eq!((account.unreadable, account.left_out), (0, 0));
    let by = |by: &str| account.sightings.iter().filter(|sighting| sighting.flow.by == by).count();
    // Two names, two types each, seen from both ends.
    assert_eq!((by("resolve"), by("lab/dns")), (many * 4, many * 4));
}

#[test]
fn two_journals_of_one_process_share_a_file() {
    let home = run::home();
    let journals = [Journal::open(home.path()).unwrap(), Journal::open(home.path()).unwrap()];
    std::thread::scope(|scope| {
        for journal in &journals {
            scope.spawn(move || {
                let recorder = recorder(journal);
                for _ in 0..200 {
                    let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
                    recording.opened(Some(client()));
                    recording.wrote(&[b'x'; 2000]);
                }
                journal.close();
            });
        }
    });
    let account = since(home.path(), "").unwrap();
    assert_eq!(account.unreadable, 0);
    assert_eq!(account.sightings.len() as u64 + account.left_out, 400);
    for sighting in &account.sightings {
        assert_eq!(sighting.flow.from_client.total, 2000);
    }
}

/// A journal whose writer waits, as for a slow disk, until the lock is dropped: it is about to rotate, and
/// somebody else has the lock for that.
fn slow(folder: &Path) -> (Arc<Journal>, fs::File) {
    let half = usize::try_from(JOURNAL_LIMIT / 2).unwrap();
    fs::write(file(folder), vec![b'\n'; half]).unwrap();
    let lock = fs::File::create(folder.join("journal.lock")).unwrap();
    lock.lock().unwrap();
    (Journal::open(folder).unwrap(), lock)
}

#[test]
fn a_busy_journal_leaves_out_whole_flows_and_counts_them() {
    let home = run::home();
    let (journal, lock) = slow(home.path());
    let recorder = recorder(&journal);
    let opened = 3000;
    for _ in 0..opened {
        let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Client);
        recording.opened(Some(client()));
        recording.wrote(b"one");
        recording.wrote(b"two");
        recording.finished_writing();
    }
    drop(lock);
    journal.close();
    let account = since(home.path(), "").unwrap();
    let written = account.sightings.len() as u64;
    run::told(&format!("of {opened} flows {written} were written and {} left out", account.left_out));
    assert_eq!(account.unreadable, 0);
    assert_eq!(written + account.left_out, opened);
    assert!(account.left_out > 0 && written > 0);
    for sighting in &account.sightings {
        assert_eq!(sighting.flow.events.len(), 4, "a flow is written whole or not at all");
        assert_eq!(sighting.flow.from_client.bytes, b"onetwo");
    }
}

#[test]
fn a_flow_that_loses_events_to_a_busy_journal_is_counted_too() {
    let home = run::home();
    let (journal, lock) = slow(home.path());
    let recorder = recorder(&journal);
    let flows: Vec<Recording> =
        (0..6).map(|_| open(&recorder, Transport::Tcp, LOOPBACK, Side::Client)).collect();
    // More lines than may wait for the disk, on flows that began while it was idle.
    (0..900).for_each(|_| flows.iter().for_each(|flow| flow.wrote(b"x")));
    drop(lock);
    journal.close();
    let account = since(home.path(), "").unwrap();
    let cut =
        account.sightings.iter().filter(|sighting| sighting.flow.from_client.total < 900).count() as u64;
    assert!(cut > 0, "the queue is longer than this test takes it to be");
    assert_eq!(account.left_out, cut);
}

#[test]
fn a_closed_journal_takes_no_more_and_does_no_harm() {
    let home = run::home();
    let journal = Journal::open(home.path()).unwrap();
    journal.close();
    journal.close();
    let recording = open(&recorder(&journal), Transport::Tcp, LOOPBACK, Side::Client);
    recording.opened(Some(client()));
    assert!(since(home.path(), "").unwrap().sightings.is_empty());
}

#[test]
fn a_journal_that_cannot_be_is_an_error_and_not_a_panic() {
    let home = run::home();
    fs::create_dir(file(home.path())).unwrap();
    assert!(Journal::open(home.path()).is_err());
    assert!(since(home.path(), "").is_err());
    assert!(mark(home.path(), "m").is_err());
    run::run(home.path(), ["resolve", "garden.test"]).exits(0).says(&["nothing will be remembered"]);
}

/// Somebody who wants to hear of a few hand-overs only, and counts what it hears.
struct Impatient {
    bytes: AtomicU64,
    others: AtomicU64,
}

impl Listener for Impatient {
    fn happened(&self, _: &Flow, event: &Event, _: &[u8]) {
        let counter = if matches!(event.what, What::Bytes { .. }) { &self.bytes } else { &self.others };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn has_heard_enough(&self, _: &Flow) -> bool {
        self.bytes.load(Ordering::Relaxed) >= 3
    }
}

#[test]
fn hand_overs_nobody_wants_to_hear_of_are_counted_and_the_end_is_told() {
    let home = run::home();
    mark(home.path(), "step").unwrap();
    let journal = Journal::open(home.path()).unwrap();
    for (with_journal, heard) in [(false, 3), (true, 20)] {
        let impatient = Arc::new(Impatient { bytes: AtomicU64::new(0), others: AtomicU64::new(0) });
        let mut listeners: Vec<Arc<dyn Listener>> = vec![impatient.clone()];
        listeners.extend(with_journal.then(|| journal.clone() as Arc<dyn Listener>));
        let recorder = Recorder::passing(|| 41, listeners, 0);
        let recording = open(&recorder, Transport::Tcp, LOOPBACK, Side::Server);
        recording.opened(Some(client()));
        for _ in 0..10 {
            recording.read(b"ask", 16);
            recording.wrote(b"answer");
        }
        recording.finished_reading();
        let flow = recording.flow();
        assert_eq!((flow.from_client.total, flow.from_server.total), (30, 60));
        assert_eq!(flow.many_events(), 22);
        assert_eq!(impatient.bytes.load(Ordering::Relaxed), heard, "the journal wants them: {with_journal}");
        assert_eq!(impatient.others.load(Ordering::Relaxed), 2);
    }
    journal.close();
    let account = since(home.path(), "step").unwrap();
    let flow = &account.sightings.last().unwrap().flow;
    assert_eq!((flow.from_client.total, flow.from_server.total), (30, 60));
}
