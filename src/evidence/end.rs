//! An end of a flow: a socket address, or the name of an end that has no socket.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest name of an end, in bytes.
pub const END_NAME_BYTES: usize = 64;

/// An end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum End {
    /// A socket on some machine.
    Socket(SocketAddr),
    /// An end of a simulated link, which is no address of any machine. What may stand in a name is safe to print.
    Named(Box<str>),
}

/// It is neither an address nor a name that an end may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoEnd;

impl fmt::Display for NoEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "not an address, and not a name of 1 to {END_NAME_BYTES} letters, digits and - _ . : /")
    }
}

impl std::error::Error for NoEnd {}

impl End {
    /// The socket's address, if it is one.
    #[must_use]
    pub fn socket(&self) -> Option<SocketAddr> {
        match self {
            Self::Socket(address) => Some(*address),
            Self::Named(_) => None,
        }
    }

    /// The socket's IP address, if it is one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.socket().map(|address| address.ip())
    }

    /// The socket's port, if it is one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.socket().map(|address| address.port())
    }
}

impl From<SocketAddr> for End {
    fn from(address: SocketAddr) -> Self {
        Self::Socket(address)
    }
}

impl FromStr for End {
    type Err = NoEnd;

    /// Reads an address such as `127.0.0.1:7777`; everything else is a name.
    fn from_str(text: &str) -> Result<Self, NoEnd> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
        match text.parse() {
            Ok(address) => Ok(Self::Socket(address)),
            Err(_) if (1..=END_NAME_BYTES).contains(&text.len()) && text.bytes().all(allowed) => {
                Ok(Self::Named(text.into()))
            }
            Err(_) => Err(NoEnd),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(address) => address.fmt(out),
            Self::Named(name) => name.fmt(out),
        }
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_str(Text)
    }
}

/// Reads the text where it stands, so that no copy of it is made.
struct Text;

impl Visitor<'_> for Text {
    type Value = End;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an address, or the name of an end")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<End, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{END_NAME_BYTES, End, NoEnd};

    #[test]
    fn an_address_is_a_socket_and_everything_else_that_may_be_one_a_name() {
        let socket: End = "[::1]:80".parse().expect("an address");
        assert_eq!((socket.to_string().as_str(), socket.port()), ("[::1]:80", Some(80)));
        let named: End = "alice/eth0".parse().expect("a name");
        assert_eq!((named.to_string().as_str(), named.socket()), ("alice/eth0", None));
        for broken in ["", "two words", "bell\x07", "caf\u{e9}", &"x".repeat(END_NAME_BYTES + 1)] {
            assert_eq!(broken.parse::<End>(), Err(NoEnd), "{broken:?}");
        }
    }
}
