//! Columns: wrapped cells side by side.

use textwrap::{Options, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::text::role::{Role, paint};

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

/// A piece of a paragraph: a painted word, or the space between two.
pub type Piece = (Role, String);

/// Text as words and the spaces between them.
#[must_use]
pub fn pieces(role: Role, text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        if !word.is_empty() {
            pieces.push((role, word.to_owned()));
        }
        if piece.ends_with(' ') {
            pieces.push((role, " ".to_owned()));
        }
    }
    pieces
}

/// Fills lines with painted words. Pieces without a space between them stay together; a word longer than
/// a line is broken.
#[must_use]
pub fn flow(pieces: &[Piece], width: usize) -> Vec<String> {
    fill(pieces, width).into_iter().map(|(line, _)| line).collect()
}

/// As [`flow`], each line with the columns it takes.
#[must_use]
pub fn fill(pieces: &[Piece], width: usize) -> Vec<(String, usize)> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in pieces.split(|(_, text)| text == " ").filter(|word| !word.is_empty()) {
        let len: usize = word.iter().map(|(_, text)| columns(text)).sum();
        if used > 0 && used + 1 + len > width {
            lines.push((std::mem::take(&mut line), used));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for (role, text) in word {
            for part in broken(text, width, &mut used) {
                match part {
                    Part::Text(text) => line.push_str(&paint(*role, &text)),
                    Part::LineEnd(used) => lines.push((std::mem::take(&mut line), used)),
                }
            }
        }
    }
    lines.push((line, used));
    lines
}

/// Makes an emoji of the character before it, which is then two columns wide.
const AS_EMOJI: char = '\u{fe0f}';

/// The columns that text takes, at the most: a terminal may draw several characters as one.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(char: char) -> usize {
    if char == AS_EMOJI { 1 } else { char.width().unwrap_or(0) }
}

enum Part {
    Text(String),
    /// The columns that the line took.
    LineEnd(usize),
}

/// Breaks a word where it would run over the edge.
fn broken(text: &str, width: usize, used: &mut usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut run = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let wide = char_columns(char);
        let whole = wide + chars.next_if_eq(&AS_EMOJI).map_or(0, char_columns);
        if *used + whole > width && *used > 0 {
            parts.push(Part::Text(std::mem::take(&mut run)));
            parts.push(Part::LineEnd(std::mem::take(used)));
        }
        run.push(char);
        if whole > wide {
            run.push(AS_EMOJI);
        }
        *used += whole;
    }
    parts.push(Part::Text(run));
    parts
}
