//! `netlab check`: is the current step done? Judged from the journal, with the evidence quoted.

use std::thread::park_timeout;
use std::time::Duration;

use crate::cli::Check;
use crate::commands::context::Context;
use crate::commands::course::answer::{self, answer};
use crate::commands::course::ending;
use crate::commands::course::kernel;
use crate::commands::course::learner::{Course, with_folder};
use crate::commands::course::others::others;
use crate::error::{Exit, Failure};
use crate::evidence::journal::Account;
use crate::lessons::settled::{SILENCE_US, Settled};
use crate::lessons::standing::Place;
use crate::lessons::verdict::Verdict;
use crate::net::clock::wall_us;
use crate::render::course::{coach, lesson as shown, verdict};
use crate::render::json;
use crate::render::text::look::Form;

/// How often it looks again while it waits.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Judges the step the learner is at. A pass is written down, and the next step begins.
///
/// # Errors
/// When progress or journal cannot be used.
pub fn run(args: &Check, context: &Context) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    course.tell_troubles();
    if let Some(typed) = &args.saw {
        return saw(&course, typed, context);
    }
    let Some(here) = course.here() else {
        return Ok(ending::nothing_left(&course, "check", screen));
    };
    let marker = course.begin(here)?;
    look_at_kernel(&course, here, &marker, context)?;
    let (judged, account) = settled(&course, here, &marker)?;
    let passed = judged.passed();
    if passed {
        course.pass(here, &marker, (&judged, &account))?;
    }
    // The process ends in a moment. Giving ten thousand conversations back one by one would keep the learner waiting.
    std::mem::forget(account);
    let after = if passed { Some(course.lately()?) } else { None };
    let next = after.as_ref().map_or(Some(here), Course::here);
    if let (Some(after), Some(next)) = (&after, next) {
        after.begin(next)?;
    }
    if screen.look.form == Form::Json {
        let next = next.map(|next| next.step);
        let mut document = verdict::as_json(here.lesson, here.step, &judged, next);
        if let (Some(members), false) = (document.as_object_mut(), passed) {
            members.insert("unnoticed".to_owned(), coach::unnoticed_as_json(&others(here.step)));
        }
        json::document(screen, "check", document);
    } else {
        verdict::show(screen, here.lesson, here.step, &judged);
        if passed {
            coach::against_guess(screen, here.step, course.guess(here).as_ref());
        } else {
            others(here.step).iter().for_each(|other| coach::unnoticed(screen, other));
        }
        if let Some(waiting) = after.as_ref().and_then(answer::waiting) {
            shown::question(screen, waiting.seen);
            coach::next(screen, "To answer:", &with_folder("netlab check --saw ANSWER", folder));
        }
        ending::tell(&course, here.lesson, screen);
        let onward = coach::Onward { here, passed, next, learn: &with_folder("netlab learn", folder) };
        coach::onward(screen, &onward);
    }
    Ok(if passed { Exit::Done } else { Exit::NotPassed })
}

/// Looks at what the kernel's tables show of the step's port, and writes down what is new.
fn look_at_kernel(
    course: &Course<'_>,
    here: Place<'_>,
    marker: &str,
    context: &Context,
) -> Result<(), Failure> {
    let mut watch = kernel::Watch::of(here.step);
    watch.look();
    if !watch.waits() || course.judge(here.step, marker)?.0.passed() {
        return Ok(());
    }
    context.screen.note("a connection stands at the step's port: looking whether a program accepts it");
    let settled = watch.settle();
    if !settled.is_empty() {
        kernel::write_down(&context.server_recorder(), &settled, &course.account(marker)?);
        context.close();
    }
    Ok(())
}

/// What is judged once its time is up: where only that is missing, it is waited for.
fn settled(course: &Course<'_>, here: Place<'_>, marker: &str) -> Result<(Verdict, Account), Failure> {
    let until_us = wall_us().saturating_add(SILENCE_US);
    let mut told = false;
    loop {
        let (judged, account) = course.judge(here.step, marker)?;
        let now_us = wall_us();
        let Some(Settled::From(from_us)) = judged.waits.filter(|_| !judged.passed() && now_us < until_us)
        else {
            return Ok((judged, account));
        };
        if !std::mem::replace(&mut told, true) {
            coach::waits(course.screen());
        }
        park_timeout(Duration::from_micros(from_us.saturating_sub(now_us)).min(LOOK_AGAIN));
    }
}

/// Compares an answer with what the evidence says.
fn saw(course: &Course<'_>, typed: &str, context: &Context) -> Result<Exit, Failure> {
    let Some(waiting) = answer::waiting(course) else {
        return Err(Failure::usage(
            "no question is waiting for an answer",
            "a question comes when a step has passed",
        )
        .or_try("netlab check"));
    };
    let account = answer::account(course, waiting)?;
    let reply = answer(course, waiting, typed, &account)?;
    Ok(if verdict::reply(&context.screen, waiting.seen, &reply) { Exit::Done } else { Exit::NotPassed })
}
