//! The clients of `listen`, told as things happen: every line says which client it is about.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::evidence::{Event, Flow, FlowId, Listener, Transport, What};
use crate::lab::entry::Entry;
use crate::proto::framed::Framing;
use crate::render::json::{self, SCHEMA, text};
use crate::render::lab::server;
use crate::render::teller::handovers::{self, Ended};
use crate::render::teller::narrator::{Detail, Narrator, OurEnd, Told};
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;

/// How many clients are told apart at once; more than can be connected. What happens to one that was
/// forgotten is recorded and not told.
const LIMIT: usize = 4096;

/// Their tags take turns with these.
const ROLES: [Role; 4] = [Role::Name, Role::Command, Role::Server, Role::Client];

/// Shows what clients do.
pub struct Clients {
    screen: Arc<Screen>,
    raw: bool,
    framing: Option<Framing>,
    ours: OurEnd,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    present: HashMap<FlowId, (u64, Told)>,
    many: u64,
    /// Whether it has been said what counts of reads and writes mean. Once is enough.
    explained: bool,
}

impl Clients {
    /// On this screen; `raw` when the bytes go elsewhere untouched. With a framing, messages are looked for.
    #[must_use]
    pub fn new(screen: Arc<Screen>, raw: bool, framing: Option<Framing>, ours: OurEnd) -> Self {
        Self { screen, raw, framing, ours, state: Mutex::default() }
    }

    /// The first line: the addresses it really listens on.
    pub fn listening(&self, addresses: &[SocketAddr], transport: Transport) {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let line = if self.screen.look.form == Form::Json {
            text(&json!({ "schema": SCHEMA, "listening": addresses, "transport": transport }))
        } else {
            let line = format!("listening on {} ({})", addresses.join(" and "), transport.name());
            if !self.raw {
                return server::first_line(&self.screen, &line);
            }
            line
        };
        if self.raw { self.screen.status(&line) } else { self.screen.line(&line) }
    }

    /// A client has come, and has this number from now on.
    pub fn arrived(&self, flow: &Flow, number: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.many += 1;
        if state.present.len() >= LIMIT {
            let oldest = state.present.iter().min_by_key(|(_, (number, _))| *number).map(|(id, _)| *id);
            oldest.and_then(|oldest| state.present.remove(&oldest));
        }
        state.present.insert(flow.id, (number, Told::default()));
        drop(state);
        if self.screen.look.form == Form::Json {
            let (client, server) = (&flow.client, &flow.server);
            let connected = json!({ "client": number, "address": client, "server": server });
            self.screen.line(&text(&json!({ "connected": connected })));
        }
        // It had opened before it had a number.
        for event in &flow.events {
            self.happened(flow, event, &[]);
        }
    }

    /// The conversation is over: what it came to.
    pub fn gone(&self, flow: &Flow) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((client, told)) = state.present.remove(&flow.id) else { return };
        let ended = Ended { flow, told, framing: self.framing };
        if self.screen.look.form == Form::Json {
            let mut summary = handovers::as_json(&ended);
            if let Some(members) = summary.as_object_mut() {
                members.insert("client".to_owned(), json!(client));
            }
            return self.screen.line(&text(&json!({ "ended": summary })));
        }
        let explain = !std::mem::replace(&mut state.explained, true);
        handovers::tell(&self.narrator(client, &format!("{client} ")), &ended, explain);
    }

    fn narrator<'a>(&'a self, client: u64, tag: &'a str) -> Narrator<'a> {
        let role = ROLES[usize::try_from(client).unwrap_or_default() % ROLES.len()];
        let detail = Detail::CONVERSATION;
        Narrator { screen: &self.screen, tag: (tag, role), raw: self.raw, detail, ours: self.ours }
    }

    /// A sentence beside the conversations.
    pub fn note(&self, text: &str) {
        self.screen.note(text);
    }

    /// An entry of the accept loop's log.
    pub fn log(&self, entry: &Entry) {
        server::entry(&self.screen, entry, server::Sites::One);
    }

    /// What it means that other machines can come in.
    pub fn exposed(&self, text: &str) {
        for line in crate::render::text::cells::wrap(text, self.screen.look.width) {
            self.screen.complaint(&paint(Role::Problem, &line));
        }
    }

    /// The last line.
    pub fn stopped(&self) {
        let many = self.state.lock().unwrap_or_else(PoisonError::into_inner).many;
        if self.screen.look.form == Form::Json {
            self.screen.line(&text(&json!({ "stopped": { "clients": many } })));
        } else {
            let clients = count(many, "client");
            self.screen.note(&format!("stopped; {clients} came, and the port is free again"));
        }
    }
}

impl Listener for Clients {
    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        if self.raw && matches!(event.what, What::Bytes { .. }) {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((number, told)) = state.present.get_mut(&flow.id) else { return };
        if self.screen.look.form == Form::Json {
            told.count(event);
            return self.screen.line(&text(&json!({ "event": as_json(*number, event, bytes) })));
        }
        self.narrator(*number, &format!("{number} ")).tell(told, flow, event, bytes);
    }
}

/// The event with its client, and the bytes themselves.
fn as_json(number: u64, event: &Event, bytes: &[u8]) -> Value {
    let mut value = json::event(event);
    if let Some(members) = value.as_object_mut() {
        members.insert("client".to_owned(), json!(number));
        if let What::Bytes { .. } = event.what {
            match std::str::from_utf8(bytes) {
                Ok(text) => members.insert("value".to_owned(), json!(text)),
                Err(_) => members.insert("hex".to_owned(), json!(json::hex(bytes))),
            };
        }
    }
    value
}
