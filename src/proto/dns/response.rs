//! Answering: the bytes of a response.
//!
//! RFC 1035 §4.1 (layout), §4.1.4 (compression); RFC 2181 §9 and RFC 9471 (what TC says); RFC 6891 §6.1.1 (OPT
//! answers OPT).
//!
//! ```text
//!  | id as asked | flags | counts | question as asked | answers | authority | additional | OPT if asked |
//!                                                      '------ as many whole records as fit ------'
//! ```
//!
//! ```
//! use netlab::proto::dns::query::Query;
//! use netlab::proto::dns::response::{Entry, Response};
//!
//! let query = Query::new(7, "hi.test", 1).bytes().unwrap();
//! let mut response = Response::to(&query).unwrap();
//! response.authoritative = true;
//! response.answers.push(Entry::new("hi.test", 1, 60, vec![127, 0, 0, 4]).unwrap());
//! let bytes = response.bytes(response.udp_limit());
//! // The owner's name is a pointer to the question's: byte 12.
//! assert!(bytes.ends_with(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x04"));
//! ```

use std::collections::HashMap;

use super::encode::{NameError, encode};
use super::message::Message;
use super::query::{IN, opt};
use super::{DNS, header};
use crate::proto::field::Fields;
use crate::proto::stream::{Carriage, Sender, Stream};

/// The longest datagram for an asker that does not say EDNS (RFC 1035 §4.2.1).
pub const PLAIN_LIMIT: usize = 512;
/// The longest datagram this builder sends: what fits through every usual path in one piece.
pub const EDNS_LIMIT: u16 = 1232;

/// Version 0 of EDNS is the only one (RFC 6891 §6.1.3).
const BADVERS: u16 = 16;
/// What a pointer can reach: its offset has fourteen bits.
const POINTER_REACH: usize = 0x3fff;

/// One record to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    name: Vec<u8>,
    /// The type.
    pub rtype: u16,
    /// The class.
    pub class: u16,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// The data, as [`super::rdata::parse`] gives it.
    pub rdata: Vec<u8>,
}

impl Entry {
    /// A record of the Internet's class.
    ///
    /// # Errors
    /// When the name is none.
    pub fn new(name: &str, rtype: u16, ttl: u32, rdata: Vec<u8>) -> Result<Self, NameError> {
        Ok(Self { name: encode(name)?, rtype, class: IN, ttl, rdata })
    }
}

/// A response being put together.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the header has these flags, and each is a bit")]
pub struct Response {
    /// The query as it was read; id, opcode, RD, CD and the question are sent back as they came.
    pub query: Message,
    question: Vec<u8>,
    /// Whether the server is in charge of the name.
    pub authoritative: bool,
    /// Whether the server would go and find out.
    pub recursion_available: bool,
    /// Whether the signatures were checked.
    pub authentic_data: bool,
    /// Whether to leave out all records and say so, for a lesson about TC.
    pub truncated: bool,
    /// The response code; one above 15 needs an asker that says EDNS.
    pub rcode: u16,
    /// An extended error and its text, for an asker that says EDNS.
    pub extended_error: Option<(u16, String)>,
    /// Records that answer.
    pub answers: Vec<Entry>,
    /// Records about who is in charge.
    pub authority: Vec<Entry>,
    /// Records that will be useful.
    pub additional: Vec<Entry>,
}

impl Response {
    /// Begins the response to a query. None when there is nothing to reply to: no whole header, or a
    /// message that is a response itself (answering those is how two servers talk forever).
    #[must_use]
    pub fn to(query: &[u8]) -> Option<Self> {
        let fields = DNS.dissect(Stream::alone(query, Sender::Client, Carriage::Datagram));
        let message = Message::of(&fields).filter(|message| !message.is_response)?;
        let asked: Vec<usize> =
            fields.parts(message.field).filter(|&part| fields.get(part).spec.name == "question").collect();
        // Only a question that could be read goes back. Its pointers, if any, stay true: it stays where it was.
        let question = match asked[..] {
            [index] if message.questions.len() == 1 && sound(&fields, index) => fields.raw(index).to_vec(),
            _ => Vec::new(),
        };
        let version = message.edns.as_ref().map_or(0, |edns| edns.version);
        Some(Self {
            question,
            authoritative: false,
            recursion_available: false,
            authentic_data: false,
            truncated: false,
            rcode: if version == 0 { 0 } else { BADVERS },
            extended_error: None,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
            query: message,
        })
    }

    /// How long this response may be as a datagram: 512 bytes, or what the asker takes, at most [`EDNS_LIMIT`].
    #[must_use]
    pub fn udp_limit(&self) -> usize {
        let asked = self.query.edns.as_ref().map_or(0, |edns| edns.udp_payload.min(EDNS_LIMIT));
        usize::from(asked).max(PLAIN_LIMIT)
    }

