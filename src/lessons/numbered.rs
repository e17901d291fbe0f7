//! The lines of a fence with their numbers in the file.

use super::finding::At;

/// The lines that are not blank, with their places.
pub(super) fn numbered<'a, 'l>(
    first: At<'a>,
    lines: &'l [&'l str],
) -> impl Iterator<Item = (At<'a>, &'l str)> {
    let placed =
        lines.iter().enumerate().map(move |(offset, line)| (first.line(first.line + offset), line.trim()));
    placed.filter(|(_, line)| !line.is_empty())
}
