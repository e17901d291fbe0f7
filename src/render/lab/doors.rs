//! The lab's doors: what there is, where, and how other tools get in.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use crate::lab::addresses::{Addresses, Place};
use crate::lab::row::Door;
use crate::lab::table::{DNS, SERVICES};
use crate::render::json::SCHEMA;
use crate::render::text::cells::hang;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};

/// Services that documents have always had a member for. The others are in the list of all.
const MEMBERS: [&str; 5] = ["hello", "daytime", "echo", "here", "tally"];

/// Shows a lab that is up.
pub fn show(screen: &Screen, lab: &Addresses) {
    if screen.look.form == Form::Json {
        screen.line(&document(lab).to_string());
        return;
    }
    let head = "the lab is up: a small internet on this machine, reachable from this machine only";
    hang("", head, screen.look.width, 0).iter().for_each(|line| screen.line(line));
    for row in SERVICES {
        for one in row.doors {
            if let Some(address) = lab.door(row.key, one.title) {
                door(screen, one, address);
            }
        }
    }
    screen.status("Ctrl-C takes it down again");
}

fn document(lab: &Addresses) -> Value {
    let text = |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut all: Vec<SocketAddr> = Vec::new();
    for place in &lab.services {
        if !all.contains(&place.real) {
            all.push(place.real);
        }
    }
    let mut members = Map::new();
    members.insert("schema".to_owned(), json!(SCHEMA));
    members.insert("listening".to_owned(), json!(text(&all)));
    members.extend(MEMBERS.iter().map(|key| ((*key).to_owned(), json!(text(&lab.of(key))))));
    members.insert("dns".to_owned(), json!(lab.of(DNS).first().map(ToString::to_string)));
    members.insert("services".to_owned(), lab.services.iter().map(service).collect());
    Value::Object(members)
}

fn service(place: &Place) -> Value {
    json!({
        "service": place.service,
        "door": place.door,
        "protocol": place.protocol,
        "transport": place.transport,
        "tls": place.tls,
        "usual": place.usual.to_string(),
        "real": place.real.to_string(),
    })
}

fn door(screen: &Screen, door: &Door, address: SocketAddr) {
    let width = screen.look.width;
    screen.line("");
    for line in hang("", &format!("{} on {address}, {}", door.title, door.what), width, 2) {
        screen.line(&paint(Role::Heading, &line));
    }
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    for command in door.help {
        let command = command.replace("{ip}", &ip).replace("{port}", &port);
        for line in hang("  $ ", &command, width, 6) {
            screen.line(&paint(Role::Command, &line));
        }
    }
}
