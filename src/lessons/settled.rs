//! Whether it can be said by now what did *not* happen on a conversation.
//!
//! That an answer has not come yet and that none comes are two things. What says that something did not happen holds when
//! its time is up: the connection is over, or there was silence for as long as most clients wait. While a request
//! is being typed, nothing of it is finished.

use super::paths::{self, About};
use super::question::{Condition, Op, Test};

/// How long a question may go without an answer before it is said that none came, in microseconds: as long as most resolvers
/// wait.
pub const SILENCE_US: u64 = 5_000_000;

/// How long nothing may follow an answer over TCP before it is said that nothing does, in microseconds.
pub const AFTERWARDS_US: u64 = 500_000;

/// Whether what did not happen can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It can.
    Now,
    /// Not before this time, in microseconds since 1970, if nothing happens until then.
    From(u64),
    /// Not before the connection is over, or the request has been answered.
    WhenOver,
}

impl Settled {
    /// As of a time; of the past as a whole, when none is given.
    #[must_use]
    pub fn at(self, now_us: Option<u64>) -> Self {
        match (self, now_us) {
            (_, None) => Self::Now,
            (Self::From(from_us), Some(now_us)) if from_us <= now_us => Self::Now,
            (settled, _) => settled,
        }
    }
}

/// Whether more evidence could make a condition false that holds now: it says how often at most something happened.
#[must_use]
pub fn is_refutable(condition: &Condition) -> bool {
    let bounded = matches!(
        condition.test,
        Some(Test { op: Op::Is | Op::IsNot | Op::AtMost | Op::LessThan | Op::Contains, .. })
    );
    let grows = match paths::about(&condition.path) {
        About::Flow(row) => row.happened,
        About::Fields(..) | About::Flows | About::Exchanges => true,
        About::Unknown => false,
    };
    condition.count && bounded && grows
}
