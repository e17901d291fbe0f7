//! As much Markdown as these documents use.

use std::path::{Path, PathBuf};

use super::home::root;

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Fence {
    /// The line it begins on.
    pub line: usize,
    /// What stands behind the backticks.
    pub info: String,
    /// What is inside.
    pub text: String,
}

impl Fence {
    pub fn lines(&self) -> std::str::Lines<'_> {
        self.text.lines()
    }
}

/// README.md and everything in docs.
pub fn documents() -> Vec<PathBuf> {
    let mut all = vec![root().join("README.md")];
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    all.extend(docs.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    all.sort();
    all
}

pub fn fences(document: &Path) -> Vec<Fence> {
    fences_of(&std::fs::read_to_string(document).unwrap())
}

pub fn fences_of(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let inside =
            lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with(&line_of(ticks)));
        let text = inside.map(|line| line.to_owned() + "\n").collect();
        found.push(Fence { line: at + 1, info: line[ticks..].trim().to_owned(), text });
    }
    found
}

fn line_of(ticks: usize) -> String {
    "`".repeat(ticks)
}

/// The text below the `##` heading, up to the next one.
pub fn section(text: &str, heading: &str) -> String {
    let begin = text.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    begin.take_while(|line| !line.starts_with("## ")).map(|line| line.to_owned() + "\n").collect()
}

/// The text without its fences, with line numbers.
pub fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fence: Option<usize> = None;
    let mut prose = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks >= open => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            None => prose.push((at + 1, line.to_owned())),
            Some(_) => {}
        }
    }
    prose
}

/// Links to places in this repository.
pub fn links(document: &Path) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(&std::fs::read_to_string(document).unwrap()) {
        for part in line.split("](").skip(1) {
            let link = part.split(')').next().unwrap_or_default();
            if !link.contains("://") {
                found.push((at, link.to_owned()));
            }
        }
    }
    found
}

/// The names a forge gives to headings.
pub fn anchors(document: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(document).unwrap();
    let headings = prose(&text).into_iter().filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

pub fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// Everything between single backticks in the prose.
pub fn code_words(document: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(document).unwrap();
    let mut found = Vec::new();
    for (_, line) in prose(&text) {
        found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

/// A line's end as netlab shows it, and as trycmd sees it: it takes a backslash for part of a path.
const CRLF: (&str, &str) = ("\\r\\n", "/r/n");

/// The document as trycmd wants it: backslashes turned, and an empty line below each output, where it looks for
/// the output's last line end.
pub fn for_trycmd(text: &str) -> String {
    let ended = each_output_end(text, |lines| {
        if lines.last().is_some_and(|last| !last.starts_with("$ ") && !last.starts_with("? ")) {
            lines.push("");
        }
    });
    ended.replace(CRLF.0, CRLF.1)
}

/// The document as people want it.
pub fn from_trycmd(text: &str) -> String {
    let bare = each_output_end(text, |lines| {
        lines.pop_if(|last| last.is_empty());
    });
    bare.replace(CRLF.1, CRLF.0)
}

/// Does something to the lines so far wherever the output of a command in a console ends.
fn each_output_end(text: &str, mend: fn(&mut Vec<&str>)) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut fence: Option<(&str, bool)> = None;
    let mut is_first = false;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some((open, is_console)) => {
                let closes = line.starts_with(open);
                if is_console && !is_first && (closes || line.starts_with("$ ")) {
                    mend(&mut lines);
                }
                is_first = false;
                fence = fence.filter(|_| !closes);
            }
            None if ticks.len() >= 3 => {
                fence = Some((ticks, &line[ticks.len()..] == "console"));
                is_first = true;
            }
            None => {}
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}
