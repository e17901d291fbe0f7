//! What the bytes of a flow mean: the one place where evidence and protocols meet.
//!
//! A stream gives one reading for each direction, a datagram conversation one for each datagram.

use crate::evidence::{Flow, Side, Transport, What};
use crate::proto::field::Fields;
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

/// Reads a flow: what each side said, in the order in which they began to speak.
#[must_use]
pub fn readings(flow: &Flow) -> Vec<Reading<'_>> {
    let protocol = protocol(flow);
    let mut readings: Vec<Reading<'_>> = match flow.transport {
        Transport::Tcp => [Side::Client, Side::Server]
            .into_iter()
            .filter_map(|side| {
                let stream = whole(flow, side);
                let at_us = flow.events.iter().find(|event| said(event.side, side, &event.what))?.at_us;
                Some(Reading { protocol, side, from: 0, at_us, fields: (protocol.dissect)(stream) })
            })
            .collect(),
        Transport::Udp => datagrams(flow)
            .map(|(side, from, at_us, bytes)| {
                let stream = Stream::alone(bytes, sender(side), Carriage::Datagram);
                Reading { protocol, side, from, at_us, fields: (protocol.dissect)(stream) }
            })
            .collect(),
    };
    readings.sort_by_key(|reading| reading.at_us);
    readings
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
    proto::guess(&[first(Side::Client), first(Side::Server)], None, Some(flow.server.port()))
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
        let at = &mut sent[usize::from(event.side == Side::Server)];
        let from = *at;
        *at += u64::from(len);
        let range = usize::try_from(from).ok()?..usize::try_from(*at).ok()?;
        let bytes = flow.sent_by(event.side).bytes.get(range)?;
        Some((event.side, from, event.at_us, bytes))
    })
}

fn said(who: Side, side: Side, what: &What) -> bool {
    who == side && matches!(what, What::Bytes { .. })
}

fn sender(side: Side) -> Sender {
    match side {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    }
}
