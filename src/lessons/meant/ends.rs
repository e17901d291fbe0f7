//! Ends of a conversation as people write them: an address, a port, or both.

use std::net::IpAddr;

use crate::evidence::End;

use super::{Offer, address};

/// Words for the two addresses by which programs usually call their own computer.
const SELF: [&str; 2] = ["localhost", "loopback"];

/// Whether the words are the address or the host that the value is, with the port of that end or without one.
pub fn means(offer: Offer<'_>, value: &str, form: &[&str]) -> bool {
    let [word] = form else { return false };
    let (host, port) = parts(word);
    if let Ok(wanted) = value.parse::<IpAddr>() {
        let has_port = port.is_none_or(|port| ends(offer).any(|end| end == (wanted, port)));
        return is_host(host, wanted) && has_port;
    }
    if offer.seen.answer.last() != "host" {
        return false;
    }
    // What a request calls its server: a name, and a port where it is not the usual one.
    let (name, own_port) = parts(value);
    let own_port = own_port.or_else(|| offer.from.server.port());
    host == name && port.is_none_or(|port| Some(port) == own_port)
}

/// Whether the words are this port with its address before it: `localhost:7777`, `:7777`, `http://127.0.0.1:7777/`.
pub fn is_port(offer: Offer<'_>, number: u64, form: &[&str]) -> bool {
    let ([word], "port") = (form, offer.seen.answer.last()) else { return false };
    let (host, Some(port)) = parts(word) else { return false };
    let has_host =
        host.is_empty() || ends(offer).any(|(ip, own)| u64::from(own) == number && is_host(host, ip));
    u64::from(port) == number && has_host
}

/// Whether a word is an address, as digits or as the name of one's own computer.
fn is_host(word: &str, wanted: IpAddr) -> bool {
    let is_usual = ["127.0.0.1", "::1"].iter().any(|usual| usual.parse() == Ok(wanted));
    address(word) == Some(wanted) || (is_usual && SELF.contains(&word))
}

/// The host and the port in a word, of a URL those of its server.
fn parts(word: &str) -> (&str, Option<u16>) {
    let word = word.split_once("://").map_or(word, |(_, rest)| rest.trim_end_matches('/'));
    match word.rsplit_once(':') {
        // An IPv6 address without brackets is full of colons and has no port.
        Some((host, port)) if address(word).is_none() => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (word, None),
        },
        _ => (word, None),
    }
}

/// The two ends of the conversation that the value is from.
fn ends(offer: Offer<'_>) -> impl Iterator<Item = (IpAddr, u16)> {
    let both = [offer.from.client.as_ref(), Some(&offer.from.server)];
    both.into_iter().flatten().filter_map(|end: &End| Some((end.ip()?, end.port()?)))
}
