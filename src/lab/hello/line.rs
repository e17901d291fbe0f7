//! The request line (RFC 9112 §3): method, target and version, with one space between them.
//!
//! ```text
//! GET /seed-a-plant?colour=green HTTP/1.1 CRLF
//! ```
//!
//! What is judged before the line is complete is only what its length tells, so that a cut anywhere changes nothing.

use memchr::memchr;

use super::refusal::{Refusal, bad};

/// The most bytes a request target may have.
pub const TARGET_LIMIT: usize = 8_000;
/// The most bytes a method may have; the longest registered one has 17.
const METHOD_LIMIT: usize = 32;
/// The bytes of `HTTP/1.1`.
const VERSION_LEN: usize = 8;

/// What a line is refused for that ends with LF alone.
pub const LONE_FEED: Refusal = bad("a line ends with LF alone; HTTP lines end with CR LF");
const NO_VERSION: Refusal = bad("the request line does not end with a version such as HTTP/1.1");
const NOT_THREE: Refusal = bad("the request line is not method, target and version with one space between");

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

/// The words of a line, as far as they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    method: &'a [u8],
    target: Option<&'a [u8]>,
    version: Option<&'a [u8]>,
}

impl<'a> Words<'a> {
    fn of(line: &'a [u8]) -> Self {
        let cut = |line: &'a [u8]| match memchr(b' ', line) {
            Some(at) => (&line[..at], Some(&line[at + 1..])),
            None => (line, None),
        };
        let (method, rest) = cut(line);
        let (target, version) = rest.map(cut).unzip();
        Self { method, target, version: version.flatten() }
    }

    /// Without the CR behind the last of them, if there is one.
    fn before_cr(self) -> Option<Self> {
        let before_cr = |word: &'a [u8]| word.strip_suffix(b"\r");
        Some(match self {
            Self { version: Some(version), .. } => Self { version: Some(before_cr(version)?), ..self },
            Self { target: Some(target), .. } => Self { target: Some(before_cr(target)?), ..self },
            Self { method, .. } => Self { method: before_cr(method)?, ..self },
        })
    }
}

/// A line that has not ended yet, or has only its LF to come.
///
/// # Errors
/// When it is too long already, whatever follows, or no HTTP at all.
pub fn begun(line: &[u8]) -> Result<Words<'_>, Refusal> {
    if line.starts_with(&[0x16, 0x03]) {
        return Err(bad(
            "these bytes begin a TLS handshake: this port speaks plain HTTP, so ask with http://, not https://",
        ));
    }
    let words = Words::of(line);
    if words.method.len() > METHOD_LIMIT {
        return Err(bad("the method is longer than any method there is"));
    }
    if words.target.is_some_and(|target| target.len() > TARGET_LIMIT) {
        return Err(Refusal { status: 414, why: "the request target is longer than this server reads" });
    }
    // One more for the CR. What is said of it may depend on no byte behind the first that is too many.
    if let Some(version) = words.version.and_then(|version| version.get(..VERSION_LEN + 2)) {
        let is_one = !words.method.is_empty() && words.target != Some(b"") && !version.contains(&b' ');
        return Err(if is_one { NO_VERSION } else { NOT_THREE });
    }
    Ok(words)
}

/// A line without its LF.
///
/// # Errors
/// When it breaks the grammar; first when [`begun`] says so, as it would have while the line was on its way.
pub fn complete(line: &[u8]) -> Result<RequestLine<'_>, Refusal> {
    let Words { method, target, version } = begun(line)?.before_cr().ok_or(LONE_FEED)?;
    let target = target.ok_or(NOT_THREE)?;
    if method.is_empty() || target.is_empty() {
        return Err(NOT_THREE);
    }
    if !method.iter().all(|&byte| is_token(byte)) {
        return Err(bad("the method is not a word of letters, digits and a few signs"));
    }
    let version =
        version.ok_or(bad("the request line has no version; only HTTP/0.9 was like that, and it is gone"))?;
    let minor = minor(version)?;
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
        _ => Err(NO_VERSION),
    }
}

/// `tchar` (RFC 9110 §5.6.2).
#[must_use]
pub fn is_token(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::{RequestLine, begun, complete};

    #[test]
    fn a_newer_version_of_http_1_is_answered_as_1_1() {
        let line = |text: &str| {
            let text = format!("{text}\r").leak();
            complete(text.as_bytes()).map_err(|refusal| refusal.status)
        };
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
        let begun = |text: String| begun(text.as_bytes()).map(|_| ()).map_err(|refusal| refusal.status);
        assert_eq!(begun("A".repeat(32)), Ok(()));
        assert_eq!(begun("A".repeat(33)), Err(400));
        assert_eq!(begun(format!("GET /{}", "a".repeat(7_999))), Ok(()));
        assert_eq!(begun(format!("GET /{}", "a".repeat(8_000))), Err(414));
        assert_eq!(begun("GET / HTTP/1.1\r".to_owned()), Ok(()));
        assert_eq!(begun("GET / HTTP/1.1 and more".to_owned()), Err(400));
        assert_eq!(begun("\u{16}\u{3}\u{1}".to_owned()), Err(400));
    }
}
