//! What came of all checks: results, their conversations, and counts.

use std::collections::HashMap;

use super::place::Place;
use super::script::Script;
use super::{Ask, Case, Check, Judged, Stage, Verdict, table};
use crate::evidence::Flow;
use crate::probe::heard::{End, Heard};

/// Why nothing more was tried after Ctrl-C.
const STOPPED: &str = "you stopped it";

/// How one check came out.
#[derive(Debug)]
pub struct Outcome {
    /// The row.
    pub check: &'static Check,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found; why nothing was tried.
    pub judged: Judged,
}

/// The checks so far.
#[derive(Debug)]
pub struct Report {
    /// Who was asked, under which names.
    pub place: Place,
    /// In the order of the table.
    pub outcomes: Vec<Outcome>,
    /// What was done on the wire and recorded, by check.
    asked: HashMap<&'static str, (Script, Vec<Flow>)>,
    /// The check on which the server was found gone.
    gone: Option<&'static str>,
    stopped: bool,
}

impl Report {
    /// Nothing yet.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self { place, outcomes: Vec::new(), asked: HashMap::new(), gone: None, stopped: false }
    }

    /// Why a check is not to be tried, if it is not.
    #[must_use]
    pub fn in_the_way(&self, check: &Check) -> Option<String> {
        if self.stopped {
            return Some(STOPPED.to_owned());
        }
        if let Some(id) = self.gone {
            return Some(format!("nobody has taken a connection since {id}"));
        }
        let went = |id: &&str| self.outcomes.iter().find(|outcome| outcome.check.id == *id);
        let missing =
            check.needs.iter().find(|id| !went(id).is_some_and(|outcome| outcome.verdict.lets_others_try()));
        missing.map(|id| match went(id) {
            // What was in the way of that one is in the way of this one.
            Some(outcome) if outcome.verdict == Verdict::NotTried => outcome.judged.says.clone(),
            _ => format!("it builds on {id}, which did not pass"),
        })
    }

    /// Takes down that a check was not tried.
    pub fn left_out(&mut self, check: &'static Check, because: String) -> &Outcome {
        self.add(Outcome { check, verdict: Verdict::NotTried, judged: Judged::no(because) })
    }

    /// Everything that is left is not tried: the person has had enough. Gives the reason.
    pub fn stop(&mut self) -> String {
        self.stopped = true;
        STOPPED.to_owned()
    }

    /// Whether the person has had enough.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Judges a check by its conversations; those of another when it has none of its own.
    pub fn judge(&mut self, check: &'static Check, asked: Option<(Script, Vec<Flow>)>) -> &Outcome {
        if let Some(asked) = asked {
            self.asked.insert(check.id, asked);
        }
        let flows = self.flows(check);
        let unopened = flows.iter().position(|flow| Heard::of(flow).end() == End::Unopened);
        let judged = match unopened {
            Some(number) => Judged::no(
                "nobody takes connections any more; the server may have ended, so look at what it printed last",
            )
            .of(number),
            None if flows.is_empty() => Judged::no("nothing was recorded"),
            None => (check.judge)(&Case { flows, place: &self.place, check }),
        };
        if unopened.is_some() {
            self.gone = Some(check.id);
        }
        let verdict = if unopened.is_some() { Verdict::Fail } else { Verdict::of(judged.held, check.force) };
        self.add(Outcome { check, verdict, judged })
    }

    /// The conversations a check was judged by.
    #[must_use]
    pub fn flows(&self, check: &Check) -> &[Flow] {
        self.asked.get(source(check)).map_or(&[], |(_, flows)| flows)
    }

    /// What was done for a check.
    #[must_use]
    pub fn script(&self, check: &Check) -> Option<&Script> {
        self.asked.get(source(check)).map(|(script, _)| script)
    }

    /// How many came out so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict == verdict).count()
    }

    /// Whether every check was tried and none failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.count(Verdict::Fail) + self.count(Verdict::NotTried) == 0
    }

    /// The outcomes of a stage.
    pub fn of(&self, stage: Stage) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.check.stage == stage)
    }

    fn add(&mut self, outcome: Outcome) -> &Outcome {
        self.outcomes.push(outcome);
        &self.outcomes[self.outcomes.len() - 1]
    }
}

impl Outcome {
    /// The rule it came out by, as a sentence part.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.judged.rule.map_or(self.check.rule, |rule| rule.says)
    }

    /// Where that rule stands.
    #[must_use]
    pub fn rfc(&self) -> &'static str {
        self.judged.rule.map_or(self.check.rfc, |rule| rule.rfc)
    }

    /// How long its conversations took, in microseconds, by the recorder's clock.
    #[must_use]
    pub fn took_us(flows: &[Flow]) -> u64 {
        let times = || flows.iter().flat_map(|flow| &flow.events).map(|event| event.at_us);
        times().max().unwrap_or(0) - times().min().unwrap_or(0)
    }
}

impl Verdict {
    /// Whether checks that build on this one make sense.
    #[must_use]
    pub fn lets_others_try(self) -> bool {
        matches!(self, Self::Pass | Self::Advice)
    }
}

/// The check whose conversations it is judged by.
fn source(check: &Check) -> &'static str {
    match check.ask {
        Ask::Same(other) => other,
        _ => table::named(check.id).map_or("", |known| known.id),
    }
}
