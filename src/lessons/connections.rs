//! Which recordings are of one connection: a client's verb and the lab's tap both write it down.
//!
//! Two recordings are of one connection when one was made at the client's end and the other at the
//! server's, transport and both addresses agree, and their times overlap. Two recordings made at the
//! same end are always two connections: a system may use an address and port again.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use crate::evidence::Flow;
use crate::evidence::journal::Sighting;

/// How far apart two recordings of one connection may lie, in microseconds of the wall clock: a server
/// may come to accept a connection when its client has already gone.
pub const OVERLAP_SLACK_US: u64 = 2_000_000;

/// The number of each sighting's connection. Numbers go up in the order in which connections were
/// first written down, so they also tell which began earlier.
#[must_use]
pub fn numbers(sightings: &[Sighting]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::with_capacity(sightings.len());
    // Recordings that have no twin yet, by the ports that twins share.
    let mut single: HashMap<(u16, u16), Vec<usize>> = HashMap::new();
    for (index, sighting) in sightings.iter().enumerate() {
        let ports = (sighting.flow.client.map_or(0, |client| client.port()), sighting.flow.server.port());
        let waiting = single.entry(ports).or_default();
        let twin = waiting.iter().position(|&earlier| same(&sightings[earlier].flow, &sighting.flow));
        if let Some(at) = twin {
            numbers.push(waiting.remove(at));
        } else {
            waiting.push(index);
            numbers.push(index);
        }
    }
    numbers
}

fn same(one: &Flow, other: &Flow) -> bool {
    let (Some(client), Some(other_client)) = (one.client, other.client) else { return false };
    one.seen != other.seen
        && one.transport == other.transport
        && one.inside.is_some() == other.inside.is_some()
        && same_address(client, other_client)
        && same_address(one.server, other.server)
        && overlap(one, other)
}

/// A socket bound to every address shows 0.0.0.0 or :: where the other end sees the one it used.
fn same_address(one: SocketAddr, other: SocketAddr) -> bool {
    let (ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
    one.port() == other.port() && (ip == other_ip || [ip, other_ip].iter().any(IpAddr::is_unspecified))
}

fn overlap(one: &Flow, other: &Flow) -> bool {
    let (from, to) = lifetime(one);
    let (other_from, other_to) = lifetime(other);
    from <= other_to.saturating_add(OVERLAP_SLACK_US) && other_from <= to.saturating_add(OVERLAP_SLACK_US)
}

/// From when to when, in microseconds since 1970.
fn lifetime(flow: &Flow) -> (u64, u64) {
    let moments = flow.events.iter().map(|event| event.at_us);
    let length = moments.clone().max().unwrap_or(0) - moments.min().unwrap_or(0);
    (flow.began_us, flow.began_us.saturating_add(length))
}
