//! A field line (RFC 9112 §5): its parts, and which rules it breaks.
//!
//! ```text
//! field-line = field-name ":" OWS field-value OWS        Content-Length: 18
//! ```

use super::super::rules;
use super::super::scan::{Ending, Line, is_space, is_token_text, place, spaces_after};
use super::{Fault, Rule};

/// What stands before the colon of a line: the length of the name, white space behind it left out, and which rule is
/// broken there.
#[inline]
pub(crate) fn name(before_colon: &[u8]) -> (usize, Option<Fault>) {
    let len = before_colon.len() - spaces_after(before_colon);
    let fault = match &before_colon[..len] {
        [] => Some(Fault::at(&rules::NO_NAME, 0)),
        word if !is_token_text(word) => Some(Fault::at(&rules::NAME, 0)),
        _ if len < before_colon.len() => Some(Fault::at(&rules::SPACE_BEFORE_COLON, len)),
        _ => None,
    };
    (len, fault)
}

/// The rule that a line breaks by beginning with white space. `above` is whether there is a field line above it.
pub(crate) fn space_first(text: &[u8], above: bool) -> Option<Rule> {
    let rule: Rule = if above { &rules::FOLD } else { &rules::SPACE_FIRST };
    text.first().is_some_and(|&byte| is_space(byte)).then_some(rule)
}

/// The first control byte in text that may hold none.
pub(crate) fn control(text: &[u8]) -> Option<Fault> {
    let at = text.iter().position(|&byte| byte.is_ascii_control() && byte != b'\t')?;
    Some(Fault::at(&rules::CONTROL, at))
}

/// Judges whole lines, with their ends, as a client must have written them; gives the first fault. `above` is whether
/// another field line stands above them.
pub(crate) fn fault(lines: &[u8], mut above: bool) -> Option<Fault> {
    let mut at = 0;
    while at < lines.len() {
        let line = Line::measure(&lines[at..]);
        let end = at + line.text.len();
        let ending = (line.ending == Ending::Lf).then(|| Fault::at(&rules::BARE_LF, end));
        let within = if line.text.is_empty() { None } else { in_line(line.text, above) };
        if let Some(fault) = within.map(|fault| fault.behind(at as u64)).or(ending) {
            return Some(fault);
        }
        at = end + line.end_len();
        above = true;
    }
    None
}

/// The first fault of a line, which is not empty.
fn in_line(text: &[u8], above: bool) -> Option<Fault> {
    if let Some(rule) = space_first(text, above) {
        return Some(Fault::at(rule, 0));
    }
    let Some(colon) = place(text, b':') else {
        return control(text).or(Some(Fault::at(&rules::NO_COLON, 0)));
    };
    let (before, behind) = text.split_at(colon);
    name(before).1.or_else(|| control(behind).map(|fault| fault.behind(colon as u64)))
}

#[cfg(test)]
mod tests {
    use super::super::super::rules;
    use super::{Fault, fault};

    #[test]
    fn the_first_rule_that_lines_break_is_found_and_its_byte() {
        for (lines, wanted) in [
            ("Host: a\r\nX-Empty:\r\nY:\t\u{e9} \r\n", None),
            ("Host : a\r\n", Some((&rules::SPACE_BEFORE_COLON, 4))),
            ("A: b\r\n c\r\n", Some((&rules::FOLD, 6))),
            (" A: b\r\n", Some((&rules::SPACE_FIRST, 0))),
            ("nonsense\r\n", Some((&rules::NO_COLON, 0))),
            (": b\r\n", Some((&rules::NO_NAME, 0))),
            ("A(b: c\r\n", Some((&rules::NAME, 0))),
            ("A: b\0\r\n", Some((&rules::CONTROL, 4))),
            ("A: b\rc\r\n", Some((&rules::CONTROL, 4))),
            ("A: b\n", Some((&rules::BARE_LF, 4))),
        ] {
            assert_eq!(
                fault(lines.as_bytes(), false),
                wanted.map(|(rule, at)| Fault { rule, at }),
                "{lines:?}"
            );
        }
    }
}
