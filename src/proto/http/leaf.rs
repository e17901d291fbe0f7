//! Reading measured text: every length here was found on the bytes ahead, so no read can be cut.

use super::super::field::{Spec, Value};
use super::super::reader::Reader;
use super::rules;
use super::scan::{Ending, Line};
use super::specs::CRLF;

/// What comes after the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// More may come, so an unfinished message is not a broken one.
    More,
    /// Nothing: what is missing now stays missing.
    Nothing,
}

/// A rule, found by its address.
pub(super) type Rule = &'static &'static str;

/// Reads `len` bytes of text, which are there; nothing is recorded for none.
#[inline]
pub(super) fn leaf(reader: &mut Reader<'_>, spec: &'static Spec, len: usize) {
    if len > 0 {
        let _ = reader.mark(spec, len);
    }
}

/// Reads `len` bytes of text that break `rule`, if there is one.
#[inline]
pub(super) fn judged(reader: &mut Reader<'_>, spec: &'static Spec, len: usize, rule: Option<Rule>) {
    leaf(reader, spec, len);
    if let (Some(rule), true) = (rule, len > 0) {
        reader.problem(rule);
    }
}

/// Reads what ends the line; the last field carries the blame when nothing does and nothing can.
#[inline]
pub(super) fn line_end(reader: &mut Reader<'_>, line: Line<'_>, after: After) {
    ending(reader, &CRLF, line, after);
}

/// Reads an empty line as a field of its own.
pub(super) fn empty_line(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, after: After) {
    ending(reader, spec, line, after);
}

#[inline]
fn ending(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, after: After) {
    if line.ending == Ending::CrLf {
        leaf(reader, spec, 2);
    } else {
        odd_ending(reader, spec, line, after);
    }
}

#[cold]
fn odd_ending(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, after: After) {
    match line.ending {
        Ending::CrLf => {}
        Ending::Lf => judged(reader, spec, 1, Some(&rules::BARE_LF)),
        Ending::Cr => judged(reader, spec, 1, cut(after)),
        Ending::Nothing => {
            if let Some(rule) = cut(after) {
                reader.problem(rule);
            }
        }
    }
}

fn cut(after: After) -> Option<Rule> {
    (after == After::Nothing).then_some(&rules::LINE_CUT)
}

/// Reads everything that is left as bytes nobody can explain, because of `rule`.
pub(super) fn lost(reader: &mut Reader<'_>, rule: Rule) {
    if !reader.at_end() {
        reader.rest(&super::super::reader::UNREAD, Value::Opaque);
        reader.problem(rule);
    }
}

/// The value of a group that shows `len` bytes from `from` on.
#[inline]
pub(super) fn slice(from: usize, len: usize) -> Value {
    Value::Slice(place(from), place(from + len))
}

/// A byte offset; a dissection stays within `DISSECT_LIMIT`, so it fits.
#[inline]
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
