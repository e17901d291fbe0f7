//! What the hand-ins of a class come to: who did what, what was believed, where it was hard, whose values those are.
//!
//! Everything is computed anew from the facts, by the same rules that a learner's own progress goes by.

pub mod beliefs;
pub mod stuck;
pub mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::fact::{Fact, What};
use super::handin::{Broken, HandIn, Head, class_digest};
use super::lesson::{Lesson, Step};
use super::progress::Progress;
use super::standing::{Standing, State};
use beliefs::Belief;
use stuck::Stuck;
use values::{Made, Values};

/// A report on a class.
#[derive(Debug)]
pub struct Report<'a> {
    /// The columns, in the order of the course.
    pub lessons: &'a [Lesson],
    /// The learners, in the order of their names.
    pub learners: Vec<Learner>,
    /// Beliefs that the evidence does not bear out, the most frequent first.
    pub beliefs: Vec<Belief>,
    /// Steps that were hard, the hardest first.
    pub stuck: Vec<Stuck>,
    /// What personal values say; nothing when they were not checked.
    pub values: Option<Values>,
    /// How many learners did a lesson in another edition than the one here, by the lesson's number.
    pub other_editions: BTreeMap<u16, usize>,
}

/// Lessons that hand-ins tell of and that are not among `lessons`, by their ids; from files, so escape them.
#[must_use]
pub fn elsewhere(hand_ins: &[HandIn], lessons: &[Lesson]) -> BTreeSet<String> {
    let known = |id: &str| lessons.iter().any(|lesson| lesson.id == id);
    let told = hand_ins.iter().flat_map(|hand_in| &hand_in.facts).map(|fact| fact.lesson.as_str());
    told.filter(|id| !id.is_empty() && !known(id)).map(str::to_owned).collect()
}

/// A row.
#[derive(Debug)]
pub struct Learner {
    /// The name; from somebody's file, so escape it.
    pub name: String,
    /// Who it is; from the file, too.
    pub learner: String,
    /// The digest of the class's seed.
    pub class: Option<String>,
    /// When the hand-in was made, in seconds since 1970.
    pub made_at: u64,
    /// One for each lesson.
    pub cells: Vec<Cell>,
}

/// How a learner stands in a lesson.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// How the lesson stands.
    pub state: State,
    /// How many of its steps have passed.
    pub passed: usize,
    /// How many hints were given.
    pub hints: usize,
    /// How many of its steps are skipped.
    pub skipped: usize,
    /// When the first thing happened in it, in seconds since 1970.
    pub first_at: Option<u64>,
    /// When it was passed whole.
    pub done_at: Option<u64>,
}

/// A file with the hand-in in it.
#[derive(Debug)]
pub struct File {
    /// Where it was read.
    pub name: String,
    /// What is in it.
    pub hand_in: HandIn,
}

/// A file that does not count.
#[derive(Debug)]
pub struct LeftOut {
    /// Its name.
    pub file: String,
    /// Why it does not.
    pub reason: Reason,
}

/// Why a file does not count.
#[derive(Debug)]
pub enum Reason {
    /// It could not be read, in the system's words or ours.
    Unread(String),
    /// It is not as netlab wrote it.
    Broken(Broken),
    /// It is another copy of a file that counts.
    Copy {
        /// The file that counts.
        of: String,
    },
    /// The same learner has handed in again.
    Replaced {
        /// The name in this file.
        name: String,
        /// The file that counts.
        by: String,
        /// The name in that one.
        by_name: String,
    },
}

