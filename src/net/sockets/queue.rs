//! Connections that stand in a listening socket's queue: the kernel has made them, and no program has accepted them.
//!
//! Of such a connection the kernel's table knows everything there is. No program holds its socket (its inode is 0, while it
//! is established all the same), so the server cannot have said anything, and all that the client has said is still there.

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;

use super::imp;
use super::owner::{self, Held, Program};
use super::state::State;
use super::table::Row;
use crate::evidence::Transport;

/// A connection that nobody has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The client's end.
    pub client: SocketAddr,
    /// The server's.
    pub server: SocketAddr,
    /// How many bytes the client has sent.
    pub bytes: u64,
    /// Whether it has finished.
    pub finished: bool,
    /// The client's program, where the system tells.
    pub caller: Option<Program>,
}

/// Those at these ports: of this program's network, or of the one that a process is in. None where the system does not tell.
#[must_use]
pub fn queued(ports: &BTreeSet<u16>, process: Option<u32>) -> Vec<Queued> {
    let Ok((mut rows, _)) = imp::rows(process) else { return Vec::new() };
    rows.retain(|row| {
        let socket = &row.socket;
        let at = |address: SocketAddr| ports.contains(&address.port());
        socket.transport == Transport::Tcp && (at(socket.local) || socket.remote.is_some_and(at))
    });
    let mut found = of_rows(&rows, ports);
    if !found.is_empty() {
        owner::find(&mut rows);
        for one in &mut found {
            let own = rows.iter().find(|row| {
                let (local, remote) = (plain(row.socket.local), row.socket.remote.map(plain));
                local == one.client && remote == Some(one.server)
            });
            one.caller = own.and_then(|row| match &row.socket.held {
                Held::Programs(programs) => programs.first().cloned(),
                _ => None,
            });
        }
    }
    found
}

/// The same from the rows of the kernel's tables, without the clients' programs.
#[must_use]
pub fn of_rows(rows: &[Row], ports: &BTreeSet<u16>) -> Vec<Queued> {
    let waits = |row: &&Row| row.socket.state == State::Listen;
    let waited_at: HashSet<u16> = rows.iter().filter(waits).map(|row| row.socket.local.port()).collect();
    let queued = rows.iter().filter_map(|row| {
        let socket = &row.socket;
        let port = socket.local.port();
        let finished = match socket.state {
            State::Established => false,
            State::CloseWait => true,
            _ => return None,
        };
        let stands = row.inode == 0 && ports.contains(&port) && waited_at.contains(&port);
        stands.then_some(Queued {
            client: plain(socket.remote?),
            server: plain(socket.local),
            // The kernel counts the FIN as one.
            bytes: socket.receive_queue.saturating_sub(u64::from(finished)),
            finished,
            caller: None,
        })
    });
    queued.collect()
}

/// An IPv4 address that a socket for both kinds has written as IPv6.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::of_rows;
    use crate::evidence::Transport;
    use crate::net::sockets::table::rows;

    /// As Linux writes it: a listener on 7777 (1E61), a call in its queue with 6 bytes, one that was accepted, one of
    /// which the client has finished, and the clients' own ends.
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1E61 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 5001 1
   1: 0100007F:1E61 0100007F:9C41 01 00000000:00000006 00:00000000 00000000     0        0 0 1
   2: 0100007F:1E61 0100007F:9C42 01 00000000:00000006 00:00000000 00000000     0        0 5002 1
   3: 0100007F:1E61 0100007F:9C43 08 00000000:00000007 00:00000000 00000000     0        0 0 1
   4: 0100007F:9C41 0100007F:1E61 01 00000000:00000000 00:00000000 00000000     0        0 5003 1
   5: 0100007F:9C43 0100007F:1E61 05 00000000:00000000 00:00000000 00000000     0        0 0 1
";

    #[test]
    fn whoever_was_not_accepted_stands_in_the_queue_with_what_it_said() {
        let rows: Vec<_> = rows(TABLE, Transport::Tcp).collect();
        let found = of_rows(&rows, &BTreeSet::from([7777]));
        let told: Vec<_> = found.iter().map(|one| (one.client.port(), one.bytes, one.finished)).collect();
        assert_eq!(told, [(40_001, 6, false), (40_003, 6, true)]);
        assert!(of_rows(&rows, &BTreeSet::from([7778])).is_empty(), "another port is nobody's business");
    }
}
