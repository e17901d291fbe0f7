//! From a Markdown file to a [`Lesson`].
//!
//! The form is small on purpose: front matter, one `##` heading a step, and fences ([`section`](super::section)
//! cuts it so). What is not machinery stays Markdown for people.

use super::feature::Feature;
use super::fence;
use super::finding::{At, Finding};
use super::lesson::{Block, Lesson, Step};
use super::section::{self, Cut, Key};

/// The most a lesson file may hold, in bytes.
pub const LESSON_BYTES: usize = 1024 * 1024;

/// The most steps a lesson may have.
pub const LESSON_STEPS: usize = 500;

/// The last row of the table of claims that lessons correct.
pub const LAST_CLAIM: u16 = 37;

/// What a step's heading ends in when there is nothing to do in it.
const READ_ONLY: &str = "(read-only)";

/// What stands in a step's heading before the name of what it needs, and a closing bracket.
const ONLY_WITH: &str = "(only with ";

/// Reads a lesson. `file` is its name, `NN-slug.md`, with or without folders before it.
///
/// # Errors
/// The first thing that is wrong, with its line and how to mend it.
pub fn parse(file: &str, text: &str) -> Result<Lesson, Finding> {
    let top = At { file, line: 1 };
    let (mut lesson, lines, body) = begin(top, text)?;
    lesson.hash = hash(text);
    sections(&mut lesson, top, &lines, body)?;
    Ok(lesson)
}

/// Reads what a lesson says of itself and none of its steps.
///
/// # Errors
/// As [`parse`].
pub fn front_matter(file: &str, text: &str) -> Result<Lesson, Finding> {
    begin(At { file, line: 1 }, text).map(|(lesson, ..)| lesson)
}

/// The lesson without its steps, all lines, and the index of the first behind the front matter.
fn begin<'a>(top: At<'_>, text: &'a str) -> Result<(Lesson, Vec<&'a str>, usize), Finding> {
    let (keys, lines, body) = open(top, text)?;
    let mut lesson = front(top, &keys)?;
    lesson.number = number(top)?;
    Ok((lesson, lines, body))
}

/// The keys of the front matter, all lines, and the index of the first behind it.
pub(super) fn open<'a>(top: At<'_>, text: &'a str) -> Result<(Vec<Key<'a>>, Vec<&'a str>, usize), Finding> {
    if text.len() > LESSON_BYTES {
        return Err(top.finding(
            format!("the file has {} bytes and a lesson at most {LESSON_BYTES}", text.len()),
            "cut it into two lessons",
        ));
    }
    let lines: Vec<&str> = text.lines().collect();
    let (keys, body) = section::front(top, &lines)?;
    Ok((keys, lines, body))
}

/// The number before the first hyphen of the file's name.
fn number(top: At<'_>) -> Result<u16, Finding> {
    let name = top.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let digits = name.split('-').next().unwrap_or_default();
    digits.parse().map_err(|_| {
        top.finding("the file's name does not begin with the lesson's number", "call it like 04-names.md")
    })
}

/// Takes what the front matter says.
fn front(top: At<'_>, keys: &[Key<'_>]) -> Result<Lesson, Finding> {
    let mut lesson = Lesson {
        file: top.file.to_owned(),
        number: 0,
        id: String::new(),
        title: String::new(),
        minutes: 0,
        needs: Vec::new(),
        teaches: Vec::new(),
        corrects: Vec::new(),
        hash: String::new(),
        intro: Vec::new(),
        steps: Vec::new(),
        front_lines: Vec::new(),
    };
    for one in keys {
        key(&mut lesson, top.line(one.line), one)?;
    }
    for (name, missing) in
        [("id", lesson.id.is_empty()), ("title", lesson.title.is_empty()), ("minutes", lesson.minutes == 0)]
    {
        if missing {
            return Err(
                top.finding(format!("the front matter has no {name}"), format!("add a line \"{name}: ...\""))
            );
        }
    }
    Ok(lesson)
}

