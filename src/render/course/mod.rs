//! The course on the screen: lessons, steps, verdicts, hints, reviews, the notebook and the author's findings.

pub mod coach;
mod differs;
pub mod ending;
pub mod findings;
pub mod glossary;
pub mod handin;
pub mod lesson;
pub mod new_lesson;
pub mod notebook;
pub mod notebook_md;
pub mod review;
pub mod session;
pub mod verdict;
pub mod welcome;
