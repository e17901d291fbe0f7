//! What is looked at right after a check: whether the server outlived it, and what it speaks if not HTTP.
//!
//! A server that ends, or stops answering, is found by the request that comes next. So the next one is asked at once,
//! it is the simplest there is, and whatever it finds is laid to the request before.

use super::heard::{End, Heard};
use super::place::Place;
use super::script::Script;
use super::{Ask, Check, pairs, robust};
use crate::evidence::Flow;
use crate::probe::base::{Base, SLOW_US};

/// The check that asks first; it has no server to compare with yet.
pub const FIRST: &str = "hello.answers";

/// How the server is after a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// GET / gets an answer.
    Answers,
    /// Nobody takes connections.
    Gone,
    /// Connections are taken, and GET / gets no answer.
    Mute,
}

impl Health {
    /// What the simplest request found.
    #[must_use]
    pub fn of(flow: &Flow) -> Self {
        let heard = Heard::of(flow);
        match heard.end() {
            End::Unopened => Self::Gone,
            _ if heard.whole() > 0 => Self::Answers,
            _ => Self::Mute,
        }
    }
}

/// The simplest request, on a connection of its own.
#[must_use]
pub fn look(place: &Place) -> Script {
    Script::ask(place.last_get("/"), 1)
}

/// Whether to look: a conversation brought no whole answer, or the request was not a plain one. A slow server that
/// has answered is believed.
#[must_use]
pub fn wants_look(check: &Check, script: &Script, flows: &[Flow], base: &Base, place: &Place) -> bool {
    let unanswered = flows.iter().any(|flow| Heard::of(flow).whole() == 0);
    if check.id == FIRST {
        return matches!(flows.first().map(|flow| Heard::of(flow).end()), Some(End::Closed | End::Reset))
            && unanswered;
    }
    let plain = place.last_get("/");
    let last = script.connections().checked_sub(1);
    let ends_plainly = last.is_some_and(|last| script.writes(last).eq([plain.as_slice()]));
    unanswered || !ends_plainly && base.took_us < SLOW_US
}

/// What is asked once more before the conversations are judged: an odd request alone, when only the content differed.
#[must_use]
pub fn again(check: &Check, flows: &[Flow], place: &Place) -> Option<Script> {
    match check.ask {
        Ask::Odd(odd) if pairs::wants_again(flows) => Some(odd.alone(place)),
        _ => None,
    }
}

/// What is asked of a server whose first answer was none: whether it understands TLS.
#[must_use]
pub fn hello_in_tls(check: &Check, flows: &[Flow], place: &Place) -> Option<Script> {
    let heard = Heard::of(flows.first()?);
    let closed = matches!(heard.end(), End::Closed | End::Reset);
    if check.id != FIRST || !heard.is_empty() || !closed {
        return None;
    }
    Some(robust::tls_hello(place))
}

/// Whether these are the first bytes of a TLS server: a record of the handshake or an alert (RFC 8446 §5.1).
#[must_use]
pub fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..])
}
