//! Reviews: how many are due, a question, the reply, and when there is more.

use serde_json::{Value, json};

use crate::lessons::lesson::Choice;
use crate::lessons::review::Due;
use crate::render::course::coach::{self, say};
use crate::render::course::lesson::block;
use crate::render::course::session;
use crate::render::json;
use crate::render::text::cells::wrap;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{are_due, count, moment};

/// What is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// How many lessons are due now.
    pub due: usize,
    /// When the next one behind them is due, in seconds since 1970.
    pub next_at: Option<u64>,
}

/// A line beside the result: how many lessons are due. None, when none is.
pub fn remind(screen: &Screen, due: usize, command: &str) {
    if due > 0 {
        for line in wrap(
            &crate::render::course::lesson::safe(screen.look, &reminder(due, command)),
            screen.look.width,
        ) {
            screen.status(&paint(Role::Meaning, &line));
        }
    }
}

/// How many lessons are due, and what to type.
#[must_use]
pub fn reminder(due: usize, command: &str) -> String {
    format!("{} for a short review: {command}", are_due(due, "lesson"))
}

/// Nothing is due.
pub fn nothing(screen: &Screen, rest: Rest) {
    if screen.look.form == Form::Json {
        json::document(screen, "review", with_rest(json!({ "lesson": null, "question": null }), rest));
        return;
    }
    let text = match rest.next_at {
        Some(at) => format!("nothing is due for review now; the next one is due on {}", moment(at)),
        None => "nothing is due for review; a lesson comes up a day after you have done it".to_owned(),
    };
    say(screen, Role::Value, &text);
}

/// The first question, where no key can be waited for.
pub fn question(screen: &Screen, due: &Due<'_>, rest: Rest, answer: &str) {
    if screen.look.form == Form::Json {
        let answers: Vec<&str> = due.question.choices.iter().map(|choice| choice.text.as_str()).collect();
        let members =
            json!({ "lesson": due.lesson.id, "question": due.question.question, "answers": answers });
        json::document(screen, "review", with_rest(members, rest));
        return;
    }
    session::recall(screen, due.lesson, &due.question);
    screen.line("");
    coach::next(screen, "To answer, with its number:", answer);
}

/// What to say to an answer.
pub fn reply(screen: &Screen, due: &Due<'_>, choice: &Choice) {
    block(screen, if choice.holds { Role::Good } else { Role::Name }, &due.says(choice));
    let holds = due.question.choices.iter().find(|choice| choice.holds);
    if let (false, Some(holds)) = (choice.holds, holds) {
        let text = holds.text.trim_end_matches('.');
        let says = due.says(holds);
        let says = says.strip_prefix("Yes. ").unwrap_or(&says);
        block(screen, Role::Value, &format!("What holds: {text}. {says}"));
    }
    if !choice.holds {
        say(screen, Role::Meaning, "this lesson comes again tomorrow");
    }
}

/// An answer that was given by its number.
pub fn replied(screen: &Screen, due: &Due<'_>, choice: &Choice, rest: Rest, again: &str) {
    if screen.look.form == Form::Json {
        let holds = due.question.choices.iter().find(|choice| choice.holds).map(|choice| &choice.text);
        let members = json!({
            "lesson": due.lesson.id,
            "question": due.question.question,
            "answer": choice.text,
            "right": choice.holds,
            "reply": due.says(choice),
            "holds": holds,
        });
        json::document(screen, "review", with_rest(members, rest));
        return;
    }
    reply(screen, due, choice);
    screen.line("");
    ended(screen, 1, rest, again);
}

/// The end of a review: how many were answered, and when there is more.
pub fn ended(screen: &Screen, answered: usize, rest: Rest, again: &str) {
    let did = match answered {
        0 => "No question answered".to_owned(),
        _ => format!("{} answered", count(answered as u64, "question")),
    };
    let text = match (rest.due, rest.next_at) {
        (1.., _) => format!("{did}. {}: {again}", are_due(rest.due, "lesson")),
        (0, Some(at)) => {
            format!("{did}, and nothing more for now; the next one is due on {}.", moment(at))
        }
        (0, None) => format!("{did}, and that was the last review of every lesson you have done so far."),
    };
    block(screen, Role::Value, &text);
}

fn with_rest(mut members: Value, rest: Rest) -> Value {
    members["due"] = json!(rest.due);
    members["next_at"] = json!(rest.next_at);
    members
}
