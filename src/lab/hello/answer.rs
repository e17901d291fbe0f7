//! What the hello server says: its routes, and how an answer becomes bytes (RFC 9112 §4).

use std::time::SystemTime;

use super::head::{Head, Refusal};
use crate::lab::nonce::{Nonces, PAGE};
use crate::proto::http::build::{Reply, response};

/// The article's plant: 15 characters, 18 bytes, because the seedling takes four.
pub const PLANT: &str = "🌱 Plant seeded!";
/// The greeting, unless the learner chooses another.
pub const GREETING: &str = "Hello from my netlab server";

/// What the server offers.
#[derive(Clone)]
pub struct Site {
    /// What `/` says.
    pub greeting: String,
    /// With these `/` says a second line: the learner's own value for the page.
    pub nonces: Option<Nonces>,
    /// What other paths say.
    pub elsewhere: Elsewhere,
}

/// What a path without a route of its own gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// 200 and `Default route`, as many first servers do.
    Default,
    /// 404, as HTTP means it.
    NotFound,
}

/// An answer before it is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The content, UTF-8.
    pub content: String,
}

impl Site {
    /// The routes.
    #[must_use]
    pub fn answer(&self, head: &Head) -> Answer {
        if matches!(head.method.as_str(), "CONNECT" | "TRACE") {
            return Answer { status: 405, content: format!("{} is not offered here", head.method) };
        }
        let (status, content) = match (head.path.as_str(), self.elsewhere) {
            ("/", _) => (200, self.front()),
            ("/seed-a-plant", _) => (200, PLANT.to_owned()),
            (_, Elsewhere::Default) => (200, "Default route".to_owned()),
            (_, Elsewhere::NotFound) => (404, "Nothing grows here".to_owned()),
        };
        Answer { status, content }
    }

    fn front(&self) -> String {
        match &self.nonces {
            Some(nonces) => format!("{}\nnonce={}\n", self.greeting, nonces(PAGE)),
            None => self.greeting.clone(),
        }
    }
}

impl Answer {
    /// The answer to a request that broke a rule.
    #[must_use]
    pub fn refusal(refusal: Refusal) -> Self {
        Self { status: refusal.status, content: refusal.why.to_owned() }
    }

    /// Appends the answer to `head` as bytes. HEAD gets the fields of GET and no content (RFC 9110 §9.3.2).
    /// Gives the bytes of content that were sent.
    pub fn write(&self, output: &mut Vec<u8>, head: &Head, keep: bool) -> usize {
        let connection = match (keep, head.minor) {
            (false, _) => Some("close"),
            (true, 0) => Some("keep-alive"),
            (true, _) => None,
        };
        let reply = if head.method == "HEAD" { Reply::HeadOnly } else { Reply::Whole };
        self.append(output, connection, reply)
    }

    /// Appends the answer to something that was not a request worth keeping the connection for.
    /// Gives the bytes of content that were sent.
    pub fn write_closing(&self, output: &mut Vec<u8>) -> usize {
        self.append(output, Some("close"), Reply::Whole)
    }

    fn append(&self, output: &mut Vec<u8>, connection: Option<&str>, reply: Reply) -> usize {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let mut fields = vec![("Date", date.as_str()), ("Content-Type", "text/plain; charset=utf-8")];
        fields.extend((self.status == 405).then_some(("Allow", "GET, HEAD, POST")));
        fields.extend(connection.map(|wish| ("Connection", wish)));
        let bytes = response(self.status, &fields, self.content.as_bytes(), reply)
            .expect("no field holds a line end or a length, and every status here is one");
        output.extend(bytes);
        if reply == Reply::Whole { self.content.len() } else { 0 }
    }
}
