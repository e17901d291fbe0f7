//! A range of addresses with a purpose of its own: all that begin with the same bits, what they are for, and how far
//! away somebody may be who can reach one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a range of addresses is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, in a word or two.
    pub name: &'static str,
    /// Where it is laid down.
    pub rfc: &'static str,
    /// What it is for, as a sentence part.
    pub meaning: &'static str,
    /// Whom a server at such an address can hear.
    pub reach: Reach,
}

/// How far away somebody may be who can reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// On the same machine.
    Machine,
    /// On the same cable or Wi-Fi.
    Link,
    /// In the same private network, routers included.
    Site,
    /// In the network of one provider.
    Provider,
    /// Anywhere.
    World,
    /// Wherever members of the group are.
    Group,
    /// Nowhere: no packet should be on its way to it.
    Nobody,
}

impl Reach {
    /// A word for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Link => "link",
            Self::Site => "site",
            Self::Provider => "provider",
            Self::World => "world",
            Self::Group => "group",
            Self::Nobody => "nobody",
        }
    }

    /// Who can reach such an address.
    #[must_use]
    pub fn who(self) -> &'static str {
        match self {
            Self::Machine => "this machine only",
            Self::Link => "machines on the same cable or Wi-Fi",
            Self::Site => "machines of the same private network",
            Self::Provider => "machines of one provider's network",
            Self::World => "anyone, unless a firewall is in the way",
            Self::Group => "whoever has joined the group",
            Self::Nobody => "nobody on the Internet",
        }
    }
}

/// All addresses with the same first bits.
#[derive(Debug)]
pub struct Range {
    /// Its first address.
    pub first: IpAddr,
    /// How many bits are the same.
    pub len: u8,
    /// What it is for.
    pub kind: &'static Kind,
}

impl Range {
    /// A range of IPv4.
    #[must_use]
    pub const fn four(first: [u8; 4], len: u8, kind: &'static Kind) -> Self {
        let [a, b, c, d] = first;
        Self { first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), len, kind }
    }

    /// A range of IPv6; `first` is written up to its last word that is not zero, eight at most.
    #[must_use]
    pub const fn six<const WORDS: usize>(first: [u16; WORDS], len: u8, kind: &'static Kind) -> Self {
        let mut bits: u128 = 0;
        let mut at = 0;
        while at < WORDS {
            // From cannot be called in a constant; nothing is lost.
            bits |= (first[at] as u128) << (112 - 16 * at);
            at += 1;
        }
        Self { first: IpAddr::V6(Ipv6Addr::from_bits(bits)), len, kind }
    }

    /// Whether `ip` is in it.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let len = u32::from(self.len);
        match (self.first, ip) {
            // A shift by the whole width leaves nothing to differ: the range is everything.
            (IpAddr::V4(first), IpAddr::V4(ip)) => {
                (first.to_bits() ^ ip.to_bits()).checked_shr(32 - len).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(ip)) => {
                (first.to_bits() ^ ip.to_bits()).checked_shr(128 - len).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl Range {
    /// Whether it is one address alone.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.len == if self.first.is_ipv4() { 32 } else { 128 }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.first, self.len)
    }
}
