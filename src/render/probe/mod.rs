//! How a probe goes, as it goes: what a stage expects, then what came of each of its checks.
//!
//! Reading order: this file, [`detail`] (one check with its bytes), [`document`] (for programs), [`junit`] (for a CI).

pub mod detail;
pub mod document;
pub mod junit;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::json;
use crate::evidence::Flow;
use crate::probe::report::{Outcome, Report};
use crate::probe::script::Script;
use crate::probe::{Check, Stage, Verdict, table};
use crate::render::text::cells::{Cell, hang, row};
use crate::render::text::look::{Form, Loudness, Room};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// The columns of the longest name of a check.
const ID_WIDTH: usize = 25;

/// Whom the probe is about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As it was typed.
    pub url: String,
    /// The address that took the connection.
    pub server: SocketAddr,
    /// The program that has the port, where the system tells.
    pub held_by: Option<String>,
    /// How long each answer may take.
    pub patience: Duration,
}

/// A probe while it goes.
pub struct Live {
    screen: Arc<Screen>,
    asked: Asked,
    /// What came of it so far.
    pub report: Report,
    stage: Option<Stage>,
    /// How many outcomes have been shown; those behind them were not tried, all for the same reason.
    shown: usize,
}

impl Live {
    /// Says who is asked.
    #[must_use]
    pub fn new(screen: Arc<Screen>, asked: Asked, report: Report) -> Self {
        let live = Self { screen, asked, report, stage: None, shown: 0 };
        live.heading();
        live
    }

    /// A check of this stage is next: when it is the first, the stage says what it expects.
    pub fn begins(&mut self, stage: Stage) {
        if self.stage != Some(stage) {
            self.tell_left_out();
        }
        if self.report.is_stopped() || self.stage.replace(stage) == Some(stage) || !self.talks() {
            return;
        }
        if self.screen.look.loudness > Loudness::Quiet {
            self.screen.line("");
            let first = format!("{:<9} ", stage.name());
            let lines =
                hang(&first, &format!("expects that {}", stage.expects()), self.screen.look.width, 10);
            for (at, line) in lines.iter().enumerate() {
                let line = match (at, line.strip_prefix(stage.name())) {
                    (0, Some(rest)) => format!("{}{rest}", paint(Role::Heading, stage.name())),
                    _ => line.clone(),
                };
                self.screen.line(&line);
            }
        }
    }

    /// The person has had enough; what is left is only counted.
    pub fn stop(&mut self) -> String {
        self.screen.note("stopped by you: what was left is not tried");
        self.report.stop()
    }

    /// A check is not tried.
    pub fn left_out(&mut self, check: &'static Check, because: String) {
        let same = self.report.outcomes[self.shown..].first().is_none_or(|one| one.judged.says == because);
        if !same || self.screen.look.loudness == Loudness::Verbose {
            self.tell_left_out();
        }
        self.report.left_out(check, because);
    }

    /// A check was tried; it is judged, and shown.
    pub fn judge(&mut self, check: &'static Check, asked: Option<(Script, Vec<Flow>)>) {
        self.tell_left_out();
        self.report.judge(check, asked);
        self.shown = self.report.outcomes.len();
        self.told();
    }

