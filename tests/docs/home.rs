//! A learner's folder for one test, and netlab run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program under test.
pub const NETLAB: &str = env!("CARGO_BIN_EXE_netlab");

/// The learner of the documents: their values are made from this, so that they are always the same.
const LEARNER: &str = "00000000000000d0";

/// The folder of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("learner"), LEARNER).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// What netlab looks at in its environment. A shell of these documents finds netlab, and its learner is in
    /// no class.
    pub fn env(&self) -> [(&'static str, String); 12] {
        let home = self.0.path().to_str().unwrap().to_owned();
        let own = Path::new(NETLAB).parent().unwrap().to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap();
        let path = path.into_string().unwrap();
        let fixed = |text: &str| text.to_owned();
        [
            ("NETLAB_HOME", home),
            ("NETLAB_CLASS", String::new()),
            ("PATH", path),
            ("COLUMNS", fixed("80")),
            ("NO_COLOR", fixed("1")),
            ("NETLAB_LANGUAGE", fixed("en")),
            ("http_proxy", String::new()),
            ("HTTP_PROXY", String::new()),
            ("https_proxy", String::new()),
            ("HTTPS_PROXY", String::new()),
            ("all_proxy", String::new()),
            ("ALL_PROXY", String::new()),
        ]
    }

    /// netlab with these words, ready to be started, its input empty.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(NETLAB);
        command.args(words).envs(self.env()).current_dir(root()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }
}
