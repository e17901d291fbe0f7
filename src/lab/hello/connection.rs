//! The socket below a conversation: reading, writing, and waiting no longer than patience lasts.
//!
//! ```text
//!        bytes, or an alarm            it has said something
//!   ┌▶ Read ───────────────▶ take ───────────────────────▶ Write ──┐
//!   │                         ▲ │ │                                │ all of it is sent
//!   └─────────────────────────┼─┼─┼────────────────────────────────┤
//!                             │ │ └── Pause: its time passes ──▶───┤
//!        Halt::Full: the      │ └──── Pour: piece by piece ───▶────┤
//!        client takes some ───┘       Switch: 101 is sent, and     │ nothing more is said
//!                                     a Talker takes over          ▼
//!                             farewell: FIN, then what still comes is read and let go
//! ```

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::Hello;
use super::alarms::{Alarm, Alarms};
use super::buffers::{Inbox, Outbox};
use super::conversation::{Conversation, Next};
use super::head::Ends;
use super::switch::{Taken, Talker};
use crate::lab::serve::Conn;
use crate::net::link::Link;

/// How much is still read from a client behind the last answer, so that it can read that answer: closing with
/// bytes unread would make the kernel send RST, and RST destroys what is on its way.
const LINGER_BYTES: usize = 8 * 1024 * 1024;

/// How long that may take.
const LINGER: Duration = Duration::from_secs(2);

/// How many reads one client may have answered before the others have their turn.
const READS: usize = 64;

/// What the evidence says of an answer without an end.
const ENDLESS: &str =
    "from here on this answer has no end of its own; what it says is counted and not written down";

/// Talks until the conversation is over.
///
/// # Errors
/// When the connection breaks.
pub async fn talk(hello: &Hello, conn: Conn) -> io::Result<()> {
    let ends = Ends { client: conn.client, server: conn.server, secured: conn.stream.is_secured() };
    let (now, stopping) = (Instant::now(), conn.stopping.clone());
    let conversation = Conversation::new(hello, ends, conn.number, now);
    let mut connection = Connection {
        alarms: Alarms::new(conn.stopping, conversation.deadline()),
        stream: conn.stream,
        answer_idle: hello.patience.answer_idle,
        conversation,
        input: Inbox::default(),
        output: Outbox::default(),
        next: Next::Read,
        now,
    };
    let parting = connection.converse().await?;
    connection.flush().await?;
    match connection.conversation.switched() {
        Some(talker) => connection.hand_over(talker, stopping).await,
        None => connection.farewell(parting).await,
    }
}

struct Connection<'a> {
    stream: Link,
    conversation: Conversation<'a>,
    alarms: Alarms,
    answer_idle: Duration,
    input: Inbox,
    output: Outbox,
    /// What has to happen before the conversation goes on, once all that was said has been sent.
    next: Next,
    now: Instant,
}

/// How a wait for bytes ended.
enum Heard {
    Bytes,
    End,
    Late,
    Stopping,
}

