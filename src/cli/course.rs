//! What can be typed behind the verbs of the course: the lessons, what is asked and kept, and a class.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

/// `netlab learn`.
#[derive(Debug, Args)]
#[command(
    after_help = "On a terminal it stays: every netlab verb works at its prompt without the word netlab, ? lists the other words. Without a terminal it prints the step; netlab check judges it."
)]
pub struct Learn {
    /// The lesson to go to, by number or name; by default the one you are in. One that is done is done once more
    pub lesson: Option<String>,
    /// Print the current step and end, as without a terminal
    #[arg(long)]
    pub step: bool,
    /// Choose an answer of the step's prediction by its number
    #[arg(long, value_name = "NUMBER")]
    pub predict: Option<usize>,
    /// Join a class: its seed makes your personal values recomputable for the teacher; kept from then on
    #[arg(long, value_name = "SEED")]
    pub class: Option<String>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// Where lessons come from.
#[derive(Debug, Clone, Args)]
pub struct Shelf {
    /// Read lessons from this folder instead of the ones built in
    #[arg(long, value_name = "DIR", env = LESSONS_VARIABLE, hide_env_values = true)]
    lessons: Option<PathBuf>,
}

impl Shelf {
    /// What the environment says, for a run without a verb.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { lessons: std::env::var_os(LESSONS_VARIABLE).map(PathBuf::from) }
    }

    /// The folder lessons come from; none means the ones built in.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.lessons.as_deref().filter(|folder| !folder.as_os_str().is_empty())
    }
}

/// The variable that names the folder lessons come from, where no option does.
pub const LESSONS_VARIABLE: &str = "NETLAB_LESSONS";

/// `netlab lessons`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Lessons {
    /// What to do with lesson files; none lists the lessons
    #[command(subcommand)]
    pub what: Option<LessonsWhat>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// What to do with lesson files.
#[derive(Debug, Subcommand)]
pub enum LessonsWhat {
    /// Prove that lessons hold: every check red on a fresh start and green after its own commands
    Lint {
        /// Lesson files; by default all that are built in
        files: Vec<PathBuf>,
        /// Prove only what needs no sockets
        #[arg(long = "static")]
        only_static: bool,
        /// How long a command of a lesson may take
        #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
        patience: u64,
    },
    /// Write a small whole lesson to begin with: NN-SLUG.md, with the next free number
    New {
        /// What the lesson is called: lower-case letters, digits and hyphens, such as mail-for-a-name
        slug: String,
        /// The folder to write it to; by default lessons, if the current folder has one, else the current folder
        #[arg(long, value_name = "DIR", env = LESSONS_VARIABLE, hide_env_values = true)]
        lessons: Option<PathBuf>,
    },
}

/// `netlab check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Answer the question "what did you see?" of the step that passed last
    #[arg(long, value_name = "ANSWER")]
    pub saw: Option<String>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab hint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Hints grow. The next one comes after you have tried something, or after 20 seconds; the last one shows everything, and the step is then done once more with new values."
)]
pub struct Hint {
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab why`.
#[derive(Debug, Args)]
pub struct Why {
    /// A line in your own words, kept in your notebook; without one the idea of the step is explained
    pub line: Vec<String>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab glossary`.
#[derive(Debug, Args)]
pub struct Glossary {
    /// The word, in any of its forms; without one all words are listed
    pub word: Vec<String>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab skip`.
#[derive(Debug, Args)]
pub struct Skip {
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab review`.
#[derive(Debug, Args)]
#[command(
    after_help = "A lesson comes up for review 1, 3, 7 and 21 days after it was done; one whose answer was not right comes up again the next day. A sitting takes about two minutes."
)]
pub struct Review {
    /// Answer the question by its number, for use without a terminal
    #[arg(long, value_name = "NUMBER")]
    pub answer: Option<usize>,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab notebook`.
#[derive(Debug, Args)]
pub struct Notebook {
    /// Only this lesson, by number or name
    pub lesson: Option<String>,
    /// Print Markdown
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab reset`.
#[derive(Debug, Args)]
#[command(
    after_help = "What is reset stays in the progress file, so that --undo brings it back; --erase deletes the files themselves, and nothing brings them back."
)]
pub struct Reset {
    /// The lesson, by number or name
    #[arg(required_unless_present_any = ["all", "undo"], conflicts_with_all = ["all", "undo"])]
    pub lesson: Option<String>,
    /// Every lesson
    #[arg(long, conflicts_with = "undo")]
    pub all: bool,
    /// Take the latest reset back
    #[arg(long)]
    pub undo: bool,
    /// With --all: delete progress, journal and everything else netlab keeps about you
    #[arg(long, requires = "all")]
    pub erase: bool,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// `netlab submit`.
#[derive(Debug, Args)]
#[command(
    after_help = "The file holds your progress, your own lines and quotes of evidence from inside this computer, and nothing of what you did elsewhere. Each line is sealed to the one before, so that a change shows; that is a seal, not a lock. A file that is there already is written over only when it is a hand-in of yours."
)]
pub struct Submit {
    /// The name your teacher knows you by
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The file to write; by default netlab-NAME.jsonl in this folder
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `netlab class`.
#[derive(Debug, Args)]
#[command(
    after_help = "A file that has been changed, or is no hand-in, is left out by name; then the exit code is 3, and 2 when no file could be read. Of two files of one learner the later one counts. At most 2,000 files of 16 MiB each, and 256 MiB in all."
)]
pub struct Class {
    /// The files handed in, or folders with such files (*.jsonl)
    #[arg(required_unless_present = "demo")]
    pub files: Vec<PathBuf>,
    /// Print a table as CSV: learners (the default), beliefs or steps
    #[arg(
        long,
        value_name = "TABLE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "learners",
        hide_possible_values = true,
        conflicts_with = "json"
    )]
    pub csv: Option<CsvTable>,
    /// The class's seed: personal values are computed again and compared
    #[arg(long, value_name = "SEED", env = "NETLAB_CLASS", hide_env_values = true)]
    pub class: Option<String>,
    /// Show a report on a class that is made up
    #[arg(long, conflicts_with = "files")]
    pub demo: bool,
    /// Where the lessons come from.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// A table of the report on a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CsvTable {
    /// A row for each learner and lesson.
    Learners,
    /// A row for each belief.
    Beliefs,
    /// A row for each step that was hard.
    Steps,
}
