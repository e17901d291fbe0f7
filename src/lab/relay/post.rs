//! Datagrams that are inside the relay: held back until another one has passed them, or on their way for as
//! long as every datagram takes. It knows no sockets; whoever asks says what time it is.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::told::{Which, Why};
use crate::lab::faults::Fate;

/// How long a datagram is held back when none comes that could pass it. Long enough for a person to type the next.
pub const HOLD: Duration = Duration::from_secs(10);

/// How many datagrams are held back at once.
pub const HELD: usize = 64;

/// How many datagrams can be on their way at once, each with up to 65,507 bytes.
pub const UNDER_WAY: usize = 1_024;

/// One datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Which one.
    pub which: Which,
    /// What it carries.
    pub bytes: Vec<u8>,
}

/// What became of letters that were handed in, or whose time has come.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Those that go on now, in this order.
    pub now: Vec<Letter>,
    /// Those that are held back no longer, and why.
    pub released: Vec<(Which, Why)>,
    /// Those for which there was no room.
    pub left_out: Vec<Letter>,
}

/// What is inside.
#[derive(Debug, Default)]
pub struct Post {
    delay: Duration,
    held: VecDeque<(Instant, Letter)>,
    under_way: VecDeque<(Instant, Letter)>,
}

impl Post {
    /// An empty one, in which every datagram spends this long.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    /// Takes a datagram that is not dropped.
    pub fn take(&mut self, letter: Letter, fate: Fate, now: Instant) -> Outgoing {
        let mut out = Outgoing::default();
        match fate {
            Fate::Dropped => {}
            Fate::Held => {
                if self.held.len() >= HELD
                    && let Some((_, oldest)) = self.held.pop_front()
                {
                    out.released.push((oldest.which, Why::NoRoom));
                    self.dispatch(oldest, now, &mut out);
                }
                self.held.push_back((now + HOLD, letter));
            }
            Fate::Passed | Fate::Twice => {
                let which = letter.which;
                if fate == Fate::Twice {
                    self.dispatch(letter.clone(), now, &mut out);
                }
                self.dispatch(letter, now, &mut out);
                self.release_behind(which, now, &mut out);
            }
        }
        out
    }

    /// What goes on because its time has come.
    pub fn due(&mut self, now: Instant) -> Outgoing {
        let mut out = Outgoing::default();
        while self.under_way.front().is_some_and(|(at, _)| *at <= now) {
            out.now.extend(self.under_way.pop_front().map(|(_, letter)| letter));
        }
        // Held letters stand in the order in which they came, and all may wait equally long.
        while self.held.front().is_some_and(|(until, _)| *until <= now) {
            let Some((_, letter)) = self.held.pop_front() else { break };
            out.released.push((letter.which, Why::Waited));
            self.dispatch(letter, now, &mut out);
        }
        out
    }

