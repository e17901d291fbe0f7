//! The kernel's tables of sockets, as Linux writes them in `/proc/net/tcp`, `tcp6`, `udp` and `udp6`.
//!
//! ```text
//! sl: local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
//! ```
//!
//! Numbers are hex, but for uid, timeout and inode. An address is one word of 32 bits, or four of them, each
//! as the machine holds the network's bytes in memory; so on most machines 127.0.0.1 reads `0100007F`.

use std::net::{IpAddr, SocketAddr};

use super::Socket;
use super::owner::Held;
use super::state::State;
use crate::evidence::Transport;

/// A row: a socket whose holder is not known yet, and the number that leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The socket.
    pub socket: Socket,
    /// The number of its file; 0 when no program has it open.
    pub inode: u64,
}

/// Reads a table. The heading, and whatever else is no row, is passed over.
pub fn rows(table: &str, transport: Transport) -> impl Iterator<Item = Row> {
    table.lines().filter_map(move |line| row(line, transport))
}

fn row(line: &str, transport: Transport) -> Option<Row> {
    let mut words = line.split_ascii_whitespace();
    let number = words.next()?.strip_suffix(':')?;
    number.parse::<u64>().ok()?;
    let (local, remote) = (address(words.next()?)?, address(words.next()?)?);
    let state = state(words.next()?, transport)?;
    let (sent, received) = words.next()?.split_once(':')?;
    let (_timer, _again) = (words.next()?, words.next()?);
    let user = words.next()?.parse().ok()?;
    let _timeout = words.next()?;
    let inode = words.next()?.parse().ok()?;
    let socket = Socket {
        transport,
        local,
        remote: (remote.port() != 0 || !remote.ip().is_unspecified()).then_some(remote),
        state,
        receive_queue: u64::from(hex(received)?),
        send_queue: u64::from(hex(sent)?),
        user,
        held: if inode == 0 { Held::Kernel } else { Held::Unseen },
    };
    Some(Row { socket, inode })
}

fn address(word: &str) -> Option<SocketAddr> {
    let (ip, port) = word.split_once(':')?;
    let port = u16::try_from(hex(port)?).ok()?;
    let ip = match ip.len() {
        8 => IpAddr::from(hex(ip)?.to_ne_bytes()),
        32 => {
            let mut bytes = [0; 16];
            for (at, into) in bytes.chunks_exact_mut(4).enumerate() {
                into.copy_from_slice(&hex(ip.get(at * 8..at * 8 + 8)?)?.to_ne_bytes());
            }
            IpAddr::from(bytes)
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Hex digits and nothing else: the parser of the standard library would take a sign, too.
fn hex(word: &str) -> Option<u32> {
    let digits = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(word, 16).ok()).flatten()
}

/// The kernel numbers its states (`include/net/tcp_states.h`); UDP borrows two of the numbers.
fn state(word: &str, transport: Transport) -> Option<State> {
    let number = hex(word)?;
    Some(match (transport, number) {
        (Transport::Udp, 1) => State::Connected,
        (Transport::Udp, 7) => State::Unconnected,
        (Transport::Udp, _) => return None,
        (_, 1) => State::Established,
        (_, 2) => State::SynSent,
        // A call under way has a small socket of its own in newer kernels (12).
        (_, 3 | 12) => State::SynReceived,
        (_, 4) => State::FinWait1,
        (_, 5) => State::FinWait2,
        (_, 6) => State::TimeWait,
        (_, 7) => State::Closed,
        (_, 8) => State::CloseWait,
        (_, 9) => State::LastAck,
        (_, 10) => State::Listen,
        (_, 11) => State::Closing,
        _ => return None,
    })
}
