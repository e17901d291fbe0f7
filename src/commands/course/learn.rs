//! `netlab learn`: the current step; on a terminal a [`session`](crate::commands::course::session) that stays with the learner.

use std::io::{self, IsTerminal};
use std::path::Path;

use crate::cli::Learn;
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, with_folder};
use crate::commands::course::{ending, review, session};
use crate::error::{Exit, Failure};
use crate::lessons::fact::{Said, What};
use crate::lessons::standing::Place;
use crate::render::course::{coach, lesson as shown};
use crate::render::json;
use crate::render::text::look::Form;

/// Shows the step; on a terminal stays until the learner leaves.
///
/// # Errors
/// When the lesson is unknown, or progress cannot be kept.
pub async fn run(args: Learn, context: &Context) -> Result<Exit, Failure> {
    if let Some(seed) = &args.class {
        join(seed, context)?;
    }
    let alone =
        args.step || args.predict.is_some() || !io::stdin().is_terminal() || !io::stdout().is_terminal();
    if !alone && context.screen.look.form != Form::Json {
        return session::run(&args, context).await;
    }
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    course.tell_troubles();
    if args.predict.is_none() {
        review::remind(&course, folder, &context.screen);
    }
    if let Some(wanted) = &args.lesson {
        course.go_to(course.wanted(wanted)?)?;
    }
    let course = Course::open(context, folder)?;
    let Some(here) = course.here() else {
        ending::nothing_left(&course, "learn", &context.screen);
        return Ok(Exit::Done);
    };
    course.begin(here)?;
    if let Some(number) = args.predict {
        return predict(&course, here, number, context);
    }
    show(&course, here, folder, context);
    Ok(Exit::Done)
}

/// Keeps the class's seed, from which personal values are made.
fn join(seed: &str, context: &Context) -> Result<(), Failure> {
    let home = context.home_or_failure()?;
    home.set_class(seed).map_err(|error| Failure::file(home.folder(), "writing to", &error))?;
    coach::joined(&context.screen, &home.class());
    Ok(())
}

/// Without a terminal: the step, and how to go on.
fn show(course: &Course<'_>, here: Place<'_>, folder: Option<&Path>, context: &Context) {
    let screen = &context.screen;
    if screen.look.form == Form::Json {
        json::document(screen, "learn", shown::step_json(here.lesson, here.step));
        return;
    }
    let attempt = course.progress.attempt(&here.lesson.id, &here.step.slug);
    let guessed = attempt.iter().any(|fact| matches!(fact.what, What::Predicted(_)));
    shown::step(screen, here.lesson, here.step);
    context.hint_at_path();
    if here.step.predictions().next().is_some() && !guessed {
        coach::next(
            screen,
            "To keep your guess, with its number:",
            &with_folder("netlab learn --predict NUMBER", folder),
        );
    }
    if let Some(asks) = here.step.notebook() {
        let question = format!("For your notebook, in one line of your own: {}", asks.question);
        coach::next(screen, &question, &with_folder("netlab why YOUR LINE", folder));
    }
    let text = if here.step.read_only {
        "When you have read this, go on:"
    } else {
        "Do that, in this or any other terminal. Then let it be judged:"
    };
    coach::next(screen, text, &with_folder("netlab check", folder));
}

/// Keeps a guess.
fn predict(course: &Course<'_>, here: Place<'_>, number: usize, context: &Context) -> Result<Exit, Failure> {
    let predict = here.step.predictions().next().ok_or_else(|| {
        Failure::usage("this step asks for no guess", format!("you are at: {}", here.step.title))
    })?;
    let choice = number.checked_sub(1).and_then(|at| predict.choices.get(at)).ok_or_else(|| {
        Failure::usage(
            format!("there is no answer {number}"),
            format!("answers are 1 to {}", predict.choices.len()),
        )
    })?;
    course.note(here, What::Predicted(Said::new(predict, choice)))?;
    coach::guessed(&context.screen, here, choice);
    Ok(Exit::Done)
}
