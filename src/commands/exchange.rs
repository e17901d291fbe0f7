//! Requests and their responses on one connection: sent, then read to their ends in constant memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::raw_get::wanted::Wanted;
use crate::error::Failure;
use crate::evidence::{Trouble, TroubleKind};
use crate::net::tap::Tap;
use crate::proto::http::decode::{BodyDecoder, State, head_end_from};
use crate::proto::http::message::{Message, messages};
use crate::proto::http::{Framing, HTTP, rules};
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::journey::Journey;
use crate::render::words::{count, number};

/// How long to wait for the next bytes of a response.
const IDLE: Duration = Duration::from_secs(30);
/// How long to wait for a server to close after a complete response.
const GOODBYE: Duration = Duration::from_secs(1);
/// The most bytes of head that are read; servers send a few hundred.
const HEAD_LIMIT: usize = 256 * 1024;

/// Sending the request and reading the response to its end, in constant memory.
pub struct Exchange<'a> {
    journey: &'a Journey,
    buffer: Vec<u8>,
    head: Vec<u8>,
    decoder: Option<BodyDecoder>,
    framing: Framing,
    closes: bool,
    /// Content of this response, and of all of them.
    content: u64,
    in_all: u64,
    most: u64,
    /// All that was sent so far, and how many responses have been read whole.
    sent: Vec<u8>,
    answered: usize,
    save: Option<(PathBuf, BufWriter<File>)>,
}

