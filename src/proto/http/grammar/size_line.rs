//! The line in front of a chunk (RFC 9112 §7.1), byte by byte.
//!
//! ```text
//! chunk-size [ chunk-ext ] CRLF
//! chunk-size = 1*HEXDIG
//! chunk-ext  = *( BWS ";" BWS name [ BWS "=" BWS value ] )       value = token / quoted-string
//! ```
//!
//! ```text
//! Start ─▶ Size ─;▶ Before ─▶ Name ─=▶ BeforeValue ─▶ Value or Quoted ─┐
//!            │         ▲        │                            │         │
//!          space       └────;───┴─────────────;──────────────┘         │
//!            ▼         ▲                                               │
//!         Padding ──;──┘    from everywhere a line may end: ─CR▶ Return ─LF▶
//! ```

use super::super::rules;
use super::super::scan::{is_space, is_token};
use super::{Fault, Rule};

/// How far a line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeLine {
    place: Place,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In front of the digits.
    Start,
    /// Behind one of them.
    Size,
    /// White space behind the digits.
    Padding,
    /// Behind a semicolon.
    Before,
    Name,
    BehindName,
    /// Behind an equals sign.
    BeforeValue,
    Value,
    Quoted,
    /// Behind a backslash in quotes.
    Escaped,
    /// Behind a closing quote.
    Closed,
    /// White space behind a value.
    Behind,
    /// In an extension that has lost its form.
    Odd,
    /// Behind the carriage return.
    Return,
}

/// What a byte comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The line goes on.
    On,
    /// A rule is broken and nobody doubts what is meant: the line can be read on.
    Forgivable(Fault),
    /// A rule is broken, and that is the end of it.
    Broken(Fault),
    /// The line has ended, perhaps in a way that has to be forgiven.
    Ended(Option<Fault>),
}

impl SizeLine {
    /// A line of which nothing has come.
    pub const NEW: Self = Self { place: Place::Start, size: 0 };

    /// The size so far; one that 64 bits do not hold is as large as they can say.
    pub fn size(self) -> u64 {
        self.size
    }

    /// Whether nothing but digits has come.
    pub fn is_in_size(self) -> bool {
        matches!(self.place, Place::Start | Place::Size)
    }

    /// Whether white space or an extension has begun and not ended.
    pub fn is_in_extension(self) -> bool {
        !self.is_in_size() && self.place != Place::Return
    }

    /// Takes the next byte of the line, which stands at `at`.
    pub fn next(&mut self, byte: u8, at: u64) -> Next {
        let fault = |rule| Fault { rule, at };
        match (self.place, byte) {
            (Place::Return, b'\n') => Next::Ended(None),
            (Place::Return, _) => Next::Broken(fault(&rules::BARE_CR)),
            (Place::Start, _) if !byte.is_ascii_hexdigit() => Next::Broken(fault(&rules::CHUNK_SIZE)),
            (_, b'\n') => Next::Ended(Some(fault(&rules::BARE_LF))),
            (place, b'\r') => {
                self.place = Place::Return;
                // What is wrong is not the carriage return, but what stands before it.
                let at = at.saturating_sub(1);
                place.unfinished().map_or(Next::On, |rule| Next::Forgivable(Fault { rule, at }))
            }
            (Place::Size, _) if byte.is_ascii_hexdigit() => self.digit(byte),
            (Place::Start, _) => self.digit(byte),
            (place, _) => match place.behind(byte) {
                Ok(place) => {
                    self.place = place;
                    Next::On
                }
                Err(rule) if std::ptr::eq(rule, &raw const rules::EXT_FORM) => {
                    self.place = Place::Odd;
                    Next::Forgivable(fault(rule))
                }
                Err(rule) => Next::Broken(fault(rule)),
            },
        }
    }

    fn digit(&mut self, digit: u8) -> Next {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20) - b'a' + 10,
        };
        self.size = self.size.checked_mul(16).map_or(u64::MAX, |size| size + u64::from(value));
        self.place = Place::Size;
        Next::On
    }
}

