//! What a probe came to: what to mend first, what else is not right, what could be better, and then, stage by stage,
//! what passed. While it goes, a line on the terminal says how far it is.
//!
//! Reading order: this file, [`results`] (the order of things), [`detail`] (one check with its bytes), [`document`]
//! (for programs), [`junit`] (for a CI).

pub mod detail;
pub mod document;
pub mod junit;
pub mod results;

use std::net::SocketAddr;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::json;
use crate::probe::report::Report;
use crate::probe::{Check, Stage, table};
use crate::render::text::cells::hang;
use crate::render::text::look::{Form, Loudness};
use crate::render::text::safe::Safe;
use crate::render::text::screen::Screen;

/// Whom the probe is about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As it was typed.
    pub url: String,
    /// The address that took the connection.
    pub server: SocketAddr,
    /// The program that has the port, where the system tells.
    pub held_by: Option<String>,
    /// The command it was started with, likewise.
    pub started: Option<String>,
    /// The last stage, where one was asked for.
    pub stage: Option<Stage>,
}

/// A probe while it goes.
pub struct Live {
    screen: Arc<Screen>,
    asked: Asked,
    /// What came of it so far.
    pub report: Report,
    bar: ProgressBar,
}

impl Live {
    /// Says who is asked.
    #[must_use]
    pub fn new(screen: Arc<Screen>, asked: Asked, report: Report) -> Self {
        let shown = screen.look.form == Form::Human && screen.look.loudness > Loudness::Quiet;
        // It draws on standard error, and nothing where that is no terminal.
        let bar = if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        let live = Self { screen, asked, report, bar };
        live.heading();
        live
    }

    /// A check is next.
    pub fn begins(&mut self, check: &Check) {
        let place = table::all().position(|other| other.id == check.id).unwrap_or(0) + 1;
        self.bar.set_message(format!("asking: {} ({place} of {})", check.id, table::all().count()));
        self.bar.tick();
    }

    /// The person has had enough; what is left is only counted.
    pub fn stop(&mut self) -> String {
        self.bar.finish_and_clear();
        self.screen.note("stopped by you: what was left is not tried");
        self.report.stop()
    }

    /// Shows everything, or prints the document.
    #[must_use]
    pub fn finish(self) -> Report {
        self.bar.finish_and_clear();
        if self.screen.look.form == Form::Json {
            json::document(&self.screen, "probe", document::of(&self.asked, &self.report));
        } else {
            results::show(&self.screen, &self.asked, &self.report);
        }
        self.report
    }

    fn heading(&self) {
        if self.screen.look.form == Form::Json || self.screen.look.loudness == Loudness::Quiet {
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
}

/// How to start the server again and go on behind the check that ended it; nothing when it is still there.
#[must_use]
pub fn go_on(asked: &Asked, report: &Report) -> Option<GoOn> {
    report.lost()?;
    let from = report.next().map(|next| {
        let stage = asked.stage.map(|stage| format!(" --stage {}", stage.name())).unwrap_or_default();
        format!("netlab probe {} --from {}{stage} --seed {}", asked.url, next.id, report.place.seed)
    });
    Some(GoOn { start: asked.started.clone(), from })
}

/// Two lines to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoOn {
    /// The command the server was started with, where the system tells.
    pub start: Option<String>,
    /// The probe, from the next check on, if there is one.
    pub from: Option<String>,
}
