//! What the relay has to say to the person who started it, as data.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::evidence::Trouble;
use crate::lab::faults::{Fate, Way};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody has sent a first datagram, and has this number from now on.
    Came {
        /// The number, counted from 1.
        client: u64,
        /// Where it sends from.
        address: SocketAddr,
    },
    /// A datagram was read, and this becomes of it.
    Read {
        /// Which one.
        which: Which,
        /// How many bytes it carries.
        len: usize,
        /// What becomes of it.
        fate: Fate,
    },
    /// A datagram that was held back goes on now.
    Released {
        /// Which one.
        which: Which,
        /// Why now.
        why: Why,
    },
    /// The kernel would not send a datagram on, or the server's kernel would not have it.
    Trouble {
        /// Of which client it was.
        client: u64,
        /// What the trouble is.
        trouble: Trouble,
    },
    /// A limit was reached, as a sentence.
    Limit(String),
}

/// One datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// Which way it goes.
    pub way: Way,
    /// The number of it among all that went this way, counted from 1.
    pub number: u64,
    /// The client that sent it, or that it is for.
    pub client: u64,
}

/// Why a datagram that was held back goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The one with this number has passed it.
    Overtaken(u64),
    /// None has come for as long as it may be held.
    Waited,
    /// As many are held as there is room for.
    NoRoom,
}

/// Where it is told.
pub type Teller = Arc<dyn Fn(&Told) + Send + Sync>;

/// How many datagrams of one way met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Read from the one side.
    pub read: u64,
    /// Of those, dropped.
    pub dropped: u64,
    /// Of those, passed twice.
    pub twice: u64,
    /// Of those, held back.
    pub held: u64,
    /// Sent on to the other side, a second copy counted as one more.
    pub sent: u64,
    /// Meant to be sent on and not sent: for want of room, because the kernel would not, or because the relay
    /// was stopped first.
    pub unsent: u64,
}

impl Tally {
    /// Counts one that was read.
    pub fn met(&mut self, fate: Fate) {
        self.read += 1;
        match fate {
            Fate::Passed => {}
            Fate::Dropped => self.dropped += 1,
            Fate::Twice => self.twice += 1,
            Fate::Held => self.held += 1,
        }
    }
}

/// The same for both ways, and how many clients there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many clients sent something.
    pub clients: u64,
    /// From the clients to the server.
    pub there: Tally,
    /// From the server to the clients.
    pub back: Tally,
    /// Whether it ended because what it sent to the server came back as if from new clients.
    pub goes_round: bool,
}

impl Summary {
    /// The numbers of a way.
    pub fn of(&mut self, way: Way) -> &mut Tally {
        match way {
            Way::There => &mut self.there,
            Way::Back => &mut self.back,
        }
    }
}
