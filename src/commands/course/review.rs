//! `netlab review`: a few questions about lessons that are done, one key each.

use std::io::{self, IsTerminal};
use std::path::Path;

use crate::cli::Review;
use crate::commands::context::Context;
use crate::commands::course::ask::{Chosen, choose};
use crate::commands::course::learner::{Course, now, with_folder};
use crate::error::{Exit, Failure};
use crate::lessons::fact::{Fact, Said, What};
use crate::lessons::lesson::Choice;
use crate::lessons::review::{self, Due, SITTING};
use crate::render::course::review::{self as shown, Rest};
use crate::render::course::session;
use crate::render::text::look::Form;
use crate::render::text::screen::Screen;
use crate::terminal::prompt::Prompt;

/// Asks what is due: on a terminal one question after the other, elsewhere the first one.
///
/// # Errors
/// When there is no such answer, or progress cannot be kept.
pub async fn run(args: &Review, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    let screen = &context.screen;
    course.tell_troubles();
    if let Some(number) = args.answer {
        return answer(&course, number, folder, screen);
    }
    let due = due(&course);
    let Some(first) = due.first() else {
        shown::nothing(screen, rest(&course));
        return Ok(Exit::Done);
    };
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !is_terminal || screen.look.form == Form::Json {
        shown::question(screen, first, rest(&course), &with_folder("netlab review --answer NUMBER", folder));
        return Ok(Exit::Done);
    }
    let answered = sit(&course, screen).await?;
    shown::ended(screen, answered, rest(&course), &with_folder("netlab review", folder));
    Ok(Exit::Done)
}

/// Says in a line how many lessons are due, if any are.
pub fn remind(course: &Course<'_>, folder: Option<&Path>, screen: &Screen) {
    shown::remind(screen, due(course).len(), &with_folder("netlab review", folder));
}

/// What is due now.
fn due<'c>(course: &'c Course<'_>) -> Vec<Due<'c>> {
    review::due(&course.progress_now(), &course.lessons, now())
}

/// What is left to do, now and later.
fn rest(course: &Course<'_>) -> Rest {
    Rest { due: due(course).len(), next_at: review::next_at(&course.progress_now(), &course.lessons, now()) }
}

/// Question after question, each written down when it is answered; gives how many were answered.
async fn sit(course: &Course<'_>, screen: &Screen) -> Result<usize, Failure> {
    let (mut prompt, voice) = Prompt::open(None, Box::new(|_| (0, Vec::new())))
        .map_err(|error| Failure::machine("this terminal cannot be used for questions", error.to_string()))?;
    let (mut asked, mut answered) = (Vec::new(), 0);
    while asked.len() < SITTING {
        // What another terminal has answered meanwhile is not due any more.
        let Some(one) = due(course).into_iter().find(|one| !asked.contains(&one.lesson.id)) else { break };
        asked.push(one.lesson.id.clone());
        session::recall(screen, one.lesson, &one.question);
        match choose(&mut prompt, screen, &one.question).await {
            Chosen::This(choice) => {
                write_down(course, &one, choice)?;
                shown::reply(screen, &one, choice);
                answered += 1;
            }
            Chosen::None => {}
            Chosen::Left => break,
        }
        screen.line("");
    }
    voice.drained();
    Ok(answered)
}

/// Answers the first question by the number that it was shown with.
fn answer(
    course: &Course<'_>,
    number: usize,
    folder: Option<&Path>,
    screen: &Screen,
) -> Result<Exit, Failure> {
    let due = due(course);
    let Some(one) = due.first() else {
        return Err(Failure::usage("no question waits for an answer", "nothing is due for review now")
            .or_try(with_folder("netlab review", folder)));
    };
    let choices = &one.question.choices;
    let choice = number.checked_sub(1).and_then(|at| choices.get(at)).ok_or_else(|| {
        Failure::usage(format!("there is no answer {number}"), format!("answers are 1 to {}", choices.len()))
    })?;
    write_down(course, one, choice)?;
    shown::replied(screen, one, choice, rest(course), &with_folder("netlab review", folder));
    Ok(if choice.holds { Exit::Done } else { Exit::NotPassed })
}

fn write_down(course: &Course<'_>, one: &Due<'_>, choice: &Choice) -> Result<(), Failure> {
    let said = Said::new(&one.question, choice);
    course.append(&Fact::whole(Some(one.lesson), now(), What::Recalled { said, review: true }))
}
