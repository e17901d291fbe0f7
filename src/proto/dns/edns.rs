//! EDNS: what the header of 1987 had no room for, in the clothes of a record.
//!
//! RFC 6891 §6.1 (the pseudo-record), §6.1.3 (what its TTL holds). Options: RFC 5001 (NSID), 7871
//! (client subnet), 7873 (cookies), 7828 (keepalive), 7830 (padding), 8914 (extended errors).
//!
//! ```text
//!  record:   NAME | TYPE | CLASS            | TTL                             | RDLENGTH | RDATA
//!  OPT:      root |  41  | UDP payload size | ext. RCODE | VERSION | DO |  Z   |          | options
//!                                2                1           1      1b   15b
//!  option:   | CODE 2 | LENGTH 2 | LENGTH bytes ...|
//! ```
//!
//! ```
//! use netlab::proto::dns::record;
//! use netlab::proto::reader::Reader;
//!
//! // Datagrams of up to 1232 bytes welcome, DNSSEC records too, no options.
//! let mut reader = Reader::new(b"\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x00");
//! record::read(&mut reader, &record::ADDITIONAL, 0).unwrap();
//! let fields = reader.finish();
//! assert_eq!(fields.number(fields.find(0, "udp-payload-size").unwrap()), Some(1232));
//! assert_eq!(fields.number(fields.find(0, "do").unwrap()), Some(1));
//! ```

use super::header::code;
use super::name;
use crate::proto::field::{Code, Spec, Unit, Value};
use crate::proto::reader::{Cut, Reader};

const UDP_PAYLOAD_SIZE: Spec = Spec::new(
    "udp-payload-size",
    "RFC 6891 §6.2.3",
    "the longest datagram the sender wants to get, in bytes; without EDNS it is 512 (here a record has its class)",
).counting(Unit::Bytes);
const EXTENDED_RCODE: Spec = Spec::new(
    "extended-rcode",
    "RFC 6891 §6.1.3",
    "eight more bits in front of the header's four: response codes above 15 (here a record's TTL begins)",
);
const VERSION: Spec = Spec::new("version", "RFC 6891 §6.1.3", "the version of EDNS; there is only 0");
const DO: Spec = Spec::coded(
    "do",
    "RFC 3225 §3",
    "DNSSEC OK: whether the asker wants signatures along with the records",
    &[code(0, "no", "leave the signatures out"), code(1, "yes", "send the signatures too")],
);
const Z: Spec = Spec::new("z", "RFC 6891 §6.1.4", "fifteen bits kept for the future, still zero");

const OPTION: Spec =
    Spec::new("option", "RFC 6891 §6.1.2", "one extra: what it is, how long it is, what it says");
const OPTION_CODE: Spec =
    Spec::coded("option-code", "RFC 6891 §6.1.2", "what kind of extra this is", OPTIONS);
const OPTION_LENGTH: Spec =
    Spec::new("option-length", "RFC 6891 §6.1.2", "how many bytes the extra has").counting(Unit::Bytes);
const OPTION_DATA: Spec =
    Spec::new("option-data", "RFC 6891 §6.1.2", "an extra that is not taken apart here");

const NSID: Spec =
    Spec::new("nsid", "RFC 5001 §2.3", "which of many servers behind one address this is, in its own words");
const FAMILY: Spec = Spec::coded(
    "family",
    "RFC 7871 §6",
    "the kind of address",
    &[code(1, "IPv4", "four bytes"), code(2, "IPv6", "sixteen bytes")],
);
const SOURCE_PREFIX: Spec = Spec::new(
    "source-prefix-length",
    "RFC 7871 §6",
    "how many bits of the client's address the resolver gives away",
);
const SCOPE_PREFIX: Spec = Spec::new(
    "scope-prefix-length",
    "RFC 7871 §6",
    "for how many bits of address the answer is good; 0 in a query",
);
const SUBNET: Spec = Spec::new(
    "address",
    "RFC 7871 §6",
    "the first bytes of the client's address, only as many as the prefix needs",
);
const CLIENT_COOKIE: Spec = Spec::new(
    "client-cookie",
    "RFC 7873 §4.1",
    "eight bytes only this client knows; who can repeat them has seen the query",
);
const SERVER_COOKIE: Spec = Spec::new(
    "server-cookie",
    "RFC 7873 §4.2",
    "8 to 32 bytes by which the server knows the client again, so that its address cannot be forged",
);
const TIMEOUT: Spec = Spec::new(
    "timeout",
    "RFC 7828 §3.1",
    "how long the connection may stay open unused, in tenths of a second",
)
.counting(Unit::Tenths);
const PADDING: Spec = Spec::new(
    "padding",
    "RFC 7830 §3",
    "bytes that say nothing, so that an eavesdropper learns nothing from the length",
);
const INFO_CODE: Spec =
    Spec::coded("info-code", "RFC 8914 §4", "why it went wrong, in more detail than the rcode", ERRORS);
const EXTRA_TEXT: Spec = Spec::new("extra-text", "RFC 8914 §2", "what the server adds for a human being");
const AGENT: Spec =
    Spec::new("agent-domain", "RFC 9567 §6", "where resolvers may report what they could not resolve")
        .written(name::present);

