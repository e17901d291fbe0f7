//! Does what a script says, on real connections, and hands over what was recorded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::BY;
use crate::evidence::{Flow, Recorder, Side, TroubleKind};
use crate::net::dial::dial;
use crate::net::tap::Tap;
use crate::probe::after::{Health, look};
use crate::probe::base::took_us;
use crate::probe::heard::{End, Heard};
use crate::probe::place::Place;
use crate::probe::script::{Script, Step};
use crate::probe::tally::Tally;
use crate::render::text::screen::Screen;

/// The room offered to each read.
const ROOM: usize = 16 * 1024;
/// The most bytes that are read on one connection; the answers wanted here have a few hundred.
const ANSWER_LIMIT: u64 = 1024 * 1024;
/// How long to wait between two writes that are to arrive apart. Loopback carries a write in microseconds;
/// whether the server's reads see them apart is for its system to decide.
const PAUSE: Duration = Duration::from_millis(2);

/// What part of patience is left for a server that has not been worth it.
const IMPATIENCE: u32 = 10;
/// How many answers are waited for in vain with all patience.
const IN_VAIN: u32 = 3;
/// How many times as long as all patience the first answer of a server is waited for: whether it is slow or silent
/// is worth knowing.
const FIRST: u32 = 4;
/// How many times as long as the first answer took the later ones may take, at least.
const SLOWER: u32 = 3;
/// How often a server that breaks connections off is looked at again, to see whether it is about to end.
const LOOKS: u32 = 10;
/// The pause between two such looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How many closes are: a server that leaves one connection open does so again and again.
const OPEN_IN_VAIN: u32 = 1;

/// A connection of the script.
enum Line {
    /// It was opened. The flag says that nothing more can come on it, the tally what has.
    Open(Box<Tap<TcpStream>>, bool, Box<Tally>),
    /// It could not be; this is the record of the attempt.
    Failed(Box<Flow>),
}

/// Who calls a server, and how long its answers may take.
pub struct Caller {
    recorder: Recorder,
    screen: Arc<Screen>,
    server: SocketAddr,
    patience: Duration,
    /// The connection that was made to see whether somebody listens; the first that is asked for.
    waiting: Option<Tap<TcpStream>>,
    /// How long an answer may take at least, as the first one showed; nothing before that has come.
    slow: Option<Duration>,
    /// How many answers were waited for in vain.
    answers_in_vain: u32,
    /// How many closes were.
    closes_in_vain: u32,
}

impl Caller {
    /// For one server, with a connection to it; nothing when the other end of that is no socket.
    #[must_use]
    pub fn new(
        recorder: Recorder,
        screen: Arc<Screen>,
        waiting: Tap<TcpStream>,
        patience: Duration,
    ) -> Option<Self> {
        let server = waiting.recording().server().socket()?;
        let waiting = Some(waiting);
        Some(Self {
            recorder,
            screen,
            server,
            patience,
            waiting,
            slow: None,
            answers_in_vain: 0,
            closes_in_vain: 0,
        })
    }

    /// Who is asked.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// How long an answer may take, and a tenth of it when it is not expected any more. What a server needs for an
    /// answer that comes it is given always.
    fn answer_patience(&self, in_vain: bool) -> Duration {
        self.patience_for(in_vain).max(self.slow.unwrap_or_default())
    }

    /// Learns from the first answer how long this server takes.
    fn learn(&mut self, first: &Flow) {
        let Some(took) = took_us(first).map(Duration::from_micros).filter(|_| Heard::of(first).whole() > 0)
        else {
            return;
        };
        let slow = took * SLOWER;
        self.slow = Some(slow);
        if slow > self.patience {
            self.screen.note(&format!(
                "the first answer took {:.1} s, so netlab waits up to {:.0} s for each: all of it takes a while, and --stage ends sooner",
                took.as_secs_f64(),
                slow.as_secs_f64()
            ));
        }
    }

    /// Whether the server outlived what it was asked last: the simplest request, at once.
    pub async fn look(&mut self, place: &Place) -> Health {
        let mut health = Health::Mute;
        for _ in 0..LOOKS {
            let flows = self.run(&look(place)).await;
            let Some(flow) = flows.first() else { return health };
            health = Health::of(flow);
            // While a program ends, its kernel still takes connections for it, and then breaks them off.
            let breaks_off = matches!(Heard::of(flow).end(), End::Closed | End::Reset);
            if health != Health::Mute || !breaks_off {
                return health;
            }
            sleep(LOOK_AGAIN).await;
        }
        health
    }

    /// What somebody who waited should know about how long it was, if something was then waited for in vain with
    /// less patience. What came all the same would have come anyway.
    #[must_use]
    pub fn says(&self) -> Option<String> {
        let less = (self.patience / IMPATIENCE).as_secs_f64();
        let answers = (self.answers_in_vain > IN_VAIN).then(|| {
            format!(
                "{IN_VAIN} answers were waited for in vain, so netlab waited only {less} s for each later one"
            )
        });
        let closes = (self.closes_in_vain > OPEN_IN_VAIN).then(|| {
            format!("a connection that was to be closed stayed open, so netlab waited only {less} s for each later close")
        });
        answers.or(closes)
    }

