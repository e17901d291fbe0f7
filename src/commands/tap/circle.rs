//! Whether a way of taps leads back to where it began. Then each word of anybody would go round for ever.
//!
//! A tap sees one hop only. So who holds the port that it leads to is asked, and where that one leads to, if it is a tap:
//! its command line says so. Whoever starts last closes the circle, and finds it.

use std::net::SocketAddr;

use super::ends::ends;
use crate::error::Failure;
use crate::evidence::Transport;
use crate::net::sockets::listeners::program_at;
use crate::net::sockets::owner::{Program, words};

/// How many taps are followed, one behind the other.
const HOPS: usize = 16;

/// Follows the way from the tap at port `here` on, which leads to port `to`.
///
/// # Errors
/// When it comes back to `here`.
pub fn circle(transport: Transport, here: u16, to: u16) -> Result<(), Failure> {
    let mut way = vec![here, to];
    for _ in 0..HOPS {
        let at = way.last().copied().unwrap_or_default();
        let Some(next) = next(transport, at) else { return Ok(()) };
        way.push(next);
        if next == here {
            return Err(goes_round(transport, &way));
        }
    }
    Ok(())
}

/// Where the program at a port leads to, if it is a tap.
fn next(transport: Transport, port: u16) -> Option<u16> {
    let program = program_at(transport, SocketAddr::from(([127, 0, 0, 1], port)))?;
    leads_to(&program).filter(|(carries, _)| *carries == transport).map(|(_, port)| port)
}

/// What a program carries, and to which port, if it is a tap: its command line says so.
#[must_use]
pub fn leads_to(program: &Program) -> Option<(Transport, u16)> {
    let words = words(program)?;
    let mut words = words.iter().skip_while(|word| *word != "tap").skip(1).map(String::as_str);
    let both = words.clone().find_map(|word| ends(word).ok())?;
    let carries = if words.any(|word| word == "--udp") { Transport::Udp } else { Transport::Tcp };
    Some((carries, both.target.1))
}

fn goes_round(transport: Transport, way: &[u16]) -> Failure {
    let way: Vec<String> = way.iter().map(u16::to_string).collect();
    let udp = if transport == Transport::Udp { "--udp " } else { "" };
    Failure::usage(
        format!("the taps lead in a circle: {}", way.join(" to ")),
        "each would hand on to the next what it had handed on itself, round and round, and nobody would ever answer",
    )
    .or_try(format!("lead one of them to a server: netlab tap {udp}8777=7777, with something else on 7777"))
}

/// What goes to the server comes back from it, by whatever relays.
#[must_use]
pub fn comes_back(server: SocketAddr) -> Failure {
    Failure::network(
        format!("what goes to {server} comes back to this tap, again and again"),
        "whoever takes datagrams there sends them on to here, so each would go round for ever; the tap has ended, and the circle with it",
    )
    .or_try("lead the tap to a server, or let what is there lead elsewhere")
}
