//! The glossary: the words of the course, each explained once, with the lesson that explains it.
//!
//! ```text
//! ## half-closed                 the word
//! lesson: life                   the lesson that explains it where it is first met, by its id
//! also: half-close               other forms of it, with commas between
//! more: buffers                  a lesson that says more of it
//! everyday: yes                  it is a word of everyday speech too, so that not every use of it needs to be explained
//! A connection of which ...      the explanation
//! ```
//!
//! What stands above the first heading is for readers of the file.

use std::path::Path;

use strsim::normalized_damerau_levenshtein;

use super::finding::{At, Finding};
use super::shelf;

/// The file that holds it, beside the lessons.
pub const FILE: &str = "glossary.md";

/// How many words are offered in the place of one that is not there.
pub const OFFERED: usize = 3;

/// How alike a word has to be to be offered, from 0 to 1.
const ALIKE: f64 = 0.5;

/// A word and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line of its heading.
    pub line: usize,
    /// The word.
    pub word: String,
    /// Other forms of it.
    pub also: Vec<String>,
    /// The id of the lesson that explains it.
    pub lesson: String,
    /// The id of a lesson that says more.
    pub more: Option<String>,
    /// Whether it is a word of everyday speech too.
    pub everyday: bool,
    /// What it means.
    pub text: String,
}

impl Entry {
    /// All its forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.word.as_str()).chain(self.also.iter().map(String::as_str))
    }
}

/// The glossary in a folder, if it has one, else the one that is built in; with the name of its file.
///
/// # Errors
/// What is wrong with the file.
pub fn of(folder: Option<&Path>) -> Result<(String, Vec<Entry>), Finding> {
    let own = folder.and_then(|folder| {
        let path = folder.join(FILE);
        Some((path.display().to_string(), shelf::page(&path)?))
    });
    let built_in = || (format!("{}{FILE}", shelf::FOLDER), shelf::inside(FILE).unwrap_or_default());
    let (file, text) = own.unwrap_or_else(built_in);
    let entries = parse(&file, &text)?;
    Ok((file, entries))
}

/// Reads a glossary.
///
/// # Errors
/// An entry without an explanation or a lesson, one that is there twice, a key that is none.
pub fn parse(file: &str, text: &str) -> Result<Vec<Entry>, Finding> {
    let top = At { file, line: 1 };
    let mut entries: Vec<Entry> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (here, line) = (top.line(at + 1), line.trim());
        if let Some(word) = line.strip_prefix("## ") {
            whole(top, entries.last())?;
            let word = word.trim().to_owned();
            if let Some(first) = entries.iter().find(|one| one.word == word) {
                let what = format!("\"{word}\" stands on line {} too", first.line);
                return Err(here.finding(what, "make one entry of the two"));
            }
            let (also, lesson, text) = (Vec::new(), String::new(), String::new());
            entries.push(Entry { line: here.line, word, also, lesson, more: None, everyday: false, text });
        } else if let Some(entry) = entries.last_mut() {
            add(here, entry, line)?;
        }
    }
    whole(top, entries.last())?;
    Ok(entries)
}

/// Takes a line of an entry.
fn add(here: At<'_>, entry: &mut Entry, line: &str) -> Result<(), Finding> {
    let key = line.split_once(": ").filter(|_| entry.text.is_empty());
    match key.map(|(key, value)| (key, value.trim())) {
        Some(("lesson", id)) => id.clone_into(&mut entry.lesson),
        Some(("more", id)) => entry.more = Some(id.to_owned()),
        Some(("also", forms)) => entry.also = forms.split(',').map(|form| form.trim().to_owned()).collect(),
        Some(("everyday", "yes")) => entry.everyday = true,
        Some((key, _)) if !key.contains(' ') => {
            return Err(here.finding(
                format!("\"{key}\" is not a key of the glossary"),
                "use lesson, also, more or everyday: yes, and then say what the word means",
            ));
        }
        _ if line.is_empty() => {}
        _ => {
            let gap = if entry.text.is_empty() { "" } else { " " };
            entry.text.push_str(gap);
            entry.text.push_str(line);
        }
    }
    Ok(())
}

