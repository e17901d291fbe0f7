//! `netlab lessons new`: a small whole lesson, for its author to change piece by piece.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::commands::context::Context;
use crate::commands::course::learner::shell_word;
use crate::error::{Exit, Failure};
use crate::lessons::shelf::{self, Source};
use crate::lessons::{parse, template};
use crate::render::course::new_lesson::{self as shown, Written};

/// Where lessons are kept, if the current folder has such a folder.
const USUAL_FOLDER: &str = "lessons";

/// Writes `NN-slug.md` and says what to type next. Nothing that is there is ever written over.
///
/// # Errors
/// When the slug is none or taken, or the folder cannot be read or written.
pub fn run(slug: &str, folder: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    if let Some(problem) = template::problem(slug) {
        return Err(not_a_slug(slug, problem));
    }
    free(slug, &shelf::embedded(), " of the course that is built in")?;
    let usual = Path::new(USUAL_FOLDER);
    let folder = folder.unwrap_or_else(|| if usual.is_dir() { usual } else { Path::new(".") });
    let new_folder = make(folder)?;
    let there =
        shelf::folder(folder).map_err(|error| Failure::file(folder, "reading lessons from", &error))?;
    free(slug, &there, "")?;
    let Some(number) = template::next_number(there.iter().map(|source| file_name(&source.file))) else {
        return Err(Failure::usage(
            "there is no free number behind the lessons of that folder",
            format!("{} is the last one, and a file has it", u16::MAX),
        )
        .or_try("rename the files so that their numbers are smaller"));
    };
    let name = format!("{number:02}-{slug}.md");
    // "./01-echo.md" is "01-echo.md" to everybody who reads it.
    let file = if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) };
    write(&file, &template::lesson(slug))?;
    let next = [
        format!("netlab lessons lint {}", shell_word(&file)),
        format!("netlab learn --lessons {}", shell_word(folder)),
    ];
    shown::show(&context.screen, &Written { file: &file, number, id: slug, new_folder, next: &next });
    Ok(Exit::Done)
}

/// Makes the folder if it is not there; the one it is to stand in must be.
fn make(folder: &Path) -> Result<bool, Failure> {
    match std::fs::create_dir(folder) {
        Ok(()) => Ok(true),
        Err(_) if folder.is_dir() => Ok(false),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::usage(
            format!("{} is not a folder", folder.display()),
            "lessons are files in a folder, and a file of that name is in the way",
        )
        .or_try("name a folder: --lessons my-lessons")),
        Err(error) => Err(Failure::file(folder, "making the folder", &error)
            .or_try("a folder that is there, or a new one in a folder that is there")),
    }
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()));
    written.map_err(|error| Failure::file(file, "writing", &error))
}

/// Whether a lesson has this name, in its front matter or in that of its file. A file that does not read yet
/// still has the name of its file.
fn is_called(source: &Source, slug: &str) -> bool {
    let by_file =
        file_name(&source.file).split_once('-').is_some_and(|(_, rest)| rest == format!("{slug}.md"));
    by_file || parse::front_matter(&source.file, &source.text).is_ok_and(|lesson| lesson.id == slug)
}

fn file_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn not_a_slug(typed: &str, problem: String) -> Failure {
    let quoted = if typed.is_empty() { "an empty text".to_owned() } else { format!("\"{typed}\"") };
    let failure = Failure::usage(format!("{quoted} cannot name a lesson"), problem);
    let example = template::nearest(typed).unwrap_or_else(|| "mail-for-a-name".to_owned());
    failure.or_try(format!("lower-case letters, digits and hyphens: netlab lessons new {example}"))
}

/// Whether no lesson has the name: progress is kept under it, whichever folder a lesson comes from.
fn free(slug: &str, lessons: &[Source], whose: &str) -> Result<(), Failure> {
    let Some(taken) = lessons.iter().find(|source| is_called(source, slug)) else { return Ok(()) };
    Err(Failure::usage(
        format!("there is a lesson called {slug} already"),
        format!("it is {}{whose}, and a learner's progress is kept under a lesson's name", taken.file),
    )
    .or_try("give the new one a name of its own"))
}
