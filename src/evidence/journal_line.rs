//! One line of the journal: the form evidence has on disk.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::end::End;
use super::event::{Event, Side};
use super::flow::{Flow, Inside};
use super::id::FlowId;
use super::journal_event::EventLine;
use super::layer::{Layer, Transport};
use super::opening;

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
    flow: FlowId,
    transport: Transport,
    /// Where it is not the transport itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    layer: Option<Layer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<End>,
    server: End,
    seen: Side,
    by: String,
    began_us: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inside: Option<InsideLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    because: Option<FlowId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    speaks: Option<Cow<'static, str>>,
}

/// Where a flow is inside another one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct InsideLine {
    flow: FlowId,
    /// How many bytes the client, and the server, had sent on that one before this one began.
    from: [u64; 2],
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
            flow: flow.id,
            transport: flow.transport,
            layer: (flow.layer != flow.transport.into()).then_some(flow.layer),
            client: flow.client.clone(),
            server: flow.server.clone(),
            seen: flow.seen,
            by: flow.by.clone(),
            began_us: flow.began_us,
            inside: flow.inside.map(|inside| InsideLine { flow: inside.flow, from: inside.from }),
            because: flow.because,
            speaks: flow.speaks.clone(),
        })
    }

    /// An event that has just been added to `flow`. Its bytes are written down only if they are given; they may be the
    /// first of them.
    pub fn event(flow: &Flow, event: &Event, bytes: Option<&[u8]>) -> Self {
        Self::Event(EventLine::of(flow, event, bytes))
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
        Record::Opening(opening) => Some(opening.flow),
        Record::Event(event) => Some(event.flow),
        _ => None,
    })
}

/// Whether a line begins a conversation.
pub fn is_opening(line: &[u8]) -> bool {
    line.starts_with(br#"{"v":1,"opening":"#)
        || flow_at_once(line).is_none() && matches!(Record::read(line), Some(Record::Opening(_)))
}

/// Whether a line begins a conversation inside another one. The member's name can't stand in a text, where quotes are
/// escaped.
pub fn is_inside(line: &[u8]) -> bool {
    const INSIDE: &[u8] = br#""inside":{"#;
    line.windows(INSIDE.len()).any(|part| part == INSIDE)
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
        let (transport, client, server, seen) = (self.transport, self.client, self.server, self.seen);
        let opening = opening::Opening {
            transport,
            client,
            server,
            seen,
            by: &self.by,
            because: self.because,
            speaks: None,
        };
        let mut flow = Flow::begun(self.flow, &opening, self.began_us);
        flow.layer = self.layer.unwrap_or(flow.layer);
        flow.speaks = self.speaks;
        flow.inside = self.inside.map(|InsideLine { flow, from }| Inside {
            flow,
            // Whoever knows that flow knows better.
            outermost: flow,
            from,
        });
        flow
    }
}
