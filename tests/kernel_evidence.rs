//! What the kernel's tables show of a step's port is evidence: a connection that no program has accepted, though netlab is at
//! neither end. A server that accepts, late or at once, leaves none.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use netlab::evidence::Side;
use netlab::evidence::journal::since;
use run::{Ran, home, run, skipped};
use tempfile::TempDir;

/// A lesson of one step: a call to this port that nobody has taken, with what was said on it.
fn lesson(port: u16) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "---\nid: own\ntitle: Own\nminutes: 1\nneeds:\nteaches: accepting\ncorrects:\n---\nA step.\n\n## Call it\nCall it.\n\n```console\n$ netlab connect 127.0.0.1:{port}\n> hello\n...\n```\n\n```check\n# a call that nobody took\nserver.port = {port}\nflow.seen = client\nflow.opened\nflow.unaccepted\nclient.bytes = 6\ncount server.bytes = 0\n```\n\n```hint\nCall it.\n```\n"
    );
    std::fs::write(folder.path().join("01-own.md"), text).unwrap();
    folder
}

fn check(home: &Path, lesson: &TempDir) -> Ran {
    run(home, ["check", "--lessons", lesson.path().to_str().unwrap()])
}

/// Who recorded conversations in this folder, and how many bytes of each direction they know of.
fn recorded(home: &Path) -> Vec<(String, u64, u64)> {
    let account = since(home, "").unwrap();
    let flows = account.sightings.iter().map(|seen| &seen.flow);
    flows.map(|flow| (flow.by.clone(), flow.from_client.total, flow.from_server.total)).collect()
}

fn can_be_seen() -> bool {
    let can = cfg!(target_os = "linux");
    if !can {
        skipped("only Linux shows the queue of a listening socket");
    }
    can
}

#[test]
fn a_call_that_stands_in_the_queue_of_somebody_elses_server_is_seen_once() {
    if !can_be_seen() {
        return;
    }
    for finishes in [false, true] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let (home, lesson) = (home(), lesson(server.local_addr().unwrap().port()));
        check(home.path(), &lesson).exits(3);
        let mut client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        client.write_all(b"hello\n").unwrap();
        if finishes {
            client.shutdown(Shutdown::Write).unwrap();
        }
        check(home.path(), &lesson).exits(0).says(&["recorded by kernel", "6"]);
        check(home.path(), &lesson);
        assert_eq!(
            recorded(home.path()),
            [("kernel".to_owned(), 6, 0)],
            "once, and no bytes of the server's"
        );
        let account = since(home.path(), "").unwrap();
        assert_eq!(account.sightings[0].flow.has_ended(Side::Client), finishes);
    }
}

#[test]
fn a_server_that_accepts_leaves_nothing_in_the_queue_to_be_seen() {
    if !can_be_seen() {
        return;
    }
    for late in [Duration::ZERO, Duration::from_millis(1500)] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let (home, lesson) = (home(), lesson(address.port()));
        check(home.path(), &lesson).exits(3);
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"hello\n").unwrap();
        let accepting = thread::spawn(move || {
            // The very thing that is tried: a program that is slow to accept.
            thread::park_timeout(late);
            server.accept().unwrap()
        });
        if late.is_zero() {
            let _accepted = accepting.join().unwrap();
            check(home.path(), &lesson).exits(3);
        } else {
            check(home.path(), &lesson).exits(3).says(&["looking whether a program accepts it"]);
            drop(accepting.join().unwrap());
        }
        assert!(recorded(home.path()).is_empty());
    }
}

#[test]
fn a_client_of_netlabs_tells_of_itself_and_the_kernel_adds_nothing() {
    if !can_be_seen() {
        return;
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let (home, lesson) = (home(), lesson(address.port()));
    check(home.path(), &lesson).exits(3);
    run(home.path(), ["connect", &address.to_string(), "--wait", "100ms"]);
    check(home.path(), &lesson).exits(3);
    assert_eq!(recorded(home.path()), [("connect".to_owned(), 0, 0)]);
}

#[test]
fn what_happens_at_another_port_is_nobodys_business() {
    if !can_be_seen() {
        return;
    }
    let (server, other) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (home, lesson) = (home(), lesson(server.local_addr().unwrap().port()));
    let mut client = TcpStream::connect(other.local_addr().unwrap()).unwrap();
    client.write_all(b"hello\n").unwrap();
    check(home.path(), &lesson).exits(3);
    assert!(recorded(home.path()).is_empty());
}
