//! Evidence: what happened, and nothing else.
//!
//! Reading order: [`event`] (one thing that happened), [`flow`] (one conversation and its events),
//! [`recorder`] (how they are written down while they happen), [`journal`] (how they survive the
//! process, so that a lesson in one terminal can judge what was done in another), [`account`] (what its
//! lines come to), [`follower`] (how they are read while others write).
//!
//! Bytes are stored, meaning is not: fields are derived again whenever somebody asks.

pub mod account;
pub mod counters;
mod counts;
mod errno;
pub mod event;
pub mod flow;
pub mod follower;
pub mod journal;
mod journal_line;
pub mod lines;
pub mod recorder;

pub use counters::Counters;
pub use errno::TroubleKind;
pub use event::{Event, Mishap, Side, Trouble, What};
pub use flow::{Flow, FlowId, Transport};
pub use recorder::{Listener, Opening, Recorder, Recording};
