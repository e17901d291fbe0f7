//! The end of a lesson on half a screen, and the end of the course.

use serde_json::json;

use crate::lessons::ending::Ending;
use crate::lessons::lesson::Lesson;
use crate::lessons::standing::State;
use crate::render::course::coach::say;
use crate::render::course::lesson::{block, safe};
use crate::render::json;
use crate::render::text::cells::hang;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, moment};

/// How many sentences of each kind are shown; the notebook has all of them.
const SHOWN: usize = 3;

/// What a lesson has come to.
pub fn lesson(screen: &Screen, lesson: &Lesson, ending: &Ending) {
    screen.line("");
    let title = safe(screen.look, &lesson.title);
    let how = match ending.state {
        State::Done | State::Mastered => "done".to_owned(),
        _ => format!("{} of {} passed", ending.passed, count(ending.steps as u64, "step")),
    };
    let role = if ending.skipped.is_empty() { Role::Good } else { Role::Heading };
    block(screen, role, &format!("Lesson {}, {title}: {how}.", lesson.number));
    if !ending.learned.is_empty() {
        block(screen, Role::Heading, "What you have seen for yourself:");
        list(screen, ending.learned.iter().cloned());
    }
    if !ending.missed.is_empty() {
        block(screen, Role::Heading, "Guesses that the record did not bear out:");
        let missed = ending.missed.iter();
        list(
            screen,
            missed.map(|(asked, said, holds)| format!("{asked} You said “{said}”; it was “{holds}”.")),
        );
    }
    if !ending.skipped.is_empty() {
        let titles = ending.skipped.join("; ");
        let text = format!("Skipped: {titles}. learn {} comes back to that.", lesson.number);
        block(screen, Role::Name, &safe(screen.look, &text));
    }
    match (ending.due_at, ending.skipped.is_empty()) {
        (Some(at), _) => {
            block(
                screen,
                Role::Value,
                &format!("A question about this lesson comes back on {}: review.", moment(at)),
            );
        }
        (None, false) => {
            block(screen, Role::Value, "Questions about it come back when what was skipped has passed.");
        }
        (None, true) => {}
    }
}

/// Things one below the other, as many as are shown.
fn list(screen: &Screen, all: impl Iterator<Item = String>) {
    let mark = if screen.look.ascii() { "- " } else { "· " };
    let all: Vec<String> = all.collect();
    for one in all.iter().take(SHOWN) {
        for line in hang(&format!("  {mark}"), &safe(screen.look, one), screen.look.width, 4) {
            screen.line(&paint(Role::Value, &line));
        }
    }
    if all.len() > SHOWN {
        block(screen, Role::Meaning, &format!("  and {} more: notebook has them", all.len() - SHOWN));
    }
}

/// Nothing is under way: everything is done, or some of it was skipped.
pub fn course(screen: &Screen, verb: &str, left: &[(u16, usize)]) {
    if screen.look.form == Form::Json {
        json::document(screen, verb, json!({ "done": left.is_empty() }));
        return;
    }
    match nothing_left(left) {
        (true, text) => say(screen, Role::Good, &text),
        (false, text) => say(screen, Role::Value, &text),
    }
}

/// What is so when nothing is under way, and whether that is because everything is done.
#[must_use]
pub fn nothing_left(left: &[(u16, usize)]) -> (bool, String) {
    let steps: usize = left.iter().map(|(_, many)| many).sum();
    let Some((first, _)) = left.first() else {
        return (true, "you have done every lesson there is".to_owned());
    };
    let numbers: Vec<String> = left.iter().map(|(number, _)| number.to_string()).collect();
    let lessons = if left.len() == 1 { "lesson" } else { "lessons" };
    let text = format!(
        "you have been through every lesson, and {} of {lessons} {} {} skipped: learn {first} comes back to {}",
        count(steps as u64, "step"),
        numbers.join(", "),
        if steps == 1 { "was" } else { "were" },
        if left.len() == 1 { "that" } else { "the first of them" },
    );
    (false, text)
}
