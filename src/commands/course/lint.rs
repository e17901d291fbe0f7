//! `netlab lessons lint`: proves that lessons hold, by doing what they say.
//!
//! Reading finds what no run is needed for; [`proving`] runs the rest.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;

use crate::commands::context::Context;
use crate::commands::course::proving::{self, Proved};
use crate::commands::course::room::Rules;
use crate::error::{Exit, Failure};
use crate::help;
use crate::lessons::finding::Finding;
use crate::lessons::shelf::{self, Source};
use crate::lessons::{glossary, lint, lint_glossary, lint_words, translation};
use crate::render::course::findings::{self, Counts};

/// What is to be linted, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Lesson files and folders of them; none means all that are built in.
    pub files: &'a [PathBuf],
    /// Read only, run nothing.
    pub only_static: bool,
    /// How long one command may take.
    pub patience: Duration,
}

/// Lints the files, or all lessons.
///
/// # Errors
/// When a file cannot be read.
pub async fn run(wanted: Wanted<'_>, context: &Context) -> Result<Exit, Failure> {
    let files = wanted.files;
    let sources = if files.is_empty() { shelf::embedded() } else { read(files)? };
    let parse = |words: &[String]| {
        let words = std::iter::once("netlab").chain(words.iter().map(String::as_str));
        help::command()
            .try_get_matches_from(words)
            .map(|_| ())
            .or_else(|error| if error.kind() == ErrorKind::DisplayHelp { Ok(()) } else { Err(error) })
            .map_err(|error| first_line(&error.to_string()))
    };
    let mut found = lint::lint(&sources, &parse);
    found.extend(words_of_the_course(files, &sources));
    let mut proved = Proved::default();
    if found.is_empty() && !wanted.only_static {
        let program = std::env::current_exe()
            .map_err(|error| Failure::machine("netlab does not find itself", error.to_string()))?;
        let rules = Rules { program: &program, patience: wanted.patience, shell: false };
        proved = Box::pin(proving::prove(&sources, rules, context)).await?;
        found.append(&mut proved.findings);
    }
    let lessons = shelf::lessons(&sources).unwrap_or_default();
    let missing = if files.is_empty() { lint::uncorrected(&lessons) } else { Vec::new() };
    let untranslated = lint_words::missing(&sources);
    let count = Counts { lessons: sources.len(), proofs: proved.proofs, literal_ports: proved.literal_ports };
    findings::show(&context.screen, &count, &found, &untranslated, &missing);
    Ok(if found.is_empty() { Exit::Done } else { Exit::NotPassed })
}

/// Whether a whole course and its glossary agree: the one that is built in, or a folder that has a glossary of its own.
fn words_of_the_course(files: &[PathBuf], sources: &[Source]) -> Vec<Finding> {
    let folder = match files {
        [] => None,
        [folder] if folder.join(glossary::FILE).is_file() => Some(folder.as_path()),
        _ => return Vec::new(),
    };
    // What does not read is reported already.
    let Ok(lessons) = shelf::lessons(sources) else { return Vec::new() };
    match glossary::of(folder) {
        Ok((file, entries)) => lint_glossary::wrong(&file, &entries, &lessons),
        Err(finding) => vec![finding],
    }
}

/// Each lesson once, however many of its files are named; of a folder all of them.
fn read(files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources: Vec<Source> = Vec::new();
    for path in files {
        if path.is_dir() {
            let lessons = shelf::folder(path).map_err(|error| Failure::file(path, "reading", &error))?;
            if lessons.is_empty() {
                return Err(Failure::usage(
                    format!("there are no lessons in {}", path.display()),
                    "a lesson is a file named NN-slug.md",
                ));
            }
            let new: Vec<Source> = lessons.into_iter().filter(|one| !sources.contains(one)).collect();
            sources.extend(new);
            continue;
        }
        let original = translation::original_of(&path.display().to_string()).map(|(original, _)| original);
        if let Some(original) = original.filter(|original| !Path::new(original).exists()) {
            return Err(Failure::usage(
                format!("{} translates a lesson that is not there", path.display()),
                "a translation lies beside its original and is linted with it",
            )
            .or_try(format!("put the original at {original}")));
        }
        let source = shelf::file(path).map_err(|error| Failure::file(path, "reading", &error))?;
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    Ok(sources)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
