//! Markdown for the terminal: the prose of lessons, laid out at any width.
//!
//! pulldown-cmark reads it. Lesson files may come from strangers, so their text is escaped like any other. Reading
//! order: [`inline`] (the words of a paragraph), [`block`] (what a text consists of), [`events`] (how it is found),
//! then how blocks become lines: here, and for what has a shape of its own in [`list`], [`table`] and [`code`].

mod block;
mod code;
mod events;
mod inline;
mod list;
mod table;

use block::Block;
pub use code::code;
use inline::Words;

use crate::render::text::cells::{columns, flow};
use crate::render::text::look::Look;
use crate::render::text::screen::{Role, paint};

/// The fewest columns that are left to text, however deep it stands in lists and quotes.
const ROOM: usize = 8;

/// Markdown as lines of text, a blank line between paragraphs and none at the end. No line is wider than the look.
#[must_use]
pub fn lines(look: Look, text: &str) -> Vec<String> {
    spaced(look, &events::blocks(look, text), look.width)
}

/// Blocks with a blank line between them.
fn spaced(look: Look, blocks: &[Block], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        let shown = shown(look, block, width);
        if !lines.is_empty() && !shown.is_empty() {
            lines.push(String::new());
        }
        lines.extend(shown);
    }
    lines
}

/// Blocks without blank lines between them.
fn tight(look: Look, blocks: &[Block], width: usize) -> Vec<String> {
    blocks.iter().flat_map(|block| shown(look, block, width)).collect()
}

fn shown(look: Look, block: &Block, width: usize) -> Vec<String> {
    match block {
        Block::Text(words) => wrapped(words, width),
        Block::Code(text) => code::lines(look, text, width),
        Block::Quote(blocks) => quote(look, blocks, width),
        Block::List(list) => list::lines(look, list, width),
        Block::Table(table) => table::lines(look, table, width),
        Block::Rule => vec![paint(Role::Meaning, &rule(look, width))],
    }
}

fn wrapped(words: &Words, width: usize) -> Vec<String> {
    words.lines().flat_map(|line| flow(line, width)).collect()
}

/// A quote has a bar before every line. One that stands too deep for another bar goes without.
fn quote(look: Look, blocks: &[Block], width: usize) -> Vec<String> {
    let bar = if look.ascii() { "> " } else { "│ " };
    match within(width, columns(bar)) {
        Some(inner) => {
            let bar = paint(Role::Meaning, bar.trim_end());
            spaced(look, blocks, inner)
                .into_iter()
                .map(|line| if line.is_empty() { bar.clone() } else { format!("{bar} {line}") })
                .collect()
        }
        None => spaced(look, blocks, width),
    }
}

/// A line across.
fn rule(look: Look, width: usize) -> String {
    if look.ascii() { "-" } else { "─" }.repeat(width)
}

/// The columns that are left behind a lead, when they are enough for text.
fn within(width: usize, lead: usize) -> Option<usize> {
    width.checked_sub(lead).filter(|&left| left >= ROOM)
}

/// Lines behind a mark on the first of them; the others are indented by as much.
fn marked(mark: &str, lines: Vec<String>) -> Vec<String> {
    let indent = " ".repeat(columns(mark));
    let mut marked: Vec<String> = Vec::with_capacity(lines.len().max(1));
    for line in lines {
        marked.push(match (marked.is_empty(), line.is_empty()) {
            (true, true) => mark.trim_end().to_owned(),
            (true, false) => format!("{mark}{line}"),
            (false, true) => line,
            (false, false) => format!("{indent}{line}"),
        });
    }
    if marked.is_empty() {
        marked.push(mark.trim_end().to_owned());
    }
    marked
}
