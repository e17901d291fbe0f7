//! The proofs that need evidence: is a check red when it should be, and green when it should be?
//!
//! Nothing is run here. Whoever runs a step's commands hands over what the journal then holds; variations of
//! it (nothing, reversed, from before) are made from that account.

use std::collections::BTreeSet;

use crate::evidence::journal::{Account, Sighting};
use crate::evidence::{Event, What};

use super::check;
use super::connections;
use super::deed::MustNot;
use super::finding::{At, Finding};
use super::lesson::{Lesson, NearMiss, Step};
use super::question::Begins;
use super::seen;
use super::verdict::{Difference, Instead, Outcome, Verdict};

/// How far apart connections are put that are not open at once: an hour, in microseconds.
const APART_US: u64 = 3_600_000_000;

/// Whoever judges a step by what happened.
pub type Judge<'a> = &'a dyn Fn(&Step, &Account) -> Verdict;

/// Everything an account of a step's own commands can prove: green with it, red without it, red when it is from
/// before the step, red in the wrong order where order matters, and an answer in it to every question.
#[must_use]
pub fn own_commands(lesson: &Lesson, step: &Step, account: &Account) -> Vec<Finding> {
    own_commands_by(&check::judge, lesson, step, account)
}

/// The same with a judge of the caller's. No lesson can be green on nothing or on what is from before while the
/// judge is right, so that these two are found is shown with a judge that is wrong.
#[must_use]
pub fn own_commands_by(judge: Judge<'_>, lesson: &Lesson, step: &Step, account: &Account) -> Vec<Finding> {
    let Some(check) = step.check() else { return Vec::new() };
    let at = At { file: &lesson.file, line: check.line };
    let mut findings = Vec::new();
    let verdict = judge(step, account);
    if verdict.passed() {
        findings.extend(unanswered(at, step, account));
    } else {
        let missing = missing(&verdict);
        findings.push(at.finding(
            format!("the check stays red after the step's own commands: {missing}"),
            "make the console do what the check asks for, or ask for what it does",
        ));
    }
    for (account, what) in [
        (Account::default(), "is green though nothing happened"),
        (from_before(account), "is green on what happened before the step"),
    ] {
        if judge(step, &account).passed() {
            let mend = "ask for something that happened, such as flow.opened";
            findings.push(at.finding(format!("the check {what}"), mend));
        }
    }
    let ordered = check.scenes.iter().any(|scene| scene.begins == Begins::Then);
    if ordered && verdict.passed() && judge(step, &reversed(account)).passed() {
        findings.push(at.finding(
            "the check has a \"then\" and is green in the wrong order",
            "make the scenes on both sides of \"then\" different enough that no one flow satisfies both",
        ));
    }
    let at_once = check.scenes.iter().any(|scene| scene.begins == Begins::Meanwhile);
    if at_once && verdict.passed() && judge(step, &one_by_one(account)).passed() {
        findings.push(at.finding(
            "the check has a \"meanwhile\" and is green when no two connections are open at once",
            "give both scenes flow.opened, or a field that was sent",
        ));
    }
    findings
}

/// Whether the account answers every question of the step.
#[must_use]
pub fn answers(step: &Step, account: &Account) -> bool {
    step.questions().all(|question| !seen::values(question, account).is_empty())
}

/// Questions that a learner who did what the step says could not answer.
fn unanswered(at: At<'_>, step: &Step, account: &Account) -> Vec<Finding> {
    let without = step.questions().filter(|question| seen::values(question, account).is_empty());
    without
        .map(|question| {
            at.line(question.line).finding(
                "the question has no answer in what the step's own commands did",
                "ask for something they did, and let every \"where:\" hold of the same conversation",
            )
        })
        .collect()
}

/// What an account of a near-miss's commands can prove: the check stays red and the near-miss is what is said.
#[must_use]
pub fn near_miss(lesson: &Lesson, step: &Step, near: &NearMiss, account: &Account) -> Vec<Finding> {
    let at = At { file: &lesson.file, line: near.line };
    let verdict = check::judge(step, account);
    if verdict.passed() {
        return vec![at.finding("the check is green on its near-miss", "ask for what the near-miss lacks")];
    }
    match verdict.feedback {
        Some(feedback) if feedback.line == near.line => Vec::new(),
        Some(feedback) => vec![at.finding(
            format!("the near-miss draws the feedback of line {}", feedback.line),
            "make their conditions exclude each other",
        )],
        None => vec![at.finding(
            "the near-miss does not draw its feedback",
            "make its conditions hold after its commands, and let no scene of the check come after the slip",
        )],
    }
}

