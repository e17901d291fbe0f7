//! Lines and character classes of RFC 9112 §2.2 and RFC 9110 §5.6, found without recording anything.
//!
//! ```text
//! line  = *( HTAB / SP / VCHAR / obs-text ) CRLF
//! token = 1*( "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA )
//! ```

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
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
pub(crate) struct Line<'a> {
    /// The bytes before the line end.
    pub text: &'a [u8],
    /// How it ends.
    pub ending: Ending,
    /// Whether the text holds a control byte other than tab.
    pub control: bool,
}

impl<'a> Line<'a> {
    /// Measures the line that starts at the first of these bytes.
    #[inline]
    pub fn measure(ahead: &'a [u8]) -> Self {
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
            return Self { text: &ahead[..at.min(ahead.len())], ending, control };
        }
    }

    /// A line that has ended as it should, given without its end.
    pub fn whole(text: &'a [u8]) -> Self {
        Self { text, ending: Ending::CrLf, control: has_control(text, b"\t") }
    }

    /// How many bytes its line end has.
    pub fn end_len(self) -> usize {
        match self.ending {
            Ending::CrLf => 2,
            Ending::Lf | Ending::Cr => 1,
            Ending::Nothing => 0,
        }
    }

    /// Whether all of it is there.
    pub fn is_whole(self) -> bool {
        matches!(self.ending, Ending::CrLf | Ending::Lf)
    }
}

/// The place of the first control byte (C0 or DEL) from `from` on, else the length.
///
/// Sixteen bytes are asked at once whether any of them is one; the loop has no early exit, so that the
/// compiler makes it a handful of vector instructions.
#[inline]
fn next_control(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let controls = block.iter().fold(0, |sum, &byte| sum | u8::from(byte < 0x20 || byte == 0x7f));
        if controls != 0 {
            break;
        }
        at += block.len();
    }
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(word) = rest.first_chunk() {
        match first_control(u64::from_le_bytes(*word)) {
            Some(hit) => return at + hit,
            None => at += 8,
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(hit) = rest.first_chunk().and_then(|word| first_control(u64::from_le_bytes(*word))) {
        return at + hit;
    }
    at + rest.iter().position(u8::is_ascii_control).unwrap_or(rest.len())
}

/// Whether there is a control byte other than the `usual` ones.
pub(crate) fn has_control(bytes: &[u8], usual: &[u8]) -> bool {
    let mut at = next_control(bytes, 0);
    while let Some(byte) = bytes.get(at) {
        if !usual.contains(byte) {
            return true;
        }
        at = next_control(bytes, at + 1);
    }
    false
}

/// The first control byte of eight.
///
/// `word - 0x20…` borrows out of a byte below 0x20, and `word ^ 0x7f… - 1` out of a DEL. A borrow can make
/// bytes above the first hit look like hits, never below it, and only the first counts.
#[inline]
fn first_control(word: u64) -> Option<usize> {
    let del = word ^ (ONES * 0x7f);
    let low = word.wrapping_sub(ONES * 0x20) & !word;
    let hits = (low | (del.wrapping_sub(ONES) & !del)) & TOPS;
    (hits != 0).then(|| (hits.trailing_zeros() / 8) as usize)
}

/// The place of the first such byte, searched like [`first_control`].
#[inline]
pub(crate) fn place(bytes: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let differs = u64::from_le_bytes(*word) ^ (ONES * u64::from(wanted));
        let hits = differs.wrapping_sub(ONES) & !differs & TOPS;
        if hits != 0 {
            return Some(at + (hits.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    bytes.get(at..)?.iter().position(|&byte| byte == wanted).map(|hit| at + hit)
}

/// A one in each byte of a word.
const ONES: u64 = u64::from_le_bytes([0x01; 8]);

/// The highest bit of each byte of a word.
const TOPS: u64 = u64::from_le_bytes([0x80; 8]);

/// Whether the two are the same but for letter case, provided that `small` is a field name in small
/// letters and `name` has no control bytes: then setting the bit that tells the cases apart can make
/// no other byte alike.
#[inline]
pub(crate) fn same_name(name: &[u8], small: &[u8]) -> bool {
    const CASE: u64 = ONES * 0x20;
    if name.len() != small.len() {
        return false;
    }
    let alike =
        |(name, small): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*name) | CASE == u64::from_le_bytes(*small);
    // The last eight bytes once more, rather than the odd ones one by one.
    match (name.last_chunk(), small.last_chunk()) {
        (Some(name_end), Some(small_end)) => {
            let (name, _) = name.as_chunks();
            let (small, _) = small.as_chunks();
            alike((name_end, small_end)) && name.iter().zip(small).all(alike)
        }
        _ => name.iter().zip(small).all(|(name, small)| name | 0x20 == *small),
    }
}

/// Whether the byte may stand in a token: a method or a field name.
#[inline]
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Whether the byte may stand in a host's name as it is (RFC 3986 §3.2.2).
#[inline]
pub(crate) fn is_host_byte(byte: u8) -> bool {
    HOST[byte as usize]
}

/// Whether the bytes are a token.
pub(crate) fn is_token_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token(byte))
}

/// Whether the byte is optional white space.
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// How many bytes of white space there are in front.
#[inline]
pub(crate) fn spaces_before(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !is_space(byte)).unwrap_or(bytes.len())
}

/// How many bytes of white space there are at the end.
#[inline]
pub(crate) fn spaces_after(bytes: &[u8]) -> usize {
    bytes.iter().rev().position(|&byte| !is_space(byte)).unwrap_or(bytes.len())
}

/// The bytes without white space around them.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[spaces_before(bytes)..];
    &bytes[..bytes.len() - spaces_after(bytes)]
}

/// A decimal number: digits only, at least one, no sign.
pub(crate) fn decimal(bytes: &[u8]) -> Option<u64> {
    let more = |number: u64, &byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        number.checked_mul(10)?.checked_add(digit.into())
    };
    if bytes.is_empty() { None } else { bytes.iter().try_fold(0, more) }
}

static TOKEN: [bool; 256] = alphanumeric_and(b"!#$%&'*+-.^_`|~");
static HOST: [bool; 256] = alphanumeric_and(b"-._~!$&'()*+,;=");

/// A table of letters, digits and some `others`.
const fn alphanumeric_and(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}
