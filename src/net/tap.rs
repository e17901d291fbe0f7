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

impl<S> Tap<S> {
    /// So many bytes were read into room for `room`; none are the end.
    fn read(&self, bytes: &[u8], room: usize) {
        if !bytes.is_empty() {
            self.recording.read(bytes, room);
        } else if room > 0 {
            self.recording.finished_reading();
        }
    }

    fn wrote(&self, bytes: &[u8], result: &io::Result<usize>) {
        match result {
            Ok(accepted) => self.recording.wrote(&bytes[..(*accepted).min(bytes.len())]),
            Err(error) => self.recording.failed(Trouble::from(error)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (room, before) = (buf.remaining(), buf.filled().len());
        let result = ready!(Pin::new(&mut self.inner).poll_read(context, buf));
        match &result {
            Ok(()) => self.read(&buf.filled()[before..], room),
            Err(error) => self.recording.failed(Trouble::from(error)),
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
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
        let result = ready!(Pin::new(&mut self.inner).poll_shutdown(context));
        if result.is_ok() {
            self.recording.finished_writing();
        }
        Poll::Ready(result)
    }
}
