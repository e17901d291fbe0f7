//! What was there in the place of what a step asks for, in a sentence.

use crate::lessons::settled::{SILENCE_US, Settled};
use crate::lessons::verdict::{Difference, Found, Instead};
use crate::render::text::look::Look;
use crate::render::text::safe::{Safe, short};
use crate::render::text::words::{count, number};

/// Characters of a quoted value.
const QUOTE: usize = 60;

/// A check's word for "whatever it is".
const ANY: &str = "any";

/// The sentence.
pub(super) fn differs(look: Look, difference: &Difference) -> String {
    // A value that an earlier scene kept came from the network.
    let wanted = Safe::word(difference.wanted.as_bytes()).ascii(look.ascii()).to_string();
    let about = About::of(difference);
    let asks = |said: String| format!("{said}; the step asks for {wanted}");
    match &difference.instead {
        Instead::Nothing if wanted == ANY => about.missing(),
        Instead::Nothing => asks(about.missing()),
        Instead::Values(values) => {
            let values: Vec<String> = values.iter().map(|found| placed(look, found)).collect();
            asks(about.other(&values.join(" and ")))
        }
        Instead::Count(many) => asks(format!("{} was seen {}", about.noun(), count(*many, "time"))),
        Instead::FromBefore(found) => {
            format!("the {} {} is from before this step began", about.name, value(look, found))
        }
        Instead::OtherConnection => "it was on another connection than what was seen".to_owned(),
        Instead::OtherServer => "another server answered than the one that was seen".to_owned(),
        Instead::NotSettled(Settled::WhenOver) => {
            "this is still going on: what has not come so far may still come, so nothing is said before it is over"
                .to_owned()
        }
        Instead::NotSettled(_) => {
            let most = SILENCE_US / 1_000_000;
            format!("nothing so far, and it may still come: that it does not is said when {most} s of silence are over")
        }
        Instead::TooEarly => "it came before the one that has to come first".to_owned(),
        Instead::Apart => "it did not begin while the one before it was open".to_owned(),
    }
}

fn placed(look: Look, found: &Found) -> String {
    let said = value(look, found);
    match found.place {
        Some(place) => format!("{said} ({}'s {})", place.side.name(), range(place.from, place.to)),
        None => said,
    }
}

/// What a condition is about: its whole path, and the last name of it.
struct About<'a> {
    path: &'a str,
    name: &'a str,
}

impl<'a> About<'a> {
    fn of(difference: &'a Difference) -> Self {
        let path = difference.condition.trim_start_matches("count ");
        let path = path.split_whitespace().next().unwrap_or_default();
        Self { path, name: &difference.name }
    }

    /// What it is called in a sentence; most names are the protocol's own words.
    fn noun(&self) -> String {
        match self.path {
            "flow.opened" => "an open connection".to_owned(),
            "client.bytes" => "a byte from the client".to_owned(),
            "server.bytes" => "a byte from the server".to_owned(),
            _ => self.name.to_owned(),
        }
    }

    /// That nothing of it is there.
    fn missing(&self) -> String {
        match self.path {
            "flow.opened" => "the connection was never opened",
            "flow.failed" => "the call did not fail",
            "flow.reset" => "nobody broke the connection off (RST)",
            "flow.first" => "neither side has sent a byte",
            "flow.closed-first" | "tcp.finished" => "neither side has finished (FIN)",
            "flow.half-closed" => "no side went on sending after the other had finished",
            "client.bytes" => "the client has sent nothing",
            "server.bytes" => "the server has sent nothing",
            "flow.answered" => "the server's last words did not arrive, or there were none",
            "flow.unaccepted" => {
                "the connection did not wait in the queue, accepted by nobody, when your end was over"
            }
            "port.listener" => "nobody listened on that port at any address of this machine",
            "probe.passed" => "the probe found no check right",
            "probe.failed" => "the probe found no check wrong",
            "tcp.stuck" => "no write had to wait",
            "tcp.resumed" => "no write went on after a wait",
            "udp.dropped" => "no datagram was dropped",
            "udp.repeated" => "no datagram was repeated",
            "udp.held-back" => "no datagram was held back",
            path if path.starts_with("client.") => return format!("the client has sent no {}", self.name),
            path if path.starts_with("server.") => return format!("the server has sent no {}", self.name),
            _ => return format!("no {} was seen", self.name),
        }
        .to_owned()
    }

    /// That it has other values.
    fn other(&self, values: &str) -> String {
        match self.path {
            "flow.first" => format!("the {values} sent the first byte"),
            "flow.closed-first" => format!("the {values} finished first"),
            "flow.half-closed" => format!("the {values} finished before the other side"),
            "flow.reset" => format!("the {values} broke the connection off"),
            "flow.seen" => format!("this is the record of the {values}'s end"),
            "flow.by" => format!("it was recorded by {values}"),
            "flow.failed" => format!("it failed otherwise: {values}"),
            "flow.answered" => format!("of the server's last words the record says {values}"),
            "flow.unaccepted" => format!("of the queue the record says {values}"),
            "probe.passed" => format!("the probe found right: {values}"),
            "probe.failed" => format!("the probe found wrong: {values}"),
            "port.listener" => format!("somebody listened on that port at {values}"),
            "flow.transport" | "flow.layer" => format!("it went over {values}"),
            "tcp.finished" => format!("the {values} finished"),
            "server.port" => format!("it went to port {values}"),
            "server.address" => format!("it went to the address {values}"),
            "client.port" => format!("it came from port {values}"),
            "client.address" => format!("it came from the address {values}"),
            "client.bytes" => format!("the client sent {values} bytes"),
            "server.bytes" => format!("the server sent {values} bytes"),
            _ => format!("the {} is {values}", self.name),
        }
    }
}

/// A value as it is quoted.
pub(super) fn value(look: Look, found: &Found) -> String {
    short(&found.value, QUOTE, look.ascii())
}

/// Bytes, counted from 0.
pub(super) fn range(from: u64, to: u64) -> String {
    match to - from {
        0 | 1 => format!("byte {}", number(from)),
        _ => format!("bytes {} to {}", number(from), number(to - 1)),
    }
}
