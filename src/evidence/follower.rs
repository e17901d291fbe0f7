//! Reading the journal, once or again and again, while other processes write it.
//!
//! - Only what has been appended since the last look is read. A look at a journal that has not changed asks the
//!   system about two files and reads neither.
//! - When lines have gone or come anywhere but at the end (the halves have changed places, a file was replaced or
//!   cut), it starts over, so that it never knows more or less than is there.
//! - A last line without its end is still being written: it counts once it has ended.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::account::{Account, Ledger};
use super::journal::{current, older};
use super::lines;

/// How often both halves are read again because they changed places meanwhile. After that the next look does it.
const TRIES: usize = 4;

/// How many bytes before the end are compared to see that a file is still the one that was read. A line of the
/// journal is shorter than this unless its bytes are many, and no two have the same flow and time.
const COMPARED: usize = 512;

/// Reads what happened since `marker`. A marker that is no longer in the journal has been dropped
/// with the oldest lines, so everything there is counts.
///
/// # Errors
/// When the journal exists but cannot be read. No journal is an empty account.
pub fn since(folder: &Path, marker: &str) -> io::Result<Account> {
    let mut follower = Follower::new(folder, marker);
    follower.look()?;
    Ok(follower.ledger.close())
}

/// Keeps an account of what happens since a marker.
#[derive(Debug)]
pub struct Follower {
    folder: PathBuf,
    ledger: Ledger,
    older: Option<Stamp>,
    current: Option<Stamp>,
    /// How many bytes of the current half have been read, in whole lines.
    read: u64,
    /// The last bytes of them.
    last: Vec<u8>,
}

impl Follower {
    /// One that has not looked yet.
    #[must_use]
    pub fn new(folder: &Path, marker: &str) -> Self {
        let (folder, ledger) = (folder.to_owned(), Ledger::new(marker));
        Self { folder, ledger, older: None, current: None, read: 0, last: Vec::new() }
    }

    /// What happened since the marker, as of the last look: the same that [`since`] gave then.
    #[must_use]
    pub fn account(&self) -> &Account {
        self.ledger.account()
    }

    /// Reads what is new. Says whether anything was; the account may have changed then.
    ///
    /// # Errors
    /// When the journal exists but cannot be read. The next look starts over.
    pub fn look(&mut self) -> io::Result<bool> {
        if stamp(&older(&self.folder))? != self.older {
            return self.start_over();
        }
        match (stamp(&current(&self.folder))?, self.current) {
            (now, known) if now == known => Ok(false),
            (Some(now), Some(known)) if now.file == known.file => self.read_on(),
            _ => self.start_over(),
        }
    }

    /// Reads what has been appended to the current half.
    fn read_on(&mut self) -> io::Result<bool> {
        let mut file = File::open(current(&self.folder))?;
        let now = Stamp::of(&file.metadata()?);
        let compared = self.last.len();
        file.seek(SeekFrom::Start(self.read - compared as u64))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let Some(new) = text.strip_prefix(&self.last[..]) else { return self.start_over() };
        let new = &new[..lines::ended(new)];
        if !self.ledger.add(new) {
            return self.start_over();
        }
        self.current = Some(now);
        self.remember(new.len(), &text[..compared + new.len()]);
        Ok(!new.is_empty())
    }

    /// Reads both halves whole.
    fn start_over(&mut self) -> io::Result<bool> {
        // Whatever goes wrong on the way, the next look must not take this one's state for true.
        *self = Self::new(&self.folder, self.ledger.marker());
        let (mut text, mut from) = (Vec::new(), 0);
        for _ in 0..TRIES {
            text.clear();
            let before = read(&older(&self.folder), &mut text)?;
            if lines::ended(&text) < text.len() {
                // Torn, and nobody will write to it any more.
                text.push(b'\n');
            }
            from = text.len();
            self.current = read(&current(&self.folder), &mut text)?;
            self.older = before;
            if stamp(&older(&self.folder))? == before {
                break;
            }
        }
        text.truncate(from + lines::ended(&text[from..]));
        self.ledger.start_over(&text);
        self.remember(text.len() - from, &text[from..]);
        Ok(true)
    }

    /// So many bytes more have been read, of which these are the last.
    fn remember(&mut self, more: usize, text: &[u8]) {
        self.read += more as u64;
        self.last = text[text.len().saturating_sub(COMPARED)..].to_vec();
    }
}

/// What tells whether a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: u64,
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self { file: number(about), len: about.len(), modified: about.modified().ok() }
    }
}

/// The file's number in its file system, where the system tells. Elsewhere the compared bytes must do.
fn number(about: &Metadata) -> u64 {
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(about);
    #[cfg(not(unix))]
    let number = 0;
    number
}

fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    unless_missing(fs::metadata(path).map(|about| Stamp::of(&about)))
}

/// Reads a file to its end. The stamp is from before, so that what is appended meanwhile is noticed later.
fn read(path: &Path, text: &mut Vec<u8>) -> io::Result<Option<Stamp>> {
    let Some(mut file) = unless_missing(File::open(path))? else { return Ok(None) };
    let stamp = Stamp::of(&file.metadata()?);
    file.read_to_end(text)?;
    Ok(Some(stamp))
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
