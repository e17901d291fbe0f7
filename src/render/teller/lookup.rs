//! Names and what was found for them.

use crate::evidence::{Transport, TroubleKind};
use crate::net::ask::Asked;
use crate::net::resolve::{Lookup, Outcome};
use crate::proto::dns::message::Record;
use crate::proto::dns::rdata::type_name;
use crate::render::text::cells::{Cell, hang, row};
use crate::render::text::look::Room;
use crate::render::text::safe::{Safe, name};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number, time};

/// Whose servers were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The lab's.
    Lab,
    /// The system's resolvers.
    System,
    /// One named on the command line.
    Chosen,
}

/// Shows what was found for one name, and who was asked.
pub fn show(screen: &Screen, typed: &str, lookups: &[Lookup], whose: Whose) {
    screen.line(&paint(Role::Heading, &safe(screen, typed)));
    for lookup in lookups {
        outcome(screen, lookup);
    }
    for line in who(screen, lookups, whose) {
        for line in hang("  ", &line, screen.look.width, 4) {
            screen.line(&paint(Role::Meaning, &line));
        }
    }
}

fn outcome(screen: &Screen, lookup: &Lookup) {
    let kind = type_name(lookup.kind);
    match &lookup.outcome {
        Outcome::Hosts(addresses) => {
            for address in addresses {
                entry(screen, &kind, &address.to_string(), "from the hosts file");
            }
        }
        Outcome::Localhost(addresses) => {
            for address in addresses {
                entry(screen, &kind, &address.to_string(), "always this machine itself (RFC 6761)");
            }
        }
        Outcome::Records(records) => records.iter().for_each(|record| found(screen, lookup, record)),
        Outcome::NoData(aliases) => {
            aliases.iter().for_each(|record| found(screen, lookup, record));
            entry(screen, &kind, "none", "the name exists but has no record of this type (NODATA)");
        }
        Outcome::NoName(aliases) => {
            aliases.iter().for_each(|record| found(screen, lookup, record));
            entry(screen, &kind, "none", "there is no such name (NXDOMAIN)");
        }
        Outcome::Declined(message) => {
            entry(screen, &kind, "none", &format!("the server answered {}", message.rcode_name()));
        }
        Outcome::Referral(_) => {
            entry(screen, &kind, "none", "the server only named other servers to ask (a referral)");
        }
        Outcome::Silence(trouble) => entry(screen, &kind, "none", silence(trouble.kind)),
        Outcome::NoServers(why) => entry(screen, &kind, "none", &safe(screen, why)),
    }
}

fn found(screen: &Screen, lookup: &Lookup, record: &Record) {
    let mut data = record.data.clone();
    if !record.name.eq_ignore_ascii_case(lookup.typed.trim_end_matches('.')) {
        data = format!("{data}  (of {})", record.name);
    }
    let ttl = format!(
        "TTL {}: may be kept {}",
        number(u64::from(record.ttl)),
        count(u64::from(record.ttl), "second")
    );
    // Names and data are in presentation form: printable ASCII with escapes of their own.
    entry(screen, &type_name(record.rtype), &name(&data, screen.look.ascii()), &ttl);
}

fn entry(screen: &Screen, kind: &str, data: &str, note: &str) {
    let width = screen.look.width;
    let lines = if screen.look.room() == Room::Narrow {
        let mut lines = hang("  ", &format!("{kind} {data}"), width, 4);
        lines.extend(hang("    ", note, width, 4).iter().map(|line| paint(Role::Meaning, line)));
        lines
    } else {
        let data_width = (width - 2 - 9) / 2;
        row(
            2,
            &[
                Cell::new(Role::Name, 6, kind),
                Cell::new(Role::Value, data_width, data),
                Cell::new(Role::Meaning, width - 2 - 8 - 2 - data_width, note),
            ],
        )
    };
    lines.iter().for_each(|line| screen.line(line));
}

/// One sentence for each server that was asked.
fn who(screen: &Screen, lookups: &[Lookup], whose: Whose) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let all = lookups.iter().flat_map(|lookup| &lookup.asked);
    let mut servers: Vec<std::net::SocketAddr> = Vec::new();
    for asked in all.clone() {
        if !servers.contains(&asked.server) {
            servers.push(asked.server);
        }
    }
    for server in servers {
        let whose = match whose {
            Whose::Lab => "the lab's DNS server",
            Whose::System => "this system's resolver",
            Whose::Chosen => "as told by --server",
        };
        let questions: Vec<String> = lookups
            .iter()
            .flat_map(|lookup| lookup.asked.iter().map(move |asked| (lookup, asked)))
            .filter(|(_, asked)| asked.server == server)
            .map(|(lookup, asked)| question(screen, lookup, asked))
            .collect();
        sentences.push(format!("asked {server} ({whose}): {}", questions.join(", ")));
    }
    sentences
}

/// `A over UDP in 0.31 ms`, with whatever was out of the ordinary.
fn question(screen: &Screen, lookup: &Lookup, asked: &Asked) -> String {
    let over = match asked.transport {
        Transport::Udp => "over UDP",
        Transport::Tcp if asked.sent > 0 => "over UDP and then TCP, because the answer did not fit (TC),",
        Transport::Tcp => "over TCP",
    };
    let name = &asked.question.name;
    let of = if name.eq_ignore_ascii_case(lookup.typed.trim_end_matches('.')) {
        String::new()
    } else {
        format!(" of {}", safe(screen, name))
    };
    let again = if asked.sent > 1 {
        format!(", sent {} times with the same number ({}),", asked.sent, asked.id)
    } else {
        String::new()
    };
    let strangers = match asked.strangers {
        0 => String::new(),
        many => format!(" past {} that did not fit,", count(u64::from(many), "datagram")),
    };
    let end = match asked.answer {
        Ok(_) => "in",
        Err(_) if asked.sent == 0 && asked.transport == Transport::Udp => "could not be sent, known after",
        Err(_) => "without an answer in",
    };
    format!("{}{of} {over}{again}{strangers} {end} {}", type_name(asked.question.kind), time(asked.took_us))
}

fn silence(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::TimedOut => "the server did not answer",
        TroubleKind::Refused => "nothing listens on that port (it was refused)",
        TroubleKind::NetworkUnreachable | TroubleKind::HostUnreachable => {
            "there is no way to the server from here"
        }
        _ => "the exchange with the server failed",
    }
}

fn safe(screen: &Screen, text: &str) -> String {
    Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string()
}
