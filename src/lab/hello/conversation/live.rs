//! An answer that comes in pieces: its head, each piece in its framing (RFC 9112 §7.1), and its end.

use tokio::time::Instant;

use super::answering::after;
use super::{Asked, Conversation, Facts, Reply, Stage, Turn};
use crate::lab::hello::site::{Ending, Live};
use crate::lab::hello::{date, head};

/// What is under way.
pub(super) struct Pouring {
    facts: Facts,
    line: Vec<u8>,
    live: Box<Live>,
    chunked: bool,
    sent: u64,
}

impl Conversation<'_> {
    /// Says the head of an answer that comes in pieces.
    pub(super) fn begin(
        &mut self,
        Asked { facts, line }: Asked<'_>,
        answer: Box<Live>,
        Turn { output, now }: &mut Turn<'_>,
    ) {
        let now = *now;
        let chunked = answer.ending == Ending::Chunked && facts.minor > 0;
        let ends_itself = chunked || matches!(answer.ending, Ending::Length(_));
        let keep = facts.keep && !self.stopping && ends_itself && !answer.endless;
        let facts = Facts { keep, ..facts };
        answer.append_head(output, chunked, &date::date(now), after(keep, facts.minor));
        if answer.endless || facts.head_only {
            self.tell(Asked { facts, line }, Reply { status: answer.status, len: 0, refused: None }, now);
        }
        if facts.head_only {
            return self.go_on(keep, now);
        }
        self.stage = Stage::Live(Box::new(Pouring {
            facts,
            line: head::in_short(line),
            live: answer,
            chunked,
            sent: 0,
        }));
    }

    /// Whether an answer is under way that has no end of its own.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        matches!(&self.stage, Stage::Live(pouring) if pouring.live.endless)
    }

    /// Whether an answer is coming in pieces.
    #[must_use]
    pub fn is_pouring(&self) -> bool {
        matches!(self.stage, Stage::Live(_))
    }

    /// Waits for the next piece of the answer and adds it to `output`. To be called after [`Next::Pour`], until
    /// [`take`](Self::take) says something else.
    pub async fn pour(&mut self, output: &mut Vec<u8>) {
        let Stage::Live(pouring) = &mut self.stage else { return };
        let piece = pouring.live.source.next().await;
        let before = output.len();
        match piece {
            Some(piece) if pouring.chunked && !piece.is_empty() => {
                output.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                output.extend_from_slice(&piece);
                output.extend_from_slice(b"\r\n");
                pouring.sent += piece.len() as u64;
            }
            Some(piece) => {
                output.extend_from_slice(&piece);
                pouring.sent += piece.len() as u64;
            }
            None => return self.poured(output, Instant::now()),
        }
        if let Some(sight) = &mut self.sight {
            sight.said(&output[before..]);
        }
    }

    /// Ends an answer that comes in pieces, as if that had been all.
    pub fn poured(&mut self, output: &mut Vec<u8>, now: Instant) {
        let Stage::Live(pouring) = std::mem::replace(&mut self.stage, Stage::Over) else { return };
        let Pouring { facts, line, live, chunked, sent } = *pouring;
        let before = output.len();
        if chunked && !live.breaks_off {
            output.extend_from_slice(b"0\r\n\r\n");
        }
        if !live.endless {
            let len = usize::try_from(sent).unwrap_or(usize::MAX);
            let reply = Reply { status: live.status, len, refused: None };
            self.tell(Asked { facts, line: &line }, reply, now);
        }
        // With another length than was promised, the next answer would be read as content of this one.
        let as_promised = !matches!(live.ending, Ending::Length(len) if len != sent);
        self.go_on(facts.keep && as_promised && !live.breaks_off, now);
        self.seen(&[], &output[before..], now);
    }

    /// The connection broke while an answer was coming in pieces: what was sent of it is told.
    pub fn broken(&mut self, now: Instant) {
        self.poured(&mut Vec::new(), now);
        self.stage = Stage::Over;
    }
}
