//! Questions with a few answers, answered by one key.

use crate::commands::course::session::words::{Word, meaning};
use crate::lessons::lesson::{Choice, Predict};
use crate::render::course::session::{self as shown, Enter};
use crate::render::text::screen::Screen;
use crate::terminal::prompt::{Prompt, Typed, single};

/// What came of a question.
pub enum Chosen<'a> {
    /// This answer.
    This(&'a Choice),
    /// None; it is not asked again.
    None,
    /// None, and Ctrl-C said so.
    Interrupted,
    /// The learner wants to leave.
    Left,
}

/// Waits for a key; `enter` is what Enter alone means. The question has been shown.
pub async fn choose<'a>(
    prompt: &mut Prompt,
    screen: &Screen,
    asked: &'a Predict,
    enter: Enter,
) -> Chosen<'a> {
    let many = asked.choices.len();
    let keys: String = (1..=many).filter_map(|at| char::from_digit(u32::try_from(at).ok()?, 10)).collect();
    prompt.ask_key(&shown::key_prompt(many, enter), &keys);
    let typed = match prompt.answer().await {
        // A line was being read already when the question came.
        Typed::Line(line) => {
            single(&line).filter(|key| keys.contains(*key)).map_or(Typed::Line(line), Typed::Key)
        }
        typed => typed,
    };
    match typed {
        Typed::Key(key) => {
            let at = keys.find(key).unwrap_or(0);
            match asked.choices.get(at) {
                Some(choice) => {
                    shown::chosen(screen, at, &choice.text);
                    Chosen::This(choice)
                }
                None => Chosen::None,
            }
        }
        Typed::Line(line) if meaning(&line) == Word::Quit => Chosen::Left,
        Typed::Line(_) => Chosen::None,
        Typed::Interrupted => Chosen::Interrupted,
        Typed::Ended => Chosen::Left,
    }
}
