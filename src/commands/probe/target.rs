//! Which server is meant, as typed: a URL without a path, a host with a port, a port alone, or nothing.

use crate::commands::web_url::Wants;
use crate::error::Failure;
use crate::proto::http::build;

/// What is probed when nothing is named.
const USUAL: &str = "http://localhost:7777/";

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name or address, as typed; an IPv6 address in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Target {
    /// Reads what was typed.
    ///
    /// # Errors
    /// When it is no server that can be probed.
    pub fn of(typed: Option<&str>) -> Result<Self, Failure> {
        let typed = typed.unwrap_or(USUAL);
        let wants = Wants {
            what: "a server netlab can probe",
            example: "netlab probe http://localhost:7777/",
            inside_tls: Some(
                "everything the probe checks is inside the encryption, so it would judge none of it",
            ),
        };
        let elsewhere = |_: &str| {
            "let the same program listen without TLS on another port, and probe that one".to_owned()
        };
        let url = wants.read(typed, elsewhere)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wants
                .refuse(typed, "the probe judges a whole server and chooses the paths itself")
                .or_try("a single page: netlab raw-get, with the same URL"));
        }
        let host = url.host_str().unwrap_or_default();
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(80) })
    }

    /// As a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", build::host(&self.host, self.port))
    }
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::error::Exit;

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let target = |typed| Target::of(Some(typed)).unwrap().url();
        assert_eq!(Target::of(None).unwrap().url(), "http://localhost:7777/");
        assert_eq!(target("localhost:3000"), "http://localhost:3000/");
        assert_eq!(target("http://[::1]:7777"), "http://[::1]:7777/");
        assert_eq!(target("hello.test"), "http://hello.test/");
        assert_eq!(target("3000"), "http://localhost:3000/");
        assert_eq!(target(":3000"), "http://localhost:3000/");
    }

    #[test]
    fn a_page_a_scheme_and_nonsense_are_refused() {
        for typed in
            ["http://localhost/a", "http://localhost/?x", "https://localhost", "ftp://a", "http://", "1/a"]
        {
            assert_eq!(Target::of(Some(typed)).unwrap_err().exit, Exit::Usage, "{typed}");
        }
    }
}
