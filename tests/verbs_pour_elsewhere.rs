//! `netlab pour HOST:PORT`: into somebody else's listener, which reads when it likes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;
#[cfg(unix)]
#[path = "common/screen.rs"]
mod screen;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

use netlab::net::tcp_info;
use run::{Running, home, run, skipped};
use serde_json::Value;

/// More than the buffers of two kernels hold.
const MUCH: &str = "30000000";

/// Whether this machine tells what it counts.
fn counts() -> bool {
    let missing = tcp_info::missing();
    if let Some(why) = &missing {
        skipped(why);
    }
    missing.is_none()
}

/// A listener, and what it does with the first who calls.
fn server<T: Send + 'static>(talk: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (address, spawn(move || talk(listener.accept().unwrap().0)))
}

fn document(options: &[&str]) -> (Value, Option<i32>) {
    let home = home();
    let ran = run(home.path(), ["pour", "--json"].iter().chain(options));
    (ran.document(), ran.code)
}

fn stage<'a>(document: &'a Value, when: &str) -> &'a Value {
    let stages = document["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["when"] == when).unwrap_or_else(|| panic!("no {when}: {document}"))
}

fn whens(document: &Value) -> Vec<&str> {
    document["stages"].as_array().unwrap().iter().map(|stage| stage["when"].as_str().unwrap()).collect()
}

#[test]
fn one_that_never_accepts_is_left_with_every_byte_in_a_queue() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (document, code) = document(&[&address, "--bytes", MUCH, "--wait", "1s"]);
    assert_eq!((code, &document["stops"], &document["failure"]), (Some(0), &1.into(), &Value::Null));
    assert_eq!(whens(&document), ["opened", "stuck", "left"]);
    assert_eq!(document["server"], address);
    let stuck = stage(&document, "stuck");
    let accepted = stuck["accepted"].as_u64().unwrap();
    assert!(accepted > 0);
    if !counts() {
        return assert!(document["not_counted"].is_string());
    }
    // The reader is on this machine, so its queue is known though it is not netlab's.
    assert_eq!(stuck["read"], 0);
    let (sending, receiving) = (&stuck["sender"]["send_queue"], &stuck["receiver"]["receive_queue"]);
    assert_eq!(sending.as_u64().unwrap() + receiving.as_u64().unwrap(), accepted);
}

#[test]
fn one_that_reads_late_lets_the_writes_go_on_and_gets_every_byte() {
    let home = home();
    let (go, wait) = std::sync::mpsc::channel();
    let (address, reader) = server(move |mut stream| {
        wait.recv().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let pouring = Running::start(home.path(), ["pour", &address, "--bytes", MUCH, "--json"]);
    journalled(home.path(), "\"stuck\":");
    go.send(()).unwrap();
    let document: Value = serde_json::from_str(&pouring.line()).unwrap();
    assert!(pouring.ended().0.success());
    let read = reader.join().unwrap();
    assert_eq!(read.len().to_string(), MUCH);
    assert!(read.starts_with(b"abcdefghijklmnopqrstuvwxyzabc"));
    let (stuck, resumed) = (stage(&document, "stuck"), stage(&document, "resumed"));
    assert!(resumed["accepted"].as_u64() > stuck["accepted"].as_u64());
    assert!(resumed["after_us"].as_u64() > stuck["after_us"].as_u64());
    assert_eq!(stage(&document, "all accepted")["accepted"].to_string(), MUCH);
}

#[test]
fn one_that_breaks_off_is_a_failure_with_the_table_before_it() {
    let home = home();
    let (go, wait) = std::sync::mpsc::channel();
    let (address, reader) = server(move |stream| {
        wait.recv().unwrap();
        // With bytes unread: the kernel says so with RST.
        drop(stream);
    });
    let pouring = Running::start(home.path(), ["pour", &address, "--bytes", MUCH]);
    journalled(home.path(), "\"stuck\":");
    go.send(()).unwrap();
    reader.join().unwrap();
    pouring.line_with("stuck");
    pouring.line_with("broken off");
    let (status, _, _, said) = pouring.ended();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("broke off"), "{said}");
}

#[test]
fn what_comes_back_is_read_so_that_nobody_waits_for_ever() {
    let (document, code) = document(&["echo.test", "--bytes", "5000000"]);
    assert_eq!((code, &document["answered"]), (Some(0), &5_000_000.into()));
    assert_eq!(document["stages"].as_array().unwrap().last().unwrap()["accepted"], 5_000_000);
}

#[test]
fn a_smaller_send_buffer_takes_less() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepted = |more: &[&str]| {
        let options = [&[address.as_str(), "--bytes", MUCH, "--wait", "1s"], more].concat();
        let (document, _) = document(&options);
        if !more.is_empty() {
            assert_eq!(document["sndbuf"]["asked"], 20_000);
            assert!(document["sndbuf"]["given"].as_u64().unwrap() > 0);
        }
        stage(&document, "stuck")["accepted"].as_u64().unwrap()
    };
    let (small, usual) = (accepted(&["--sndbuf", "20000"]), accepted(&[]));
    assert!(small < usual, "{small} against {usual}");
}

