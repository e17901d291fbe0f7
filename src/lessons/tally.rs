//! Progress in numbers.

use super::fact::What;
use super::lesson::Lesson;
use super::progress::Progress;
use super::review;
use super::standing::State;

/// What facts come to, over the lessons at hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many lessons are done, those that are mastered included.
    pub done: usize,
    /// How many are mastered.
    pub mastered: usize,
    /// How many are due for review.
    pub due: usize,
    /// How many steps there are.
    pub steps: usize,
    /// How many have passed.
    pub passed: usize,
    /// How long all lessons take, in minutes, by their authors' estimates.
    pub minutes: u64,
    /// The part of that which belongs to steps that have passed, each step of a lesson counted alike, in minutes.
    pub minutes_done: u64,
    /// How many hints were given.
    pub hints: usize,
    /// How many guesses were made.
    pub guesses: usize,
    /// How many reviews were answered.
    pub reviews: usize,
    /// How many of them right.
    pub reviews_right: usize,
}

impl Tally {
    /// The numbers at `now` seconds since 1970.
    #[must_use]
    pub fn of(progress: &Progress, lessons: &[Lesson], now: u64) -> Self {
        let mut tally = Self { due: review::due(progress, lessons, now).len(), ..Self::default() };
        for lesson in lessons {
            let (state, passed) = (progress.state(lesson), progress.passed(lesson));
            tally.done += usize::from(state >= State::Done);
            tally.mastered += usize::from(state == State::Mastered);
            tally.steps += lesson.steps.len();
            tally.passed += passed;
            tally.minutes += u64::from(lesson.minutes);
            let part = u64::from(lesson.minutes) * passed as u64;
            tally.minutes_done += part.checked_div(lesson.steps.len() as u64).unwrap_or(0);
            for (right, _) in progress.reviews(&lesson.id) {
                tally.reviews += 1;
                tally.reviews_right += usize::from(right);
            }
            for fact in progress.facts.iter().filter(|fact| fact.lesson == lesson.id) {
                tally.hints += usize::from(matches!(fact.what, What::Hinted { .. }));
                tally.guesses += usize::from(matches!(fact.what, What::Predicted(_)));
            }
        }
        tally
    }
}
