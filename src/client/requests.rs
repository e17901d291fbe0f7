//! What was asked on a connection, and how much of it has been written.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use crate::evidence::{Trouble, TroubleKind};
use crate::net::link::Link;

/// All that was asked.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pub bytes: Vec<u8>,
    /// Where each request ends.
    pub ends: Vec<usize>,
    written: usize,
    /// All of it has left this process.
    pub flushed: bool,
    /// Why no more of it could be written. An answer may come all the same.
    pub failed: Option<Trouble>,
}

impl Requests {
    /// Writes on, and says whether any of it could be.
    pub fn poll_write(&mut self, link: &mut Link, context: &mut Context<'_>) -> bool {
        let before = self.written;
        while self.failed.is_none() && self.written < self.bytes.len() {
            match Pin::new(&mut *link).poll_write(context, &self.bytes[self.written..]) {
                Poll::Ready(Ok(0)) => self.failed = Some(TroubleKind::Other.into()),
                Poll::Ready(Ok(len)) => self.written += len,
                Poll::Ready(Err(error)) => self.failed = Some(Trouble::from(&error)),
                Poll::Pending => return self.written > before,
            }
        }
        if self.failed.is_none() && !self.flushed {
            match Pin::new(link).poll_flush(context) {
                Poll::Ready(Ok(())) => {
                    self.flushed = true;
                    return true;
                }
                Poll::Ready(Err(error)) => self.failed = Some(Trouble::from(&error)),
                Poll::Pending => {}
            }
        }
        self.written > before
    }

    /// The bytes of a request, by its number from 0.
    pub fn number(&self, number: usize) -> &[u8] {
        let from = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let Some(from) = from else { return &[] };
        &self.bytes[from..self.ends.get(number).copied().unwrap_or(self.bytes.len())]
    }
}
