//! What readings carry inside: buffers made from their bytes, read in turn, each with the way back.
//!
//! They are made when somebody asks, and within limits: what unpacks to more than can be looked at is cut, and streams
//! in streams in streams are followed so deep and no deeper.

use std::borrow::Cow;

use super::{Reading, side_of};
use crate::evidence::Side;
use crate::proto::field::{Fields, Spec};
use crate::proto::guess;
use crate::proto::inner::{Inner, Map, Told};
use crate::proto::stream::{Sender, Stream};

/// How many buffers may lie in one another.
pub const INSIDE_DEPTH: usize = 4;

/// The most bytes that are made for one flow, at all depths together.
pub const INSIDE_BYTES: usize = 16 * 1024 * 1024;

/// A stream of other bytes in some readings.
pub struct Inside {
    /// Which one of those of its kind.
    pub key: u64,
    /// What it is.
    pub what: &'static Spec,
    /// The way back to the readings around it, the client's first.
    pub maps: [Map; 2],
    /// What each side said in it.
    pub readings: Vec<Reading<'static>>,
    /// What lies inside of those.
    pub inside: Vec<Inside>,
}

/// Makes and reads what these readings carry.
#[must_use]
pub fn inside(readings: &[Reading<'_>]) -> Vec<Inside> {
    let mut left = INSIDE_BYTES;
    deeper(readings, INSIDE_DEPTH, &mut left)
}

fn deeper(readings: &[Reading<'_>], depth: usize, left: &mut usize) -> Vec<Inside> {
    if depth == 0 {
        return Vec::new();
    }
    let mut made = Vec::new();
    for protocol in super::pairing::spoken(readings) {
        // A row is given its own readings, so what it says of their places has to be said of all.
        let own: Vec<usize> = (0..readings.len()).filter(|&at| *readings[at].protocol == *protocol).collect();
        let told: Vec<Told<'_>> = own
            .iter()
            .map(|&at| Told { sender: readings[at].sender(), fields: &readings[at].fields })
            .collect();
        for inner in (protocol.inner)(&told, *left) {
            let bytes: usize = inner.sides.iter().map(|(bytes, _)| bytes.len()).sum();
            *left = left.saturating_sub(bytes);
            let began =
                |map: &Map| map.first().and_then(|at| own.get(at)).map_or(0, |&at| readings[at].at_us);
            made.push(read(inner, &own, began, depth, left));
        }
    }
    made
}

fn read(inner: Inner, own: &[usize], began: impl Fn(&Map) -> u64, depth: usize, left: &mut usize) -> Inside {
    let Inner { key, what, speaks, carriage, sides: [client, server] } = inner;
    let stream = |sender: Sender| {
        let (bytes, other) = match sender {
            Sender::Client => (&client.0, &server.0),
            Sender::Server => (&server.0, &client.0),
        };
        Stream { bytes, other, sender, carriage, ended: true }
    };
    let both = [Sender::Client, Sender::Server].map(stream);
    let protocol = speaks.unwrap_or_else(|| guess(&both, None, None));
    // The trees know places alone, so the bytes can go with them.
    let trees = both.map(|stream| {
        let Fields { list, others, .. } = protocol.dissect(stream);
        (list, others)
    });
    let mut readings = Vec::new();
    let mut maps = [Map::default(), Map::default()];
    for (sender, ((bytes, map), (list, others))) in
        [Sender::Client, Sender::Server].into_iter().zip([client, server].into_iter().zip(trees))
    {
        let at_us = began(&map);
        maps[sender.index()] = map.led_by(own);
        if !bytes.is_empty() {
            let side: Side = side_of(sender);
            let fields = Fields { bytes: Cow::Owned(bytes), list, others };
            readings.push(Reading { protocol, side, from: 0, at_us, fields });
        }
    }
    let inside = deeper(&readings, depth - 1, left);
    Inside { key, what, maps, readings, inside }
}
