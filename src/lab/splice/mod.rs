//! The relay of `netlab tap` for TCP: it accepts a client, calls the server, and carries what each of the two says to the
//! other.
//!
//! ```text
//! client ---------> tap ---------> server        two connections, and one conversation
//!        the story      the other leg
//! ```
//!
//! The story is the flow between the client and the server, told as the client's: what it handed over, and what it was
//! given, when and in which pieces. The other leg stands in a flow of its own, opened because of the story; of that one
//! only the ends and the counts are kept, for nothing is to be told twice.
//!
//! What one side does the other one meets: FIN as FIN, in each direction by itself, RST as RST, and a server that refuses
//! as a connection broken off before a byte came back.
//!
//! [`carry`] is one direction.

pub mod carry;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::split;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::serve::{Conn, Service};
use crate::evidence::{Flow, Opening, Recorder, Recording, Transport, Trouble};
use crate::net::dial::dial_leg;
use crate::net::link::Link;
use crate::net::sockets::is_waited_at;
use crate::net::tap::Tap;
use crate::net::tcp_info::counters;
use carry::{Activity, Manner, Stop, carry};

/// The relay's name in evidence.
pub const NAME: &str = "tap";

/// How many connections it carries at once. More wait in the kernel's queue.
pub const CONNECTIONS: usize = 128;

/// How long a connection is kept on which neither side says anything.
pub const IDLE: Duration = Duration::from_mins(10);

/// How long a client's kernel has to acknowledge what it was sent before the connection is cut.
const LAST_BYTES: Duration = Duration::from_millis(500);
/// How often to look whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What a relay does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the server may be: the first of these where somebody waits.
    pub servers: Vec<SocketAddr>,
    /// How long each read takes to go on.
    pub delay: Duration,
    /// The most bytes of one write, where writes are split.
    pub split: Option<usize>,
    /// After how many bytes of the server's the connection is cut.
    pub cut: Option<u64>,
}

/// What there is to tell of a connection, beside its events.
#[derive(Debug)]
pub enum Told<'a> {
    /// A client has come, and has this number from now on.
    Came(u64, &'a Flow),
    /// Its conversation is over.
    Over(&'a Flow, End),
}

/// How a conversation came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Both sides have finished.
    Finished,
    /// The client broke it off.
    ByClient,
    /// The server broke it off.
    ByServer,
    /// The server could not be reached.
    Unreached(Trouble),
    /// It was cut, as wanted.
    Cut,
    /// Neither side had said anything for [`IDLE`].
    Idle,
    /// The relay was stopped.
    Stopped,
}

/// Where it is told.
pub type Teller = Arc<dyn Fn(&Told<'_>) + Send + Sync>;

/// The relay, as a service.
pub struct Splice {
    plan: Plan,
    tell: Teller,
}

impl Splice {
    /// One that does this, and tells of it there.
    #[must_use]
    pub fn new(plan: Plan, tell: Teller) -> Self {
        Self { plan, tell }
    }

    /// The server, as far as can be known before it is called.
    fn server(&self, here: SocketAddr) -> SocketAddr {
        let all = &self.plan.servers;
        match all[..] {
            [one] => one,
            _ => all
                .iter()
                .find(|one| is_waited_at(**one) == Some(true))
                .or(all.first())
                .copied()
                .unwrap_or(here),
        }
    }

    /// Carries both directions until the end.
    async fn both_ways(&self, front: &mut Tap<TcpStream>, back: &mut Tap<TcpStream>) -> End {
        let (delay, split_at) = (self.plan.delay, self.plan.split);
        let active = Activity::default();
        let (mut from_client, mut to_client) = split(front);
        let (mut from_server, mut to_server) = split(back);
        let there =
            carry(&mut from_client, &mut to_server, Manner { delay, split: split_at, cut: None }, &active);
        let back_again = carry(
            &mut from_server,
            &mut to_client,
            Manner { delay, split: split_at, cut: self.plan.cut },
            &active,
        );
        tokio::pin!(there, back_again);
        let (mut client_done, mut server_done) = (false, false);
        while !(client_done && server_done) {
            tokio::select! {
                end = &mut there, if !client_done => match end {
                    // What the server takes no more of it may still answer.
                    Ok(()) | Err(Stop::Writing(_)) => client_done = true,
                    Err(_) => return End::ByClient,
                },
                end = &mut back_again, if !server_done => match end {
                    Ok(()) => server_done = true,
                    Err(Stop::Writing(_)) => return End::ByClient,
                    Err(Stop::Reading(_)) => return End::ByServer,
                    Err(Stop::Cut) => return End::Cut,
                },
                () = active.silence(IDLE) => return End::Idle,
            }
        }
        End::Finished
    }
}

impl Service for Splice {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The story: from the client to the server, though it is this relay that has accepted. It is open when the server has
    /// been reached.
    fn recording(&self, recorder: &Recorder, client: SocketAddr, here: SocketAddr) -> Recording {
        recorder.open(&Opening::answering(Transport::Tcp, client, self.server(here), NAME))
    }

    async fn talk(&self, conn: Conn) -> io::Result<()> {
        let Conn { stream: Link::Tcp(mut front), number, mut stopping, recorder, .. } = conn else {
            return Ok(());
        };
        let story = front.recording().clone();
        (self.tell)(&Told::Came(number, &story.flow()));
        let over = |end| (self.tell)(&Told::Over(&story.flow(), end));
        let Some(server) = story.server().socket() else { return Ok(()) };
        let mut back = match dial_leg(&recorder, NAME, server, story.id()).await {
            Ok(back) => back,
            Err(trouble) => {
                story.failed(trouble);
                over(End::Unreached(trouble));
                return front.inner().set_zero_linger();
            }
        };
        story.opened(None);
        let end = tokio::select! {
            end = self.both_ways(&mut front, &mut back) => end,
            _ = stopping.changed() => End::Stopped,
        };
        match end {
            End::Finished | End::Unreached(_) => {}
            // Dropping a socket of which bytes are unread sends RST; else this is the relay's own FIN.
            End::Idle | End::Stopped => story.finished_writing(),
            End::ByClient | End::ByServer | End::Cut => {
                if end == End::Cut {
                    acknowledged(front.inner()).await;
                }
                if end != End::ByClient {
                    story.broke_off();
                }
                // From here on closing sends RST, whatever closes it.
                let (one, other) = (front.inner().set_zero_linger(), back.inner().set_zero_linger());
                over(end);
                return one.and(other);
            }
        }
        over(end);
        Ok(())
    }
}

/// Waits until the receiver's kernel has what was written, for a moment at the most: RST throws away what has not left yet.
async fn acknowledged(stream: &TcpStream) {
    let until = Instant::now() + LAST_BYTES;
    while Instant::now() < until {
        match counters(stream).map(|counters| counters.send_queue) {
            Ok(Some(0)) => return,
            Ok(Some(_)) => sleep(LOOK_EVERY).await,
            // Where the system does not count, a moment has to do.
            Ok(None) | Err(_) => return sleep(LAST_BYTES / 10).await,
        }
    }
}
