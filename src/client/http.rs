//! Exchanges over one connection: requests are sent, and their answers come out as events, in constant memory.
//!
//! ```text
//! ask ----> fill: writes what was asked while it reads what comes, so that an early answer is heard
//!           next: Sent? Quiet? Interim* Head (Framing | Content)* End      then the next answer, or ask again
//! ```
//!
//! [`Client::next`] says what has come and never waits; when it has nothing more to say, [`Client::fill`] waits for
//! the connection. Requests may be asked one after another or all at once: answers come in order (RFC 9112 §9.3.2).
//! Where the content goes is the caller's business.

use std::future::poll_fn;
use std::mem::take;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::requests::Requests;
use super::stop::{Closed, SoFar, Stop};
use crate::evidence::{Trouble, TroubleKind};
use crate::net::link::Link;
use crate::proto::cut::ends;
use crate::proto::http::cut::{HEAD_LIMIT, HEAD_LONG, HttpCut, Part, Piece, Said};
use crate::proto::http::message::{Message, messages};
use crate::proto::http::{Framing, HTTP, rules};
use crate::proto::stream::{Carriage, Sender, Stream};

/// How long to wait for the next bytes of an answer.
const IDLE: Duration = Duration::from_secs(30);
/// An answer that comes within this time comes before anybody could have read what was sent.
const AT_ONCE: Duration = Duration::from_millis(20);
/// How long to wait for a server to close after a complete answer.
const GOODBYE: Duration = Duration::from_secs(1);
/// The room of a read, in bytes.
const ROOM: usize = 16_384;
/// The room it has once that much of one answer has come: from there on bytes are counted, and not kept.
const LARGE_ROOM: usize = 131_072;
const LARGE_FROM: u64 = 1024 * 1024;

/// What is behind an answer and begins no other.
const NO_NEXT: &str = "what came behind an answer is not the beginning of the next, which is HTTP/";
/// An answer nobody can sort in.
const NO_STATUS: &str = "the first line holds no status: three digits behind the version";
const MUCH_INTERIM: &str = "interim answers (1xx) came, more than 256 KiB of them";

/// What waits are worth, and how much one read may bring.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The room of each read; without it, as much as serves best.
    pub room: Option<usize>,
    /// How long the server may be silent.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { room: None, idle: IDLE }
    }
}

/// What has happened. Bytes are those of the latest read and are gone with the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Got<'a> {
    /// All that was asked is on its way.
    Sent,
    /// Nothing came at once: there is time for other things before the next bytes.
    Quiet,
    /// An interim answer (1xx); the final one to the same request follows.
    Interim,
    /// The head of a final answer.
    Head {
        /// The interim answers in front of it.
        interim: &'a [u8],
        /// The head, the empty line included.
        bytes: &'a [u8],
        /// The request it answers; nothing when it answers none.
        request: &'a [u8],
    },
    /// Bytes of a body that only frame its content.
    Framing(&'a [u8]),
    /// Bytes of content.
    Content(&'a [u8]),
    /// The answer is whole.
    End {
        /// Whether the server closes the connection behind it.
        closes: bool,
    },
}

/// One connection's exchanges.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    cut: HttpCut,
    requests: Requests,
    buffer: Vec<u8>,
    /// The bytes of the buffer that have come and were not looked at.
    fresh: Range<usize>,
    /// Those that were, and are to be told of.
    left: Left,
    /// Nothing more can come.
    closed: bool,
    news: Option<News>,
    /// Nothing has happened since it was said that nothing did.
    was_quiet: bool,
    answer: Answer,
    answered: usize,
    /// Whether the server closes behind the latest answer.
    closes: bool,
}

/// What is told before anything that came.
#[derive(Debug, Clone, Copy)]
enum News {
    Sent,
    Quiet,
}

/// The answer that is being read.
#[derive(Debug, Default)]
struct Answer {
    interim: Vec<u8>,
    /// Bytes of a head that has not ended.
    opening: usize,
    /// What its head says, once it has ended.
    said: Option<Said>,
    /// Bytes of content that came.
    came: u64,
}

/// What is still to be told of the latest piece.
#[derive(Debug, Default)]
struct Left {
    framing: Range<usize>,
    content: Range<usize>,
    stop: Option<Stop>,
    end: bool,
}

