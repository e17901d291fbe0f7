//! What the coach says: hints, reasons, what to type next.

use std::path::Path;

use serde_json::{Value, json};

use crate::lessons::coach::{HINT_PAUSE, Hinting};
use crate::lessons::fact::Said;
use crate::lessons::lesson::{Choice, Lesson, Step};
use crate::lessons::progress::Progress;
use crate::lessons::standing::Place;
use crate::lessons::verdict::Verdict;
use crate::net::sockets::owner::Program;
use crate::render::course::lesson::{block, safe};
use crate::render::course::verdict;
use crate::render::json;
use crate::render::text::look::Form;
use crate::render::text::markdown;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, sentence};

/// One line of a conversation with the learner.
pub fn say(screen: &Screen, role: Role, text: &str) {
    block(screen, role, &sentence(text));
}

/// What to type next, on a line of its own so that it can be copied.
pub fn next(screen: &Screen, text: &str, command: &str) {
    block(screen, Role::Value, text);
    screen.line(&format!("  $ {}", paint(Role::Command, &safe(screen.look, command))));
}

/// A program that is none of netlab's and waits at the port of a step.
#[derive(Debug, PartialEq, Eq)]
pub struct Unnoticed {
    /// The port.
    pub port: u16,
    /// The program.
    pub program: Program,
    /// A free port for a tap that leads there, if one was found.
    pub tap: Option<u16>,
}

/// Somebody else's server is at the port of the step: what other programs say to it leaves no evidence.
pub fn unnoticed(screen: &Screen, other: &Unnoticed) {
    let Unnoticed { port, program, tap } = other;
    let tap = tap.map(|tap| format!(", or start netlab tap {tap}={port} and call {tap}")).unwrap_or_default();
    let text = format!(
        "{} (pid {}) listens on {port}. What curl or a browser says to it can't be seen from here: ask it with netlab raw-get or netlab connect{tap}.",
        safe(screen.look, &program.name),
        program.pid
    );
    block(screen, Role::Name, &text);
}

/// That something is said not to have happened only when its time is up.
pub fn waits(screen: &Screen) {
    screen.status("waiting for a moment: what has not come so far may still come");
}

/// The same for programs.
#[must_use]
pub fn unnoticed_as_json(all: &[Unnoticed]) -> Value {
    let one = |other: &Unnoticed| {
        let Unnoticed { port, program, tap } = other;
        json!({
            "port": port,
            "name": program.name,
            "pid": program.pid,
            "tap": tap.map(|tap| format!("netlab tap {tap}={port}")),
        })
    };
    all.iter().map(one).collect()
}

/// Progress that could not be read, told once.
pub fn troubles(screen: &Screen, progress: &Progress) {
    if progress.unreadable > 0 {
        screen.note(&format!(
            "note: {} of your progress could not be read",
            count(progress.unreadable, "line")
        ));
    }
    if let Some(path) = &progress.kept_aside {
        let path = Safe::word(path.as_os_str().as_encoded_bytes()).ascii(screen.look.ascii());
        screen.note(&format!("note: a progress file that could not be read is kept as {path}"));
    }
}

/// The last thing the learner did was in a lesson that this course does not hold: perhaps a folder was forgotten.
pub fn elsewhere(screen: &Screen, lesson: &str) {
    let lesson = safe(screen.look, lesson);
    screen.note(&format!(
        "note: you were in the lesson {lesson} last, and it is not one of the built-in ones; to go on with it, \
         name its folder: --lessons DIR, or once for all in this terminal: export NETLAB_LESSONS=DIR"
    ));
}

