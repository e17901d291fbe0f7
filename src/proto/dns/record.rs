//! Questions and records: what every entry of the four sections looks like.
//!
//! RFC 1035 §4.1.2 (question), §4.1.3 (record).
//!
//! ```text
//!  question:  NAME ...| TYPE | CLASS |
//!  record:    NAME ...| TYPE | CLASS |    TTL     | RDLENGTH | RDATA ...
//!               any      2       2         4            2      RDLENGTH bytes
//! ```
//!
//! What RDATA holds depends on the type: see [`rdata`]. One type is no record at
//! all: OPT only borrows the shape, and [`edns`] reads its class and TTL as something else.
//!
//! ```
//! use netlab::proto::dns::record;
//! use netlab::proto::reader::Reader;
//!
//! let mut reader = Reader::new(b"\x02hi\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x02");
//! record::read(&mut reader, &record::ANSWER, 0).unwrap();
//! let fields = reader.finish();
//! let address = fields.find(0, "address").unwrap();
//! assert_eq!(fields.path(address), ["answer", "rdata", "address"]);
//! assert_eq!(&*fields.value(address), b"127.0.0.2");
//! ```

use super::header::code;
use super::{edns, name, rdata};
use crate::proto::field::{Code, Spec, Unit};
use crate::proto::reader::{Cut, Reader};

const QUESTION: Spec =
    Spec::new("question", "RFC 1035 §4.1.2", "what is asked: a name, and the kind of record wanted");
/// A record of the answer section.
pub const ANSWER: Spec = Spec::new("answer", "RFC 1035 §4.1", "a record that answers the question");
/// A record of the authority section.
pub const AUTHORITY: Spec = Spec::new(
    "authority",
    "RFC 1035 §4.1",
    "a record about who is in charge: the servers to ask next, or the zone that says no",
);
/// A record of the additional section.
pub const ADDITIONAL: Spec = Spec::new(
    "additional",
    "RFC 1035 §4.1",
    "a record nobody asked for that will be useful next, such as a name server's address",
);

const NAME: Spec = Spec::new(
    "name",
    "RFC 1035 §4.1.3",
    "the name that is asked about or that owns the record, as labels down to the root",
)
.written(name::present);
/// The type of a record or question; its codes are the rows of [`rdata::TYPES`].
pub const TYPE: Spec = Spec::coded(
    "type",
    "RFC 1035 §3.2.2",
    "what kind of record: an address, a mail server, a text ...",
    &rdata::CODES,
);
const CLASS: Spec = Spec::coded(
    "class",
    "RFC 1035 §3.2.4",
    "which network the record is for; the others faded away, so this says Internet",
    CLASSES,
);
const TTL: Spec = Spec::new(
    "ttl",
    "RFC 1035 §3.2.1, RFC 2181 §8",
    "time to live: for how many seconds the record may be kept and used again without asking",
)
.counting(Unit::Seconds);
const RDLENGTH: Spec =
    Spec::new("rdlength", "RFC 1035 §3.2.1", "how many bytes of record data follow").counting(Unit::Bytes);
/// The data of a record.
pub const RDATA: Spec =
    Spec::new("rdata", "RFC 1035 §3.2.1", "the record's data; what is in it depends on the type");

/// Classes. Multicast DNS takes the top bit of the class for itself.
const CLASSES: &[Code] = &[
    code(1, "IN", "the Internet"),
    code(3, "CH", "Chaosnet; servers tell their version here"),
    code(4, "HS", "Hesiod, a directory of users and groups"),
    code(254, "NONE", "no class; says in an update that something must not exist").by("RFC 2136 §2.4"),
    code(255, "ANY", "whatever class there is"),
    code(
        0x8001,
        "IN",
        "the Internet, with multicast DNS's bit on top: forget what you had, or answer only me (RFC 6762)",
    ),
];

/// Reads one entry of the question section.
///
/// # Errors
/// [`Cut`] when it is not all there.
pub fn question(reader: &mut Reader<'_>, message: usize) -> Result<(), Cut> {
    reader.group(&QUESTION, |reader| {
        name::read(reader, &NAME, message)?;
        reader.u16(&TYPE)?;
        reader.u16(&CLASS).map(drop)
    })
}

/// Reads one record of the section that `section` names.
///
/// # Errors
/// [`Cut`] when it is not all there. Data that does not fill the length it states, or does not fit
/// into it, is no cut: where the next record starts is still known.
pub fn read(reader: &mut Reader<'_>, section: &'static Spec, message: usize) -> Result<(), Cut> {
    reader.group(section, |reader| {
        name::read(reader, &NAME, message)?;
        let kind = reader.u16(&TYPE)?;
        if kind == rdata::OPT {
            edns::head(reader)?;
        } else {
            reader.u16(&CLASS)?;
            reader.u32(&TTL)?;
        }
        let index = reader.next_index();
        let len = reader.u16(&RDLENGTH)?;
        let read = reader.group(&RDATA, |reader| {
            reader.within(usize::from(len), |reader| rdata::read(reader, kind, message))
        });
        if read.is_err() {
            reader.problem_at(
                index,
                &"the record data has as many bytes as this says; the message ends earlier",
            );
        }
        read
    })
}
