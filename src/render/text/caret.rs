//! A line of bytes with a caret under the ones that matter.

use std::ops::Range;

use crate::render::text::cells::columns;
use crate::render::text::safe::Safe;

/// One shown line, and the line of carets under it, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The bytes, escaped.
    pub text: String,
    /// Spaces and carets.
    pub carets: Option<String>,
}

/// The lines of `bytes` as the wire has them: each up to its line feed, which is shown. At most `most` of them,
/// and always the one with the marked bytes.
#[must_use]
pub fn lines(
    bytes: &[u8],
    marked: Option<&Range<usize>>,
    most: usize,
    width: usize,
    ascii: bool,
) -> Vec<Marked> {
    let marked = marked.filter(|range| !range.is_empty());
    let mut start = 0;
    let mut shown = Vec::new();
    let mut left_out = false;
    for (at, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let here = start..start + line.len();
        let mark = marked
            .filter(|range| here.contains(&range.start))
            .map(|range| range.start - here.start..(range.end.min(here.end) - here.start));
        if at < most || mark.is_some() {
            if std::mem::take(&mut left_out) {
                shown.push(Marked { text: dots(ascii).to_owned(), carets: None });
            }
            shown.push(one(line, mark, width, ascii));
        } else {
            left_out = true;
        }
        start = here.end;
    }
    if left_out {
        shown.push(Marked { text: dots(ascii).to_owned(), carets: None });
    }
    shown
}

/// One line, cut to a window around the mark.
#[must_use]
pub fn one(line: &[u8], mark: Option<Range<usize>>, width: usize, ascii: bool) -> Marked {
    let safe = |bytes: &[u8]| Safe::word(bytes).ascii(ascii).to_string();
    let mark = mark.map(|range| range.start.min(line.len())..range.end.min(line.len()));
    let (before, odd, behind) = match &mark {
        Some(range) => (safe(&line[..range.start]), safe(&line[range.clone()]), safe(&line[range.end..])),
        None => (safe(line), String::new(), String::new()),
    };
    if mark.is_none() {
        return Marked { text: head(&before, width, ascii), carets: None };
    }
    // What matters gets two thirds of the line, what leads to it the rest.
    let odd = head(&odd, (width * 2 / 3).max(1), ascii);
    let before = tail(&before, width.saturating_sub(columns(&odd)).min(width / 2 + width / 4), ascii);
    let room = width.saturating_sub(columns(&before) + columns(&odd));
    let behind = head(&behind, room, ascii);
    let carets = format!("{}{}", " ".repeat(columns(&before)), "^".repeat(columns(&odd).max(1)));
    Marked { text: format!("{before}{odd}{behind}"), carets: Some(carets) }
}

/// The beginning of a text, with dots where something is left out.
fn head(text: &str, width: usize, ascii: bool) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(columns(dots(ascii)));
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|char| {
            used += columns(char.encode_utf8(&mut [0; 4]));
            used <= room
        })
        .collect();
    if room == 0 { String::new() } else { kept + dots(ascii) }
}

/// The end of a text, with dots where something is left out.
fn tail(text: &str, width: usize, ascii: bool) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(columns(dots(ascii)));
    let mut used = 0;
    let kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|char| {
            used += columns(char.encode_utf8(&mut [0; 4]));
            used <= room
        })
        .collect();
    if room == 0 {
        String::new()
    } else {
        format!("{}{}", dots(ascii), kept.into_iter().rev().collect::<String>())
    }
}

fn dots(ascii: bool) -> &'static str {
    if ascii { "..." } else { "…" }
}

#[cfg(test)]
mod tests {
    use super::{Marked, lines, one};

    #[test]
    fn the_caret_stands_under_the_byte_whatever_comes_before_it() {
        let line = b"X\x1b: a\0b\r\n";
        let marked = one(line, Some(5..6), 60, false);
        assert_eq!(marked.text, "X␛: a\\x00b\\r\\n");
        assert_eq!(marked.carets.as_deref(), Some("     ^^^^"));
    }

    #[test]
    fn a_long_line_is_cut_to_a_window_around_the_mark() {
        let line = [vec![b'a'; 500], b"!!".to_vec(), vec![b'b'; 500]].concat();
        let marked = one(&line, Some(500..502), 20, false);
        assert_eq!(marked.text, "…aaaaaaaaaaaaaa!!bb…");
        assert_eq!(marked.carets.as_deref(), Some("               ^^"));
        let marked = one(&line, Some(500..502), 20, true);
        assert!(marked.text.is_ascii() && marked.text.len() <= 20, "{marked:?}");
    }

    #[test]
    fn the_marked_line_is_shown_however_far_down_it_is() {
        let bytes = b"a\r\nb\r\nc\r\nd\r\n";
        let shown = lines(bytes, Some(&(9..10)), 1, 20, false);
        let texts: Vec<&str> = shown.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["a\\r\\n", "…", "d\\r\\n"]);
        assert_eq!(shown[2], Marked { text: "d\\r\\n".to_owned(), carets: Some("^".to_owned()) });
    }
}
