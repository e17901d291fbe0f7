//! The tap: what became of each datagram, and what it came to.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::error::in_short;
use crate::evidence::{Transport, TroubleKind};
use crate::lab::faults::{Fate, Odds, PLACES, Way};
use crate::lab::relay::Plan;
use crate::lab::relay::post::HOLD;
use crate::lab::relay::told::{Summary, Tally, Told, Which, Why};
use crate::render::json::{SCHEMA, text};
use crate::render::lab::server::first_line;
use crate::render::text::cells::{hang, wrap};
use crate::render::text::look::{Form, Loudness};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// The first line, where it listens and where it leads to; then what chance will do.
pub fn listening(screen: &Screen, address: SocketAddr, plan: &Plan) {
    let (server, seed) = (plan.server, plan.faults.seed);
    if screen.look.form == Form::Json {
        return screen.line(&text(&json!({
            "schema": SCHEMA,
            "listening": [address.to_string()],
            "transport": Transport::Udp,
            "target": server.to_string(),
            "seed": seed,
        })));
    }
    first_line(screen, &format!("listening on {address} (UDP), leading to {server}"));
    if screen.look.loudness == Loudness::Quiet {
        return;
    }
    screen.note("there: from a client to the target; back: from the target to a client");
    let delay = plan.delay.as_millis();
    let takes =
        if delay > 0 { format!("; each takes {} ms", number(delay_ms(delay))) } else { String::new() };
    screen.note(&format!("{}{takes}", chances(plan.faults.odds)));
    if plan.faults.odds != Odds::default() {
        screen.note(&format!(
            "seed {seed}: with --seed {seed} the same numbers of each way always have the same luck"
        ));
    }
}

fn delay_ms(delay: u128) -> u64 {
    u64::try_from(delay).unwrap_or(u64::MAX)
}

/// How often what happens, as a sentence part.
fn chances(odds: Odds) -> String {
    let shares = [(odds.drop, "are dropped"), (odds.twice, "go on twice"), (odds.hold, "are held back")];
    let asked: Vec<String> = shares
        .iter()
        .filter(|(share, _)| *share > 0)
        .map(|(share, what)| format!("{}% {what}", percent(*share)))
        .collect();
    let left = PLACES - shares.iter().map(|(share, _)| *share).sum::<u16>().min(PLACES);
    match (asked.is_empty(), left) {
        (true, _) => "every datagram passes: --drop, --dup and --reorder say otherwise".to_owned(),
        (false, 0) => format!("in the long run {}", asked.join(", ")),
        (false, left) => format!("in the long run {}, and {}% pass", asked.join(", "), percent(left)),
    }
}

/// A number of hundredths, as `30` or `0.5`.
fn percent(hundredths: u16) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// One thing that happened.
pub fn told(screen: &Screen, target: SocketAddr, told: &Told) {
    if screen.look.form == Form::Json {
        return screen.line(&text(&as_json(told)));
    }
    let width = screen.look.width;
    let meaning = |sentence: &str| {
        for line in hang("", sentence, width, 2) {
            screen.line(&paint(Role::Meaning, &line));
        }
    };
    match told {
        Told::Came { client, address } => meaning(&format!("client {client} is {address}")),
        Told::Read { which, len, fate } => {
            let whose = match which.way {
                Way::There => format!("from client {}", which.client),
                Way::Back => format!("for client {}", which.client),
            };
            let head = format!("{}: {} {whose}, ", name(*which), count(*len as u64, "byte"));
            let (role, what) = fate_words(*fate);
            for line in hang("", &format!("{head}{what}"), width, 2) {
                // What became of it stands at the end of the line, or on lines of its own.
                let line = match line.strip_suffix(what) {
                    Some(before) => format!("{before}{}", paint(role, what)),
                    None => line,
                };
                screen.line(&line);
            }
        }
        Told::Released { which, why } => {
            let why = match why {
                Why::Overtaken(by) => format!("{} {by} has passed it", which.way.name()),
                Why::Waited => format!("for {} s none has come that could pass it", HOLD.as_secs()),
                Why::NoRoom => "to make room for another one that is held back".to_owned(),
            };
            meaning(&format!("{} goes on now: {why}", name(*which)));
        }
        Told::Trouble { client, trouble } => {
            let what = match trouble.kind {
                TroubleKind::Refused => format!(
                    "no program takes datagrams on {target}: its kernel answered with ICMP port unreachable. The tap knows it now, and has no way to tell client {client}"
                ),
                kind => format!("a datagram of client {client} could not be sent on: {}", in_short(kind)),
            };
            wrap(&what, width).iter().for_each(|line| screen.line(&paint(Role::Problem, line)));
        }
        Told::Limit(limit) => {
            wrap(limit, width).iter().for_each(|line| screen.complaint(&paint(Role::Problem, line)));
        }
    }
}

