//! A small whole lesson to begin with: it holds as it stands and has one of every fence.

use super::parse;

/// The most letters of a slug, so that the file's name fits every file system.
pub const SLUG_LETTERS: usize = 60;

/// The lesson, under a name that [`lesson`] replaces.
const TEMPLATE: &str = include_str!("template.md");

/// Its name and its title as they stand in the file.
const OWN: [&str; 2] = ["id: your-lesson", "title: Your lesson"];

/// What is wrong with a slug, if anything, as a sentence part.
#[must_use]
pub fn problem(slug: &str) -> Option<String> {
    if slug.is_empty() {
        return Some("there is nothing in it".to_owned());
    }
    if slug.chars().count() > SLUG_LETTERS {
        return Some(format!("it has more than {SLUG_LETTERS} letters"));
    }
    let odd = slug.chars().find(|letter| !matches!(letter, 'a'..='z' | '0'..='9' | '-'));
    match odd {
        Some('/' | '\\') => Some("it is a name and not a path; --lessons says which folder".to_owned()),
        Some(' ') => Some("there is a space in it".to_owned()),
        Some('A'..='Z') => Some("there is a capital letter in it".to_owned()),
        Some(letter) => Some(format!("there is \"{letter}\" in it")),
        None if parse::slug(slug) != slug => {
            Some("its hyphens do not stand one by one between words".to_owned())
        }
        None => None,
    }
}

/// The nearest slug to what was typed, if there is one.
#[must_use]
pub fn nearest(typed: &str) -> Option<String> {
    let slug = parse::slug(typed);
    problem(&slug).is_none().then_some(slug)
}

/// The lesson called `slug`.
#[must_use]
pub fn lesson(slug: &str) -> String {
    let [id, title] = OWN;
    TEMPLATE.replacen(id, &format!("id: {slug}"), 1).replacen(
        title,
        &format!("title: {}", self::title(slug)),
        1,
    )
}

/// The number behind all numbers that the names of files begin with; none when there is no such number.
#[must_use]
pub fn next_number<'a>(names: impl Iterator<Item = &'a str>) -> Option<u16> {
    let numbers = names.filter_map(|name| name.split('-').next()?.parse::<u16>().ok());
    numbers.max().unwrap_or(0).checked_add(1)
}

/// The words of a slug, the first with a capital letter.
fn title(slug: &str) -> String {
    let mut letters = slug.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| if letter == '-' { ' ' } else { letter })).collect()
}
