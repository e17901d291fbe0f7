//! `netlab lessons lint`: proves that lessons hold, by doing what they say.
//!
//! Every command of a lesson is run as a learner would run it: this program, in a folder of its own,
//! against the embedded lab. Port 7777 is replaced by a free one, in the commands and in the checks,
//! so that a proof disturbs nobody.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval, timeout};

use super::context::Context;
use crate::error::{Exit, Failure};
use crate::evidence::journal::{self, Account};
use crate::help;
use crate::lessons::check;
use crate::lessons::console::{self, Command as Typed};
use crate::lessons::finding::{At, Finding};
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::shelf::{self, Source};
use crate::lessons::{lint, lint_words, progress, proof, translation};
use crate::render::findings::{self, Counts};
use crate::state::Home;

/// Three learners, so that nothing holds by the luck of one learner's values.
const SEEDS: [&str; 3] = ["00000000000000a1", "00000000000000b2", "00000000000000c3"];
/// How long one command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(20);
/// How long evidence may take to reach the journal.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(3);
/// How often the journal is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The language in which every lesson is the original.
const ORIGINAL: &str = "C";
/// Where proofs look for a port of their own.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// The learner's port, as lessons write it.
const PORT: &str = "7777";

/// Lints the files, or all lessons.
///
/// # Errors
/// When a file cannot be read.
pub async fn run(files: &[PathBuf], only_static: bool, context: &Context) -> Result<Exit, Failure> {
    let sources = if files.is_empty() { shelf::embedded() } else { read(files)? };
    let parse = |words: &[String]| {
        let words = std::iter::once("netlab").chain(words.iter().map(String::as_str));
        help::command()
            .try_get_matches_from(words)
            .map(|_| ())
            .map_err(|error| first_line(&error.to_string()))
    };
    let mut found = lint::lint(&sources, &parse);
    let mut proved = 0;
    if found.is_empty() && !only_static {
        let program = std::env::current_exe()
            .map_err(|error| Failure::machine("netlab does not find itself", error.to_string()))?;
        for source in &sources {
            found.extend(prove(source, &program, &mut proved, context).await?);
        }
    }
    let lessons = shelf::lessons(&sources).unwrap_or_default();
    let missing = if files.is_empty() { lint::uncorrected(&lessons) } else { Vec::new() };
    let untranslated = lint_words::missing(&sources);
    let count = Counts { lessons: sources.len(), proofs: proved };
    findings::show(&context.screen, &count, &found, &untranslated, &missing);
    Ok(if found.is_empty() { Exit::Done } else { Exit::NotPassed })
}

