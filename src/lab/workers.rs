//! Threads that talk, so that a server uses more than one core.
//!
//! Each has an event loop of its own. The accept loop gives them connections in turn, and a connection stays where it
//! is: nothing that belongs to one is shared between threads.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The most there may be.
pub const WORKERS: usize = 64;

/// The thread that accepts, and others that only talk. Dropping this ends the others.
pub struct Workers {
    others: Vec<Worker>,
}

struct Worker {
    handle: Handle,
    /// Its event loop runs until this is gone.
    running: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Nobody but the thread that accepts.
    #[must_use]
    pub fn none() -> Self {
        Self { others: Vec::new() }
    }

    /// So many in all, the thread that accepts among them.
    ///
    /// # Errors
    /// When the machine has no room for another event loop or thread.
    pub fn start(many: usize) -> io::Result<Self> {
        let others = (1..many.min(WORKERS)).map(Worker::start);
        Ok(Self { others: others.collect::<io::Result<_>>()? })
    }

    /// Who talks on this connection; nobody else than the thread that accepts, if there is no handle.
    #[must_use]
    pub fn of(&self, connection: u64) -> Option<&Handle> {
        let turn = usize::try_from(connection % (self.others.len() as u64 + 1)).unwrap_or_default();
        turn.checked_sub(1).and_then(|turn| self.others.get(turn)).map(|worker| &worker.handle)
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, over) = oneshot::channel::<()>();
        let work = move || {
            // Nothing is ever sent: that the sender has gone is the end.
            let _ = runtime.block_on(over);
        };
        let thread = std::thread::Builder::new().name(format!("worker-{number}")).spawn(work)?;
        Ok(Self { handle, running: Some(running), thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.running = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended too.
            let _ = thread.join();
        }
    }
}
