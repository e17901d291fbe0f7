//! Writing down what happens while it happens.
//!
//! A [`Recorder`] is shared by everything in one process. Each conversation opens a [`Recording`],
//! whose methods are called by the tap around its socket. Listeners hear of every event at once: the
//! live view and the journal are both listeners, and a body of any length streams past them.
//!
//! A layer inside another one is a conversation of its own, and has a recording of its own:
//!
//! ```
//! use netlab::evidence::{Layer, Opening, Recorder, Transport};
//!
//! let recorder = Recorder::keeping(|| 0, Vec::new());
//! let server = std::net::SocketAddr::from(([127, 0, 0, 1], 7443));
//! let tcp = recorder.open(&Opening::calling(Transport::Tcp, server, "raw-get"));
//! tcp.opened(None);
//! // The handshake begins: what goes over TCP from here on is carried for another flow.
//! let tls = tcp.inside(Layer::Tls, Some("http"));
//! tcp.wrote(&[22, 3, 1, 0, 1, 1]);
//! tls.opened(None); // the handshake is over
//! tls.wrote(b"GET / HTTP/1.1\r\n\r\n");
//! tls.finished_writing(); // close_notify
//! tcp.finished_writing(); // FIN
//!
//! let [outer, inner] = &recorder.flows()[..] else { panic!("two flows, one inside the other") };
//! assert_eq!(inner.inside.map(|inside| inside.flow), Some(outer.id));
//! assert_eq!((inner.layer, inner.transport), (Layer::Tls, Transport::Tcp));
//! assert_eq!(inner.stack(), outer.stack());
//! ```

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::counters::Counters;
use super::counts::Counts;
use super::end::End;
use super::event::{Event, Judged, Mishap, Side, Trouble, WAITING_NAMED, Waiting, What};
use super::flow::{Flow, KEEP_BYTES};
use super::id::FlowId;
use super::layer::{Layer, Transport};
use super::opening::Opening;

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
    /// What is spoken in conversations of which the opening does not say it.
    speaks: Option<&'static str>,
}

struct Hub {
    clock: Clock,
    listeners: Vec<Arc<dyn Listener>>,
    keep_bytes: usize,
    kept: Option<Mutex<Vec<Recording>>>,
}

impl Recorder {
    /// For a verb: its flows stay in memory until it ends.
    #[must_use]
    pub fn keeping(clock: Clock, listeners: Vec<Arc<dyn Listener>>) -> Self {
        let kept = Some(Mutex::new(Vec::new()));
        Self { hub: Arc::new(Hub { clock, listeners, keep_bytes: KEEP_BYTES, kept }), speaks: None }
    }

    /// For a server: a flow lives as long as its connection, and keeps at most `keep_bytes` each way. With none,
    /// hand-overs of bytes are counted and not kept either: listeners hear of them, and a busy connection that
    /// nobody looks at costs no memory.
    #[must_use]
    pub fn passing(clock: Clock, listeners: Vec<Arc<dyn Listener>>, keep_bytes: usize) -> Self {
        Self { hub: Arc::new(Hub { clock, listeners, keep_bytes, kept: None }), speaks: None }
    }

    /// The same for conversations that speak this protocol, where nothing else is said when they begin.
    #[must_use]
    pub fn speaking(&self, protocol: &'static str) -> Self {
        Self { speaks: Some(protocol), ..self.clone() }
    }

    /// Begins a conversation. Nothing has happened on it yet.
    #[must_use]
    pub fn open(&self, opening: &Opening<'_>) -> Recording {
        let mut flow = Flow::begun(FlowId::random(), opening, now_since_1970_us());
        flow.speaks = flow.speaks.or(self.speaks.map(Into::into));
        begin(&self.hub, flow, None)
    }

    /// A server could not listen at its address. Nobody can have called there, so the flow has no client, and
    /// that is all that happened on it.
    pub fn not_bound(&self, transport: Transport, server: impl Into<End>, by: &str, trouble: Trouble) {
        let opening = Opening { seen: Side::Server, ..Opening::calling(transport, server, by) };
        self.open(&opening).failed(trouble);
    }

    /// The flows kept so far, in the order they began.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        self.hub.kept.iter().flat_map(|kept| lock(kept).clone()).map(|recording| recording.flow()).collect()
    }

    /// The conversation that began last, of those that are kept.
    #[must_use]
    pub fn latest(&self) -> Option<Recording> {
        self.hub.kept.as_ref().and_then(|kept| lock(kept).last().cloned())
    }

    /// The recorder's clock, in microseconds.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        (self.hub.clock)()
    }
}

