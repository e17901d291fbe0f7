//! The course as the learner's folder has it: lessons, progress, and the evidence of the current step.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::commands::context::Context;
use crate::error::Failure;
use crate::evidence::journal::{self, Account};
use crate::evidence::{self, Recorder};
use crate::lab::found;
use crate::lessons::check;
use crate::lessons::fact::{Fact, Said, What};
use crate::lessons::feature::Feature;
use crate::lessons::finding::Finding;
use crate::lessons::fitted;
use crate::lessons::frozen;
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::moved::{self, Move};
use crate::lessons::progress::{self, Progress};
use crate::lessons::shelf::{self, Source};
use crate::lessons::standing::{Place, Standing};
use crate::lessons::verdict::Verdict;
use crate::net::clock::wall_us;
use crate::net::{lacking, tcp_info};
use crate::render::course::{coach, verdict};
use crate::render::text::screen::Screen;
use crate::state::Home;

/// Lessons with somebody's progress through them.
pub struct Course<'a> {
    /// The lessons, in order.
    pub lessons: Rc<[Lesson]>,
    /// What has been done.
    pub progress: Progress,
    context: &'a Context,
    /// Where the lessons lie, if that is a folder of somebody's.
    folder: Option<PathBuf>,
    /// The ports that the lab had to take when the lessons were read: they stand in them.
    moves: Vec<Move>,
}

impl<'a> Course<'a> {
    /// Reads lessons and progress.
    ///
    /// # Errors
    /// When a lesson does not read.
    pub fn open(context: &'a Context, folder: Option<&Path>) -> Result<Self, Failure> {
        let sources = sources(folder)?;
        let lessons = shelf::lessons(&sources).map_err(no_lesson)?;
        let moves = moves(context);
        let lessons: Rc<[Lesson]> = lessons
            .into_iter()
            .map(|lesson| moved::with_ports(context.in_language(lesson, &sources), &moves))
            .map(|lesson| fitted::as_it_stands(lesson, &lacking))
            .collect();
        if lessons.is_empty() {
            return Err(Failure::usage(
                "there are no lessons in that folder",
                "a lesson is a file named NN-slug.md",
            ));
        }
        let progress = progress(context);
        Ok(Self { lessons, progress, context, folder: folder.map(Path::to_owned), moves })
    }

    /// The course as it stands after something was done in it. The lessons are taken as they were read, unless the lab
    /// has had to take other ports since.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn lately(&self) -> Result<Self, Failure> {
        if moves(self.context) != self.moves {
            return Self::open(self.context, self.folder.as_deref());
        }
        let (lessons, moves) = (self.lessons.clone(), self.moves.clone());
        Ok(Self { lessons, progress: self.progress_now(), folder: self.folder.clone(), moves, ..*self })
    }

    /// Where the learner is; nowhere when everything is done.
    #[must_use]
    pub fn here(&self) -> Option<Place<'_>> {
        self.progress.place(&self.lessons)
    }

    /// Tells of progress that could not be read, and of a folder of lessons that was perhaps forgotten.
    pub fn tell_troubles(&self) {
        let screen = &self.context.screen;
        coach::troubles(screen, &self.progress);
        let last = self.progress.facts.iter().rfind(|fact| !fact.lesson.is_empty());
        if let Some(last) = last
            && self.folder.is_none()
            && !self.lessons.iter().any(|lesson| lesson.id == last.lesson)
        {
            coach::elsewhere(screen, &last.lesson);
        }
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

    /// The same, or a failure that names the lessons there are.
    ///
    /// # Errors
    /// When there is no such lesson.
    pub fn wanted(&self, wanted: &str) -> Result<&Lesson, Failure> {
        self.lesson(wanted).ok_or_else(|| {
            let known: Vec<String> =
                self.lessons.iter().map(|lesson| format!("{} ({})", lesson.number, lesson.id)).collect();
            Failure::usage(format!("there is no lesson {wanted}"), format!("there are: {}", known.join(", ")))
                .or_try("netlab lessons lists them")
        })
    }

    /// Begins the step, if it has not begun: what is in the journal already is from before.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(&self, here: Place<'_>) -> Result<String, Failure> {
        match here.marker {
            Some(marker) => {
                self.attempt(marker)?;
                Ok(marker.to_owned())
            }
            None => self.begin_again(here.lesson, here.step, here.replay),
        }
    }

    /// Begins the step, whether or not it had begun.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin_again(&self, lesson: &Lesson, step: &Step, replay: bool) -> Result<String, Failure> {
        let home = self.home()?;
        let marker = progress::begin(home, lesson, step, replay, now())
            .map_err(|error| Failure::file(home.folder(), "writing progress to", &error))?;
        self.attempt(&marker)?;
        Ok(marker)
    }

    /// From now on the lab's personal values are those of this attempt, in whatever terminal it runs.
    fn attempt(&self, marker: &str) -> Result<(), Failure> {
        let home = self.home()?;
        if home.attempt() == marker {
            return Ok(());
        }
        home.set_attempt(marker).map_err(|error| Failure::file(&home.attempt_file(), "writing", &error))
    }

    /// Judges the step by what has happened since it began.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn judge(&self, step: &Step, marker: &str) -> Result<(Verdict, Account), Failure> {
        let account = self.account(marker)?;
        Ok((check::judge_at(step, &account, wall_us()), account))
    }

    /// The progress as it is now: facts may have come since the course was opened, from here or elsewhere.
    #[must_use]
    pub fn progress_now(&self) -> Progress {
        progress(self.context)
    }

    /// What has happened since a step began.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn account(&self, marker: &str) -> Result<Account, Failure> {
        let home = self.home()?;
        journal::since(home.folder(), marker)
            .map_err(|error| Failure::file(home.folder(), "reading the journal in", &error))
    }

    /// Writes down that a step has passed, and puts aside what it passed on.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn pass(
        &self,
        here: Place<'_>,
        marker: &str,
        (judged, account): (&Verdict, &Account),
    ) -> Result<(), Failure> {
        let home = self.home()?;
        let file = home.seen(&here.lesson.id, &here.step.slug);
        if let Some(text) = frozen::evidence(here.step, judged, account, marker) {
            evidence::frozen::write(&file, &text).map_err(|error| Failure::file(&file, "writing", &error))?;
        }
        self.note(here, What::Passed { saw: verdict::excerpt(judged) })
    }

    /// What a step passed on, if that is kept of the attempt of this marker.
    ///
    /// # Errors
    /// When there is no folder.
    pub fn passed_on(&self, lesson: &Lesson, step: &Step, marker: &str) -> Result<Option<Account>, Failure> {
        Ok(evidence::frozen::read(&self.home()?.seen(&lesson.id, &step.slug), marker))
    }

    /// The guess that stands: the first one, however often the step is begun. Whoever goes through a lesson again that
    /// had been passed guesses anew, and then that guess stands as well.
    #[must_use]
    pub fn guess(&self, here: Place<'_>) -> Option<Said> {
        let progress = self.progress_now();
        let mut again = false;
        progress.of_step(&here.lesson.id, &here.step.slug).find_map(|fact| match &fact.what {
            What::Began { replay, .. } => {
                again = *replay;
                None
            }
            What::Predicted(said) if again == here.replay => Some(said.clone()),
            _ => None,
        })
    }

    /// Writes down what happened in a step.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn note(&self, here: Place<'_>, what: What) -> Result<(), Failure> {
        self.append(&Fact::new(here.lesson, here.step, now(), what))
    }

    /// Writes a fact down.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn append(&self, fact: &Fact) -> Result<(), Failure> {
        let home = self.home()?;
        progress::append(home, fact)
            .map_err(|error| Failure::file(home.folder(), "writing progress to", &error))
    }

    /// Where what this program finds out by itself is written down.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.context.server_recorder()
    }

    /// Where things are shown.
    #[must_use]
    pub fn screen(&self) -> &'a Screen {
        &self.context.screen
    }

    /// The learner's folder.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn home(&self) -> Result<&'a Home, Failure> {
        self.context.home_or_failure()
    }
}

