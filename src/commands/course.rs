//! The course as the learner's folder has it: lessons, progress, and the evidence of the current step.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::context::Context;
use crate::error::Failure;
use crate::evidence::journal::{self, Account};
use crate::lessons::check;
use crate::lessons::finding::Finding;
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::progress::{self, Fact, Progress};
use crate::lessons::shelf;
use crate::lessons::verdict::Verdict;
use crate::state::Home;

/// Lessons with somebody's progress through them.
pub struct Course<'a> {
    /// The lessons, in order.
    pub lessons: Vec<Lesson>,
    /// What has been done.
    pub progress: Progress,
    home: Option<&'a Home>,
}

/// The step the learner is at, by place in the course.
#[derive(Debug, Clone, Copy)]
pub struct Here<'c> {
    /// The lesson.
    pub lesson: &'c Lesson,
    /// The step.
    pub step: &'c Step,
}

impl<'a> Course<'a> {
    /// Reads lessons and progress.
    ///
    /// # Errors
    /// When a lesson does not read.
    pub fn open(context: &'a Context, folder: Option<&Path>) -> Result<Self, Failure> {
        let sources = match folder {
            Some(folder) => shelf::folder(folder)
                .map_err(|error| Failure::file(folder, "reading lessons from", &error))?,
            None => shelf::embedded(),
        };
        let lessons = shelf::lessons(&sources).map_err(no_lesson)?;
        let lessons: Vec<Lesson> =
            lessons.into_iter().map(|lesson| context.in_language(lesson, &sources)).collect();
        if lessons.is_empty() {
            return Err(Failure::usage(
                "there are no lessons in that folder",
                "a lesson is a file named NN-slug.md",
            ));
        }
        let progress = progress(context);
        Ok(Self { lessons, progress, home: context.home() })
    }

    /// Where the learner is; nowhere when everything is done.
    #[must_use]
    pub fn here(&self) -> Option<Here<'_>> {
        self.progress.place(&self.lessons).map(|place| Here { lesson: place.lesson, step: place.step })
    }

    /// A lesson by number, name or the beginning of its name.
    #[must_use]
    pub fn lesson(&self, wanted: &str) -> Option<&Lesson> {
        let number = wanted.parse().ok();
        self.lessons
            .iter()
            .find(|lesson| Some(lesson.number) == number || lesson.id == wanted)
            .or_else(|| self.lessons.iter().find(|lesson| lesson.id.starts_with(wanted)))
    }

    /// Begins the step, if it has not begun: what is in the journal already is from before.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(&self, here: Here<'_>) -> Result<String, Failure> {
        if let Some(marker) = self.progress.marker(&here.lesson.id, &here.step.slug) {
            return Ok(marker.to_owned());
        }
        self.begin_again(here)
    }

    /// Begins the step, whether or not it had begun.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin_again(&self, here: Here<'_>) -> Result<String, Failure> {
        let home = self.writable()?;
        let marker = progress::marker(here.lesson, here.step);
        let written = journal::mark(home.folder(), &marker).and_then(|()| {
            progress::append(home, &Fact::began(here.lesson, here.step, marker.clone(), now()))
        });
        written.map_err(|error| Failure::file(home.folder(), "writing progress to", &error))?;
        Ok(marker)
    }

    /// Judges the step by what has happened since it began.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn judge(&self, here: Here<'_>, marker: &str) -> Result<(Verdict, Account), Failure> {
        let home = self.writable()?;
        let account = journal::since(home.folder(), marker)
            .map_err(|error| Failure::file(home.folder(), "reading the journal in", &error))?;
        Ok((check::judge(here.step, &account), account))
    }

    /// Writes down that the step has passed, and on what evidence.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn pass(&self, here: Here<'_>, saw: &str) -> Result<(), Failure> {
        self.append(&Fact::passed(here.lesson, here.step, saw, now()))
    }

    /// Writes down that the step was skipped.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn skip(&self, here: Here<'_>) -> Result<(), Failure> {
        self.append(&Fact::skipped(here.lesson, here.step, now()))
    }

    fn append(&self, fact: &Fact) -> Result<(), Failure> {
        let home = self.writable()?;
        progress::append(home, fact)
            .map_err(|error| Failure::file(home.folder(), "writing progress to", &error))
    }

    fn writable(&self) -> Result<&'a Home, Failure> {
        self.home.ok_or_else(|| {
            Failure::machine("progress cannot be kept", "there is no folder netlab may write to")
                .or_try("name one: NETLAB_HOME=/tmp/netlab netlab learn")
        })
    }
}

/// A command with the folder the lessons come from, so that the next command speaks of the same course.
#[must_use]
pub fn with_folder(command: &str, folder: Option<&Path>) -> String {
    folder.map_or_else(|| command.to_owned(), |folder| format!("{command} --lessons {}", folder.display()))
}

/// What has been done; nothing, when it cannot be read.
pub(super) fn progress(context: &Context) -> Progress {
    context.home().and_then(|home| progress::read(home).ok()).unwrap_or_default()
}

/// A file that does not read, as a failure.
pub(super) fn no_lesson(finding: Finding) -> Failure {
    Failure::usage(
        format!("{}:{}: {}", finding.file, finding.line, finding.what),
        "this file is not a lesson as it stands",
    )
    .or_try(finding.mend)
}

/// Seconds since 1970, for people; order never depends on it.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
