//! Where progress and the journal live.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// What the names of netlab's own files begin with, up to the first dot.
const OURS: [&str; 7] = ["progress", "journal", "learner", "attempt", "class", "lab", "history"];

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
        let ours = |name: &str| OURS.iter().any(|stem| name == *stem || name.starts_with(&format!("{stem}.")));
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

    /// The learner's secret: sixteen hex digits, made on first use and kept. Personal values come from it.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub fn secret(&self) -> io::Result<String> {
        let path = self.folder.join("learner");
        match fs::read_to_string(&path) {
            Ok(secret) if !secret.trim().is_empty() => return Ok(secret.trim().to_owned()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let secret = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(secret.as_bytes())?;
        // Of two processes that start at once, the first one's secret stays.
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(secret),
            Err(_) => fs::read_to_string(&path).map(|kept| kept.trim().to_owned()),
        }
    }
}
