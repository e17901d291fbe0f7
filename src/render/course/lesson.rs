//! Lessons: the list, a step, and what the evidence says about it.

use serde_json::{Value, json};

use crate::lessons::Finding;
use crate::lessons::console::{Console, Entry};
use crate::lessons::fact::Said;
use crate::lessons::lesson::{Block, Lesson, Predict, Seen, Step};
use crate::lessons::progress::Progress;
use crate::lessons::review;
use crate::lessons::standing::State;
use crate::lessons::tally::Tally;
use crate::render::text::cells::{hang, wrap};
use crate::render::text::look::Look;
use crate::render::text::markdown;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;

/// A step as the learner meets it: where it is, its prose, what to type. Checks, answers and hints are not shown.
pub fn step(screen: &Screen, lesson: &Lesson, step: &Step) {
    step_head(screen, lesson, step);
    step_parts(screen, &step.blocks);
}

/// Where a step is, and in the first one what the lesson is about.
pub fn step_head(screen: &Screen, lesson: &Lesson, step: &Step) {
    let at = lesson.steps.iter().position(|other| other.slug == step.slug).map_or(0, |at| at + 1);
    let head = format!("Lesson {}: {}", lesson.number, lesson.title);
    block(screen, Role::Heading, &head);
    block(screen, Role::Meaning, &format!("step {at} of {}: {}", lesson.steps.len(), step.title));
    if at == 1 {
        prose(screen, &lesson.intro);
    }
}

/// Parts of a step, in order.
pub fn step_parts(screen: &Screen, parts: &[Block]) {
    for part in parts {
        match part {
            Block::Prose(text) => prose_text(screen, text),
            Block::Predict(predict) => prediction(screen, predict),
            Block::Console(console) => to_type(screen, console),
            Block::Code { text, .. } => {
                screen.line("");
                markdown::code(screen.look, text).iter().for_each(|line| screen.line(line));
            }
            Block::Solution(_)
            | Block::Check(_)
            | Block::Seen(_)
            | Block::Hint(_)
            | Block::NearMiss(_)
            | Block::MustNot(_)
            | Block::Recall(_)
            | Block::Why(_)
            | Block::Notebook(_) => {}
        }
    }
    screen.line("");
}

/// The same of a step whose guess has been made: it stands in the place of the answers.
pub fn step_guessed(screen: &Screen, parts: &[Block], guess: Option<&Said>) {
    let Some((guess, at)) = guess.zip(parts.iter().position(|part| matches!(part, Block::Predict(_)))) else {
        return step_parts(screen, parts);
    };
    step_parts(screen, &parts[..at]);
    let (asked, said) = (safe(screen.look, &guess.question), safe(screen.look, &guess.answer));
    block(screen, Role::Heading, &format!("Before you look: {asked}"));
    block(screen, Role::Meaning, &format!("Your guess: {said}"));
    step_parts(screen, &parts[at + 1..]);
}

fn prose(screen: &Screen, blocks: &[Block]) {
    for part in blocks {
        if let Block::Prose(text) = part {
            prose_text(screen, text);
        }
    }
}

fn prose_text(screen: &Screen, text: &str) {
    screen.line("");
    markdown::lines(screen.look, text).iter().for_each(|line| screen.line(line));
}

fn prediction(screen: &Screen, predict: &Predict) {
    screen.line("");
    choices(screen, "Before you look: ", predict);
}

/// A question and its answers, numbered.
pub fn choices(screen: &Screen, before: &str, predict: &Predict) {
    block(screen, Role::Heading, &format!("{before}{}", predict.question));
    for (at, choice) in predict.choices.iter().enumerate() {
        for line in hang(&format!("  {} ", at + 1), &safe(screen.look, &choice.text), screen.look.width, 4) {
            screen.line(&line);
        }
    }
}

/// What to type. A command stands on one line, however long it is: whoever copies it gets it as its author wrote it, and
/// wrapping it is left to the terminal.
fn to_type(screen: &Screen, console: &Console) {
    screen.line("");
    for entry in &console.entries {
        match entry {
            Entry::Comment(text) if text.starts_with("or: ") => {
                screen.line(&paint(Role::Meaning, &format!("  # {}", safe(screen.look, text))));
            }
            Entry::Comment(text) => {
                for line in hang("  # ", &safe(screen.look, text), screen.look.width, 4) {
                    screen.line(&paint(Role::Meaning, &line));
                }
            }
            Entry::Command(command) => {
                let text = safe(screen.look, &command.text);
                screen.line(&paint(Role::Command, &format!("  $ {text}")));
                for typed in &command.typed {
                    screen.line(&format!(
                        "    {}",
                        paint(Role::Client, &format!("> {}", safe(screen.look, typed)))
                    ));
                }
            }
        }
    }
}

/// A translation that is not used, and why.
pub fn broken_translation(screen: &Screen, why: &Finding) {
    let look = screen.look;
    screen.note(&format!(
        "note: the lesson is shown as it was written; its translation cannot be used ({}:{}: {})",
        safe(look, &why.file),
        why.line,
        safe(look, &why.what),
    ));
}

