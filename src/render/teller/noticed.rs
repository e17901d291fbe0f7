//! A conversation in one line, as it is noticed: who, how much, and where the first message ends.

use crate::evidence::{Flow, Side, Transport, What};
use crate::meaning::{self, Reading};
use crate::render::text::safe::short;
use crate::render::text::words::{count, number};

/// Characters of a quoted line.
const QUOTE: usize = 40;

/// A flow in words. What is quoted of it is safe to print.
#[must_use]
pub fn noticed(flow: &Flow, ascii: bool) -> String {
    let client = flow.client.map_or_else(|| "a client".to_owned(), |client| client.to_string());
    let what = match flow.transport {
        Transport::Tcp => "connection",
        Transport::Udp => "datagram",
    };
    let ends = match (flow.client, flow.seen) {
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
    for reading in &readings {
        // Readings come in the order in which the sides began to speak.
        let sent = match flow.transport {
            Transport::Tcp => flow.sent_by(reading.side).total,
            Transport::Udp => reading.fields.bytes.len() as u64,
        };
        let who = if reading.side == Side::Client { "client" } else { "server" };
        let said = said(reading, ascii).map(|said| format!(" ({said})")).unwrap_or_default();
        parts.push(format!("{} from the {who}{said}", count(sent, "byte")));
    }
    parts.join(", ")
}

/// The first message of a reading: what it says, and where its head ends.
fn said(reading: &Reading<'_>, ascii: bool) -> Option<String> {
    let fields = &reading.fields;
    let text = |name: &str| {
        fields
            .roots()
            .find_map(|root| fields.find(root, name))
            .map(|at| short(&fields.value(at), QUOTE, ascii))
    };
    match reading.protocol.name {
        "http" => {
            let end = fields.roots().find_map(|root| fields.find(root, "end-of-head"));
            let end = match end {
                Some(at) => format!("empty line at byte {}", number(fields.get(at).bytes().start as u64)),
                None => "no empty line yet".to_owned(),
            };
            let line = match (text("method"), text("request-target"), text("status")) {
                (Some(method), Some(target), _) => format!("{method} {target}, "),
                (_, _, Some(status)) => format!("{status}, "),
                _ => String::new(),
            };
            Some(format!("{line}{end}"))
        }
        "dns" if reading.side == Side::Client => Some(format!("{} {}?", text("name")?, text("type")?)),
        "dns" => text("rcode"),
        _ => text("text").map(|text| format!("\"{text}\"")),
    }
}
