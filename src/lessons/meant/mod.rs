//! Whether what somebody typed means a value: answers are compared by meaning, not letter by letter.
//!
//! A value has several names. A number is written in digits, in words, with its unit; a code goes by its number, its
//! mnemonic or its sentence; a failure by the word for it, by the system's error name, by what the screen says; an end
//! with or without its port; a side as "the server" or "me". What goes by which name is asked of the tables that the
//! rest of the program uses: [`Spec`] for units and codes, [`called`] for failures.
//!
//! Words of the question and of the screen's line, and small ones (the, is, at ...), add nothing to an answer: "4 bytes" and "it was 4" are 4. What
//! is left has to be one of the value's names and nothing beside it.

mod ends;
mod numbers;

use std::net::IpAddr;

use crate::error::{called, kind_called};
use crate::evidence::{Side, TroubleKind};
use crate::proto::field::{Spec, Unit};

use super::lesson::Seen;
use super::paths::{self, About};
use super::verdict::{Found, Source};

/// Words that add nothing to an answer.
const FILLERS: [&str; 33] = [
    "a", "an", "the", "it", "its", "this", "that", "is", "was", "are", "were", "be", "did", "do", "does",
    "has", "had", "i", "they", "there", "to", "in", "on", "at", "of", "by", "from", "with", "for", "as",
    "just", "only", "and",
];

/// Words for whoever types.
const MYSELF: [&str; 10] = ["i", "me", "my", "mine", "myself", "we", "us", "you", "your", "yours"];

/// Words for whoever is at the other end.
const OTHER: [&str; 6] = ["other", "they", "them", "theirs", "peer", "remote"];

/// A value that the evidence offers, and what is known of where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The question.
    pub seen: &'a Seen,
    /// The value.
    pub found: &'a Found,
    /// Where it stands.
    pub from: &'a Source,
    /// Whether the server of that conversation is a program that the learner started. Both ends are "me" then.
    pub own_server: bool,
}

/// Whether the answer means this value. The whole line may have been copied from the screen.
#[must_use]
pub fn means(offer: Offer<'_>, typed: &str) -> bool {
    let copied = || offer.seen.screens.iter().filter_map(|screen| screen.copied(typed));
    is_named(offer, typed) || copied().any(|text| is_named(offer, &text))
}

/// Whether the text is one of the names of this value.
fn is_named(offer: Offer<'_>, typed: &str) -> bool {
    let value = String::from_utf8_lossy(&offer.found.value).to_lowercase();
    let typed = typed.trim().to_lowercase();
    let typed = match &offer.seen.after {
        // What stands before it may have been copied as well.
        Some(after) => typed.rsplit_once(&after.to_lowercase()).map_or(&*typed, |(_, word)| word),
        None => &typed,
    };
    if bare(typed) == bare(&value) && !bare(typed).is_empty() {
        return true;
    }
    let words = words(typed);
    if let Some(side) = side(offer, &value) {
        return names_side(&words, side, offer.own_server);
    }
    let [short, whole] = [without(&words, offer, &value), words.clone()];
    let forms = [whole, short];
    let spec = spec(offer.seen);
    forms.iter().filter(|form| !form.is_empty()).any(|form| {
        let text = form.join(" ");
        text == bare(&value)
            || number(offer).is_some_and(|number| is_number(offer, spec, number, form, &text))
            || failure(offer.seen, &value).is_some_and(|kind| is_failure(kind, &text))
            || ends::means(offer, &value, form)
            || is_part(offer.seen, &value, form)
    })
}

/// The text without what stands around an answer: spaces, quotes, brackets, a full stop, and the line end that netlab
/// shows behind a line.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_suffix("\\n").map_or(text, |text| text.strip_suffix("\\r").unwrap_or(text));
    let around = |letter: char| letter.is_whitespace() || "\"'`“”‘’()<>.,;!".contains(letter);
    let inner = text.trim_matches(around);
    // A value that is nothing but such letters stays what it is.
    if inner.is_empty() { text.trim() } else { inner }
}

/// The words of a text, each without what stands around it.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .map(|word| bare(word).trim_end_matches([':', '?']))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The words that are left when those are gone that add nothing. What the value itself says is never gone, and neither
/// is a number from an answer that is one: "404" would be what a question says of it.
fn without<'t>(words: &[&'t str], offer: Offer<'_>, value: &str) -> Vec<&'t str> {
    let question = offer.seen.question.to_lowercase();
    let names = offer.seen.answer.text();
    let labels: Vec<String> = offer.seen.screens.iter().map(|screen| screen.label().to_lowercase()).collect();
    let own: Vec<&str> = self::words(value);
    let known: Vec<&str> = self::words(&question)
        .into_iter()
        .chain(names.split(['.', '-']))
        .chain(labels.iter().flat_map(|label| self::words(label)))
        .chain(FILLERS)
        .filter(|word| !own.contains(word))
        .filter(|word| number(offer).is_none() || numbers::read(&[word]).is_none())
        .collect();
    let singular = |word: &str| word.strip_suffix("es").or(word.strip_suffix('s')).unwrap_or(word).to_owned();
    let adds_nothing = |word: &&str| known.iter().any(|one| one == word || singular(one) == singular(word));
    words.iter().copied().filter(|word| own.contains(word) || !adds_nothing(word)).collect()
}

