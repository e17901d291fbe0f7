//! `netlab reset`: a lesson, or everything, as if it had never been begun; and the way back.

use crate::cli::Reset;
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, now};
use crate::error::{Exit, Failure};
use crate::lessons::fact::{Fact, What};
use crate::render::course::coach::{self as shown, Undone};

/// Resets, takes a reset back, or erases.
///
/// # Errors
/// When the lesson is unknown, there is nothing to take back, or it cannot be written down.
pub fn run(args: &Reset, context: &Context) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let course = Course::open(context, args.shelf.folder())?;
    if args.erase {
        let home = course.home()?;
        let gone = home.erase().map_err(|error| Failure::file(home.folder(), "erasing", &error))?;
        shown::erased(screen, home.folder(), gone);
    } else if args.undo {
        let Some(scope) = course.progress.restorable.clone() else {
            return Err(Failure::usage(
                "there is no reset to take back",
                "every reset there was has been taken back, or there never was one",
            ));
        };
        course.append(&Fact::whole(None, now(), What::Restored))?;
        shown::reset(screen, course.lessons.iter().find(|lesson| lesson.id == scope), Undone::Back);
    } else {
        let lesson = args.lesson.as_deref().map(|wanted| course.wanted(wanted)).transpose()?;
        course.append(&Fact::whole(lesson, now(), What::Reset))?;
        shown::reset(screen, lesson, Undone::Gone);
    }
    Ok(Exit::Done)
}
