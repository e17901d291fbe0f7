//! Errors that teach: what happened, what that means on a network, and what to try.
//!
//! One constructor for each explained failure, so that a failure reads the same wherever it is met.
//! Sentence parts are lower case and have no full stop; whoever shows them makes sentences of them.
//! Texts may hold names and bytes from outside: they are escaped where they are shown.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

mod dns;
mod machine;
pub mod trouble;

pub use trouble::{called, in_short, kind_called, trouble_advice, trouble_means};

use crate::evidence::{Trouble, TroubleKind};

/// How a command ends, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or passed.
    Done,
    /// 1: the network said no.
    Network,
    /// 2: the command line makes no sense.
    Usage,
    /// 3: a check has not passed yet.
    NotPassed,
    /// 4: this machine would not.
    Machine,
}

impl Exit {
    /// The number scripts see.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Network => 1,
            Self::Usage => 2,
            Self::NotPassed => 3,
            Self::Machine => 4,
        }
    }
}

/// Something that did not work, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What it means on a network.
    pub why: String,
    /// What to try, most promising first. Empty when there is nothing to do.
    pub try_this: Vec<String>,
    /// The exit code it ends with.
    pub exit: Exit,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for Failure {}

/// A server of this machine that somebody may have meant who was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its program, as `name (pid 123)`, where the system tells.
    pub program: Option<String>,
    /// Whether it takes IPv4 as well, if it listens on every IPv6 address; where the system tells.
    pub takes_ipv4: Option<bool>,
}

impl Instead {
    /// What to try, for somebody who was refused at `server`. What it does there is `listens on`, for instance.
    fn advice(&self, server: SocketAddr, does: &str) -> String {
        let port = self.address.port();
        let there = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => server.is_ipv4(),
            IpAddr::V6(ip) if ip.is_unspecified() => server.is_ipv6() || self.takes_ipv4 == Some(true),
            ip => ip == server.ip(),
        };
        // Nobody calls the unspecified address. Who waits there does so on loopback, too, and on the address that
        // was called, if it is of the right kind.
        let to = match self.address.ip() {
            _ if there => SocketAddr::new(server.ip(), port),
            IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
            _ => self.address,
        };
        let program = self.program.as_deref();
        match (port == server.port(), there) {
            (true, true) => {
                format!("once more: {} {does} {to} by now", program.unwrap_or("a program"))
            }
            (true, false) => {
                format!("the same port at another address: {} {does} {to}", program.unwrap_or("a program"))
            }
            _ => {
                let program = program.map_or_else(|| "a program".to_owned(), |name| format!("your {name}"));
                format!("another port: {program} {does} {to}")
            }
        }
    }
}

/// Whether the system did not know on which link a link-local address is to be looked for.
fn lacks_its_link(server: SocketAddr, trouble: Trouble) -> bool {
    let alone = matches!(server, SocketAddr::V6(server) if server.ip().is_unicast_link_local() && server.scope_id() == 0);
    alone && trouble.kind == TroubleKind::Other
}

/// What a TCP server does at its address.
const LISTENS: &str = "listens on";
/// What a UDP server does.
const TAKES: &str = "takes datagrams on";

