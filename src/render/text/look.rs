//! What kind of place the text goes to. It is decided once, in [`terminal`](crate::terminal).

/// The most columns text is laid out for; wider lines are hard to read.
pub const WIDEST: usize = 140;
/// The fewest columns text is laid out for: a terminal of 20, less what stands before the lines of a job.
pub const NARROWEST: usize = 14;

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
}

impl Look {
    /// For sentences inside documents: nothing is cut to a width.
    #[must_use]
    pub fn for_programs() -> Self {
        Self { form: Form::Json, width: WIDEST, bytes: false, loudness: Loudness::Usual }
    }

    /// Whether the fields of messages are wanted that a verb does not show by itself.
    #[must_use]
    pub fn wants_fields(&self) -> bool {
        self.form != Form::Json && (self.bytes || self.loudness == Loudness::Verbose)
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

    /// An RFC and its section as they may be printed.
    #[must_use]
    pub fn rfc(&self, rfc: &str) -> String {
        if self.ascii() { rfc.replace('§', "section ") } else { rfc.to_owned() }
    }

    /// The arrow that means "leads to".
    #[must_use]
    pub fn arrow(&self) -> &'static str {
        if self.ascii() { "->" } else { "→" }
    }
}
