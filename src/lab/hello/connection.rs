//! The socket below a conversation: reading, writing, and waiting no longer than patience lasts.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::Hello;
use super::alarms::{Alarm, Alarms};
use super::buffers::{self, READ};
use super::conversation::{Conversation, Next};
use super::head::Ends;
use crate::lab::serve::Conn;
use crate::net::tap::Tap;

/// How much is still read from a client behind the last answer, so that it can read that answer: closing with
/// bytes unread would make the kernel send RST, and RST destroys what is on its way.
const LINGER_BYTES: usize = 8 * 1024 * 1024;

/// How long that may take.
const LINGER: Duration = Duration::from_secs(2);

/// What the evidence says of an answer without an end.
const ENDLESS: &str =
    "from here on this answer has no end of its own; what it says is counted and not written down";

/// A part of a request that is no longer than this waits for the rest in a buffer of its own size.
const SMALL: usize = READ / 8;

/// Talks until the conversation is over.
///
/// # Errors
/// When the connection breaks.
pub async fn talk(hello: &Hello, conn: Conn) -> io::Result<()> {
    let ends = Ends { client: conn.client, server: conn.server };
    let conversation = Conversation::new(hello, ends, conn.number, Instant::now());
    let mut connection = Connection {
        alarms: Alarms::new(conn.stopping, conversation.deadline()),
        stream: conn.stream,
        answer_idle: hello.patience.answer_idle,
        conversation,
        input: Vec::new(),
        output: Vec::new(),
    };
    let parting = connection.converse().await?;
    connection.flush().await?;
    connection.farewell(parting).await
}

struct Connection<'a> {
    stream: Tap<TcpStream>,
    conversation: Conversation<'a>,
    alarms: Alarms,
    answer_idle: Duration,
    /// What has been read and not used yet.
    input: Vec<u8>,
    /// Answers that have not been written yet.
    output: Vec<u8>,
}

/// How a wait for bytes ended.
enum Heard {
    Bytes,
    End,
    Late,
    Stopping,
}

/// How the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parting {
    /// Nothing of the client's can be on its way that matters.
    AtOnce,
    /// The client may still be talking.
    WhenItHasFinished,
}

