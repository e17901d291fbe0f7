//! What an address is by its number alone: the special ranges, and what is left for everybody.
//!
//! [`ranges`](super::ranges) has the table, [`range`](super::range) says what a row of it is.
//!
//! ```
//! use netlab::proto::kinds::kind_of;
//! assert_eq!(kind_of("192.168.1.5".parse().unwrap()).name, "private");
//! assert_eq!(kind_of("fe80::1".parse().unwrap()).name, "link-local");
//! ```

use std::net::{IpAddr, Ipv4Addr};

pub use super::range::{Kind, Range, Reach};
use super::ranges::RANGES;

/// What an address is for.
#[must_use]
pub fn kind_of(ip: IpAddr) -> &'static Kind {
    range_of(ip).kind
}

/// Whom a server at an address can hear; an IPv4 address in IPv6's writing stays what it is.
#[must_use]
pub fn reach_of(ip: IpAddr) -> Reach {
    kind_of(ip.to_canonical()).reach
}

/// The smallest range that holds an address.
#[must_use]
pub fn range_of(ip: IpAddr) -> &'static Range {
    let around = RANGES.iter().filter(|range| range.contains(ip));
    // The first two rows hold everything, so there always is one.
    around.max_by_key(|range| range.len).unwrap_or(&RANGES[0])
}

/// The IPv4 address inside an IPv6 address that is made around one.
#[must_use]
pub fn stands_for(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(six) = ip else { return None };
    let bytes = six.octets();
    let at = match kind_of(ip).name {
        "IPv4-mapped" | "IPv4-compatible" | "NAT64" => 12,
        "6to4" => 2,
        _ => return None,
    };
    bytes[at..].first_chunk::<4>().map(|four| Ipv4Addr::from(*four))
}
