//! A probe for programs: one document.

use serde_json::{Value, json};

use super::detail::{again, beside, conversation, mended, odd, pointed_at};
use super::{Asked, go_on};
use crate::evidence::Flow;
use crate::probe::report::{Outcome, Report};
use crate::probe::{Stage, Verdict};
use crate::render::json::hex;

/// How many bytes of each direction a check of the document holds.
const BYTES: usize = 4096;

/// The members of the document.
#[must_use]
pub fn of(asked: &Asked, report: &Report) -> Value {
    let stages: Vec<Value> = Stage::ALL
        .into_iter()
        .filter(|stage| report.of(*stage).next().is_some())
        .map(|stage| {
            let checks: Vec<Value> = report.of(stage).map(|outcome| check(asked, report, outcome)).collect();
            json!({ "stage": stage.name(), "expects": stage.expects(), "checks": checks })
        })
        .collect();
    let go_on = go_on(asked, report);
    json!({
        "url": asked.url,
        "server": asked.server.to_string(),
        "held_by": asked.held_by,
        "made_with": report.made(asked.held_by.as_deref()).name(),
        "seed": report.place.seed,
        "mend_first": report.failures().first().map(|outcome| outcome.check.id),
        "start_again": go_on.as_ref().and_then(|go_on| go_on.start.clone()),
        "go_on": go_on.as_ref().and_then(|go_on| go_on.from.clone()),
        "stages": stages,
        "passed": report.count(Verdict::Pass),
        "advice": report.count(Verdict::Advice),
        "failed": report.count(Verdict::Fail),
        "not_tried": report.count(Verdict::NotTried),
    })
}

fn check(asked: &Asked, report: &Report, outcome: &Outcome) -> Value {
    let row = outcome.check;
    let flows = report.flows(row);
    let quoted = flows.get(conversation(report, outcome));
    let bytes = |flow: &Flow, server: bool| {
        let kept = if server { &flow.from_server } else { &flow.from_client };
        json!({ "hex": hex(&kept.bytes[..kept.bytes.len().min(BYTES)]), "bytes": kept.total })
    };
    let range = |range: Option<std::ops::Range<usize>>| {
        range.map(|range| json!({ "from": range.start, "to": range.end }))
    };
    json!({
        "check": row.id,
        "verdict": outcome.verdict.name(),
        "force": row.force.name(),
        "expects": row.expects,
        "rule": outcome.rule(),
        "rfc": outcome.rfc(),
        "needs": row.needs,
        "found": outcome.judged.says,
        "flows": flows.iter().map(|flow| flow.id.to_string()).collect::<Vec<_>>(),
        "sent": quoted.map(|flow| bytes(flow, false)),
        "odd": range(odd(report, row)),
        "came": quoted.map(|flow| bytes(flow, true)),
        "shown_by": range(pointed_at(outcome)),
        "beside": beside(report, outcome).map(|(word, flow)| json!({ "word": word, "came": bytes(flow, true) })),
        "mend": mended(report, outcome, asked.held_by.as_deref()),
        "again": again(report, outcome, asked.server),
    })
}
