//! Where lesson files come from: the binary itself, or a folder of the author's.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::finding::Finding;
use super::lesson::Lesson;
use super::parse::{self, LESSON_BYTES};
use super::progress::Progress;
use super::translated::{Translated, translate};
use super::translation::{self, original_of};

/// The most files of lessons and their translations that one folder may hold.
pub const LESSON_FILES: usize = 500;

/// What stands before the names of embedded files.
pub(super) const FOLDER: &str = "lessons/";

/// How the names of a folder's own pages begin.
const PAGES: [&str; 2] = ["README.", "glossary."];

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
    /// The translations that lie beside it, in the order of their names.
    pub translations: Vec<Words>,
}

/// A translation as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Its name, for findings.
    pub file: String,
    /// The language, as the file's name says it, such as `hi`.
    pub language: String,
    /// Its text, unless that is in the binary.
    read: Option<String>,
}

impl Words {
    /// A translation with its text.
    #[must_use]
    pub fn new(file: impl Into<String>, language: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), language: language.into(), read: Some(text.into()) }
    }

    /// Its text. Bytes that are no UTF-8 have become U+FFFD. That of the binary is fetched only now: most
    /// learners want none of it, and those who do want one language.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.read {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.file.strip_prefix(FOLDER).and_then(inside).unwrap_or_default()),
        }
    }
}

impl Source {
    /// A lesson without translations.
    #[must_use]
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into(), translations: Vec::new() }
    }
}

/// The course in the binary, in order.
#[must_use]
pub fn embedded() -> Vec<Source> {
    let files = Embedded::iter().filter(|name| is_file_of_a_course(name)).filter_map(|name| {
        let text = if original_of(&name).is_some() { None } else { Some(inside(&name)?) };
        Some((format!("{FOLDER}{name}"), text))
    });
    shelve(files.collect())
}

/// The text of a file in the binary.
pub(super) fn inside(name: &str) -> Option<String> {
    Embedded::get(name).map(|file| text(file.data.into_owned()))
}

/// The files of a folder whose names end in `.md`, in order; README.md and glossary.md are no lessons. Of each at most one
/// byte more than a lesson may have is read, so that parsing can say that it is too long.
///
/// # Errors
/// When the folder or a file in it cannot be read, or it holds more than [`LESSON_FILES`].
pub fn folder(folder: &Path) -> io::Result<Vec<Source>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_file_of_a_course(&name) {
            continue;
        }
        if files.len() == LESSON_FILES {
            return Err(io::Error::other(format!(
                "more than {LESSON_FILES} lessons and translations in one folder"
            )));
        }
        let (file, text) = read(&path)?;
        files.push((file, Some(text)));
    }
    Ok(shelve(files))
}

/// The lesson in a file, with the translations beside it. A translation's own name will do: that is its
/// original's lesson.
///
/// # Errors
/// When one of the files cannot be read.
pub fn file(path: &Path) -> io::Result<Source> {
    let named = path.display().to_string();
    let original = original_of(&named).map_or_else(|| named.clone(), |(original, _)| original);
    let (file, text) = read(Path::new(&original))?;
    let mut source = Source::new(file, text);
    let beside = Path::new(&original).parent().filter(|folder| !folder.as_os_str().is_empty());
    for entry in std::fs::read_dir(beside.unwrap_or(Path::new(".")))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let path = beside.map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name));
        let belongs = original_of(&path.display().to_string()).is_some_and(|(of, _)| of == original);
        if belongs && source.translations.len() < LESSON_FILES {
            let (file, text) = read(&path)?;
            source.translations.extend(words(file, Some(text)));
        }
    }
    source.translations.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(source)
}

/// The text of a page beside the lessons, as far as a lesson may go; nothing when there is none.
pub(super) fn page(path: &Path) -> Option<String> {
    read(path).ok().map(|(_, text)| text)
}

/// Reads at most one byte more than a lesson may have.
fn read(path: &Path) -> io::Result<(String, String)> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LESSON_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok((path.display().to_string(), text(bytes)))
}

/// Lessons in order, each with its translations. One without its original belongs to no lesson and is left out.
fn shelve(mut files: Vec<(String, Option<String>)>) -> Vec<Source> {
    files.sort();
    let (translations, lessons): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(file, _)| original_of(file).is_some());
    let mut sources: Vec<Source> =
        lessons.into_iter().map(|(file, text)| Source::new(file, text.unwrap_or_default())).collect();
    for (file, text) in translations {
        let original = original_of(&file).map(|(original, _)| original);
        let source = sources.iter_mut().find(|source| Some(&source.file) == original.as_ref());
        if let Some(source) = source {
            source.translations.extend(words(file, text));
        }
    }
    sources
}

fn words(file: String, read: Option<String>) -> Option<Words> {
    let language = original_of(&file)?.1.to_owned();
    Some(Words { file, language, read })
}

/// The bytes as text; what is no UTF-8 becomes U+FFFD. Nearly always all of it is, and that is quick to see. The mark
/// that some editors put before it (a byte order mark, RFC 3629 §6) is none of the author's words.
fn text(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned());
    match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// Whether it is a lesson or a translation of one. The folder's own pages are neither, in any language.
fn is_file_of_a_course(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "md")
        && !PAGES.iter().any(|page| name.starts_with(page))
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

/// The lesson in `language`, as a translation's file name says it, if its source has such a translation; else
/// the lesson as it is. A translation that does not read or does not fit is not used: the finding says why.
#[must_use]
pub fn in_language(lesson: Lesson, sources: &[Source], language: &str) -> (Lesson, Option<Finding>) {
    let source = sources.iter().find(|source| source.file == lesson.file);
    let words = source.and_then(|source| source.translations.iter().find(|words| words.language == language));
    let Some(words) = words else { return (lesson, None) };
    match translation::parse(&words.file, &words.text()).map(|words| translate(&lesson, &words)) {
        Ok(Translated { wrong, lesson: translated, .. }) => match wrong.into_iter().next() {
            None => (translated, None),
            wrong => (lesson, wrong),
        },
        Err(broken) => (lesson, Some(broken)),
    }
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
