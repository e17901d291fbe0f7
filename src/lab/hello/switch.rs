//! An answer after which the connection speaks another protocol (RFC 9110 §7.8).
//!
//! ```text
//! client   GET ... Connection: Upgrade, Upgrade: NAME ──▶
//! server   ◀── 101 Switching Protocols, Upgrade: NAME          then a Talker has the connection
//!          ◀── 426 Upgrade Required, Upgrade: NAME             when the client did not ask for it
//! ```

use std::borrow::Cow;
use std::io;
use std::pin::Pin;

use tokio::sync::watch;

use super::page::Page;
use super::request::Request;
use crate::net::link::Link;
use crate::proto::http::grammar::elements;

/// Agrees to another protocol.
pub struct Switch {
    /// Its name, as Upgrade has it.
    pub to: &'static str,
    /// Fields of the 101 beside Connection and Upgrade.
    pub fields: Vec<(Cow<'static, str>, String)>,
    /// Who speaks it.
    pub talker: Box<dyn Talker>,
}

/// Speaks another protocol on a connection on which HTTP was spoken.
pub trait Talker: Send {
    /// Talks until the conversation is over; then the connection is closed. The end of the server, which
    /// [`Taken::stopping`] tells of, ends it soon.
    fn talk(self: Box<Self>, taken: Taken) -> Talking;
}

/// A conversation that goes on.
pub type Talking = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A connection that was taken over.
pub struct Taken {
    /// The connection, behind the 101.
    pub stream: Link,
    /// What the client has said in the other protocol already.
    pub ahead: Vec<u8>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
}

impl Switch {
    /// Whether a request asks for it: both fields say so, and its version knows of it. The answer to HEAD could not be told
    /// from that to GET, so it is never one.
    #[must_use]
    pub(super) fn is_asked_for(&self, request: &Request<'_>) -> bool {
        let lists = |name: &str, wanted: &str| {
            let mut all = request.fields.all(name).flat_map(elements);
            all.any(|element| element.eq_ignore_ascii_case(wanted.as_bytes()))
        };
        request.minor > 0
            && request.method != "HEAD"
            && lists("connection", "upgrade")
            && lists("upgrade", self.to)
    }

    /// What a client is told that did not ask (RFC 9110 §15.5.22).
    #[must_use]
    pub(super) fn required(&self) -> Page {
        let to = self.to;
        let text = format!("Ask for {to} with the fields Connection: Upgrade and Upgrade: {to}\n");
        let fields = [("Content-Type", "text/plain; charset=utf-8"), ("Upgrade", to)];
        Page::or_error(426, &fields, text.as_bytes())
    }

    /// Appends the 101 as bytes.
    pub(super) fn append_head(&self, output: &mut Vec<u8>) {
        output.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ");
        output.extend_from_slice(self.to.as_bytes());
        output.extend_from_slice(b"\r\n");
        for (name, value) in &self.fields {
            // A line end in a value would forge a line.
            let value: String = value.chars().filter(|char| !char.is_control()).collect();
            output.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        output.extend_from_slice(b"\r\n");
    }
}
