//! A link: a recorded stream to the other side, whatever it is made of.
//!
//! Services and clients talk over a link and do not ask what is below. Whoever needs the socket itself, to count
//! segments or to cork it, asks for it with [`Link::socket`] and goes on without when there is none.
//!
//! It is an enum and no trait object: the server's loop pays one branch for it, and a connection that only waits costs
//! no memory more than its socket does.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::tap::Tap;
use crate::evidence::Recording;

/// A recorded stream.
pub enum Link {
    /// A TCP connection, bytes as they are.
    Tcp(Tap<TcpStream>),
}

impl From<Tap<TcpStream>> for Link {
    fn from(stream: Tap<TcpStream>) -> Self {
        Self::Tcp(stream)
    }
}

impl Link {
    /// Where what is said on it is written down.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        match self {
            Self::Tcp(stream) => stream.recording(),
        }
    }

    /// The socket at the bottom, if there is one.
    #[must_use]
    pub fn socket(&self) -> Option<&TcpStream> {
        match self {
            Self::Tcp(stream) => Some(stream.inner()),
        }
    }

    /// Reads what is there just now, without waiting.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when that is nothing, which is not recorded, and whatever else goes
    /// wrong.
    pub fn try_read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_read(room),
        }
    }

    /// Writes what is taken just now, without waiting.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(bytes),
        }
    }

    /// Waits until it is worth while to try reading again.
    ///
    /// # Errors
    /// When the system cannot tell any more.
    pub fn poll_read_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.inner().poll_read_ready(context),
        }
    }
}

impl AsyncRead for Link {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buf),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, Tap, TcpStream};

    #[test]
    fn a_link_over_tcp_takes_no_more_room_than_its_tap() {
        assert_eq!(size_of::<Link>(), size_of::<Tap<TcpStream>>());
    }
}
