//! What the field lines say about the message itself: whom it is for, where it ends, what comes after it.
//!
//! The lines are gone through once. A field of which two readers might take different lines is refused when it
//! comes twice, for requests are smuggled through such differences (RFC 9112 §11.2).

use super::refusal::{NO_SUCH_CODING, Refusal};
use super::request::Fields;
use crate::proto::http::Framing;
use crate::proto::http::facts::{Facts, Version};
use crate::proto::http::grammar::{Fault, Rule, elements};

const NO_MIRACLES: Refusal = Refusal::not_here(417, "this server meets no expectation but 100-continue");

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

/// Goes through the lines, which stand in `section` with the empty line behind them.
///
/// # Errors
/// When they contradict each other, or ask for what is not had here.
pub fn known<'a>(fields: &Fields<'a>, section: &[u8], minor: u8) -> Result<Known<'a>, Refusal> {
    let version = if minor == 0 { Version::Http10 } else { Version::Http11 };
    let mut facts = Facts { version, ..Facts::default() };
    let mut host = None;
    let (mut close, mut keep) = (false, false);
    let (mut expects_continue, mut conditional) = (false, false);
    for (index, line) in fields.0.iter().enumerate() {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        let value = line.value.trim_ascii();
        let mut note = |name: &str| match facts.note(name, value) {
            Some(rule) => Err(in_line(section, index, rule)),
            None => Ok(()),
        };
        match line.name.len() {
            4 if is("host") => {
                host = Some(value);
                note("host")?;
            }
            6 if is("expect") && minor == 1 => {
                for expectation in elements(value) {
                    if !expectation.eq_ignore_ascii_case(b"100-continue") {
                        return Err(NO_MIRACLES);
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
            14 if is("content-length") => note("content-length")?,
            17 if is("transfer-encoding") => note("transfer-encoding")?,
            _ => {}
        }
    }
    if facts.others {
        return Err(NO_SUCH_CODING);
    }
    if let Some(rule) = facts.settle() {
        // What is missing is missing where the head ends.
        let at = section.len().saturating_sub(1) as u64;
        return Err(Refusal::of(Fault { rule, at }));
    }
    let keep_alive = !close && (minor == 1 || keep);
    Ok(Known { host, framing: facts.framing(), keep_alive, expects_continue, conditional })
}

/// The line of this number breaks a rule.
#[cold]
fn in_line(section: &[u8], number: usize, rule: Rule) -> Refusal {
    let before: usize = section.split_inclusive(|&byte| byte == b'\n').take(number).map(<[u8]>::len).sum();
    Refusal::of(Fault { rule, at: before as u64 })
}

#[cfg(test)]
mod tests {
    use super::{Framing, Refusal, known};
    use crate::lab::hello::request::Fields;

    /// The framing that these lines come to, or the status of the refusal.
    fn framing(lines: &str, minor: u8) -> Result<Framing, u16> {
        // HTTP/1.1 wants a Host.
        let text = format!("Host: a\r\n{lines}\r\n");
        let mut slots = [httparse::EMPTY_HEADER; 8];
        let parsed = httparse::parse_headers(text.as_bytes(), &mut slots).expect("these lines are lines");
        let httparse::Status::Complete((_, lines)) = parsed else { panic!("the lines end") };
        known(&Fields(lines), text.as_bytes(), minor).map(|known| known.framing).map_err(Refusal::status)
    }

    #[test]
    fn content_ends_in_one_way_or_the_request_is_refused() {
        for (lines, framing_or_status) in [
            ("", Ok(Framing::None)),
            ("Content-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: 99999999999999999999999\r\n", Err(413)),
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
