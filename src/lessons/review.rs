//! Bringing lessons back: which are due for review, and which question to ask.
//!
//! A lesson comes up 1, 3, 7 and 21 days after it was done. Late reviews move the later ones with them, and a
//! lesson whose answer was not right comes up again the next day. Days are counted by the wall clock.
//!
//! The answers of a question stand in another order each time it comes, so that their places teach nothing.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::fact::What;
use super::lesson::{Choice, Lesson, Predict, Step};
use super::progress::Progress;

/// How many days after the lesson, or the review before, the next review is due: 1, 3, 7 and 21 days in all.
pub const GAPS: [u64; 4] = [1, 2, 4, 14];

/// The most questions of one sitting: about two minutes.
pub const SITTING: usize = 6;

const DAY: u64 = 24 * 60 * 60;

/// A lesson that is due.
#[derive(Debug, Clone)]
pub struct Due<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The question to ask this time, its answers in this time's order.
    pub question: Predict,
    /// Whether it is a question that a step asks before its evidence: what is said to a guess there fits nowhere else.
    pub was_guessed: bool,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

impl Due<'_> {
    /// What to say to an answer, as a sentence of its own.
    #[must_use]
    pub fn says(&self, choice: &Choice) -> String {
        match (self.was_guessed, choice.holds) {
            (false, _) => choice.reply.clone(),
            (true, true) => format!("Yes. In short: {}.", choice.belief_shown.trim_end_matches('.')),
            (true, false) => format!("That would mean: {}.", choice.belief_shown.trim_end_matches('.')),
        }
    }
}

/// The lessons that are due at `now` seconds since 1970, the longest waiting first.
#[must_use]
pub fn due<'a>(progress: &Progress, lessons: &'a [Lesson], now: u64) -> Vec<Due<'a>> {
    let mut due: Vec<Due<'a>> = lessons
        .iter()
        .filter_map(|lesson| {
            let since = due_at(progress, lesson).filter(|&at| at <= now)?;
            let (question, was_guessed) = question(progress, lesson)?;
            Some(Due { lesson, question, was_guessed, since })
        })
        .collect();
    due.sort_by_key(|one| one.since);
    due
}

/// When a lesson is due next, in seconds since 1970; nothing when it is not done, all its reviews are over, or it has
/// no question.
#[must_use]
pub fn due_at(progress: &Progress, lesson: &Lesson) -> Option<u64> {
    pool(lesson).next()?;
    scheduled(progress, &lesson.id, progress.done_at(lesson)?)
}

/// When the next of all reviews behind `now` is due, in seconds since 1970.
#[must_use]
pub fn next_at(progress: &Progress, lessons: &[Lesson], now: u64) -> Option<u64> {
    lessons.iter().filter_map(|lesson| due_at(progress, lesson)).filter(|&at| at > now).min()
}

/// Ids of the lessons that may be due, told from facts alone: none that is due is missing, and only they need to be
/// read to know.
#[must_use]
pub fn may_be_due(progress: &Progress, now: u64) -> Vec<&str> {
    // A lesson is done no earlier than any step of it passed.
    let mut passed: BTreeMap<&str, u64> = BTreeMap::new();
    for fact in progress.facts.iter().filter(|fact| matches!(fact.what, What::Passed { .. })) {
        let earliest = passed.entry(&fact.lesson).or_insert(fact.at);
        *earliest = fact.at.min(*earliest);
    }
    let may = |&(id, at): &(&str, u64)| scheduled(progress, id, at).is_some_and(|at| at <= now);
    passed.into_iter().filter(may).map(|(id, _)| id).collect()
}

/// When a lesson that was done at `done` is due next; nothing when its reviews are over.
fn scheduled(progress: &Progress, lesson: &str, done: u64) -> Option<u64> {
    let (mut stage, mut at, mut again) = (0, done, false);
    for (right, when) in progress.reviews(lesson) {
        (stage, at, again) = (stage + usize::from(right), when, !right);
    }
    let gap = if again { 1 } else { *GAPS.get(stage)? };
    Some(at.saturating_add(gap * DAY))
}

/// The question of a lesson whose turn it is, and whether it is one that is guessed at in a step.
fn question(progress: &Progress, lesson: &Lesson) -> Option<(Predict, bool)> {
    let times = asked(progress, lesson);
    let turn = times.checked_rem(pool(lesson).count())?;
    let was_guessed = turn >= lesson.steps.iter().flat_map(Step::recalls).count();
    pool(lesson).nth(turn).map(|question| (shuffled(question, times), was_guessed))
}

/// The questions of a lesson.
fn pool(lesson: &Lesson) -> impl Iterator<Item = &Predict> {
    let recalls = lesson.steps.iter().flat_map(Step::recalls);
    recalls.chain(lesson.steps.iter().flat_map(Step::predictions))
}

/// The question with its answers in the order of the `times`th time its lesson is asked about, counted from 0. The
/// same time has the same order in every run.
#[must_use]
pub fn shuffled(question: &Predict, times: usize) -> Predict {
    let mut question = question.clone();
    let asked = question.question.as_bytes();
    question.choices.sort_by_cached_key(|choice| {
        let mut hash = Sha256::new();
        hash.update((times as u64).to_be_bytes());
        for part in [asked, choice.text.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        <[u8; 32]>::from(hash.finalize())
    });
    question
}

/// How often a lesson has been asked about.
fn asked(progress: &Progress, lesson: &Lesson) -> usize {
    let about =
        |fact: &&super::fact::Fact| fact.lesson == lesson.id && matches!(fact.what, What::Recalled { .. });
    progress.facts.iter().filter(about).count()
}
