//! Who waits for calls on one port, told quickly enough to be asked at every call.
//!
//! Linux writes the sockets that listen before all others, so only the head of its tables is read, however many
//! connections there are.

use crate::evidence::Waiting;

/// The sockets of this machine that wait for calls on this TCP port, by address; none where the system does not tell.
#[must_use]
pub fn waiting(port: u16) -> Vec<Waiting> {
    let mut found = imp::waiting(port);
    found.sort_by_key(|one| one.at);
    found
}

#[cfg(target_os = "linux")]
mod imp {
    use std::fs::File;
    use std::io::{BufRead, BufReader};

    use crate::evidence::{Transport, Waiting};
    use crate::net::sockets::state::State;
    use crate::net::sockets::table;

    /// The most rows that are read of a table.
    const ROWS: usize = 1_000;

    pub(super) fn waiting(port: u16) -> Vec<Waiting> {
        let mut found = Vec::new();
        for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let Ok(file) = File::open(path) else { continue };
            let lines = BufReader::new(file).lines().map_while(Result::ok).skip(1).take(ROWS);
            let rows = lines.map_while(|line| table::rows(&line, Transport::Tcp).next());
            let listening = rows.take_while(|row| row.socket.state == State::Listen);
            let here = listening.filter(|row| row.socket.local.port() == port);
            found.extend(here.map(|row| Waiting { at: row.socket.local, socket: row.inode }));
        }
        found
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use crate::evidence::Waiting;

    pub(super) fn waiting(_port: u16) -> Vec<Waiting> {
        Vec::new()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::waiting;

    #[test]
    fn every_listener_of_a_port_is_told_with_its_own_number() {
        let one = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = one.local_addr().unwrap().port();
        let other = TcpListener::bind(("127.0.0.2", port)).unwrap();
        let found = waiting(port);
        let at = [one.local_addr().unwrap(), other.local_addr().unwrap()];
        assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), at);
        assert!(found[0].socket != found[1].socket && found[0].socket != 0);
        drop(other);
        assert_eq!(waiting(port), found[..1]);
    }
}
