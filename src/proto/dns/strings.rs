//! Character-strings: how they are read, and how a zone file writes them (RFC 1035 §3.3, §5.1).

use super::encode::unescape;
use super::labels::escape;
use crate::proto::field::{Spec, Value};
use crate::proto::reader::{Cut, Reader};

const STRING_LENGTH: Spec =
    Spec::new("string-length", "RFC 1035 §3.3", "how many bytes the string behind it has, at most 255");
const STRING: Spec =
    Spec::new("string", "RFC 1035 §3.3", "the bytes of the string; nothing says which alphabet");

/// Reads a character-string as a group whose value is its text.
pub(super) fn string(reader: &mut Reader<'_>, spec: &'static Spec) -> Result<(), Cut> {
    let ahead = reader.ahead();
    let len = ahead.first().map_or(0, |&len| usize::from(len));
    let from = reader.position() + 1;
    let to = from + len.min(ahead.len().saturating_sub(1));
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    reader.group_as(spec, Value::Slice(offset(from), offset(to)), |reader| {
        reader.u8(&STRING_LENGTH)?;
        if len > 0 { reader.text(&STRING, len).map(drop) } else { Ok(()) }
    })
}

/// A text in quotes, with quotes and backslashes escaped; spaces need not be.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        if byte == b' ' { text.push(' ') } else { escape(byte, b"\"\\", &mut text) }
    }
    text.push('"');
    text
}

/// A text without quotes if it is only letters, digits and hyphens.
pub(super) fn word(bytes: &[u8]) -> String {
    let plain = !bytes.is_empty() && bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain { bytes.iter().map(|&byte| char::from(byte)).collect() } else { quoted(bytes) }
}

/// The bytes that a text with escapes means.
pub(super) fn unescaped(mut text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    while let Some(at) = text.find('\\') {
        let (plain, escaped) = text.split_at(at);
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, rest) = unescape(escaped).ok_or_else(|| format!("no escape: {escaped}"))?;
        bytes.push(byte);
        text = rest;
    }
    bytes.extend_from_slice(text.as_bytes());
    Ok(bytes)
}

/// Adds a character-string that is written with escapes.
pub(super) fn write_string(text: &str, bytes: &mut Vec<u8>) -> Result<(), String> {
    push_string(&unescaped(text)?, bytes)
}

/// Adds a character-string of these bytes.
pub(super) fn push_string(string: &[u8], bytes: &mut Vec<u8>) -> Result<(), String> {
    let len =
        u8::try_from(string.len()).map_err(|_| format!("a string of {} bytes, and 255 fit", string.len()))?;
    bytes.push(len);
    bytes.extend_from_slice(string);
    Ok(())
}
