//! The judge: does the evidence since a step began show what its check asks for?
//!
//! Scenes are weighed one by one against every flow. A scene may keep values for later ones and may have
//! to come after the one before it, so the first fitting choice is not always the right one: choices
//! that lead to different kept values are tried in turn. Of choices with equal values the earliest is as good
//! as any later one, unless the next scene has to begin while the chosen connection is open.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::evidence::journal::Account;

use super::compare::Kept;
use super::lesson::{NearMiss, Step};
use super::paths::{self, About};
use super::question::{Begins, Check, Condition, Op, Operand, Scene, Test};
use super::survey::{Posed, survey};
use super::verdict::{Feedback, Outcome, Proof, SceneVerdict, Verdict};
use super::watched;
use super::weigh::{Common, Court, Moment, Weighed};

/// How many choices of evidence are tried before the judge stays with the best so far.
pub const CHOICES_LIMIT: u32 = 256;

/// What begins so much later than a slip is another try, in microseconds: one command may ask several things at once.
const ANOTHER_TRY_US: u64 = 1_000_000;

/// Judges a step by what happened since it began, as if all of it were long past: what did not happen so far does not
/// happen any more.
#[must_use]
pub fn judge(step: &Step, account: &Account) -> Verdict {
    judge_by(step, account, None)
}

/// The same as of `now_us`, in microseconds since 1970: nothing is said not to have happened before its time is up.
#[must_use]
pub fn judge_at(step: &Step, account: &Account, now_us: u64) -> Verdict {
    judge_by(step, account, Some(now_us))
}

fn judge_by(step: &Step, account: &Account, now_us: Option<u64>) -> Verdict {
    let mut watched = watched::watch(account);
    let empty = Check { line: step.line, all: None, scenes: Vec::new() };
    let check = step.check().unwrap_or(&empty);
    let slips: Vec<(&NearMiss, Scene)> = step.near_misses().map(|near| (near, scene_of(near))).collect();
    let posed = survey(&mut watched, &check.scenes, slips.iter().map(|(_, scene)| scene));
    let (posed, slipped) = posed.split_at(check.scenes.len());
    let waits = Cell::new(None);
    let court = Court { watched: &watched, all: check.all, now_us, waits: &waits };
    let mut tries = CHOICES_LIMIT;
    let mut ruling = rule(court, posed, &Before::default(), &mut tries);
    let common = ruling.scenes.iter().find_map(|scene| scene.common);
    quote_the_same(&check.scenes, &mut ruling);
    let near = || slips.iter().map(|(near, _)| *near).zip(slipped);
    let feedback =
        if ruling.passed() == check.scenes.len() { None } else { slip(court, near(), posed, &ruling) };
    let mut kept = Kept::new();
    let scenes = posed.iter().zip(ruling.scenes).map(|(posed, ruled)| {
        let scene = posed.scene;
        let outcome = match ruled.evidence {
            Some((proof, _)) => Outcome::Passed(proof),
            None => Outcome::NotYet(court.closest(posed, &kept, common)),
        };
        kept.extend(ruled.kept);
        SceneVerdict { description: scene.description.clone(), line: scene.line, outcome }
    });
    let scenes = scenes.collect();
    Verdict { scenes, feedback, waits: waits.get(), has_earlier: account.has_earlier }
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
    /// What the evidence of the other scenes has to share with it.
    common: Option<Common>,
    kept: Kept,
}

