//! Where an answer stands on a learner's screen: the line as it is printed, with a hole where the answer is.
//!
//! ```text
//! screen = [ "count " ] line *( ( " ... " / " // " ) line )      " ... ": later, " // ": on the next line
//! line   = text in which [..] stands for any text, and in one of the lines [?] for the answer
//! ```
//!
//! - A line that is printed more than once is told from others by those around it.
//! - `count` says that the answer is how many such lines there are; it has no hole.
//! - Spaces around a line, and around what stands in the hole, do not matter.

use super::console::{ANY_LINES, ANY_TEXT, line_matches};
use super::finding::{At, Finding};

/// Stands for the answer.
pub const HOLE: &str = "[?]";

/// Stands between two lines of which the second is right below the first.
const NEXT: &str = "//";

/// How a hole is shown to a learner who has to look again.
const BLANK: &str = "____";

/// A place on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The line of the lesson that says it.
    pub line: usize,
    /// Whether another tool than netlab prints it.
    pub other_tool: bool,
    /// Whether the lines are counted.
    pub counts: bool,
    /// The lines, one of them with the hole.
    lines: Vec<Line>,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// Whether it is right below the one before it.
    next: bool,
    text: String,
}

/// Reads what stands behind `screen:`, or behind `or:`.
///
/// # Errors
/// When it has no hole, or holes where none can be.
pub fn parse(here: At<'_>, text: &str, other_tool: bool) -> Result<Screen, Finding> {
    let text = text.trim();
    let (counts, text) = text.strip_prefix("count ").map_or((false, text), |rest| (true, rest));
    let mut lines: Vec<Line> = Vec::new();
    let mut open = Line { next: false, text: String::new() };
    for word in text.split(' ') {
        if word == ANY_LINES || word == NEXT {
            lines.push(std::mem::replace(&mut open, Line { next: word == NEXT, text: String::new() }));
        } else {
            // Spaces within a line are its own.
            if !open.text.is_empty() {
                open.text.push(' ');
            }
            open.text.push_str(word);
        }
    }
    lines.push(open);
    let holes = |text: &str| text.matches(HOLE).count();
    if lines.iter().map(|line| holes(&line.text)).sum::<usize>() != usize::from(!counts) {
        let (what, mend) = if counts {
            ("lines that are counted have no hole", "take the [?] away, or the word count")
        } else {
            ("the place on the screen has to have one hole", "write [?] where the answer stands")
        };
        return Err(here.finding(what, mend));
    }
    let says_nothing = |line: &Line| line.text.replace(ANY_TEXT, "").replace(HOLE, "").trim().is_empty();
    if lines.iter().any(|line| line.text.trim().is_empty()) || lines.iter().all(says_nothing) {
        return Err(here.finding(
            "a line says nothing, so every line is like it",
            "give the words beside the hole, or the line above",
        ));
    }
    Ok(Screen { line: here.line, other_tool, counts, lines })
}

impl Screen {
    /// What stands in the hole, wherever the line was printed.
    #[must_use]
    pub fn fills(&self, printed: &str) -> Vec<String> {
        let lines: Vec<String> = printed.lines().map(untabbed).collect();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        if let (true, [line]) = (self.counts, &self.lines[..]) {
            let many = lines.iter().filter(|printed| line_matches(&line.text, printed)).count();
            return (many > 0).then(|| many.to_string()).into_iter().collect();
        }
        let mut fills = Vec::new();
        for text in (0..lines.len()).filter_map(|at| self.fill_from(&lines[at..])) {
            if !fills.contains(&text) {
                fills.push(text);
            }
        }
        fills
    }

    /// What stands in the hole where the first line is the first of these.
    fn fill_from(&self, printed: &[&str]) -> Option<String> {
        let mut found = None;
        let mut rest = printed;
        for (nth, line) in self.lines.iter().enumerate() {
            let near = if nth == 0 || line.next { 1 } else { rest.len() };
            let at = rest.iter().take(near).position(|printed| {
                let text = fill(&line.text, printed);
                found = text.clone().or(found.take());
                text.is_some() || line_matches(&line.text, printed)
            })?;
            rest = &rest[at + 1..];
        }
        found
    }