#[test]
fn a_closed_port_is_refused_and_the_readers_options_have_no_reader() {
    let home = home();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    run(home.path(), ["pour", &closed]).exits(1).says(&[&format!("nothing listens on {closed}")]);
    for option in ["--read", "--rcvbuf"] {
        run(home.path(), ["pour", &closed, option, "1000"]).exits(2).says(&["cannot be used with"]);
    }
    run(home.path(), ["pour", "--wait", "1s"]).exits(2).says(&["HOST:PORT"]);
}

/// Waits until evidence of this is in the learner's journal.
#[track_caller]
fn journalled(home: &std::path::Path, piece: &str) {
    let began = std::time::Instant::now();
    while !std::fs::read_to_string(home.join("journal.jsonl")).unwrap_or_default().contains(piece) {
        assert!(began.elapsed() < run::DEADLINE, "no {piece:?} in the journal");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
mod on_a_terminal {
    use super::{MUCH, TcpListener, Write as _, counts, server};
    use crate::run::home;
    use crate::screen::{Kind, USUAL, netlab};

    const NARROW: Kind = Kind { columns: 40, ..USUAL };
    const WIDE: Kind = Kind { columns: 120, ..USUAL };

    /// The meters stand on the screen while a write is stuck, and are gone when Ctrl-C has ended it; then the table is there.
    fn meters_then_the_table(kind: Kind, meters: &[&str]) {
        let home = home();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut terminal = netlab(home.path(), kind, &["pour", &address, "--bytes", MUCH]);
        for meter in meters {
            terminal.wait_from(0, meter);
        }
        for line in terminal.screen() {
            assert!(line.chars().count() <= usize::from(kind.columns), "{line}");
            assert!(!line.contains("stuck"), "no table before the end: {line}");
        }
        super::journalled(home.path(), "\"stuck\":");
        terminal.ctrl('c');
        assert!(terminal.ended().success());
        let said = terminal.lines(0).join(" ");
        for piece in ["as far as it takes them", "stuck", "stopped", "You stopped it when"] {
            let squeezed = crate::screen::squeezed(piece);
            assert!(crate::screen::squeezed(&said).contains(&squeezed), "{piece:?} is not in {said}");
        }
        assert!(!said.contains("receive queue  "), "the meters are gone: {said}");
    }

    #[test]
    fn the_meters_of_a_usual_terminal_stand_below_each_other() {
        if counts() {
            meters_then_the_table(USUAL, &["accepted", "send queue", "receive queue", "window 0"]);
        }
    }

    #[test]
    fn they_fit_into_forty_columns() {
        if counts() {
            meters_then_the_table(NARROW, &["accepted", "send queue", "receive queue", "window 0"]);
        }
    }

    #[test]
    fn a_wide_one_has_them_in_a_line() {
        if counts() {
            meters_then_the_table(WIDE, &["accepted", ", read 0, send queue", ", window 0"]);
        }
    }

    #[test]
    fn the_meters_move_while_a_reader_reads() {
        if !counts() {
            return;
        }
        let home = home();
        let (more, wait) = std::sync::mpsc::channel::<usize>();
        let (address, reader) = server(move |mut stream| {
            let mut buffer = vec![0; 1 << 20];
            for many in wait {
                std::io::Read::read_exact(&mut stream, &mut buffer[..many]).unwrap();
            }
            // What has not been read is lost with this, and the writer hears of it.
            let _ = stream.write(b"!");
        });
        let mut terminal = netlab(home.path(), USUAL, &["pour", &address, "--bytes", MUCH]);
        terminal.wait_from(0, "window 0");
        terminal.wait_from(0, "read 0");
        more.send(65_536).unwrap();
        terminal.wait_from(0, "read 65,536");
        more.send(1_000).unwrap();
        terminal.wait_from(0, "read 66,536");
        terminal.ctrl('c');
        assert!(terminal.ended().success());
        drop(more);
        reader.join().unwrap();
    }
}
