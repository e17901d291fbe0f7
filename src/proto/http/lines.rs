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
use super::grammar::Rule;
use super::grammar::field_line::{self, name, space_first};
use super::leaf::{Terms, empty_line, judged, leaf, line_end, lost, slice};
use super::scan::{Ending, Line, place, spaces_after, spaces_before};
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
pub(super) fn read(reader: &mut Reader<'_>, section: &Section, facts: &mut Facts, terms: Terms) -> bool {
    let mut line = Line::measure(reader.ahead());
    if !line.text.is_empty() {
        reader.group(section.group, |reader| {
            let mut above = false;
            while !line.text.is_empty() {
                field_line(reader, line, above, facts, terms);
                above = true;
                if reader.next_index() > FIELDS_LIMIT {
                    lost(reader, &rules::TOO_MANY);
                }
                line = Line::measure(reader.ahead());
            }
        });
    }
    if line.ending == Ending::Nothing {
        if terms.ended {
            reader.problem(section.missing);
        }
        return false;
    }
    empty_line(reader, section.end, line, terms);
    line.is_whole()
}

/// Reads one line, which is not empty.
#[inline]
fn field_line(reader: &mut Reader<'_>, line: Line<'_>, above: bool, facts: &mut Facts, terms: Terms) {
    let text = line.text;
    let colon = place(text, b':');
    if let (Some(len), false) = (colon, line.control) {
        let spec = known::field(&text[..len]);
        // A name of the table needs no second look.
        if !std::ptr::eq(spec, &raw const known::FIELD) {
            return named(reader, line, Name { spec, len, spaces: 0, rule: None }, facts, terms);
        }
    }
    if let Some(rule) = space_first(text, above) {
        folded(reader, line, rule, terms);
    } else if let Some(colon) = colon {
        named(reader, line, unusual(&text[..colon], line.control), facts, terms);
    } else {
        reader.group(&known::FIELD, |reader| {
            let missing: Option<Rule> = line.is_whole().then_some(&rules::NO_COLON);
            judged(reader, &NAME, text.len(), control(line, text).or(missing));
            line_end(reader, line, terms);
        });
    }
}

/// Looks at a name that is unknown or broken, or stands in a line with control bytes.
fn unusual(before_colon: &[u8], control: bool) -> Name {
    let (len, fault) = name(before_colon);
    let spaces = before_colon.len() - len;
    let rule: Option<Rule> =
        fault.map(|fault| fault.rule).filter(|&rule| std::ptr::eq(rule, &raw const rules::NAME));
    // What stood right before the colon has been looked up; only these can have hidden a known name.
    let hidden = rule.is_none() && (spaces > 0 || control);
    let spec = if hidden { known::field(&before_colon[..len]) } else { &known::FIELD };
    Name { spec, len, spaces, rule }
}

/// A name as it stands before a colon: what it names, its length, white space behind it, a rule that it breaks.
#[derive(Clone, Copy)]
struct Name {
    spec: &'static Spec,
    len: usize,
    spaces: usize,
    rule: Option<Rule>,
}

/// Reads a line that has a colon.
#[inline]
fn named(reader: &mut Reader<'_>, line: Line<'_>, name: Name, facts: &mut Facts, terms: Terms) {
    let text = line.text;
    let before = name.len + name.spaces + 1;
    let value = &text[before..];
    let front = spaces_before(value);
    let back = spaces_after(&value[front..]);
    let value = &value[front..value.len() - back];
    let group = reader.next_index();
    reader.group_as(name.spec, slice(reader.position() + before + front, value.len()), |reader| {
        judged(reader, &NAME, name.len, name.rule);
        judged(reader, &OWS, name.spaces, Some(&rules::SPACE_BEFORE_COLON));
        judged(reader, &COLON, 1, (before == 1).then_some(&rules::NO_NAME));
        leaf(reader, &OWS, front);
        judged(reader, &VALUE, value.len(), control(line, value));
        leaf(reader, &OWS, back);
        line_end(reader, line, terms);
    });
    // Half a value would be judged for what it has not said yet.
    if line.is_whole()
        && let Some(rule) = facts.note(name.spec.name, value)
    {
        if facts.is_aside {
            reader.remark_at(group, rule);
        } else {
            reader.problem_at(group, rule);
        }
    }
}

/// The rule a value breaks that holds a control byte. The line has been searched already; few have one.
#[inline]
fn control(line: Line<'_>, value: &[u8]) -> Option<Rule> {
    if line.control { field_line::control(value).map(|fault| fault.rule) } else { None }
}

/// Reads a line that starts with white space, which breaks `rule`.
fn folded(reader: &mut Reader<'_>, line: Line<'_>, rule: Rule, terms: Terms) {
    let text = line.text;
    let front = spaces_before(text);
    let back = spaces_after(&text[front..]);
    let value = text.len() - front - back;
    reader.group_as(&FOLD, slice(reader.position() + front, value), |reader| {
        judged(reader, &OWS, front, Some(rule));
        judged(reader, &VALUE, value, control(line, &text[front..front + value]));
        leaf(reader, &OWS, back);
        line_end(reader, line, terms);
    });
}