/// A hint, with the command that judges what comes of it.
pub fn hint(screen: &Screen, here: Place<'_>, hinting: &Hinting<'_>, check: &str) {
    if screen.look.form == Form::Json {
        let (text, last) = match hinting {
            Hinting::Given { hint, last, .. } => (Some(&hint.text), *last),
            Hinting::NotYet(hint) => (Some(&hint.text), false),
            Hinting::Again(hint) => (Some(&hint.text), true),
            Hinting::None => (None, false),
        };
        let is_new = matches!(hinting, Hinting::Given { .. });
        let members = json!({ "hint": text, "new": is_new, "last": last });
        json::document(screen, "hint", at_step(here, members));
        return;
    }
    give_hint(screen, hinting);
    if !matches!(hinting, Hinting::None) {
        screen.line("");
        next(screen, "When you have tried it:", check);
    }
}

/// The hint alone.
pub fn give_hint(screen: &Screen, hinting: &Hinting<'_>) {
    match hinting {
        Hinting::Given { hint, last, .. } => {
            block(screen, Role::Name, &hint.text);
            if *last {
                say(
                    screen,
                    Role::Meaning,
                    "that was all of it; the step comes once more afterwards, with new values, and then it is yours",
                );
            }
        }
        Hinting::NotYet(hint) => {
            block(screen, Role::Name, &hint.text);
            say(
                screen,
                Role::Meaning,
                &format!(
                    "try that first; the next hint comes when you have, or in about {HINT_PAUSE} seconds"
                ),
            );
        }
        Hinting::Again(hint) => {
            block(screen, Role::Name, &hint.text);
            say(
                screen,
                Role::Meaning,
                "that was all of it; skip goes on without this step, and you can come back to it",
            );
        }
        Hinting::None => {
            say(screen, Role::Meaning, "this step needs no hint: there is nothing to do in it but to read");
        }
    }
}

/// The idea of a step, and what the evidence says about it so far.
pub fn why(screen: &Screen, here: Place<'_>, judged: &Verdict) {
    let idea = here.step.why().map(|why| why.text.as_str());
    if screen.look.form == Form::Json {
        let verdict = verdict::as_json(here.lesson, here.step, judged, None);
        json::document(
            screen,
            "why",
            at_step(here, json!({ "why": idea, "verdict": verdict, "kept": null })),
        );
        return;
    }
    match idea {
        Some(idea) => markdown::lines(screen.look, idea).iter().for_each(|line| screen.line(line)),
        None => say(screen, Role::Meaning, "there is no more to say about this step than its own text"),
    }
    if !judged.scenes.is_empty() {
        screen.line("");
        block(screen, Role::Heading, "What the record says so far");
        judged.scenes.iter().for_each(|scene| verdict::one_scene(screen, scene));
        verdict::feedback(screen, judged);
    }
}

/// A guess that was kept, and what to say to it before the reveal.
pub fn guessed(screen: &Screen, here: Place<'_>, choice: &Choice) {
    if screen.look.form == Form::Json {
        let members = json!({ "guess": choice.text, "reply": choice.reply });
        json::document(screen, "learn --predict", at_step(here, members));
    } else {
        block(screen, Role::Name, &choice.reply);
    }
}

/// The learner belongs to a class now.
pub fn joined(screen: &Screen, seed: &str) {
    let told = if seed.is_empty() {
        "note: you are in no class now, and the values you will find are made for you alone".to_owned()
    } else {
        format!(
            "note: you are in the class {} now; the values you will find are made for you in it",
            safe(screen.look, seed)
        )
    };
    screen.note(&told);
}

/// How a step that has passed compares with the guess, if there was one.
pub fn against_guess(screen: &Screen, step: &Step, guess: Option<&Said>) {
    let holds =
        step.predictions().next().and_then(|predict| predict.choices.iter().find(|choice| choice.holds));
    match (guess, holds) {
        (Some(guess), _) if guess.holds => {
            block(screen, Role::Value, &format!("You guessed “{}”, and that is right.", guess.answer));
        }
        (Some(guess), Some(holds)) => {
            block(screen, Role::Value, &format!("You guessed “{}”; it is “{}”.", guess.answer, holds.text));
        }
        _ => {}
    }
}