/// What the scenes before one have come to.
#[derive(Default, Clone)]
struct Before {
    /// When the evidence of the last one began.
    previous: Option<Moment>,
    /// What all evidence has to share.
    common: Option<Common>,
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
fn rule(court: Court<'_>, scenes: &[Posed<'_>], before: &Before, tries: &mut u32) -> Ruling {
    let Some((posed, rest)) = scenes.split_first() else { return Ruling::default() };
    *tries = tries.saturating_sub(1);
    let mut choices = match (posed.scene.begins, before.previous) {
        (Begins::Whenever, _) => court.fitting(posed, None, &before.kept),
        // What comes first has not been seen, so nothing can have come after it.
        (_, None) => Vec::new(),
        (Begins::Then, after) => court.fitting(posed, after, &before.kept),
        (Begins::Meanwhile, Some(open)) => {
            let mut fitting = court.fitting(posed, None, &before.kept);
            fitting.retain(|one| court.began_during(open, one.moment));
            fitting
        }
    };
    if before.common.is_some() {
        choices.retain(|one| court.common(one) == before.common);
    }
    let meanwhile = rest.first().is_some_and(|next| next.scene.begins == Begins::Meanwhile);
    let each_connection = meanwhile || court.all.is_some();
    let mut best: Option<Ruling> = None;
    for choice in distinct(choices, each_connection) {
        let common = court.common(&choice);
        let mut known = Before { previous: Some(choice.moment), common, kept: before.kept.clone() };
        known.kept.extend(choice.kept.clone());
        let tail = rule(court, rest, &known, tries);
        if best.as_ref().is_none_or(|best| tail.passed() + 1 > best.passed()) {
            let evidence = Some((court.proof(choice.unit, choice.met), choice.moment));
            best = Some(tail.behind(Ruled { evidence, common, kept: choice.kept }));
        }
        if *tries == 0 || best.as_ref().is_some_and(|best| best.passed() == scenes.len()) {
            break;
        }
    }
    best.unwrap_or_else(|| {
        let known = Before { previous: None, ..before.clone() };
        rule(court, rest, &known, tries).behind(Ruled::default())
    })
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

/// Where a later scene found one of several values that an earlier one kept, both quote that one.
fn quote_the_same(scenes: &[Scene], ruling: &mut Ruling) {
    let wants = |condition: &Condition| match &condition.test {
        Some(Test { op: Op::Is, value: Operand::Kept(name) }) => Some(name.clone()),
        _ => None,
    };
    for later in 0..scenes.len() {
        for condition in &scenes[later].conditions {
            let Some(name) = wants(condition) else { continue };
            let Some((proof, _)) = &ruling.scenes[later].evidence else { continue };
            let Some(quote) = proof.quotes.iter().find(|quote| quote.condition == condition.text) else {
                continue;
            };
            let value = quote.found.value.clone();
            for (scene, ruled) in scenes.iter().zip(&mut ruling.scenes).take(later) {
                let keeps = scene.conditions.iter().find(|one| one.keep_as.as_ref() == Some(&name));
                let Ruled { evidence, kept, .. } = ruled;
                let same = kept.get(&name).and_then(|all| all.iter().find(|found| found.value == value));
                if let (Some(keeps), Some(same), Some((proof, _))) = (keeps, same, evidence)
                    && let Some(quote) = proof.quotes.iter_mut().find(|quote| quote.condition == keeps.text)
                {
                    quote.found = same.clone();
                }
            }
        }
    }
}

/// What a near-miss asks, as a scene.
fn scene_of(near: &NearMiss) -> Scene {
    Scene { conditions: near.conditions.clone(), ..Scene::default() }
}

/// Whether what a near-miss asks for has been seen: the scene that it names, or one that counts the same.
fn is_out_of_date(near: &NearMiss, posed: &[Posed<'_>], ruling: &Ruling) -> bool {
    let counts = |conditions: &[Condition]| -> Vec<String> {
        let counting = conditions.iter().filter(|one| one.count);
        let paths = counting.filter(|one| matches!(paths::about(&one.path), About::Flows | About::Exchanges));
        paths.map(|one| one.path.text()).collect()
    };
    let counted = counts(&near.conditions);
    let passed = (1..).zip(posed).zip(&ruling.scenes).filter(|(_, ruled)| ruled.evidence.is_some());
    let mut passed = passed.map(|((number, posed), _)| (number, posed));
    passed.any(|(number, posed)| {
        near.until == Some(number)
            || counts(&posed.scene.conditions).iter().any(|path| counted.contains(path))
    })
}

/// The near-miss that happened last. Nothing is said of one when a scene passed after it, when something else was tried
/// since, or when what it asks for has been seen.
fn slip<'a>(
    court: Court<'_>,
    near_misses: impl Iterator<Item = (&'a NearMiss, &'a Posed<'a>)>,
    posed: &[Posed<'_>],
    ruling: &Ruling,
) -> Option<Feedback> {
    let last_passed =
        ruling.scenes.iter().filter_map(|scene| scene.evidence.as_ref()).map(|(_, moment)| *moment).max();
    let kept: Kept = ruling.scenes.iter().flat_map(|scene| scene.kept.clone()).collect();
    let mut found: Option<(&NearMiss, Weighed)> = None;
    for (near, slipped) in near_misses.filter(|(near, _)| !is_out_of_date(near, posed, ruling)) {
        // Only what came no earlier than the latest slip so far, and the latest scene that passed, is of interest.
        let floor = found.as_ref().map(|(_, weighed)| weighed.moment).max(last_passed);
        let latest = court.latest(slipped, floor, &kept);
        found = latest.map(|weighed| (near, weighed)).or(found);
    }
    let (near, weighed) = found?;
    let later = posed.iter().zip(&ruling.scenes).filter(|(_, ruled)| ruled.evidence.is_none());
    let since_us = court.began_us(weighed.unit).saturating_add(ANOTHER_TRY_US);
    if later.filter_map(|(posed, _)| court.latest_try_us(posed, &kept)).any(|began_us| began_us >= since_us) {
        return None;
    }
    let proof = court.proof(weighed.unit, weighed.met);
    Some(Feedback { line: near.line, says: near.says.clone(), proof })
}
