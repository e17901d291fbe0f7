//! Whether a question can be answered from the screen, and only from it.
//!
//! Nothing is run here. Whoever did what the step says hands over what was printed and what the journal then holds; what
//! stands in the hole of each [`Screen`] is then the answer that a learner would copy.

use crate::evidence::Side;
use crate::evidence::journal::Account;

use super::finding::{At, Finding};
use super::lesson::{Block, Lesson, Seen, Step};
use super::nearest::nearest;
use super::question::{Op, Operand, Test};
use super::screen::Screen;
use super::seen::{self, Answered, answered};

/// What the screens of a step prove of its questions, after its own commands.
#[must_use]
pub fn on_screen(lesson: &Lesson, step: &Step, account: &Account, printed: &str) -> Vec<Finding> {
    let top = At { file: &lesson.file, line: step.line };
    let mut found = Vec::new();
    // One that the evidence does not answer is reported elsewhere.
    for question in step.questions().filter(|question| !seen::values(question, account).is_empty()) {
        let own = question.screens.iter().filter(|screen| !screen.other_tool);
        found.extend(
            own.filter_map(|screen| copied(top.line(screen.line), question, screen, account, printed)),
        );
        found.extend(given_away(top.line(question.line), step, question, account));
    }
    found
}

/// What is wrong when a learner copies what stands there.
fn copied(at: At<'_>, question: &Seen, screen: &Screen, account: &Account, printed: &str) -> Option<Finding> {
    let fills = screen.fills(printed);
    if fills.is_empty() {
        let wanted = screen.wanted();
        let near = nearest(&wanted, printed).map(|line| format!("; the nearest is \"{line}\""));
        let what = format!("nothing like \"{wanted}\" was printed{}", near.unwrap_or_default());
        let mend = "show the line as it is printed, with [?] for the answer and [..] for any text";
        return Some(at.finding(what, mend).with_printed(printed));
    }
    let wrong =
        fills.iter().find(|typed| !matches!(answered(question, typed, account), Answered::Agrees(..)))?;
    let values: Vec<String> = seen::values(question, account)
        .iter()
        .map(|(_, found)| String::from_utf8_lossy(&found.value).into_owned())
        .collect();
    Some(at.finding(
        format!("\"{wrong}\" stands in the hole, and the answer is {}", values.join(" or ")),
        "put the hole where the answer stands; a line above it, with \" ... \" or \" // \" between, tells it from others",
    ))
}

/// Whether the screen of a learner who did the step in another way shows the answer to a question somewhere.
#[must_use]
pub fn can_be_answered(question: &Seen, account: &Account, printed: &str) -> bool {
    let mut fills = question.screens.iter().flat_map(|screen| screen.fills(printed));
    fills.any(|typed| matches!(answered(question, &typed, account), Answered::Agrees(..)))
}

/// A question whose answer is in the step's text or in its check proves no look.
fn given_away(at: At<'_>, step: &Step, question: &Seen, account: &Account) -> Option<Finding> {
    let values = seen::values(question, account);
    let values = values.iter().map(|(_, found)| String::from_utf8_lossy(&found.value).to_lowercase());
    let mut places = values.filter_map(|value| Some((stands_in(step, question, &value)?, value)));
    let (place, value) = places.next()?;
    Some(at.finding(
        format!("the answer, {value}, stands in {place}: nobody has to look for it"),
        "ask for something that only the screen says",
    ))
}

/// Where in a step a value can be read.
fn stands_in(step: &Step, question: &Seen, value: &str) -> Option<&'static str> {
    let is_side = [Side::Client, Side::Server].iter().any(|side| side.name() == value);
    let scenes = || step.check().into_iter().flat_map(|check| &check.scenes);
    for condition in scenes().flat_map(|scene| &scene.conditions) {
        let Some(Test { op: Op::Is | Op::Contains, value: Operand::Text(text) }) = &condition.test else {
            continue;
        };
        // "server" is asked for in many ways, and given away in one.
        let counts = !is_side || condition.path == question.answer;
        if counts && !condition.count && text.to_lowercase() == value {
            return Some("the check");
        }
    }
    if is_side {
        return None;
    }
    if scenes().any(|scene| has_words(&scene.description, value)) {
        return Some("the check");
    }
    let prose =
        step.blocks.iter().filter_map(|block| if let Block::Prose(text) = block { Some(text) } else { None });
    // "stop 1" is typed, and says nothing of how many there are of anything.
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let said = |text: &String| if is_number { without_code(text) } else { text.clone() };
    prose.into_iter().any(|text| has_words(&said(text), value)).then_some("the text of the step")
}

/// The text without what stands between backticks.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Whether the words stand in a text, and not as a part of other words.
fn has_words(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    let is_inner = |letter: char| letter.is_alphanumeric();
    text.match_indices(words).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + words.len()..]);
        // 4 is not in 127.0.0.4, and 127.0.0.1 is in "127.0.0.1."
        let goes_on = |rest: &mut dyn Iterator<Item = char>| match rest.next() {
            Some('.' | ',' | '-' | ':') => rest.next().is_some_and(is_inner),
            first => first.is_some_and(is_inner),
        };
        !words.is_empty() && !goes_on(&mut behind.chars()) && !goes_on(&mut before.chars().rev())
    })
}

#[cfg(test)]
mod tests {
    use super::has_words;

    #[test]
    fn words_stand_in_a_text_when_they_stand_there_alone() {
        for text in ["send 4 bytes", "4", "it was (4).", "bytes: 4"] {
            assert!(has_words(text, "4"), "{text}");
        }
        for text in ["127.0.0.4", "14", "4.5", "40", "four", "4,000", "ipv4", "1:4", ""] {
            assert!(!has_words(text, "4"), "{text}");
        }
        assert!(has_words("It says Not Found.", "not found"));
        assert!(has_words("call 127.0.0.1.", "127.0.0.1"));
        assert!(!has_words("call 127.0.0.11", "127.0.0.1"));
    }
}
