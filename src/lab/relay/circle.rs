//! Whether what goes out to the server comes back from it as if new clients had sent it. Then the way leads in a circle, by
//! whatever relays, and each datagram goes round for ever.
//!
//! One client may well say what another has said. A circle brings hundreds a second that all say what has just gone out,
//! each from an address that nobody has heard of.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// With how many such clients within [`WITHIN`] it is a circle. A shell that starts a client for each datagram stays far below.
pub const ECHOES: usize = 500;
/// The time in which they come.
pub const WITHIN: Duration = Duration::from_secs(1);
/// How many datagrams that went out are remembered.
const REMEMBERED: usize = 64;

/// What went out lately, and how often it came back.
#[derive(Debug, Default)]
pub struct Echoes {
    hasher: RandomState,
    sent: VecDeque<u64>,
    came: VecDeque<Instant>,
}

impl Echoes {
    /// A datagram goes out.
    pub fn sent(&mut self, bytes: &[u8]) {
        self.sent.push_back(self.hasher.hash_one(bytes));
        if self.sent.len() > REMEMBERED {
            self.sent.pop_front();
        }
    }

    /// A new client's first datagram; whether it is the one that proves a circle.
    pub fn is_circle(&mut self, bytes: &[u8], now: Instant) -> bool {
        if !self.sent.contains(&self.hasher.hash_one(bytes)) {
            self.came.clear();
            return false;
        }
        self.came.push_back(now);
        while self.came.front().is_some_and(|&first| now.saturating_duration_since(first) > WITHIN) {
            self.came.pop_front();
        }
        self.came.len() >= ECHOES
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ECHOES, Echoes, WITHIN};

    #[test]
    fn many_new_clients_that_say_what_went_out_are_a_circle() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.sent(b"hi");
        assert!((1..ECHOES).all(|_| !echoes.is_circle(b"hi", now)));
        assert!(echoes.is_circle(b"hi", now));
    }

    #[test]
    fn clients_who_take_their_time_or_say_something_else_are_none() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.sent(b"hi");
        let apart = WITHIN / u32::try_from(ECHOES).unwrap() * 2;
        assert!((0..3 * ECHOES).all(|at| !echoes.is_circle(b"hi", now + apart * u32::try_from(at).unwrap())));
        assert!((0..3 * ECHOES).all(|at| !echoes.is_circle(if at % 500 == 0 { b"ho" } else { b"hi" }, now)));
        assert!((0..3 * ECHOES).all(|_| !echoes.is_circle(b"other", now + Duration::from_secs(9))));
    }
}
