//! Protocols: bytes in, explained fields out.
//!
//! Reading order: [`field`] (what a field is), [`reader`] (how fields come to be), [`stream`] (what a
//! dissector is given), [`cut`] (where messages end while they come), then one module per protocol. Everything here is pure: no sockets, no clock,
//! no printing, and no input makes it fail. Broken bytes become fields that say what is wrong.

pub mod cut;
pub mod field;
pub mod hexdump;
pub mod reader;
pub mod stream;

pub mod dns;
pub mod framed;
pub mod http;
pub mod plain;

use cut::Cut;
use field::Fields;
use stream::{Carriage, Stream};

/// A protocol netlab can explain: one row of [`PROTOCOLS`].
pub struct Protocol {
    /// Short lower-case name, the first step of every path into its fields.
    pub name: &'static str,
    /// What it is called in a sentence.
    pub title: &'static str,
    /// The RFC that defines it.
    pub rfc: &'static str,
    /// Ports that suggest it, the lab's (7000 + the usual one) included.
    pub ports: &'static [u16],
    /// Whether these bytes look like it when no port tells.
    pub looks_like: fn(Stream<'_>) -> bool,
    /// Explains every bit of the input. Total: any bytes in, a tree out.
    pub dissect: fn(Stream<'_>) -> Fields<'_>,
    /// What finds the ends of its messages in one conversation while they come.
    pub cut: fn(Carriage) -> Box<dyn Cut>,
}

/// All protocols, the ones that are easiest to tell apart first.
pub const PROTOCOLS: &[&Protocol] = &[&http::HTTP, &dns::DNS, &framed::FRAMED, &plain::PLAIN];

/// The protocol called `name`, as in `--as dns`.
#[must_use]
pub fn named(name: &str) -> Option<&'static Protocol> {
    PROTOCOLS.iter().copied().find(|protocol| protocol.name == name)
}

/// The protocol these bytes most likely are. What they look like counts before the port: a port is
/// only a habit. When neither tells, the bytes stay [`plain`].
#[must_use]
pub fn guess(stream: Stream<'_>, port: Option<u16>) -> &'static Protocol {
    let alike = PROTOCOLS.iter().find(|protocol| (protocol.looks_like)(stream));
    let usual = || PROTOCOLS.iter().find(|protocol| port.is_some_and(|port| protocol.ports.contains(&port)));
    alike.or_else(usual).copied().unwrap_or(&plain::PLAIN)
}
