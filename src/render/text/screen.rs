//! Where text goes: results to standard output, everything else to standard error.
//!
//! Colour is always produced and stripped per stream where it is not wanted, so a piped result and a
//! terminal full of status lines each get what they should. A reader that has gone away (a closed
//! pipe) is remembered and is not an error.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::render::text::cells::wrap;
use crate::render::text::look::{Look, Loudness};
pub use crate::render::text::role::{Role, paint};

type Sink = Box<dyn Write + Send>;

/// Both streams and the look they share.
pub struct Screen {
    /// The decisions.
    pub look: Look,
    out: Mutex<Sink>,
    /// Standard output past whatever looks for colour; without one it goes the usual way.
    bare: Option<Mutex<Sink>>,
    err: Mutex<Sink>,
    broken: Mutex<Option<io::Error>>,
    documented: AtomicBool,
}

impl Screen {
    /// Any two writers.
    #[must_use]
    pub fn new(look: Look, out: Sink, err: Sink) -> Self {
        // Paint always; whoever made the writers strips what they should not get.
        colored::control::set_override(true);
        Self {
            look,
            out: Mutex::new(out),
            bare: None,
            err: Mutex::new(err),
            broken: Mutex::new(None),
            documented: AtomicBool::new(false),
        }
    }

    /// The same with a way past the search for colour, for rows without any.
    #[must_use]
    pub fn with_bare(mut self, bare: Sink) -> Self {
        self.bare = Some(Mutex::new(bare));
        self
    }

    /// Whether nobody reads any more, or nothing can be written.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        lock(&self.broken).is_some()
    }

    /// Whether a document has been printed; there is one to a run.
    #[must_use]
    pub fn has_document(&self) -> bool {
        self.documented.load(Ordering::Relaxed)
    }

    /// Writes the run's document.
    pub fn document(&self, text: &str) {
        self.documented.store(true, Ordering::Relaxed);
        self.line(text);
    }

    /// Writes a line of the result.
    pub fn line(&self, text: &str) {
        self.write(&self.out, text, "\n");
    }

    /// Writes a piece of the result as it is.
    pub fn piece(&self, text: &str) {
        self.write(&self.out, text, "");
    }

    /// Writes many lines of the result at once: printable ASCII that netlab has made itself, without colour.
    pub fn bare(&self, text: &[u8]) {
        // What was written before has been flushed.
        let written = lock(self.bare.as_ref().unwrap_or(&self.out)).write_all(text);
        if let Err(error) = written {
            lock(&self.broken).get_or_insert(error);
        }
    }

    /// Writes a line beside the result: status, hints. Quiet runs leave it out.
    pub fn status(&self, text: &str) {
        if self.look.loudness > Loudness::Quiet {
            self.write(&self.err, text, "\n");
        }
    }

    /// Writes a sentence beside the result, wrapped to the terminal. What is to be copied goes out as
    /// [`status`](Self::status), in one piece.
    pub fn note(&self, text: &str) {
        wrap(text, self.look.width).iter().for_each(|line| self.status(line));
    }

    /// Writes a line beside the result even in quiet runs: failures.
    pub fn complaint(&self, text: &str) {
        self.write(&self.err, text, "\n");
    }

    /// The first failed write that matters: a closed pipe does not.
    #[must_use]
    pub fn trouble(&self) -> Option<io::Error> {
        lock(&self.broken).take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    fn write(&self, sink: &Mutex<Sink>, text: &str, end: &str) {
        let mut sink = lock(sink);
        let written = sink
            .write_all(text.as_bytes())
            .and_then(|()| sink.write_all(end.as_bytes()))
            .and_then(|()| sink.flush());
        if let Err(error) = written {
            lock(&self.broken).get_or_insert(error);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
