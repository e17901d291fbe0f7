//! The results in the order in which somebody needs them: what to mend first on top, with everything about it; the
//! other failures; advice; then each stage with what passed and what was not tried; and the count.

use super::{Asked, detail, go_on};
use crate::probe::report::{Outcome, Report};
use crate::probe::{Stage, Verdict, table};
use crate::render::text::cells::{Cell, hang, row};
use crate::render::text::look::{Loudness, Room};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// The columns of the longest name of a check.
const ID_WIDTH: usize = 25;

/// Shows what came of it all.
pub fn show(screen: &Screen, asked: &Asked, report: &Report) {
    let page = Page { screen, asked, report };
    let failures = report.failures();
    if let Some((first, others)) = failures.split_first() {
        page.heading(&first_words(asked, report));
        page.in_full(first);
        if !others.is_empty() {
            page.heading("and then");
            others.iter().for_each(|outcome| page.in_full(outcome));
        }
    }
    if screen.look.loudness > Loudness::Quiet {
        let advice: Vec<&Outcome> = of(report, Verdict::Advice).collect();
        if !advice.is_empty() {
            page.heading("advice: allowed, and it could be better");
            advice.iter().for_each(|outcome| page.in_full(outcome));
        }
        Stage::ALL.into_iter().for_each(|stage| page.stage(stage));
        page.heading("");
    }
    page.summary();
}

/// What stands above the first failure.
fn first_words(asked: &Asked, report: &Report) -> String {
    match report.made(asked.held_by.as_deref()).name() {
        Some(made) => format!("mend this first (the server is made with {made})"),
        None => "mend this first".to_owned(),
    }
}

fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &Outcome> {
    report.outcomes.iter().filter(move |outcome| outcome.verdict == verdict)
}

struct Page<'a> {
    screen: &'a Screen,
    asked: &'a Asked,
    report: &'a Report,
}

impl Page<'_> {
    /// An empty line and a heading, where there is room for them.
    fn heading(&self, text: &str) {
        if self.screen.look.loudness == Loudness::Quiet {
            return;
        }
        self.screen.line("");
        if !text.is_empty() {
            hang("", text, self.screen.look.width, 0)
                .iter()
                .for_each(|line| self.screen.line(&paint(Role::Heading, line)));
        }
    }

    fn in_full(&self, outcome: &Outcome) {
        self.one_line(outcome, outcome.check.expects);
        detail::show(self.screen, self.asked, self.report, outcome);
    }

    /// What a stage expects, what of it is so, and what was not tried.
    fn stage(&self, stage: Stage) {
        let told = |verdict| matches!(verdict, Verdict::Pass | Verdict::NotTried);
        let outcomes: Vec<&Outcome> = self.report.of(stage).filter(|outcome| told(outcome.verdict)).collect();
        let is_stopped =
            |outcome: &&Outcome| self.report.is_stopped() && outcome.verdict == Verdict::NotTried;
        if outcomes.iter().all(is_stopped) {
            return;
        }
        self.screen.line("");
        let first = format!("{:<9} ", stage.name());
        let says = format!("expects that {}", stage.expects());
        for (at, line) in hang(&first, &says, self.screen.look.width, 10).iter().enumerate() {
            let line = match (at, line.strip_prefix(stage.name())) {
                (0, Some(rest)) => format!("{}{rest}", paint(Role::Heading, stage.name())),
                _ => line.clone(),
            };
            self.screen.line(&line);
        }
        let mut left_out: Vec<&Outcome> = Vec::new();
        for outcome in outcomes {
            let is_left_out = outcome.verdict == Verdict::NotTried;
            let joins = left_out.last().is_some_and(|last| last.judged.says == outcome.judged.says);
            if !(is_left_out && joins) || self.screen.look.loudness == Loudness::Verbose {
                self.tell_left_out(&std::mem::take(&mut left_out));
            }
            if is_left_out {
                left_out.push(outcome);
            } else {
                self.passed(outcome);
            }
        }
        self.tell_left_out(&left_out);
    }

    fn passed(&self, outcome: &Outcome) {
        self.one_line(outcome, &format!("{} -> {}", outcome.check.expects, outcome.judged.says));
        if self.screen.look.loudness == Loudness::Verbose {
            detail::show(self.screen, self.asked, self.report, outcome);
        }
    }

    /// Tells of those that were not tried for one reason, in one line.
    fn tell_left_out(&self, left_out: &[&Outcome]) {
        let Some(first) = left_out.first().filter(|_| !self.report.is_stopped()) else { return };
        let because = format!("because {}", first.judged.says);
        let says = match left_out.len() {
            1 => because,
            many => format!("and {} more, {because}", number(many as u64 - 1)),
        };
        self.one_line(first, &says);
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
        let report = self.report;
        let many = |verdict: Verdict| report.count(verdict) as u64;
        let mut parts = vec![format!("{} passed", number(many(Verdict::Pass)))];
        for (verdict, words) in
            [(Verdict::Advice, "with advice"), (Verdict::Fail, "failed"), (Verdict::NotTried, "not tried")]
        {
            if many(verdict) > 0 {
                parts.push(format!("{} {words}", number(many(verdict))));
            }
        }
        let all = count(report.outcomes.len() as u64, "check");
        let role = if report.passed() { Role::Good } else { Role::Problem };
        self.labelled(role, "result", &format!("{all}: {}{}", parts.join(", "), self.beyond()));
        let Some(go_on) = go_on(self.asked, report) else { return };
        let start = match &go_on.start {
            Some(_) => "start the server again; it was started with",
            None => "start the server again",
        };
        self.labelled(Role::Command, "go on", start);
        if let Some(start) = &go_on.start {
            self.command(start);
        }
        if let Some(from) = &go_on.from {
            self.labelled(Role::Command, "", "then go on behind the check that ended it:");
            self.command(from);
        }
    }

    /// What lies behind the checks that were gone through.
    fn beyond(&self) -> String {
        let Some(last) = self.report.outcomes.last().map(|outcome| outcome.check.stage) else {
            return String::new();
        };
        let behind = table::all().filter(|check| check.stage > last).count() as u64;
        match (behind, self.asked.stage) {
            (0, _) => String::new(),
            (_, Some(stage)) => format!("; the stages behind {} have {} more", stage.name(), number(behind)),
            (_, None) => format!(
                "; the stage robust has {} more, which come when nothing fails before them, or with --stage robust",
                number(behind)
            ),
        }
    }

    fn labelled(&self, role: Role, label: &str, text: &str) {
        for (at, line) in hang(&format!("{label:<9} "), text, self.screen.look.width, 10).iter().enumerate() {
            let line = match at {
                0 if !label.is_empty() => line.replacen(label, &paint(role, label), 1),
                _ => line.clone(),
            };
            self.screen.line(&line);
        }
    }

    /// A line to copy, in one piece.
    fn command(&self, text: &str) {
        let safe = Safe::again(text.as_bytes()).ascii(self.screen.look.ascii()).to_string();
        self.screen.line(&format!("          {}", paint(Role::Command, &safe)));
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
