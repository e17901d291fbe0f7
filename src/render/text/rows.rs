//! Rows of hex for many bytes, at the speed they come: offset, pairs, characters.
//!
//! ```text
//!    142  6c 69 6e 65 20 30 20 6f 66 20 61 20 6c 6f 6e 67  line 0 of a long
//! ```
//!
//! Hundreds of megabytes may go through, so a row is copied together from tables and its offset is counted up digit
//! by digit; nothing is formatted.

use crate::render::text::hex;
use crate::render::text::look::Look;

/// Columns from the left, as in the trees.
const INDENT: usize = 2;
/// The columns of an offset, as in the trees between whose rows these stand; and those of a long one.
const OFFSET: usize = 5;
const LONG_OFFSET: usize = 9;
/// Bytes on a long row, and on a short one.
const LONG: usize = 16;
const SHORT: usize = 8;
/// How much is gathered before it is handed on.
const GATHERED: usize = 64 * 1024;

/// The digits of an offset with the indent before them, and what follows them on a long row.
const DIGITS: usize = INDENT + 20;
const CHARACTERS: usize = 1 + LONG * 3 + 2;
const ROW: usize = CHARACTERS + LONG + 1;

/// Rows in the making.
pub(in crate::render) struct Rows {
    shape: Shape,
    offset: Offset,
    /// The bytes of a row that is not full yet.
    begun: Vec<u8>,
    /// What is gathered, in room that is made once.
    out: Vec<u8>,
}

/// How long a row is, and whether characters stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Long,
    Short,
    Narrow,
}

impl Rows {
    /// Rows of the bytes from `at` on, for this terminal.
    pub fn new(look: Look, at: u64) -> Self {
        let columns = |row: usize, beside: usize| INDENT + LONG_OFFSET + 1 + row * 3 + beside;
        let shape = match look.width {
            width if width >= columns(LONG, 2 + LONG) => Shape::Long,
            width if width >= columns(SHORT, 2 + SHORT) => Shape::Short,
            _ => Shape::Narrow,
        };
        Self { shape, offset: Offset::at(at), begun: Vec::new(), out: Vec::new() }
    }

    /// Where the next byte is.
    pub fn at(&self) -> u64 {
        self.offset.value + self.begun.len() as u64
    }

    /// Goes past bytes that are shown in another way.
    pub fn skip(&mut self, len: u64) {
        self.offset = Offset::at(self.offset.value + len);
    }

    /// Takes bytes; whole rows go to `sink`, many at a time.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        let row = if self.shape == Shape::Long { LONG } else { SHORT };
        let mut left = bytes;
        if !self.begun.is_empty() {
            let (now, later) = left.split_at(left.len().min(row - self.begun.len()));
            self.begun.extend_from_slice(now);
            left = later;
            if self.begun.len() < row {
                return;
            }
            self.end_row();
        }
        while let Some((now, later)) = left.split_at_checked(row) {
            match (self.shape, now.first_chunk::<LONG>()) {
                (Shape::Long, Some(now)) => self.long(now),
                _ => self.any(now),
            }
            left = later;
            if self.out.len() >= GATHERED {
                self.hand_on(sink);
            }
        }
        self.begun.extend_from_slice(left);
        self.hand_on(sink);
    }

    /// What has begun ends here; the next byte stands on a row of its own.
    pub fn end(&mut self, sink: &mut dyn FnMut(&[u8])) {
        self.end_row();
        self.hand_on(sink);
    }

    fn hand_on(&mut self, sink: &mut dyn FnMut(&[u8])) {
        if !self.out.is_empty() {
            sink(&self.out);
            self.out.clear();
        }
    }

    fn end_row(&mut self) {
        if !self.begun.is_empty() {
            let row = std::mem::take(&mut self.begun);
            self.any(&row);
        }
    }

    /// A full long row, of which there are most.
    fn long(&mut self, bytes: &[u8; LONG]) {
        self.offset.write(&mut self.out);
        let from = self.out.len();
        self.out.resize(from + ROW, b' ');
        // Written where it stays: a copy of what was written byte by byte a moment ago would have to wait for it.
        if let Some(row) = self.out[from..].first_chunk_mut::<ROW>() {
            for (at, &byte) in bytes.iter().enumerate() {
                // Each pair brings a space on both sides, and the next one writes it again.
                row[1 + at * 3..][..4].copy_from_slice(&SPACED[usize::from(byte)]);
            }
            for (place, &byte) in row[CHARACTERS..CHARACTERS + LONG].iter_mut().zip(bytes) {
                *place = hex::character(byte);
            }
            row[ROW - 1] = b'\n';
        }
        self.offset.add(LONG);
    }

    /// Any other row.
    fn any(&mut self, bytes: &[u8]) {
        self.offset.write(&mut self.out);
        self.out.push(b' ');
        for &byte in bytes {
            self.out.push(b' ');
            self.out.extend_from_slice(&hex::PAIRS[usize::from(byte)]);
        }
        let row = match self.shape {
            Shape::Long => LONG,
            Shape::Short | Shape::Narrow => SHORT,
        };
        if self.shape != Shape::Narrow {
            self.out.extend(std::iter::repeat_n(b' ', (row - bytes.len()) * 3 + 2));
            self.out.extend(bytes.iter().map(|&byte| hex::character(byte)));
        }
        self.out.push(b'\n');
        self.offset.add(bytes.len());
    }
}

