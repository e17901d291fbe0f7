//! What came of all checks: results, their conversations, and counts.

use std::collections::HashMap;

use super::after::{FIRST, Health};
use super::base::Base;
use super::heard::{End, Heard};
use super::made::Made;
use super::pairs::reads_past;
use super::place::Place;
use super::routes::status_text;
use super::script::Script;
use super::{Ask, Case, Check, Force, Judged, Stage, Verdict, table};
use crate::evidence::{self, Flow};

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
    /// What the server says to a sound request.
    pub base: Base,
    /// The check after which the server was not there any more, or did not answer any more.
    lost: Option<(&'static Check, Health)>,
    stopped: bool,
}

/// What was done for a check: the script, its conversations, and what was found right after them.
#[derive(Debug)]
pub struct Done {
    /// What was done on the wire.
    pub script: Script,
    /// The conversations, in the order in which they began.
    pub flows: Vec<Flow>,
    /// How the server was afterwards, if somebody looked.
    pub health: Option<Health>,
}

impl Report {
    /// Nothing yet.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            outcomes: Vec::new(),
            asked: HashMap::new(),
            base: Base::default(),
            lost: None,
            stopped: false,
        }
    }

    /// Why a check is not to be tried, if it is not.
    #[must_use]
    pub fn in_the_way(&self, check: &Check) -> Option<String> {
        if self.stopped {
            return Some(STOPPED.to_owned());
        }
        // What was recorded before is still there to be judged.
        let asks = !matches!(check.ask, Ask::Same(_));
        if let Some((lost, health)) = self.lost.filter(|_| asks) {
            return Some(match health {
                Health::Mute => format!("the server has not answered since {}", lost.id),
                _ => format!("nobody has taken a connection since {}", lost.id),
            });
        }
        if self.base.asks_for_password() && check.stage == Stage::Routes && check.force == Force::Exercise {
            return Some("GET / gets 401, and the probe has no password".to_owned());
        }
        let went = |id: &&str| self.outcomes.iter().find(|outcome| outcome.check.id == *id);
        let missing =
            check.needs.iter().find(|id| went(id).is_some_and(|outcome| !outcome.verdict.lets_others_try()));
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
    pub fn judge(&mut self, check: &'static Check, done: Option<Done>) -> &Outcome {
        let health = done.as_ref().and_then(|done| done.health);
        if let Some(Done { script, flows, .. }) = done {
            self.keep(check, script, flows);
        }
        let flows = self.flows(check);
        let unopened = flows.iter().position(|flow| Heard::of(flow).end() == End::Unopened);
        let (mut judged, mut verdict) = match unopened {
            _ if flows.is_empty() => (Judged::no("nothing was recorded"), Verdict::Fail),
            Some(number) => (Judged::no(GONE).of(number), Verdict::Fail),
            None => {
                let judged = (check.judge)(&Case { flows, place: &self.place, base: &self.base, check });
                let verdict = Verdict::of(judged.held, check.force);
                (judged, verdict)
            }
        };
        let lost = match (health, unopened) {
            (Some(Health::Gone), _) | (None, Some(_)) => Some(Health::Gone),
            // Who never gave a whole answer has not stopped to.
            (Some(Health::Mute), _) if self.base.status.is_some() => Some(Health::Mute),
            _ => None,
        };
        if let Some(health) = lost {
            // A connection that was not taken is no request, so it has ended nothing.
            if check.id == SECOND {
                judged = Judged::no(ENDS).of(0);
            } else if unopened != Some(0) {
                judged = ended(&judged, health, flows);
            }
            verdict = Verdict::Fail;
            self.lost = Some((check, health));
        }
        self.add(Outcome { check, verdict, judged })
    }

    /// Keeps what was done for a check, and what follows from it for others.
    fn keep(&mut self, check: &'static Check, script: Script, flows: Vec<Flow>) {
        if matches!(check.ask, Ask::Odd(_)) {
            let kept = self.asked.get(PAIR).is_some_and(|(_, flows)| reads_past(flows));
            if !kept {
                self.asked.insert(PAIR, (script.clone(), flows.clone()));
            }
        }
        self.asked.insert(check.id, (script, flows));
        if matches!(check.id, FIRST | SECOND) {
            let flow = |id| self.asked.get(id).and_then(|(_, flows)| flows.first());
            self.base = Base::of(flow(FIRST), flow(SECOND));
        }
    }

    /// The check after which the server was lost.
    #[must_use]
    pub fn lost(&self) -> Option<(&'static Check, Health)> {
        self.lost
    }

    /// The check to go on from when the server has been started again.
    #[must_use]
    pub fn next(&self) -> Option<&'static Check> {
        self.lost.and_then(|(lost, _)| table::asked_behind(lost.id))
    }

    /// What the server is made with, as far as its answers tell; `held_by` is the program that has the port.
    #[must_use]
    pub fn made(&self, held_by: Option<&str>) -> Made {
        Made::of(self.asked.values().flat_map(|(_, flows)| flows), held_by)
    }

    /// What went wrong, the first thing to mend first: what ended the server, then in the order of the table, in which
    /// the later ones build on the earlier ones.
    #[must_use]
    pub fn failures(&self) -> Vec<&Outcome> {
        let mut failed: Vec<&Outcome> =
            self.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Fail).collect();
        failed.sort_by_key(|outcome| self.lost.is_none_or(|(lost, _)| lost.id != outcome.check.id));
        failed
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

    /// What came of it, for the evidence.
    #[must_use]
    pub fn told(&self) -> evidence::Judged {
        let of = |wanted: Verdict| {
            let outcomes = self.outcomes.iter().filter(|one| one.verdict == wanted);
            outcomes.map(|one| one.check.id.to_owned()).collect()
        };
        evidence::Judged { passed: of(Verdict::Pass), failed: of(Verdict::Fail) }
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

/// What is said when a connection is not taken.
const GONE: &str =
    "nobody takes connections any more; the server may have ended, so look at what it printed last";

/// What is said of a server that ended before it was asked for the second time.
const ENDS: &str = "the first client was answered, and then nobody takes connections any more: the server ends after its first answer";

/// The check that asks GET / for the second time.
const SECOND: &str = "hello.again";

/// Under which name the two conversations of an odd request are kept that differ.
const PAIR: &str = "robust.past-head";

/// That a request was the last one a server answered, or did not answer.
fn ended(judged: &Judged, health: Health, flows: &[Flow]) -> Judged {
    // Of several conversations the first that came to nothing is the one that did it.
    let on =
        flows.iter().position(|flow| Heard::of(flow).whole() == 0).unwrap_or(flows.len().saturating_sub(1));
    let came = flows.get(on).map(Heard::of).map_or_else(String::new, |heard| {
        match heard.answers().first().filter(|answer| answer.is_complete()) {
            Some(answer) => format!("{} came", status_text(answer.status())),
            None if heard.end() == End::Unopened => "the next connection was not taken".to_owned(),
            None => heard.end().instead().to_owned(),
        }
    });
    let says = match health {
        Health::Mute => {
            format!("{came}, and since then GET / gets no answer either: this held the server up")
        }
        _ => format!(
            "{came}, and then nobody takes connections any more: this ended the server, and what it printed last says where"
        ),
    };
    let judged_here = judged.at.clone().filter(|at| at.flow == on);
    let ended = Judged::no(says).of(on);
    Judged { at: judged_here.or(ended.at.clone()), ..ended }
}

/// The check whose conversations it is judged by.
fn source(check: &Check) -> &'static str {
    match check.ask {
        Ask::Same(other) => other,
        Ask::Pairs => PAIR,
        _ => table::named(check.id).map_or("", |known| known.id),
    }
}
