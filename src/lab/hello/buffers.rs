//! Buffers for connections, lent while there is something in them.
//!
//! A connection that waits holds none, so ten thousand silent ones cost little. Each worker keeps a few spare ones,
//! because getting memory from the system for each request costs more than reading it.

use std::cell::RefCell;

/// The room offered to each read, in bytes.
pub const READ: usize = 16 * 1024;

/// Spare buffers a worker keeps.
const SPARE: usize = 16;

/// A buffer that has grown past this is not kept.
const KEEP: usize = 4 * READ;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer with room for a read.
#[must_use]
pub fn lend() -> Vec<u8> {
    let spare = BUFFERS.with_borrow_mut(Vec::pop);
    spare.unwrap_or_else(|| Vec::with_capacity(READ))
}

/// Takes a buffer back; what is in it is forgotten.
pub fn give_back(buffer: &mut Vec<u8>) {
    let mut buffer = std::mem::take(buffer);
    if (READ..=KEEP).contains(&buffer.capacity()) {
        buffer.clear();
        BUFFERS.with_borrow_mut(|spare| {
            if spare.len() < SPARE {
                spare.push(buffer);
            }
        });
    }
}
