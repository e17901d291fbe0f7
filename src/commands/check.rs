//! `netlab check`: is the current step done? Judged from the journal, with the evidence quoted.

use super::context::Context;
use super::course::{Course, Here};
use crate::cli::Check;
use crate::error::{Exit, Failure};
use crate::render::look::Form;
use crate::render::screen::Role;
use crate::render::{json, lesson as shown, verdict};

/// Judges the step the learner is at. A pass is written down, and the next step begins.
///
/// # Errors
/// When progress or journal cannot be used.
pub fn run(args: &Check, context: &Context) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let course = Course::open(context, args.lessons.as_deref())?;
    shown::troubles(screen, &course.progress);
    let Some(here) = course.here() else {
        shown::say(screen, Role::Good, "you have been through every lesson there is");
        return Ok(Exit::Done);
    };
    let began = course.progress.marker(&here.lesson.id, &here.step.slug).is_some();
    let marker = course.begin(here)?;
    let (judged, _) = course.judge(here, &marker)?;
    let passed = judged.passed();
    if passed {
        course.pass(here, &verdict::excerpt(&judged))?;
    }
    let after = Course::open(context, args.lessons.as_deref())?;
    let next = after.here();
    if passed && let Some(next) = next {
        after.begin(next)?;
    }
    if screen.look.form == Form::Json {
        let next = next.map(|next| next.step);
        json::document(screen, "check", verdict::as_json(here.lesson, here.step, &judged, next));
    } else {
        verdict::show(screen, here.lesson, here.step, &judged);
        onward(context, here, passed, began, next);
    }
    Ok(if passed { Exit::Done } else { Exit::NotPassed })
}

fn onward(context: &Context, here: Here<'_>, passed: bool, began: bool, next: Option<Here<'_>>) {
    let screen = &context.screen;
    match (passed, next) {
        (true, Some(next)) => {
            let done = if here.step.read_only { "Read" } else { "Passed" };
            shown::next(screen, &format!("{done}. Next: {}.", next.step.title), "netlab learn");
        }
        (true, None) => {
            shown::say(screen, Role::Good, "passed, and that was the last step of the last lesson");
        }
        (false, _) if !began => shown::next(
            screen,
            "This step begins now; what happened before does not count. What to do:",
            "netlab learn",
        ),
        (false, _) => shown::next(screen, "What to do is shown by:", "netlab learn"),
    }
}
