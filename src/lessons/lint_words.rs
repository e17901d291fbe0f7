//! What makes a translation fit to ship: it reads, it fits its original, and its hints do not tell too early.
//! What it leaves out is no fault; it is listed apart.

use super::finding::{At, Finding};
use super::hints::{HINTS, tells};
use super::lesson::Lesson;
use super::parse;
use super::shelf::Source;
use super::translated::translate;
use super::translation::{self, Translation};
use super::words::Kind;

/// What is wrong with the translations of a lesson.
#[must_use]
pub fn wrong(source: &Source, lesson: &Lesson) -> Vec<Finding> {
    let read = source.translations.iter().map(|words| translation::parse(&words.file, &words.text()));
    read.flat_map(|translation| match translation {
        Ok(translation) => {
            let mut wrong = translate(lesson, &translation).wrong;
            wrong.extend(early_hints(lesson, &translation));
            wrong
        }
        Err(finding) => vec![finding],
    })
    .collect()
}

/// What translations leave to their originals, file by file.
#[must_use]
pub fn missing(sources: &[Source]) -> Vec<Finding> {
    let mut missing = Vec::new();
    for source in sources {
        let Ok(lesson) = parse::parse(&source.file, &source.text) else { continue };
        for words in &source.translations {
            if let Ok(translation) = translation::parse(&words.file, &words.text()) {
                missing.extend(translate(&lesson, &translation).missing);
            }
        }
    }
    missing.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    missing
}

/// Hints before the last that say what to type.
fn early_hints(lesson: &Lesson, translation: &Translation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for section in &translation.sections {
        let Some(step) = lesson.step(&section.step) else { continue };
        let hints = section.parts.iter().filter(|part| part.kind == Kind::Hint);
        for part in hints.take(HINTS - 1) {
            let at = At { file: &translation.file, line: part.line };
            findings.extend(part.words.first().and_then(|text| tells(at, step, text)));
        }
    }
    findings
}
