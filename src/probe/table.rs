//! The whole table, in the order in which it is gone through.

use super::{Ask, Check, Stage, framing, hello, robust, routes};
use crate::probe::place::Place;
use crate::probe::script::Script;

/// The checks of the stages up to and including `last`.
pub fn checks(last: Stage) -> impl Iterator<Item = &'static Check> {
    all().filter(move |check| check.stage <= last)
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
            Ask::Same(_) => None,
        }
    }
}
