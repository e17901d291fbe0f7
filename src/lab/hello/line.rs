//! The request line (RFC 9112 §3): method, target and version, with one space between them.
//!
//! ```text
//! GET /seed-a-plant?colour=green HTTP/1.1 CRLF
//! ```
//!
//! What is judged before the line is complete is only what its length tells, so that a cut anywhere changes nothing.

use super::refusal::{Refusal, bad};

/// The most bytes a request target may have.
pub const TARGET_LIMIT: usize = 8_000;
/// The most bytes a method may have; the longest registered one has 17.
const METHOD_LIMIT: usize = 32;
/// The bytes of `HTTP/1.1`.
const VERSION_LEN: usize = 8;

/// A request line that holds to the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLine<'a> {
    /// A word.
    pub method: &'a str,
    /// Visible ASCII.
    pub target: &'a str,
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and what follows it.
    pub minor: u8,
}

/// The sizes of a line that has not ended yet.
///
/// # Errors
/// When it is too long already, whatever follows.
pub fn begun(line: &[u8]) -> Result<(), Refusal> {
    if line.starts_with(&[0x16, 0x03]) {
        return Err(bad(
            "these bytes begin a TLS handshake: this port speaks plain HTTP, so ask with http://, not https://",
        ));
    }
    let mut words = line.splitn(3, |&byte| byte == b' ');
    if words.next().unwrap_or_default().len() > METHOD_LIMIT {
        return Err(bad("the method is longer than any method there is"));
    }
    if words.next().unwrap_or_default().len() > TARGET_LIMIT {
        return Err(Refusal { status: 414, why: "the request target is longer than this server reads" });
    }
    // One more for the CR.
    if words.next().unwrap_or_default().len() > VERSION_LEN + 1 {
        return Err(bad("the request line does not end with a version such as HTTP/1.1"));
    }
    Ok(())
}

/// The line without its end.
///
/// # Errors
/// When it breaks the grammar.
pub fn complete(line: &[u8]) -> Result<RequestLine<'_>, Refusal> {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (method, target, version) = (words.next().unwrap_or_default(), words.next(), words.next());
    let Some(target) = target else {
        return Err(bad("the request line is not method, target and version with one space between"));
    };
    if method.is_empty() || !method.iter().all(|&byte| is_token(byte)) {
        return Err(bad("the method is not a word of letters, digits and a few signs"));
    }
    let Some(version) = version else {
        return Err(bad("the request line has no version; only HTTP/0.9 was like that, and it is gone"));
    };
    let minor = minor(version)?;
    if target.is_empty() {
        return Err(bad("the request line is not method, target and version with one space between"));
    }
    if !target.iter().all(u8::is_ascii_graphic) {
        return Err(bad(
            "the request target holds a byte that is not visible ASCII, which has to be written as %XX",
        ));
    }
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| bad("the request line is not ASCII"));
    Ok(RequestLine { method: text(method)?, target: text(target)?, minor })
}

/// HTTP/1 is spoken here, in any minor version: what is newer than 1.1 is answered as 1.1 (RFC 9110 §6.2).
fn minor(version: &[u8]) -> Result<u8, Refusal> {
    match version.strip_prefix(b"HTTP/") {
        Some(b"1.0") => Ok(0),
        Some([b'1', b'.', b'1'..=b'9']) => Ok(1),
        Some([b'2'..=b'9', b'.', b'0'..=b'9']) => {
            Err(Refusal { status: 505, why: "this server speaks HTTP/1.1 and HTTP/1.0 only" })
        }
        _ => Err(bad("the request line does not end with a version such as HTTP/1.1")),
    }
}

/// `tchar` (RFC 9110 §5.6.2).
#[must_use]
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{RequestLine, begun, complete};

    #[test]
    fn a_newer_version_of_http_1_is_answered_as_1_1() {
        let line = |text: &'static str| complete(text.as_bytes()).map_err(|refusal| refusal.status);
        let get = RequestLine { method: "GET", target: "/", minor: 1 };
        assert_eq!(line("GET / HTTP/1.1"), Ok(get));
        assert_eq!(line("GET / HTTP/1.2"), Ok(get));
        assert_eq!(line("GET / HTTP/1.0"), Ok(RequestLine { minor: 0, ..get }));
        for (text, status) in [
            ("GET / HTTP/2.0", 505),
            ("GET / HTTP/9.9", 505),
            ("GET / HTTP/0.9", 400),
            ("GET / HTTP/1.10", 400),
            ("GET / http/1.1", 400),
            ("GET / HTTP/1.1 ", 400),
            ("GET  / HTTP/1.1", 400),
            ("GET /a b HTTP/1.1", 400),
            ("GET /", 400),
            ("GET", 400),
            ("", 400),
            (" / HTTP/1.1", 400),
            ("G\u{e9}T / HTTP/1.1", 400),
            ("GET /\u{e9} HTTP/1.1", 400),
        ] {
            assert_eq!(line(text), Err(status), "{text}");
        }
    }

    #[test]
    fn a_line_that_grew_too_long_is_refused_before_it_ends() {
        let begun = |text: String| begun(text.as_bytes()).map_err(|refusal| refusal.status);
        assert_eq!(begun("A".repeat(32)), Ok(()));
        assert_eq!(begun("A".repeat(33)), Err(400));
        assert_eq!(begun(format!("GET /{}", "a".repeat(7_999))), Ok(()));
        assert_eq!(begun(format!("GET /{}", "a".repeat(8_000))), Err(414));
        assert_eq!(begun("GET / HTTP/1.1\r".to_owned()), Ok(()));
        assert_eq!(begun("GET / HTTP/1.1 and more".to_owned()), Err(400));
        assert_eq!(begun("\u{16}\u{3}\u{1}".to_owned()), Err(400));
    }
}
