//! The notebook on a terminal and for programs. [`notebook_md`](crate::render::course::notebook_md) writes it as Markdown.

use serde_json::{Value, json};

use crate::lessons::lesson::Lesson;
use crate::lessons::notebook::{Chapter, End, Guess, Page, Recall, Record};
use crate::render::course::coach::next;
use crate::render::course::lesson::block;
use crate::render::json;
use crate::render::text::cells::hang;
use crate::render::text::look::{Form, Look};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, day};

/// The columns of a label and of what is indented under it.
const LABEL: usize = 8;

/// Chapters of the notebook.
pub fn show(screen: &Screen, chapters: &[Chapter]) {
    if screen.look.form == Form::Json {
        json::document(
            screen,
            "notebook",
            json!({ "lessons": chapters.iter().map(of_chapter).collect::<Vec<_>>() }),
        );
        return;
    }
    for chapter in chapters {
        block(screen, Role::Heading, &heading(chapter));
        screen.line("");
        for page in &chapter.pages {
            show_page(screen, page);
            screen.line("");
        }
        for recall in &chapter.recalls {
            labelled(screen, "recall", &word(screen.look, &recalled(recall)));
        }
        if !chapter.recalls.is_empty() {
            screen.line("");
        }
    }
    block(screen, Role::Meaning, "Days are counted by UTC. netlab notebook --md prints this as Markdown.");
}

fn show_page(screen: &Screen, page: &Page) {
    block(screen, Role::Name, &format!("{}: {}", page_title(page), ended(page)));
    for guess in &page.guesses {
        labelled(screen, "guess", &word(screen.look, &guess.question));
        labelled(screen, "", &word(screen.look, &said(guess)));
    }
    for saw in &page.saw {
        labelled(screen, "saw", &seen(screen.look, saw));
    }
    for (question, answer) in &page.answers {
        labelled(screen, "found", &word(screen.look, &format!("{question} {answer}")));
    }
    for (question, line) in &page.lines {
        labelled(screen, "wrote", &word(screen.look, question));
        labelled(screen, "", &word(screen.look, line));
    }
}

/// A line under a page. The text is safe.
fn labelled(screen: &Screen, label: &str, text: &str) {
    let label = format!("  {label:<6}");
    for (at, line) in hang(&label, text, screen.look.width, LABEL).iter().enumerate() {
        match line.split_at_checked(LABEL) {
            Some((label, rest)) if at == 0 => screen.line(&format!("{}{rest}", paint(Role::Meaning, label))),
            _ => screen.line(line),
        }
    }
}

/// There is nothing in the notebook, or nothing about one lesson.
pub fn empty(screen: &Screen, lesson: Option<&Lesson>, learn: &str) {
    if screen.look.form == Form::Json {
        json::document(screen, "notebook", json!({ "lessons": [] }));
        return;
    }
    let text = match lesson {
        Some(lesson) => format!("Nothing about lesson {}, {}, is in your notebook yet.", lesson.number, lesson.title),
        None => "Your notebook is empty so far. It fills by itself as you go: with your guesses, with what you saw, and with lines of your own.".to_owned(),
    };
    next(screen, &format!("{text} To begin:"), learn);
}

/// A lesson's heading.
pub(super) fn heading(chapter: &Chapter) -> String {
    match &chapter.title {
        Some((number, title)) => format!("Lesson {number}: {title}"),
        None => format!("Lesson {}, which is not among the lessons at hand", chapter.lesson),
    }
}

/// A step's title; without its lesson, its slug.
pub(super) fn page_title(page: &Page) -> &str {
    match &page.title {
        Some(title) => title,
        None if page.step.is_empty() => "The lesson as a whole",
        None => &page.step,
    }
}

/// How a step ended and when, and how often it was done.
pub(super) fn ended(page: &Page) -> String {
    // Whatever is to be done passes on evidence; without any there was only something to read.
    let passed = if page.saw.is_empty() { "read" } else { "passed" };
    match (page.end, page.times) {
        (End::Open, _) => "begun".to_owned(),
        (End::Skipped(at), _) => format!("skipped on {}", day(at)),
        (End::Passed(at), 0 | 1) => format!("{passed} on {}", day(at)),
        (End::Passed(at), many) => {
            format!("{passed} {}, here the latest, on {}", count(many as u64, "time"), day(at))
        }
    }
}

/// A guess, and what the record says to it.
pub(super) fn said(guess: &Guess) -> String {
    let answer = &guess.answer;
    match &guess.record {
        Record::Silent => format!("You said \"{answer}\"; the record has not shown it yet."),
        Record::Agrees => format!("You said \"{answer}\", and that is right."),
        Record::Differs(Some(holds)) => {
            format!("You said \"{answer}\"; it is \"{holds}\".")
        }
        Record::Differs(None) => format!("You said \"{answer}\", and that is not so."),
    }
}

/// A question that brought the lesson back, with the answer.
pub(super) fn recalled(recall: &Recall) -> String {
    let right = if recall.right { "right" } else { "not right" };
    format!("{}, {right}: {} You said \"{}\".", day(recall.at), recall.question, recall.answer)
}

/// A quote of evidence, which was escaped when it was written down.
pub(super) fn seen(look: Look, quote: &str) -> String {
    Safe::again(quote.as_bytes()).ascii(look.ascii()).to_string()
}

pub(super) fn word(look: Look, text: &str) -> String {
    Safe::word(text.as_bytes()).ascii(look.ascii()).to_string()
}

fn of_chapter(chapter: &Chapter) -> Value {
    let recalls = chapter.recalls.iter().map(|recall| {
        json!({
            "question": recall.question,
            "answer": recall.answer,
            "right": recall.right,
            "review": recall.review,
            "at": recall.at,
        })
    });
    json!({
        "lesson": chapter.lesson,
        "number": chapter.title.as_ref().map(|(number, _)| number),
        "title": chapter.title.as_ref().map(|(_, title)| title),
        "steps": chapter.pages.iter().map(of_page).collect::<Vec<_>>(),
        "recalls": recalls.collect::<Vec<_>>(),
    })
}

fn of_page(page: &Page) -> Value {
    let (state, at) = match page.end {
        End::Open => ("begun", None),
        End::Passed(at) => ("passed", Some(at)),
        End::Skipped(at) => ("skipped", Some(at)),
    };
    let pairs = |pairs: &[(String, String)]| -> Vec<Value> {
        pairs.iter().map(|(question, answer)| json!({ "question": question, "answer": answer })).collect()
    };
    json!({
        "step": page.step,
        "title": page.title,
        "state": state,
        "at": at,
        "times": page.times,
        "guesses": page.guesses.iter().map(of_guess).collect::<Vec<_>>(),
        "saw": page.saw,
        "answers": pairs(&page.answers),
        "lines": pairs(&page.lines),
    })
}

fn of_guess(guess: &Guess) -> Value {
    let (agrees, holds) = match &guess.record {
        Record::Silent => (None, None),
        Record::Agrees => (Some(true), Some(&guess.answer)),
        Record::Differs(holds) => (Some(false), holds.as_ref()),
    };
    json!({ "question": guess.question, "answer": guess.answer, "agrees": agrees, "holds": holds })
}
