//! What this machine is set up with: its resolvers, its search list and its hosts file.
//!
//! hickory-resolver reads all three, with the rules of each system.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, system_conf};

/// The system's resolver settings (`/etc/resolv.conf` on Unix).
#[derive(Debug, Clone)]
pub struct System {
    /// The recursive resolvers to ask, in order.
    pub servers: Vec<SocketAddr>,
    /// Domains to append to short names, in order, without a trailing dot.
    pub search: Vec<String>,
    /// A name with at least this many dots is tried as it is first.
    pub ndots: usize,
    /// How long the system would wait for one server.
    pub timeout: Duration,
}

impl System {
    /// Reads the settings.
    ///
    /// # Errors
    /// The reason, as a sentence part, when there are none or they name no server.
    pub fn read() -> Result<Self, String> {
        let (config, options) = system_conf::read_system_conf().map_err(|error| error.to_string())?;
        let servers = config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect();
        let domain = config.domain().filter(|_| config.search().is_empty());
        let search =
            domain.into_iter().chain(config.search()).map(bare).filter(|name| !name.is_empty()).collect();
        Ok(Self { servers, search, ndots: options.ndots, timeout: options.timeout })
    }

    /// The names to try for what was typed, in order, as the search rules say. A trailing dot means
    /// that the name is complete as it is.
    #[must_use]
    pub fn candidates(&self, typed: &str) -> Vec<String> {
        if let Some(complete) = typed.strip_suffix('.') {
            return vec![if complete.is_empty() { ".".to_owned() } else { complete.to_owned() }];
        }
        let searched = self.search.iter().map(|domain| format!("{typed}.{domain}"));
        let as_it_is = std::iter::once(typed.to_owned());
        if typed.matches('.').count() >= self.ndots {
            as_it_is.chain(searched).collect()
        } else {
            searched.chain(as_it_is).collect()
        }
    }
}

/// The addresses the hosts file gives for a name. No file is an empty file.
#[must_use]
pub fn hosts(name: &str) -> Vec<IpAddr> {
    let Ok(name) = Name::from_str(name) else { return Vec::new() };
    let Ok(hosts) = Hosts::from_system() else { return Vec::new() };
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .filter_map(|kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)))
        .flat_map(|lookup| {
            lookup.answers().iter().filter_map(|record| address(&record.data)).collect::<Vec<_>>()
        })
        .collect()
}

/// What was typed as the wire wants it: international names in their ASCII form (RFC 5890 §2.3.2.1).
///
/// # Errors
/// Why it cannot be a name, as a sentence part.
pub fn wire_name(typed: &str) -> Result<String, String> {
    if typed == "." {
        return Ok(typed.to_owned());
    }
    if typed.is_empty() {
        return Err("it is empty".to_owned());
    }
    let complete = typed.ends_with('.');
    let name = Name::from_utf8(typed).map_err(|error| no_name(typed).unwrap_or_else(|| error.to_string()))?;
    let ascii = name.to_ascii();
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    Ok(if complete { format!("{ascii}.") } else { ascii.to_owned() })
}

/// What keeps it from being one (RFC 1035 §2.3.1, §2.3.4), if it is plain to see.
fn no_name(typed: &str) -> Option<String> {
    if !typed.is_ascii() {
        // How long its labels become is not plain to see.
        return None;
    }
    let stranger = typed.chars().find(|char| !char.is_ascii_alphanumeric() && !"-_.".contains(*char));
    let mut labels = typed.strip_suffix('.').unwrap_or(typed).split('.');
    match stranger {
        Some(' ') => Some("a name holds no space".to_owned()),
        Some(char) => Some(format!("a name does not hold {char:?}")),
        None if labels.clone().any(str::is_empty) => {
            Some("between two of its dots there is nothing".to_owned())
        }
        None if labels.any(|label| label.len() > 63) => {
            Some("one of its labels has more than 63 characters".to_owned())
        }
        None => (typed.len() > 253).then(|| "it has more than 253 characters".to_owned()),
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    data.ip_addr()
}

fn bare(name: &Name) -> String {
    let text = name.to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::wire_name;

    #[test]
    fn what_keeps_a_text_from_being_a_name_is_said() {
        let long = format!("{}.test", "a".repeat(64));
        for (typed, why) in [
            ("", "it is empty"),
            ("foo bar", "a name holds no space"),
            ("a..test", "between two of its dots there is nothing"),
            (&long, "one of its labels has more than 63 characters"),
        ] {
            assert_eq!(wire_name(typed), Err(why.to_owned()), "{typed}");
        }
        assert_eq!(wire_name("b\u{fc}cher.test").as_deref(), Ok("xn--bcher-kva.test"));
    }
}
