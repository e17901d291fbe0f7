//! The header: twelve bytes that begin every message, question or answer.
//!
//! RFC 1035 §4.1.1; AD and CD are from RFC 4035 §3.2.2 and §3.1.6.
//!
//! ```text
//!   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
//!  |                      ID                       |
//!  |QR|   OPCODE  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
//!  |                    QDCOUNT                    |
//!  |                    ANCOUNT                    |
//!  |                    NSCOUNT                    |
//!  |                    ARCOUNT                    |
//! ```
//!
//! ```
//! use netlab::proto::dns::header;
//! use netlab::proto::reader::Reader;
//!
//! // A response (1), with authority (AA), recursion asked for (RD): NXDOMAIN (3).
//! let mut reader = Reader::new(b"\xbe\xef\x85\x03\x00\x01\x00\x00\x00\x01\x00\x00");
//! let counts = header::read(&mut reader).unwrap();
//! assert_eq!((counts.questions, counts.authorities), (1, 1));
//! let fields = reader.finish();
//! let rcode = fields.list.iter().position(|field| field.spec.name == "rcode").unwrap();
//! assert_eq!(&*fields.value(rcode), b"NXDOMAIN");
//! ```

use crate::proto::field::{Code, Spec};
use crate::proto::reader::{Cut, Reader};

/// How many bytes the header has.
pub const LEN: usize = 12;

/// How many of each the header promises. A promise only: nothing is reserved for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the question section.
    pub questions: u16,
    /// Records of the answer section.
    pub answers: u16,
    /// Records of the authority section.
    pub authorities: u16,
    /// Records of the additional section.
    pub additionals: u16,
}

impl Counts {
    /// Records in all sections together.
    #[must_use]
    pub fn records(self) -> u32 {
        u32::from(self.answers) + u32::from(self.authorities) + u32::from(self.additionals)
    }
}

/// Shorter than a struct literal, so that a code is one line.
pub(super) const fn code(value: u32, name: &'static str, meaning: &'static str) -> Code {
    Code::new(value, name, meaning)
}

const HEADER: Spec =
    Spec::new("header", "RFC 1035 §4.1.1", "twelve bytes that say what this message is and how much follows");
const ID: Spec = Spec::new(
    "id",
    "RFC 1035 §4.1.1",
    "a number the asker picks; the answer repeats it, so a stranger who wants to forge one has to guess it",
);
const FLAGS: Spec =
    Spec::new("flags", "RFC 1035 §4.1.1", "sixteen bits: what kind of message, and how the asking went");
const QR: Spec = Spec::coded(
    "qr",
    "RFC 1035 §4.1.1",
    "whether this message asks or answers",
    &[code(0, "query", "this message asks"), code(1, "response", "this message answers")],
);
const OPCODE: Spec = Spec::coded(
    "opcode",
    "RFC 1035 §4.1.1",
    "what kind of request it is; nearly always a plain query",
    &[
        code(0, "QUERY", "what are the records of this name"),
        code(1, "IQUERY", "which name has this address; long withdrawn").by("RFC 3425"),
        code(2, "STATUS", "how is the server; never defined"),
        code(4, "NOTIFY", "a zone has changed, come and fetch it").by("RFC 1996 §3"),
        code(5, "UPDATE", "add or remove these records").by("RFC 2136 §2.2"),
        code(6, "DSO", "a lasting session with state").by("RFC 8490"),
    ],
);
const AA: Spec = Spec::coded(
    "aa",
    "RFC 1035 §4.1.1",
    "authoritative answer: whether the server is in charge of the name or repeats what it heard",
    &[code(0, "no", "from a cache, or a query"), code(1, "yes", "the server is an authority for the name")],
);
const TC: Spec = Spec::coded(
    "tc",
    "RFC 1035 §4.1.1",
    "truncation: whether the answer was too long for the datagram",
    &[code(0, "no", "nothing was left out"), code(1, "yes", "records were left out; ask again over TCP")],
);
const RD: Spec = Spec::coded(
    "rd",
    "RFC 1035 §4.1.1",
    "recursion desired: whether the asker wants the server to go and find out",
    &[code(0, "no", "only say what you know"), code(1, "yes", "ask other servers until you have an answer")],
);
const RA: Spec = Spec::coded(
    "ra",
    "RFC 1035 §4.1.1",
    "recursion available: whether the server would go and find out",
    &[
        code(0, "no", "it only says what it knows, or this is a query"),
        code(1, "yes", "it asks other servers"),
    ],
);
const Z: Spec = Spec::coded(
    "z",
    "RFC 1035 §4.1.1",
    "one bit kept for the future, still zero",
    &[code(0, "unused", "as it has to be"), code(1, "set", "no meaning; it has to be zero")],
);
const AD: Spec = Spec::coded(
    "ad",
    "RFC 4035 §3.2.3",
    "authentic data: whether the server checked the DNSSEC signatures; in a query, please say so",
    &[
        code(0, "no", "not checked, or not asked"),
        code(1, "yes", "signatures were checked; in a query: tell me"),
    ],
);
const CD: Spec = Spec::coded(
    "cd",
    "RFC 4035 §3.2.2",
    "checking disabled: the asker takes data even where signatures do not fit",
    &[code(0, "no", "the server may hold back what fails its check"), code(1, "yes", "send it unchecked")],
);
const RCODE: Spec = Spec::coded("rcode", "RFC 1035 §4.1.1", "response code: how the asking went", RCODES);
const QDCOUNT: Spec =
    Spec::new("qdcount", "RFC 1035 §4.1.1", "how many questions follow; in practice always one");
