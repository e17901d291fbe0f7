//! What a class's hand-ins come to, and how that looks: standings, beliefs, hard steps, personal values, CSV.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/paper.rs"]
mod paper;
#[path = "common/run.rs"]
mod run;
#[path = "common/wicked.rs"]
mod wicked;

use netlab::lessons::class::values::{Made, Shared, Tally};
use netlab::lessons::class::{self, File, Reason, Report};
use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::handin::HandIn;
use netlab::lessons::parse::parse;
use netlab::lessons::progress::Progress;
use netlab::lessons::standing::State;
use netlab::lessons::{Lesson, pretend, shelf};
use netlab::render::class as shown;
use netlab::render::class::csv::{self, Table};
use netlab::render::text::screen::Screen;
use unicode_width::UnicodeWidthStr;
use wicked::{harm, without_colour};

const SEED: &str = "autumn";

fn lesson(number: usize, steps: usize) -> Lesson {
    let steps: String = (1..=steps).map(|step| format!("## Step {step}\nProse.\n")).collect();
    let text = format!("---\nid: l{number}\ntitle: Lesson \"{number}\", = a\nminutes: 1\n---\n{steps}");
    parse(&format!("{number:02}-l{number}.md"), &text).unwrap()
}

/// A value as anybody can compute it: seed, learner and attempt in letters.
fn spoken(seed: &str, learner: &str, attempt: &str) -> Vec<String> {
    let sum: u32 =
        format!("{seed}/{learner}/{attempt}").bytes().fold(7, |sum, byte| sum * 31 % 9973 + u32::from(byte));
    vec![format!("daisy-{sum:04}"), format!("tulip-{sum:04}")]
}

const MADE: Made<'static> = Made { seed: SEED, values: &spoken };

/// A learner's facts, one a line.
struct Diary<'a> {
    lesson: &'a Lesson,
    facts: Vec<Fact>,
}

impl<'a> Diary<'a> {
    fn of(lesson: &'a Lesson) -> Self {
        Self { lesson, facts: Vec::new() }
    }

    fn note(mut self, step: usize, what: What) -> Self {
        let at = 100 + self.facts.len() as u64;
        self.facts.push(Fact::new(self.lesson, &self.lesson.steps[step], at, what));
        self
    }

    fn began(self, step: usize) -> Self {
        let marker = format!("{}/{step}#{}", self.lesson.id, self.facts.len());
        self.note(step, What::Began { marker, replay: false })
    }

    fn passed(self, step: usize) -> Self {
        self.note(step, What::Passed { saw: Vec::new() })
    }

    fn guessed(self, question: &str, belief: &str, holds: bool) -> Self {
        self.note(0, What::Predicted(said(question, belief, holds)))
    }

    fn answered(self, answer: &str, agrees: bool) -> Self {
        self.note(0, What::Answered { question: "Which word?".to_owned(), answer: answer.to_owned(), agrees })
    }

    fn hand_in(self, name: &str) -> HandIn {
        HandIn::new(name, &format!("id-{name}"), SEED, &Progress::of(self.facts), 1000)
    }
}

fn said(question: &str, belief: &str, holds: bool) -> Said {
    Said { question: question.to_owned(), answer: belief.to_owned(), belief: belief.to_owned(), holds }
}

#[test]
fn a_row_says_how_each_lesson_stands() {
    let lessons = [lesson(1, 2), lesson(2, 1)];
    let diary = Diary::of(&lessons[0]).began(0).passed(0).began(1).note(1, What::Skipped);
    let report = Report::new(vec![diary.hand_in("ada")], &lessons, None);
    let [first, second] = report.learners[0].cells[..] else { panic!("two lessons") };
    assert_eq!((first.state, first.passed, first.skipped), (State::Skipped, 1, 1));
    assert_eq!((first.first_at, first.done_at), (Some(100), None));
    assert_eq!((second.state, second.first_at), (State::Open, None));
    assert_eq!(report.other_editions.len(), 0);
}

#[test]
fn learners_stand_in_the_order_of_their_names() {
    let lessons = [lesson(1, 1)];
    let hand_ins = ["cy", "Ada", "bob"].map(|name| Diary::of(&lessons[0]).hand_in(name));
    let report = Report::new(hand_ins.to_vec(), &lessons, None);
    let names: Vec<&str> = report.learners.iter().map(|learner| learner.name.as_str()).collect();
    assert_eq!(names, ["Ada", "bob", "cy"]);
}

