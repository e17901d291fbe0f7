//! The tap: a layer around any stream that writes down what goes through it.
//!
//! It adds nothing and delays nothing. A write is recorded with the bytes the layer below accepted, a
//! read with the bytes it gave and the room it was offered, because that room is half of the reason
//! for a read's size.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, SendFlags};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::evidence::{Recording, Trouble};

/// What a tap can be put around.
pub trait Layer {
    /// Whether this went wrong here. What went wrong further out has been written down there.
    fn is_own(&self, _error: &io::Error) -> bool {
        true
    }

    /// Says in this layer's own words that no more will come, where it has such words, before the layer below is
    /// shut down.
    fn poll_farewell(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Whether it has such words.
    const SAYS_FAREWELL: bool;
}

impl Layer for TcpStream {
    const SAYS_FAREWELL: bool = false;
}

/// A stream that is being recorded.
pub struct Tap<S> {
    inner: S,
    recording: Recording,
}

impl<S> Tap<S> {
    /// Puts a tap around `inner`.
    pub fn new(inner: S, recording: Recording) -> Self {
        Self { inner, recording }
    }

    /// Where it is written down.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The stream below.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// The same, to wait on it.
    pub fn inner_mut(&mut self) -> &mut S {
        &mut self.inner
    }
}

/// For whoever reads and writes as much as goes at once and then waits. The system is called without the C library,
/// which in a process with threads makes each of these calls a place to cancel one at.
impl Tap<TcpStream> {
    /// Reads what the kernel has just now, without waiting.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when that is nothing, which is not recorded, and whatever else goes
    /// wrong.
    pub fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let (inner, size, mut came) = (&self.inner, room.len(), None);
        let tried = inner.try_io(Interest::READABLE, || {
            let (len, _) = rustix::net::recv(inner, &mut *room, RecvFlags::empty())?;
            came = Some(len);
            // With room left over the kernel has no more, and need not be asked to learn that.
            if (1..size).contains(&len) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match (came, tried) {
            (Some(len), _) => self.read(&room[..len], size),
            (None, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => return Err(error),
            (None, tried) => {
                tried.inspect_err(|error| self.recording.failed(Trouble::from(error)))?;
            }
        }
        Ok(came.unwrap_or_default())
    }

    /// Writes what the kernel takes just now, without waiting.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let inner = &self.inner;
        let result =
            inner.try_io(Interest::WRITABLE, || Ok(rustix::net::send(inner, bytes, SendFlags::NOSIGNAL)?));
        match &result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => self.wrote(bytes, &result),
        }
        result
    }
}

impl<S: Layer> Tap<S> {
    /// So many bytes were read into room for `room`; none are the end.
    pub(super) fn read(&self, bytes: &[u8], room: usize) {
        if !bytes.is_empty() {
            self.recording.read(bytes, room);
        } else if room > 0 {
            self.recording.finished_reading();
        }
    }

    pub(super) fn wrote(&self, bytes: &[u8], result: &io::Result<usize>) {
        match result {
            Ok(accepted) => self.recording.wrote(&bytes[..(*accepted).min(bytes.len())]),
            Err(error) => self.went_wrong(error),
        }
    }

    pub(super) fn went_wrong(&self, error: &io::Error) {
        if error.kind() != io::ErrorKind::WouldBlock && self.inner.is_own(error) {
            self.recording.failed(Trouble::from(error));
        }
    }
}

impl<S: Layer + AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (room, before) = (buf.remaining(), buf.filled().len());
        let result = ready!(Pin::new(&mut self.inner).poll_read(context, buf));
        match &result {
            Ok(()) => self.read(&buf.filled()[before..], room),
            Err(error) => self.went_wrong(error),
        }
        Poll::Ready(result)
    }
}

impl<S: Layer + AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write(context, bytes));
        self.wrote(bytes, &result);
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if S::SAYS_FAREWELL {
            ready!(self.inner.poll_farewell(context))?;
            self.recording.finished_writing();
        }
        let result = ready!(Pin::new(&mut self.inner).poll_shutdown(context));
        if result.is_ok() {
            self.recording.finished_writing();
        }
        Poll::Ready(result)
    }
}
