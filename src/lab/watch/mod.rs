//! The page at `/_watch`: every request this server answers, with its bytes and fields, live in a browser.
//!
//! The page is one document ([`site`] answers for it); what it shows comes to it as server-sent events ([`feed`]).
//! Other people's web pages are open in the same browser, and none of them may read along: [`gate`] says who may.
//! What it looks like is made elsewhere and handed in as [`Shows`].

pub mod feed;
pub mod gate;
pub mod site;

use std::net::SocketAddr;

use crate::lab::hello::site::{FORMER, OWN};
use crate::lab::window::Exchange;

/// Where the page was before: it redirects to [`PLACE`].
pub const MOVED_FROM: &str = FORMER;

/// Where the page is.
pub const PLACE: &str = OWN;

/// Where its events come from.
pub const EVENTS: &str = "/_watch/events";

/// How many pages may watch at once.
pub const VIEWERS: usize = 8;

/// How everything looks.
pub struct Shows {
    /// The page, one document that fetches nothing but its events.
    pub page: String,
    /// What a browser may let it do, as the value of Content-Security-Policy.
    pub policy: String,
    /// The first event's data, given the name of this run of the server and who listens.
    pub greeting: fn(&str, SocketAddr) -> String,
    /// The data of an event that shows a request, on one line.
    pub exchange: fn(&Exchange) -> String,
    /// The data of one that says how many more there were, on one line.
    pub left_out: fn(u64) -> String,
}

/// Whether a request with this first line is one that the page itself makes.
#[must_use]
pub fn is_own(line: &[u8]) -> bool {
    let target = line.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
    is_below(target)
}

/// Whether a target is the page or belongs to it, under this name or the former.
fn is_below(target: &[u8]) -> bool {
    moved(target).is_some() || below(target, PLACE).is_some()
}

/// What stands behind the former name in a target that has it.
fn moved(target: &[u8]) -> Option<&[u8]> {
    below(target, MOVED_FROM)
}

/// What stands behind `place` in a target that is the place or belongs to it.
fn below<'a>(target: &'a [u8], place: &str) -> Option<&'a [u8]> {
    let rest = target.strip_prefix(place.as_bytes())?;
    matches!(rest.first(), None | Some(b'/' | b'?')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn the_page_asks_for_itself_and_its_events() {
        for line in [
            "GET /_watch HTTP/1.1",
            "GET /_watch?a HTTP/1.1",
            "GET /_watch/events HTTP/1.1",
            "GET /_wire HTTP/1.1",
        ] {
            assert!(is_own(line.as_bytes()), "{line}");
        }
        for line in ["GET /_watched HTTP/1.1", "GET / HTTP/1.1", "/_watch", "", "GET  /_watch HTTP/1.1"] {
            assert!(!is_own(line.as_bytes()), "{line}");
        }
    }
}
