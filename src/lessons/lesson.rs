//! What a lesson is made of.

use std::collections::BTreeSet;

use super::console::{Command, Console};
use super::deed::MustNot;
use super::feature::Feature;
use super::question::{Check, Condition, Op, Operand, Path, Test};
use super::screen::Screen;

/// A lesson: one file.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The file it came from.
    pub file: String,
    /// Its place in the course, from the file's name.
    pub number: u16,
    /// What the learner calls it, such as `names`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u16,
    /// Ids of the lessons it builds on.
    pub needs: Vec<String>,
    /// What it teaches, as short words.
    pub teaches: Vec<String>,
    /// Rows of the table of claims that it corrects.
    pub corrects: Vec<u16>,
    /// Changes when the file's text does; sixteen hex digits.
    pub hash: String,
    /// What stands before the first step.
    pub intro: Vec<Block>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Which line each key of the front matter stands on.
    pub front_lines: Vec<(String, usize)>,
}

impl Lesson {
    /// The step called `slug`.
    #[must_use]
    pub fn step(&self, slug: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.slug == slug)
    }

    /// The line of a key of the front matter; 1 when the key is not there.
    #[must_use]
    pub fn line_of(&self, key: &str) -> usize {
        self.front_lines.iter().find(|(name, _)| name == key).map_or(1, |&(_, line)| line)
    }
}

/// A step: one section of a lesson.
#[derive(Debug, Clone)]
pub struct Step {
    /// The title in lower case with hyphens; unique in its lesson.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The line of its heading.
    pub line: usize,
    /// Whether there is nothing to do but read: the heading ends in `(read-only)`.
    pub read_only: bool,
    /// What it needs that not every machine has: the heading ends in `(only with ...)`.
    pub only_with: Option<Feature>,
    /// What is in it, in order.
    pub blocks: Vec<Block>,
}

/// One part of a step.
#[derive(Debug, Clone)]
pub enum Block {
    /// Markdown for people: paragraphs, lists, headings below the second level.
    Prose(String),
    /// What to type and what it prints.
    Console(Console),
    /// The same, for a step that leaves it to the learner: shown to nobody who has not asked.
    Solution(Console),
    /// A guess before the reveal.
    Predict(Predict),
    /// What the evidence must show.
    Check(Check),
    /// A question the learner's own evidence answers.
    Seen(Seen),
    /// Help; each step has three, growing.
    Hint(Hint),
    /// A likely slip and what to say to it.
    NearMiss(NearMiss),
    /// Deeds that look right and must not pass.
    MustNot(MustNot),
    /// A question that brings the lesson back: asked before later lessons, and by `netlab review`.
    Recall(Predict),
    /// The idea of the step, for those who ask why.
    Why(Why),
    /// A question answered in the learner's own words, for the notebook.
    Notebook(Notebook),
    /// Any other fence: shown as it stands.
    Code {
        /// The info string.
        info: String,
        /// The text.
        text: String,
    },
}

/// A question with a few answers to choose from, never graded.
#[derive(Debug, Clone)]
pub struct Predict {
    /// The line the fence begins on.
    pub line: usize,
    /// The question.
    pub question: String,
    /// The answers.
    pub choices: Vec<Choice>,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The line it is on.
    pub line: usize,
    /// Whether the evidence will bear it out.
    pub holds: bool,
    /// The answer.
    pub text: String,
    /// The belief behind it, as the original says it: what is kept and counted in every language.
    pub belief: String,
    /// The belief as the learner reads it: the same, or its translation.
    pub belief_shown: String,
    /// What to say to somebody who chose it.
    pub reply: String,
}

/// A question that the evidence since the step began answers.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The line the fence begins on.
    pub line: usize,
    /// The question.
    pub question: String,
    /// Whether the answer is how many there are, not which.
    pub count: bool,
    /// Where the answer is.
    pub answer: Path,
    /// Only the word that follows this text in the value.
    pub after: Option<String>,
    /// What must hold beside it.
    pub conditions: Vec<Condition>,
    /// Where it stands on the learner's screen.
    pub screens: Vec<Screen>,
    /// What to say when the answer agrees with the evidence.
    pub says: String,
}

