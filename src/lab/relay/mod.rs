//! The relay of `netlab tap`: it stands between clients and one server, and sends datagrams on, or does not.
//!
//! Each client gets a socket of its own towards the server, so that the server can tell them apart and its
//! answers find their way. Both sides are written down: what a client and the relay exchange is one flow, what
//! the relay and the server exchange is another, opened because of the first. A datagram that was dropped stands in the one as read, and in the
//! other not at all. What the relay did with the datagrams of either side stands in the client's flow, so that it
//! tells the whole story.
//!
//! [`post`] keeps what is inside, [`lines`] the sockets towards the server, [`circle`] finds out that the way leads back
//! here, [`told`] is what there is to say.

pub mod circle;
mod lines;
pub mod post;
pub mod told;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::faults::{Faults, Way};
use crate::evidence::{Mishap, Recorder, Recording, Trouble, TroubleKind};
use crate::net::callers::{Caller, Callers};
use crate::net::datagram::DATAGRAM_LIMIT;
use circle::Echoes;
use lines::{Answer, Lines};
pub use lines::{CLIENTS, IDLE};
use post::{Letter, Outgoing, Post};
use told::{Summary, Teller, Told, Which};

/// How long to leave a socket alone when it is in trouble.
const BACK_OFF: Duration = Duration::from_millis(50);

/// The relay's name in evidence.
pub const NAME: &str = "tap";

/// What a relay does.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Where clients send to; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where their datagrams go on to.
    pub server: SocketAddr,
    /// What becomes of them.
    pub faults: Faults,
    /// How long each takes.
    pub delay: Duration,
    /// How long a client has a socket towards the server on which neither side sends anything; [`IDLE`] as a rule.
    pub idle: Duration,
}

/// A relay that waits for datagrams.
pub struct Relay {
    faults: Faults,
    front: Callers,
    lines: Lines,
    answers: mpsc::Receiver<Answer>,
    inside: Inside,
    echoes: Echoes,
}

/// What is in it and what has been told of it.
struct Inside {
    post: Post,
    summary: Summary,
    tell: Teller,
    /// Whether it has been told that there is no room.
    full: bool,
}

impl Relay {
    /// Takes the address that clients send to.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn open(plan: Plan, recorder: &Recorder, tell: Teller) -> Result<Self, Trouble> {
        let front = Callers::open(recorder, NAME, plan.listen).await?;
        let (lines, answers) = Lines::new(recorder, plan.server, plan.idle);
        let inside = Inside { post: Post::new(plan.delay), summary: Summary::default(), tell, full: false };
        Ok(Self { faults: plan.faults, front, lines, answers, inside, echoes: Echoes::default() })
    }

    /// The address it really has.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Relays until `stop`, or until what it sends out proves to come back, and says what it came to. What is inside then
    /// stays there.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Summary {
        tokio::pin!(stop);
        let mut awake = Instant::now();
        loop {
            let tell = self.inside.tell.clone();
            let met = |caller: &Caller| tell(&Told::Came { client: caller.number, address: caller.address });
            let heard = async {
                sleep_until(awake).await;
                self.front.receive(DATAGRAM_LIMIT, met).await
            };
            let next = self.inside.post.next().into_iter().chain(self.lines.next()).min();
            let due = async {
                match next {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut stop => break,
                heard = heard => match heard {
                    Ok((caller, bytes)) => {
                        let is_new = caller.number > self.inside.summary.clients;
                        if is_new && self.echoes.is_circle(&bytes, Instant::now()) {
                            self.inside.summary.goes_round = true;
                            break;
                        }
                        self.there(&caller, bytes).await;
                    }
                    // Trouble with one datagram is no trouble with the next; but the loop may not spin.
                    Err(_) => awake = Instant::now() + BACK_OFF,
                },
                Some((client, answer)) = self.answers.recv() => self.back(client, answer).await,
                () = due => {
                    self.lines.close_silent(Instant::now());
                    let out = self.inside.post.due(Instant::now());
                    self.deliver(out).await;
                }
            }
        }
        for letter in self.inside.post.rest() {
            self.inside.summary.of(letter.which.way).unsent += 1;
        }
        self.inside.summary
    }

    /// A client has sent a datagram.
    async fn there(&mut self, caller: &Caller, bytes: Vec<u8>) {
        self.inside.summary.clients = self.inside.summary.clients.max(caller.number);
        self.lines.used(caller.number);
        self.decide(Way::There, caller.number, bytes, &caller.recording).await;
    }

    /// The server has answered one, or its kernel has.
    async fn back(&mut self, client: u64, answer: Result<Vec<u8>, Trouble>) {
        // An answer may come for one whose socket has been closed meanwhile.
        let Some(recording) = self.lines.used(client) else { return };
        match answer {
            Ok(bytes) => self.decide(Way::Back, client, bytes, &recording).await,
            Err(trouble) => (self.inside.tell)(&Told::Trouble { client, trouble }),
        }
    }

    async fn decide(&mut self, way: Way, client: u64, bytes: Vec<u8>, read_on: &Recording) {
        let tally = self.inside.summary.of(way);
        let number = tally.read + 1;
        let fate = self.faults.fate(way, number);
        tally.met(fate);
        let (which, len) = (Which { way, number, client }, bytes.len());
        if let Some(mishap) = fate.mishap() {
            self.story(client).unwrap_or(read_on).mishap(way.sender(), mishap);
        }
        (self.inside.tell)(&Told::Read { which, len, fate });
        let out = self.inside.post.take(Letter { which, bytes }, fate, Instant::now());
        self.deliver(out).await;
    }

    async fn deliver(&mut self, out: Outgoing) {
        for (which, why) in out.released {
            (self.inside.tell)(&Told::Released { which, why });
        }
        for Letter { which, .. } in &out.left_out {
            self.story(which.client).inspect(|story| story.mishap(which.way.sender(), Mishap::Dropped));
            self.inside.no_room(*which);
        }
        for letter in out.now {
            let sent = self.send(&letter).await;
            let tally = self.inside.summary.of(letter.which.way);
            match sent {
                Ok(()) => tally.sent += 1,
                Err(trouble) => {
                    tally.unsent += 1;
                    (self.inside.tell)(&Told::Trouble { client: letter.which.client, trouble });
                }
            }
        }
    }

    /// Where a client's conversation with the relay is written down, unless so many came after it that it is forgotten.
    fn story(&self, client: u64) -> Option<&Recording> {
        let mut known = self.front.known().iter();
        known.find(|caller| caller.number == client).map(|caller| &caller.recording)
    }

    async fn send(&mut self, letter: &Letter) -> Result<(), Trouble> {
        let client = letter.which.client;
        let known = self.front.known().iter().find(|caller| caller.number == client);
        let caller = known.cloned().ok_or(TroubleKind::NotConnected)?;
        match letter.which.way {
            Way::There => {
                if let Some(limit) = self.lines.open(client, caller.recording.id()).await? {
                    (self.inside.tell)(&Told::Limit(limit));
                }
                self.echoes.sent(&letter.bytes);
                self.lines.send(client, &letter.bytes).await
            }
            Way::Back => self.front.send(&caller, &letter.bytes).await,
        }
    }
}

impl Inside {
    fn no_room(&mut self, which: Which) {
        self.summary.of(which.way).unsent += 1;
        if !std::mem::replace(&mut self.full, true) {
            (self.tell)(&Told::Limit(format!(
                "{} datagrams are on their way, which is the limit; more are lost here until one has arrived. This is told once",
                post::UNDER_WAY
            )));
        }
    }
}
