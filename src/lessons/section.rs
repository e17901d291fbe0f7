//! How a lesson's file is cut, the original and its translations alike: front matter of flat `key: value`
//! lines between `---` lines, then `##` headings, fences, and prose between them.

use super::fence::MACHINERY;
use super::finding::{At, Finding};

/// One line of the front matter.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// The line it is on.
    pub line: usize,
    /// What stands before the colon.
    pub name: &'a str,
    /// What stands behind it.
    pub value: &'a str,
}

/// Reads the front matter; the second value is the index of the line behind it.
///
/// # Errors
/// When it does not begin or end, has a line that is no `key: value`, or a key twice.
pub fn front<'a>(top: At<'_>, lines: &[&'a str]) -> Result<(Vec<Key<'a>>, usize), Finding> {
    let fence = "put a line of three hyphens before and after the keys";
    if lines.first().map(|line| line.trim_end()) != Some("---") {
        return Err(top.finding("the file does not begin with front matter", fence));
    }
    let mut keys: Vec<Key<'a>> = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(1) {
        if line.trim_end() == "---" {
            return Ok((keys, index + 1));
        }
        if line.trim().is_empty() {
            continue;
        }
        let here = top.line(index + 1);
        let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()))
        else {
            return Err(
                here.finding("a line of the front matter is not \"key: value\"", "give it a key and a colon")
            );
        };
        if keys.iter().any(|known| known.name == name) {
            return Err(here.finding(format!("{name} is given twice"), "keep one of them"));
        }
        keys.push(Key { line: here.line, name, value });
    }
    Err(top.finding("the front matter does not end", fence))
}

/// A part of what stands behind the front matter.
#[derive(Debug, Clone)]
pub enum Cut<'a> {
    /// A heading of the second level, without its `## `.
    Heading(&'a str),
    /// Markdown between headings and fences; never blank.
    Prose(String),
    /// A fence: its info string and the lines inside.
    Fence(&'a str, &'a [&'a str]),
}

/// The parts from the line with index `body` on, each with its line. The last may be a finding: a fence
/// that does not end.
#[must_use]
pub fn cuts<'a>(top: At<'a>, lines: &'a [&'a str], body: usize) -> Cuts<'a> {
    Cuts { top, lines, at: body }
}

/// See [`cuts`].
pub struct Cuts<'a> {
    top: At<'a>,
    lines: &'a [&'a str],
    at: usize,
}

impl<'a> Iterator for Cuts<'a> {
    type Item = Result<(At<'a>, Cut<'a>), Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let here = self.top.line(self.at + 1);
            let rest = self.lines.get(self.at..)?;
            let line = *rest.first()?;
            if let Some(ticks) = opens_fence(line) {
                return Some(self.fence(here, ticks, line));
            }
            if let Some(title) = heading(line) {
                self.at += 1;
                return Some(Ok((here, Cut::Heading(title))));
            }
            let prose = |line: &&&str| opens_fence(line).is_none() && heading(line).is_none();
            let text = &rest[..rest.iter().take_while(prose).count()];
            self.at += text.len();
            let blank = text.iter().take_while(|line| line.trim().is_empty()).count();
            if blank < text.len() {
                let words = text.join("\n").trim_matches('\n').to_owned();
                return Some(Ok((here.line(here.line + blank), Cut::Prose(words))));
            }
        }
    }
}

impl<'a> Cuts<'a> {
    fn fence(&mut self, here: At<'a>, ticks: usize, line: &'a str) -> Result<(At<'a>, Cut<'a>), Finding> {
        let from = self.at + 1;
        let inside = self.lines[from..].iter().take_while(|line| !closes_fence(line, ticks)).count();
        let end = from + inside;
        // A fence that was not closed takes the next one in, and ends where that one does.
        let next = self.lines[from..end].iter().position(|line| opens_machinery(line, ticks));
        if let Some(next) = next {
            self.at = self.lines.len();
            return Err(here.finding(
                format!("the fence is not closed: another one begins in it, on line {}", from + next + 1),
                "close it with as many backticks as opened it, on a line of their own",
            ));
        }
        self.at = end + 1;
        if end == self.lines.len() {
            return Err(here.finding("a fence does not end", "close it with as many backticks as opened it"));
        }
        Ok((here, Cut::Fence(line.trim_start_matches('`').trim(), &self.lines[from..end])))
    }
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("## ")
}

/// How many backticks open a fence on this line, if they do.
fn opens_fence(line: &str) -> Option<usize> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3 && !line[ticks..].contains('`')).then_some(ticks)
}

/// Whether a fence of a lesson's machinery opens on this line, with as many backticks.
fn opens_machinery(line: &str, ticks: usize) -> bool {
    opens_fence(line) == Some(ticks) && MACHINERY.contains(&line.trim_start_matches('`').trim())
}

fn closes_fence(line: &str, ticks: usize) -> bool {
    let line = line.trim_end();
    line.len() >= ticks && line.bytes().all(|byte| byte == b'`')
}