/// An entry must say what its word means, and where that is explained.
fn whole(top: At<'_>, entry: Option<&Entry>) -> Result<(), Finding> {
    let Some(entry) = entry else { return Ok(()) };
    let at = top.line(entry.line);
    if entry.lesson.is_empty() {
        return Err(at.finding(format!("\"{}\" names no lesson", entry.word), "add a line \"lesson: ID\""));
    }
    if entry.text.is_empty() {
        return Err(at.finding(
            format!("\"{}\" is not explained", entry.word),
            "say in a few sentences what it means",
        ));
    }
    Ok(())
}

/// The entry for a word in any of its forms. Letter case matters only where it tells two entries apart: HEAD and head.
#[must_use]
pub fn find<'e>(entries: &'e [Entry], wanted: &str) -> Option<&'e Entry> {
    let wanted = wanted.trim();
    let exact = entries.iter().find(|entry| entry.forms().any(|form| form == wanted));
    exact.or_else(|| entries.iter().find(|entry| entry.forms().any(|form| same(form, wanted))))
}

/// Words that are written like one that is not there, the most alike first.
#[must_use]
pub fn near<'e>(entries: &'e [Entry], wanted: &str) -> Vec<&'e Entry> {
    let wanted = folded(wanted);
    let likeness = |entry: &Entry| {
        let forms = entry.forms().map(folded);
        forms
            .map(|form| {
                let begins = !wanted.is_empty() && (form.contains(&wanted) || wanted.contains(&form));
                if begins { 0.9 } else { normalized_damerau_levenshtein(&form, &wanted) }
            })
            .fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &Entry)> = entries.iter().map(|entry| (likeness(entry), entry)).collect();
    near.retain(|(likeness, _)| *likeness >= ALIKE);
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.into_iter().take(OFFERED).map(|(_, entry)| entry).collect()
}

fn same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// A word without letter case, hyphens and spaces: "half closed" is half-closed.
fn folded(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-', '_'], "")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::*;

    const TEXT: &str = "# Glossary\nFor readers.\n\n## half-closed\nlesson: life\nalso: half-close\n\
        One side has finished.\nThe other has not: it goes on.\n\n## HEAD\nlesson: server\neveryday: yes\nA method.\n\
        ## head\nlesson: request\nThe part before the content.\n";

    #[test]
    fn an_entry_has_its_keys_and_then_its_words() {
        let entries = parse("glossary.md", TEXT).unwrap();
        let [half, method, _] = &entries[..] else { panic!("three entries") };
        assert_eq!((half.line, half.word.as_str(), half.lesson.as_str()), (4, "half-closed", "life"));
        assert_eq!(half.text, "One side has finished. The other has not: it goes on.");
        assert!(method.everyday && !half.everyday);
    }

    #[test]
    fn a_word_is_found_in_any_form_and_letter_case_tells_apart_what_it_has_to() {
        let entries = parse("glossary.md", TEXT).unwrap();
        for (typed, word) in [
            ("half-closed", "half-closed"),
            ("Half Closed", "half-closed"),
            ("half-close", "half-closed"),
            ("HEAD", "HEAD"),
            ("head", "head"),
        ] {
            assert_eq!(find(&entries, typed).map(|entry| entry.word.as_str()), Some(word), "{typed}");
        }
        assert_eq!(find(&entries, "closed"), None);
        let offered: Vec<&str> =
            near(&entries, "halfclsed").iter().map(|entry| entry.word.as_str()).collect();
        assert_eq!(offered, ["half-closed"]);
        assert!(near(&entries, "zzzz").is_empty() && near(&entries, "").is_empty());
    }

    #[test]
    fn what_is_no_glossary_says_where_and_why() {
        for (text, line, what) in [
            ("## a\nWords.\n", 1, "\"a\" names no lesson"),
            ("\n## a\nlesson: x\n", 2, "\"a\" is not explained"),
            ("## a\nlesson: x\nWords.\n## a\n", 4, "\"a\" stands on line 1 too"),
            ("## a\nleson: x\n", 2, "\"leson\" is not a key of the glossary"),
        ] {
            let finding = parse("glossary.md", text).unwrap_err();
            assert_eq!((finding.line, finding.what.as_str()), (line, what), "{text}");
        }
    }
}
