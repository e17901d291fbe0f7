//! One thing that happened on a conversation.

use std::io;

use serde::{Deserialize, Serialize};

use super::counters::Counters;
use super::errno::{self, TroubleKind};

/// An end of a conversation. The client opened it; the server was waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The end that opened the conversation.
    Client,
    /// The end that was waiting.
    Server,
}

impl Side {
    /// The end across from this one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// When it happened, which side did it, and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Microseconds since the recorder's clock began; monotonic, comparable within one recorder.
    pub at_us: u64,
    /// The side that did it: the sender of bytes, the side that finished.
    pub side: Side,
    /// What it was.
    pub what: What,
}

/// What can happen on a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The connection was established, or the datagram conversation began.
    Opened,
    /// Bytes were handed over: a *write* when this side's program is the one recorded, a *read* when
    /// they came from the other side.
    Bytes {
        /// How many.
        len: u32,
        /// The room in the reader's buffer, which bounds a read; absent for writes.
        buffer: Option<u32>,
    },
    /// This side will send no more (TCP FIN).
    Finished,
    /// This side broke the connection off (TCP RST).
    Reset,
    /// An operation failed.
    Failed(Trouble),
    /// A write of this side's program could not proceed: the system took none of its bytes, and nothing that was on its
    /// way moved.
    Stuck,
    /// What this side's kernel had counted on the connection by then.
    Counted(Box<Counters>),
    /// Whoever carries this side's datagrams did something else with one than to hand it on once, in its turn.
    Mishap(Mishap),
    /// Something worth knowing that is not on the wire, in one sentence.
    Note(String),
}

/// What can become of a datagram between the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mishap {
    /// It went no further.
    Dropped,
    /// It went on twice.
    Repeated,
    /// It waits until another one has passed it.
    HeldBack,
}

impl Mishap {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Repeated => "repeated",
            Self::HeldBack => "held-back",
        }
    }
}

/// Why an operation on a socket failed: a name for the kind, and the system's number if it gave one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The kind of failure, the same on every system.
    pub kind: TroubleKind,
    /// The operating system's error number.
    pub errno: Option<i32>,
}

impl From<&io::Error> for Trouble {
    fn from(error: &io::Error) -> Self {
        Self { kind: errno::kind(error), errno: error.raw_os_error() }
    }
}

impl From<TroubleKind> for Trouble {
    fn from(kind: TroubleKind) -> Self {
        Self { kind, errno: None }
    }
}
