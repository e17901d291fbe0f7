//! Protocols: bytes in, explained fields out.
//!
//! Reading order: [`field`] (what a field is), [`reader`] (how fields come to be), [`stream`] (what a
//! dissector is given), [`row`] (what a protocol answers), [`cut`] (where messages end while they come), [`inner`]
//! (bytes made from other bytes), [`kinds`], [`range`] and [`ranges`] (what an address is by its number), then one
//! module per protocol. Everything here is pure: no sockets, no clock,
//! no printing, and no input makes it fail. Broken bytes become fields that say what is wrong.

pub mod cut;
pub mod field;
pub mod hexdump;
pub mod inner;
pub mod kinds;
pub mod range;
pub mod ranges;
pub mod reader;
pub mod row;
pub mod stream;

pub mod dns;
pub mod finger;
pub mod framed;
pub mod http;
pub mod plain;
pub mod tls;

pub use row::{Likeness, Protocol};
use stream::Stream;

/// All protocols, the ones that are easiest to tell apart first.
pub static PROTOCOLS: [&Protocol; 6] =
    [&http::HTTP, &tls::TLS, &dns::DNS, &finger::FINGER, &framed::FRAMED, &plain::PLAIN];

/// The protocol called `name`, as in `--as dns`.
#[must_use]
pub fn named(name: &str) -> Option<&'static Protocol> {
    PROTOCOLS.iter().copied().find(|protocol| protocol.name == name)
}

/// The protocol of a conversation, of which `sides` are the first bytes each side has sent.
///
/// What bytes look like comes first. Among protocols they may be, what their program said it `speaks` decides, then
/// the port. Neither decides anything for bytes that look like something else: a port is only a habit. When nothing
/// tells, the bytes stay [`plain`].
///
/// ```
/// use netlab::proto::stream::{Carriage, Sender, Stream};
/// use netlab::proto::{guess, http::HTTP, plain::PLAIN};
///
/// let said = |bytes| guess(&[Stream::alone(bytes, Sender::Client, Carriage::Stream)], None, Some(80));
/// assert!(*said(b"BREW / HTTP/1.1\r\n") == HTTP);
/// assert!(*said(b"good morning\r\n") == PLAIN);
/// ```
#[must_use]
pub fn guess(
    sides: &[Stream<'_>],
    speaks: Option<&'static Protocol>,
    port: Option<u16>,
) -> &'static Protocol {
    let likeness = |protocol: &Protocol| {
        let mut all = sides.iter().filter(|side| !side.bytes.is_empty());
        let like = |side: &Stream<'_>| (protocol.looks_like)(side.bytes, &side.around());
        let mut maybe = true;
        match all.any(|side| {
            let like = like(side);
            maybe &= like != Likeness::No;
            like == Likeness::Is
        }) {
            true => Likeness::Is,
            false if maybe => Likeness::MayBe,
            false => Likeness::No,
        }
    };
    let may_be = |protocol: &&'static Protocol| likeness(protocol) == Likeness::MayBe;
    let is = PROTOCOLS.iter().copied().find(|protocol| likeness(protocol) == Likeness::Is);
    let usual = |protocol: &&Protocol| port.is_some_and(|port| protocol.ports.contains(&port));
    is.or_else(|| speaks.filter(may_be))
        .or_else(|| PROTOCOLS.iter().copied().filter(usual).find(may_be))
        .unwrap_or(&plain::PLAIN)
}
