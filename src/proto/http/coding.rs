//! Codings: how content was packed, for good or for one stretch of the way, and how it is unpacked as it comes
//! (RFC 9110 §8.4, RFC 9112 §7.2).
//!
//! ```text
//! gzip      header [extra] [name] [comment]  deflate data  CRC-32  length      RFC 1952; members may follow each other
//! deflate   CMF FLG  deflate data  Adler-32                                    RFC 1950, "zlib"
//! ```
//!
//! A few kilobytes can be made that unpack to gigabytes, so there are two limits: how much comes out, and how many
//! times as much as went in. Memory stays the same however much goes through.
//!
//! ```
//! use netlab::proto::http::coding::{Coding, DECODED_LIMIT, Unpacker};
//!
//! let packed = b"\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15";
//! let mut unpacker = Unpacker::new(&[Coding::Deflate], DECODED_LIMIT).expect("deflate is known");
//! let mut content = Vec::new();
//! unpacker.feed(packed, &mut |piece| content.extend_from_slice(piece)).expect("it is sound");
//! unpacker.finish().expect("it is whole");
//! assert_eq!(content, b"hello");
//! ```

use super::inflate::Stage;
use super::message::Message;

/// The most that is unpacked to be looked at, in bytes.
pub const DECODED_LIMIT: u64 = 16 * 1024 * 1024;

/// How many times its size packed content may become. Text comes to 3 to 10 times, pages of one repeated line to
/// 50; the format could do 1,032.
pub const RATIO_LIMIT: u64 = 100;

/// What may always come out, whatever the ratio: a short page of spaces is no danger.
pub const RATIO_FREE: u64 = 1024 * 1024;

/// How many codings one content may have, one around the other. More than one is rare already.
pub const CODINGS_LIMIT: usize = 4;

/// One coding by its name in Content-Encoding or Transfer-Encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, or `x-gzip` as it was once called.
    Gzip,
    /// `deflate`.
    Deflate,
    /// One that netlab does not unpack, such as `br`.
    Other(Vec<u8>),
}

impl Coding {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        match self {
            Self::Gzip => b"gzip",
            Self::Deflate => b"deflate",
            Self::Other(name) => name,
        }
    }
}

/// The codings of its content a message names, in the order in which they were applied. `identity` is none.
#[must_use]
pub fn codings(message: &Message<'_, '_>) -> Vec<Coding> {
    named(message, b"content-encoding").iter().map(|name| coding(name)).collect()
}

/// Those of its way, which came on top of them: all that Transfer-Encoding names but the chunks around everything.
#[must_use]
pub fn transfer_codings(message: &Message<'_, '_>) -> Vec<Coding> {
    let mut names = named(message, b"transfer-encoding");
    names.pop_if(|name| name == b"chunked");
    names.iter().map(|name| coding(name)).collect()
}

/// The names in all fields of this name, in small letters and without parameters.
fn named(message: &Message<'_, '_>, field: &[u8]) -> Vec<Vec<u8>> {
    let fields = message.fields().filter(|(name, _)| name.eq_ignore_ascii_case(field));
    let items = fields.flat_map(|(_, value)| value.split(|&byte| byte == b','));
    let names = items.filter_map(|item| item.split(|&byte| byte == b';').next());
    names
        .map(|name| name.trim_ascii().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != b"identity")
        .collect()
}

fn coding(name: &[u8]) -> Coding {
    match name {
        b"gzip" | b"x-gzip" => Coding::Gzip,
        b"deflate" => Coding::Deflate,
        other => Coding::Other(other.to_vec()),
    }
}

/// Why unpacking stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Snag {
    /// This coding is not known here.
    Unknown(Vec<u8>),
    /// There are more than [`CODINGS_LIMIT`].
    TooMany,
    /// The bytes are not what the coding says; the rule they break.
    Broken(&'static str),
    /// More than so many bytes came out.
    TooMuch(u64),
    /// More than [`RATIO_LIMIT`] times as much came out as went in.
    Ratio,
}

/// Unpacks content piece by piece.
pub struct Unpacker {
    /// The coding that was applied last comes first.
    stages: Vec<Stage>,
    meter: Meter,
}

/// What went in and what came out, and the limits for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter {
    coded: u64,
    decoded: u64,
    limit: u64,
}

impl Meter {
    /// Takes into account that a stage has made `total` bytes so far. Between two codings there can be more than at the
    /// end, and that is a danger, too.
    pub fn passes(&self, total: u64) -> Result<(), Snag> {
        if total > self.limit {
            Err(Snag::TooMuch(self.limit))
        } else if total > RATIO_FREE && total / RATIO_LIMIT > self.coded {
            Err(Snag::Ratio)
        } else {
            Ok(())
        }
    }
}

impl Unpacker {
    /// For content with these codings, of which at most `limit` bytes come out.
    ///
    /// # Errors
    /// When one of them is not known, or there are too many.
    pub fn new(codings: &[Coding], limit: u64) -> Result<Self, Snag> {
        if codings.len() > CODINGS_LIMIT {
            return Err(Snag::TooMany);
        }
        let stage = |coding: &Coding| match coding {
            Coding::Gzip => Ok(Stage::gzip()),
            Coding::Deflate => Ok(Stage::deflate()),
            Coding::Other(name) => Err(Snag::Unknown(name.clone())),
        };
        let stages = codings.iter().rev().map(stage).collect::<Result<_, _>>()?;
        Ok(Self { stages, meter: Meter { coded: 0, decoded: 0, limit } })
    }

    /// How many bytes went in, and how many came out.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.meter.coded, self.meter.decoded)
    }

    /// Takes the next packed bytes; what they unpack to goes to `sink`.
    ///
    /// # Errors
    /// When they cannot be unpacked or a limit is reached. What was made before has been handed over.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), Snag> {
        self.meter.coded += bytes.len() as u64;
        let (meter, mut decoded) = (self.meter, 0);
        let result = through(&mut self.stages, bytes, &meter, &mut |piece| {
            decoded += piece.len() as u64;
            sink(piece);
        });
        self.meter.decoded += decoded;
        result
    }

    /// The content is over.
    ///
    /// # Errors
    /// When the packed data is not.
    pub fn finish(&mut self) -> Result<(), Snag> {
        // No content at all is no packed content either.
        if self.meter.coded == 0 {
            return Ok(());
        }
        self.stages.iter_mut().try_for_each(Stage::finish)
    }
}

/// Through the first stage, what comes out through the next, and so on. There are few, so the depth is small.
fn through(
    stages: &mut [Stage],
    bytes: &[u8],
    meter: &Meter,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Snag> {
    let Some((first, rest)) = stages.split_first_mut() else {
        sink(bytes);
        return Ok(());
    };
    first.feed(bytes, meter, &mut |piece| through(rest, piece, meter, sink))
}
