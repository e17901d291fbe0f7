//! A report on a class for people: who did what, what was believed, where it was hard, whose values those are.

pub mod csv;
pub mod json;

use std::collections::BTreeSet;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::lessons::class::values::{Shared, Values};
use crate::lessons::class::{Cell, Learner, LeftOut, Reason, Report};
use crate::lessons::lesson::Lesson;
use crate::lessons::standing::State;
use crate::render::course::lesson::block;
use crate::render::text::cells::hang;
use crate::render::text::look::{Look, Room};
use crate::render::text::safe::{Safe, short};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, sentence};

/// The most beliefs, and the most steps, that are shown; CSV and JSON have all.
const SHOWN: usize = 10;
/// The most characters of a name in a sentence.
const NAME_CHARS: usize = 40;
/// The most characters of a belief or a title in a sentence.
const TEXT_CHARS: usize = 200;
/// The fewest columns for names in a table; with less room there is a list.
const NAME_WIDTH: usize = 12;
/// The most columns for names in a table.
const NAME_WIDEST: usize = 32;

/// Says that nobody in this class exists.
pub fn made_up(screen: &Screen) {
    screen.note("This class is made up, by netlab itself: none of these learners exists.");
}

/// Lessons the files tell of that the report says nothing about.
pub fn elsewhere(screen: &Screen, ids: &BTreeSet<String>) {
    let named: Vec<String> =
        ids.iter().take(SHOWN).map(|id| short(id.as_bytes(), NAME_CHARS, screen.look.ascii())).collect();
    if !named.is_empty() {
        let more = if ids.len() > named.len() { " and others" } else { "" };
        screen.note(&format!(
            "The files also tell of lessons that are not among those at hand: {}{more}. --lessons DIR names their folder.",
            named.join(", ")
        ));
    }
}

/// Files that do not count, each with the reason.
pub fn left_out(screen: &Screen, all: &[LeftOut]) {
    for one in all {
        let safe = |text: &str| Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string();
        let file = safe(&one.file);
        let why = safe(&why_left_out(&one.reason));
        for line in hang("left out: ", &format!("{file}: {why}"), screen.look.width, 4) {
            screen.complaint(&line);
        }
    }
}

/// Why a file does not count, as a sentence part; what it quotes is to be escaped.
#[must_use]
pub fn why_left_out(reason: &Reason) -> String {
    match reason {
        Reason::Unread(why) => why.clone(),
        Reason::Broken(broken) => broken.to_string(),
        Reason::Copy { of } => format!("it is a copy of {of}, which counts"),
        Reason::Replaced { name, by, by_name } if name == by_name => {
            format!("the same learner has handed in again; the later file counts, {by}")
        }
        Reason::Replaced { name, by, by_name } => {
            let [name, by_name] =
                [name, by_name].map(|name| name.chars().take(NAME_CHARS).collect::<String>());
            format!(
                "the same learner, under the name {name}, has handed in as {by_name}; the later file counts, {by}"
            )
        }
    }
}

/// The whole report. `seed` is that of the class, when values were checked.
pub fn report(screen: &Screen, report: &Report<'_>, left_out: usize, seed: Option<&str>, demo: bool) {
    let files = match left_out {
        0 => String::new(),
        many => format!(", {} left out", count(many as u64, "file")),
    };
    let label = if demo { "A class that is made up: " } else { "" };
    heading(screen, &format!("{label}{}{files}", count(report.learners.len() as u64, "learner")));
    standings(screen, report);
    beliefs(screen, report);
    stuck(screen, report);
    values(screen, report, seed);
    for (lesson, many) in &report.other_editions {
        let who = learners(*many);
        say(
            screen,
            &format!(
                "lesson {lesson} was done in another edition than the one here by {who}, so some of their steps may not be counted"
            ),
        );
    }
}

fn heading(screen: &Screen, text: &str) {
    block(screen, Role::Heading, text);
}

fn say(screen: &Screen, text: &str) {
    block_of(screen, &sentence(text));
}

/// Text whose parts from files have been escaped already.
fn block_of(screen: &Screen, text: &str) {
    hang("", text, screen.look.width, 2).iter().for_each(|line| screen.line(line));
}

fn learners(many: usize) -> String {
    count(many as u64, "learner")
}

