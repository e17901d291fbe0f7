//! Questions with a few answers, answered by a key and Enter.

use crate::commands::course::session::words::{Word, meaning};
use crate::lessons::lesson::{Choice, Predict};
use crate::render::course::session::{self as shown, Without};
use crate::render::text::screen::Screen;
use crate::terminal::prompt::{Prompt, Typed, single};

/// The key for none of the answers.
const NONE: char = '0';

/// What a line says to a question.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// This answer, and its place from 0.
    This(usize, &'a Choice),
    /// None of them.
    None,
    /// A number that no answer has.
    NoSuch,
    /// No answer: Enter alone, a word, a verb.
    Other,
}

/// Reads a line as the answer to a question.
#[must_use]
pub fn heard<'a>(asked: &'a Predict, line: &str) -> Heard<'a> {
    let line = line.trim();
    if single(line) == Some(NONE) {
        return Heard::None;
    }
    let Ok(number) = line.parse::<usize>() else { return Heard::Other };
    let at = number.checked_sub(1);
    at.and_then(|at| Some((at, asked.choices.get(at)?)))
        .map_or(Heard::NoSuch, |(at, choice)| Heard::This(at, choice))
}

/// What came of a question.
pub enum Chosen<'a> {
    /// This answer.
    This(&'a Choice),
    /// None; it is not asked again.
    None,
    /// The learner wants to leave.
    Left,
}

/// Waits for an answer. The question has been shown; whatever is none of its answers leaves it open.
pub async fn choose<'a>(prompt: &mut Prompt, screen: &Screen, asked: &'a Predict) -> Chosen<'a> {
    let many = asked.choices.len();
    loop {
        prompt.ask_line(&shown::key_prompt(many, Without::Leave));
        let line = match prompt.answer().await {
            Typed::Line(line) => line,
            Typed::Interrupted | Typed::Ended => return Chosen::Left,
        };
        match heard(asked, &line) {
            Heard::This(at, choice) => {
                shown::chosen(screen, at, &choice.text);
                return Chosen::This(choice);
            }
            Heard::None => return Chosen::None,
            Heard::NoSuch | Heard::Other if meaning(&line) == Word::Quit => return Chosen::Left,
            Heard::NoSuch | Heard::Other => shown::keys(screen, many, Without::Leave),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, heard};
    use crate::lessons::parse::parse;

    const TEXT: &str = "---\nid: a\ntitle: A\nminutes: 1\n---\n## First\n```predict\nWhich?\n( ) I | a | x\n(x) it | b | y\n```\n";

    #[test]
    fn a_number_is_an_answer_and_nothing_else_is() {
        let lesson = parse("01-a.md", TEXT).expect("a lesson");
        let asked = lesson.steps[0].predictions().next().expect("a question");
        assert!(matches!(heard(asked, " 2 "), Heard::This(1, _)));
        assert!(matches!(heard(asked, "0"), Heard::None));
        assert!(matches!(heard(asked, "3"), Heard::NoSuch));
        for line in ["", "quit", "1st", "connect time.test"] {
            assert!(matches!(heard(asked, line), Heard::Other), "{line}");
        }
    }
}
