//! Bytes as hex and bits.

use crate::proto::field::Field;

/// The two digits of each byte.
pub(super) static PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

/// Bytes as pairs of hex digits with spaces between: `47 45 54`.
#[must_use]
pub fn pairs(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Bytes as characters, a dot for each that is not printable ASCII.
#[must_use]
pub fn characters(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(character(byte))).collect()
}

/// A byte as a character, a dot if it is not printable ASCII.
#[must_use]
pub fn character(byte: u8) -> u8 {
    if (0x20..0x7f).contains(&byte) { byte } else { b'.' }
}

/// The bits of a field that is not whole bytes, within the bytes it touches: `.000 0...`.
#[must_use]
pub fn bits(field: &Field, bytes: &[u8]) -> String {
    let first = field.start / 8 * 8;
    let own = field.start..field.start + field.len;
    let mut text = String::new();
    for (at, byte) in (0u32..).zip(bytes) {
        for bit in 0..8 {
            if bit % 4 == 0 && !text.is_empty() {
                text.push(' ');
            }
            let digit = if byte >> (7 - bit) & 1 == 1 { '1' } else { '0' };
            text.push(if own.contains(&(first + at * 8 + bit)) { digit } else { '.' });
        }
    }
    text
}
