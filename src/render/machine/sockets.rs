//! Who listens and who is connected on this machine.

use serde_json::{Value, json};

use crate::evidence::Transport;
use crate::net::sockets::listeners::named;
use crate::net::sockets::owner::{Held, MOST_DESCRIPTORS};
use crate::net::sockets::state::State;
use crate::net::sockets::{MOST_SOCKETS, Socket, Sockets};
use crate::proto::kinds::reach_of;
use crate::render::json;
use crate::render::text::cells::{Cell, hang, row};
use crate::render::text::look::{Form, Loudness, Room};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// Shows the sockets that were found; `port` is the one that was asked for.
pub fn show(screen: &Screen, found: &Sockets, port: Option<u16>) {
    if screen.look.form == Form::Json {
        let sockets: Vec<Value> = found.list.iter().map(described).collect();
        let members = json!({ "sockets": sockets, "left_out": found.left_out, "gave_up": found.gave_up });
        return json::document(screen, "sockets", members);
    }
    let (listening, connected): (Vec<&Socket>, Vec<&Socket>) =
        found.list.iter().partition(|socket| socket.is_listening());
    section(screen, "Waiting for others", &listening);
    section(screen, "With somebody", &connected);
    if found.list.is_empty() {
        let on = port.map(|port| format!(" on port {port}")).unwrap_or_default();
        let nothing = format!("No socket{on} fits: nobody waits there, and nobody is connected.");
        hang("", &nothing, screen.look.width, 0).iter().for_each(|line| screen.line(line));
    } else if screen.look.loudness > Loudness::Quiet {
        meanings(screen, found);
    }
    notes(screen, found);
}

fn section(screen: &Screen, title: &str, sockets: &[&Socket]) {
    if sockets.is_empty() {
        return;
    }
    screen.line(&paint(Role::Heading, title));
    for socket in sockets {
        entry(screen, socket).iter().for_each(|line| screen.line(line));
    }
}

/// One socket: one line where there is room, else two, else a list.
fn entry(screen: &Screen, socket: &Socket) -> Vec<String> {
    let look = screen.look;
    let ends = match socket.remote {
        Some(remote) => format!("{} {} {remote}", socket.local, look.arrow()),
        None => socket.local.to_string(),
    };
    let about = about(screen, socket);
    let (transport, state) = (transport(socket), socket.state.name());
    let first = |width: usize| {
        vec![
            Cell::new(Role::Name, 3, transport),
            Cell::new(Role::Meaning, 12, state),
            Cell::new(Role::Value, width, &ends),
        ]
    };
    match look.room() {
        Room::Wide => {
            let width = (look.width - 2 - 3 - 2 - 12 - 2) / 2;
            let mut cells = first(width);
            cells.push(Cell::new(Role::Value, look.width - 2 - 5 - 14 - width - 2, about));
            row(2, &cells)
        }
        Room::Middling => {
            let mut lines = row(2, &first(look.width - 2 - 5 - 14));
            lines.extend(hang("       ", &about, look.width, 7));
            lines
        }
        Room::Narrow => {
            let mut lines = hang("  ", &format!("{transport} {state} {ends}"), look.width, 4);
            lines.extend(hang("    ", &about, look.width, 4));
            lines
        }
    }
}

/// Who can call, who holds it, and what waits in its queues.
fn about(screen: &Screen, socket: &Socket) -> String {
    let mut parts = Vec::new();
    if socket.is_listening() {
        parts.push(open_to(socket));
    }
    parts.push(held(screen, socket));
    parts.extend(queues(socket, screen.look.loudness == Loudness::Verbose));
    parts.join("; ")
}

fn open_to(socket: &Socket) -> String {
    match socket.local.ip() {
        ip if ip.is_unspecified() && ip.is_ipv4() => "open at every IPv4 address of this machine".to_owned(),
        ip if ip.is_unspecified() => "open at every address of this machine".to_owned(),
        ip => format!("open to {}", reach_of(ip).who()),
    }
}

fn held(screen: &Screen, socket: &Socket) -> String {
    match &socket.held {
        Held::Programs(programs) => {
            let first = programs.first().map(named).unwrap_or_default();
            let more = match programs.len() {
                0 | 1 => String::new(),
                many => format!(" and {} more", number(many as u64 - 1)),
            };
            format!("{}{more}", Safe::word(first.as_bytes()).ascii(screen.look.ascii()))
        }
        Held::Unseen => format!("a program of user {} that is not shown to you", socket.user),
        Held::Kernel => match socket.state {
            State::Established | State::CloseWait | State::SynReceived => {
                "no program yet: it waits to be accepted".to_owned()
            }
            _ => "no program: the kernel ends it alone".to_owned(),
        },
    }
}

