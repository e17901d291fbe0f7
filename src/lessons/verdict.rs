//! What the judge says: data with the words and the bytes in it. Sentences are made where they are shown.
//!
//! Values are bytes that came from the network: escape before printing. There is no word for *wrong*
//! here on purpose. Evidence is there, or it has not been seen yet.

use super::settled::Settled;
use crate::evidence::{End, FlowId, Layer, Side, Transport};

/// What a check says about an account.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// One for each scene, in the check's order.
    pub scenes: Vec<SceneVerdict>,
    /// The latest near-miss, when the check has not passed and nothing better came after it.
    pub feedback: Option<Feedback>,
    /// What it waits for before it says that something did not happen, if it does.
    pub waits: Option<Settled>,
    /// Whether there were more conversations than one look takes in, so that the earlier ones were not judged.
    pub has_earlier: bool,
}

impl Verdict {
    /// Whether every scene has passed. A check without scenes has nothing to pass.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.scenes.iter().all(|scene| matches!(scene.outcome, Outcome::Passed(_)))
    }
}

/// What is said of one scene.
#[derive(Debug, Clone)]
pub struct SceneVerdict {
    /// The scene in plain words.
    pub description: String,
    /// The line of the lesson it is on.
    pub line: usize,
    /// How it went.
    pub outcome: Outcome,
}

/// How a scene went.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was seen, here.
    Passed(Proof),
    /// It was not seen yet. The flow that comes closest, if any satisfies a condition that says something.
    NotYet(Option<Closest>),
}

/// A flow that satisfies conditions, and how.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Which flow.
    pub source: Source,
    /// Each condition with the evidence for it.
    pub quotes: Vec<Quote>,
}

/// The flow that comes closest to a scene.
#[derive(Debug, Clone)]
pub struct Closest {
    /// Which flow.
    pub source: Source,
    /// The conditions it satisfies.
    pub met: Vec<Quote>,
    /// The ones it does not.
    pub differed: Vec<Difference>,
}

/// Where evidence comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The flow's place in the account's sightings.
    pub sighting: usize,
    /// The flow.
    pub flow: FlowId,
    /// The nth exchange on it, counted from 0, where one exchange was judged.
    pub exchange: Option<usize>,
    /// TCP or UDP.
    pub transport: Transport,
    /// The layer of the flow.
    pub layer: Layer,
    /// Which side recorded it.
    pub seen: Side,
    /// The client's end, if it is known.
    pub client: Option<End>,
    /// The server's end.
    pub server: End,
    /// The verb or the lab service that recorded it.
    pub by: String,
}

/// A condition that holds, with the evidence.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The condition as written.
    pub condition: String,
    /// The last name of its path, such as `type`.
    pub name: String,
    /// What was found.
    pub found: Found,
}

/// A value in the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value as bytes to show: text, a mnemonic, digits. From the network: escape before printing.
    pub value: Vec<u8>,
    /// The value as a number, if it is one.
    pub number: Option<u64>,
    /// Whether it is a domain name: letter case and a dot at the end do not matter.
    pub is_name: bool,
    /// Which bytes say so; absent for what is known of the flow itself.
    pub place: Option<Place>,
    /// Whether it is from before the step: shown, never counted.
    pub before: bool,
}

/// A range of the bytes one side sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who sent them.
    pub side: Side,
    /// The first byte, counted from 0 among all that side sent.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// A condition that does not hold.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The condition as written; empty for order.
    pub condition: String,
    /// The last name of its path, such as `type`.
    pub name: String,
    /// What was wanted, in words: `A`, `at least 3`, `any`.
    pub wanted: String,
    /// What was there instead.
    pub instead: Instead,
}

/// What was there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// Nothing of that name.
    Nothing,
    /// Other values; at most [`QUOTED_VALUES`].
    Values(Vec<Found>),
    /// Another number of them.
    Count(u64),
    /// It is there, and from before the step began.
    FromBefore(Found),
    /// The scene holds here, and this began before the scene that comes first had been seen.
    TooEarly,
    /// The scene holds here, and this did not begin while the connection of the scene before was open.
    Apart,
    /// The scene holds here, and on another connection than the scenes that were seen.
    OtherConnection,
    /// The scene holds here, and another server took it than in the scenes that were seen.
    OtherServer,
    /// It holds so far, and says that something did not happen, which may still happen.
    NotSettled(Settled),
}

/// How many of the values that differ are quoted.
pub const QUOTED_VALUES: usize = 4;

/// A near-miss that happened.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// The line of the lesson it is on.
    pub line: usize,
    /// What to say.
    pub says: String,
    /// The evidence for it.
    pub proof: Proof,
}
