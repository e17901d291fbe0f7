//! Which recordings are of one connection: a client's verb and the lab's tap both write it down.
//!
//! Two recordings are of one connection when one was made at the client's end and the other at the
//! server's, transport and both addresses agree, and their times overlap. Two recordings made at the
//! same end are always two connections: a system may use an address and port again.
//!
//! Layers of one connection are recorded as flows of their own, one inside the other. The outermost ones are compared, and
//! what is inside has their number: a connection is counted once, however many layers it has.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use crate::evidence::journal::Sighting;
use crate::evidence::{End, Flow, FlowId, Side, What};

/// How far apart two recordings of one connection may lie, in microseconds of the wall clock: a server
/// may come to accept a connection when its client has already gone.
pub const OVERLAP_SLACK_US: u64 = 2_000_000;

/// The number of each sighting's connection. Numbers go up in the order in which connections were
/// first written down, so they also tell which began earlier.
#[must_use]
pub fn numbers(sightings: &[Sighting]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::with_capacity(sightings.len());
    let mut stacks: HashMap<FlowId, usize> = HashMap::new();
    // Recordings that have no twin yet, by the ports that twins share.
    let mut single: HashMap<(u16, u16), Vec<usize>> = HashMap::new();
    for (index, sighting) in sightings.iter().enumerate() {
        if sighting.flow.inside.is_some() {
            // One whose outside has been dropped from the journal stands for itself.
            numbers.push(*stacks.entry(sighting.flow.stack()).or_insert(index));
            continue;
        }
        let port = |end: Option<&End>| end.and_then(End::port).unwrap_or_default();
        let ports = (port(sighting.flow.client.as_ref()), port(Some(&sighting.flow.server)));
        let waiting = single.entry(ports).or_default();
        let twin = waiting.iter().position(|&earlier| same(&sightings[earlier].flow, &sighting.flow));
        let number = twin.map(|at| waiting.remove(at));
        if number.is_none() {
            waiting.push(index);
        }
        let number = number.unwrap_or(index);
        stacks.insert(sighting.flow.id, number);
        numbers.push(number);
    }
    // Who told of the other leg told of the story: the client's conversation with that very server.
    let of_story: HashMap<usize, usize> =
        retold(sightings).into_iter().map(|(leg, story)| (numbers[leg], numbers[story])).collect();
    for number in &mut numbers {
        *number = of_story.get(number).copied().unwrap_or(*number);
    }
    numbers
}

/// Recordings of a second leg whose story is told as one with the leg's own server, each with the place of its story: `tap`
/// does so for TCP. Both legs are one conversation then, which the server's own recording is of as well. The leg's says
/// nothing that the story does not.
#[must_use]
pub fn retold(sightings: &[Sighting]) -> HashMap<usize, usize> {
    let because = |sighting: &Sighting| sighting.flow.because.filter(|_| sighting.flow.seen == Side::Client);
    if !sightings.iter().any(|sighting| because(sighting).is_some()) {
        return HashMap::new();
    }
    let places: HashMap<FlowId, usize> =
        sightings.iter().enumerate().map(|(at, sighting)| (sighting.flow.id, at)).collect();
    let legs = sightings.iter().enumerate().filter_map(|(at, leg)| {
        let story = *places.get(&because(leg)?)?;
        let told = &sightings[story].flow;
        (told.seen == Side::Server && same_end(&told.server, &leg.flow.server)).then_some((at, story))
    });
    legs.collect()
}

/// The numbers of the connections that are a relay's second leg: what a tap says to the server behind it, because a client
/// has called the tap. Nobody else's recording of such a connection, the server's say, makes it one of the learner's.
///
/// A recording is of a second leg when its own program called, and did so [because](Flow::because) of a conversation in
/// which the same program was called. A relay opens it with [`Opening::because`](crate::evidence::Opening::because), and
/// that is all it has to say. Those that are [`retold`] are none of these: they are the learner's own conversation.
#[must_use]
pub fn second_legs(sightings: &[Sighting], numbers: &[usize]) -> HashSet<usize> {
    let called: HashMap<FlowId, Side> =
        sightings.iter().map(|sighting| (sighting.flow.id, sighting.flow.seen)).collect();
    let is_leg = |flow: &Flow| {
        let later = flow.events.iter().filter_map(|event| match event.what {
            What::Because(of) => Some(of),
            _ => None,
        });
        // One whose first leg has left the journal stays what it was.
        let mut causes = flow.because.into_iter().chain(later);
        flow.seen == Side::Client && causes.any(|of| called.get(&of).is_none_or(|&seen| seen == Side::Server))
    };
    let retold = retold(sightings);
    let legs = sightings.iter().zip(numbers).enumerate();
    let legs = legs.filter(|(at, (sighting, _))| is_leg(&sighting.flow) && !retold.contains_key(at));
    legs.map(|(_, (_, &number))| number).collect()
}

