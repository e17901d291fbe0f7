//! What this server says to a sound request: whatever else it is asked is held against that.
//!
//! A server may answer `/` with 404 or send whoever asks elsewhere, and be sound in everything else. So nothing is
//! compared with a 200 that somebody assumed. The page is asked for twice, because one that changes by design
//! (a clock, a counter of visitors) has to be known as such.

use super::heard::Heard;
use crate::evidence::{Flow, Side, What};

/// From how long on an answer is called slow, in microseconds.
pub const SLOW_US: u64 = 2_000_000;

/// What came back to GET /, twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// The status, once a whole answer has come.
    pub status: Option<u16>,
    /// Whether the page was another one the second time.
    pub changes: bool,
    /// How long the first answer took, in microseconds.
    pub took_us: u64,
}

impl Base {
    /// Reads both conversations, as far as there are any.
    #[must_use]
    pub fn of(first: Option<&Flow>, second: Option<&Flow>) -> Self {
        let Some(first) = first else { return Self::default() };
        let page = |flow: &Flow| {
            let heard = Heard::of(flow);
            let answers = heard.answers();
            let answer = answers.first().filter(|answer| answer.is_complete())?;
            Some((answer.status(), answer.content_bytes()))
        };
        let (one, two) = (page(first), second.and_then(page));
        Self {
            status: one.as_ref().and_then(|(status, _)| *status),
            changes: one.is_some() && two.is_some() && one != two,
            took_us: took_us(first).unwrap_or(0),
        }
    }

    /// Whether an answer is the one that a sound request gets.
    #[must_use]
    pub fn is(&self, status: Option<u16>) -> bool {
        self.status.is_some() && self.status == status
    }

    /// Whether it lets nobody in without a password (RFC 9110 §15.5.2).
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        self.status == Some(401)
    }
}

/// From the first byte that was sent to the last that came, in microseconds; nothing when none came.
#[must_use]
pub fn took_us(flow: &Flow) -> Option<u64> {
    let bytes = |side: Side| {
        let of_side = move |event: &&crate::evidence::Event| {
            event.side == side && matches!(event.what, What::Bytes { .. })
        };
        flow.events.iter().filter(of_side).map(|event| event.at_us)
    };
    let (asked, answered) = (bytes(Side::Client).next()?, bytes(Side::Server).next_back()?);
    Some(answered.saturating_sub(asked))
}