    /// Counts, or prints the document.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.tell_left_out();
        if self.screen.look.form == Form::Json {
            json::document(&self.screen, "probe", document::of(&self.asked, &self.report));
        } else {
            self.summary();
        }
        self.report
    }

    fn talks(&self) -> bool {
        self.screen.look.form != Form::Json
    }

    fn heading(&self) {
        if !self.talks() || self.screen.look.loudness == Loudness::Quiet {
            return;
        }
        let Asked { url, server, held_by, .. } = &self.asked;
        let safe = |text: &str| Safe::word(text.as_bytes()).ascii(self.screen.look.ascii()).to_string();
        let held = held_by.as_ref().map(|held| format!(", where {} listens", safe(held))).unwrap_or_default();
        self.labelled("server", &format!("{} at {server}{held}", safe(url)));
        self.labelled(
            "seed",
            &format!("{0}; --seed {0} uses the same random names again", self.report.place.seed),
        );
    }

    fn labelled(&self, label: &str, text: &str) {
        let lines = hang(&format!("{label:<9} "), text, self.screen.look.width, 10);
        lines.iter().for_each(|line| self.screen.line(line));
    }

    /// Tells of those that were not tried and have not been told of, in one line: what was in the way is the same.
    fn tell_left_out(&mut self) {
        let left_out = &self.report.outcomes[self.shown..];
        self.shown = self.report.outcomes.len();
        let Some(first) = left_out.first() else { return };
        if !self.talks() || self.screen.look.loudness == Loudness::Quiet || self.report.is_stopped() {
            return;
        }
        let because = format!("because {}", first.judged.says);
        let says = match left_out.len() {
            1 => because,
            many => format!("and {} more, {because}", number(many as u64 - 1)),
        };
        self.one_line(first, &says);
    }

    /// Shows the latest outcome.
    fn told(&self) {
        let Some(outcome) = self.report.outcomes.last() else { return };
        let loudness = self.screen.look.loudness;
        let is_bad = matches!(outcome.verdict, Verdict::Fail);
        if !self.talks() || (loudness == Loudness::Quiet && !is_bad) {
            return;
        }
        let says = match outcome.verdict {
            Verdict::Pass => format!("{} -> {}", outcome.check.expects, outcome.judged.says),
            _ => outcome.check.expects.to_owned(),
        };
        self.one_line(outcome, &says);
        let has_more = matches!(outcome.verdict, Verdict::Fail | Verdict::Advice);
        if has_more || (loudness == Loudness::Verbose && outcome.verdict != Verdict::NotTried) {
            detail::show(&self.screen, &self.report, outcome, self.asked.server);
        }
    }

    fn one_line(&self, outcome: &Outcome, says: &str) {
        let look = self.screen.look;
        let (mark, role) = mark(outcome.verdict);
        let safe = |text: &str| Safe::word(text.as_bytes()).ascii(look.ascii()).to_string();
        let id = outcome.check.id;
        let says = safe(says).replace(" -> ", &format!(" {} ", look.arrow()));
        let lines = if look.room() == Room::Narrow {
            let mut lines = hang(&format!("{mark} "), id, look.width, 2);
            if let Some(first) = lines.first_mut() {
                *first = first.replacen(mark, &paint(role, mark), 1);
            }
            lines.extend(hang("  ", &says, look.width, 2));
            lines
        } else {
            let cells = [
                Cell::new(role, 9, mark),
                Cell::new(Role::Name, ID_WIDTH, id),
                Cell::new(Role::Value, look.width.saturating_sub(9 + 2 + ID_WIDTH + 2), says),
            ];
            row(0, &cells)
        };
        lines.iter().for_each(|line| self.screen.line(line));
    }

    fn summary(&self) {
        let report = &self.report;
        let many = |verdict: Verdict| report.count(verdict) as u64;
        let mut parts = vec![format!("{} passed", number(many(Verdict::Pass)))];
        if many(Verdict::Advice) > 0 {
            parts.push(format!("{} with advice", number(many(Verdict::Advice))));
        }
        if many(Verdict::Fail) > 0 {
            parts.push(format!("{} failed", number(many(Verdict::Fail))));
        }
        if many(Verdict::NotTried) > 0 {
            parts.push(format!("{} not tried", number(many(Verdict::NotTried))));
        }
        let all = count(report.outcomes.len() as u64, "check");
        if self.screen.look.loudness > Loudness::Quiet {
            self.screen.line("");
        }
        let beyond = table::all().count() - report.outcomes.len();
        let beyond = match self.stage {
            Some(stage) if beyond > 0 => {
                format!("; the stages behind {} have {} more", stage.name(), number(beyond as u64))
            }
            _ => String::new(),
        };
        let role = if report.passed() { Role::Good } else { Role::Problem };
        let text = format!("{all}: {}{beyond}", parts.join(", "));
        for (at, line) in hang("result    ", &text, self.screen.look.width, 10).iter().enumerate() {
            let line =
                if at == 0 { line.replacen("result", &paint(role, "result"), 1) } else { line.clone() };
            self.screen.line(&line);
        }
    }
}

/// The word of a verdict at the beginning of a line.
fn mark(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Pass => ("pass", Role::Good),
        Verdict::Advice => ("advice", Role::Command),
        Verdict::Fail => ("FAIL", Role::Problem),
        Verdict::NotTried => ("not tried", Role::Meaning),
    }
}
