//! Weighing one flow, or one exchange on it, against one scene. Which ones are worth it, a
//! [`survey`](super::survey) has told.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Kept, answer, tally};
use super::paths::{self, About};
use super::question::{All, Begins, Condition, Op, Operand, Scene, Test};
use super::settled::{self, Settled};
use super::survey::{Posed, Unit, found};
use super::verdict::{Closest, Difference, Found, Instead, Proof, Quote, Source};
use super::watched::Watched;

/// When evidence began: the number of its connection and of the exchange on it.
pub type Moment = (usize, usize);

/// All flows, ready to be asked.
#[derive(Clone, Copy)]
pub struct Court<'a> {
    /// The flows.
    pub watched: &'a [Watched<'a>],
    /// What the evidence of all scenes has to have in common.
    pub all: Option<All>,
    /// By when it is judged, in microseconds since 1970; nothing, when all is past.
    pub now_us: Option<u64>,
    /// What had to be waited for.
    pub waits: &'a Cell<Option<Settled>>,
}

/// What pieces of evidence may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Common {
    /// They are on this connection.
    Connection(usize),
    /// This listening socket took their connections.
    Socket(u64),
    /// The first connection to the place of a server of which the system does not tell more.
    Place(usize),
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
    /// The latest unit that satisfies a scene, if it began no earlier than `floor`. Few have to be weighed for it.
    #[must_use]
    pub fn latest(&self, posed: &Posed<'_>, floor: Option<Moment>, kept: &Kept) -> Option<Weighed> {
        let in_time = |moment: Moment| floor.is_none_or(|floor| moment >= floor);
        if posed.scene.conditions.iter().any(|condition| Tally::of(condition).is_some()) {
            return self.fitting(posed, None, kept).pop().filter(|one| in_time(one.moment));
        }
        let mut units = posed.units.clone();
        units.retain(|&unit| in_time(self.moment(unit)));
        // Of two recordings of one connection the first.
        units.sort_by_key(|&unit| (Reverse(self.moment(unit)), unit.0));
        units.into_iter().map(|unit| self.weigh(posed.scene, unit, kept)).find(|weighed| {
            weighed.differed.is_empty() && self.unsettled(posed.scene, weighed.unit).is_none()
        })
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
                let counts = self.counts(counts, &fitting);
                fitting.retain_mut(|weighed| {
                    let found = counts.at(weighed.moment);
                    weighed.met.push(quote(condition, tally(found)));
                    op.orders(found, wanted)
                });
            }
        }
        fitting.retain(|weighed| self.unsettled(posed.scene, weighed.unit).is_none());
        fitting
    }

    /// When the latest unit began that satisfies something of a scene that says that something happened: in microseconds
    /// since 1970.
    #[must_use]
    pub fn latest_try_us(&self, posed: &Posed<'_>, kept: &Kept) -> Option<u64> {
        let mut some: Vec<Unit> = posed.some.iter().map(|&(unit, _)| unit).collect();
        some.sort_by_key(|&unit| Reverse(self.moment(unit)));
        let tried = |unit: &Unit| self.weigh(posed.scene, *unit, kept).telling > 0;
        some.into_iter().find(tried).map(|unit| self.began_us(unit))
    }

    /// When the conversation of a unit began, in microseconds since 1970.
    #[must_use]
    pub fn began_us(&self, unit: Unit) -> u64 {
        self.watched[unit.0].began_us()
    }

    /// What a choice has that the others of the check have to share; nothing, when nothing has to be.
    #[must_use]
    pub fn common(&self, one: &Weighed) -> Option<Common> {
        let connection = one.moment.0;
        Some(match self.all? {
            All::OnOneConnection => Common::Connection(connection),
            All::ByOneServer => {
                let watched = &self.watched[one.unit.0];
                let place = |other: &&Watched<'_>| other.server_end() == watched.server_end();
                let first = || self.watched.iter().find(place).map_or(connection, |first| first.connection);
                watched.server.map_or_else(|| Common::Place(first()), Common::Socket)
            }
        })
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
    pub fn closest(&self, posed: &Posed<'_>, kept: &Kept, common: Option<Common>) -> Option<Closest> {
        let scene = posed.scene;
        let best = self.best(posed, kept)?;
        let elsewhere = common.is_some() && self.common(&best) != common;
        let mut differed = best.differed;
        if differed.is_empty() {
            differed.extend(
                scene
                    .conditions
                    .iter()
                    .find_map(|condition| self.tally_difference(posed, condition, best.moment, kept)),
            );
        }
        if differed.is_empty() {
            let unsettled = self.unsettled(scene, best.unit);
            let said = unsettled
                .map(|(condition, settled)| difference(condition, kept, Instead::NotSettled(settled)));
            differed.extend(said);
        }
        if differed.is_empty() {
            let (wanted, instead) = match scene.begins {
                _ if elsewhere && self.all == Some(All::ByOneServer) => {
                    ("by the same server", Instead::OtherServer)
                }
                _ if elsewhere => ("on the same connection", Instead::OtherConnection),
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
    fn best(&self, posed: &Posed<'_>, kept: &Kept) -> Option<Weighed> {
        let mut some = posed.some.clone();
        some.sort_by_key(|&(unit, _)| self.moment(unit));
        let mut best: Option<Weighed> = None;
        // The latest first, so that only one that satisfies more is better. Few need to be weighed then.
        for (unit, most) in some.into_iter().rev() {
            let enough = best.as_ref().map_or(0, |best| best.met.len());
            if most > enough {
                let weighed = self.weigh(posed.scene, unit, kept);
                if weighed.telling > 0 && weighed.met.len() > enough {
                    best = Some(weighed);
                }
            }
        }
        best
    }

    /// Counts what satisfies a scene. An answer that nobody has asked for is no exchange.
    fn counts(&self, counts: Tally, fitting: &[Weighed]) -> Counts {
        let asked = fitting.iter().filter(|one| self.watched[one.unit.0].is_asked(one.unit.1));
        counts.counts(asked.map(|weighed| weighed.moment))
    }

    /// What the scene says did not happen, where that cannot be said of the unit by now; and what to wait for.
    fn unsettled<'s>(&self, scene: &'s Scene, (flow, exchange): Unit) -> Option<(&'s Condition, Settled)> {
        let refutable = scene.conditions.iter().find(|condition| settled::is_refutable(condition))?;
        let settled = self.watched[flow].settled(exchange).at(self.now_us);
        if settled == Settled::Now {
            return None;
        }
        let sooner = match (self.waits.get(), settled) {
            (Some(Settled::From(known)), Settled::From(us)) => Settled::From(known.min(us)),
            (Some(known @ Settled::From(_)), _) => known,
            _ => settled,
        };
        self.waits.set(Some(sooner));
        Some((refutable, settled))
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
        posed: &Posed<'_>,
        condition: &Condition,
        moment: Moment,
        kept: &Kept,
    ) -> Option<Difference> {
        let (counts, op, wanted) = Tally::of(condition)?;
        let weighed = posed.units.iter().map(|&unit| self.weigh(posed.scene, unit, kept));
        let fitting: Vec<Weighed> = weighed.filter(|one| one.differed.is_empty()).collect();
        let found = self.counts(counts, &fitting).at(moment);
        (!op.orders(found, wanted)).then(|| difference(condition, kept, Instead::Count(found)))
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

    /// The numbers, each seen from the one that began at that moment.
    fn counts(self, moments: impl IntoIterator<Item = Moment>) -> Counts {
        let moments: BTreeSet<Moment> = moments.into_iter().collect();
        let mut exchanges: BTreeMap<usize, u64> = BTreeMap::new();
        for (connection, _) in moments {
            *exchanges.entry(connection).or_default() += 1;
        }
        Counts { counted: self, exchanges }
    }
}

/// What was counted.
struct Counts {
    counted: Tally,
    /// Of each connection that satisfies the rest of the scene, how many exchanges do.
    exchanges: BTreeMap<usize, u64>,
}

impl Counts {
    fn at(&self, here: Moment) -> u64 {
        match self.counted {
            Tally::Connections => self.exchanges.len() as u64,
            Tally::Exchanges => self.exchanges.get(&here.0).copied().unwrap_or(0),
        }
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

/// A value that an earlier scene has to show first.
fn earlier(condition: &Condition) -> String {
    format!("the {} of what comes before it, which has not been seen yet", condition.path.last())
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
            format!("{}{}", op.words(), values.unwrap_or_else(|| earlier(condition)))
        }
    };
    Difference { condition: condition.text.clone(), name: condition.path.last().to_owned(), wanted, instead }
}
