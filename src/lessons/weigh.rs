//! Weighing one flow, or one exchange on it, against one scene.

use std::collections::BTreeSet;

use super::compare::{Kept, answer, tally, word_after};
use super::paths::{self, About};
use super::question::{Begins, Condition, Op, Operand, Scene, Test};
use super::verdict::{Closest, Difference, Found, Instead, Proof, Quote, Source};
use super::watched::Watched;

/// When evidence began: the number of its connection and of the exchange on it.
pub type Moment = (usize, usize);

/// A flow, by its place among the watched ones, and the exchange on it that is asked, if one is.
pub type Unit = (usize, Option<usize>);

/// All flows, ready to be asked.
#[derive(Clone, Copy)]
pub struct Court<'a> {
    /// The flows.
    pub watched: &'a [Watched<'a>],
}

/// A scene, and the units that satisfy all its conditions but those about kept values.
pub struct Posed<'s> {
    /// The scene.
    pub scene: &'s Scene,
    units: Vec<Unit>,
}

/// A unit weighed against a scene.
pub struct Weighed {
    /// Which one.
    pub unit: Unit,
    /// When it began.
    pub moment: Moment,
    /// The conditions it satisfies.
    pub met: Vec<Quote>,
    /// The values it keeps for later scenes.
    pub kept: Kept,
    /// How many of the met conditions say that something happened.
    telling: usize,
    differed: Vec<Difference>,
}

