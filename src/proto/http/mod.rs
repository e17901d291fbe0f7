//! HTTP/1.1: one end asks with a line of text, the other answers with one, and an empty line ends each head.
//!
//! RFC 9112 says how messages are written, RFC 9110 what they mean.
//!
//! ```text
//! HTTP-message = start-line CRLF               GET /seed-a-plant HTTP/1.1
//!                *( field-line CRLF )          Host: hello.test
//!                CRLF                          (an empty line: now it is the server's turn)
//!                [ message-body ]
//! ```
//!
//! A stream holds one message after another, each a top-level `http` field:
//!
//! ```
//! use netlab::proto::http::HTTP;
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let bytes = b"GET /seed-a-plant HTTP/1.1\r\nHost: hello.test\r\n\r\n";
//! let fields = HTTP.dissect(Stream::alone(bytes, Sender::Client, Carriage::Stream));
//! let root = fields.roots().next().expect("there is a message");
//! let path = fields.find(root, "path").expect("its target has a path");
//! assert_eq!(fields.path(path), ["http", "request-line", "request-target", "path"]);
//! assert_eq!(&*fields.value(path), b"/seed-a-plant");
//! let host = fields.find(root, "host").expect("it has a Host field");
//! assert_eq!(&*fields.value(host), b"hello.test");
//! ```
//!
//! While more bytes may come (`!stream.ended`), a message that is not all there has no problem: its
//! fields simply stop. Once nothing can follow, the field at which it stops says what is missing.
//!
//! Reading order: `start` and `target` (the first line), `lines` (the fields), `facts` (where the
//! message ends), `body`, `chunked`, `exchange` (which request a response answers), `specs`, `known`
//! and `rules` (the words); then [`message`] (asking the tree), [`decode`] (content that streams by), [`cut`] (whole
//! messages that do)
//! and [`build`] (saying it).

mod asked;
mod body;
mod chunked;
mod exchange;
pub(crate) mod facts;
pub mod grammar;
mod inflate;
mod inner;
mod known;
mod leaf;
mod lines;
pub(crate) mod rules;
mod samples;
mod scan;
mod specs;
mod start;
mod target;

pub mod build;
pub mod charset;
pub mod coding;
pub mod cut;
pub mod decode;
pub mod message;
pub mod prescan;
pub mod redirect;
pub mod status;

pub use facts::Framing;

use super::field::Fields;
use super::reader::Reader;
use super::row::{Behind, Likeness, Pairs, Protocol, Role, Said};
use super::stream::{Around, Carriage, Sender};
use exchange::Exchange;
use facts::{Facts, Method};
use grammar::Rule;
use grammar::first_line::Start;
use leaf::{Terms, empty_line, lost};
use scan::Line;
use specs::{EMPTY_LINE, MESSAGE, TUNNEL};

/// HTTP in its row of the table: 7080 is the lab's, 7777 the learner's server.
pub static HTTP: Protocol = Protocol {
    name: "http",
    title: "HTTP/1.1",
    rfc: "RFC 9112",
    ports: &[80, 8080, 7080, 7777, 3000, 8000],
    looks_like,
    read,
    pairs: Pairs::InOrder(role),
    headline,
    may_switch,
    carries: &[&inner::UNCHUNKED, &inner::UNPACKED],
    inner: inner::all,
    samples: samples::all,
    cut: || Box::new(cut::HttpCut::default()),
};

/// How many fields one stream is cut into at most; nobody reads more, and a byte can cost a field.
pub const FIELDS_LIMIT: usize = 1 << 20;

/// How many bytes are looked at to see whether they may be HTTP. Servers take no longer first lines.
const LOOK_LIMIT: usize = 8 * 1024;

/// Cuts the stream into messages and those into fields.
fn read<'a>(reader: &mut Reader<'a>, around: &Around<'a>) -> Behind {
    // Bytes past the limit exist, so an unfinished message is not to blame for them.
    let ended = around.ended && !reader.is_clipped();
    let terms = Terms::of(around.sender, ended);
    let mut exchange = Exchange::new(reader.ahead(), around.other);
    let from = reader.position();
    while !reader.at_end() {
        let behind = reader.group(&MESSAGE, |reader| {
            if reader.next_index() > FIELDS_LIMIT {
                lost(reader, &rules::TOO_MANY);
                return Behind::Nothing;
            }
            message(reader, around.sender, &mut exchange, from, terms)
        });
        if behind != Behind::Nothing {
            return behind;
        }
    }
    Behind::Nothing
}

/// Reads one message, or what stands in its place: at least one byte.
fn message(
    reader: &mut Reader<'_>,
    sender: Sender,
    exchange: &mut Exchange<'_>,
    from: usize,
    terms: Terms,
) -> Behind {
    let facts = match head(reader, sender, || exchange.method(), terms) {
        Ok(Some(facts)) => facts,
        Ok(None) => return Behind::Nothing,
        Err(rule) => {
            foreign(reader, sender, rule);
            return Behind::Nothing;
        }
    };
    if let Some(rule) = facts.settle() {
        reader.problem(rule);
    }
    if facts.is_response && exchange.switches(&facts, reader.position() - from) {
        return tunnel(reader);
    }
    body::read(reader, &facts, terms);
    if !facts.is_response && exchange.switches(&facts, reader.position() - from) {
        return tunnel(reader);
    }
    Behind::Nothing
}

