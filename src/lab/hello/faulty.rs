//! A site whose answers are broken on purpose, so that clients can be seen to cope or not.
//!
//! What the site beneath answers is sent in another framing, more slowly, or not to its end. Of an answer that was to come
//! late, the content comes late. Answers without content, and those that come in pieces by themselves, stay as they are.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::page::Page;
use super::request::Request;
use super::site::{Answer, Ending, Live, Next, Site, Source};

/// How many bytes of content a chunk holds, so that even a greeting takes more than one.
const CHUNK: usize = 16;

/// What is done to answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// How the end of content is told, in the place of its true length.
    pub ending: Option<Ending>,
    /// How long before each byte of content nothing is sent.
    pub slow: Option<Duration>,
    /// After how many bytes of content the connection closes.
    pub cut: Option<usize>,
}

impl Faults {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A site with faults.
pub struct Faulty {
    site: Arc<dyn Site>,
    faults: Faults,
}

impl Faulty {
    /// The site with these faults.
    #[must_use]
    pub fn new(site: Arc<dyn Site>, faults: Faults) -> Self {
        Self { site, faults }
    }

    fn broken(&self, late: Duration, page: &Page) -> Answer {
        let content = page.content();
        let end = self.faults.cut.unwrap_or(content.len()).min(content.len());
        let length = Ending::Length(content.len() as u64);
        Answer::Live(Box::new(Live {
            status: page.status,
            fields: page.own_fields(),
            ending: self.faults.ending.unwrap_or(length),
            source: Box::new(Pieces {
                content: content[..end].to_vec(),
                at: 0,
                size: if self.faults.slow.is_some() { 1 } else { CHUNK },
                late,
                pause: self.faults.slow.unwrap_or_default(),
            }),
            endless: false,
            breaks_off: end < content.len(),
        }))
    }
}

impl Site for Faulty {
    fn answer(&self, request: &Request<'_>) -> Answer {
        match self.site.answer(request) {
            Answer::Page(page) if !page.content().is_empty() => self.broken(Duration::ZERO, &page),
            Answer::Late(late, page) if !page.content().is_empty() => self.broken(late, &page),
            answer => answer,
        }
    }

    fn has_host(&self, host: &str, server: SocketAddr) -> bool {
        self.site.has_host(host, server)
    }

    fn methods(&self) -> Cow<'_, str> {
        self.site.methods()
    }
}

/// Content in pieces of a size, with a pause before each, and another one before the first.
struct Pieces {
    content: Vec<u8>,
    at: usize,
    size: usize,
    late: Duration,
    pause: Duration,
}

impl Source for Pieces {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            if self.at == self.content.len() {
                return None;
            }
            let pause = if self.at == 0 { self.late + self.pause } else { self.pause };
            if !pause.is_zero() {
                sleep(pause).await;
            }
            // Nothing is waited for behind this line, so a piece is given or still to come.
            let piece = &self.content[self.at..(self.at + self.size).min(self.content.len())];
            self.at += piece.len();
            Some(piece.to_vec())
        })
    }
}
