//! The guide for authors, followed from its first line to its last: in one folder, by one learner, every piece put
//! where the guide says.
//!
//! - `text guide`: a conversation, as in a `text session`, in the guide's folder.
//! - `markdown`: a piece of the lesson. It replaces the piece of the same kind: the front matter with the
//!   introduction, a heading with the words below it, all fences of one word.
//! - `markdown hi`: a translation of it, written beside it.

use std::fs;
use std::path::{Path, PathBuf};

use super::home::{Home, root};
use super::markdown::{Fence, fences};
use super::session;

/// Follows the guide. Gives the home of its author and the lesson that came of it.
pub fn follow() -> (Home, PathBuf) {
    let guide = root().join("docs/authoring.md");
    let (home, desk) = (Home::new(), tempfile::tempdir().unwrap());
    let mut conversations = 0;
    for fence in fences(&guide) {
        match fence.info.as_str() {
            "text guide" => {
                session::play_in(&home, desk.path(), "docs/authoring.md", &fence);
                conversations += 1;
            }
            "markdown" => put(&lesson(desk.path()), &fence),
            "markdown hi" => fs::write(lesson(desk.path()).with_extension("hi.md"), &fence.text).unwrap(),
            _ => {}
        }
    }
    assert!(conversations > 0, "the guide has conversations");
    let end = home.path().join("01-mail.md");
    fs::copy(lesson(desk.path()), &end).unwrap();
    (home, end)
}

/// The one lesson, beside its translation, in the one folder that the guide makes.
fn lesson(desk: &Path) -> PathBuf {
    let only = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let entries: Vec<_> = entries.filter(|path| !path.to_string_lossy().ends_with(".hi.md")).collect();
        let [one] = &entries[..] else { panic!("one thing in {}: {entries:?}", folder.display()) };
        one.clone()
    };
    only(&only(desk))
}

/// Puts a piece where the one of its kind stands.
fn put(file: &Path, piece: &Fence) {
    let old = fs::read_to_string(file).unwrap();
    let text = match piece.lines().next().unwrap() {
        "---" => format!("{}\n{}", piece.text, &old[heading(&old, false)..]),
        title if title.starts_with("## ") => {
            let at = heading(&old, title.ends_with("(read-only)"));
            let words = old[at..].find("\n```").unwrap() + 1;
            format!("{}{}\n{}", &old[..at], piece.text, &old[at + words..])
        }
        _ => with_fences(old, piece.text.trim_end()),
    };
    fs::write(file, text).unwrap();
}

/// Where the first heading stands that is, or is not, one of a step to read.
fn heading(text: &str, read_only: bool) -> usize {
    let mut lines = text.match_indices("\n## ").map(|(at, _)| at + 1);
    let is = |at: &usize| text[*at..].lines().next().unwrap().ends_with("(read-only)") == read_only;
    lines.find(is).unwrap()
}

/// The lesson with these fences, each word's at the place where those of that word stood.
fn with_fences(mut text: String, new: &str) -> String {
    let mut kinds: Vec<(&str, String)> = Vec::new();
    for fence in new.split("\n\n") {
        let word = fence.lines().next().unwrap();
        match kinds.last_mut() {
            Some((last, all)) if *last == word => *all = format!("{all}\n\n{fence}"),
            _ => kinds.push((word, fence.to_owned())),
        }
    }
    for (word, fences) in kinds {
        let begins = format!("{word}\n");
        let begin = text.find(&begins).unwrap_or_else(|| panic!("there is no {word} to replace"));
        let last = text.rfind(&begins).unwrap();
        let end = last + text[last..].find("\n```").unwrap() + "\n```".len();
        text.replace_range(begin..end, &fences);
    }
    text
}
