//! The request line (RFC 9112 §3): method, target and version, with one space between them.
//!
//! ```text
//! GET /seed-a-plant?colour=green HTTP/1.1 CRLF
//! ```
//!
//! A sound line is told from a broken one here, and fast; what is wrong with a broken one the
//! [grammar](crate::proto::http::grammar) knows. What is judged before the line is complete is only what its length
//! tells, so that a cut anywhere changes nothing.

use memchr::memchr;

use super::refusal::Refusal;
use crate::proto::http::grammar::first_line::{fault, is_tls};
use crate::proto::http::grammar::{Fault, is_token_text};
use crate::proto::http::rules;

/// The most bytes a request target may have.
pub const TARGET_LIMIT: usize = 8_000;
/// The most bytes a method may have; the longest registered one has 17.
const METHOD_LIMIT: usize = 32;
/// The most bytes behind a method: a target, a version, the spaces in front of them, a carriage return.
const REST_LIMIT: usize = 1 + TARGET_LIMIT + 1 + "HTTP/1.1\r".len();

const METHOD_LONG: Refusal = Refusal::limit(400, "the method is longer than any method there is");
const TARGET_LONG: Refusal = Refusal::limit(414, "the request target is longer than this server reads");
const OTHER_VERSION: Refusal = Refusal::not_here(505, "this server speaks HTTP/1.1 and HTTP/1.0 only");

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

/// A line that has not ended yet, or has only its LF to come.
///
/// # Errors
/// When it is too long already, whatever follows, or no HTTP at all.
pub fn begun(line: &[u8]) -> Result<(), Refusal> {
    if is_tls(line) {
        return Err(Refusal::Syntax(Fault { rule: &rules::TLS, at: 0 }));
    }
    // A line as long as a method may be holds nothing that is too long.
    if line.len() <= METHOD_LIMIT {
        return Ok(());
    }
    let Some(space) = memchr(b' ', &line[..=METHOD_LIMIT]) else { return Err(METHOD_LONG) };
    let rest = &line[space..];
    if rest.len() > REST_LIMIT
        || (rest.len() > TARGET_LIMIT + 1 && memchr(b' ', &rest[1..TARGET_LIMIT + 2]).is_none())
    {
        return Err(TARGET_LONG);
    }
    Ok(())
}

/// A line without its LF.
///
/// # Errors
/// When it breaks the grammar; first when [`begun`] says so, as it would have while the line was on its way.
pub fn complete(line: &[u8]) -> Result<RequestLine<'_>, Refusal> {
    begun(line)?;
    let feed = Fault { rule: &rules::BARE_LF, at: line.len() as u64 };
    let text = line.strip_suffix(b"\r").ok_or_else(|| broken(line, Some(feed)))?;
    sound(text).ok_or_else(|| broken(text, None))
}

/// A line that is one, without its end.
fn sound(text: &[u8]) -> Option<RequestLine<'_>> {
    let method_end = memchr(b' ', text)?;
    let (method, rest) = (&text[..method_end], &text[method_end + 1..]);
    let target_end = memchr(b' ', rest)?;
    let (target, version) = (&rest[..target_end], &rest[target_end + 1..]);
    // HTTP/1 is spoken here, in any minor version: what is newer than 1.1 is answered as 1.1 (RFC 9110 §6.2).
    let minor = match version.strip_prefix(b"HTTP/1.")? {
        b"0" => 0,
        [b'1'..=b'9'] => 1,
        _ => return None,
    };
    let fits = is_token_text(method) && !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    let text = |bytes| std::str::from_utf8(bytes).ok();
    if fits { Some(RequestLine { method: text(method)?, target: text(target)?, minor }) } else { None }
}

/// What is wrong with a line, given without its end; `feed` is what is wrong with that.
#[cold]
fn broken(text: &[u8], feed: Option<Fault>) -> Refusal {
    if is_newer(text) {
        return OTHER_VERSION;
    }
    // The grammar has something against every line that is not sound; if not, another server may read it.
    // Of an empty line it knows nothing: those in front of a request are passed over (RFC 9112 §2.2).
    let empty = || text.is_empty().then_some(Fault { rule: &rules::NO_METHOD, at: 0 });
    fault(text).or(feed).or_else(empty).map_or(OTHER_VERSION, Refusal::Syntax)
}

/// Whether the line ends with a version of which this server knows that it does not speak it.
fn is_newer(text: &[u8]) -> bool {
    matches!(text, [.., b' ', b'H', b'T', b'T', b'P', b'/', b'2'..=b'9', b'.', b'0'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::{Refusal, RequestLine, begun, complete};

    #[test]
    fn a_newer_version_of_http_1_is_answered_as_1_1() {
        let line = |text: &str| {
            let text = format!("{text}\r").leak();
            complete(text.as_bytes()).map_err(Refusal::status)
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
        let begun = |text: String| begun(text.as_bytes()).map_err(Refusal::status);
        assert_eq!(begun("A".repeat(32)), Ok(()));
        assert_eq!(begun("A".repeat(33)), Err(400));
        assert_eq!(begun(format!("GET /{}", "a".repeat(7_999))), Ok(()));
        assert_eq!(begun(format!("GET /{}", "a".repeat(8_000))), Err(414));
        assert_eq!(begun("GET / HTTP/1.1\r".to_owned()), Ok(()));
        assert_eq!(
            begun("GET / HTTP/1.1 and more".to_owned()),
            Ok(()),
            "what is wrong is said when it is whole"
        );
        assert_eq!(begun(format!("GET /{} HTTP/1.1 and more", "a".repeat(7_999))), Err(414));
        assert_eq!(begun("\u{16}\u{3}\u{1}".to_owned()), Err(400));
    }
}
