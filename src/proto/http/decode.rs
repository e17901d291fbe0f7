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
use super::grammar::field_line::fault as line_fault;
use super::grammar::size_line::{Next, SizeLine};
use super::grammar::{Fault, Rule};
use super::rules;

/// The longest chunk extension accepted, in bytes; RFC 9112 §7.1.1 asks for a limit. In requests it is the limit for
/// all extensions of one content together.
pub const EXTENSION_LIMIT: usize = 1024;

/// The longest trailer section accepted, in bytes.
pub const TRAILERS_LIMIT: usize = 4096;

/// The most digits of a chunk-size; the zeros in front of it are bounded by nothing else.
pub const DIGITS_LIMIT: u32 = 16;

/// The largest chunk: one byte more, and a program that counts with a sign counts backwards.
pub const CHUNK_LIMIT: u64 = u64::MAX >> 1;

/// How far a decoder has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// More bytes are needed.
    More,
    /// The content is complete; what follows is the next message.
    Done,
    /// The bytes break this rule or go beyond this limit, and the rest is not read.
    Broken(&'static str),
}

/// Why a decoder does not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The bytes break a rule; its place is counted from the first byte of the content.
    Broken(Fault),
    /// They break none, and are more than netlab goes along with.
    Limit(Rule),
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
    /// Whether what is [forgivable](super::grammar) ends it all.
    strict: bool,
    /// The bytes that were read.
    seen: u64,
    /// Digits of the size under way, and bytes of extensions.
    digits: u32,
    extensions: usize,
    /// The trailer line under way, where it is judged.
    trailer: Vec<u8>,
}

/// A place in the grammar, with what must be remembered there.
#[derive(Debug, Clone, Copy)]
enum Place {
    UntilClose,
    Counted {
        left: u64,
    },
    Size(SizeLine),
    Data {
        left: u64,
    },
    DataReturn,
    DataFeed,
    /// In the trailer section, of which there were `len` bytes.
    Trailer {
        len: usize,
        line: Trailer,
    },
    Done,
    Stopped(Stopped),
}

/// How much of a trailer line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trailer {
    Nothing,
    /// A carriage return and nothing else.
    Return,
    Something,
}

