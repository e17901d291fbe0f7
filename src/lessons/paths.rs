//! Which paths a check may use.
//!
//! - About the flow: the rows of [`FLOW_PATHS`].
//! - About fields: `PROTOCOL.NAME...`, an ordered selection of the names on the way to a field, the last
//!   being the field itself: `dns.answer.address` is `dns > answer > rdata > address`. Letter case does not
//!   matter. `client.` or `server.` before it means what that side sent: `server.dns.rcode`. `.missing` behind it is
//!   how many bytes of the field were to come and never did: `http.content.missing`.
//! - `flow` and `exchange`, counted only.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::evidence::Side;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::proto::{self, Protocol};

use super::question::Path;

/// One thing a check may ask of a flow.
#[derive(Debug)]
pub struct FlowPath {
    /// The path.
    pub path: &'static str,
    /// Whether it says that something happened, not merely which flow it is.
    pub happened: bool,
    /// What it is, for authors.
    pub meaning: &'static str,
}

/// Everything a check may ask of a flow itself.
#[rustfmt::skip]
pub const FLOW_PATHS: &[FlowPath] = &[
    FlowPath { path: "flow.by", happened: false, meaning: "who recorded it: raw-get, connect, listen, resolve, serve, lab/hello, lab/dns ..." },
    FlowPath { path: "flow.seen", happened: false, meaning: "the recording program's side: client or server" },
    FlowPath { path: "flow.transport", happened: false, meaning: "tcp or udp" },
    FlowPath { path: "flow.first", happened: true, meaning: "who sent the first byte: client or server" },
    FlowPath { path: "flow.opened", happened: true, meaning: "the connection was established since the step began" },
    FlowPath { path: "flow.failed", happened: true, meaning: "an operation failed: refused, timed-out, address-in-use ..." },
    FlowPath { path: "flow.reset", happened: true, meaning: "who broke it off: client or server" },
    FlowPath { path: "flow.closed-first", happened: true, meaning: "who said first that it would send no more: client or server" },
    FlowPath { path: "flow.half-closed", happened: true, meaning: "a side that had finished while the other still sent: client or server" },
    FlowPath { path: "client.address", happened: false, meaning: "the client's IP address" },
    FlowPath { path: "client.port", happened: false, meaning: "the client's port" },
    FlowPath { path: "client.kind", happened: false, meaning: "what kind of address that is: loopback, private, link-local, public ..." },
    FlowPath { path: "server.address", happened: false, meaning: "the server's IP address" },
    FlowPath { path: "server.kind", happened: false, meaning: "what kind of address that is" },
    FlowPath { path: "server.port", happened: false, meaning: "the server's port" },
    FlowPath { path: "client.bytes", happened: true, meaning: "how many bytes the client sent in all" },
    FlowPath { path: "server.bytes", happened: true, meaning: "how many bytes the server sent in all" },
    FlowPath { path: "tcp.read", happened: true, meaning: "a read of the recording program: how many bytes it returned" },
    FlowPath { path: "tcp.write", happened: true, meaning: "a write of the recording program: how many bytes it handed over" },
    FlowPath { path: "tcp.segments-out", happened: true, meaning: "segments this kernel had sent, whenever it was asked" },
    FlowPath { path: "tcp.data-segments-out", happened: true, meaning: "those with data" },
    FlowPath { path: "tcp.segments-retransmitted", happened: true, meaning: "those that were sent again" },
    FlowPath { path: "tcp.mss", happened: true, meaning: "the most bytes of data this kernel put into a segment" },
    FlowPath { path: "tcp.send-queue", happened: true, meaning: "bytes handed over and not acknowledged, whenever the kernel was asked" },
    FlowPath { path: "tcp.receive-queue", happened: true, meaning: "bytes received and not read, whenever the kernel was asked" },
    FlowPath { path: "tcp.send-window", happened: true, meaning: "bytes the other side said it had room for, whenever the kernel was asked" },
    FlowPath { path: "tcp.receive-window", happened: true, meaning: "bytes this side said it had room for, whenever the kernel was asked" },
    FlowPath { path: "tcp.stuck", happened: true, meaning: "a write of the recording program that could not proceed: how many bytes it had handed over by then" },
    FlowPath { path: "tcp.resumed", happened: true, meaning: "its first write that was accepted after that: how many bytes it handed over" },
    FlowPath { path: "tcp.finished", happened: true, meaning: "a side that will send no more: client or server" },
    FlowPath { path: "udp.datagram", happened: true, meaning: "a datagram: how many bytes it carried" },
    FlowPath { path: "udp.dropped", happened: true, meaning: "a datagram that the tap dropped: whose, client or server" },
    FlowPath { path: "udp.repeated", happened: true, meaning: "a datagram that the tap sent on twice: whose" },
    FlowPath { path: "udp.held-back", happened: true, meaning: "a datagram that the tap held back until another one had passed it: whose" },
];

