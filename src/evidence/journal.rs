//! The journal: evidence as JSON lines on disk, shared by every netlab process of one person.
//!
//! - Whole lines in each write, appended, so two processes never mix their lines.
//! - Bounded: past [`JOURNAL_LIMIT`] the older half is dropped.
//! - A torn last line, as a killed process leaves it, costs that line and no other.
//! - Private: the file is for its owner only (0600), and of conversations with other machines it
//!   holds addresses, sizes and times but not their bytes.
//! - A step begins with a marker line. What stands above the marker is from before the step,
//!   whatever the clocks say.
//!
//! Here it is written; [`since`] and [`Follower`] read it.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, park_timeout};
use std::time::{Duration, Instant};

use super::event::{Event, Side, What};
use super::flow::Flow;
use super::id::FlowId;
use super::journal_line::Record;
use super::lines;
use super::recorder::Listener;

pub use super::account::{Account, CONVERSATIONS, Sighting};
pub use super::follower::{Follower, since};

/// The most the journal takes on disk, both halves together, in bytes.
pub const JOURNAL_LIMIT: u64 = 8 * 1024 * 1024;

/// How many bytes of each direction of a conversation are written down; of ciphertext
/// [`CIPHERTEXT_BYTES`](super::flow::CIPHERTEXT_BYTES).
pub const JOURNAL_FLOW_BYTES: usize = 64 * 1024;

/// How many hand-overs of bytes of a conversation are written down, all its layers together; its end is written down in
/// any case.
pub const JOURNAL_FLOW_EVENTS: u64 = 1000;

/// How many of these a flow may have that carries another one. What is inside has the others.
const CARRIER_EVENTS: u64 = JOURNAL_FLOW_EVENTS / 4;

/// How many lines may wait for the disk. When more than half of this waits, new conversations are
/// left out whole and counted, so that a busy server never waits for its journal.
const QUEUE: usize = 4096;

/// How many lines a server may write at once; beyond that, [`STEADY`] a second. A class that asks, or a learner's own
/// loop, stays below it; a load test would push everything else out of the journal.
pub const BURST: u64 = 4096;

/// How many lines a second a server may go on writing.
pub const STEADY: u64 = 1024;

/// How many bytes of lines are written for one opening of the file, the line that passes this included.
const BATCH: usize = 64 * 1024;

/// How long lines gather behind others that were just written: short for whoever looks, and long enough that a crowd
/// does not cost an opening of the file for each line.
const GATHER: Duration = Duration::from_millis(2);

/// A half that has reached this is full. What is left of it up to half the limit is for the last batch and
/// its last line, which may be six times as long as its bytes are.
const HALF: u64 = JOURNAL_LIMIT / 2 - 512 * 1024;

/// Writes evidence to disk from a thread of its own. Call [`Journal::close`] before the process ends.
pub struct Journal {
    path: PathBuf,
    queue: Mutex<Option<SyncSender<Record>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    waiting: Arc<AtomicU64>,
    left_out: AtomicU64,
    skipped: Mutex<Skipped>,
    budget: Mutex<Budget>,
}

/// The newest conversations that are not written down.
#[derive(Default)]
struct Skipped {
    known: HashSet<FlowId>,
    order: VecDeque<FlowId>,
}

