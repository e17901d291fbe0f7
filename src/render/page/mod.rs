//! The page at `/_watch`, and the events it shows: HTML for a browser, JSON for its script.
//!
//! The page is put together from three files, so that each can be read as what it is. It may run this script, use
//! this style and listen to its own server, and nothing else: the policy names both by their hash. Whatever came from
//! the network reaches it as JSON, and the script makes text of it and never markup; the policy has browsers that know
//! trusted types hold it to that.

use std::collections::HashMap;
use std::net::SocketAddr;

use data_encoding::BASE64;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::evidence::flow::Flow;
use crate::evidence::{Event, FlowId, Opening, Side, Transport, What};
use crate::lab::watch::{self, Shows};
use crate::lab::window::{Exchange, KEEP, MANY};
use crate::meaning::{self, Reading};
use crate::proto::field::Shown;
use crate::render::json::{self, Field, SCHEMA, hex, text};
use crate::render::lab::server;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Fields of each direction that are shown; a request of usual size has some eighty.
const FIELDS: usize = 600;

/// How the page looks.
#[must_use]
pub fn shows() -> Shows {
    Shows { page: page(), policy: policy(), greeting, exchange, left_out }
}

fn page() -> String {
    PAGE.replace("/* style.css */", STYLE).replace("/* script.js */", SCRIPT)
}

/// What a browser may let the page do (Content Security Policy, Level 3).
fn policy() -> String {
    let (script, style) = (hash(SCRIPT), hash(STYLE));
    format!(
        "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// What names an inline script or style in a policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// The first event: which run of the server this is, who listens, and how much is kept.
fn greeting(run: &str, client: SocketAddr) -> String {
    let client = client.to_string();
    text(
        &json!({ "schema": SCHEMA, "run": run, "client": client, "kept_bytes": KEEP, "kept_requests": MANY }),
    )
}

fn left_out(many: u64) -> String {
    text(&json!({ "left_out": many }))
}

/// What is told of a request and its answer.
#[derive(Serialize)]
struct Told {
    request: Value,
    server: String,
    own: bool,
    asked_us: u64,
    answered_us: u64,
    client_bytes: u64,
    client_hex: String,
    server_bytes: u64,
    server_hex: String,
    readings: Vec<Read>,
}

/// What the bytes of one direction mean.
#[derive(Serialize)]
struct Read {
    side: Side,
    from: u64,
    protocol: &'static str,
    fields: Vec<Field>,
    fields_left_out: usize,
}

/// A request and its answer, with what their bytes mean.
fn exchange(exchange: &Exchange) -> String {
    let (client, server) = (&exchange.from_client, &exchange.from_server);
    let flow = flow(exchange);
    let told = Told {
        request: server::request(&exchange.told),
        server: exchange.server.to_string(),
        own: watch::is_own(&exchange.told.headline),
        asked_us: exchange.asked_us,
        answered_us: exchange.answered_us,
        client_bytes: client.total,
        client_hex: hex(&client.bytes),
        server_bytes: server.total,
        server_hex: hex(&server.bytes),
        readings: meaning::readings(&flow).iter().map(reading).collect(),
    };
    text(&HashMap::from([("exchange", told)]))
}

/// The two as a conversation of their own, so that they are read as every other is.
fn flow(exchange: &Exchange) -> Flow {
    let (client, server) = (&exchange.from_client, &exchange.from_server);
    let said = |side, at_us, total: u64| {
        let len = u32::try_from(total).unwrap_or(u32::MAX);
        Event { at_us, side, what: What::Bytes { len, buffer: None, beneath: None } }
    };
    let finished = |side, finished: bool| {
        finished.then_some(Event { at_us: exchange.answered_us, side, what: What::Finished })
    };
    let mut events = vec![said(Side::Client, exchange.asked_us, client.total)];
    events.push(said(Side::Server, exchange.answered_us, server.total));
    events.extend(finished(Side::Client, exchange.client_finished));
    events.extend(finished(Side::Server, exchange.server_finished));
    let opening = Opening::answering(Transport::Tcp, exchange.told.client, exchange.server, "");
    Flow {
        events,
        from_client: client.clone(),
        from_server: server.clone(),
        ..Flow::begun(FlowId(0), &opening, exchange.asked_us)
    }
}

/// As in every document; punctuation is marked, because the page shows it only beside its bytes.
fn reading(reading: &Reading<'_>) -> Read {
    let mut fields = json::fields(&reading.fields, FIELDS);
    for (told, field) in fields.iter_mut().zip(&reading.fields.list) {
        told.punctuation = (field.spec.shown == Shown::Punctuation).then_some(true);
    }
    let fields_left_out = reading.fields.list.len() - fields.len();
    Read { side: reading.side, from: reading.from, protocol: reading.protocol.name, fields, fields_left_out }
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE, hash, page, policy};

    #[test]
    fn the_page_is_one_document_that_fetches_nothing() {
        let page = page();
        assert!(page.contains(STYLE) && page.contains(SCRIPT), "both are in it");
        assert_eq!(page.matches("<script>").count(), 1);
        assert_eq!(page.matches("<style>").count(), 1);
        // What stands between the tags is what the policy names.
        let script = page.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next());
        assert!(policy().contains(&hash(script.unwrap_or_default())));
        for outside in [" src=", "@import", "url(", "href=\"http", "https:", "importScripts"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn the_script_makes_text_and_never_markup() {
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "DOMParser",
        ] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
    }
}
