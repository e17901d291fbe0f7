//! What the facts come to: how steps and lessons stand, and where the learner is.

use super::fact::{Fact, What};
use super::lesson::{Lesson, Step};
use super::progress::Progress;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not begun.
    Untouched,
    /// Begun; or begun again after it was skipped.
    Open,
    /// Skipped.
    Skipped,
    /// Passed. Doing it again takes nothing away.
    Passed,
}

/// How a lesson stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// No step has passed.
    Open,
    /// Some have.
    Begun,
    /// All are over, and at least one was skipped.
    Skipped,
    /// All have passed on evidence.
    Done,
    /// Done, each step without the hint that shows everything, and the first review was right.
    Mastered,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Begun => "begun",
            Self::Skipped => "skipped",
            Self::Done => "done",
            Self::Mastered => "mastered",
        }
    }
}

/// Where the learner is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The step.
    pub step: &'a Step,
    /// The marker of its beginning, if it has begun and not ended since.
    pub marker: Option<&'a str>,
    /// Whether the learner goes through a lesson that had been passed already.
    pub replay: bool,
    /// Whether the step has passed just now with the whole answer in view, and is to be done once more.
    pub again: bool,
}

impl Progress {
    /// How a step stands.
    #[must_use]
    pub fn standing(&self, lesson: &str, step: &str) -> Standing {
        let mut standing = Standing::Untouched;
        for fact in self.of_step(lesson, step) {
            standing = match (&fact.what, standing) {
                (What::Passed { .. }, _) | (_, Standing::Passed) => Standing::Passed,
                (What::Began { .. }, _) => Standing::Open,
                (What::Skipped, _) => Standing::Skipped,
                (_, standing) => standing,
            };
        }
        standing
    }

    /// How a lesson stands.
    #[must_use]
    pub fn state(&self, lesson: &Lesson) -> State {
        let passed = self.passed(lesson);
        if passed == lesson.steps.len() {
            let alone = lesson.steps.iter().all(|step| self.passed_alone(lesson, step));
            let recalled = self.reviews(&lesson.id).next().is_some_and(|(right, _)| right);
            return if alone && recalled { State::Mastered } else { State::Done };
        }
        match (self.is_over(lesson), passed) {
            (true, _) => State::Skipped,
            (false, 0) => State::Open,
            (false, _) => State::Begun,
        }
    }

    /// Whether a step of a lesson has passed, most recently, when the lesson read otherwise.
    #[must_use]
    pub fn has_changed(&self, lesson: &Lesson) -> bool {
        let passed_before = |step: &Step| {
            let passes =
                self.of_step(&lesson.id, &step.slug).filter(|fact| matches!(fact.what, What::Passed { .. }));
            passes.last().is_some_and(|fact| fact.hash != lesson.hash)
        };
        lesson.steps.iter().any(passed_before)
    }

    /// How many steps of a lesson have passed.
    #[must_use]
    pub fn passed(&self, lesson: &Lesson) -> usize {
        let has_passed = |step: &&Step| self.standing(&lesson.id, &step.slug) == Standing::Passed;
        lesson.steps.iter().filter(has_passed).count()
    }

    /// Whether nothing is left to do in a lesson: every step passed or skipped.
    #[must_use]
    pub fn is_over(&self, lesson: &Lesson) -> bool {
        self.next_step(lesson).is_none()
    }