impl<'a> Exchange<'a> {
    /// Gets ready: `room` is the size of the buffer for each read, `most` how much content is taken, `save`
    /// where it goes.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(room: usize, most: u64, save: Option<&Path>, journey: &'a Journey) -> Result<Self, Failure> {
        let save = match save {
            Some(path) => {
                let file = File::create(path).map_err(|error| Failure::file(path, "writing", &error))?;
                Some((path.to_owned(), BufWriter::new(file)))
            }
            None => None,
        };
        Ok(Self {
            journey,
            buffer: vec![0; room],
            head: Vec::new(),
            decoder: None,
            framing: Framing::None,
            closes: false,
            content: 0,
            in_all: 0,
            most,
            sent: Vec::new(),
            answered: 0,
            save,
        })
    }

    /// Runs it. All responses are complete when this succeeds.
    ///
    /// # Errors
    /// What kept a response from being complete.
    pub async fn run(mut self, stream: &mut Tap<TcpStream>, wanted: &Wanted) -> Result<(), Failure> {
        let server = stream.recording().flow().server;
        let broken = |error: std::io::Error| Failure::broken_off(server, Trouble::from(&error));
        for at in 0..wanted.answers {
            if let Some(request) = wanted.requests.get(at) {
                self.journey.asks();
                self.sent.extend_from_slice(request);
                stream.write_all(request).await.map_err(broken)?;
            }
            self.answer(stream).await?;
            self.answered += 1;
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
        if let Some((path, file)) = &mut self.save {
            file.flush().map_err(|error| Failure::file(path, "writing", &error))?;
        }
        self.part(stream).await;
        Ok(())
    }

    /// Reads one response to its end. What came behind it stays for the next.
    async fn answer(&mut self, stream: &mut Tap<TcpStream>) -> Result<(), Failure> {
        let server = stream.recording().flow().server;
        self.decoder = None;
        self.content = 0;
        // Pipelined: the next answer may be here already.
        let mut state = self.heads()?;
        while state == State::More {
            let len = if let Ok(read) = timeout(IDLE, stream.read(&mut self.buffer)).await {
                read.map_err(|error| Failure::broken_off(server, Trouble::from(&error)))?
            } else {
                stream.recording().failed(Trouble::from(TroubleKind::TimedOut));
                return Err(Failure::network(
                    format!("{server} fell silent"),
                    format!(
                        "not a byte came for {} seconds and the response is not complete{}",
                        IDLE.as_secs(),
                        self.promised().map(|said| format!(": {said} so far")).unwrap_or_default()
                    ),
                ));
            };
            let buffer = std::mem::take(&mut self.buffer);
            let taken = self.take(&buffer[..len], len == 0);
            self.buffer = buffer;
            state = taken?;
        }
        match state {
            State::Broken(why) if why == rules::TOO_SHORT => {
                let why = self.promised().unwrap_or_else(|| rules::TOO_SHORT.to_owned());
                Err(Failure::network("the response is broken", why))
            }
            State::Broken(why) => Err(Failure::network("the response is broken", why)),
            State::Done | State::More => Ok(()),
        }
    }

    /// What Content-Length promised and what came, when the two differ.
    fn promised(&self) -> Option<String> {
        match self.framing {
            Framing::Length(length) if self.decoder.is_some() && self.content < length => Some(format!(
                "the server promised {} and sent {}",
                count(length, "byte"),
                number(self.content)
            )),
            _ => None,
        }
    }

    /// Leaves: a server that said it would close goes first, any other is told that we are done.
    async fn part(&mut self, stream: &mut Tap<TcpStream>) {
        if self.closes && matches!(timeout(GOODBYE, stream.read(&mut self.buffer)).await, Ok(Ok(0) | Err(_)))
        {
            return;
        }
        // The page is here; if the goodbye fails, the tap has written it down.
        let _ = stream.shutdown().await;
    }

    /// Takes what one read gave.
    fn take(&mut self, bytes: &[u8], closed: bool) -> Result<State, Failure> {
        if self.decoder.is_some() {
            let state = self.content(bytes)?;
            return Ok(match &self.decoder {
                Some(decoder) if closed && state == State::More => decoder.closed(),
                _ => state,
            });
        }
        self.head.extend_from_slice(bytes);
        if closed {
            return Ok(State::Broken(match (self.head.is_empty(), self.answered) {
                (true, 0) => "the server closed the connection without a word",
                (true, _) => "the server closed the connection before it had answered all requests",
                (false, _) => "the server closed before the blank line that ends a head",
            }));
        }
        if self.head.len() > HEAD_LIMIT {
            return Ok(State::Broken("the head does not end within 256 KiB"));
        }
        self.heads()
    }

    /// Looks for the end of the head; an interim response (1xx) is followed by another.
    fn heads(&mut self) -> Result<State, Failure> {
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
            let fields = (HTTP.dissect)(stream);
            let all = messages(&fields);
            let Some(message) = all.first() else { return Ok(State::Broken("there is no status line")) };
            let Some(status) = message.status() else {
                return Ok(State::Broken("the first line is no HTTP status line"));
            };
            if (100..200).contains(&status) && status != 101 {
                self.head.drain(..end);
                continue;
            }
            self.closes = closes(message);
            self.framing = message.framing();
            self.journey.expects(message.content_length());
            self.decoder = Some(BodyDecoder::new(self.framing));
            let rest = self.head.split_off(end);
            self.head.clear();
            return self.content(&rest);
        }
        Ok(State::More)
    }

    fn content(&mut self, bytes: &[u8]) -> Result<State, Failure> {
        let Some(decoder) = &mut self.decoder else { return Ok(State::More) };
        let mut at = 0;
        while at < bytes.len() && decoder.state() == State::More {
            let step = decoder.feed(&bytes[at..]);
            let content = &bytes[at..][step.content.clone()];
            self.content += content.len() as u64;
            self.in_all += content.len() as u64;
            if let Some((path, file)) = &mut self.save {
                file.write_all(content).map_err(|error| Failure::file(path, "writing", &error))?;
            }
            at += step.consumed;
        }
        if self.in_all > self.most {
            return Err(Failure::network(
                format!("netlab stopped after {} of content", count(self.in_all, "byte")),
                format!("at most {} were to be taken, and more came", count(self.most, "byte")),
            )
            .or_try("--max-bytes for more of it, or --save FILE, which keeps all of it in a file"));
        }
        self.journey.progressed(self.in_all);
        self.head.extend_from_slice(&bytes[at..]);
        Ok(decoder.state())
    }
}

/// The request number `at` of those that were sent, in bytes.
fn nth(sent: &[u8], at: usize) -> &[u8] {
    let fields = (HTTP.dissect)(Stream::alone(sent, Sender::Client, Carriage::Stream));
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
