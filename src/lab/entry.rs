//! What a server tells of, as data: any service gives entries, and whoever shows them need not know which.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

/// One line of a server's log, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Somebody asked and was answered.
    Answered(Answered),
    /// So many more were answered and are not told one by one.
    LeftOut(u64),
    /// A limit was reached; said once until it is left again.
    Limit(String),
    /// A file of routes was read.
    Routes(RoutesRead),
}

/// What a file of routes came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutesRead {
    /// Its name.
    pub file: String,
    /// How many routes are in use now.
    pub routes: usize,
    /// Whether it had been read before and was changed.
    pub again: bool,
    /// What does not read. With any, the routes from before are still in use.
    pub slips: Vec<Slip>,
}

/// Something in a file of routes that does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Its line, from 1; of the file as a whole none.
    pub line: Option<usize>,
    /// What it is.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// Something a service did for somebody: a question and its answer, whatever they speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The server's number for the connection, from 1.
    pub connection: u64,
    /// Which one on that connection it was, from 1.
    pub number: u64,
    /// Who asked.
    pub client: SocketAddr,
    /// When it was answered.
    pub at: Instant,
    /// What was asked, as the one line that says most; network bytes.
    pub headline: Vec<u8>,
    /// The host it was asked of, where a service has several; network bytes.
    pub host: Option<Vec<u8>>,
    /// Bytes of the question, without what came with it.
    pub head: usize,
    /// Bytes of content that came with it.
    pub content: u64,
    /// How many reads its bytes took.
    pub reads: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Bytes of content in the answer.
    pub answer: usize,
    /// What there is to say about it; of one that was refused, why.
    pub remark: Option<&'static str>,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Whether who asked got what was asked for.
    pub good: bool,
    /// The number that stands for it, where the protocol has numbers for outcomes.
    pub code: Option<u16>,
}

/// Where log entries go.
pub type Log = Arc<dyn Fn(Entry) + Send + Sync>;

/// A log that nobody reads.
#[must_use]
pub fn silent() -> Log {
    Arc::new(|_| {})
}
