//! Starting the whole lab.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::daytime::Daytime;
use super::dns::{Dns, run_datagrams};
use super::echo::{self, Echo};
use super::hello::greeter::{GREETING, Greeter};
use super::hello::hosts::Hosts;
use super::hello::site::Site;
use super::hello::{Hello, Patience};
use super::here::{Here, PLACES};
use super::log::{Log, Requests};
use super::nonce::{GARDEN_PAGE, Nonces, PAGE, SHOP_PAGE};
use super::serve::{Service, bind_all, run};
use super::tally::Tally;
use super::zone::{CROWDS, Zone, names};
use crate::error::{Failure, trouble_means};
use crate::evidence::{Recorder, Trouble};
use crate::net::callers::Callers;
use crate::net::sockets::listeners::{datagram_holder, holder};

/// The lab's ports are the usual ones plus this, so that they are easy to remember and need no root.
pub const PORT_BASE: u16 = 7000;

/// Which ports to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// 7007, 7013, 7053, 7080, 7100 and 7101.
    Known,
    /// Whatever is free.
    Free,
}

/// Where the services of a lab really are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// HTTP.
    pub hello: Vec<SocketAddr>,
    /// The service that speaks first.
    pub daytime: Vec<SocketAddr>,
    /// The service that repeats, over TCP and UDP.
    pub echo: Vec<SocketAddr>,
    /// The service that says which address was called: one port of several addresses.
    #[serde(default)]
    pub here: Vec<SocketAddr>,
    /// The service that counts.
    #[serde(default)]
    pub tally: Vec<SocketAddr>,
    /// DNS, over UDP and TCP.
    pub dns: SocketAddr,
}

impl Addresses {
    /// The usual ports of services that have another one, each with that other one.
    #[must_use]
    pub fn moved(&self) -> Vec<(u16, u16)> {
        let first = |service: &[SocketAddr]| service.first().map(SocketAddr::port);
        let usual = [
            (80, first(&self.hello)),
            (13, first(&self.daytime)),
            (7, first(&self.echo)),
            (100, first(&self.here)),
            (101, first(&self.tally)),
            (53, Some(self.dns.port())),
        ];
        let usual = usual.into_iter().map(|(port, now)| (PORT_BASE + port, now.unwrap_or(PORT_BASE + port)));
        usual.filter(|(usual, now)| usual != now).collect()
    }

    /// Where a connection to a lab address really goes: the lab's service for that usual port, at that
    /// address where this machine has it and at 127.0.0.1 otherwise. Other ports are what they are. Of the
    /// service that says which address was called, no other address will do.
    #[must_use]
    pub fn place(&self, ip: IpAddr, port: u16) -> SocketAddr {
        let service = match port {
            80 | 7080 => &self.hello[..],
            13 | 7013 => &self.daytime[..],
            7 | 7007 => &self.echo[..],
            101 | 7101 => &self.tally[..],
            100 | 7100 => return SocketAddr::new(ip, self.here.first().map_or(port, SocketAddr::port)),
            53 | 7053 => std::slice::from_ref(&self.dns),
            _ => return SocketAddr::new(ip, port),
        };
        let exact = service.iter().find(|address| address.ip() == ip);
        exact.or(service.first()).copied().unwrap_or(SocketAddr::new(ip, port))
    }
}

/// The port somebody means who names a lab host without one.
#[must_use]
pub fn usual_port(name: &str) -> u16 {
    match name.trim_end_matches('.').to_ascii_lowercase().as_str() {
        "time.test" => 13,
        "echo.test" => 7,
        "dns.test" => 53,
        "here.test" | "other.here.test" | "six.here.test" => 100,
        "tally.test" => 101,
        _ => 80,
    }
}

/// A running lab. Dropping it stops it at once; [`Lab::stop`] lets conversations end.
pub struct Lab {
    /// Where it is.
    pub addresses: Addresses,
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
        let mut tasks = JoinSet::new();
        let usual = |port: u16| if ports == Ports::Known { PORT_BASE + port } else { 0 };
        let local = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let sites = [local[0], local[1], garden(4), garden(5)];
        let zone = Zone::new(nonces.clone())
            .map_err(|line| Failure::machine("the lab's zone does not read", line))?;
        let dns = Arc::new(Dns { zone });
        let site = Arc::new(web(nonces));
        let (patience, requests) = (Patience::PERSON, Requests::silent());
        let hello = Arc::new(Hello { name: "lab/hello", site, patience, requests });
        let daytime = Arc::new(Daytime { nonces: nonces.clone() });
        let here = Arc::new(Here { nonces: nonces.clone() });
        let tally = Arc::new(Tally { nonces: nonces.clone() });

