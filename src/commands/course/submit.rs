//! `netlab submit`: one file to hand in, in which a change shows.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::cli::Submit;
use crate::commands::context::Context;
use crate::commands::course::learner::now;
use crate::error::{Exit, Failure};
use crate::lessons::handin::{HAND_IN_BYTES, HandIn, NAME_CHARS};
use crate::lessons::progress;
use crate::render::course::{coach, handin as shown};

/// The most letters of a name in the name of a file: at four bytes each they fit every file system.
const FILE_CHARS: usize = 40;

/// Writes the file and says what it holds.
///
/// # Errors
/// Without a name, when progress cannot be read, or when the file cannot be written or is somebody else's.
pub fn run(args: &Submit, context: &Context) -> Result<Exit, Failure> {
    let name = name(args)?;
    let home = context.home_or_failure()?;
    let failed = |error: &io::Error| Failure::file(home.folder(), "reading progress in", error);
    let progress = progress::read(home).map_err(|error| failed(&error))?;
    coach::troubles(&context.screen, &progress);
    let learner = home.learner().map_err(|error| failed(&error))?;
    let hand_in = HandIn::new(name, &learner, &home.class(), &progress, now());
    let bytes = hand_in.write().map_err(|broken| {
        Failure::machine("there is too much to hand in", broken.to_string())
            .or_try("begin what you do not want to hand in anew: netlab reset LESSON")
    })?;
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(file_name(name)));
    put(&path, &bytes, &learner)?;
    let lessons: BTreeSet<&str> = hand_in.facts.iter().map(|fact| fact.lesson.as_str()).collect();
    shown::written(&context.screen, &path, &hand_in, lessons.len());
    Ok(Exit::Done)
}

fn name(args: &Submit) -> Result<&str, Failure> {
    let name = args.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).ok_or_else(|| {
        Failure::usage("a hand-in needs a name", "your teacher has to know whose it is")
            .or_try("netlab submit --name \"Ada Lovelace\", with your own name")
    })?;
    if name.chars().count() > NAME_CHARS {
        return Err(Failure::usage(
            "that name is too long",
            format!("a name has at most {NAME_CHARS} characters"),
        ));
    }
    Ok(name)
}

/// `netlab-NAME.jsonl`, with a hyphen for whatever is no letter and no digit.
fn file_name(name: &str) -> String {
    let plain: String = name.chars().map(|char| if char.is_alphanumeric() { char } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let short: String = words.join("-").chars().take(FILE_CHARS).collect();
    format!("netlab-{}.jsonl", if short.is_empty() { "hand-in" } else { &short })
}

/// Puts the file where it belongs, whole or not at all. Only a hand-in of the same learner gives way.
fn put(path: &Path, bytes: &[u8], learner: &str) -> Result<(), Failure> {
    let failed = |error: &io::Error| Failure::file(path, "writing", error);
    let is_there = match fs::symlink_metadata(path) {
        Ok(_) if is_own(path, learner) => true,
        Ok(_) => return Err(not_ours(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(failed(&error)),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is for its owner only, and stays so under its new name.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
    let put = if is_there { file.persist(path) } else { file.persist_noclobber(path) };
    match put {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(not_ours(path)),
        Err(error) => Err(failed(&error.error)),
    }
}

/// Whether a file is a hand-in of this learner, as netlab wrote it.
fn is_own(path: &Path, learner: &str) -> bool {
    // Opening a pipe would wait for somebody to write into it.
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HAND_IN_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.is_ok() && HandIn::read(&bytes).is_ok_and(|found| found.head.learner == learner)
}

fn not_ours(path: &Path) -> Failure {
    Failure::usage(
        format!("{} is there already, and is no hand-in of yours as netlab wrote it", path.display()),
        "netlab does not write over it",
    )
    .or_try("name another file: --out FILE")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_becomes_a_file_name_in_this_folder() {
        assert_eq!(file_name("Ada Lovelace"), "netlab-Ada-Lovelace.jsonl");
        assert_eq!(file_name("Åsa  Ó Néill"), "netlab-Åsa-Ó-Néill.jsonl");
        assert_eq!(file_name("../../etc/passwd"), "netlab-etc-passwd.jsonl");
        assert_eq!(file_name("\u{1b}[2J\n"), "netlab-2J.jsonl");
        assert_eq!(file_name("???"), "netlab-hand-in.jsonl");
        assert!(file_name(&"漢".repeat(100)).len() < 200);
    }
}