/// How a check of the current step went.
#[derive(Clone, Copy)]
pub struct Onward<'a> {
    /// The step.
    pub here: Place<'a>,
    /// Whether it has passed.
    pub passed: bool,
    /// What comes now.
    pub next: Option<Place<'a>>,
    /// The command that shows it.
    pub learn: &'a str,
}

/// What to do after a check.
pub fn onward(screen: &Screen, onward: &Onward<'_>) {
    let Onward { here, passed, next: next_place, learn } = *onward;
    screen.line("");
    match (passed, next_place) {
        (true, Some(place)) if place.again => {
            next(
                screen,
                "Passed, with the whole answer in view. Once more, by yourself; the values are new (netlab skip goes on):",
                learn,
            );
        }
        (true, Some(place)) => {
            let done = if here.step.read_only { "Read" } else { "Passed" };
            next(screen, &format!("{done}. Next: {}.", place.step.title), learn);
        }
        (true, None) => say(screen, Role::Good, "passed, and that was the last step that was open"),
        (false, _) if here.marker.is_none() => {
            next(screen, "This step begins now; what happened before does not count. What to do:", learn);
        }
        (false, _) => next(screen, "What to do is shown by:", learn),
    }
}

/// A line that was kept.
pub fn kept(screen: &Screen, here: Place<'_>, line: &str, notebook: &str) {
    if screen.look.form == Form::Json {
        let members = json!({ "why": null, "verdict": null, "kept": line.trim() });
        json::document(screen, "why", at_step(here, members));
    } else {
        next(screen, "Kept in your notebook. To read it:", notebook);
    }
}

/// A step that was skipped, and what comes now.
pub fn skipped(screen: &Screen, here: Place<'_>, next_place: Option<Place<'_>>, learn: &str, again: &str) {
    if screen.look.form == Form::Json {
        let next = next_place.map(|next| at_step(next, json!({})));
        json::document(screen, "skip", at_step(here, json!({ "next": next })));
        return;
    }
    let comes_back = format!(
        "Skipped: {}. When the rest of the lesson is over, this comes back to it: {again}",
        here.step.title
    );
    block(screen, Role::Value, &comes_back);
    match next_place {
        Some(place) => next(screen, &format!("Next: {}.", place.step.title), learn),
        None => say(screen, Role::Value, "no step is open now; lessons lists what you skipped"),
    }
}

/// What a reset did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Something is as if it had never been begun.
    Gone,
    /// It is back.
    Back,
}

/// A reset, or its being taken back; of a lesson or, without one, of everything.
pub fn reset(screen: &Screen, lesson: Option<&Lesson>, undone: Undone) {
    if screen.look.form == Form::Json {
        let what = if undone == Undone::Back { "restored" } else { "reset" };
        let members = json!({ "what": what, "lesson": lesson.map(|lesson| &lesson.id), "files": null });
        json::document(screen, "reset", members);
        return;
    }
    let scope = lesson.map_or_else(
        || "every lesson".to_owned(),
        |lesson| format!("lesson {}, {}", lesson.number, lesson.title),
    );
    match undone {
        Undone::Gone => {
            let text = format!(
                "It is as if you had never begun {scope}; your personal values are new. To take that back:"
            );
            next(screen, &text, "netlab reset --undo");
        }
        Undone::Back => block(screen, Role::Good, &format!("Your progress in {scope} is back.")),
    }
}

/// What has been deleted.
pub fn erased(screen: &Screen, folder: &Path, files: usize) {
    if screen.look.form == Form::Json {
        json::document(screen, "reset", json!({ "what": "erased", "lesson": null, "files": files }));
        return;
    }
    let folder = Safe::word(folder.as_os_str().as_encoded_bytes()).ascii(screen.look.ascii()).to_string();
    let files = count(files as u64, "file");
    screen.line(&format!("Erased: {files} in {folder}. netlab remembers nothing about you now."));
}

/// A document's members, with where the learner is.
fn at_step(here: Place<'_>, members: Value) -> Value {
    let mut document = json!({ "lesson": here.lesson.id, "step": here.step.slug });
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    document
}
