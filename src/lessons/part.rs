//! One part of a translation: the words of a block, without its machinery.
//!
//! ```text
//! check      "# sentence" lines, one for each scene
//! console    "# comment" lines, but not those that begin "# or: "; solution the same
//! seen       the question and "says: "
//! near-miss  "says: "
//! others     as in a lesson
//! ```

use super::fence;
use super::finding::{At, Finding};
use super::numbered::numbered;
use super::words::{self, Kind, OR};

/// One translated part.
#[derive(Debug, Clone)]
pub struct Part {
    /// The line it begins on.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// Its words, in the order of [`words::of`].
    pub words: Vec<String>,
    /// Which answers are marked `(x)`.
    pub marks: Vec<bool>,
}

/// Markdown that begins on this line.
#[must_use]
pub fn prose(line: usize, text: &str) -> Part {
    words_only(line, Kind::Prose, [text])
}

/// Reads a fence: its opening line stands at `at`.
///
/// # Errors
/// When it holds more than words, or none.
pub fn fence(at: At<'_>, info: &str, lines: &[&str]) -> Result<Part, Finding> {
    let first = at.line(at.line + 1);
    let part = match info {
        "check" => words_only(at.line, Kind::Check, comments(first, lines)?),
        "console" => words_only(at.line, Kind::Console, comments(first, lines)?),
        "solution" => words_only(at.line, Kind::Solution, comments(first, lines)?),
        "seen" => {
            let (question, says) = asked_and_said(first, lines)?;
            let question: Vec<&str> = question.into_iter().map(|(_, line)| line).collect();
            words_only(at.line, Kind::Seen, [question.join(" "), says])
        }
        "near-miss" => {
            let (question, says) = asked_and_said(first, lines)?;
            if let Some((here, _)) = question.first() {
                return Err(repeated(*here, "says: ..."));
            }
            words_only(at.line, Kind::NearMiss, [says])
        }
        "must-not" => return Err(repeated(first, "says: ...")),
        // The others look the same in a translation.
        _ => {
            let mut block = fence::block(at, info, lines)?;
            let (kind, marks) = (Kind::of(&block), words::marks(&block));
            let words = words::of(&mut block).into_iter().map(std::mem::take).collect();
            Part { line: at.line, kind, words, marks }
        }
    };
    if part.words.is_empty() || part.words.iter().any(String::is_empty) {
        return Err(at.finding(
            format!("the {} lacks words", part.kind.name()),
            "translate all of it, or leave it out",
        ));
    }
    Ok(part)
}

/// A part that has nothing but words.
fn words_only<W: Into<String>>(line: usize, kind: Kind, words: impl IntoIterator<Item = W>) -> Part {
    Part { line, kind, words: words.into_iter().map(Into::into).collect(), marks: Vec::new() }
}

/// The sentences behind `# `.
fn comments(first: At<'_>, lines: &[&str]) -> Result<Vec<String>, Finding> {
    let sentence = |(here, line): (At<'_>, &str)| match line.strip_prefix("# ") {
        Some(text) if text.starts_with(OR) => {
            Err(here.finding("another tool's command needs no translation", "leave the line out"))
        }
        Some(text) => Ok(text.trim().to_owned()),
        None => Err(repeated(here, "# ...")),
    };
    numbered(first, lines).map(sentence).collect()
}

/// A line and its place.
type Placed<'a> = (At<'a>, &'a str);

/// The lines before `says:`, and what stands behind it.
fn asked_and_said<'a>(first: At<'a>, lines: &'a [&'a str]) -> Result<(Vec<Placed<'a>>, String), Finding> {
    let mut asked = Vec::new();
    let mut said: Option<&str> = None;
    for (here, line) in numbered(first, lines) {
        match line.strip_prefix("says:") {
            Some(text) if said.is_none() => said = Some(text.trim()),
            None if said.is_none()
                && !["answer:", "where:", "screen:", "or:"].iter().any(|key| line.starts_with(key)) =>
            {
                asked.push((here, line));
            }
            _ => return Err(repeated(here, "says: ...")),
        }
    }
    let said = said.ok_or_else(|| first.finding("nothing is said", "add a line \"says: ...\""))?;
    Ok((asked, said.to_owned()))
}

fn repeated(here: At<'_>, form: &str) -> Finding {
    here.finding(
        "a translation has words only",
        format!("leave this line to the original, which holds in every language; words stand in \"{form}\""),
    )
}