/// Takes one line of the front matter.
fn key(lesson: &mut Lesson, here: At<'_>, one: &Key<'_>) -> Result<(), Finding> {
    let (key, value) = (one.name, one.value);
    let list = || value.split(',').map(str::trim).filter(|word| !word.is_empty());
    match key {
        "id" if value == slug(value) && !value.is_empty() => value.clone_into(&mut lesson.id),
        "id" => {
            return Err(
                here.finding(format!("\"{value}\" is no id"), "use lower-case letters, digits and hyphens")
            );
        }
        "title" => value.clone_into(&mut lesson.title),
        "minutes" => {
            lesson.minutes = value.parse().ok().filter(|&minutes| minutes > 0).ok_or_else(|| {
                here.finding(format!("minutes is \"{value}\""), "give a whole number, such as 15")
            })?;
        }
        "needs" => lesson.needs = list().map(str::to_owned).collect(),
        "teaches" => lesson.teaches = list().map(str::to_owned).collect(),
        "corrects" => {
            lesson.corrects = list()
                .map(|word| word.parse().ok().filter(|row| (1..=LAST_CLAIM).contains(row)).ok_or(word))
                .collect::<Result<_, _>>()
                .map_err(|word| {
                    here.finding(
                        format!("\"{word}\" is no row of the table of claims"),
                        format!("rows have the numbers 1 to {LAST_CLAIM}, with commas between them"),
                    )
                })?;
        }
        _ => {
            return Err(here.finding(
                format!("\"{key}\" is not a key of a lesson"),
                "use id, title, minutes, needs, teaches or corrects",
            ));
        }
    }
    lesson.front_lines.push((key.to_owned(), here.line));
    Ok(())
}

/// Reads everything behind the front matter.
fn sections(lesson: &mut Lesson, top: At<'_>, lines: &[&str], body: usize) -> Result<(), Finding> {
    for cut in section::cuts(top, lines, body) {
        match cut? {
            (here, Cut::Heading(title)) => {
                lesson.steps.push(step(here, title)?);
                if lesson.steps.len() > LESSON_STEPS {
                    return Err(
                        here.finding(format!("more than {LESSON_STEPS} steps"), "cut it into two lessons")
                    );
                }
            }
            (_, Cut::Prose(text)) => blocks(lesson).push(Block::Prose(text)),
            (here, Cut::Fence(info, inside)) => {
                let block = fence::block(here, info, inside)?;
                if matches!((&block, lesson.steps.last()), (Block::Check(_), Some(step)) if step.check().is_some())
                {
                    return Err(here.finding(
                        "the step has a second check",
                        "put the scenes into one, with a blank line between",
                    ));
                }
                blocks(lesson).push(block);
            }
        }
    }
    Ok(())
}

fn step(here: At<'_>, title: &str) -> Result<Step, Finding> {
    let Heading { title, read_only, only_with } = heading(title);
    let only_with = only_with.map(|words| feature(here, words)).transpose()?;
    let slug = slug(title);
    if slug.is_empty() {
        return Err(here.finding("the heading has no words", "give the step a title"));
    }
    Ok(Step { slug, title: title.to_owned(), line: here.line, read_only, only_with, blocks: Vec::new() })
}

fn feature(here: At<'_>, words: &str) -> Result<Feature, Finding> {
    Feature::named(words).ok_or_else(|| {
        let known: Vec<&str> = Feature::ALL.iter().map(|(name, _)| *name).collect();
        here.finding(
            format!("\"{words}\" is nothing a step can need"),
            format!("write one of: {}", known.join(", ")),
        )
    })
}

/// What stands in a step's heading.
pub(super) struct Heading<'a> {
    /// Its words.
    pub title: &'a str,
    /// Whether it ends in `(read-only)`.
    pub read_only: bool,
    /// What it names in `(only with ...)`.
    pub only_with: Option<&'a str>,
}

/// Reads the line of a heading, without its `##`.
pub(super) fn heading(line: &str) -> Heading<'_> {
    let line = line.trim();
    let bare = Heading { title: line, read_only: false, only_with: None };
    if let Some(title) = line.strip_suffix(READ_ONLY) {
        return Heading { title: title.trim_end(), read_only: true, ..bare };
    }
    match line.strip_suffix(')').and_then(|line| line.rsplit_once(ONLY_WITH)) {
        Some((title, words)) => Heading { title: title.trim_end(), only_with: Some(words), ..bare },
        None => bare,
    }
}

fn blocks(lesson: &mut Lesson) -> &mut Vec<Block> {
    match lesson.steps.last_mut() {
        Some(step) => &mut step.blocks,
        None => &mut lesson.intro,
    }
}

/// The text in lower case, its words joined by hyphens.
#[must_use]
pub fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// A number that changes when the text does: FNV-1a, 64 bits, in hex. It tells versions of a lesson apart
/// and protects nothing.
fn hash(text: &str) -> String {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let hash =
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}
