//! What flows said, as fields; with bytes wanted, every byte beside its field.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::screen::{Role, Screen, paint};
use super::tree::Shower;
use super::words::{count, time};
use crate::evidence::{Event, Flow, FlowId, Listener, Side, What};
use crate::meaning::{self, Reading};

/// Shows what each side of each flow said, in order.
pub fn show(screen: &Screen, flows: &[Flow]) {
    let mut shower = Shower::new(screen.look);
    for flow in flows {
        for reading in meaning::readings(flow) {
            one(screen, &mut shower, flow, &reading, 0);
        }
    }
}

/// One reading, from its field at `first` on.
fn one(screen: &Screen, shower: &mut Shower, flow: &Flow, reading: &Reading<'_>, first: usize) {
    let Some(field) = reading.fields.list.get(first) else { return };
    let began = flow.events.first().map_or(0, |event| event.at_us);
    let client = flow.client.map(|client| client.to_string()).unwrap_or_default();
    let (role, from, to) = match reading.side {
        Side::Client => (Role::Client, client, flow.server.to_string()),
        Side::Server => (Role::Server, flow.server.to_string(), client),
    };
    let head = format!(
        "{from} {} {to} over {}, {} after {}",
        screen.look.arrow(),
        flow.transport.name(),
        count((reading.fields.bytes.len() - field.bytes().start) as u64, "byte"),
        time(reading.at_us.saturating_sub(began)),
    );
    screen.line("");
    screen.line(&paint(role, &head));
    shower.lines_from(&reading.fields, first, &[]).iter().for_each(|line| screen.line(line));
}

/// Shows what is said to a server of ours, and what it answers, as it happens.
pub struct Watch {
    screen: Arc<Screen>,
    state: Mutex<State>,
}

struct State {
    shower: Shower,
    /// For each connection, how many fields of either side have been shown.
    shown: HashMap<FlowId, [usize; 2]>,
}

impl Watch {
    /// One that has shown nothing.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        let state = State { shower: Shower::new(screen.look), shown: HashMap::new() };
        Self { screen, state: Mutex::new(state) }
    }
}

impl Listener for Watch {
    fn happened(&self, flow: &Flow, event: &Event, _bytes: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match event.what {
            // When the server speaks, a message of the client's is complete.
            What::Bytes { .. } if event.side == Side::Server => {
                let shown = state.shown.entry(flow.id).or_default();
                for reading in meaning::readings(flow) {
                    let first = &mut shown[usize::from(reading.side == Side::Server)];
                    one(&self.screen, &mut state.shower, flow, &reading, *first);
                    *first = reading.fields.list.len();
                }
            }
            What::Finished | What::Reset => {
                state.shown.remove(&flow.id);
            }
            _ => {}
        }
    }
}
