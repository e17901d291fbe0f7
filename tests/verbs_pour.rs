//! `netlab pour`: what a write accepted, and where the bytes are while nobody reads.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use netlab::net::tcp_info;
use run::{home, run, skipped};
use serde_json::Value;

const SMALL: [&str; 6] = ["--bytes", "2000000", "--sndbuf", "20000", "--rcvbuf", "20000"];

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
    run(home.path(), ["pour", "--json"].iter().chain(options)).exits(0).document()
}

fn stage<'a>(document: &'a Value, when: &str) -> &'a Value {
    document["stages"].as_array().unwrap().iter().find(|stage| stage["when"] == when).unwrap()
}

#[test]
fn a_reader_that_stops_drives_the_window_to_zero_and_every_accepted_byte_is_in_a_queue() {
    let document = document(&SMALL);
    assert_eq!(document["stuck"], true);
    let stuck = stage(&document, "stuck");
    let accepted = stuck["accepted"].as_u64().unwrap();
    assert!(accepted > 0 && accepted < 2_000_000, "{accepted}");
    assert_eq!(stuck["read"], 0);
    let resumed = stage(&document, "resumed");
    assert!(resumed["read"].as_u64().unwrap() > 0, "a write went on before anything was read");
    assert!(resumed["accepted"].as_u64().unwrap() > accepted);
    let end = stage(&document, "all read");
    assert_eq!((&end["accepted"], &end["read"]), (&2_000_000.into(), &2_000_000.into()));
    if !counts() {
        return assert!(document["not_counted"].is_string());
    }
    let (sending, receiving) = (&stuck["sender"]["send_queue"], &stuck["receiver"]["receive_queue"]);
    assert_eq!(sending.as_u64().unwrap() + receiving.as_u64().unwrap(), accepted);
    if let Some(window) = stuck["sender"]["send_window"].as_u64() {
        assert_eq!(window, 0, "{stuck}");
    }
}

#[test]
fn what_fits_into_the_buffers_never_gets_stuck() {
    let document = document(&["--bytes", "1000"]);
    assert_eq!(document["stuck"], false);
    let accepted = stage(&document, "all accepted");
    assert_eq!((&accepted["accepted"], &accepted["read"]), (&1000.into(), &0.into()));
}

#[test]
fn the_sentences_tell_accepted_from_arrived() {
    let home = home();
    let told = run(home.path(), ["pour"].iter().chain(&SMALL)).exits(0).says(&[
        "2,000,000 bytes over loopback, to a reader that does not read",
        "Stuck: the system had accepted",
        "It does not say that",
    ]);
    if counts() {
        told.says(&["send queue, not acknowledged", "arrived and not read"]);
    }
}

#[test]
fn too_many_pieces_are_a_usage_error() {
    let home = home();
    run(home.path(), ["pour", "--bytes", "1000000", "--write", "1"]).exits(2);
}
