//! A learner at a session's prompt: goes through the steps of a lesson as it is written.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use netlab::commands::course::namespace::Namespace;
use netlab::evidence::{frozen, journal};
use netlab::lessons::console::Command;
use netlab::lessons::fact::What;
use netlab::lessons::lesson::{Lesson, Predict, Seen, Step};
use netlab::lessons::progress::{self, Progress};
use netlab::lessons::{seen, shelf};
use netlab::state::Home;
use tempfile::TempDir;

use super::run::skipped;
use super::screen::{self, Kind, Terminal, squeezed};

/// How much of the wrong way is gone before the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// None of it: right guesses, the lesson's own commands, right answers.
    Right,
    /// All of it: wrong guesses, hints, every slip the lesson knows, and wrong answers first.
    WrongFirst,
}

/// A line a learner writes into the notebook.
pub const LINE: &str = "Because a role is what a program does.";

/// The prompt at which a guess is made.
pub const GUESS: &str = "0: no guess>";

/// Verbs that a session makes a job of, with & or without.
const GO_ON: [&str; 2] = ["serve ", "listen "];

/// A port that nobody has, away from those the system gives to clients.
pub fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 600).unwrap() * 16;
    let candidates = (0..1000).map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000);
    let free = |port: &u16| is_free(*port);
    candidates.into_iter().find(free).unwrap()
}

/// Whether a server could listen on a port of loopback now.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// The shipped lessons in a folder.
pub struct Course {
    folder: TempDir,
    pub lessons: Vec<Lesson>,
    /// Where the learner's programs run, if they have a network of their own.
    pub network: Option<Namespace>,
}

impl Course {
    /// The lessons that are wanted, with ports of this test's own where they say 7777 and 7778.
    pub fn of(wanted: impl Fn(&shelf::Source) -> bool) -> Self {
        let (one, other) = (port().to_string(), port().to_string());
        Self::with(wanted, |text| text.replace("7777", &one).replace("7778", &other), None)
    }

    /// The lessons that are wanted, word for word, in a network where their ports are free. Where this machine gives
    /// none they have other ports.
    pub fn literal(wanted: impl Fn(&shelf::Source) -> bool) -> Self {
        match Namespace::new() {
            Ok(network) => Self::with(wanted, str::to_owned, Some(network)),
            Err(why) => {
                skipped(&format!("no lesson is played on the ports it names: {why}"));
                Self::of(wanted)
            }
        }
    }

    fn with(
        wanted: impl Fn(&shelf::Source) -> bool,
        says: impl Fn(&str) -> String,
        network: Option<Namespace>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for source in shelf::embedded().into_iter().filter(wanted) {
            let text = says(&source.text);
            fs::write(folder.path().join(Path::new(&source.file).file_name().unwrap()), text).unwrap();
        }
        let lessons = shelf::lessons(&shelf::folder(folder.path()).unwrap()).unwrap();
        Self { folder, lessons, network }
    }