impl Court<'_> {
    /// Looks once which units can satisfy a scene at all, whatever values are kept.
    #[must_use]
    pub fn pose<'s>(&self, scene: &'s Scene) -> Posed<'s> {
        let fixed = Fixed::of(scene);
        let units = (0..self.watched.len()).flat_map(|flow| self.possible(&fixed, flow)).collect();
        Posed { scene, units }
    }

    /// The latest unit that satisfies a scene, if it began no earlier than `floor`. Few have to be weighed for it.
    #[must_use]
    pub fn latest(&self, scene: &Scene, floor: Option<Moment>, kept: &Kept) -> Option<Weighed> {
        if scene.conditions.iter().any(|condition| Tally::of(condition).is_some()) {
            let latest = self.fitting(&self.pose(scene), None, kept).pop();
            return latest.filter(|one| floor.is_none_or(|floor| one.moment >= floor));
        }
        let fixed = Fixed::of(scene);
        let mut flows: Vec<usize> = (0..self.watched.len()).collect();
        flows.sort_by_key(|&flow| self.watched[flow].connection);
        let in_time = |flow: &usize| floor.is_none_or(|floor| self.watched[*flow].connection >= floor.0);
        let mut found: Option<Weighed> = None;
        for flow in flows.into_iter().rev().take_while(in_time) {
            // Both recordings of a connection are looked at, and none of an earlier one.
            if found.as_ref().is_some_and(|found| self.watched[flow].connection < found.moment.0) {
                break;
            }
            let weighed = self.possible(&fixed, flow).into_iter().map(|unit| self.weigh(scene, unit, kept));
            let best = weighed.filter(|one| one.differed.is_empty()).max_by_key(|one| one.moment);
            found = found.into_iter().chain(best).max_by_key(|one| one.moment);
        }
        found.filter(|one| floor.is_none_or(|floor| one.moment >= floor))
    }

    /// The units of a flow that satisfy all conditions but those about kept values. What is asked of the whole flow
    /// is quickly told, and then its bytes need no reading.
    fn possible(&self, fixed: &Fixed<'_>, flow: usize) -> Vec<Unit> {
        if !fixed.of_flow.iter().all(|condition| self.holds(condition, (flow, None))) {
            return Vec::new();
        }
        let mut units: Vec<Unit> = self.units_of(fixed.asked, flow).collect();
        units.retain(|&unit| fixed.of_unit.iter().all(|condition| self.holds(condition, unit)));
        units
    }

    /// Whether a condition that needs no kept value holds; one that counts connections is weighed elsewhere.
    fn holds(&self, condition: &Condition, (flow, exchange): Unit) -> bool {
        if matches!(paths::about(&condition.path), About::Flows | About::Exchanges) {
            return true;
        }
        let mut found = self.watched[flow].found(exchange, &condition.path);
        found.retain(|found| !found.before);
        answer(condition, found, &Kept::new()).is_ok()
    }

    /// Everything that satisfies the scene and began after `after`, the earliest first.
    #[must_use]
    pub fn fitting(&self, posed: &Posed<'_>, after: Option<Moment>, kept: &Kept) -> Vec<Weighed> {
        let weighed = posed.units.iter().map(|&unit| self.weigh(posed.scene, unit, kept));
        let mut fitting: Vec<Weighed> = weighed
            .filter(|one| one.differed.is_empty() && after.is_none_or(|after| one.moment > after))
            .collect();
        fitting.sort_by_key(|weighed| weighed.moment);
        for condition in &posed.scene.conditions {
            if let Some((counts, op, wanted)) = Tally::of(condition) {
                let moments: Vec<Moment> = fitting.iter().map(|weighed| weighed.moment).collect();
                fitting.retain_mut(|weighed| {
                    let found = counts.count(&moments, weighed.moment);
                    weighed.met.push(quote(condition, tally(found)));
                    op.orders(found, wanted)
                });
            }
        }
        fitting
    }

    /// Whether `one` began on another connection than `other`, and while that was open.
    #[must_use]
    pub fn began_during(&self, other: Moment, one: Moment) -> bool {
        let open = |moment: Moment| {
            self.watched
                .iter()
                .filter(|watched| watched.connection == moment.0)
                .find_map(|watched| watched.open)
        };
        let (Some(other_open), Some(open)) = (open(other), open(one)) else { return false };
        one.0 != other.0
            && other_open.from_us <= open.from_us
            && other_open.to_us.is_none_or(|to_us| open.from_us < to_us)
    }

    /// What comes closest to a scene that was not seen: most conditions met, and of those the latest.
    #[must_use]
    pub fn closest(&self, scene: &Scene, kept: &Kept) -> Option<Closest> {
        let best = self.best(scene, kept)?;
        let mut differed = best.differed;
        if differed.is_empty() {
            differed.extend(
                scene
                    .conditions
                    .iter()
                    .find_map(|condition| self.tally_difference(scene, condition, best.moment, kept)),
            );
        }
        if differed.is_empty() {
            let (wanted, instead) = match scene.begins {
                Begins::Meanwhile => ("while the one before is open", Instead::Apart),
                _ => ("after the scene before it", Instead::TooEarly),
            };
            let (condition, name) = (String::new(), "order".to_owned());
            differed.push(Difference { condition, name, wanted: wanted.to_owned(), instead });
        }
        Some(Closest { source: self.source(best.unit), met: best.met, differed })
    }

    /// The unit that satisfies most conditions, the latest of several; nothing when none satisfies one that says
    /// that something happened.
    fn best(&self, scene: &Scene, kept: &Kept) -> Option<Weighed> {
        let mut units = self.units(scene);
        units.sort_by_key(|&unit| self.moment(unit));
        let mut best: Option<Weighed> = None;
        // The latest first, so that only one that satisfies more is better. Few need to be weighed then.
        for unit in units.into_iter().rev() {
            let enough = best.as_ref().map_or(0, |best| best.met.len());
            if self.most(scene, unit) > enough {
                let weighed = self.weigh(scene, unit, kept);
                if weighed.telling > 0 && weighed.met.len() > enough {
                    best = Some(weighed);
                }
            }
        }
        best
    }

    /// How many conditions a unit may satisfy, as far as that shows without its fields.
    fn most(&self, scene: &Scene, unit: Unit) -> usize {
        let possible = |condition: &&Condition| match (paths::about(&condition.path), &condition.test) {
            (About::Flows | About::Exchanges, _) => false,
            (About::Fields(protocol, _), _) if protocol.name == self.watched[unit.0].protocol.name => true,
            (_, Some(Test { value: Operand::Kept(_), .. })) => true,
            _ => self.holds(condition, unit),
        };
        scene.conditions.iter().filter(possible).count()
    }

    fn moment(&self, (flow, exchange): Unit) -> Moment {
        (self.watched[flow].connection, exchange.unwrap_or(0))
    }

    /// Where a unit is, with what it satisfies.
    #[must_use]
    pub fn proof(&self, unit: Unit, quotes: Vec<Quote>) -> Proof {
        Proof { source: self.source(unit), quotes }
    }

    fn source(&self, (flow, exchange): Unit) -> Source {
        self.watched[flow].source(exchange)
    }

    /// Every flow and every exchange a scene can be asked of.
    fn units(&self, scene: &Scene) -> Vec<Unit> {
        let asked = Asked::of(scene);
        (0..self.watched.len()).flat_map(|flow| self.units_of(asked, flow)).collect()
    }

    /// The same of one flow.
    fn units_of(&self, asked: Asked, flow: usize) -> impl Iterator<Item = Unit> {
        let watched = &self.watched[flow];
        let by_exchange = asked.by_exchange || asked.spoken == Some(watched.protocol.name);
        let exchanges = if by_exchange { watched.exchanges() } else { 0 };
        let whole = (exchanges == 0).then_some((flow, None));
        whole.into_iter().chain((0..exchanges).map(move |nth| (flow, Some(nth))))
    }

    /// All of them weighed, the earliest first.
    fn weigh_all(&self, scene: &Scene, kept: &Kept) -> Vec<Weighed> {
        let mut all: Vec<Weighed> =
            self.units(scene).into_iter().map(|unit| self.weigh(scene, unit, kept)).collect();
        all.sort_by_key(|weighed| weighed.moment);
        all
    }

    fn weigh(&self, scene: &Scene, unit: Unit, kept: &Kept) -> Weighed {
        let (flow, exchange) = unit;
        let watched = &self.watched[flow];
        let moment = self.moment(unit);
        let mut weighed =
            Weighed { unit, moment, met: Vec::new(), telling: 0, differed: Vec::new(), kept: Kept::new() };
        for condition in &scene.conditions {
            if matches!(paths::about(&condition.path), About::Flows | About::Exchanges) {
                continue;
            }
            let (before, since): (Vec<Found>, Vec<Found>) =
                found(watched, exchange, condition).into_iter().partition(|found| found.before);
            match answer(condition, since, kept) {
                Ok(found) => {
                    weighed.telling += usize::from(tells(condition));
                    if let (Some(name), false) = (&condition.keep_as, condition.count) {
                        weighed.kept.insert(name.clone(), found.clone());
                    }
                    weighed.met.extend(found.into_iter().next().map(|found| quote(condition, found)));
                }
                Err(mut instead) => {
                    if let (Instead::Nothing | Instead::Values(_), Ok(found)) =
                        (&instead, answer(condition, before, kept))
                        && let Some(found) = found.into_iter().next()
                    {
                        instead = Instead::FromBefore(found);
                    }
                    weighed.differed.push(difference(condition, kept, instead));
                }
            }
        }
        weighed
    }

    /// A `count flow` or `count exchange` that has another number, though everything else holds.
    fn tally_difference(
        &self,
        scene: &Scene,
        condition: &Condition,
        moment: Moment,
        kept: &Kept,
    ) -> Option<Difference> {
        let (counts, op, wanted) = Tally::of(condition)?;
        let fitting = self.weigh_all(scene, kept).into_iter().filter(|one| one.differed.is_empty());
        let found = counts.count(&fitting.map(|one| one.moment).collect::<Vec<_>>(), moment);
        (!op.orders(found, wanted)).then(|| difference(condition, kept, Instead::Count(found)))
    }
}

