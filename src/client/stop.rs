//! Why an exchange stopped before its answer was whole: data, for whoever finds words.

use std::time::Duration;

use crate::evidence::Trouble;

/// Why it stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The connection failed.
    BrokenOff(Trouble),
    /// Not a byte came, and none could be sent, for so long.
    Silent(Duration),
    /// The server closed the connection.
    Closed(Closed),
    /// The answer breaks a rule of HTTP, or is more than is taken: the reason, as a sentence.
    Broken(&'static str),
    /// The connection closed in the middle of content whose length was promised, in bytes.
    Short {
        /// How many.
        promised: u64,
        /// How many came.
        came: u64,
    },
    /// What came first begins no answer in HTTP: these bytes, as far as they came.
    Foreign(Vec<u8>),
}

/// What a server had said when it closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Nothing.
    Wordless,
    /// Answers, to some of the requests.
    Between,
    /// An interim answer (1xx), and not the final one.
    Interim,
    /// A part of a head.
    InHead,
}

/// How far an answer has come that is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoFar {
    /// Nothing has been asked.
    Unasked,
    /// Nothing of it has come.
    Nothing,
    /// An interim answer (1xx) has.
    Interim,
    /// So many bytes of its head.
    Head(usize),
    /// Its head, and so many bytes of content; with how many there are to be, if that was said.
    Content {
        /// How many came.
        came: u64,
        /// How many are promised.
        promised: Option<u64>,
    },
}
