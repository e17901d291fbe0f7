//! A translation of a lesson, `NN-slug.LANG.md` beside `NN-slug.md`: the words of the original in another
//! language, and none of its machinery.
//!
//! ````text
//! ---
//! id: roles                     the original's
//! title: Client aur server
//! language: hi-Latn             a tag of BCP 47; LANG in the file's name is its first part
//! ---
//! Prose of the introduction.
//!
//! ## A translated title
//! <!-- slug-of-the-step -->     which step this is; forges hide it
//! Prose, and fences with their words only.
//! ````
//!
//! The nth part of a kind translates the nth of that kind in the original: see [`translated`](super::translated).

use super::fence::{self, numbered};
use super::finding::{At, Finding};
use super::parse::{self, LESSON_STEPS};
use super::section::{self, Key, Part as Cut};
use super::words::{self, Kind, OR};

/// How long the name of a language in a file's name may be, in letters.
const LANGUAGE: std::ops::RangeInclusive<usize> = 2..=3;

/// A translation as its file has it.
#[derive(Debug, Clone)]
pub struct Translation {
    /// The file it came from.
    pub file: String,
    /// The id of the lesson it translates.
    pub id: String,
    /// The line of the id.
    pub id_line: usize,
    /// The lesson's title.
    pub title: String,
    /// The language, as a tag of BCP 47 such as `hi-Latn`.
    pub language: String,
    /// What stands before the first section.
    pub intro: Vec<Part>,
    /// The translated steps, in the file's order.
    pub sections: Vec<Section>,
}

/// A translated step.
#[derive(Debug, Clone)]
pub struct Section {
    /// The line of its heading.
    pub line: usize,
    /// Its title.
    pub title: String,
    /// The slug of the step it translates.
    pub step: String,
    /// What is in it, in order.
    pub parts: Vec<Part>,
}

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

/// The file a translation belongs to, and its language: `01-a.md` and `hi` for `01-a.hi.md`. None when the
/// name is not that of a translation.
#[must_use]
pub fn original_of(file: &str) -> Option<(String, &str)> {
    let (original, language) = file.strip_suffix(".md")?.rsplit_once('.')?;
    let fits = LANGUAGE.contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    fits.then(|| (format!("{original}.md"), language))
}

/// Reads a translation. `file` is its name, `NN-slug.LANG.md`, with or without folders before it.
///
/// # Errors
/// The first thing that is wrong, with its line and how to mend it.
pub fn parse(file: &str, text: &str) -> Result<Translation, Finding> {
    let top = At { file, line: 1 };
    let (keys, lines, body) = parse::open(top, text)?;
    let mut translation = front(top, &keys)?;
    // A heading whose step has not been named yet.
    let mut unnamed: Option<(At<'_>, &str)> = None;
    for part in section::parts(top, &lines, body) {
        let (here, part) = part?;
        if let Some((heading, title)) = unnamed.take() {
            let Cut::Prose(text) = part else { return Err(nameless(heading)) };
            let rest = name(&mut translation, heading, title, &text)?;
            if !rest.trim().is_empty() {
                parts(&mut translation).push(words_only(
                    here.line + 1,
                    Kind::Prose,
                    [rest.trim_matches('\n')],
                ));
            }
            continue;
        }
        match part {
            Cut::Heading(title) => unnamed = Some((here, title)),
            Cut::Prose(text) => parts(&mut translation).push(words_only(here.line, Kind::Prose, [&text])),
            Cut::Fence(info, inside) => parts(&mut translation).push(fence(here, info, inside)?),
        }
    }
    match unnamed {
        Some((heading, _)) => Err(nameless(heading)),
        None => Ok(translation),
    }
}

/// Takes what the front matter says.
fn front(top: At<'_>, keys: &[Key<'_>]) -> Result<Translation, Finding> {
    let known = ["id", "title", "language"];
    if let Some(key) = keys.iter().find(|key| !known.contains(&key.name)) {
        return Err(top.line(key.line).finding(
            format!("\"{}\" is not a key of a translation", key.name),
            "use id, title and language; the rest is the original's",
        ));
    }
    let [id, title, language] = known.map(|name| {
        keys.iter().find(|key| key.name == name && !key.value.is_empty()).ok_or_else(|| {
            top.finding(format!("the front matter has no {name}"), format!("add a line \"{name}: ...\""))
        })
    });
    let (id, title, language) = (id?, title?, language?);
    let at = top.line(language.line);
    if !is_tag(language.value) {
        return Err(at.finding(
            format!("\"{}\" is no language tag", language.value),
            "write one of BCP 47, such as hi or hi-Latn",
        ));
    }
    let first = language.value.split('-').next().unwrap_or_default();
    let (_, named) = original_of(top.file).ok_or_else(|| {
        top.finding("the file's name does not say its language", "call it like 04-names.hi.md")
    })?;
    if !first.eq_ignore_ascii_case(named) {
        return Err(at.finding(
            format!("the language is {first}, and the file's name says {named}"),
            "let both say the same",
        ));
    }
    Ok(Translation {
        file: top.file.to_owned(),
        id: id.value.to_owned(),
        id_line: id.line,
        title: title.value.to_owned(),
        language: language.value.to_owned(),
        intro: Vec::new(),
        sections: Vec::new(),
    })
}

/// Whether it has the form of a language tag (RFC 5646 §2.1): subtags with hyphens between, the first of
/// letters. Whether anybody speaks it is not asked.
fn is_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    subtags.next().is_some_and(|first| (2..=8).contains(&first.len()) && letters(first))
        && subtags.all(|more| {
            (1..=8).contains(&more.len()) && more.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn nameless(heading: At<'_>) -> Finding {
    heading.finding(
        "the section does not say which step it translates",
        "put the step's slug on the line below it, as in <!-- let-somebody-else-begin -->",
    )
}

/// Begins a section whose step is named at the beginning of `text`; gives the text behind that.
fn name<'a>(
    translation: &mut Translation,
    heading: At<'_>,
    title: &str,
    text: &'a str,
) -> Result<&'a str, Finding> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.trim().strip_prefix("<!--").and_then(|text| text.strip_suffix("-->"));
    let step = named.ok_or_else(|| nameless(heading))?.trim();
    let (title, _) = parse::heading(title);
    if title.is_empty() {
        return Err(heading.finding("the heading has no words", "give the step a title"));
    }
    if let Some(twin) = translation.sections.iter().find(|section| section.step == step) {
        return Err(
            heading.finding(format!("line {} translates {step} too", twin.line), "make one section of both")
        );
    }
    if translation.sections.len() == LESSON_STEPS {
        return Err(
            heading.finding(format!("more than {LESSON_STEPS} steps"), "a lesson does not have so many")
        );
    }
    translation.sections.push(Section {
        line: heading.line,
        title: title.to_owned(),
        step: step.to_owned(),
        parts: Vec::new(),
    });
    Ok(rest)
}

fn parts(translation: &mut Translation) -> &mut Vec<Part> {
    match translation.sections.last_mut() {
        Some(section) => &mut section.parts,
        None => &mut translation.intro,
    }
}

/// A part that has nothing but words.
fn words_only<W: Into<String>>(line: usize, kind: Kind, words: impl IntoIterator<Item = W>) -> Part {
    Part { line, kind, words: words.into_iter().map(Into::into).collect(), marks: Vec::new() }
}

/// Reads a fence: its opening line stands at `at`.
fn fence(at: At<'_>, info: &str, lines: &[&str]) -> Result<Part, Finding> {
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
            None if said.is_none() && !line.starts_with("answer:") && !line.starts_with("where:") => {
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
