//! A link: a recorded stream to the other side, whatever it is made of.
//!
//! Services and clients talk over a link and do not ask what is below: TCP, or TLS over it. Whoever needs the socket itself, to count
//! segments or to cork it, asks for it with [`Link::socket`] and goes on without when there is none.
//!
//! Reading order: this page, [`secured`] (TLS over a link), [`handshake`] (how that begins).
//!
//! It is an enum and no trait object: the server's loop pays one branch for it, and a connection that only waits costs
//! no memory more than its socket does.

pub mod handshake;
pub mod secured;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use self::secured::Secured;
use super::tap::Tap;
use crate::evidence::Recording;

/// A recorded stream.
pub enum Link {
    /// A TCP connection, bytes as they are.
    Tcp(Tap<TcpStream>),
    /// TLS over another link.
    Tls(Box<Tap<Secured>>),
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
            Self::Tls(stream) => stream.recording(),
        }
    }

    /// The socket at the bottom, if there is one.
    #[must_use]
    pub fn socket(&self) -> Option<&TcpStream> {
        match self {
            Self::Tcp(stream) => Some(stream.inner()),
            Self::Tls(stream) => stream.inner().below().socket(),
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
            Self::Tls(stream) => stream.try_read(room),
        }
    }

    /// Writes what is taken just now, without waiting.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            Self::Tls(stream) => stream.try_write(bytes),
        }
    }

    /// Waits until it is worth while to try reading again.
    ///
    /// # Errors
    /// When the system cannot tell any more.
    pub fn poll_read_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.inner().poll_read_ready(context),
            Self::Tls(stream) => stream.inner_mut().poll_read_ready(context),
        }
    }

    /// Waits until it is worth while to try writing again.
    ///
    /// # Errors
    /// As [`poll_read_ready`](Self::poll_read_ready).
    pub fn poll_write_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.inner().poll_write_ready(context),
            Self::Tls(stream) => stream.inner_mut().poll_write_ready(context),
        }
    }

    /// Hands on what was taken and still waits in this program, without waiting for room. Gives whether that was all;
    /// over TCP nothing ever waits.
    ///
    /// # Errors
    /// What goes wrong below.
    pub fn try_flush(&mut self) -> io::Result<bool> {
        match self {
            Self::Tcp(_) => Ok(true),
            Self::Tls(stream) => stream.inner_mut().try_flush(),
        }
    }

    /// Where it is written down what happens at the bottom: segments handed over, FIN, RST.
    #[must_use]
    pub fn bottom(&self) -> &Recording {
        match self {
            Self::Tcp(stream) => stream.recording(),
            Self::Tls(stream) => stream.inner().below().bottom(),
        }
    }

    /// Whether what is said on it is kept from those who see the packets.
    #[must_use]
    pub fn is_secured(&self) -> bool {
        matches!(self, Self::Tls(_))
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
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buf),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
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
