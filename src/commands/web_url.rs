//! A URL of HTTP, as somebody types it.

use std::net::Ipv4Addr;

use url::Url;

use crate::error::Failure;

/// What a verb says of a URL that is none for it.
pub struct Wants<'a> {
    /// What the text is not, such as `a URL netlab can fetch`.
    pub what: &'a str,
    /// A command that works.
    pub example: &'a str,
    /// What TLS is in the way of, for a verb that does not speak it.
    pub inside_tls: Option<&'a str>,
}

impl Wants<'_> {
    /// That it is none, and why.
    #[must_use]
    pub fn refuse(&self, typed: &str, why: impl Into<String>) -> Failure {
        Failure::usage(format!("{typed} is not {}", self.what), why).or_try(self.example)
    }

    /// Reads it; a host alone is enough, and a port alone is one of this machine. What can be done about https is
    /// `instead`, given the URL.
    ///
    /// # Errors
    /// When it is no URL, names no host, or another scheme than the verb speaks.
    pub fn read(&self, typed: &str, instead: impl FnOnce(&str) -> String) -> Result<Url, Failure> {
        if let Some((port, behind)) = port_alone(typed) {
            return self.read(&format!("http://localhost:{port}{behind}"), instead);
        }
        if let Some((port, behind)) = typed.strip_prefix("http://").and_then(port_alone) {
            let ip = Ipv4Addr::from(u32::from(port));
            return Err(Failure::usage(
                format!("{port} alone is a number and names no host"),
                format!("where a URL has its host, a number is read as an IPv4 address, {port} as {ip}"),
            )
            .or_try(format!("for that port of this machine, type localhost:{port}{behind}")));
        }
        if lacks_host(typed) {
            return Err(self.refuse(
                typed,
                "a URL has its host behind two slashes, as in http://localhost:7777/, and here no host stands there",
            ));
        }
        let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
        let url = Url::parse(&whole).map_err(|error| self.refuse(typed, error.to_string()))?;
        match (url.scheme(), self.inside_tls) {
            ("http", _) | ("https", None) => {}
            ("https", Some(why)) => {
                return Err(Failure::usage(
                    "https is HTTP inside TLS, and this verb does not speak TLS",
                    why,
                )
                .or_try(instead(&whole)));
            }
            (other, _) => {
                return Err(self.refuse(typed, format!("its scheme is {other}, and this verb speaks http")));
            }
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(self.refuse(typed, "it names no host"));
        }
        Ok(url)
    }
}

/// The number of a port that stands where a host has to, with or without a colon, and what follows it: `7777`,
/// `:7777`, `7777/garden?x`. As a host it would be an address that begins with `0.0`, which no server has, so whoever
/// types it means that port of this machine.
#[must_use]
pub fn port_alone(typed: &str) -> Option<(u16, &str)> {
    let end = typed.find(['/', '?', '#']).unwrap_or(typed.len());
    let (host, behind) = typed.split_at(end);
    let digits = host.strip_prefix(':').unwrap_or(host);
    let port =
        digits.parse().ok().filter(|port| *port > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((port, behind))
}

/// Whether a scheme is there and no host behind two slashes. A parser for browsers forgives any number of slashes, and
/// takes the first word of the path for the host.
fn lacks_host(typed: &str) -> bool {
    let behind = ["http:", "https:"].iter().find_map(|scheme| {
        let start = typed.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &typed[scheme.len()..])
    });
    behind.is_some_and(|behind| match behind.strip_prefix("//") {
        Some(host) => host.is_empty() || host.starts_with(['/', '?', '#']),
        None => behind.starts_with('/'),
    })
}

#[cfg(test)]
mod tests {
    use super::Wants;
    use crate::error::{Exit, Failure};

    fn read(typed: &str) -> Result<String, Failure> {
        let wants = Wants { what: "a URL", example: "netlab raw-get hello.test", inside_tls: Some("") };
        wants.read(typed, |_| String::new()).map(String::from)
    }

    #[test]
    fn a_port_alone_is_one_of_this_machine() {
        for (typed, url) in [
            ("18201", "http://localhost:18201/"),
            (":18201", "http://localhost:18201/"),
            ("18201/a?b", "http://localhost:18201/a?b"),
        ] {
            assert_eq!(read(typed).unwrap(), url);
        }
        assert!(read("70000").is_ok_and(|url| !url.contains("localhost")), "that is no port");
    }

    #[test]
    fn a_number_where_a_url_has_its_host_is_no_address() {
        let failure = read("http://18201/").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.what.starts_with("18201 alone is a number"), "{}", failure.what);
        assert!(failure.why.ends_with("18201 as 0.0.71.25"), "{}", failure.why);
        assert_eq!(failure.try_this, ["for that port of this machine, type localhost:18201/"]);
        // Whoever writes a whole address as one number means it.
        assert_eq!(read("http://2130706433/").unwrap(), "http://127.0.0.1/");
        assert_eq!(read("localhost:18201").unwrap(), "http://localhost:18201/");
    }

    #[test]
    fn a_path_is_not_taken_for_the_host() {
        for typed in ["http:///path", "http:/path", "HTTP:///path", "http://", "http://?q", "https:///path"] {
            let failure = read(typed).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{typed}");
            assert!(failure.why.contains("behind two slashes"), "{typed}: {}", failure.why);
        }
        assert_eq!(read("http:8080/a").unwrap(), "http://http:8080/a");
    }
}
