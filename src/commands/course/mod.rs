//! The verbs of the course, one a file.
//!
//! [`learner`] is what they share: lessons, progress, and the evidence of the current step.

pub mod answer;
pub mod ask;
pub mod check;
pub mod class;
pub mod ending;
pub mod glossary;
pub mod hint;
pub mod kernel;
pub mod learn;
pub mod learner;
pub mod lessons;
pub mod lint;
pub mod namespace;
pub mod new_lesson;
pub mod notebook;
pub mod others;
pub mod outside;
pub mod proving;
pub mod reset;
pub mod review;
pub mod room;
pub mod session;
pub mod skip;
pub mod submit;
pub mod welcome;
pub mod why;
