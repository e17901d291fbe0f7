//! The notebook: what facts say somebody learned, and how it is written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/paper.rs"]
mod paper;

use netlab::lessons::Lesson;
use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::notebook::{Chapter, End, Page, Record, notebook};
use netlab::lessons::parse::parse;
use netlab::lessons::progress::Progress;
use netlab::render::course::{notebook as shown, notebook_md};
use paper::plainly as printed;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const TEXT: &str = "---\nid: roles\ntitle: Roles\nminutes: 1\n---\n## First\n```predict\nWho begins?\n( ) I | a | x\n(x) the server | b | y\n```\n## Second\nProse.\n";

fn lesson() -> Lesson {
    parse("01-roles.md", TEXT).unwrap()
}

fn at(step: usize, when: u64, what: What) -> Fact {
    let lesson = lesson();
    Fact::new(&lesson, &lesson.steps[step], when, what)
}

/// The fact as one of another lesson or step.
fn of(lesson: &str, step: &str, mut fact: Fact) -> Fact {
    (fact.lesson, fact.step) = (lesson.to_owned(), step.to_owned());
    fact
}

fn began() -> What {
    What::Began { marker: "m".into(), replay: false }
}

fn guessed(answer: &str, holds: bool) -> What {
    let (question, answer) = ("Who begins?".into(), answer.into());
    What::Predicted(Said { question, answer, belief: "a".into(), holds })
}

fn passed(saw: &str) -> What {
    What::Passed { saw: vec![saw.into()] }
}

fn answered(answer: &str, agrees: bool) -> What {
    What::Answered { question: "Which?".into(), answer: answer.into(), agrees }
}

fn wrote(line: &str) -> What {
    What::Wrote { question: "Why?".into(), line: line.into() }
}

fn chapters(facts: &[Fact]) -> Vec<Chapter> {
    notebook(&Progress::of(facts.to_vec()), &[lesson()])
}

/// The only page.
fn page(facts: &[Fact]) -> Page {
    let mut pages = chapters(facts).remove(0).pages;
    assert_eq!(pages.len(), 1, "{pages:?}");
    pages.remove(0)
}

#[test]
fn a_step_has_its_guess_its_evidence_its_answers_and_the_learners_own_lines() {
    let page = page(&[
        at(0, 1, began()),
        at(0, 2, guessed("I", false)),
        at(0, 3, passed("text is hello")),
        at(0, 4, answered("no", false)),
        at(0, 5, answered("yes", true)),
        at(0, 6, wrote("because")),
    ]);
    assert_eq!(page.title.as_deref(), Some("First"));
    assert_eq!((page.end, page.times), (End::Passed(3), 1));
    assert_eq!(page.guesses[0].answer, "I");
    assert_eq!(page.guesses[0].record, Record::Differs(Some("the server".into())));
    assert_eq!(page.saw, ["text is hello"]);
    assert_eq!(page.answers, [("Which?".to_owned(), "yes".to_owned())], "what did not agree is no finding");
    assert_eq!(page.lines, [("Why?".to_owned(), "because".to_owned())]);
}

#[test]
fn a_guess_is_not_given_away_before_the_step_has_passed() {
    assert_eq!(page(&[at(0, 1, began()), at(0, 1, guessed("I", false))]).guesses[0].record, Record::Silent);
    let skipped = page(&[at(0, 1, began()), at(0, 1, guessed("I", false)), at(0, 2, What::Skipped)]);
    assert_eq!((skipped.end, &skipped.guesses[0].record), (End::Skipped(2), &Record::Silent));
    let right = page(&[at(0, 1, guessed("the server", true)), at(0, 2, passed("x"))]);
    assert_eq!(right.guesses[0].record, Record::Agrees);
}

