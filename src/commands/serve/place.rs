//! Where a server listens, and who can call it there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::cli::Serve;
use crate::error::Failure;
use crate::net::interfaces::interfaces;

/// The addresses to listen at.
///
/// # Errors
/// When others could call there and nobody has said that they may.
pub fn of(args: &Serve) -> Result<Vec<IpAddr>, Failure> {
    let local = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    match (args.bind, args.expose) {
        (None, false) => Ok(local),
        (None, true) => Ok(vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::LOCALHOST)]),
        (Some(ip), true) => Ok(vec![ip]),
        (Some(ip), false) if ip.to_canonical().is_loopback() => Ok(vec![ip]),
        (Some(ip), false) => Err(Failure::usage(
            format!("at {ip} other machines could call this server"),
            "everybody in the same network may be able to reach it, and nothing it says is encrypted; that is \
             fine for an hour in class, when it is meant",
        )
        .or_try(format!("if it is: netlab serve --bind {ip} --port {} --expose", args.port))
        .or_try("for this machine alone leave --bind away")),
    }
}

/// Where other machines can call, of the addresses a server listens at.
#[must_use]
pub fn reachable(listening: &[SocketAddr]) -> Vec<SocketAddr> {
    let own: Vec<IpAddr> = interfaces()
        .unwrap_or_default()
        .into_iter()
        .filter(|interface| interface.up)
        .flat_map(|interface| interface.addresses)
        .map(|address| address.ip)
        .collect();
    let mut reachable: Vec<SocketAddr> = Vec::new();
    for address in listening {
        let port = address.port();
        // :: takes calls to IPv4 addresses as well.
        let same =
            |ip: &IpAddr| (ip.is_ipv4() || address.is_ipv6()) && !ip.is_loopback() && !is_link_local(*ip);
        if address.ip().is_unspecified() {
            reachable.extend(own.iter().filter(|ip| same(ip)).map(|ip| SocketAddr::new(*ip, port)));
        } else if !address.ip().to_canonical().is_loopback() {
            reachable.push(*address);
        }
    }
    reachable
}

/// An address that means nothing without the name of a link, which a phone does not know (RFC 4007 §6).
fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}
