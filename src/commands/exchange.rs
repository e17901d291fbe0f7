//! One request and its response: sent, then read to its end in constant memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::Failure;
use crate::evidence::{Trouble, TroubleKind};
use crate::net::tap::Tap;
use crate::proto::http::HTTP;
use crate::proto::http::decode::{BodyDecoder, State, head_end_from};
use crate::proto::http::message::messages;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::journey::Journey;

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
    closes: bool,
    content: u64,
    save: Option<(PathBuf, BufWriter<File>)>,
}

impl<'a> Exchange<'a> {
    /// Gets ready: `room` is the size of the buffer for each read, `save` where the content goes.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(room: usize, save: Option<&Path>, journey: &'a Journey) -> Result<Self, Failure> {
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
            closes: false,
            content: 0,
            save,
        })
    }

    /// Runs it. The response is complete when this succeeds.
    ///
    /// # Errors
    /// What kept the response from being complete.
    pub async fn run(mut self, stream: &mut Tap<TcpStream>, request: &[u8]) -> Result<(), Failure> {
        let server = stream.recording().flow().server;
        let broken = |error: std::io::Error| Failure::broken_off(server, Trouble::from(&error));
        stream.write_all(request).await.map_err(broken)?;
        loop {
            let len = if let Ok(read) = timeout(IDLE, stream.read(&mut self.buffer)).await {
                read.map_err(broken)?
            } else {
                let trouble = Trouble::from(TroubleKind::TimedOut);
                stream.recording().failed(trouble);
                return Err(Failure::network(
                    format!("{server} fell silent"),
                    format!(
                        "not a byte came for {} seconds and the response is not complete",
                        IDLE.as_secs()
                    ),
                ));
            };
            let bytes = self.buffer[..len].to_vec();
            match self.take(&bytes, len == 0, request)? {
                State::Done => break,
                State::Broken(why) => {
                    return Err(Failure::network("the response is broken", why));
                }
                State::More => {}
            }
        }
        if let Some((path, file)) = &mut self.save {
            file.flush().map_err(|error| Failure::file(path, "writing", &error))?;
        }
        self.part(stream).await;
        Ok(())
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
    fn take(&mut self, bytes: &[u8], closed: bool, request: &[u8]) -> Result<State, Failure> {
        if self.decoder.is_some() {
            let state = self.content(bytes)?;
            return Ok(match &self.decoder {
                Some(decoder) if closed && state == State::More => decoder.closed(),
                _ => state,
            });
        }
        self.head.extend_from_slice(bytes);
        if closed {
            return Ok(State::Broken(if self.head.is_empty() {
                "the server closed the connection without a word"
            } else {
                "the server closed before the blank line that ends a head"
            }));
        }
        if self.head.len() > HEAD_LIMIT {
            return Ok(State::Broken("the head does not end within 256 KiB"));
        }
        self.heads(request)
    }

    /// Looks for the end of the head; an interim response (1xx) is followed by another.
    fn heads(&mut self, request: &[u8]) -> Result<State, Failure> {
        while let Some(end) = head_end_from(&self.head, 0) {
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
            let close = message.field("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
            self.closes = close || message.version() == Some(b"HTTP/1.0");
            self.journey.expects(message.content_length());
            self.decoder = Some(BodyDecoder::new(message.framing()));
            let rest = self.head.split_off(end);
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
            if let Some((path, file)) = &mut self.save {
                file.write_all(content).map_err(|error| Failure::file(path, "writing", &error))?;
            }
            at += step.consumed;
        }
        self.journey.progressed(self.content);
        Ok(decoder.state())
    }
}
