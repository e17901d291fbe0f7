//! The content of a request: read to its end, counted, and let go.
//!
//! The hello server does nothing with it, but its end is where the next request begins.

use super::chunk_lines::ChunkLines;
use super::refusal::Refusal;
use crate::proto::http::Framing;
use crate::proto::http::decode::{BodyDecoder, State};
use crate::proto::http::rules;

/// The most bytes of content a request may bring.
pub const CONTENT_LIMIT: u64 = 1024 * 1024;

const TOO_LARGE: Refusal = Refusal { status: 413, why: "the content is longer than this server reads" };

/// Content on its way.
pub struct Content {
    decoder: BodyDecoder,
    len: u64,
    lines: ChunkLines,
}

impl Content {
    /// Begins to read content that ends in this way.
    ///
    /// # Errors
    /// When it says itself that it is too long.
    pub fn new(framing: Framing) -> Result<Self, Refusal> {
        match framing {
            Framing::Length(len) if len > CONTENT_LIMIT => Err(TOO_LARGE),
            _ => Ok(Self { decoder: BodyDecoder::new(framing), len: 0, lines: ChunkLines::default() }),
        }
    }

    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self { decoder: BodyDecoder::new(Framing::None), len: 0, lines: ChunkLines::default() }
    }

    /// How many bytes of it there were so far, framing not counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Takes what belongs to it from the front of `input`: how many bytes that is, and whether it is complete.
    ///
    /// # Errors
    /// When the framing is broken or the content too long.
    pub fn take(&mut self, input: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut at = 0;
        while at < input.len() && self.decoder.state() == State::More {
            let step = self.decoder.feed(&input[at..]);
            self.lines.take(&input[at..][..step.content.start])?;
            self.len += step.content.len() as u64;
            at += step.consumed;
            if self.len > CONTENT_LIMIT {
                return Err(TOO_LARGE);
            }
        }
        match self.decoder.state() {
            State::Done => Ok((at, true)),
            State::More => Ok((at, false)),
            State::Broken(why) => Err(Refusal { status: status(why), why }),
        }
    }
}

/// What is too long has a status of its own.
fn status(rule: &'static str) -> u16 {
    if rule == rules::EXT_LONG {
        413
    } else if rule == rules::TRAILERS_LONG {
        431
    } else {
        400
    }
}