/// What waits; with `all` also where nothing does.
fn queues(socket: &Socket, all: bool) -> Vec<String> {
    let (received, sent) = (socket.receive_queue, socket.send_queue);
    let received = match (socket.transport, socket.state) {
        (Transport::Udp, _) => format!("waiting datagrams take {} of memory", count(received, "byte")),
        (_, State::Listen) => format!("{} not accepted yet", count(received, "connection")),
        _ => format!("{} not read yet", count(received, "byte")),
    };
    let parts =
        [(socket.receive_queue, received), (sent, format!("{} not acknowledged yet", count(sent, "byte")))];
    let says = |many: u64, at: usize| many > 0 || all && (at == 0 || socket.remote.is_some());
    let told = parts.into_iter().enumerate().filter(|(at, (many, _))| says(*many, *at));
    told.map(|(_, (_, text))| text).collect()
}

/// The states that were shown, each with its sentence.
fn meanings(screen: &Screen, found: &Sockets) {
    let mut states: Vec<State> = found.list.iter().map(|socket| socket.state).collect();
    states.sort();
    states.dedup();
    screen.line("");
    screen.line(&paint(Role::Heading, "What the states mean"));
    let width = screen.look.width;
    for state in states {
        let meaning = format!("{} ({})", state.meaning(), screen.look.rfc(state.rfc()));
        let lines = if screen.look.room() == Room::Narrow {
            hang("  ", &format!("{}: {meaning}", state.name()), width, 4)
        } else {
            row(
                2,
                &[
                    Cell::new(Role::Name, 12, state.name()),
                    Cell::new(Role::Value, width.saturating_sub(16), meaning),
                ],
            )
        };
        lines.iter().for_each(|line| screen.line(line));
    }
}

/// What a learner should see in the list, as far as it is there to be seen; and what is missing.
fn notes(screen: &Screen, found: &Sockets) {
    let any = |holds: fn(&Socket) -> bool| found.list.iter().any(holds);
    if any(|socket| socket.is_listening() && socket.local.ip().is_unspecified()) {
        screen.note("0.0.0.0 and [::] mean every address of this machine: whoever can reach one of them reaches the server");
    }
    if any(|socket| socket.is_listening() && socket.local.ip().is_loopback()) {
        screen.note("127.0.0.1 and [::1] are this machine itself: nobody else can call there");
    }
    if shares_an_end(found) {
        let rfc = screen.look.rfc("RFC 9293 §3.4.1");
        screen.note(&format!("connections with one end in common differ at the other, most often in the client's port: both addresses and both ports together name a connection ({rfc})"));
    }
    let unseen = found.list.iter().filter(|socket| socket.held == Held::Unseen).count();
    if found.gave_up {
        let limit = number(MOST_DESCRIPTORS as u64);
        screen.note(&format!(
            "the search for programs ended after {limit} open files, so some programs are not named"
        ));
    } else if unseen > 0 {
        screen.note(&format!(
            "{} of programs that the system does not show to you: another user's, or in a container",
            count(unseen as u64, "socket")
        ));
    }
    if found.left_out > 0 {
        let limit = number(MOST_SOCKETS as u64);
        screen.note(&format!(
            "{} beyond the first {limit} were not looked at",
            count(found.left_out as u64, "socket")
        ));
    }
}

fn shares_an_end(found: &Sockets) -> bool {
    let mut ends: Vec<_> = found
        .list
        .iter()
        .filter(|socket| !socket.is_listening())
        .map(|socket| (socket.transport == Transport::Udp, socket.local))
        .collect();
    ends.sort();
    ends.windows(2).any(|two| two[0] == two[1])
}

fn transport(socket: &Socket) -> &'static str {
    match socket.transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}

fn described(socket: &Socket) -> Value {
    let programs = match &socket.held {
        Held::Programs(programs) => programs.as_slice(),
        _ => &[],
    };
    let programs: Vec<Value> =
        programs.iter().map(|program| json!({ "pid": program.pid, "name": program.name })).collect();
    let listens = socket.state == State::Listen;
    json!({
        "transport": socket.transport,
        "state": socket.state.name(),
        "meaning": socket.state.meaning(),
        "rfc": socket.state.rfc(),
        "local": socket.local.to_string(),
        "remote": socket.remote.map(|remote| remote.to_string()),
        "receive_queue": (!listens).then_some(socket.receive_queue),
        "send_queue": (!listens).then_some(socket.send_queue),
        "not_accepted": listens.then_some(socket.receive_queue),
        "held_by": match socket.held {
            Held::Programs(_) => "programs",
            Held::Unseen => "unseen",
            Held::Kernel => "kernel",
        },
        "programs": programs,
        "user": socket.user,
    })
}