/// What the fields on the question's path are, if they are fields.
fn spec(seen: &Seen) -> Option<&'static Spec> {
    if seen.count { None } else { paths::spec(&seen.answer) }
}

fn number(offer: Offer<'_>) -> Option<u64> {
    let Offer { found, .. } = offer;
    found.number.or_else(|| std::str::from_utf8(&found.value).ok()?.parse().ok())
}

/// What a number of this question counts.
fn unit(seen: &Seen, spec: Option<&Spec>) -> Unit {
    match (spec, paths::about(&seen.answer)) {
        (Some(spec), _) => spec.unit,
        (None, About::Flow(row)) if !seen.count && row.meaning.contains("bytes") => Unit::Bytes,
        _ => Unit::One,
    }
}

/// Whether the words say the number: in digits or words, with its unit, or as the code that it is.
fn is_number(offer: Offer<'_>, spec: Option<&Spec>, number: u64, form: &[&str], text: &str) -> bool {
    let counted = numbers::counted(form, unit(offer.seen, spec));
    if counted == Some(number) || ends::is_port(offer, number, form) {
        return true;
    }
    let Some(code) = spec.and_then(|spec| spec.code(number)) else { return false };
    let (name, meaning) = (code.name.to_lowercase(), code.meaning.to_lowercase());
    // "404 not found", "nxdomain (3)".
    let rest: Vec<&str> =
        form.iter().copied().filter(|word| numbers::read(&[word]) != Some(number)).collect();
    let rest = rest.join(" ");
    [&*rest, text].into_iter().any(|text| {
        let text = spaced(text);
        text == spaced(&name) || text == spaced(bare(&meaning))
    })
}

/// The kind of failure that the value is the word for, on the path that has such words.
fn failure(seen: &Seen, value: &str) -> Option<TroubleKind> {
    (seen.answer.text() == "flow.failed").then(|| kind_called(value)).flatten()
}

/// Whether the text is one of the names of a failure.
fn is_failure(kind: TroubleKind, text: &str) -> bool {
    let text = spaced(text);
    called(kind).any(|name| spaced(&name.to_lowercase()) == text)
}

/// Hyphens and underscores as spaces.
fn spaced(text: &str) -> String {
    text.replace(['-', '_'], " ").replace(['(', ')'], "")
}

/// The side that the value names, where the path has nothing but sides.
fn side(offer: Offer<'_>, value: &str) -> Option<Side> {
    match paths::about(&offer.seen.answer) {
        About::Flow(_) if !offer.seen.count => {
            [Side::Client, Side::Server].into_iter().find(|side| side.name() == value)
        }
        _ => None,
    }
}

/// Whether the words name this side and not the other one.
fn names_side(words: &[&str], side: Side, own_server: bool) -> bool {
    let named = |wanted: Side| words.iter().any(|word| word.trim_end_matches('s') == wanted.name());
    match (named(side), named(side.other())) {
        (true, false) => return true,
        (false, false) if !own_server => {}
        _ => return false,
    }
    // The learner called: whoever types is the client.
    let says = |list: &[&str]| words.iter().any(|word| list.contains(word));
    match (says(&MYSELF), says(&OTHER)) {
        (true, false) => side == Side::Client,
        (false, true) => side == Side::Server,
        _ => false,
    }
}

/// Whether the words are the telling part of a value: the word of one that was made for the learner, the path of a URL,
/// what stands behind a question mark.
fn is_part(seen: &Seen, value: &str, form: &[&str]) -> bool {
    let [word] = form else { return false };
    let (word, last) = (*word, seen.answer.last());
    let target =
        word.split_once("://").map_or(word, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    match last {
        "path" | "request-target" => value.starts_with('/') && target == value,
        "query" => word.rsplit_once('?').is_some_and(|(_, query)| query == value),
        _ => made_for_somebody(value).is_some_and(|own| own == word),
    }
}

/// The word in a value that the lab makes for a learner: `sunset` of `sunset-3343`.
fn made_for_somebody(value: &str) -> Option<&str> {
    let (word, digits) = value.split_once('-')?;
    let is_made = word.len() >= 3
        && word.bytes().all(|letter| letter.is_ascii_lowercase())
        && digits.len() == 4
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_made.then_some(word)
}

/// The address in a word, as people write one: in brackets, with the length of its prefix behind it.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim_start_matches('[').trim_end_matches(']');
    let word = word.split_once('/').map_or(word, |(address, _)| address);
    word.parse().ok()
}
