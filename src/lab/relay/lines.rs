//! The relay's sockets towards the server, one for each client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

use super::{BACK_OFF, NAME};
use crate::evidence::{FlowId, Recorder, Recording, Trouble, TroubleKind};
use crate::net::datagram::Datagrams;

/// How many clients have a socket at once. Then the one that has been silent longest loses its.
pub const CLIENTS: usize = 256;
/// How long a socket is kept on which neither side sends anything. Whoever comes back gets a new one.
pub const IDLE: Duration = Duration::from_mins(1);
/// How many answers may wait to be looked at; more wait in the kernel.
const ANSWERS: usize = 64;

/// What came on the socket of a client.
pub type Answer = (u64, Result<Vec<u8>, Trouble>);

/// All of them.
pub struct Lines {
    server: SocketAddr,
    recorder: Recorder,
    idle: Duration,
    /// The one that was used last stands last.
    open: Vec<Line>,
    answers: mpsc::Sender<Answer>,
    readers: JoinSet<()>,
}

struct Line {
    client: u64,
    socket: Arc<Datagrams>,
    reader: AbortHandle,
    used: Instant,
}

impl Lines {
    /// None yet, and where answers will come.
    pub fn new(recorder: &Recorder, server: SocketAddr, idle: Duration) -> (Self, mpsc::Receiver<Answer>) {
        let (answers, taken) = mpsc::channel(ANSWERS);
        let (recorder, readers) = (recorder.clone(), JoinSet::new());
        (Self { server, recorder, idle, open: Vec::new(), answers, readers }, taken)
    }

    /// Opens one for a client that has none, because of what it says on `story`. Says so if another client had to lose its for that.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub async fn open(&mut self, client: u64, story: FlowId) -> Result<Option<String>, Trouble> {
        if self.used(client).is_some() {
            return Ok(None);
        }
        let socket = Arc::new(Datagrams::open_because(&self.recorder, NAME, self.server, story).await?);
        let reader = self.readers.spawn(hear(socket.clone(), client, self.answers.clone()));
        self.open.push(Line { client, socket, reader, used: Instant::now() });
        if self.open.len() <= CLIENTS {
            return Ok(None);
        }
        let silent = self.open.remove(0);
        silent.reader.abort();
        Ok(Some(format!(
            "{CLIENTS} clients have a socket towards the server, which is the limit: client {}, silent longest, has lost its and gets another one when it sends again",
            silent.client
        )))
    }

    /// A client is heard of. Gives where its conversation with the server is written down, if it has one.
    pub fn used(&mut self, client: u64) -> Option<Recording> {
        let at = self.open.iter().position(|line| line.client == client)?;
        let mut line = self.open.remove(at);
        line.used = Instant::now();
        let recording = line.socket.recording().clone();
        self.open.push(line);
        Some(recording)
    }

    /// Sends a datagram on to the server.
    ///
    /// # Errors
    /// When the system would not.
    pub async fn send(&self, client: u64, bytes: &[u8]) -> Result<(), Trouble> {
        let line = self.open.iter().find(|line| line.client == client);
        let socket = &line.ok_or(TroubleKind::NotConnected)?.socket;
        match socket.send(bytes).await {
            // That was about the datagram before, and this one has not been sent yet.
            Err(trouble) if trouble.kind == TroubleKind::Refused => socket.send(bytes).await,
            sent => sent,
        }
    }

    /// When the first one will have been silent for too long.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.open.first().map(|line| line.used + self.idle)
    }

    /// Closes those that have been silent for too long.
    pub fn close_silent(&mut self, now: Instant) {
        while self.readers.try_join_next().is_some() {}
        while self.open.first().is_some_and(|line| line.used + self.idle <= now) {
            self.open.remove(0).reader.abort();
        }
    }
}

/// Hands on what comes.
async fn hear(socket: Arc<Datagrams>, client: u64, answers: mpsc::Sender<Answer>) {
    loop {
        let heard = socket.receive().await;
        let in_trouble = heard.is_err();
        if answers.send((client, heard)).await.is_err() {
            return;
        }
        if in_trouble {
            sleep(BACK_OFF).await;
        }
    }
}
