//! What decides an answer: a request's head in, an answer out.
//!
//! A [`Site`] knows nothing of connections, and the connection nothing of routes. An answer is a [`Page`] that is
//! known whole, or one that takes time: a page after a while, or content that comes piece by piece.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::host;
use super::page::{After, DATE_LEN, Page, USUAL_METHODS};
use super::request::Request;
use super::switch::Switch;
use crate::proto::http::status::reason;

/// Where the server answers for itself, whatever its site says; see [`watch`](crate::lab::watch).
pub const OWN: &str = "/_watch";

/// Where it did so before, and redirects from.
pub const FORMER: &str = "/_wire";

/// A set of pages.
pub trait Site: Send + Sync + 'static {
    /// The answer to a request. Called when its head is there and holds to the rules; content may still be on its
    /// way, and is read and let go. This must not wait: an answer that takes time says so.
    fn answer(&self, request: &Request<'_>) -> Answer;

    /// Whether the site goes by this name, for somebody who came to the address `server`.
    fn has_host(&self, host: &str, server: SocketAddr) -> bool {
        host::is_own(host, server)
    }

    /// The methods that the server as a whole offers, as Allow lists them.
    fn methods(&self) -> Cow<'_, str> {
        Cow::Borrowed(USUAL_METHODS)
    }
}

/// An answer.
pub enum Answer {
    /// One that is there.
    Page(Arc<Page>),
    /// One that is sent after this long.
    Late(Duration, Arc<Page>),
    /// One whose content comes piece by piece.
    Live(Box<Live>),
    /// One behind which another protocol is spoken; where the client did not ask for it, 426.
    Switch(Box<Switch>),
}

/// An answer whose content comes piece by piece.
pub struct Live {
    /// The status code.
    pub status: u16,
    /// Its fields; Date, those of the framing and Connection come by themselves.
    pub fields: Vec<(Cow<'static, str>, String)>,
    /// How the client is told where it ends.
    pub ending: Ending,
    /// Where the pieces come from.
    pub source: Box<dyn Source>,
    /// Whether it has no end of its own. Then it is logged when it begins, and ends when the server stops or the
    /// client finishes; what it says is counted and not written down as evidence, which it would push out.
    pub endless: bool,
    /// Whether it breaks off where its pieces end: nothing says that this was all, and the connection closes.
    pub breaks_off: bool,
}

/// How a client is told where content ends (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// In chunks; a client that speaks HTTP/1.0 hears it from the close instead.
    Chunked,
    /// By this many bytes. If there are fewer or more, the connection closes.
    Length(u64),
    /// By the close.
    Close,
}

/// Where the pieces of an answer come from.
pub trait Source: Send {
    /// The next piece; nothing when that was all. It may take as long as it likes, and may be dropped while it waits:
    /// then the next call brings the same piece.
    fn next(&mut self) -> Next<'_>;
}

/// A piece that is on its way.
pub type Next<'a> = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + 'a>>;

impl Answer {
    /// What is sent, when that is known whole.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        match self {
            Self::Page(page) | Self::Late(_, page) => Some(page),
            Self::Live(_) | Self::Switch(_) => None,
        }
    }

    /// The same at the same time, with this page.
    #[must_use]
    pub fn with_page(self, page: Page) -> Self {
        match self {
            Self::Late(pause, _) => Self::Late(pause, Arc::new(page)),
            Self::Page(_) | Self::Live(_) | Self::Switch(_) => page.into(),
        }
    }

    /// Its status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Page(page) | Self::Late(_, page) => page.status,
            Self::Live(live) => live.status,
            Self::Switch(_) => 101,
        }
    }
}

impl Live {
    /// Appends the head as bytes.
    pub(super) fn append_head(
        &self,
        output: &mut Vec<u8>,
        chunked: bool,
        date: &[u8; DATE_LEN],
        after: After,
    ) {
        let framing = match self.ending {
            _ if chunked => "Transfer-Encoding: chunked\r\n".to_owned(),
            Ending::Length(len) => format!("Content-Length: {len}\r\n"),
            Ending::Chunked | Ending::Close => String::new(),
        };
        output.extend_from_slice(
            format!("HTTP/1.1 {} {}\r\nDate: ", self.status, reason(self.status)).as_bytes(),
        );
        output.extend_from_slice(date);
        output.extend_from_slice(b"\r\n");
        for (name, value) in &self.fields {
            // A line end in a value would forge a line.
            let value: String = value.chars().filter(|char| !char.is_control()).collect();
            output.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        output.extend_from_slice(framing.as_bytes());
        output.extend_from_slice(after.line());
        output.extend_from_slice(b"\r\n");
    }
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Self::Page(Arc::new(page))
    }
}
