//! Record types: what each is called, what it is for, and what its data is made of.
//!
//! RFC 1035 §3.3 and §3.4 for the first ones; the others name their RFC in their row.
//!
//! ```text
//!  A      | ADDRESS 4 |              CNAME, NS, PTR   | name ...|
//!  AAAA   | ADDRESS 16 ... |         TXT              | length | text ...| length | text ...|
//!  MX     | PREFERENCE | EXCHANGE ...|
//!  SRV    | PRIORITY | WEIGHT | PORT | TARGET ...|
//!  SOA    | MNAME ...| RNAME ...| SERIAL | REFRESH | RETRY | EXPIRE | MINIMUM |
//! ```
//!
//! This is the one file a new type touches: its fields as specs, and one row that puts them in
//! order. Reading, showing and writing all follow the row, so they cannot disagree.
//!
//! ```
//! use netlab::proto::dns::rdata;
//!
//! let mx = rdata::type_named("mx").unwrap();
//! assert_eq!(rdata::parse(mx, "10 mail.test").unwrap(), b"\x00\x0a\x04mail\x04test\x00");
//! assert_eq!(rdata::type_name(1234), "TYPE1234");
//! ```

use std::borrow::Cow;

use super::header::code;
use super::labels::present;
use super::values::{self, Part};
use crate::proto::field::{Code, Fields, Spec, Unit, Value};
use crate::proto::reader::{Cut, Reader, UNREAD};

/// One record type.
pub struct Row {
    /// The number on the wire.
    pub value: u16,
    /// The mnemonic.
    pub name: &'static str,
    /// Where it is defined.
    pub rfc: &'static str,
    /// What such a record tells, as a sentence part.
    pub meaning: &'static str,
    /// What its data is made of, in wire order; empty for types that are only known by name.
    pub data: &'static [Part],
}

/// The pseudo-record of EDNS.
pub const OPT: u16 = 41;

/// The types, by number.
pub const TYPES: &[Row] = &[
    row(1, "A", "RFC 1035 §3.4.1", "an IPv4 address of the name", &[Part::Ipv4(&IPV4)]),
    row(2, "NS", "RFC 1035 §3.3.11", "a name server in charge of the zone", &[Part::Name(&NSDNAME)]),
    row(
        5,
        "CNAME",
        "RFC 1035 §3.3.1",
        "the name is an alias; ask for this one instead",
        &[Part::Name(&CNAME)],
    ),
    row(6, "SOA", "RFC 1035 §3.3.13", "start of authority: who keeps the zone, and its clocks", SOA),
    row(
        12,
        "PTR",
        "RFC 1035 §3.3.12",
        "a name for this address, or a pointer to another name",
        &[Part::Name(&PTRDNAME)],
    ),
    row(
        13,
        "HINFO",
        "RFC 8482 §4.2",
        "once the host's hardware; now what one says instead of answering ANY",
        HINFO,
    ),
    row(
        15,
        "MX",
        "RFC 1035 §3.3.9",
        "a mail server that takes mail for the name",
        &[Part::U16(&PREFERENCE), Part::Name(&EXCHANGE)],
    ),
    row(
        16,
        "TXT",
        "RFC 1035 §3.3.14",
        "text for programs to find: proofs of ownership, mail rules",
        &[Part::Strings(&TXT_DATA)],
    ),
    row(28, "AAAA", "RFC 3596 §2.1", "an IPv6 address of the name", &[Part::Ipv6(&IPV6)]),
    row(33, "SRV", "RFC 2782", "which host and port offer a service", SRV),
    row(
        39,
        "DNAME",
        "RFC 6672 §2.1",
        "everything below the name lives below this one instead",
        &[Part::Name(&TARGET)],
    ),
    row(
        OPT,
        "OPT",
        "RFC 6891 §6.1",
        "no record: room for EDNS, the things the header has no place for",
        &[Part::Options],
    ),
    row(
        43,
        "DS",
        "RFC 4034 §5",
        "delegation signer: a fingerprint of the key that signs the zone below",
        &[],
    ),
    row(46, "RRSIG", "RFC 4034 §3", "a signature over a set of records", &[]),
    row(47, "NSEC", "RFC 4034 §4", "proof that no name lies between two names", &[]),
    row(48, "DNSKEY", "RFC 4034 §2", "a key the zone signs its records with", &[]),
    row(50, "NSEC3", "RFC 5155 §3", "proof that a name does not exist, with the names hashed", &[]),
    row(52, "TLSA", "RFC 6698 §2", "which certificate a TLS server will show", &[]),
    row(64, "SVCB", "RFC 9460 §2.2", "where and how to reach a service, in one answer", SERVICE),
    row(
        65,
        "HTTPS",
        "RFC 9460 §9",
        "where and how to reach a web site: protocols, port, address hints",
        SERVICE,
    ),
    row(249, "TKEY", "RFC 2930 §2", "agrees on a secret between two machines", &[]),
    row(250, "TSIG", "RFC 8945 §4", "signs this one message with a shared secret", &[]),
    row(251, "IXFR", "RFC 1995 §2", "in a question: what changed in the zone since this version", &[]),
    row(252, "AXFR", "RFC 5936 §2", "in a question: all records of the zone", &[]),
    row(
        255,
        "ANY",
        "RFC 8482 §3",
        "in a question: whatever types there are; many servers no longer oblige",
        &[],
    ),
    row(257, "CAA", "RFC 8659 §4", "which authority may issue certificates for the name", CAA),
];

