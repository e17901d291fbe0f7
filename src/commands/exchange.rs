//! Requests and their responses on one connection: sent, then read to their ends in constant memory.

use std::time::Duration;

pub mod outlet;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::raw_get::wanted::Wanted;
use crate::error::Failure;
use crate::evidence::{Recording, Trouble, TroubleKind};
use crate::net::link::Link;
use crate::proto::http::decode::{BodyDecoder, State, head_end_from};
use crate::proto::http::message::{Message, messages};
use crate::proto::http::{Framing, HTTP, rules};
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::teller::content::{Accepts, Content};
use crate::render::teller::journey::Journey;
use crate::render::text::safe::short;
use crate::render::text::words::{count, number};
use outlet::{Outlet, Wishes};

/// How long to wait for the next bytes of a response.
const IDLE: Duration = Duration::from_secs(30);
/// An answer that comes within this time comes before anybody could have read what was sent.
const AT_ONCE: Duration = Duration::from_millis(20);
/// How long to wait for a server to close after a complete response.
const GOODBYE: Duration = Duration::from_secs(1);
/// The room a read has unless --read says otherwise.
const ROOM: usize = 16_384;
/// The room it has once that much of one answer has come: from there on bytes are counted, and not kept.
const LARGE_ROOM: usize = 131_072;
const LARGE_FROM: u64 = 1024 * 1024;
/// The most bytes of head that are read; servers send a few hundred.
const HEAD_LIMIT: usize = 256 * 1024;

/// Sending the request and reading the response to its end, in constant memory.
pub struct Exchange<'a> {
    journey: &'a Journey,
    outlet: Outlet<'a>,
    buffer: Vec<u8>,
    /// The buffer may become larger when much comes.
    grows: bool,
    /// Interim answers in front of the final one.
    interim: Vec<u8>,
    head: Vec<u8>,
    decoder: Option<BodyDecoder>,
    framing: Framing,
    closes: bool,
    /// All that was sent so far, and how many responses have been read whole.
    sent: Vec<u8>,
    answered: usize,
}

