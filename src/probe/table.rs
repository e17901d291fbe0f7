//! The whole table, in the order in which it is gone through.

use super::{Ask, Check, Stage, framing, hello, robust, routes};
use crate::probe::place::Place;
use crate::probe::script::Script;

/// The checks of the stages up to and including `last`.
pub fn checks(last: Stage) -> impl Iterator<Item = &'static Check> {
    all().filter(move |check| check.stage <= last)
}

/// The same from a check on. The first stage is always gone through: it finds what the others compare with.
pub fn checks_from(from: Option<&'static Check>, last: Stage) -> impl Iterator<Item = &'static Check> {
    let mut begun = from.is_none();
    checks(last).filter(move |check| {
        begun |= from.is_some_and(|from| from.id == check.id);
        begun || check.stage == Stage::Hello
    })
}

/// The next one, from a check on, that asks something new.
#[must_use]
pub fn asked_behind(id: &str) -> Option<&'static Check> {
    let behind = all().skip_while(|check| check.id != id).skip(1);
    behind.into_iter().find(|check| !matches!(check.ask, Ask::Same(_) | Ask::Pairs))
}

/// Every check there is.
pub fn all() -> impl Iterator<Item = &'static Check> {
    [hello::CHECKS, routes::CHECKS, framing::CHECKS, robust::CHECKS].into_iter().flatten()
}

/// The check of that name.
#[must_use]
pub fn named(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

impl Check {
    /// What it does on the wire; nothing when it judges what another check has recorded.
    #[must_use]
    pub fn script(&self, place: &Place) -> Option<Script> {
        match self.ask {
            Ask::This(script) => Some(script(place)),
            Ask::Odd(odd) => Some(odd.script(place)),
            Ask::Same(_) | Ask::Pairs => None,
        }
    }
}
