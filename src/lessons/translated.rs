//! A lesson in another language: the original with a translation's words in it.
//!
//! The nth part of a kind takes the place of the nth part of that kind that has words, step by step. What
//! the translation leaves out stays as it was; slugs, checks, commands, lines and the hash always do.

use super::finding::{At, Finding};
use super::lesson::{Block, Lesson};
use super::part::Part;
use super::translation::Translation;
use super::words::{self, Kind};

/// How many letters of the original are shown of a part that is not translated.
const EXCERPT: usize = 60;

/// What became of a translation.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The original with the translation's words.
    pub lesson: Lesson,
    /// What the original has no place for. Such a translation should not be used.
    pub wrong: Vec<Finding>,
    /// What is not translated. That is allowed.
    pub missing: Vec<Finding>,
}

/// Puts the words of a translation into its original.
#[must_use]
pub fn translate(original: &Lesson, translation: &Translation) -> Translated {
    let top = At { file: &translation.file, line: 1 };
    let mut lesson = original.clone();
    let mut notes = Notes::default();
    if translation.id != original.id {
        notes.wrong.push(top.line(translation.id_line).finding(
            format!("the lesson beside it has the id {}, not {}", original.id, translation.id),
            format!("write id: {}", original.id),
        ));
    }
    translation.title.clone_into(&mut lesson.title);
    notes.fill(top, "the introduction", &mut lesson.intro, &translation.intro);
    for section in &translation.sections {
        let at = top.line(section.line);
        let Some(step) = lesson.steps.iter_mut().find(|step| step.slug == section.step) else {
            notes.wrong.push(at.finding(
                format!("the lesson has no step {}", section.step),
                format!("name one of its steps: {}", slugs(original)),
            ));
            continue;
        };
        notes.fill(at, &format!("\"{}\"", step.title), &mut step.blocks, &section.parts);
        section.title.clone_into(&mut step.title);
    }
    for step in &original.steps {
        if !translation.sections.iter().any(|section| section.step == step.slug) {
            notes.missing.push(top.finding(
                format!("the step \"{}\" is not translated; the original is shown", step.title),
                format!("add a section with <!-- {} --> below a heading", step.slug),
            ));
        }
    }
    Translated { lesson, wrong: notes.wrong, missing: notes.missing }
}

fn slugs(lesson: &Lesson) -> String {
    lesson.steps.iter().map(|step| step.slug.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is noticed on the way.
#[derive(Default)]
struct Notes {
    wrong: Vec<Finding>,
    missing: Vec<Finding>,
}

impl Notes {
    /// Gives each block its translated words. `at` is where `place` is translated.
    fn fill(&mut self, at: At<'_>, place: &str, blocks: &mut [Block], parts: &[Part]) {
        for kind in Kind::ALL {
            let mut given = parts.iter().filter(|part| part.kind == kind);
            let mut nth = 0;
            for block in blocks.iter_mut().filter(|block| Kind::of(block) == kind) {
                let marks = words::marks(block);
                let mut words = words::of(block);
                let Some(first) = words.first() else { continue };
                nth += 1;
                let name = format!("{} {nth} of {place}", kind.name());
                match given.next() {
                    Some(part) if part.marks != marks => self.wrong.push(other_answers(at, &name, part)),
                    Some(part) => self.replace(at.line(part.line), &name, &mut words, part),
                    // Code is mostly the same in every language.
                    None if kind == Kind::Code => {}
                    None => self.missing.push(untranslated(at, &name, first)),
                }
            }
            for (more, surplus) in given.enumerate() {
                let name = format!("{} {} of {place}", kind.name(), nth + more + 1);
                self.wrong.push(at.line(surplus.line).finding(
                    format!("{name} is one too many: the original has {nth}"),
                    "take it away, or move it to its step",
                ));
            }
        }
    }

    fn replace(&mut self, at: At<'_>, name: &str, words: &mut [&mut String], part: &Part) {
        for (index, word) in words.iter_mut().enumerate() {
            match part.words.get(index) {
                Some(translated) => translated.clone_into(word),
                None => self.missing.push(untranslated(at, &format!("line {} of {name}", index + 1), word)),
            }
        }
        if part.words.len() > words.len() {
            self.wrong.push(at.finding(
                format!(
                    "{name} has {} lines with words in the original, and {} here",
                    words.len(),
                    part.words.len()
                ),
                "give one line for each of the original's",
            ));
        }
    }
}

fn other_answers(at: At<'_>, name: &str, part: &Part) -> Finding {
    at.line(part.line).finding(
        format!("{name} has other answers than the original"),
        "give as many, in the same order, with (x) on the same one",
    )
}

fn untranslated(at: At<'_>, name: &str, original: &str) -> Finding {
    let words = original.split_whitespace().collect::<Vec<_>>().join(" ");
    let more = if words.chars().count() > EXCERPT { "..." } else { "" };
    let excerpt: String = words.chars().take(EXCERPT).collect();
    at.finding(
        format!("{name} is not translated; the original is shown"),
        format!("translate \"{}{more}\"", excerpt.trim_end()),
    )
}
