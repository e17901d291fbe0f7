//! "What did you see?": questions that the learner's own evidence answers.

use std::cell::Cell;

use crate::evidence::journal::Account;

use super::compare::{Kept, tally, word_after};
use super::lesson::Seen;
use super::question::Scene;
use super::survey::survey;
use super::verdict::{Found, Source};
use super::watched;
use super::weigh::Court;

/// What is said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// The evidence says the same, here.
    Agrees(Source, Found),
    /// The evidence says these instead, at most [`super::verdict::QUOTED_VALUES`].
    Differs(Vec<(Source, Found)>),
    /// Nothing that would answer it has been seen since the step began.
    NothingSeen,
}

/// What is said to an answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The evidence says the same, here.
    Agrees(Source, Found),
    /// It says something else; where to look, and not what stands there.
    LookAgain(Vec<(Source, Found)>),
    /// It says something else, and after several answers: what it says.
    TheRecord(Vec<(Source, Found)>),
    /// Nothing that would answer the question is there any more.
    NothingSeen,
}

/// Compares an answer with the evidence. Letter case, spaces around it and a dot at the end do not matter.
#[must_use]
pub fn answered(seen: &Seen, answer: &str, account: &Account) -> Answered {
    let mut values = values(seen, account);
    let given = normal(answer.as_bytes());
    let given = match &seen.after {
        Some(after) => given.strip_prefix(&normal(after.as_bytes())[..]).unwrap_or(&given).to_vec(),
        None => given,
    };
    if let Some(at) = values.iter().position(|(_, found)| normal(&found.value) == given) {
        let (source, found) = values.swap_remove(at);
        return Answered::Agrees(source, found);
    }
    values.truncate(super::verdict::QUOTED_VALUES);
    if values.is_empty() { Answered::NothingSeen } else { Answered::Differs(values) }
}

/// Everything the evidence offers as an answer, without repetition, the earliest first.
#[must_use]
pub fn values(seen: &Seen, account: &Account) -> Vec<(Source, Found)> {
    let mut watched = watched::watch(account);
    let scene = Scene { conditions: seen.with_path(), ..Scene::default() };
    let posed = survey(&mut watched, [], [&scene]);
    let mut values: Vec<(Source, Found)> = Vec::new();
    let waits = Cell::new(None);
    let court = Court { watched: &watched, all: None, now_us: None, waits: &waits };
    let fitting = posed.iter().flat_map(|posed| court.fitting(posed, None, &Kept::new()));
    for (flow, exchange) in fitting.map(|one| one.unit) {
        let source = watched[flow].source(exchange);
        let mut found = watched[flow].found(exchange, &seen.answer);
        found.retain(|found| !found.before);
        if seen.count {
            found = vec![tally(found.len() as u64)];
        }
        for found in found {
            let found = match &seen.after {
                Some(after) => match word_after(&found, after) {
                    Some(found) => found,
                    None => continue,
                },
                None => found,
            };
            if !values.iter().any(|(_, known)| known.value == found.value) {
                values.push((source.clone(), found));
            }
        }
    }
    values
}

fn normal(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii().to_ascii_lowercase();
    if let Some(number) = ungrouped(&text) {
        return number;
    }
    match text.strip_suffix(b".") {
        Some(short) if !short.is_empty() => short.to_vec(),
        _ => text,
    }
}

/// The digits of a number that is written in groups of three, as netlab shows large ones: 3,940,352.
fn ungrouped(text: &[u8]) -> Option<Vec<u8>> {
    let mut groups = text.split(|byte| b",_' ".contains(byte));
    let first = groups.next()?;
    let digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    let rest: Vec<&[u8]> = groups.collect();
    let grouped = !rest.is_empty()
        && (1..=3).contains(&first.len())
        && digits(first)
        && rest.iter().all(|group| group.len() == 3 && digits(group));
    grouped.then(|| [&[first], rest.as_slice()].concat().concat())
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn a_number_may_be_written_in_groups() {
        for written in ["3940352", "3,940,352", "3 940 352", "3_940_352", " 3'940'352. "] {
            let written = written.trim().trim_end_matches('.');
            assert_eq!(normal(written.as_bytes()), b"3940352", "{written}");
        }
        for (written, stays) in
            [("1,2,3", "1,2,3"), ("1234,567", "1234,567"), ("10 mail", "10 mail"), ("MX.", "mx")]
        {
            assert_eq!(normal(written.as_bytes()), stays.as_bytes());
        }
    }
}
