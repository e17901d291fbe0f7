//! Where to connect to, as typed.

use std::net::SocketAddr;

use crate::error::Failure;
use crate::lab::up::usual_port;
use crate::lab::zone::is_lab_name;

/// `host:port`, `[::1]:port`, or a lab name, which knows its port.
///
/// # Errors
/// When it is none of these.
pub fn target(typed: &str) -> Result<(String, u16), Failure> {
    let wrong = |why: &str| {
        let typed = if typed.is_empty() { "an empty text" } else { typed };
        Failure::usage(format!("{typed} is not a place to connect to"), why.to_owned())
            .or_try("a host and a port with a colon between: localhost:7777, 127.0.0.1:7777 or [::1]:7777")
            .or_try("a lab name alone: netlab connect time.test")
    };
    if let Ok(address) = typed.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), address.port()));
    }
    match typed.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !host.contains(':') => {
            let port = port.parse().map_err(|_| wrong("a port is a number from 1 to 65535"))?;
            if port == 0 {
                Err(wrong("a port is a number from 1 to 65535"))
            } else {
                Ok((host.to_owned(), port))
            }
        }
        Some((host, _)) if host.contains(':') => {
            Err(wrong("an IPv6 address with a port needs brackets around it"))
        }
        None if is_lab_name(typed) => Ok((typed.to_owned(), usual_port(typed))),
        _ => Err(wrong("a connection goes to an address and a port, and there is no port")),
    }
}
