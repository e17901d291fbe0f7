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

#[cfg(test)]
mod tests {
    use super::{FEW, Inbox, Outbox, ROOM};

    fn come(inbox: &mut Inbox, bytes: &[u8]) {
        let room = inbox.room();
        assert!(room.len() >= bytes.len());
        room[..bytes.len()].copy_from_slice(bytes);
        inbox.came(bytes.len());
    }

    #[test]
    fn what_is_not_used_stays_in_order_through_waits_and_growth() {
        let mut inbox = Inbox::default();
        let bytes: Vec<u8> = (0..=255).cycle().take(5 * ROOM).collect();
        let (mut came, mut used) = (0, 0);
        for step in
            [1, FEW - 1, FEW, FEW + 1, ROOM / 4, 100, ROOM / 4, ROOM / 8, 7].into_iter().cycle().take(40)
        {
            let len = step.min(bytes.len() - came);
            come(&mut inbox, &bytes[came..came + len]);
            came += len;
            let gone = (came - used) / 3;
            inbox.used(gone);
            used += gone;
            assert_eq!(inbox.unused(), &bytes[used..came]);
            inbox.wait();
            assert_eq!(inbox.unused(), &bytes[used..came], "waiting changes nothing");
        }
        inbox.clear();
        inbox.wait();
        assert_eq!(
            (inbox.unused(), inbox.buffer.capacity()),
            (&[][..], 0),
            "who waits for all of it holds nothing"
        );
        assert_eq!(inbox.room().len(), ROOM, "and is offered all the room again");
    }

    #[test]
    fn what_was_said_is_sent_from_its_front() {
        let mut outbox = Outbox::default();
        outbox.say().extend_from_slice(b"hello");
        outbox.sent(2);
        outbox.say().extend_from_slice(b"!");
        assert_eq!(outbox.unsent(), b"llo!");
        outbox.sent(4);
        assert_eq!((outbox.unsent(), outbox.buffer.capacity()), (&[][..], 0));
    }
}
