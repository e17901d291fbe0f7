//! Hints: so many, each longer than the one before, and only the last may give the command away.

use super::finding::{At, Finding};
use super::lesson::Step;

/// How many hints a step has.
pub const HINTS: usize = 3;

/// What is wrong with the hints of a step.
pub(super) fn hints(at: At<'_>, step: &Step) -> Vec<Finding> {
    let hints: Vec<_> = step.hints().collect();
    if hints.is_empty() && step.check().is_none() {
        return Vec::new();
    }
    if hints.len() != HINTS {
        return vec![
            at.finding(format!("the step has {} hints", hints.len()), format!("give {HINTS}, growing")),
        ];
    }
    let mut findings = Vec::new();
    for pair in hints.windows(2) {
        if pair[1].text.len() <= pair[0].text.len() {
            findings.push(
                at.line(pair[1].line)
                    .finding("the hint is not longer than the one before it", "let hints grow"),
            );
        }
    }
    for hint in &hints[..HINTS - 1] {
        findings.extend(tells(at.line(hint.line), step, &hint.text));
    }
    findings
}

/// What is wrong with a hint before the last that says a command of its step.
pub(super) fn tells(at: At<'_>, step: &Step, hint: &str) -> Option<Finding> {
    let text = hint.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = step.commands().find(|command| {
        let bare = command.words.get(1..).unwrap_or_default().join(" ");
        let as_typed = text.contains(&command.words.join(" ")) || text.contains(&command.text);
        as_typed || (bare.contains(' ') && text.contains(&bare))
    })?;
    Some(at.finding(format!("the hint gives \"{}\" away", told.text), "keep the command for the last hint"))
}
