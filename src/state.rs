//! Where progress and the journal live.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

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

    /// The learner's progress.
    #[must_use]
    pub fn progress(&self) -> PathBuf {
        self.folder.join("progress.jsonl")
    }

    /// Where a running lab says which addresses it has.
    #[must_use]
    pub fn lab(&self) -> PathBuf {
        self.folder.join("lab.json")
    }
}