#[test]
fn a_step_done_twice_shows_its_first_guess_its_latest_evidence_and_every_line_that_was_written() {
    let twice = page(&[
        at(0, 1, began()),
        at(0, 1, guessed("I", false)),
        at(0, 2, passed("first")),
        at(0, 2, wrote("one")),
        at(0, 3, began()),
        at(0, 3, guessed("the server", true)),
        at(0, 4, passed("second")),
        at(0, 4, wrote("two")),
        at(0, 4, wrote("two")),
    ]);
    assert_eq!((twice.end, twice.times), (End::Passed(4), 2));
    assert_eq!(twice.guesses.len(), 1);
    assert_eq!(twice.guesses[0].answer, "I", "a guess is made before the first look");
    assert_eq!(twice.saw, ["second"]);
    assert_eq!(twice.lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn an_attempt_that_led_nowhere_hides_nothing() {
    let facts =
        [at(0, 1, began()), at(0, 2, passed("first")), at(0, 3, began()), at(0, 4, answered("a", true))];
    let page = page(&facts);
    assert_eq!((page.end, page.times, &page.saw[..]), (End::Passed(2), 1, &["first".to_owned()][..]));
    assert_eq!(page.answers.len(), 1, "an answer may come after the step has begun once more");
}

#[test]
fn what_has_only_begun_is_nothing_to_tell() {
    assert!(chapters(&[]).is_empty());
    assert!(chapters(&[at(0, 1, began())]).is_empty());
}

#[test]
fn facts_whose_lesson_or_step_is_not_at_hand_are_told_under_their_own_names() {
    let gone = of("old", "there", at(0, 1, passed("x")));
    let moved = of("roles", "before", at(0, 2, guessed("I", false)));
    let chapters = chapters(&[gone, moved, at(1, 3, passed("y"))]);
    let names: Vec<(&str, bool, Vec<&str>)> = chapters
        .iter()
        .map(|one| {
            let steps = one.pages.iter().map(|page| page.step.as_str()).collect();
            (one.lesson.as_str(), one.title.is_some(), steps)
        })
        .collect();
    assert_eq!(names, [("roles", true, vec!["second", "before"]), ("old", false, vec!["there"])]);
    assert_eq!(chapters[0].pages[1].guesses[0].record, Record::Silent);
}

#[test]
fn reviews_belong_to_the_lesson() {
    let said = Said { question: "q".into(), answer: "a".into(), belief: "b".into(), holds: true };
    let recalled = Fact::whole(Some(&lesson()), 9, What::Recalled { said, review: true });
    let chapters = chapters(&[recalled]);
    assert!(chapters[0].pages.is_empty());
    let recall = &chapters[0].recalls[0];
    assert_eq!((recall.right, recall.review, recall.at), (true, true, 9));
}

// How it is written

/// Lines that a document must survive.
const RUDE: &[&str] = &[
    "# a heading",
    "- an item",
    "+ another",
    "1. a number",
    "12) another",
    "=====",
    "---",
    "> deeper",
    "| a | table |",
    "`code` and ``more`` ```",
    "<script>alert(1)</script> <!-- gone",
    "*em* __strong__ ~~gone~~ [a](http://evil.test) ![b](c) [^1] &amp; &#35; $x$",
    "ends in a backslash\\",
    "\\# escaped already",
    "    indented",
    "<http://evil.test>",
    "```",
    "",
];

#[test]
fn whatever_a_learner_writes_reads_as_it_stands_in_markdown() {
    for rude in RUDE {
        let mut facts = vec![at(0, 1, began()), at(0, 2, guessed(rude, false)), at(0, 3, passed(rude))];
        facts.extend([at(0, 4, answered(rude, true)), at(0, 4, wrote(rude))]);
        facts.push(of(rude, rude, at(0, 5, wrote(rude))));
        let chapters = chapters(&facts);
        let text = printed(80, |screen| notebook_md::show(screen, &chapters));
        // Everything a forge may read but what makes dashes long and quotes curly.
        let extensions = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        let mut heads = 0;
        let (mut inside, mut quotes) = (None, Vec::new());
        for event in Parser::new_ext(&text, extensions) {
            match event {
                Event::Start(Tag::Heading { .. }) => heads += 1,
                Event::Start(Tag::BlockQuote(_)) => inside = Some(String::new()),
                Event::End(TagEnd::BlockQuote(_)) => quotes.extend(inside.take()),
                Event::Text(text) => {
                    if let Some(quote) = &mut inside {
                        quote.push_str(&text);
                    }
                }
                Event::Start(
                    Tag::HtmlBlock
                    | Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::CodeBlock(_)
                    | Tag::Table(_)
                    | Tag::Emphasis
                    | Tag::Strikethrough
                    | Tag::FootnoteDefinition(_),
                )
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::InlineMath(_)
                | Event::Rule => panic!("{rude:?} built {event:?} in\n{text}"),
                _ => {}
            }
        }
        assert_eq!(heads, 5, "{rude:?}\n{text}");
        let wanted = rude.trim().replace('\\', "\\\\");
        assert_eq!(quotes, [wanted.clone(), wanted], "{text}");
    }
}

#[test]
fn quotes_of_evidence_keep_their_backslashes_and_a_changed_file_has_no_power() {
    let facts = [at(0, 1, passed("text is a\\\\b\\x07")), at(1, 2, passed("\u{1b}[2J\u{7}\u{202e}"))];
    let chapters = chapters(&facts);
    for text in [
        printed(80, |screen| shown::show(screen, &chapters)),
        printed(80, |screen| notebook_md::show(screen, &chapters)),
    ] {
        assert!(text.contains("text is a\\\\b\\x07"), "{text}");
        assert!(text.contains("␛[2J\\x07\\u{202e}"), "{text}");
    }
}

#[test]
fn it_fits_terminals_of_any_width() {
    let long = "a rather long line with averyveryveryverylongwordthatfitsnowhere in it";
    let facts = [at(0, 1, guessed(long, false)), at(0, 2, passed(long)), at(0, 3, wrote(long))];
    let chapters = chapters(&facts);
    for width in [20, 40, 80, 140] {
        let text = printed(width, |screen| shown::show(screen, &chapters));
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
    }
}
