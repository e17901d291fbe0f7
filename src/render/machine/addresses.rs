//! This machine's addresses, and what an address is.

use std::net::IpAddr;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::net::interfaces::{Address, Interface};
use crate::proto::kinds::{Kind, kind_of, range_of, reach_of, stands_for};
use crate::render::json;
use crate::render::text::cells::{Cell, hang, row};
use crate::render::text::look::{Form, Loudness, Room};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};

/// The most addresses that are named in one sentence.
const MOST_NAMED: usize = 6;

/// Lists the addresses of this machine by interface, then says what their kinds are.
pub fn list(screen: &Screen, interfaces: &[Interface]) {
    if screen.look.form == Form::Json {
        let all = interfaces.iter().flat_map(|interface| {
            interface.addresses.iter().map(move |address| described(address.ip, Some((interface, address))))
        });
        let addresses: Vec<Value> = all.collect();
        let interfaces: Vec<Value> =
            interfaces.iter().map(|one| json!({ "name": one.name, "up": one.up })).collect();
        json::document(screen, "addrs", json!({ "interfaces": interfaces, "addresses": addresses }));
        return;
    }
    for interface in interfaces {
        let state = if interface.up { "up" } else { "down: no packet comes or goes" };
        heading(screen, &format!("{} ({state})", safe(screen, &interface.name)));
        for address in &interface.addresses {
            entry(screen, interfaces, address);
        }
        if interface.addresses.is_empty() {
            hang("  ", "no address", screen.look.width, 2).iter().for_each(|line| screen.line(line));
        }
    }
    let in_use = |interface: &&Interface| interface.up && !interface.addresses.is_empty();
    if !interfaces.iter().any(|interface| in_use(&interface)) {
        let nothing = "There is no address to use here: every interface is down or has none, loopback too. So nobody can call this machine, and it cannot even call itself.";
        hang("", nothing, screen.look.width, 0).iter().for_each(|line| screen.line(line));
        return screen.note("whoever administers this machine can bring loopback back: ip link set lo up");
    }
    if screen.look.loudness > Loudness::Quiet {
        screen.line("");
        meanings(screen, interfaces);
    }
    notes(screen, interfaces);
}

/// One address of the list.
fn entry(screen: &Screen, interfaces: &[Interface], address: &Address) {
    let look = screen.look;
    let text = written(address);
    let kind = kind_of(address.ip);
    let marks: String = address.marks.iter().map(|mark| format!("; {}", mark.name())).collect();
    let who = format!("{}{marks}", reach_of(address.ip).who());
    let lines = if look.room() == Room::Narrow {
        let mut lines = hang("  ", &text, look.width, 4);
        lines.extend(hang("    ", &format!("{}: {who}", kind.name), look.width, 4));
        lines
    } else {
        let all = interfaces.iter().flat_map(|interface| &interface.addresses);
        let longest = all.map(|address| written(address).width()).max().unwrap_or(0);
        let width = longest.clamp(15, look.width / 2 - 4);
        let kinds = 13;
        row(
            2,
            &[
                Cell::new(Role::Value, width, text),
                Cell::new(Role::Name, kinds, kind.name),
                Cell::new(Role::Value, look.width - 2 - width - 2 - kinds - 2, who),
            ],
        )
    };
    lines.iter().for_each(|line| screen.line(line));
}

fn written(address: &Address) -> String {
    let prefix = address.prefix.map(|prefix| format!("/{prefix}")).unwrap_or_default();
    format!("{}{prefix}", address.ip)
}

/// What the kinds and marks that were listed are, each once.
fn meanings(screen: &Screen, interfaces: &[Interface]) {
    let mut told: Vec<&Kind> = Vec::new();
    let mut marks = Vec::new();
    for address in interfaces.iter().flat_map(|interface| &interface.addresses) {
        let kind = kind_of(address.ip);
        if !told.contains(&kind) {
            told.push(kind);
        }
        for mark in &address.marks {
            if !marks.contains(mark) {
                marks.push(*mark);
            }
        }
    }
    heading(screen, "What they are");
    for kind in told {
        fact(screen, kind.name, &format!("{} ({})", kind.meaning, screen.look.rfc(kind.rfc)));
    }
    for mark in marks {
        let (meaning, rfc) = mark.meaning();
        fact(screen, mark.name(), &format!("{meaning} ({})", screen.look.rfc(rfc)));
    }
}