/// What wrong deeds prove: `passed` says when they passed the step, if they did.
#[must_use]
pub fn must_not(lesson: &Lesson, must: &MustNot, passed: Option<&str>) -> Option<Finding> {
    let at = At { file: &lesson.file, line: must.line };
    passed.map(|when| {
        at.finding(
            format!("the check is green on what must not pass it, {when}: {}", must.why),
            "ask for what these deeds lack",
        )
    })
}

/// Scenes that every wrong deed fulfilled: nothing shows that they ask for anything. `red` has the numbers of the others,
/// from 0.
#[must_use]
pub fn never_red(lesson: &Lesson, step: &Step, red: &BTreeSet<usize>) -> Vec<Finding> {
    let scenes = step.check().into_iter().flat_map(|check| check.scenes.iter().enumerate());
    let never = scenes.filter(|(at, _)| !red.contains(at));
    never
        .map(|(_, scene)| {
            At { file: &lesson.file, line: scene.line }.finding(
                format!("every must-not of the step fulfils \"{}\"", scene.description),
                "add one that lacks just this",
            )
        })
        .collect()
}

/// The same evidence, all of it from before the step.
#[must_use]
pub fn from_before(account: &Account) -> Account {
    let sightings = account.sightings.iter().map(|sighting| {
        let flow = sighting.flow.clone();
        Sighting {
            began_before: true,
            events_before: flow.events.len(),
            client_before: flow.from_client.total,
            server_before: flow.from_server.total,
            flow,
        }
    });
    Account { sightings: sightings.collect(), ..Account::default() }
}

/// The same flows in the opposite order.
#[must_use]
pub fn reversed(account: &Account) -> Account {
    Account { sightings: account.sightings.iter().rev().cloned().collect(), ..Account::default() }
}

/// The same flows, each of them over before the next begins.
#[must_use]
pub fn one_by_one(account: &Account) -> Account {
    let mut account = Account { sightings: account.sightings.clone(), ..Account::default() };
    // Both recordings of a connection stay together, or each would be a connection of its own.
    let numbers = connections::numbers(&account.sightings);
    for (sighting, number) in account.sightings.iter_mut().zip(numbers) {
        let flow = &mut sighting.flow;
        flow.began_us = (number as u64 + 1) * APART_US;
        let last_us = flow.events.last().map_or(0, |event| event.at_us);
        flow.add(Event { at_us: last_us, side: flow.seen, what: What::Reset }, &[], 0);
    }
    account
}

/// What the scenes that did not pass lack, for an author.
fn missing(verdict: &Verdict) -> String {
    let scenes = verdict.scenes.iter().filter_map(|scene| match &scene.outcome {
        Outcome::Passed(_) => None,
        Outcome::NotYet(None) => Some(format!("\"{}\": no flow comes near", scene.description)),
        Outcome::NotYet(Some(closest)) => {
            let differed: Vec<String> = closest.differed.iter().map(words).collect();
            Some(format!("\"{}\": {}", scene.description, differed.join(", ")))
        }
    });
    scenes.collect::<Vec<_>>().join("; ")
}

/// A difference for an author: the condition as written, and what it found. The values are the network's: escape
/// before printing.
#[must_use]
pub fn words(difference: &Difference) -> String {
    let Difference { condition, wanted, .. } = difference;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let found = match &difference.instead {
        Instead::Nothing => "nothing".to_owned(),
        Instead::Values(values) => {
            values.iter().map(|found| text(&found.value)).collect::<Vec<_>>().join(" and ")
        }
        Instead::Count(count) => count.to_string(),
        Instead::FromBefore(found) => format!("{}, which is from before the step", text(&found.value)),
        Instead::Apart => return "it did not begin while the one before it was open".to_owned(),
        Instead::OtherConnection => return "it was on another connection than the scenes before".to_owned(),
        Instead::OtherServer => return "another server took it than in the scenes before".to_owned(),
        Instead::NotSettled(_) => return format!("\"{condition}\" holds so far, and may still change"),
        Instead::TooEarly => return "it came before the scene that has to come first".to_owned(),
    };
    // What a kept value was cannot be seen in the condition.
    let wanted = if condition.contains('$') { format!(", wanted {wanted}") } else { String::new() };
    format!("\"{condition}\" found {found}{wanted}")
}
