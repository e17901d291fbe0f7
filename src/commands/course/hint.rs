//! `netlab hint`: the next hint for the current step, when something has been tried or some time has passed.

use crate::cli::Hint;
use crate::commands::context::Context;
use crate::commands::course::ending;
use crate::commands::course::learner::{Course, now, with_folder};
use crate::error::{Exit, Failure};
use crate::evidence::journal::Account;
use crate::lessons::coach::{Hinting, next_hint};
use crate::lessons::fact::What;
use crate::lessons::standing::Place;
use crate::render::course::coach as shown;

/// Gives the hint and writes down that it was given.
///
/// # Errors
/// When progress or journal cannot be used.
pub fn run(args: &Hint, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    course.tell_troubles();
    let Some(here) = course.here() else {
        ending::nothing_left(&course, "hint", &context.screen);
        return Ok(Exit::Done);
    };
    let marker = course.begin(here)?;
    let hinting = give(&course, here, &course.account(&marker)?)?;
    shown::hint(&context.screen, here, &hinting, &with_folder("netlab check", folder));
    Ok(Exit::Done)
}

/// The next hint; that it was given is written down.
///
/// # Errors
/// When that cannot be written down.
pub fn give<'a>(course: &Course<'_>, here: Place<'a>, account: &Account) -> Result<Hinting<'a>, Failure> {
    let progress = course.progress_now();
    let attempt = progress.attempt(&here.lesson.id, &here.step.slug);
    let heard = account.sightings.len() as u64;
    let hinting = next_hint(here.step, &attempt, heard, now());
    if let Hinting::Given { number, last, .. } = hinting {
        course.note(here, What::Hinted { hint: number, last, heard })?;
    }
    Ok(hinting)
}