/// What a path is about.
#[derive(Clone, Copy)]
pub enum About {
    /// The flow itself: a row of [`FLOW_PATHS`].
    Flow(&'static FlowPath),
    /// Fields of a protocol, of one side's bytes or of both.
    Fields(&'static Protocol, Option<Side>),
    /// How many connections satisfy the scene.
    Flows,
    /// How many exchanges of one connection satisfy the scene.
    Exchanges,
    /// Nothing there is.
    Unknown,
}

/// What a path is about. Does not look whether a field of that name exists; see [`problem`].
#[must_use]
pub fn about(path: &Path) -> About {
    path.about()
}

/// The same of the steps of a path.
#[must_use]
pub fn find(names: &[String]) -> About {
    let text = names.join(".");
    if let Some(row) = FLOW_PATHS.iter().find(|row| row.path == text) {
        return About::Flow(row);
    }
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["flow"] => About::Flows,
        ["exchange"] => About::Exchanges,
        ["client", protocol, ..] => fields(protocol, Some(Side::Client)),
        ["server", protocol, ..] => fields(protocol, Some(Side::Server)),
        [protocol, ..] => fields(protocol, None),
        [] => About::Unknown,
    }
}

fn fields(protocol: &str, side: Option<Side>) -> About {
    proto::named(protocol).map_or(About::Unknown, |protocol| About::Fields(protocol, side))
}

/// The names of the path that lead to fields: without the side.
#[must_use]
pub fn field_names(path: &Path) -> &[String] {
    match about(path) {
        About::Fields(_, Some(_)) => &path.names()[1..],
        _ => path.names(),
    }
}

/// The last name of a path that asks how many bytes of a field never came.
pub const MISSING: &str = "missing";

/// The names of a field, and whether they ask for what is missing of it.
#[must_use]
pub fn without_missing(names: &[String]) -> (&[String], bool) {
    match names {
        [field @ .., last] if last == MISSING && field.len() > 1 => (field, true),
        _ => (names, false),
    }
}

/// Whether the names lead to the field whose groups and own name are `way`.
#[must_use]
pub fn leads_to(names: &[String], way: &[&str]) -> bool {
    let (Some(last), Some(own)) = (names.last(), way.last()) else { return false };
    if !last.eq_ignore_ascii_case(own) {
        return false;
    }
    let mut groups = way[..way.len() - 1].iter();
    names[..names.len() - 1].iter().all(|name| groups.any(|group| group.eq_ignore_ascii_case(name)))
}

/// What is wrong with a path, if anything, as a sentence part.
#[must_use]
pub fn problem(path: &Path, count: bool) -> Option<String> {
    match about(path) {
        About::Flow(_) => None,
        About::Flows | About::Exchanges if count => None,
        About::Flows | About::Exchanges => Some(format!("{} can only be counted", path.text())),
        About::Fields(protocol, _) => {
            let (names, _) = without_missing(field_names(path));
            let known =
                ways().iter().any(|way| leads_to(names, &way.iter().map(String::as_str).collect::<Vec<_>>()));
            (!known).then(|| format!("{} has no field {}", protocol.name, names[1..].join(".")))
        }
        About::Unknown => Some(format!("nothing is called {}", path.text())),
    }
}

/// The ways to all fields, collected by dissecting samples that hold one of each.
fn ways() -> &'static BTreeSet<Vec<String>> {
    static WAYS: OnceLock<BTreeSet<Vec<String>>> = OnceLock::new();
    WAYS.get_or_init(|| {
        let mut ways = BTreeSet::new();
        for &(protocol, sender, carriage, bytes) in SAMPLES {
            let Some(protocol) = proto::named(protocol) else { continue };
            let fields = (protocol.dissect)(Stream::alone(bytes, sender, carriage));
            let mut way: Vec<String> = Vec::new();
            for field in &fields.list {
                way.truncate(usize::from(field.depth));
                way.push(field.spec.name.to_owned());
                ways.insert(way.clone());
            }
        }
        ways
    })
}

