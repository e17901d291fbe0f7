//! `netlab class`: what a class has handed in, and what that comes to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::{Class, CsvTable};
use crate::commands::context::Context;
use crate::commands::course::learner::{no_lesson, sources};
use crate::error::{Exit, Failure};
use crate::lab::nonce::{Key, SUBJECTS};
use crate::lessons::class::values::Made;
use crate::lessons::class::{self, LeftOut, Reason, Report};
use crate::lessons::handin::{HAND_IN_BYTES, HandIn};
use crate::lessons::{Lesson, pretend, shelf};
use crate::render::class::csv::{self, Table};
use crate::render::class::{self as shown, json as report};
use crate::render::json;
use crate::render::text::look::Form;

/// The most files of one class.
pub const FILES: usize = 2_000;

/// The most bytes of all files of one class.
pub const CLASS_BYTES: usize = 256 * 1024 * 1024;

/// What was read: hand-ins that are as netlab wrote them, and the rest.
#[derive(Default)]
struct Pile {
    good: Vec<class::File>,
    left_out: Vec<LeftOut>,
    bytes: usize,
}

/// Reads the files, leaves out what is not as it should be, and reports on the rest.
///
/// # Errors
/// When lessons or folders cannot be read, or no file is a hand-in.
pub fn run(args: &Class, context: &Context) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let lessons = lessons(args.shelf.folder())?;
    let seed = if args.demo { Some(pretend::SEED) } else { args.class.as_deref() };
    let seed = seed.map(str::trim).filter(|seed| !seed.is_empty());
    let made = seed.map(|seed| Made { seed, values: &spoken });
    let mut pile = Pile::default();
    if args.demo {
        let made = Made { seed: pretend::SEED, values: &spoken };
        pretend::class(&lessons, &made).into_iter().for_each(|(name, bytes)| pile.add(name, &bytes));
    } else {
        files(&args.files)?.iter().for_each(|path| pile.read(path));
    }
    let (good, replaced) = class::latest(pile.good);
    let mut left_out = pile.left_out;
    left_out.extend(replaced);
    shown::left_out(screen, &left_out);
    if good.is_empty() {
        return Err(Failure::usage(
            "there is no hand-in to report on",
            "none of the files is one as netlab wrote it",
        )
        .or_try("ask for files that netlab submit has written, unchanged")
        .or_try("netlab class --demo shows a report on a class that is made up"));
    }
    let hand_ins: Vec<HandIn> = good.into_iter().map(|file| file.hand_in).collect();
    shown::elsewhere(screen, &class::elsewhere(&hand_ins, &lessons));
    let report = Report::new(hand_ins, &lessons, made.as_ref());
    if args.demo {
        shown::made_up(screen);
    }
    match args.csv {
        _ if screen.look.form == Form::Json => {
            json::document(screen, "class", report::report(&report, &left_out, seed, args.demo));
        }
        Some(table) => csv::table(screen, &report, wanted(table)),
        None => shown::report(screen, &report, left_out.len(), seed, args.demo),
    }
    Ok(if left_out.is_empty() { Exit::Done } else { Exit::NotPassed })
}

fn lessons(folder: Option<&Path>) -> Result<Vec<Lesson>, Failure> {
    shelf::lessons(&sources(folder)?).map_err(no_lesson)
}

/// The values that the lab says to a learner in an attempt.
fn spoken(class: &str, learner: &str, attempt: &str) -> Vec<String> {
    let key = Key { class: class.to_owned(), learner: learner.to_owned(), attempt: attempt.to_owned() };
    SUBJECTS.iter().map(|subject| key.nonce(subject)).collect()
}

fn wanted(table: CsvTable) -> Table {
    match table {
        CsvTable::Learners => Table::Learners,
        CsvTable::Beliefs => Table::Beliefs,
        CsvTable::Steps => Table::Steps,
    }
}

/// The files that were named, and of folders those whose names end in `.jsonl`; each once.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let found = in_folder(path).map_err(|error| Failure::file(path, "reading the folder", &error))?;
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    let mut known = BTreeSet::new();
    files.retain(|path| known.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    if files.len() > FILES {
        return Err(Failure::usage(
            format!("those are {} files", files.len()),
            format!("a report takes at most {FILES}"),
        ));
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .filter(|path| {
            path.as_ref().map_or(true, |path| path.extension().is_some_and(|kind| kind == "jsonl"))
        })
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

impl Pile {
    fn read(&mut self, path: &Path) {
        let name = path.display().to_string();
        let reason = match bytes(path) {
            Ok(bytes) if self.bytes + bytes.len() <= CLASS_BYTES => return self.add(name, &bytes),
            Ok(_) => format!("the files are larger than {} MiB together", CLASS_BYTES >> 20),
            Err(error) => Failure::file(path, "reading", &error).why,
        };
        self.left_out.push(LeftOut { file: name, reason: Reason::Unread(reason) });
    }

    fn add(&mut self, name: String, bytes: &[u8]) {
        self.bytes += bytes.len();
        match HandIn::read(bytes) {
            Ok(hand_in) => self.good.push(class::File { name, hand_in }),
            Err(broken) => self.left_out.push(LeftOut { file: name, reason: Reason::Broken(broken) }),
        }
    }
}

/// What is in a file, up to one byte more than a hand-in may have.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for somebody to write into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(HAND_IN_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
