//! Field lines, of a header section or a trailer section: RFC 9112 §5.
//!
//! ```text
//! section    = *( field-line CRLF ) CRLF             Content-Length: 18
//! field-line = field-name ":" OWS field-value OWS    `-- name --' |`ows and value
//! ```
//!
//! Each line is a group named after its field, with the value as its own; a broken one says which
//! rule it breaks, and reading goes on at the next line.

use super::super::field::Spec;
use super::super::reader::Reader;
use super::facts::Facts;
use super::leaf::{After, Rule, empty_line, judged, leaf, line_end, lost, slice};
use super::scan::{Ending, Line, is_space, is_token, is_token_text, spaces_after, spaces_before};
use super::specs::{
    COLON, END_OF_BODY, END_OF_HEAD, FOLD, HEADER_SECTION, NAME, OWS, TRAILER_SECTION, VALUE,
};
use super::{FIELDS_LIMIT, known, rules};

/// A section of field lines: its group, the empty line that ends it, and the rule when that never comes.
pub(super) struct Section {
    group: &'static Spec,
    end: &'static Spec,
    missing: Rule,
}

/// The fields of a head.
pub(super) static HEADERS: Section =
    Section { group: &HEADER_SECTION, end: &END_OF_HEAD, missing: &rules::NO_END_OF_HEAD };

/// The fields behind chunked content.
pub(super) static TRAILERS: Section =
    Section { group: &TRAILER_SECTION, end: &END_OF_BODY, missing: &rules::NO_LAST_CHUNK };

/// Reads field lines up to and with the empty line, and says whether that came. Without any field
/// lines there is no group.
pub(super) fn read(reader: &mut Reader<'_>, section: &Section, facts: &mut Facts, after: After) -> bool {
    let mut line = Line::measure(reader.ahead());
    if line.text > 0 {
        reader.group(section.group, |reader| {
            let mut above = false;
            while line.text > 0 {
                field_line(reader, line, above, facts, after);
                above = true;
                if reader.next_index() > FIELDS_LIMIT {
                    lost(reader, &rules::TOO_MANY);
                }
                line = Line::measure(reader.ahead());
            }
        });
    }
    if line.ending == Ending::Nothing {
        if after == After::Nothing {
            reader.problem(section.missing);
        }
        return false;
    }
    empty_line(reader, section.end, line, after);
    line.is_whole()
}

/// Reads one line, which is not empty.
fn field_line(reader: &mut Reader<'_>, line: Line, above: bool, facts: &mut Facts, after: After) {
    let text = &reader.ahead()[..line.text];
    let name = text.iter().position(|&byte| !is_token(byte)).unwrap_or(text.len());
    if name > 0 && text.get(name) == Some(&b':') {
        named(reader, line, Name { len: name, spaces: 0, rule: None }, facts, after);
    } else if name == 0 && text.first().is_some_and(|&byte| is_space(byte)) {
        folded(reader, line, above, after);
    } else if let Some(colon) = text.iter().position(|&byte| byte == b':') {
        let spaces = spaces_after(&text[..colon]);
        let rule: Option<Rule> = (!is_token_text(&text[..colon - spaces])).then_some(&rules::NAME);
        named(reader, line, Name { len: colon - spaces, spaces, rule }, facts, after);
    } else {
        reader.group(&known::FIELD, |reader| {
            let missing: Option<Rule> = line.is_whole().then_some(&rules::NO_COLON);
            judged(reader, &NAME, text.len(), control(line, text).or(missing));
            line_end(reader, line, after);
        });
    }
}

/// A name as it stands before a colon: its length, white space behind it, a rule that it breaks.
#[derive(Clone, Copy)]
struct Name {
    len: usize,
    spaces: usize,
    rule: Option<Rule>,
}

/// Reads a line that has a colon.
#[inline]
fn named(reader: &mut Reader<'_>, line: Line, name: Name, facts: &mut Facts, after: After) {
    let text = &reader.ahead()[..line.text];
    let before = name.len + name.spaces + 1;
    let value = &text[before..];
    let front = spaces_before(value);
    let back = spaces_after(&value[front..]);
    let value = &value[front..value.len() - back];
    let spec = known::field(&text[..name.len]);
    let group = reader.next_index();
    reader.group_as(spec, slice(reader.position() + before + front, value.len()), |reader| {
        judged(reader, &NAME, name.len, name.rule);
        judged(reader, &OWS, name.spaces, Some(&rules::SPACE_BEFORE_COLON));
        judged(reader, &COLON, 1, (before == 1).then_some(&rules::NO_NAME));
        leaf(reader, &OWS, front);
        judged(reader, &VALUE, value.len(), control(line, value));
        leaf(reader, &OWS, back);
        line_end(reader, line, after);
    });
    // Half a value would be judged for what it has not said yet.
    if line.is_whole()
        && let Some(rule) = facts.note(spec.name, value)
    {
        reader.problem_at(group, rule);
    }
}

/// The rule a value breaks that holds a control byte. The line has been searched already; few have one.
#[inline]
fn control(line: Line, value: &[u8]) -> Option<Rule> {
    let holds = line.control && value.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t');
    holds.then_some(&rules::CONTROL)
}

/// Reads a line that starts with white space.
fn folded(reader: &mut Reader<'_>, line: Line, above: bool, after: After) {
    let text = &reader.ahead()[..line.text];
    let front = spaces_before(text);
    let back = spaces_after(&text[front..]);
    let value = text.len() - front - back;
    let rule: Rule = if above { &rules::FOLD } else { &rules::SPACE_FIRST };
    reader.group_as(&FOLD, slice(reader.position() + front, value), |reader| {
        judged(reader, &OWS, front, Some(rule));
        judged(reader, &VALUE, value, control(line, &text[front..front + value]));
        leaf(reader, &OWS, back);
        line_end(reader, line, after);
    });
}
