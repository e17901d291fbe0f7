//! Whose values the answers are: computed again from seed, learner and attempt, and compared.
//!
//! An answer agrees only when the learner's own journal holds it, so a value that was copied stands among the answers
//! that do not agree. Both kinds are looked at. The words of a report are about values, never about people.

use std::collections::{BTreeMap, BTreeSet};

use super::Pupil;
use crate::lessons::fact::What;
use crate::lessons::lesson::Lesson;

/// How values are made.
pub struct Made<'a> {
    /// The class's seed.
    pub seed: &'a str,
    /// The values of a learner in an attempt: seed, learner and the attempt's marker in, one for each subject out.
    pub values: &'a dyn Fn(&str, &str, &str) -> Vec<String>,
}

/// What personal values say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// What each learner's answers come to, in the report's order of learners.
    pub learners: Vec<Tally>,
    /// Values that somebody gave who is not the one they were made for.
    pub shared: Vec<Shared>,
}

/// The values among a learner's answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Made for this learner in this class.
    pub own: usize,
    /// Made for this learner without a class's seed, as before joining.
    pub before_class: usize,
    /// Agreed with the learner's evidence, and could not be computed again: another seed, or an edited file.
    pub unknown: usize,
}

/// A value that was made for one learner and given by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The value.
    pub value: String,
    /// The lesson's number.
    pub lesson: u16,
    /// Whose it is, by the place in the report's order.
    pub made_for: usize,
    /// Whether the one it was made for gave it, too.
    pub given_by_owner: bool,
    /// The others who gave it.
    pub given_by: Vec<usize>,
}

/// Looks at the answers of all.
pub(super) fn compared(pupils: &[Pupil], lessons: &[Lesson], made: &Made<'_>) -> Values {
    let books: Vec<Book> = pupils.iter().map(|pupil| Book::of(pupil, made)).collect();
    let mut owners: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for (at, book) in books.iter().enumerate() {
        for (value, lessons) in &book.own {
            for &lesson in lessons {
                owners.entry((value, lesson)).or_insert(at);
            }
        }
    }
    let mut all = Values { learners: vec![Tally::default(); pupils.len()], ..Values::default() };
    let mut given: BTreeMap<(usize, String, usize), BTreeSet<usize>> = BTreeMap::new();
    for (at, pupil) in pupils.iter().enumerate() {
        let tally = &mut all.learners[at];
        for (lesson, value, agrees) in answers(pupil) {
            let owner = owners.get(&(value.as_str(), lesson)).copied();
            match (books[at].own.contains_key(&value), books[at].before_class.contains(&value)) {
                (true, _) => tally.own += usize::from(agrees),
                (_, true) => tally.before_class += usize::from(agrees),
                _ if owner.is_none() => tally.unknown += usize::from(agrees),
                _ => {}
            }
            if let Some(owner) = owner {
                given.entry((lesson, value, owner)).or_default().insert(at);
            }
        }
    }
    let shared = given.into_iter().map(|((lesson, value, made_for), by)| Shared {
        value,
        lesson: lessons[lesson].number,
        made_for,
        given_by_owner: by.contains(&made_for),
        given_by: by.into_iter().filter(|&one| one != made_for).collect(),
    });
    all.shared = shared.filter(|one| !one.given_by.is_empty()).collect();
    all
}

/// All values that were ever made for a learner.
struct Book {
    /// In this class, each with the lessons in which it was spoken.
    own: BTreeMap<String, BTreeSet<usize>>,
    /// Without a seed.
    before_class: BTreeSet<String>,
}

impl Book {
    fn of(pupil: &Pupil, made: &Made<'_>) -> Self {
        let (mut own, mut before_class) = (BTreeMap::<String, BTreeSet<usize>>::new(), BTreeSet::new());
        let markers: BTreeSet<(usize, &str)> = pupil
            .facts()
            .filter_map(|(lesson, fact)| match &fact.what {
                What::Began { marker, .. } => Some((lesson, marker.as_str())),
                _ => None,
            })
            .collect();
        for (lesson, marker) in markers {
            for value in (made.values)(made.seed, &pupil.head.learner, marker) {
                own.entry(value).or_default().insert(lesson);
            }
            before_class.extend((made.values)("", &pupil.head.learner, marker));
        }
        Self { own, before_class }
    }
}

/// The answers that look like values: the lesson's place, the value, and whether the evidence agreed.
fn answers(pupil: &Pupil) -> impl Iterator<Item = (usize, String, bool)> {
    pupil.facts().filter_map(|(lesson, fact)| match &fact.what {
        What::Answered { answer, agrees, .. } => value(answer).map(|value| (lesson, value, *agrees)),
        _ => None,
    })
}

/// An answer as a value, `word-0000`, if it looks like one: as it is compared with the evidence, letter case, a
/// `nonce=` in front and a dot at the end do not matter.
fn value(answer: &str) -> Option<String> {
    let answer = answer.trim().to_ascii_lowercase();
    let answer = answer.strip_prefix("nonce=").unwrap_or(&answer);
    let answer = answer.strip_suffix('.').unwrap_or(answer);
    let (word, digits) = answer.split_once('-')?;
    let is_word = (3..=8).contains(&word.len()) && word.bytes().all(|letter| letter.is_ascii_lowercase());
    let is_number = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_word && is_number).then(|| answer.to_owned())
}
