//! The evidence that a step passed on, put aside with the pass.
//!
//! What is asked about the step afterwards, and its idea, are answered from exactly this.
//! It holds the conversations that the verdict quotes, each with all its recordings, and those that answer the
//! step's questions, where the quoted ones do not.

use std::collections::BTreeSet;

use crate::evidence::frozen;
use crate::evidence::journal::{Account, Sighting};

use super::check::judge;
use super::connections;
use super::lesson::Step;
use super::proof::answers;
use super::seen;
use super::verdict::{Outcome, Verdict};

/// The conversations that a step passed on, as lines behind its marker; nothing when they cannot be made short enough to be
/// judged as they were.
#[must_use]
pub fn evidence(step: &Step, verdict: &Verdict, account: &Account, marker: &str) -> Option<String> {
    let numbers = connections::numbers(&account.sightings);
    let proofs = verdict.scenes.iter().filter_map(|scene| match &scene.outcome {
        Outcome::Passed(proof) => Some(proof.source.sighting),
        Outcome::NotYet(_) => None,
    });
    let mut quoted: BTreeSet<usize> = proofs.filter_map(|at| numbers.get(at).copied()).collect();
    for question in step.questions() {
        let sources: Vec<usize> = seen::values(question, account)
            .iter()
            .filter_map(|(source, _)| numbers.get(source.sighting).copied())
            .collect();
        if !sources.iter().any(|number| quoted.contains(number)) {
            quoted.extend(sources);
        }
    }
    let of_quoted: Vec<&Sighting> = account
        .sightings
        .iter()
        .zip(&numbers)
        .filter(|(_, number)| quoted.contains(number))
        .map(|(sighting, _)| sighting)
        .collect();
    let holds = |frozen: &Account| judge(step, frozen).passed() && answers(step, frozen);
    frozen::freeze(marker, &of_quoted, holds).or_else(|| {
        // One recording of each connection says less, and may say enough.
        let mut known = BTreeSet::new();
        let of_each = account.sightings.iter().zip(&numbers).filter(|(sighting, number)| {
            quoted.contains(number) && (sighting.flow.inside.is_some() || known.insert(**number))
        });
        let of_each: Vec<&Sighting> = of_each.map(|(sighting, _)| sighting).collect();
        frozen::freeze(marker, &of_each, holds)
    })
}
