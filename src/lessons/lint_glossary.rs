//! Whether the lessons and the [glossary](super::glossary) agree: each word is explained where a learner first meets it.
//!
//! A lesson marks a word that it explains: `**kernel**`. What is read for it is what everybody is shown: prose,
//! predictions, the sentences of checks, questions, and the idea of a step. Code, headings and hints are not.

use super::finding::{At, Finding};
use super::glossary::Entry;
use super::lesson::{Block, Lesson};

/// The most words of a bold stretch that may be a mark: longer ones are emphasis.
const MARK_WORDS: usize = 3;

/// Some text of a lesson, and where it stands.
struct Piece<'l> {
    lesson: &'l Lesson,
    line: usize,
    text: String,
}

impl Piece<'_> {
    fn at(&self) -> At<'_> {
        At { file: &self.lesson.file, line: self.line }
    }
}

/// What does not agree. `file` is the glossary's name; the lessons come in their order.
#[must_use]
pub fn wrong(file: &str, entries: &[Entry], lessons: &[Lesson]) -> Vec<Finding> {
    let pieces: Vec<Piece<'_>> = lessons.iter().flat_map(pieces).collect();
    let mut findings: Vec<Finding> = pieces.iter().flat_map(|piece| unknown(piece, entries)).collect();
    for entry in entries {
        let at = At { file, line: entry.line };
        for id in std::iter::once(&entry.lesson).chain(&entry.more) {
            if !lessons.iter().any(|lesson| lesson.id == *id) {
                let what = format!("\"{}\" is explained in {id}, and no lesson is called so", entry.word);
                findings.push(at.finding(what, "name a lesson's id"));
            }
        }
        let marked = |piece: &&Piece<'_>| marks(&piece.text).iter().any(|mark| is_form(entry, mark));
        if !pieces.iter().filter(|piece| piece.lesson.id == entry.lesson).any(|piece| marked(&piece)) {
            let what = format!("lesson {} does not mark \"{}\"", entry.lesson, entry.word);
            findings.push(at.finding(what, format!("write **{}** there, where it is explained", entry.word)));
        } else if let Some(first) = pieces.iter().find(|piece| uses(&piece.text, entry))
            && !entry.everyday
            && (first.lesson.id != entry.lesson || !begins_marked(&first.text, entry))
        {
            findings.push(first.at().finding(
                format!("\"{}\" is met here first, and not explained", entry.word),
                format!("explain it here and mark it, **{}**, or say it in another word", entry.word),
            ));
        }
    }
    findings
}

/// Marked words that the glossary does not have.
fn unknown(piece: &Piece<'_>, entries: &[Entry]) -> Vec<Finding> {
    let unknown =
        marks(&piece.text).into_iter().filter(|mark| !entries.iter().any(|entry| is_form(entry, mark)));
    let finding = |mark: &str| {
        piece.at().finding(
            format!("\"{mark}\" is marked as a word that is explained, and the glossary does not have it"),
            "add it to glossary.md, or write it in italics: *so*",
        )
    };
    unknown.map(finding).collect()
}

/// Everything a learner is shown of a lesson, in order.
fn pieces(lesson: &Lesson) -> Vec<Piece<'_>> {
    let intro = lesson.intro.iter().map(|block| (1, block));
    let steps = lesson.steps.iter().flat_map(|step| step.blocks.iter().map(|block| (step.line, block)));
    let shown = intro.chain(steps).filter_map(|(line, block)| {
        let text = match block {
            Block::Prose(text) => text.clone(),
            Block::Why(why) => why.text.clone(),
            Block::Seen(seen) => seen.question.clone(),
            Block::Predict(predict) => {
                let choices =
                    predict.choices.iter().map(|choice| format!("{} {}", choice.text, choice.reply));
                std::iter::once(predict.question.clone()).chain(choices).collect::<Vec<_>>().join(" ")
            }
            Block::Check(check) => {
                check.scenes.iter().map(|scene| scene.description.as_str()).collect::<Vec<_>>().join(" ")
            }
            _ => return None,
        };
        Some(Piece { lesson, line, text: without_code(&text) })
    });
    shown.collect()
}

