//! Values: the few kinds of things record data is made of, each read, shown and written here.
//!
//! RFC 1035 §3.3 (character-string: one length byte, then up to 255 bytes), §5.1 (how a zone file
//! writes them), RFC 3597 §5 (how it writes data of a type it does not know).
//!
//! ```text
//!  character-string   | length | length bytes ...|      written "so, in quotes"
//! ```
//!
//! ```
//! use netlab::proto::dns::rdata;
//!
//! let txt = rdata::type_named("TXT").unwrap();
//! assert_eq!(rdata::parse(txt, r#""two words" one"#).unwrap(), b"\x09two words\x03one");
//! assert_eq!(rdata::parse(txt, r"\# 2 01ff").unwrap(), b"\x01\xff");
//! ```

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::encode::encode;
use super::strings::{quoted, string, unescaped, word, write_string};
use super::{edns, name, svcparams};
use crate::proto::field::{Fields, Spec, Value};
use crate::proto::reader::{Cut, Reader};

/// One part of a type's record data.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// A number of one byte.
    U8(&'static Spec),
    /// A number of two bytes.
    U16(&'static Spec),
    /// A number of four bytes.
    U32(&'static Spec),
    /// An IPv4 address.
    Ipv4(&'static Spec),
    /// An IPv6 address.
    Ipv6(&'static Spec),
    /// A domain name.
    Name(&'static Spec),
    /// A character-string that is written without quotes where it is a plain word.
    Word(&'static Spec),
    /// One character-string or more, up to the end.
    Strings(&'static Spec),
    /// Text without a length, up to the end.
    Text(&'static Spec),
    /// Service parameters, up to the end.
    Params,
    /// EDNS options, up to the end.
    Options,
}

impl Part {
    /// Reads this part.
    pub(super) fn read(self, reader: &mut Reader<'_>, message: usize) -> Result<(), Cut> {
        match self {
            Self::U8(spec) => reader.u8(spec).map(drop),
            Self::U16(spec) => reader.u16(spec).map(drop),
            Self::U32(spec) => reader.u32(spec).map(drop),
            Self::Ipv4(spec) => reader.take(spec, 4, Value::Ipv4).map(drop),
            Self::Ipv6(spec) => reader.take(spec, 16, Value::Ipv6).map(drop),
            Self::Name(spec) => name::read(reader, spec, message),
            Self::Word(spec) => string(reader, spec),
            Self::Strings(spec) => {
                string(reader, spec)?;
                while !reader.at_end() {
                    string(reader, spec)?;
                }
                Ok(())
            }
            Self::Text(spec) => {
                reader.rest(spec, Value::Text);
                Ok(())
            }
            Self::Params => svcparams::read(reader),
            Self::Options => edns::options(reader),
        }
    }

    /// Shows this part: takes its fields from `parts` and adds its words.
    pub(super) fn show(
        self,
        fields: &Fields<'_>,
        parts: &mut impl Iterator<Item = usize>,
        words: &mut Vec<String>,
    ) {
        match self {
            Self::U8(_) | Self::U16(_) | Self::U32(_) => {
                words.extend(parts.next().and_then(|at| fields.number(at)).map(|number| number.to_string()));
            }
            Self::Ipv4(_) | Self::Ipv6(_) | Self::Name(_) => {
                words.extend(parts.next().map(|at| String::from_utf8_lossy(&fields.value(at)).into_owned()));
            }
            Self::Word(_) => words.extend(parts.next().map(|at| word(&fields.value(at)))),
            Self::Strings(_) => words.extend(parts.map(|at| quoted(&fields.value(at)))),
            Self::Text(_) => {
                words.push(parts.next().map_or_else(|| quoted(b""), |at| quoted(&fields.value(at))));
            }
            Self::Params => words.extend(parts.map(|at| svcparams::show(fields, at))),
            Self::Options => {}
        }
    }

    /// Writes this part: takes its words from `tokens` and adds its bytes.
    pub(super) fn write<'t>(
        self,
        tokens: &mut impl Iterator<Item = &'t str>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), String> {
        match self {
            Self::U8(spec) => bytes.push(parsed::<u8>(spec, tokens)?),
            Self::U16(spec) => bytes.extend(parsed::<u16>(spec, tokens)?.to_be_bytes()),
            Self::U32(spec) => bytes.extend(parsed::<u32>(spec, tokens)?.to_be_bytes()),
            Self::Ipv4(spec) => bytes.extend(parsed::<Ipv4Addr>(spec, tokens)?.octets()),
            Self::Ipv6(spec) => bytes.extend(parsed::<Ipv6Addr>(spec, tokens)?.octets()),
            Self::Name(spec) => {
                let text = expected(spec, tokens)?;
                bytes.extend(encode(text).map_err(|error| format!("{}: {error}", spec.name))?);
            }
            Self::Word(spec) => write_string(expected(spec, tokens)?, bytes)?,
            Self::Strings(spec) => {
                write_string(expected(spec, tokens)?, bytes)?;
                tokens.try_for_each(|token| write_string(token, bytes))?;
            }
            Self::Text(spec) => bytes.extend(unescaped(expected(spec, tokens)?)?),
            Self::Params => bytes.extend(svcparams::write(tokens)?),
            Self::Options => return Err(String::from("OPT is no record, so no zone has one")),
        }
        Ok(())
    }
}

/// Data as RFC 3597 §5 writes it when the type is not known: `\# 3 01ff80`.
pub(super) fn show_unknown(bytes: &[u8]) -> String {
    let mut text = format!(r"\# {}", bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{byte:02x}", if index == 0 { " " } else { "" });
    }
    text
}

/// The bytes behind a `\#`: a length, then that many bytes in hexadecimal.
pub(super) fn write_unknown<'t>(tokens: &mut impl Iterator<Item = &'t str>) -> Result<Vec<u8>, String> {
    let len = tokens.next().and_then(|len| len.parse::<usize>().ok());
    let len = len.ok_or(r"`\#` is followed by the number of bytes")?;
    let digits: Vec<u32> = tokens
        .flat_map(str::chars)
        .map(|digit| {
            digit.to_digit(16).ok_or_else(|| format!("no hexadecimal digit: {}", digit.escape_debug()))
        })
        .collect::<Result<_, _>>()?;
    if digits.len() != len.saturating_mul(2) {
        return Err(format!(
            "{len} bytes are {} hexadecimal digits, and there are: {}",
            len.saturating_mul(2),
            digits.len()
        ));
    }
    Ok(digits.as_chunks().0.iter().filter_map(|&[high, low]| u8::try_from(high << 4 | low).ok()).collect())
}

/// The words of a zone file's line. Quotes hold a word with spaces together and disappear; escapes
/// stay as they are, because only whoever takes the word knows what a dot in it means.
pub(super) fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut token: Option<String> = None;
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                token.get_or_insert_default();
            }
            '\\' => {
                let token = token.get_or_insert_default();
                token.push('\\');
                token.extend(characters.next());
            }
            blank if blank.is_ascii_whitespace() && !quoted => tokens.extend(token.take()),
            other => token.get_or_insert_default().push(other),
        }
    }
    tokens.extend(token);
    if quoted { Err(format!("a quote is opened and not closed: {text}")) } else { Ok(tokens) }
}

fn expected<'t>(spec: &Spec, tokens: &mut impl Iterator<Item = &'t str>) -> Result<&'t str, String> {
    tokens.next().ok_or_else(|| format!("the {} is missing: {}", spec.name, spec.meaning))
}

fn parsed<'t, T: FromStr>(spec: &Spec, tokens: &mut impl Iterator<Item = &'t str>) -> Result<T, String> {
    let text = expected(spec, tokens)?;
    text.parse().map_err(|_| format!("no {}: {text}", spec.name))
}
