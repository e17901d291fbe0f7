//! The one accept loop, and the one shape of a service.
//!
//! A [`Service`] is only what to say on one connection. Binding, limits, recording, tasks and
//! stopping are here, for all of them.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::ca::Authority;
use super::entry::{Entry, Log};
use super::guests::{GUEST_CONNECTIONS, Guests};
use super::secure::secured;
use super::workers::Workers;
use crate::evidence::{Opening, Recorder, Recording, Transport, Trouble, TroubleKind};
use crate::net::link::Link;
use crate::net::tap::Tap;

/// How many connections one service holds at once. More wait in the kernel's queue.
pub const CONNECTIONS: usize = 1024;

/// How many finished handshakes the kernel may hold until they are accepted. The default of 128
/// makes a burst of clients wait for seconds.
pub const BACKLOG: u32 = 4096;

/// How long to leave the listener alone when there are no file descriptors left.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How long a limit that was said is not said again.
const REMIND: Duration = Duration::from_mins(1);

/// How long conversations may take to finish when the server stops.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// What a server says on one connection.
pub trait Service: Send + Sync + 'static {
    /// Its name in evidence, such as `lab/echo`.
    fn name(&self) -> &'static str;

    /// Talks until the conversation is over. An error has been recorded by the tap already.
    fn talk(&self, conn: Conn) -> impl Future<Output = io::Result<()>> + Send;

    /// Where a connection that has just been accepted is written down. Who stands in for another server says so here.
    fn recording(&self, recorder: &Recorder, client: SocketAddr, server: SocketAddr) -> Recording {
        accepted(recorder, self.name(), client, server)
    }

    /// What is said to a client that speaks in the open where TLS is spoken. Nothing, if what it speaks has no words
    /// for that.
    fn to_the_open(&self) -> &'static [u8] {
        &[]
    }
}

/// A connection handed to a service.
pub struct Conn {
    /// The recorded stream.
    pub stream: Link,
    /// The client.
    pub client: SocketAddr,
    /// The address of this machine it connected to.
    pub server: SocketAddr,
    /// Counts the connections of this server, from 1.
    pub number: u64,
    /// Turns true when the server stops: finish what is under way, begin nothing new.
    pub stopping: watch::Receiver<bool>,
    /// Where to tell the person who started the server.
    pub log: Log,
    /// Where a conversation that this one brings about is written down.
    pub recorder: Recorder,
}

/// Listens on `address` with netlab's backlog.
///
/// # Errors
/// When the address cannot be had.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address.ip() {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A port may be taken again at once although old connections still linger in TIME-WAIT. Windows
    // means something else by this option.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Listens on the same port at each of `hosts`; port 0 lets the system choose one for the first,
/// and the others follow. Hosts after the first that this machine does not have are left out.
///
/// # Errors
/// The address that could not be had, and why.
pub fn bind_all(hosts: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, (SocketAddr, io::Error)> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut chosen = port;
    for &host in hosts {
        let address = SocketAddr::new(host, chosen);
        match bind(address) {
            Ok(listener) => {
                chosen = listener.local_addr().map_err(|error| (address, error))?.port();
                listeners.push(listener);
            }
            Err(error) if !listeners.is_empty() && is_absent(&error) => {}
            Err(error) => return Err((address, error)),
        }
    }
    Ok(listeners)
}

/// The addresses listeners really have.
#[must_use]
pub fn listening_on(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}

/// Whether the error says that this machine does not have such an address (no IPv6, say).
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(Trouble::from(error).kind, TroubleKind::FamilyUnsupported | TroubleKind::AddressNotAvailable)
}

/// Serves on all `listeners` until `stopping` turns true, then lets connections finish for up to
/// two seconds.
pub async fn run<S: Service>(
    service: Arc<S>,
    listeners: Vec<TcpListener>,
    recorder: Recorder,
    log: Log,
    stopping: watch::Receiver<bool>,
) {
    run_in(Room::default(), service, listeners, recorder, log, stopping).await;
}

