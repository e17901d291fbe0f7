//! `netlab why`: the idea of the current step and what the evidence says about it so far; or a line to keep.

use crate::cli::Why;
use crate::commands::context::Context;
use crate::commands::course::ending;
use crate::commands::course::learner::{Course, with_folder};
use crate::error::{Exit, Failure};
use crate::lessons::fact::{SAID_CHARS, What};
use crate::lessons::standing::Place;
use crate::render::course::coach as shown;

/// Explains, or keeps a line.
///
/// # Errors
/// When progress or journal cannot be used.
pub fn run(args: &Why, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    course.tell_troubles();
    let Some(here) = course.here() else {
        ending::nothing_left(&course, "why", &context.screen);
        return Ok(Exit::Done);
    };
    let marker = course.begin(here)?;
    let line = args.line.join(" ");
    if line.trim().is_empty() {
        let (judged, _) = course.judge(here.step, &marker)?;
        shown::why(&context.screen, here, &judged);
    } else {
        keep(&course, here, &line)?;
        shown::kept(&context.screen, here, &line, &with_folder("netlab notebook", folder));
    }
    Ok(Exit::Done)
}

/// Keeps a line of the learner's in the notebook.
///
/// # Errors
/// When it cannot be written down.
pub fn keep(course: &Course<'_>, here: Place<'_>, line: &str) -> Result<(), Failure> {
    let question = here.step.notebook().map_or_else(|| here.step.title.clone(), |asks| asks.question.clone());
    let line = line.trim().chars().take(SAID_CHARS).collect();
    course.note(here, What::Wrote { question, line })
}
