//! Results for programs: one JSON document for each verb. docs/json.md describes it.

use std::net::IpAddr;

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value, json};

use super::tree::problem_text;
use crate::error::Failure;
use crate::evidence::{Event, Flow, What};
use crate::meaning::{self, Reading};
use crate::net::resolve::{Lookup, Outcome};
use crate::proto::Protocol;
use crate::proto::dns::message::Record;
use crate::proto::dns::rdata::type_name;
use crate::proto::field::{self, Fields};
use crate::render::text::safe::is_hidden;
use crate::render::text::screen::Screen;

/// The version of the documents' form. It grows when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// Prints the document of a verb: its own members beside the schema and the verb's name.
pub fn document(screen: &Screen, verb: &str, members: Value) {
    let mut document = json!({ "schema": SCHEMA, "verb": verb });
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    screen.document(&text(&document));
}

/// JSON as text that may go to a terminal too: JSON escapes the C0 controls itself, the others that act on a
/// terminal or hide text are escaped here. They can only stand in strings, where an escape means the same.
#[must_use]
pub fn text(value: &impl Serialize) -> String {
    // Documents are made of text, numbers and lists, and none of those fails.
    let text = serde_json::to_string(value).unwrap_or_default();
    let acts = |char: char| char == '\u{7f}' || is_hidden(char);
    if !text.contains(acts) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if acts(char) {
            // Outside the first plane JSON writes two halves (RFC 8259 §7).
            let mut units = [0; 2];
            char.encode_utf16(&mut units).iter().for_each(|unit| {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            });
        } else {
            safe.push(char);
        }
    }
    safe
}

/// A failure.
#[must_use]
pub fn failure(failure: &Failure) -> Value {
    json!({ "what": failure.what, "why": failure.why, "try": failure.try_this, "exit": failure.exit.code() })
}

/// A flow with its events and everything its bytes mean.
#[must_use]
pub fn flow(flow: &Flow) -> Value {
    let readings: Vec<Value> = meaning::readings(flow).iter().map(reading).collect();
    json!({
        "id": flow.id.to_string(),
        "transport": flow.transport,
        "layer": flow.layer,
        "client": flow.client,
        "server": flow.server,
        "seen_from": flow.seen,
        "recorded_by": flow.by,
        "inside": flow.inside.map(|inside| inside.flow.to_string()),
        "inside_from": flow.inside.map(|inside| inside.from),
        "because": flow.because.map(|flow| flow.to_string()),
        "speaks": flow.spoken(),
        "began_us": flow.began_us,
        "events": flow.events.iter().map(event).collect::<Vec<_>>(),
        "events_left_out": flow.events_left_out,
        "client_bytes": flow.from_client.total,
        "client_bytes_left_out": flow.from_client.left_out(),
        "server_bytes": flow.from_server.total,
        "server_bytes_left_out": flow.from_server.left_out(),
        "readings": readings,
    })
}

