//! What comes back for review, told from facts, and the order of its answers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::collections::BTreeSet;

use netlab::lessons::Lesson;
use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::parse::parse;
use netlab::lessons::progress::Progress;
use netlab::lessons::review::{due, due_at, may_be_due, next_at, shuffled};
use netlab::lessons::shelf::{Source, some};
use netlab::lessons::tally::Tally;

const DAY: u64 = 24 * 60 * 60;

const RECALL: &str =
    "```recall\nWhich holds?\n(x) alpha | a | Yes.\n( ) beta | b | No.\n( ) gamma | c | No.\n```\n";

fn source(number: usize, id: &str, recall: &str) -> Source {
    let text =
        format!("---\nid: {id}\ntitle: T\nminutes: 5\n---\n## First\nProse.\n## Second\nProse.\n{recall}");
    Source::new(format!("0{number}-{id}.md"), text)
}

fn lesson(number: usize, id: &str, recall: &str) -> Lesson {
    let source = source(number, id, recall);
    parse(&source.file, &source.text).unwrap()
}

fn passed(lesson: &Lesson, at: u64) -> Vec<Fact> {
    lesson.steps.iter().map(|step| Fact::passed(lesson, step, Vec::new(), at)).collect()
}

fn reviewed(lesson: &Lesson, holds: bool, at: u64) -> Fact {
    let said = Said { question: "q".into(), answer: "a".into(), belief: "b".into(), holds };
    Fact::whole(Some(lesson), at, What::Recalled { said, review: true })
}

fn order(lesson: &Lesson, times: usize) -> Vec<String> {
    let question = lesson.steps[1].recalls().next().unwrap();
    shuffled(question, times).choices.iter().map(|choice| choice.text.clone()).collect()
}

#[test]
fn answers_stand_in_the_same_order_whenever_the_same_time_is_shown() {
    let lesson = lesson(1, "one", RECALL);
    for times in 0..10 {
        assert_eq!(order(&lesson, times), order(&lesson, times));
        assert_eq!(order(&lesson, times).into_iter().collect::<BTreeSet<_>>().len(), 3, "none is lost");
    }
    assert_eq!(order(&lesson, 0), ["beta", "gamma", "alpha"], "and in every version of netlab");
}

#[test]
fn the_right_answer_has_no_place_of_its_own() {
    let lesson = lesson(1, "one", RECALL);
    let mut places = [0; 3];
    for times in 0..300 {
        places[order(&lesson, times).iter().position(|text| text == "alpha").unwrap()] += 1;
    }
    assert!(places.iter().all(|&many| many > 70), "{places:?}");
}

#[test]
fn a_question_is_asked_in_another_order_once_it_has_been_answered_and_not_before() {
    let one = lesson(1, "one", RECALL);
    let lessons = [one.clone()];
    let mut facts = passed(&one, 0);
    let texts = |facts: &[Fact], now: u64| -> Vec<String> {
        let due = due(&Progress::of(facts.to_vec()), &lessons, now);
        due[0].question.choices.iter().map(|choice| choice.text.clone()).collect()
    };
    assert_eq!(texts(&facts, DAY), order(&one, 0));
    assert_eq!(texts(&facts, 2 * DAY), order(&one, 0));
    facts.push(reviewed(&one, false, DAY));
    assert_eq!(texts(&facts, 2 * DAY), order(&one, 1));
}

#[test]
fn facts_alone_tell_which_lessons_may_be_due() {
    let one = lesson(1, "one", RECALL);
    let may = |facts: &[Fact], now: u64| {
        may_be_due(&Progress::of(facts.to_vec()), now).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
    };
    assert!(may(&[], 99 * DAY).is_empty(), "a fresh start has nothing to look at");
    let mut facts = passed(&one, 100);
    assert!(may(&facts, DAY).is_empty(), "not a day has passed");
    assert_eq!(may(&facts, DAY + 100), ["one"]);
    facts.push(reviewed(&one, true, DAY + 100));
    assert!(may(&facts, DAY + 101).is_empty(), "it has been reviewed");
    assert_eq!(may(&facts, 3 * DAY + 100), ["one"]);
    let began = Fact::new(&one, &one.steps[0], 0, What::Began { marker: "m".into(), replay: false });
    assert!(may(&[began], 99 * DAY).is_empty(), "what has not passed is not done");
}

