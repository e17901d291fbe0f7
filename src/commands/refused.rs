//! A connect that failed, with a look around this machine when it was refused.

use std::net::SocketAddr;

use crate::error::{Failure, Instead};
use crate::evidence::{Transport, Trouble, TroubleKind};
use crate::net::origin::Snag;
use crate::net::sockets::listeners::{named, near};
use crate::net::tcp_info::takes_ipv4;

/// The last trouble of a connect to several addresses. Who was refused by this machine is told who listens
/// here instead; the tables are read only then.
#[must_use]
pub fn unconnected(last: Option<(SocketAddr, Trouble)>) -> Failure {
    let instead = last.map(|(server, trouble)| instead(Transport::Tcp, server, trouble)).unwrap_or_default();
    Failure::unconnected(last, &instead)
}

/// The same for a datagram.
#[must_use]
pub fn unheard(server: SocketAddr, trouble: Trouble) -> Failure {
    Failure::datagram(server, trouble, &instead(Transport::Udp, server, trouble))
}

/// The same for a question to a DNS server that is not there.
#[must_use]
pub fn unanswered(server: SocketAddr, trouble: Trouble) -> Failure {
    Failure::no_dns_server(server, &instead(Transport::Udp, server, trouble))
}

/// Who may have been meant.
fn instead(transport: Transport, server: SocketAddr, trouble: Trouble) -> Vec<Instead> {
    if trouble.kind != TroubleKind::Refused {
        return Vec::new();
    }
    let on_every_ipv6 = |address: SocketAddr| address.is_ipv6() && address.ip().is_unspecified();
    near(transport, server)
        .into_iter()
        .map(|one| Instead {
            address: one.address,
            program: one.program.as_ref().map(named),
            takes_ipv4: on_every_ipv6(one.address).then(|| takes_ipv4(transport, one.address)).flatten(),
        })
        .collect()
}

/// The same for a connection whose near end was chosen, too: the trouble may be at either.
#[must_use]
pub fn snagged(snag: Snag) -> Failure {
    match snag {
        Snag::Origin(origin, trouble) => Failure::origin(origin, trouble),
        Snag::Server(server, trouble) => unconnected(Some((server, trouble))),
        Snag::NoAddress => Failure::no_address(),
    }
}