/// One event, without the bytes.
pub(super) fn event(event: &Event) -> Value {
    let mut value = json!({ "at_us": event.at_us, "side": event.side });
    let more = match &event.what {
        What::Opened => json!({ "what": "opened" }),
        What::Bytes { len, buffer, beneath } => {
            let mut bytes = json!({ "what": "bytes", "len": len, "buffer": buffer });
            if let (Some(bytes), Some(beneath)) = (bytes.as_object_mut(), beneath) {
                bytes.insert("beneath".to_owned(), json!(beneath));
            }
            bytes
        }
        What::Finished => json!({ "what": "finished" }),
        What::Reset => json!({ "what": "reset" }),
        What::Failed(trouble) => json!({ "what": "failed", "kind": trouble.kind, "errno": trouble.errno }),
        What::Stuck => json!({ "what": "stuck" }),
        What::Counted(counters) => json!({ "what": "counted", "counters": counters }),
        What::Mishap(mishap) => json!({ "what": "mishap", "kind": mishap }),
        What::Acknowledged => json!({ "what": "acknowledged" }),
        What::Waiting(waiting) => json!({ "what": "waiting", "sockets": waiting }),
        What::Unaccepted => json!({ "what": "unaccepted" }),
        What::Judged(judged) => json!({ "what": "judged", "passed": judged.passed, "failed": judged.failed }),
        What::Note(text) => json!({ "what": "note", "text": text }),
        What::Because(flow) => json!({ "what": "because", "flow": flow.to_string() }),
        What::Speaks(protocol) => json!({ "what": "speaks", "protocol": protocol }),
    };
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

fn reading(reading: &Reading<'_>) -> Value {
    json!({
        "side": reading.side,
        "from": reading.from,
        "protocol": reading.protocol.name,
        "fields": fields(&reading.fields, usize::MAX),
    })
}

/// Bytes that were explained on their own.
#[must_use]
pub fn explained(protocol: &Protocol, tree: &Fields<'_>) -> Value {
    json!({ "protocol": protocol.name, "bytes": tree.bytes.len(), "fields": fields(tree, usize::MAX) })
}

/// A field of a document.
#[derive(Serialize)]
pub(super) struct Field {
    path: String,
    bit: u32,
    bits: u32,
    leaf: bool,
    meaning: &'static str,
    rfc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// Whether it only separates others; for those who show it elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) punctuation: Option<bool>,
}

/// The fields, flat and in pre-order, each with its path; at most so many.
pub(super) fn fields(fields: &Fields<'_>, most: usize) -> Vec<Field> {
    let mut path: Vec<&'static str> = Vec::new();
    (0..fields.list.len().min(most))
        .map(|index| {
            let field = fields.get(index);
            path.truncate(usize::from(field.depth));
            path.push(field.spec.name);
            let number = fields.number(index);
            let code = number.and_then(|number| field.spec.code(number));
            let (value, hex) = match field.value {
                field::Value::Parts => (None, None),
                kind => text_or_hex(kind, &fields.value(index)),
            };
            Field {
                path: path.join("."),
                bit: field.start,
                bits: field.len,
                leaf: fields.is_leaf(index),
                meaning: code.map_or(field.spec.meaning, |code| code.meaning),
                rfc: field.spec.rfc_of(code),
                number,
                unit: number.and_then(|_| field.spec.unit.name()),
                value,
                hex,
                problem: field.problem.filter(|_| field.is_broken()).map(problem_text),
                remark: field.problem.filter(|_| !field.is_broken()).map(problem_text),
                punctuation: None,
            }
        })
        .collect()
}

/// Bytes as text where they are UTF-8 and not opaque, else as hex.
fn text_or_hex(kind: field::Value, bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) if kind != field::Value::Opaque => (Some(text.to_owned()), None),
        _ => (None, Some(hex(bytes))),
    }
}

/// Bytes as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// A lookup with everybody who was asked.
#[must_use]
pub fn lookup(lookup: &Lookup) -> Value {
    let asked: Vec<Value> = lookup
        .asked
        .iter()
        .map(|asked| {
            json!({
                "server": asked.server.to_string(),
                "name": asked.question.name,
                "type": type_name(asked.question.kind),
                "id": asked.id,
                "transport": asked.transport,
                "datagrams_sent": asked.sent,
                "datagrams_ignored": asked.strangers,
                "took_us": asked.took_us,
                "rcode": asked.answer.as_ref().ok().map(crate::proto::dns::message::Message::rcode_name),
                "trouble": asked.answer.as_ref().err().map(|trouble| trouble.kind),
            })
        })
        .collect();
    let (outcome, records) = match &lookup.outcome {
        Outcome::Hosts(addresses) => ("hosts-file", listed(addresses)),
        Outcome::Localhost(addresses) => ("localhost", listed(addresses)),
        Outcome::Records(found) => ("records", found.iter().map(record).collect::<Vec<_>>()),
        Outcome::NoData(aliases) => ("no-data", aliases.iter().map(record).collect()),
        Outcome::NoName(aliases) => ("no-such-name", aliases.iter().map(record).collect()),
        Outcome::Declined(_) => ("declined", Vec::new()),
        Outcome::Referral(_) => ("referral", Vec::new()),
        Outcome::Silence(_) => ("no-answer", Vec::new()),
        Outcome::NoServers(_) => ("nobody-to-ask", Vec::new()),
    };
    json!({
        "name": lookup.typed,
        "type": type_name(lookup.kind),
        "outcome": outcome,
        "records": records,
        "asked": asked,
    })
}

fn listed(addresses: &[IpAddr]) -> Vec<Value> {
    addresses.iter().map(|address| json!({ "data": address.to_string() })).collect()
}

fn record(record: &Record) -> Value {
    json!({ "name": record.name, "type": type_name(record.rtype), "ttl": record.ttl, "data": record.data })
}