impl<'a> Exchange<'a> {
    /// Gets ready.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn new(wishes: Wishes<'a>, journey: &'a Journey) -> Result<Self, Failure> {
        Ok(Self {
            journey,
            buffer: vec![0; wishes.room.unwrap_or(ROOM)],
            grows: wishes.room.is_none(),
            outlet: Outlet::new(wishes, journey)?,
            interim: Vec::new(),
            head: Vec::new(),
            decoder: None,
            framing: Framing::None,
            closes: false,
            sent: Vec::new(),
            answered: 0,
        })
    }

    /// Runs it. All responses are complete when this succeeds, unless nobody wants to see them any more.
    ///
    /// # Errors
    /// What kept a response from being complete.
    pub async fn run(&mut self, stream: &mut Link, wanted: &Wanted) -> Result<(), Failure> {
        let server = stream.recording().server();
        let broken = |error: std::io::Error| Failure::broken_off(&server, Trouble::from(&error));
        for at in 0..wanted.answers {
            if let Some(request) = wanted.requests.get(at) {
                self.journey.asks();
                self.sent.extend_from_slice(request);
                stream.write_all(request).await.map_err(broken)?;
            }
            self.answer(stream).await?;
            self.answered += 1;
            if self.outlet.is_gone() {
                return Ok(());
            }
            let left = wanted.answers - self.answered;
            if self.closes && left > 0 {
                self.journey.note(&format!(
                    "the server closes the connection behind this answer, so {} more {} to be had on it",
                    left,
                    if left == 1 { "answer is not" } else { "answers are not" }
                ));
                break;
            }
        }
        if !self.head.is_empty() {
            self.journey.note(&format!(
                "{} more came behind the end of the answer, and nobody had asked for them",
                count(self.head.len() as u64, "byte")
            ));
        }
        self.outlet.flush()?;
        self.part(stream).await;
        Ok(())
    }

    /// Whatever became of it: what came is shown and written, and told about.
    #[must_use]
    pub fn over(mut self) -> Vec<Content> {
        // Why it ended too early has been said already.
        let _ = self.outlet.end(false);
        let _ = self.outlet.flush();
        self.outlet.contents().to_vec()
    }

    /// Reads one response to its end. What came behind it stays for the next.
    async fn answer(&mut self, stream: &mut Link) -> Result<(), Failure> {
        let recording = stream.recording().clone();
        let server = recording.server();
        self.decoder = None;
        // Pipelined: the next answer may be here already.
        let mut state = self.heads(&recording)?;
        while state == State::More && !self.outlet.is_gone() {
            let len = if let Ok(read) = self.read(stream).await {
                read.map_err(|error| Failure::broken_off(&server, Trouble::from(&error)))?
            } else {
                recording.failed(Trouble::from(TroubleKind::TimedOut));
                let so_far = self.so_far();
                return Err(Failure::network(
                    format!("{server} fell silent"),
                    format!("not a byte came for {} seconds: {so_far}", IDLE.as_secs()),
                ));
            };
            let buffer = std::mem::take(&mut self.buffer);
            let taken = self.take(&buffer[..len], len == 0, &recording);
            self.buffer = buffer;
            state = taken?;
            if self.grows && self.outlet.came() > LARGE_FROM {
                self.buffer.resize(LARGE_ROOM, 0);
                self.grows = false;
            }
        }
        match state {
            State::Broken(why) if why == rules::TOO_SHORT => {
                let why = self.promised().unwrap_or_else(|| rules::TOO_SHORT.to_owned());
                Err(Failure::network("the response is broken", why))
            }
            State::Broken(why) => Err(Failure::network("the response is broken", why)),
            State::Done => self.outlet.end(true),
            State::More => Ok(()),
        }
    }

    /// Waits for bytes. When none come at once there is time to show what was sent.
    async fn read(&mut self, stream: &mut Link) -> Result<std::io::Result<usize>, Elapsed> {
        if let Ok(read) = timeout(AT_ONCE, stream.read(&mut self.buffer)).await {
            return Ok(read);
        }
        self.journey.catches_up();
        timeout(IDLE, stream.read(&mut self.buffer)).await
    }

    /// How far the answer has come that is not complete, as a sentence part.
    #[must_use]
    pub fn so_far(&self) -> String {
        if let Some(said) = self.promised() {
            return format!("{said} so far");
        }
        match (&self.decoder, self.head.len()) {
            (Some(_), _) => {
                format!("{} of content came, and the end of it did not", count(self.outlet.came(), "byte"))
            }
            (None, 0) if self.sent.is_empty() => "nothing had been asked yet".to_owned(),
            (None, 0) if !self.interim.is_empty() => {
                "an interim answer (1xx) came, and the final one did not".to_owned()
            }
            (None, 0) => "the server took the request and has said nothing".to_owned(),
            (None, came) => {
                format!("{} of an answer came, and its head did not end", count(came as u64, "byte"))
            }
        }
    }

    /// What Content-Length promised and what came, when the two differ.
    fn promised(&self) -> Option<String> {
        let came = self.outlet.came();
        match self.framing {
            Framing::Length(length) if self.decoder.is_some() && came < length => {
                Some(format!("the server promised {} and sent {}", count(length, "byte"), number(came)))
            }
            _ => None,
        }
    }

    /// Leaves: a server that said it would close goes first, any other is told that we are done.
    async fn part(&mut self, stream: &mut Link) {
        if self.closes && matches!(timeout(GOODBYE, stream.read(&mut self.buffer)).await, Ok(Ok(0) | Err(_)))
        {
            return;
        }
        // The page is here; if the goodbye fails, the tap has written it down.
        let _ = stream.shutdown().await;
    }

    /// Takes what one read gave.
    fn take(&mut self, bytes: &[u8], closed: bool, recording: &Recording) -> Result<State, Failure> {
        if self.decoder.is_some() {
            let state = self.content(bytes, recording)?;
            return Ok(match &self.decoder {
                Some(decoder) if closed && state == State::More => decoder.closed(),
                _ => state,
            });
        }
        self.head.extend_from_slice(bytes);
        if let Some(strange) = strange(&self.head) {
            return if self.answered == 0 && self.interim.is_empty() {
                Err(no_http(strange))
            } else {
                Ok(State::Broken(
                    "what came behind an answer is not the beginning of the next, which is HTTP/",
                ))
            };
        }
        if closed {
            return Ok(State::Broken(match (self.head.is_empty(), self.answered) {
                (true, _) if !self.interim.is_empty() => {
                    "the server sent an interim answer (1xx) and closed before the final one"
                }
                (true, 0) => "the server closed the connection without a word",
                (true, _) => "the server closed the connection before it had answered all requests",
                (false, _) => "the server closed before the blank line that ends a head",
            }));
        }
        if self.head.len() > HEAD_LIMIT {
            return Ok(State::Broken("the head does not end within 256 KiB"));
        }
        self.heads(recording)
    }

    /// Looks for the end of the head; an interim response (1xx) is followed by another.
    fn heads(&mut self, recording: &Recording) -> Result<State, Failure> {
        while let Some(end) = head_end_from(&self.head, 0) {
            // Which request is answered decides whether content follows, so a response is read beside its own.
            let request = nth(&self.sent, self.answered);
            let stream = Stream {
                bytes: &self.head[..end],
                other: request,
                sender: Sender::Server,
                carriage: Carriage::Stream,
                ended: false,
            };
            let fields = HTTP.dissect(stream);
            let all = messages(&fields);
            let Some(message) = all.first() else { return Ok(State::Broken("there is no status line")) };
            let Some(status) = message.status() else {
                return Ok(State::Broken("the first line holds no status: three digits behind the version"));
            };
            if (100..200).contains(&status) && status != 101 {
                if self.interim.len() + end > HEAD_LIMIT {
                    return Ok(State::Broken("interim answers (1xx) came, more than 256 KiB of them"));
                }
                self.interim.extend(self.head.drain(..end));
                continue;
            }
            self.closes = closes(message);
            self.framing = message.framing();
            self.journey.expects(message.content_length());
            self.decoder = Some(BodyDecoder::new(self.framing));
            let whole = [std::mem::take(&mut self.interim).as_slice(), &self.head[..end]].concat();
            self.outlet.begin(message, &whole, request, accepts(request));
            let rest = self.head.split_off(end);
            self.head.clear();
            return self.content(&rest, recording);
        }
        Ok(State::More)
    }

    fn content(&mut self, bytes: &[u8], recording: &Recording) -> Result<State, Failure> {
        let Some(decoder) = &mut self.decoder else { return Ok(State::More) };
        let mut at = 0;
        while at < bytes.len() && decoder.state() == State::More {
            let step = decoder.feed(&bytes[at..]);
            self.outlet.framing(&bytes[at..][..step.content.start], recording);
            self.outlet.content(&bytes[at..][step.content.clone()], recording)?;
            at += step.consumed;
        }
        if let State::Broken(_) = decoder.state() {
            // Whatever this is, it is shown where the framing should be.
            self.outlet.framing(&bytes[at..], recording);
        }
        self.head.extend_from_slice(&bytes[at..]);
        Ok(decoder.state())
    }
}

