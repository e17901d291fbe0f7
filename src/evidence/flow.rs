//! One conversation: who, over what, and everything that happened on it.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::event::{Event, Side, What};

/// How many bytes a flow keeps of each direction unless its recorder says otherwise. Later bytes are
/// counted and not kept.
pub const KEEP_BYTES: usize = 1024 * 1024;

/// How many hand-overs of bytes a flow keeps. Later ones are counted and not kept.
pub const KEEP_EVENTS: usize = 10_000;

/// How many other events a flow keeps beside them: the end of a long conversation is not lost.
pub const KEEP_OTHERS: usize = 1_000;

/// The transport under a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A stream of bytes each way (RFC 9293).
    Tcp,
    /// Datagrams with edges (RFC 768).
    Udp,
}

impl Transport {
    /// The word for it, as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

/// Tells flows of all processes that share a journal apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u64);

impl FlowId {
    /// A new one, from the randomness the standard library seeds its hash maps with.
    #[must_use]
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// The bytes of one direction: the first ones, and how many there were in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The first bytes, at most the recorder's limit.
    pub bytes: Vec<u8>,
    /// All bytes that went this way, kept or not.
    pub total: u64,
}

impl Kept {
    /// How many bytes went by without being kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.total - self.bytes.len() as u64
    }
}

/// One connection, or one datagram conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its identity.
    pub id: FlowId,
    /// TCP or UDP.
    pub transport: Transport,
    /// The client's address; unknown until a connect has succeeded.
    pub client: Option<SocketAddr>,
    /// The server's address.
    pub server: SocketAddr,
    /// Which side the recording program is: its own bytes are writes, the other's are reads.
    pub seen: Side,
    /// Who recorded it: a verb (`raw-get`) or a lab service (`lab/hello`).
    pub by: String,
    /// The flow this one is carried in (TLS in TCP, a tunnel in a proxy's connection).
    pub inside: Option<FlowId>,
    /// Microseconds since 1970, by the wall clock. For people to read; order never depends on it.
    pub began_us: u64,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Events that went by after [`KEEP_EVENTS`] and [`KEEP_OTHERS`].
    pub events_left_out: u64,
    /// What the client sent.
    pub from_client: Kept,
    /// What the server sent.
    pub from_server: Kept,
}

impl Flow {
    /// What `side` sent.
    #[must_use]
    pub fn sent_by(&self, side: Side) -> &Kept {
        match side {
            Side::Client => &self.from_client,
            Side::Server => &self.from_server,
        }
    }

    /// Adds an event; `bytes` are those of a [`What::Bytes`], of which the first `keep` in all stay.
    pub fn add(&mut self, event: Event, bytes: &[u8], keep: usize) {
        if let What::Bytes { len, .. } = event.what {
            let kept = match event.side {
                Side::Client => &mut self.from_client,
                Side::Server => &mut self.from_server,
            };
            // After a gap nothing is kept: what is kept is always an unbroken beginning.
            if kept.left_out() == 0 {
                let room = keep.saturating_sub(kept.bytes.len()).min(bytes.len());
                kept.bytes.extend_from_slice(&bytes[..room]);
            }
            kept.total += u64::from(len);
        }
        let limit = match event.what {
            What::Bytes { .. } | What::Mishap(_) => KEEP_EVENTS,
            _ => KEEP_EVENTS + KEEP_OTHERS,
        };
        if self.events.len() < limit {
            self.events.push(event);
        } else {
            self.events_left_out += 1;
        }
    }

    /// Counts bytes that `side` handed over at so many times, without keeping them or the events.
    pub fn count(&mut self, side: Side, many: u64, bytes: u64) {
        let kept = match side {
            Side::Client => &mut self.from_client,
            Side::Server => &mut self.from_server,
        };
        kept.total += bytes;
        self.events_left_out += many;
    }

    /// How much has happened, kept or not.
    #[must_use]
    pub fn many_events(&self) -> u64 {
        self.events.len() as u64 + self.events_left_out
    }

    /// Whether `side` has said that it will send no more, by FIN or RST.
    #[must_use]
    pub fn has_ended(&self, side: Side) -> bool {
        self.events
            .iter()
            .any(|event| event.side == side && matches!(event.what, What::Finished | What::Reset))
    }

    /// The lengths of the hand-overs of `side`, in order: writes or reads, or datagrams.
    pub fn lengths(&self, side: Side) -> impl Iterator<Item = usize> + '_ {
        self.events.iter().filter(move |event| event.side == side).filter_map(|event| match event.what {
            What::Bytes { len, .. } => Some(len as usize),
            _ => None,
        })
    }
}
