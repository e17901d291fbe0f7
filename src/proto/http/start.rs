//! The first line: RFC 9112 §3 for a request, §4 for a response.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version        GET /seed-a-plant HTTP/1.1
//! status-line  = HTTP-version SP status-code SP [ reason ]       HTTP/1.1 200 OK
//! ```
//!
//! A broken first line is cut at its first and last space, which is where most readers cut it.

use super::super::field::Value;
use super::super::reader::Reader;
use super::facts::{Facts, Method, Version};
use super::grammar::Rule;
use super::leaf::{Terms, judged, line_end};
use super::scan::{Line, is_space, is_token_text, spaces_after, spaces_before};
use super::specs::{EXTRA_SPACE, METHOD, REASON, REQUEST_LINE, SP, STATUS, STATUS_LINE, VERSION};
use super::{rules, target};

/// Reads the request-line that has been measured.
pub(super) fn request_line(reader: &mut Reader<'_>, line: Line<'_>, terms: Terms) -> Facts {
    let (text, whole) = (line.text, line.is_whole());
    let mut facts = Facts::default();
    reader.group(&REQUEST_LINE, |reader| {
        let (method, rest) = text.split_at(text.iter().position(|&byte| byte == b' ').unwrap_or(text.len()));
        facts.method = Method::of(method);
        judged(reader, &METHOD, method.len(), broken(!is_token_text(method), &rules::METHOD));
        let (spaces, rest) = rest.split_at(rest.iter().position(|&byte| byte != b' ').unwrap_or(rest.len()));
        let rule: Option<Rule> = if method.is_empty() {
            Some(&rules::NO_METHOD)
        } else {
            broken(spaces.len() > 1, &rules::ONE_SPACE)
        };
        judged(reader, &SP, spaces.len(), rule);
        facts.version = target_and_version(reader, rest, facts.method, whole);
        line_end(reader, line, terms);
    });
    facts
}

/// Reads what follows the method: a target, a space and a version, as far as they are there.
fn target_and_version(reader: &mut Reader<'_>, text: &[u8], method: Method, whole: bool) -> Version {
    let (text, trailing) = text.split_at(text.len() - spaces_after(text));
    let version_at = text.iter().rposition(|&byte| byte == b' ').map(|at| at + 1);
    let version_at = version_at.or_else(|| starts_with_http(text).then_some(0));
    let (before, version) = text.split_at(version_at.unwrap_or(text.len()));
    let target = &before[..before.len() - spaces_after(before)];
    target::read(reader, target, method, whole);
    judged(
        reader,
        &SP,
        before.len() - target.len(),
        broken(before.len() - target.len() > 1, &rules::ONE_SPACE),
    );
    let (found, rule) = judge_version(version);
    // A target alone must be HTTP/0.9, but the end of a line that is not over yet is only late.
    let late = !whole;
    if version.is_empty() {
        if !late {
            let rule: Rule = if target.is_empty() { &rules::NO_TARGET } else { &rules::NO_VERSION };
            reader.problem(rule);
        }
    } else if target.is_empty() {
        judged(reader, &VERSION, version.len(), Some(&rules::NO_TARGET));
    } else {
        judged(reader, &VERSION, version.len(), rule.filter(|_| !late));
    }
    judged(reader, &EXTRA_SPACE, trailing.len(), broken(!late, &rules::SPACE_LAST));
    found
}

/// Reads the status-line that has been measured. `method` is the request's.
pub(super) fn status_line(reader: &mut Reader<'_>, line: Line<'_>, method: Method, terms: Terms) -> Facts {
    let (text, whole) = (line.text, line.is_whole());
    let mut facts = Facts { is_response: true, method, ..Facts::default() };
    reader.group(&STATUS_LINE, |reader| {
        let (version, rest) =
            text.split_at(text.iter().position(|&byte| is_space(byte)).unwrap_or(text.len()));
        let (found, rule) = judge_version(version);
        facts.version = found;
        judged(reader, &VERSION, version.len(), rule.filter(|_| whole || !rest.is_empty()));
        let (spaces, rest) = rest.split_at(spaces_before(rest));
        judged(reader, &SP, spaces.len(), broken(spaces != b" ", &rules::ONE_SPACE));
        let (code, rest) = rest.split_at(rest.iter().position(|&byte| is_space(byte)).unwrap_or(rest.len()));
        facts.status = status(reader, code, whole || !rest.is_empty());
        if rest.is_empty() && whole {
            let rule: Rule = if code.is_empty() { &rules::NO_STATUS } else { &rules::STATUS_SPACE };
            reader.problem(rule);
        }
        let (space, reason) = rest.split_at(rest.len().min(1));
        judged(reader, &SP, space.len(), broken(space != b" ", &rules::ONE_SPACE));
        judged(reader, &REASON, reason.len(), broken(line.control, &rules::CONTROL));
        line_end(reader, line, terms);
    });
    facts
}

/// Reads the status code; 0 when it is none. Three digits that are no code can be read all the same (RFC 9110 §15).
fn status(reader: &mut Reader<'_>, code: &[u8], whole: bool) -> u16 {
    let is_number = code.len() == 3 && code[0] != b'0' && code.iter().all(u8::is_ascii_digit);
    if !is_number {
        judged(reader, &STATUS, code.len(), broken(whole, &rules::STATUS));
        return 0;
    }
    let number = code.iter().fold(0, |sum, &digit| sum * 10 + u16::from(digit - b'0'));
    // The length was taken from the bytes ahead, so this cannot be cut.
    let _ = reader.take(&STATUS, code.len(), Value::Number(u64::from(number)));
    if number >= 600 {
        reader.problem(&rules::STATUS);
    }
    number
}

fn judge_version(text: &[u8]) -> (Version, Option<Rule>) {
    match text {
        b"" => (Version::Missing, None),
        b"HTTP/1.1" => (Version::Http11, None),
        b"HTTP/1.0" => (Version::Http10, None),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            (Version::Other, Some(&rules::VERSION_OTHER))
        }
        _ if starts_with_http(text) && !text.starts_with(b"HTTP/") => {
            (Version::Other, Some(&rules::VERSION_CASE))
        }
        _ => (Version::Other, Some(&rules::VERSION)),
    }
}

/// Whether the bytes start with `HTTP/` in any letter case.
pub(super) fn starts_with_http(bytes: &[u8]) -> bool {
    bytes.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"))
}

/// The rule, if it is broken.
fn broken(is: bool, rule: Rule) -> Option<Rule> {
    is.then_some(rule)
}
