//! Tables: columns side by side where they fit, else each row as an item of a list.

use pulldown_cmark::Alignment;

use super::block::Table;
use super::inline::Words;
use super::{marked, rule};
use crate::render::text::cells::{Piece, columns, fill, flow};
use crate::render::text::look::{Look, Room};
use crate::render::text::screen::{Role, paint};

/// Spaces between two columns.
const GAP: usize = 2;

/// A table as lines.
pub fn lines(look: Look, table: &Table, width: usize) -> Vec<String> {
    let head: Vec<Vec<Piece>> = table.head.iter().map(head_cell).collect();
    let rows: Vec<Vec<Vec<Piece>>> = table.rows.iter().map(|row| cells(row)).collect();
    let widths = if look.room() == Room::Narrow { None } else { widths(&head, &rows, width) };
    match widths {
        Some(widths) => side_by_side(look, &table.alignments, &widths, &head, &rows),
        None => as_list(&head, &rows, width),
    }
}

/// A cell of the head stands out, whatever else its words are.
fn head_cell(words: &Words) -> Vec<Piece> {
    words.on_one_line().into_iter().map(|(_, text)| (Role::Heading, text)).collect()
}

fn cells(row: &[Words]) -> Vec<Vec<Piece>> {
    row.iter().map(Words::on_one_line).collect()
}

/// The columns that each column of the table gets; none when the longest word of one finds no room.
fn widths(head: &[Vec<Piece>], rows: &[Vec<Vec<Piece>>], width: usize) -> Option<Vec<usize>> {
    let room = width.checked_sub(GAP * head.len().saturating_sub(1))?;
    let mut given = vec![1; head.len()];
    let mut wanted = vec![1; head.len()];
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (at, cell) in row.iter().enumerate().take(head.len()) {
            let words = cell.split(|(_, text)| text == " ");
            given[at] = words.map(len).max().unwrap_or(0).max(given[at]);
            wanted[at] = len(cell).max(wanted[at]);
        }
    }
    let mut left = room.checked_sub(given.iter().sum())?;
    // One at a time to the column that is the furthest from one line.
    while left > 0 {
        let short = (0..given.len()).filter(|&at| given[at] < wanted[at]);
        let Some(at) = short.max_by_key(|&at| wanted[at].div_ceil(given[at])) else { break };
        given[at] += 1;
        left -= 1;
    }
    Some(given)
}

fn len(pieces: &[Piece]) -> usize {
    pieces.iter().map(|(_, text)| columns(text)).sum()
}

fn side_by_side(
    look: Look,
    alignments: &[Alignment],
    widths: &[usize],
    head: &[Vec<Piece>],
    rows: &[Vec<Vec<Piece>>],
) -> Vec<String> {
    let rules: Vec<String> = widths.iter().map(|&width| rule(look, width)).collect();
    let mut lines = row(alignments, widths, head);
    lines.push(paint(Role::Meaning, &rules.join(&" ".repeat(GAP))));
    lines.extend(rows.iter().flat_map(|cells| row(alignments, widths, cells)));
    lines
}

/// One row of the table, as many lines as its highest cell has. Lines have no trailing space.
fn row(alignments: &[Alignment], widths: &[usize], cells: &[Vec<Piece>]) -> Vec<String> {
    let cells: Vec<Vec<(String, usize)>> =
        cells.iter().zip(widths).map(|(cell, &width)| fill(cell, width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|at| {
            let mut line = String::new();
            let mut owed = 0;
            for ((cell, &width), &alignment) in cells.iter().zip(widths).zip(alignments) {
                let (text, used) = cell.get(at).map_or(("", 0), |(text, used)| (text.as_str(), *used));
                let spare = width.saturating_sub(used);
                let before = match alignment {
                    Alignment::None | Alignment::Left => 0,
                    Alignment::Center => spare / 2,
                    Alignment::Right => spare,
                };
                if !text.is_empty() {
                    line.push_str(&" ".repeat(owed + before));
                    line.push_str(text);
                    owed = 0;
                }
                owed += if text.is_empty() { width } else { spare - before } + GAP;
            }
            line
        })
        .collect()
}

/// Each row as an item: the head's words, a colon, and the cell.
fn as_list(head: &[Vec<Piece>], rows: &[Vec<Vec<Piece>>], width: usize) -> Vec<String> {
    // A table that has no rows still says what it would be about.
    let empty = [vec![Vec::new(); head.len()]];
    let rows = if rows.is_empty() { &empty } else { rows };
    let mark = "- ";
    let inner = width.saturating_sub(columns(mark));
    rows.iter()
        .flat_map(|row| {
            let cells = head.iter().zip(row);
            marked(mark, cells.flat_map(|(name, cell)| named(name, cell, inner)).collect())
        })
        .collect()
}

/// A cell behind the name of its column; its later lines are indented by two.
fn named(name: &[Piece], cell: &[Piece], width: usize) -> Vec<String> {
    let space = (Role::Value, " ".to_owned());
    let mut words = name.to_vec();
    if !words.is_empty() {
        words.extend([(Role::Heading, ":".to_owned()), space]);
    }
    words.extend_from_slice(cell);
    let lines = flow(&words, width.saturating_sub(2));
    let mut lines = lines.into_iter();
    let first = lines.next();
    first.into_iter().chain(lines.map(|line| format!("  {line}"))).filter(|line| !line.is_empty()).collect()
}