#[test]
fn another_edition_of_a_lesson_is_said() {
    let mut old = lesson(1, 1);
    old.hash = "0123456789abcdef".to_owned();
    let lessons = [lesson(1, 1), lesson(2, 1)];
    let report = Report::new(vec![Diary::of(&old).began(0).hand_in("ada")], &lessons, None);
    assert_eq!(report.other_editions.into_iter().collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn of_each_learner_the_first_answer_to_a_question_counts() {
    let lessons = [lesson(1, 1)];
    let diary = || Diary::of(&lessons[0]);
    let hand_ins = vec![
        diary().guessed("How many?", "one write is one packet", false).guessed(
            "How many?",
            "it varies",
            true,
        ),
        diary().guessed("How many?", "it varies", true).guessed(
            "How many?",
            "one write is one packet",
            false,
        ),
        diary().guessed("How many?", "one write is one packet", false),
        diary().guessed("Who?", "the client", false),
    ];
    let hand_ins =
        hand_ins.into_iter().enumerate().map(|(at, diary)| diary.hand_in(&at.to_string())).collect();
    let report = Report::new(hand_ins, &lessons, None);
    let held: Vec<_> =
        report.beliefs.iter().map(|one| (one.belief.as_str(), one.held, one.asked, one.lesson)).collect();
    assert_eq!(held, [("one write is one packet", 2, 3, 1), ("the client", 1, 1, 1)]);
}

#[test]
fn a_recall_is_a_question_too() {
    let lessons = [lesson(1, 1)];
    let recalled = What::Recalled { said: said("Still?", "it goes", false), review: true };
    let report = Report::new(vec![Diary::of(&lessons[0]).note(0, recalled).hand_in("ada")], &lessons, None);
    assert_eq!(report.beliefs[0].belief, "it goes");
}

#[test]
fn hard_steps_count_hints_skips_and_rejected_answers() {
    let lessons = [lesson(1, 2)];
    let hint = |hint| What::Hinted { hint, last: false, heard: 0 };
    let ada = Diary::of(&lessons[0]).began(0).note(0, hint(1)).note(0, hint(2)).answered("x", false);
    let bob = Diary::of(&lessons[0]).note(0, What::Skipped).began(1).note(1, What::Skipped);
    // Who comes back and passes has not skipped it.
    let cy = Diary::of(&lessons[0]).note(1, What::Skipped).began(1).passed(1);
    let hand_ins = vec![ada.hand_in("ada"), bob.hand_in("bob"), cy.hand_in("cy")];
    let report = Report::new(hand_ins, &lessons, None);
    let hard: Vec<_> = report
        .stuck
        .iter()
        .map(|one| (one.step.as_str(), one.learners, one.hints, one.skips, one.rejected))
        .collect();
    assert_eq!(hard, [("step-1", 2, 2, 1, 1), ("step-2", 1, 0, 1, 0)]);
}

#[test]
fn values_are_own_shared_from_before_or_unknown() {
    let lessons = [lesson(1, 1)];
    let marker = "l1/0#0";
    let value = |seed: &str, name: &str| spoken(seed, &format!("id-{name}"), marker)[1].clone();
    let diary = || Diary::of(&lessons[0]).began(0);
    let ada = diary().answered(&format!("nonce={}.", value(SEED, "ada").to_uppercase()), true);
    let bob = diary().answered(&value(SEED, "ada"), false).answered(&value(SEED, "bob"), true);
    let cy = diary().answered(&value("", "cy"), true);
    let dan = diary().answered("daisy-0000", true).answered("client", true).answered("tulip-0001", false);
    let hand_ins = vec![ada.hand_in("ada"), bob.hand_in("bob"), cy.hand_in("cy"), dan.hand_in("dan")];
    let report = Report::new(hand_ins, &lessons, Some(&MADE));
    let values = report.values.unwrap();
    let tally = |own, before_class, unknown| Tally { own, before_class, unknown };
    assert_eq!(values.learners, [tally(1, 0, 0), tally(1, 0, 0), tally(0, 1, 0), tally(0, 0, 1)]);
    let shared =
        Shared { value: value(SEED, "ada"), lesson: 1, made_for: 0, given_by_owner: true, given_by: vec![1] };
    assert_eq!(values.shared, [shared]);
}

#[test]
fn a_shared_value_is_said_kindly_and_with_both_names() {
    let lessons = [lesson(1, 1)];
    let value = spoken(SEED, "id-ada", "l1/0#0")[0].clone();
    let diary = || Diary::of(&lessons[0]).began(0);
    let both =
        vec![diary().answered(&value, true).hand_in("ada"), diary().answered(&value, false).hand_in("bob")];
    let text = shown_at(80, &Report::new(both, &lessons, Some(&MADE)), Some(SEED));
    let said = format!("ada and bob gave the same value in lesson 1, {value}, which was made for ada.");
    assert!(unwrapped(&text).contains(&said), "{text}");
    let one = vec![diary().hand_in("ada"), diary().answered(&value, false).hand_in("bob")];
    let text = shown_at(80, &Report::new(one, &lessons, Some(&MADE)), Some(SEED));
    let said = format!("bob gave a value in lesson 1, {value}, which was made for ada.");
    assert!(unwrapped(&text).contains(&said), "{text}");
}

#[test]
fn without_a_seed_the_report_says_that_values_were_not_checked() {
    let lessons = [lesson(1, 1)];
    let text = shown_at(80, &Report::new(vec![Diary::of(&lessons[0]).hand_in("ada")], &lessons, None), None);
    assert!(
        unwrapped(&text).contains("These were not checked, because that needs the class's seed"),
        "{text}"
    );
}

#[test]
fn of_two_hand_ins_of_one_learner_the_later_one_counts() {
    let lessons = [lesson(1, 1)];
    let file = |name: &str, who: &str, at: u64| {
        let mut hand_in = Diary::of(&lessons[0]).hand_in(who);
        hand_in.head.made_at = at;
        hand_in.head.learner = "one and the same".to_owned();
        File { name: name.to_owned(), hand_in }
    };
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let files = order.map(|at| file(&at.to_string(), "ada", at)).into_iter().collect();
        let (kept, left_out) = class::latest(files);
        let names: Vec<&str> = kept.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["3"]);
        assert_eq!(left_out.len(), 2);
        for one in left_out {
            assert!(matches!(&one.reason, Reason::Replaced { by, .. } if by == "3"), "{one:?}");
        }
    }
    let (_, left_out) = class::latest(vec![file("a", "ada", 1), file("copy", "ada", 1)]);
    assert_eq!(shown::why_left_out(&left_out[0].reason), "it is a copy of a, which counts");
    let (_, left_out) = class::latest(vec![file("a", "ada", 1), file("b", "bob", 2)]);
    let why = shown::why_left_out(&left_out[0].reason);
    assert_eq!(why, "the same learner, under the name ada, has handed in as bob; the later file counts, b");
}