    /// When something goes on by itself, if anything does.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let (held, under_way) = (self.held.front(), self.under_way.front());
        held.into_iter().chain(under_way).map(|(at, _)| *at).min()
    }

    /// Everything that is still inside.
    pub fn rest(&mut self) -> impl Iterator<Item = Letter> {
        self.held.drain(..).chain(self.under_way.drain(..)).map(|(_, letter)| letter)
    }

    /// Lets go of everything that `passed` has overtaken: what its client had sent, or was to get, before it.
    fn release_behind(&mut self, passed: Which, now: Instant, out: &mut Outgoing) {
        let overtaken =
            |letter: &Letter| letter.which.way == passed.way && letter.which.client == passed.client;
        let mut left = VecDeque::new();
        for (until, letter) in std::mem::take(&mut self.held) {
            if overtaken(&letter) {
                out.released.push((letter.which, Why::Overtaken(passed.number)));
                self.dispatch(letter, now, out);
            } else {
                left.push_back((until, letter));
            }
        }
        self.held = left;
    }

    fn dispatch(&mut self, letter: Letter, now: Instant, out: &mut Outgoing) {
        if self.delay.is_zero() {
            out.now.push(letter);
        } else if self.under_way.len() >= UNDER_WAY {
            out.left_out.push(letter);
        } else {
            self.under_way.push_back((now + self.delay, letter));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{HELD, HOLD, Letter, Outgoing, Post, UNDER_WAY};
    use crate::lab::faults::{Fate, Way};
    use crate::lab::relay::told::{Which, Why};

    fn letter(number: u64) -> Letter {
        of(1, number)
    }

    fn of(client: u64, number: u64) -> Letter {
        let which = Which { way: Way::There, number, client };
        Letter { which, bytes: vec![b'x'; usize::try_from(number).unwrap()] }
    }

    fn numbers(letters: &[Letter]) -> Vec<u64> {
        letters.iter().map(|letter| letter.which.number).collect()
    }

    #[test]
    fn what_passes_goes_at_once_and_what_passes_twice_goes_twice() {
        let (mut post, now) = (Post::new(Duration::ZERO), Instant::now());
        assert_eq!(numbers(&post.take(letter(1), Fate::Passed, now).now), [1]);
        assert_eq!(numbers(&post.take(letter(2), Fate::Twice, now).now), [2, 2]);
        assert_eq!(post.take(letter(3), Fate::Dropped, now), Outgoing::default());
        assert_eq!(post.next(), None);
    }

    #[test]
    fn one_that_is_held_goes_behind_the_next_one_of_the_same_client_that_goes() {
        let (mut post, now) = (Post::new(Duration::ZERO), Instant::now());
        assert_eq!(post.take(letter(1), Fate::Held, now), Outgoing::default());
        assert_eq!(post.take(letter(2), Fate::Dropped, now), Outgoing::default());
        assert_eq!(post.take(letter(3), Fate::Held, now), Outgoing::default());
        assert_eq!(
            numbers(&post.take(of(2, 4), Fate::Passed, now).now),
            [4],
            "another client's passes nobody"
        );
        let out = post.take(letter(5), Fate::Twice, now);
        assert_eq!(numbers(&out.now), [5, 5, 1, 3]);
        assert!(out.released.iter().all(|(_, why)| *why == Why::Overtaken(5)));
        assert_eq!(post.next(), None);
    }

    #[test]
    fn one_that_nobody_passes_goes_when_it_has_waited_long_enough() {
        let (mut post, now) = (Post::new(Duration::ZERO), Instant::now());
        post.take(letter(1), Fate::Held, now);
        assert_eq!(post.next(), Some(now + HOLD));
        assert_eq!(post.due(now + HOLD.saturating_sub(Duration::from_millis(1))), Outgoing::default());
        let out = post.due(now + HOLD);
        assert_eq!((numbers(&out.now), out.released), (vec![1], vec![(letter(1).which, Why::Waited)]));
    }

    #[test]
    fn with_a_delay_everything_takes_that_long_and_keeps_its_order() {
        let delay = Duration::from_millis(20);
        let (mut post, now) = (Post::new(delay), Instant::now());
        post.take(letter(1), Fate::Held, now);
        assert_eq!(post.take(letter(2), Fate::Passed, now).now, []);
        assert_eq!(post.next(), Some(now + delay));
        assert_eq!(post.due(now).now, []);
        assert_eq!(numbers(&post.due(now + delay).now), [2, 1]);
    }

    #[test]
    fn there_is_room_for_so_many_and_what_has_no_room_is_named() {
        let (mut post, now) = (Post::new(Duration::from_secs(1)), Instant::now());
        for number in 1..=UNDER_WAY as u64 {
            assert_eq!(post.take(of(1, number), Fate::Passed, now).left_out, []);
        }
        assert_eq!(numbers(&post.take(letter(7), Fate::Twice, now).left_out), [7, 7]);
        let mut post = Post::new(Duration::ZERO);
        for number in 1..=HELD as u64 {
            assert_eq!(post.take(letter(number), Fate::Held, now), Outgoing::default());
        }
        let out = post.take(letter(99), Fate::Held, now);
        assert_eq!((numbers(&out.now), out.released), (vec![1], vec![(letter(1).which, Why::NoRoom)]));
        assert_eq!(post.rest().count(), HELD);
        assert_eq!(post.next(), None);
    }
}