impl Failure {
    /// The network said no.
    #[must_use]
    pub fn network(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), try_this: Vec::new(), exit: Exit::Network }
    }

    /// The command line makes no sense.
    #[must_use]
    pub fn usage(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), try_this: Vec::new(), exit: Exit::Usage }
    }

    /// This machine would not.
    #[must_use]
    pub fn machine(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), try_this: Vec::new(), exit: Exit::Machine }
    }

    /// Adds something to try.
    #[must_use]
    pub fn or_try(mut self, advice: impl Into<String>) -> Self {
        self.try_this.push(advice.into());
        self
    }

    /// Adds who takes datagrams instead.
    fn or_instead(mut self, server: SocketAddr, instead: &[Instead]) -> Self {
        self.try_this.extend(instead.iter().map(|other| other.advice(server, TAKES)));
        self
    }

    /// Adds what there is to try about a kind of trouble.
    fn or_usual(self, kind: TroubleKind) -> Self {
        match trouble_advice(kind) {
            Some(advice) => self.or_try(advice),
            None => self,
        }
    }

    /// A connect that failed. `instead` are servers that may have been meant, the most likely first.
    #[must_use]
    pub fn connect(server: SocketAddr, trouble: Trouble, instead: &[Instead]) -> Self {
        let what = match trouble.kind {
            TroubleKind::Refused => format!("nothing listens on {server}"),
            TroubleKind::TimedOut => format!("{server} did not answer"),
            TroubleKind::NetworkUnreachable => format!("no way from here to {server}"),
            TroubleKind::HostUnreachable => format!("the host {} cannot be reached", server.ip()),
            _ => format!("connecting to {server} failed"),
        };
        let mut failure = Self::network(what, trouble_means(trouble));
        if lacks_its_link(server, trouble) {
            "an address that begins with fe80 means something on one link only, and does not say on which (RFC 4007 §6)".clone_into(&mut failure.why);
            let (ip, port) = (server.ip(), server.port());
            return failure
                .or_try(format!("say on which, with the name of an interface: [{ip}%eth0]:{port}"))
                .or_try("take another address of that machine; on its own, netlab addrs lists them");
        }
        failure.try_this.extend(instead.iter().map(|other| other.advice(server, LISTENS)));
        // Where a server has the port at another address, a second one could not have it everywhere.
        let is_free = instead.iter().all(|other| other.address.port() != server.port());
        match trouble.kind {
            TroubleKind::Refused if server.port() == 7777 && is_free => {
                failure.or_try("start the hello server in another terminal: netlab serve --port 7777")
            }
            TroubleKind::Refused => {
                failure.or_try("check the port, and that the server is started and bound to this address")
            }
            kind => failure.or_usual(kind),
        }
    }

    /// A handshake that nobody answered for as long as that.
    #[must_use]
    pub fn silent(server: SocketAddr, limit: Duration) -> Self {
        Self::network(
            format!("{server} did not answer within {} s", limit.as_secs_f64()),
            "nothing came back to the SYN, not even a refusal: it was dropped on the way, by a firewall for instance, or by a kernel whose queue for that port is full, or no machine has that address",
        )
        .or_try("compare it with a refusal, which comes at once: there a kernel answers that nobody listens")
        .or_try("wait longer, since the kernel sends the SYN again, the first time after a second and later in growing pauses: --connect-timeout 15s")
        .or_try("if it is this machine, see whether connections wait there to be accepted: netlab sockets")
    }

    /// A connect to several addresses of which none accepted: the last one's trouble.
    #[must_use]
    pub fn unconnected(last: Option<(SocketAddr, Trouble)>, instead: &[Instead]) -> Self {
        match last {
            Some((server, trouble)) => Self::connect(server, trouble, instead),
            None => Self::network("there is no address to connect to", "the name has none"),
        }
    }

    /// An origin that no address of the server goes with.
    #[must_use]
    pub fn no_address() -> Self {
        Self::network(
            "there is no address to connect to",
            "the server has no address of the same kind as --bind: IPv4 goes to IPv4, IPv6 to IPv6",
        )
        .or_try("bind to an address of the other kind, or leave --bind out")
    }

    /// A connection that ended too early.
    #[must_use]
    pub fn broken_off(server: impl Display, trouble: Trouble) -> Self {
        Self::network(format!("the connection to {server} broke off"), trouble_means(trouble))
            .or_usual(trouble.kind)
    }

    /// TLS with a server did not begin, or what it showed was not believed. `more` is what is known beyond the kind of
    /// trouble, safe to show.
    #[must_use]
    pub fn no_tls(
        server: impl Display,
        host: &str,
        trouble: Trouble,
        more: Option<&str>,
        limit: Duration,
    ) -> Self {
        let what = match trouble.kind {
            TroubleKind::WrongName => format!("whoever answers on {server} has not shown to be {host}"),
            TroubleKind::UnknownIssuer => {
                format!("nobody who is trusted here vouches for {host} on {server}")
            }
            TroubleKind::CertificateExpired => format!("the certificate of {host} on {server} has expired"),
            TroubleKind::CertificateNotYetValid => {
                format!("the certificate of {host} on {server} does not hold yet")
            }
            TroubleKind::BadCertificate => format!("the certificate of {host} on {server} does not hold"),
            TroubleKind::NotTls => format!("what listens on {server} does not speak TLS"),
            TroubleKind::TlsAlert => format!("{server} ended the handshake with an alert"),
            TroubleKind::Truncated => {
                format!("{server} closed the connection in the middle of the handshake")
            }
            TroubleKind::TimedOut => {
                format!("the handshake with {server} did not end within {} s", limit.as_secs_f64())
            }
            _ => format!("TLS with {server} could not begin"),
        };
        let means = trouble_means(trouble);
        let why = more.map_or(means.clone(), |more| format!("{more}; {means}"));
        Self::network(what, why).or_usual(trouble.kind)
    }

    /// A server that has said nothing for so long in the middle of an exchange. `so_far` is how far the answer came.
    #[must_use]
    pub fn fell_silent(server: impl Display, waited: Duration, so_far: &str) -> Self {
        Self::network(
            format!("{server} fell silent"),
            format!("not a byte came for {} seconds: {so_far}", waited.as_secs()),
        )
    }

    /// An answer that cannot be read to its end.
    #[must_use]
    pub fn answer_broken(why: impl Into<String>) -> Self {
        Self::network("the response is broken", why)
    }

    /// A server of HTTP inside TLS, asked without it.
    #[must_use]
    pub fn answers_in_tls() -> Self {
        Self::network(
            "what listens there answers with TLS",
            "these bytes are TLS: one end speaks https on a connection where the other expects plain http",
        )
        .or_try("ask with https:// instead of http://")
    }

    /// A server of something else than HTTP, which begins so.
    #[must_use]
    pub fn answers_otherwise(shown: &str) -> Self {
        Self::network(
            "what listens there does not answer in HTTP",
            format!("an answer begins with HTTP/ and a version, and this one with: {shown}"),
        )
        .or_try("check the port; netlab connect HOST:PORT shows what such a server says")
    }

    /// A server that stays when our side has said all it had to say.
    #[must_use]
    pub fn unfinished(server: impl Display, waited: Duration) -> Self {
        Self::network(
            format!("{server} has not finished its side for {} s", waited.as_secs_f64()),
            "the connection was still open and nothing more came over it: the program there may be busy, may wait for more from this side, or has never accepted the connection",
        )
        .or_try("wait longer: --wait 2m")
        .or_try("if the server waits for an end of your message, send it: an HTTP request ends with an empty line")
    }

    /// A datagram that could not be sent, or whose answer was a refusal. `instead` are programs that may have been
    /// meant, the most likely first.
    #[must_use]
    pub fn datagram(server: SocketAddr, trouble: Trouble, instead: &[Instead]) -> Self {
        match trouble.kind {
            TroubleKind::Refused => Self::network(
                format!("no program takes datagrams on {server}"),
                "the datagram arrived, and the kernel there sent ICMP port unreachable back: UDP itself has no way to refuse",
            )
            .or_instead(server, instead)
            .or_try(format!("start one in another terminal: netlab listen --udp {}", server.port()))
            .or_try("a TCP server on the same number does not count: TCP and UDP have their ports apart"),
            kind => Self::network(format!("the datagram to {server} was not sent"), trouble_means(trouble))
                .or_usual(kind),
        }
    }

    /// The address or port a connection was to come from cannot be had.
    #[must_use]
    pub fn origin(origin: SocketAddr, trouble: Trouble) -> Self {
        let (whence, why) = match (trouble.kind, origin.port()) {
            (TroubleKind::AddressInUse, port) => (
                format!("port {port}"),
                "a connection is told by its two addresses and two ports, so each such four exists once: another socket here has that port, or its last connection to this server has only just ended".to_owned(),
            ),
            (_, 0) => (origin.ip().to_string(), trouble_means(trouble)),
            _ => (origin.to_string(), trouble_means(trouble)),
        };
        Self::machine(format!("the connection cannot come from {whence}"), why)
            .or_try("leave --bind and --source-port out: the system then chooses both")
    }
}
