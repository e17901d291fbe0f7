//! What flows said, as fields; with bytes wanted, every byte beside its field.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::evidence::{Event, Flow, FlowId, Listener, Side, What};
use crate::meaning::{self, Reading};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, time};
use crate::render::tree::Shower;

/// Shows what each side of each flow said, in order.
pub fn show(screen: &Screen, flows: &[Flow]) {
    let mut shower = Shower::new(screen.look);
    for flow in flows {
        for reading in meaning::readings(flow) {
            one(screen, &mut shower, flow, &reading, 0);
        }
    }
}

/// One reading, from its field at `first` on.
fn one(screen: &Screen, shower: &mut Shower, flow: &Flow, reading: &Reading<'_>, first: usize) {
    let Some(field) = reading.fields.list.get(first) else { return };
    let began = flow.events.first().map_or(0, |event| event.at_us);
    let client = flow.client.as_ref().map(ToString::to_string).unwrap_or_default();
    let (role, from, to) = match reading.side {
        Side::Client => (Role::Client, client, flow.server.to_string()),
        Side::Server => (Role::Server, flow.server.to_string(), client),
    };
    let head = format!(
        "{from} {} {to} over {}, {} after {}",
        screen.look.arrow(),
        flow.layer.name(),
        count((reading.fields.bytes.len() - field.bytes().start) as u64, "byte"),
        time(reading.at_us.saturating_sub(began)),
    );
    screen.line("");
    screen.line(&paint(role, &head));
    shower.lines_from(&reading.fields, first, &[]).iter().for_each(|line| screen.line(line));
}

/// Shows what is said to a server of ours, and what it answers, as it happens.
///
/// It does so from a thread of its own, because a terminal may be slow and a server must not wait for it. What goes by
/// too fast is counted, and the count is told. Dropping this waits until the rest has been shown.
pub struct Watch {
    /// Flows, each as it was when there was something to show.
    queue: Option<SyncSender<Flow>>,
    left_out: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

/// How many may wait.
const WAITING: usize = 64;

impl Watch {
    /// One that has shown nothing.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        let (queue, flows) = sync_channel(WAITING);
        let left_out = Arc::new(AtomicU64::new(0));
        let shower = Shower::new(screen.look);
        let shown = Shown { screen, shower, fields: HashMap::new(), left_out: left_out.clone() };
        let thread = std::thread::spawn(move || shown.each(&flows));
        Self { queue: Some(queue), left_out, thread: Some(thread) }
    }
}

impl Listener for Watch {
    fn happened(&self, flow: &Flow, event: &Event, _bytes: &[u8]) {
        // When the server speaks, a message of the client's is complete.
        let shows = match event.what {
            What::Bytes { .. } => event.side == Side::Server,
            What::Finished | What::Reset => true,
            _ => false,
        };
        let full = |queue: &SyncSender<Flow>| queue.try_send(flow.clone()).is_err();
        if shows && self.queue.as_ref().is_some_and(full) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has shown what it could.
            let _ = thread.join();
        }
    }
}

/// What has been shown so far.
struct Shown {
    screen: Arc<Screen>,
    shower: Shower,
    /// For each connection, how many fields of either side.
    fields: HashMap<FlowId, [usize; 2]>,
    left_out: Arc<AtomicU64>,
}

impl Shown {
    fn each(mut self, flows: &Receiver<Flow>) {
        for flow in flows {
            self.rest_of(&flow);
            self.tell_left_out();
        }
        // What was left out while the last one was being shown.
        self.tell_left_out();
    }

    fn tell_left_out(&self) {
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            self.screen.note(&format!("not shown, because it came too fast: {}", count(left_out, "event")));
        }
    }

    /// Shows what is new of a flow.
    fn rest_of(&mut self, flow: &Flow) {
        let fields = self.fields.entry(flow.id).or_default();
        for reading in meaning::readings(flow) {
            let first = &mut fields[usize::from(reading.side == Side::Server)];
            one(&self.screen, &mut self.shower, flow, &reading, *first);
            *first = reading.fields.list.len();
        }
        let broken_off = flow.events.last().is_some_and(|event| event.what == What::Reset);
        if broken_off || [Side::Client, Side::Server].into_iter().all(|side| flow.has_ended(side)) {
            self.fields.remove(&flow.id);
        }
    }
}
