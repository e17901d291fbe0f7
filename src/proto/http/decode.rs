//! Content that streams by: where a head ends, and what of the bytes behind it is content (RFC 9112 §6, §7.1).
//!
//! The same grammar as the dissector's, for bodies of any size in constant memory: nothing is kept but
//! a count and a place in the grammar.
//!
//! ```
//! use netlab::proto::http::{Framing, decode::{BodyDecoder, State}};
//!
//! let bytes = b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 next";
//! let mut decoder = BodyDecoder::new(Framing::Chunked);
//! let (mut at, mut content) = (0, Vec::new());
//! while decoder.state() == State::More && at < bytes.len() {
//!     let step = decoder.feed(&bytes[at..]);
//!     content.extend_from_slice(&bytes[at..][step.content]);
//!     at += step.consumed;
//! }
//! assert_eq!((decoder.state(), content.as_slice()), (State::Done, b"hello".as_slice()));
//! assert_eq!(&bytes[at..], b"HTTP/1.1 next");
//! ```

use std::ops::Range;

use super::facts::Framing;
use super::rules;

/// The longest chunk extension accepted, in bytes; RFC 9112 §7.1.1 asks for a limit.
pub const EXTENSION_LIMIT: usize = 1024;

/// The longest trailer section accepted, in bytes.
pub const TRAILERS_LIMIT: usize = 4096;

/// How far a decoder has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// More bytes are needed.
    More,
    /// The content is complete; what follows is the next message.
    Done,
    /// The bytes break this rule, and the rest cannot be read.
    Broken(&'static str),
}

/// What one call did with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How many bytes were used up; at least one while the state is [`State::More`] and there are any.
    pub consumed: usize,
    /// Which of them are content.
    pub content: Range<usize>,
}

/// Finds the content in the bytes behind a head, however they are cut up.
#[derive(Debug, Clone)]
pub struct BodyDecoder {
    place: Place,
}

/// A place in the grammar, with what must be remembered there.
#[derive(Debug, Clone, Copy)]
enum Place {
    UntilClose,
    Counted {
        left: u64,
    },
    /// In front of or among the digits of a chunk-size.
    Size {
        size: u64,
        digits: bool,
    },
    /// White space behind the digits; only `;` may follow.
    Space {
        size: u64,
        len: usize,
    },
    Extension {
        size: u64,
        len: usize,
    },
    SizeFeed {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataReturn,
    DataFeed,
    /// In the trailer section; `empty` while the line has no bytes yet.
    Trailer {
        len: usize,
        empty: bool,
    },
    TrailerFeed {
        len: usize,
        empty: bool,
    },
    Over(State),
}

impl BodyDecoder {
    /// A decoder for content that ends in this way.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        let place = match framing {
            Framing::None | Framing::Length(0) => Place::Over(State::Done),
            Framing::Length(left) => Place::Counted { left },
            Framing::Chunked => Place::Size { size: 0, digits: false },
            Framing::UntilClose => Place::UntilClose,
            Framing::Unknown => Place::Over(State::Broken(rules::NO_LENGTH)),
        };
        Self { place }
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> State {
        match self.place {
            Place::Over(state) => state,
            _ => State::More,
        }
    }

    /// How far it has come now that the connection is closed and no byte can follow.
    #[must_use]
    pub fn closed(&self) -> State {
        match self.place {
            Place::Over(state) => state,
            Place::UntilClose => State::Done,
            Place::Counted { .. } | Place::Data { .. } => State::Broken(rules::TOO_SHORT),
            _ => State::Broken(rules::NO_LAST_CHUNK),
        }
    }

    /// Reads on, up to the end of the next stretch of content or of the bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Step {
        for (at, &byte) in bytes.iter().enumerate() {
            let (left, done) = match self.place {
                Place::Over(_) => return Step { consumed: at, content: at..at },
                Place::UntilClose => (u64::MAX, Place::UntilClose),
                Place::Counted { left } => (left, Place::Over(State::Done)),
                Place::Data { left } => (left, Place::DataReturn),
                place => {
                    self.place = place.next(byte);
                    continue;
                }
            };
            let there = bytes.len() - at;
            let len = usize::try_from(left).map_or(there, |left| left.min(there));
            self.place = match self.place {
                _ if len as u64 == left => done,
                Place::Counted { .. } => Place::Counted { left: left - len as u64 },
                Place::Data { .. } => Place::Data { left: left - len as u64 },
                place => place,
            };
            return Step { consumed: at + len, content: at..at + len };
        }
        Step { consumed: bytes.len(), content: bytes.len()..bytes.len() }
    }
}

