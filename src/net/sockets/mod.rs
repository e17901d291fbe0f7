//! The sockets of this machine: who waits for calls and who is connected, as its system tells.
//!
//! Reading order: [`state`] (what a socket is at), [`table`] (the kernel's tables, pure), [`owner`]
//! (which program holds a socket), [`listeners`] (who has a port, and who listens near one), [`waiting`] (the same in a
//! moment, for evidence), [`queue`] (connections that no program has accepted).

pub mod listeners;
pub mod owner;
pub mod queue;
pub mod state;
pub mod table;
pub mod waiting;

use std::net::SocketAddr;

use crate::evidence::Transport;
use owner::Held;
use state::State;

/// The most sockets that are looked at; a busy server has some ten thousand.
pub const MOST_SOCKETS: usize = 100_000;

/// A socket of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// TCP or UDP.
    pub transport: Transport,
    /// This end.
    pub local: SocketAddr,
    /// The other end; absent while there is none.
    pub remote: Option<SocketAddr>,
    /// What it is at.
    pub state: State,
    /// Bytes that have arrived and that the program has not read. Of a listening TCP socket: connections that
    /// are established and wait to be accepted. A FIN counts as one.
    pub receive_queue: u64,
    /// Bytes that were written and that the other side has not acknowledged.
    pub send_queue: u64,
    /// The number of the user it belongs to.
    pub user: u32,
    /// Who holds it.
    pub held: Held,
}

impl Socket {
    /// Whether it waits for whoever calls.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        matches!(self.state, State::Listen | State::Unconnected)
    }
}

/// What there is, and how much of it was not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sockets {
    /// The sockets: those that wait first, then by port.
    pub list: Vec<Socket>,
    /// How many there are beyond [`MOST_SOCKETS`].
    pub left_out: usize,
    /// Whether the search for programs ended at its limit ([`owner::MOST_DESCRIPTORS`]).
    pub gave_up: bool,
}

/// Reads the sockets for which `wanted` holds, and who holds them.
///
/// # Errors
/// What is missing on this system, as a sentence part.
pub fn sockets(wanted: impl Fn(&Socket) -> bool) -> Result<Sockets, String> {
    let (rows, left_out) = imp::rows(None)?;
    let mut rows: Vec<table::Row> = rows.into_iter().filter(|row| wanted(&row.socket)).collect();
    let gave_up = owner::find(&mut rows);
    let mut list: Vec<Socket> = rows.into_iter().map(|row| row.socket).collect();
    list.sort_by_key(|socket| {
        let transport = matches!(socket.transport, Transport::Udp);
        (!socket.is_listening(), socket.local.port(), transport, socket.local.ip(), socket.remote)
    });
    Ok(Sockets { list, left_out, gave_up })
}

/// Whether somebody waits for TCP connections at this address, or at all of its kind. Nothing where the system does not
/// tell.
#[must_use]
pub fn is_waited_at(address: SocketAddr) -> Option<bool> {
    let (rows, _) = imp::rows(None).ok()?;
    let waits = |socket: &Socket| {
        let (local, ip) = (socket.local, socket.local.ip());
        socket.state == State::Listen
            && local.port() == address.port()
            && (ip.to_canonical() == address.ip() || ip.is_unspecified())
    };
    Some(rows.iter().any(|row| waits(&row.socket)))
}

#[cfg(target_os = "linux")]
mod imp {
    use std::fs;

    use super::MOST_SOCKETS;
    use super::table::{Row, rows as rows_of};
    use crate::evidence::Transport;

    const TABLES: [(&str, Transport); 4] = [
        ("tcp", Transport::Tcp),
        ("tcp6", Transport::Tcp),
        ("udp", Transport::Udp),
        ("udp6", Transport::Udp),
    ];

    /// The rows of all tables, and how many were left out: of this program's network, or of the one that a process is in.
    /// A kernel without IPv6 has only two of them.
    pub fn rows(process: Option<u32>) -> Result<(Vec<Row>, usize), String> {
        let (mut all, mut left_out, mut read) = (Vec::new(), 0, 0);
        let mut trouble = String::new();
        let folder = process.map_or_else(|| "/proc/net".to_owned(), |process| format!("/proc/{process}/net"));
        for (table, transport) in TABLES {
            let path = format!("{folder}/{table}");
            match fs::read_to_string(&path) {
                Ok(text) => {
                    read += 1;
                    let mut rows = rows_of(&text, transport);
                    all.extend(rows.by_ref().take(MOST_SOCKETS.saturating_sub(all.len())));
                    left_out += rows.count();
                }
                Err(error) => trouble = format!("{path} cannot be read ({error})"),
            }
        }
        if read == 0 { Err(trouble) } else { Ok((all, left_out)) }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::table::Row;

    pub fn rows(_process: Option<u32>) -> Result<(Vec<Row>, usize), String> {
        Err("netlab reads them from the tables that Linux keeps in /proc/net, and this system has none"
            .to_owned())
    }
}