impl Skipped {
    /// Whether it is a new one.
    fn add(&mut self, flow: FlowId) -> bool {
        if !self.known.insert(flow) {
            return false;
        }
        self.order.push_back(flow);
        // Only the newest can still have events to come that matter; the list stays short.
        if self.order.len() > QUEUE {
            self.order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
        true
    }
}

/// What servers may still write.
struct Budget {
    lines: u64,
    /// Until when it has been filled up, by the recorder's clock.
    at_us: u64,
}

impl Budget {
    /// Takes a line out of it, if there is one.
    fn take(&mut self, now_us: u64) -> bool {
        let fresh = now_us.saturating_sub(self.at_us).saturating_mul(STEADY) / 1_000_000;
        if fresh > 0 {
            self.lines = self.lines.saturating_add(fresh).min(BURST);
            self.at_us = now_us;
        }
        let left = self.lines > 0;
        self.lines = self.lines.saturating_sub(1);
        left
    }
}

impl Journal {
    /// Opens the journal in `folder`, which must exist.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub fn open(folder: &Path) -> io::Result<Arc<Self>> {
        let path = current(folder);
        mend(&path)?;
        let (queue, records) = sync_channel(QUEUE);
        let waiting = Arc::new(AtomicU64::new(0));
        let writer = {
            let (folder, waiting) = (folder.to_owned(), waiting.clone());
            std::thread::spawn(move || write_all(&folder, &records, &waiting))
        };
        Ok(Arc::new(Self {
            path,
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            waiting,
            left_out: AtomicU64::new(0),
            skipped: Mutex::default(),
            budget: Mutex::new(Budget { lines: BURST, at_us: 0 }),
        }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until everything is on disk. Later records are dropped.
    pub fn close(&self) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        if let (Some(queue), 1..) = (queue, left_out) {
            // The count waits for room: a full queue is when there is something to count.
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let _ = queue.send(Record::LeftOut(left_out));
        }
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            writer.thread().unpark();
            // A writer that panicked has written what it could.
            let _ = writer.join();
        }
    }

    /// Leaves out what is still to come of a conversation, all its layers together.
    fn leave_out(&self, flow: &Flow) {
        if self.skipped.lock().unwrap_or_else(PoisonError::into_inner).add(flow.stack()) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn leaves_out(&self, flow: &Flow) -> bool {
        self.skipped.lock().unwrap_or_else(PoisonError::into_inner).known.contains(&flow.stack())
    }

    /// Whether a line about `flow` fits. Who asks has no limit, for a person waits for the end of it.
    fn affords(&self, flow: &Flow, now_us: u64) -> bool {
        flow.seen == Side::Client || self.budget.lock().unwrap_or_else(PoisonError::into_inner).take(now_us)
    }

    fn send(&self, record: Record) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted first: the writer may be done with it before this line is.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = queue.as_ref().is_some_and(|queue| queue.try_send(record).is_ok());
        if !sent {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        sent
    }
}

impl Listener for Journal {
    fn opening(&self, flow: &Flow, at_us: u64) {
        let busy = self.waiting.load(Ordering::Relaxed) > QUEUE as u64 / 2;
        if flow.inside.is_some() && self.leaves_out(flow) {
            return;
        }
        if busy || !self.affords(flow, at_us) {
            return self.leave_out(flow);
        }
        // The flood is over: how many went by in it comes first.
        let before = self.left_out.swap(0, Ordering::Relaxed);
        if before > 0 && !self.send(Record::LeftOut(before)) {
            self.left_out.fetch_add(before, Ordering::Relaxed);
        }
        if !self.send(Record::opening(flow)) {
            self.leave_out(flow);
        }
    }

    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        // One for each hand-over, at the most.
        let is_one_of_many = matches!(event.what, What::Bytes { .. } | What::Mishap(_));
        if is_one_of_many && flow.many_events() > most_events(flow) || self.leaves_out(flow) {
            return;
        }
        if is_one_of_many && !self.affords(flow, event.at_us) {
            return self.leave_out(flow);
        }
        let kept = if is_ours(flow) { kept(flow, event.side, bytes) } else { None };
        if !self.send(Record::event(flow, event, kept)) {
            // Its end is missing now, so it is one that was not written down; the rest of it need not wait.
            self.leave_out(flow);
        }
    }

