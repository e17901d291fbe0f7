//! The first line: RFC 9112 §3 for a request, §4 for a response.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version        GET /seed-a-plant HTTP/1.1
//! status-line  = HTTP-version SP status-code SP [ reason ]       HTTP/1.1 200 OK
//! ```
//!
//! What a request line may be is [`first_line`](super::grammar::first_line)'s.

use super::super::field::Value;
use super::super::reader::Reader;
use super::super::stream::Sender;
use super::facts::{Facts, Method};
use super::grammar::Rule;
use super::grammar::first_line::{Parts, judge_version};
use super::leaf::{Terms, judged, line_end};
use super::scan::{Line, is_space, spaces_before};
use super::specs::{EXTRA_SPACE, METHOD, REASON, REQUEST_LINE, SP, STATUS, STATUS_LINE, VERSION};
use super::{rules, target};

/// Reads the request-line that has been measured.
pub(super) fn request_line(reader: &mut Reader<'_>, line: Line<'_>, terms: Terms) -> Facts {
    let parts = Parts::of(line.text);
    let whole = line.is_whole();
    let method = Method::of(parts.method);
    reader.group(&REQUEST_LINE, |reader| {
        judged(reader, &METHOD, parts.method.len(), parts.in_method());
        let no_method = parts.in_method().filter(|_| parts.method.is_empty());
        judged(reader, &SP, parts.spaces, no_method.or(one_space(parts.spaces)));
        target::read(reader, parts.target, method, whole);
        judged(reader, &SP, parts.gap, one_space(parts.gap));
        judged(reader, &VERSION, parts.version.len(), parts.in_version(whole));
        // A target alone must be HTTP/0.9, but the end of a line that is not over yet is only late.
        if let (b"", Some(rule)) = (parts.version, parts.in_version(whole)) {
            reader.problem(rule);
        }
        judged(reader, &EXTRA_SPACE, parts.trailing, broken(whole, &rules::SPACE_LAST));
        line_end(reader, line, terms);
    });
    Facts { method, version: judge_version(parts.version).0, ..Facts::default() }
}

fn one_space(spaces: usize) -> Option<Rule> {
    broken(spaces > 1, &rules::ONE_SPACE)
}

/// Reads the status-line that has been measured. `method` is the request's.
pub(super) fn status_line(
    reader: &mut Reader<'_>,
    line: Line<'_>,
    method: Method,
    sender: Sender,
    terms: Terms,
) -> Facts {
    let (text, whole) = (line.text, line.is_whole());
    let mut facts = Facts { is_response: true, method, ..Facts::default() };
    reader.group(&STATUS_LINE, |reader| {
        let (version, rest) =
            text.split_at(text.iter().position(|&byte| is_space(byte)).unwrap_or(text.len()));
        let (found, rule) = judge_version(version);
        facts.version = found;
        // Answers come from servers.
        let rule = broken(sender == Sender::Client, &rules::NOT_REQUEST)
            .or(rule.filter(|_| whole || !rest.is_empty()));
        judged(reader, &VERSION, version.len(), rule);
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

/// The rule, if it is broken.
fn broken(is: bool, rule: Rule) -> Option<Rule> {
    is.then_some(rule)
}