/// Bytes of what is no HTTP that are shown.
const STRANGE_SHOWN: usize = 60;

/// Bytes that cannot begin an answer, whatever follows, without the empty lines some servers send in front.
fn strange(head: &[u8]) -> Option<&[u8]> {
    const BEGIN: &[u8] = b"HTTP/";
    let start = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let head = &head[start..];
    let len = head.len().min(BEGIN.len());
    (!head[..len].eq_ignore_ascii_case(&BEGIN[..len])).then_some(head)
}

/// Who listens there speaks something else.
fn no_http(head: &[u8]) -> Failure {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let shown = short(line.trim_ascii_end(), STRANGE_SHOWN, false);
    match head {
        // An alert or a handshake record (RFC 8446 §5.1).
        [0x15 | 0x16, 3, ..] => Failure::network("what listens there answers with TLS", rules::TLS)
            .or_try("ask with https:// instead of http://"),
        _ => Failure::network(
            "what listens there does not answer in HTTP",
            format!("an answer begins with HTTP/ and a version, and this one with: {shown}"),
        )
        .or_try("check the port; netlab connect HOST:PORT shows what such a server says"),
    }
}

/// Which codings a request says that its sender understands.
fn accepts(request: &[u8]) -> Accepts {
    let fields = HTTP.dissect(Stream::alone(request, Sender::Client, Carriage::Stream));
    messages(&fields).first().map(Accepts::of).unwrap_or_default()
}

/// The request number `at` of those that were sent, in bytes.
fn nth(sent: &[u8], at: usize) -> &[u8] {
    let fields = HTTP.dissect(Stream::alone(sent, Sender::Client, Carriage::Stream));
    messages(&fields)
        .get(at)
        .and_then(|message| sent.get(fields.get(message.root()).bytes()))
        .unwrap_or_default()
}

/// Whether the server closes behind this response: it says so, or speaks HTTP/1.0 and does not say that it stays.
fn closes(message: &Message<'_, '_>) -> bool {
    let says = |option: &[u8]| {
        message.fields().filter(|(name, _)| name.eq_ignore_ascii_case(b"connection")).any(|(_, value)| {
            value.split(|&byte| byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(option))
        })
    };
    says(b"close")
        || message.framing() == Framing::UntilClose
        || (message.version() == Some(b"HTTP/1.0") && !says(b"keep-alive"))
}
