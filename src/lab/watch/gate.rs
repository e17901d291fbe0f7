//! Who may look: a browser that a person has pointed here, and programs on this machine. No other web page.
//!
//! A page from elsewhere can make the person's browser ask this server for anything. It comes in under a name of its
//! own (DNS rebinding: then Host says so), or by this server's name (then Origin or Sec-Fetch-Site say so, which a
//! page cannot forge; see the Fetch standard). Programs other than browsers send neither, and could read the
//! machine's traffic anyway.

use std::net::{IpAddr, SocketAddr};

use crate::lab::hello::refusal::Said;
use crate::lab::hello::request::Request;

const NO_NAME: Said = Said {
    status: 421,
    why: "this page is only for http://localhost and this machine's own addresses, with the port: the Host field must name one of them",
};
const OTHER_ORIGIN: Said = Said {
    status: 403,
    why: "another web page asked for this, as the Origin field says, and may not read it",
};
const OTHER_SITE: Said = Said {
    status: 403,
    why: "another web page asked for this, as the Sec-Fetch-Site field says, and may not read it; type the address yourself",
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The page. It is the same for everybody, so a link may lead to it.
    Page,
    /// The events, which tell what other programs said.
    Events,
}

/// Whether this request may be answered.
///
/// # Errors
/// Why it may not.
pub fn pass(request: &Request<'_>, wanted: Wanted) -> Result<(), Said> {
    // One Host, and the target names no other (a target that is a whole URL counts before it).
    let host = request.fields.only("host").and_then(|host| std::str::from_utf8(host).ok()).ok_or(NO_NAME)?;
    let name = named(host, request.server).ok_or(NO_NAME)?;
    if !name.eq_ignore_ascii_case(request.host) {
        return Err(NO_NAME);
    }
    let own = format!("http://{host}");
    if !request.fields.all("origin").all(|origin| origin.eq_ignore_ascii_case(own.as_bytes())) {
        return Err(OTHER_ORIGIN);
    }
    let says = |name, value: &[u8]| request.fields.only(name) == Some(value);
    // Somebody followed a link: the page is shown to them and to no script.
    let followed =
        wanted == Wanted::Page && says("sec-fetch-mode", b"navigate") && says("sec-fetch-dest", b"document");
    let mut sites = request.fields.all("sec-fetch-site");
    if !followed && !sites.all(|site| matches!(site, b"same-origin" | b"none")) {
        return Err(OTHER_SITE);
    }
    Ok(())
}

/// The name or address in a Host field, if it is one that nobody else can have, with this server's port.
fn named(host: &str, server: SocketAddr) -> Option<&str> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse::<u16>().ok()?),
        _ => (host, 80),
    };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    // An address stands for itself; only a name can be made to lead somewhere else.
    let own = match bare.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback() || ip == server.ip(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    };
    (own && port == server.port()).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{Wanted, named, pass};
    use crate::lab::hello::head::{Ends, Room, Search, judge};

    fn server() -> SocketAddr {
        "127.0.0.1:7777".parse().expect("an address")
    }

    /// The status of the refusal of a GET with these fields, or 200.
    fn status(target: &str, wanted: Wanted, fields: &str) -> u16 {
        let text = format!("GET {target} HTTP/1.1\r\n{fields}\r\n");
        let (mut search, mut room) = (Search::default(), Room::new());
        let ends = Ends { client: server(), server: server(), secured: false };
        let head = judge(text.as_bytes(), &mut search, &mut room, ends).expect("it is a request");
        let request = head.expect("it is whole").request;
        pass(&request, wanted).map_or_else(|said| said.status, |()| 200)
    }

    #[test]
    fn host_is_localhost_or_an_address_of_this_machine_with_the_port() {
        for host in ["localhost:7777", "LocalHost:7777", "127.0.0.1:7777", "[::1]:7777", "127.9.9.9:7777"] {
            assert!(named(host, server()).is_some(), "{host}");
        }
        for host in [
            "localhost",
            "localhost:7778",
            "evil.example:7777",
            "localhost.evil.example:7777",
            "hello.test:7777",
            "laptop:7777",
            "127.0.0.1.nip.io:7777",
            "2130706433:7777",
            "10.0.0.1:7777",
            "",
        ] {
            assert!(named(host, server()).is_none(), "{host}");
            assert_eq!(status("/_watch/events", Wanted::Events, &format!("Host: {host}\r\n")), 421, "{host}");
        }
        let outside = "192.168.1.7:80".parse().expect("an address");
        assert!(named("192.168.1.7", outside).is_some(), "port 80 goes without saying");
    }

    #[test]
    fn a_target_that_is_a_whole_url_names_the_same_host() {
        let host = "Host: localhost:7777\r\n";
        assert_eq!(status("http://localhost:7777/_watch/events", Wanted::Events, host), 200);
        assert_eq!(status("http://evil.test:7777/_watch/events", Wanted::Events, host), 421);
    }

    #[test]
    fn only_the_page_itself_may_read_along() {
        for (fields, page, events) in [
            ("", 200, 200),
            ("Origin: http://localhost:7777\r\n", 200, 200),
            ("Origin: http://localhost:3000\r\n", 403, 403),
            ("Origin: https://localhost:7777\r\n", 403, 403),
            ("Origin: http://127.0.0.1:7777\r\n", 403, 403),
            ("Origin: null\r\n", 403, 403),
            ("Origin: http://localhost:7777\r\nOrigin: http://evil.example\r\n", 403, 403),
            ("Sec-Fetch-Site: same-origin\r\n", 200, 200),
            ("Sec-Fetch-Site: none\r\n", 200, 200),
            ("Sec-Fetch-Site: same-site\r\n", 403, 403),
            ("Sec-Fetch-Site: cross-site\r\n", 403, 403),
            ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n", 403, 403),
            (
                "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
                403,
                403,
            ),
            (
                "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
                200,
                403,
            ),
        ] {
            let fields = format!("Host: localhost:7777\r\n{fields}");
            assert_eq!(status("/_watch", Wanted::Page, &fields), page, "{fields}");
            assert_eq!(status("/_watch/events", Wanted::Events, &fields), events, "{fields}");
        }
    }
}
