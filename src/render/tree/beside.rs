//! A field tree with every byte beside its field, and marks where one read ended and the next began.

use std::iter::Peekable;
use std::slice::Iter;

use crate::proto::field::Fields;
use crate::render::text::hex;
use crate::render::text::look::{Look, Room};
use crate::render::text::screen::{Role, paint};
use crate::render::tree::Shower;

/// Bytes on a line of hex.
const HEX_ROW: usize = 8;

/// Where a read or write ended, among the bytes of one direction.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The first byte that belongs to the next one.
    pub at: usize,
    /// What to write on the mark.
    pub says: String,
}

/// The columns that offset, hex and, with room for them, characters take.
#[must_use]
pub fn hex_width(look: Look) -> usize {
    match look.room() {
        Room::Wide => 5 + 2 + 23 + 2 + HEX_ROW + 2,
        _ => 5 + 2 + 23 + 2,
    }
}

impl Shower {
    /// Every field from `first` on; leaves with their bytes.
    pub(super) fn with_bytes(
        &mut self,
        fields: &Fields<'_>,
        first: usize,
        cuts: &[Cut],
        lines: &mut Vec<String>,
    ) {
        let mut cuts = cuts.iter().peekable();
        let narrow = self.look.room() == Room::Narrow;
        for index in first..fields.list.len() {
            let indent = if narrow { 2 } else { usize::from(fields.get(index).depth) * 2 };
            let entry = self.entry(fields, index, indent);
            let mut said = entry.lines.into_iter();
            let left = if narrow { 0 } else { hex_width(self.look) };
            if fields.is_leaf(index) {
                for row in rows(fields, index, &mut cuts) {
                    lines.push(match row {
                        HexRow::Mark(says) => mark(self.look, &says),
                        HexRow::Bytes { at, bytes } => {
                            let beside = if narrow { None } else { said.next() };
                            beside_line(&hex_cell(self.look, self.from.wrapping_add(at), bytes), left, beside)
                        }
                        HexRow::Bits(bits) => {
                            let beside = if narrow { None } else { said.next() };
                            beside_line(&format!("{:>5}  {bits}", ""), left, beside)
                        }
                    });
                }
            }
            lines.extend(said.map(|line| format!("{}{line}", " ".repeat(left))));
            lines.extend(entry.below);
        }
    }
}

/// A mark across the page.
fn mark(look: Look, says: &str) -> String {
    let dash = if look.ascii() { "-" } else { "─" };
    paint(Role::Server, &format!("{} {says} {}", dash.repeat(5), dash.repeat(5)))
}

fn hex_cell(look: Look, at: usize, bytes: &[u8]) -> String {
    let pairs = hex::pairs(bytes);
    if look.room() == Room::Wide {
        format!("{at:>5}  {pairs:<23}  {}", hex::characters(bytes))
    } else {
        format!("{at:>5}  {pairs}")
    }
}

/// A row of hex, or the mark between two reads.
enum HexRow<'a> {
    Bytes { at: usize, bytes: &'a [u8] },
    Bits(String),
    Mark(String),
}

/// A leaf's bytes as rows, cut at every mark and after every eighth byte.
fn rows<'a>(fields: &'a Fields<'_>, index: usize, cuts: &mut Peekable<Iter<'_, Cut>>) -> Vec<HexRow<'a>> {
    let (field, raw) = (fields.get(index), fields.raw(index));
    if !field.is_byte_aligned() {
        return vec![HexRow::Bits(hex::bits(field, raw))];
    }
    let from = field.bytes().start;
    let mut rows = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        while let Some(cut) = cuts.next_if(|cut| cut.at <= from + at) {
            rows.push(HexRow::Mark(cut.says.clone()));
        }
        let until_cut = cuts.peek().map_or(usize::MAX, |cut| cut.at - from - at);
        let len = HEX_ROW.min(raw.len() - at).min(until_cut);
        rows.push(HexRow::Bytes { at: from + at, bytes: &raw[at..at + len] });
        at += len;
    }
    rows
}

fn beside_line(text: &str, left: usize, beside: Option<String>) -> String {
    match beside {
        Some(beside) => format!("{text}{}{beside}", " ".repeat(left.saturating_sub(text.chars().count()))),
        None => text.to_owned(),
    }
}
