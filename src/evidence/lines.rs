//! Files of lines that are only ever appended to: the journal, and the learner's progress.
//!
//! They are private to their owner, and a line that a killed process left torn costs that line only.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;

/// Opens a file for reading and appending, made if need be, for its owner only (0600 on Unix).
///
/// # Errors
/// When the system refuses.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the last line has no end, so that the next record would be glued to it.
///
/// # Errors
/// When the file cannot be read.
pub fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The lines of a text without their ends; empty ones are passed over.
pub fn each(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    each_with_rest(text).map(|(line, _)| line)
}

/// The same, each with the text below it.
pub fn each_with_rest(mut text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let line = move || {
        let all = text;
        // Of all ways to find a byte in the standard library this is the quick one. Memory does not fail.
        let len = text.skip_until(b'\n').unwrap_or(0);
        let line = &all[..len];
        (len > 0).then(|| (line.strip_suffix(b"\n").unwrap_or(line), text))
    };
    std::iter::from_fn(line).filter(|(line, _)| !line.is_empty())
}

/// How many bytes of a text are lines that have an end.
#[must_use]
pub fn ended(text: &[u8]) -> usize {
    text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1)
}
