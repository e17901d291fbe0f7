//! Where to connect to, as typed.

use std::net::SocketAddr;

use crate::error::Failure;
use crate::lab::table::usual_port;
use crate::lab::zone::is_lab_name;
use crate::net::zone;

/// `host:port`, `[::1]:port`, `[fe80::1%eth0]:port`, a port alone, which is one of this machine, or a lab name, which
/// knows its port.
///
/// # Errors
/// When it is none of these.
pub fn target(typed: &str) -> Result<(String, u16), Failure> {
    let wrong = |why: &str| {
        let typed = if typed.is_empty() { "an empty text" } else { typed };
        Failure::usage(format!("{typed} is not a place to connect to"), why.to_owned())
            .or_try("a host and a port with a colon between: localhost:7777, 127.0.0.1:7777 or [::1]:7777")
            .or_try("a lab name alone, which knows its port: time.test")
    };
    let number = |port: &str| {
        let port = port.parse().ok().filter(|&port| port != 0);
        port.ok_or_else(|| wrong("a port is a number from 1 to 65535"))
    };
    let in_brackets = typed.strip_prefix('[').and_then(|rest| rest.rsplit_once("]:"));
    if let Some((host, port)) = in_brackets.filter(|(host, _)| zone::split(host).is_some()) {
        return Ok((host.to_owned(), number(port)?));
    }
    if let Ok(address) = typed.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), address.port()));
    }
    // A number alone is no address that anybody has, so whoever types it means that port of this machine.
    let digits = typed.strip_prefix(':').unwrap_or(typed);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(("localhost".to_owned(), number(digits)?));
    }
    match typed.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !host.contains(':') => Ok((host.to_owned(), number(port)?)),
        Some((host, _)) if host.contains(':') => {
            Err(wrong("an IPv6 address with a port needs brackets around it"))
        }
        None if is_lab_name(typed) => Ok((typed.to_owned(), usual_port(typed))),
        _ => Err(wrong("a connection goes to an address and a port, and there is no port")),
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_port_alone_is_one_of_this_machine() {
        let place = |typed| target(typed).map_err(|failure| failure.what);
        for typed in ["7777", ":7777"] {
            assert_eq!(place(typed), Ok(("localhost".to_owned(), 7777)));
        }
        for bad in ["70000", ":0", ":"] {
            assert_eq!(place(bad), Err(format!("{bad} is not a place to connect to")));
        }
    }

    #[test]
    fn a_link_local_address_may_say_on_which_link_it_is() {
        let place = |typed| target(typed).map_err(|failure| failure.what);
        assert_eq!(place("[fe80::1%eth0]:80"), Ok(("fe80::1%eth0".to_owned(), 80)));
        assert_eq!(place("[fe80::1%2]:80"), Ok(("fe80::1%2".to_owned(), 80)));
        for bad in ["fe80::1%eth0", "fe80::1%eth0:80", "[fe80::1%eth0]", "[fe80::1%eth0]:0"] {
            assert_eq!(place(bad), Err(format!("{bad} is not a place to connect to")));
        }
    }
}