    fn has_heard_enough(&self, flow: &Flow) -> bool {
        flow.many_events() > most_events(flow) || self.leaves_out(flow)
    }
}

/// How many hand-overs of bytes of a flow are written down.
fn most_events(flow: &Flow) -> u64 {
    match (flow.carries, flow.inside) {
        (Some(_), _) => CARRIER_EVENTS,
        (None, Some(_)) => JOURNAL_FLOW_EVENTS - CARRIER_EVENTS,
        (None, None) => JOURNAL_FLOW_EVENTS,
    }
}

/// Of bytes that have just been added to `flow` those that are within its limit.
fn kept<'b>(flow: &Flow, side: Side, bytes: &'b [u8]) -> Option<&'b [u8]> {
    let before = flow.sent_by(side).total - bytes.len() as u64;
    let limit = flow.keeps(side, JOURNAL_FLOW_BYTES) as u64;
    let room = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
    (bytes.is_empty() || room > 0).then(|| &bytes[..bytes.len().min(room)])
}

/// Whether both ends are here, so that the bytes are the learner's own experiment. An end that is no socket is in this
/// very program. A resolver on loopback is not ours: it passes on what people really look up, and the lab's has another port.
fn is_ours(flow: &Flow) -> bool {
    const DNS: u16 = 53;
    flow.server.socket().is_none_or(|server| server.ip().is_loopback() && server.port() != DNS)
}

/// Writes `marker`: what follows it in the journal happened after now.
///
/// # Errors
/// When the journal cannot be written.
pub fn mark(folder: &Path, marker: &str) -> io::Result<()> {
    mend(&current(folder))?;
    append(&current(folder), &Record::Marker(marker.to_owned()).line())
}

fn write_all(folder: &Path, records: &Receiver<Record>, waiting: &AtomicU64) {
    let mut not_before = Instant::now();
    for record in records {
        // What comes alone is written at once; of many, some gather. [`Journal::close`] cuts this short.
        park_timeout(not_before.saturating_duration_since(Instant::now()));
        let mut taken = 0;
        // A full disk must not end a lesson's server: the record is lost, the service is not.
        let more = write_batch(folder, record, records, &mut taken).unwrap_or(false);
        waiting.fetch_sub(taken.max(1), Ordering::Relaxed);
        not_before = Instant::now() + if more { Duration::ZERO } else { GATHER };
    }
}

/// Writes a record and those that wait behind it, with one write, for one opening of the file.
/// A batch is short, so that another process that makes room is not written behind for long. Gives whether it ended for
/// being long enough, and more may wait.
fn write_batch(folder: &Path, first: Record, more: &Receiver<Record>, taken: &mut u64) -> io::Result<bool> {
    let mut file = lines::open(&current(folder))?;
    let mut batch = first.line();
    *taken += 1;
    while batch.len() < BATCH
        && let Ok(record) = more.try_recv()
    {
        *taken += 1;
        batch.push_str(&record.line());
    }
    file.write_all(batch.as_bytes())?;
    if file.metadata()?.len() >= HALF {
        rotate(folder)?;
    }
    Ok(batch.len() >= BATCH)
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    lines::open(path)?.write_all(line.as_bytes())
}

/// When the current half is full it becomes the older half, and the older half is dropped.
fn rotate(folder: &Path) -> io::Result<()> {
    let path = current(folder);
    let lock = lines::open(&folder.join("journal.lock"))?;
    lock.lock()?;
    // Another process may have done it while this one waited.
    if fs::metadata(&path)?.len() >= HALF {
        fs::rename(&path, older(folder))?;
    }
    Ok(())
}

/// Ends a line that a killed process left torn.
fn mend(path: &Path) -> io::Result<()> {
    let mut file = lines::open(path)?;
    if lines::is_torn(&mut file)? { file.write_all(b"\n") } else { Ok(()) }
}

/// The half that is written to.
pub(super) fn current(folder: &Path) -> PathBuf {
    folder.join("journal.jsonl")
}

/// The half that was full before it.
pub(super) fn older(folder: &Path) -> PathBuf {
    folder.join("journal.1.jsonl")
}
