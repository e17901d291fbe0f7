//! A protocol's row: everything that code which knows no protocol may ask of one.
//!
//! Whoever shows bytes, judges a lesson or lists a conversation asks the row and never compares a name.

use std::borrow::Cow;

use super::cut::{Cut, Datagrams};
use super::field::{Fields, Part, Spec};
use super::inner::{Inner, Told};
use super::reader::Reader;
use super::stream::{Around, Carriage, Sender, Stream};

/// How often the protocol may change within one stream. Nobody changes it more than twice (a tunnel, and a secured
/// session in it).
pub const SWITCHES_LIMIT: usize = 4;

/// A protocol netlab can explain: one row of [`PROTOCOLS`](super::PROTOCOLS).
pub struct Protocol {
    /// Short lower-case name, the first step of every path into its fields.
    pub name: &'static str,
    /// What it is called in a sentence.
    pub title: &'static str,
    /// The RFC that defines it.
    pub rfc: &'static str,
    /// Ports that suggest it, the lab's (7000 + the usual one) included.
    pub ports: &'static [u16],
    /// How much the first bytes of one side look like it.
    pub looks_like: fn(&[u8], &Around<'_>) -> Likeness,
    /// Reads what is left in the reader's window, as far as it is this protocol's. Total: it takes any bytes. What it
    /// does not read is another protocol's if it says so, else nobody's.
    pub read: for<'a> fn(&mut Reader<'a>, &Around<'a>) -> Behind,
    /// What finds the ends of its messages in one stream while they come; see [`cutter`](Protocol::cutter).
    pub cut: fn() -> Box<dyn Cut>,
    /// Which answer belongs to which question.
    pub pairs: Pairs,
    /// A message in one line; of a message that says too little, nothing. The number is the message's place in the tree.
    pub headline: fn(&Fields<'_>, usize) -> Option<Vec<Said>>,
    /// Whether what both sides have said (the client first) may make it another protocol: a cheap look, which may say
    /// yes too often.
    pub may_switch: fn(&[u8], &[u8]) -> bool,
    /// What `inner` makes, by name.
    pub carries: &'static [&'static Spec],
    /// The streams of other bytes that its messages carry, made from these readings of both sides; of all of them
    /// together at most so many bytes.
    pub inner: fn(&[Told<'_>], usize) -> Vec<Inner>,
    /// Bytes in which all its fields occur, for those who have to know what those are called.
    pub samples: fn() -> Vec<Sample>,
}

/// How much bytes look like a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// They can hardly be anything else.
    Is,
    /// They may be it, if something else speaks for it: too few of them have come, or they are a broken form of it.
    MayBe,
    /// They are something else.
    No,
}

/// What follows the bytes that a row has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Nothing of another protocol.
    Nothing,
    /// From here on this side speaks another protocol: this one, or whichever the bytes look like.
    Becomes(Option<&'static Protocol>),
}

/// How questions and answers find each other.
pub enum Pairs {
    /// They do not: there are none.
    Never,
    /// The nth question has the nth answer.
    InOrder(fn(&Fields<'_>, usize, Sender) -> Role),
    /// Question and answer carry the same number. What the client sends are questions.
    ById(fn(&Fields<'_>, usize) -> Option<u64>),
}

/// What a message is in the order of questions and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A question.
    Asks,
    /// The answer to the earliest question that has none.
    Answers,
    /// On the way to an answer, and none itself.
    Interim,
}

/// A piece of a headline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// netlab's own words.
    Ours(&'static str),
    /// A value from the network: escape it, and cut what is long.
    Theirs(Vec<u8>),
    /// A number of bytes.
    Number(u64),
}

/// Bytes of one side that hold fields worth knowing.
pub struct Sample {
    /// Who would send them.
    pub sender: Sender,
    /// How they would travel.
    pub carriage: Carriage,
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
}

impl Sample {
    /// Bytes of a stream.
    #[must_use]
    pub fn stream(sender: Sender, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { sender, carriage: Carriage::Stream, bytes: bytes.into() }
    }

    /// One datagram.
    #[must_use]
    pub fn datagram(sender: Sender, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { sender, carriage: Carriage::Datagram, bytes: bytes.into() }
    }
}

/// Where another protocol follows in a stream.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// At which byte of the stream.
    pub at: usize,
    /// Which protocol, if that is known.
    pub to: Option<&'static Protocol>,
}

impl Protocol {
    /// What finds the ends of its messages in one conversation while they come. The edges of datagrams are those of
    /// their messages, whatever they say.
    #[must_use]
    pub fn cutter(&self, carriage: Carriage) -> Box<dyn Cut> {
        match carriage {
            Carriage::Datagram => Box::new(Datagrams),
            Carriage::Stream => (self.cut)(),
        }
    }

    /// Explains every bit of the input, and of another protocol that follows in it. Total: any bytes in, a tree out.
    #[must_use]
    pub fn dissect<'a>(&self, stream: Stream<'a>) -> Fields<'a> {
        self.read_all(Reader::new(stream.bytes), stream)
    }

    /// The same with a list that was used before, so that a short message needs no memory of its own.
    #[must_use]
    pub fn dissect_with<'a>(&self, stream: Stream<'a>, list: Vec<super::field::Field>) -> Fields<'a> {
        self.read_all(Reader::reusing(stream.bytes, list), stream)
    }

    fn read_all<'a>(&self, mut reader: Reader<'a>, stream: Stream<'a>) -> Fields<'a> {
        let mut around = stream.around();
        let mut behind = (self.read)(&mut reader, &around);
        for _ in 0..SWITCHES_LIMIT {
            let Behind::Becomes(to) = behind else { break };
            if reader.at_end() {
                break;
            }
            // Where the other side changed is not known here, so what it said since is not either.
            around.other = &[];
            let rest = Stream { bytes: reader.ahead(), other: &[], ..stream };
            let next = to.unwrap_or_else(|| super::guess(&[rest], None, None));
            reader.part(next);
            behind = (next.read)(&mut reader, &around);
        }
        reader.finish()
    }

    /// Explains the bytes as far as they are this protocol's, and says where another one follows; that one's bytes are
    /// not in the tree.
    #[must_use]
    pub fn opening<'a>(&self, stream: Stream<'a>) -> (Fields<'a>, Option<Switch>) {
        let mut reader = Reader::new(stream.bytes);
        match (self.read)(&mut reader, &stream.around()) {
            Behind::Becomes(to) if !reader.at_end() => {
                let at = reader.position();
                (reader.close(), Some(Switch { at, to }))
            }
            _ => (reader.finish(), None),
        }
    }

    /// The messages among the top-level fields of a tree that this row has begun.
    pub fn messages<'f>(&self, fields: &'f Fields<'_>) -> impl Iterator<Item = usize> + 'f {
        fields.own_roots().filter(|&root| !fields.is_leaf(root))
    }
}

/// A row is the same as itself and as no other.
impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Protocol {}

impl std::fmt::Debug for Protocol {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

impl Part {
    /// Whether a message of `protocol` begins here.
    #[must_use]
    pub fn is(&self, protocol: &Protocol) -> bool {
        *self.protocol == *protocol
    }
}
