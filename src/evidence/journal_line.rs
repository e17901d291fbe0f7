//! One line of the journal: the form evidence has on disk.
//!
//! Bytes that are UTF-8 are stored as text and others as hex, so that a person can read the file.

use std::fmt;
use std::net::SocketAddr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::counters::Counters;
use super::event::{Event, Mishap, Side, Trouble, What};
use super::flow::{Flow, FlowId, Kept, Transport};

/// The version of this form. A line of another version is left alone.
const VERSION: u32 = 1;

/// A line as it is written: JSON with the version beside what it says.
#[derive(Debug, Serialize)]
struct Line {
    v: u32,
    #[serde(flatten)]
    record: Record,
}

/// A line as it is read. With every member named, serde reads it in one go; `flatten` would keep a copy of
/// each member until it knows which one it wants, and a full journal has fifty thousand lines.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Read {
    v: u32,
    opening: Option<Opening>,
    event: Option<EventLine>,
    marker: Option<String>,
    left_out: Option<u64>,
}

/// What a line says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// A conversation is about to begin.
    Opening(Opening),
    /// Something happened on one.
    Event(EventLine),
    /// A step of a lesson begins here; what stands above it is from before.
    Marker(String),
    /// Conversations that were not written down, because they came faster than the disk.
    LeftOut(u64),
}

/// The head of a flow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opening {
    flow: Hex,
    transport: Transport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<SocketAddr>,
    server: SocketAddr,
    seen: Side,
    by: String,
    began_us: u64,
}

/// An event of a flow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "ReadEvent")]
pub struct EventLine {
    /// The flow it belongs to.
    pub flow: Hex,
    at_us: u64,
    side: Side,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<SocketAddr>,
    #[serde(flatten)]
    what: Happening,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Happening {
    Opened,
    Bytes(BytesLine),
    Finished,
    Reset,
    Failed(Trouble),
    Stuck,
    Counted(Box<Counters>),
    Mishap(Mishap),
    Note(String),
}

/// An event as it is read, for the reason given at [`Read`].
#[derive(Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member whose name says it all")]
struct ReadEvent {
    flow: Hex,
    at_us: u64,
    side: Side,
    client: Option<SocketAddr>,
    #[serde(default, deserialize_with = "is_there")]
    opened: bool,
    bytes: Option<BytesLine>,
    #[serde(default, deserialize_with = "is_there")]
    finished: bool,
    #[serde(default, deserialize_with = "is_there")]
    reset: bool,
    failed: Option<Trouble>,
    #[serde(default, deserialize_with = "is_there")]
    stuck: bool,
    counted: Option<Box<Counters>>,
    mishap: Option<Mishap>,
    note: Option<String>,
}

/// A member whose name says it all; its value is null.
fn is_there<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    <()>::deserialize(value).map(|()| true)
}

#[derive(Debug, Serialize, Deserialize)]
struct BytesLine {
    /// How many bytes this side had sent before these.
    from: u64,
    len: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    buffer: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

/// A flow's identity as sixteen hex digits.
#[derive(Debug, Clone, Copy)]
pub struct Hex(pub FlowId);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_str(Digits)
    }
}

/// Reads the digits where they stand, so that no copy of them is made.
struct Digits;

impl Visitor<'_> for Digits {
    type Value = Hex;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("hex digits")
    }

    fn visit_str<E: de::Error>(self, digits: &str) -> Result<Hex, E> {
        u64::from_str_radix(digits, 16).map(|id| Hex(FlowId(id))).map_err(E::custom)
    }
}

impl Record {
    /// What a line says; nothing when it is broken, says nothing known, or is of another version.
    pub fn read(line: &[u8]) -> Option<Self> {
        let line: Read = serde_json::from_slice(line).ok().filter(|line: &Read| line.v == VERSION)?;
        match line {
            Read { opening: Some(opening), .. } => Some(Self::Opening(opening)),
            Read { event: Some(event), .. } => Some(Self::Event(event)),
            Read { marker: Some(marker), .. } => Some(Self::Marker(marker)),
            Read { left_out: Some(flows), .. } => Some(Self::LeftOut(flows)),
            _ => None,
        }
    }

    /// The head of `flow`.
    pub fn opening(flow: &Flow) -> Self {
        Self::Opening(Opening {
            flow: Hex(flow.id),
            transport: flow.transport,
            client: flow.client,
            server: flow.server,
            seen: flow.seen,
            by: flow.by.clone(),
            began_us: flow.began_us,
        })
    }