impl Course<'_> {
    /// Goes to a lesson: its first step that is open, or that was skipped; a lesson that is done begins once more.
    /// Where the learner is already, nothing begins anew, so that no evidence is lost.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn go_to(&self, lesson: &Lesson) -> Result<(), Failure> {
        if self.here().is_some_and(|here| here.lesson.id == lesson.id && here.marker.is_some()) {
            return Ok(());
        }
        let standing = |slug: &str| self.progress.standing(&lesson.id, slug);
        let open = self.progress.next_step(lesson);
        let skipped = || lesson.steps.iter().find(|step| standing(&step.slug) == Standing::Skipped);
        match (open.or_else(skipped), lesson.steps.first()) {
            (Some(step), _) => self.begin_again(lesson, step, false).map(|_| ()),
            (None, Some(first)) => self.begin_again(lesson, first, true).map(|_| ()),
            (None, None) => Ok(()),
        }
    }
}

/// The lessons of a folder, or the ones built in.
///
/// # Errors
/// When the folder cannot be read.
pub fn sources(folder: Option<&Path>) -> Result<Vec<Source>, Failure> {
    match folder {
        Some(folder) => {
            shelf::folder(folder).map_err(|error| Failure::file(folder, "reading lessons from", &error))
        }
        None => Ok(shelf::embedded()),
    }
}

/// The usual ports in place of which the lab that runs has others.
fn moves(context: &Context) -> Vec<Move> {
    let running = context.home().and_then(|home| found::running(home.folder()));
    running.map(|lab| lab.moved()).unwrap_or_default()
}

/// Why this machine lacks something a step needs, if it does.
#[must_use]
pub fn lacking(feature: Feature) -> Option<String> {
    match feature {
        Feature::LoopbackRange => lacking::loopback_range(),
        Feature::Ipv6 => lacking::ipv6(),
        Feature::KernelCounts => tcp_info::missing(),
        Feature::Linux => lacking::linux(),
    }
}

/// A command with the folder the lessons come from, so that the next command speaks of the same course.
#[must_use]
pub fn with_folder(command: &str, folder: Option<&Path>) -> String {
    folder.map_or_else(|| command.to_owned(), |folder| format!("{command} --lessons {}", shell_word(folder)))
}

/// A path as a shell takes it for one word: in quotes, if there is anything but plain letters in it.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| {
        letter.is_alphanumeric() || "/._-:".contains(letter) || letter == std::path::MAIN_SEPARATOR
    };
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
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
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
