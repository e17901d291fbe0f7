//! What a client has said and nobody has used yet, and what the server has said and nobody has sent yet.
//!
//! Both are empty nearly always, and a connection that waits holds no memory for them, so ten thousand silent ones
//! cost little. Each worker keeps a spare buffer for either, because getting memory from the system for each request
//! costs more than reading it.

use std::cell::Cell;

/// The room of a buffer, in bytes: what is offered to a read when nothing waits to be used.
pub const ROOM: usize = 16 * 1024;

/// A read is offered no less than this.
const LEAST: usize = ROOM / 4;

/// Bytes that wait for more and are no more than this move into a buffer of their own size.
const FEW: usize = ROOM / 8;

/// A buffer that has grown past this is not kept.
const KEEP: usize = 4 * ROOM;

thread_local! {
    static SPARE_IN: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static SPARE_OUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes that came and are not used up.
#[derive(Debug, Default)]
pub struct Inbox {
    buffer: Vec<u8>,
    /// Where those bytes begin and end.
    start: usize,
    end: usize,
}

impl Inbox {
    /// The bytes.
    #[must_use]
    pub fn unused(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// So many of them have been used up.
    pub fn used(&mut self, len: usize) {
        self.start += len;
    }

    /// Room for more behind them.
    pub fn room(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end < LEAST {
            self.grow();
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes have come into that room.
    pub fn came(&mut self, len: usize) {
        self.end += len;
    }

    /// All of them are forgotten.
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Nothing comes for now.
    pub fn wait(&mut self) {
        let unused = self.unused();
        if unused.len() > FEW {
            return;
        }
        let unused = unused.to_vec();
        (self.start, self.end) = (0, unused.len());
        let buffer = std::mem::replace(&mut self.buffer, unused);
        if (ROOM..=KEEP).contains(&buffer.len()) {
            // A thread that ends keeps nothing.
            let _ = SPARE_IN.try_with(|spare| spare.set(buffer));
        }
    }

    fn grow(&mut self) {
        if self.buffer.len() < ROOM {
            let mut buffer = SPARE_IN.take();
            if buffer.is_empty() {
                buffer = vec![0; ROOM];
            }
            let unused = self.unused();
            buffer[..unused.len()].copy_from_slice(unused);
            self.buffer = buffer;
        } else {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        (self.start, self.end) = (0, self.end - self.start);
        if self.buffer.len() - self.end < LEAST {
            self.buffer.resize(self.buffer.len() + ROOM, 0);
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.clear();
        self.wait();
    }
}

/// Bytes that were said and are not sent.
#[derive(Debug, Default)]
pub struct Outbox {
    buffer: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Where more is said.
    pub fn say(&mut self) -> &mut Vec<u8> {
        if self.buffer.capacity() == 0 {
            self.buffer = SPARE_OUT.take();
            self.buffer.reserve(ROOM);
        }
        &mut self.buffer
    }

    /// The bytes.
    #[must_use]
    pub fn unsent(&self) -> &[u8] {
        &self.buffer[self.sent..]
    }

    /// So many of them have been sent.
    pub fn sent(&mut self, len: usize) {
        self.sent += len;
        if self.sent == self.buffer.len() {
            self.forget();
        }
    }

    /// All is sent, or will never be.
    fn forget(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.sent = 0;
        if buffer.capacity() <= KEEP {
            buffer.clear();
            SPARE_OUT.set(buffer);
        }
    }
}
