//! `netlab lessons`: the list, the author's lint, and a lesson to begin with.

use std::time::Duration;

use crate::cli::{Lessons, LessonsWhat};
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, now};
use crate::commands::course::{lint, new_lesson};
use crate::error::{Exit, Failure};
use crate::render::course::lesson as shown;
use crate::render::json;
use crate::render::text::look::Form;

/// Lists the lessons, lints lesson files, or writes a new one.
///
/// # Errors
/// When lessons do not read or cannot be written.
pub async fn run(args: Lessons, context: &Context) -> Result<Exit, Failure> {
    match args.what {
        Some(LessonsWhat::Lint { files, only_static, patience }) => {
            let wanted = lint::Wanted { files: &files, only_static, patience: Duration::from_secs(patience) };
            return Box::pin(lint::run(wanted, context)).await;
        }
        Some(LessonsWhat::New { slug, lessons }) => {
            let folder = lessons.as_deref().filter(|folder| !folder.as_os_str().is_empty());
            return new_lesson::run(&slug, folder, context);
        }
        None => {}
    }
    let course = Course::open(context, args.shelf.folder())?;
    context.note_homeless();
    course.tell_troubles();
    if context.screen.look.form == Form::Json {
        let members = shown::as_json(&course.lessons, &course.progress, now());
        json::document(&context.screen, "lessons", members);
    } else {
        shown::list(&context.screen, &course.lessons, &course.progress, now());
    }
    Ok(Exit::Done)
}
