//! One conversation on one layer: who, over what, inside which other one, and everything that happened on it.

use std::borrow::Cow;

use super::end::End;
use super::event::{Event, Side, What};
use super::id::FlowId;
use super::layer::{Layer, Transport};
use super::opening::Opening;

/// How many bytes a flow keeps of each direction unless its recorder says otherwise. Later bytes are
/// counted and not kept.
pub const KEEP_BYTES: usize = 1024 * 1024;

/// How many bytes of ciphertext a flow keeps of each direction: what they say is kept once more, in the flow inside.
pub const CIPHERTEXT_BYTES: usize = 16 * 1024;

/// How many hand-overs of bytes a flow keeps. Later ones are counted and not kept.
pub const KEEP_EVENTS: usize = 10_000;

/// How many other events a flow keeps beside them: the end of a long conversation is not lost.
pub const KEEP_OTHERS: usize = 1_000;

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

/// Where a flow is inside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inside {
    /// The flow that carries it.
    pub flow: FlowId,
    /// The one that carries all of them, at the bottom of the stack.
    pub outermost: FlowId,
    /// Where it begins among the bytes that the client, and the server, sent on [`flow`](Self::flow).
    pub from: [u64; 2],
}

/// What a flow carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carries {
    /// The layer of the flow inside it.
    pub layer: Layer,
    /// From which byte on, of the client's and of the server's.
    pub from: [u64; 2],
}

/// One conversation on one layer: a connection, what goes on inside one, or datagrams between two ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its identity.
    pub id: FlowId,
    /// TCP or UDP: what is at the bottom of it.
    pub transport: Transport,
    /// Its own layer.
    pub layer: Layer,
    /// The client's end; unknown until a connect has succeeded.
    pub client: Option<End>,
    /// The server's end.
    pub server: End,
    /// Which side the recording program is: its own bytes are writes, the other's are reads.
    pub seen: Side,
    /// Who recorded it: a verb (`raw-get`) or a lab service (`lab/hello`).
    pub by: String,
    /// Where it is carried (TLS in TCP, a tunnel in a proxy's connection).
    pub inside: Option<Inside>,
    /// What it carries, if that is a flow of its own.
    pub carries: Option<Carries>,
    /// The flow because of which it was opened (a relay's client, a connect that needed a lookup).
    pub because: Option<FlowId>,
    /// The protocol its program was going to speak when it was opened, where it knew.
    pub speaks: Option<Cow<'static, str>>,
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
    /// A flow on which nothing has happened yet.
    #[must_use]
    pub fn begun(id: FlowId, opening: &Opening<'_>, began_us: u64) -> Self {
        Self {
            id,
            transport: opening.transport,
            layer: opening.transport.into(),
            client: opening.client.clone(),
            server: opening.server.clone(),
            seen: opening.seen,
            by: opening.by.to_owned(),
            inside: None,
            carries: None,
            because: opening.because,
            speaks: opening.speaks.map(Cow::Borrowed),
            began_us,
            events: Vec::new(),
            events_left_out: 0,
            from_client: Kept::default(),
            from_server: Kept::default(),
        }
    }

    /// The same flow without what was said on it, and of its events the first.
    #[must_use]
    pub fn outline(&self) -> Self {
        Self {
            transport: self.transport,
            layer: self.layer,
            client: self.client.clone(),
            server: self.server.clone(),
            by: self.by.clone(),
            speaks: self.speaks.clone(),
            events: self.events.first().cloned().into_iter().collect(),
            from_client: Kept::default(),
            from_server: Kept::default(),
            ..*self
        }
    }

    /// A flow on `layer` that begins inside this one now, and is to speak a protocol if the program knows which. This one
    /// carries it from here on.
    #[must_use]
    pub fn begin_inside(&mut self, layer: Layer, speaks: Option<&'static str>, began_us: u64) -> Self {
        let from = [self.from_client.total, self.from_server.total];
        let inside = Inside { flow: self.id, outermost: self.stack(), from };
        self.carries = Some(Carries { layer, from });
        Self {
            id: FlowId::random(),
            transport: self.transport,
            layer,
            client: self.client.clone(),
            server: self.server.clone(),
            seen: self.seen,
            by: self.by.clone(),
            inside: Some(inside),
            carries: None,
            because: None,
            speaks: speaks.map(Cow::Borrowed),
            began_us,
            events: Vec::new(),
            events_left_out: 0,
            from_client: Kept::default(),
            from_server: Kept::default(),
        }
    }

    /// What all flows of one recording have in common: the outermost one. They are one connection, however many layers
    /// it has.
    #[must_use]
    pub fn stack(&self) -> FlowId {
        self.inside.map_or(self.id, |inside| inside.outermost)
    }

    /// The protocol that its program says it speaks, as of now.
    #[must_use]
    pub fn spoken(&self) -> Option<&str> {
        let later = self.events.iter().rev().find_map(|event| match &event.what {
            What::Speaks(protocol) => Some(&**protocol),
            _ => None,
        });
        later.or(self.speaks.as_deref())
    }

    /// How many bytes of what `side` sends are kept, where a flow keeps so many: of ciphertext fewer are.
    #[must_use]
    pub fn keeps(&self, side: Side, keep: usize) -> usize {
        match self.carries {
            Some(Carries { layer, from }) if layer.enciphers() => {
                let plain = usize::try_from(from[side.index()]).unwrap_or(usize::MAX);
                keep.min(plain.saturating_add(CIPHERTEXT_BYTES))
            }
            _ => keep,
        }
    }

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
            let keep = self.keeps(event.side, keep);
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

    /// Whether `side` has said that it will send no more, by FIN, `close_notify` or RST.
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
