//! The first line of a request (RFC 9112 §3): its parts, and which rules it breaks.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version        GET /seed-a-plant HTTP/1.1
//! HTTP-version = "HTTP/" DIGIT "." DIGIT
//! ```
//!
//! A broken line is cut at its first and last space, which is where most readers cut it.

use super::super::super::stream::Sender;
use super::super::facts::{Method, Version};
use super::super::rules;
use super::super::scan::{Line, is_token, is_token_text, spaces_after};
use super::{Fault, Rule, target};

/// What a client sends first over HTTP/2 (RFC 9113 §3.4), as far as it looks like a request; nobody asks so in HTTP/1.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The parts of a request line, which follow each other in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub method: &'a [u8],
    /// Spaces behind the method.
    pub spaces: usize,
    pub target: &'a [u8],
    /// White space behind the target.
    pub gap: usize,
    pub version: &'a [u8],
    /// White space behind the version, or behind the target when there is no version.
    pub trailing: usize,
}

impl<'a> Parts<'a> {
    /// Cuts a line, given without its end.
    pub fn of(text: &'a [u8]) -> Self {
        let (method, rest) = text.split_at(text.iter().position(|&byte| byte == b' ').unwrap_or(text.len()));
        let spaces = rest.iter().position(|&byte| byte != b' ').unwrap_or(rest.len());
        let rest = &rest[spaces..];
        let (rest, trailing) = rest.split_at(rest.len() - spaces_after(rest));
        let version_at = rest.iter().rposition(|&byte| byte == b' ').map(|at| at + 1);
        let version_at = version_at.or_else(|| starts_with_http(rest).then_some(0));
        let (before, version) = rest.split_at(version_at.unwrap_or(rest.len()));
        let (target, gap) = before.split_at(before.len() - spaces_after(before));
        Self { method, spaces, target, gap: gap.len(), version, trailing: trailing.len() }
    }

    /// The rule that the method breaks, or the space in front of where it should be.
    pub fn in_method(&self) -> Option<Rule> {
        if self.method.is_empty() {
            return Some(&rules::NO_METHOD);
        }
        (!is_token_text(self.method)).then_some(&rules::METHOD)
    }

    /// The rule that is broken where the version should be. When `whole` is not said, the line is still coming.
    pub fn in_version(&self, whole: bool) -> Option<Rule> {
        match (self.version, self.target) {
            (b"", b"") => whole.then_some(&rules::NO_TARGET),
            (b"", _) => whole.then_some(&rules::NO_VERSION),
            (_, b"") => Some(&rules::NO_TARGET),
            (version, _) if whole => judge_version(version).1,
            _ => None,
        }
    }

    /// The first rule that the line breaks.
    fn fault(&self) -> Option<Fault> {
        let target_at = self.method.len() + self.spaces;
        let version_at = target_at + self.target.len() + self.gap;
        let at = |rule: Option<Rule>, at: usize| rule.map(|rule| Fault::at(rule, at));
        let one_space = |spaces: usize| (spaces > 1).then_some(&rules::ONE_SPACE as Rule);
        let in_target = || {
            let fault =
                target::fault(self.target, Method::of(self.method)).filter(|_| !self.target.is_empty());
            fault.map(|fault| fault.behind(target_at as u64))
        };
        at(self.in_method(), 0)
            .or_else(|| at(one_space(self.spaces), self.method.len()))
            .or_else(in_target)
            .or_else(|| at(one_space(self.gap), version_at - self.gap))
            // What is missing is missing behind the last byte that is there.
            .or_else(|| at(self.in_version(true), version_at - usize::from(self.version.is_empty())))
            .or_else(|| {
                at((self.trailing > 0).then_some(&rules::SPACE_LAST), version_at + self.version.len())
            })
    }
}

/// What a stream of bytes begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Request,
    Response,
    /// No message of HTTP/1, and why.
    Foreign(Rule),
}

impl Start {
    fn of_server(ahead: &[u8]) -> Self {
        if b"HTTP/".starts_with(ahead) || starts_with_http(ahead) {
            Self::Response
        } else if is_tls(ahead) {
            Self::Foreign(&rules::TLS)
        } else {
            Self::Foreign(&rules::NOT_RESPONSE)
        }
    }

    /// What this sender's bytes begin with, of which `line` is the first line.
    pub fn of(line: Line<'_>, ahead: &[u8], sender: Sender) -> Self {
        match sender {
            Sender::Client => Self::of_client(line, ahead),
            Sender::Server => Self::of_server(ahead),
        }
    }

