//! Saying it: a request or a response as bytes, exactly as stated (RFC 9112 §2.1).
//!
//! ```text
//! method SP target SP HTTP/1.1 CRLF  Host: host CRLF  *( name: value CRLF )  CRLF  content
//! ```
//!
//! ```
//! use netlab::proto::http::build::{RequestText, host};
//!
//! let host = host("hello.test", 80);
//! let request = RequestText { host: Some(&host), ..RequestText::get("/") };
//! assert_eq!(request.bytes().expect("nothing in it breaks a line"), b"GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n");
//! ```

use std::fmt;

use super::scan::is_token_text;
use super::status::reason;

/// A request to be written. Nothing is added: whoever sends content says its Content-Length, and
/// whoever leaves out the Host sends a request without one.
#[derive(Debug, Clone, Copy)]
pub struct RequestText<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The request-target, such as `/seed-a-plant?colour=green`.
    pub target: &'a str,
    /// The version, such as `HTTP/1.1`.
    pub version: &'a str,
    /// The Host field, written first as RFC 9110 §7.2 advises.
    pub host: Option<&'a str>,
    /// More fields, in order: name and value.
    pub fields: &'a [(&'a str, &'a str)],
    /// What follows the head.
    pub content: &'a [u8],
}

/// Why a message was not written: a part would have broken out of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A method or field name is not a token.
    NotAToken,
    /// A target is empty or holds white space, a control byte or a byte beyond ASCII.
    Target,
    /// A version that this builder does not write.
    Version,
    /// A value holds a carriage return, line feed or NUL, and could have smuggled in a line of its own.
    LineBreak,
    /// The fields say a Content-Length or Transfer-Encoding, which is for the builder to say.
    Length,
    /// The status is not from 100 to 599.
    Status,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAToken => {
                "a method or field name is a word without spaces or punctuation such as : and /"
            }
            Self::Target => "a request-target is visible ASCII without spaces; percent-encode the rest",
            Self::Version => "the version is HTTP/1.1 or HTTP/1.0",
            Self::LineBreak => {
                "a field value holds no carriage return, line feed or NUL, which would forge a line"
            }
            Self::Length => "the length of this content is counted, not stated",
            Self::Status => "a status code is three digits from 100 to 599",
        })
    }
}

impl std::error::Error for Refused {}

impl<'a> RequestText<'a> {
    /// A GET of `target` with nothing else, not even a Host.
    #[must_use]
    pub fn get(target: &'a str) -> Self {
        Self { method: "GET", target, version: "HTTP/1.1", host: None, fields: &[], content: &[] }
    }

    /// The request as bytes.
    ///
    /// # Errors
    /// When a part holds bytes that would end its line or its place in it.
    pub fn bytes(&self) -> Result<Vec<u8>, Refused> {
        if !is_token_text(self.method.as_bytes()) {
            return Err(Refused::NotAToken);
        }
        if self.target.is_empty() || !self.target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refused::Target);
        }
        if !matches!(self.version, "HTTP/1.0" | "HTTP/1.1") {
            return Err(Refused::Version);
        }
        let mut bytes = Vec::with_capacity(256 + self.content.len());
        for part in [self.method, " ", self.target, " ", self.version, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
        if let Some(host) = self.host {
            field_line(&mut bytes, "Host", host)?;
        }
        for (name, value) in self.fields {
            field_line(&mut bytes, name, value)?;
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.content);
        Ok(bytes)
    }
}

/// The value of a Host field: the port is left out when it is http's own, and an IPv6 address stands
/// in brackets, for it has colons itself (RFC 3986 §3.2.2).
///
/// ```
/// use netlab::proto::http::build::host;
/// assert_eq!(host("hello.test", 7080), "hello.test:7080");
/// assert_eq!(host("::1", 80), "[::1]");
/// ```
#[must_use]
pub fn host(host: &str, port: u16) -> String {
    let bare = host.contains(':') && !host.starts_with('[');
    let host = if bare { format!("[{host}]") } else { host.to_owned() };
    if port == 80 { host } else { format!("{host}:{port}") }
}

/// A response with the right Content-Length, with its content or for HEAD without.
///
/// ```
/// use netlab::proto::http::build::{Reply, response};
/// let reply = response(200, &[("Content-Type", "text/plain; charset=utf-8")], "🌱 Plant seeded!".as_bytes(), Reply::Whole);
/// let text = String::from_utf8(reply.expect("nothing in it breaks a line")).expect("it is text");
/// assert_eq!(text, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 18\r\n\r\n🌱 Plant seeded!");
/// ```
///
/// # Errors
/// When a field would break out of its line or states a length, or the status is none.
pub fn response(
    status: u16,
    fields: &[(&str, &str)],
    content: &[u8],
    reply: Reply,
) -> Result<Vec<u8>, Refused> {
    if !(100..600).contains(&status) {
        return Err(Refused::Status);
    }
    let sized = |(name, _): &(&str, &str)| {
        name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
    };
    if fields.iter().any(sized) {
        return Err(Refused::Length);
    }
    let bodiless = matches!(status, 100..200 | 204 | 304);
    let mut bytes = Vec::with_capacity(256 + content.len());
    bytes.extend_from_slice(format!("HTTP/1.1 {status} {}\r\n", reason(status)).as_bytes());
    for (name, value) in fields {
        field_line(&mut bytes, name, value)?;
    }
    if !bodiless {
        field_line(&mut bytes, "Content-Length", &content.len().to_string())?;
    }
    bytes.extend_from_slice(b"\r\n");
    if !bodiless && reply == Reply::Whole {
        bytes.extend_from_slice(content);
    }
    Ok(bytes)
}

/// How much of a response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Head and content.
    Whole,
    /// The head alone, with the Content-Length that GET would have had.
    HeadOnly,
}

fn field_line(bytes: &mut Vec<u8>, name: &str, value: &str) -> Result<(), Refused> {
    if !is_token_text(name.as_bytes()) {
        return Err(Refused::NotAToken);
    }
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Refused::LineBreak);
    }
    for part in [name, ": ", value, "\r\n"] {
        bytes.extend_from_slice(part.as_bytes());
    }
    Ok(())
}
