//! Lists: a bullet or a number before each item, and the rest of it below its first word.

use super::block::{Block, List};
use super::{marked, spaced, tight, within};
use crate::render::text::cells::columns;
use crate::render::text::look::Look;

/// A list as lines.
pub fn lines(look: Look, list: &List, width: usize) -> Vec<String> {
    let marks = marks(list);
    let mut lines = Vec::new();
    for (mark, blocks) in marks.iter().zip(&list.items) {
        if list.loose && !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(item(look, mark, blocks, list.loose, width));
    }
    lines
}

/// What stands before each item. Numbers end in the same column.
fn marks(list: &List) -> Vec<String> {
    let Some(first) = list.first else { return vec!["- ".to_owned(); list.items.len()] };
    let numbers: Vec<String> = (first..).take(list.items.len()).map(|number| number.to_string()).collect();
    let widest = numbers.last().map_or(0, String::len);
    numbers.iter().map(|number| format!("{number:>widest$}. ")).collect()
}

/// An item. Where there is no room to indent it, its mark has a line of its own.
fn item(look: Look, mark: &str, blocks: &[Block], loose: bool, width: usize) -> Vec<String> {
    let inside = |width| if loose { spaced(look, blocks, width) } else { tight(look, blocks, width) };
    match within(width, columns(mark)) {
        Some(inner) => marked(mark, inside(inner)),
        None => [vec![mark.trim_end().to_owned()], inside(width)].concat(),
    }
}
