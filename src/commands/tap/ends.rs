//! Where a tap listens and where it leads to, as typed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::commands::connect::target;
use crate::error::Failure;

/// The two ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Ends {
    /// Where clients call, or send to.
    pub listen: SocketAddr,
    /// The host it leads to, and the port there.
    pub target: (String, u16),
    /// Of both ends, whether they were a port alone: a program that waits at one waits at 127.0.0.1, at `::1`, or at both.
    pub alone: [bool; 2],
}

/// Reads `LISTEN=TARGET`.
///
/// # Errors
/// When it is none, or leads off this machine.
pub fn ends(typed: &str) -> Result<Ends, Failure> {
    let Some((listen, target)) = typed.split_once('=') else {
        return Err(wrong(typed, "a tap has two ends, with an equals sign between them"));
    };
    let alone = [listen, target].map(|end| end.parse::<u16>().is_ok());
    let not_a_place = "the end that clients call is a port from 0 to 65535, or an address with a port";
    let listen = place(listen).ok_or_else(|| wrong(typed, not_a_place))?;
    if !listen.ip().is_loopback() {
        return Err(off_this_machine(&listen.ip().to_string()));
    }
    let target = match place(target) {
        Some(address) if address.port() == 0 => {
            return Err(wrong(typed, "nothing can be sent to port 0: it stands for any free one"));
        }
        Some(address) => (address.ip().to_string(), address.port()),
        None => target::target(target).map_err(|_| {
            wrong(typed, "the end it leads to is a port, an address with a port, or a name of the lab")
        })?,
    };
    Ok(Ends { listen, target, alone })
}

/// A port of 127.0.0.1, or an address with a port.
fn place(typed: &str) -> Option<SocketAddr> {
    let port = typed.parse().ok().map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    port.or_else(|| typed.parse().ok())
}

/// An end that other machines could reach, or that is on one.
pub fn off_this_machine(which: &str) -> Failure {
    Failure::usage(
        format!("{which} is not an address of this machine alone"),
        "a tap hides its clients from the target, which sees the tap instead; netlab does that between programs of one machine and for nobody else",
    )
    .or_try("take ports of loopback for both ends: netlab tap 8777=7777")
}

fn wrong(typed: &str, why: &str) -> Failure {
    Failure::usage(format!("\"{typed}\" does not say where the tap stands"), why)
        .or_try("two ports: netlab tap 8777=7777")
        .or_try("a port, and a service of the lab: netlab tap --udp 7777=echo.test")
}

#[cfg(test)]
mod tests {
    use super::ends;

    fn read(typed: &str) -> Option<(String, String, u16)> {
        ends(typed).ok().map(|ends| (ends.listen.to_string(), ends.target.0, ends.target.1))
    }

    #[test]
    fn a_port_alone_is_loopback() {
        let both = |listen: &str, host: &str, port| Some((listen.to_owned(), host.to_owned(), port));
        assert_eq!(read("7054=7053"), both("127.0.0.1:7054", "127.0.0.1", 7053));
        assert_eq!(read("0=127.0.0.2:7053"), both("127.0.0.1:0", "127.0.0.2", 7053));
        assert_eq!(read("[::1]:7054=[::1]:7053"), both("[::1]:7054", "::1", 7053));
        assert_eq!(read("7777=echo.test"), both("127.0.0.1:7777", "echo.test", 7));
        assert_eq!(read("7777=dns.test"), both("127.0.0.1:7777", "dns.test", 53));
        assert_eq!(read("7777=localhost:9000"), both("127.0.0.1:7777", "localhost", 9000));
    }

    #[test]
    fn anything_else_is_no_pair_of_ends() {
        for typed in [
            "",
            "7054",
            "=7053",
            "7054=",
            "7054=0",
            "70540=7053",
            "7054=host",
            "a=7053",
            "0.0.0.0:1=2",
            "1=2=3",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
