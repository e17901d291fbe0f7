//! One line of the journal: the form evidence has on disk.
//!
//! Bytes that are UTF-8 are stored as text and others as hex, so that a person can read the file.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::event::{Event, Side, Trouble, What};
use super::flow::{Flow, FlowId, Kept, Transport};

/// The version of this form. A line of another version is left alone.
pub const VERSION: u32 = 1;

/// A line, as JSON with the version beside it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// The form's version.
    pub v: u32,
    /// What the line says.
    #[serde(flatten)]
    pub record: Record,
}

/// What a line says.
#[derive(Debug, Serialize, Deserialize)]
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

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Happening {
    Opened,
    Bytes(BytesLine),
    Finished,
    Reset,
    Failed(Trouble),
    Note(String),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex(pub FlowId);

impl From<Hex> for String {
    fn from(hex: Hex) -> Self {
        hex.0.to_string()
    }
}

impl TryFrom<String> for Hex {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(|id| Self(FlowId(id)))
    }
}

impl Record {
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
