//! Several sites at one address: the name in the request chooses between them (RFC 9110 §7.2).
//!
//! Who asks by number, or names nobody, has not chosen, and gets the site for everybody else. A name that no site here has
//! is not for this server to answer: 421 (RFC 9110 §15.5.20).

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use super::host;
use super::request::Request;
use super::site::{Answer, Site};

/// The sites.
pub struct Hosts {
    named: Vec<(String, Arc<dyn Site>)>,
    other: Arc<dyn Site>,
    /// Names that the site for everybody else has.
    also: Vec<String>,
}

impl Hosts {
    /// Sites with their names, and the one for everybody else.
    #[must_use]
    pub fn new(named: Vec<(String, Arc<dyn Site>)>, other: Arc<dyn Site>) -> Self {
        Self { named, other, also: Vec::new() }
    }

    /// The same, and the site for everybody else has these names.
    #[must_use]
    pub fn and_also(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { also: names.into_iter().collect(), ..self }
    }

    fn named(&self, host: &str) -> Option<&Arc<dyn Site>> {
        let site = self.named.iter().find(|(name, _)| is_same(name, host));
        site.map(|(_, site)| site)
    }
}

/// Names are the same in capitals, and with the dot at their end that stands for the root (RFC 9110 §4.2.3).
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other.strip_suffix('.').unwrap_or(other))
}

impl Site for Hosts {
    fn answer(&self, request: &Request<'_>) -> Answer {
        self.named(request.host).unwrap_or(&self.other).answer(request)
    }

    fn has_host(&self, host: &str, server: SocketAddr) -> bool {
        self.named(host).is_some()
            || host::names_nobody(host, server)
            || self.also.iter().any(|name| is_same(name, host))
    }

    fn methods(&self) -> Cow<'_, str> {
        self.other.methods()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Hosts;
    use crate::lab::hello::greeter::{Elsewhere, Greeter};
    use crate::lab::hello::site::Site;

    #[test]
    fn a_name_is_had_or_not_and_a_number_names_nobody() {
        let site = || Arc::new(Greeter::new("x", Elsewhere::Default)) as Arc<dyn Site>;
        let hosts =
            Hosts::new(vec![("garden.test".to_owned(), site())], site()).and_also(["hello.test".to_owned()]);
        let server = "127.0.0.1:7777".parse().expect("an address");
        for host in ["garden.test", "Garden.Test", "garden.test.", "hello.test", "127.0.0.5", "localhost", ""]
        {
            assert!(hosts.has_host(host, server), "{host}");
        }
        for host in ["shop.test", "www.garden.test", "test", "garden.test.evil.example", "8.8.8.8"] {
            assert!(!hosts.has_host(host, server), "{host}");
        }
    }
}
