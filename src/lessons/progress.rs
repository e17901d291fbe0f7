//! Where the learner is: facts, appended one by one and never rewritten.
//!
//! ```text
//! {"v":1,"lesson":"names","hash":"...","step":"ask-for-an-address","fact":"began","marker":"names/...#1f","at":1}
//! {"v":1,"lesson":"names","hash":"...","step":"ask-for-an-address","fact":"passed","saw":"type A","at":2}
//! ```
//!
//! - A fact is one write and is on the disk (fsync) before anybody is told so.
//! - Processes take turns by a lock file. A line that a killed process left torn costs that line alone.
//! - A file that holds no fact at all is none of ours: it is moved aside, never overwritten.
//! - Order in the file is order in time; `at` is for people.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::evidence::lines;
use crate::state::Home;

use super::lesson::{Lesson, Step};

/// The version of a line's form. Lines of a later one are left alone and counted.
pub const VERSION: u32 = 1;

/// The largest file that is taken for progress, in bytes: some fifty thousand facts.
pub const PROGRESS_BYTES: u64 = 16 * 1024 * 1024;

/// How many files may be kept aside before saying so is an error.
pub const KEPT_ASIDE: u32 = 100;

/// What happened in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// The learner began it, or began it again.
    Began,
    /// Its check passed, or it was read.
    Passed,
    /// The learner went on without it.
    Skipped,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    v: u32,
    /// The lesson's id.
    pub lesson: String,
    /// The lesson's text, as [`Lesson::hash`].
    pub hash: String,
    /// The step's slug.
    pub step: String,
    /// What happened.
    #[serde(rename = "fact")]
    pub what: Happened,
    /// The journal's marker, of a step that began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// A short quote of the evidence, of a step that passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<String>,
    /// Seconds since 1970, by the wall clock. For people; order never depends on it.
    pub at: u64,
}

impl Fact {
    /// A step began at `at` seconds; evidence since `marker` counts.
    #[must_use]
    pub fn began(lesson: &Lesson, step: &Step, marker: String, at: u64) -> Self {
        Self { marker: Some(marker), ..Self::new(lesson, step, Happened::Began, at) }
    }

    /// A step passed on what is quoted.
    #[must_use]
    pub fn passed(lesson: &Lesson, step: &Step, saw: impl Into<String>, at: u64) -> Self {
        Self { saw: Some(saw.into()), ..Self::new(lesson, step, Happened::Passed, at) }
    }

    /// The learner went on without a step.
    #[must_use]
    pub fn skipped(lesson: &Lesson, step: &Step, at: u64) -> Self {
        Self::new(lesson, step, Happened::Skipped, at)
    }

    fn new(lesson: &Lesson, step: &Step, what: Happened, at: u64) -> Self {
        let (id, hash, slug) = (lesson.id.clone(), lesson.hash.clone(), step.slug.clone());
        Self { v: VERSION, lesson: id, hash, step: slug, what, marker: None, saw: None, at }
    }
}

/// A new marker for a step: `LESSON/STEP#random`.
#[must_use]
pub fn marker(lesson: &Lesson, step: &Step) -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("{}/{}#{random:016x}", lesson.id, step.slug)
}

/// Writes a fact down. When this returns `Ok` the fact survives a crash.
///
/// # Errors
/// When it cannot be written; the fact is then not known to be kept.
pub fn append(home: &Home, fact: &Fact) -> io::Result<()> {
    let mut line = serde_json::to_string(fact).map_err(io::Error::other)?;
    line.push('\n');
    let _turn = lock(home)?;
    let path = home.progress();
    let is_new = !path.exists();
    let mut file = lines::open(&path)?;
    if !is_new && lines::is_torn(&mut file)? {
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    if is_new && cfg!(unix) {
        // The file's name lives in its folder, which must reach the disk too.
        File::open(home.folder())?.sync_all()?;
    }
    Ok(())
}

/// All facts there are.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Facts, oldest first.
    pub facts: Vec<Fact>,
    /// Lines that could not be read; they stay in the file.
    pub unreadable: u64,
    /// Lines a later netlab wrote; they stay in the file.
    pub later: u64,
    /// Where a file that held no facts has been moved to.
    pub kept_aside: Option<PathBuf>,
}

/// Reads all facts. No file is no facts.
///
/// # Errors
/// When the file is there and cannot be read or moved aside.
pub fn read(home: &Home) -> io::Result<Progress> {
    if let Some(progress) = try_read(&home.progress())? {
        return Ok(progress);
    }
    let _turn = lock(home)?;
    // Another process may have moved it and begun a new one while this one waited.
    if let Some(progress) = try_read(&home.progress())? {
        return Ok(progress);
    }
    let kept_aside = Some(keep_aside(&home.progress())?);
    Ok(Progress { kept_aside, ..Progress::default() })
}