#[test]
fn nothing_that_is_due_is_missed_by_the_look_at_facts_alone() {
    let lessons = [lesson(1, "one", RECALL), lesson(2, "two", RECALL)];
    let answers = [vec![], vec![true], vec![false], vec![true, false], vec![true, true, true, true]];
    for rights in answers {
        let mut facts = passed(&lessons[0], 0);
        facts.extend(passed(&lessons[1], 2 * DAY).into_iter().take(1));
        for (nth, right) in rights.into_iter().enumerate() {
            facts.push(reviewed(&lessons[0], right, (nth as u64 + 1) * DAY));
        }
        let progress = Progress::of(facts);
        for now in (0..30).map(|day| day * DAY) {
            let may = may_be_due(&progress, now);
            for one in due(&progress, &lessons, now) {
                assert!(may.contains(&one.lesson.id.as_str()), "day {}", now / DAY);
            }
        }
    }
}

#[test]
fn only_lessons_that_are_wanted_are_read_whole() {
    let broken = Source { text: source(2, "two", "```predict\nbroken\n").text, ..source(2, "two", "") };
    let sources = [source(3, "three", RECALL), broken, source(1, "one", RECALL)];
    let ids = |wanted: &[&str]| some(&sources, wanted).iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&["one", "three"]), ["one", "three"]);
    assert_eq!(ids(&["two", "one"]), ["one"], "one that does not read keeps nobody from the others");
    assert!(ids(&[]).is_empty());
}

#[test]
fn a_lesson_without_a_question_is_never_due() {
    let one = lesson(1, "one", "");
    let progress = Progress::of(passed(&one, 0));
    assert_eq!(due_at(&progress, &one), None);
    assert!(due(&progress, &[one], 99 * DAY).is_empty());
}

#[test]
fn the_next_review_is_the_nearest_one_that_is_still_to_come() {
    let lessons = [lesson(1, "one", RECALL), lesson(2, "two", RECALL)];
    let mut facts = passed(&lessons[0], 0);
    facts.extend(passed(&lessons[1], DAY));
    let progress = Progress::of(facts);
    assert_eq!(next_at(&progress, &lessons, 0), Some(DAY));
    assert_eq!(next_at(&progress, &lessons, DAY), Some(2 * DAY), "the other one is due already");
    assert_eq!(next_at(&progress, &lessons, 2 * DAY), None);
}

#[test]
fn a_time_from_a_wrong_clock_breaks_nothing() {
    let one = lesson(1, "one", RECALL);
    let mut facts = passed(&one, u64::MAX);
    facts.push(reviewed(&one, true, u64::MAX));
    let progress = Progress::of(facts);
    assert_eq!(due_at(&progress, &one), Some(u64::MAX));
    assert!(may_be_due(&progress, 0).is_empty());
}

#[test]
fn progress_in_numbers() {
    let lessons = [lesson(1, "one", RECALL), lesson(2, "two", RECALL)];
    let mut facts = passed(&lessons[0], 0);
    let hint = What::Hinted { hint: 1, last: false, heard: 0 };
    facts.push(Fact::new(&lessons[1], &lessons[1].steps[0], 0, hint));
    facts.extend(passed(&lessons[1], 0).into_iter().take(1));
    facts.push(reviewed(&lessons[0], true, DAY));
    let tally = Tally::of(&Progress::of(facts), &lessons, 3 * DAY);
    let wanted = Tally {
        done: 1,
        mastered: 1,
        due: 1,
        steps: 4,
        passed: 3,
        minutes: 10,
        minutes_done: 7,
        hints: 1,
        guesses: 0,
        reviews: 1,
        reviews_right: 1,
    };
    assert_eq!(tally, wanted);
}
