//! Zones: on which link a link-local address is meant (RFC 4007 §11).
//!
//! ```text
//! fe80::1%eth0       the name of an interface      fe80::1%2       or its number
//! ```
//!
//! ```
//! use netlab::net::zone::split;
//!
//! assert_eq!(split("fe80::1%eth0"), Some(("fe80::1".parse().expect("an address"), "eth0")));
//! assert_eq!(split("fe80::1"), None);
//! ```

use std::net::Ipv6Addr;

/// The address and the zone of a text that has both.
#[must_use]
pub fn split(text: &str) -> Option<(Ipv6Addr, &str)> {
    let (address, zone) = text.split_once('%')?;
    Some((address.parse().ok()?, zone))
}

/// The number of the interface that a zone means, if this machine has that one.
#[must_use]
pub fn scope(zone: &str) -> Option<u32> {
    match zone.parse() {
        Ok(0) => None,
        Ok(number) => imp::is_there(number).then_some(number),
        Err(_) => imp::number_of(zone),
    }
}

#[cfg(unix)]
mod imp {
    use nix::net::if_::{if_nameindex, if_nametoindex};

    pub fn is_there(number: u32) -> bool {
        // Where the system does not list them, it will say so itself.
        if_nameindex().map_or(true, |all| all.iter().any(|one| one.index() == number))
    }

    pub fn number_of(name: &str) -> Option<u32> {
        if_nametoindex(name).ok()
    }
}

#[cfg(not(unix))]
mod imp {
    /// Elsewhere interfaces are known by their numbers, and the system says whether it has them.
    pub fn is_there(_: u32) -> bool {
        true
    }

    pub fn number_of(_: &str) -> Option<u32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{scope, split};

    #[test]
    fn a_zone_is_what_stands_behind_the_mark() {
        let split = |text| split(text).map(|(address, zone)| (address.to_string(), zone));
        assert_eq!(split("fe80::1%2"), Some(("fe80::1".to_owned(), "2")));
        assert_eq!(split("fe80::1%br-0%x"), Some(("fe80::1".to_owned(), "br-0%x")));
        for none in ["", "%", "fe80::1", "127.0.0.1%lo", "hello.test%lo", "[fe80::1%lo]"] {
            assert_eq!(split(none), None, "{none}");
        }
    }

    #[test]
    fn a_zone_that_is_not_here_has_no_number() {
        for zone in ["", "0", "4294967295", "99999999999", "no-such-link", "\0"] {
            assert_eq!(scope(zone), None, "{zone:?}");
        }
    }
}