    fn of_client(line: Line<'_>, ahead: &[u8]) -> Self {
        if ahead.starts_with(b"HTTP/") {
            Self::Response
        } else if is_tls(ahead) {
            Self::Foreign(&rules::TLS)
        } else if ahead.starts_with(HTTP2_PREFACE) {
            Self::Foreign(&rules::HTTP2)
        } else if is_request(line) {
            Self::Request
        } else {
            Self::Foreign(&rules::NOT_REQUEST)
        }
    }
}

/// Whether the bytes begin a record of TLS (RFC 8446 §5.1): a kind of record, and the first half of a version.
pub(crate) fn is_tls(ahead: &[u8]) -> bool {
    matches!(ahead, [0x14..=0x17, 0x03, ..])
}

/// Whether the first line is a request's or a broken request's, not something else entirely.
fn is_request(line: Line<'_>) -> bool {
    let named = line.text.first().is_some_and(|&byte| is_token(byte)) && !line.control;
    named || line.text.windows(5).any(|word| word == b"HTTP/")
}

/// The first rule that a client's first line breaks. It is whole, and given without its end.
pub(crate) fn fault(text: &[u8]) -> Option<Fault> {
    if text.is_empty() {
        // An empty line in front of the first one is no line of a request (RFC 9112 §2.2).
        return None;
    }
    match Start::of_client(Line::whole(text), text) {
        Start::Request => Parts::of(text).fault(),
        Start::Response => Some(Fault::at(&rules::NOT_REQUEST, 0)),
        Start::Foreign(rule) => Some(Fault::at(rule, 0)),
    }
}

/// What the version says, and the rule that it breaks. Whoever speaks 1.1 understands all of HTTP/1 (RFC 9110 §2.5).
pub(crate) fn judge_version(text: &[u8]) -> (Version, Option<Rule>) {
    match text {
        b"" => (Version::Missing, None),
        b"HTTP/1.0" => (Version::Http10, None),
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => (Version::Http11, None),
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
            (Version::Other, Some(&rules::VERSION_OTHER))
        }
        _ if starts_with_http(text) && !text.starts_with(b"HTTP/") => {
            (Version::Other, Some(&rules::VERSION_CASE))
        }
        _ => (Version::Other, Some(&rules::VERSION)),
    }
}

/// Whether the bytes start with `HTTP/` in any letter case.
pub(crate) fn starts_with_http(bytes: &[u8]) -> bool {
    bytes.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"))
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::{Fault, fault, rules};

    #[test]
    fn the_first_rule_that_a_line_breaks_is_found_and_its_byte() {
        for text in ["GET / HTTP/1.1", "GET / HTTP/1.0", "BREW /pot HTTP/1.2", "OPTIONS * HTTP/1.1"] {
            assert_eq!(fault(text.as_bytes()), None, "{text}");
        }
        let cases: [(&str, Rule, u64); 18] = [
            ("\u{16}\u{3}", &rules::TLS, 0),
            ("\u{1}", &rules::NOT_REQUEST, 0),
            ("HTTP/1.1 200 OK", &rules::NOT_REQUEST, 0),
            (" GET / HTTP/1.1", &rules::NO_METHOD, 0),
            ("G\u{e9}T / HTTP/1.1", &rules::METHOD, 0),
            ("GET", &rules::NO_TARGET, 2),
            ("GET ", &rules::NO_TARGET, 3),
            ("GET HTTP/1.1", &rules::NO_TARGET, 4),
            ("GET  / HTTP/1.1", &rules::ONE_SPACE, 3),
            ("GET /a b HTTP/1.1", &rules::TARGET_SPACE, 6),
            ("GET index.html HTTP/1.1", &rules::TARGET_FORM, 4),
            ("GET /  HTTP/1.1", &rules::ONE_SPACE, 5),
            ("GET /", &rules::NO_VERSION, 4),
            ("GET / TEAPOT", &rules::VERSION, 6),
            ("GET / http/1.1", &rules::VERSION_CASE, 6),
            ("GET / HTTP/1.10", &rules::VERSION, 6),
            ("GET / HTTP/0.9", &rules::VERSION_OTHER, 6),
            ("GET / HTTP/1.1 ", &rules::SPACE_LAST, 14),
        ];
        for (text, rule, at) in cases {
            assert_eq!(fault(text.as_bytes()), Some(Fault { rule, at }), "{text:?}");
        }
    }
}