fn name(which: Which) -> String {
    format!("{} {}", which.way.name(), number(which.number))
}

fn fate_words(fate: Fate) -> (Role, &'static str) {
    match fate {
        Fate::Passed => (Role::Good, "passed"),
        Fate::Dropped => (Role::Problem, "dropped"),
        Fate::Twice => (Role::Name, "passed twice"),
        Fate::Held => (Role::Name, "held back until another one has passed it"),
    }
}

fn as_json(told: &Told) -> Value {
    let which = |which: &Which| json!({ "client": which.client, "way": which.way, "number": which.number });
    let with = |mut value: Value, more: Value| {
        if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
            value.extend(more);
        }
        value
    };
    match told {
        Told::Came { client, address } => {
            json!({ "connected": { "client": client, "address": address.to_string() } })
        }
        Told::Read { which: one, len, fate } => {
            json!({ "datagram": with(which(one), json!({ "len": len, "fate": fate })) })
        }
        Told::Released { which: one, why } => {
            let (why, by) = match why {
                Why::Overtaken(by) => ("overtaken", Some(by)),
                Why::Waited => ("waited", None),
                Why::NoRoom => ("no-room", None),
            };
            json!({ "released": with(which(one), json!({ "why": why, "by": by })) })
        }
        Told::Trouble { client, trouble } => {
            json!({ "trouble": { "client": client, "kind": trouble.kind, "errno": trouble.errno } })
        }
        Told::Limit(limit) => json!({ "limit": limit }),
    }
}

/// The last lines: what became of everything.
pub fn stopped(screen: &Screen, summary: &Summary) {
    let Summary { clients, there, back, .. } = summary;
    if screen.look.form == Form::Json {
        let way = |tally: &Tally| {
            json!({
                "read": tally.read,
                "dropped": tally.dropped,
                "twice": tally.twice,
                "held": tally.held,
                "sent": tally.sent,
                "unsent": tally.unsent,
            })
        };
        let stopped = json!({ "clients": clients, "there": way(there), "back": way(back) });
        return screen.line(&text(&json!({ "stopped": stopped })));
    }
    for (way, tally) in [(Way::There, there), (Way::Back, back)] {
        hang(&format!("{}: ", way.name()), &sum(tally), screen.look.width, 7)
            .iter()
            .for_each(|line| screen.line(line));
    }
    screen
        .note(&format!("stopped; {} sent something, and the port is free again", count(*clients, "client")));
}

fn sum(tally: &Tally) -> String {
    let of_them: Vec<String> =
        [(tally.dropped, "dropped"), (tally.twice, "passed twice"), (tally.held, "held back")]
            .iter()
            .filter(|(many, _)| *many > 0)
            .map(|(many, what)| format!("{} {what}", number(*many)))
            .collect();
    let of_them = if of_them.is_empty() { String::new() } else { format!(" ({})", of_them.join(", ")) };
    let unsent = match tally.unsent {
        0 => String::new(),
        many => format!(", {} not sent on after all", number(many)),
    };
    format!("{} read{of_them}, {} sent on{unsent}", count(tally.read, "datagram"), number(tally.sent))
}

#[cfg(test)]
mod tests {
    use super::{chances, percent, sum};
    use crate::lab::faults::Odds;
    use crate::lab::relay::told::Tally;

    #[test]
    fn shares_are_written_as_people_write_them() {
        assert_eq!([3_000, 50, 5, 1_225, 10_000, 0].map(percent), ["30", "0.5", "0.05", "12.25", "100", "0"]);
        assert_eq!(
            chances(Odds { drop: 3_000, twice: 500, hold: 0 }),
            "in the long run 30% are dropped, 5% go on twice, and 65% pass"
        );
        assert_eq!(chances(Odds { drop: 10_000, twice: 0, hold: 0 }), "in the long run 100% are dropped");
    }

    #[test]
    fn a_sum_speaks_of_what_happened_and_of_nothing_else() {
        let tally = Tally { read: 3, dropped: 1, sent: 2, ..Tally::default() };
        assert_eq!(sum(&tally), "3 datagrams read (1 dropped), 2 sent on");
        let tally = Tally { read: 4, twice: 1, held: 1, sent: 4, unsent: 1, ..Tally::default() };
        assert_eq!(
            sum(&tally),
            "4 datagrams read (1 passed twice, 1 held back), 4 sent on, 1 not sent on after all"
        );
    }
}
