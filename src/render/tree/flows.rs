//! What flows said, as fields; with bytes wanted, every byte beside its field.

use crate::evidence::{Flow, Side};
use crate::meaning;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, time};
use crate::render::tree::Shower;

/// Shows what each side of each flow said, in order.
pub fn show(screen: &Screen, flows: &[Flow]) {
    let mut shower = Shower::new(screen.look);
    for flow in flows {
        for reading in meaning::readings(flow) {
            heading(screen, flow, reading.side, reading.at_us, reading.fields.bytes.len() as u64);
            shower.lines(&reading.fields, &[]).iter().for_each(|line| screen.line(line));
        }
    }
}

/// Who says how many bytes to whom, and when, on a line of its own.
pub(super) fn heading(screen: &Screen, flow: &Flow, side: Side, at_us: u64, bytes: u64) {
    let began = flow.events.first().map_or(0, |event| event.at_us);
    let client = flow.client.as_ref().map(ToString::to_string).unwrap_or_default();
    let (role, from, to) = match side {
        Side::Client => (Role::Client, client, flow.server.to_string()),
        Side::Server => (Role::Server, flow.server.to_string(), client),
    };
    let text = format!(
        "{from} {} {to} over {}, {} after {}",
        screen.look.arrow(),
        flow.layer.name(),
        count(bytes, "byte"),
        time(at_us.saturating_sub(began)),
    );
    screen.line("");
    screen.line(&paint(role, &text));
}