impl Place {
    /// The rule that is broken when the line ends here.
    fn unfinished(self) -> Option<Rule> {
        match self {
            Self::Padding | Self::BehindName | Self::Behind => Some(&rules::CHUNK_PADDED),
            Self::Before | Self::BeforeValue | Self::Quoted | Self::Escaped => Some(&rules::EXT_FORM),
            _ => None,
        }
    }

    /// The place behind a byte that ends no line and is no digit of the size.
    fn behind(self, byte: u8) -> Result<Self, Rule> {
        let (space, token) = (is_space(byte), is_token(byte));
        Ok(match (self, byte) {
            (Self::Size | Self::Padding, b';') => Self::Before,
            (Self::Size | Self::Padding, _) if space => Self::Padding,
            (Self::Size, _) => return Err(&rules::CHUNK_SIZE),
            (Self::Padding, _) => return Err(&rules::CHUNK_EXT),
            _ if byte.is_ascii_control() && !space => return Err(&rules::CONTROL),
            (Self::Odd, _) => Self::Odd,
            (Self::Quoted, b'\\') => Self::Escaped,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted | Self::Escaped, _) | (Self::BeforeValue, b'"') => Self::Quoted,
            (Self::Name | Self::BehindName | Self::Value | Self::Closed | Self::Behind, b';') => Self::Before,
            (Self::Name | Self::BehindName, b'=') => Self::BeforeValue,
            (Self::Before | Self::BeforeValue, _) if space => self,
            (Self::Name | Self::BehindName, _) if space => Self::BehindName,
            (Self::Value | Self::Closed | Self::Behind, _) if space => Self::Behind,
            (Self::Before | Self::Name, _) if token => Self::Name,
            (Self::BeforeValue | Self::Value, _) if token => Self::Value,
            _ => return Err(&rules::EXT_FORM),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::rules;
    use super::super::{Fault, Rule};
    use super::{Next, SizeLine};

    /// The size that a line says, or the first rule that it breaks.
    fn read(line: &str) -> Result<u64, (Rule, u64)> {
        let mut so_far = SizeLine::NEW;
        for (at, byte) in line.bytes().enumerate() {
            match so_far.next(byte, at as u64) {
                Next::On | Next::Ended(None) => {}
                Next::Forgivable(Fault { rule, at })
                | Next::Broken(Fault { rule, at })
                | Next::Ended(Some(Fault { rule, at })) => return Err((rule, at)),
            }
        }
        Ok(so_far.size())
    }

    #[test]
    fn a_size_may_have_extensions_as_the_rfc_writes_them() {
        for (line, size) in [
            ("5\r\n", 5),
            ("00aF\r\n", 0xaf),
            ("5;a\r\n", 5),
            ("5 ; a = b;c=\"d\\\" ;e\"\r\n", 5),
            ("ffffffffffffffff\r\n", u64::MAX),
            ("1ffffffffffffffff\r\n", u64::MAX),
        ] {
            assert_eq!(read(line), Ok(size), "{line:?}");
        }
    }

    #[test]
    fn what_else_stands_there_breaks_a_rule() {
        for (line, rule, at) in [
            ("\r\n", &rules::CHUNK_SIZE, 0),
            ("0x5\r\n", &rules::CHUNK_SIZE, 1),
            ("5 5\r\n", &rules::CHUNK_EXT, 2),
            ("5\rX", &rules::BARE_CR, 2),
            ("5\n", &rules::BARE_LF, 1),
            ("5  \r\n", &rules::CHUNK_PADDED, 2),
            ("5;a=b \r\n", &rules::CHUNK_PADDED, 5),
            ("5;\r\n", &rules::EXT_FORM, 1),
            ("5;a b\r\n", &rules::EXT_FORM, 4),
            ("5;a=\"b\r\n", &rules::EXT_FORM, 5),
            ("5;a\0\r\n", &rules::CONTROL, 3),
        ] {
            assert_eq!(read(line), Err((rule, at)), "{line:?}");
        }
    }
}
