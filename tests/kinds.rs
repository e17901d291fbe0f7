//! What an address is by its number: every row of the table at its edges, and a second opinion from std.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netlab::proto::kinds::{Range, Reach, kind_of, range_of, reach_of, stands_for};
use netlab::proto::ranges::RANGES;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn bits(ip: IpAddr) -> (u32, u128) {
    match ip {
        IpAddr::V4(ip) => (32, ip.to_bits().into()),
        IpAddr::V6(ip) => (128, ip.to_bits()),
    }
}

fn of_bits(width: u32, bits: u128) -> Option<IpAddr> {
    if width == 128 {
        return Some(Ipv6Addr::from_bits(bits).into());
    }
    u32::try_from(bits).ok().map(|bits| Ipv4Addr::from_bits(bits).into())
}

/// The first and last address of a range, and the neighbours outside of it.
fn edges(range: &Range) -> ([IpAddr; 2], Vec<IpAddr>) {
    let (width, first) = bits(range.first);
    let free = width - u32::from(range.len);
    let last = first | 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
    let outside = [first.checked_sub(1), last.checked_add(1)].into_iter().flatten();
    let outside = outside.filter_map(|bits| of_bits(width, bits)).collect();
    ([of_bits(width, first).unwrap(), of_bits(width, last).unwrap()], outside)
}

#[test]
fn every_range_begins_and_ends_where_its_row_says() {
    for range in RANGES {
        let (inside, outside) = edges(range);
        for ip in inside {
            assert!(range.contains(ip), "{ip} is in {range}");
            // A smaller range at the edge has its own row and lies inside this one.
            let found = range_of(ip);
            assert!(found.len >= range.len && range.contains(found.first), "{ip} is in {found}, not {range}");
        }
        for ip in outside {
            assert!(!range.contains(ip), "{ip} is outside {range}");
        }
    }
}

#[test]
fn every_row_is_the_answer_for_some_address_and_no_range_is_there_twice() {
    for (at, range) in RANGES.iter().enumerate() {
        let (_, first) = bits(range.first);
        let free = bits(range.first).0 - u32::from(range.len);
        let host_bits = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
        assert_eq!(first & host_bits, 0, "{range} begins at its first address");
        let (edge, _) = edges(range);
        let middle = of_bits(bits(range.first).0, first | (host_bits / 5 * 3)).unwrap();
        let answers = edge.into_iter().chain([middle]).any(|ip| std::ptr::eq(range_of(ip), range));
        assert!(answers, "{range} is hidden by others");
        let twin = |other: &Range| other.first == range.first && other.len == range.len;
        assert!(!RANGES[..at].iter().any(twin), "{range} is there twice");
    }
}

#[test]
fn the_ranges_people_meet_have_the_names_they_know() {
    for (text, name) in [
        ("127.0.0.1", "loopback"),
        ("127.255.255.255", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.0", "private"),
        ("172.15.255.255", "public"),
        ("172.16.0.0", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", "public"),
        ("192.168.255.255", "private"),
        ("192.169.0.0", "public"),
        ("100.63.255.255", "public"),
        ("100.64.0.0", "shared"),
        ("100.127.255.255", "shared"),
        ("100.128.0.0", "public"),
        ("169.254.0.1", "link-local"),
        ("fe80::1", "link-local"),
        ("febf::1", "link-local"),
        ("fc00::", "unique local"),
        ("fdff::1", "unique local"),
        ("fec0::1", "site-local"),
        ("192.0.2.1", "documentation"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("2001:db8::1", "documentation"),
        ("3fff:fff::1", "documentation"),
        ("3fff:1000::1", "global"),
        ("0.0.0.0", "unspecified"),
        ("0.0.0.1", "this network"),
        ("::", "unspecified"),
        ("255.255.255.255", "broadcast"),
        ("255.255.255.254", "reserved"),
        ("224.0.0.251", "multicast"),
        ("ff02::1", "multicast"),
        ("9.9.9.9", "public"),
        ("2620:fe::fe", "global"),
        ("192.0.0.170", "NAT64 discovery"),
        ("192.0.0.172", "IETF protocols"),
        ("192.0.0.9", "port control"),
        ("192.0.0.7", "IPv4 continuity"),
        ("198.19.255.255", "benchmarks"),
        ("64:ff9b::9.9.9.9", "NAT64"),
        ("64:ff9b:1::", "NAT64, local"),
        ("2001::1", "Teredo"),
        ("2001:1::3", "DNS-SD"),
        ("2001:2::1", "benchmarks"),
        ("2001:1ff::1", "IETF protocols"),
        ("2001:200::1", "global"),
        ("2002::1", "6to4"),
        ("100::1", "discard"),
        ("100:0:0:1::1", "dummy"),
        ("5f00::1", "segment routing"),
        ("4000::1", "unassigned"),
    ] {
        assert_eq!(kind_of(ip(text)).name, name, "{text}");
    }
}

/// 200,000 addresses of IPv4, spread evenly, and the standard library's opinion about them.
#[test]
fn the_standard_library_agrees() {
    for step in 0..200_000_u32 {
        let four = Ipv4Addr::from_bits(step.wrapping_mul(21_475));
        let name = kind_of(four.into()).name;
        assert_eq!(four.is_private(), name == "private", "{four}");
        assert_eq!(four.is_loopback(), name == "loopback", "{four}");
        assert_eq!(four.is_link_local(), name == "link-local", "{four}");
        assert!(!four.is_multicast() || ["multicast", "documentation"].contains(&name), "{four}");
        let six = Ipv6Addr::from_bits(u128::from(four.to_bits()) << 96 | 1);
        let name = kind_of(six.into()).name;
        assert_eq!(six.is_multicast(), name == "multicast", "{six}");
        assert_eq!(six.is_unique_local(), name == "unique local", "{six}");
        assert_eq!(six.is_unicast_link_local(), name == "link-local", "{six}");
    }
}

#[test]
fn an_address_inside_an_address_is_found() {
    for (outer, inner) in [
        ("::ffff:10.0.0.1", Some("10.0.0.1")),
        ("64:ff9b::9.9.9.9", Some("9.9.9.9")),
        ("2002:c000:0201::1", Some("192.0.2.1")),
        ("2001:db8::1", None),
        ("10.0.0.1", None),
    ] {
        assert_eq!(stands_for(ip(outer)), inner.map(|inner| inner.parse().unwrap()), "{outer}");
    }
    assert_eq!(reach_of(ip("::ffff:127.0.0.1")), Reach::Machine);
}

#[test]
fn every_kind_says_what_it_is_in_a_sentence_part() {
    for range in RANGES {
        let kind = range.kind;
        assert!(kind.rfc.starts_with("RFC "), "{range}");
        assert!(!kind.meaning.ends_with('.') && kind.meaning.len() > 20, "{range}: {}", kind.meaning);
    }
}