/// Of several hand-ins of one learner the one that was made last stays; of two that were made in the same second, the
/// one with more in it.
#[must_use]
pub fn latest(files: Vec<File>) -> (Vec<File>, Vec<LeftOut>) {
    let age = |file: &File| (file.hand_in.head.made_at, file.hand_in.facts.len());
    let mut kept: Vec<File> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut gone = Vec::new();
    for mut file in files {
        let Some(&place) = places.get(&file.hand_in.head.learner) else {
            places.insert(file.hand_in.head.learner.clone(), kept.len());
            kept.push(file);
            continue;
        };
        if age(&file) > age(&kept[place]) {
            std::mem::swap(&mut file, &mut kept[place]);
        }
        gone.push((file, place));
    }
    let left_out = gone.into_iter().map(|(File { name: file, hand_in }, place)| {
        let (by, stays) = (kept[place].name.clone(), &kept[place].hand_in);
        let by_name = stays.head.name.clone();
        let is_copy = *stays == hand_in;
        let reason = if is_copy {
            Reason::Copy { of: by }
        } else {
            Reason::Replaced { name: hand_in.head.name, by, by_name }
        };
        LeftOut { file, reason }
    });
    let left_out = left_out.collect();
    (kept, left_out)
}

impl<'a> Report<'a> {
    /// The report on hand-ins of different learners. With `made`, personal values are computed again.
    #[must_use]
    pub fn new(mut hand_ins: Vec<HandIn>, lessons: &'a [Lesson], made: Option<&Made<'_>>) -> Self {
        hand_ins.sort_by_cached_key(|one| (one.head.name.to_lowercase(), one.head.learner.clone()));
        let pupils: Vec<Pupil> = hand_ins.into_iter().map(|one| Pupil::new(one, lessons)).collect();
        Self {
            lessons,
            learners: pupils.iter().map(|pupil| pupil.row(lessons)).collect(),
            beliefs: beliefs::held(&pupils, lessons),
            stuck: stuck::steps(&pupils, lessons),
            values: made.map(|made| values::compared(&pupils, lessons, made)),
            other_editions: other_editions(&pupils, lessons),
        }
    }
}

impl Learner {
    /// Whether the hand-in says that it was made in the class of this seed.
    #[must_use]
    pub fn has_seed(&self, seed: &str) -> bool {
        self.class == class_digest(seed)
    }
}

/// A hand-in and what its facts come to. Facts about lessons that are not here say nothing.
struct Pupil {
    head: Head,
    /// The progress in each lesson, in the order of the course.
    progress: Vec<Progress>,
}

impl Pupil {
    fn new(hand_in: HandIn, lessons: &[Lesson]) -> Self {
        let mut facts: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
        for fact in Progress::of(hand_in.facts).facts {
            facts.entry(fact.lesson.clone()).or_default().push(fact);
        }
        let mut progress = |lesson: &Lesson| Progress::of(facts.remove(&lesson.id).unwrap_or_default());
        Self { head: hand_in.head, progress: lessons.iter().map(&mut progress).collect() }
    }

    /// The facts, each with the place of its lesson in the course; within a lesson the oldest first.
    fn facts(&self) -> impl Iterator<Item = (usize, &Fact)> {
        let lessons = self.progress.iter().enumerate();
        lessons.flat_map(|(at, progress)| progress.facts.iter().map(move |fact| (at, fact)))
    }

    fn row(&self, lessons: &[Lesson]) -> Learner {
        let head = self.head.clone();
        let cells = lessons.iter().zip(&self.progress).map(|(lesson, progress)| cell(lesson, progress));
        let cells = cells.collect();
        Learner { name: head.name, learner: head.learner, class: head.class, made_at: head.made_at, cells }
    }
}

fn cell(lesson: &Lesson, progress: &Progress) -> Cell {
    let is_skipped = |step: &&Step| progress.standing(&lesson.id, &step.slug) == Standing::Skipped;
    Cell {
        state: progress.state(lesson),
        passed: progress.passed(lesson),
        hints: progress.facts.iter().filter(|fact| matches!(fact.what, What::Hinted { .. })).count(),
        skipped: lesson.steps.iter().filter(is_skipped).count(),
        first_at: progress.facts.first().map(|fact| fact.at),
        done_at: progress.done_at(lesson),
    }
}

fn other_editions(pupils: &[Pupil], lessons: &[Lesson]) -> BTreeMap<u16, usize> {
    let mut editions = BTreeMap::new();
    for pupil in pupils {
        for (lesson, progress) in lessons.iter().zip(&pupil.progress) {
            if progress.facts.iter().any(|fact| fact.hash != lesson.hash) {
                *editions.entry(lesson.number).or_default() += 1;
            }
        }
    }
    editions
}
