//! Messages in a stream: how two programs agree where one ends, when TCP does not say.
//!
//! Two ways are common. A *mark* behind each message, here the line feed: easy to type and to read, and no
//! message may hold the mark. A *length* before each, here four bytes, the most significant first: nothing
//! can be typed without counting, and a message may hold any bytes.
//!
//! ```text
//! newline    h  i  \n   y  o  u  \n
//! length     00 00 00 02 h  i     00 00 00 03 y  o  u
//! ```
//!
//! ```
//! use netlab::proto::framed::{Framing, framed, messages};
//! let stream = [framed(b"hi", Framing::Length), framed(b"you", Framing::Length)].concat();
//! assert_eq!(stream, b"\0\0\0\x02hi\0\0\0\x03you");
//! assert_eq!(messages(&stream, Framing::Length)[1].text, 10..13);
//! ```

use std::ops::Range;

use super::cut::Counted;
use super::field::{Fields, Spec, Unit, Value};
use super::reader::Reader;
use super::row::{Behind, Likeness, Pairs, Protocol, Said, Sample};
use super::stream::{Around, Carriage, Sender};

/// How many bytes a length takes.
pub const PREFIX: usize = 4;

/// The most bytes a message may have. A length is read before anything that follows it has come, so it must not be
/// believed whatever it says: whoever made room for four thousand million bytes would have none left.
pub const MESSAGE_LIMIT: usize = 64 * 1024;

/// How messages are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// A line feed behind each.
    Newline,
    /// Its length before each.
    Length,
}

/// A message, or what there is of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its bytes and those that frame it, as places in the stream.
    pub whole: Range<usize>,
    /// Its own bytes.
    pub text: Range<usize>,
    /// Why it is none, if it is none.
    pub fault: Option<Fault>,
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The mark that ends it is not there.
    NoMark,
    /// The bytes end inside its length.
    LengthCut,
    /// The bytes end before as many as its length says.
    Cut {
        /// How many the length says.
        wanted: u32,
    },
    /// The length is more than a message may have. Nobody knows where the next one would begin.
    TooLong {
        /// How many the length says.
        wanted: u32,
    },
    /// So many bytes without a mark are no message.
    NoMarkInTime,
}

/// The bytes that carry `text` as one message.
///
/// With newlines a text that holds one becomes two messages; a text beyond [`MESSAGE_LIMIT`] becomes none.
#[must_use]
pub fn framed(text: &[u8], framing: Framing) -> Vec<u8> {
    match framing {
        Framing::Newline => [text, b"\n"].concat(),
        Framing::Length => {
            let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
            [&len.to_be_bytes()[..], text].concat()
        }
    }
}

/// The messages in a stream from its first byte on. The last one may be incomplete; behind a length that cannot be
/// true nothing is looked for.
#[must_use]
pub fn messages(bytes: &[u8], framing: Framing) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut from = 0;
    while from < bytes.len() {
        let message = match framing {
            Framing::Newline => up_to_mark(bytes, from),
            Framing::Length => behind_length(bytes, from),
        };
        from = message.whole.end;
        messages.push(message);
    }
    messages
}

fn up_to_mark(bytes: &[u8], from: usize) -> Message {
    let ahead = &bytes[from..];
    let window = &ahead[..ahead.len().min(MESSAGE_LIMIT + 1)];
    if let Some(at) = window.iter().position(|&byte| byte == b'\n') {
        return Message { whole: from..from + at + 1, text: from..from + at, fault: None };
    }
    let fault = if window.len() > MESSAGE_LIMIT { Fault::NoMarkInTime } else { Fault::NoMark };
    Message { whole: from..bytes.len(), text: from..bytes.len(), fault: Some(fault) }
}

fn behind_length(bytes: &[u8], from: usize) -> Message {
    let rest = |text: usize, fault| Message {
        whole: from..bytes.len(),
        text: text.min(bytes.len())..bytes.len(),
        fault: Some(fault),
    };
    let Some((prefix, behind)) = bytes[from..].split_first_chunk::<PREFIX>() else {
        return rest(bytes.len(), Fault::LengthCut);
    };
    let wanted = u32::from_be_bytes(*prefix);
    let text = from + PREFIX;
    match usize::try_from(wanted) {
        Ok(len) if len <= MESSAGE_LIMIT && len <= behind.len() => {
            Message { whole: from..text + len, text: text..text + len, fault: None }
        }
        Ok(len) if len <= MESSAGE_LIMIT => rest(text, Fault::Cut { wanted }),
        _ => rest(text, Fault::TooLong { wanted }),
    }
}