        let (dns_listeners, dns_sockets) = paired(&local[..1], usual(53)).await?;
        let hello_listeners = listeners(&sites, usual(80))?;
        let daytime_listeners = listeners(&local, usual(13))?;
        let (echo_listeners, echo_sockets) = paired(&local, usual(7)).await?;
        let dns_address = listening_on(&dns_listeners).first().copied();
        let here_listeners = listeners(&PLACES.map(|(ip, _)| ip), usual(100))?;
        let tally_listeners = listeners(&local, usual(101))?;
        let addresses = Addresses {
            hello: listening_on(&hello_listeners),
            daytime: listening_on(&daytime_listeners),
            echo: listening_on(&echo_listeners),
            here: listening_on(&here_listeners),
            tally: listening_on(&tally_listeners),
            dns: dns_address.ok_or_else(|| Failure::machine("the lab's DNS server has no address", ""))?,
        };

        let mut start = |task| tasks.spawn(task);
        start(boxed(hello, hello_listeners, recorder, log, &stopping));
        start(boxed(daytime, daytime_listeners, recorder, log, &stopping));
        start(boxed(here, here_listeners, recorder, log, &stopping));
        start(boxed(tally, tally_listeners, recorder, log, &stopping));
        start(boxed(Arc::new(Echo), echo_listeners, recorder, log, &stopping));
        start(boxed(dns.clone(), dns_listeners, recorder, log, &stopping));
        for socket in dns_sockets {
            start(Box::pin(run_datagrams(dns.clone(), socket, recorder.clone(), stopping.clone())));
        }
        for socket in echo_sockets {
            let callers = Callers::of(recorder, echo::NAME, socket).map_err(|trouble| {
                Failure::machine("the lab's echo has no address", trouble_means(trouble))
            })?;
            start(Box::pin(echo::run_datagrams(callers, stopping.clone())));
        }
        Ok(Self { addresses, stop, tasks })
    }

    /// Stops listening and waits until conversations under way have ended, two seconds at most.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The sites of the lab's web server: three that have names, the first of them for everybody else as well.
fn web(nonces: &Nonces) -> Hosts {
    let site =
        |greeting, subject| Arc::new(Greeter::personal(greeting, nonces.clone(), subject)) as Arc<dyn Site>;
    let (garden, shop) = (site("This is the garden", GARDEN_PAGE), site("This is the shop", SHOP_PAGE));
    let named = [("garden.test", &garden), ("www.garden.test", &garden), ("shop.test", &shop)];
    let named = named.map(|(name, site)| (name.to_owned(), site.clone())).to_vec();
    Hosts::new(named, site(GREETING, PAGE)).and_also(names().chain(CROWDS).map(str::to_owned))
}

type Task = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn boxed<S: Service>(
    service: Arc<S>,
    listeners: Vec<TcpListener>,
    recorder: &Recorder,
    log: &Log,
    stopping: &watch::Receiver<bool>,
) -> Task {
    Box::pin(run(service, listeners, recorder.clone(), log.clone(), stopping.clone()))
}

fn garden(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// The same port for TCP and UDP at each of `hosts` that this machine has, as DNS and echo have it.
async fn paired(hosts: &[IpAddr], port: u16) -> Result<(Vec<TcpListener>, Vec<UdpSocket>), Failure> {
    const TRIES: usize = 16;
    let mut last = None;
    for _ in 0..TRIES {
        let listeners = listeners(hosts, port)?;
        match datagram_sockets(&listening_on(&listeners)).await {
            Ok(sockets) => return Ok((listeners, sockets)),
            // The system's choice for TCP may be taken for UDP: choose again.
            Err(failure) => last = Some(failure),
        }
        if port != 0 {
            break;
        }
    }
    Err(last.unwrap_or_else(|| Failure::machine("no port for both TCP and UDP was free", "")))
}

async fn datagram_sockets(addresses: &[SocketAddr]) -> Result<Vec<UdpSocket>, Failure> {
    let mut sockets = Vec::new();
    for &address in addresses {
        let bound = UdpSocket::bind(address).await;
        sockets.push(bound.map_err(|error| denied(address, &error, datagram_holder(address).as_deref()))?);
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

/// The addresses listeners really have.
#[must_use]
pub fn listening_on(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}