impl Client {
    /// For one connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            cut: HttpCut::default(),
            requests: Requests::default(),
            buffer: vec![0; limits.room.unwrap_or(ROOM)],
            fresh: 0..0,
            left: Left::default(),
            closed: false,
            news: None,
            was_quiet: false,
            answer: Answer::default(),
            answered: 0,
            closes: false,
        }
    }

    /// Asks: one request, or several in a row.
    pub fn ask(&mut self, bytes: &[u8]) {
        let before = self.requests.bytes.len();
        let found = &mut self.requests.ends;
        // Bytes that are no request are sent all the same.
        ends(&mut self.cut, Sender::Client, bytes, false, |end| found.push(before + end));
        self.requests.bytes.extend_from_slice(bytes);
        self.requests.flushed = false;
    }

    /// Waits until something can be told. False when nothing more can come.
    ///
    /// # Errors
    /// When the connection fails, or the server is silent for too long.
    pub async fn fill(&mut self, link: &mut Link) -> Result<bool, Stop> {
        if self.news.is_some() || !self.fresh.is_empty() {
            return Ok(true);
        }
        if self.closed {
            return Ok(false);
        }
        if self.limits.room.is_none() && self.buffer.len() < LARGE_ROOM && self.answer.came > LARGE_FROM {
            self.buffer.resize(LARGE_ROOM, 0);
        }
        let wait = if self.was_quiet { self.limits.idle } else { AT_ONCE };
        match timeout(wait, poll_fn(|context| self.poll(link, context))).await {
            Ok(moved) => {
                self.was_quiet = false;
                moved.map(|()| true)
            }
            Err(_) if !self.was_quiet => {
                self.was_quiet = true;
                self.news = Some(News::Quiet);
                Ok(true)
            }
            Err(_) => {
                link.recording().failed(TroubleKind::TimedOut.into());
                Err(Stop::Silent(self.limits.idle))
            }
        }
    }

    /// The next thing that has happened; nothing when all has been told and it is time to wait.
    ///
    /// # Errors
    /// What keeps the answer from being whole.
    #[allow(clippy::should_implement_trait, reason = "it lends bytes of its buffer, which no iterator can")]
    pub fn next(&mut self) -> Result<Option<Got<'_>>, Stop> {
        match self.news.take() {
            Some(News::Sent) => return Ok(Some(Got::Sent)),
            Some(News::Quiet) => return Ok(Some(Got::Quiet)),
            None => {}
        }
        loop {
            let (framing, content) = (take(&mut self.left.framing), take(&mut self.left.content));
            if !framing.is_empty() {
                self.left.content = content;
                return Ok(Some(Got::Framing(&self.buffer[framing])));
            }
            if !content.is_empty() {
                self.answer.came += content.len() as u64;
                return Ok(Some(Got::Content(&self.buffer[content])));
            }
            if let Some(stop) = self.left.stop.take() {
                return Err(stop);
            }
            if take(&mut self.left.end) {
                self.answer = Answer::default();
                self.answered += 1;
                return Ok(Some(Got::End { closes: self.closes }));
            }
            if self.fresh.is_empty() && !self.closed {
                return Ok(None);
            }
            match self.look()? {
                None => {}
                Some(true) => return Ok(Some(Got::Interim)),
                Some(false) => {
                    return Ok(Some(Got::Head {
                        interim: &self.answer.interim,
                        bytes: self.cut.head(Sender::Server),
                        request: self.requests.number(self.answered),
                    }));
                }
            }
        }
    }

    /// How many bytes came behind the last answer that was told.
    #[must_use]
    pub fn surplus(&self) -> usize {
        self.fresh.len()
    }

    /// How far the answer has come that is not whole.
    #[must_use]
    pub fn so_far(&self) -> SoFar {
        let came = self.answer.came;
        match (&self.answer.said, self.answer.opening) {
            (Some(said), _) => {
                let promised = match said.framing {
                    Framing::Length(length) if came < length => Some(length),
                    _ => None,
                };
                SoFar::Content { came, promised }
            }
            (None, 0) if self.requests.bytes.is_empty() => SoFar::Unasked,
            (None, 0) if !self.answer.interim.is_empty() => SoFar::Interim,
            (None, 0) => SoFar::Nothing,
            (None, came) => SoFar::Head(came),
        }
    }

    /// Leaves: a server that said it would close goes first, any other is told that nothing more is asked.
    pub async fn part(&mut self, link: &mut Link) {
        let goes = timeout(GOODBYE, link.read(&mut self.buffer));
        // Behind a FIN nobody needs ours, which the system sends; a session over TLS is said to be over by both sides
        // (RFC 8446 §6.1).
        if self.closes && matches!(goes.await, Ok(Ok(0) | Err(_))) && !link.is_secured() {
            return;
        }
        // The answers are here; if the goodbye fails, the link has written it down.
        let _ = link.shutdown().await;
    }

    /// Writes what can be written, and reads if nothing could.
    fn poll(&mut self, link: &mut Link, context: &mut Context<'_>) -> Poll<Result<(), Stop>> {
        if self.requests.poll_write(link, context) {
            if self.requests.flushed {
                self.news = Some(News::Sent);
            }
            return Poll::Ready(Ok(()));
        }
        let mut room = ReadBuf::new(&mut self.buffer);
        match ready!(Pin::new(link).poll_read(context, &mut room)) {
            Ok(()) => {
                self.fresh = 0..room.filled().len();
                self.closed = self.fresh.is_empty();
                Poll::Ready(Ok(()))
            }
            Err(error) => {
                let trouble = self.requests.failed.unwrap_or_else(|| Trouble::from(&error));
                Poll::Ready(Err(Stop::BrokenOff(trouble)))
            }
        }
    }

    /// Looks at the next piece of what came. Whether a head ended there, and if so whether it is an interim one.
    fn look(&mut self) -> Result<Option<bool>, Stop> {
        let piece = self.cut.piece(Sender::Server, &self.buffer[self.fresh.clone()], self.closed);
        let at = self.fresh.start;
        self.fresh.start += piece.used;
        let closed = self.closed && self.fresh.is_empty();
        match piece.part {
            Part::Head(said) => {
                let stop = self.begins(said)?;
                self.left.end = piece.whole && !said.is_interim;
                return Ok(Some(stop));
            }
            Part::Body => {
                self.left.framing = at..at + piece.content.start;
                self.left.content = at + piece.content.start..at + piece.content.end;
                self.left.end = piece.whole;
            }
            Part::Opening => self.answer.opening += piece.used,
            Part::Beyond if piece.used > 0 => return Err(Stop::Broken(NO_NEXT)),
            Part::Beyond => {}
        }
        self.left.stop = match piece.broken {
            Some(broken) => Some(self.broken(&piece, broken.rule)),
            None if closed && !piece.whole => Some(self.closed_early()),
            None => None,
        };
        Ok(None)
    }

    /// A head has ended. Whether it is an interim one.
    fn begins(&mut self, said: Said) -> Result<bool, Stop> {
        let head = self.cut.head(Sender::Server);
        self.answer.opening = 0;
        if said.status == 0 {
            return Err(Stop::Broken(NO_STATUS));
        }
        if said.is_interim {
            if self.answer.interim.len() + head.len() > HEAD_LIMIT {
                return Err(Stop::Broken(MUCH_INTERIM));
            }
            self.answer.interim.extend_from_slice(head);
            return Ok(true);
        }
        let other = self.requests.number(self.answered);
        let fields = HTTP.dissect(Stream {
            bytes: head,
            other,
            sender: Sender::Server,
            carriage: Carriage::Stream,
            ended: false,
        });
        self.closes = messages(&fields).first().is_some_and(Message::closes);
        self.answer.said = Some(said);
        Ok(false)
    }

    /// Why there is no going on.
    fn broken(&self, piece: &Piece, rule: &'static str) -> Stop {
        if rule == rules::NO_END_OF_HEAD {
            return self.closed_early();
        }
        match (piece.part, self.so_far()) {
            (Part::Opening, _) if rule == HEAD_LONG => Stop::Broken(rule),
            (Part::Opening, _) if self.answered > 0 || !self.answer.interim.is_empty() => {
                Stop::Broken(NO_NEXT)
            }
            (Part::Opening, _) => {
                let head = self.cut.head(Sender::Server);
                let start = head.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(head.len());
                Stop::Foreign(head[start..].to_vec())
            }
            (_, SoFar::Content { came, promised: Some(promised) }) if rule == rules::TOO_SHORT => {
                Stop::Short { promised, came }
            }
            _ => Stop::Broken(rule),
        }
    }

    /// The server has closed.
    fn closed_early(&self) -> Stop {
        match (self.so_far(), self.requests.failed) {
            (SoFar::Unasked | SoFar::Nothing, Some(trouble)) => Stop::BrokenOff(trouble),
            (SoFar::Interim, _) => Stop::Closed(Closed::Interim),
            (SoFar::Head(_), _) => Stop::Closed(Closed::InHead),
            _ if self.answered > 0 => Stop::Closed(Closed::Between),
            _ => Stop::Closed(Closed::Wordless),
        }
    }
}
