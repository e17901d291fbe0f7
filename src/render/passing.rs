//! Content that is too long to be held back until all of it has come: it is shown while it passes, in memory that
//! does not grow.
//!
//! Short answers are shown as a whole in the end, each field with its meaning. Of a long one the head is shown so,
//! then its content as text; or, with bytes wanted, as rows of hex, and whatever frames it (chunk sizes, extensions,
//! line ends, the trailer) field by field.

use super::hex;
use super::look::Look;
use super::screen::Screen;
use super::tree::Shower;
use crate::proto::http::HTTP;
use crate::proto::stream::{Carriage, Sender, Stream};

/// Columns from the left, as in the trees.
const INDENT: usize = 2;
/// The columns of an offset, as in the trees between whose rows these stand; and those of a long one.
const OFFSET: usize = 5;
const LONG_OFFSET: usize = 9;
/// How much is gathered before it is handed to the system.
const GATHERED: usize = 64 * 1024;
/// The most bytes of framing in one place: a size line, its extension, the trailer, each with a limit of its own.
const FRAMING_LIMIT: usize = 8 * 1024;
/// A head under which framing can be read on its own, without and with a chunk before it.
const CHUNKED_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const ONE_CHUNK: &[u8] = b"1\r\nx";

/// One body on its way past.
pub(super) struct Passing {
    /// Bytes on a row of hex, and whether characters stand beside them.
    row: usize,
    characters: bool,
    /// Where the next byte is among all that the server sent.
    at: u64,
    begun: Vec<u8>,
    framing: Vec<u8>,
    out: Vec<u8>,
    has_content: bool,
    chunks: u64,
    /// Whether what was shown last ended its line.
    ends_line: bool,
}

impl Passing {
    /// Of the bytes behind a head that ended at `at`.
    pub fn new(look: Look, at: u64) -> Self {
        let wide = |row: usize, beside: usize| INDENT + LONG_OFFSET + 2 + row * 3 - 1 + beside;
        let (row, characters) = match look.width {
            width if width >= wide(16, 2 + 16) => (16, true),
            width if width >= wide(8, 2 + 8) => (8, true),
            _ => (8, false),
        };
        Self {
            row,
            characters,
            at,
            begun: Vec::new(),
            framing: Vec::new(),
            out: Vec::new(),
            has_content: false,
            chunks: 0,
            ends_line: true,
        }
    }

    /// Characters of the content.
    pub fn text(&mut self, screen: &Screen, text: &str) {
        self.ends_line = text.ends_with('\n');
        screen.piece(text);
    }

    /// Bytes that are content: rows of hex.
    pub fn content(&mut self, screen: &Screen, shower: &mut Shower, bytes: &[u8]) {
        if !self.framing.is_empty() {
            self.chunks += 1;
            self.explain(screen, shower);
        }
        self.has_content = true;
        let mut left = bytes;
        if !self.begun.is_empty() {
            let (now, later) = left.split_at(left.len().min(self.row - self.begun.len()));
            self.begun.extend_from_slice(now);
            left = later;
            if self.begun.len() == self.row {
                self.end_row();
            }
        }
        let mut rows = left.chunks_exact(self.row);
        for row in &mut rows {
            self.write(row);
            if self.out.len() >= GATHERED {
                screen.bare(&self.out);
                self.out.clear();
            }
        }
        self.begun.extend_from_slice(rows.remainder());
    }

    /// Bytes that frame content. They are shown when content follows, or all is over.
    pub fn framing(&mut self, bytes: &[u8]) {
        let room = FRAMING_LIMIT.saturating_sub(self.framing.len()).min(bytes.len());
        self.framing.extend_from_slice(&bytes[..room]);
    }

    /// A stretch of content begins in text: of the framing before it only the number of chunks is told.
    pub fn begin_stretch(&mut self) {
        if !self.framing.is_empty() {
            self.chunks += 1;
            self.framing.clear();
            self.has_content = true;
        }
    }

    /// The body is over, or nothing more of it will come.
    pub fn end(&mut self, screen: &Screen, shower: &mut Shower) {
        if !std::mem::replace(&mut self.ends_line, true) {
            screen.piece("\n");
        }
        self.explain(screen, shower);
        self.flush(screen);
    }

    /// What is still to be shown of hex.
    fn flush(&mut self, screen: &Screen) {
        self.end_row();
        if !self.out.is_empty() {
            screen.bare(&self.out);
            self.out.clear();
        }
    }

    /// The framing since the last content, field by field.
    fn explain(&mut self, screen: &Screen, shower: &mut Shower) {
        if self.framing.is_empty() {
            return;
        }
        self.flush(screen);
        let before =
            if self.has_content { [CHUNKED_HEAD, ONE_CHUNK].concat() } else { CHUNKED_HEAD.to_vec() };
        let framing = std::mem::take(&mut self.framing);
        let bytes = [before.as_slice(), &framing].concat();
        let fields = (HTTP.dissect)(Stream {
            bytes: &bytes,
            other: &[],
            sender: Sender::Server,
            carriage: Carriage::Stream,
            ended: false,
        });
        let offset = usize::try_from(self.at).unwrap_or(usize::MAX);
        let lines = shower.lines_behind(&fields, before.len(), offset);
        lines.iter().for_each(|line| screen.line(line));
        self.at += framing.len() as u64;
    }

    fn end_row(&mut self) {
        if !self.begun.is_empty() {
            let row = std::mem::take(&mut self.begun);
            self.write(&row);
        }
    }

    /// One row: offset, pairs, characters.
    fn write(&mut self, bytes: &[u8]) {
        let out = &mut self.out;
        out.extend_from_slice(&[b' '; INDENT]);
        offset(out, self.at);
        out.push(b' ');
        for &byte in bytes {
            out.push(b' ');
            out.extend_from_slice(&hex::PAIRS[usize::from(byte)]);
        }
        if self.characters {
            let missing = self.row - bytes.len();
            out.extend(std::iter::repeat_n(b' ', missing * 3 + 2));
            out.extend(bytes.iter().map(|&byte| if (0x20..0x7f).contains(&byte) { byte } else { b'.' }));
        }
        out.push(b'\n');
        self.at += bytes.len() as u64;
    }

    /// How many chunks with content there were.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }
}

/// A number at the right of its column.
fn offset(out: &mut Vec<u8>, at: u64) {
    let mut digits = [b' '; 20];
    let (mut left, mut place) = (at, digits.len());
    loop {
        place -= 1;
        digits[place] = b'0' + (left % 10).to_le_bytes()[0];
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[place.min(digits.len() - OFFSET)..]);
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn offsets_keep_their_column_as_long_as_they_can() {
        for (at, wanted) in [(0, "    0"), (123, "  123"), (1_234_567_890, "1234567890")] {
            let mut out = Vec::new();
            offset(&mut out, at);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }
}
