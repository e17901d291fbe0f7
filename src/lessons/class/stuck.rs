//! Where it was hard: hints, skips and answers that did not agree, by step.

use std::cmp::Reverse;

use super::Pupil;
use crate::lessons::fact::What;
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::progress::Progress;
use crate::lessons::standing::Standing;

/// A step that was hard for somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stuck {
    /// The number of its lesson.
    pub lesson: u16,
    /// Its slug.
    pub step: String,
    /// Its title.
    pub title: String,
    /// For how many learners.
    pub learners: usize,
    /// How many hints they were given.
    pub hints: usize,
    /// How many of them have skipped it and not come back.
    pub skips: usize,
    /// How many of their answers did not agree with the evidence.
    pub rejected: usize,
}

impl Stuck {
    fn troubles(&self) -> usize {
        self.hints + self.skips + self.rejected
    }
}

/// The steps that were hard, the one with the most hints, skips and rejected answers first.
pub(super) fn steps(pupils: &[Pupil], lessons: &[Lesson]) -> Vec<Stuck> {
    let steps = lessons
        .iter()
        .enumerate()
        .flat_map(|(at, lesson)| lesson.steps.iter().map(move |step| (at, lesson, step)));
    let mut hard: Vec<Stuck> = steps
        .map(|(at, lesson, step)| of_step(pupils.iter().map(|pupil| &pupil.progress[at]), lesson, step))
        .filter(|stuck| stuck.learners > 0)
        .collect();
    hard.sort_by_key(|stuck| Reverse(stuck.troubles()));
    hard
}

fn of_step<'a>(all: impl Iterator<Item = &'a Progress>, lesson: &Lesson, step: &Step) -> Stuck {
    let (slug, title) = (step.slug.clone(), step.title.clone());
    let mut stuck = Stuck { lesson: lesson.number, step: slug, title, ..Stuck::default() };
    for progress in all {
        let before = stuck.troubles();
        for fact in progress.of_step(&lesson.id, &step.slug) {
            match fact.what {
                What::Hinted { .. } => stuck.hints += 1,
                What::Answered { agrees: false, .. } => stuck.rejected += 1,
                _ => {}
            }
        }
        stuck.skips += usize::from(progress.standing(&lesson.id, &step.slug) == Standing::Skipped);
        stuck.learners += usize::from(stuck.troubles() > before);
    }
    stuck
}
