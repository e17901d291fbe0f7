//! What a text consists of: blocks below each other, and blocks inside them.

use pulldown_cmark::Alignment;

use super::inline::Words;

/// A part of a text, below the one before it.
#[derive(Debug)]
pub enum Block {
    /// A paragraph, or a heading.
    Text(Words),
    /// Lines to be kept as they are.
    Code(String),
    /// Blocks that are quoted.
    Quote(Vec<Block>),
    /// A list.
    List(List),
    /// A table.
    Table(Table),
    /// A line across.
    Rule,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// The first item's number; a list without has bullets.
    pub first: Option<u64>,
    /// Whether there is a blank line between items.
    pub loose: bool,
    /// What each item holds.
    pub items: Vec<Vec<Block>>,
}

/// A table. Every row has as many cells as the head.
#[derive(Debug)]
pub struct Table {
    /// How each column is aligned.
    pub alignments: Vec<Alignment>,
    /// The row at the top.
    pub head: Vec<Words>,
    /// The rows below it.
    pub rows: Vec<Vec<Words>>,
}
