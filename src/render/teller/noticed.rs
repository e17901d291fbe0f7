//! A conversation in one line, as it is noticed: who, how much, and where the first message ends.

use crate::evidence::{Flow, Side, Transport, What};
use crate::meaning::{self, Reading};
use crate::proto::row::Said;
use crate::render::text::layers;
use crate::render::text::safe::short;
use crate::render::text::words::{count, number};

/// Characters of a quoted line.
const QUOTE: usize = 40;

/// A flow in words. What is quoted of it is safe to print.
#[must_use]
pub fn noticed(flow: &Flow, ascii: bool) -> String {
    let client = flow.client.as_ref().map_or_else(|| "a client".to_owned(), ToString::to_string);
    let what = layers::conversation(flow.transport, flow.layer, "datagram");
    let ends = match (&flow.client, flow.seen) {
        (None, Side::Server) => format!("an attempt to listen on {}", flow.server),
        _ => format!("{what} from {client} to {}", flow.server),
    };
    let mut parts = vec![ends];
    let failed = flow.events.iter().find_map(|event| match event.what {
        What::Failed(trouble) => Some(trouble.kind.name().to_owned()),
        _ => None,
    });
    parts.extend(failed);
    let readings = meaning::readings(flow);
    // A stream is told by what each side said first, a datagram conversation by each datagram.
    let stream = flow.transport == Transport::Tcp;
    for reading in readings.iter().filter(|reading| !stream || reading.from == 0) {
        // Readings come in the order in which the sides began to speak.
        let sent = if stream { flow.sent_by(reading.side).total } else { reading.fields.bytes.len() as u64 };
        let who = if reading.side == Side::Client { "client" } else { "server" };
        let said = said(reading, ascii).map(|said| format!(" ({said})")).unwrap_or_default();
        parts.push(format!("{} from the {who}{said}", count(sent, "byte")));
    }
    parts.join(", ")
}

/// The first message of a reading that says something, in one line.
fn said(reading: &Reading<'_>, ascii: bool) -> Option<String> {
    let mut messages = reading.protocol.messages(&reading.fields);
    let pieces = messages.find_map(|root| (reading.protocol.headline)(&reading.fields, root))?;
    let piece = |piece: &Said| match piece {
        Said::Ours(text) => (*text).to_owned(),
        Said::Theirs(value) => short(value, QUOTE, ascii),
        Said::Number(value) => number(*value),
    };
    Some(pieces.iter().map(piece).collect())
}
