//! One question to the kernel's socket monitor, and its answer.
//!
//! ```text
//! question   netlink header (16 bytes) | inet_diag_req_v2 (56)
//! answer     netlink header (16)       | inet_diag_msg (72) | attributes: length (2), kind (2), value, padding to 4
//! ```
//!
//! The layouts are those of Linux's `linux/netlink.h` and `linux/inet_diag.h`; numbers are in the machine's own order,
//! ports and addresses in the network's.

use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::evidence::Transport;

const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// The state of a socket that waits for calls, and has no other end.
const TCP_LISTEN: u8 = 10;
/// The states of a connection that its program has not closed: established, and with the other side's FIN.
const STANDING: [u8; 2] = [1, 8];
/// The attribute that holds `struct tcp_info`.
const INET_DIAG_INFO: u16 = 2;
/// The attribute that says whether an IPv6 socket without another end leaves IPv4 alone.
const INET_DIAG_SKV6ONLY: u16 = 11;

/// The netlink header.
const HEADER: usize = 16;
/// The question behind it.
const REQUEST: usize = 56;
/// What an answer holds before its attributes.
const MESSAGE: usize = 72;
/// An answer is far shorter.
const ANSWER_LIMIT: usize = 8 * 1024;
/// The kernel answers while it is asked. One that does not is not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the kernel said.
pub(super) struct Answer {
    /// Bytes that were received and not read.
    pub receive_queue: u32,
    /// Bytes that were written and not acknowledged.
    pub send_queue: u32,
    /// `struct tcp_info`, as much of it as this kernel has.
    pub info: Vec<u8>,
    /// Whether it waits for calls, and has no other end.
    waits: bool,
    /// Whether it is established, as far as its program has not closed it.
    stands: bool,
    /// The number of the file through which a program holds it; 0 when none does.
    inode: u32,
    /// Whether it leaves IPv4 alone, where the kernel says so.
    v6_only: Option<bool>,
}

#[cfg(test)]
impl Answer {
    /// One with these queues, received and sent, and this `struct tcp_info`.
    pub(super) fn of((receive_queue, send_queue): (u32, u32), info: Vec<u8>) -> Self {
        Self { receive_queue, send_queue, info, waits: false, stands: true, inode: 1, v6_only: None }
    }
}

/// Opens the way to the socket monitor.
pub(super) fn door() -> io::Result<Socket> {
    let socket = Socket::new(Domain::from(AF_NETLINK), Type::DGRAM, Some(Protocol::from(NETLINK_SOCK_DIAG)))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Asks about the connection between two addresses, seen from `local`.
pub(super) fn ask(local: SocketAddr, remote: SocketAddr) -> io::Result<Answer> {
    let answer = put(&question(IPPROTO_TCP, local, remote))?;
    // Where there is no such connection (any more), the kernel answers with who listens there.
    if answer.waits { Err(io::ErrorKind::NotConnected.into()) } else { Ok(answer) }
}

/// Whether a program holds the end at `local` of the connection between the two addresses. None does while it waits in
/// the queue of a listening socket.
pub(super) fn is_held(local: SocketAddr, remote: SocketAddr) -> io::Result<bool> {
    let answer = ask(local, remote)?;
    // One that is closing belongs to no program any more, whoever had it before.
    if answer.stands { Ok(answer.inode != 0) } else { Err(io::ErrorKind::NotConnected.into()) }
}

/// Asks whether the socket that waits at this IPv6 address leaves IPv4 alone.
pub(super) fn v6_only(transport: Transport, waiting: SocketAddr) -> io::Result<Option<bool>> {
    let nobody = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    // Of a datagram the kernel is asked as if it came in: from where, and then to where.
    let question = match transport {
        Transport::Tcp => question(IPPROTO_TCP, waiting, nobody),
        Transport::Udp => question(IPPROTO_UDP, nobody, waiting),
    };
    Ok(put(&question)?.v6_only)
}

fn put(question: &[u8]) -> io::Result<Answer> {
    let socket = door()?;
    socket.send(question)?;
    let mut bytes = vec![0; ANSWER_LIMIT];
    let len = (&socket).read(&mut bytes)?;
    answer(&bytes[..len])
}

fn question(protocol: u8, local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + REQUEST);
    let length = u32::try_from(HEADER + REQUEST).unwrap_or_default();
    bytes.extend(length.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST.to_ne_bytes());
    // A number for the question and one for who asks; with one question a socket neither is needed.
    bytes.extend([0; 8]);
    let family = if local.is_ipv4() { AF_INET } else { AF_INET6 };
    bytes.extend([family, protocol, 1 << (INET_DIAG_INFO - 1), 0]);
    // In whatever state it is.
    bytes.extend(u32::MAX.to_ne_bytes());
    bytes.extend(local.port().to_be_bytes());
    bytes.extend(remote.port().to_be_bytes());
    bytes.extend(sixteen(local.ip()));
    bytes.extend(sixteen(remote.ip()));
    // On any interface, and with no cookie from an earlier answer.
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend([0xff; 8]);
    bytes
}

