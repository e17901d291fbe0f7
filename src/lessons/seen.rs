//! "What did you see?": questions that the learner's own evidence answers.

use std::cell::Cell;

use crate::evidence::Side;
use crate::evidence::journal::Account;

use super::compare::{Kept, tally, word_after};
use super::lesson::Seen;
use super::meant::{Offer, means};
use super::question::Scene;
use super::survey::survey;
use super::verdict::{Found, Source};
use super::watched;
use super::weigh::Court;

/// How the evidence of the lab's services is signed.
const LAB: &str = "lab/";

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

/// Compares an answer with the evidence, by its [meaning](super::meant).
#[must_use]
pub fn answered(seen: &Seen, answer: &str, account: &Account) -> Answered {
    let mut offered = offered(seen, account);
    let right = offered.iter().position(|(from, found, own_server)| {
        means(Offer { seen, found, from, own_server: *own_server }, answer)
    });
    if let Some(at) = right {
        let (source, found, _) = offered.swap_remove(at);
        return Answered::Agrees(source, found);
    }
    offered.truncate(super::verdict::QUOTED_VALUES);
    let values: Vec<_> = offered.into_iter().map(|(source, found, _)| (source, found)).collect();
    if values.is_empty() { Answered::NothingSeen } else { Answered::Differs(values) }
}

/// Everything the evidence offers as an answer, without repetition, the earliest first.
#[must_use]
pub fn values(seen: &Seen, account: &Account) -> Vec<(Source, Found)> {
    offered(seen, account).into_iter().map(|(source, found, _)| (source, found)).collect()
}

/// The same, each with whether the server of that conversation is a program that the learner started.
fn offered(seen: &Seen, account: &Account) -> Vec<(Source, Found, bool)> {
    let mut watched = watched::watch(account);
    let scene = Scene { conditions: seen.with_path(), ..Scene::default() };
    let posed = survey(&mut watched, [], [&scene]);
    let mut values: Vec<(Source, Found, bool)> = Vec::new();
    let waits = Cell::new(None);
    let court = Court { watched: &watched, all: None, now_us: None, waits: &waits };
    let fitting = posed.iter().flat_map(|posed| court.fitting(posed, None, &Kept::new()));
    for (flow, exchange) in fitting.map(|one| one.unit) {
        let source = watched[flow].source(exchange);
        let own_server = watched.iter().any(|one| {
            let ours = one.source(None);
            one.connection == watched[flow].connection
                && ours.seen == Side::Server
                && !ours.by.starts_with(LAB)
        });
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
            if !values.iter().any(|(_, known, _)| known.value == found.value) {
                values.push((source.clone(), found, own_server));
            }
        }
    }
    values
}
