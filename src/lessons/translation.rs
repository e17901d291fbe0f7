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

use super::finding::{At, Finding};
use super::parse::{self, LESSON_STEPS};
use super::part::{self, Part};
use super::section::{self, Cut, Key};

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
    for cut in section::cuts(top, &lines, body) {
        let (here, cut) = cut?;
        if let Some((heading, title)) = unnamed.take() {
            let Cut::Prose(text) = cut else { return Err(nameless(heading)) };
            let rest = name(&mut translation, heading, title, &text)?;
            if !rest.trim().is_empty() {
                parts(&mut translation).push(part::prose(here.line + 1, rest.trim_matches('\n')));
            }
            continue;
        }
        match cut {
            Cut::Heading(title) => unnamed = Some((here, title)),
            Cut::Prose(text) => parts(&mut translation).push(part::prose(here.line, &text)),
            Cut::Fence(info, inside) => parts(&mut translation).push(part::fence(here, info, inside)?),
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
    let title = parse::heading(title).title;
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