/// The two digits of each byte between spaces.
static SPACED: [[u8; 4]; 256] = {
    let mut spaced = [[b' '; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        spaced[byte][1] = hex::PAIRS[byte][0];
        spaced[byte][2] = hex::PAIRS[byte][1];
        byte += 1;
    }
    spaced
};

/// A number and its digits, with the indent before them.
struct Offset {
    value: u64,
    digits: [u8; DIGITS],
    /// The first digit that is not left out.
    first: usize,
    /// What the last two digits come to.
    low: usize,
}

impl Offset {
    fn at(value: u64) -> Self {
        let low = usize::from((value % 100).to_le_bytes()[0]);
        let mut offset = Self { value, digits: [b' '; DIGITS], first: DIGITS, low };
        let mut left = value;
        while left > 0 || offset.first == DIGITS {
            offset.first -= 1;
            offset.digits[offset.first] = b'0' + (left % 10).to_le_bytes()[0];
            left /= 10;
        }
        offset
    }

    /// Counts up by less than a hundred. Most often only the last two digits change.
    fn add(&mut self, by: usize) {
        if self.value < 100 {
            *self = Self::at(self.value + by as u64);
            return;
        }
        self.value += by as u64;
        self.low += by;
        if self.low >= 100 {
            self.low -= 100;
            let mut place = DIGITS - 2;
            while place > INDENT {
                place -= 1;
                match self.digits[place] {
                    b'9' => self.digits[place] = b'0',
                    b' ' => {
                        self.digits[place] = b'1';
                        break;
                    }
                    digit => {
                        self.digits[place] = digit + 1;
                        break;
                    }
                }
            }
            self.first = self.first.min(place);
        }
        self.digits[DIGITS - 2] = b'0' + (self.low / 10).to_le_bytes()[0];
        self.digits[DIGITS - 1] = b'0' + (self.low % 10).to_le_bytes()[0];
    }

    /// At the right of its column.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.digits[self.first.min(DIGITS - OFFSET) - INDENT..]);
    }
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, Offset, Rows};
    use crate::render::text::look::{Form, Look, Loudness};

    fn rows(width: usize, at: u64, pieces: &[&[u8]]) -> String {
        let look = Look { form: Form::Human, width, bytes: true, loudness: Loudness::Usual };
        let (mut rows, mut text) = (Rows::new(look, at), Vec::new());
        pieces.iter().for_each(|piece| rows.feed(piece, &mut |out| text.extend_from_slice(out)));
        rows.end(&mut |out| text.extend_from_slice(out));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_row_is_as_long_as_there_is_room() {
        let bytes: Vec<u8> = (0x38..0x4a).collect();
        assert_eq!(
            rows(80, 99_990, &[&bytes]),
            "  99990  38 39 3a 3b 3c 3d 3e 3f 40 41 42 43 44 45 46 47  89:;<=>?@ABCDEFG\n  100006  48 49                                            HI\n"
        );
        assert_eq!(
            rows(60, 7, &[&bytes[..9]]),
            "      7  38 39 3a 3b 3c 3d 3e 3f  89:;<=>?\n     15  40                       @\n"
        );
        assert_eq!(rows(40, 0, &[&bytes[..2]]), "      0  38 39\n");
    }

    #[test]
    fn however_bytes_are_cut_the_rows_are_the_same() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let whole = rows(80, 1, &[&bytes]);
        for step in [1, 3, 16, 17, 999] {
            assert_eq!(rows(80, 1, &bytes.chunks(step).collect::<Vec<_>>()), whole, "{step}");
        }
    }

    #[test]
    fn counting_up_gives_the_digits_of_the_number() {
        let mut offset = Offset::at(0);
        for _ in 0..20_000 {
            offset.add(16);
            let mut out = Vec::new();
            offset.write(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("  {:>5}", offset.value));
        }
        assert_eq!(Offset::at(1_234_567_890).first, DIGITS - 10);
    }
}
