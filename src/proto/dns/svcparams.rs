//! Service parameters: how to reach a service, inside HTTPS and SVCB records.
//!
//! RFC 9460 §2.2 (the bytes), §2.1 and §7 (the text and the keys).
//!
//! ```text
//!  | KEY 2 | LENGTH 2 | value: LENGTH bytes, shape by key |  ... keys go up, each at most once
//! ```
//!
//! ```
//! use netlab::proto::dns::rdata;
//!
//! let https = rdata::type_named("HTTPS").unwrap();
//! let data = rdata::parse(https, "1 . port=7443 alpn=h2").unwrap();
//! assert_eq!(data, b"\x00\x01\x00\x00\x01\x00\x03\x02h2\x00\x03\x00\x02\x1d\x13"); // alpn is key 1, so it goes first
//! ```

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use data_encoding::BASE64;

use super::header::code;
use super::strings::{push_string, quoted, string, unescaped};
use crate::proto::field::{Code, Fields, Spec, Unit, Value};
use crate::proto::reader::{Cut, Reader};

const PARAM: Spec =
    Spec::new("svc-param", "RFC 9460 §2.2", "one thing to know about the service before connecting");
const KEY: Spec = Spec::coded("svc-param-key", "RFC 9460 §2.2", "what the parameter is about", KEYS);
const LENGTH: Spec =
    Spec::new("svc-param-length", "RFC 9460 §2.2", "how many bytes its value has").counting(Unit::Bytes);
const MANDATORY: Spec = Spec::coded(
    "mandatory",
    "RFC 9460 §8",
    "a key the client has to understand, or else leave the record alone",
    KEYS,
);
const ALPN: Spec =
    Spec::new("alpn-id", "RFC 9460 §7.1", "a protocol the server speaks inside TLS or QUIC, such as h2");
const PORT: Spec = Spec::new("port", "RFC 9460 §7.2", "the port to use instead of the usual one");
const IPV4_HINT: Spec =
    Spec::new("ipv4hint", "RFC 9460 §7.3", "an address to try while the real one is being looked up");
const IPV6_HINT: Spec =
    Spec::new("ipv6hint", "RFC 9460 §7.3", "an address to try while the real one is being looked up");
const DOHPATH: Spec =
    Spec::new("dohpath", "RFC 9461 §5", "the URL path where this resolver takes questions over HTTPS");
const DATA: Spec = Spec::new("svc-param-value", "RFC 9460 §2.2", "a value that is not taken apart here");

pub(super) const KEYS: &[Code] = &[
    code(0, "mandatory", "keys that must be understood"),
    code(1, "alpn", "protocols the server speaks"),
    code(2, "no-default-alpn", "the usual protocol is not among them"),
    code(3, "port", "another port than the usual one"),
    code(4, "ipv4hint", "IPv4 addresses to try early"),
    code(5, "ech", "a key that hides the server's name in TLS"),
    code(6, "ipv6hint", "IPv6 addresses to try early"),
    code(7, "dohpath", "where questions over HTTPS go").by("RFC 9461 §5"),
    code(8, "ohttp", "the service can be reached through a relay that hides who asks").by("RFC 9540"),
];

/// Reads parameters up to the end of the window.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<(), Cut> {
    let mut above = 0;
    while !reader.at_end() {
        reader.group(&PARAM, |reader| {
            let key = reader.u16(&KEY)?;
            if u32::from(key) < above {
                reader.problem(&"keys go up, and no key comes twice");
            }
            above = u32::from(key) + 1;
            let len = reader.u16(&LENGTH)?;
            reader.within(usize::from(len), |reader| value(reader, key))
        })?;
    }
    Ok(())
}

fn value(reader: &mut Reader<'_>, key: u16) -> Result<(), Cut> {
    match key {
        3 => return reader.u16(&PORT).map(drop),
        2 | 8 => return Ok(()),
        7 => reader.rest(&DOHPATH, Value::Text),
        0 | 1 | 4 | 6 => {
            while !reader.at_end() {
                match key {
                    0 => reader.u16(&MANDATORY).map(drop)?,
                    1 => string(reader, &ALPN)?,
                    4 => reader.take(&IPV4_HINT, 4, Value::Ipv4).map(drop)?,
                    _ => reader.take(&IPV6_HINT, 16, Value::Ipv6).map(drop)?,
                }
            }
        }
        _ => reader.rest(&DATA, Value::Opaque),
    }
    Ok(())
}

