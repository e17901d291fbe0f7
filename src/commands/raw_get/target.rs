//! Where to go and what to ask for there: a URL, as typed or as a redirect has it.

use url::{Origin, Url};

use crate::commands::web_url::Wants;
use crate::error::Failure;
use crate::net::zone;

/// A URL of http or https with a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    /// On which link its address is meant. That is this machine's affair: the server is not told (RFC 6874 §4).
    zone: Option<String>,
}

impl Target {
    /// Reads a URL; a host alone is enough.
    ///
    /// # Errors
    /// When it is none, or names something that netlab cannot fetch.
    pub fn of(typed: &str) -> Result<Self, Failure> {
        let wants = Wants {
            what: "a URL netlab can fetch",
            example: "netlab raw-get http://hello.test/seed-a-plant",
            inside_tls: None,
        };
        let (typed, zone) = without_zone(typed);
        Ok(Self { url: wants.read(&typed, |_| String::new())?, zone })
    }

    /// The target of a redirect from here. The URL is the server's, so it is quoted wherever it stands in something to type.
    ///
    /// # Errors
    /// When netlab cannot go there, with what can be done instead.
    pub fn redirected(&self, url: &Url) -> Result<Self, Failure> {
        let zone = self.zone.clone().filter(|_| self.url.host() == url.host());
        match url.scheme() {
            "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => {
                Ok(Self { url: url.clone(), zone })
            }
            other => Err(Failure::network(
                format!("the redirect leads to {url}, which cannot be fetched"),
                format!("its scheme is {other}, and this verb speaks http and https"),
            )),
        }
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL that a request here asks for when this is its target.
    #[must_use]
    pub fn at(&self, asked: &[u8]) -> Url {
        let own = self.path_and_query();
        let other = std::str::from_utf8(asked).ok().filter(|asked| *asked != own);
        other.and_then(|asked| self.url.join(asked).ok()).unwrap_or_else(|| self.url.clone())
    }

    /// The URL without its fragment, which is never sent: two that agree in it ask for the same.
    #[must_use]
    pub fn page(&self) -> String {
        let mut url = self.url.clone();
        url.set_fragment(None);
        url.into()
    }

    /// Scheme, host and port: who is trusted with what is meant for this server (RFC 9110 §4.3.1).
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.url.origin()
    }

    /// The host, an IPv6 address in brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host with its zone, for whoever is to find a way there.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.zone, self.name().strip_suffix(']')) {
            (Some(zone), Some(name)) => format!("{name}%{zone}]"),
            _ => self.name().to_owned(),
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The same at another port.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Self {
        // Only a URL without a host has no place for a port, and this one has a host.
        let _ = self.url.set_port(Some(port));
        self
    }

    /// Whether it is to be asked for over TLS.
    #[must_use]
    pub fn is_secured(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The value of the Host field. The usual port of the scheme is left out (RFC 9110 §4.2.3).
    #[must_use]
    pub fn host(&self) -> String {
        // A URL has a port only where it is not the usual one.
        self.url.port().map_or_else(|| self.name().to_owned(), |port| format!("{}:{port}", self.name()))
    }

    /// The request-target.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let query = self.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", self.url.path())
    }
}

/// A URL and the zone of its host, which no URL can have: it is typed as `%eth0`, or as RFC 6874 had it, `%25eth0`.
fn without_zone(typed: &str) -> (String, Option<String>) {
    let parts = || {
        let (before, rest) = typed.split_once('[')?;
        let authority = before.split_once("://").map_or(before, |(_, behind)| behind);
        if authority.contains(['/', '?', '#']) {
            return None;
        }
        let (host, behind) = rest.split_once(']')?;
        let (address, zone) = zone::split(host)?;
        let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
        Some((format!("{before}[{address}]{behind}"), Some(zone.to_owned())))
    };
    parts().unwrap_or_else(|| (typed.to_owned(), None))
}

/// A URL for a shell: servers choose them, and nobody should run what one has put there.
#[must_use]
pub fn quoted(url: &str) -> String {
    // Only a NUL byte cannot be quoted, and no URL holds one.
    shlex::try_quote(url).map_or_else(|_| "URL".to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_zone_is_for_the_way_there_and_not_for_the_server() {
        for typed in ["[fe80::1%25eth0]:8080/a", "http://[fe80::1%eth0]:8080/a"] {
            let target = Target::of(typed).unwrap();
            assert_eq!((target.place().as_str(), target.port()), ("[fe80::1%eth0]", 8080));
            assert_eq!(target.host(), "[fe80::1]:8080");
            let there = |url: &str| target.redirected(&url.parse().unwrap()).unwrap().place();
            assert_eq!(there("http://[fe80::1]/b"), "[fe80::1%eth0]");
            assert_eq!(there("http://[fe80::2]/b"), "[fe80::2]");
        }
        assert_eq!(Target::of("[fe80::1%25]").unwrap().place(), "[fe80::1%25]");
        let elsewhere = Target::of("a.test/?q=[fe80::1%25eth0]").unwrap();
        assert_eq!(elsewhere.path_and_query(), "/?q=[fe80::1%25eth0]");
    }
}
