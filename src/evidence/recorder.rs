//! Writing down what happens while it happens.
//!
//! A [`Recorder`] is shared by everything in one process. Each conversation opens a [`Recording`],
//! whose methods are called by the tap around its socket. Listeners hear of every event at once: the
//! live view and the journal are both listeners, and a body of any length streams past them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::counters::Counters;
use super::counts::Counts;
use super::event::{Event, Mishap, Side, Trouble, What};
use super::flow::{Flow, FlowId, KEEP_BYTES, Kept, Transport};

/// Somebody who wants to know at once. Called with the flow locked: do not record from here.
pub trait Listener: Send + Sync {
    /// A conversation is about to begin, at this time of the recorder's clock; it may still fail to open.
    fn opening(&self, _flow: &Flow, _at_us: u64) {}

    /// Something happened on it; `bytes` are all the bytes of a [`What::Bytes`], kept or not.
    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]);

    /// Whether hand-overs of bytes on this flow are of no interest any more. Then they may be counted without a word.
    fn has_heard_enough(&self, _flow: &Flow) -> bool {
        false
    }
}

/// Microseconds since some fixed moment, never going back.
pub type Clock = fn() -> u64;

/// Where conversations are written down. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    hub: Arc<Hub>,
}

struct Hub {
    clock: Clock,
    listeners: Vec<Arc<dyn Listener>>,
    keep_bytes: usize,
    kept: Option<Mutex<Vec<Recording>>>,
}

/// What is known of a conversation before it begins.
pub struct Opening<'a> {
    /// TCP or UDP.
    pub transport: Transport,
    /// The client's address, if known yet.
    pub client: Option<SocketAddr>,
    /// The server's address.
    pub server: SocketAddr,
    /// Which side this program is.
    pub seen: Side,
    /// The verb or lab service that records.
    pub by: &'a str,
}

impl Recorder {
    /// For a verb: its flows stay in memory until it ends.
    #[must_use]
    pub fn keeping(clock: Clock, listeners: Vec<Arc<dyn Listener>>) -> Self {
        let kept = Some(Mutex::new(Vec::new()));
        Self { hub: Arc::new(Hub { clock, listeners, keep_bytes: KEEP_BYTES, kept }) }
    }

    /// For a server: a flow lives as long as its connection, and keeps at most `keep_bytes` each way. With none,
    /// hand-overs of bytes are counted and not kept either: listeners hear of them, and a busy connection that
    /// nobody looks at costs no memory.
    #[must_use]
    pub fn passing(clock: Clock, listeners: Vec<Arc<dyn Listener>>, keep_bytes: usize) -> Self {
        Self { hub: Arc::new(Hub { clock, listeners, keep_bytes, kept: None }) }
    }

    /// Begins a conversation. Nothing has happened on it yet.
    #[must_use]
    pub fn open(&self, opening: &Opening<'_>) -> Recording {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let flow = Flow {
            id: FlowId::random(),
            transport: opening.transport,
            client: opening.client,
            server: opening.server,
            seen: opening.seen,
            by: opening.by.to_owned(),
            inside: None,
            began_us: u64::try_from(began.as_micros()).unwrap_or(u64::MAX),
            events: Vec::new(),
            events_left_out: 0,
            from_client: Kept::default(),
            from_server: Kept::default(),
        };
        for listener in &self.hub.listeners {
            listener.opening(&flow, (self.hub.clock)());
        }
        let page = Arc::new(Page { flow: Mutex::new(flow), counts: Counts::default() });
        let recording = Recording { hub: self.hub.clone(), seen: opening.seen, page };
        if let Some(kept) = &self.hub.kept {
            lock(kept).push(recording.clone());
        }
        recording
    }

    /// A server could not listen at its address. Nobody can have called there, so the flow has no client, and
    /// that is all that happened on it.
    pub fn not_bound(&self, transport: Transport, server: SocketAddr, by: &str, trouble: Trouble) {
        self.open(&Opening { transport, client: None, server, seen: Side::Server, by }).failed(trouble);
    }

    /// The flows kept so far, in the order they began.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        self.hub.kept.iter().flat_map(|kept| lock(kept).clone()).map(|recording| recording.flow()).collect()
    }

    /// The recorder's clock, in microseconds.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        (self.hub.clock)()
    }
}

