//! The words in a lesson that are for people: what a translation may replace, and nothing else.

use super::console::Entry;
use super::lesson::Block;

/// What begins a comment that is another tool's command: it is the same in every language.
pub const OR: &str = "or: ";

/// A kind of part, by which a translation's parts find the original's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Markdown between headings and fences.
    Prose,
    /// What to type; its comments have words.
    Console,
    /// The same, hidden.
    Solution,
    /// A guess before the reveal.
    Predict,
    /// What the evidence must show; its scenes have sentences.
    Check,
    /// A question the evidence answers.
    Seen,
    /// Help.
    Hint,
    /// A likely slip.
    NearMiss,
    /// Wrong deeds; nobody reads them.
    MustNot,
    /// A question for later lessons.
    Recall,
    /// The idea of the step.
    Why,
    /// A question for the notebook.
    Notebook,
    /// Any other fence.
    Code,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Prose,
        Self::Console,
        Self::Solution,
        Self::Predict,
        Self::Check,
        Self::Seen,
        Self::Hint,
        Self::NearMiss,
        Self::MustNot,
        Self::Recall,
        Self::Why,
        Self::Notebook,
        Self::Code,
    ];

    /// Which kind a block is.
    #[must_use]
    pub fn of(block: &Block) -> Self {
        match block {
            Block::Prose(_) => Self::Prose,
            Block::Console(_) => Self::Console,
            Block::Solution(_) => Self::Solution,
            Block::Predict(_) => Self::Predict,
            Block::Check(_) => Self::Check,
            Block::Seen(_) => Self::Seen,
            Block::Hint(_) => Self::Hint,
            Block::NearMiss(_) => Self::NearMiss,
            Block::MustNot(_) => Self::MustNot,
            Block::Recall(_) => Self::Recall,
            Block::Why(_) => Self::Why,
            Block::Notebook(_) => Self::Notebook,
            Block::Code { .. } => Self::Code,
        }
    }

    /// What an author calls it: the word of its fence, if it has one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prose => "prose",
            Self::Console => "console",
            Self::Solution => "solution",
            Self::Predict => "predict",
            Self::Check => "check",
            Self::Seen => "seen",
            Self::Hint => "hint",
            Self::NearMiss => "near-miss",
            Self::MustNot => "must-not",
            Self::Recall => "recall",
            Self::Why => "why",
            Self::Notebook => "notebook",
            Self::Code => "other fence",
        }
    }
}

/// The words of a block, in the order in which a translation gives them. Of an answer's belief it is the
/// form that is shown: the one that is counted stays what it is.
pub fn of(block: &mut Block) -> Vec<&mut String> {
    match block {
        Block::Prose(text) | Block::Code { text, .. } => vec![text],
        Block::Console(console) | Block::Solution(console) => {
            console.entries.iter_mut().filter_map(comment).collect()
        }
        Block::Predict(asked) | Block::Recall(asked) => {
            let answers = asked.choices.iter_mut();
            let answers = answers.flat_map(|one| [&mut one.text, &mut one.belief_shown, &mut one.reply]);
            std::iter::once(&mut asked.question).chain(answers).collect()
        }
        Block::Check(check) => check.scenes.iter_mut().map(|scene| &mut scene.description).collect(),
        Block::Seen(seen) => vec![&mut seen.question, &mut seen.says],
        Block::Hint(hint) => vec![&mut hint.text],
        Block::NearMiss(near) => vec![&mut near.says],
        Block::MustNot(_) => Vec::new(),
        Block::Why(why) => vec![&mut why.text],
        Block::Notebook(notebook) => vec![&mut notebook.question],
    }
}

fn comment(entry: &mut Entry) -> Option<&mut String> {
    match entry {
        Entry::Comment(text) if !text.starts_with(OR) => Some(text),
        _ => None,
    }
}

/// Which answers of a block's question are marked `(x)`; none for other blocks.
#[must_use]
pub fn marks(block: &Block) -> Vec<bool> {
    match block {
        Block::Predict(asked) | Block::Recall(asked) => {
            asked.choices.iter().map(|choice| choice.holds).collect()
        }
        _ => Vec::new(),
    }
}