/// What a scene is asked of.
#[derive(Clone, Copy)]
struct Asked {
    /// The protocol whose exchanges are asked one by one.
    spoken: Option<&'static str>,
    /// Whether exchanges are counted, of whatever protocol.
    by_exchange: bool,
}

impl Asked {
    fn of(scene: &Scene) -> Self {
        let abouts = || scene.conditions.iter().map(|condition| paths::about(&condition.path));
        let spoken = abouts().find_map(|about| match about {
            About::Fields(protocol, _) => Some(protocol.name),
            _ => None,
        });
        Self { spoken, by_exchange: abouts().any(|about| matches!(about, About::Exchanges)) }
    }
}

/// The conditions of a scene that need no kept value.
struct Fixed<'s> {
    asked: Asked,
    /// Those about the whole flow.
    of_flow: Vec<&'s Condition>,
    /// Those about what is in it.
    of_unit: Vec<&'s Condition>,
}

impl<'s> Fixed<'s> {
    fn of(scene: &'s Scene) -> Self {
        let needs_kept = |one: &&Condition| matches!(one.test, Some(Test { value: Operand::Kept(_), .. }));
        let fixed = scene.conditions.iter().filter(|one| !needs_kept(one));
        let (of_flow, of_unit) =
            fixed.partition(|condition| matches!(paths::about(&condition.path), About::Flow(_)));
        Self { asked: Asked::of(scene), of_flow, of_unit }
    }
}