    /// An event that has just been added to `flow`. Its bytes are written down only if they are given.
    pub fn event(flow: &Flow, event: &Event, bytes: Option<&[u8]>) -> Self {
        let client = matches!(event.what, What::Opened).then_some(flow.client).flatten();
        let what = match &event.what {
            What::Opened => Happening::Opened,
            What::Bytes { len, buffer } => {
                let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
                let hex = bytes.filter(|_| text.is_none()).map(to_hex);
                let from = flow.sent_by(event.side).total - u64::from(*len);
                let (len, buffer) = (*len, *buffer);
                Happening::Bytes(BytesLine { from, len, buffer, text: text.map(str::to_owned), hex })
            }
            What::Finished => Happening::Finished,
            What::Reset => Happening::Reset,
            What::Failed(trouble) => Happening::Failed(*trouble),
            What::Stuck => Happening::Stuck,
            What::Counted(counters) => Happening::Counted(counters.clone()),
            What::Mishap(mishap) => Happening::Mishap(*mishap),
            What::Note(text) => Happening::Note(text.clone()),
        };
        Self::Event(EventLine { flow: Hex(flow.id), at_us: event.at_us, side: event.side, client, what })
    }

    /// The line, with its line end.
    pub fn line(self) -> String {
        let mut text = serde_json::to_string(&Line { v: VERSION, record: self }).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The flow that a line is about, if it is about one.
pub fn flow_of(line: &[u8]) -> Option<FlowId> {
    flow_at_once(line).or_else(|| match Record::read(line)? {
        Record::Opening(opening) => Some(opening.flow.0),
        Record::Event(event) => Some(event.flow.0),
        _ => None,
    })
}

/// The marker that a line is, if it is one.
pub fn marker_of(line: &[u8]) -> Option<String> {
    if flow_at_once(line).is_some() {
        return None;
    }
    match Record::read(line)? {
        Record::Marker(marker) => Some(marker),
        _ => None,
    }
}

/// The flow that a line is about, found without reading the rest of it, when it begins as netlab writes it.
fn flow_at_once(line: &[u8]) -> Option<FlowId> {
    let rest = line.strip_prefix(br#"{"v":1,""#)?;
    let rest = rest.strip_prefix(br#"event":{"flow":""#).or(rest.strip_prefix(br#"opening":{"flow":""#))?;
    let (digits, rest) = rest.split_at_checked(16)?;
    let push = |id: u64, &digit: &u8| Some(id << 4 | u64::from(char::from(digit).to_digit(16)?));
    digits.iter().try_fold(0, push).filter(|_| rest.starts_with(b"\"")).map(FlowId)
}

impl Opening {
    /// A flow on which nothing has happened yet.
    pub fn into_flow(self) -> Flow {
        Flow {
            id: self.flow.0,
            transport: self.transport,
            client: self.client,
            server: self.server,
            seen: self.seen,
            by: self.by,
            inside: None,
            began_us: self.began_us,
            events: Vec::new(),
            events_left_out: 0,
            from_client: Kept::default(),
            from_server: Kept::default(),
        }
    }
}

impl TryFrom<ReadEvent> for EventLine {
    type Error = &'static str;
    fn try_from(read: ReadEvent) -> Result<Self, Self::Error> {
        let ReadEvent {
            flow,
            at_us,
            side,
            client,
            opened,
            bytes,
            finished,
            reset,
            failed,
            stuck,
            counted,
            mishap,
            note,
        } = read;
        let named = |is_there: bool, what: Happening| is_there.then_some(what);
        let what = named(opened, Happening::Opened)
            .or(bytes.map(Happening::Bytes))
            .or(named(finished, Happening::Finished))
            .or(named(reset, Happening::Reset))
            .or(failed.map(Happening::Failed))
            .or(named(stuck, Happening::Stuck))
            .or(counted.map(Happening::Counted))
            .or(mishap.map(Happening::Mishap))
            .or(note.map(Happening::Note))
            .ok_or("an event that says nothing")?;
        Ok(Self { flow, at_us, side, client, what })
    }
}

impl EventLine {
    /// Adds the event to its flow. Bytes behind a gap are counted, not kept.
    pub fn add_to(self, flow: &mut Flow, keep: usize) {
        flow.client = self.client.or(flow.client);
        let mut bytes = Vec::new();
        let what = match self.what {
            Happening::Opened => What::Opened,
            Happening::Bytes(line) => {
                let unbroken = line.from == flow.sent_by(self.side).total;
                if let (true, Some(text)) = (unbroken, line.text) {
                    bytes = text.into_bytes();
                } else if let (true, Some(hex)) = (unbroken, line.hex) {
                    bytes = from_hex(&hex);
                }
                bytes.truncate(line.len as usize);
                What::Bytes { len: line.len, buffer: line.buffer }
            }
            Happening::Finished => What::Finished,
            Happening::Reset => What::Reset,
            Happening::Failed(trouble) => What::Failed(trouble),
            Happening::Stuck => What::Stuck,
            Happening::Counted(counters) => What::Counted(counters),
            Happening::Mishap(mishap) => What::Mishap(mishap),
            Happening::Note(text) => What::Note(text),
        };
        flow.add(Event { at_us: self.at_us, side: self.side, what }, &bytes, keep);
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
