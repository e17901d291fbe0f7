//! An event as a line of the journal has it.
//!
//! Bytes that are UTF-8 are stored as text and others as hex, so that a person can read the file.

use std::borrow::Cow;
use std::num::NonZeroU64;

use serde::{Deserialize, Deserializer, Serialize};

use super::counters::Counters;
use super::end::End;
use super::event::{Event, Judged, Mishap, Side, Trouble, Waiting, What};
use super::flow::Flow;
use super::id::FlowId;

/// An event of a flow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "ReadEvent")]
pub struct EventLine {
    /// The flow it belongs to.
    pub flow: FlowId,
    at_us: u64,
    side: Side,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<End>,
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
    Acknowledged,
    Waiting(Vec<Waiting>),
    Unaccepted,
    Judged(Box<Judged>),
    Note(String),
    Because(FlowId),
    Speaks(Cow<'static, str>),
    /// Something a later netlab has a word for. It is read and never written.
    #[serde(skip)]
    Unknown,
}

/// An event as it is read, each member named so that serde reads it in one go.
#[derive(Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member whose name says it all")]
struct ReadEvent {
    flow: FlowId,
    at_us: u64,
    side: Side,
    client: Option<End>,
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
    #[serde(default, deserialize_with = "is_there")]
    acknowledged: bool,
    waiting: Option<Vec<Waiting>>,
    #[serde(default, deserialize_with = "is_there")]
    unaccepted: bool,
    judged: Option<Box<Judged>>,
    note: Option<String>,
    because: Option<FlowId>,
    speaks: Option<Cow<'static, str>>,
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
    /// Of a flow inside another one: how far that one was in this direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beneath: Option<NonZeroU64>,
}
impl From<ReadEvent> for EventLine {
    fn from(read: ReadEvent) -> Self {
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
            acknowledged,
            waiting,
            unaccepted,
            judged,
            note,
            because,
            speaks,
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
            .or(named(acknowledged, Happening::Acknowledged))
            .or(waiting.map(Happening::Waiting))
            .or(named(unaccepted, Happening::Unaccepted))
            .or(judged.map(Happening::Judged))
            .or(note.map(Happening::Note))
            .or(because.map(Happening::Because))
            .or(speaks.map(Happening::Speaks))
            .unwrap_or(Happening::Unknown);
        Self { flow, at_us, side, client, what }
    }
}

impl EventLine {
    /// An event that has just been added to `flow`. Its bytes are written down only if they are given; they may be the
    /// first of them.
    pub fn of(flow: &Flow, event: &Event, bytes: Option<&[u8]>) -> Self {
        let client = if event.what == What::Opened { flow.client.clone() } else { None };
        let what = match &event.what {
            What::Opened => Happening::Opened,
            What::Bytes { len, buffer, beneath } => {
                let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
                let hex = bytes.filter(|_| text.is_none()).map(to_hex);
                let from = flow.sent_by(event.side).total - u64::from(*len);
                let (len, buffer, beneath) = (*len, *buffer, *beneath);
                Happening::Bytes(BytesLine { from, len, buffer, text: text.map(str::to_owned), hex, beneath })
            }
            What::Finished => Happening::Finished,
            What::Reset => Happening::Reset,
            What::Failed(trouble) => Happening::Failed(*trouble),
            What::Stuck => Happening::Stuck,
            What::Counted(counters) => Happening::Counted(counters.clone()),
            What::Mishap(mishap) => Happening::Mishap(*mishap),
            What::Acknowledged => Happening::Acknowledged,
            What::Waiting(waiting) => Happening::Waiting(waiting.clone()),
            What::Unaccepted => Happening::Unaccepted,
            What::Judged(judged) => Happening::Judged(judged.clone()),
            What::Note(text) => Happening::Note(text.clone()),
            What::Because(flow) => Happening::Because(*flow),
            What::Speaks(protocol) => Happening::Speaks(protocol.clone()),
        };
        Self { flow: flow.id, at_us: event.at_us, side: event.side, client, what }
    }

    /// Adds the event to its flow. Bytes behind a gap are counted, not kept, and so is an event of an unknown kind.
    pub fn add_to(self, flow: &mut Flow, keep: usize) {
        if self.client.is_some() {
            flow.client = self.client;
        }
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
                What::Bytes { len: line.len, buffer: line.buffer, beneath: line.beneath }
            }
            Happening::Finished => What::Finished,
            Happening::Reset => What::Reset,
            Happening::Failed(trouble) => What::Failed(trouble),
            Happening::Stuck => What::Stuck,
            Happening::Counted(counters) => What::Counted(counters),
            Happening::Mishap(mishap) => What::Mishap(mishap),
            Happening::Acknowledged => What::Acknowledged,
            Happening::Waiting(waiting) => What::Waiting(waiting),
            Happening::Unaccepted => What::Unaccepted,
            Happening::Judged(judged) => What::Judged(judged),
            Happening::Note(text) => What::Note(text),
            Happening::Because(flow) => What::Because(flow),
            Happening::Speaks(protocol) => What::Speaks(protocol),
            Happening::Unknown => {
                flow.events_left_out += 1;
                return;
            }
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