/// What a `count flow` or `count exchange` counts.
#[derive(Clone, Copy)]
enum Tally {
    /// Connections that satisfy the rest of the scene, each once, however often it was recorded.
    Connections,
    /// Exchanges on one connection that do.
    Exchanges,
}

impl Tally {
    /// What a condition counts, and what the number is compared with.
    fn of(condition: &Condition) -> Option<(Self, Op, u64)> {
        let Some(Test { op, value: Operand::Text(wanted) }) = &condition.test else { return None };
        let counts = match paths::about(&condition.path) {
            About::Flows => Self::Connections,
            About::Exchanges => Self::Exchanges,
            _ => return None,
        };
        Some((counts, *op, wanted.parse().ok()?))
    }

    /// The number, seen from the one that began at `here`.
    fn count(self, moments: &[Moment], here: Moment) -> u64 {
        let keys: BTreeSet<usize> = match self {
            Self::Connections => moments.iter().map(|moment| moment.0).collect(),
            Self::Exchanges => moments.iter().filter(|one| one.0 == here.0).map(|moment| moment.1).collect(),
        };
        keys.len() as u64
    }
}

/// What a condition is about: whole values, or the words that follow a text in them.
fn found(watched: &Watched<'_>, exchange: Option<usize>, condition: &Condition) -> Vec<Found> {
    let found = watched.found(exchange, &condition.path);
    match &condition.after {
        Some(after) => found.iter().filter_map(|found| word_after(found, after)).collect(),
        None => found,
    }
}

/// Whether a condition that holds says that something happened, not merely which flow it is.
fn tells(condition: &Condition) -> bool {
    !condition.holds_on_nothing()
        && match paths::about(&condition.path) {
            About::Flow(row) => row.happened,
            About::Fields(..) => true,
            _ => false,
        }
}

/// Whether a scene cannot hold unless something happened.
#[must_use]
pub fn asks_for_something(scene: &Scene) -> bool {
    scene.conditions.iter().any(tells)
}

fn quote(condition: &Condition, found: Found) -> Quote {
    Quote { condition: condition.text.clone(), name: condition.path.last().to_owned(), found }
}

fn difference(condition: &Condition, kept: &Kept, instead: Instead) -> Difference {
    let wanted = match &condition.test {
        None => "any".to_owned(),
        Some(Test { op, value: Operand::Text(text) }) => format!("{}{text}", op.words()),
        Some(Test { op, value: Operand::Kept(name) }) => {
            let values = kept.get(name).map(|found| {
                let texts: Vec<String> =
                    found.iter().map(|found| String::from_utf8_lossy(&found.value).into_owned()).collect();
                texts.join(" or ")
            });
            format!("{}{}", op.words(), values.unwrap_or_else(|| format!("the {name} of the scene before")))
        }
    };
    Difference { condition: condition.text.clone(), name: condition.path.last().to_owned(), wanted, instead }
}
