//! What a server has to say to the person who started it.
//!
//! Requests are told through a queue that never holds a connection up: a learner's request is told at once, and of
//! a flood so many a second as somebody could look at. The others are counted, and the count is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use tokio::time::Instant;

use super::entry::{Answered, Entry, Log};
use super::window::Window;

/// How many requests a second are told one by one.
pub const TOLD_A_SECOND: u64 = 100;

/// How many entries may wait for whoever reads them.
const WAITING: usize = 1024;

/// How long the reader waits before it tells what was left out.
const PAUSE: Duration = Duration::from_secs(1);

/// Where requests are told.
#[derive(Clone)]
pub struct Requests {
    queue: Option<SyncSender<Entry>>,
    tally: Arc<Tally>,
    window: Option<Arc<Window>>,
}

/// The other end.
pub struct Reader {
    queue: Receiver<Entry>,
    tally: Arc<Tally>,
    /// How many of those left out have been told of.
    said: u64,
}

/// The count of those that were answered in a flood and not told.
pub struct LeftOut(Arc<Tally>);

impl LeftOut {
    /// How many so far.
    #[must_use]
    pub fn many(&self) -> u64 {
        self.0.left_out.load(Ordering::Relaxed)
    }
}

struct Tally {
    began: Instant,
    /// Requests that somebody was to be told of, in all.
    to_tell: AtomicU64,
    /// The others.
    left_out: AtomicU64,
    /// Those that were to be told, and for which there was no room.
    no_room: AtomicU64,
    /// The second that `told` counts in.
    second: AtomicU64,
    told: AtomicU64,
}

impl Requests {
    /// Requests that nobody is told of.
    #[must_use]
    pub fn silent() -> Self {
        Self { queue: None, tally: Tally::new(), window: None }
    }

    /// Requests, and where they can be read.
    #[must_use]
    pub fn told() -> (Self, Reader) {
        let (sender, queue) = sync_channel(WAITING);
        let tally = Tally::new();
        let reader = Reader { queue, tally: tally.clone(), said: 0 };
        (Self { queue: Some(sender), tally, window: None }, reader)
    }

    /// The same, and those that are told are shown in `window`, too.
    #[must_use]
    pub fn shown_in(self, window: Arc<Window>) -> Self {
        Self { window: Some(window), ..self }
    }

    /// Where they are shown with their bytes, if they are.
    #[must_use]
    pub fn window(&self) -> Option<&Window> {
        self.window.as_deref()
    }

    /// A request was answered. `tell` is asked for the particulars only if somebody will be told; they come back if
    /// there is a window to show them in.
    pub fn answered(&self, now: Instant, tell: impl FnOnce() -> Answered) -> Option<Answered> {
        let queue = self.queue.as_ref().filter(|_| self.tally.may_tell(now));
        let Some(queue) = queue else {
            self.tally.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.tally.to_tell.fetch_add(1, Ordering::Relaxed);
        let answered = tell();
        let shown = self.window.is_some().then(|| answered.clone());
        if queue.try_send(Entry::Answered(answered)).is_err() {
            self.tally.no_room.fetch_add(1, Ordering::Relaxed);
        }
        shown
    }

    /// How many were answered in a flood and not told.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        LeftOut(self.tally.clone())
    }

    /// A log for everything else, in the same order.
    #[must_use]
    pub fn log(&self) -> Log {
        let queue = self.queue.clone();
        Arc::new(move |entry| {
            // With a full queue there is more to tell than this.
            if let Some(queue) = &queue {
                let _ = queue.try_send(entry);
            }
        })
    }

    /// How many have been answered.
    #[must_use]
    pub fn many(&self) -> u64 {
        self.tally.to_tell.load(Ordering::Relaxed) + self.tally.left_out.load(Ordering::Relaxed)
    }
}

impl Tally {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            to_tell: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
            no_room: AtomicU64::new(0),
            second: AtomicU64::new(0),
            told: AtomicU64::new(0),
        })
    }

    fn may_tell(&self, now: Instant) -> bool {
        let second = now.saturating_duration_since(self.began).as_secs();
        if self.second.load(Ordering::Relaxed) != second {
            self.second.store(second, Ordering::Relaxed);
            self.told.store(0, Ordering::Relaxed);
        }
        self.told.load(Ordering::Relaxed) < TOLD_A_SECOND
            && self.told.fetch_add(1, Ordering::Relaxed) < TOLD_A_SECOND
    }
}

impl Reader {
    /// Hands every entry on, until nothing can come any more.
    pub fn each(mut self, mut tell: impl FnMut(&Entry)) {
        // Requests are left out only behind others that were told, so a reader that has slept misses nothing.
        while let Ok(entry) = self.queue.recv() {
            tell(&entry);
            self.busy(&mut tell);
        }
        self.left_out(&mut tell);
    }

    /// The same, with the count of those left out once a second, until there is a second with nothing to tell.
    fn busy(&mut self, tell: &mut impl FnMut(&Entry)) {
        let mut due = Instant::now() + PAUSE;
        let mut quiet = true;
        loop {
            match self.queue.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(entry) => {
                    tell(&entry);
                    quiet = false;
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= due {
                due = Instant::now() + PAUSE;
                if !self.left_out(tell) && std::mem::replace(&mut quiet, true) {
                    return;
                }
            }
        }
    }

    fn left_out(&mut self, tell: &mut impl FnMut(&Entry)) -> bool {
        let left_out = self.tally.left_out.load(Ordering::Relaxed);
        let before = std::mem::replace(&mut self.said, left_out);
        let many = left_out - before + self.tally.no_room.swap(0, Ordering::Relaxed);
        if many > 0 {
            tell(&Entry::LeftOut(many));
        }
        many > 0
    }
}