/// Why reading and answering do not just go on.
enum Halt {
    /// The client has to take some of the answers first.
    Full,
    /// An answer takes its time.
    Pause(Duration),
    /// An answer comes in pieces.
    Pour,
    /// Another protocol follows.
    Switch,
    /// Nothing more will be said.
    Over(Parting),
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
        loop {
            match poll_fn(|context| self.poll_talk(context)).await? {
                Halt::Full => self.flush().await?,
                Halt::Pause(pause) => Box::pin(self.pause(pause)).await,
                Halt::Pour => Box::pin(self.pour()).await?,
                Halt::Switch => return Ok(Parting::WhenItHasFinished),
                Halt::Over(parting) => return Ok(parting),
            }
            self.now = Instant::now();
        }
    }

    /// Reads and answers, as long as there is nothing to wait for but bytes of the client's.
    fn poll_talk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Halt>> {
        let mut reads = 0;
        loop {
            match std::mem::replace(&mut self.next, Next::Write) {
                Next::Read => {
                    self.next = Next::Read;
                    let heard = ready!(self.poll_heard(context, reads))?;
                    reads += 1;
                    if let Some(parting) = self.heard(&heard) {
                        return Poll::Ready(Ok(Halt::Over(parting)));
                    }
                }
                Next::Write => {}
                Next::Pause(pause) => return Poll::Ready(Ok(Halt::Pause(pause))),
                Next::Pour => return Poll::Ready(Ok(Halt::Pour)),
                Next::Switch => return Poll::Ready(Ok(Halt::Switch)),
                Next::Close => return Poll::Ready(Ok(Halt::Over(Parting::WhenItHasFinished))),
            }
            if self.alarms.is_stopping() {
                self.conversation.stop();
            }
            let (used, next) = self.conversation.take(self.input.unused(), self.output.say(), self.now);
            self.input.used(used);
            self.next = next;
            if !self.try_flush()? {
                return Poll::Ready(Ok(Halt::Full));
            }
        }
    }

    /// Tells the conversation what came. Gives how the connection is closed, if that was all.
    fn heard(&mut self, heard: &Heard) -> Option<Parting> {
        self.now = Instant::now();
        match heard {
            Heard::Bytes => self.conversation.heard(self.now),
            Heard::End => {
                self.conversation.ended(self.input.unused(), self.output.say(), self.now);
                return Some(Parting::AtOnce);
            }
            Heard::Late => {
                self.conversation.late(self.input.unused(), self.output.say(), self.now);
                return Some(Parting::WhenItHasFinished);
            }
            Heard::Stopping if self.conversation.is_idle() => return Some(Parting::AtOnce),
            Heard::Stopping => {}
        }
        None
    }

    /// Waits for bytes.
    fn poll_heard(&mut self, context: &mut Context<'_>, reads: usize) -> Poll<io::Result<Heard>> {
        if reads == READS {
            // Others go first.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Poll::Ready(read) = self.poll_read(context) {
            return Poll::Ready(read.map(|len| if len == 0 { Heard::End } else { Heard::Bytes }));
        }
        let deadline = self.conversation.deadline();
        // Alarms that were set stay set from one request to the next; only who is woken without bytes asks them.
        if reads > 0 && self.alarms.are_set(deadline, self.now) {
            return Poll::Pending;
        }
        self.alarms.poll(context, deadline).map(|alarm| {
            Ok(match alarm {
                Alarm::Late => Heard::Late,
                Alarm::Stopping => Heard::Stopping,
            })
        })
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            match self.stream.try_read(self.input.room()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.input.wait();
                    ready!(self.stream.poll_read_ready(context))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
                Ok(len) => {
                    self.input.came(len);
                    return Poll::Ready(Ok(len));
                }
            }
        }
    }

    /// Sends what was said, as far as the client takes it just now. Gives whether that was all.
    fn try_flush(&mut self) -> io::Result<bool> {
        loop {
            let unsent = self.output.unsent();
            let sent = match unsent {
                [] => 0,
                _ => match self.stream.try_write(unsent) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    sent => sent?,
                },
            };
            self.output.sent(sent);
            if self.output.unsent().is_empty() {
                return self.stream.try_flush();
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        while !self.try_flush()? {
            let stream = &mut self.stream;
            let sent = match self.output.unsent() {
                // All is said, and some of it waits below.
                [] => timeout(self.answer_idle, stream.flush()).await.map(|flushed| flushed.map(|()| 0)),
                unsent => timeout(self.answer_idle, stream.write(unsent)).await,
            };
            let Ok(sent) = sent else {
                let seconds = self.answer_idle.as_secs();
                let why =
                    format!("the client took nothing of the answer for {seconds} s, so the server gave up");
                self.stream.recording().note(why);
                return Err(io::ErrorKind::TimedOut.into());
            };
            self.output.sent(sent?);
        }
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
                    () = self.conversation.pour(self.output.say()) => false,
                    () = self.alarms.stopped() => true,
                    // Nothing that is said meanwhile is answered; that the client has finished is heard.
                    read = self.stream.read_buf(&mut ignored) => {
                        let len = read?;
                        left = left.saturating_sub(len);
                        len == 0 || left == 0
                    }
                };
                if over {
                    self.conversation.poured(self.output.say(), Instant::now());
                }
            } else {
                self.conversation.pour(self.output.say()).await;
            }
            if self.output.unsent().is_empty() {
                // A source with nothing to say lets others go first.
                tokio::task::yield_now().await;
            }
            self.flush().await?;
        }
        Ok(())
    }

    /// Another protocol is spoken from here on.
    async fn hand_over(self, talker: Box<dyn Talker>, stopping: watch::Receiver<bool>) -> io::Result<()> {
        let ahead = self.input.unused().to_vec();
        talker.talk(Taken { stream: self.stream, ahead, stopping }).await
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
        timeout(LINGER, drain).await.unwrap_or(Ok(()))
    }
}