/// A question about what was seen.
pub fn question(screen: &Screen, seen: &Seen) {
    screen.line("");
    block(screen, Role::Heading, &format!("What did you see? {}", seen.question));
}

/// The course at `now` seconds since 1970: what is done, what is due for review, and where the learner is.
pub fn list(screen: &Screen, lessons: &[Lesson], progress: &Progress, now: u64) {
    let here = progress.place(lessons).map(|place| place.lesson.id.clone());
    for lesson in lessons {
        let state = standing(lesson, progress, here.as_deref() == Some(lesson.id.as_str()));
        let passed = progress.passed(lesson);
        let title = safe(screen.look, &lesson.title);
        let text = format!("{:>2}  {:<8} {title}", lesson.number, state);
        let minutes = count(u64::from(lesson.minutes), "minute");
        let due = if is_due(lesson, progress, now) { ", due for review" } else { "" };
        let changed = if progress.has_changed(lesson) { ", its text has changed since" } else { "" };
        let note = format!("{passed} of {} steps, about {minutes}{due}{changed}", lesson.steps.len());
        let role = match state {
            "done" | "mastered" => Role::Good,
            "here" => Role::Heading,
            _ => Role::Value,
        };
        for line in hang("", &text, screen.look.width, 13) {
            screen.line(&paint(role, &line));
        }
        for line in hang(&" ".repeat(13), &note, screen.look.width, 13) {
            screen.line(&paint(Role::Meaning, &line));
        }
    }
    if lessons.windows(2).any(|pair| pair[1].number > pair[0].number + 1) {
        screen.note("the numbers between are lessons that are still to be written");
    }
}

fn is_due(lesson: &Lesson, progress: &Progress, now: u64) -> bool {
    review::due_at(progress, lesson).is_some_and(|at| at <= now)
}

/// The list at `now` seconds since 1970 for programs.
#[must_use]
pub fn as_json(lessons: &[Lesson], progress: &Progress, now: u64) -> Value {
    let here = progress.place(lessons).map(|place| (place.lesson.id.clone(), place.step.slug.clone()));
    let list: Vec<Value> = lessons
        .iter()
        .map(|lesson| {
            let is_here = here.as_ref().is_some_and(|(id, _)| *id == lesson.id);
            json!({
                "number": lesson.number,
                "id": lesson.id,
                "title": lesson.title,
                "minutes": lesson.minutes,
                "state": standing(lesson, progress, is_here),
                "steps": lesson.steps.len(),
                "passed": progress.passed(lesson),
                "mastered": progress.state(lesson) == State::Mastered,
                "due": is_due(lesson, progress, now),
                "due_at": review::due_at(progress, lesson),
                "changed": progress.has_changed(lesson),
                "step": here.as_ref().filter(|_| is_here).map(|(_, step)| step),
            })
        })
        .collect();
    let tally = Tally::of(progress, lessons, now);
    json!({
        "lessons": list,
        "progress": {
            "lessons": lessons.len(),
            "done": tally.done,
            "mastered": tally.mastered,
            "due": tally.due,
            "steps": tally.steps,
            "passed": tally.passed,
            "minutes": tally.minutes,
            "minutes_done": tally.minutes_done,
            "hints": tally.hints,
            "guesses": tally.guesses,
            "reviews": tally.reviews,
            "reviews_right": tally.reviews_right,
        },
    })
}

/// A step for programs.
#[must_use]
pub fn step_json(lesson: &Lesson, step: &Step) -> Value {
    let commands: Vec<&str> = step
        .blocks
        .iter()
        .filter_map(|block| if let Block::Console(console) = block { Some(console) } else { None })
        .flat_map(Console::commands)
        .map(|command| command.text.as_str())
        .collect();
    let prose: Vec<&str> = step
        .blocks
        .iter()
        .filter_map(|block| if let Block::Prose(text) = block { Some(text.as_str()) } else { None })
        .collect();
    let predict = step.predictions().next().map(|predict| {
        let answers: Vec<&str> = predict.choices.iter().map(|choice| choice.text.as_str()).collect();
        json!({ "question": predict.question, "answers": answers })
    });
    json!({
        "lesson": lesson.id,
        "step": step.slug,
        "predict": predict,
        "title": step.title,
        "read_only": step.read_only,
        "prose": prose,
        "commands": commands,
    })
}

/// The word for how a lesson stands; the one the learner is in is called so.
fn standing(lesson: &Lesson, progress: &Progress, here: bool) -> &'static str {
    let state = progress.state(lesson);
    if here && state < State::Done { "here" } else { state.name() }
}

pub(in crate::render) fn block(screen: &Screen, role: Role, text: &str) {
    let indent = text.len() - text.trim_start().len();
    for line in wrap(&safe(screen.look, text.trim_start()), screen.look.width - indent) {
        screen.line(&format!("{}{}", " ".repeat(indent), paint(role, &line)));
    }
}

/// A lesson's text, ready to be shown. Its backslashes are its author's: what is shown is what is to be typed.
pub(super) fn safe(look: Look, text: &str) -> String {
    Safe::again(text.as_bytes()).ascii(look.ascii()).to_string()
}
