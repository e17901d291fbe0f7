//! The content of a request: read to its end, counted, and let go.
//!
//! The hello server does nothing with it, but its end is where the next request begins.

use std::time::Duration;

use super::chunk_lines::ChunkLines;
use super::head::Refusal;
use crate::proto::http::Framing;
use crate::proto::http::decode::{BodyDecoder, State};

/// The most bytes of content a request may bring.
pub const CONTENT_LIMIT: u64 = 1024 * 1024;
/// How long to wait for the next bytes of it.
pub const IDLE: Duration = Duration::from_secs(10);
/// How long all of it may take.
pub const TOTAL: Duration = Duration::from_mins(1);

/// The content did not arrive in time.
pub const TOO_SLOW: Refusal =
    Refusal { status: 408, why: "the content of the request took too long to arrive" };
/// The client finished in the middle of it.
pub const CUT_SHORT: Refusal =
    Refusal { status: 400, why: "the client finished before the content was complete" };
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

    /// Whether it is all there.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.decoder.state() == State::Done
    }

    /// How many bytes of it there were so far, framing not counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Takes what belongs to it from the front of `input`; true when it is complete.
    ///
    /// # Errors
    /// When the framing is broken or the content too long.
    pub fn take(&mut self, input: &mut Vec<u8>) -> Result<bool, Refusal> {
        let mut at = 0;
        while at < input.len() && self.decoder.state() == State::More {
            let step = self.decoder.feed(&input[at..]);
            self.lines.take(&input[at..][..step.content.start])?;
            self.len += step.content.len() as u64;
            at += step.consumed;
        }
        input.drain(..at);
        if self.len > CONTENT_LIMIT {
            return Err(TOO_LARGE);
        }
        match self.decoder.state() {
            State::Done => Ok(true),
            State::More => Ok(false),
            State::Broken(why) => Err(Refusal { status: 400, why }),
        }
    }
}