const SOA: &[Part] = &[
    Part::Name(&MNAME),
    Part::Name(&RNAME),
    Part::U32(&SERIAL),
    Part::U32(&REFRESH),
    Part::U32(&RETRY),
    Part::U32(&EXPIRE),
    Part::U32(&MINIMUM),
];
const HINFO: &[Part] = &[Part::Word(&CPU), Part::Word(&OS)];
const SRV: &[Part] = &[Part::U16(&PRIORITY), Part::U16(&WEIGHT), Part::U16(&PORT), Part::Name(&TARGET)];
const CAA: &[Part] = &[Part::U8(&CAA_FLAGS), Part::Word(&CAA_TAG), Part::Text(&CAA_VALUE)];
const SERVICE: &[Part] = &[Part::U16(&SVC_PRIORITY), Part::Name(&TARGET_NAME), Part::Params];

const IPV4: Spec =
    Spec::new("address", "RFC 1035 §3.4.1", "the IPv4 address the name stands for, in four bytes");
const IPV6: Spec =
    Spec::new("address", "RFC 3596 §2.2", "the IPv6 address the name stands for, in sixteen bytes");
const NSDNAME: Spec =
    Spec::new("nsdname", "RFC 1035 §3.3.11", "a server that knows about the zone").written(present);
const CNAME: Spec =
    Spec::new("cname", "RFC 1035 §3.3.1", "the canonical name: the one that holds the records")
        .written(present);
const PTRDNAME: Spec =
    Spec::new("ptrdname", "RFC 1035 §3.3.12", "the name that is pointed at").written(present);
const MNAME: Spec =
    Spec::new("mname", "RFC 1035 §3.3.13", "the server where the zone is edited; the others copy it")
        .written(present);
const RNAME: Spec = Spec::new(
    "rname",
    "RFC 1035 §3.3.13",
    "the mailbox of whoever keeps the zone, with its first dot in the place of the @",
)
.written(present);
const SERIAL: Spec =
    Spec::new("serial", "RFC 1035 §3.3.13", "the version of the zone; it goes up with every change");
const REFRESH: Spec =
    Spec::new("refresh", "RFC 1035 §3.3.13", "seconds after which a copy looks for a newer version")
        .counting(Unit::Seconds);
const RETRY: Spec = Spec::new("retry", "RFC 1035 §3.3.13", "seconds until it looks again, if looking failed")
    .counting(Unit::Seconds);
const EXPIRE: Spec =
    Spec::new("expire", "RFC 1035 §3.3.13", "seconds after which a copy that found nobody stops answering")
        .counting(Unit::Seconds);
const MINIMUM: Spec =
    Spec::new("minimum", "RFC 2308 §4", "at most so many seconds may `there is no such thing` be remembered")
        .counting(Unit::Seconds);
const CPU: Spec = Spec::new("cpu", "RFC 1035 §3.3.2", "the kind of machine, or RFC8482 for a declined ANY");
const OS: Spec = Spec::new("os", "RFC 1035 §3.3.2", "the kind of operating system, or nothing");
const PREFERENCE: Spec =
    Spec::new("preference", "RFC 1035 §3.3.9", "which mail server to try first: the lowest number");
const EXCHANGE: Spec = Spec::new(
    "exchange",
    "RFC 1035 §3.3.9",
    "a host that takes mail for the name; the root means: no mail here",
)
.written(present);
const TXT_DATA: Spec =
    Spec::new("txt-data", "RFC 1035 §3.3.14", "one string of at most 255 bytes; longer texts are several");
const PRIORITY: Spec = Spec::new("priority", "RFC 2782", "which host to try first: the lowest number");
const WEIGHT: Spec =
    Spec::new("weight", "RFC 2782", "how often to pick this one among hosts of one priority");
const PORT: Spec =
    Spec::new("port", "RFC 2782", "where on that host the service listens; addresses alone cannot say it");
const TARGET: Spec =
    Spec::new("target", "RFC 2782, RFC 6672 §2.1", "the name to go on with").written(present);
