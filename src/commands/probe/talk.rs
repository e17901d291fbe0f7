//! Does what a script says, on real connections, and hands over what was recorded.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::BY;
use crate::evidence::{Flow, Recorder, Side, TroubleKind};
use crate::net::dial::dial;
use crate::net::tap::Tap;
use crate::probe::heard::Heard;
use crate::probe::script::{Script, Step};

/// The room offered to each read.
const ROOM: usize = 16 * 1024;
/// The most bytes that are read on one connection; the answers wanted here have a few hundred.
const ANSWER_LIMIT: u64 = 1024 * 1024;
/// How long to wait between two writes that are to arrive apart. Loopback carries a write in microseconds;
/// whether the server's reads see them apart is for its system to decide.
const PAUSE: Duration = Duration::from_millis(2);

/// A connection of the script.
enum Line {
    /// It was opened. The flag says that nothing more can come on it.
    Open(Box<Tap<TcpStream>>, bool),
    /// It could not be; this is the record of the attempt.
    Failed(Box<Flow>),
}

/// Goes through the steps. What fails on the way is in the record, and the steps go on as far as they can.
pub async fn run(script: &Script, recorder: &Recorder, server: SocketAddr, patience: Duration) -> Vec<Flow> {
    let mut lines: Vec<Line> = Vec::new();
    for step in &script.steps {
        match step {
            Step::Connect => lines.extend(Line::open(recorder, server).await),
            Step::Pause => sleep(PAUSE).await,
            Step::Send(on, _)
            | Step::Finish(on)
            | Step::Answers(on, _)
            | Step::Interim(on)
            | Step::End(on) => {
                if let Some(line) = lines.get_mut(*on) {
                    line.take(step, patience).await;
                }
            }
        }
    }
    let mut flows = Vec::new();
    for mut line in lines {
        line.finish().await;
        flows.push(line.flow());
    }
    flows
}

impl Line {
    async fn open(recorder: &Recorder, server: SocketAddr) -> Option<Self> {
        match dial(recorder, BY, server).await {
            Ok(stream) => Some(Self::Open(Box::new(stream), false)),
            // The attempt is the latest thing that was recorded.
            Err(_) => recorder.flows().pop().map(|flow| Self::Failed(Box::new(flow))),
        }
    }

    fn flow(self) -> Flow {
        match self {
            Self::Open(stream, _) => stream.recording().flow(),
            Self::Failed(flow) => *flow,
        }
    }

    async fn take(&mut self, step: &Step, patience: Duration) {
        match step {
            Step::Connect | Step::Pause => {}
            Step::Send(_, bytes) => self.send(bytes, patience).await,
            Step::Finish(_) => self.finish().await,
            Step::Answers(_, many) => self.read_until(patience, |heard| heard.whole() >= *many).await,
            Step::Interim(_) => {
                let begun = |heard: &Heard<'_>| heard.all().iter().any(|one| one.head_len().is_some());
                self.read_until(patience, begun).await;
            }
            Step::End(_) => self.read_until(patience, |_| false).await,
        }
    }

    async fn send(&mut self, bytes: &[u8], patience: Duration) {
        let Self::Open(stream, _) = self else { return };
        // A server that has closed takes no more; the tap has written that down, and what it said is still read.
        let _ = timeout(patience, stream.write_all(bytes)).await;
    }

    async fn finish(&mut self) {
        let Self::Open(stream, _) = self else { return };
        if !stream.recording().flow().has_ended(Side::Client) {
            // Likewise.
            let _ = stream.shutdown().await;
        }
    }

    /// Reads until `done` says so, the server ends, or patience does, which is written down.
    async fn read_until(&mut self, patience: Duration, done: impl Fn(&Heard<'_>) -> bool) {
        let Self::Open(stream, ended) = self else { return };
        let mut buffer = vec![0; ROOM];
        let reading = async {
            loop {
                let flow = stream.recording().flow();
                if *ended || flow.from_server.total >= ANSWER_LIMIT || done(&Heard::of(&flow)) {
                    return;
                }
                *ended = !matches!(stream.read(&mut buffer).await, Ok(len) if len > 0);
            }
        };
        if timeout(patience, reading).await.is_err() {
            stream.recording().failed(TroubleKind::TimedOut.into());
        }
    }
}
