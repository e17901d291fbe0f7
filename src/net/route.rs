//! From a host as typed to the addresses to connect to, and how that came about.

use std::net::SocketAddr;

use super::resolve::Lookup;
use crate::evidence::Recorder;
use crate::proto::Protocol;

/// How a host became addresses.
#[derive(Debug, Clone)]
pub enum Via {
    /// It was an address already.
    Literal,
    /// `localhost` is loopback by definition (RFC 6761 §6.3).
    Localhost,
    /// The hosts file says so; nobody was asked.
    Hosts,
    /// DNS: one lookup for each address type.
    Dns(Vec<Lookup>),
    /// The lab's DNS, by the same kind of lookup.
    Lab(Vec<Lookup>),
}

/// Where to connect.
#[derive(Debug, Clone)]
pub struct Route {
    /// The host as typed.
    pub host: String,
    /// The port asked for, which inside the lab is not the real one.
    pub port: u16,
    /// How it came about.
    pub via: Via,
    /// The addresses to try, in order.
    pub addresses: Vec<SocketAddr>,
    /// The protocol that is spoken there, where that is known from elsewhere than from the port.
    pub speaks: Option<&'static Protocol>,
}

impl Route {
    /// A recorder of conversations there, which notes what they speak if that is known.
    #[must_use]
    pub fn recorder(&self, recorder: &Recorder) -> Recorder {
        self.speaks.map_or_else(|| recorder.clone(), |protocol| recorder.speaking(protocol.name))
    }
}
