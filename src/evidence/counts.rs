//! Hand-overs of bytes that are counted without a word, on a conversation that nobody wants to hear more of.
//!
//! Counting takes no lock and no look at the clock. The flow learns of the counts when somebody looks at it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::event::Side;
use super::flow::Flow;

/// What is counted of one conversation, and what the flow does not know of yet.
#[derive(Default)]
pub(super) struct Counts {
    all: AtomicBool,
    own: AtomicBool,
    client: Count,
    server: Count,
}

#[derive(Default)]
struct Count {
    hand_overs: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    /// From now on all hand-overs are only counted.
    pub fn all_from_here(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// From now on those of the recorded program are.
    pub fn own_from_here(&self) {
        self.own.store(true, Ordering::Relaxed);
    }

    /// Counts a hand-over, if it is one of those.
    pub fn takes(&self, side: Side, seen: Side, bytes: usize) -> bool {
        let takes = self.all.load(Ordering::Relaxed) || side == seen && self.own.load(Ordering::Relaxed);
        if takes {
            let count = self.of(side);
            count.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            count.hand_overs.fetch_add(1, Ordering::Relaxed);
        }
        takes
    }

    /// Tells the flow.
    pub fn pour_into(&self, flow: &mut Flow) {
        for side in [Side::Client, Side::Server] {
            let count = self.of(side);
            let hand_overs = count.hand_overs.swap(0, Ordering::Relaxed);
            if hand_overs > 0 {
                flow.count(side, hand_overs, count.bytes.swap(0, Ordering::Relaxed));
            }
        }
    }

    fn of(&self, side: Side) -> &Count {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }
}
