//! One DNS question to one server (RFC 1035 §4.2, RFC 7766).
//!
//! The question goes out as a datagram and again when no answer comes, with the same number. An
//! answer that was cut short (TC) is fetched again over TCP. Datagrams that are not the answer are
//! noted and waited past: anyone can send us a datagram.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::clock;
use super::datagram::Datagrams;
use super::dial::dial;
use crate::evidence::{Recorder, Transport, Trouble, TroubleKind};
use crate::proto::dns;
use crate::proto::dns::message::Message;
use crate::proto::dns::query::{Query, framed};
use crate::proto::stream::{Carriage, Sender, Stream};

/// When the question is sent again if nothing has come, counted from the first sending.
const AGAIN: [Duration; 3] =
    [Duration::from_millis(800), Duration::from_millis(1_800), Duration::from_millis(3_400)];

/// The answer size a query offers to take as one datagram (EDNS, RFC 6891): what fits into one
/// packet almost everywhere.
pub const PAYLOAD: u16 = 1232;

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name, in ASCII, complete.
    pub name: String,
    /// The record type.
    pub kind: u16,
}

/// The exchange with one server, whatever came of it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The server.
    pub server: SocketAddr,
    /// What was asked.
    pub question: Question,
    /// The number the question carried.
    pub id: u16,
    /// How the answer came in the end.
    pub transport: Transport,
    /// How many times the question was sent as a datagram.
    pub sent: u32,
    /// Datagrams that came and were not the answer.
    pub strangers: u32,
    /// From the first sending to the answer, or to giving up, in microseconds.
    pub took_us: u64,
    /// The answer, or why there is none.
    pub answer: Result<Message, Trouble>,
}

/// How a question is put, where that is chosen by hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wording {
    /// The number it carries; by default a random one, which a stranger would have to guess.
    pub id: Option<u16>,
    /// Whether it is sent as a datagram once and never again.
    pub once: bool,
}

/// Which transport to ask over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Datagrams first, TCP when the answer does not fit.
    UdpThenTcp,
    /// TCP at once.
    Tcp,
}

/// Whom to ask, and how.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Where it is written down.
    pub recorder: &'a Recorder,
    /// The verb that asks.
    pub by: &'a str,
    /// The server.
    pub server: SocketAddr,
    /// Which transport to ask over.
    pub over: Over,
    /// How the question is put.
    pub wording: Wording,
    /// Until when an answer is waited for.
    pub deadline: Instant,
}

impl Asking<'_> {
    /// Asks, until there is an answer or the deadline.
    pub async fn ask(self, question: &Question) -> Asked {
        let began = clock::now_us();
        let id = self.wording.id.unwrap_or_else(random_id);
        let mut asked = Asked {
            server: self.server,
            question: question.clone(),
            id,
            transport: Transport::Udp,
            sent: 0,
            strangers: 0,
            took_us: 0,
            answer: Err(Trouble::from(TroubleKind::TimedOut)),
        };
        let mut query = Query::new(id, &question.name, question.kind);
        query.edns_payload = Some(PAYLOAD);
        if self.over == Over::UdpThenTcp {
            asked.answer = self.by_datagram(&query, &mut asked).await;
            // A server from before EDNS does not understand the question; ask as in 1987 (RFC 6891 §6.2.2).
            if matches!(&asked.answer, Ok(message) if matches!(message.rcode, 1 | 4) && message.edns.is_none())
            {
                query.edns_payload = None;
                asked.answer = self.by_datagram(&query, &mut asked).await;
            }
        }
        let cut_short = matches!(&asked.answer, Ok(message) if message.tc);
        if self.over == Over::Tcp || cut_short {
            asked.transport = Transport::Tcp;
            asked.answer = self.by_stream(&query).await;
        }
        asked.took_us = clock::now_us() - began;
        asked
    }

    /// Asks with datagrams, and counts in `asked` what went and came.
    async fn by_datagram(self, query: &Query, asked: &mut Asked) -> Result<Message, Trouble> {
        let bytes = query.bytes().map_err(|_| Trouble::from(TroubleKind::Other))?;
        let sent = read(&bytes, Sender::Client).ok_or(Trouble::from(TroubleKind::Other))?;
        let socket = Datagrams::open(self.recorder, self.by, self.server).await?;
        let began = Instant::now();
        let again = if self.wording.once { &[][..] } else { &AGAIN[..] };
        let mut again = again.iter().map(|&wait| began + wait);
        socket.send(&bytes).await?;
        asked.sent += 1;
        loop {
            let until = again.next().unwrap_or(self.deadline).min(self.deadline);
            match timeout_at(until, answer(&socket, &sent, &mut asked.strangers)).await {
                Ok(answer) => return answer,
                Err(_) if Instant::now() >= self.deadline => {
                    let trouble = Trouble::from(TroubleKind::TimedOut);
                    socket.recording().failed(trouble);
                    return Err(trouble);
                }
                Err(_) => {
                    socket.send(&bytes).await?;
                    asked.sent += 1;
                }
            }
        }
    }

    async fn by_stream(self, query: &Query) -> Result<Message, Trouble> {
        let bytes = query.bytes().map_err(|_| Trouble::from(TroubleKind::Other))?;
        let sent = read(&bytes, Sender::Client).ok_or(Trouble::from(TroubleKind::Other))?;
        let exchange = async {
            let mut stream = dial(self.recorder, self.by, self.server).await?;
            let talk = async {
                stream.write_all(&framed(&bytes)).await?;
                let len = stream.read_u16().await?;
                let mut answer = vec![0; usize::from(len)];
                stream.read_exact(&mut answer).await?;
                stream.shutdown().await?;
                Ok::<_, std::io::Error>(answer)
            };
            let answer = talk.await.map_err(|error| Trouble::from(&error))?;
            read(&answer, Sender::Server)
                .filter(|message| message.answers(&sent))
                .ok_or(Trouble::from(TroubleKind::Other))
        };
        timeout_at(self.deadline, exchange).await.unwrap_or(Err(Trouble::from(TroubleKind::TimedOut)))
    }
}

/// Waits for the datagram that answers the question, past all others.
async fn answer(socket: &Datagrams, sent: &Message, strangers: &mut u32) -> Result<Message, Trouble> {
    loop {
        let bytes = socket.receive().await?;
        match read(&bytes, Sender::Server) {
            Some(message) if message.answers(sent) => return Ok(message),
            _ => {
                *strangers += 1;
                socket
                    .recording()
                    .note("that datagram was not the answer: its number or its question differs; waiting on");
            }
        }
    }
}

fn read(bytes: &[u8], sender: Sender) -> Option<Message> {
    let fields = dns::DNS.dissect(Stream::alone(bytes, sender, Carriage::Datagram));
    Message::of(&fields)
}

/// A number that cannot be guessed from outside (RFC 5452 §4.3).
fn random_id() -> u16 {
    let [high, low, ..] = RandomState::new().hash_one(clock::now_us()).to_be_bytes();
    u16::from_be_bytes([high, low])
}
