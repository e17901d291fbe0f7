//! Bytes made from other bytes, and the way back.
//!
//! Content in chunks is joined, packed content is unpacked, and later frames are unmasked and segments put in order:
//! the result is not on the wire, so it is a buffer of its own. A [`Map`] leads from its bytes to those that carried
//! them: byte for byte where they were only taken out, as a whole where they were computed.
//!
//! ```
//! use netlab::proto::inner::{Map, Stretch};
//!
//! // "hello" from the chunks `2\r\nhe\r\n3\r\nllo\r\n`.
//! let map = Map::of(vec![
//!     Stretch { inner: 0, reading: 0, outer: 3..5, exact: true },
//!     Stretch { inner: 2, reading: 0, outer: 10..13, exact: true },
//! ]);
//! assert_eq!(map.carried(1..3), [(0, 4..5), (0, 10..11)]);
//! ```

use std::ops::Range;

use super::Protocol;
use super::field::{Fields, Spec};
use super::stream::{Carriage, Sender};

/// One side's bytes with their fields, as the maker of inner bytes is given them.
#[derive(Clone, Copy)]
pub struct Told<'r> {
    /// Who sent them.
    pub sender: Sender,
    /// What they mean.
    pub fields: &'r Fields<'r>,
}

/// A stream of other bytes that messages carry: one buffer for each direction, the client's first.
#[derive(Debug)]
pub struct Inner {
    /// Tells the streams of one protocol apart; where a message carries one, its place in the tree.
    pub key: u64,
    /// What it is, a step of a path.
    pub what: &'static Spec,
    /// What it speaks, where that is laid down; else what it looks like.
    pub speaks: Option<&'static Protocol>,
    /// Whether its bytes have edges.
    pub carriage: Carriage,
    /// The bytes, and where each comes from.
    pub sides: [(Vec<u8>, Map); 2],
}

/// Where bytes of a buffer come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map(Vec<Stretch>);

/// Bytes of a buffer that came in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The first of them in the buffer; they go up to the next stretch.
    pub inner: u32,
    /// Which of the outer readings carried them, by its place.
    pub reading: u32,
    /// Which bytes of it.
    pub outer: Range<u32>,
    /// Whether the nth byte here is the nth there; else all there made all here.
    pub exact: bool,
}

impl Map {
    /// A map of these stretches, in the order of the buffer.
    #[must_use]
    pub fn of(mut stretches: Vec<Stretch>) -> Self {
        stretches.sort_by_key(|stretch| stretch.inner);
        Self(stretches)
    }

    /// The reading that carried the first byte.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        self.0.first().map(|stretch| stretch.reading as usize)
    }

    /// The same map when the readings it was made from stand at these places among more.
    #[must_use]
    pub fn led_by(mut self, places: &[usize]) -> Self {
        for stretch in &mut self.0 {
            let place = places.get(stretch.reading as usize).and_then(|&place| u32::try_from(place).ok());
            stretch.reading = place.unwrap_or(u32::MAX);
        }
        self
    }

    /// The outer bytes that carried these: the reading and the place in it, in the order of the buffer.
    #[must_use]
    pub fn carried(&self, inner: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let starts = self.0.iter().map(|stretch| stretch.inner as usize);
        let ends = starts.clone().skip(1).chain(std::iter::once(usize::MAX));
        let pieces = self.0.iter().zip(starts.zip(ends)).filter_map(|(stretch, (start, end))| {
            let (from, to) = (inner.start.max(start), inner.end.min(end));
            let outer = stretch.outer.start as usize..stretch.outer.end as usize;
            let range = if stretch.exact {
                (outer.start + (from - start).min(outer.len()))
                    ..(outer.start + to.saturating_sub(start)).min(outer.end)
            } else {
                outer
            };
            (from < to && !range.is_empty()).then_some((stretch.reading as usize, range))
        });
        pieces.collect()
    }

    /// The outer bytes from the first that carried any of these to the last, of the reading that carried the first.
    #[must_use]
    pub fn span(&self, inner: Range<usize>) -> Option<(usize, Range<usize>)> {
        let carried = self.carried(inner);
        let &(reading, ref first) = carried.first()?;
        let same = carried.iter().filter(|(of, _)| *of == reading);
        let (from, to) = same.fold((first.start, first.end), |(from, to), (_, range)| {
            (from.min(range.start), to.max(range.end))
        });
        Some((reading, from..to))
    }
}
