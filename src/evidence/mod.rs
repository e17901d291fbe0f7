//! Evidence: what happened, and nothing else.
//!
//! Reading order: [`event`] (one thing that happened), [`flow`] (one conversation on one [`Layer`], between two [`End`]s),
//! [`Opening`] (what is known of it before it begins),
//! [`recorder`] (how they are written down while they happen), [`journal`] (how they survive the
//! process, so that a lesson in one terminal can judge what was done in another), [`account`] (what its
//! lines come to), [`follower`] (how they are read while others write),
//! [`frozen`] (what is put aside of them for good).
//!
//! Bytes are stored, meaning is not: fields are derived again whenever somebody asks.

pub mod account;
pub mod counters;
mod counts;
mod end;
mod errno;
pub mod event;
pub mod flow;
pub mod follower;
pub mod frozen;
mod id;
pub mod journal;
mod journal_event;
mod journal_line;
mod layer;
pub mod lines;
mod opening;
pub mod recorder;

pub use counters::Counters;
pub use end::{END_NAME_BYTES, End, NoEnd};
pub use errno::TroubleKind;
pub use event::{Event, Judged, Mishap, Side, Trouble, Waiting, What};
pub use flow::{Flow, Inside};
pub use id::FlowId;
pub use layer::{Layer, Transport};
pub use opening::Opening;
pub use recorder::{Listener, Recorder, Recording};