const ANCOUNT: Spec = Spec::new("ancount", "RFC 1035 §4.1.1", "how many records answer the question");
const NSCOUNT: Spec =
    Spec::new("nscount", "RFC 1035 §4.1.1", "how many records say which servers are in charge");
const ARCOUNT: Spec =
    Spec::new("arcount", "RFC 1035 §4.1.1", "how many records were added because they will be wanted next");

/// Response codes: the header's four bits hold those up to 15, EDNS adds eight bits for the others.
pub const RCODES: &[Code] = &[
    code(0, "NOERROR", "no error; without an answer record it means the name exists, but not with this type"),
    code(1, "FORMERR", "the server could not make sense of the query"),
    code(2, "SERVFAIL", "the server failed on the way to an answer"),
    code(3, "NXDOMAIN", "there is no such name"),
    code(4, "NOTIMP", "the server does not do this kind of query"),
    code(5, "REFUSED", "the server does not want to answer this, or not you"),
    code(6, "YXDOMAIN", "a name exists that should not").by("RFC 2136 §2.2"),
    code(7, "YXRRSET", "records exist that should not").by("RFC 2136 §2.2"),
    code(8, "NXRRSET", "records that should exist do not").by("RFC 2136 §2.2"),
    code(9, "NOTAUTH", "the server is no authority for the zone, or a signature did not fit")
        .by("RFC 2136 §2.2, RFC 8945 §5.2"),
    code(10, "NOTZONE", "the name is not in the zone").by("RFC 2136 §2.2"),
    code(11, "DSOTYPENI", "the server does not do this kind of session message").by("RFC 8490"),
    code(16, "BADVERS", "the server does not do this version of EDNS").by("RFC 6891 §6.1.3"),
    code(17, "BADKEY", "the key is not known").by("RFC 8945 §5.2.1"),
    code(18, "BADTIME", "the signature is too old or from the future").by("RFC 8945 §5.2.3"),
    code(22, "BADTRUNC", "the signature was cut too short").by("RFC 8945 §5.2.4"),
    code(23, "BADCOOKIE", "the cookie is missing or not the right one").by("RFC 7873"),
];

/// Reads the header and gives back its counts.
///
/// # Errors
/// [`Cut`] when there are fewer than twelve bytes.
pub fn read(reader: &mut Reader<'_>) -> Result<Counts, Cut> {
    reader.group(&HEADER, |reader| {
        reader.u16(&ID)?;
        reader.group(&FLAGS, flags)?;
        Ok(Counts {
            questions: reader.u16(&QDCOUNT)?,
            answers: reader.u16(&ANCOUNT)?,
            authorities: reader.u16(&NSCOUNT)?,
            additionals: reader.u16(&ARCOUNT)?,
        })
    })
}

fn flags(reader: &mut Reader<'_>) -> Result<(), Cut> {
    for (spec, len) in [
        (&QR, 1),
        (&OPCODE, 4),
        (&AA, 1),
        (&TC, 1),
        (&RD, 1),
        (&RA, 1),
        (&Z, 1),
        (&AD, 1),
        (&CD, 1),
        (&RCODE, 4),
    ] {
        reader.bits(spec, len)?;
    }
    Ok(())
}

/// The counts of a header that a program could have meant: a known opcode and response code, the
/// spare bit zero, and no answers to a question.
pub(super) fn plausible(head: &[u8]) -> Option<Counts> {
    let &[_, _, high, low, q0, q1, a0, a1, n0, n1, r0, r1] = head else { return None };
    let counts = Counts {
        questions: u16::from_be_bytes([q0, q1]),
        answers: u16::from_be_bytes([a0, a1]),
        authorities: u16::from_be_bytes([n0, n1]),
        additionals: u16::from_be_bytes([r0, r1]),
    };
    let opcode = OPCODE.code(u64::from(high >> 3 & 0x0f)).is_some();
    let rcode = RCODE.code(u64::from(low & 0x0f)).is_some();
    let spare = low & 0x40 == 0;
    (opcode && rcode && spare).then_some(counts)
}
