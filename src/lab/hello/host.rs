//! Whom a request is for: Host and the target (RFC 9112 §3.2, RFC 9110 §7.2).

use std::net::{IpAddr, SocketAddr};

use super::refusal::Refusal;
use crate::proto::http::facts::Method;
use crate::proto::http::grammar::host::split as host_and_port;
use crate::proto::http::grammar::target::{DELIMITER, Form, fault};

const NOT_HTTPS: Refusal =
    Refusal::not_here(421, "the request is for https, and this server speaks plain HTTP");
const OTHER_SCHEME: Refusal = Refusal::not_here(
    421,
    "the URL in the request line is none of http, and this server speaks nothing else",
);

/// What a target comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The host in a target that is a whole URL.
    pub host: Option<&'a str>,
    /// The path; `*` for the server as a whole.
    pub path: &'a str,
    /// What is behind the question mark.
    pub query: Option<&'a str>,
}

/// What a target names in one of its four forms (RFC 9112 §3.2): a path, a whole URL, `host:port` for CONNECT, `*` for
/// OPTIONS. A URL with `https` is for a connection that is `secured`.
///
/// # Errors
/// When it is none of them, or for another server.
pub fn place<'a>(method: &str, target: &'a str, secured: bool) -> Result<Place<'a>, Refusal> {
    let text = target.as_bytes();
    let form = Form::of(text, Method::of(method.as_bytes()));
    match form {
        Form::Origin if !target.contains('#') => return Ok(split(None, target)),
        // Never answered as asked, so what it names need not be looked into.
        Form::Authority => return Ok(Place { host: None, path: "", query: None }),
        _ => {}
    }
    if let Some(fault) = fault(text, Method::of(method.as_bytes())) {
        return Err(Refusal::of(fault));
    }
    let Form::Absolute { scheme, authority } = form else {
        return Ok(Place { host: None, path: "*", query: None });
    };
    let (url, path) = target.split_at(authority);
    match &url[..scheme] {
        scheme if scheme.eq_ignore_ascii_case("http") => {}
        scheme if secured && scheme.eq_ignore_ascii_case("https") => {}
        scheme if scheme.eq_ignore_ascii_case("https") => return Err(NOT_HTTPS),
        _ => return Err(OTHER_SCHEME),
    }
    Ok(split(Some(named(Some(&text[scheme + DELIMITER..authority]))), path))
}

fn split<'a>(host: Option<&'a str>, path: &'a str) -> Place<'a> {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    Place { host, path: if path.is_empty() { "/" } else { path }, query }
}

/// What a Host field that holds to the grammar names, without the port; nothing when there is none.
#[must_use]
pub fn named(value: Option<&[u8]>) -> &str {
    let host = value.and_then(host_and_port).map_or(&b""[..], |(host, _)| host);
    std::str::from_utf8(host).unwrap_or_default()
}

/// Whether this server has that name by itself: one that names nobody, a name under `.test`, or one without a dot, as
/// machines of a local network call each other. A web page from elsewhere has a name with a dot, and it may make a
/// browser come here under it (DNS rebinding); that one is not ours.
#[must_use]
pub fn is_own(host: &str, server: SocketAddr) -> bool {
    if names_nobody(host, server) {
        return true;
    }
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    let tail = host.len().checked_sub(5).map(|at| &host[at..]);
    let test = tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b".test"));
    // A number alone is an address in disguise (2130706433 is 127.0.0.1), not the name of a machine.
    let local = host.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && host.first().is_some_and(u8::is_ascii_alphabetic);
    test || local
}

/// Whether it names no site: nothing at all, `localhost`, or an address of this machine.
#[must_use]
pub fn names_nobody(host: &str, server: SocketAddr) -> bool {
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == server.ip())
}

#[cfg(test)]
mod tests {
    use super::{Place, Refusal, is_own};

    #[test]
    fn a_target_has_four_forms() {
        let whole = |host, path, query| Ok(Place { host, path, query });
        let over_tls = super::place("GET", "https://a.test/b", true);
        let place = |method, target| super::place(method, target, false);
        assert_eq!(over_tls, whole(Some("a.test"), "/b", None));
        assert_eq!(place("GET", "/a?b=c"), whole(None, "/a", Some("b=c")));
        assert_eq!(place("GET", "http://a.test/b"), whole(Some("a.test"), "/b", None));
        assert_eq!(place("GET", "HTTP://a.test:80?q"), whole(Some("a.test"), "/", Some("q")));
        assert_eq!(place("OPTIONS", "*"), whole(None, "*", None));
        for target in ["*", "index.html", "a.test:80", "http:///", "http://u@a.test/", "http://a:b/", "/a#b"]
        {
            assert_eq!(place("GET", target).map_err(Refusal::status), Err(400), "{target}");
        }
        for target in ["https://a.test/", "ftp://a.test/"] {
            assert_eq!(place("GET", target).map_err(Refusal::status), Err(421), "{target}");
        }
    }

    #[test]
    fn a_page_from_elsewhere_cannot_come_in_under_its_own_name() {
        let server = "192.168.1.7:7777".parse().expect("an address");
        for host in
            ["localhost", "LOCALHOST", "a.test", "A.Test.", "laptop", "127.0.0.1", "[::1]", "192.168.1.7", ""]
        {
            assert!(is_own(host, server), "{host}");
        }
        for host in ["evil.example", "8.8.8.8", "a.test.evil.example", "2130706433", "192.168.1.8", "a.atest"]
        {
            assert!(!is_own(host, server), "{host}");
        }
    }
}
