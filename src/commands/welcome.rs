//! Bare `netlab`: where you are, and the one next thing to type.

use super::context::Context;
use super::course;
use crate::error::{Exit, Failure};
use crate::lessons::shelf;
use crate::render::welcome;

/// Says it.
///
/// # Errors
/// When the lesson the learner is in does not read.
pub fn run(context: &Context) -> Result<Exit, Failure> {
    context.note_homeless();
    let progress = course::progress(context);
    let sources = shelf::embedded();
    let lesson = shelf::current(&sources, &progress).map_err(course::no_lesson)?;
    let lesson = lesson.map(|lesson| context.in_language(lesson, &sources));
    let here = lesson.as_ref().and_then(|lesson| progress.place_in(lesson));
    welcome::show(&context.screen, here.map(|here| (here.lesson, here.step)), progress.facts.is_empty());
    Ok(Exit::Done)
}
