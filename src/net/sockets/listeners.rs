//! Who has a port; and when nobody listens on one, who listens near it.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use super::owner::{Held, Program};
use super::state::State;
use super::{Socket, sockets};
use crate::evidence::Transport;
use crate::net::interfaces::is_here;

/// The most listeners that are named to somebody who was refused.
const MOST_NAMED: usize = 3;

/// A server of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where it listens, or takes datagrams.
    pub address: SocketAddr,
    /// The program, where the system tells.
    pub program: Option<Program>,
}

/// The program that has `address` for TCP, as `name (pid 123)`: the one that listens there, or else on every
/// address, or else on the same port of another. Nothing when the system does not say.
#[must_use]
pub fn holder(address: SocketAddr) -> Option<String> {
    listener(address).as_ref().map(named)
}

/// The same as the program itself.
#[must_use]
pub fn listener(address: SocketAddr) -> Option<Program> {
    held_by(address, |state| state == State::Listen)
}

/// The program that has `address` for UDP, in the same words.
#[must_use]
pub fn datagram_holder(address: SocketAddr) -> Option<String> {
    program_at(Transport::Udp, address).as_ref().map(named)
}

/// The program that has `address`, for TCP as [`listener`] finds it, and for UDP.
#[must_use]
pub fn program_at(transport: Transport, address: SocketAddr) -> Option<Program> {
    match transport {
        Transport::Tcp => listener(address),
        Transport::Udp => held_by(address, |state| matches!(state, State::Unconnected | State::Connected)),
    }
}

fn held_by(address: SocketAddr, is_in: impl Fn(State) -> bool) -> Option<Program> {
    let same_port = |socket: &Socket| is_in(socket.state) && socket.local.port() == address.port();
    let found = sockets(same_port).ok()?.list;
    let distance = |socket: &&Socket| {
        let ip = socket.local.ip().to_canonical();
        (ip != address.ip(), !ip.is_unspecified())
    };
    found.iter().min_by_key(distance).and_then(|socket| first(&socket.held))
}

/// Servers that somebody may have meant who was refused at `address`, the most likely first, three at most:
/// those on the same port of another address, then this user's own on other ports, one for each program, the
/// nearest port first. Nothing when the address is another machine's, or where the system does not tell.
#[must_use]
pub fn near(transport: Transport, address: SocketAddr) -> Vec<Listener> {
    if !is_here(address.ip()) {
        return Vec::new();
    }
    let (user, lent) = (own_user(), lent_ports());
    // A UDP socket does not say whether it waits or has asked something itself. One on a port that the system lends
    // to whoever asks is taken for the latter, unless the port that was meant is one of those.
    let asks = |port: u16| lent.contains(&port) && !lent.contains(&address.port());
    let wanted = |socket: &Socket| {
        let port = socket.local.port();
        let waits = match transport {
            Transport::Tcp => socket.state == State::Listen,
            Transport::Udp => {
                socket.state == State::Unconnected && !socket.local.ip().is_multicast() && !asks(port)
            }
        };
        socket.transport == transport && waits && (port == address.port() || user == Some(socket.user))
    };
    // A server of this very process is none of the learner's.
    let own = |socket: &Socket| first(&socket.held).is_some_and(|program| program.pid == std::process::id());
    let found = sockets(wanted).map(|found| found.list).unwrap_or_default();
    nearest(address, found.into_iter().filter(|socket| !own(socket)))
}

/// The choice among the listeners there are.
#[must_use]
pub fn nearest(address: SocketAddr, found: impl IntoIterator<Item = Socket>) -> Vec<Listener> {
    let mut all: Vec<Listener> = found
        .into_iter()
        .map(|socket| Listener { address: socket.local, program: first(&socket.held) })
        .filter(|listener| listener.address.port() == address.port() || listener.program.is_some())
        .collect();
    let other_family = |ip: IpAddr| ip.is_ipv4() != address.is_ipv4();
    all.sort_by_key(|listener| {
        let port = listener.address.port();
        (port.abs_diff(address.port()), other_family(listener.address.ip()), listener.address)
    });
    let mut chosen: Vec<Listener> = Vec::new();
    for listener in all {
        let same_port = listener.address.port() == address.port();
        let told = chosen.iter().any(|one| one.program.is_some() && one.program == listener.program);
        if chosen.len() < MOST_NAMED && (same_port || !told) {
            chosen.push(listener);
        }
    }
    chosen
}

/// A program for a sentence.
#[must_use]
pub fn named(program: &Program) -> String {
    format!("{} (pid {})", program.name, program.pid)
}

fn first(held: &Held) -> Option<Program> {
    match held {
        Held::Programs(programs) => programs.first().cloned(),
        _ => None,
    }
}

/// The ports that the system lends to whoever needs one and does not care which.
fn lent_ports() -> RangeInclusive<u16> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut ends = range.split_ascii_whitespace().map_while(|end| end.parse().ok());
    // Without word from the system, those that are kept for that use (RFC 6335 §6).
    ends.next().zip(ends.next()).map_or(49_152..=u16::MAX, |(first, last)| first..=last)
}

/// The number of the user this process runs as.
#[cfg(target_os = "linux")]
fn own_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|about| about.uid())
}

#[cfg(not(target_os = "linux"))]
fn own_user() -> Option<u32> {
    None
}