    fn patience_for(&self, in_vain: bool) -> Duration {
        if in_vain { self.patience / IMPATIENCE } else { self.patience }
    }

    /// Goes through the steps. What fails on the way is in the record, and the steps go on as far as they can.
    pub async fn run(&mut self, script: &Script) -> Vec<Flow> {
        let mut lines: Vec<Line> = Vec::new();
        for step in &script.steps {
            match step {
                Step::Connect => match self.waiting.take() {
                    Some(stream) => lines.push(Line::Open(Box::new(stream), false, Box::default())),
                    None => lines.extend(Line::open(&self.recorder, self.server).await),
                },
                Step::Pause => sleep(PAUSE).await,
                Step::Send(on, _)
                | Step::Finish(on)
                | Step::Answers(on, _)
                | Step::Interim(on)
                | Step::End(on) => {
                    if let Some(line) = lines.get_mut(*on) {
                        self.take(line, step).await;
                    }
                }
            }
        }
        let mut flows = Vec::new();
        for mut line in lines {
            line.finish().await;
            flows.push(line.flow());
        }
        if let Some(first) = flows.first().filter(|_| self.slow.is_none()) {
            self.learn(first);
        }
        flows
    }

    async fn take(&mut self, line: &mut Line, step: &Step) {
        match step {
            Step::Connect | Step::Pause => {}
            Step::Send(_, bytes) => line.send(bytes, self.patience).await,
            Step::Finish(_) => line.finish().await,
            Step::Answers(_, many) => {
                let mut patience = self.answer_patience(self.answers_in_vain >= IN_VAIN);
                let enough = |tally: &Tally| tally.answers() >= *many;
                if self.slow.is_none() && self.answers_in_vain == 0 {
                    if line.read_in_time(patience, enough).await {
                        return;
                    }
                    patience *= FIRST - 1;
                    self.screen.note(&format!(
                        "no answer for {} s; netlab waits up to {} s more, to see whether this server is slow or silent",
                        self.patience.as_secs_f64(),
                        patience.as_secs_f64()
                    ));
                }
                let came = line.read_until(patience, enough).await;
                self.answers_in_vain += u32::from(!came);
            }
            Step::Interim(_) => {
                line.read_until(self.answer_patience(false), |tally| tally.heads() > 0).await;
            }
            Step::End(_) => {
                let patience = self.patience_for(self.closes_in_vain >= OPEN_IN_VAIN);
                let closed = line.read_until(patience, |_| false).await;
                self.closes_in_vain += u32::from(!closed);
            }
        }
    }
}

impl Line {
    async fn open(recorder: &Recorder, server: SocketAddr) -> Option<Self> {
        match dial(recorder, BY, server).await {
            Ok(stream) => Some(Self::Open(Box::new(stream), false, Box::default())),
            // The attempt is the latest thing that was recorded.
            Err(_) => recorder.flows().pop().map(|flow| Self::Failed(Box::new(flow))),
        }
    }

    fn flow(self) -> Flow {
        match self {
            Self::Open(stream, ..) => stream.recording().flow(),
            Self::Failed(flow) => *flow,
        }
    }

    async fn send(&mut self, bytes: &[u8], patience: Duration) {
        let Self::Open(stream, _, tally) = self else { return };
        tally.sent(bytes);
        // A server that has closed takes no more; the tap has written that down, and what it said is still read.
        let _ = timeout(patience, stream.write_all(bytes)).await;
    }

    async fn finish(&mut self) {
        let Self::Open(stream, ..) = self else { return };
        if !stream.recording().flow().has_ended(Side::Client) {
            // Likewise.
            let _ = stream.shutdown().await;
        }
    }

    /// Reads until `done` says so, the server ends, or patience does, which is written down; whether it did not.
    async fn read_until(&mut self, patience: Duration, done: impl Fn(&Tally) -> bool) -> bool {
        let in_time = self.read_in_time(patience, done).await;
        if let Self::Open(stream, ..) = self
            && !in_time
        {
            stream.recording().failed(TroubleKind::TimedOut.into());
        }
        in_time
    }

    /// The same, and nothing is written down.
    async fn read_in_time(&mut self, patience: Duration, done: impl Fn(&Tally) -> bool) -> bool {
        let Self::Open(stream, ended, tally) = self else { return true };
        let mut buffer = vec![0; ROOM];
        let reading = async {
            loop {
                if *ended || tally.bytes() >= ANSWER_LIMIT || done(tally) {
                    return;
                }
                match stream.read(&mut buffer).await {
                    Ok(len) => {
                        tally.came(&buffer[..len]);
                        *ended = len == 0;
                    }
                    // What ends with the connection is not whole when that breaks off.
                    Err(_) => *ended = true,
                }
            }
        };
        timeout(patience, reading).await.is_ok()
    }
}