#[test]
fn the_made_up_class_is_always_the_same_and_one_file_is_edited() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let files = pretend::class(&lessons, &MADE);
    assert_eq!(files, pretend::class(&lessons, &MADE));
    assert_eq!(files.len(), 13);
    let broken: Vec<&str> = files
        .iter()
        .filter(|(_, bytes)| HandIn::read(bytes).is_err())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(broken, ["netlab-Mika.jsonl"]);
}

/// Text that a stranger may give as a name.
fn wicked_names() -> Vec<String> {
    vec![
        String::new(),
        " ".to_owned(),
        "\u{1b}[2J\u{1b}]0;title\u{7}".to_owned(),
        "two\nlines\r\nand\ttabs".to_owned(),
        "\u{202e}gpj.exe\u{200b}".to_owned(),
        "שלום עולם".to_owned(),
        "x".repeat(10_000),
        "漢".repeat(5_000),
        "=HYPERLINK(\"http://evil.example\",\"x\")".to_owned(),
        "@SUM(1,2)".to_owned(),
        "a,b\"c\"".to_owned(),
    ]
}

#[test]
fn no_name_breaks_the_table_at_any_width() {
    let lessons: Vec<Lesson> = (1..=20).map(|number| lesson(number, 1 + number % 9)).collect();
    let hand_ins: Vec<HandIn> =
        wicked_names().iter().map(|name| Diary::of(&lessons[0]).began(0).passed(0).hand_in(name)).collect();
    for width in [20, 40, 60, 80, 140] {
        let text = shown_at(width, &Report::new(hand_ins.clone(), &lessons, Some(&MADE)), Some("another"));
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {} columns: {line:?}", line.width());
        }
        assert!(text.contains("(no name)"), "{text}");
    }
}