fn standings(screen: &Screen, report: &Report<'_>) {
    let widths: Vec<usize> = (0..report.lessons.len()).map(|at| column_width(report, at)).collect();
    let cells: usize = widths.iter().map(|width| width + 1).sum();
    let room = screen.look.width.saturating_sub(cells);
    screen.line("");
    if screen.look.room() == Room::Narrow || room < NAME_WIDTH {
        report.learners.iter().for_each(|learner| list(screen, report.lessons, learner));
        return;
    }
    let longest = report.learners.iter().map(|learner| name(screen.look, learner).width()).max().unwrap_or(0);
    let room = room.min(NAME_WIDEST).min(longest.max(NAME_WIDTH));
    let row = |first: &str, cells: &[String]| {
        let cells: String =
            cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:>width$}")).collect();
        let first = cut(first, room, screen.look.ascii());
        format!("{first}{}{cells}", " ".repeat(room.saturating_sub(first.width())))
    };
    let numbers: Vec<String> = report.lessons.iter().map(|lesson| lesson.number.to_string()).collect();
    let steps: Vec<String> = report.lessons.iter().map(|lesson| lesson.steps.len().to_string()).collect();
    screen.line(&paint(Role::Heading, &row("lesson", &numbers)));
    screen.line(&paint(Role::Meaning, &row("its steps", &steps)));
    for learner in &report.learners {
        let marks: Vec<String> = learner.cells.iter().map(mark).collect();
        screen.line(&row(&name(screen.look, learner), &marks));
    }
    let legend = "Numbers are steps that have passed. M: mastered, that is done without the last hint and with \
                  the first review right. D: done. S: nothing left to do, some of it skipped. -: not begun.";
    block(screen, Role::Meaning, legend);
}

/// Two columns, more where a number needs them.
fn column_width(report: &Report<'_>, at: usize) -> usize {
    let lesson = &report.lessons[at];
    let heads = [lesson.number.to_string().len(), lesson.steps.len().to_string().len(), 2];
    let marks = report.learners.iter().map(|learner| mark(&learner.cells[at]).len());
    marks.chain(heads).max().unwrap_or(2)
}

/// A cell in two or three characters.
fn mark(cell: &Cell) -> String {
    let passed = cell.passed;
    match cell.state {
        State::Open if cell.first_at.is_none() => "-".to_owned(),
        State::Open | State::Begun => passed.to_string(),
        State::Skipped => format!("{passed}S"),
        State::Done => format!("{passed}D"),
        State::Mastered => format!("{passed}M"),
    }
}

/// A learner as lines, where there is no room for a table.
fn list(screen: &Screen, lessons: &[Lesson], learner: &Learner) {
    screen.line(&paint(
        Role::Heading,
        &cut(&name(screen.look, learner), screen.look.width, screen.look.ascii()),
    ));
    let mut untouched = 0;
    for (lesson, cell) in lessons.iter().zip(&learner.cells) {
        if cell.first_at.is_none() {
            untouched += 1;
            continue;
        }
        let state = match cell.state {
            State::Open | State::Begun => "begun",
            State::Skipped => "some skipped",
            state => state.name(),
        };
        let steps = lesson.steps.len();
        let text = format!("{} of {}, {state}", cell.passed, count(steps as u64, "step"));
        hang(&format!("  lesson {}: ", lesson.number), &text, screen.look.width, 4)
            .iter()
            .for_each(|line| screen.line(line));
    }
    if untouched > 0 {
        let text = count(untouched, "lesson");
        for line in hang("  not begun: ", &text, screen.look.width, 4) {
            screen.line(&paint(Role::Meaning, &line));
        }
    }
}

fn beliefs(screen: &Screen, report: &Report<'_>) {
    screen.line("");
    heading(screen, "What they thought before they saw");
    if report.beliefs.is_empty() {
        say(screen, "no first answer so far was one that the evidence does not bear out");
    }
    for one in report.beliefs.iter().take(SHOWN) {
        let belief = short(one.belief.as_bytes(), TEXT_CHARS, screen.look.ascii());
        block_of(screen, &format!("{} of {} thought: {belief} (lesson {})", one.held, one.asked, one.lesson));
    }
    more(screen, report.beliefs.len(), "beliefs");
}

