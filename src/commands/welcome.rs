//! Bare `netlab`: where you are, and the one next thing to type.

use super::context::Context;
use super::course::Course;
use crate::error::{Exit, Failure};
use crate::render::welcome;

/// Says it.
///
/// # Errors
/// When the lessons do not read.
pub fn run(context: &Context) -> Result<Exit, Failure> {
    let course = Course::open(context, None)?;
    let here = course.here().map(|here| (here.lesson, here.step));
    welcome::show(&context.screen, here, course.progress.facts.is_empty());
    Ok(Exit::Done)
}