/// Reads a head to its end and gives what it says; none when it does not end here.
///
/// # Errors
/// The rule because of which these bytes begin no message.
fn head(
    reader: &mut Reader<'_>,
    sender: Sender,
    method: impl FnOnce() -> Method,
    terms: Terms,
) -> Result<Option<Facts>, Rule> {
    empty_lines(reader, sender, terms);
    if reader.at_end() {
        return Ok(None);
    }
    let line = Line::measure(reader.ahead());
    let mut facts = match Start::of(line, reader.ahead(), sender) {
        Start::Request => start::request_line(reader, line, terms),
        Start::Response => start::status_line(reader, line, method(), sender, terms),
        Start::Foreign(rule) => return Err(rule),
    };
    // HTTP/0.9 has no head, and its line has said so already.
    if reader.at_end() && facts.version == facts::Version::Missing {
        return Ok(None);
    }
    Ok(lines::read(reader, &lines::HEADERS, &mut facts, terms).then_some(facts))
}

/// Marks the place from which on another protocol is spoken. Nobody says which.
fn tunnel(reader: &mut Reader<'_>) -> Behind {
    reader.group(&TUNNEL, |_| ());
    Behind::Becomes(None)
}

/// An interim response (1xx) is not the answer, except 101, behind which HTTP ends. What is no message stands in the
/// place of one.
fn role(fields: &Fields<'_>, root: usize, sender: Sender) -> Role {
    let status = fields.find(root, "status").and_then(|status| fields.number(status));
    match (sender, status) {
        (Sender::Client, _) => Role::Asks,
        (Sender::Server, Some(100 | 102..=199)) => Role::Interim,
        (Sender::Server, _) => Role::Answers,
    }
}

/// The request or the status, and where the head ends.
#[expect(clippy::unnecessary_wraps, reason = "messages of other protocols may say too little for a line")]
fn headline(fields: &Fields<'_>, root: usize) -> Option<Vec<Said>> {
    let said = |name| Some(Said::Theirs(fields.value(fields.find(root, name)?).into_owned()));
    let mut line = match (said("method"), said("request-target"), said("status")) {
        (Some(method), Some(target), _) => vec![method, Said::Ours(" "), target, Said::Ours(", ")],
        (_, _, Some(status)) => vec![status, Said::Ours(", ")],
        _ => Vec::new(),
    };
    match fields.find(root, "end-of-head") {
        Some(end) => {
            let at = fields.get(end).bytes().start as u64;
            line.extend([Said::Ours("empty line at byte "), Said::Number(at)]);
        }
        None => line.push(Said::Ours("no empty line yet")),
    }
    Some(line)
}

/// Whether the client asks for a tunnel, or the server speaks of 101.
fn may_switch(client: &[u8], server: &[u8]) -> bool {
    client.windows(8).any(|word| word == b"CONNECT ") || server.windows(4).any(|word| word == b" 101")
}

/// Reads empty lines in front of a message.
fn empty_lines(reader: &mut Reader<'_>, sender: Sender, terms: Terms) {
    while let Some(b'\r' | b'\n') = reader.ahead().first() {
        let line = Line::measure(&reader.ahead()[..reader.ahead().len().min(2)]);
        if !line.text.is_empty() {
            return;
        }
        if reader.next_index() > FIELDS_LIMIT {
            return lost(reader, &rules::TOO_MANY);
        }
        empty_line(reader, &EMPTY_LINE, line, terms);
        if sender == Sender::Server {
            reader.problem(&rules::EMPTY_FIRST);
        }
    }
}

/// Reads bytes that are no message. A response may follow them when a server has sent more content
/// than it announced; a lost request has no such sign.
fn foreign(reader: &mut Reader<'_>, sender: Sender, rule: Rule) {
    let next = match sender {
        Sender::Client => None,
        Sender::Server => reader.ahead().windows(8).position(|word| word == b"\nHTTP/1."),
    };
    match next {
        Some(feed) => leaf::judged(reader, &super::reader::UNREAD, feed + 1, Some(rule)),
        None => lost(reader, rule),
    }
}

/// Whether the bytes start like HTTP: with a known method and a space, or with a version. A beginning of either may
/// become it, and a first line that names HTTP somewhere may be a request with something wrong.
fn looks_like(bytes: &[u8], around: &Around<'_>) -> Likeness {
    if around.carriage != Carriage::Stream {
        return Likeness::No;
    }
    let first = bytes.split(|&byte| byte == b' ').next().unwrap_or_default();
    let asked = METHODS.iter().any(|method| method.as_bytes() == first) && first.len() < bytes.len();
    // Requests come from clients and responses from servers; the other way round something is odd.
    let fits = match around.sender {
        Sender::Client => asked,
        Sender::Server => bytes.starts_with(b"HTTP/"),
    };
    if fits {
        return Likeness::Is;
    }
    // RFC 9112 §2.2: empty lines before a request are passed over.
    let begun = bytes[..bytes.len().min(LOOK_LIMIT)].trim_ascii_start();
    let may_become = METHODS.iter().chain(&["HTTP/"]).any(|word| word.as_bytes().starts_with(begun));
    let line = Line::measure(begun);
    let names = line.text.windows(5).any(|word| word == b"HTTP/");
    if may_become || names || asked { Likeness::MayBe } else { Likeness::No }
}

/// The methods of RFC 9110 §9.3 and PATCH (RFC 5789).
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
