//! The prompt of a session: guesses, stray keys, who is told what while a program has the terminal, and how a lesson ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/learner.rs"]
mod learner;
#[path = "common/run.rs"]
mod run;
#[path = "common/screen.rs"]
mod screen;

use netlab::lessons::fact::What;
use netlab::lessons::standing::Standing;

use learner::{Course, GUESS, Learner, Way, facts, port};
use run::{home, run};
use screen::{Kind, USUAL};

/// How many guesses at a step are written down.
fn guesses(learner: &Learner, course: &Course, step: usize) -> usize {
    let lesson = &course.lessons[0];
    facts(&learner.progress(), lesson, &lesson.steps[step], |what| matches!(what, What::Predicted(_)))
}

#[test]
fn words_and_verbs_work_at_a_question_and_leave_it_open() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let step = &course.lessons[0].steps[0];
    learner.arrives(&course.lessons[0], step);
    learner.terminal.wait_for(GUESS);
    for (typed, said) in [
        ("?", "free play: try anything, nothing is judged"),
        ("jobs", "Nothing runs here"),
        ("notebook", "netlab learn"),
        ("resolve garden.test", "127.0.0.4"),
        ("hint", "The question is open"),
        ("why", "The question is open"),
        ("check", "The question is open"),
        ("7", "The question is open"),
        ("nonsense", "nonsense is no word of netlab's"),
    ] {
        learner.terminal.type_line(typed);
        learner.terminal.wait_for(said);
        learner.terminal.wait_for(GUESS);
    }
    // The first step was not done by any of that, and nothing of it was taken for a guess.
    assert_eq!(guesses(&learner, &course, 0), 0);
    learner.terminal.type_line("");
    learner.guesses(step, Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    assert_eq!(guesses(&learner, &course, 0), 1);
}

#[test]
fn whoever_leaves_at_a_question_finds_it_with_its_answers() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    learner.terminal.wait_for(GUESS);
    learner.terminal.type_line("quit");
    learner.terminal.wait_for("Everything is kept.");
    assert!(learner.terminal.ended().success());
    let mut again = Learner::sits(home.path(), &course, USUAL);
    let step = &course.lessons[0].steps[0];
    for choice in &step.predictions().next().unwrap().choices {
        again.terminal.wait_for(&choice.text);
    }
    again.guesses(step, Way::Right);
    again.terminal.wait_for("it is noticed either way");
}

#[test]
fn a_stray_enter_throws_no_question_away() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let step = &course.lessons[0].steps[0];
    learner.terminal.wait_for(GUESS);
    learner.terminal.type_line("");
    // The answers come with their question.
    learner.terminal.wait_for(&step.predictions().next().unwrap().choices[2].text);
    learner.terminal.wait_for(GUESS);
    learner.guesses(step, Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    // What is missing is a line or two, and no wall.
    learner.terminal.type_line("");
    learner.terminal.wait_for("Not seen yet: ");
    learner.terminal.wait_for("check says what the record has.");
    learner.terminal.prompt();
    let said = learner.terminal.lines(learner.terminal.marked() + 1);
    assert!(said.iter().filter(|line| !line.is_empty()).count() <= 4, "{said:#?}");
    learner.terminal.type_line("connect time.test");
    let seen = step.questions().next().unwrap();
    learner.terminal.wait_for(&seen.question);
    learner.terminal.prompt();
    learner.terminal.type_line("");
    learner.terminal.wait_for(&seen.question);
    learner.terminal.prompt();
    let answer = learner.answer(seen);
    learner.terminal.type_line(&answer);
    learner.terminal.wait_for(&seen.says);
}

#[test]
fn a_guess_stands_when_the_step_is_done_once_more() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let lesson = &course.lessons[0];
    learner.arrives(lesson, &lesson.steps[0]);
    learner.guesses(&lesson.steps[0], Way::WrongFirst);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.does(&lesson.steps[0], Way::WrongFirst);
    learner.goes_on();
    learner.arrives(lesson, &lesson.steps[1]);
    learner.terminal.type_line("back");
    learner.arrives(lesson, &lesson.steps[0]);
    learner.terminal.wait_for("Your guess: ");
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.does(&lesson.steps[0], Way::WrongFirst);
    assert_eq!(guesses(&learner, &course, 0), 1);
}

#[test]
fn a_pass_is_said_while_a_conversation_has_the_terminal() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let step = &course.lessons[0].steps[0];
    learner.arrives(&course.lessons[0], step);
    learner.guesses(step, Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.terminal.type_line("connect echo.test");
    learner.terminal.wait_for("type a line and Enter to send it; Ctrl-D ends your side");
    // Somebody does the step in another terminal meanwhile.
    run(home.path(), ["connect", "time.test"]).exits(0);
    learner.terminal.wait_for("Passed.");
    let seen = step.questions().next().unwrap();
    assert!(!learner.terminal.shows(&seen.question), "the question comes when it can be answered");
    learner.terminal.keys("still there\r");
    learner.terminal.wait_for("< still there");
    learner.terminal.ctrl('d');
    learner.terminal.wait_for(&seen.question);
}