fn begin(hub: &Arc<Hub>, flow: Flow, beneath: Option<Arc<Page>>) -> Recording {
    for listener in &hub.listeners {
        listener.opening(&flow, (hub.clock)());
    }
    let (id, seen) = (flow.id, flow.seen);
    let page = Arc::new(Page { id, flow: Mutex::new(flow), counts: Counts::default(), beneath });
    let recording = Recording { hub: hub.clone(), seen, page };
    if let Some(kept) = &hub.kept {
        lock(kept).push(recording.clone());
    }
    recording
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
    id: FlowId,
    flow: Mutex<Flow>,
    counts: Counts,
    /// The page of the flow outside, of one that is inside another.
    beneath: Option<Arc<Page>>,
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

    /// The flow's identity.
    #[must_use]
    pub fn id(&self) -> FlowId {
        self.page.id
    }

    /// Which side the recorded program is.
    #[must_use]
    pub fn seen(&self) -> Side {
        self.seen
    }

    /// The server's end.
    #[must_use]
    pub fn server(&self) -> End {
        lock(&self.page.flow).server.clone()
    }

    /// Begins a conversation inside this one: whatever is handed over here from now on is carried for it. It has the same
    /// two ends and is told of as on `layer`; `speaks` is the protocol that its program is going to speak there, where it
    /// knows. Where this one has carried something for itself before (STARTTLS, CONNECT), call this between its last
    /// byte and the first byte of the other.
    #[must_use]
    pub fn inside(&self, layer: Layer, speaks: Option<&'static str>) -> Self {
        let flow = self.page.flow().begin_inside(layer, speaks, now_since_1970_us());
        begin(&self.hub, flow, Some(self.page.clone()))
    }

    /// The connection is up, from `client`.
    pub fn opened(&self, client: Option<End>) {
        if client.is_some() {
            self.page.flow().client = client;
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

    /// All that the recorded program has handed over is acknowledged.
    pub fn acknowledged(&self) {
        self.happened(self.seen, What::Acknowledged, &[]);
    }

    /// These sockets of this machine wait for calls on the server's port now.
    pub fn waiting(&self, mut waiting: Vec<Waiting>) {
        waiting.truncate(WAITING_NAMED);
        self.happened(self.seen, What::Waiting(waiting), &[]);
    }

    /// The server is on this machine, and no program of it has accepted the connection so far.
    pub fn unaccepted(&self) {
        self.happened(self.seen, What::Unaccepted, &[]);
    }

    /// What the probe whose conversation this is made of the server.
    pub fn judged(&self, judged: Judged) {
        self.happened(self.seen, What::Judged(Box::new(judged)), &[]);
    }

    /// Something worth knowing that is not on the wire.
    pub fn note(&self, text: impl Into<String>) {
        self.happened(self.seen, What::Note(text.into()), &[]);
    }

    /// From now on it goes on because of another flow.
    pub fn because(&self, of: FlowId) {
        self.happened(self.seen, What::Because(of), &[]);
    }

    /// From now on the recorded program speaks this protocol.
    pub fn speaks(&self, protocol: &'static str) {
        self.happened(self.seen, What::Speaks(protocol.into()), &[]);
    }

    /// What the recorded program writes from now on is a copy of other evidence. It is counted and not told: written
    /// down a second time, it would push the first out.
    pub fn copies_from_here(&self, why: &str) {
        self.note(why);
        self.page.counts.own_from_here();
    }

    /// `side` handed over so many bytes that the recorded program has not seen: its kernel has counted them.
    pub fn handed_over_unseen(&self, side: Side, len: u32) {
        self.happened(side, What::Bytes { len, buffer: None, beneath: None }, &[]);
    }

    /// `side` will send no more, as its kernel says.
    pub fn finished_unseen(&self, side: Side) {
        self.finished(side);
    }

    /// What is handed over from now on stands in another flow already. It is counted and not told.
    pub fn is_told_elsewhere(&self) {
        self.page.counts.all_from_here();
    }

    fn finished(&self, side: Side) {
        if !self.page.flow().has_ended(side) {
            self.happened(side, What::Finished, &[]);
        }
    }

    fn handed_over(&self, side: Side, bytes: &[u8], buffer: Option<u32>) {
        if !self.page.counts.takes(side, self.seen, bytes.len()) {
            let what = What::Bytes { len: clamp(bytes.len()), buffer, beneath: self.beneath(side) };
            self.happened(side, what, bytes);
        }
    }

    /// How many bytes the flow outside has carried in this direction, if there is one.
    fn beneath(&self, side: Side) -> Option<NonZeroU64> {
        let outside = self.page.beneath.as_ref()?;
        NonZeroU64::new(outside.flow().sent_by(side).total)
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

/// For people, by the wall clock.
fn now_since_1970_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn clamp(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
