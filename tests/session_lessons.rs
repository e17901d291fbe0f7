//! Every shipped lesson, played through at the prompt of a session by somebody who types: word for word, on the ports
//! that it names, in a network of its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/learner.rs"]
mod learner;
#[path = "common/run.rs"]
mod run;
#[path = "common/screen.rs"]
mod screen;

use netlab::lessons::fact::What;
use netlab::lessons::lesson::Lesson;
use netlab::lessons::standing::Standing;

use learner::{Course, LINE, Learner, Way, facts, is_first};
use run::home;
use screen::{Kind, USUAL};

/// Sits down, goes through all lessons of the course, and finds everything written down.
fn plays(course: &Course, kind: Kind, way: Way) -> Learner {
    let home = home();
    let mut learner = Learner::sits(home.path(), course, kind);
    for lesson in &course.lessons {
        learner.goes_through(lesson, way);
    }
    learner.terminal.wait_for("You have done every lesson there is.");
    assert!(learner.terminal.ended().success());
    for lesson in &course.lessons {
        is_written_down(&learner, lesson, way);
    }
    learner
}

/// What happened in a lesson can be read in the learner's folder.
fn is_written_down(learner: &Learner, lesson: &Lesson, way: Way) {
    let progress = learner.progress();
    for step in &lesson.steps {
        let many = |is: &dyn Fn(&What) -> bool| facts(&progress, lesson, step, is);
        let step_is = format!("{}, {}", lesson.id, step.title);
        assert_eq!(progress.standing(&lesson.id, &step.slug), Standing::Passed, "{step_is}");
        let saw = |what: &What| matches!(what, What::Passed { saw } if saw.is_empty() == step.read_only);
        assert_eq!(many(&saw), 1, "a pass with its evidence: {step_is}");
        let right = way == Way::Right;
        let guess = |what: &What| matches!(what, What::Predicted(said) if said.holds == right);
        assert_eq!(many(&guess), step.predictions().take(1).count(), "a guess: {step_is}");
        let hinted = if right { 0 } else { step.hints().take(1).count() };
        assert_eq!(many(&|what| matches!(what, What::Hinted { .. })), hinted, "hints: {step_is}");
        let questions = step.questions().count();
        let agrees = |what: &What| matches!(what, What::Answered { agrees: true, .. });
        assert_eq!(many(&agrees), questions, "right answers: {step_is}");
        let differs = |what: &What| matches!(what, What::Answered { agrees: false, .. });
        assert_eq!(many(&differs), if right { 0 } else { questions }, "wrong answers: {step_is}");
        let wrote = |what: &What| matches!(what, What::Wrote { line, .. } if line == LINE);
        let lines = usize::from(step.read_only || step.notebook().is_some());
        assert_eq!(many(&wrote), lines, "lines for the notebook: {step_is}");
    }
}

#[test]
fn every_lesson_is_gone_through_the_right_way_in_one_sitting() {
    plays(&Course::literal(|_| true), USUAL, Way::Right);
}

#[test]
fn every_slip_every_hint_and_a_wrong_answer_lead_on_all_the_same() {
    plays(&Course::literal(|_| true), USUAL, Way::WrongFirst);
}

#[test]
fn every_lesson_is_gone_through_at_forty_columns() {
    plays(&Course::literal(|_| true), Kind { columns: 40, ..USUAL }, Way::Right);
}

#[test]
fn a_lesson_is_gone_through_at_twenty_columns() {
    plays(&Course::literal(is_first), Kind { columns: 20, ..USUAL }, Way::Right);
}

#[test]
fn a_terminal_that_can_do_nothing_gets_no_escape_sequence() {
    let dumb = Kind { term: "dumb", no_colour: true, ..USUAL };
    let learner = plays(&Course::literal(is_first), dumb, Way::Right);
    assert!(!learner.terminal.raw().contains(&0x1b));
}

#[test]
fn without_colour_nothing_is_painted() {
    let plain = Kind { no_colour: true, ..USUAL };
    let learner = plays(&Course::literal(is_first), plain, Way::Right);
    let raw = String::from_utf8_lossy(&learner.terminal.raw()).into_owned();
    assert_eq!(painted(&raw), 0);
    let learner = plays(&Course::literal(is_first), USUAL, Way::Right);
    let raw = String::from_utf8_lossy(&learner.terminal.raw()).into_owned();
    assert!(painted(&raw) > 0, "and with colour it is");
}

/// How many control sequences choose a colour or a weight.
fn painted(raw: &str) -> usize {
    let ends_in_m =
        |rest: &&str| rest.trim_start_matches(|char: char| !char.is_ascii_alphabetic()).starts_with('m');
    raw.split("\x1b[").skip(1).filter(ends_in_m).count()
}