#[test]
fn two_ends_on_one_terminal_are_called_server_and_client() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let step = &course.lessons[0].steps[0];
    learner.arrives(&course.lessons[0], step);
    learner.guesses(step, Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    let port = port();
    learner.starts_a_job(&format!("listen {port} --echo"));
    learner.terminal.type_line(&format!("connect 127.0.0.1:{port}"));
    learner.terminal.wait_for("connected:");
    learner.terminal.keys("hello\r\x04");
    learner.terminal.wait_for("the server finished (FIN)");
    learner.terminal.wait_for("in all: the server read");
    learner.terminal.prompt();
    assert!(!learner.terminal.shows("you finished"));
    // Alone, the end at the keyboard is the person's.
    learner.terminal.type_line("stop 1");
    learner.terminal.wait_for("[1] has ended");
    learner.terminal.prompt();
    learner.terminal.type_line("connect time.test");
    learner.terminal.wait_for("you finished (FIN)");
}

#[test]
fn a_listener_from_the_step_before_is_named() {
    let (home, course) = (home(), Course::first());
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let lesson = &course.lessons[0];
    learner.arrives(lesson, &lesson.steps[0]);
    learner.guesses(&lesson.steps[0], Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    let port = port();
    learner.starts_a_job(&format!("listen {port}"));
    learner.terminal.type_line("skip");
    learner.arrives(lesson, &lesson.steps[1]);
    learner.guesses(&lesson.steps[1], Way::Right);
    learner
        .terminal
        .wait_for(&format!("[1] listen {port} still runs here, from before this step; stop 1 ends it."));
}

#[test]
fn a_lesson_of_skips_is_not_called_done() {
    let (home, course) = (home(), Course::first());
    let lesson = &course.lessons[0];
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    for step in &lesson.steps {
        learner.arrives(lesson, step);
        learner.terminal.wait_until(learner.terminal.marked(), "a prompt", |lines| {
            lines.iter().any(|line| line.trim_end().ends_with('>'))
        });
        learner.terminal.type_line("skip");
    }
    let many = lesson.steps.len();
    learner
        .terminal
        .wait_for(&format!("Lesson {}, {}: 0 of {many} steps passed.", lesson.number, lesson.title));
    learner.terminal.wait_for("Skipped: ");
    learner.terminal.wait_for("Questions about it come back when what was skipped has passed.");
    learner.terminal.wait_for(&format!("{many} steps of lesson {} were skipped", lesson.number));
    assert!(!learner.terminal.shows("done"));
    assert!(learner.terminal.ended().success());
    let folder = course.folder();
    let folder = ["--lessons", folder.to_str().unwrap()];
    run(home.path(), ["check"].iter().chain(&folder)).exits(3).says(&["were skipped"]);
    let progress = learner.progress();
    assert!(lesson.steps.iter().all(|step| progress.standing(&lesson.id, &step.slug) == Standing::Skipped));
}

#[test]
fn a_lesson_ends_with_what_was_found_out_and_no_question_at_once() {
    let (home, course) = (home(), Course::first());
    let lesson = &course.lessons[0];
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    learner.goes_through(lesson, Way::WrongFirst);
    learner.terminal.wait_for(&format!("Lesson {}, {}: done.", lesson.number, lesson.title));
    learner.terminal.wait_for("What you have seen for yourself:");
    learner.terminal.wait_for("Guesses that the record did not bear out:");
    learner.terminal.wait_for("A question about this lesson comes back on 20");
    learner.terminal.wait_for("You have done every lesson there is.");
    let lines = learner.terminal.lines(learner.terminal.marked());
    let from = lines.iter().position(|line| line.ends_with(": done.")).unwrap();
    let until = lines.iter().position(|line| line.contains("every lesson there is")).unwrap();
    assert!(until - from <= 20, "half a screen of forty lines: {:#?}", &lines[from..until]);
    assert!(!learner.terminal.shows("do you still know?"));
}

/// Lines that stand as they are, however wide the terminal: what is to be copied, and what was typed.
fn is_verbatim(line: &str) -> bool {
    ["  $ ", "  # or: ", "netlab>", "  alias "].iter().any(|start| line.starts_with(start))
}

#[test]
fn words_stand_whole_at_any_width() {
    for columns in [80, 40, 20] {
        let (home, course) = (home(), Course::first());
        let mut learner = Learner::sits(home.path(), &course, Kind { columns, rows: 200, ..USUAL });
        let lesson = &course.lessons[0];
        learner.arrives(lesson, &lesson.steps[0]);
        learner.guesses(&lesson.steps[0], Way::WrongFirst);
        learner.terminal.wait_for("it is noticed either way");
        learner.terminal.prompt();
        let port = port();
        learner.starts_a_job(&format!("listen {port} --echo"));
        for (typed, said) in [
            ("jobs", "[1] listen"),
            ("lessons", "steps, about"),
            ("connect time.test", "Passed."),
            ("why", "What the record says so far"),
            ("stop 1", "[1] has ended"),
            ("next", "step 2 of"),
        ] {
            learner.terminal.type_line(typed);
            learner.terminal.wait_for(said);
        }
        learner.terminal.wait_for(GUESS);
        let broken: Vec<String> =
            learner.terminal.overlong().into_iter().filter(|line| !is_verbatim(line)).collect();
        assert!(broken.is_empty(), "broken by the terminal at {columns} columns:\n{}", broken.join("\n"));
    }
}
