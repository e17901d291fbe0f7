//! Lessons as data: Markdown in, questions about evidence out.
//!
//! Everything here is pure but [`progress`] and [`shelf`], which read and write files: no sockets, no
//! printing, no child processes. Reading order: [`lesson`] (what a lesson is), [`parse`] (how a file becomes
//! one), [`question`], [`paths`] and [`flow_paths`] (the language of checks), [`watched`] (evidence as answers),
//! [`settled`] (when it can be said what did not happen), [`weigh`] and [`check`] (the judge), [`verdict`] (what it
//! says), [`frozen`] (what is kept of it), [`seen`] and [`meant`] (the other kind of question, and which answers to it mean the
//! same),
//! [`fact`], [`progress`] and [`standing`] (what the learner did, and what it comes to), [`tally`] and [`notebook`]
//! (the same in numbers and in words), [`coach`] and [`review`] (when to help, what comes back and when), [`lint`],
//! [`proof`], [`screen`] and [`shown`] (what makes a lesson fit to ship), [`glossary`] and [`lint_glossary`] (the words of the course), [`template`] (a lesson to begin with), [`translation`] and
//! [`translated`] (the same lesson in another language), [`handin`] and [`class`] (what a teacher is given, and what a
//! class's files come to), [`pretend`] (a class that is made up), [`ending`] (what a lesson has come to).

pub mod check;
pub mod class;
pub mod coach;
pub mod compare;
pub mod connections;
pub mod console;
pub mod deed;
pub mod ending;
pub mod fact;
pub mod feature;
pub mod fence;
pub mod finding;
pub mod fitted;
pub mod flow_paths;
pub mod frozen;
pub mod glossary;
pub mod handin;
pub mod hints;
pub mod lesson;
pub mod lint;
pub mod lint_glossary;
pub mod lint_words;
pub mod meant;
pub mod moved;
pub mod nearest;
pub mod notebook;
mod numbered;
pub mod parse;
pub mod part;
pub mod paths;
pub mod pretend;
pub mod progress;
pub mod proof;
pub mod question;
pub mod review;
pub mod screen;
pub mod section;
pub mod seen;
pub mod settled;
pub mod shelf;
pub mod shown;
pub mod standing;
pub mod survey;
pub mod tally;
pub mod template;
pub mod translated;
pub mod translation;
pub mod verdict;
pub mod watched;
pub mod ways;
pub mod weigh;
pub mod words;

pub use finding::Finding;
pub use lesson::{Block, Lesson, Step};
