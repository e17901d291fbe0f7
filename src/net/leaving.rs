//! When small writes leave: TCP's own rule, at once, or not before there is no more.

use std::io;

use tokio::net::TcpStream;

/// When the kernel sends what a small write handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// While bytes are on their way that have not been acknowledged, small ones wait and are put together
    /// (Nagle's rule, RFC 9293 §3.7.4).
    Nagle,
    /// At once (`TCP_NODELAY`).
    AtOnce,
    /// Only in full segments until this side finishes (`TCP_CORK`).
    Corked,
}

impl Leaving {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nagle => "nagle",
            Self::AtOnce => "nodelay",
            Self::Corked => "cork",
        }
    }

    /// Makes it so on a connection.
    ///
    /// # Errors
    /// When this system has no such rule.
    pub fn set(self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(self == Self::AtOnce)?;
        if self == Self::Corked { cork(stream) } else { Ok(()) }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn cork(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).set_tcp_cork(true)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn cork(_stream: &TcpStream) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
