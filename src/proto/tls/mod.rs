//! TLS records: how bytes that nobody else may read travel in a stream everybody can see (RFC 8446 §5).
//!
//! ```text
//!  0         1         2         3         4         5
//! +---------+---------+---------+---------+---------+----------- ...
//! |  type   |  legacy version   |      length       | fragment, or encrypted record
//! +---------+---------+---------+---------+---------+----------- ...
//! ```
//!
//! Only the header is explained. What a handshake says stands in the fragment; behind the handshake even the type is a
//! pretence: every record says `application_data`, and what it really is stands inside, encrypted.
//!
//! ```
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//! use netlab::proto::tls::TLS;
//!
//! let bytes = b"\x15\x03\x03\x00\x02\x02\x28";
//! let fields = TLS.dissect(Stream::alone(bytes, Sender::Server, Carriage::Stream));
//! let names: Vec<_> = fields.parts(0).map(|part| fields.get(part).spec.name).collect();
//! assert_eq!(names, ["content-type", "legacy-record-version", "length", "fragment"]);
//! ```

pub mod cut;

use super::field::{Code, Fields, Spec, Value};
use super::reader::{Cut, Reader};
use super::row::{Behind, Likeness, Pairs, Protocol, Said, Sample};
use super::stream::{Around, Carriage, Sender};

/// The row of the table.
pub static TLS: Protocol = Protocol {
    name: "tls",
    title: "TLS",
    rfc: "RFC 8446",
    ports: &[443, 7443],
    looks_like,
    read,
    cut: || Box::new(cut::RecordCut::default()),
    pairs: Pairs::Never,
    headline,
    may_switch: |_, _| false,
    carries: &[],
    inner: |_, _| Vec::new(),
    samples: || vec![Sample::stream(Sender::Client, SAMPLE)],
};

/// A readable record and one that is not.
const SAMPLE: &[u8] = b"\x16\x03\x01\x00\x04\x01\x00\x00\x00\x17\x03\x03\x00\x02hi";

/// The most bytes a fragment in the open may have.
pub const FRAGMENT_LIMIT: u16 = 1 << 14;
/// The most an encrypted record may have: a fragment, its real type, and what the cipher adds.
pub const RECORD_LIMIT: u16 = FRAGMENT_LIMIT + 256;
/// The most fields of one tree. Records of nothing would be many.
pub const FIELDS_LIMIT: usize = 20_000;

/// The bytes of a header.
const HEADER: usize = 5;
/// The type of records whose inside is encrypted.
const APPLICATION_DATA: u8 = 23;

const fn code(value: u32, name: &'static str, meaning: &'static str) -> Code {
    Code::new(value, name, meaning)
}

const RECORD: Spec = Spec::new(
    "tls",
    "RFC 8446 §5.1",
    "a record, which is a piece of a TLS conversation: what kind it is, how long it is, and what it carries",
);
const CONTENT_TYPE: Spec = Spec::coded(
    "content-type",
    "RFC 8446 §5.1",
    "what the record carries; behind the handshake all say application_data, and the real type is encrypted",
    &[
        code(
            20,
            "change_cipher_spec",
            "a signal of older versions, sent so that old boxes on the way let TLS 1.3 pass",
        ),
        code(21, "alert", "something went wrong, or no more will come"),
        code(22, "handshake", "how the two agree on keys, and the server shows who it is"),
        code(23, "application_data", "encrypted"),
        code(24, "heartbeat", "a question whether the other end is still there").by("RFC 6520 §3"),
    ],
);
const VERSION: Spec = Spec::coded(
    "legacy-record-version",
    "RFC 8446 §5.1",
    "a version for old boxes on the way; which one is really spoken the handshake says",
    &[
        code(0x0300, "SSL 3.0", "broken and given up").by("RFC 7568 §3"),
        code(0x0301, "TLS 1.0", "what a first record says for the sake of old servers"),
        code(0x0302, "TLS 1.1", "given up").by("RFC 8996 §5"),
        code(0x0303, "TLS 1.2", "what every record of TLS 1.3 says as well"),
        code(0x0304, "TLS 1.3", "what no record should say: TLS 1.3 says 1.2 here"),
    ],
);
const LENGTH: Spec = Spec::new("length", "RFC 8446 §5.1", "how many bytes follow in this record");
const FRAGMENT: Spec = Spec::new(
    "fragment",
    "RFC 8446 §5.1",
    "what the record carries, in the open; a message may go on in the next record",
);
const ENCRYPTED: Spec = Spec::new(
    "encrypted-record",
    "RFC 8446 §5.2",
    "only the two ends can read it; everybody else sees how much there is and when it came",
);
const STRANGE: Spec = Spec::new("unread", "", "bytes where a record should begin, and none does");

