//! Whole flows with every byte beside its field.

use super::screen::{Role, Screen, paint};
use super::tree::Shower;
use super::words::{count, time};
use crate::evidence::{Flow, Side};
use crate::meaning;

/// Shows what each side of each flow said, in order.
pub fn flows(screen: &Screen, flows: &[Flow]) {
    let mut shower = Shower::new(screen.look);
    for flow in flows {
        let began = flow.events.first().map_or(0, |event| event.at_us);
        let client = flow.client.map(|client| client.to_string()).unwrap_or_default();
        for reading in meaning::readings(flow) {
            let (from, to) = match reading.side {
                Side::Client => (client.clone(), flow.server.to_string()),
                Side::Server => (flow.server.to_string(), client.clone()),
            };
            let head = format!(
                "{from} {} {to} over {}, {} after {}",
                screen.look.arrow(),
                flow.transport.name(),
                count(reading.fields.bytes.len() as u64, "byte"),
                time(reading.at_us.saturating_sub(began)),
            );
            screen.line("");
            screen
                .line(&paint(if reading.side == Side::Client { Role::Client } else { Role::Server }, &head));
            shower.lines(&reading.fields, &[]).iter().for_each(|line| screen.line(line));
        }
    }
}
