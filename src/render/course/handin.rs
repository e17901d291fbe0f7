//! What `netlab submit` says about the file it has written.

use std::path::Path;

use serde_json::json;

use crate::lessons::handin::HandIn;
use crate::render::course::coach::say;
use crate::render::json;
use crate::render::text::look::Form;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen};
use crate::render::text::words::count;

/// A hand-in that has been written to `path`, with facts about so many lessons.
pub fn written(screen: &Screen, path: &Path, hand_in: &HandIn, lessons: usize) {
    let (head, facts) = (&hand_in.head, hand_in.facts.len() as u64);
    if screen.look.form == Form::Json {
        let members = json!({
            "file": path.display().to_string(),
            "name": head.name,
            "learner": head.learner,
            "class": head.class,
            "facts": facts,
            "lessons": lessons,
        });
        json::document(screen, "submit", members);
        return;
    }
    let file = Safe::word(path.as_os_str().as_encoded_bytes()).ascii(screen.look.ascii()).to_string();
    screen.line(&format!("Written: {file}"));
    let class = match &head.class {
        Some(digest) => format!("in the class whose seed has the digest {digest}"),
        None => "in no class".to_owned(),
    };
    say(screen, Role::Value, &format!("it is from {} (learner {}), {class}", head.name, head.learner));
    if facts == 0 {
        say(screen, Role::Value, "nothing has been done yet, and the file says so");
    } else {
        let facts = count(facts, "line");
        say(
            screen,
            Role::Value,
            &format!(
                "it holds {facts} about {}: which steps you began, passed or skipped, and when; quotes of the evidence, from conversations inside this computer only; your guesses, hints and answers; and the lines that you wrote yourself",
                count(lessons as u64, "lesson")
            ),
        );
    }
    say(
        screen,
        Role::Value,
        "it does not hold the class's seed, what you did on other computers, or what you have reset",
    );
    say(
        screen,
        Role::Meaning,
        "each line is sealed to the one before, so that a change shows; that is a seal and not a lock, and somebody who tries hard can make a new one",
    );
}
