//! TLS over a link: what is said on top is written down in a flow of its own, and its records in the one below.
//!
//! ```text
//!   what is said     Tap<Secured>   reads, writes, close_notify
//!                       Secured     rustls: plaintext in, records out
//!   records             Link        writes, reads, FIN, RST
//! ```
//!
//! How one begins is [`handshake`](super::handshake).

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustls::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Link;
use crate::evidence::{Trouble, TroubleKind};
use crate::net::tap::{Layer, Tap};
use crate::net::tls::fault::Fault;

/// How many of the first bytes are kept, to say what they are when they are no TLS.
const FIRST: usize = 64;

/// A stream whose bytes travel in TLS records over the link below.
pub struct Secured {
    pub(super) below: Link,
    pub(super) session: Connection,
    /// What came first, as far as it is kept.
    first: Vec<u8>,
    /// Whether `close_notify` is on its way.
    closing: bool,
    /// What went wrong in TLS itself.
    pub(super) fault: Option<Fault>,
}

impl Secured {
    pub(super) fn new(below: Link, session: Connection) -> Self {
        Self { below, session, first: Vec::new(), closing: false, fault: None }
    }

    /// The link that carries the records.
    #[must_use]
    pub fn below(&self) -> &Link {
        &self.below
    }

    /// Reads what is there just now, without waiting.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when that is nothing; what goes wrong below; a [`Trouble`] of TLS's own.
    pub fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(room) {
                Ok(0) if !room.is_empty() => {
                    self.look_for_the_end();
                    return Ok(0);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => _ = self.pull()?,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(self.fails(Fault::of(TroubleKind::Truncated)));
                }
                other => return other,
            }
        }
    }

    /// Takes what fits just now; it may go on waiting here as records, see [`try_flush`](Self::try_flush).
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the records of earlier bytes still wait; what goes wrong below.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.try_flush()? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let taken = self.session.writer().write(bytes)?;
        self.try_flush()?;
        Ok(taken)
    }

    /// Hands the records that wait to the link below. Gives whether that was all of them.
    ///
    /// # Errors
    /// What goes wrong below.
    pub fn try_flush(&mut self) -> io::Result<bool> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut Below { link: &mut self.below, first: None }) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        self.below.try_flush()
    }

    /// Waits until it is worth while to try writing again.
    ///
    /// # Errors
    /// As [`poll_read_ready`](Self::poll_read_ready).
    pub fn poll_write_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_write_ready(context)
    }

    /// Waits until it is worth while to try reading again. Records that wait go out meanwhile.
    ///
    /// # Errors
    /// When the system cannot tell any more.
    pub fn poll_read_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.session.wants_write() {
            // Whoever writes next hears what went wrong.
            let _ = self.poll_flushed(context);
        }
        self.below.poll_read_ready(context)
    }

    pub(super) fn poll_flushed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.try_flush()? {
            ready!(self.below.poll_write_ready(context))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once below, and makes of it what can be made.
    pub(super) fn pull(&mut self) -> io::Result<Pulled> {
        let first = Some(&mut self.first).filter(|_| self.session.is_handshaking());
        let len = self.session.read_tls(&mut Below { link: &mut self.below, first })?;
        if let Err(error) = self.session.process_new_packets() {
            let fault = Fault::from_rustls(&error, &self.first);
            if fault.kind != TroubleKind::NotTls {
                // The other side is told in an alert, if it still listens.
                let _ = self.try_flush();
            }
            return Err(self.fails(fault));
        }
        // A handshake answers as it reads. What cannot go out now goes out before anything is waited for.
        self.try_flush()?;
        Ok(if len == 0 { Pulled::End } else { Pulled::Records })
    }

    /// Behind `close_notify` nothing is read any more; a FIN that has come as well is still seen.
    fn look_for_the_end(&mut self) {
        let mut nothing = [0; FIRST];
        let _ = self.below.try_read(&mut nothing);
    }

    pub(super) fn fails(&mut self, fault: Fault) -> io::Error {
        let trouble = Trouble::from(fault.kind);
        self.fault.get_or_insert(fault);
        io::Error::other(trouble)
    }
}

impl Layer for Secured {
    const SAYS_FAREWELL: bool = true;

    fn is_own(&self, _error: &io::Error) -> bool {
        self.fault.is_some()
    }

    fn poll_farewell(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closing {
            self.closing = true;
            self.session.send_close_notify();
        }
        self.poll_flushed(context)
    }
}

/// As over TCP, for whoever reads and writes as much as goes at once and then waits.
impl Tap<Secured> {
    /// Reads what is there just now, without waiting.
    ///
    /// # Errors
    /// As [`Secured::try_read`].
    pub fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.inner_mut().try_read(room).inspect_err(|error| self.went_wrong(error))?;
        self.read(&room[..len], room.len());
        Ok(len)
    }

    /// Takes what fits just now.
    ///
    /// # Errors
    /// As [`Secured::try_write`].
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.inner_mut().try_write(bytes);
        self.wrote(bytes, &result);
        result
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match self.try_read(buf.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.poll_read_ready(context))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
                Ok(len) => {
                    buf.advance(len);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.below.poll_write_ready(context))?;
                }
                other => return Poll::Ready(other),
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flushed(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_farewell(context))?;
        Pin::new(&mut self.below).poll_shutdown(context)
    }
}

/// What reading below gave.
pub(super) enum Pulled {
    /// More of it.
    Records,
    /// The other side's FIN.
    End,
}

/// The link below, as rustls wants it: what would wait is an error.
struct Below<'a> {
    link: &'a mut Link,
    first: Option<&'a mut Vec<u8>>,
}

impl Read for Below<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.link.try_read(room)?;
        if let Some(first) = &mut self.first {
            let missing = FIRST.saturating_sub(first.len());
            first.extend_from_slice(&room[..len.min(missing)]);
        }
        Ok(len)
    }
}

impl Write for Below<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.link.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
