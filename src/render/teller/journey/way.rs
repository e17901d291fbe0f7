//! The way to the server: how its name became addresses, and where an answer points instead.

use super::Journey;
use crate::net::resolve::Lookup;
use crate::net::route::{Route, Via};
use crate::proto::http::redirect::Redirect;
use crate::render::teller::redirect::{self, LOCATION_SHOWN, Pointer};
use crate::render::text::safe::{Safe, short};
use crate::render::text::words::time;

impl Journey {
    /// An answer points elsewhere, the only one or one of several.
    pub fn redirect(&self, pointer: &Pointer, is_one_of_several: bool, follows: bool) {
        if self.is_silent() {
            return;
        }
        let which = if is_one_of_several { format!("answer {}: ", pointer.number) } else { String::new() };
        let mut text = which + &redirect::sentences(pointer, self.screen.look.ascii());
        if pointer.redirect.to.is_ok() && !follows {
            text.push_str(" netlab does not go there by itself");
            text.push_str(if is_one_of_several { "." } else { "; -L follows." });
        }
        self.label("redirect", &text);
    }

    /// A later answer says the same as an earlier one.
    pub fn redirect_again(&self, number: usize, earlier: usize) {
        if !self.is_silent() {
            self.label("", &format!("answer {number}: the same as answer {earlier}"));
        }
    }

    /// That redirect is followed, as number `at` of at most `most`.
    pub fn follows(&self, at: usize, most: usize, redirect: &Redirect) {
        if self.is_silent() {
            return;
        }
        if let Ok(to) = &redirect.to {
            let ascii = self.screen.look.ascii();
            let method = Safe::word(redirect.method.as_bytes()).ascii(ascii).to_string();
            let to = short(to.as_str().as_bytes(), LOCATION_SHOWN, ascii);
            self.screen.line("");
            self.label("follow", &format!("{method} {to}: redirect {at} of at most {most}"));
        }
    }

    /// How the host became addresses.
    pub fn routed(&self, route: &Route) {
        if let Via::Dns(lookups) | Via::Lab(lookups) = &route.via {
            self.state().phases.name_us = Some(asked(lookups));
        }
        if self.is_silent() {
            return;
        }
        let look = self.screen.look;
        let host = Safe::word(route.host.as_bytes()).ascii(look.ascii()).to_string();
        let mut ips: Vec<String> = Vec::new();
        for address in &route.addresses {
            let ip = address.ip().to_string();
            if !ips.contains(&ip) {
                ips.push(ip);
            }
        }
        let (arrow, ips) = (look.arrow(), ips.join(", "));
        let text = match &route.via {
            Via::Literal => format!("{host} is an address already: nobody needs to be asked"),
            Via::Localhost => format!("{host} {arrow} {ips}: always this machine itself (RFC 6761)"),
            Via::Hosts => format!("{host} {arrow} {ips}: the hosts file says so, nobody was asked"),
            Via::Dns(lookups) | Via::Lab(lookups) => {
                let servers = lookups.iter().flat_map(|lookup| &lookup.asked);
                let took = asked(lookups);
                let server = servers.map(|asked| asked.server.to_string()).next_back().unwrap_or_default();
                let whose =
                    if matches!(route.via, Via::Lab(_)) { "the lab's DNS server" } else { "DNS server" };
                format!("{host} {arrow} {ips}: {whose} {server} said so, in {}", time(took))
            }
        };
        self.label("name", &text);
        if let (Via::Lab(_), Some(real)) = (&route.via, route.addresses.first())
            && real.port() != route.port
        {
            self.label(
                "",
                &format!(
                    "port {} of the private internet is port {} of this machine",
                    route.port,
                    real.port()
                ),
            );
        }
    }
}

/// How long the questions for a name took.
fn asked(lookups: &[Lookup]) -> u64 {
    // Both kinds of address are asked for at once, so the slower one is what it took.
    let each = lookups.iter().map(|lookup| lookup.asked.iter().map(|asked| asked.took_us).sum());
    each.max().unwrap_or(0)
}
