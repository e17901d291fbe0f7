//! The hello server: the lesson's HTTP server, and the lab's.
//!
//! Reading order: this file (one connection from its first request to its last), [`head`] (is this a
//! request we may answer?), [`content`] (the bytes that come with it), [`answer`] (what to say).

pub mod answer;
pub mod chunk_lines;
pub mod content;
pub mod head;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use self::answer::{Answer, Site};
use self::content::Content;
use self::head::{Head, Parsed, Refusal};
use super::log::{Entry, Request};
use super::serve::{Conn, Service};

/// The room offered to each read, in bytes.
const READ: usize = 16 * 1024;

/// How much is still read from a client that was refused, so that it can read the refusal: closing
/// with bytes unread would make the kernel send RST, and RST destroys what is on its way.
const LINGER_BYTES: usize = 1024 * 1024;

/// How long that may take.
const LINGER: Duration = Duration::from_secs(1);

/// How long to wait for a client.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a whole head, from its first byte.
    pub head: Duration,
    /// For the next request on a connection that is kept open.
    pub keep_alive: Duration,
}

impl Patience {
    /// For programs, which do not hesitate.
    pub const PROGRAM: Self = Self { head: Duration::from_secs(10), keep_alive: Duration::from_secs(5) };
    /// For people who type a request by hand.
    pub const PERSON: Self = Self { head: Duration::from_mins(5), keep_alive: Duration::from_mins(5) };
}

/// The hello service.
pub struct Hello {
    /// Its name in evidence.
    pub name: &'static str,
    /// What it says.
    pub site: Site,
    /// How long it waits.
    pub patience: Patience,
}

impl Service for Hello {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn talk(&self, conn: Conn) -> io::Result<()> {
        let mut talk =
            Talk { conn, hello: self, input: Vec::new(), output: Vec::new(), reads: 0, requests: 0 };
        while let Next::Request = talk.exchange().await? {}
        talk.flush().await?;
        talk.farewell().await
    }
}

/// Whether the connection stays open.
enum Next {
    Request,
    Close,
}

/// One connection. Requests may arrive in pieces, or several at once: `input` holds what has been
/// read and not used yet, and answers gather in `output` as long as another request is already there.
struct Talk<'a> {
    conn: Conn,
    hello: &'a Hello,
    input: Vec<u8>,
    output: Vec<u8>,
    reads: u64,
    requests: u64,
}

impl Talk<'_> {
    /// One request and its answer.
    async fn exchange(&mut self) -> io::Result<Next> {
        let head = match self.head().await? {
            Ok(head) => head,
            Err(Some(refusal)) => {
                self.refuse(refusal, None);
                return Ok(Next::Close);
            }
            Err(None) => return Ok(Next::Close),
        };
        let line = head.line(&self.input).to_vec();
        self.input.drain(..head.len);
        let content = match self.content(&head).await? {
            Ok(len) => len,
            Err(refusal) => {
                self.refuse(refusal, Some(&line));
                return Ok(Next::Close);
            }
        };
        let keep = head.keep_alive && !*self.conn.stopping.borrow();
        let answer = self.hello.site.answer(&head);
        let sent = answer.write(&mut self.output, &head, keep);
        self.log(line, head.len, content, (answer.status, sent), None);
        Ok(if keep { Next::Request } else { Next::Close })
    }

    /// Reads until a whole head is there. `Err(None)` is a client that left, or had nothing to say.
    async fn head(&mut self) -> io::Result<Result<Head, Option<Refusal>>> {
        self.reads = u64::from(!self.input.is_empty());
        let mut deadline: Option<Instant> = None;
        loop {
            match head::parse(&self.input, self.conn.server) {
                Parsed::Head(head) => return Ok(Ok(head)),
                Parsed::Refused(refusal) => return Ok(Err(Some(refusal))),
                Parsed::More => {}
            }
            self.flush().await?;
            let patience = self.hello.patience;
            if !self.input.is_empty() && deadline.is_none() {
                deadline = Some(Instant::now() + patience.head);
            }
            let idle = if self.requests == 0 { patience.head } else { patience.keep_alive };
            let until = deadline.unwrap_or_else(|| Instant::now() + idle);
            match self.read_until(until).await? {
                Read::Bytes => {}
                Read::Late if !self.input.is_empty() => return Ok(Err(Some(head::TOO_SLOW))),
                Read::End if !self.input.is_empty() => return Ok(Err(Some(head::CUT_SHORT))),
                Read::Late | Read::End | Read::Stopping => return Ok(Err(None)),
            }
        }
    }

    /// Reads and forgets the content of a request; gives its length after decoding.
    async fn content(&mut self, head: &Head) -> io::Result<Result<u64, Refusal>> {
        let mut content = match Content::new(head.framing) {
            Ok(content) => content,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let deadline = Instant::now() + content::TOTAL;
        if head.expects_continue && !content.is_done() && self.input.is_empty() {
            self.output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        loop {
            match content.take(&mut self.input) {
                Ok(true) => return Ok(Ok(content.bytes())),
                Ok(false) => {}
                Err(refusal) => return Ok(Err(refusal)),
            }
            self.flush().await?;
            match self.read_until(deadline.min(Instant::now() + content::IDLE)).await? {
                Read::Bytes | Read::Stopping => {}
                Read::Late => return Ok(Err(content::TOO_SLOW)),
                Read::End => return Ok(Err(content::CUT_SHORT)),
            }
        }
    }

    async fn read_until(&mut self, deadline: Instant) -> io::Result<Read> {
        let idle = self.input.is_empty();
        self.input.reserve(READ);
        let mut stopping = self.conn.stopping.clone();
        let read = tokio::select! {
            read = timeout_at(deadline, self.conn.stream.read_buf(&mut self.input)) => read,
            _ = stopping.wait_for(|&stop| stop), if idle => return Ok(Read::Stopping),
        };
        match read {
            Ok(Ok(0)) => Ok(Read::End),
            Ok(Ok(_)) => {
                self.reads += 1;
                Ok(Read::Bytes)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(Read::Late),
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.conn.stream.write_all(&self.output).await?;
            self.output.clear();
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal, line: Option<&[u8]>) {
        let line = line.map_or_else(|| head::first_line(&self.input).to_vec(), <[u8]>::to_vec);
        let answer = Answer::refusal(refusal);
        let sent = answer.write_closing(&mut self.output);
        let seen = self.input.len();
        self.log(line, seen, 0, (answer.status, sent), Some(refusal.why));
    }

    fn log(
        &mut self,
        line: Vec<u8>,
        head: usize,
        content: u64,
        (status, answer): (u16, usize),
        refused: Option<&'static str>,
    ) {
        self.requests += 1;
        (self.conn.log)(Entry::Request(Request {
            connection: self.conn.number,
            number: self.requests,
            client: self.conn.client,
            line,
            head,
            content,
            reads: self.reads,
            status,
            answer,
            refused,
        }));
    }

    /// Says that nothing more will come, and listens until the client has said so too.
    async fn farewell(&mut self) -> io::Result<()> {
        self.conn.stream.shutdown().await?;
        let mut rest = vec![0; READ];
        let mut left = LINGER_BYTES;
        let drain = async {
            while left > 0 {
                match self.conn.stream.read(&mut rest).await? {
                    0 => break,
                    len => left = left.saturating_sub(len),
                }
            }
            Ok(())
        };
        timeout(LINGER, drain).await.unwrap_or(Ok(()))
    }
}

/// How a wait for bytes ended.
enum Read {
    Bytes,
    End,
    Late,
    Stopping,
}