/// A parameter as a zone file writes it: `alpn="h2,h3"`, `port="443"`, and `key9="..."` for a key without a name.
pub(super) fn show(fields: &Fields<'_>, index: usize) -> String {
    let key = fields.part(index, KEY.name).and_then(|key| fields.number(key)).unwrap_or_default();
    let values: Vec<Vec<u8>> = fields
        .parts(index)
        .skip(2)
        .map(|value| match (key, fields.value(value)) {
            (0, _) => key_name(fields.number(value).unwrap_or_default()).into_bytes(),
            (1, id) => listed(&id),
            (5, ech) => BASE64.encode(&ech).into_bytes(),
            (_, value) => value.into_owned(),
        })
        .collect();
    let name = key_name(key);
    if values.is_empty() { name } else { format!("{name}={}", quoted(&values.join(&b','))) }
}

/// One item of a list: RFC 9460 appendix A.1 puts a backslash before commas and backslashes.
fn listed(item: &[u8]) -> Vec<u8> {
    item.iter()
        .flat_map(|&byte| b"\\".iter().copied().filter(move |_| b",\\".contains(&byte)).chain([byte]))
        .collect()
}

/// The bytes of parameters written `key=value`, in the order of their keys.
pub(super) fn write<'t>(tokens: &mut impl Iterator<Item = &'t str>) -> Result<Vec<u8>, String> {
    let mut params = BTreeMap::new();
    for token in tokens {
        let (name, text) = token.split_once('=').unwrap_or((token, ""));
        let key = key_named(name).ok_or_else(|| format!("no service parameter: {name}"))?;
        let value = write_value(key, &unescaped(text)?).map_err(|why| format!("{name}: {why}"))?;
        if params.insert(key, value).is_some() {
            return Err(format!("the same parameter twice: {name}"));
        }
    }
    let mut bytes = Vec::new();
    for (key, value) in params {
        let len = u16::try_from(value.len()).map_err(|_| format!("{} bytes, and 65535 fit", value.len()))?;
        bytes.extend(key.to_be_bytes());
        bytes.extend(len.to_be_bytes());
        bytes.extend(value);
    }
    Ok(bytes)
}

fn key_name(key: u64) -> String {
    KEY.code(key).map_or_else(|| format!("key{key}"), |code| code.name.to_owned())
}

fn key_named(name: &str) -> Option<u16> {
    let known = KEYS.iter().find(|code| code.name == name).and_then(|code| u16::try_from(code.value).ok());
    known.or_else(|| name.strip_prefix("key")?.parse().ok())
}

fn write_value(key: u16, text: &[u8]) -> Result<Vec<u8>, String> {
    let plain = || str::from_utf8(text).map_err(|_| String::from("not a text"));
    match key {
        0 => plain()?
            .split_terminator(',')
            .map(|name| {
                key_named(name).map(u16::to_be_bytes).ok_or_else(|| format!("no service parameter: {name}"))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(|keys| keys.concat()),
        1 => {
            let mut bytes = Vec::new();
            split_list(text).iter().try_for_each(|id| push_string(id, &mut bytes))?;
            Ok(bytes)
        }
        3 => plain()?
            .parse::<u16>()
            .map(|port| port.to_be_bytes().to_vec())
            .map_err(|_| String::from("no port")),
        4 => addresses(plain()?, Ipv4Addr::octets),
        5 => BASE64.decode(text).map_err(|_| String::from("not base64")),
        6 => addresses(plain()?, Ipv6Addr::octets),
        2 | 8 if !text.is_empty() => Err(String::from("takes no value")),
        _ => Ok(text.to_vec()),
    }
}

/// The items of a list, commas behind a backslash not separating.
fn split_list(text: &[u8]) -> Vec<Vec<u8>> {
    let mut items = Vec::new();
    let mut item = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b',' => items.push(std::mem::take(&mut item)),
            b'\\' => item.extend(bytes.next()),
            other => item.push(other),
        }
    }
    if !text.is_empty() {
        items.push(item);
    }
    items
}

fn addresses<A: FromStr, const N: usize>(text: &str, octets: fn(&A) -> [u8; N]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for address in text.split_terminator(',') {
        bytes.extend(octets(&address.parse().map_err(|_| format!("no address: {address}"))?));
    }
    Ok(bytes)
}
