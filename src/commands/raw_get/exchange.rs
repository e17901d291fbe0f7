//! Requests and their answers on one connection: the client says what happens, the screen and the outlet take it.

use super::outlet::{Outlet, Wishes};
use super::stopped;
use super::wanted::Wanted;
use crate::client::http::{Client, Got, Limits};
use crate::error::Failure;
use crate::evidence::Recording;
use crate::net::link::Link;
use crate::proto::http::HTTP;
use crate::proto::http::message::messages;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::teller::content::{Accepts, Content};
use crate::render::teller::journey::Journey;
use crate::render::text::words::count;

/// Sending the requests and reading the answers to their ends, in constant memory.
pub struct Exchange<'a> {
    journey: &'a Journey,
    outlet: Outlet<'a>,
    client: Client,
    /// All answers have come that were wanted.
    is_done: bool,
}

/// How the reading of an answer came to an end.
enum End {
    /// It is whole; whether the server closes the connection behind it.
    Whole { closes: bool },
    /// Nobody wants to see more of it.
    Unwanted,
}

impl<'a> Exchange<'a> {
    /// Gets ready.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn new(wishes: Wishes<'a>, journey: &'a Journey) -> Result<Self, Failure> {
        let client = Client::new(Limits { room: wishes.room, ..Limits::default() });
        Ok(Self { journey, outlet: Outlet::new(wishes, journey)?, client, is_done: false })
    }

    /// Runs it. All answers are whole when this succeeds, unless nobody wants to see them any more.
    ///
    /// # Errors
    /// What kept an answer from being whole.
    pub async fn run(&mut self, link: &mut Link, wanted: &Wanted) -> Result<(), Failure> {
        for at in 0..wanted.answers {
            if let Some(request) = wanted.requests.get(at) {
                self.journey.asks();
                self.client.ask(request);
            }
            let End::Whole { closes } = self.answer(link).await? else { return Ok(()) };
            let left = wanted.answers - at - 1;
            if closes && left > 0 {
                self.journey.note(&format!(
                    "the server closes the connection behind this answer, so {left} more {} to be had on it",
                    if left == 1 { "answer is not" } else { "answers are not" }
                ));
                break;
            }
        }
        let surplus = self.client.surplus() as u64;
        if surplus > 0 {
            self.journey.note(&format!(
                "{} more came behind the end of the answer, and nobody had asked for them",
                count(surplus, "byte")
            ));
        }
        self.is_done = true;
        self.outlet.flush()
    }

    /// Says goodbye, if all has come that was wanted. It takes no more than a second.
    pub async fn part(&mut self, link: &mut Link) {
        if self.is_done {
            self.client.part(link).await;
        }
    }

    /// How far the answer has come that is not whole, as a sentence part.
    #[must_use]
    pub fn so_far(&self) -> String {
        stopped::so_far(self.client.so_far())
    }

    /// Whatever became of it: what came is shown and written, and told about.
    #[must_use]
    pub fn over(mut self) -> Vec<Content> {
        // Why it ended too early has been said already.
        let _ = self.outlet.end(false);
        let _ = self.outlet.flush();
        self.outlet.contents().to_vec()
    }

    /// Reads one answer to its end. What came behind it stays for the next.
    async fn answer(&mut self, link: &mut Link) -> Result<End, Failure> {
        let recording = link.recording().clone();
        loop {
            match self.client.next() {
                Ok(Some(got)) => {
                    if let Some(closes) = told(&mut self.outlet, self.journey, got, &recording)? {
                        self.outlet.end(true)?;
                        return Ok(End::Whole { closes });
                    }
                }
                Ok(None) => {
                    if let Err(stop) = self.client.fill(link).await {
                        return Err(stopped::failure(stop, recording.server(), &self.so_far()));
                    }
                }
                Err(stop) => return Err(stopped::failure(stop, recording.server(), &self.so_far())),
            }
            if self.outlet.is_gone() {
                return Ok(End::Unwanted);
            }
        }
    }
}

/// Takes one thing that happened. When the answer is whole, whether the server closes behind it.
fn told(
    outlet: &mut Outlet<'_>,
    journey: &Journey,
    got: Got<'_>,
    recording: &Recording,
) -> Result<Option<bool>, Failure> {
    match got {
        Got::Sent | Got::Interim => {}
        Got::Quiet => journey.catches_up(),
        Got::Head { interim, bytes, request } => {
            let stream = Stream {
                bytes,
                other: request,
                sender: Sender::Server,
                carriage: Carriage::Stream,
                ended: false,
            };
            let fields = HTTP.dissect(stream);
            if let Some(message) = messages(&fields).first() {
                journey.expects(message.content_length());
                outlet.begin(message, &[interim, bytes].concat(), request, accepts(request));
            }
        }
        Got::Framing(bytes) => outlet.framing(bytes, recording),
        Got::Content(bytes) => outlet.content(bytes, recording)?,
        Got::End { closes } => return Ok(Some(closes)),
    }
    Ok(None)
}

/// Which codings a request says that its sender understands.
fn accepts(request: &[u8]) -> Accepts {
    let fields = HTTP.dissect(Stream::alone(request, Sender::Client, Carriage::Stream));
    messages(&fields).first().map(Accepts::of).unwrap_or_default()
}