#[test]
fn nothing_in_a_hand_in_has_power_over_a_terminal() {
    let lessons = [lesson(1, 1)];
    let payloads = wicked::payloads();
    for some in payloads.chunks(25) {
        let names: Vec<String> = some.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
        let hand_ins: Vec<HandIn> = names
            .iter()
            .map(|name| Diary::of(&lessons[0]).guessed("Who?", name, false).hand_in(name))
            .collect();
        let report = || Report::new(hand_ins.clone(), &lessons, Some(&MADE));
        for width in [20, 80] {
            assert!(shown_at(width, &report(), Some("another")).contains("learners"));
        }
        for table in [Table::Learners, Table::Beliefs, Table::Steps] {
            assert!(csv(&report(), table).starts_with(['n', 'l']));
        }
    }
}

#[test]
fn twenty_lessons_fit_eighty_columns_and_become_a_list_in_forty() {
    let lessons: Vec<Lesson> = (1..=20).map(|number| lesson(number, 9)).collect();
    let report =
        || Report::new(vec![Diary::of(&lessons[19]).began(0).passed(0).hand_in("Ada")], &lessons, None);
    let wide = shown_at(80, &report(), None);
    let row = wide.lines().find(|line| line.starts_with("Ada ")).unwrap();
    assert!(row.ends_with("  -  1"), "{wide}");
    assert_eq!(row.split_whitespace().count(), 21, "{row}");
    let narrow = shown_at(40, &report(), None);
    assert!(narrow.contains("  lesson 20: 1 of 9 steps, begun\n  not begun: 19 lessons\n"), "{narrow}");
}

#[test]
fn what_csv_says_is_read_back_by_another_reader() {
    let lessons = [lesson(1, 2), lesson(2, 1)];
    let hand_ins: Vec<HandIn> = wicked_names()
        .iter()
        .map(|name| Diary::of(&lessons[0]).began(0).guessed("Who, then?", name, false).hand_in(name))
        .collect();
    let report = Report::new(hand_ins, &lessons, None);
    let rows = read_csv(&csv(&report, Table::Learners));
    assert_eq!(
        rows[0].join(" "),
        "name learner lesson title steps passed state hints skipped first_at done_at"
    );
    assert_eq!(rows.len(), 1 + wicked_names().len() * 2);
    assert!(rows.iter().any(|row| row[0] == "a,b\"c\"" && row[3] == "Lesson \"1\", = a" && row[4] == "2"));
    assert!(rows.iter().any(|row| row[0] == "'@SUM(1,2)"));
    assert!(rows.iter().any(|row| row[9] == "1970-01-01 00:01:40" && row[6] == "open"));
    let beliefs = read_csv(&csv(&report, Table::Beliefs));
    assert!(beliefs.iter().any(|row| row[2] == "'=HYPERLINK(\"http://evil.example\",\"x\")"), "{beliefs:?}");
    for row in rows.iter().chain(&beliefs) {
        assert_eq!(row.len(), if row.len() == 5 { 5 } else { 11 });
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} would be a formula");
            assert!(!cell.contains(char::is_control), "{cell:?}");
        }
    }
}

/// Comma-separated values by RFC 4180, and nothing else.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'), "lines end with CRLF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(char),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last line has its end");
    rows
}

/// What is printed, without colour and without harm.
fn printed(width: usize, print: impl FnOnce(&Screen)) -> String {
    let text = paper::printed(width, print);
    assert_eq!(harm(text.replace("\r\n", "\n").as_bytes(), false), None);
    without_colour(&text).0
}

fn shown_at(width: usize, report: &Report<'_>, seed: Option<&str>) -> String {
    printed(width, |screen| shown::report(screen, report, 0, seed, false))
}

fn csv(report: &Report<'_>, table: Table) -> String {
    printed(80, |screen| csv::table(screen, report, table))
}

fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