static NO_TYPE: &str = "no record begins with this type, so nobody knows where the next one would begin";
static NO_VERSION: &str = "the version of a record begins with 3, so this is none";
static TOO_LONG: &str =
    "a fragment has 16,384 bytes at most, encrypted 256 more, so this length cannot be true";
static TOO_MANY: &str = "more records than netlab explains at once";

/// Whether bytes begin with the header of a record.
fn looks_like(bytes: &[u8], around: &Around<'_>) -> Likeness {
    if around.carriage != Carriage::Stream {
        return Likeness::No;
    }
    match bytes {
        [20..=24, 3, 0..=4, ..] => Likeness::Is,
        [20..=24] | [20..=24, 3] => Likeness::MayBe,
        _ => Likeness::No,
    }
}

/// What a record carries, and how much.
fn headline(fields: &Fields<'_>, root: usize) -> Option<Vec<Said>> {
    let kind = fields.find(root, CONTENT_TYPE.name)?;
    let code = CONTENT_TYPE.code(fields.number(kind)?)?;
    let len = fields.number(fields.find(root, LENGTH.name)?)?;
    Some(vec![Said::Ours(code.name), Said::Ours(", "), Said::Number(len)])
}

/// Reads records until there are no more.
fn read<'a>(reader: &mut Reader<'a>, around: &Around<'a>) -> Behind {
    while !reader.at_end() {
        if reader.next_index() > FIELDS_LIMIT {
            lost(reader, &TOO_MANY);
        } else if let Some(rule) = strange(reader.ahead()) {
            lost(reader, rule);
        } else {
            // A record that is cut has said so.
            let _ = reader.group(&RECORD, |reader| record(reader, around.ended));
        }
    }
    Behind::Nothing
}

/// Why no record begins here, if none does.
fn strange(ahead: &[u8]) -> Option<&'static &'static str> {
    match ahead {
        [20..=24, 3, ..] | [20..=24] => None,
        [20..=24, ..] => Some(&NO_VERSION),
        _ => Some(&NO_TYPE),
    }
}

fn lost(reader: &mut Reader<'_>, rule: &'static &'static str) {
    reader.rest(&STRANGE, Value::Opaque);
    reader.problem(rule);
}

fn record(reader: &mut Reader<'_>, ended: bool) -> Result<(), Cut> {
    let there = reader.ahead().len();
    let kind = reader.u8(&CONTENT_TYPE)?;
    let still_comes = |wanted: usize| !ended && there < wanted;
    if still_comes(3) {
        reader.rest(&VERSION, Value::Opaque);
        return Ok(());
    }
    reader.u16(&VERSION)?;
    if still_comes(HEADER) {
        reader.rest(&LENGTH, Value::Opaque);
        return Ok(());
    }
    let len = reader.u16(&LENGTH)?;
    let (limit, carried) = match kind {
        APPLICATION_DATA => (RECORD_LIMIT, &ENCRYPTED),
        _ => (FRAGMENT_LIMIT, &FRAGMENT),
    };
    if len > limit {
        reader.problem(&TOO_LONG);
    }
    if still_comes(HEADER + usize::from(len)) {
        reader.rest(carried, Value::Opaque);
        return Ok(());
    }
    reader.opaque(carried, usize::from(len)).map(|_| ())
}