/// The text as one line, without what stands between backticks.
fn without_code(text: &str) -> String {
    let text = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands in bold and may be a word that is explained.
fn marks(text: &str) -> Vec<&str> {
    let bold = text.split("**").skip(1).step_by(2).map(str::trim);
    let is_mark = |mark: &&str| {
        let letter = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == ' ';
        !mark.is_empty() && mark.split_whitespace().count() <= MARK_WORDS && mark.chars().all(letter)
    };
    bold.filter(is_mark).collect()
}

fn is_form(entry: &Entry, mark: &str) -> bool {
    entry.forms().any(|form| form == mark)
        || entry.forms().any(|form| form.eq_ignore_ascii_case(mark) && !entry.everyday)
}

/// Whether a text has the word in one of its forms.
fn uses(text: &str, entry: &Entry) -> bool {
    first_use(text, entry).is_some()
}

/// Whether the first time that a text has the word it is marked.
fn begins_marked(text: &str, entry: &Entry) -> bool {
    first_use(text, entry).is_some_and(|at| text[..at].matches("**").count() % 2 == 1)
}

/// Where a text has the word first.
fn first_use(text: &str, entry: &Entry) -> Option<usize> {
    entry.forms().filter_map(|form| first_form(text, form)).min()
}

/// Where a text has this form first. One with capital letters is looked for as it is.
fn first_form(text: &str, form: &str) -> Option<usize> {
    let has_capitals = form.chars().any(char::is_uppercase);
    let lowered = if has_capitals { text.to_owned() } else { text.to_ascii_lowercase() };
    let is_inner =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '-');
    let mut found = lowered.match_indices(form).map(|(at, _)| at);
    found.find(|&at| {
        !is_inner(lowered[..at].chars().next_back()) && !is_inner(lowered[at + form.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::super::{glossary, parse};
    use super::*;

    const GLOSSARY: &str = "## kernel\nlesson: two\nalso: kernels\nThe part that does it.\n## read\nlesson: two\neveryday: yes\nTo get bytes.\n";

    fn course(one: &str, two: &str) -> Vec<Lesson> {
        let lesson = |number: u16, id: &str, text: &str| {
            let text = format!("---\nid: {id}\ntitle: T\nminutes: 1\n---\n{text}\n");
            parse::parse(&format!("0{number}-{id}.md"), &text).unwrap()
        };
        vec![lesson(1, "one", one), lesson(2, "two", two)]
    }

    fn findings(text: &str, one: &str, two: &str) -> Vec<String> {
        let entries = glossary::parse("glossary.md", text).unwrap();
        wrong("glossary.md", &entries, &course(one, two)).iter().map(|finding| finding.what.clone()).collect()
    }

    #[test]
    fn a_word_is_explained_where_it_is_first_met() {
        let two = "The **kernel**\ndoes it. Kernels\n**read**.";
        assert_eq!(
            findings(GLOSSARY, "I read `kernel`. It is **very, very** good.", two),
            Vec::<String>::new()
        );
        let early = ["\"kernel\" is met here first, and not explained"];
        assert_eq!(findings(GLOSSARY, "A kernel.", two), early);
        assert_eq!(findings(GLOSSARY, "Two kernels.", two), early);
        assert_eq!(findings(GLOSSARY, "", "A kernel. The **kernel** is it. **read**"), early);
        assert_eq!(findings(GLOSSARY, "A subkernel and a kernel-like thing.", two), Vec::<String>::new());
    }

    #[test]
    fn what_is_marked_has_an_entry_and_what_has_an_entry_is_marked() {
        assert_eq!(
            findings(GLOSSARY, "A **thing**.", "The **kernel** and **read**."),
            ["\"thing\" is marked as a word that is explained, and the glossary does not have it"]
        );
        assert_eq!(findings(GLOSSARY, "", "The **kernel**."), ["lesson two does not mark \"read\""]);
        let elsewhere = GLOSSARY.replace("lesson: two\nalso", "lesson: three\nalso");
        let found = findings(&elsewhere, "", "The **kernel**. **read**");
        assert_eq!(found[0], "\"kernel\" is explained in three, and no lesson is called so");
    }
}