    /// The response in at most `limit` bytes. Records that do not fit are left out whole, and all behind
    /// them. TC is set when that makes the answer incomplete: an answer or authority record is missing, or the
    /// address of a server that the asker is being sent to. Header, question and OPT are always there.
    #[must_use]
    pub fn bytes(&self, limit: usize) -> Vec<u8> {
        let mut opt_record = Vec::new();
        if let Some(edns) = &self.query.edns {
            let extended = u8::try_from(self.rcode >> 4).unwrap_or(u8::MAX);
            opt(&mut opt_record, EDNS_LIMIT, extended, edns.dnssec_ok, &self.options());
        }
        let room = limit.min(usize::from(u16::MAX)).saturating_sub(opt_record.len());
        let mut writer = Writer::new(&self.question, room);
        let mut counts = [0_u16; 3];
        for (section, count) in
            [&self.answers, &self.authority, &self.additional].into_iter().zip(&mut counts)
        {
            let section = if self.truncated { &[][..] } else { section };
            *count = section.iter().take_while(|&entry| writer.add(entry)).fold(0, |count, _| count + 1);
        }
        let [answers, authority, additional] = counts;
        let glue_missing =
            usize::from(additional) < self.additional.len() && self.answers.is_empty() && !self.authoritative;
        let incomplete = self.truncated
            || usize::from(answers) < self.answers.len()
            || usize::from(authority) < self.authority.len()
            || glue_missing;
        let head = [
            self.query.id,
            self.flags(incomplete),
            u16::from(!self.question.is_empty()),
            answers,
            authority,
            additional + u16::from(!opt_record.is_empty()),
        ];
        let mut bytes = writer.bytes;
        for (place, byte) in bytes.iter_mut().zip(head.map(u16::to_be_bytes).concat()) {
            *place = byte;
        }
        bytes.extend(opt_record);
        bytes
    }

    fn flags(&self, incomplete: bool) -> u16 {
        let bits = [
            (true, 15),
            (self.authoritative, 10),
            (incomplete, 9),
            (self.query.rd, 8),
            (self.recursion_available, 7),
            (self.authentic_data, 5),
            (self.query.cd, 4),
        ];
        let flags = bits.iter().fold(0, |flags, &(set, bit)| flags | u16::from(set) << bit);
        flags | u16::from(self.query.opcode) << 11 | self.rcode & 0x0f
    }

    /// The one option this builder says: an extended error (RFC 8914 §2).
    fn options(&self) -> Vec<u8> {
        let Some((code, text)) = &self.extended_error else { return Vec::new() };
        let text = &text.as_bytes()[..text.floor_char_boundary(200)];
        let len = 2 + u16::try_from(text.len()).unwrap_or(0);
        let mut option = [15, len, *code].map(u16::to_be_bytes).concat();
        option.extend(text);
        option
    }
}

fn sound(fields: &Fields<'_>, index: usize) -> bool {
    (index..fields.get(index).end as usize).all(|inside| fields.get(inside).problem.is_none())
}

/// Writes records behind a question and remembers where names stand.
struct Writer {
    bytes: Vec<u8>,
    room: usize,
    /// Where each name written so far begins, in lower case: names are the same in any case.
    places: HashMap<Vec<u8>, u16>,
    full: bool,
}

impl Writer {
    fn new(question: &[u8], room: usize) -> Self {
        let mut bytes = vec![0; header::LEN];
        bytes.extend_from_slice(question);
        let mut writer = Self { bytes, room, places: HashMap::new(), full: false };
        // The question's name ends four bytes before its end, in front of type and class.
        let name = question.len().checked_sub(4).and_then(|end| question.get(..end));
        writer.remember(name.unwrap_or_default(), header::LEN);
        writer
    }

    /// Adds the record if it fits; once one does not, none does.
    fn add(&mut self, entry: &Entry) -> bool {
        let before = self.bytes.len();
        self.name(&entry.name);
        let len = u16::try_from(entry.rdata.len());
        self.bytes.extend([entry.rtype, entry.class].map(u16::to_be_bytes).concat());
        self.bytes.extend(entry.ttl.to_be_bytes());
        self.bytes.extend(len.unwrap_or(u16::MAX).to_be_bytes());
        self.bytes.extend_from_slice(&entry.rdata);
        self.full |= self.bytes.len() > self.room || len.is_err();
        if self.full {
            self.bytes.truncate(before);
        } else {
            self.remember(&entry.name, before);
        }
        !self.full
    }

    /// Writes the name up to where the rest of it stands already, then a pointer there.
    fn name(&mut self, name: &[u8]) {
        for (at, suffix) in suffixes(name) {
            if let Some(place) = self.places.get(&suffix.to_ascii_lowercase()) {
                self.bytes.extend_from_slice(&name[..at]);
                self.bytes.extend((0xc000 | place).to_be_bytes());
                return;
            }
        }
        self.bytes.extend_from_slice(name);
    }

    /// Remembers the name that begins at `start`, and each name it ends with.
    fn remember(&mut self, name: &[u8], start: usize) {
        for (at, suffix) in suffixes(name) {
            let place = u16::try_from(start + at).ok().filter(|&place| usize::from(place) <= POINTER_REACH);
            let suffix = suffix.to_ascii_lowercase();
            match place {
                Some(place) if !self.places.contains_key(&suffix) => self.places.insert(suffix, place),
                _ => return,
            };
        }
    }
}

/// The name itself, its name without the first label, and so on, the bare root left out: a pointer to it
/// would be longer than it is. A compressed name has none.
fn suffixes(name: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = at;
        let suffix = name.get(here..)?;
        let len = suffix.first().copied().filter(|len| (1..=63).contains(len))?;
        at += 1 + usize::from(len);
        Some((here, suffix))
    })
}