fn stuck(screen: &Screen, report: &Report<'_>) {
    screen.line("");
    heading(screen, "Where it was hard");
    if report.stuck.is_empty() {
        say(screen, "nobody needed a hint, skipped a step or gave an answer that did not agree");
    }
    for one in report.stuck.iter().take(SHOWN) {
        let title = short(one.title.as_bytes(), TEXT_CHARS, screen.look.ascii());
        let counts = [(one.hints, "hint"), (one.skips, "skip"), (one.rejected, "rejected answer")];
        let counts = counts.iter().filter(|(many, _)| *many > 0);
        let counts: Vec<String> = counts.map(|&(many, noun)| count(many as u64, noun)).collect();
        block_of(
            screen,
            &format!(
                "Lesson {}, {title}: {}, from {}",
                one.lesson,
                counts.join(", "),
                learners(one.learners)
            ),
        );
    }
    more(screen, report.stuck.len(), "steps");
}

fn more(screen: &Screen, all: usize, table: &str) {
    if all > SHOWN {
        let left = all - SHOWN;
        block(screen, Role::Meaning, &format!("And {left} more; --csv={table} prints all of them."));
    }
}

fn values(screen: &Screen, report: &Report<'_>, seed: Option<&str>) {
    screen.line("");
    heading(screen, "Personal values");
    let (Some(values), Some(seed)) = (&report.values, seed) else {
        return say(screen, "these were not checked, because that needs the class's seed: --class SEED");
    };
    let own: usize = values.learners.iter().map(|tally| tally.own).sum();
    match own {
        0 => say(screen, "no answer so far is a value that was made for its learner in this class"),
        1 => say(screen, "1 answer is a value that was made for its learner"),
        _ => say(screen, &format!("{own} answers are values that were made for their learners")),
    }
    for one in &values.shared {
        block_of(screen, &shared(screen.look, report, one));
    }
    if !values.shared.is_empty() {
        let text = "That is something to ask about and no verdict: two who sit at one computer share its values, too.";
        block(screen, Role::Meaning, text);
    }
    not_computed(screen, report, values, seed);
}

fn shared(look: Look, report: &Report<'_>, one: &Shared) -> String {
    let who = |at: usize| named(look, &report.learners[at]);
    let owner = who(one.made_for);
    let others: Vec<String> = one.given_by.iter().map(|&at| who(at)).collect();
    if one.given_by_owner {
        let all: Vec<String> = std::iter::once(owner.clone()).chain(others).collect();
        format!(
            "{} gave the same value in lesson {}, {}, which was made for {owner}.",
            listed(&all),
            one.lesson,
            one.value
        )
    } else {
        format!(
            "{} gave a value in lesson {}, {}, which was made for {owner}.",
            listed(&others),
            one.lesson,
            one.value
        )
    }
}

/// Names in a sentence: `ada, bob and cy`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn not_computed(screen: &Screen, report: &Report<'_>, values: &Values, seed: &str) {
    for (learner, tally) in report.learners.iter().zip(&values.learners) {
        let who = named(screen.look, learner);
        if !learner.has_seed(seed) {
            let class = if learner.class.is_some() { "another seed" } else { "no seed" };
            block_of(screen, &format!("The file of {who} was made with {class}."));
        }
        if tally.before_class > 0 {
            let many = count(tally.before_class as u64, "value");
            block_of(
                screen,
                &format!("{who} gave {many} made for them without a seed, as before they joined."),
            );
        }
        if tally.unknown > 0 {
            let many = count(tally.unknown as u64, "value");
            block_of(screen, &format!("{who} gave {many} that could not be computed again from this seed."));
        }
    }
}

fn name(look: Look, learner: &Learner) -> String {
    if learner.name.trim().is_empty() {
        return "(no name)".to_owned();
    }
    // What will not fit on any line need not be escaped.
    let name: String = learner.name.chars().take(TEXT_CHARS).collect();
    Safe::word(name.as_bytes()).ascii(look.ascii()).to_string()
}

fn named(look: Look, learner: &Learner) -> String {
    cut(&name(look, learner), NAME_CHARS, look.ascii())
}

/// Text that takes at most `width` columns, with a mark where it was cut.
fn cut(text: &str, width: usize, ascii: bool) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = if ascii { "..." } else { "…" };
    let mut kept = String::new();
    let mut left = width.saturating_sub(mark.width());
    for char in text.chars() {
        let wide = char.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(char);
    }
    kept + mark
}
