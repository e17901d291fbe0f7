//! Where to listen, as typed, and whether that lets others in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::error::Failure;

/// Where to listen.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The addresses, the first of which there has to be.
    pub hosts: Vec<IpAddr>,
    /// The port; 0 takes any free one.
    pub port: u16,
    /// Whether other machines can come in.
    pub exposed: bool,
}

/// `PORT`, `ADDR:PORT` or `[ADDR]:PORT`. A port alone is loopback.
///
/// # Errors
/// When it is none of these, or when address and `--expose` do not agree.
pub fn place(typed: &str, expose: bool) -> Result<Place, Failure> {
    let (hosts, port) = match (typed.parse::<u16>(), typed.parse::<SocketAddr>()) {
        (Ok(port), _) => (vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)], port),
        (_, Ok(address)) => (vec![address.ip()], address.port()),
        _ => return Err(unreadable(typed)),
    };
    let exposed = !hosts[0].is_loopback();
    match (exposed, expose) {
        (true, false) => Err(Failure::usage(
            format!("{} can be reached from other machines", hosts[0]),
            "whoever shares a network with this one could connect, so netlab does that only when it is told to",
        )
        .or_try(format!("listen on loopback, for this machine alone: netlab listen {port}"))
        .or_try(format!("let others in: netlab listen {typed} --expose"))),
        (false, true) => Err(Failure::usage(
            "--expose has nothing to expose",
            format!("{} is loopback: no other machine can reach it", hosts[0]),
        )
        .or_try(format!("name an address that others can reach: netlab listen 0.0.0.0:{port} --expose"))),
        _ => Ok(Place { hosts, port, exposed }),
    }
}

fn unreadable(typed: &str) -> Failure {
    Failure::usage(
        format!("{typed} is not a place to listen on"),
        "a server waits on a port, a number from 0 to 65535, of an address of this machine",
    )
    .or_try("a port alone, for loopback: netlab listen 7000")
    .or_try("an address and a port: 127.0.0.2:7000 or [::1]:7000")
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_port_alone_is_loopback_of_both_kinds() {
        let place = place("7000", false).unwrap();
        assert_eq!((place.hosts.len(), place.port, place.exposed), (2, 7000, false));
        assert!(place.hosts.iter().all(std::net::IpAddr::is_loopback));
    }

    #[test]
    fn other_machines_come_in_only_when_both_are_said() {
        assert!(place("127.0.0.2:7000", false).is_ok());
        assert!(place("[::1]:7000", false).is_ok());
        assert!(place("0.0.0.0:7000", false).is_err());
        assert!(place("7000", true).is_err());
        assert!(place("0.0.0.0:7000", true).unwrap().exposed);
    }

    #[test]
    fn anything_else_is_no_place() {
        for typed in ["", "70000", "localhost", "localhost:7000", "::1", "127.0.0.1", "-1"] {
            assert!(place(typed, false).is_err(), "{typed}");
        }
    }
}
