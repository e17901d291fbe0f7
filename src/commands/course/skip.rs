//! `netlab skip`: on to the next step. It is written down as skipped, and can be done later.

use crate::cli::Skip;
use crate::commands::context::Context;
use crate::commands::course::ending;
use crate::commands::course::learner::{Course, with_folder};
use crate::error::{Exit, Failure};
use crate::lessons::fact::What;
use crate::render::course::coach as shown;

/// Skips the step the learner is at.
///
/// # Errors
/// When that cannot be written down.
pub fn run(args: &Skip, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    course.tell_troubles();
    let Some(here) = course.here() else {
        ending::nothing_left(&course, "skip", &context.screen);
        return Ok(Exit::Done);
    };
    course.begin(here)?;
    course.note(here, What::Skipped)?;
    let after = course.lately()?;
    let next = after.here();
    if let Some(next) = next {
        after.begin(next)?;
    }
    ending::tell(&course, here.lesson, &context.screen);
    let again = with_folder(&format!("netlab learn {}", here.lesson.number), folder);
    shown::skipped(&context.screen, here, next, &with_folder("netlab learn", folder), &again);
    Ok(Exit::Done)
}
