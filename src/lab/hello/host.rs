//! Whom a request is for: Host and the target (RFC 9112 §3.2, RFC 9110 §7.2).

use std::net::{IpAddr, SocketAddr};

use super::refusal::{Refusal, bad};

/// The most digits of a port.
const PORT_DIGITS: usize = 5;

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

/// The four forms of a target (RFC 9112 §3.2): a path, a whole URL, `host:port` for CONNECT, `*` for OPTIONS. A URL with
/// `https` is for a connection that is `secured`.
///
/// # Errors
/// When it is none of them.
pub fn place<'a>(method: &str, target: &'a str, secured: bool) -> Result<Place<'a>, Refusal> {
    if target.contains('#') {
        return Err(bad("the part of a URL behind # stays with the browser; a request target has none"));
    }
    if target.starts_with('/') {
        return Ok(split(None, target));
    }
    match method {
        "OPTIONS" if target == "*" => return Ok(Place { host: None, path: "*", query: None }),
        // Never answered as asked, so what it names need not be looked into.
        "CONNECT" => return Ok(Place { host: None, path: "", query: None }),
        _ => {}
    }
    let Some((scheme, rest)) = target.split_once("://") else {
        return Err(bad("the request target must begin with a slash, or be a whole URL"));
    };
    let (is_https, is_http) = (scheme.eq_ignore_ascii_case("https"), scheme.eq_ignore_ascii_case("http"));
    if (is_https, secured) == (true, false) {
        return Err(Refusal {
            status: 421,
            why: "the request is for https, and this server speaks plain HTTP",
        });
    }
    if !is_https && !is_http {
        return Err(bad("the request target must begin with a slash, or be a whole URL"));
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.contains('@') {
        return Err(bad(
            "the URL in the request line names a user in front of its host, which a target may not",
        ));
    }
    let host = name(host).filter(|host| !host.is_empty());
    let host = host.ok_or(bad("the URL in the request line names no host"))?;
    Ok(split(Some(host), path))
}

fn split<'a>(host: Option<&'a str>, path: &'a str) -> Place<'a> {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    Place { host, path: if path.is_empty() { "/" } else { path }, query }
}

/// What the Host field names, without the port. HTTP/1.1 needs exactly one; HTTP/1.0 knew none.
///
/// # Errors
/// When it is missing or not a host.
pub fn field(value: Option<&[u8]>, minor: u8) -> Result<&str, Refusal> {
    let Some(value) = value else {
        return if minor == 0 { Ok("") } else { Err(bad("HTTP/1.1 needs a Host field, and there is none")) };
    };
    let text = std::str::from_utf8(value).map_err(|_| bad("the Host field is not a host name"))?;
    name(text).ok_or(bad("the Host field is not a host name, with or without a port"))
}

/// `uri-host [":" port]` (RFC 9110 §7.2): the host, or nothing if it is not one.
fn name(text: &str) -> Option<&str> {
    // A port is short, so its colon is not far from the end; a colon further in front is one of an IPv6 literal.
    let colon = text.bytes().rev().take(PORT_DIGITS + 1).position(|byte| !byte.is_ascii_digit());
    let colon = colon.map(|from_end| text.len() - 1 - from_end).filter(|&at| text.as_bytes()[at] == b':');
    let (name, port) = colon.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let in_literal = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let good = match name.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(literal)) => !literal.is_empty() && literal.bytes().all(in_literal),
        Some(None) => false,
        None => is_name(name.as_bytes()) && (port.is_empty() || !name.is_empty()),
    };
    good.then_some(name)
}

/// `reg-name` (RFC 3986 §3.2.2).
fn is_name(mut name: &[u8]) -> bool {
    loop {
        name = match name {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if is_of_name(*byte) => rest,
            _ => return false,
        };
    }
}

/// `unreserved` or `sub-delims` (RFC 3986 §2).
fn is_of_name(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&'..=b',' | b';' | b'=')
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
    use super::{Place, field, is_own, place};

    #[test]
    fn a_target_has_four_forms() {
        let place = |method, target| place(method, target, false);
        let whole = |host, path, query| Ok(Place { host, path, query });
        assert_eq!(place("GET", "/a?b=c"), whole(None, "/a", Some("b=c")));
        assert_eq!(place("GET", "http://a.test/b"), whole(Some("a.test"), "/b", None));
        assert_eq!(place("GET", "HTTP://a.test:80?q"), whole(Some("a.test"), "/", Some("q")));
        assert_eq!(place("OPTIONS", "*"), whole(None, "*", None));
        for target in
            ["*", "index.html", "a.test:80", "http:///", "http://u@a.test/", "ftp://a.test/", "/a#b"]
        {
            assert_eq!(place("GET", target).map_err(|refusal| refusal.status), Err(400), "{target}");
        }
        let https = "https://a.test/b";
        assert_eq!(place("GET", https).map_err(|refusal| refusal.status), Err(421));
        assert_eq!(super::place("GET", https, true), whole(Some("a.test"), "/b", None));
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for (host, name) in [
            ("a.test", "a.test"),
            ("a.test:7777", "a.test"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:7777", "[::1]"),
            ("a%20b", "a%20b"),
            ("", ""),
        ] {
            assert_eq!(field(Some(host.as_bytes()), 1), Ok(name), "{host}");
        }
        for host in
            ["a b", "a/", "u@a", "a:b", "a:80:80", "[::1", "::1", "[]", "a%2", "a:123456", ":80", "a\u{e9}"]
        {
            assert!(field(Some(host.as_bytes()), 1).is_err(), "{host}");
        }
        assert!(field(None, 1).is_err());
        assert_eq!(field(None, 0), Ok(""));
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