pub(super) const OPTIONS: &[Code] = &[
    code(3, "NSID", "which server is this").by("RFC 5001 §2.3"),
    code(5, "DAU", "signature algorithms the asker understands").by("RFC 6975 §3"),
    code(6, "DHU", "hash algorithms the asker understands").by("RFC 6975 §3"),
    code(7, "N3U", "NSEC3 hashes the asker understands").by("RFC 6975 §3"),
    code(8, "ECS", "client subnet: from about where the question comes").by("RFC 7871 §6"),
    code(9, "EXPIRE", "when a copy of the zone gets too old").by("RFC 7314"),
    code(10, "COOKIE", "proof of having talked before").by("RFC 7873 §4"),
    code(11, "KEEPALIVE", "how long the connection may stay open").by("RFC 7828 §3.1"),
    code(12, "PADDING", "bytes that hide the length").by("RFC 7830 §3"),
    code(13, "CHAIN", "send the whole chain of signatures").by("RFC 7901"),
    code(14, "KEY-TAG", "keys the asker trusts").by("RFC 8145 §4.1"),
    code(15, "EDE", "extended error: why it went wrong").by("RFC 8914 §2"),
    code(18, "REPORT-CHANNEL", "where to report errors").by("RFC 9567 §6"),
    code(19, "ZONEVERSION", "which version of the zone answered").by("RFC 9660"),
];

/// Extended errors; the registry's names (RFC 8914 §5.2 and later).
const ERRORS: &[Code] = &[
    code(0, "Other", "none of the others; the text says what"),
    code(1, "Unsupported DNSKEY Algorithm", "the zone is signed in a way the resolver cannot check"),
    code(
        2,
        "Unsupported DS Digest Type",
        "the fingerprint of the key is of a kind the resolver cannot check",
    ),
    code(3, "Stale Answer", "the data is out of date, but the servers that know did not answer"),
    code(4, "Forged Answer", "a policy put this in the place of the real answer"),
    code(5, "DNSSEC Indeterminate", "whether the name should be signed could not be found out"),
    code(6, "DNSSEC Bogus", "the signatures do not fit"),
    code(7, "Signature Expired", "the signatures are too old"),
    code(8, "Signature Not Yet Valid", "the signatures are from the future; or a clock is wrong"),
    code(9, "DNSKEY Missing", "no key of the zone fits the fingerprint above it"),
    code(10, "RRSIGs Missing", "the zone is said to be signed, and this is not"),
    code(11, "No Zone Key Bit Set", "no key is marked as one for zones"),
    code(12, "NSEC Missing", "nothing proves that the name does not exist"),
    code(13, "Cached Error", "this went wrong a moment ago, and the resolver remembers"),
    code(14, "Not Ready", "the server is still starting"),
    code(15, "Blocked", "the resolver's operator does not allow the name"),
    code(16, "Censored", "someone above the operator does not allow the name"),
    code(17, "Filtered", "the client asked for names like this to be held back"),
    code(18, "Prohibited", "this client is not served here"),
    code(19, "Stale NXDomain Answer", "there was no such name the last time anybody answered"),
    code(20, "Not Authoritative", "the server was asked not to go and find out, and it does not know"),
    code(21, "Not Supported", "the server does not do this kind of query"),
    code(22, "No Reachable Authority", "none of the zone's servers answered"),
    code(23, "Network Error", "a zone's server could not be talked to"),
    code(24, "Invalid Data", "the server has data for the zone that cannot be right"),
    code(25, "Signature Expired before Valid", "the signature ends before it begins"),
    code(26, "Too Early", "the question came in TLS early data, which can be replayed"),
    code(
        27,
        "Unsupported NSEC3 Iterations Value",
        "the names are hashed more often than the resolver goes along with",
    ),
    code(28, "Unable to conform to policy", "no answer would be in line with the policy asked for"),
    code(29, "Synthesized", "the answer was made from a proof that other names do not exist"),
    code(30, "Invalid Query Type", "a type nobody may ask for"),
];

/// Reads what stands where other records have class and TTL.
pub(super) fn head(reader: &mut Reader<'_>) -> Result<(), Cut> {
    reader.u16(&UDP_PAYLOAD_SIZE)?;
    reader.u8(&EXTENDED_RCODE)?;
    reader.u8(&VERSION)?;
    reader.bits(&DO, 1)?;
    reader.bits(&Z, 15).map(drop)
}

/// Reads options up to the end of the window.
pub(super) fn options(reader: &mut Reader<'_>) -> Result<(), Cut> {
    while !reader.at_end() {
        reader.group(&OPTION, |reader| {
            let kind = reader.u16(&OPTION_CODE)?;
            let len = reader.u16(&OPTION_LENGTH)?;
            reader.within(usize::from(len), |reader| option(reader, kind))
        })?;
    }
    Ok(())
}

fn option(reader: &mut Reader<'_>, kind: u16) -> Result<(), Cut> {
    match kind {
        3 => reader.rest(&NSID, Value::Opaque),
        8 => {
            let family = reader.u16(&FAMILY)?;
            reader.u8(&SOURCE_PREFIX)?;
            reader.u8(&SCOPE_PREFIX)?;
            let value = match (family, reader.ahead().len()) {
                (1, 4) => Value::Ipv4,
                (2, 16) => Value::Ipv6,
                _ => Value::Opaque,
            };
            reader.rest(&SUBNET, value);
        }
        10 => {
            reader.opaque(&CLIENT_COOKIE, 8)?;
            let len = reader.ahead().len();
            reader.rest(&SERVER_COOKIE, Value::Opaque);
            if len > 0 && !(8..=32).contains(&len) {
                reader.problem(&"a server's cookie has 8 to 32 bytes");
            }
        }
        11 if reader.at_end() => {}
        11 => return reader.u16(&TIMEOUT).map(drop),
        12 => reader.rest(&PADDING, Value::Opaque),
        15 => {
            reader.u16(&INFO_CODE)?;
            reader.rest(&EXTRA_TEXT, Value::Text);
        }
        18 => return name::read(reader, &AGENT, reader.position()),
        _ => reader.rest(&OPTION_DATA, Value::Opaque),
    }
    Ok(())
}
