//! The addresses this machine has, and the interfaces they are on.

use std::net::IpAddr;

/// A way out of the machine, or back into it: a card, a tunnel, loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, as the system has it; whoever made the interface chose it.
    pub name: String,
    /// Whether it is switched on.
    pub up: bool,
    /// Its addresses, IPv4 first.
    pub addresses: Vec<Address>,
}

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address itself.
    pub ip: IpAddr,
    /// How many of its first bits all machines on the link share; absent where the system does not say.
    pub prefix: Option<u8>,
    /// What is out of the ordinary about it.
    pub marks: Vec<Mark>,
}

/// What the system says of an IPv6 address besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Made at random and replaced after a day or so, so that servers cannot follow the machine (RFC 8981).
    Temporary,
    /// For connections there are; new ones take another (RFC 4862 §5.5.4).
    Deprecated,
    /// Still being asked about on the link, and not in use yet (RFC 4862 §5.4).
    Tentative,
    /// Another machine on the link has it (RFC 4862 §5.4.5).
    Duplicate,
}

impl Mark {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Deprecated => "deprecated",
            Self::Tentative => "tentative",
            Self::Duplicate => "duplicate",
        }
    }

    /// What it means, with the RFC.
    #[must_use]
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Self::Temporary => (
                "made at random and replaced after a day or so, so that servers cannot follow this machine",
                "RFC 8981 §3.4",
            ),
            Self::Deprecated => {
                ("kept for the connections that have it; new ones take another", "RFC 4862 §5.5.4")
            }
            Self::Tentative => {
                ("not in use yet: the machine is asking on the link whether somebody has it", "RFC 4862 §5.4")
            }
            Self::Duplicate => ("not in use: another machine on the link has it already", "RFC 4862 §5.4.5"),
        }
    }
}

/// All interfaces, in the system's order.
///
/// # Errors
/// Why they cannot be read, as a sentence part.
pub fn interfaces() -> Result<Vec<Interface>, String> {
    imp::interfaces()
}

/// Whether a packet to `ip` stays on this machine: loopback, one of its addresses, or the unspecified
/// address, for which systems put loopback. Where interfaces cannot be read only loopback is known.
#[must_use]
pub fn is_here(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let has = |interface: &Interface| interface.addresses.iter().any(|address| address.ip == ip);
    ip.is_loopback() || ip.is_unspecified() || interfaces().is_ok_and(|all| all.iter().any(has))
}

/// The marks in Linux's `/proc/net/if_inet6`: address, interface's number, prefix, scope and flags as hex,
/// and the interface's name. Lines of another form are passed over.
#[must_use]
pub fn marks(table: &str) -> Vec<(String, IpAddr, Vec<Mark>)> {
    /// The kernel's flags (`linux/if_addr.h`).
    const FLAGS: [(u32, Mark); 4] =
        [(0x01, Mark::Temporary), (0x20, Mark::Deprecated), (0x40, Mark::Tentative), (0x08, Mark::Duplicate)];
    let row = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let address = words.next().filter(|word| word.len() == 32)?;
        let address = u128::from_str_radix(address, 16).ok()?;
        let flags = u32::from_str_radix(words.nth(3)?, 16).ok()?;
        let marks = FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, mark)| *mark).collect();
        Some((words.next()?.to_owned(), IpAddr::from(address.to_be_bytes()), marks))
    };
    table.lines().filter_map(row).collect()
}

#[cfg(unix)]
mod imp {
    use std::fs;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::InterfaceFlags;
    use nix::sys::socket::SockaddrStorage;

    use super::{Address, Interface, marks};

    pub fn interfaces() -> Result<Vec<Interface>, String> {
        let entries = getifaddrs().map_err(|errno| errno.desc().to_owned())?;
        // Only Linux has this table; elsewhere no address has a mark.
        let marks = marks(&fs::read_to_string("/proc/net/if_inet6").unwrap_or_default());
        let mut all: Vec<Interface> = Vec::new();
        for entry in entries {
            let at = all.iter().position(|known| known.name == entry.interface_name).unwrap_or_else(|| {
                let (name, up) = (entry.interface_name.clone(), entry.flags.contains(InterfaceFlags::IFF_UP));
                all.push(Interface { name, up, addresses: Vec::new() });
                all.len() - 1
            });
            if let Some(ip) = entry.address.as_ref().and_then(ip_of) {
                let prefix = entry.netmask.as_ref().and_then(ip_of).map(prefix);
                let is_it = |row: &&(String, IpAddr, Vec<_>)| row.0 == entry.interface_name && row.1 == ip;
                let marks = marks.iter().find(is_it).map(|row| row.2.clone()).unwrap_or_default();
                all[at].addresses.push(Address { ip, prefix, marks });
            }
        }
        all.iter_mut().for_each(|interface| interface.addresses.sort_by_key(|address| address.ip));
        Ok(all)
    }

    fn ip_of(address: &SockaddrStorage) -> Option<IpAddr> {
        let four = address.as_sockaddr_in().map(|four| IpAddr::V4(four.ip()));
        four.or_else(|| address.as_sockaddr_in6().map(|six| IpAddr::V6(six.ip())))
    }

    /// A mask is an address whose first bits are ones.
    fn prefix(mask: IpAddr) -> u8 {
        let ones = match mask {
            IpAddr::V4(mask) => Ipv4Addr::to_bits(mask).leading_ones(),
            IpAddr::V6(mask) => Ipv6Addr::to_bits(mask).leading_ones(),
        };
        u8::try_from(ones).unwrap_or(u8::MAX)
    }
}

#[cfg(not(unix))]
mod imp {
    use super::Interface;

    pub fn interfaces() -> Result<Vec<Interface>, String> {
        Err("netlab asks for interfaces as Unix systems do (getifaddrs), and this system has another way"
            .to_owned())
    }
}
