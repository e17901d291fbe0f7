//! Where a connection comes from, as far as that is chosen by hand.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::evidence::{Trouble, TroubleKind};

/// The near end of a connection. What is not chosen here the system chooses: the address by its routes, the
/// port from those that are free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: Option<IpAddr>,
    /// The port; 0 leaves it to the system.
    pub port: u16,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snag {
    /// There was no address to connect to, or none of the origin's kind.
    NoAddress,
    /// This address and port of our own cannot be had.
    Origin(SocketAddr, Trouble),
    /// The server, and what went wrong with it.
    Server(SocketAddr, Trouble),
}

impl Snag {
    /// What it is, whichever end it is at.
    #[must_use]
    pub fn trouble(self) -> Trouble {
        match self {
            Self::Origin(_, trouble) | Self::Server(_, trouble) => trouble,
            Self::NoAddress => TroubleKind::AddressNotAvailable.into(),
        }
    }

    /// Whether the same went wrong with another server.
    pub(super) fn is_like(self, other: &Self) -> bool {
        matches!((self, other), (Self::Server(_, one), Self::Server(_, two)) if one.kind == two.kind)
    }
}

impl Origin {
    /// Whether a connection from here can go to `server`: both IPv4, or both IPv6.
    #[must_use]
    pub fn reaches(&self, server: SocketAddr) -> bool {
        self.address.is_none_or(|address| address.is_ipv4() == server.is_ipv4())
    }

    /// Our end of a conversation with `server`, as far as it is known before it begins.
    #[must_use]
    pub fn local(&self, server: SocketAddr) -> SocketAddr {
        let any = match server {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        SocketAddr::new(self.address.unwrap_or(any), self.port)
    }

    /// A socket that is ready to connect to `server`.
    pub(super) fn socket(&self, server: SocketAddr) -> io::Result<TcpSocket> {
        let socket = if server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if *self != Self::default() {
            // A port whose last connection is still in TIME-WAIT can be had again; connecting to the same
            // server from it is another matter, and told then.
            if cfg!(unix) {
                socket.set_reuseaddr(true)?;
            }
            socket.bind(self.local(server))?;
        }
        Ok(socket)
    }

    /// Whose trouble it is that a connect failed. The kernel says "not available" or "in use" when the very
    /// connection from this port to that server exists already.
    pub(super) fn blame(&self, server: SocketAddr, trouble: Trouble) -> Snag {
        let twice = matches!(trouble.kind, TroubleKind::AddressNotAvailable | TroubleKind::AddressInUse);
        if twice && self.port != 0 {
            let trouble = Trouble { kind: TroubleKind::AddressInUse, ..trouble };
            return Snag::Origin(self.local(server), trouble);
        }
        Snag::Server(server, trouble)
    }
}
