//! A connect that failed, with a look around this machine when it was refused.

use std::net::SocketAddr;

use crate::error::{Failure, Instead};
use crate::evidence::{Trouble, TroubleKind};
use crate::net::origin::Snag;
use crate::net::sockets::listeners::{named, near};

/// The last trouble of a connect to several addresses. Who was refused by this machine is told who listens
/// here instead; the tables are read only then.
#[must_use]
pub fn unconnected(last: Option<(SocketAddr, Trouble)>) -> Failure {
    let refused = last.filter(|(_, trouble)| trouble.kind == TroubleKind::Refused);
    let listeners = refused.map(|(server, _)| near(server)).unwrap_or_default();
    let instead: Vec<Instead> = listeners
        .into_iter()
        .map(|one| Instead { address: one.address, program: one.program.as_ref().map(named) })
        .collect();
    Failure::unconnected(last, &instead)
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
