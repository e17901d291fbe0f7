//! Whether a writer is stuck: the system takes nothing, and nothing that waits on the way moves.

use std::time::Duration;

use crate::evidence::Counters;
use crate::net::clock::now_us;

/// How long a write that the system does not take waits before the queues are looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long nothing may move before nobody waits any more, unless somebody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many looks in a row have to find the same before nothing moves.
const SAME_LOOKS: u32 = 4;
/// How many of them are enough even while the window is open: between a full queue and a closed window the kernel may
/// wait for a timer, and nothing moves until then.
const MOST_LOOKS: u32 = 60;

/// What looks in a row have found.
#[derive(Default)]
pub struct Still {
    /// How many have found the same at the writer's end.
    looks: u32,
    here: Option<[Option<u64>; 3]>,
    there: Option<u64>,
    since_us: u64,
    closed: bool,
}

impl Still {
    /// One more look: what was accepted, and what both ends' kernels said. Gives for how long everything has been as
    /// it is now. A reader that takes bytes out does not move anything at the writer's end before its window opens, and
    /// is still worth waiting for.
    pub fn look(
        &mut self,
        accepted: u64,
        sender: Option<&Counters>,
        receiver: Option<&Counters>,
    ) -> Duration {
        let now = now_us();
        let send_window = sender.and_then(|sender| sender.send_window);
        let here = Some([Some(accepted), sender.and_then(|sender| sender.send_queue), send_window]);
        let there = receiver.and_then(|receiver| receiver.receive_queue);
        self.looks = if self.here == here { self.looks + 1 } else { 0 };
        if self.here != here || self.there != there {
            self.since_us = now;
        }
        (self.here, self.there) = (here, there);
        self.closed = send_window.is_none_or(|window| window == 0);
        Duration::from_micros(now.saturating_sub(self.since_us))
    }

    /// Whether the writer is stuck, by what the looks have found.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        (self.closed && self.looks >= SAME_LOOKS) || self.looks >= MOST_LOOKS
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_LOOKS, SAME_LOOKS, Still};
    use crate::evidence::Counters;

    fn looks(still: &mut Still, many: u32, accepted: u64, send_window: Option<u64>) {
        for _ in 0..many {
            still.look(
                accepted,
                Some(&Counters { send_queue: Some(9), send_window, ..Counters::default() }),
                None,
            );
        }
    }

    #[test]
    fn a_closed_window_is_believed_soon_and_an_open_one_late() {
        let mut still = Still::default();
        looks(&mut still, SAME_LOOKS, 9, Some(0));
        assert!(!still.is_stuck(), "the first look has nothing to agree with");
        looks(&mut still, 1, 9, Some(0));
        assert!(still.is_stuck());
        looks(&mut still, MOST_LOOKS, 10, Some(5));
        assert!(!still.is_stuck());
        looks(&mut still, 1, 10, Some(5));
        assert!(still.is_stuck());
        looks(&mut still, 1, 11, Some(5));
        assert!(!still.is_stuck(), "something was accepted");
    }

    #[test]
    fn where_no_kernel_tells_what_was_accepted_decides() {
        let mut still = Still::default();
        for _ in 0..=SAME_LOOKS {
            still.look(9, None, None);
        }
        assert!(still.is_stuck());
    }
}