/// Help.
#[derive(Debug, Clone)]
pub struct Hint {
    /// The line the fence begins on.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// The idea of a step.
#[derive(Debug, Clone)]
pub struct Why {
    /// The line the fence begins on.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// A question for the notebook.
#[derive(Debug, Clone)]
pub struct Notebook {
    /// The line the fence begins on.
    pub line: usize,
    /// The question.
    pub question: String,
}

/// A likely slip.
#[derive(Debug, Clone)]
pub struct NearMiss {
    /// The line the fence begins on.
    pub line: usize,
    /// Commands that show it.
    pub commands: Vec<Command>,
    /// How the evidence shows it.
    pub conditions: Vec<Condition>,
    /// The scene, counted from 1, of which it speaks as if it had still to be done: once that was seen, nothing is said.
    pub until: Option<usize>,
    /// What to say to it.
    pub says: String,
}

impl Step {
    /// The ports at which its check wants a server.
    #[must_use]
    pub fn ports(&self) -> BTreeSet<u16> {
        let scenes = self.check().map_or(&[][..], |check| &check.scenes);
        let conditions = scenes.iter().flat_map(|scene| &scene.conditions);
        conditions
            .filter(|condition| condition.path.text() == "server.port")
            .filter_map(wanted_port)
            .collect()
    }

    /// Its check.
    #[must_use]
    pub fn check(&self) -> Option<&Check> {
        self.blocks.iter().find_map(|block| match block {
            Block::Check(check) => Some(check),
            _ => None,
        })
    }

    /// Its console and solution fences, in order.
    pub fn consoles(&self) -> impl Iterator<Item = &Console> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Console(console) | Block::Solution(console) => Some(console),
            _ => None,
        })
    }

    /// Its commands, in order, of all of them.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.consoles().flat_map(Console::commands)
    }

    /// Its hints, the smallest first.
    pub fn hints(&self) -> impl Iterator<Item = &Hint> {
        self.blocks.iter().filter_map(|block| if let Block::Hint(hint) = block { Some(hint) } else { None })
    }

    /// Its near-misses.
    pub fn near_misses(&self) -> impl Iterator<Item = &NearMiss> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::NearMiss(near) = block { Some(near) } else { None })
    }

    /// Its deeds that must not pass.
    pub fn must_nots(&self) -> impl Iterator<Item = &MustNot> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::MustNot(must) = block { Some(must) } else { None })
    }

    /// Its predictions.
    pub fn predictions(&self) -> impl Iterator<Item = &Predict> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::Predict(predict) = block { Some(predict) } else { None })
    }

    /// Its questions that bring it back later.
    pub fn recalls(&self) -> impl Iterator<Item = &Predict> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::Recall(recall) = block { Some(recall) } else { None })
    }

    /// Its idea.
    #[must_use]
    pub fn why(&self) -> Option<&Why> {
        self.blocks.iter().find_map(|block| if let Block::Why(why) = block { Some(why) } else { None })
    }

    /// Its question for the notebook.
    #[must_use]
    pub fn notebook(&self) -> Option<&Notebook> {
        self.blocks.iter().find_map(|block| if let Block::Notebook(asks) = block { Some(asks) } else { None })
    }

    /// Its questions.
    pub fn questions(&self) -> impl Iterator<Item = &Seen> {
        self.blocks.iter().filter_map(|block| if let Block::Seen(seen) = block { Some(seen) } else { None })
    }
}

impl Seen {
    /// Its conditions, and for an answer that is a value: that there is one.
    #[must_use]
    pub fn with_path(&self) -> Vec<Condition> {
        let mut conditions = self.conditions.clone();
        if !self.count || conditions.is_empty() {
            let (line, text, path) = (self.line, self.answer.text(), self.answer.clone());
            conditions.push(Condition {
                line,
                text,
                count: false,
                path,
                after: None,
                test: None,
                keep_as: None,
            });
        }
        conditions
    }
}

/// The number that a condition compares with.
fn wanted_port(condition: &Condition) -> Option<u16> {
    match condition.test.as_ref()? {
        Test { op: Op::Is, value: Operand::Text(text) } => text.parse().ok(),
        _ => None,
    }
}
