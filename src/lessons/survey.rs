//! One look at every flow, with all scenes of a step in mind.
//!
//! A full journal holds ten thousand flows, and to dissect one costs more than to ask it anything. So each is
//! dissected once, asked everything that needs no value kept by an earlier scene, and let go; two threads share the
//! flows. Of the few that may satisfy something [`weigh`](super::weigh) then says how.

use std::panic::resume_unwind;
use std::thread;

use crate::proto::Protocol;

use super::compare::{Kept, answer, word_after};
use super::paths::{self, About};
use super::question::{Condition, Operand, Scene, Test};
use super::verdict::Found;
use super::watched::Watched;

/// From how many flows on it is quicker to have two threads look at them.
const TWO_LOOKERS: usize = 256;

/// A flow, by its place among the watched ones, and the exchange on it that is asked, if one is.
pub type Unit = (usize, Option<usize>);

/// A scene, and what one look at every flow says of it.
pub struct Posed<'s> {
    /// The scene.
    pub scene: &'s Scene,
    /// The units that satisfy all its conditions but those about kept values, in the order of their flows.
    pub units: Vec<Unit>,
    /// The units that may satisfy some, and how many at most; nothing where nobody will ask what came closest.
    pub some: Vec<(Unit, usize)>,
}

/// Looks at every flow once and says of each scene which units can satisfy it, whatever values are kept. Of those in
/// `scenes` it also says which come close, of those in `slips` it does not.
#[must_use]
pub fn survey<'s>(
    watched: &mut [Watched<'_>],
    scenes: impl IntoIterator<Item = &'s Scene>,
    slips: impl IntoIterator<Item = &'s Scene>,
) -> Vec<Posed<'s>> {
    let plans = scenes.into_iter().map(|scene| Plan::of(scene, true));
    let plans: Vec<Plan<'s>> = plans.chain(slips.into_iter().map(|slip| Plan::of(slip, false))).collect();
    let middle = if watched.len() < TWO_LOOKERS { watched.len() } else { watched.len() / 2 };
    let (first, second) = watched.split_at_mut(middle);
    let [mut posed, later] = thread::scope(|scope| {
        let plans = &plans;
        let later = (!second.is_empty()).then(|| scope.spawn(move || look(plans, second, middle)));
        let posed = look(plans, first, 0);
        let later = later.map(|looker| looker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        [posed, later.unwrap_or_default()]
    });
    for (posed, later) in posed.iter_mut().zip(later) {
        posed.units.extend(later.units);
        posed.some.extend(later.some);
    }
    posed
}

/// The conditions of a scene that need no kept value.
struct Plan<'s> {
    scene: &'s Scene,
    asked: Asked,
    fixed: Vec<&'s Condition>,
    /// How many may hold beside those.
    open: usize,
    /// Whether it matters how many hold, when not all do.
    counts: bool,
}

/// What a scene is asked of.
#[derive(Clone, Copy)]
struct Asked {
    /// The protocol whose exchanges are asked one by one.
    spoken: Option<&'static Protocol>,
    /// Whether exchanges are counted, of whatever protocol.
    by_exchange: bool,
}

impl<'s> Plan<'s> {
    fn of(scene: &'s Scene, counts: bool) -> Self {
        let abouts = || scene.conditions.iter().map(|condition| paths::about(&condition.path));
        let spoken = abouts().find_map(|about| match about {
            About::Fields(protocol, _) => Some(protocol),
            _ => None,
        });
        let by_exchange = abouts().any(|about| matches!(about, About::Exchanges));
        // What counts connections or exchanges is no question to one of them.
        let asks = |one: &&Condition| !matches!(paths::about(&one.path), About::Flows | About::Exchanges);
        let needs_kept = |one: &&Condition| matches!(one.test, Some(Test { value: Operand::Kept(_), .. }));
        let (kept, mut fixed): (Vec<&Condition>, Vec<&Condition>) =
            scene.conditions.iter().filter(asks).partition(needs_kept);
        // What is asked of the whole flow is quickly told.
        fixed.sort_by_key(|condition| matches!(paths::about(&condition.path), About::Fields(..)));
        Self { scene, asked: Asked { spoken, by_exchange }, fixed, open: kept.len(), counts }
    }

    fn take(&self, at: usize, watched: &Watched<'_>, posed: &mut Posed<'s>) {
        for unit in units(self.asked, at, watched) {
            let holds = |condition: &&&Condition| holds(condition, watched, unit.1);
            if !self.counts {
                if self.fixed.iter().all(|condition| holds(&condition)) {
                    posed.units.push(unit);
                }
                continue;
            }
            let holding = self.fixed.iter().filter(holds).count();
            if holding == self.fixed.len() {
                posed.units.push(unit);
            }
            if holding + self.open > 0 {
                posed.some.push((unit, holding + self.open));
            }
        }
    }
}

/// Looks at some of the flows, of which the first is the one at `from`.
fn look<'s>(plans: &[Plan<'s>], watched: &mut [Watched<'_>], from: usize) -> Vec<Posed<'s>> {
    let none = |plan: &Plan<'s>| Posed { scene: plan.scene, units: Vec::new(), some: Vec::new() };
    let mut posed: Vec<Posed<'s>> = plans.iter().map(none).collect();
    for (at, one) in watched.iter_mut().enumerate() {
        for (plan, posed) in plans.iter().zip(&mut posed) {
            plan.take(from + at, one, posed);
        }
        one.let_go();
    }
    posed
}

/// What a scene is asked of on one flow: the whole of it, or each exchange.
fn units(asked: Asked, flow: usize, watched: &Watched<'_>) -> impl Iterator<Item = Unit> {
    let exchanges = match (asked.spoken, asked.by_exchange) {
        (None, false) => Vec::new(),
        (spoken, _) => watched.exchanges(spoken),
    };
    let whole = exchanges.is_empty().then_some((flow, None));
    whole.into_iter().chain(exchanges.into_iter().map(move |nth| (flow, Some(nth))))
}

/// Whether a condition that needs no kept value holds.
fn holds(condition: &Condition, watched: &Watched<'_>, exchange: Option<usize>) -> bool {
    let mut found = found(watched, exchange, condition);
    found.retain(|found| !found.before);
    answer(condition, found, &Kept::new()).is_ok()
}

/// What a condition is about: whole values, or the words that follow a text in them.
pub(super) fn found(watched: &Watched<'_>, exchange: Option<usize>, condition: &Condition) -> Vec<Found> {
    let found = watched.found(exchange, &condition.path);
    match &condition.after {
        Some(after) => found.iter().filter_map(|found| word_after(found, after)).collect(),
        None => found,
    }
}