/// An address in sixteen bytes; an IPv4 address has the first four.
fn sixteen(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&ip.octets());
            bytes
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn answer(bytes: &[u8]) -> io::Result<Answer> {
    let cut = || io::Error::new(io::ErrorKind::InvalidData, "the socket monitor's answer is cut short");
    let kind = number(bytes, 4, 2).ok_or_else(cut)?;
    if kind == u64::from(NLMSG_ERROR) {
        let number = number(bytes, HEADER, 4).and_then(|raw| u32::try_from(raw).ok()).unwrap_or_default();
        // The kernel writes its error numbers with a minus sign.
        return Err(io::Error::from_raw_os_error(number.cast_signed().saturating_neg()));
    }
    let state = bytes.get(HEADER + 1);
    let (waits, stands) = (state == Some(&TCP_LISTEN), state.is_some_and(|state| STANDING.contains(state)));
    let queue = |at: usize| number(bytes, at, 4).and_then(|raw| u32::try_from(raw).ok()).ok_or_else(cut);
    let (receive_queue, send_queue) = (queue(HEADER + 56)?, queue(HEADER + 60)?);
    let inode = queue(HEADER + 68)?;
    let (mut info, mut v6_only) = (Vec::new(), None);
    let mut rest = bytes.get(HEADER + MESSAGE..).ok_or_else(cut)?;
    while let (Some(len), Some(kind)) = (number(rest, 0, 2), number(rest, 2, 2)) {
        let len = usize::try_from(len).unwrap_or_default();
        let Some(value) = rest.get(4..len) else { break };
        if kind == u64::from(INET_DIAG_INFO) {
            info = value.to_vec();
        } else if kind == u64::from(INET_DIAG_SKV6ONLY) {
            v6_only = value.first().map(|only| *only != 0);
        }
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(Answer { receive_queue, send_queue, info, waits, stands, inode, v6_only })
}

/// A number of the machine's own order, of up to eight bytes; nothing when they are not all there.
pub(super) fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    let raw = bytes.get(at..at.checked_add(len)?)?;
    let mut all = [0; 8];
    if cfg!(target_endian = "little") {
        all[..len].copy_from_slice(raw);
    } else {
        all[8 - len..].copy_from_slice(raw);
    }
    Some(u64::from_ne_bytes(all))
}

#[cfg(test)]
mod tests {
    use super::{ANSWER_LIMIT, HEADER, IPPROTO_TCP, MESSAGE, answer, number, question};

    #[test]
    fn a_question_is_as_long_as_it_says() {
        let bytes = question(IPPROTO_TCP, "127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
        assert_eq!(number(&bytes, 0, 4), Some(bytes.len() as u64));
        assert_eq!(bytes.len(), 72);
        let six = question(IPPROTO_TCP, "[::1]:1".parse().unwrap(), "[::1]:2".parse().unwrap());
        assert_eq!((six.len(), six[HEADER]), (72, 10));
    }

    #[test]
    fn an_answer_that_is_cut_anywhere_is_no_panic() {
        let mut whole = vec![0; HEADER + MESSAGE];
        // One attribute: eight bytes of tcp_info, and its head.
        whole.extend(12_u16.to_ne_bytes());
        whole.extend(2_u16.to_ne_bytes());
        whole.extend([9; 8]);
        assert_eq!(answer(&whole).unwrap().info, [9; 8]);
        for len in 0..whole.len() {
            let cut = answer(&whole[..len]);
            assert!(cut.is_err() || cut.is_ok_and(|answer| answer.info.is_empty()), "{len}");
        }
        assert!(answer(&vec![0xff; ANSWER_LIMIT]).is_ok_and(|answer| answer.info.is_empty()));
    }
}
