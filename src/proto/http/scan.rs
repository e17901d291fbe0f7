//! Lines and character classes of RFC 9112 §2.2 and RFC 9110 §5.6, found without recording anything.
//!
//! ```text
//! line  = *( HTAB / SP / VCHAR / obs-text ) CRLF
//! token = 1*( "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA )
//! ```

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Carriage return and line feed, as it should be.
    CrLf,
    /// A line feed alone.
    Lf,
    /// A carriage return is the last byte there is.
    Cr,
    /// The bytes stop inside the line.
    Nothing,
}

/// A line measured ahead of reading it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Bytes before the line end.
    pub text: usize,
    /// How it ends.
    pub ending: Ending,
    /// Whether the text holds a control byte other than tab.
    pub control: bool,
}

impl Line {
    /// Measures the line that starts at the first of these bytes.
    #[inline]
    pub fn measure(ahead: &[u8]) -> Self {
        let mut control = false;
        let mut at = 0;
        loop {
            at = next_control(ahead, at);
            let ending = match (ahead.get(at), ahead.get(at + 1)) {
                (None, _) => Ending::Nothing,
                (Some(b'\n'), _) => Ending::Lf,
                (Some(b'\r'), Some(b'\n')) => Ending::CrLf,
                (Some(b'\r'), None) => Ending::Cr,
                (Some(byte), _) => {
                    control |= *byte != b'\t';
                    at += 1;
                    continue;
                }
            };
            return Self { text: at, ending, control };
        }
    }

    /// Whether all of it is there.
    pub fn is_whole(self) -> bool {
        matches!(self.ending, Ending::CrLf | Ending::Lf)
    }
}

/// The place of the first control byte (C0 or DEL) from `from` on, else the length.
///
/// Eight bytes a step: `word - 0x20…` borrows out of a byte below 0x20 and `word ^ 0x7f… - 1` out of a DEL. A
/// borrow can make bytes above the first hit look like hits, never below it, and only the first counts.
#[inline]
fn next_control(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = u64::from_le_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_le_bytes([0x80; 8]);
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*word);
        let del = word ^ (ONES * 0x7f);
        let low = word.wrapping_sub(ONES * 0x20) & !word;
        let hit = (low | (del.wrapping_sub(ONES) & !del)) & TOPS;
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(u8::is_ascii_control).unwrap_or(rest.len())
}

/// Whether the byte may stand in a token: a method or a field name.
#[inline]
pub(super) fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Whether the bytes are a token.
pub(super) fn is_token_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token(byte))
}

/// Whether the byte is optional white space.
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// How many bytes of white space there are in front.
#[inline]
pub(super) fn spaces_before(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !is_space(byte)).unwrap_or(bytes.len())
}

/// How many bytes of white space there are at the end.
#[inline]
pub(super) fn spaces_after(bytes: &[u8]) -> usize {
    bytes.iter().rev().position(|&byte| !is_space(byte)).unwrap_or(bytes.len())
}

/// The bytes without white space around them.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[spaces_before(bytes)..];
    &bytes[..bytes.len() - spaces_after(bytes)]
}

/// A decimal number: digits only, at least one, no sign.
pub(super) fn decimal(bytes: &[u8]) -> Option<u64> {
    let digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(bytes).ok()?.parse().ok()).flatten()
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};
