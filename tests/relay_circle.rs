//! Two relays that lead to each other find out by what comes back. This stands alone, so that nothing else takes the time
//! in which it has to come.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use netlab::evidence::Recorder;
use netlab::lab::faults::{Faults, Odds};
use netlab::lab::relay::{IDLE, Plan, Relay};
use netlab::net::clock::now_us;
use run::{DEADLINE, told};

#[test]
fn two_relays_at_each_other_find_out_even_where_no_table_tells() {
    let free = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (one, other) = (free(), free());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let recorder = Recorder::passing(now_us, Vec::new(), 0);
        let relay = async |listen, server| {
            let faults = Faults { odds: Odds::default(), seed: 1 };
            let plan = Plan { listen, server, faults, delay: Duration::ZERO, idle: IDLE };
            Relay::open(plan, &recorder, Arc::new(|_| {})).await.unwrap()
        };
        let (first, second) = (relay(one, other).await, relay(other, one).await);
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.send_to(b"round and round", one).unwrap();
        let ended = async {
            tokio::select! {
                ended = first.run(std::future::pending()) => ended,
                ended = second.run(std::future::pending()) => ended,
            }
        };
        tokio::time::timeout(DEADLINE, ended).await.expect("one of them ends")
    });
    assert!(ended.goes_round);
    told(&format!("two relays at each other: one ended after {} clients", ended.clients));
    assert!(ended.clients < 10_000, "{}", ended.clients);
}
