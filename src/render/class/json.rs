//! A report on a class for programs. docs/json.md describes it.

use serde_json::{Value, json};

use crate::lessons::class::values::{Tally, Values};
use crate::lessons::class::{Learner, LeftOut, Reason, Report};
use crate::render::class::why_left_out;

/// The document's members. `seed` is that of the class, when values were checked.
#[must_use]
pub fn report(report: &Report<'_>, left_out: &[LeftOut], seed: Option<&str>, demo: bool) -> Value {
    let tallies = report.values.as_ref().map(|values| values.learners.as_slice()).unwrap_or_default();
    let learners = report.learners.iter().enumerate();
    let learners = learners.map(|(at, one)| learner(report, one, tallies.get(at), seed));
    let lessons = report.lessons.iter().map(|lesson| {
        json!({ "number": lesson.number, "id": lesson.id, "title": lesson.title, "steps": lesson.steps.len() })
    });
    let beliefs = report.beliefs.iter().map(|one| {
        json!({
            "lesson": one.lesson, "question": one.question, "belief": one.belief,
            "held": one.held, "asked": one.asked,
        })
    });
    let stuck = report.stuck.iter().map(|one| {
        json!({
            "lesson": one.lesson, "step": one.step, "title": one.title, "learners": one.learners,
            "hints": one.hints, "skips": one.skips, "rejected": one.rejected,
        })
    });
    json!({
        "demo": demo,
        "lessons": lessons.collect::<Vec<_>>(),
        "learners": learners.collect::<Vec<_>>(),
        "beliefs": beliefs.collect::<Vec<_>>(),
        "stuck": stuck.collect::<Vec<_>>(),
        "shared": report.values.as_ref().map(|values| shared(report, values)),
        "other_editions": report.other_editions.keys().collect::<Vec<_>>(),
        "left_out": left_out.iter().map(one_left_out).collect::<Vec<_>>(),
    })
}

fn learner(report: &Report<'_>, learner: &Learner, tally: Option<&Tally>, seed: Option<&str>) -> Value {
    let cells = report.lessons.iter().zip(&learner.cells).map(|(lesson, cell)| {
        json!({
            "lesson": lesson.number, "passed": cell.passed, "state": cell.state.name(), "hints": cell.hints,
            "skipped": cell.skipped, "first_at": cell.first_at, "done_at": cell.done_at,
        })
    });
    let values = tally.map(
        |tally| json!({ "own": tally.own, "before_class": tally.before_class, "unknown": tally.unknown }),
    );
    json!({
        "name": learner.name,
        "learner": learner.learner,
        "class": learner.class,
        "seed_agrees": seed.map(|seed| learner.has_seed(seed)),
        "made_at": learner.made_at,
        "lessons": cells.collect::<Vec<_>>(),
        "values": values,
    })
}

fn shared(report: &Report<'_>, values: &Values) -> Vec<Value> {
    let id = |at: usize| report.learners.get(at).map(|learner| learner.learner.as_str());
    let one = |one: &crate::lessons::class::values::Shared| {
        json!({
            "value": one.value,
            "lesson": one.lesson,
            "made_for": id(one.made_for),
            "given_by_owner": one.given_by_owner,
            "given_by": one.given_by.iter().map(|&at| id(at)).collect::<Vec<_>>(),
        })
    };
    values.shared.iter().map(one).collect()
}

fn one_left_out(left_out: &LeftOut) -> Value {
    let line = match &left_out.reason {
        Reason::Broken(broken) => Some(broken.line),
        _ => None,
    };
    json!({ "file": left_out.file, "why": why_left_out(&left_out.reason), "line": line })
}
