//! Where lesson files come from: the binary itself, or a folder of the author's.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rust_embed::RustEmbed;

use super::finding::Finding;
use super::lesson::Lesson;
use super::parse::{self, LESSON_BYTES};

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
            let file = Embedded::get(&name)?;
            Some(Source {
                file: format!("lessons/{name}"),
                text: String::from_utf8_lossy(&file.data).into_owned(),
            })
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
        sources.push(Source {
            file: path.display().to_string(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(sources)
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
