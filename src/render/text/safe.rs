//! The one way bytes from outside reach a terminal.
//!
//! Escaped, never stripped: C0 and C1 controls, DEL, bidirectional and zero-width controls, the
//! backslash, and whatever is not UTF-8. What is left cannot move the cursor, change a colour, ring a
//! bell or hide a letter, and nothing that was there is missing.

use std::fmt::{self, Display, Write};

use crate::proto::field::UNREADABLE;
use crate::render::text::words::count;

/// How much of the text's own layout stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// Line feeds and tabs act, as in a body that is shown.
    Kept,
    /// They are escaped like every other control, as in a value on one line.
    Escaped,
}

/// Bytes from outside, ready to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Safe<'a> {
    bytes: &'a [u8],
    lines: Lines,
    ascii: bool,
    /// Whether backslashes stay as they are.
    again: bool,
}

impl<'a> Safe<'a> {
    /// For a place within a line.
    #[must_use]
    pub fn word(bytes: &'a [u8]) -> Self {
        Self { bytes, lines: Lines::Escaped, ascii: false, again: false }
    }

    /// For a block of its own: line feeds and tabs stay what they are, and so does the CR of a CRLF.
    #[must_use]
    pub fn block(bytes: &'a [u8]) -> Self {
        Self { bytes, lines: Lines::Kept, ascii: false, again: false }
    }

    /// For text within a line that was escaped when it was written down, and for a lesson's own text, where `\r\n` is
    /// to be typed as it stands. Backslashes stay as they are; whatever else has power over a terminal is escaped all the
    /// same, because the file may have been changed since, or be a stranger's.
    #[must_use]
    pub fn again(bytes: &'a [u8]) -> Self {
        Self { again: true, ..Self::word(bytes) }
    }

    /// Escapes everything outside ASCII too.
    #[must_use]
    pub fn ascii(mut self, only: bool) -> Self {
        self.ascii = only;
        self
    }

    fn char(self, char: char, next: Option<char>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match char {
            '\n' | '\t' if self.lines == Lines::Kept => out.write_char(char),
            // A CRLF line end is a line end; the CR of it may not move the cursor on its own.
            '\r' if self.lines == Lines::Kept && next == Some('\n') => Ok(()),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '\\' if !self.again => out.write_str("\\\\"),
            '\u{1b}' if !self.ascii => out.write_char('␛'),
            '\0'..='\u{1f}' | '\u{7f}' => write!(out, "\\x{:02x}", u32::from(char)),
            _ if is_hidden(char) || (self.ascii && !char.is_ascii()) => {
                write!(out, "\\u{{{:x}}}", u32::from(char))
            }
            _ => out.write_char(char),
        }
    }
}

/// C1 controls, bidirectional controls, and characters that take no room and show nothing.
#[must_use]
pub fn is_hidden(char: char) -> bool {
    matches!(char,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

impl Display for Safe<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.bytes.utf8_chunks() {
            let mut chars = chunk.valid().chars().peekable();
            while let Some(char) = chars.next() {
                self.char(char, chars.peek().copied(), out)?;
            }
            for byte in chunk.invalid() {
                write!(out, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// A name in presentation form: printable ASCII with escapes of its own, but for the mark of a broken name.
#[must_use]
pub fn name(text: &str, ascii: bool) -> String {
    if ascii { text.replace(UNREADABLE, "...") } else { text.to_owned() }
}

/// A value within a line, at most `limit` characters long; what is cut is counted.
#[must_use]
pub fn short(bytes: &[u8], limit: usize, ascii: bool) -> String {
    let whole = Safe::word(bytes).ascii(ascii).to_string();
    if whole.chars().count() <= limit {
        return whole;
    }
    let start: String = whole.chars().take(limit).collect();
    format!("{start}{} ({} in all)", if ascii { "..." } else { "…" }, count(bytes.len() as u64, "byte"))
}

#[cfg(test)]
mod tests {
    use super::{Safe, short};

    #[test]
    fn escape_sequences_lose_their_power_and_keep_their_letters() {
        assert_eq!(Safe::word(b"\x1b[2J\x07bell").to_string(), "␛[2J\\x07bell");
        assert_eq!(Safe::word("\u{9b}31m\u{202e}abc".as_bytes()).to_string(), "\\u{9b}31m\\u{202e}abc");
    }

    #[test]
    fn what_was_escaped_before_is_not_escaped_twice_and_still_has_no_power() {
        let once = Safe::word(b"a\\b\x07").to_string();
        assert_eq!(once, "a\\\\b\\x07");
        assert_eq!(Safe::again(once.as_bytes()).to_string(), once);
        assert_eq!(Safe::again(b"\x1b[2J\x07").to_string(), "␛[2J\\x07");
    }

    #[test]
    fn broken_utf8_shows_its_bytes() {
        assert_eq!(Safe::word(b"a\xff\xf0\x9f\x8cb").to_string(), "a\\xff\\xf0\\x9f\\x8cb");
    }

    #[test]
    fn a_block_keeps_its_lines_and_a_word_does_not() {
        assert_eq!(Safe::block(b"a\r\nb\rc").to_string(), "a\nb\\rc");
        assert_eq!(Safe::word(b"a\r\nb").to_string(), "a\\r\\nb");
    }

    #[test]
    fn plain_output_is_ascii_only() {
        assert_eq!(Safe::word("🌱 \u{1b}".as_bytes()).ascii(true).to_string(), "\\u{1f331} \\x1b");
    }

    #[test]
    fn a_cut_value_says_how_long_it_was() {
        assert_eq!(short(b"abcdefgh", 3, false), "abc… (8 bytes in all)");
    }
}
