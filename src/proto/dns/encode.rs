//! Writing a name: from `www.garden.test` to labels with lengths.
//!
//! RFC 1035 §5.1 (the text), §3.1 (the bytes), §2.3.4 (the limits).
//!
//! ```text
//!  w w w . g a r d e n . t e s t
//!  |3|w w w|6|g a r d e n|4|t e s t|0|
//! ```
//!
//! ```
//! use netlab::proto::dns::encode::encode;
//!
//! assert_eq!(encode("hi.test").unwrap(), b"\x02hi\x04test\x00");
//! assert_eq!(encode("hi.test.").unwrap(), encode("hi.test").unwrap());
//! assert_eq!(encode(".").unwrap(), b"\x00");
//! assert_eq!(encode(r"a\.b.test").unwrap(), b"\x03a.b\x04test\x00");
//! assert_eq!(encode("a..b").unwrap_err().to_string(), "label 2 of the name is empty: two dots in a row, or one in front");
//! ```

use std::fmt;

use super::labels::{LABEL_LIMIT, NAME_LIMIT};

/// Why a text is not a name. Each says what there is and what there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameError {
    /// Nothing at all; the root is written as a dot.
    Nothing,
    /// Two dots in a row, or one in front; which label, the first being 1.
    EmptyLabel(usize),
    /// A label of this many bytes; [`LABEL_LIMIT`] are allowed.
    LongLabel(usize),
    /// A name of this many bytes, lengths and root included; [`NAME_LIMIT`] are allowed.
    LongName(usize),
    /// A backslash with neither a character nor a number from 000 to 255 behind it.
    Escape(String),
    /// A character outside ASCII, which a name can only carry in disguise.
    NotAscii(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "the name is empty: the root of all names is written as a dot"),
            Self::EmptyLabel(which) => {
                write!(f, "label {which} of the name is empty: two dots in a row, or one in front")
            }
            Self::LongLabel(len) => {
                write!(f, "a label of {len} bytes, and {LABEL_LIMIT} fit: its length has six bits")
            }
            Self::LongName(len) => {
                write!(f, "a name of {len} bytes with its lengths and root, and {NAME_LIMIT} are allowed")
            }
            Self::Escape(text) => {
                write!(f, "`{text}` is no escape: a backslash takes one character, or three digits up to 255")
            }
            Self::NotAscii(character) => {
                write!(
                    f,
                    "the character U+{:04X} is not ASCII: names carry others in their xn-- form",
                    u32::from(*character)
                )
            }
        }
    }
}

impl std::error::Error for NameError {}

/// The bytes of the name that `text` writes, with or without the dot at the end.
///
/// # Errors
/// When `text` breaks a limit or an escape makes no sense.
pub fn encode(text: &str) -> Result<Vec<u8>, NameError> {
    match text {
        "" => return Err(NameError::Nothing),
        "." => return Ok(vec![0]),
        _ => {}
    }
    let mut bytes = Vec::with_capacity(text.len() + 2);
    let mut label = Vec::new();
    let mut count = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (byte, left) = next_byte(rest)?;
        let dot = byte.is_none();
        label.extend(byte);
        rest = left;
        if dot || rest.is_empty() {
            count += 1;
            close(&mut bytes, &mut label, count)?;
        }
    }
    bytes.push(0);
    if bytes.len() > NAME_LIMIT { Err(NameError::LongName(bytes.len())) } else { Ok(bytes) }
}

/// The first byte a presentation text means and the text behind it; none for a dot between labels.
fn next_byte(text: &str) -> Result<(Option<u8>, &str), NameError> {
    if let Some(rest) = text.strip_prefix('.') {
        return Ok((None, rest));
    }
    if text.starts_with('\\') {
        let (byte, rest) = unescape(text).ok_or_else(|| NameError::Escape(text.chars().take(4).collect()))?;
        return Ok((Some(byte), rest));
    }
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if first.is_ascii() => Ok((u8::try_from(first).ok(), characters.as_str())),
        Some(first) => Err(NameError::NotAscii(first)),
        None => Err(NameError::Nothing),
    }
}

/// The byte that the escape in front of `text` means, and the text behind it.
pub(super) fn unescape(text: &str) -> Option<(u8, &str)> {
    let escaped = text.strip_prefix('\\')?;
    let first = escaped.chars().next().filter(char::is_ascii)?;
    if !first.is_ascii_digit() {
        return Some((u8::try_from(first).ok()?, escaped.get(1..)?));
    }
    let digits = escaped.get(..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    Some((digits.parse().ok()?, escaped.get(3..)?))
}

/// Ends the label being collected: its length, then its bytes.
fn close(bytes: &mut Vec<u8>, label: &mut Vec<u8>, count: usize) -> Result<(), NameError> {
    if label.is_empty() {
        return Err(NameError::EmptyLabel(count));
    }
    let len = u8::try_from(label.len()).ok().filter(|&len| usize::from(len) <= LABEL_LIMIT);
    bytes.push(len.ok_or(NameError::LongLabel(label.len()))?);
    bytes.append(label);
    Ok(())
}
