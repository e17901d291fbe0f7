//! `netlab packets`: writes, segments and reads are three cuts of the same bytes, and the kernel counts one of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use netlab::evidence::Counters;
use netlab::net::tcp_info;
use run::{DEADLINE, home, run, skipped, tool};
use serde_json::Value;

/// Whether this machine tells what it counts.
fn counts() -> bool {
    let missing = tcp_info::missing();
    if let Some(why) = &missing {
        skipped(why);
    }
    missing.is_none()
}

fn document(options: &[&str]) -> Value {
    let home = home();
    run(home.path(), ["packets", "--json"].iter().chain(options)).exits(0).document()
}

fn sizes(of: &Value) -> Vec<u64> {
    of.as_array().unwrap().iter().map(|size| size.as_u64().unwrap()).collect()
}

#[test]
fn the_same_bytes_take_as_many_segments_as_their_size_allows() {
    let document = document(&["--mss", "default,1460,536"]);
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3);
    for run in runs {
        assert_eq!(sizes(&run["writes"]).iter().sum::<u64>(), 100_000);
        assert_eq!(sizes(&run["reads"]).iter().sum::<u64>(), 100_000);
        assert!(sizes(&run["reads"]).iter().all(|read| *read <= 16_384));
    }
    if !counts() {
        return assert!(document["not_counted"].is_string());
    }
    // At least full segments, and at most one more that is not full for each of the ten writes; then SYN, ACK and
    // FIN, and a few acknowledgements. That is 7 or so, 74 and 195 with one write, and never twice as many.
    for (run, fewest) in runs.iter().zip([2, 70, 191]) {
        let segments = |name: &str| run["segments"][name].as_u64().unwrap();
        let again = run["sender"]["finished"]["segments_retransmitted"].as_u64().unwrap();
        assert!((fewest..=fewest + 10 + again).contains(&segments("data")), "{}", run["segments"]);
        assert!(segments("handshake") >= 2, "SYN and ACK: {}", run["segments"]);
        assert!(segments("other") >= 1, "FIN: {}", run["segments"]);
        assert_eq!(segments("total"), segments("handshake") + segments("data") + segments("other"));
        assert_eq!(run["receiver"]["finished"]["data_segments_in"], run["segments"]["data"]);
    }
    assert_eq!(runs[1]["in_a_segment"], 1448, "twelve bytes of each are the timestamps option");
    assert_eq!(runs[2]["in_a_segment"], 524);
}

#[test]
fn the_picture_has_four_rulers_and_says_what_was_not_seen() {
    let home = home();
    let told =
        run(home.path(), ["packets", "--bytes", "5000", "--mss", "536", "--write", "1000", "--explain"])
            .exits(0)
            .says(&[
                "5,000 bytes over loopback, once",
                "message |",
                "writes |",
                "reads |",
                "The same bytes arrived",
            ]);
    if counts() {
        told.says(&[
            "counted, not seen",
            "timestamps option takes 12 bytes",
            "SYN, and the ACK of the answer",
        ]);
    }
    let mut narrow = run::netlab(home.path(), ["packets", "--bytes", "5000", "--plain"]);
    let narrow = run::finish(
        {
            narrow.env("COLUMNS", "40");
            narrow
        },
        b"",
    )
    .exits(0);
    assert!(narrow.text().is_ascii());
}

#[test]
fn what_cannot_be_counted_one_by_one_is_refused() {
    let home = home();
    run(home.path(), ["packets", "--bytes", "1000000", "--write", "1"]).exits(2).says(&["--write 1", "5000"]);
    for mss in ["87", "40000", "many", ""] {
        run(home.path(), ["packets", "--mss", mss]).exits(2).says(&["an MSS is a number from 88"]);
    }
}

/// `name:value` in what ss prints.
fn told_by_ss(text: &str, name: &str) -> Option<u64> {
    text.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix(':')?.parse().ok())
}

#[test]
fn ss_tells_the_same_of_the_same_connection() {
    if !counts() || !tool("ss", "-V") {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(&[b'x'; 5000]).unwrap();
    let mut half = [0; 2000];
    server.read_exact(&mut half).unwrap();
    let (here, there) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    let counters = settled(here, there);
    let filter = format!("sport = :{} and dport = :{}", here.port(), there.port());
    let printed = Command::new("ss").args(["-tinH", &filter]).output().unwrap();
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    for (name, ours) in [
        ("segs_out", counters.segments_out),
        ("segs_in", counters.segments_in),
        ("data_segs_out", counters.data_segments_out),
        ("mss", counters.send_mss),
        ("bytes_acked", counters.bytes_acknowledged),
        ("cwnd", counters.congestion_window),
    ] {
        assert_eq!(told_by_ss(&printed, name), ours, "{name} in {printed}");
    }
    assert_eq!(tcp_info::between(there, here).unwrap().receive_queue, Some(3000));
}

/// The numbers once everything has been acknowledged.
fn settled(here: std::net::SocketAddr, there: std::net::SocketAddr) -> Counters {
    let until = Instant::now() + DEADLINE;
    loop {
        let counters = tcp_info::between(here, there).unwrap();
        if counters.send_queue == Some(0) {
            return counters;
        }
        assert!(Instant::now() < until, "not acknowledged: {counters:?}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
