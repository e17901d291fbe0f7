//! Bare `netlab`: where you are, and the one next thing to type.

use crate::cli::Shelf;
use crate::commands::context::Context;
use crate::commands::course::learner;
use crate::error::{Exit, Failure};
use crate::lessons::progress::Progress;
use crate::lessons::shelf::{self, Source};
use crate::lessons::{ending, review};
use crate::render::course::welcome;

/// Says it.
///
/// # Errors
/// When the lesson the learner is in does not read.
pub fn run(context: &Context) -> Result<Exit, Failure> {
    context.note_homeless();
    let progress = learner::progress(context);
    let shelf = Shelf::from_environment();
    let sources = learner::sources(shelf.folder())?;
    let lesson = shelf::current(&sources, &progress).map_err(learner::no_lesson)?;
    let lesson = lesson.map(|lesson| context.in_language(lesson, &sources));
    let here = lesson.as_ref().and_then(|lesson| progress.place_in(lesson));
    let here = here.map(|here| (here.lesson, here.step));
    let due = due(&sources, &progress, learner::now());
    let left = if here.is_some() { Vec::new() } else { left(&sources, &progress)? };
    let is_empty = sources.is_empty();
    let welcome = welcome::Welcome { here, is_new: progress.facts.is_empty(), due, left: &left, is_empty };
    welcome::show(&context.screen, &welcome);
    Ok(Exit::Done)
}

/// What was skipped, where nothing is under way.
fn left(sources: &[Source], progress: &Progress) -> Result<Vec<(u16, usize)>, Failure> {
    let lessons = shelf::lessons(sources).map_err(learner::no_lesson)?;
    Ok(ending::left(progress, &lessons))
}

/// How many lessons are due. Only those are read whole of which the facts say that they may be.
fn due(sources: &[Source], progress: &Progress, now: u64) -> usize {
    let lessons = shelf::some(sources, &review::may_be_due(progress, now));
    review::due(progress, &lessons, now).len()
}
