//! A class that is made up: twelve invented learners, always the same, and one file that somebody has edited. It shows
//! what a report looks like before there is a class.

use super::class::values::Made;
use super::fact::{Fact, Said, What};
use super::handin::HandIn;
use super::lesson::{Lesson, Predict, Step};
use super::progress::{Progress, marker};

/// The seed of the class.
pub const SEED: &str = "a class that is made up";

/// The learners.
const NAMES: [&str; 12] =
    ["Amina", "Bruno", "Chen", "Dana", "Emeka", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kiri", "Leyla"];

/// Whose file has been edited after it was written.
const EDITED: &str = "Mika";

/// Who gave a value that was made for the one before.
const COPIES: usize = 1;

/// The first day of the class, 7 September 2026 at 08:00 UTC, in seconds since 1970.
const FIRST_DAY: u64 = 1_788_768_000;

/// A file of the class: its name and its bytes.
pub type Paper = (String, Vec<u8>);

/// The files that this class hands in.
#[must_use]
pub fn class(lessons: &[Lesson], made: &Made<'_>) -> Vec<Paper> {
    let mut files: Vec<Paper> = (0..NAMES.len())
        .map(|at| (file_name(NAMES[at]), written(NAMES[at], Pretender::new(at, lessons, made))))
        .collect();
    let last = Pretender::new(NAMES.len(), lessons, made);
    let edited = String::from_utf8_lossy(&written(EDITED, last)).replacen("\"skipped\"", "\"passed\"", 1);
    files.push((file_name(EDITED), edited.into_bytes()));
    files
}

fn file_name(name: &str) -> String {
    format!("netlab-{name}.jsonl")
}

fn written(name: &str, pretender: Pretender<'_>) -> Vec<u8> {
    let learner = pretender.learner.clone();
    let progress = pretender.progress();
    let made_at = progress.facts.last().map_or(FIRST_DAY, |fact| fact.at + 60);
    // It is far smaller than a file may be, and an empty file would be reported as one.
    HandIn::new(name, &learner, SEED, &progress, made_at).write().unwrap_or_default()
}

/// Somebody who does lessons on paper only.
struct Pretender<'a> {
    at: usize,
    learner: String,
    lessons: &'a [Lesson],
    made: &'a Made<'a>,
    facts: Vec<Fact>,
    now: u64,
    luck: u64,
}

impl<'a> Pretender<'a> {
    fn new(at: usize, lessons: &'a [Lesson], made: &'a Made<'a>) -> Self {
        let now = FIRST_DAY + 60 * at as u64;
        let luck = 0x9e37_79b9_7f4a_7c15 ^ at as u64;
        Self { at, learner: learner(at), lessons, made, facts: Vec::new(), now, luck }
    }

    /// A number below `many`, from a generator (xorshift) that begins alike every time.
    fn draw(&mut self, many: usize) -> usize {
        self.luck ^= self.luck << 13;
        self.luck ^= self.luck >> 7;
        self.luck ^= self.luck << 17;
        let number = (self.luck >> 24) % (many as u64).max(1);
        usize::try_from(number).unwrap_or(0)
    }

    fn progress(mut self) -> Progress {
        // The edited file needs a skipped step to edit; of the others some get further than others.
        let is_edited = self.at == NAMES.len();
        let ends = if is_edited { 1 } else { 1 + self.draw(self.lessons.len() + 1) };
        let lessons = self.lessons;
        for (nth, lesson) in lessons.iter().take(ends).enumerate() {
            let is_last = nth + 1 == ends && self.draw(3) > 0;
            let steps = lesson.steps.len().saturating_sub(if is_last { self.draw(3) } else { 0 });
            for (nth, step) in lesson.steps.iter().take(steps.max(1)).enumerate() {
                self.step(lesson, step, is_edited && nth == 0);
            }
            self.review(lesson);
        }
        Progress::of(self.facts)
    }

    fn note(&mut self, lesson: &Lesson, step: &Step, what: What) {
        self.now += 20 + self.draw(100) as u64;
        self.facts.push(Fact::new(lesson, step, self.now, what));
    }

    fn step(&mut self, lesson: &Lesson, step: &Step, must_skip: bool) {
        self.note(lesson, step, What::Began { marker: marker(lesson, step, 1), replay: false });
        for asked in step.predictions() {
            let said = self.guess(asked);
            self.note(lesson, step, What::Predicted(said));
        }
        if must_skip || (!step.read_only && self.draw(14) == 0) {
            return self.note(lesson, step, What::Skipped);
        }
        let many = step.hints().count();
        let hints = if self.draw(3) == 0 { 1 + self.draw(many) } else { 0 };
        for hint in 1..=hints.min(many) {
            self.note(lesson, step, What::Hinted { hint, last: hint == many, heard: 0 });
        }
        self.note(lesson, step, What::Passed { saw: Vec::new() });
        self.answer(lesson, step);
    }

    /// An answer that is, or should be, a personal value.
    fn answer(&mut self, lesson: &Lesson, step: &Step) {
        let Some(seen) = step.questions().find(|seen| seen.after.is_some()) else { return };
        let question = seen.question.clone();
        let of = |at: usize| {
            (self.made.values)(SEED, &learner(at), &marker(lesson, step, 1))
                .into_iter()
                .next()
                .unwrap_or_default()
        };
        let (own, before) = (of(self.at), of(self.at.saturating_sub(1)));
        if self.at == COPIES {
            let copied = What::Answered { question: question.clone(), answer: before, agrees: false };
            self.note(lesson, step, copied);
        }
        self.note(lesson, step, What::Answered { question, answer: own, agrees: true });
    }

    fn review(&mut self, lesson: &Lesson) {
        let recall = lesson
            .steps
            .iter()
            .find_map(|step| Some((step, step.recalls().chain(step.predictions()).next()?)));
        if let (Some((step, asked)), 0) = (recall, self.draw(2)) {
            self.now += 24 * 60 * 60;
            let said = self.guess(asked);
            self.note(lesson, step, What::Recalled { said, review: true });
        }
    }

    /// Somewhat more than half of the guesses hold.
    fn guess(&mut self, asked: &Predict) -> Said {
        let lucky = self.draw(8) < 3;
        let holds = asked.choices.iter().find(|choice| choice.holds).filter(|_| lucky);
        let any = self.draw(asked.choices.len());
        holds.or_else(|| asked.choices.get(any)).map(|choice| Said::new(asked, choice)).unwrap_or(Said {
            question: asked.question.clone(),
            answer: String::new(),
            belief: String::new(),
            holds: true,
        })
    }
}

fn learner(at: usize) -> String {
    format!("{:016x}", 0xde00 + at)
}
