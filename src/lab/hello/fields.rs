//! What the field lines say about the message itself: whom it is for, where it ends, what comes after it.
//!
//! The lines are gone through once. A field of which two readers might take different lines is refused when it
//! comes twice, for requests are smuggled through such differences (RFC 9112 §11.2).

use super::refusal::{Refusal, bad};
use super::request::{Fields, elements};
use crate::proto::http::Framing;

/// The fields the server itself goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// The one Host.
    pub host: Option<&'a [u8]>,
    /// How the content ends (RFC 9112 §6).
    pub framing: Framing,
    /// Whether the connection may carry another request (RFC 9112 §9.3).
    pub keep_alive: bool,
    /// Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1).
    pub expects_continue: bool,
    /// Whether there is a condition that the answer depends on (RFC 9110 §13).
    pub conditional: bool,
}

/// Goes through the lines.
///
/// # Errors
/// When they contradict each other, or ask for what is not had here.
pub fn known<'a>(fields: &Fields<'a>, minor: u8) -> Result<Known<'a>, Refusal> {
    let mut host = None;
    let mut length = None;
    let mut coding = Coding::Unsaid;
    let (mut close, mut keep) = (false, false);
    let (mut expects_continue, mut conditional) = (false, false);
    for line in fields.0 {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        let value = line.value.trim_ascii();
        match line.name.len() {
            4 if is("host") => {
                let before = host.replace(value);
                before.map_or(Ok(()), |_| Err(bad("there is more than one Host field")))?;
            }
            6 if is("expect") && minor == 1 => {
                for expectation in elements(value) {
                    if !expectation.eq_ignore_ascii_case(b"100-continue") {
                        return Err(Refusal {
                            status: 417,
                            why: "this server meets no expectation but 100-continue",
                        });
                    }
                    expects_continue = true;
                }
            }
            8 if is("if-match") => conditional = true,
            10 if is("connection") => {
                for option in elements(value) {
                    close |= option.eq_ignore_ascii_case(b"close");
                    keep |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            13 if is("if-none-match") => conditional = true,
            14 if is("content-length") => {
                let before = length.replace(decimal(value)?);
                before.map_or(Ok(()), |_| Err(bad("there is more than one Content-Length")))?;
            }
            17 if is("transfer-encoding") => coding = coding.and(value),
            _ => {}
        }
    }
    let framing = framing(length, coding, minor)?;
    Ok(Known { host, framing, keep_alive: !close && (minor == 1 || keep), expects_continue, conditional })
}

/// `1*DIGIT` (RFC 9110 §8.6).
fn decimal(value: &[u8]) -> Result<u64, Refusal> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(bad("Content-Length is not a plain number of bytes"));
    }
    // What does not fit is larger than any limit.
    let add = |number: u64, digit: &u8| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Ok(value.iter().fold(0, add))
}

/// What Transfer-Encoding has said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Unsaid,
    /// Chunked and nothing else, once.
    Chunked,
    /// Chunked twice.
    Twice,
    /// Chunked, and another one behind it.
    NotLast,
    /// Chunked with a parameter, or a list with nothing in it.
    Broken,
    /// One that is not had here.
    Unknown,
}

impl Coding {
    fn and(self, value: &[u8]) -> Self {
        let mut coding = self;
        if elements(value).next().is_none() {
            return Self::Broken;
        }
        for name in elements(value) {
            coding = match (coding, name.eq_ignore_ascii_case(b"chunked")) {
                (Self::Unsaid, true) => Self::Chunked,
                (Self::Chunked, true) => Self::Twice,
                (Self::Chunked, false) => Self::NotLast,
                (Self::Unsaid, false) if is_chunked_with_more(name) => Self::Broken,
                (Self::Unsaid, false) => Self::Unknown,
                (Self::Twice | Self::NotLast | Self::Broken | Self::Unknown, _) => coding,
            };
        }
        coding
    }
}

/// `chunked` has no parameters (RFC 9112 §7.1).
fn is_chunked_with_more(name: &[u8]) -> bool {
    let word = name.split(|&byte| byte == b';').next().unwrap_or_default();
    word.len() < name.len() && word.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// Where the content ends (RFC 9112 §6.3). A request with both framings, or an odd one, is refused.
fn framing(length: Option<u64>, coding: Coding, minor: u8) -> Result<Framing, Refusal> {
    match (coding, length) {
        (Coding::Unsaid, None) => return Ok(Framing::None),
        (Coding::Unsaid, Some(length)) => return Ok(Framing::Length(length)),
        (_, Some(_)) => return Err(bad("Content-Length and Transfer-Encoding contradict each other")),
        _ => {}
    }
    if minor == 0 {
        return Err(bad("HTTP/1.0 has no Transfer-Encoding"));
    }
    match coding {
        Coding::Unsaid | Coding::Chunked => Ok(Framing::Chunked),
        Coding::Twice => Err(bad("chunked is named twice")),
        Coding::NotLast => Err(bad("chunked must be the last transfer coding")),
        Coding::Broken => Err(bad("the Transfer-Encoding is not the word chunked alone")),
        Coding::Unknown => {
            Err(Refusal { status: 501, why: "this server knows no transfer coding but chunked" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, known};
    use crate::lab::hello::request::Fields;

    /// The framing that these lines come to, or the status of the refusal.
    fn framing(lines: &str, minor: u8) -> Result<Framing, u16> {
        let text = format!("{lines}\r\n");
        let mut slots = [httparse::EMPTY_HEADER; 8];
        let parsed = httparse::parse_headers(text.as_bytes(), &mut slots).expect("these lines are lines");
        let httparse::Status::Complete((_, lines)) = parsed else { panic!("the lines end") };
        known(&Fields(lines), minor).map(|known| known.framing).map_err(|refusal| refusal.status)
    }

    #[test]
    fn content_ends_in_one_way_or_the_request_is_refused() {
        for (lines, framing_or_status) in [
            ("", Ok(Framing::None)),
            ("Content-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: 99999999999999999999999\r\n", Ok(Framing::Length(u64::MAX))),
            ("Transfer-Encoding: chunked\r\n", Ok(Framing::Chunked)),
            ("TRANSFER-encoding: , ChUnKeD ,\r\n", Ok(Framing::Chunked)),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", Err(400)),
            ("Content-Length: 5, 5\r\n", Err(400)),
            ("Content-Length: +5\r\n", Err(400)),
            ("Content-Length:\r\n", Err(400)),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Err(400)),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Err(400)),
            ("Transfer-Encoding: chunked, gzip\r\n", Err(400)),
            ("Transfer-Encoding: chunked;q=1\r\n", Err(400)),
            ("Transfer-Encoding:\r\n", Err(400)),
            ("Transfer-Encoding: gzip, chunked\r\n", Err(501)),
            ("Transfer-Encoding: identity\r\n", Err(501)),
            ("Transfer-Encoding: xchunked\r\n", Err(501)),
        ] {
            assert_eq!(framing(lines, 1), framing_or_status, "{lines}");
        }
        assert_eq!(framing("Transfer-Encoding: chunked\r\n", 0), Err(400));
    }
}
