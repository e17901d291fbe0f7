//! Asking: the bytes of a query.
//!
//! RFC 1035 §4.1.1 and §4.1.2; RFC 6891 §6.1 for the OPT pseudo-record; §4.2.2 for the length on TCP.
//!
//! ```text
//!  | ID | RD and zeros | 1 | 0 | 0 | OPT? 1 : 0 |  name ... | type | IN |  OPT ...
//! ```
//!
//! ```
//! use netlab::proto::dns::query::Query;
//!
//! let query = Query::new(0x1234, "hi.test", 1);
//! assert_eq!(
//!     query.bytes().unwrap(),
//!     b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02hi\x04test\x00\x00\x01\x00\x01"
//! );
//! ```

use super::encode::{NameError, encode};
use super::rdata::OPT;

/// The class of everything here: the Internet.
pub const IN: u16 = 1;

/// A query for one name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// A number that the answer has to repeat: pick one that cannot be guessed.
    pub id: u16,
    /// The name, with or without a dot at its end.
    pub name: String,
    /// The type.
    pub qtype: u16,
    /// Whether the server should go and find out.
    pub recursion_desired: bool,
    /// Whether to say EDNS, and how long a datagram may come back.
    pub edns_payload: Option<u16>,
    /// Whether signatures are wanted; says EDNS too.
    pub dnssec_ok: bool,
}

impl Query {
    /// A plain query as a stub resolver sends it: recursion desired, no EDNS.
    #[must_use]
    pub fn new(id: u16, name: &str, qtype: u16) -> Self {
        Self {
            id,
            name: name.to_owned(),
            qtype,
            recursion_desired: true,
            edns_payload: None,
            dnssec_ok: false,
        }
    }

    /// The query as one datagram.
    ///
    /// # Errors
    /// When the name is none.
    pub fn bytes(&self) -> Result<Vec<u8>, NameError> {
        let name = encode(&self.name)?;
        let payload = self.edns_payload.or(self.dnssec_ok.then_some(1232));
        let flags = u16::from(self.recursion_desired) << 8;
        let words = [self.id, flags, 1, 0, 0, u16::from(payload.is_some())];
        let mut bytes = words.map(u16::to_be_bytes).concat();
        bytes.extend(name);
        bytes.extend([self.qtype, IN].map(u16::to_be_bytes).concat());
        if let Some(payload) = payload {
            opt(&mut bytes, payload, 0, self.dnssec_ok, &[]);
        }
        Ok(bytes)
    }
}

/// Adds an OPT pseudo-record: the root's name, then what edns.rs draws.
pub(super) fn opt(bytes: &mut Vec<u8>, payload: u16, extended_rcode: u8, dnssec_ok: bool, options: &[u8]) {
    bytes.push(0);
    bytes.extend(OPT.to_be_bytes());
    bytes.extend(payload.to_be_bytes());
    bytes.extend([extended_rcode, 0, u8::from(dnssec_ok) << 7, 0]);
    bytes.extend(u16::try_from(options.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(options.iter().take(usize::from(u16::MAX)));
}

/// The message as TCP carries it, behind its length. Nothing longer than 65,535 bytes is a message; of
/// such bytes only the first 65,535 go.
#[must_use]
pub fn framed(message: &[u8]) -> Vec<u8> {
    let len = u16::try_from(message.len()).unwrap_or(u16::MAX);
    let mut bytes = len.to_be_bytes().to_vec();
    bytes.extend(message.iter().take(usize::from(len)));
    bytes
}
