//! One check with its bytes: what was sent, what came, where it differs, the rule, and how to do it again.

use std::net::SocketAddr;
use std::ops::Range;

use super::Asked;
use crate::evidence::{Flow, Side};
use crate::probe::heard::Heard;
use crate::probe::mend::mend;
use crate::probe::report::{Outcome, Report};
use crate::probe::{Check, Verdict, repeat};
use crate::render::text::caret::{self, Marked};
use crate::render::text::cells::hang;
use crate::render::text::look::Room;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, sentence};

/// Lines of a request that are shown.
const SENT_LINES: usize = 6;
/// Lines of an answer that are shown, beside the one the verdict points at.
const CAME_LINES: usize = 1;
/// The most characters of a line to copy; a longer one is left out.
const COPIED: usize = 2000;

/// The conversation a verdict is about.
#[must_use]
pub fn conversation(report: &Report, outcome: &Outcome) -> usize {
    let flows = report.flows(outcome.check).len();
    outcome.judged.at.as_ref().map_or(flows.saturating_sub(1), |at| at.flow)
}

/// The server's bytes a verdict points at.
#[must_use]
pub fn pointed_at(outcome: &Outcome) -> Option<Range<usize>> {
    let at = outcome.judged.at.as_ref().filter(|at| at.side == Side::Server)?;
    Some(at.bytes.clone()).filter(|bytes| !bytes.is_empty())
}

/// The bytes of the request that are odd on purpose.
#[must_use]
pub fn odd(report: &Report, check: &Check) -> Option<Range<usize>> {
    report.script(check).and_then(|script| script.odd.clone())
}

/// Lines for a shell that do it again, the exact one first.
#[must_use]
pub fn again(report: &Report, outcome: &Outcome, server: SocketAddr) -> Vec<String> {
    let on = conversation(report, outcome);
    let Some(script) = report.script(outcome.check) else { return Vec::new() };
    let exact = repeat::exact(script, on, server);
    let curl =
        repeat::curl(script, on).filter(|_| !repeat::is_together(script) && curl_shows(report, outcome));
    exact.into_iter().chain(curl).filter(|line| line.len() <= COPIED).collect()
}

/// Whether curl shows what the verdict is about: it stops where the answer ends, and says nothing of bytes behind it.
fn curl_shows(report: &Report, outcome: &Outcome) -> bool {
    let flow = report.flows(outcome.check).get(conversation(report, outcome));
    flow.is_none_or(|flow| Heard::of(flow).surplus().is_none())
}

/// How to mend what failed, in the words of what the server is made with.
#[must_use]
pub fn mended(report: &Report, outcome: &Outcome, held_by: Option<&str>) -> Option<&'static str> {
    let failed = outcome.verdict == Verdict::Fail;
    failed.then(|| mend(outcome.check.id, report.made(held_by))).flatten()
}

/// The conversation to compare with, and the word for it.
#[must_use]
pub fn beside<'r>(report: &'r Report, outcome: &Outcome) -> Option<(&'static str, &'r Flow)> {
    let beside = outcome.judged.beside?;
    Some((beside.word, report.flows(outcome.check).get(beside.flow)?))
}

/// Shows it, below its line.
pub fn show(screen: &Screen, asked: &Asked, report: &Report, outcome: &Outcome) {
    let look = screen.look;
    let flows = report.flows(outcome.check);
    let on = conversation(report, outcome);
    let safe = |text: &str| Safe::word(text.as_bytes()).ascii(look.ascii()).to_string();
    if let Some(flow) = flows.get(on) {
        let odd = odd(report, outcome.check);
        let sent = &flow.from_client.bytes;
        labelled(
            screen,
            "sent",
            Role::Client,
            &caret::lines(sent, odd.as_ref(), SENT_LINES, room(screen), look.ascii()),
        );
        if let Some(how) = in_pieces(flow) {
            sentence_of(screen, "", &how);
        }
        came(screen, "came", flow, pointed_at(outcome).as_ref());
    }
    if let Some((word, flow)) = beside(report, outcome) {
        came(screen, word, flow, None);
    }
    sentence_of(screen, "so", &sentence(&safe(&outcome.judged.says)));
    if let Some(mend) = mended(report, outcome, asked.held_by.as_deref()) {
        let mend = Safe::again(mend.as_bytes()).ascii(look.ascii()).to_string();
        sentence_of(screen, "mend", &sentence(&mend));
    }
    let rule = format!("{} ({}, {})", outcome.rule(), look.rfc(outcome.rfc()), outcome.check.force.says());
    sentence_of(screen, "rule", &sentence(&rule));
    for (at, line) in again(report, outcome, asked.server).iter().enumerate() {
        // To be copied, so it stays in one piece.
        let label = if at == 0 { "again" } else { "or" };
        let indent = " ".repeat(indent(screen));
        screen.line(&format!(
            "{indent}{} {}",
            paint(Role::Name, &format!("{label:<5}")),
            paint(Role::Command, &copied(line))
        ));
    }
}

/// A line that is to be copied: its backslashes are the shell's and stay.
fn copied(line: &str) -> String {
    Safe::again(line.as_bytes()).to_string()
}

fn came(screen: &Screen, label: &str, flow: &Flow, at: Option<&Range<usize>>) {
    let bytes = &flow.from_server.bytes;
    if bytes.is_empty() {
        return sentence_of(screen, label, "nothing");
    }
    let lines = caret::lines(bytes, at, CAME_LINES, room(screen), screen.look.ascii());
    labelled(screen, label, Role::Server, &lines);
}

/// That a request did not go out in one write.
fn in_pieces(flow: &Flow) -> Option<String> {
    let writes = flow.lengths(Side::Client).count() as u64;
    (writes > 1).then(|| format!("in {}", count(writes, "write")))
}

fn labelled(screen: &Screen, label: &str, role: Role, lines: &[Marked]) {
    let indent = " ".repeat(indent(screen));
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        let label = paint(Role::Name, &format!("{label:<5}"));
        screen.line(&format!("{indent}{label} {}", paint(role, &line.text)));
        if let Some(carets) = &line.carets {
            screen.line(&format!("{indent}      {}", paint(Role::Problem, carets)));
        }
    }
}

fn sentence_of(screen: &Screen, label: &str, text: &str) {
    let spaces = indent(screen);
    let first = format!("{}{label:<5} ", " ".repeat(spaces));
    for (at, line) in hang(&first, text, screen.look.width, spaces + 6).iter().enumerate() {
        let line = match at {
            0 if !label.is_empty() => line.replacen(label, &paint(Role::Name, label), 1),
            _ => line.clone(),
        };
        screen.line(&line);
    }
}

fn indent(screen: &Screen) -> usize {
    if screen.look.room() == Room::Narrow { 2 } else { 11 }
}

/// The columns that bytes have.
fn room(screen: &Screen) -> usize {
    screen.look.width.saturating_sub(indent(screen) + 6).max(8)
}
