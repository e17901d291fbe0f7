//! Where a sitting happens: the learner's folder, or one for the moment, and the lab.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::commands::context::{Context, SHARED_VARIABLE};
use crate::error::Failure;
use crate::lab::entry::silent;
use crate::lab::found::{self, Announcement};
use crate::lab::up::{Lab, Ports};
use crate::render::text::safe::Safe;
use crate::state::Home;

/// The variable that names the learner's folder to programs run from here.
pub const HOME_VARIABLE: &str = "NETLAB_HOME";

/// The folder of a sitting.
pub enum SittingPlace<'a> {
    /// The learner's own.
    Own(&'a Context),
    /// One that is gone with the sitting, because the learner's own cannot be written.
    ForNow(Box<Context>, TempDir),
}

impl<'a> SittingPlace<'a> {
    /// The learner's folder if it can be written, else one for the moment, which is said.
    ///
    /// # Errors
    /// When there is no place to write at all.
    pub fn open(context: &'a Context) -> Result<Self, Failure> {
        let trouble = match context.home() {
            Some(home) => match tempfile::NamedTempFile::new_in(home.folder()) {
                Ok(_) => return Ok(Self::Own(context)),
                Err(error) => format!("{} cannot be written ({error})", home.folder().display()),
            },
            None => "there is no folder netlab may write to".to_owned(),
        };
        let folder = tempfile::tempdir().map_err(|error| {
            Failure::machine("this machine has no place to keep even a sitting", error.to_string())
                .or_try("name a folder: NETLAB_HOME=/some/folder netlab learn")
        })?;
        let home =
            Home::at(folder.path()).map_err(|error| Failure::file(folder.path(), "writing to", &error))?;
        context.screen.note(&format!(
            "note: {}; this sitting is remembered until you leave, and then forgotten",
            Safe::word(trouble.as_bytes())
        ));
        Ok(Self::ForNow(Box::new(context.at(home)), folder))
    }

    /// What the sitting works with.
    #[must_use]
    pub fn context(&self) -> &Context {
        match self {
            Self::Own(context) => context,
            Self::ForNow(context, _) => context,
        }
    }

    /// This program, and the folder its runs shall use.
    ///
    /// # Errors
    /// When the program does not find itself.
    pub fn program(&self) -> Result<Program, Failure> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::machine("netlab does not find itself", error.to_string()))?;
        let home = self.context().home().map(|home| home.folder().to_owned());
        Ok(Program { program, home, shares: false })
    }

    /// Starts the lab on its known ports, or on free ones when those are taken. A lab that runs already will do.
    pub async fn start_lab(&self) -> Option<LabHere> {
        let context = self.context();
        let home = context.home()?;
        if found::running(home.folder()).is_some() {
            return None;
        }
        let (nonces, recorder) = (context.nonces(), context.server_recorder());
        let lab = match Lab::start(Ports::Known, &nonces, &recorder, &silent()).await {
            Ok(lab) => lab,
            Err(taken) => {
                // It names the program that has the port, and a program may be called anything.
                let taken = Safe::word(taken.what.as_bytes()).ascii(context.screen.look.ascii());
                context.screen.note(&format!(
                    "note: {taken}; the lab takes other ports, and lab status lists them for tools such as nc"
                ));
                Lab::start(Ports::Free, &nonces, &recorder, &silent()).await.ok()?
            }
        };
        let announced = found::announce(home.folder(), &lab).ok().flatten();
        Some(LabHere { lab, _announced: announced })
    }
}

/// This program and the learner's folder, for runs of it.
#[derive(Debug, Clone)]
pub struct Program {
    /// The executable.
    pub program: PathBuf,
    /// The learner's folder.
    pub home: Option<PathBuf>,
    /// Whether other ends of its conversations tell their side on the same terminal.
    pub shares: bool,
}

impl Program {
    /// A run of a program with the learner's folder.
    #[must_use]
    pub fn run(&self, program: &Path) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program);
        if let Some(home) = &self.home {
            command.env(HOME_VARIABLE, home);
        }
        if self.shares {
            command.env(SHARED_VARIABLE, "1");
        }
        command
    }
}

/// The lab of a sitting, and the word that it is here.
pub struct LabHere {
    lab: Lab,
    _announced: Option<Announcement>,
}

impl LabHere {
    /// Stops it.
    pub async fn stop(self) {
        self.lab.stop().await;
    }
}

/// Hears Ctrl-C for as long as it is kept, so that it does not end this process.
#[must_use]
pub fn hear_interrupts() -> impl Sized {
    #[cfg(unix)]
    {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
    }
    #[cfg(not(unix))]
    {
        tokio::signal::windows::ctrl_c()
    }
}

/// Resolves when the system asks this process to end (SIGTERM), or its terminal is gone (SIGHUP).
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hangup)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    std::future::pending::<()>().await;
}