/// Which server took each connection, by its number: the listening socket, where the client's system told it.
#[must_use]
pub fn servers(sightings: &[Sighting], numbers: &[usize]) -> HashMap<usize, u64> {
    let taken = sightings.iter().zip(numbers).filter_map(|(sighting, &number)| {
        let (flow, called) = (&sighting.flow, sighting.flow.server.socket()?);
        let waiting = flow.events.iter().find_map(|event| match &event.what {
            What::Waiting(waiting) => Some(waiting),
            _ => None,
        })?;
        // The one at that very address is asked before one that takes calls at every address.
        let rank = |at: SocketAddr| match at.ip().to_canonical() {
            ip if ip == called.ip().to_canonical() => Some(0),
            ip if ip.is_unspecified() => Some(1),
            _ => None,
        };
        let ranked = waiting.iter().filter_map(|one| Some((rank(one.at)?, one.socket)));
        Some((number, ranked.min_by_key(|(rank, _)| *rank)?.1))
    });
    taken.collect()
}

/// When a connection was open, in microseconds of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Since when.
    pub from_us: u64,
    /// Until when; nothing when nobody has written down its end.
    pub to_us: Option<u64>,
}

/// When each connection that was established was open, by its number. That is told by its outermost flow. What either recording knows counts: a
/// client that was killed wrote down no end, and its server did. What is reckoned from a recording is never later than it was
/// (see `open_of`), so of two the later one is nearer.
#[must_use]
pub fn open(sightings: &[Sighting], numbers: &[usize]) -> HashMap<usize, Open> {
    let mut all: HashMap<usize, Open> = HashMap::new();
    for (sighting, &number) in sightings.iter().zip(numbers) {
        // What is inside ends before what is outside does.
        let Some(one) = open_of(&sighting.flow).filter(|_| sighting.flow.inside.is_none()) else { continue };
        let known = all.entry(number).or_insert(one);
        known.from_us = known.from_us.max(one.from_us);
        known.to_us = [known.to_us, one.to_us].into_iter().flatten().max();
    }
    all
}

/// From the handshake until both sides have finished, or one has broken it off, or something failed. When the first event came
/// is not written down by the wall clock; it is taken for the moment at which the flow began, which may be earlier: a client
/// begins before it has a connection.
fn open_of(flow: &Flow) -> Option<Open> {
    let first_us = flow.events.first()?.at_us;
    let wall_us = |at_us: u64| flow.began_us.saturating_add(at_us.saturating_sub(first_us));
    let opened = flow.events.iter().find(|event| event.what == What::Opened)?;
    let mut finished = [false; 2];
    let end = flow.events.iter().find(|event| match event.what {
        What::Finished => {
            finished[event.side.index()] = true;
            finished == [true; 2]
        }
        What::Reset | What::Failed(_) => true,
        _ => false,
    });
    Some(Open { from_us: wall_us(opened.at_us), to_us: end.map(|event| wall_us(event.at_us)) })
}

fn same(one: &Flow, other: &Flow) -> bool {
    let (Some(client), Some(other_client)) = (&one.client, &other.client) else { return false };
    one.seen != other.seen
        && one.transport == other.transport
        && same_end(client, other_client)
        && same_end(&one.server, &other.server)
        && overlap(one, other)
}

/// A socket bound to every address shows 0.0.0.0 or :: where the other end sees the one it used.
fn same_end(one: &End, other: &End) -> bool {
    let (Some(one), Some(other)) = (one.socket(), other.socket()) else { return one == other };
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
