//! The request-target as fields. What it may be is [`grammar::target`](super::grammar::target)'s.
//!
//! ```text
//! /seed-a-plant?colour=green          path, query
//! http://hello.test/                  scheme, authority, path
//! hello.test:443                      authority
//! *                                   asterisk
//! ```

use super::super::field::Spec;
use super::super::reader::Reader;
use super::facts::Method;
use super::grammar::Rule;
use super::grammar::target::{self, DELIMITER, Form};
use super::leaf::{judged, leaf, slice};
use super::rules;
use super::scan::place;
use super::specs::{ASTERISK, AUTHORITY, FRAGMENT, PATH, QUERY, QUESTION, SCHEME, SLASHES, TARGET};

/// Reads the target, whose bytes are ahead. Its form is judged only when it is `whole`.
pub(super) fn read(reader: &mut Reader<'_>, text: &[u8], method: Method, whole: bool) {
    if text.is_empty() {
        return;
    }
    reader.group_as(&TARGET, slice(reader.position(), text.len()), |reader| match Form::of(text, method) {
        Form::Origin => path(reader, text),
        Form::Asterisk => {
            judged(reader, &ASTERISK, text.len(), target::asterisk(method).filter(|_| whole));
        }
        Form::Authority => part(reader, &AUTHORITY, text, target::tunnel(text).filter(|_| whole)),
        Form::Absolute { scheme, authority } => url(reader, text, scheme, authority, whole),
        Form::Odd => part(reader, &PATH, text, whole.then_some(&rules::TARGET_FORM)),
    });
}

/// Reads a whole URL: its scheme has this length, and its authority ends there.
fn url(reader: &mut Reader<'_>, text: &[u8], scheme: usize, end: usize, whole: bool) {
    let authority = &text[scheme + DELIMITER..end];
    let rule = target::authority(&text[..scheme], authority).filter(|_| whole);
    leaf(reader, &SCHEME, scheme);
    // What is missing is missing behind the slashes.
    judged(reader, &SLASHES, DELIMITER, rule.filter(|_| authority.is_empty()));
    part(reader, &AUTHORITY, authority, rule);
    path(reader, &text[end..]);
}

/// Reads a path and what may follow it.
fn path(reader: &mut Reader<'_>, text: &[u8]) {
    let (text, fragment) = text.split_at(place(text, b'#').unwrap_or(text.len()));
    let (path, query) = text.split_at(place(text, b'?').unwrap_or(text.len()));
    part(reader, &PATH, path, None);
    if let Some((_, query)) = query.split_first() {
        leaf(reader, &QUESTION, 1);
        part(reader, &QUERY, query, None);
    }
    part(reader, &FRAGMENT, fragment, Some(&rules::FRAGMENT));
}

/// Reads one part; bytes that no URL holds are told before any other rule.
fn part(reader: &mut Reader<'_>, spec: &'static Spec, text: &[u8], rule: Option<Rule>) {
    judged(reader, spec, text.len(), target::odd_byte(text).or(rule));
}
