//! What a server has to say to the person who started it.

use std::net::SocketAddr;
use std::sync::Arc;

/// One line of a server's log, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A request was answered.
    Request(Request),
    /// A limit was reached; said once until it is left again.
    Limit(String),
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The server's number for the connection, from 1.
    pub connection: u64,
    /// Which request on that connection it was, from 1.
    pub number: u64,
    /// Who asked.
    pub client: SocketAddr,
    /// Its first line as it came, without the line end; network bytes.
    pub line: Vec<u8>,
    /// Bytes in the request's head, the blank line included.
    pub head: usize,
    /// Bytes of content that came with it.
    pub content: u64,
    /// How many reads its bytes took.
    pub reads: u64,
    /// The status code of the answer.
    pub status: u16,
    /// Bytes of content in the answer.
    pub answer: usize,
    /// Why it was refused, if it was.
    pub refused: Option<&'static str>,
}

/// Where log entries go.
pub type Log = Arc<dyn Fn(Entry) + Send + Sync>;

/// A log that nobody reads.
#[must_use]
pub fn silent() -> Log {
    Arc::new(|_| {})
}
