//! What this machine lacks of what networks can do: in words for a learner, each a sentence part.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

/// The second address of loopback, which everybody who has the range has.
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Why nothing can listen at `127.0.0.2`, if nothing can: RFC 1122 §3.2.1.3 gives all of 127.0.0.0/8 to loopback, and
/// some systems set up one address of it.
#[must_use]
pub fn loopback_range() -> Option<String> {
    let error = listen(IpAddr::V4(SECOND)).err()?;
    Some(format!("this system has no loopback address 127.0.0.2 ({error})"))
}

/// Why nothing can listen at `::1` (RFC 4291 §2.5.3), if nothing can.
#[must_use]
pub fn ipv6() -> Option<String> {
    let error = listen(IpAddr::V6(Ipv6Addr::LOCALHOST)).err()?;
    Some(format!("this system has no IPv6 address for loopback, ::1 ({error})"))
}

/// What this system is, if it is not Linux.
#[must_use]
pub fn linux() -> Option<String> {
    let system = std::env::consts::OS;
    (system != "linux").then(|| format!("only Linux does this, and this system is {system}"))
}

fn listen(address: IpAddr) -> io::Result<()> {
    TcpListener::bind((address, 0)).map(|_| ())
}
