//! What the lab's table says of a service, and what a service is given to start with.
//!
//! A [`Row`] is a service, a [`Door`] a port it waits at. HTTP and HTTPS are two doors of one service; several DNS servers
//! are rows whose doors have one port at several addresses; what begins inside an answer (WebSocket behind a 101) has no
//! door of its own and is no row.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;

use super::answers::{self, Answers};
use super::ca::Authority;
use super::entry::Log;
use super::nonce::Nonces;
use super::serve::{self, Room, Service};
use crate::error::{Failure, trouble_means};
use crate::evidence::{Recorder, Transport};
use crate::net::callers::Callers;
use crate::proto::Protocol;

/// One service of the lab.
pub struct Row {
    /// What it is called in documents and, behind `lab/`, in evidence.
    pub key: &'static str,
    /// What it speaks.
    pub protocol: &'static Protocol,
    /// The names that lead to it.
    pub names: &'static [Name],
    /// Where it waits. Who asks for the service and says no more means the first.
    pub doors: &'static [Door],
    /// Starts it behind its doors.
    pub start: fn(&Ingredients, Bound) -> Result<Vec<Task>, Failure>,
}

/// A name of the lab.
pub struct Name {
    /// The name.
    pub name: &'static str,
    /// Its addresses; none for an alias, which the text of the zone explains.
    pub hosts: &'static [IpAddr],
}

/// A port of a service.
pub struct Door {
    /// What is spoken there, as `lab status` calls it.
    pub title: &'static str,
    /// Who is there, in words.
    pub what: &'static str,
    /// The port it would have elsewhere. The lab's is [`PORT_BASE`](super::addresses::PORT_BASE) more, so that it needs no root.
    pub port: u16,
    /// What carries it: all of these at one and the same port.
    pub transports: &'static [Transport],
    /// Its addresses. The first one every machine has.
    pub hosts: &'static [IpAddr],
    /// Whether no other address will do where this machine lacks one of them. Elsewhere the first stands in for it.
    pub exact: bool,
    /// Whether TLS is spoken from the first byte.
    pub tls: bool,
    /// Commands that go in, netlab's own first. `{ip}` and `{port}` stand for where the door really is.
    pub help: &'static [&'static str],
}

/// A door that is open.
pub struct Open {
    /// Which one.
    pub door: &'static Door,
    /// Where connections come.
    pub listeners: Vec<TcpListener>,
    /// Where datagrams come.
    pub sockets: Vec<UdpSocket>,
}

/// The open doors of a service, in the order of its row.
pub struct Bound {
    /// What the service speaks.
    pub protocol: &'static Protocol,
    /// All of them.
    pub doors: Vec<Open>,
}

/// A service at work; it ends when the lab is stopped.
pub type Task = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time of day as the lab tells it.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What every service may use.
pub struct Ingredients {
    /// Asked for personal values as a service speaks.
    pub nonces: Nonces,
    /// Asked for the time as a service speaks.
    pub clock: Clock,
    /// All names of the lab.
    pub names: Vec<&'static Name>,
    /// Who signs for them.
    pub authority: Authority,
    /// Where conversations are written down.
    pub recorder: Recorder,
    /// Where to tell the person who started the lab.
    pub log: Log,
    /// Turns true when the lab stops.
    pub stopping: watch::Receiver<bool>,
}

impl Ingredients {
    /// Talks with everybody who connects, at all doors.
    pub fn talk<S: Service>(&self, service: &Arc<S>, bound: &mut Bound) -> Vec<Task> {
        let recorder = self.recorder.speaking(bound.protocol.name);
        let doors = bound.doors.iter_mut().filter(|open| !open.listeners.is_empty());
        let task = |open: &mut Open| -> Task {
            let listeners = std::mem::take(&mut open.listeners);
            let room = Room { tls: open.door.tls.then(|| self.authority.clone()), ..Room::default() };
            let (recorder, log, stopping) = (recorder.clone(), self.log.clone(), self.stopping.clone());
            Box::pin(serve::run_in(room, service.clone(), listeners, recorder, log, stopping))
        };
        doors.map(task).collect()
    }

    /// Answers every datagram, at all doors.
    ///
    /// # Errors
    /// When the system does not say where a socket is.
    pub fn answer<A: Answers>(&self, service: &Arc<A>, bound: &mut Bound) -> Result<Vec<Task>, Failure> {
        let recorder = self.recorder.speaking(bound.protocol.name);
        let sockets = bound.doors.iter_mut().flat_map(|open| std::mem::take(&mut open.sockets));
        let task = |socket| -> Result<Task, Failure> {
            let callers = Callers::of(&recorder, service.name(), socket).map_err(|trouble| {
                Failure::machine("a socket of the lab has no address", trouble_means(trouble))
            })?;
            let (service, log, stopping) = (service.clone(), self.log.clone(), self.stopping.clone());
            Ok(Box::pin(answers::run(service, callers, log, stopping)))
        };
        sockets.map(task).collect()
    }
}