    /// What stands in the hole of a line that somebody copied from the screen.
    #[must_use]
    pub fn copied(&self, line: &str) -> Option<String> {
        let line = untabbed(line);
        self.lines.iter().find_map(|one| fill(&one.text, line.trim()))
    }

    /// The line with a blank for the answer, as it can be shown to a learner.
    #[must_use]
    pub fn label(&self) -> String {
        let shown = |line: &Line| {
            let text = line.text.trim_start_matches(ANY_TEXT).trim_end_matches(ANY_TEXT);
            text.replace(HOLE, BLANK).replace(ANY_TEXT, ANY_LINES).trim().to_owned()
        };
        self.lines.iter().map(shown).collect::<Vec<_>>().join(" / ")
    }

    /// The line with the hole, or the one that is counted, with any text in the hole: to find what is nearest to it.
    #[must_use]
    pub fn wanted(&self) -> String {
        let line = self.lines.iter().find(|line| line.text.contains(HOLE)).or(self.lines.last());
        line.map(|line| line.text.replace(HOLE, ANY_TEXT)).unwrap_or_default()
    }
}

/// A line with a space for each run of tabs: what dig puts between columns cannot be told from spaces on a screen.
fn untabbed(line: &str) -> String {
    line.split('\t').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What stands in the hole of a line, if it is that line: the shortest text that fits.
fn fill(line: &str, printed: &str) -> Option<String> {
    let (left, right) = line.split_once(HOLE)?;
    let places = || (0..=printed.len()).filter(|&at| printed.is_char_boundary(at));
    let starts = places().filter(|&at| line_matches(left, &printed[..at]));
    let fills = starts.flat_map(|start| {
        let ends = places().filter(move |&end| end > start && line_matches(right, &printed[end..]));
        ends.map(move |end| printed[start..end].trim())
    });
    fills.filter(|text| !text.is_empty()).min_by_key(|text| text.len()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::*;

    fn screen(text: &str) -> Screen {
        parse(At { file: "01-t.md", line: 1 }, text, false).unwrap()
    }

    const PAGE: &str = "connected: 127.0.0.1:40\n  the garden nonce=lily-0001\n  the shop nonce=rose-0002\n\
        status  404 Not Found\nGET / HTTP/1.1 (from [::1]:51: head)\nconnected: 127.0.0.1:41\nwrite: 4 bytes\nread  5 bytes\n\
        read  6 bytes\nbig.test.\t\t5\tIN\tA\t127.0.1.1\n";

    #[test]
    fn what_stands_in_the_hole_is_the_answer() {
        for (place, fills) in [
            ("status  [?] [..]", &["404"][..]),
            ("status  404 [?]", &["Not Found"]),
            ("[..]garden nonce=[?]", &["lily-0001"]),
            ("[..]nonce=[?]", &["lily-0001", "rose-0002"]),
            ("GET [?] HTTP/1.1[..]", &["/"]),
            ("[..](from [..]:[?]: [..]", &["51"]),
            ("[..]garden[..] ... [..]shop nonce=[?]", &["rose-0002"]),
            ("[..]garden[..] // [..]nonce=[?]", &["rose-0002"]),
            ("connected: 127.0.0.1:[?] // write[..]", &["41"]),
            ("connected: 127.0.0.1:[?] ... write[..]", &["40", "41"]),
            ("count read [..]", &["2"]),
            ("big.test. [?] IN A [..]", &["5"]),
        ] {
            assert_eq!(screen(place).fills(PAGE), fills, "{place}");
        }
        for nowhere in
            ["status: [?]", "count write", "status[..] ... [..]nonce=[?]", "write[..] // connected: [?]"]
        {
            assert_eq!(screen(nowhere).fills(PAGE), Vec::<String>::new(), "{nowhere}");
        }
    }

    #[test]
    fn a_line_without_its_hole_or_its_words_is_none() {
        for text in [
            "status",
            "[?] and [?]",
            "[?] ... status [?]",
            "[?]",
            "[..][?]",
            "count status [?]",
            "",
            "count [..]",
        ] {
            assert!(parse(At { file: "01-t.md", line: 1 }, text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn a_learner_is_shown_the_line_and_not_what_stands_in_it() {
        assert_eq!(screen("[..]garden[..] // [..]nonce=[?]").label(), "garden / nonce=____");
    }
}
