//! The one loop for datagrams, and the one shape of a service that answers them.
//!
//! What [`Answers`] is to datagrams, [`Service`](super::serve::Service) is to connections: only what to say. Who calls,
//! what is written down, how many may wait for an answer and how it ends are here.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::entry::Log;
use super::serve::{FAREWELL, Limits};
use crate::net::callers::{Caller, Callers};
use crate::net::datagram::DATAGRAM_LIMIT;

/// How many datagrams of one socket may wait for their answers at once. More wait in the kernel's queue.
pub const UNDER_WAY: usize = 256;

/// How long to leave the socket alone when it is in trouble.
const BACK_OFF: Duration = Duration::from_millis(50);

/// A datagram that wants an answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it carries.
    pub bytes: Vec<u8>,
    /// Where it came from.
    pub client: SocketAddr,
    /// The address of this machine that it was sent to.
    pub server: SocketAddr,
}

/// Which datagrams are one conversation in evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// Everything that is said with one caller's address.
    Caller,
    /// A question with its answer.
    Question,
}

/// What a server says to one datagram.
pub trait Answers: Send + Sync + 'static {
    /// Its name in evidence, such as `lab/echo`.
    fn name(&self) -> &'static str;

    /// Which datagrams are one conversation.
    fn together(&self) -> Together {
        Together::Caller
    }

    /// The answer; nothing for what nobody should answer. One that is ready at once goes out before the next datagram is
    /// looked at; who has to wait for something does so beside the others.
    fn answer(&self, asked: &Asked) -> impl Future<Output = Option<Vec<u8>>> + Send;
}

/// Answers everybody who sends to this socket until `stopping` turns true, then lets answers finish for up to two seconds.
pub async fn run<A: Answers>(
    service: Arc<A>,
    mut callers: Callers,
    log: Log,
    mut stopping: watch::Receiver<bool>,
) {
    if service.together() == Together::Question {
        callers = callers.apart();
    }
    let server = callers.address();
    let mut waiting: JoinSet<(Caller, Option<Vec<u8>>)> = JoinSet::new();
    let mut limits = Limits::new(log);
    while !*stopping.borrow() {
        if waiting.len() >= UNDER_WAY {
            limits.say(|| format!("{UNDER_WAY} datagrams wait for their answers, which is the limit; new ones wait until one has gone out"));
        }
        tokio::select! {
            heard = callers.receive(DATAGRAM_LIMIT, |_| {}), if waiting.len() < UNDER_WAY => match heard {
                Ok((caller, bytes)) => {
                    let asked = Asked { bytes, client: caller.address, server };
                    let service = service.clone();
                    let mut answer = Box::pin(async move { service.answer(&asked).await });
                    match poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await {
                        Poll::Ready(answer) => deliver(&callers, &caller, answer).await,
                        Poll::Pending => {
                            waiting.spawn(async move { (caller, answer.await) });
                        }
                    }
                }
                // Trouble with one datagram is no trouble with the next; but the loop may not spin.
                Err(_) => sleep(BACK_OFF).await,
            },
            Some(Ok((caller, answer))) = waiting.join_next() => deliver(&callers, &caller, answer).await,
            _ = stopping.changed() => {}
        }
    }
    let rest = async {
        while let Some(done) = waiting.join_next().await {
            let Ok((caller, answer)) = done else { continue };
            deliver(&callers, &caller, answer).await;
        }
    };
    let _ = timeout(FAREWELL, rest).await;
}

/// What went wrong has been written down; the next datagram is another matter.
async fn deliver(callers: &Callers, caller: &Caller, answer: Option<Vec<u8>>) {
    if let Some(answer) = answer {
        let _ = callers.send(caller, &answer).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::net::UdpSocket;
    use tokio::sync::{Semaphore, watch};
    use tokio::time::timeout;

    use super::{Answers, Asked, Together, run};
    use crate::evidence::{Recorder, Side};
    use crate::lab::entry::silent;
    use crate::net::callers::Callers;

    /// Repeats what it is told; what begins with `w` waits until somebody lets it go.
    struct Parrot {
        gate: Arc<Semaphore>,
        together: Together,
    }

    impl Answers for Parrot {
        fn name(&self) -> &'static str {
            "lab/parrot"
        }

        fn together(&self) -> Together {
            self.together
        }

        async fn answer(&self, asked: &Asked) -> Option<Vec<u8>> {
            if asked.bytes.starts_with(b"w") {
                self.gate.acquire().await.ok()?.forget();
            }
            (asked.bytes != b"silence").then(|| asked.bytes.clone())
        }
    }

    /// A parrot, somebody who talks to it, and what is written down of it.
    async fn parrot(together: Together) -> (UdpSocket, Arc<Semaphore>, Recorder, watch::Sender<bool>) {
        let recorder = Recorder::keeping(|| 0, Vec::new());
        let address = "127.0.0.1:0".parse().expect("an address");
        let callers = Callers::open(&recorder, "lab/parrot", address).await.expect("a free port");
        let gate = Arc::new(Semaphore::new(0));
        let own = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        own.connect(callers.address()).await.expect("it is on loopback");
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(run(Arc::new(Parrot { gate: gate.clone(), together }), callers, silent(), stopping));
        (own, gate, recorder, stop)
    }

    async fn heard(own: &UdpSocket) -> String {
        let mut buffer = [0; 64];
        let len = timeout(Duration::from_secs(10), own.recv(&mut buffer)).await.expect("it answers");
        String::from_utf8_lossy(&buffer[..len.expect("the socket works")]).into_owned()
    }

    #[tokio::test]
    async fn who_waits_for_an_answer_keeps_nobody_else_waiting() {
        let (own, gate, _, _stop) = parrot(Together::Caller).await;
        for words in ["wait", "silence", "one", "two"] {
            own.send(words.as_bytes()).await.expect("it is sent");
        }
        assert_eq!(heard(&own).await, "one");
        assert_eq!(heard(&own).await, "two");
        gate.add_permits(1);
        assert_eq!(heard(&own).await, "wait");
    }

    #[tokio::test]
    async fn an_answer_that_is_on_its_way_is_given_although_the_server_stops() {
        let (own, gate, _, stop) = parrot(Together::Caller).await;
        own.send(b"wait").await.expect("it is sent");
        own.send(b"now").await.expect("it is sent");
        assert_eq!(heard(&own).await, "now");
        stop.send_replace(true);
        gate.add_permits(1);
        assert_eq!(heard(&own).await, "wait");
    }

    #[tokio::test]
    async fn one_caller_is_one_conversation_or_each_question_is() {
        for (together, conversations) in [(Together::Caller, 1), (Together::Question, 2)] {
            let (own, _, recorder, _stop) = parrot(together).await;
            for words in ["one", "two"] {
                own.send(words.as_bytes()).await.expect("it is sent");
                assert_eq!(heard(&own).await, words);
            }
            let flows = recorder.flows();
            assert_eq!(flows.len(), conversations, "{together:?}");
            assert!(flows.iter().all(|flow| flow.by == "lab/parrot" && flow.seen == Side::Server));
        }
    }
}