/// Bytes in which every field that a check may name occurs.
const SAMPLES: &[(&str, Sender, Carriage, &[u8])] = &[
    ("plain", Sender::Server, Carriage::Stream, b"a line\r\n"),
    ("framed", Sender::Client, Carriage::Stream, b"\0\0\0\x01a"),
    ("http", Sender::Client, Carriage::Stream, HTTP_REQUEST),
    ("http", Sender::Client, Carriage::Stream, b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("http", Sender::Client, Carriage::Stream, b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
    ("http", Sender::Client, Carriage::Stream, b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("http", Sender::Server, Carriage::Stream, HTTP_RESPONSE),
    ("http", Sender::Server, Carriage::Stream, HTTP_CHUNKS),
    (
        "dns",
        Sender::Client,
        Carriage::Stream,
        b"\0\x16\0\x01\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01",
    ),
    ("dns", Sender::Server, Carriage::Datagram, DNS_RESPONSE),
];

const HTTP_REQUEST: &[u8] = b"POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x\r\nAccept: */*\r\n\
    Accept-Encoding: x\r\nAccept-Language: x\r\nAuthorization: x\r\nConnection: close\r\nContent-Length: 1\r\n\
    Content-Type: text/plain\r\nCookie: a=b\r\nExpect: 100-continue\r\nForwarded: for=x\r\nIf-Modified-Since: x\r\n\
    If-None-Match: x\r\nOrigin: http://a.test\r\nRange: bytes=0-1\r\nReferer: x\r\nSec-WebSocket-Key: x\r\n\
    Sec-WebSocket-Version: 13\r\nTE: trailers\r\nUpgrade: x\r\nVia: 1.1 x\r\nX-Forwarded-For: x\r\n\
    X-Forwarded-Host: x\r\nX-Forwarded-Proto: x\r\n\r\nz";

const HTTP_RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nDate: x\r\nServer: x\r\nAge: 1\r\nAllow: GET\r\nCache-Control: x\r\n\
    Connection: close\r\nContent-Encoding: x\r\nContent-Language: en\r\nContent-Length: 1\r\nContent-Range: x\r\n\
    Content-Type: text/plain\r\nETag: x\r\nExpires: x\r\nKeep-Alive: timeout=5\r\nLast-Modified: x\r\nLocation: /\r\n\
    Retry-After: 1\r\nSec-WebSocket-Accept: x\r\nSet-Cookie: a=b\r\nVary: x\r\nVia: 1.1 x\r\nWWW-Authenticate: x\r\n\r\nz";

const HTTP_CHUNKS: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n1;a=b\r\nz\r\n0\r\nx-a: b\r\n\r\n";

/// One record of each type a lesson asks about, and an address in each other section.
const DNS_RESPONSE: &[u8] = b"\0\x01\x85\x80\0\x01\0\x0a\0\x01\0\x01\
    \x01a\0\0\x01\0\x01\
    \xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04\x7f\0\0\x04\
    \xc0\x0c\0\x1c\0\x01\0\0\0\x05\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\
    \xc0\x0c\0\x05\0\x01\0\0\0\x05\0\x03\x01b\0\
    \xc0\x0c\0\x02\0\x01\0\0\0\x05\0\x03\x01b\0\
    \xc0\x0c\0\x0c\0\x01\0\0\0\x05\0\x03\x01b\0\
    \xc0\x0c\0\x0f\0\x01\0\0\0\x05\0\x05\0\x0a\x01b\0\
    \xc0\x0c\0\x10\0\x01\0\0\0\x05\0\x02\x01x\
    \xc0\x0c\0\x21\0\x01\0\0\0\x05\0\x09\0\x01\0\x01\0\x50\x01b\0\
    \xc0\x0c\0\x06\0\x01\0\0\0\x05\0\x1a\x01b\0\x01c\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\
    \xc0\x0c\0\x63\0\x01\0\0\0\x05\0\x01x\
    \xc0\x0c\0\x06\0\x01\0\0\0\x05\0\x1a\x01b\0\x01c\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\
    \0\0\x29\x04\xd0\0\0\0\0\0\0";
