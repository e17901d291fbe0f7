//! One thing that happened on a conversation.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::counters::Counters;
use super::errno::{self, TroubleKind};
use super::id::FlowId;

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

    /// Its place in a pair of both: the client's comes first.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 1,
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
        /// Of a flow inside another one: how many bytes the one outside had carried in this direction by then. Of a
        /// write, some may still wait to be put into it.
        beneath: Option<NonZeroU64>,
    },
    /// This side will send no more: TCP's FIN, the `close_notify` of TLS.
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
    /// Everything that this side's program handed over has been acknowledged by the other side's kernel, which did not
    /// answer it with RST: somebody there still held the connection.
    Acknowledged,
    /// The server is on this machine, and these sockets were waiting for calls on its port then, at whatever address; at
    /// most [`WAITING_NAMED`].
    Waiting(Vec<Waiting>),
    /// The server is on this machine, and no program had accepted the connection yet: it stood in the kernel's queue.
    Unaccepted,
    /// A probe is through, and this is what it made of the server.
    Judged(Box<Judged>),
    /// Something worth knowing that is not on the wire, in one sentence.
    Note(String),
    /// From here on it goes on because of another flow: a connection that serves several clients in turn.
    Because(FlowId),
    /// From here on the program speaks this protocol.
    Speaks(Cow<'static, str>),
}

impl What {
    /// Whether it happened between the two ends, and is not only known about them.
    #[must_use]
    pub fn is_on_the_wire(&self) -> bool {
        !matches!(
            self,
            Self::Note(_)
                | Self::Because(_)
                | Self::Speaks(_)
                | Self::Acknowledged
                | Self::Waiting(_)
                | Self::Unaccepted
                | Self::Judged(_)
        )
    }
}

/// How many of the sockets that wait on a port are named.
pub const WAITING_NAMED: usize = 8;

/// A socket that waits for calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where.
    pub at: SocketAddr,
    /// The system's number for it. It tells a server from the one that takes its place.
    pub socket: u64,
}

/// What a probe made of a server: the checks by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What was as it should be.
    pub passed: Vec<String>,
    /// What was not.
    pub failed: Vec<String>,
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
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        own.copied().unwrap_or_else(|| Self { kind: errno::kind(error), errno: error.raw_os_error() })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.name())
    }
}

impl std::error::Error for Trouble {}

impl From<TroubleKind> for Trouble {
    fn from(kind: TroubleKind) -> Self {
        Self { kind, errno: None }
    }
}
