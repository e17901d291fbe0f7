//! What the bytes of a flow mean: the one place where evidence and protocols meet.
//!
//! A stream gives one reading for each direction, a datagram conversation one for each datagram. Where a stream changes
//! its protocol (an Upgrade that was granted, a tunnel that was opened), a reading ends and another begins, in each
//! direction at its own byte. What readings carry in other bytes (joined chunks, unpacked content) is made by
//! [`inside`] when somebody asks.

pub mod inside;
pub mod live;
pub mod pairing;

use crate::evidence::{Flow, Side, Transport, What};
use crate::proto::field::Fields;
use crate::proto::row::{SWITCHES_LIMIT, Switch};
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::proto::{self, Protocol};

/// Bytes of a flow with their fields.
pub struct Reading<'a> {
    /// The protocol they were read as.
    pub protocol: &'static Protocol,
    /// Who sent them.
    pub side: Side,
    /// Where they begin among all bytes that side sent.
    pub from: u64,
    /// When their first byte was seen, by the recorder's clock in microseconds.
    pub at_us: u64,
    /// The bytes and what they mean.
    pub fields: Fields<'a>,
}

impl Reading<'_> {
    /// Who sent it, as protocols say it.
    #[must_use]
    pub fn sender(&self) -> Sender {
        sender(self.side)
    }
}

/// Reads a flow: what each side said, in the order in which they began to speak.
#[must_use]
pub fn readings(flow: &Flow) -> Vec<Reading<'_>> {
    let mut readings = match flow.transport {
        Transport::Tcp => streams(flow),
        Transport::Udp => {
            let protocol = protocol(flow);
            let read = |(side, from, at_us, bytes)| {
                let stream = Stream::alone(bytes, sender(side), Carriage::Datagram);
                Reading { protocol, side, from, at_us, fields: protocol.dissect(stream) }
            };
            datagrams(flow).map(read).collect()
        }
    };
    readings.sort_by_key(|reading| reading.at_us);
    readings
}

/// Both directions of a stream, protocol after protocol.
fn streams(flow: &Flow) -> Vec<Reading<'_>> {
    let mut readings = Vec::new();
    let mut protocol = protocol(flow);
    let mut rest = [Side::Client, Side::Server].map(|side| (side, 0, whole(flow, side)));
    for _ in 0..=SWITCHES_LIMIT {
        let mut switches: [Option<Switch>; 2] = [None; 2];
        for ((side, from, stream), switch) in rest.iter().zip(&mut switches) {
            if let Some(at_us) = came_at(flow, *side, *from).filter(|_| !stream.bytes.is_empty()) {
                let (fields, behind) = protocol.opening(*stream);
                readings.push(Reading { protocol, side: *side, from: *from, at_us, fields });
                *switch = behind;
            }
        }
        let Some(first) = switches.iter().flatten().next() else { break };
        let known = first.to;
        for ((_, from, stream), switch) in rest.iter_mut().zip(switches) {
            let at = switch.map_or(stream.bytes.len(), |switch| switch.at);
            *from += at as u64;
            stream.bytes = stream.bytes.get(at..).unwrap_or_default();
        }
        let [(_, _, client), (_, _, server)] = &mut rest;
        (client.other, server.other) = (server.bytes, client.bytes);
        protocol = known.unwrap_or_else(|| proto::guess(&[*client, *server], None, None));
    }
    readings
}

/// When the byte at `from` of a side was seen.
fn came_at(flow: &Flow, side: Side, from: u64) -> Option<u64> {
    let mut sent = 0;
    let came = flow.events.iter().find(|event| match event.what {
        What::Bytes { len, .. } if event.side == side => {
            sent += u64::from(len);
            sent > from
        }
        _ => false,
    });
    came.map(|event| event.at_us)
}

/// The protocol a flow speaks, judged by what both sides said first and then by its port.
#[must_use]
pub fn protocol(flow: &Flow) -> &'static Protocol {
    let first = |side: Side| match flow.transport {
        Transport::Tcp => whole(flow, side),
        Transport::Udp => {
            let bytes = datagrams(flow).find(|&(who, ..)| who == side).map_or(&[][..], |(.., bytes)| bytes);
            Stream::alone(bytes, sender(side), Carriage::Datagram)
        }
    };
    let speaks = flow.spoken().and_then(proto::named);
    proto::guess(&[first(Side::Client), first(Side::Server)], speaks, flow.server.port())
}

/// One direction of a stream, as far as it was kept.
#[must_use]
pub fn whole(flow: &Flow, side: Side) -> Stream<'_> {
    let sent = flow.sent_by(side);
    Stream {
        bytes: &sent.bytes,
        other: &flow.sent_by(side.other()).bytes,
        sender: sender(side),
        carriage: match flow.transport {
            Transport::Tcp => Carriage::Stream,
            Transport::Udp => Carriage::Datagram,
        },
        // With bytes left out, what was kept is a beginning, not the whole.
        ended: sent.left_out() == 0 && flow.has_ended(side),
    }
}

fn datagrams(flow: &Flow) -> impl Iterator<Item = (Side, u64, u64, &[u8])> {
    let mut sent = [0u64; 2];
    flow.events.iter().filter_map(move |event| {
        let What::Bytes { len, .. } = event.what else { return None };
        let at = &mut sent[event.side.index()];
        let from = *at;
        *at += u64::from(len);
        let range = usize::try_from(from).ok()?..usize::try_from(*at).ok()?;
        let bytes = flow.sent_by(event.side).bytes.get(range)?;
        Some((event.side, from, event.at_us, bytes))
    })
}

fn side_of(sender: Sender) -> Side {
    match sender {
        Sender::Client => Side::Client,
        Sender::Server => Side::Server,
    }
}

/// The side that evidence speaks of, as protocols say it.
#[must_use]
pub fn sender(side: Side) -> Sender {
    match side {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    }
}
