//! A learner's folder for one proof of a lesson, and the lesson's commands run in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, interval, timeout};

use super::kernel;
use super::namespace::Namespace;
use super::outside::{self, Printed};
use crate::cli::LESSONS_VARIABLE;
use crate::commands::context::JOB_VARIABLE;
use crate::error::{Exit, Failure};
use crate::evidence::Recorder;
use crate::evidence::journal::{self, Account, Journal};
use crate::lessons::console::{self, Command as Typed};
use crate::lessons::deed::Deed;
use crate::lessons::finding::{At, Finding};
use crate::lessons::lesson::{Lesson, Step};
use crate::lessons::nearest::nearest;
use crate::lessons::progress;
use crate::net::clock::now_us;
use crate::state::Home;

/// The language in which every lesson is the original.
const ORIGINAL: &str = "C";
/// How long evidence may take to reach the journal.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(3);
/// How long a command that keeps running may take to end.
const FAREWELL: Duration = Duration::from_secs(5);
/// How often the journal is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What holds for every proof of one run.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// This program.
    pub program: &'a Path,
    /// How long one command may take.
    pub patience: Duration,
    /// Whether lines for the shell are run: those of the course's own lessons in a test, and of nobody else.
    pub shell: bool,
}

/// A learner's folder for one proof.
pub struct Room<'a> {
    home: TempDir,
    marker: String,
    rules: Rules<'a>,
    network: Option<&'a Namespace>,
    printed: Printed,
    /// The step's ports.
    ports: BTreeSet<u16>,
}

impl<'a> Room<'a> {
    /// A fresh folder of the learner whose secret is `seed`, at the beginning of the step. Commands will run in
    /// `network`, where there is one.
    ///
    /// # Errors
    /// When this machine has no room for it.
    pub fn new(
        lesson: &Lesson,
        step: &Step,
        seed: &str,
        rules: Rules<'a>,
        network: Option<&'a Namespace>,
    ) -> Result<Self, Failure> {
        let home = tempfile::tempdir()
            .map_err(|error| Failure::machine("no folder for a proof", error.to_string()))?;
        std::fs::write(home.path().join("learner"), seed)
            .map_err(|error| Failure::file(home.path(), "writing", &error))?;
        let printed = Printed::default();
        let mut room = Self { home, marker: String::new(), rules, network, printed, ports: step.ports() };
        room.begin(&progress::marker(lesson, step, 1))?;
        Ok(room)
    }

