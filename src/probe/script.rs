//! What a check does on the wire: steps over numbered connections, as data.

use std::ops::Range;

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Open the next connection; the first one is number 0.
    Connect,
    /// Hand these bytes over in one write.
    Send(usize, Vec<u8>),
    /// Let what was sent arrive before more follows it, so that the server's next read may end there.
    Pause,
    /// Say that nothing more will be sent, and go on listening (FIN).
    Finish(usize),
    /// Read until so many final answers are whole, or the server ends, or patience does.
    Answers(usize, usize),
    /// Read until anything that is an answer is whole, an interim one (100) too.
    Interim(usize),
    /// Read until the server ends, or patience does.
    End(usize),
}

/// The steps of a check, and where in what is sent the odd bytes stand, if any do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// In order.
    pub steps: Vec<Step>,
    /// Of the first connection.
    pub odd: Option<Range<usize>>,
}

impl Script {
    /// One connection: these bytes in one write, then so many answers.
    #[must_use]
    pub fn ask(bytes: Vec<u8>, answers: usize) -> Self {
        Self::default().and_ask(bytes, answers)
    }

    /// A further connection of the same kind.
    #[must_use]
    pub fn and_ask(self, bytes: Vec<u8>, answers: usize) -> Self {
        let on = self.connections();
        self.then([Step::Connect, Step::Send(on, bytes), Step::Answers(on, answers)])
    }

    /// More steps.
    #[must_use]
    pub fn then(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps.extend(steps);
        self
    }

    /// What another script does, on connections behind those of this one.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let by = self.connections();
        let steps = other.steps.iter().map(|step| match step.clone() {
            Step::Connect => Step::Connect,
            Step::Pause => Step::Pause,
            Step::Send(on, bytes) => Step::Send(on + by, bytes),
            Step::Finish(on) => Step::Finish(on + by),
            Step::Answers(on, many) => Step::Answers(on + by, many),
            Step::Interim(on) => Step::Interim(on + by),
            Step::End(on) => Step::End(on + by),
        });
        self.then(steps.collect::<Vec<_>>())
    }

    /// How many connections it opens.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.steps.iter().filter(|step| **step == Step::Connect).count()
    }

    /// What is sent on a connection, a write each.
    pub fn writes(&self, on: usize) -> impl Iterator<Item = &[u8]> {
        self.steps.iter().filter_map(move |step| match step {
            Step::Send(other, bytes) if *other == on => Some(bytes.as_slice()),
            _ => None,
        })
    }
}