/// The facts of a file; nothing when it is none of ours.
fn try_read(path: &Path) -> io::Result<Option<Progress>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(Progress::default())),
        Err(error) => return Err(error),
        Ok(about) if !about.is_file() || about.len() > PROGRESS_BYTES => return Ok(None),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(PROGRESS_BYTES).read_to_end(&mut bytes)?;
    let mut progress = Progress::default();
    for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice::<Fact>(line) {
            Ok(fact) if fact.v == VERSION => progress.facts.push(fact),
            Ok(_) => progress.later += 1,
            Err(_) if version(line).is_some_and(|version| version > VERSION) => progress.later += 1,
            Err(_) => progress.unreadable += 1,
        }
    }
    // A single torn line is how the first fact looks when its writer was killed.
    let torn = bytes.starts_with(b"{\"v\":") && progress.unreadable == 1;
    let ours = !progress.facts.is_empty() || progress.later > 0 || progress.unreadable == 0 || torn;
    Ok(ours.then_some(progress))
}

/// The version of a line whose form is otherwise unknown.
fn version(line: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    serde_json::from_slice::<Versioned>(line).ok().map(|line| line.v)
}

fn keep_aside(path: &Path) -> io::Result<PathBuf> {
    for number in 1..=KEPT_ASIDE {
        let aside = path.with_extension(format!("jsonl.aside-{number}"));
        if !aside.exists() {
            fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::other(format!("{KEPT_ASIDE} unreadable progress files have been kept aside already")))
}

fn lock(home: &Home) -> io::Result<File> {
    let file = lines::open(&home.folder().join("progress.lock"))?;
    file.lock()?;
    Ok(file)
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not begun.
    Untouched,
    /// Begun; or begun again after it was skipped.
    Open,
    /// Skipped.
    Skipped,
    /// Passed. Doing it again takes nothing away.
    Passed,
}

/// Where the learner is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The step.
    pub step: &'a Step,
    /// The marker of its latest beginning, if it has begun.
    pub marker: Option<&'a str>,
}

impl Progress {
    /// How a step stands.
    #[must_use]
    pub fn standing(&self, lesson: &str, step: &str) -> Standing {
        let mut standing = Standing::Untouched;
        for fact in self.of(lesson, step) {
            standing = match (fact.what, standing) {
                (Happened::Passed, _) | (_, Standing::Passed) => Standing::Passed,
                (Happened::Began, _) => Standing::Open,
                (Happened::Skipped, _) => Standing::Skipped,
            };
        }
        standing
    }

    /// The marker of the latest beginning of a step.
    #[must_use]
    pub fn marker(&self, lesson: &str, step: &str) -> Option<&str> {
        self.of(lesson, step).filter(|fact| fact.what == Happened::Began).last()?.marker.as_deref()
    }

    /// Whether nothing is left to do in a lesson: every step passed or skipped.
    #[must_use]
    pub fn is_over(&self, lesson: &Lesson) -> bool {
        self.next_step(lesson).is_none()
    }

    /// Whether every step of a lesson has passed.
    #[must_use]
    pub fn is_done(&self, lesson: &Lesson) -> bool {
        lesson.steps.iter().all(|step| self.standing(&lesson.id, &step.slug) == Standing::Passed)
    }

    /// The first step of a lesson that is neither passed nor skipped.
    #[must_use]
    pub fn next_step<'a>(&self, lesson: &'a Lesson) -> Option<&'a Step> {
        let open = |step: &&Step| {
            matches!(self.standing(&lesson.id, &step.slug), Standing::Untouched | Standing::Open)
        };
        lesson.steps.iter().find(open)
    }

    /// Where the learner is: in the lesson touched last, else in the next one that is not over, else in the first
    /// that is not. Nowhere when all are over.
    #[must_use]
    pub fn place<'a>(&'a self, lessons: &'a [Lesson]) -> Option<Place<'a>> {
        let (before, from) = lessons.split_at(self.latest(lessons));
        let (lesson, step) =
            from.iter().chain(before).find_map(|lesson| Some((lesson, self.next_step(lesson)?)))?;
        Some(Place { lesson, step, marker: self.marker(&lesson.id, &step.slug) })
    }

    /// The index of the lesson touched last; of the first when none was. Its steps do not matter.
    #[must_use]
    pub fn latest(&self, lessons: &[Lesson]) -> usize {
        let touched = |fact: &Fact| lessons.iter().position(|lesson| lesson.id == fact.lesson);
        self.facts.iter().rev().find_map(touched).unwrap_or(0)
    }

    fn of<'a>(&'a self, lesson: &str, step: &str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.lesson == lesson && fact.step == step)
    }
}
