//! DNS: questions about names, and the records that answer them.
//!
//! RFC 1035 §4.1 (the message), §4.2.2 (two bytes of length before each message on TCP).
//!
//! ```text
//!  +------------+
//!  | header     |  12 bytes: who asked, what went well, how many of each follow
//!  | question   |  what is asked: a name, a type, a class
//!  | answer     |  records that answer it
//!  | authority  |  records that say who knows
//!  | additional |  records that save the next question, and EDNS
//!  +------------+
//! ```
//!
//! Reading order: [`header`], [`name`], [`record`], [`rdata`] (the file a new record type touches),
//! [`strings`], [`values`], [`svcparams`] and [`edns`] (what some record data is made of), then [`message`] (what
//! a resolver wants to know) and the writing half: [`encode`], [`query`] and [`response`].
//!
//! ```
//! use netlab::proto::dns::DNS;
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06garden\x04test\x00\x00\x01\x00\x01";
//! let fields = DNS.dissect(Stream::alone(query, Sender::Client, Carriage::Datagram));
//! let name = fields.find(0, "name").unwrap();
//! assert_eq!(fields.path(name), ["dns", "question", "name"]);
//! assert_eq!(&*fields.value(name), b"garden.test");
//! assert_eq!(&*fields.value(fields.find(name, "type").or(fields.find(0, "type")).unwrap()), b"A");
//! ```

pub mod header;
pub mod labels;
pub mod name;
pub mod record;

pub mod rdata;
pub mod strings;
pub mod values;

pub mod edns;
pub mod svcparams;

pub mod message;
mod samples;

pub mod encode;
pub mod query;
pub mod response;

use super::cut::Counted;
use super::field::{Fields, Spec, Unit};
use super::reader::{Cut, Reader};
use super::row::{Behind, Likeness, Pairs, Protocol, Said};
use super::stream::{Around, Carriage};

/// The row of the protocol table.
pub static DNS: Protocol = Protocol {
    name: "dns",
    title: "the Domain Name System",
    rfc: "RFC 1035",
    ports: &[53, 5353, 7053],
    looks_like,
    read,
    pairs: Pairs::ById(|fields, root| fields.number(fields.find(root, "id")?)),
    headline,
    may_switch: |_, _| false,
    carries: &[],
    inner: |_, _| Vec::new(),
    samples: samples::all,
    // A length in two bytes cannot say too much.
    cut: || Box::new(Counted::<2>::new(u16::MAX.into(), TOO_SHORT, TOO_SHORT)),
};

const MESSAGE: Spec =
    Spec::new("dns", "RFC 1035 §4.1", "one DNS message: a question, or a question with its answer");
const LENGTH: Spec = Spec::new(
    "length",
    "RFC 1035 §4.2.2",
    "how many bytes the message behind it has; on TCP, a stream without edges, each message says so first",
)
.counting(Unit::Bytes);

/// What is asked, or how it was answered.
fn headline(fields: &Fields<'_>, root: usize) -> Option<Vec<Said>> {
    let said = |name| Some(Said::Theirs(fields.value(fields.find(root, name)?).into_owned()));
    if fields.number(fields.find(root, "qr")?)? == 1 {
        return Some(vec![said("rcode")?]);
    }
    Some(vec![said("name")?, Said::Ours(" "), said("type")?, Said::Ours("?")])
}

static TOO_SHORT: &str = "the message has as many bytes as its length says; these end earlier";

/// Explains a datagram as one message, a stream as messages with their lengths in front.
fn read<'a>(reader: &mut Reader<'a>, around: &Around<'a>) -> Behind {
    while !reader.at_end() {
        reader.group(&MESSAGE, |reader| match around.carriage {
            Carriage::Datagram => whole(reader),
            Carriage::Stream => prefixed(reader),
        });
    }
    Behind::Nothing
}

/// One message up to the end of the window; what is behind it belongs to no field of DNS.
fn whole(reader: &mut Reader<'_>) {
    let len = reader.ahead().len();
    // The new window is as long as the old one, so it cannot be cut; a cut message shows in its own fields.
    let _ = reader.within(len, message);
}

/// A length, and a message of that length.
fn prefixed(reader: &mut Reader<'_>) {
    let index = reader.next_index();
    let Ok(len) = reader.u16(&LENGTH) else { return };
    if reader.within(usize::from(len), message).is_err() {
        reader.problem_at(index, &TOO_SHORT);
    }
}

/// The message from here to the end of the window.
fn message(reader: &mut Reader<'_>) -> Result<(), Cut> {
    let start = reader.position();
    let counts = header::read(reader)?;
    for _ in 0..counts.questions {
        record::question(reader, start)?;
    }
    for (section, count) in [
        (&record::ANSWER, counts.answers),
        (&record::AUTHORITY, counts.authorities),
        (&record::ADDITIONAL, counts.additionals),
    ] {
        // The first record that is not there is a cut, so a forged count ends with the bytes.
        for _ in 0..count {
            record::read(reader, section, start)?;
        }
    }
    Ok(())
}

/// Whether the bytes can hardly be anything but DNS: a header that means something, and one question of a known class,
/// or no question and a whole record of a known class. What has such a header may be DNS with something wrong behind
/// it, and so may the beginning of one.
fn looks_like(bytes: &[u8], around: &Around<'_>) -> Likeness {
    let (bytes, to_come) = match (around.carriage, bytes) {
        (Carriage::Datagram, bytes) => (bytes, false),
        (Carriage::Stream, &[high, low, ref rest @ ..]) => {
            let len = usize::from(u16::from_be_bytes([high, low]));
            (rest.get(..len).unwrap_or(rest), len >= header::LEN && rest.len() < len)
        }
        (Carriage::Stream, _) => return Likeness::MayBe,
    };
    let Some((head, body)) = bytes.split_at_checked(header::LEN) else {
        // The missing bytes of a header that is still coming are as good as any.
        let mut head = [0; header::LEN];
        head[..bytes.len()].copy_from_slice(bytes);
        let may_be = to_come && header::plausible(&head).is_some();
        return if may_be { Likeness::MayBe } else { Likeness::No };
    };
    let Some(counts) = header::plausible(head) else { return Likeness::No };
    let mut reader = Reader::new(bytes);
    // The header has been measured one line up; it is read again only to be stepped over.
    let _ = header::read(&mut reader);
    let is = match counts.questions {
        0 if body.is_empty() => head[2] >= 0x80 && head[3] & 0x0f != 0 && counts.records() == 0,
        0 => counts.records() > 0 && record::read(&mut reader, &record::ANSWER, 0).is_ok() && sound(reader),
        1 => record::question(&mut reader, 0).is_ok() && sound(reader),
        _ => false,
    };
    if is { Likeness::Is } else { Likeness::MayBe }
}

/// Whether what was read breaks no rule, and every class in it is a known one.
fn sound(reader: Reader<'_>) -> bool {
    let read = reader.position();
    let fields = reader.finish();
    (0..fields.list.len()).take_while(|&index| fields.get(index).bytes().start < read).all(|index| {
        let field = fields.get(index);
        let known = field.spec.name != "class"
            || fields.number(index).and_then(|class| field.spec.code(class)).is_some();
        field.problem.is_none() && known
    })
}
