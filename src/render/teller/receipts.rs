//! What became of each write on its way out.

use serde_json::{Value, json};

use crate::evidence::{Flow, What};
use crate::net::receipts::{Receipt, Stage};
use crate::render::teller::narrator::Narrator;
use crate::render::text::words::{count, number, time};

/// One write and what is known of it.
struct Row {
    /// The last of its bytes, counted from 1.
    to: u64,
    /// When the write had been made.
    returned_us: u64,
    queued_us: Option<u64>,
    sent_us: Option<u64>,
    acknowledged_us: Option<u64>,
}

fn rows(flow: &Flow, receipts: &[Receipt]) -> Vec<Row> {
    let mut to = 0;
    let writes = flow.events.iter().filter_map(|event| match event.what {
        What::Bytes { len, buffer: None, .. } if event.side == flow.seen => {
            to += u64::from(len);
            Some((to, event.at_us))
        }
        _ => None,
    });
    let at = |stage: Stage, to: u64| {
        receipts
            .iter()
            .find(|receipt| receipt.stage == stage && receipt.to == to)
            .map(|receipt| receipt.at_us)
    };
    writes
        .map(|(to, returned_us)| Row {
            to,
            returned_us,
            queued_us: at(Stage::Queued, to),
            sent_us: at(Stage::Sent, to),
            acknowledged_us: at(Stage::Acknowledged, to),
        })
        .collect()
}

/// Tells them, a line to a write, and what an acknowledgement is.
pub fn tell(narrator: &Narrator<'_>, flow: &Flow, receipts: &[Receipt]) {
    let opened = flow.events.iter().find(|event| event.what == What::Opened).map_or(0, |event| event.at_us);
    let after = |at_us: u64| time(at_us.saturating_sub(opened));
    let rows = rows(flow, receipts);
    for (at, row) in rows.iter().enumerate() {
        let stages =
            [("queued", row.queued_us), ("sent", row.sent_us), ("acknowledged", row.acknowledged_us)];
        let known: Vec<String> = stages
            .into_iter()
            .filter_map(|(word, at_us)| at_us.map(|at_us| format!("{word} {}", after(at_us))))
            .collect();
        let came = match (known.is_empty(), receipts.iter().any(|receipt| receipt.to > row.to)) {
            (false, _) => known.join(", "),
            (true, true) => "no receipt of its own, it left together with a later write".to_owned(),
            (true, false) => "no receipt".to_owned(),
        };
        let returned = after(row.returned_us);
        let to = number(row.to);
        narrator
            .result(&format!("write {}, up to byte {to}: {came}; back at the program {returned}", at + 1));
    }
    narrator.aside(&format!(
        "{} for {}; times count from the moment the connection was there. Queued: it stands in line for the network interface. Sent: the interface's driver has it. Acknowledged: the receiver's kernel has it and says so; no program need have read it, and one that sleeps holds up no acknowledgement",
        count(receipts.len() as u64, "receipt"),
        count(rows.len() as u64, "write"),
    ));
}

/// The same for programs.
#[must_use]
pub fn as_json(flow: &Flow, receipts: &[Receipt]) -> Vec<Value> {
    rows(flow, receipts)
        .iter()
        .map(|row| {
            json!({
                "to": row.to,
                "returned_us": row.returned_us,
                "queued_us": row.queued_us,
                "sent_us": row.sent_us,
                "acknowledged_us": row.acknowledged_us,
            })
        })
        .collect()
}
