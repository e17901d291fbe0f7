//! The request-target: RFC 9112 §3.2, in one of four forms.
//!
//! ```text
//! origin-form    = absolute-path [ "?" query ]     /seed-a-plant?colour=green    to the server itself
//! absolute-form  = scheme "://" authority path...  http://hello.test/            to a proxy
//! authority-form = host ":" port                   hello.test:443                with CONNECT
//! asterisk-form  = "*"                             *                             with OPTIONS
//! ```

use super::super::field::Spec;
use super::super::reader::Reader;
use super::facts::Method;
use super::grammar::Rule;
use super::leaf::{judged, leaf, slice};
use super::rules;
use super::scan::{decimal, place};
use super::specs::{ASTERISK, AUTHORITY, FRAGMENT, PATH, QUERY, QUESTION, SCHEME, SLASHES, TARGET};

/// Reads the target, whose bytes are ahead. It is judged only when it is `whole`.
pub(super) fn read(reader: &mut Reader<'_>, text: &[u8], method: Method, whole: bool) {
    if text.is_empty() {
        return;
    }
    reader.group_as(&TARGET, slice(reader.position(), text.len()), |reader| {
        if text.starts_with(b"/") && method != Method::Connect {
            path(reader, text, None);
        } else if text == b"*" {
            let rule: Option<Rule> = (whole && method != Method::Options).then_some(&rules::ASTERISK);
            judged(reader, &ASTERISK, text.len(), rule);
        } else if method == Method::Connect {
            let rule: Option<Rule> = (whole && !is_authority(text)).then_some(&rules::AUTHORITY);
            judged(reader, &AUTHORITY, text.len(), rule);
        } else if let Some(scheme) = scheme(text) {
            leaf(reader, &SCHEME, scheme);
            leaf(reader, &SLASHES, 3);
            let rest = &text[scheme + 3..];
            let authority = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
            part(reader, &AUTHORITY, &rest[..authority], None);
            path(reader, &rest[authority..], None);
        } else {
            path(reader, text, whole.then_some(&rules::TARGET_FORM));
        }
    });
}

/// Reads a path and what may follow it; `rule` is what the path breaks by being where it is.
fn path(reader: &mut Reader<'_>, text: &[u8], rule: Option<Rule>) {
    let (text, fragment) = text.split_at(place(text, b'#').unwrap_or(text.len()));
    let (path, query) = text.split_at(place(text, b'?').unwrap_or(text.len()));
    part(reader, &PATH, path, rule);
    if let Some((_, query)) = query.split_first() {
        leaf(reader, &QUESTION, 1);
        part(reader, &QUERY, query, None);
    }
    part(reader, &FRAGMENT, fragment, Some(&rules::FRAGMENT));
}

/// Reads one part; bytes that no URL holds are told before any other rule.
fn part(reader: &mut Reader<'_>, spec: &'static Spec, text: &[u8], rule: Option<Rule>) {
    let odd: Option<Rule> = match text.iter().find(|byte| !byte.is_ascii_graphic()) {
        Some(b' ') => Some(&rules::TARGET_SPACE),
        Some(_) => Some(&rules::TARGET_BYTE),
        None => rule,
    };
    judged(reader, spec, text.len(), odd);
}

/// The length of the scheme, when the target is a whole URL.
fn scheme(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte))?;
    let fits = text.first().is_some_and(u8::is_ascii_alphabetic) && text[end..].starts_with(b"://");
    fits.then_some(end)
}

fn is_authority(text: &[u8]) -> bool {
    text.iter().rposition(|&byte| byte == b':').is_some_and(|colon| {
        let (host, port) = text.split_at(colon);
        let host_fits =
            !host.is_empty() && host.iter().all(|byte| byte.is_ascii_graphic() && !b"/?#@".contains(byte));
        host_fits && decimal(&port[1..]).is_some_and(|port| port <= 65_535)
    })
}