    /// Begins the step anew: what has happened so far is from before it.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(&mut self, marker: &str) -> Result<(), Failure> {
        marker.clone_into(&mut self.marker);
        journal::mark(self.home.path(), marker)
            .and_then(|()| Home::at(self.home.path())?.set_attempt(marker))
            .map_err(|error| Failure::file(self.home.path(), "writing", &error))
    }

    /// Everything that was printed in this room so far, in all its terminals.
    #[must_use]
    pub fn printed(&self) -> String {
        self.printed.text()
    }

    /// The same, once all that was started in this room has said its last word.
    pub async fn all_printed(&self) -> String {
        self.printed.ended_but(0).await;
        self.printed()
    }

    /// Does the deeds in order. What keeps running has ended when this returns: what it saw is in the journal, and
    /// its ports are free.
    ///
    /// # Errors
    /// When a program cannot be started.
    pub async fn run(&self, deeds: &[Deed], lesson: &Lesson) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        let mut running: Vec<Running> = Vec::new();
        for deed in deeds {
            let word = console::own_word(&self.printed()).unwrap_or(console::OWN_WORD).to_owned();
            match deed {
                Deed::Netlab(command) => {
                    let command = &command.with_word(&word);
                    let at = At { file: &lesson.file, line: command.line };
                    let mut child = self.start(command)?;
                    if command.keeps_running {
                        found.extend(self.first_words(at, &mut child).await);
                        type_lines(&mut child, &command.typed).await;
                        running.push(Running { child, is_netlab: true });
                    } else {
                        found.extend(self.rehearse(at, child, command).await);
                    }
                }
                Deed::Other(other) => {
                    let text = other.text.replace(console::OWN_WORD, &word);
                    let typed =
                        other.typed.iter().map(|line| line.replace(console::OWN_WORD, &word)).collect();
                    let line = outside::Line { text, typed };
                    let before = self.printed.followed();
                    let sockets = outside::sockets(self.network);
                    let mut child = self.start_other(&line)?;
                    if other.keeps_running {
                        outside::settle(&mut child, self.network, &sockets).await;
                        type_lines(&mut child, &line.typed).await;
                        running.push(Running { child, is_netlab: false });
                    } else {
                        outside::use_up(child, &line, &self.printed, self.rules.patience).await;
                        self.printed.ended_but(before).await;
                    }
                }
                Deed::Interrupt => {
                    if let Some(Running { child, .. }) = running.pop() {
                        self.printed.is_quiet().await;
                        outside::interrupt(child).await;
                    }
                }
            }
        }
        Box::pin(self.look_at_kernel()).await?;
        // The latest first: a client goes before its server.
        for Running { child, is_netlab } in running.into_iter().rev() {
            if is_netlab {
                end(child).await;
            } else {
                outside::interrupt(child).await;
            }
        }
        Ok(found)
    }

    /// What the journal holds now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn account(&self) -> Result<Account, Failure> {
        journal::since(self.home.path(), &self.marker)
            .map_err(|error| Failure::file(self.home.path(), "reading", &error))
    }

    /// Looks at what the kernel's tables show of the step's port, as the session does while a learner is at the step.
    async fn look_at_kernel(&self) -> Result<(), Failure> {
        let mut watch = kernel::Watch::at(self.ports.clone(), self.network.map(Namespace::process));
        // Looking takes seconds where a connection stands there, and what is printed meanwhile has to be read.
        let settled = spawn_blocking(move || watch.settle()).await.unwrap_or_default();
        if settled.is_empty() {
            return Ok(());
        }
        let journal = Journal::open(self.home.path())
            .map_err(|error| Failure::file(self.home.path(), "writing", &error))?;
        let recorder = Recorder::passing(now_us, vec![journal.clone()], 0);
        kernel::write_down(&recorder, &settled, &self.account()?);
        journal.close();
        Ok(())
    }

    /// What the journal holds once it satisfies `wanted`, or when waiting makes no sense any more.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn account_when(&self, wanted: impl Fn(&Account) -> bool) -> Result<Account, Failure> {
        let until = Instant::now() + EVIDENCE_LIMIT.min(self.rules.patience);
        let mut again = interval(LOOK_AGAIN);
        loop {
            again.tick().await;
            let account = self.account()?;
            if wanted(&account) || Instant::now() >= until {
                return Ok(account);
            }
        }
    }

    fn start(&self, command: &Typed) -> Result<Child, Failure> {
        let mut child = self.program(self.rules.program.as_os_str());
        // A job of a session takes no lines.
        if command.keeps_running && command.typed.is_empty() {
            child.env(JOB_VARIABLE, "1");
        }
        child
            .args(command.words.iter().skip(1))
            .spawn()
            .map_err(|error| Failure::machine("netlab could not start itself", error.to_string()))
    }

    /// Starts another tool, as a learner's shell would.
    fn start_other(&self, line: &outside::Line) -> Result<Child, Failure> {
        if !self.rules.shell {
            return Err(Failure::machine("a lesson's line for another tool is not run", line.text.clone()));
        }
        let mut shell = self.program("sh".as_ref());
        shell.args(["-c", &line.text]).env("HOME", self.home.path());
        if let Some(path) = with_program(self.rules.program) {
            shell.env("PATH", path);
        }
        #[cfg(unix)]
        // Ctrl-C is for all that the line has started.
        shell.process_group(0);
        let mut child =
            shell.spawn().map_err(|error| Failure::machine("there is no shell", error.to_string()))?;
        self.printed.follow(child.stdout.take());
        self.printed.follow(child.stderr.take());
        Ok(child)
    }

    /// A program for this learner, in this network.
    fn program(&self, program: &std::ffi::OsStr) -> Command {
        let mut command = match self.network {
            Some(network) => Command::from(network.command(program)),
            None => Command::new(program),
        };
        command
            .env("NETLAB_HOME", self.home.path())
            .env_remove("NETLAB_CLASS")
            .env_remove(LESSONS_VARIABLE)
            // A lesson shows what netlab prints in its own language, whatever the author's is.
            .env("NETLAB_LANGUAGE", ORIGINAL)
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Waits for the end of a command, and compares what it printed with what the lesson shows.
    async fn rehearse(&self, at: At<'_>, child: Child, command: &Typed) -> Option<Finding> {
        let limit = self.rules.patience;
        let Ok(ended) = timeout(limit, finish(child, command)).await else {
            return Some(at.finding(
                format!("the command did not end within {} s", limit.as_secs()),
                "end its line with & if it is meant to go on, or give it longer with --patience",
            ));
        };
        if ended.is_usage() {
            return Some(at.finding(
                format!("netlab could make no sense of the command: {}", ended.complaint()),
                "type it by hand and read what netlab says to it",
            ));
        }
        self.printed.add(&ended.out);
        self.printed.add(&ended.err);
        compare(at, command, &ended.out)
    }

    /// Waits until a server has said where it is; gives what is wrong if it does not.
    async fn first_words(&self, at: At<'_>, child: &mut Child) -> Option<Finding> {
        let limit = self.rules.patience;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        let complaints = child.stderr.take()?;
        match timeout(limit, lines.next_line()).await {
            Ok(Ok(Some(line))) => {
                self.printed.add(&line);
                // Go on reading, or the server would wait for its reader.
                self.printed.follow(Some(lines.into_inner()));
                self.printed.follow(Some(complaints));
                None
            }
            Ok(_) => {
                let err = timeout(limit, all(complaints)).await.unwrap_or_default();
                let why = complaint(&err);
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                Some(at.finding(
                    format!("the command ended at once and said nothing{why}"),
                    "let it stay, as netlab serve does when its port is free, or take the & away",
                ))
            }
            Err(_) => Some(at.finding(
                format!("the command said nothing within {} s", limit.as_secs()),
                "take the & away, unless it is a server that says where it listens, as netlab serve does",
            )),
        }
    }
}

