//! Where lesson files come from: the binary itself, or a folder of the author's.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rust_embed::RustEmbed;

use super::finding::Finding;
use super::lesson::Lesson;
use super::parse::{self, LESSON_BYTES};
use super::progress::Progress;

/// The most lesson files one folder may hold.
pub const LESSON_FILES: usize = 500;

#[derive(RustEmbed)]
#[folder = "lessons/"]
struct Embedded;

/// A lesson file as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, for findings.
    pub file: String,
    /// Its text. Bytes that are no UTF-8 have become U+FFFD.
    pub text: String,
}

/// The course in the binary, in order.
#[must_use]
pub fn embedded() -> Vec<Source> {
    let mut sources: Vec<Source> = Embedded::iter()
        .filter(|name| is_lesson(name))
        .filter_map(|name| {
            let bytes = Embedded::get(&name)?.data.into_owned();
            Some(Source { file: format!("lessons/{name}"), text: text(bytes) })
        })
        .collect();
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    sources
}

/// The files of a folder whose names end in `.md`, in order; README.md is not a lesson. Of each at most one
/// byte more than a lesson may have is read, so that parsing can say that it is too long.
///
/// # Errors
/// When the folder or a file in it cannot be read, or it holds more than [`LESSON_FILES`].
pub fn folder(folder: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_lesson(&name) {
            continue;
        }
        if sources.len() == LESSON_FILES {
            return Err(io::Error::other(format!("more than {LESSON_FILES} lessons in one folder")));
        }
        let mut bytes = Vec::new();
        File::open(&path)?.take(LESSON_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        sources.push(Source { file: path.display().to_string(), text: text(bytes) });
    }
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(sources)
}

/// The bytes as text; what is no UTF-8 becomes U+FFFD. Nearly always all of it is, and that is quick to see.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}

fn is_lesson(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "md") && name != "README.md"
}

/// Reads all of them, in the order of their numbers.
///
/// # Errors
/// What is wrong with the first file that is no lesson.
pub fn lessons(sources: &[Source]) -> Result<Vec<Lesson>, Finding> {
    let mut lessons = sources
        .iter()
        .map(|source| parse::parse(&source.file, &source.text))
        .collect::<Result<Vec<_>, _>>()?;
    lessons.sort_by_key(|lesson| lesson.number);
    Ok(lessons)
}

/// Reads the lesson the learner is in and no other one whole, so that bare `netlab` answers at once however
/// long the course grows. No lesson when all are over. [`Progress::place_in`] says where in it.
///
/// # Errors
/// What is wrong with a file on the way there that is no lesson.
pub fn current(sources: &[Source], progress: &Progress) -> Result<Option<Lesson>, Finding> {
    let mut shelf = sources
        .iter()
        .map(|source| Ok((parse::front_matter(&source.file, &source.text)?, source)))
        .collect::<Result<Vec<_>, Finding>>()?;
    shelf.sort_by_key(|(lesson, _)| lesson.number);
    let (fronts, sources): (Vec<_>, Vec<_>) = shelf.into_iter().unzip();
    let (before, from) = sources.split_at(progress.latest(&fronts));
    for (at, source) in from.iter().chain(before).enumerate() {
        let lesson = parse::parse(&source.file, &source.text)?;
        // Only in the lesson touched last may a step that has passed be under way once more.
        if !progress.is_over(&lesson) || (at == 0 && progress.place_in(&lesson).is_some()) {
            return Ok(Some(lesson));
        }
    }
    Ok(None)
}

/// Reads the lessons with these ids, in the order of their numbers, and no other one whole. A file that is no lesson
/// is passed over.
#[must_use]
pub fn some(sources: &[Source], ids: &[&str]) -> Vec<Lesson> {
    if ids.is_empty() {
        return Vec::new();
    }
    let wanted = |source: &&Source| {
        parse::front_matter(&source.file, &source.text).is_ok_and(|front| ids.contains(&front.id.as_str()))
    };
    let read = |source: &Source| parse::parse(&source.file, &source.text).ok();
    let mut lessons: Vec<Lesson> = sources.iter().filter(wanted).filter_map(read).collect();
    lessons.sort_by_key(|lesson| lesson.number);
    lessons
}
