//! When to help, and how much: the next hint, and how often an answer has not agreed.

use super::fact::{Fact, What};
use super::lesson::{Hint, Step};

/// How long after a hint the next one may be had without having tried anything, in seconds.
pub const HINT_PAUSE: u64 = 20;

/// After how many rejected attempts the diagnosis comes unasked, once.
pub const REJECTIONS: usize = 3;

/// What somebody gets who asks for a hint.
#[derive(Debug, Clone, Copy)]
pub enum Hinting<'a> {
    /// This one.
    Given {
        /// Which one, counted from 1.
        number: usize,
        /// The hint.
        hint: &'a Hint,
        /// Whether it shows everything.
        last: bool,
    },
    /// The one before, again: nothing has been tried since.
    NotYet(&'a Hint),
    /// The last one, again.
    Again(&'a Hint),
    /// The step has none.
    None,
}

/// The next hint of a step. `attempt` are the facts since it began, `heard` is how much evidence there is, `now` is
/// in seconds since 1970.
#[must_use]
pub fn next_hint<'a>(step: &'a Step, attempt: &[&Fact], heard: u64, now: u64) -> Hinting<'a> {
    let hints: Vec<&Hint> = step.hints().collect();
    let latest = attempt.iter().rev().find_map(|fact| match fact.what {
        What::Hinted { hint, heard, .. } => Some((hint, heard, fact.at)),
        _ => None,
    });
    let Some(last) = hints.last() else { return Hinting::None };
    let (given, may) = match latest {
        None => (0, true),
        // A clock that has been set back must not keep anybody waiting.
        Some((given, then, at)) => (given, heard > then || now < at || now - at >= HINT_PAUSE),
    };
    match hints.get(given) {
        None => Hinting::Again(last),
        Some(hint) if may => Hinting::Given { number: given + 1, hint, last: given + 1 == hints.len() },
        Some(_) => Hinting::NotYet(hints[given - 1]),
    }
}

/// How many answers to a question did not agree with the evidence in this attempt.
#[must_use]
pub fn rejected(attempt: &[&Fact], question: &str) -> usize {
    let rejects = |fact: &&&Fact| matches!(&fact.what, What::Answered { question: asked, agrees: false, .. } if asked == question);
    attempt.iter().filter(rejects).count()
}
