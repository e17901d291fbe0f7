//! `netlab lessons`: the list, and the author's lint.

use super::context::Context;
use super::course::{Course, now};
use super::lint;
use crate::cli::{Lessons, LessonsWhat};
use crate::error::{Exit, Failure};
use crate::render::look::Form;
use crate::render::{coach, json, lesson as shown};

/// Lists the lessons, or lints lesson files.
///
/// # Errors
/// When lessons do not read, or do not hold.
pub async fn run(args: Lessons, context: &Context) -> Result<Exit, Failure> {
    if let Some(LessonsWhat::Lint { files, only_static }) = args.what {
        return lint::run(&files, only_static, context).await;
    }
    let course = Course::open(context, args.shelf.lessons.as_deref())?;
    coach::troubles(&context.screen, &course.progress);
    if context.screen.look.form == Form::Json {
        let members = shown::as_json(&course.lessons, &course.progress, now());
        json::document(&context.screen, "lessons", members);
    } else {
        shown::list(&context.screen, &course.lessons, &course.progress, now());
    }
    Ok(Exit::Done)
}
