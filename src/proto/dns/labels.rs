//! The labels of a name in a message, and the name as people write it (RFC 1035 §5.1).
//!
//! Pure text work: nothing here knows of fields, so that a field's value can be shown with it.

/// The longest label, in bytes (RFC 1035 §2.3.4).
pub const LABEL_LIMIT: usize = 63;
/// The longest name, in bytes, lengths and root included (RFC 1035 §2.3.4).
pub const NAME_LIMIT: usize = 255;
/// The most pointers one name may follow. A name of 255 bytes has at most 127 labels, so a jump
/// before each but the first is all that could ever be of use.
pub const JUMP_LIMIT: usize = 126;
/// What [`present`] ends a broken name with. No label can fake it: outside ASCII, bytes are escaped.
pub const BROKEN: &str = crate::proto::field::UNREADABLE;

/// The name at byte `at` of `message` as it is written: labels joined by dots, no dot at the end
/// except the root itself, `.`. A dot inside a label is `\.`, a backslash `\\`, a quote `\"` (it would
/// begin a string in a zone file), and a byte that is not a visible ASCII character `\DDD`. Total: a broken name gives the labels that could be read, then [`BROKEN`].
#[must_use]
pub fn present(message: &[u8], at: usize) -> String {
    let mut text = String::new();
    for label in Labels::of(message, at) {
        if !text.is_empty() {
            text.push('.');
        }
        match label {
            Ok(label) => label.iter().for_each(|&byte| escape(byte, b".\\\"", &mut text)),
            Err(_) => text.push_str(BROKEN),
        }
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

/// Adds one byte to a presentation text (RFC 1035 §5.1): `special` characters behind a backslash,
/// invisible ones and those outside ASCII as `\DDD`.
pub(super) fn escape(byte: u8, special: &[u8], text: &mut String) {
    if special.contains(&byte) {
        text.push('\\');
        text.push(char::from(byte));
    } else if byte.is_ascii_graphic() {
        text.push(char::from(byte));
    } else {
        text.push('\\');
        text.extend([byte / 100, byte / 10 % 10, byte % 10].map(|digit| char::from(b'0' + digit)));
    }
}

/// What stops a name from being read to its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The bytes end, or a name that was pointed to runs on into the one that points.
    Ends,
    /// A pointer that does not go backwards.
    Forward,
    /// A label type that has no meaning any more.
    Reserved,
    /// More than [`NAME_LIMIT`] bytes.
    Long,
    /// More than [`JUMP_LIMIT`] pointers.
    Jumps,
}

impl Broken {
    /// The rule that is broken, as a sentence part.
    #[must_use]
    pub fn rule(self) -> &'static &'static str {
        match self {
            Broken::Ends => &"a pointer leads to a whole name, and this one leads to a name without an end",
            Broken::Forward => {
                &"a pointer goes back to before its own name, and following this one would go in circles or past the end"
            }
            Broken::Reserved => {
                &"a label begins with the bits 00 and a pointer with 11; 01 and 10 are reserved"
            }
            Broken::Long => &"a name has at most 255 bytes, and with what the pointer adds this one has more",
            Broken::Jumps => &"one name follows at most 126 pointers here, and this one follows more",
        }
    }
}

/// The labels of a name, pointers followed; a broken name ends with one `Err`.
pub struct Labels<'a> {
    message: &'a [u8],
    /// Where the stretch being read started: pointers must go to before this.
    start: usize,
    at: usize,
    /// Bytes of the name so far, the root's zero not among them.
    len: usize,
    jumps: usize,
    done: bool,
}

impl<'a> Labels<'a> {
    /// The labels of the name at byte `at` of `message`.
    #[must_use]
    pub fn of(message: &'a [u8], at: usize) -> Self {
        Self { message, start: at, at, len: 0, jumps: 0, done: false }
    }

    /// The next label, or none at the root.
    fn step(&mut self) -> Result<Option<&'a [u8]>, Broken> {
        loop {
            let rest = self.message.get(self.at..).unwrap_or_default();
            let (&first, rest) = rest.split_first().ok_or(Broken::Ends)?;
            match first >> 6 {
                0b00 if first == 0 => return Ok(None),
                0b00 => {
                    let label = rest.get(..usize::from(first)).ok_or(Broken::Ends)?;
                    self.at += 1 + label.len();
                    self.len += 1 + label.len();
                    return if self.len < NAME_LIMIT { Ok(Some(label)) } else { Err(Broken::Long) };
                }
                0b11 => {
                    let &second = rest.first().ok_or(Broken::Ends)?;
                    let target = usize::from(u16::from_be_bytes([first & 0x3f, second]));
                    self.jumps += 1;
                    if target >= self.start {
                        return Err(Broken::Forward);
                    }
                    if self.jumps > JUMP_LIMIT {
                        return Err(Broken::Jumps);
                    }
                    self.message = self.message.get(..self.start).unwrap_or_default();
                    (self.start, self.at) = (target, target);
                }
                _ => return Err(Broken::Reserved),
            }
        }
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = Result<&'a [u8], Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step().transpose();
        self.done = !matches!(step, Some(Ok(_)));
        step
    }
}