impl Place {
    /// The place behind a byte that is not content.
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Size { size, digits }, _) => in_size(size, digits, byte),
            (Self::Space { size, len }, _) => in_space(size, len, byte),
            (Self::Extension { size, len }, _) => in_extension(size, len, byte),
            (Self::SizeFeed { size: 0 }, b'\n') => Self::Trailer { len: 0, empty: true },
            (Self::SizeFeed { size }, b'\n') => Self::Data { left: size },
            (Self::DataReturn, b'\r') => Self::DataFeed,
            (Self::DataReturn, b'\n') => broken(rules::BARE_LF),
            (Self::DataFeed, b'\n') => Self::Size { size: 0, digits: false },
            (Self::DataReturn | Self::DataFeed, _) => broken(rules::CHUNK_END),
            (Self::Trailer { len, empty }, _) => in_trailer(len, empty, byte),
            (Self::TrailerFeed { empty: true, .. }, b'\n') => Self::Over(State::Done),
            (Self::TrailerFeed { len, .. }, b'\n') => Self::Trailer { len, empty: true },
            (Self::SizeFeed { .. } | Self::TrailerFeed { .. }, _) => broken(rules::BARE_CR),
            (Self::UntilClose | Self::Counted { .. } | Self::Data { .. } | Self::Over(_), _) => self,
        }
    }
}

fn in_size(size: u64, digits: bool, byte: u8) -> Place {
    match byte {
        b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => grown(size, byte),
        b'\r' if digits => Place::SizeFeed { size },
        b'\n' if digits => broken(rules::BARE_LF),
        b';' if digits => Place::Extension { size, len: 1 },
        b' ' | b'\t' if digits => Place::Space { size, len: 1 },
        _ => broken(rules::CHUNK_SIZE),
    }
}

fn in_space(size: u64, len: usize, byte: u8) -> Place {
    match byte {
        b' ' | b'\t' | b';' if len >= EXTENSION_LIMIT => broken(rules::EXT_LONG),
        b' ' | b'\t' => Place::Space { size, len: len + 1 },
        b';' => Place::Extension { size, len: len + 1 },
        _ => broken(rules::CHUNK_EXT),
    }
}

fn in_extension(size: u64, len: usize, byte: u8) -> Place {
    match byte {
        b'\r' => Place::SizeFeed { size },
        b'\n' => broken(rules::BARE_LF),
        _ if byte.is_ascii_control() && byte != b'\t' => broken(rules::CONTROL),
        _ if len >= EXTENSION_LIMIT => broken(rules::EXT_LONG),
        _ => Place::Extension { size, len: len + 1 },
    }
}

fn in_trailer(len: usize, empty: bool, byte: u8) -> Place {
    match byte {
        b'\r' if empty => Place::TrailerFeed { len, empty },
        _ if len >= TRAILERS_LIMIT => broken(rules::TRAILERS_LONG),
        b'\r' => Place::TrailerFeed { len: len + 2, empty },
        b'\n' => broken(rules::BARE_LF),
        _ if byte.is_ascii_control() && byte != b'\t' => broken(rules::CONTROL),
        _ => Place::Trailer { len: len + 1, empty: false },
    }
}

fn broken(rule: &'static str) -> Place {
    Place::Over(State::Broken(rule))
}

/// A chunk-size with one more hexadecimal digit.
fn grown(size: u64, digit: u8) -> Place {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    };
    match size.checked_mul(16) {
        Some(size) => Place::Size { size: size + u64::from(value), digits: true },
        None => broken(rules::CHUNK_HUGE),
    }
}

/// Where the content begins: behind the first empty line, if that has come. A line feed alone counts as
/// a line end here, so that a broken head is found whole and can be explained.
///
/// ```
/// use netlab::proto::http::decode::head_end;
/// assert_eq!(head_end(b"HTTP/1.1 200 OK\r\n\r\nhello"), Some(19));
/// assert_eq!(head_end(b"HTTP/1.1 200 OK\r\n\r"), None);
/// ```
#[must_use]
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    head_end_from(bytes, 0)
}

/// [`head_end`] when the first `seen` bytes have been searched before, so that a head that comes byte
/// by byte is not searched from its start each time.
#[must_use]
pub fn head_end_from(bytes: &[u8], seen: usize) -> Option<usize> {
    // An empty line is at most three bytes from the line feed before it to its own.
    let mut at = seen.saturating_sub(3).min(bytes.len());
    loop {
        let feed = at + bytes[at..].iter().position(|&byte| byte == b'\n')?;
        let behind = &bytes[feed + 1..];
        if behind.starts_with(b"\r\n") {
            return Some(feed + 3);
        }
        if behind.starts_with(b"\n") {
            return Some(feed + 2);
        }
        at = feed + 1;
    }
}
