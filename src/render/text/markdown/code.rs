//! Blocks of code: line by line as they were written, never wrapped between words.

use crate::render::text::cells::{Piece, columns, flow};
use crate::render::text::look::Look;
use crate::render::text::safe::Safe;
use crate::render::text::screen::Role;

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// Below this many columns code is indented less.
const NARROW: usize = 40;

/// Code as lines, indented. A line that is too long goes on in the next one; a mark at its end says so.
#[must_use]
pub fn code(look: Look, text: &str) -> Vec<String> {
    lines(look, text, look.width)
}

/// As [`code`], within `width` columns.
pub fn lines(look: Look, text: &str, width: usize) -> Vec<String> {
    let indent = if width < NARROW { 2 } else { 4 };
    let room = width.saturating_sub(indent).max(2);
    let lead = " ".repeat(indent);
    let parts = text.trim_end().lines().flat_map(|line| broken(look, &untabbed(line), room));
    parts.map(|part| format!("{lead}{part}").trim_end().to_owned()).collect()
}

fn broken(look: Look, line: &str, room: usize) -> Vec<String> {
    let safe = Safe::again(line.as_bytes()).ascii(look.ascii()).to_string();
    if columns(&safe) <= room {
        return vec![safe];
    }
    let goes_on = if look.ascii() { "\\" } else { "↵" };
    // In one piece, so that it is broken at the edge and nowhere else.
    let piece: Piece = (Role::Value, safe);
    let mut parts = flow(&[piece], room - 1);
    let last = parts.pop();
    parts.iter_mut().for_each(|part| part.push_str(goes_on));
    parts.extend(last);
    parts
}

/// Spaces in the place of tabs: where a terminal's own stops are depends on what stands before the line.
fn untabbed(line: &str) -> String {
    let mut text = String::new();
    for char in line.chars() {
        match char {
            '\t' => text.push_str(&" ".repeat(TAB - columns(&text) % TAB)),
            char => text.push(char),
        }
    }
    text
}
