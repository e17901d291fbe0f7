//! The bytes that HTTP's content becomes: without the framing of its chunks, and unpacked.

use std::ops::Range;

use super::super::field::Spec;
use super::super::inner::{Inner, Map, Stretch, Told};
use super::super::plain::PLAIN;
use super::super::stream::Carriage;
use super::Framing;
use super::coding::{Unpacker, codings, transfer_codings};
use super::message::{Message, messages};

/// Content whose chunks were joined.
pub(super) static UNCHUNKED: Spec =
    Spec::new("unchunked", "RFC 9112 §7.1", "the content without the sizes and line ends of its chunks");
/// Content that was unpacked.
pub(super) static UNPACKED: Spec = Spec::new(
    "unpacked",
    "RFC 9110 §8.4",
    "the content as it was before it was packed; what Content-Length counts is the packed bytes",
);

/// Makes what the messages carry, of which all together have at most `most` bytes.
pub(super) fn all(told: &[Told<'_>], most: usize) -> Vec<Inner> {
    let mut left = most;
    let mut made = Vec::new();
    for (reading, told) in told.iter().enumerate() {
        for message in messages(told.fields) {
            for (what, bytes, map) in of(&message, told, place(reading), &mut left) {
                let mut sides = [(Vec::new(), Map::default()), (Vec::new(), Map::default())];
                sides[told.sender.index()] = (bytes, map);
                let key = message.root() as u64;
                let (speaks, carriage) = (Some(&PLAIN), Carriage::Stream);
                made.push(Inner { key, what, speaks, carriage, sides });
            }
        }
    }
    made
}

fn of(
    message: &Message<'_, '_>,
    told: &Told<'_>,
    reading: u32,
    left: &mut usize,
) -> Vec<(&'static Spec, Vec<u8>, Map)> {
    let content = message.content();
    let Some(whole) = span(&content) else { return Vec::new() };
    let mut made = Vec::new();
    if message.framing() == Framing::Chunked {
        let mut bytes = Vec::new();
        let mut stretches = Vec::new();
        for piece in &content {
            let piece = piece.start..piece.end.min(piece.start + (*left - bytes.len()));
            let outer = place(piece.start)..place(piece.end);
            stretches.push(Stretch { inner: place(bytes.len()), reading, outer, exact: true });
            bytes.extend_from_slice(told.fields.bytes.get(piece).unwrap_or_default());
        }
        *left -= bytes.len();
        made.push((&UNCHUNKED, bytes, Map::of(stretches)));
    }
    let all = [codings(message), transfer_codings(message)].concat();
    if all.is_empty() {
        return made;
    }
    // A coding that is not known, and content that is broken or too much, give what came out before.
    let Ok(mut unpacker) = Unpacker::new(&all, *left as u64) else { return made };
    let mut bytes = Vec::new();
    for piece in &content {
        let packed = told.fields.bytes.get(piece.clone()).unwrap_or_default();
        if unpacker.feed(packed, &mut |piece| bytes.extend_from_slice(piece)).is_err() {
            break;
        }
    }
    bytes.truncate(*left);
    *left -= bytes.len();
    if !bytes.is_empty() {
        let outer = place(whole.start)..place(whole.end);
        made.push((&UNPACKED, bytes, Map::of(vec![Stretch { inner: 0, reading, outer, exact: false }])));
    }
    made
}

fn span(content: &[Range<usize>]) -> Option<Range<usize>> {
    Some(content.first()?.start..content.last()?.end)
}

/// A byte offset; a dissection stays within `DISSECT_LIMIT`, so it fits.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
