//! What kind of place the text goes to, decided once.

use std::io::IsTerminal;

/// The most columns text is laid out for; wider lines are hard to read.
const WIDEST: usize = 140;
/// The fewest columns text is laid out for.
const NARROWEST: usize = 20;
/// The width when nobody says: the width of the terminals the Internet was built on.
const USUAL: usize = 80;

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Human,
    /// For people and programs that want ASCII lines: no boxes, no spinners, no colour.
    Plain,
    /// For programs.
    Json,
}

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Only the result itself.
    Quiet,
    /// What a learner wants.
    Usual,
    /// More.
    Verbose,
}

/// How wide the terminal is, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// 100 columns or more: three columns.
    Wide,
    /// 60 to 99: two.
    Middling,
    /// Less: a list.
    Narrow,
}

/// The decisions.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Human, plain or JSON.
    pub form: Form,
    /// Columns.
    pub width: usize,
    /// Whether hex is wanted beside fields.
    pub bytes: bool,
    /// How much to say.
    pub loudness: Loudness,
    /// Whether standard output is a terminal.
    pub terminal: bool,
}

/// The columns there are: the terminal's, else what `COLUMNS` says, else the usual.
#[must_use]
pub fn width() -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let real = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    let width = if std::io::stdout().is_terminal() { real.or(stated) } else { stated };
    width.unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
}

impl Look {
    /// Decides from the wishes on the command line, the terminal and `COLUMNS`.
    #[must_use]
    pub fn decide(form: Form, bytes: bool, loudness: Loudness) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self { form, width: width(), bytes, loudness, terminal }
    }

    /// For sentences inside documents: nothing is cut to a width.
    #[must_use]
    pub fn for_programs() -> Self {
        Self { form: Form::Json, width: WIDEST, bytes: false, loudness: Loudness::Usual, terminal: false }
    }

    /// The step the width belongs to.
    #[must_use]
    pub fn room(&self) -> Room {
        match self.width {
            100.. => Room::Wide,
            60..=99 => Room::Middling,
            _ => Room::Narrow,
        }
    }

    /// Whether only ASCII may be printed.
    #[must_use]
    pub fn ascii(&self) -> bool {
        self.form == Form::Plain
    }

    /// The arrow that means "leads to".
    #[must_use]
    pub fn arrow(&self) -> &'static str {
        if self.ascii() { "->" } else { "→" }
    }
}