/// Each lesson once, however many of its files are named.
fn read(files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources: Vec<Source> = Vec::new();
    for path in files {
        let original = translation::original_of(&path.display().to_string()).map(|(original, _)| original);
        if let Some(original) = original.filter(|original| !Path::new(original).exists()) {
            return Err(Failure::usage(
                format!("{} translates a lesson that is not there", path.display()),
                "a translation lies beside its original and is linted with it",
            )
            .or_try(format!("put the original at {original}")));
        }
        let source = shelf::file(path).map_err(|error| Failure::file(path, "reading", &error))?;
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Runs every step of one lesson, for three learners.
async fn prove(
    source: &Source,
    program: &Path,
    proved: &mut usize,
    context: &Context,
) -> Result<Vec<Finding>, Failure> {
    let mut found = Vec::new();
    for seed in SEEDS {
        let port = free_port()?;
        let moved = Source::new(source.file.clone(), source.text.replace(PORT, &port));
        let lessons = shelf::lessons(std::slice::from_ref(&moved)).unwrap_or_default();
        for lesson in &lessons {
            for step in lesson.steps.iter().filter(|step| !step.read_only) {
                context.screen.status(&format!("proving {}, {} (learner {seed})", lesson.id, step.slug));
                found.extend(prove_step(lesson, step, seed, program).await?);
                *proved += 1;
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

async fn prove_step(
    lesson: &Lesson,
    step: &Step,
    seed: &str,
    program: &Path,
) -> Result<Vec<Finding>, Failure> {
    let room = Room::new(lesson, step, seed, program)?;
    let commands: Vec<&Typed> = step.commands().collect();
    let mut found = room.run(&commands, lesson).await?;
    let green = |account: &Account| check::judge(step, account).passed();
    found.extend(proof::own_commands(lesson, step, &room.account_when(green).await?));
    for near in step.near_misses() {
        let room = Room::new(lesson, step, seed, program)?;
        let commands: Vec<&Typed> = near.commands.iter().collect();
        found.extend(room.run(&commands, lesson).await?);
        let told = |account: &Account| check::judge(step, account).feedback.is_some();
        found.extend(proof::near_miss(lesson, step, near, &room.account_when(told).await?));
    }
    Ok(found)
}

/// A learner's folder for one proof.
struct Room<'a> {
    home: TempDir,
    marker: String,
    program: &'a Path,
}

impl<'a> Room<'a> {
    fn new(lesson: &Lesson, step: &Step, seed: &str, program: &'a Path) -> Result<Self, Failure> {
        let home = tempfile::tempdir()
            .map_err(|error| Failure::machine("no folder for a proof", error.to_string()))?;
        let marker = progress::marker(lesson, step, 1);
        std::fs::write(home.path().join("learner"), seed)
            .and_then(|()| journal::mark(home.path(), &marker))
            .and_then(|()| Home::at(home.path())?.set_attempt(&marker))
            .map_err(|error| Failure::file(home.path(), "writing", &error))?;
        Ok(Self { home, marker, program })
    }

    /// Runs the commands in order. Those that keep running are ended when this returns.
    async fn run(&self, commands: &[&Typed], lesson: &Lesson) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        let mut running: Vec<Child> = Vec::new();
        let mut word = console::OWN_WORD.to_owned();
        for command in commands {
            let command = &command.with_word(&word);
            let at = At { file: &lesson.file, line: command.line };
            let mut child = self.start(command)?;
            if command.keeps_running {
                if let Some(trouble) = first_words(&mut child).await {
                    found.push(at.finding(trouble, "a command that ends in & must say where it listens"));
                }
                running.push(child);
                continue;
            }
            match timeout(COMMAND_LIMIT, finish(child, command)).await {
                Ok(printed) => {
                    if let Some(own) = console::own_word(&printed) {
                        own.clone_into(&mut word);
                    }
                    found.extend(compare(at, command, &printed));
                }
                Err(_) => found.push(at.finding(
                    format!("the command did not end within {} seconds", COMMAND_LIMIT.as_secs()),
                    "end it with & if it is meant to go on",
                )),
            }
        }
        Ok(found)
    }

    fn start(&self, command: &Typed) -> Result<Child, Failure> {
        Command::new(self.program)
            .args(command.words.iter().skip(1))
            .env("NETLAB_HOME", self.home.path())
            .env_remove("NETLAB_CLASS")
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            // A lesson shows what netlab prints in its own language, whatever the author's is.
            .env("NETLAB_LANGUAGE", ORIGINAL)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failure::machine("netlab could not start itself", error.to_string()))
    }

    /// What the journal holds once it satisfies `wanted`, or when waiting makes no sense any more.
    async fn account_when(&self, wanted: impl Fn(&Account) -> bool) -> Result<Account, Failure> {
        let until = Instant::now() + EVIDENCE_LIMIT;
        let mut again = interval(LOOK_AGAIN);
        loop {
            again.tick().await;
            let account = journal::since(self.home.path(), &self.marker)
                .map_err(|error| Failure::file(self.home.path(), "reading", &error))?;
            if wanted(&account) || Instant::now() >= until {
                return Ok(account);
            }
        }
    }
}

/// Types what the lesson says, and gives what was printed.
async fn finish(mut child: Child, command: &Typed) -> String {
    let typed: String = command.typed.iter().map(|line| format!("{line}\n")).collect();
    if let Some(mut input) = child.stdin.take() {
        // A command that does not read has closed its end, and that is its right.
        let _ = input.write_all(typed.as_bytes()).await;
    }
    let mut printed = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        let _ = output.read_to_end(&mut printed).await;
    }
    let _ = child.wait().await;
    String::from_utf8_lossy(&printed).into_owned()
}

/// Waits until a server has said where it is; gives what is wrong if it does not.
async fn first_words(child: &mut Child) -> Option<String> {
    let output = child.stdout.take()?;
    let mut lines = BufReader::new(output).lines();
    match timeout(COMMAND_LIMIT, lines.next_line()).await {
        Ok(Ok(Some(_))) => {
            // Go on reading, or the server would wait for its reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            None
        }
        _ => Some("the command printed nothing".to_owned()),
    }
}

fn compare(at: At<'_>, command: &Typed, printed: &str) -> Option<Finding> {
    if command.expected.is_empty() {
        return None;
    }
    let mismatch = console::compare(&command.expected, printed).err()?;
    let wanted = command.expected.get(mismatch.expected).map_or("the end of the output", String::as_str);
    let found = mismatch.found.as_deref().unwrap_or("the end of the output");
    Some(at.finding(
        format!("the output is not as shown: expected \"{wanted}\", found \"{found}\""),
        "show what it prints, with [..] and ... for what varies",
    ))
}

/// A port nobody listens on, and one that no system hands out to clients: a lesson uses it for a while, and
/// a connection that happened to begin there would be in its way.
fn free_port() -> Result<String, Failure> {
    let seed = std::process::id() % (u32::from(PORTS.end - PORTS.start));
    let (before, after): (Vec<u16>, Vec<u16>) = PORTS.partition(|port| u32::from(port - PORTS.start) < seed);
    let mut last = String::new();
    for port in after.into_iter().chain(before) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port.to_string()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(Failure::machine("no free port for a proof", last))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