const SVC_PRIORITY: Spec = Spec::coded(
    "svc-priority",
    "RFC 9460 §2.4.1",
    "which of several to try first: the lowest number",
    &[code(0, "AliasMode", "no service here; the target's records count")],
);
const TARGET_NAME: Spec = Spec::new(
    "target-name",
    "RFC 9460 §2.5",
    "the host that offers the service; the root means: the name that was asked for",
)
.written(present);
const CAA_FLAGS: Spec = Spec::coded(
    "flags",
    "RFC 8659 §4.1",
    "whether an authority that does not know the tag has to refuse",
    &[
        code(0, "none", "an unknown tag may be passed over"),
        code(128, "critical", "an unknown tag forbids to issue"),
    ],
);
const CAA_TAG: Spec = Spec::new(
    "tag",
    "RFC 8659 §4.1",
    "what the value is about: issue (who may), issuewild (with a *), iodef (whom to tell)",
);
const CAA_VALUE: Spec = Spec::new("value", "RFC 8659 §4.1", "the authority, or the address to write to");
const DATA: Spec = Spec::new(
    "data",
    "RFC 3597 §3",
    "data of a type that is not taken apart here; its length is all one needs to step over it",
);

const fn row(
    value: u16,
    name: &'static str,
    rfc: &'static str,
    meaning: &'static str,
    data: &'static [Part],
) -> Row {
    Row { value, name, rfc, meaning, data }
}

/// The rows as codes, for the `type` field.
pub const CODES: [Code; TYPES.len()] = {
    let mut codes = [const { code(0, "", "") }; TYPES.len()];
    let mut index = 0;
    while index < TYPES.len() {
        let row = &TYPES[index];
        codes[index] = code(row.value as u32, row.name, row.meaning).by(row.rfc);
        index += 1;
    }
    codes
};

fn row_of(kind: u16) -> Option<&'static Row> {
    TYPES.iter().find(|row| row.value == kind)
}

/// The type that is called `name`, in any case; `TYPE` and a number works for all (RFC 3597 §5).
#[must_use]
pub fn type_named(name: &str) -> Option<u16> {
    let known = TYPES.iter().find(|row| row.name.eq_ignore_ascii_case(name));
    known.map(|row| row.value).or_else(|| {
        let (word, number) = name.split_at_checked(4)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        (word.eq_ignore_ascii_case("TYPE") && digits).then(|| number.parse().ok())?
    })
}

/// What the type is called; `TYPE1234` when it has no name here (RFC 3597 §5).
#[must_use]
pub fn type_name(kind: u16) -> Cow<'static, str> {
    row_of(kind).map_or_else(|| Cow::Owned(format!("TYPE{kind}")), |row| Cow::Borrowed(row.name))
}

/// Reads the data of a record of type `kind`, up to the end of the window.
pub(super) fn read(reader: &mut Reader<'_>, kind: u16, message: usize) -> Result<(), Cut> {
    let data = row_of(kind).map_or(&[][..], |row| row.data);
    if data.is_empty() {
        reader.rest(&DATA, Value::Opaque);
    }
    data.iter().try_for_each(|part| part.read(reader, message))
}

/// The record data at `index` as a zone file writes it. Data that is broken, or of a type that is
/// not taken apart here, is written as RFC 3597 §5 says: `\# 3 01ff80`.
#[must_use]
pub fn show(fields: &Fields<'_>, kind: u16, index: usize) -> String {
    let data = row_of(kind).map_or(&[][..], |row| row.data);
    let inside = fields.list.get(index..fields.get(index).end as usize).unwrap_or_default();
    let broken = inside.iter().any(|field| field.problem.is_some() || field.spec.name == UNREAD.name);
    if data.is_empty() || broken {
        return values::show_unknown(fields.raw(index));
    }
    let mut parts = fields.parts(index);
    let mut words = Vec::new();
    for part in data {
        part.show(fields, &mut parts, &mut words);
    }
    words.join(" ")
}

/// The record data that a zone file's `text` means for type `kind`. Names are taken as whole: a dot
/// at their end is welcome and changes nothing.
///
/// # Errors
/// When the text does not fit the type: what was expected, and what was there.
pub fn parse(kind: u16, text: &str) -> Result<Vec<u8>, String> {
    let tokens = values::tokens(text)?;
    let mut tokens = tokens.iter().map(String::as_str).peekable();
    if tokens.next_if_eq(&r"\#").is_some() {
        return values::write_unknown(&mut tokens);
    }
    let data = row_of(kind).map_or(&[][..], |row| row.data);
    if data.is_empty() {
        return Err(format!(r"{} data is written `\# length hex`, not: {text}", type_name(kind)));
    }
    let mut bytes = Vec::new();
    for part in data {
        part.write(&mut tokens, &mut bytes)?;
    }
    match tokens.next() {
        Some(extra) => Err(format!("more than {} data has room for: {extra}", type_name(kind))),
        None => Ok(bytes),
    }
}
