//! What is written down about a learner: facts, one a line, each true for ever.
//!
//! ```text
//! {"v":1,"lesson":"names","hash":"...","step":"ask-for-an-address","at":1,"fact":"began","marker":"names/...#1"}
//! {"v":1,"lesson":"names","hash":"...","step":"ask-for-an-address","at":2,"fact":"passed","saw":["..."]}
//! ```
//!
//! Even going back to the beginning is a fact: what it makes invisible stays in the file, so that it can be
//! taken back.

use serde::{Deserialize, Serialize};

use super::lesson::{Choice, Lesson, Predict, Step};

/// The version of a line's form. Lines of a later one are left alone and counted.
pub const VERSION: u32 = 1;

/// The most characters of one line that a learner writes which are kept.
pub const SAID_CHARS: usize = 500;

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub(super) v: u32,
    /// The lesson's id; empty in a reset of everything.
    pub lesson: String,
    /// The lesson's text, as [`Lesson::hash`].
    pub hash: String,
    /// The step's slug; empty where the fact is about the whole lesson.
    pub step: String,
    /// Seconds since 1970, by the wall clock. For people; order never depends on it.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum What {
    /// The step was begun, or begun again.
    Began {
        /// The marker in the journal: evidence behind it counts.
        marker: String,
        /// Whether the learner goes through a lesson that had been passed already.
        #[serde(default, skip_serializing_if = "is_false")]
        replay: bool,
    },
    /// Its check passed, or it was read.
    Passed {
        /// Quotes of the evidence, a line each.
        #[serde(default)]
        saw: Vec<String>,
    },
    /// The learner went on without it.
    Skipped,
    /// A guess before the reveal.
    Predicted(Said),
    /// A hint was given.
    Hinted {
        /// Which one, counted from 1.
        hint: usize,
        /// Whether it was the last, which shows everything.
        last: bool,
        /// How much evidence there was, to tell whether something has been tried since.
        heard: u64,
    },
    /// An answer to "what did you see?".
    Answered {
        /// The question.
        question: String,
        /// What the learner said.
        answer: String,
        /// Whether the evidence says the same.
        agrees: bool,
    },
    /// A line in the learner's own words.
    Wrote {
        /// The question.
        question: String,
        /// The line.
        line: String,
    },
    /// A question that brought the lesson back.
    Recalled {
        /// Question and answer.
        #[serde(flatten)]
        said: Said,
        /// Whether it was asked as a review that was due, not in passing.
        #[serde(default, skip_serializing_if = "is_false")]
        review: bool,
    },
    /// The lesson, or everything, is to be as if it had never been begun.
    Reset,
    /// The latest reset is taken back.
    Restored,
}

/// An answer that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// The belief behind the answer.
    pub belief: String,
    /// Whether the evidence bears it out.
    pub holds: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Said {
    /// The choice somebody made.
    #[must_use]
    pub fn new(asked: &Predict, choice: &Choice) -> Self {
        Self {
            question: asked.question.clone(),
            answer: choice.text.clone(),
            belief: choice.belief.clone(),
            holds: choice.holds,
        }
    }
}

impl Fact {
    /// Something that happened in a step at `at` seconds.
    #[must_use]
    pub fn new(lesson: &Lesson, step: &Step, at: u64, what: What) -> Self {
        let (id, hash, slug) = (lesson.id.clone(), lesson.hash.clone(), step.slug.clone());
        Self { v: VERSION, lesson: id, hash, step: slug, at, what }
    }

    /// Something about a whole lesson, or about everything when there is none.
    #[must_use]
    pub fn whole(lesson: Option<&Lesson>, at: u64, what: What) -> Self {
        let (lesson, hash) =
            lesson.map(|lesson| (lesson.id.clone(), lesson.hash.clone())).unwrap_or_default();
        Self { v: VERSION, lesson, hash, step: String::new(), at, what }
    }

    /// A step passed on what is quoted.
    #[must_use]
    pub fn passed(lesson: &Lesson, step: &Step, saw: Vec<String>, at: u64) -> Self {
        Self::new(lesson, step, at, What::Passed { saw })
    }

    /// The learner went on without a step.
    #[must_use]
    pub fn skipped(lesson: &Lesson, step: &Step, at: u64) -> Self {
        Self::new(lesson, step, at, What::Skipped)
    }

    /// Whether it is about this step.
    #[must_use]
    pub fn is_of(&self, lesson: &str, step: &str) -> bool {
        self.lesson == lesson && self.step == step
    }

    /// Whether it ends a step that was begun.
    #[must_use]
    pub fn ends(&self) -> bool {
        matches!(self.what, What::Passed { .. } | What::Skipped)
    }
}
