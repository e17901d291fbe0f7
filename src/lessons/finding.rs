//! What is wrong with a lesson file, where, and how to mend it.

use std::fmt;

/// One thing a lesson's author should change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The lesson's file, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, lower case, no full stop. May quote the file: escape before printing.
    pub what: String,
    /// How to mend it, in the same form.
    pub mend: String,
    /// What a command printed instead, line by line, where that is what is wrong. Escape it before printing.
    pub printed: Vec<String>,
}

impl Finding {
    /// The same, with what a command printed.
    #[must_use]
    pub fn with_printed(self, printed: &str) -> Self {
        Self { printed: printed.lines().map(|line| line.trim_end().to_owned()).collect(), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {} ({})", self.file, self.line, self.what, self.mend)
    }
}

impl std::error::Error for Finding {}

/// A place in a lesson file, from which findings are made.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The file.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: usize,
}

impl At<'_> {
    /// The same file, another line.
    #[must_use]
    pub fn line(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// Something to change here.
    #[must_use]
    pub fn finding(self, what: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding {
            file: self.file.to_owned(),
            line: self.line,
            what: what.into(),
            mend: mend.into(),
            printed: Vec::new(),
        }
    }
}