/// One conversation being written down. Cheap to clone; both halves of a socket hold one.
#[derive(Clone)]
pub struct Recording {
    hub: Arc<Hub>,
    seen: Side,
    page: Arc<Page>,
}

/// What one conversation is written on.
struct Page {
    flow: Mutex<Flow>,
    counts: Counts,
}

impl Page {
    /// The flow, which knows of everything.
    fn flow(&self) -> MutexGuard<'_, Flow> {
        let mut flow = lock(&self.flow);
        self.counts.pour_into(&mut flow);
        flow
    }
}

impl Recording {
    /// A copy of the flow as it is now.
    #[must_use]
    pub fn flow(&self) -> Flow {
        self.page.flow().clone()
    }

    /// The connection is up, from `client`.
    pub fn opened(&self, client: Option<SocketAddr>) {
        {
            let mut flow = self.page.flow();
            flow.client = client.or(flow.client);
        }
        self.happened(Side::Client, What::Opened, &[]);
    }

    /// The recorded program wrote these bytes.
    pub fn wrote(&self, bytes: &[u8]) {
        self.handed_over(self.seen, bytes, None);
    }

    /// The recorded program read these bytes into a buffer with this much room.
    pub fn read(&self, bytes: &[u8], buffer: usize) {
        self.handed_over(self.seen.other(), bytes, Some(clamp(buffer)));
    }

    /// The recorded program said that it will send no more.
    pub fn finished_writing(&self) {
        self.finished(self.seen);
    }

    /// A read returned nothing: the other side will send no more.
    pub fn finished_reading(&self) {
        self.finished(self.seen.other());
    }

    /// The recorded program broke the connection off: it closes with RST.
    pub fn broke_off(&self) {
        self.happened(self.seen, What::Reset, &[]);
    }

    /// An operation failed. A reset is the other side's doing, everything else this side's trouble.
    pub fn failed(&self, trouble: Trouble) {
        let seen = self.seen;
        match trouble.kind {
            super::TroubleKind::Reset => self.happened(seen.other(), What::Reset, &[]),
            _ => self.happened(seen, What::Failed(trouble), &[]),
        }
    }

    /// A write of the recorded program could not proceed.
    pub fn stuck(&self) {
        self.happened(self.seen, What::Stuck, &[]);
    }

    /// What the kernel of the recorded program has counted by now.
    pub fn counted(&self, counters: Counters) {
        let side = self.page.flow().seen;
        self.happened(side, What::Counted(Box::new(counters)), &[]);
    }

    /// The recorded program stands between the two ends, and did something with a datagram of `side`'s.
    pub fn mishap(&self, side: Side, mishap: Mishap) {
        self.happened(side, What::Mishap(mishap), &[]);
    }

    /// Something worth knowing that is not on the wire.
    pub fn note(&self, text: impl Into<String>) {
        self.happened(self.seen, What::Note(text.into()), &[]);
    }

    /// What the recorded program writes from now on is a copy of other evidence. It is counted and not told: written
    /// down a second time, it would push the first out.
    pub fn copies_from_here(&self, why: &str) {
        self.note(why);
        self.page.counts.own_from_here();
    }

    fn finished(&self, side: Side) {
        if !self.page.flow().has_ended(side) {
            self.happened(side, What::Finished, &[]);
        }
    }

    fn handed_over(&self, side: Side, bytes: &[u8], buffer: Option<u32>) {
        if !self.page.counts.takes(side, self.seen, bytes.len()) {
            self.happened(side, What::Bytes { len: clamp(bytes.len()), buffer }, bytes);
        }
    }

    fn happened(&self, side: Side, what: What, bytes: &[u8]) {
        let event = Event { at_us: (self.hub.clock)(), side, what };
        let mut flow = self.page.flow();
        match event.what {
            What::Bytes { len, .. } if self.hub.keep_bytes == 0 => flow.count(side, 1, len.into()),
            _ => flow.add(event.clone(), bytes, self.hub.keep_bytes),
        }
        for listener in &self.hub.listeners {
            listener.happened(&flow, &event, bytes);
        }
        let keeps_none = self.hub.keep_bytes == 0 && matches!(event.what, What::Bytes { .. });
        if keeps_none && self.hub.listeners.iter().all(|listener| listener.has_heard_enough(&flow)) {
            self.page.counts.all_from_here();
        }
    }
}

/// A panic elsewhere does not make evidence wrong: go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn clamp(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