impl BodyDecoder {
    /// A decoder for content of an answer that ends in this way. What servers do and everybody forgives is forgiven.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        let place = match framing {
            Framing::None | Framing::Length(0) => Place::Done,
            Framing::Length(left) => Place::Counted { left },
            Framing::Chunked => Place::Size(SizeLine::NEW),
            Framing::UntilClose => Place::UntilClose,
            Framing::Unknown => Place::broken(Fault { rule: &rules::NO_LENGTH, at: 0 }),
        };
        Self { place, strict: false, seen: 0, digits: 0, extensions: 0, trailer: Vec::new() }
    }

    /// A decoder for content of a request, which forgives nothing and judges trailer lines too.
    #[must_use]
    pub fn strict(framing: Framing) -> Self {
        Self { strict: true, ..Self::new(framing) }
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> State {
        match self.place {
            Place::Done => State::Done,
            Place::Stopped(Stopped::Broken(Fault { rule, .. }) | Stopped::Limit(rule)) => State::Broken(rule),
            _ => State::More,
        }
    }

    /// Why it does not read on, if that is so.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        match self.place {
            Place::Stopped(stopped) => Some(stopped),
            _ => None,
        }
    }

    /// How far it has come now that the connection is closed and no byte can follow.
    #[must_use]
    pub fn closed(&self) -> State {
        match self.place {
            Place::Done | Place::Stopped(_) => self.state(),
            Place::UntilClose => State::Done,
            Place::Counted { .. } | Place::Data { .. } => State::Broken(rules::TOO_SHORT),
            _ => State::Broken(rules::NO_LAST_CHUNK),
        }
    }

    /// Reads on, up to the end of the next stretch of content or of the bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Step {
        let step = self.step(bytes);
        self.seen += step.consumed as u64;
        step
    }

    fn step(&mut self, bytes: &[u8]) -> Step {
        for (at, &byte) in bytes.iter().enumerate() {
            let (left, done) = match self.place {
                Place::Done | Place::Stopped(_) => return Step { consumed: at, content: at..at },
                Place::UntilClose => (u64::MAX, Place::UntilClose),
                Place::Counted { left } => (left, Place::Done),
                Place::Data { left } => (left, Place::DataReturn),
                place => {
                    self.place = self.next(place, byte, self.seen + at as u64);
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

    /// The place behind a byte that is not content.
    fn next(&mut self, place: Place, byte: u8, at: u64) -> Place {
        let broken = |rule| Place::broken(Fault { rule, at });
        match (place, byte) {
            (Place::Size(line), _) => self.size(line, byte, at),
            (Place::DataReturn, b'\r') => Place::DataFeed,
            (Place::DataReturn, b'\n') if self.strict => broken(&rules::BARE_LF),
            (Place::DataReturn | Place::DataFeed, b'\n') => self.next_size(),
            (Place::DataReturn | Place::DataFeed, _) => broken(&rules::CHUNK_END),
            (Place::Trailer { len, line }, _) => self.trailer(len, line, byte, at),
            (place, _) => place,
        }
    }

    fn next_size(&mut self) -> Place {
        self.digits = 0;
        if !self.strict {
            self.extensions = 0;
        }
        Place::Size(SizeLine::NEW)
    }

    fn size(&mut self, mut line: SizeLine, byte: u8, at: u64) -> Place {
        let next = line.next(byte, at);
        match next {
            Next::Broken(fault) => return Place::broken(fault),
            Next::Forgivable(fault) | Next::Ended(Some(fault)) if self.strict => return Place::broken(fault),
            Next::Ended(_) if line.size() == 0 => {
                return Place::Trailer { len: 0, line: Trailer::Nothing };
            }
            Next::Ended(_) => return Place::Data { left: line.size() },
            Next::Forgivable(_) | Next::On => {}
        }
        if line.is_in_size() {
            self.digits += 1;
        } else if line.is_in_extension() {
            self.extensions += 1;
        }
        if line.size() > CHUNK_LIMIT {
            Place::limit(&rules::CHUNK_HUGE)
        } else if self.digits > DIGITS_LIMIT {
            Place::limit(&rules::CHUNK_DIGITS)
        } else if self.extensions > EXTENSION_LIMIT {
            Place::limit(&rules::EXT_LONG)
        } else {
            Place::Size(line)
        }
    }

    /// Passes over trailer lines. What they say changes nothing in the content, so only whoever is strict looks.
    fn trailer(&mut self, len: usize, line: Trailer, byte: u8, at: u64) -> Place {
        if self.strict {
            self.trailer.push(byte);
        }
        match (line, byte) {
            (Trailer::Nothing, b'\n') if self.strict => Place::broken(Fault { rule: &rules::BARE_LF, at }),
            (Trailer::Nothing | Trailer::Return, b'\n') => Place::Done,
            (Trailer::Nothing, b'\r') => Place::Trailer { len, line: Trailer::Return },
            _ if len >= TRAILERS_LIMIT => Place::limit(&rules::TRAILERS_LONG),
            (_, b'\n') => self.trailer_ended(len + 1, at),
            _ => Place::Trailer { len: len + 1, line: Trailer::Something },
        }
    }

    /// A trailer line ends here; the section has `len` bytes with it.
    fn trailer_ended(&mut self, len: usize, at: u64) -> Place {
        let above = len > self.trailer.len();
        if let Some(fault) = line_fault(&self.trailer, above) {
            return Place::broken(fault.behind(at + 1 - self.trailer.len() as u64));
        }
        self.trailer.clear();
        Place::Trailer { len, line: Trailer::Nothing }
    }
}

impl Place {
    fn broken(fault: Fault) -> Self {
        Self::Stopped(Stopped::Broken(fault))
    }

    fn limit(rule: Rule) -> Self {
        Self::Stopped(Stopped::Limit(rule))
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