/// Where programs are looked for by somebody whose shell finds netlab.
fn with_program(program: &Path) -> Option<std::ffi::OsString> {
    let all = std::env::var_os("PATH").unwrap_or_default();
    let folders = program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&all));
    std::env::join_paths(folders).ok()
}

/// Ends a command that keeps running, as a session does: its input ends, and so does it.
async fn end(mut child: Child) {
    drop(child.stdin.take());
    if timeout(FAREWELL, child.wait()).await.is_err() {
        // One that is gone already needs no more.
        let _ = child.kill().await;
    }
}

/// What keeps running while the next deeds are done.
struct Running {
    child: Child,
    is_netlab: bool,
}

/// Types lines into what goes on reading.
async fn type_lines(child: &mut Child, lines: &[String]) {
    let typed: String = lines.iter().map(|line| format!("{line}\n")).collect();
    if let Some(input) = &mut child.stdin {
        // A command that does not read has closed its end, and that is its right.
        let _ = input.write_all(typed.as_bytes()).await;
    }
}

/// How a command ended and what it printed.
struct Ended {
    status: Option<ExitStatus>,
    out: String,
    err: String,
}

impl Ended {
    fn is_usage(&self) -> bool {
        self.status.and_then(|status| status.code()) == Some(i32::from(Exit::Usage.code()))
    }

    fn complaint(&self) -> String {
        complaint(&self.err)
    }
}

/// Types what the lesson says, and waits for the end.
async fn finish(mut child: Child, command: &Typed) -> Ended {
    type_lines(&mut child, &command.typed).await;
    drop(child.stdin.take());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = tokio::join!(maybe_all(out), maybe_all(err));
    Ended { status: child.wait().await.ok(), out, err }
}

/// Everything a stream gives, if there is one.
async fn maybe_all(stream: Option<impl AsyncRead + Unpin>) -> String {
    match stream {
        Some(stream) => all(stream).await,
        None => String::new(),
    }
}

/// Everything a stream gives, once it has ended.
async fn all(mut stream: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    // What came before a failed read is what there is.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The sentence that says what went wrong, without its line breaks. Lines that go on with it are indented.
fn complaint(err: &str) -> String {
    let mut lines = err.lines().skip_while(|line| !line.starts_with("error: "));
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let rest = lines.take_while(|line| line.starts_with(' ')).map(str::trim);
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
}

fn compare(at: At<'_>, command: &Typed, printed: &str) -> Option<Finding> {
    if command.expected.is_empty() {
        return None;
    }
    let mismatch = console::compare(&command.expected, printed).err()?;
    let behind_any = mismatch.expected.checked_sub(1).and_then(|above| command.expected.get(above));
    let what = match (command.expected.get(mismatch.expected), mismatch.found) {
        // Behind "..." every line was tried, so that none of them is what stands in its place.
        (Some(wanted), _) if behind_any.is_some_and(|line| line == console::ANY_LINES) => {
            let nearest = nearest(wanted, printed).map(|line| format!("; the nearest is \"{line}\""));
            format!("no line that could be \"{wanted}\"{}", nearest.unwrap_or_default())
        }
        (Some(wanted), Some(found)) => format!("\"{found}\" where \"{wanted}\" is shown"),
        (Some(wanted), None) => format!("its end where \"{wanted}\" is shown"),
        (None, found) => format!("more lines than are shown: \"{}\"", found.unwrap_or_default()),
    };
    let finding = at.finding(
        format!("the command printed {what}"),
        "show what it prints, with [..] for any text on a line and ... for any lines",
    );
    Some(finding.with_printed(printed))
}
