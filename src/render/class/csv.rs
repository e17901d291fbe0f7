//! A report on a class as CSV (RFC 4180), one table at a time, for a spreadsheet.
//!
//! Text from hand-ins is escaped as everywhere, so that no cell holds a line break. A cell whose text begins as a
//! formula does (`=`, `+`, `-`, `@`, in wide letters too) gets an apostrophe in front: spreadsheets run formulas, also
//! those that somebody has given as their name.

use crate::lessons::class::{Learner, Report};
use crate::render::text::safe::Safe;
use crate::render::text::screen::Screen;
use crate::render::text::words::calendar;

/// The most characters of a text in a cell.
const CELL_CHARS: usize = 1000;

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// A row for each learner and lesson.
    Learners,
    /// A row for each belief.
    Beliefs,
    /// A row for each step that was hard.
    Steps,
}

/// Prints a table.
pub fn table(screen: &Screen, report: &Report<'_>, table: Table) {
    // RFC 4180 ends lines with CRLF; the screen adds the LF.
    rows(report, table).iter().for_each(|row| screen.line(&format!("{}\r", row.join(","))));
}

fn rows(report: &Report<'_>, table: Table) -> Vec<Vec<String>> {
    let (head, rows): (&[&str], Vec<Vec<String>>) = match table {
        Table::Learners => (
            &[
                "name", "learner", "lesson", "title", "steps", "passed", "state", "hints", "skipped",
                "first_at", "done_at",
            ],
            report.learners.iter().flat_map(|learner| learner_rows(report, learner)).collect(),
        ),
        Table::Beliefs => (
            &["lesson", "question", "belief", "held", "asked"],
            report
                .beliefs
                .iter()
                .map(|one| {
                    vec![
                        one.lesson.to_string(),
                        text(&one.question),
                        text(&one.belief),
                        one.held.to_string(),
                        one.asked.to_string(),
                    ]
                })
                .collect(),
        ),
        Table::Steps => (
            &["lesson", "step", "title", "learners", "hints", "skips", "rejected"],
            report
                .stuck
                .iter()
                .map(|one| {
                    let numbers = [one.learners, one.hints, one.skips, one.rejected];
                    let words = [one.lesson.to_string(), text(&one.step), text(&one.title)];
                    words.into_iter().chain(numbers.map(|number| number.to_string())).collect()
                })
                .collect(),
        ),
    };
    let head = head.iter().map(|&word| word.to_owned()).collect();
    std::iter::once(head).chain(rows).collect()
}

fn learner_rows(report: &Report<'_>, learner: &Learner) -> Vec<Vec<String>> {
    let rows = report.lessons.iter().zip(&learner.cells).map(|(lesson, cell)| {
        let day = |at: Option<u64>| at.map(date).unwrap_or_default();
        vec![
            text(&learner.name),
            text(&learner.learner),
            lesson.number.to_string(),
            text(&lesson.title),
            lesson.steps.len().to_string(),
            cell.passed.to_string(),
            cell.state.name().to_owned(),
            cell.hints.to_string(),
            cell.skipped.to_string(),
            day(cell.first_at),
            day(cell.done_at),
        ]
    });
    rows.collect()
}

/// A text as a cell.
fn text(text: &str) -> String {
    let safe: String = Safe::word(text.as_bytes()).to_string().chars().take(CELL_CHARS).collect();
    let is_formula = safe.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let safe = if is_formula { format!("'{safe}") } else { safe };
    if safe.contains([',', '"']) || safe.starts_with(' ') || safe.ends_with(' ') {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

/// Seconds since 1970 as a day and a time of UTC, such as `2026-09-07 08:00:00`; nothing after the year 9999.
#[must_use]
pub fn date(at: u64) -> String {
    let time = |day: String| format!("{day} {:02}:{:02}:{:02}", at / 3600 % 24, at / 60 % 60, at % 60);
    calendar(at).map(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{date, text};

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(date(0), "1970-01-01 00:00:00");
        assert_eq!(date(951_782_399), "2000-02-28 23:59:59");
        assert_eq!(date(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(date(1_788_768_000), "2026-09-07 08:00:00");
        assert_eq!(date(1_798_761_599), "2026-12-31 23:59:59");
        assert_eq!(date(253_402_300_799), "9999-12-31 23:59:59");
        assert_eq!(date(253_402_300_800), "");
        assert_eq!(date(u64::MAX), "");
    }

    #[test]
    fn a_cell_is_quoted_where_it_must_be() {
        assert_eq!(text("Ada"), "Ada");
        assert_eq!(text("Ada, Countess"), "\"Ada, Countess\"");
        assert_eq!(text("the \"first\""), "\"the \"\"first\"\"\"");
        assert_eq!(text("two\r\nlines"), "two\\r\\nlines");
    }

    #[test]
    fn no_name_becomes_a_formula() {
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(text("+4,-2"), "\"'+4,-2\"");
        assert_eq!(text("\t=1"), "\\t=1");
        assert_eq!(text("\u{ff1d}1"), "'\u{ff1d}1");
    }
}
