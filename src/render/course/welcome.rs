//! Bare `netlab`, in under ten lines.

use serde_json::json;

use crate::lessons::lesson::{Lesson, Step};
use crate::render::course::ending::nothing_left;
use crate::render::course::review::reminder;
use crate::render::json;
use crate::render::text::cells::wrap;
use crate::render::text::look::Form;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::sentence;

const REVIEW: &str = "netlab review";

/// What there is to say.
#[derive(Debug, Clone, Copy)]
pub struct Welcome<'a> {
    /// Where the learner is.
    pub here: Option<(&'a Lesson, &'a Step)>,
    /// Whether nothing has been done yet.
    pub is_new: bool,
    /// How many lessons are due for review.
    pub due: usize,
    /// What was skipped, where nothing is under way.
    pub left: &'a [(u16, usize)],
    /// Whether there are no lessons at all.
    pub is_empty: bool,
}

/// Where the learner is, how many lessons are due for review, and the one next thing to type.
pub fn show(screen: &Screen, welcome: &Welcome<'_>) {
    let Welcome { here, is_new, due, left, is_empty } = *welcome;
    let next = match (here, due) {
        (Some(_), _) => "netlab learn",
        (None, 0) => "netlab lessons",
        (None, _) => REVIEW,
    };
    if screen.look.form == Form::Json {
        let here = here.map(|(lesson, step)| json!({ "lesson": lesson.id, "step": step.slug }));
        json::document(screen, "", json!({ "here": here, "next": next, "due": due }));
        return;
    }
    let say = |role, text: &str| {
        wrap(text, screen.look.width).iter().for_each(|line| screen.line(&paint(role, line)));
    };
    if is_new {
        say(
            Role::Value,
            "netlab teaches networking by doing: real sockets, real bytes, every byte explained. Everything happens on this machine; no network and no root needed.",
        );
    }
    match here {
        Some((lesson, step)) => {
            let title = Safe::word(lesson.title.as_bytes()).ascii(screen.look.ascii()).to_string();
            let step = Safe::word(step.title.as_bytes()).ascii(screen.look.ascii()).to_string();
            let text = if is_new {
                format!("The course begins with lesson {}: {title}.", lesson.number)
            } else {
                format!("You are in lesson {}, {title}, at: {step}.", lesson.number)
            };
            say(Role::Value, &text);
        }
        None if is_empty => say(Role::Value, "There are no lessons in the folder that NETLAB_LESSONS names."),
        None => say(Role::Value, &sentence(&nothing_left(left).1)),
    }
    if due > 0 {
        say(Role::Meaning, &reminder(due, REVIEW));
    }
    screen.line("");
    screen.line(&format!("  $ {}", paint(Role::Command, next)));
}
