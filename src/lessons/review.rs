//! Bringing lessons back: which are due for review, and which question to ask.
//!
//! A lesson comes up 1, 3, 7 and 21 days after it was done. Late reviews move the later ones with them, and a
//! lesson whose answer was not right comes up again the next day. Days are counted by the wall clock.

use super::fact::What;
use super::lesson::{Lesson, Predict, Step};
use super::progress::Progress;

/// How many days after the lesson, or the review before, the next review is due: 1, 3, 7 and 21 days in all.
pub const GAPS: [u64; 4] = [1, 2, 4, 14];

/// The most questions of one sitting: about two minutes.
pub const SITTING: usize = 6;

const DAY: u64 = 24 * 60 * 60;

/// A lesson that is due.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The question to ask this time.
    pub question: &'a Predict,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// The lessons that are due at `now` seconds since 1970, the longest waiting first.
#[must_use]
pub fn due<'a>(progress: &Progress, lessons: &'a [Lesson], now: u64) -> Vec<Due<'a>> {
    let mut due: Vec<Due<'a>> = lessons
        .iter()
        .filter_map(|lesson| {
            let since = due_at(progress, lesson).filter(|&at| at <= now)?;
            Some(Due { lesson, question: question(progress, lesson)?, since })
        })
        .collect();
    due.sort_by_key(|one| one.since);
    due
}

/// When a lesson is due next, in seconds since 1970; nothing when it is not done, or all its reviews are over.
#[must_use]
pub fn due_at(progress: &Progress, lesson: &Lesson) -> Option<u64> {
    let (mut stage, mut at, mut again) = (0, progress.done_at(lesson)?, false);
    for (right, when) in progress.reviews(&lesson.id) {
        (stage, at, again) = (stage + usize::from(right), when, !right);
    }
    let gap = if again { 1 } else { *GAPS.get(stage)? };
    Some(at.saturating_add(gap * DAY))
}

/// A question from a lesson that is done, to ask before `current` begins: from the one that has been asked about
/// least, and of those from the latest.
#[must_use]
pub fn recall<'a>(
    progress: &Progress,
    lessons: &'a [Lesson],
    current: &Lesson,
) -> Option<(&'a Lesson, &'a Predict)> {
    let done = lessons.iter().filter(|lesson| lesson.id != current.id && progress.done_at(lesson).is_some());
    let lesson = done.rev().min_by_key(|lesson| asked(progress, lesson))?;
    Some((lesson, question(progress, lesson)?))
}

/// The question of a lesson whose turn it is.
fn question<'a>(progress: &Progress, lesson: &'a Lesson) -> Option<&'a Predict> {
    let recalls = lesson.steps.iter().flat_map(Step::recalls);
    let predictions = lesson.steps.iter().flat_map(Step::predictions);
    let pool: Vec<&Predict> = recalls.chain(predictions).collect();
    pool.get(asked(progress, lesson).checked_rem(pool.len())?).copied()
}

/// How often a lesson has been asked about.
fn asked(progress: &Progress, lesson: &Lesson) -> usize {
    let about =
        |fact: &&super::fact::Fact| fact.lesson == lesson.id && matches!(fact.what, What::Recalled { .. });
    progress.facts.iter().filter(about).count()
}
