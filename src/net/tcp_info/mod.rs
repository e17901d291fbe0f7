//! What the kernel counts on a TCP connection: segments, windows, queues.
//!
//! Linux tells it to anybody who asks, through its socket monitor (`sock_diag(7)`). The same door gives `struct
//! tcp_info`, which `getsockopt(TCP_INFO)` gives too, the lengths of both queues, and how much of the struct this kernel
//! knows: what lies beyond is missing in [`Counters`]. Nothing here needs a privilege or unsafe code.
//!
//! Other systems are not asked yet; there every call ends with [`io::ErrorKind::Unsupported`].

#[cfg(target_os = "linux")]
mod diag;
#[cfg(target_os = "linux")]
mod last;
#[cfg(target_os = "linux")]
mod layout;

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::evidence::{Counters, Transport};

/// The numbers of this end of a connection.
///
/// # Errors
/// When the system does not tell, or the connection has no other end any more.
pub fn counters(stream: &TcpStream) -> io::Result<Counters> {
    between(stream.local_addr()?, stream.peer_addr()?)
}

/// The numbers of the end at `local` of the connection to `remote`, whichever program of this machine has it.
///
/// # Errors
/// When the system does not tell, or has no such connection.
pub fn between(local: SocketAddr, remote: SocketAddr) -> io::Result<Counters> {
    imp::between(local, remote)
}

/// Whether a program holds the end at `local` of the connection to `remote`. None does while it waits in the queue of a
/// listening socket, to be accepted.
///
/// # Errors
/// When the system does not tell, or has no such connection that is still open.
pub fn is_held(local: SocketAddr, remote: SocketAddr) -> io::Result<bool> {
    imp::is_held(local, remote)
}

/// A connection whose counts can still be asked for when it is over, as long as this end is open.
pub struct AtTheEnd(());

impl AtTheEnd {
    /// To be asked while the connection is there. Nothing where the system does not count, or not as much.
    #[must_use]
    pub fn of(stream: &TcpStream) -> Option<Self> {
        // The socket's answer is as long as the kernel's tables have it, and has to be long enough.
        counters(stream).ok()?.data_segments_out.map(|_| Self(()))
    }

    /// What was counted, the queues aside.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn counters(&self, stream: &TcpStream) -> io::Result<Counters> {
        imp::last(stream)
    }
}

/// Whether the program that waits at `[::]` and this port takes IPv4 as well (a dual-stack socket). Nothing when the
/// system does not tell.
#[must_use]
pub fn takes_ipv4(transport: Transport, waiting: SocketAddr) -> Option<bool> {
    imp::v6_only(transport, waiting).map(|only| !only)
}

/// Why this machine does not count, if it does not: in words for a learner.
#[must_use]
pub fn missing() -> Option<String> {
    imp::missing()
}

#[cfg(target_os = "linux")]
mod imp {
    use std::io;
    use std::net::SocketAddr;

    use tokio::net::TcpStream;

    use super::{diag, last, layout};
    use crate::evidence::{Counters, Transport};

    pub(super) fn between(local: SocketAddr, remote: SocketAddr) -> io::Result<Counters> {
        diag::ask(local, remote).map(|answer| layout::counters(&answer))
    }

    pub(super) fn is_held(local: SocketAddr, remote: SocketAddr) -> io::Result<bool> {
        diag::is_held(local, remote)
    }

    pub(super) fn last(stream: &TcpStream) -> io::Result<Counters> {
        last::info(stream).map(|info| layout::told(&info))
    }

    pub(super) fn v6_only(transport: Transport, waiting: SocketAddr) -> Option<bool> {
        diag::v6_only(transport, waiting).ok().flatten()
    }

    pub(super) fn missing() -> Option<String> {
        let error = diag::door().err()?;
        Some(format!("this kernel does not tell what it counts on a connection ({error})"))
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::io;
    use std::net::SocketAddr;

    use tokio::net::TcpStream;

    use crate::evidence::{Counters, Transport};

    pub(super) fn last(_stream: &TcpStream) -> io::Result<Counters> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn between(_local: SocketAddr, _remote: SocketAddr) -> io::Result<Counters> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn is_held(_local: SocketAddr, _remote: SocketAddr) -> io::Result<bool> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn v6_only(_transport: Transport, _waiting: SocketAddr) -> Option<bool> {
        None
    }

    pub(super) fn missing() -> Option<String> {
        Some("netlab asks only Linux what it counts on a connection".to_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    use socket2::{Domain, Socket, Type};

    use super::{between, is_held, takes_ipv4};
    use crate::evidence::Transport;

    #[test]
    fn both_ends_are_told_of_bytes_that_nobody_has_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, _) = listener.accept().unwrap();
        client.write_all(&[7; 1000]).unwrap();
        let (here, there) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let sender = between(here, there).unwrap();
        let receiver = between(there, here).unwrap();
        assert_eq!(receiver.receive_queue, Some(1000));
        assert_eq!(sender.data_segments_out, Some(1));
        // The SYN counts as one.
        assert!(sender.bytes_acknowledged.is_none_or(|bytes| bytes <= 1001));
        assert!(sender.segments_out >= Some(3), "SYN, ACK and the data: {sender:?}");
    }

    #[test]
    fn a_connection_in_the_queue_is_held_by_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (here, there) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        assert!(is_held(here, there).unwrap(), "this program has it open");
        assert!(!is_held(there, here).unwrap(), "nobody has accepted it");
        let (server, _) = listener.accept().unwrap();
        assert!(is_held(there, here).unwrap());
        drop(server);
        assert!(is_held(there, here).is_err(), "one that was closed is neither");
    }

    #[test]
    fn who_waits_on_ipv6_takes_ipv4_or_leaves_it_alone() {
        for (transport, kind) in [(Transport::Tcp, Type::STREAM), (Transport::Udp, Type::DGRAM)] {
            for only in [false, true] {
                let Ok(socket) = Socket::new(Domain::IPV6, kind, None) else { return };
                socket.set_only_v6(only).unwrap();
                let any: std::net::SocketAddr = "[::]:0".parse().unwrap();
                socket.bind(&any.into()).unwrap();
                if transport == Transport::Tcp {
                    socket.listen(1).unwrap();
                }
                let there = socket.local_addr().unwrap().as_socket().unwrap();
                assert_eq!(takes_ipv4(transport, there), Some(!only), "{transport:?}");
            }
        }
        assert_eq!(takes_ipv4(Transport::Tcp, "[::]:1".parse().unwrap()), None);
    }

    #[test]
    fn who_listens_is_not_taken_for_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        assert!(between(server, "127.0.0.1:9".parse().unwrap()).is_err());
    }

    #[test]
    fn a_connection_that_is_not_there_is_an_error() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(between(free, "127.0.0.1:9".parse().unwrap()).is_err());
    }
}