/// The row of the table for messages behind their lengths. Messages of lines are [`plain`](super::plain) text.
pub static FRAMED: Protocol = Protocol {
    name: "framed",
    title: "messages, each behind its length in four bytes",
    rfc: "",
    ports: &[],
    looks_like,
    read,
    pairs: Pairs::Never,
    headline,
    may_switch: |_, _| false,
    carries: &[],
    inner: |_, _| Vec::new(),
    samples: || vec![Sample::stream(Sender::Client, &b"\0\0\0\x01a"[..])],
    cut: || Box::new(Counted::<PREFIX>::new(MESSAGE_LIMIT as u64, TOO_LONG, CUT_OFF)),
};

const FRAMED_ROOT: Spec =
    Spec::new("framed", "", "a stream of messages; before each stands how many bytes it has");
const MESSAGE: Spec = Spec::new("message", "", "one message: its length, and as many bytes");
const LENGTH: Spec = Spec::new(
    "length",
    "",
    "how many bytes of the message follow: four bytes, the most significant first (big-endian)",
)
.counting(Unit::Bytes);
const TEXT: Spec = Spec::new("text", "", "the bytes of the message");

const CUT_OFF: &str = "the bytes end before as many have come as the length says";

const TOO_LONG: &str = "more than the 65,536 bytes a message may have: either no length stands here, or reader and \
    sender have lost each other";

/// Whole messages to the last byte, or to one that is still coming, and something in them. Before a first message is
/// there, what has come of it may be the beginning of one.
fn looks_like(bytes: &[u8], around: &Around<'_>) -> Likeness {
    if around.carriage == Carriage::Datagram {
        return Likeness::No;
    }
    let messages = messages(bytes, Framing::Length);
    let whole = messages.iter().filter(|message| message.fault.is_none());
    let some = whole.clone().any(|message| !message.text.is_empty());
    let all = whole.count() == messages.len();
    let still_coming = messages.last().is_some_and(|last| {
        matches!(last.fault, Some(Fault::LengthCut | Fault::Cut { .. })) && !around.ended
    });
    match (some, all || still_coming) {
        (true, true) => Likeness::Is,
        (false, true) => Likeness::MayBe,
        (_, false) => Likeness::No,
    }
}

/// The first message, in quotes.
fn headline(fields: &Fields<'_>, root: usize) -> Option<Vec<Said>> {
    let text = fields.find(root, TEXT.name)?;
    Some(vec![Said::Ours("\""), Said::Theirs(fields.value(text).into_owned()), Said::Ours("\"")])
}

fn read<'a>(reader: &mut Reader<'a>, _: &Around<'a>) -> Behind {
    if !reader.at_end() {
        reader.group(&FRAMED_ROOT, |reader| {
            while !reader.at_end() {
                message(reader);
            }
        });
    }
    Behind::Nothing
}

