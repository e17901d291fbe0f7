//! Where progress and the journal live.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// What the names of netlab's own files begin with, up to the first dot.
const OURS: [&str; 8] = ["progress", "journal", "learner", "attempt", "class", "lab", "history", "seen"];

/// The most that is read of `attempt` and `class`, in bytes, and the most that is written to them.
pub const NAME_BYTES: usize = 512;

/// The folder that holds what netlab remembers.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// `$NETLAB_HOME` if that is set, else `netlab` in the platform's state folder. Makes the folder,
    /// readable by its owner only.
    ///
    /// # Errors
    /// When there is no home folder, or it cannot be made.
    pub fn find() -> io::Result<Self> {
        let folder = match std::env::var_os("NETLAB_HOME") {
            Some(folder) if !folder.is_empty() => PathBuf::from(folder),
            _ => {
                let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
                base.state_dir().unwrap_or_else(|| base.data_dir()).join("netlab")
            }
        };
        Self::at(&folder)
    }

    /// A home in a folder of the caller's choice.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn at(folder: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Deletes every file in the folder whose name netlab gives, and says how many that were. What others have put
    /// there stays.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be deleted.
    pub fn erase(&self) -> io::Result<usize> {
        let ours =
            |name: &str| OURS.iter().any(|stem| name == *stem || name.starts_with(&format!("{stem}.")));
        let mut gone = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if ours(&entry.file_name().to_string_lossy()) && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// The learner's progress.
    #[must_use]
    pub fn progress(&self) -> PathBuf {
        self.folder.join("progress.jsonl")
    }

    /// The evidence that a step passed on. Lessons and steps are called by letters, digits and hyphens.
    #[must_use]
    pub fn seen(&self, lesson: &str, step: &str) -> PathBuf {
        self.folder.join(format!("seen.{lesson}.{step}.jsonl"))
    }

    /// Who the learner is: sixteen hex digits, made on first use and kept. The lab's services make personal
    /// values from it, and a hand-in says it, so it is a name and no secret.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub fn learner(&self) -> io::Result<String> {
        let path = self.folder.join("learner");
        match fs::read_to_string(&path) {
            Ok(learner) if !learner.trim().is_empty() => return Ok(learner.trim().to_owned()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let learner = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(learner.as_bytes())?;
        // Of two processes that start at once, the first one's learner stays.
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(learner),
            Err(_) => fs::read_to_string(&path).map(|kept| kept.trim().to_owned()),
        }
    }

    /// The marker of the step that began last, empty if none has or the file cannot be read. Beginning a step
    /// writes it, and the lab's services read it whenever they say a personal value.
    #[must_use]
    pub fn attempt(&self) -> String {
        read_name(&self.attempt_file())
    }

    /// Writes down which step began last.
    ///
    /// # Errors
    /// When it is longer than [`NAME_BYTES`], or cannot be written.
    pub fn set_attempt(&self, marker: &str) -> io::Result<()> {
        self.write_name(&self.attempt_file(), marker)
    }

    /// Where the attempt is kept.
    #[must_use]
    pub fn attempt_file(&self) -> PathBuf {
        self.folder.join("attempt")
    }

    /// The seed of the learner's class: `$NETLAB_CLASS` of this process if that is set, else what was written
    /// down; empty for somebody who learns alone. The lab's services read it as they read the attempt.
    #[must_use]
    pub fn class(&self) -> String {
        let set = std::env::var_os("NETLAB_CLASS").map(|class| name(class.as_encoded_bytes()));
        set.filter(|class| !class.is_empty()).unwrap_or_else(|| read_name(&self.class_file()))
    }

    /// Writes down the seed of the learner's class.
    ///
    /// # Errors
    /// When it is longer than [`NAME_BYTES`], or cannot be written.
    pub fn set_class(&self, seed: &str) -> io::Result<()> {
        self.write_name(&self.class_file(), seed)
    }

    fn class_file(&self) -> PathBuf {
        self.folder.join("class")
    }

    /// Puts a new file in the place of the old one, so that nobody reads half a name.
    fn write_name(&self, path: &Path, text: &str) -> io::Result<()> {
        let text = text.trim();
        if text.len() > NAME_BYTES {
            let why = format!("{} bytes are more than {NAME_BYTES}", text.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map(|_| ()).map_err(|error| error.error)
    }
}

/// The name that a small file holds; whatever is there instead of one is bounded text, or nothing.
fn read_name(path: &Path) -> String {
    // Opening a pipe would wait for somebody to write into it.
    if !fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return String::new();
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(NAME_BYTES as u64).read_to_end(&mut bytes));
    read.map(|_| name(&bytes)).unwrap_or_default()
}

/// The same bytes are the same name, wherever they stood.
fn name(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(NAME_BYTES)];
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Home, NAME_BYTES};

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let home = Home::at(folder.path()).expect("the folder is there");
        (folder, home)
    }

    #[test]
    fn an_attempt_is_what_was_written_last_and_empty_before() {
        let (_folder, home) = home();
        assert_eq!(home.attempt(), "");
        for marker in ["roles/begin#1", "roles/begin#2", ""] {
            home.set_attempt(marker).expect("it can be written");
            assert_eq!(home.attempt(), marker);
        }
    }

    #[test]
    fn a_name_that_would_not_come_back_whole_is_refused() {
        let (_folder, home) = home();
        home.set_attempt("roles/begin#1").expect("it can be written");
        assert!(home.set_attempt(&"x".repeat(NAME_BYTES + 1)).is_err());
        assert_eq!(home.attempt(), "roles/begin#1");
        let longest = "x".repeat(NAME_BYTES);
        home.set_attempt(&longest).expect("it can be written");
        assert_eq!(home.attempt(), longest);
    }

    #[test]
    fn what_is_no_name_is_bounded_text_or_nothing() {
        let (_folder, home) = home();
        std::fs::write(home.attempt_file(), vec![0xff; 10 * 1024 * 1024]).expect("it can be written");
        assert_eq!(home.attempt(), "\u{fffd}".repeat(NAME_BYTES));
        std::fs::remove_file(home.attempt_file()).expect("it was there");
        std::fs::create_dir(home.attempt_file()).expect("it can be made");
        assert_eq!(home.attempt(), "");
        assert!(home.set_attempt("roles/begin#1").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_name_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, home) = home();
        home.set_attempt("roles/begin#1").expect("it can be written");
        let found = std::fs::metadata(home.attempt_file()).expect("it is there");
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}
