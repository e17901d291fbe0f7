//! Columns: wrapped cells side by side.

use textwrap::{Options, WordSplitter};
use unicode_width::UnicodeWidthStr;

use super::screen::{Role, paint};

/// One cell of a row.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its text, safe and unpainted.
    pub text: String,
    /// What it is.
    pub role: Role,
    /// The columns it may take; the last cell takes what is left.
    pub width: usize,
}

impl Cell {
    /// A cell.
    #[must_use]
    pub fn new(role: Role, width: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), role, width }
    }
}

/// Lays cells out side by side, two spaces apart, each wrapped to its width. Lines have no trailing space.
#[must_use]
pub fn row(indent: usize, cells: &[Cell]) -> Vec<String> {
    let columns: Vec<Vec<String>> = cells.iter().map(|cell| wrap(&cell.text, cell.width)).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|at| {
            let mut line = " ".repeat(indent);
            let mut owed = 0;
            for (cell, column) in cells.iter().zip(&columns) {
                let text = column.get(at).map_or("", String::as_str);
                if !text.is_empty() {
                    line.push_str(&" ".repeat(owed));
                    owed = 0;
                    line.push_str(&paint(cell.role, text));
                }
                owed += cell.width.saturating_sub(text.width()) + 2;
            }
            line
        })
        .collect()
}

/// Wraps text to a width, at least one column. Long words are broken: nothing may run off the edge.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(1)).word_splitter(WordSplitter::NoHyphenation);
    text.lines()
        .flat_map(|line| textwrap::wrap(line, &options))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Wraps a sentence to a width, later lines indented by `hang`.
#[must_use]
pub fn hang(first: &str, text: &str, width: usize, hang: usize) -> Vec<String> {
    let indent = " ".repeat(hang);
    let options = Options::new(width.max(hang + 1))
        .word_splitter(WordSplitter::NoHyphenation)
        .initial_indent(first)
        .subsequent_indent(&indent);
    textwrap::wrap(text, &options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}