/// How much room a server has.
pub struct Room {
    /// How many connections it holds at once.
    pub connections: usize,
    /// Who talks on them.
    pub workers: Workers,
    /// Whether other machines reach it. Then each of them holds at most [`GUEST_CONNECTIONS`].
    pub exposed: bool,
    /// Who signs for the server's names, where TLS is spoken from the first byte.
    pub tls: Option<Authority>,
}

impl Default for Room {
    fn default() -> Self {
        Self { connections: CONNECTIONS, workers: Workers::none(), exposed: false, tls: None }
    }
}

/// The same with as much room as the caller says.
pub async fn run_in<S: Service>(
    room: Room,
    service: Arc<S>,
    listeners: Vec<TcpListener>,
    recorder: Recorder,
    log: Log,
    mut stopping: watch::Receiver<bool>,
) {
    let mut talks = JoinSet::new();
    let mut arrivals = Arrivals { listeners: &listeners, waiting: VecDeque::new() };
    let mut number = 0;
    let mut limits = Limits::new(log.clone());
    let guests = room.exposed.then(|| Arc::new(Guests::default()));
    while !*stopping.borrow() {
        while talks.try_join_next().is_some() {}
        if talks.len() >= room.connections {
            limits.say(|| {
                let open = match room.connections {
                    1 => "one connection is open".to_owned(),
                    many => format!("{many} connections are open"),
                };
                format!("{open}, which is the limit; new ones wait until one closes")
            });
            tokio::select! {
                _ = talks.join_next() => {}
                _ = stopping.changed() => {}
            }
            continue;
        }
        let (stream, client) = tokio::select! {
            accepted = arrivals.next(room.connections - talks.len()) => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    rest(&error, &mut limits).await;
                    continue;
                }
            },
            _ = stopping.changed() => continue,
        };
        let seat = guests.as_ref().map(|guests| guests.seat(client.ip()));
        if matches!(seat, Some(None)) {
            let ip = client.ip();
            limits.say(|| {
                format!("{ip} holds {GUEST_CONNECTIONS} connections, which is the limit; more of its calls are turned away")
            });
            continue;
        }
        number += 1;
        let worker = room.workers.of(number);
        let Ok(stream) = moved(stream, worker) else { continue };
        let recording = |server| service.recording(&recorder, client, server);
        if let Ok(conn) = received(stream, client, number, &recorder, recording, &stopping, &log) {
            let service = service.clone();
            // The taps have written down what went wrong; there is nobody else to tell.
            match room.tls.clone() {
                None => spawn(&mut talks, worker, async move {
                    let _ = service.talk(conn).await;
                    drop(seat);
                }),
                // A task of its own kind, so that a connection without TLS has no room for a handshake.
                Some(authority) => spawn(&mut talks, worker, async move {
                    let Conn { stream, client, server, number, stopping, log, recorder } = conn;
                    if let Some(stream) = secured(stream, &authority, service.to_the_open()).await {
                        let conn = Conn { stream, client, server, number, stopping, log, recorder };
                        let _ = service.talk(conn).await;
                    }
                    drop(seat);
                }),
            }
        }
    }
    drop(arrivals);
    drop(listeners);
    let _ = timeout(FAREWELL, async { while talks.join_next().await.is_some() {} }).await;
    talks.shutdown().await;
}

fn spawn(talks: &mut JoinSet<()>, worker: Option<&Handle>, talk: impl Future<Output = ()> + Send + 'static) {
    match worker {
        Some(worker) => talks.spawn_on(talk, worker),
        None => talks.spawn(talk),
    };
}