fn message(reader: &mut Reader<'_>) {
    let (from, found) = (reader.position(), behind_length(reader.ahead(), 0));
    let place = |at: usize| u32::try_from(from + at).unwrap_or(u32::MAX);
    let value = Value::Slice(place(found.text.start), place(found.text.end));
    reader.group_as(&MESSAGE, value, |reader| {
        // A length or a text that is cut short is recorded as such.
        let Ok(wanted) = reader.u32(&LENGTH) else { return };
        if let Some(Fault::TooLong { .. }) = found.fault {
            reader.problem(&TOO_LONG);
            return reader.rest(&TEXT, Value::Opaque);
        }
        if wanted > 0 {
            let _ = reader.text(&TEXT, usize::try_from(wanted).unwrap_or(usize::MAX));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::row::Likeness;
    use super::super::stream::{Carriage, Sender, Stream};
    use super::{FRAMED, Fault, Framing, MESSAGE_LIMIT, framed, messages};

    /// The texts, and the fault of the last message.
    fn cut(bytes: &[u8], framing: Framing) -> (Vec<&[u8]>, Option<Fault>) {
        let found = messages(bytes, framing);
        let places: Vec<_> = found.iter().map(|message| message.whole.clone()).collect();
        let ends = places.iter().map(|place| place.end);
        assert!(places.iter().map(|place| place.start).eq(std::iter::once(0).chain(ends).take(places.len())));
        assert_eq!(
            places.last().map_or(0, |last| last.end),
            bytes.len(),
            "every byte belongs to one message"
        );
        (
            found.iter().map(|message| &bytes[message.text.clone()]).collect(),
            found.last().and_then(|last| last.fault),
        )
    }

    #[test]
    fn a_newline_ends_a_message() {
        assert_eq!(cut(b"", Framing::Newline), (vec![], None));
        assert_eq!(cut(b"hi\n\nyou\n", Framing::Newline), (vec![&b"hi"[..], b"", b"you"], None));
        assert_eq!(cut(b"hi\nyo", Framing::Newline), (vec![&b"hi"[..], b"yo"], Some(Fault::NoMark)));
        let long = vec![b'x'; MESSAGE_LIMIT + 1];
        assert_eq!(cut(&long, Framing::Newline).1, Some(Fault::NoMarkInTime));
    }

    #[test]
    fn a_length_stands_before_a_message_that_may_hold_anything() {
        let plant = framed("🌱\n".as_bytes(), Framing::Length);
        assert_eq!(plant, b"\0\0\0\x05\xf0\x9f\x8c\xb1\n");
        let two = [&plant[..], b"\0\0\0\0"].concat();
        assert_eq!(cut(&two, Framing::Length), (vec!["🌱\n".as_bytes(), b""], None));
        assert_eq!(cut(b"\0\0\0\x03ab", Framing::Length).1, Some(Fault::Cut { wanted: 3 }));
        assert_eq!(cut(b"\0\0\0", Framing::Length), (vec![&b""[..]], Some(Fault::LengthCut)));
        let line = Fault::TooLong { wanted: 0x6865_6c6c };
        assert_eq!(cut(b"hello\n", Framing::Length), (vec![&b"o\n"[..]], Some(line)));
    }

    #[test]
    fn a_message_is_found_again_whatever_it_holds() {
        let most = vec![b'x'; MESSAGE_LIMIT];
        for framing in [Framing::Newline, Framing::Length] {
            for text in [&b""[..], b"a", b"\0\0\0\x01", "🌱".as_bytes(), &most] {
                assert_eq!(cut(&framed(text, framing), framing), (vec![text], None));
            }
        }
    }

    #[test]
    fn fields_cover_every_byte_whole_or_cut_or_wrong() {
        let stream = [&b"\0\0\0\x02hi\0\0\0\0\0\0\0\x05"[..], "🌱!".as_bytes()].concat();
        for len in 0..=stream.len() {
            for (at, byte) in (0..len).map(|at| (at, 0xff)).chain([(0, 0)]) {
                let mut bytes = stream[..len].to_vec();
                if let Some(changed) = bytes.get_mut(at) {
                    *changed = byte;
                }
                let fields = FRAMED.dissect(Stream::alone(&bytes, Sender::Client, Carriage::Stream));
                let mut next = 0;
                for leaf in fields.leaves() {
                    let leaf = fields.get(leaf);
                    assert_eq!(leaf.start, next, "{bytes:02x?}");
                    next += leaf.len;
                }
                assert_eq!(next as usize, bytes.len() * 8, "{bytes:02x?}");
            }
        }
    }

    #[test]
    fn messages_behind_lengths_are_recognized_and_lines_and_zeros_are_not() {
        let looks = |bytes: &[u8], ended| {
            let stream = Stream { ended, ..Stream::alone(bytes, Sender::Client, Carriage::Stream) };
            (FRAMED.looks_like)(bytes, &stream.around()) == Likeness::Is
        };
        assert!(looks(b"\0\0\0\x02hi", true) && looks(b"\0\0\0\x02hi\0\0\0", false));
        for other in [&b""[..], b"hello\n", b"\0\0\0\0", b"\0\0\0\x02hi\0\0\0", b"\0\0\0\x02h", b"\0\x16ab"] {
            assert!(!looks(other, true), "{other:02x?}");
        }
    }
}
