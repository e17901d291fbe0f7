//! Broken requests are not sent to strangers.

use std::net::{IpAddr, SocketAddr};

use crate::error::Failure;
use crate::proto::kinds::{Reach, reach_of};

/// Lets this machine's own addresses pass, and those of its private network.
///
/// # Errors
/// When one of the addresses is somebody else's.
pub fn close_to_home(host: &str, addresses: &[SocketAddr]) -> Result<(), Failure> {
    let Some(stranger) = addresses.iter().map(SocketAddr::ip).find(|ip| !is_close(*ip)) else {
        return Ok(());
    };
    let at = if stranger.to_string() == host.trim_matches(['[', ']']) {
        host.to_owned()
    } else {
        format!("{host} is {stranger}, which")
    };
    Err(Failure::usage(
        format!("{at} is outside this machine and its private network"),
        "the probe sends dozens of requests that are broken on purpose; to a server of somebody else's that looks like an attack, and in many places it counts as one",
    )
    .or_try("probe a server of your own: netlab probe http://localhost:7777/")
    .or_try("if the server there is yours, say so: --i-own-this"))
}

/// Whether only this machine, or its private network, can be at that address. Link-local addresses are not
/// among them: in the cloud one of them is the provider's.
fn is_close(ip: IpAddr) -> bool {
    matches!(reach_of(ip), Reach::Machine | Reach::Site)
}

#[cfg(test)]
mod tests {
    use super::close_to_home;

    #[test]
    fn only_near_addresses_pass() {
        let passes = |ip: &str| {
            close_to_home("a.example", &[std::net::SocketAddr::new(ip.parse().unwrap(), 80)]).is_ok()
        };
        for near in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.5",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(passes(near), "{near}");
        }
        for far in [
            "8.8.8.8",
            "100.64.0.1",
            "169.254.169.254",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(!passes(far), "{far}");
        }
    }
}