/// What the list does not show, and what it means for a server.
fn notes(screen: &Screen, interfaces: &[Interface]) {
    screen.note("which address others see is not shown here: a router on the way may put its own in place (NAT), and only somebody outside can tell");
    let up = interfaces.iter().filter(|interface| interface.up);
    let four: Vec<String> = up
        .flat_map(|interface| &interface.addresses)
        .filter(|address| address.ip.is_ipv4())
        .map(|address| address.ip.to_string())
        .collect();
    if !four.is_empty() {
        let more = four.len().saturating_sub(MOST_NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let named = four[..four.len().min(MOST_NAMED)].join(", ");
        screen.note(&format!("a server that listens on 0.0.0.0 is reached at every IPv4 address of this machine: {named}{more}; one on 127.0.0.1 from this machine only"));
    }
}

/// Explains addresses, whoever has them.
pub fn explain(screen: &Screen, addresses: &[IpAddr], here: &[Interface]) {
    let place = |ip: IpAddr| {
        let of = |interface: &'_ Interface| interface.addresses.iter().position(|address| address.ip == ip);
        here.iter().find_map(|interface| of(interface).map(|at| (interface, &interface.addresses[at])))
    };
    if screen.look.form == Form::Json {
        let addresses: Vec<Value> = addresses.iter().map(|ip| described(*ip, place(*ip))).collect();
        let none: [Value; 0] = [];
        return json::document(screen, "addrs", json!({ "interfaces": none, "addresses": addresses }));
    }
    for &ip in addresses {
        let range = range_of(ip);
        let kind = range.kind;
        heading(screen, &ip.to_string());
        let all = if range.is_single() { String::new() } else { format!(", as all of {range}") };
        fact(screen, "kind", &format!("{}{all} ({})", kind.name, screen.look.rfc(kind.rfc)));
        fact(screen, "meaning", kind.meaning);
        fact(screen, "reached by", reach_of(ip).who());
        if let Some(inner) = stands_for(ip) {
            let inner_kind = kind_of(IpAddr::V4(inner));
            fact(screen, "inside", &format!("{inner}: {}", inner_kind.name));
        }
        if let Some((interface, address)) = place(ip) {
            let marks: String = address.marks.iter().map(|mark| format!(", {}", mark.name())).collect();
            let name = safe(screen, &interface.name);
            fact(screen, "here", &format!("this machine has it, on its interface {name}{marks}"));
        }
    }
}

/// An address for programs, with where it is on this machine.
fn described(ip: IpAddr, place: Option<(&Interface, &Address)>) -> Value {
    let range = range_of(ip);
    let marks = place.map(|(_, address)| address.marks.iter().map(|mark| mark.name()).collect::<Vec<_>>());
    json!({
        "address": ip.to_string(),
        "interface": place.map(|(interface, _)| &interface.name),
        "prefix": place.and_then(|(_, address)| address.prefix),
        "kind": range.kind.name,
        "range": range.to_string(),
        "rfc": range.kind.rfc,
        "meaning": range.kind.meaning,
        "reach": reach_of(ip).name(),
        "stands_for": stands_for(ip).map(|inner| inner.to_string()),
        "marks": marks.unwrap_or_default(),
    })
}

fn heading(screen: &Screen, text: &str) {
    for line in hang("", text, screen.look.width, 2) {
        screen.line(&paint(Role::Heading, &line));
    }
}

/// A word and what it comes to.
fn fact(screen: &Screen, name: &str, text: &str) {
    let width = screen.look.width;
    let lines = if screen.look.room() == Room::Narrow {
        hang("  ", &format!("{name}: {text}"), width, 4)
    } else {
        row(
            2,
            &[
                Cell::new(Role::Name, 13, name),
                Cell::new(Role::Value, width.saturating_sub(2 + 13 + 2), text),
            ],
        )
    };
    lines.iter().for_each(|line| screen.line(line));
}

fn safe(screen: &Screen, text: &str) -> String {
    Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string()
}
