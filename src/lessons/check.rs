//! The judge: does the evidence since a step began show what its check asks for?
//!
//! Scenes are weighed one by one against every flow. A scene may keep values for later ones and may have
//! to come after the one before it, so the first fitting choice is not always the right one: choices
//! that lead to different kept values are tried in turn. Of choices with equal values the earliest is as good
//! as any later one, unless the next scene has to begin while the chosen connection is open.

use std::collections::BTreeSet;

use crate::evidence::journal::Account;

use super::compare::Kept;
use super::lesson::{NearMiss, Step};
use super::question::{Begins, Check, Scene};
use super::survey::{Posed, survey};
use super::verdict::{Feedback, Outcome, Proof, SceneVerdict, Verdict};
use super::watched;
use super::weigh::{Court, Moment, Weighed};

/// How many choices of evidence are tried before the judge stays with the best so far.
pub const CHOICES_LIMIT: u32 = 256;

/// Judges a step by what happened since it began.
#[must_use]
pub fn judge(step: &Step, account: &Account) -> Verdict {
    let mut watched = watched::watch(account);
    let empty = Check { line: step.line, scenes: Vec::new() };
    let check = step.check().unwrap_or(&empty);
    let slips: Vec<(&NearMiss, Scene)> = step.near_misses().map(|near| (near, scene_of(near))).collect();
    let posed = survey(&mut watched, &check.scenes, slips.iter().map(|(_, scene)| scene));
    let (posed, slipped) = posed.split_at(check.scenes.len());
    let court = Court { watched: &watched };
    let mut tries = CHOICES_LIMIT;
    let ruling = rule(court, posed, None, &Kept::new(), &mut tries);
    let near = || slips.iter().map(|(near, _)| *near).zip(slipped);
    let feedback = if ruling.passed() == check.scenes.len() { None } else { slip(court, near(), &ruling) };
    let mut kept = Kept::new();
    let scenes = posed.iter().zip(ruling.scenes).map(|(posed, ruled)| {
        let scene = posed.scene;
        let outcome = match ruled.evidence {
            Some((proof, _)) => Outcome::Passed(proof),
            None => Outcome::NotYet(court.closest(posed, &kept)),
        };
        kept.extend(ruled.kept);
        SceneVerdict { description: scene.description.clone(), line: scene.line, outcome }
    });
    Verdict { scenes: scenes.collect(), feedback }
}

/// What is ruled of the scenes from some scene on.
#[derive(Default)]
struct Ruling {
    scenes: Vec<Ruled>,
}

/// What is ruled of one.
#[derive(Default)]
struct Ruled {
    /// The evidence, and when it began, if it passed.
    evidence: Option<(Proof, Moment)>,
    kept: Kept,
}

impl Ruling {
    fn passed(&self) -> usize {
        self.scenes.iter().filter(|scene| scene.evidence.is_some()).count()
    }

    fn behind(self, first: Ruled) -> Self {
        Self { scenes: std::iter::once(first).chain(self.scenes).collect() }
    }
}

/// Rules on `scenes`, given what the scenes before them found.
fn rule(
    court: Court<'_>,
    scenes: &[Posed<'_>],
    previous: Option<Moment>,
    kept: &Kept,
    tries: &mut u32,
) -> Ruling {
    let Some((posed, rest)) = scenes.split_first() else { return Ruling::default() };
    *tries = tries.saturating_sub(1);
    let choices = match (posed.scene.begins, previous) {
        (Begins::Whenever, _) => court.fitting(posed, None, kept),
        // What comes first has not been seen, so nothing can have come after it.
        (_, None) => Vec::new(),
        (Begins::Then, after) => court.fitting(posed, after, kept),
        (Begins::Meanwhile, Some(open)) => {
            let mut fitting = court.fitting(posed, None, kept);
            fitting.retain(|one| court.began_during(open, one.moment));
            fitting
        }
    };
    let each_connection = rest.first().is_some_and(|next| next.scene.begins == Begins::Meanwhile);
    let mut best: Option<Ruling> = None;
    for choice in distinct(choices, each_connection) {
        let mut known = kept.clone();
        known.extend(choice.kept.clone());
        let tail = rule(court, rest, Some(choice.moment), &known, tries);
        if best.as_ref().is_none_or(|best| tail.passed() + 1 > best.passed()) {
            let proof = court.proof(choice.unit, choice.met);
            best = Some(tail.behind(Ruled { evidence: Some((proof, choice.moment)), kept: choice.kept }));
        }
        if *tries == 0 || best.as_ref().is_some_and(|best| best.passed() == scenes.len()) {
            break;
        }
    }
    best.unwrap_or_else(|| rule(court, rest, None, kept, tries).behind(Ruled::default()))
}

/// Of choices that keep the same values only the earliest, or the earliest of each connection.
fn distinct(choices: Vec<Weighed>, each_connection: bool) -> Vec<Weighed> {
    let values = |weighed: &Weighed| -> Vec<Vec<Vec<u8>>> {
        weighed.kept.values().map(|found| found.iter().map(|found| found.value.clone()).collect()).collect()
    };
    let mut seen = BTreeSet::new();
    let key = |choice: &Weighed| (each_connection.then_some(choice.moment.0), values(choice));
    choices.into_iter().filter(|choice| seen.insert(key(choice))).collect()
}

/// What a near-miss asks, as a scene.
fn scene_of(near: &NearMiss) -> Scene {
    Scene { conditions: near.conditions.clone(), ..Scene::default() }
}

/// The near-miss that happened last, unless a scene passed after it.
fn slip<'a>(
    court: Court<'_>,
    near_misses: impl Iterator<Item = (&'a NearMiss, &'a Posed<'a>)>,
    ruling: &Ruling,
) -> Option<Feedback> {
    let last_passed =
        ruling.scenes.iter().filter_map(|scene| scene.evidence.as_ref()).map(|(_, moment)| *moment).max();
    let kept: Kept = ruling.scenes.iter().flat_map(|scene| scene.kept.clone()).collect();
    let mut found: Option<(&NearMiss, Weighed)> = None;
    for (near, posed) in near_misses {
        // Only what came no earlier than the latest slip so far, and the latest scene that passed, is of interest.
        let floor = found.as_ref().map(|(_, weighed)| weighed.moment).max(last_passed);
        found = court.latest(posed, floor, &kept).map(|weighed| (near, weighed)).or(found);
    }
    let (near, weighed) = found?;
    let proof = court.proof(weighed.unit, weighed.met);
    Some(Feedback { line: near.line, says: near.says.clone(), proof })
}