impl Connection<'_> {
    async fn converse(&mut self) -> io::Result<Parting> {
        let mut now = Instant::now();
        loop {
            if self.alarms.is_stopping() {
                self.conversation.stop();
            }
            if self.output.capacity() == 0 {
                self.output = buffers::lend();
            }
            let (used, next) = self.conversation.take(&self.input, &mut self.output, now);
            self.input.drain(..used);
            self.flush().await?;
            match next {
                Next::Write => continue,
                Next::Read => {}
                Next::Pause(pause) => {
                    Box::pin(self.pause(pause)).await;
                    now = Instant::now();
                    continue;
                }
                Next::Pour => {
                    Box::pin(self.pour()).await?;
                    now = Instant::now();
                    continue;
                }
                Next::Close => return Ok(Parting::WhenItHasFinished),
            }
            let heard = self.read().await?;
            now = Instant::now();
            match heard {
                Heard::Bytes => self.conversation.heard(now),
                Heard::End => {
                    self.conversation.ended(&self.input, &mut self.output, now);
                    return Ok(Parting::AtOnce);
                }
                Heard::Late => {
                    self.conversation.late(&self.input, &mut self.output, now);
                    return Ok(Parting::WhenItHasFinished);
                }
                Heard::Stopping if self.conversation.is_idle() => return Ok(Parting::AtOnce),
                Heard::Stopping => {}
            }
        }
    }

    /// Waits for bytes. While none are there the connection holds no buffer.
    async fn read(&mut self) -> io::Result<Heard> {
        let mut woken = false;
        poll_fn(|context| {
            if let Poll::Ready(read) = self.poll_read(context) {
                return Poll::Ready(read.map(|len| if len == 0 { Heard::End } else { Heard::Bytes }));
            }
            let deadline = self.conversation.deadline();
            // Alarms that were set stay set from one request to the next; only who is woken without bytes asks them.
            if woken || !self.alarms.are_set(deadline) {
                return Poll::Ready(Ok(match ready!(self.alarms.poll(context, deadline)) {
                    Alarm::Late => Heard::Late,
                    Alarm::Stopping => Heard::Stopping,
                }));
            }
            woken = true;
            Poll::Pending
        })
        .await
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() < READ {
            let part = std::mem::replace(&mut self.input, buffers::lend());
            self.input.extend_from_slice(&part);
        }
        if self.input.capacity() - self.input.len() < READ / 4 {
            self.input.reserve(READ);
        }
        let read = pin!(self.stream.read_buf(&mut self.input)).poll(context);
        if read.is_pending() && self.input.len() <= SMALL {
            let part = self.input.as_slice().to_vec();
            buffers::give_back(&mut self.input);
            self.input = part;
        }
        read
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut at = 0;
        if self.output.is_empty() {
            buffers::give_back(&mut self.output);
            return Ok(());
        }
        while at < self.output.len() {
            let rest = &self.output[at..];
            let stream = &mut self.stream;
            let first =
                poll_fn(|context| Poll::Ready(Pin::new(&mut *stream).poll_write(context, rest))).await;
            at += match first {
                Poll::Ready(written) => written?,
                // The client has to read first.
                Poll::Pending => {
                    let Ok(written) = timeout(self.answer_idle, self.stream.write(rest)).await else {
                        let seconds = self.answer_idle.as_secs();
                        let why = format!(
                            "the client took nothing of the answer for {seconds} s, so the server gave up"
                        );
                        self.stream.recording().note(why);
                        return Err(io::ErrorKind::TimedOut.into());
                    };
                    written?
                }
            };
        }
        buffers::give_back(&mut self.output);
        Ok(())
    }

    /// Lets the time pass that an answer takes; a server that stops does not wait for it.
    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.alarms.stopped() => {}
        }
    }

    /// Sends an answer that comes piece by piece.
    async fn pour(&mut self) -> io::Result<()> {
        if self.conversation.is_endless() {
            self.stream.recording().copies_from_here(ENDLESS);
        }
        let sent = self.pour_all().await;
        if sent.is_err() {
            self.conversation.broken(Instant::now());
        }
        sent
    }

    async fn pour_all(&mut self) -> io::Result<()> {
        let (mut ignored, mut left) = (Vec::new(), LINGER_BYTES);
        while self.conversation.is_pouring() {
            if self.conversation.is_endless() {
                ignored.clear();
                let over = tokio::select! {
                    () = self.conversation.pour(&mut self.output) => false,
                    () = self.alarms.stopped() => true,
                    // Nothing that is said meanwhile is answered; that the client has finished is heard.
                    read = self.stream.read_buf(&mut ignored) => {
                        let len = read?;
                        left = left.saturating_sub(len);
                        len == 0 || left == 0
                    }
                };
                if over {
                    self.conversation.poured(&mut self.output, Instant::now());
                }
            } else {
                self.conversation.pour(&mut self.output).await;
            }
            if self.output.is_empty() {
                // A source with nothing to say lets others go first.
                tokio::task::yield_now().await;
            }
            self.flush().await?;
        }
        Ok(())
    }

    /// Says that nothing more will come, and listens until the client has said so too.
    async fn farewell(&mut self, parting: Parting) -> io::Result<()> {
        self.stream.shutdown().await?;
        if parting == Parting::AtOnce {
            return Ok(());
        }
        let mut left = LINGER_BYTES;
        let drain = async {
            while left > 0 {
                self.input.clear();
                match poll_fn(|context| self.poll_read(context)).await? {
                    0 => break,
                    len => left = left.saturating_sub(len),
                }
            }
            Ok(())
        };
        let drained = timeout(LINGER, drain).await.unwrap_or(Ok(()));
        buffers::give_back(&mut self.input);
        drained
    }
}