    /// One lesson, as written here.
    pub fn written(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("01-written.md"), text).unwrap();
        let lessons = shelf::lessons(&shelf::folder(folder.path()).unwrap()).unwrap();
        Self { folder, lessons, network: None }
    }

    /// All of them.
    pub fn whole() -> Self {
        Self::of(|_| true)
    }

    /// The first one.
    pub fn first() -> Self {
        Self::of(is_first)
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

/// Whether a lesson is the first one.
pub fn is_first(source: &shelf::Source) -> bool {
    source.file.contains("01-")
}

/// A learner, the terminal they sit at and what is written down about them.
pub struct Learner {
    pub terminal: Terminal,
    pub home: Home,
    jobs: usize,
    running: Vec<usize>,
    /// The line on which the step began.
    began: usize,
}

impl Learner {
    /// Sits down.
    pub fn sits(home: &Path, course: &Course, kind: Kind) -> Self {
        let folder = course.folder();
        let entering = course.network.as_ref().map(Namespace::entering).unwrap_or_default();
        let words = ["learn", "--lessons", folder.to_str().unwrap()];
        let terminal = screen::netlab_behind(&entering, home, kind, &words);
        Self { terminal, home: Home::at(home).unwrap(), jobs: 0, running: Vec::new(), began: 0 }
    }

    /// What is written down.
    pub fn progress(&self) -> Progress {
        progress::read(&self.home).unwrap()
    }

    /// Goes through a whole lesson.
    pub fn goes_through(&mut self, lesson: &Lesson, way: Way) {
        for step in &lesson.steps {
            self.arrives(lesson, step);
            self.guesses(step, way);
            if step.read_only {
                self.reads(step);
                continue;
            }
            self.terminal.wait_for("it is noticed either way");
            self.terminal.prompt();
            if way == Way::WrongFirst {
                self.asks_for_a_hint(step);
                self.slips(step);
            }
            self.does(step, way);
            self.goes_on();
        }
    }

    /// The step's heading comes.
    pub fn arrives(&mut self, lesson: &Lesson, step: &Step) {
        self.began = self.terminal.marked();
        let at = lesson.steps.iter().position(|other| other.slug == step.slug).unwrap() + 1;
        let head = format!("step {at} of {}: {}", lesson.steps.len(), step.title);
        self.terminal.wait_for(&head);
        self.terminal.wait_for(&format!("Lesson {}: {}", lesson.number, lesson.title));
    }

    /// Answers the question before the reveal, if there is one.
    pub fn guesses(&mut self, step: &Step, way: Way) {
        let Some(predict) = step.predictions().next() else { return };
        self.terminal.wait_for(&predict.question);
        self.terminal.wait_for(GUESS);
        let at = guess(predict, way);
        self.terminal.type_line(&(at + 1).to_string());
        self.terminal.wait_for(&predict.choices[at].reply);
    }

    /// A step that is only to be read: a line for the notebook, and on.
    pub fn reads(&mut self, step: &Step) {
        if step.notebook().is_some() {
            self.terminal.wait_for("For your notebook:");
            self.terminal.prompt();
            self.terminal.type_line(LINE);
            return;
        }
        self.terminal.wait_for("Enter goes on");
        self.terminal.prompt();
        self.terminal.type_line(&format!("why {LINE}"));
        self.terminal.wait_for("Kept in your notebook.");
        self.terminal.prompt();
        self.goes_on();
    }

    /// The first hint comes at once, and the second one not.
    fn asks_for_a_hint(&mut self, step: &Step) {
        let Some(hint) = step.hints().next() else { return };
        self.terminal.type_line("hint");
        self.terminal.wait_for(&hint.text);
        self.terminal.prompt();
        self.terminal.type_line("hint");
        self.terminal.wait_for("Try that first");
        self.terminal.prompt();
    }

    /// Every slip the lesson knows, and what is said to it.
    pub fn slips(&mut self, step: &Step) {
        for near in step.near_misses() {
            let from = self.terminal.here();
            self.types(near.commands.iter());
            self.terminal.wait_from(from, &near.says);
            self.stops_jobs();
        }
    }

    /// The step's own commands, until it has passed and its questions are answered.
    pub fn does(&mut self, step: &Step, way: Way) {
        let from = self.terminal.here();
        self.types(step.commands());
        self.terminal.wait_from(from, "Passed.");
        for scene in &step.check().unwrap().scenes {
            // A slip may have shown a part of it already; what has been seen once is not told again.
            self.terminal.wait_from(self.began, &format!("seen: {}", scene.description));
        }
        self.terminal.wait_from(from, "recorded by");
        self.terminal.wait_from(from, Self::invitation(step));
        self.terminal.prompt();
        if let Some(predict) = step.predictions().next() {
            let guessed = &predict.choices[guess(predict, way)];
            let holds = predict.choices.iter().find(|choice| choice.holds).unwrap();
            let outcome = if guessed.holds {
                format!("You guessed “{}”, and that is right.", guessed.text)
            } else {
                format!("You guessed “{}”; it is “{}”.", guessed.text, holds.text)
            };
            self.terminal.wait_from(from, &outcome);
        }
        self.stops_jobs();
        for seen in step.questions() {
            self.terminal.wait_from(from, &seen.question);
            self.terminal.prompt();
            self.answers(seen, way);
        }
        if let Some(asks) = step.notebook() {
            self.terminal.wait_from(from, &asks.question);
            self.terminal.prompt();
            self.terminal.type_line(LINE);
            self.terminal.wait_for("Kept in your notebook.");
        }
        self.terminal.wait_from(from, "Enter goes on; why, notebook and play are there too.");
        self.terminal.prompt();
    }

    /// The last words behind a pass.
    fn invitation(step: &Step) -> &'static str {
        match (step.questions().next(), step.notebook()) {
            (Some(_), _) => "Type your answer; next leaves it open.",
            (None, Some(_)) => "One line in your own words; next leaves it out.",
            (None, None) => "Enter goes on; why, notebook and play are there too.",
        }
    }

    /// Answers from what the journal says, and wrongly before if that is the way.
    fn answers(&mut self, seen: &Seen, way: Way) {
        if way == Way::WrongFirst {
            self.terminal.type_line("nothing-of-the-kind");
            self.terminal.wait_for("The record says something else. It stands here:");
            self.terminal.prompt();
        }
        let answer = self.answer(seen);
        self.terminal.type_line(&answer);
        self.terminal.wait_for(&format!("yes: {}", seen.says));
    }

    /// What the step that was begun last passed on says to a question; without a pass, what the journal says.
    pub fn answer(&self, seen: &Seen) -> String {
        let marker = self.home.attempt();
        let named = marker.split_once('#').and_then(|(step, _)| step.split_once('/'));
        let passed_on = named.and_then(|(lesson, step)| frozen::read(&self.home.seen(lesson, step), &marker));
        let account = passed_on.unwrap_or_else(|| journal::since(self.home.folder(), &marker).unwrap());
        let values = seen::values(seen, &account);
        let (_, found) = values.first().unwrap_or_else(|| panic!("the journal answers: {}", seen.question));
        String::from_utf8(found.value.clone()).unwrap()
    }

    /// Types commands as a learner would, without the word netlab, and with the word that was heard last.
    pub fn types<'c>(&mut self, commands: impl Iterator<Item = &'c Command>) {
        let from = self.terminal.here();
        for command in commands {
            let command = command.with_word(&self.heard(from));
            let text = command.text.strip_prefix("netlab ").unwrap();
            if command.keeps_running {
                self.starts_a_job(&format!("{text} &"));
            } else if GO_ON.iter().any(|verb| text.starts_with(verb)) {
                self.starts_in_vain(text);
            } else {
                self.types_into(text, &command.typed);
            }
        }
    }

    /// The personal value that was shown last, from a line on.
    fn heard(&self, from: usize) -> String {
        let shown = squeezed(&self.terminal.lines(from).concat());
        let word = |rest: &str| -> String {
            rest.chars().take_while(|char| char.is_ascii_alphanumeric() || *char == '-').collect()
        };
        // A value that was cut short ends without its digits.
        let whole = |word: &String| word.ends_with(|char: char| char.is_ascii_digit());
        shown.split("nonce=").skip(1).map(word).filter(whole).last().unwrap_or_default()
    }

    /// Starts a job and waits until it has said where it listens.
    pub fn starts_a_job(&mut self, text: &str) -> usize {
        self.jobs += 1;
        let tag = format!("[{}]", self.jobs);
        self.terminal.type_line(text);
        self.terminal.wait_until(self.terminal.marked(), &format!("the job {tag}"), |lines| {
            lines.iter().filter(|line| line.trim_start_matches("netlab> ").starts_with(&tag)).count() >= 2
        });
        self.running.push(self.jobs);
        self.terminal.prompt();
        self.jobs
    }

    /// Starts a server that cannot have its port: a session makes a job of it all the same.
    fn starts_in_vain(&mut self, text: &str) {
        self.jobs += 1;
        self.terminal.type_line(text);
        self.terminal.wait_for(&format!("[{}] has ended", self.jobs));
        self.terminal.prompt();
    }

    /// A command, and what is typed into it while it runs: lines and Ctrl-D at once, as long as the terminal gives
    /// them to that command and not to the prompt.
    fn types_into(&mut self, command: &str, typed: &[String]) {
        self.terminal.type_line(command);
        // With these the server speaks first and closes, and a Ctrl-D might come behind the end.
        let speaks_and_closes = ["time.test", "here.test"].iter().any(|name| command.ends_with(name));
        let begins = if command.contains("--udp") { "ready:" } else { "connected:" };
        if command.starts_with("connect ") && speaks_and_closes {
            // The prompt that shows until then is the one from before.
            self.terminal.either("the server finished", "error:");
        }
        if command.starts_with("connect ") && !speaks_and_closes && self.terminal.either(begins, "error:") {
            let lines: String = typed.iter().map(|line| format!("{line}\r")).collect();
            self.terminal.keys(&format!("{lines}\x04"));
        }
        self.terminal.prompt();
    }

    /// Ends what runs.
    fn stops_jobs(&mut self) {
        // The latest first: a client goes before its server, which would take it along.
        for job in std::mem::take(&mut self.running).into_iter().rev() {
            self.terminal.type_line(&format!("stop {job}"));
            self.terminal.wait_for(&format!("[{job}] has ended"));
            self.terminal.prompt();
        }
    }

    /// Enter, and what comes next is waited for by whoever comes next.
    pub fn goes_on(&mut self) {
        self.terminal.type_line("");
    }
}

/// Which answer is chosen.
fn guess(predict: &Predict, way: Way) -> usize {
    predict.choices.iter().position(|choice| choice.holds == (way == Way::Right)).unwrap()
}

/// How many facts of a step are of a kind.
pub fn facts(progress: &Progress, lesson: &Lesson, step: &Step, is: impl Fn(&What) -> bool) -> usize {
    progress.facts.iter().filter(|fact| fact.is_of(&lesson.id, &step.slug) && is(&fact.what)).count()
}
