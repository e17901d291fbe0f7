//! The file of facts about a learner: appended one by one and never rewritten.
//!
//! - A fact is one write and is on the disk (fsync) before anybody is told so.
//! - Processes take turns by a lock file. A line that a killed process left torn costs that line alone.
//! - A file that holds no fact at all is none of ours: it is moved aside, never overwritten.
//! - Order in the file is order in time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::evidence::{journal, lines};
use crate::state::Home;

use super::fact::{Fact, VERSION, What};
use super::lesson::{Lesson, Step};

/// The largest file that is taken for progress, in bytes: some fifty thousand facts.
pub const PROGRESS_BYTES: u64 = 16 * 1024 * 1024;

/// How many files may be kept aside before saying so is an error.
pub const KEPT_ASIDE: u32 = 100;

/// All facts there are. [`standing`](super::standing) says what they come to.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Facts, oldest first, without those that a reset has made invisible.
    pub facts: Vec<Fact>,
    /// What can be restored: the lesson of the latest reset, empty for everything.
    pub restorable: Option<String>,
    /// Lines that could not be read; they stay in the file.
    pub unreadable: u64,
    /// Lines a later netlab wrote; they stay in the file.
    pub later: u64,
    /// Where a file that held no facts has been moved to.
    pub kept_aside: Option<PathBuf>,
    /// How often each step has been begun, resets notwithstanding.
    pub attempts: BTreeMap<(String, String), u32>,
}

/// Writes a fact down. When this returns `Ok` the fact survives a crash.
///
/// # Errors
/// When it cannot be written; the fact is then not known to be kept.
pub fn append(home: &Home, fact: &Fact) -> io::Result<()> {
    let _turn = lock(home)?;
    write(home, fact)
}

/// Begins a step: marks the journal, writes the fact down, and gives the marker, `LESSON/STEP#ATTEMPT`.
///
/// # Errors
/// When journal or progress cannot be written.
pub fn begin(home: &Home, lesson: &Lesson, step: &Step, replay: bool, at: u64) -> io::Result<String> {
    let _turn = lock(home)?;
    let known = try_read(&home.progress())?.unwrap_or_default();
    let attempt = known.attempts.get(&(lesson.id.clone(), step.slug.clone())).map_or(1, |many| many + 1);
    let marker = marker(lesson, step, attempt);
    journal::mark(home.folder(), &marker)?;
    write(home, &Fact::new(lesson, step, at, What::Began { marker: marker.clone(), replay }))?;
    Ok(marker)
}

/// The marker of a step's nth attempt, counted from 1.
#[must_use]
pub fn marker(lesson: &Lesson, step: &Step, attempt: u32) -> String {
    format!("{}/{}#{attempt}", lesson.id, step.slug)
}

fn write(home: &Home, fact: &Fact) -> io::Result<()> {
    let mut line = serde_json::to_string(fact).map_err(io::Error::other)?;
    line.push('\n');
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
    let (mut facts, mut unreadable, mut later) = (Vec::new(), 0, 0);
    for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice::<Fact>(line) {
            Ok(fact) if fact.v == VERSION => facts.push(fact),
            Ok(_) => later += 1,
            Err(_) if version(line).is_some_and(|version| version > VERSION) => later += 1,
            Err(_) => unreadable += 1,
        }
    }
    // A single torn line is how the first fact looks when its writer was killed.
    let torn = bytes.starts_with(b"{\"v\":") && unreadable == 1;
    let ours = !facts.is_empty() || later > 0 || unreadable == 0 || torn;
    Ok(ours.then(|| Progress { unreadable, later, ..Progress::of(facts) }))
}

impl Progress {
    /// What facts come to, once those that a reset has made invisible are left out.
    #[must_use]
    pub fn of(facts: Vec<Fact>) -> Self {
        let mut attempts = BTreeMap::new();
        let mut visible: Vec<(usize, Fact)> = Vec::new();
        let mut resets: Vec<(String, Vec<(usize, Fact)>)> = Vec::new();
        for (at, fact) in facts.into_iter().enumerate() {
            match fact.what {
                What::Reset => {
                    let scope = fact.lesson;
                    let (gone, kept) =
                        visible.into_iter().partition(|(_, one)| scope.is_empty() || one.lesson == scope);
                    visible = kept;
                    resets.push((scope, gone));
                }
                What::Restored => {
                    visible.extend(resets.pop().into_iter().flat_map(|(_, gone)| gone));
                    visible.sort_by_key(|&(at, _)| at);
                }
                What::Began { .. } => {
                    *attempts.entry((fact.lesson.clone(), fact.step.clone())).or_insert(0) += 1;
                    visible.push((at, fact));
                }
                _ => visible.push((at, fact)),
            }
        }
        let restorable = resets.pop().map(|(scope, _)| scope);
        let facts = visible.into_iter().map(|(_, fact)| fact).collect();
        Self { facts, restorable, attempts, ..Self::default() }
    }
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