    /// The first step of a lesson that is neither passed nor skipped.
    #[must_use]
    pub fn next_step<'l>(&self, lesson: &'l Lesson) -> Option<&'l Step> {
        let open = |step: &&Step| {
            matches!(self.standing(&lesson.id, &step.slug), Standing::Untouched | Standing::Open)
        };
        lesson.steps.iter().find(open)
    }

    /// When a lesson was passed whole, in seconds since 1970; nothing when it is not done.
    #[must_use]
    pub fn done_at(&self, lesson: &Lesson) -> Option<u64> {
        let first_pass = |step: &Step| {
            self.of_step(&lesson.id, &step.slug)
                .find(|fact| matches!(fact.what, What::Passed { .. }))
                .map(|fact| fact.at)
        };
        lesson.steps.iter().map(first_pass).try_fold(0, |latest, at| Some(latest.max(at?)))
    }

    /// The reviews of a lesson: whether the answer was right, and when it was given.
    pub fn reviews(&self, lesson: &str) -> impl Iterator<Item = (bool, u64)> {
        self.facts.iter().filter(move |fact| fact.lesson == lesson).filter_map(|fact| match &fact.what {
            What::Recalled { said, review: true } => Some((said.holds, fact.at)),
            _ => None,
        })
    }

    /// Whether a step has passed at least once without the hint that shows everything.
    fn passed_alone(&self, lesson: &Lesson, step: &Step) -> bool {
        let mut shown = false;
        for fact in self.of_step(&lesson.id, &step.slug) {
            match fact.what {
                What::Began { .. } => shown = false,
                What::Hinted { last, .. } => shown |= last,
                What::Passed { .. } if !shown => return true,
                _ => {}
            }
        }
        false
    }

    /// Where the learner is: in the lesson touched last, else in the next one that is not over, else in the first
    /// that is not. Nowhere when all are over.
    #[must_use]
    pub fn place<'a>(&'a self, lessons: &'a [Lesson]) -> Option<Place<'a>> {
        let latest = self.latest(lessons);
        let (before, from) = lessons.split_at(latest);
        let here = from.first().and_then(|lesson| self.place_in(lesson));
        here.or_else(|| from.iter().chain(before).find_map(|lesson| self.first_open(lesson)))
    }

    /// Where the learner is in a lesson that was touched last: also in a step that is done once more.
    #[must_use]
    pub fn place_in<'a>(&'a self, lesson: &'a Lesson) -> Option<Place<'a>> {
        self.under_way(lesson).or_else(|| self.first_open(lesson))
    }

    /// The step that was begun last, or what follows it, where that is not simply the first one that is open.
    fn under_way<'a>(&'a self, lesson: &'a Lesson) -> Option<Place<'a>> {
        let began = self.facts.iter().rposition(|fact| {
            fact.lesson == lesson.id
                && matches!(fact.what, What::Began { .. })
                && lesson.step(&fact.step).is_some()
        })?;
        let fact = self.facts.get(began)?;
        let What::Began { replay, .. } = fact.what else { return None };
        let index = lesson.steps.iter().position(|step| step.slug == fact.step)?;
        let step = lesson.steps.get(index)?;
        let place = |step| Place { lesson, step, marker: None, replay, again: false };
        let since = || self.facts[began..].iter().filter(|one| one.is_of(&lesson.id, &fact.step));
        let Some(end) = since().find(|one| one.ends()) else {
            return Some(Place { marker: self.marker(&lesson.id, &step.slug), ..place(step) });
        };
        let first_time = !self.facts[..began]
            .iter()
            .any(|one| one.is_of(&lesson.id, &fact.step) && matches!(one.what, What::Passed { .. }));
        let shown = since().any(|one| matches!(one.what, What::Hinted { last: true, .. }));
        if first_time && shown && matches!(end.what, What::Passed { .. }) {
            return Some(Place { again: true, ..place(step) });
        }
        if replay { lesson.steps.get(index + 1).map(place) } else { None }
    }

    fn first_open<'a>(&'a self, lesson: &'a Lesson) -> Option<Place<'a>> {
        let step = self.next_step(lesson)?;
        let marker = self.marker(&lesson.id, &step.slug);
        Some(Place { lesson, step, marker, replay: false, again: false })
    }

    /// The marker of a step that has begun and not ended since.
    #[must_use]
    pub fn marker(&self, lesson: &str, step: &str) -> Option<&str> {
        let facts = self.facts.iter().rev().filter(|fact| fact.is_of(lesson, step));
        let mut turns = facts.filter(|fact| fact.ends() || matches!(fact.what, What::Began { .. }));
        match &turns.next()?.what {
            What::Began { marker, .. } => Some(marker),
            _ => None,
        }
    }

    /// The index of the lesson touched last; of the first when none was. Its steps do not matter.
    #[must_use]
    pub fn latest(&self, lessons: &[Lesson]) -> usize {
        let turns = |fact: &&Fact| fact.ends() || matches!(fact.what, What::Began { .. });
        let lesson = |fact: &Fact| lessons.iter().position(|lesson| lesson.id == fact.lesson);
        self.facts.iter().rev().filter(turns).find_map(lesson).unwrap_or(0)
    }

    /// The facts about a step, the oldest first.
    pub fn of_step<'a>(&'a self, lesson: &'a str, step: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.is_of(lesson, step))
    }

    /// The facts of a step's latest attempt, the oldest first.
    #[must_use]
    pub fn attempt<'a>(&'a self, lesson: &'a str, step: &'a str) -> Vec<&'a Fact> {
        let facts: Vec<&Fact> = self.of_step(lesson, step).collect();
        let began = facts.iter().rposition(|fact| matches!(fact.what, What::Began { .. })).unwrap_or(0);
        facts[began..].to_vec()
    }
}
