//! Reading measured text: every length here was found on the bytes ahead, so no read can be cut.

use super::super::field::{Spec, Value};
use super::super::reader::Reader;
use super::super::stream::Sender;
use super::grammar::Rule;
use super::rules;
use super::scan::{Ending, Line};
use super::specs::CRLF;

/// How the bytes at hand are to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// Nothing comes after them: what is missing now stays missing. Otherwise an unfinished message is no broken one.
    pub ended: bool,
    /// What is [forgivable](super::grammar) is forgiven, with a remark.
    pub forgiving: bool,
}

impl Terms {
    /// For bytes of this sender. Requests are not forgiven what answers are.
    pub fn of(sender: Sender, ended: bool) -> Self {
        Self { ended, forgiving: sender == Sender::Server }
    }

    /// The rule of an end that is missing, if it will not come any more.
    pub fn cut(self) -> Option<Rule> {
        self.ended.then_some(&rules::LINE_CUT)
    }
}

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
pub(super) fn line_end(reader: &mut Reader<'_>, line: Line<'_>, terms: Terms) {
    ending(reader, &CRLF, line, terms);
}

/// Reads an empty line as a field of its own.
pub(super) fn empty_line(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, terms: Terms) {
    ending(reader, spec, line, terms);
}

#[inline]
fn ending(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, terms: Terms) {
    if line.ending == Ending::CrLf {
        leaf(reader, spec, 2);
    } else {
        odd_ending(reader, spec, line, terms);
    }
}

#[cold]
fn odd_ending(reader: &mut Reader<'_>, spec: &'static Spec, line: Line<'_>, terms: Terms) {
    match line.ending {
        Ending::CrLf => {}
        Ending::Lf => {
            leaf(reader, spec, 1);
            forgivable(reader, &rules::BARE_LF, terms);
        }
        Ending::Cr => judged(reader, spec, 1, terms.cut()),
        Ending::Nothing => {
            if let Some(rule) = terms.cut() {
                reader.problem(rule);
            }
        }
    }
}

/// The field recorded last breaks a rule that may be forgiven.
#[cold]
pub(super) fn forgivable(reader: &mut Reader<'_>, rule: Rule, terms: Terms) {
    if terms.forgiving {
        reader.remark(rule);
    } else {
        reader.problem(rule);
    }
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
