//! `netlab notebook`: what somebody learned, from the facts about them.

use crate::cli::Notebook;
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, with_folder};
use crate::error::{Exit, Failure};
use crate::lessons::notebook::notebook;
use crate::render::course::{notebook as shown, notebook_md};

/// Shows the notebook, or the part about one lesson.
///
/// # Errors
/// When there is no such lesson, neither at hand nor in the notebook.
pub fn run(args: &Notebook, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    let screen = &context.screen;
    course.tell_troubles();
    let mut chapters = notebook(&course.progress, &course.lessons);
    let mut lesson = None;
    if let Some(wanted) = args.lesson.as_deref() {
        // A lesson that is gone is still in the notebook.
        let id = if chapters.iter().any(|chapter| chapter.lesson == wanted) {
            wanted
        } else {
            lesson = Some(course.wanted(wanted)?);
            lesson.map_or(wanted, |lesson| &lesson.id)
        };
        chapters.retain(|chapter| chapter.lesson == id);
    }
    if chapters.is_empty() {
        let learn =
            lesson.map_or_else(|| "netlab learn".to_owned(), |one| format!("netlab learn {}", one.number));
        shown::empty(screen, lesson, &with_folder(&learn, folder));
    } else if args.md {
        notebook_md::show(screen, &chapters);
    } else {
        shown::show(screen, &chapters);
    }
    Ok(Exit::Done)
}