/// Accepts one client and nobody after it: the listeners are closed. Nothing when the server is stopped before.
///
/// # Errors
/// When accepting fails.
pub async fn only_one(
    listeners: Vec<TcpListener>,
    recorder: &Recorder,
    by: &str,
    log: &Log,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<Option<Conn>> {
    let mut arrivals = Arrivals { listeners: &listeners, waiting: VecDeque::new() };
    let (stream, client) = tokio::select! {
        accepted = arrivals.next(1) => accepted?,
        _ = stopping.changed() => return Ok(None),
    };
    drop(arrivals);
    drop(listeners);
    let recording = |server| accepted(recorder, by, client, server);
    received(stream, client, 1, recorder, recording, &stopping, log).map(Some)
}

/// The recording of a connection between these two, which stands already.
fn accepted(recorder: &Recorder, by: &str, client: SocketAddr, server: SocketAddr) -> Recording {
    let recording = recorder.open(&Opening::answering(Transport::Tcp, client, server, by));
    recording.opened(None);
    recording
}

fn received(
    stream: TcpStream,
    client: SocketAddr,
    number: u64,
    recorder: &Recorder,
    recording: impl FnOnce(SocketAddr) -> Recording,
    stopping: &watch::Receiver<bool>,
    log: &Log,
) -> io::Result<Conn> {
    let server = stream.local_addr()?;
    stream.set_nodelay(true)?;
    let stream = Link::Tcp(Tap::new(stream, recording(server)));
    let (stopping, log, recorder) = (stopping.clone(), log.clone(), recorder.clone());
    Ok(Conn { stream, client, server, number, stopping, log, recorder })
}

/// Clients as they come in, on any of the listeners.
///
/// The kernel's queue is short, and a client that finds it full tries again a whole second later. So everybody who waits
/// there is let in before the next one is looked after.
struct Arrivals<'a> {
    listeners: &'a [TcpListener],
    waiting: VecDeque<(TcpStream, SocketAddr)>,
}

impl Arrivals<'_> {
    /// The next client. There is room for so many, one at least.
    async fn next(&mut self, room: usize) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| {
            while self.waiting.len() < room {
                match self.poll_accept(context) {
                    Poll::Ready(Ok(accepted)) => self.waiting.push_back(accepted),
                    // Those who are in come first; then it fails again.
                    Poll::Ready(Err(error)) if self.waiting.is_empty() => return Poll::Ready(Err(error)),
                    Poll::Ready(Err(_)) | Poll::Pending => break,
                }
            }
            self.waiting.pop_front().map_or(Poll::Pending, |next| Poll::Ready(Ok(next)))
        })
        .await
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let mut all = self.listeners.iter().map(|listener| listener.poll_accept(context));
        all.find(Poll::is_ready).unwrap_or(Poll::Pending)
    }
}

/// The stream, waited for by that worker from now on.
fn moved(stream: TcpStream, worker: Option<&Handle>) -> io::Result<TcpStream> {
    let Some(worker) = worker else { return Ok(stream) };
    let stream = stream.into_std()?;
    let _there = worker.enter();
    TcpStream::from_std(stream)
}

/// Says that a limit was reached, once, and not again for a while however often it is.
pub(super) struct Limits {
    log: Log,
    said: Option<Instant>,
}

impl Limits {
    /// None of them has been said yet.
    pub(super) fn new(log: Log) -> Self {
        Self { log, said: None }
    }

    /// Says this one, unless it was said a short while ago.
    pub(super) fn say(&mut self, what: impl FnOnce() -> String) {
        if self.said.is_none_or(|said| said.elapsed() >= REMIND) {
            self.said = Some(Instant::now());
            (self.log)(Entry::Limit(what()));
        }
    }
}

/// A failed accept ends nothing. Without descriptors the loop would spin, so it waits a moment.
async fn rest(error: &io::Error, limits: &mut Limits) {
    if Trouble::from(error).kind == TroubleKind::TooManyFiles {
        limits.say(|| {
            "no file descriptors left: new connections wait until one closes (ulimit -n raises the limit)"
                .to_owned()
        });
        sleep(BACK_OFF).await;
    }
}
