//! Starting the whole lab.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::addresses::{Addresses, PORT_BASE};
use super::ca::Authority;
use super::entry::Log;
use super::nonce::Nonces;
use super::row::{Bound, Door, Ingredients, Open, Row};
use super::serve::{bind_all, is_absent, listening_on};
use super::table::{SERVICES, names};
use crate::error::Failure;
use crate::evidence::{Recorder, Transport, Trouble};
use crate::net::sockets::listeners::{datagram_holder, holder};

/// How often another port is tried when the system's choice for TCP is taken for UDP.
const TRIES: usize = 16;

/// Which ports to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// The usual ones, each [`PORT_BASE`] more.
    Known,
    /// Whatever is free.
    Free,
}

/// A running lab. Dropping it stops it at once; [`Lab::stop`] lets conversations end.
pub struct Lab {
    /// Where it is.
    pub addresses: Addresses,
    /// Who signs for its names.
    pub authority: Authority,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Lab {
    /// Starts all services on loopback. They ask `nonces` for personal values as they speak.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start(
        ports: Ports,
        nonces: &Nonces,
        recorder: &Recorder,
        log: &Log,
    ) -> Result<Self, Failure> {
        let (stop, stopping) = watch::channel(false);
        let authority = Authority::new(names().map(|name| name.name.to_owned()));
        let with = Ingredients {
            nonces: nonces.clone(),
            clock: Arc::new(SystemTime::now),
            names: names().collect(),
            authority: authority.clone(),
            recorder: recorder.clone(),
            log: log.clone(),
            stopping,
        };
        let mut addresses = Addresses::default();
        let mut bound = Vec::new();
        // All doors first: what is started has its port for good.
        for row in SERVICES {
            bound.push((row, open_all(row, ports, &mut addresses).await?));
        }
        let mut tasks = JoinSet::new();
        for (row, doors) in bound {
            for task in (row.start)(&with, doors)? {
                tasks.spawn(task);
            }
        }
        Ok(Self { addresses, authority, stop, tasks })
    }

    /// Stops listening and waits until conversations under way have ended, two seconds at most.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Opens the doors of a service, and notes where they are.
async fn open_all(row: &Row, ports: Ports, addresses: &mut Addresses) -> Result<Bound, Failure> {
    let mut doors = Vec::new();
    for door in row.doors {
        let open = open(door, if ports == Ports::Known { PORT_BASE + door.port } else { 0 }).await?;
        addresses.add(row, &open);
        doors.push(open);
    }
    Ok(Bound { protocol: row.protocol, doors })
}

/// Opens a door at each of its hosts that this machine has, at the same port whatever is carried there.
async fn open(door: &'static Door, port: u16) -> Result<Open, Failure> {
    let carries = |transport| door.transports.contains(&transport);
    let (tcp, udp) = (carries(Transport::Tcp), carries(Transport::Udp));
    let mut last = None;
    for _ in 0..TRIES {
        let listeners = if tcp { listeners(door.hosts, port)? } else { Vec::new() };
        let have = listening_on(&listeners);
        let hosts: Vec<IpAddr> = have.iter().map(SocketAddr::ip).collect();
        let sockets = match have.first() {
            _ if !udp => Ok(Vec::new()),
            Some(first) => sockets(&hosts, first.port()).await,
            None => sockets(door.hosts, port).await,
        };
        match sockets {
            Ok(sockets) => return Ok(Open { door, listeners, sockets }),
            // The system's choice for TCP may be taken for UDP: choose again.
            Err(failure) => last = Some(failure),
        }
        if port != 0 {
            break;
        }
    }
    Err(last.unwrap_or_else(|| Failure::machine("no port for both TCP and UDP was free", "")))
}

/// Sockets for datagrams, by the rules of [`bind_all`].
async fn sockets(hosts: &[IpAddr], port: u16) -> Result<Vec<UdpSocket>, Failure> {
    let mut sockets: Vec<UdpSocket> = Vec::new();
    let mut chosen = port;
    for &host in hosts {
        let address = SocketAddr::new(host, chosen);
        let bound =
            UdpSocket::bind(address).await.and_then(|socket| Ok((socket.local_addr()?.port(), socket)));
        match bound {
            Ok((port, socket)) => {
                chosen = port;
                sockets.push(socket);
            }
            Err(error) if !sockets.is_empty() && is_absent(&error) => {}
            Err(error) => return Err(denied(address, &error, datagram_holder(address).as_deref())),
        }
    }
    Ok(sockets)
}

fn listeners(hosts: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, Failure> {
    bind_all(hosts, port).map_err(|(address, error)| denied(address, &error, holder(address).as_deref()))
}

fn denied(address: SocketAddr, error: &io::Error, holder: Option<&str>) -> Failure {
    let mut failure = Failure::bind(address, Trouble::from(error), holder);
    failure.try_this = vec!["take any free ports instead: netlab lab up --free".to_owned()];
    failure
}
