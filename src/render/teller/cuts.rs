//! One stream of bytes, and below it rulers that cut it: at the edges of reads or writes, and at those of messages.
//!
//! ```text
//! bytes     68 69 0a f0 9f 8c b1 0a
//! text       h  i \n 🌱          \n
//! reads    |1-------------|2-------|
//! messages |1----===|2----------===|
//! ```
//!
//! `=` is what frames a message: its newline, or its length.

use std::ops::Range;

use crate::render::text::cells::columns;
use crate::render::text::safe::Safe;

/// The rows of one picture; what lies behind them is counted.
const ROWS: usize = 8;
/// The columns of a name on the left, and the space behind it.
const NAME: usize = 9;
/// The columns of a byte: an edge, if there is one before it, and two digits.
const BYTE: usize = 3;
/// The most continuation bytes a character has.
const CONTINUED: usize = 3;

/// A ruler.
pub struct Ruler {
    /// What it measures, in eight letters at most.
    pub name: &'static str,
    /// Its pieces in order, numbered from 1.
    pub pieces: Vec<Piece>,
}

/// A piece of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// All of it.
    pub whole: Range<usize>,
    /// The part of it that is not framing.
    pub text: Range<usize>,
}

/// The picture, in lines that are safe to show, and how many bytes are in it.
#[must_use]
pub fn picture(bytes: &[u8], rulers: &[Ruler], width: usize, ascii: bool) -> (Vec<String>, usize) {
    // The last edge needs a column too.
    let most = (width.saturating_sub(NAME + 1) / BYTE).max(CONTINUED + 1);
    let mut lines = Vec::new();
    let mut from = 0;
    for _ in 0..ROWS {
        if from == bytes.len() {
            break;
        }
        let to = row_end(bytes, from, most);
        let row = from..to;
        lines.push(line(
            "bytes",
            &bytes[row.clone()].iter().map(|byte| format!(" {byte:02x}")).collect::<String>(),
        ));
        lines.push(line("text", &characters(&bytes[row.clone()], ascii)));
        lines.extend(rulers.iter().map(|ruler| line(ruler.name, &marks(&ruler.pieces, &row))));
        from = to;
    }
    (lines, from)
}

/// A row ends between two characters, if there is such a place.
fn row_end(bytes: &[u8], from: usize, most: usize) -> usize {
    let to = bytes.len().min(from + most);
    let begins = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000);
    (to.saturating_sub(CONTINUED).max(from + 1)..=to).rev().find(begins).unwrap_or(to)
}

fn line(name: &str, rest: &str) -> String {
    format!("{name:<NAME$}{rest}").trim_end().to_owned()
}

/// Each character above the bytes it is made of; a dot for what is none, or has no room.
fn characters(bytes: &[u8], ascii: bool) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            let room = char.len_utf8() * BYTE - 1;
            let shown = Safe::word(char.encode_utf8(&mut [0; 4]).as_bytes()).ascii(ascii).to_string();
            let shown = if columns(&shown) <= room { shown } else { ".".to_owned() };
            // A character of one byte stands at its second digit, where its escape ends, too.
            let pad = " ".repeat(room - columns(&shown));
            text.push(' ');
            text.push_str(&if char.is_ascii() { pad + &shown } else { shown + &pad });
        }
        chunk.invalid().iter().for_each(|_| text.push_str("  ."));
    }
    text
}

/// The part of a ruler below the bytes of one row.
fn marks(pieces: &[Piece], row: &Range<usize>) -> String {
    let mut marks = vec![' '; row.len() * BYTE + 1];
    for (at, piece) in pieces.iter().enumerate() {
        let (from, to) = (piece.whole.start.max(row.start), piece.whole.end.min(row.end));
        if from >= to {
            continue;
        }
        let column = |at: usize| (at - row.start) * BYTE;
        for byte in from..to {
            let fill = if piece.text.contains(&byte) { '-' } else { '=' };
            marks[column(byte)..column(byte) + BYTE].fill(fill);
        }
        if piece.whole.end <= row.end {
            marks[column(to)] = '|';
        }
        if piece.whole.start >= row.start {
            marks[column(from)] = '|';
            let number = (at + 1).to_string();
            let room = column(to) - column(from) - 1;
            if number.len() <= room {
                marks.splice(column(from) + 1..column(from) + 1 + number.len(), number.chars());
            }
        }
    }
    marks.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Piece, Ruler, picture};

    fn ruler(name: &'static str, pieces: &[(usize, usize, usize, usize)]) -> Ruler {
        let piece = |&(from, text, end, to): &(usize, usize, usize, usize)| Piece {
            whole: from..to,
            text: text..end,
        };
        Ruler { name, pieces: pieces.iter().map(piece).collect() }
    }

    #[test]
    fn a_plant_that_two_reads_share() {
        let reads = ruler("reads", &[(0, 0, 5, 5), (5, 5, 8, 8)]);
        let messages = ruler("messages", &[(0, 0, 2, 3), (3, 3, 7, 8)]);
        let (lines, shown) = picture("hi\n🌱\n".as_bytes(), &[reads, messages], 80, false);
        assert_eq!(shown, 8);
        assert_eq!(
            lines,
            [
                "bytes     68 69 0a f0 9f 8c b1 0a",
                "text       h  i \\n 🌱          \\n",
                "reads    |1-------------|2-------|",
                "messages |1----===|2----------===|",
            ]
        );
    }

    #[test]
    fn a_row_ends_between_characters_and_a_piece_goes_on_in_the_next() {
        let one = ruler("reads", &[(0, 0, 9, 9)]);
        let (lines, _) = picture("abcdefg🌱".as_bytes(), &[one], 9 + 1 + 3 * 9, true);
        assert_eq!(
            lines,
            [
                "bytes     61 62 63 64 65 66 67",
                "text       a  b  c  d  e  f  g",
                "reads    |1-------------------",
                "bytes     f0 9f 8c b1",
                "text      \\u{1f331}",
                "reads    ------|",
            ]
        );
    }

    #[test]
    fn pieces_of_one_byte_without_room_for_a_number_keep_their_edges() {
        let all: Vec<(usize, usize, usize, usize)> = (0..120).map(|at| (at, at, at + 1, at + 1)).collect();
        let (lines, shown) = picture(&[0xff; 120], &[ruler("reads", &all)], 80, false);
        assert_eq!(shown, 120);
        assert!(
            lines[2].starts_with("reads    |1-|2-|3-") && lines.last().unwrap().ends_with("|--|--|"),
            "{lines:?}"
        );
        assert!(lines[1].ends_with("  .  ."), "{lines:?}");
    }

    #[test]
    fn a_long_stream_is_shown_as_far_as_there_is_room() {
        let (lines, shown) = picture(&[b'x'; 1000], &[], 40, false);
        assert_eq!((lines.len(), shown), (16, 80));
        assert!(picture(&[b'x'; 10], &[], 1, false).0.len() == 6, "even a terminal of one column ends");
    }
}
