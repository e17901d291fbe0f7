//! A session on a real terminal: its keys, its words, its jobs, what other terminals do, and how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/learner.rs"]
mod learner;
#[path = "common/run.rs"]
mod run;
#[path = "common/screen.rs"]
mod screen;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::thread;
use std::time::Instant;

use netlab::lab::found;
use netlab::lessons::fact::What;
use netlab::lessons::lesson::Lesson;
use netlab::lessons::progress::{self, Progress};
use netlab::lessons::standing::Standing;
use netlab::state::Home;

use learner::{Course, GUESS, Learner, Way, facts, is_free, port};
use run::{DEADLINE, home, run, skipped};
use screen::{Kind, USUAL, squeezed};

/// Sits down at the first step of the course and answers its first question.
fn sits(home: &Path) -> (Course, Learner) {
    let course = Course::first();
    let mut learner = Learner::sits(home, &course, USUAL);
    begins(&mut learner, &course.lessons[0]);
    (course, learner)
}

fn begins(learner: &mut Learner, lesson: &Lesson) {
    learner.arrives(lesson, &lesson.steps[0]);
    learner.guesses(&lesson.steps[0], Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
}

fn progress_of(home: &Path) -> Progress {
    progress::read(&Home::at(home).unwrap()).unwrap()
}

/// Waits for what no terminal shows.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < DEADLINE, "{what} did not come");
        thread::yield_now();
    }
}

/// The lab of the sitting, as any program on this machine can reach it.
fn daytime(home: &Path) -> SocketAddr {
    let found = found::running(home).unwrap();
    found.of("daytime")[0]
}

/// Listens to the time service with nothing but a socket.
fn hears_the_time(home: &Path) -> SocketAddr {
    let mut stream = TcpStream::connect(daytime(home)).unwrap();
    let own = stream.local_addr().unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.contains("nonce="), "{heard}");
    own
}

// keys

#[test]
fn ctrl_c_at_the_prompt_leaves_nobody_behind() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    for _ in 0..2 {
        learner.terminal.mark();
        learner.terminal.keys("half a line");
        learner.terminal.ctrl('c');
        learner.terminal.wait_for("Nothing is lost; quit leaves.");
        learner.terminal.prompt();
    }
    learner.terminal.type_line("jobs");
    learner.terminal.wait_for("Nothing runs here");
}

#[test]
fn ctrl_c_ends_the_verb_in_front_and_not_the_session() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    for _ in 0..2 {
        learner.terminal.type_line("connect echo.test");
        learner.terminal.wait_for("connected:");
        learner.terminal.ctrl('c');
        learner.terminal.prompt();
    }
    learner.terminal.type_line("!echo it runs; read answer");
    // The shell has the terminal once it has said something.
    learner.terminal.wait_for_line("it runs");
    learner.terminal.ctrl('c');
    learner.terminal.prompt();
    learner.terminal.type_line("!echo still here");
    learner.terminal.wait_for_line("still here");
}

#[test]
fn ctrl_d_leaves_and_what_was_done_is_kept() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let lesson = &course.lessons[0];
    learner.does(&lesson.steps[0], Way::Right);
    learner.terminal.mark();
    learner.terminal.ctrl('d');
    learner.terminal.wait_for("Everything is kept. To go on from here:");
    let folder = course.folder();
    learner.terminal.wait_for(&format!("$ netlab learn --lessons {}", folder.display()));
    assert!(learner.terminal.ended().success());
    let progress = progress_of(home.path());
    assert_eq!(progress.standing(&lesson.id, &lesson.steps[0].slug), Standing::Passed);
    assert_eq!(progress.place(&course.lessons).unwrap().step.slug, lesson.steps[1].slug);
}

#[test]
fn a_ctrl_d_that_was_meant_for_a_conversation_does_not_leave() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    // The time service ends the conversation by itself.
    for line in ["connect time.test", "!true"] {
        learner.terminal.type_line(line);
        learner.terminal.prompt();
        learner.terminal.mark();
        learner.terminal.ctrl('d');
        learner.terminal.wait_for("another one leaves");
        learner.terminal.prompt();
    }
    learner.terminal.type_line("connect time.test");
    learner.terminal.prompt();
    learner.terminal.type_line("jobs");
    learner.terminal.wait_for("Nothing runs here");
    learner.terminal.prompt();
    // Whoever has typed something since means the session.
    learner.terminal.ctrl('d');
    learner.terminal.wait_for("Everything is kept.");
    assert!(learner.terminal.ended().success());
}

#[test]
fn whoever_comes_back_finds_the_same_step_and_is_not_asked_again() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let lesson = &course.lessons[0];
    learner.terminal.type_line("quit");
    assert!(learner.terminal.ended().success());
    let again = Learner::sits(home.path(), &course, USUAL);
    again.terminal.wait_for("it is noticed either way");
    again.terminal.wait_until(0, "a prompt", |lines| lines.iter().any(|line| line.starts_with("netlab>")));
    assert!(!again.terminal.shows(GUESS));
    let progress = again.progress();
    assert_eq!(facts(&progress, lesson, &lesson.steps[0], |what| matches!(what, What::Began { .. })), 1);
}

#[test]
fn a_session_that_was_killed_goes_on_where_it_was() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let lesson = &course.lessons[0];
    learner.does(&lesson.steps[0], Way::Right);
    learner.goes_on();
    learner.arrives(lesson, &lesson.steps[1]);
    let port = port();
    learner.terminal.wait_for(GUESS);
    learner.terminal.type_line("0");
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.starts_a_job(&format!("serve --port {port}"));
    assert!(!is_free(port));
    learner.terminal.kill();
    until("a free port", || is_free(port));
    let mut again = Learner::sits(home.path(), &course, USUAL);
    again.arrives(lesson, &lesson.steps[1]);
    again.guesses(&lesson.steps[1], Way::Right);
    again.terminal.wait_for("it is noticed either way");
    again.terminal.prompt();
    again.does(&lesson.steps[1], Way::Right);
}

#[test]
fn the_terminal_is_as_it_was_when_the_session_is_over() {
    let home = home();
    let course = Course::first();
    let line = format!("\"$NETLAB\" learn --lessons '{}'; stty -a; cat", course.folder().display());
    let mut terminal = screen::shell(home.path(), USUAL, &line);
    terminal.wait_for(GUESS);
    terminal.type_line("0");
    terminal.wait_for("it is noticed either way");
    terminal.prompt();
    terminal.type_line("quit");
    terminal.wait_for("Everything is kept.");
    for setting in [" icanon", " isig", " echo "] {
        terminal.wait_until(terminal.marked(), setting, |lines| lines.join(" ").contains(setting));
    }
    terminal.type_line("typed and repeated");
    terminal.wait_until(terminal.marked(), "the same line twice", |lines| {
        lines.iter().filter(|line| line.as_str() == "typed and repeated").count() == 2
    });
}

#[test]
fn up_brings_back_what_was_typed_even_in_another_sitting() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    learner.terminal.type_line("!echo once");
    learner.terminal.prompt();
    learner.terminal.type_line("jobs");
    learner.terminal.prompt();
    learner.terminal.keys("\x1b[A\x1b[A");
    learner.terminal.wait_for("netlab> !echo once");
    learner.terminal.type_line("");
    learner.terminal.wait_for_line("once");
    learner.terminal.prompt();
    learner.terminal.type_line("quit");
    learner.terminal.ended();
    let mut again = Learner::sits(home.path(), &course, USUAL);
    again.terminal.wait_for("it is noticed either way");
    again.terminal.prompt();
    again.terminal.keys("\x1b[A\x1b[A");
    again.terminal.wait_for("netlab> !echo once");
}

#[test]
fn tab_completes_verbs_options_and_places() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    let terminal = &mut learner.terminal;
    terminal.keys("resol\t");
    terminal.wait_for("netlab> resolve");
    terminal.keys(" gard\t");
    terminal.wait_for("netlab> resolve garden.test");
    terminal.keys(" --ty\t");
    terminal.wait_for("netlab> resolve garden.test --type");
}

#[test]
fn lines_that_are_pasted_together_are_done_one_after_the_other() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    learner.terminal.type_line("jobs\r!echo one\r!echo two");
    learner.terminal.wait_for("Nothing runs here");
    learner.terminal.wait_for_line("one");
    learner.terminal.wait_for_line("two");
    assert!(!learner.terminal.bracketed_paste(), "a paste is not marked as one, so that its lines are lines");
}

// words

#[test]
fn a_line_with_a_mark_goes_to_the_shell_and_another_word_is_told_so() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    let terminal = &mut learner.terminal;
    terminal.type_line("!echo hi; echo home is $NETLAB_HOME");
    terminal.wait_for_line("hi");
    terminal.wait_for(&format!("home is {}", home.path().display()));
    terminal.prompt();
    terminal.type_line("curl http://localhost/");
    terminal.wait_for("curl is no word of netlab's. ! in front gives a line to your shell: !curl ...");
    terminal.prompt();
    terminal.type_line("connect \"time.test");
    terminal.wait_for("A quote is not closed in that line.");
    terminal.prompt();
    terminal.type_line("?");
    terminal.wait_for("free play: try anything, nothing is judged");
    terminal.wait_for("Every verb of netlab works too");
}

#[test]
fn words_lead_through_the_steps_and_lessons() {
    let home = home();
    let course = Course::whole();
    let (first, second) = (&course.lessons[0], &course.lessons[1]);
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    begins(&mut learner, first);
    learner.terminal.type_line("next");
    learner.terminal.wait_for("This step has not been seen yet; skip goes on without it");
    learner.terminal.prompt();
    learner.terminal.type_line("back");
    learner.terminal.wait_for("This is the first step of the lesson");
    learner.terminal.prompt();

    learner.terminal.type_line("play");
    learner.terminal.wait_for("Free play");
    learner.terminal.wait_for("netlab (play)>");
    hears_the_time(home.path());
    learner.terminal.wait_for("connection from");
    learner.terminal.type_line("check");
    learner.terminal.wait_for("Nothing is judged in free play; back returns to the step.");
    assert!(!learner.terminal.shows("Passed."));
    learner.terminal.type_line("back");
    learner.arrives(first, &first.steps[0]);
    // What was done in free play is evidence all the same.
    learner.terminal.wait_for("Passed.");
    learner.terminal.wait_for(&first.steps[0].questions().next().unwrap().question);
    learner.terminal.type_line("next");
    learner.arrives(first, &first.steps[1]);
    learner.guesses(&first.steps[1], Way::Right);
    learner.terminal.wait_for("it is noticed either way");

    learner.terminal.type_line("skip");
    learner.terminal.wait_for(&format!(
        "Skipped. back returns to it, and when the rest of the lesson is over, learn {} does.",
        first.number
    ));
    learner.arrives(first, &first.steps[2]);
    learner.guesses(&first.steps[2], Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.type_line("back");
    learner.arrives(first, &first.steps[1]);
    // The guess stands, and nobody is asked for it twice.
    learner.terminal.wait_for("it is noticed either way");

    learner.terminal.type_line("learn nothing");
    learner.terminal.wait_for("there is no lesson nothing");
    learner.terminal.prompt();
    learner.terminal.type_line(&format!("learn {}", second.number));
    learner.arrives(second, &second.steps[0]);
    learner.guesses(&second.steps[0], Way::Right);
    learner.terminal.prompt();
    learner.terminal.type_line("quit");
    learner.terminal.wait_for("Everything is kept.");
    assert!(learner.terminal.ended().success());
    let progress = progress_of(home.path());
    assert_eq!(progress.standing(&first.id, &first.steps[0].slug), Standing::Passed);
    assert_eq!(progress.standing(&first.id, &first.steps[1].slug), Standing::Open);
    assert_eq!(progress.place(&course.lessons).unwrap().lesson.id, second.id);
}

#[test]
fn a_lesson_that_is_done_can_be_done_again_and_stays_done() {
    let home = home();
    let course = Course::first();
    let lesson = &course.lessons[0];
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    learner.goes_through(lesson, Way::Right);
    learner.terminal.wait_for("You have done every lesson there is.");
    learner.terminal.ended();
    let folder = course.folder();
    let args = ["learn", &lesson.id, "--lessons", folder.to_str().unwrap()];
    let mut again = screen::netlab(home.path(), USUAL, &args);
    again.wait_for(&format!("You have done lesson {} already, and that stays so.", lesson.number));
    again.wait_for(GUESS);
    again.type_line("0");
    again.wait_for("it is noticed either way");
    again.prompt();
    again.type_line("skip");
    again.wait_for(&format!("step 2 of {}", lesson.steps.len()));
    let progress = progress_of(home.path());
    assert_eq!(progress.passed(lesson), lesson.steps.len());
}

#[test]
fn whoever_has_seen_the_whole_answer_does_the_step_once_more_with_fresh_values() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let step = &course.lessons[0].steps[0];
    for hint in step.hints() {
        learner.terminal.type_line("hint");
        learner.terminal.wait_for(&hint.text);
        learner.terminal.prompt();
        // The next one comes when something has been tried.
        learner.slips(step);
    }
    learner.does(step, Way::Right);
    let seen = step.questions().next().unwrap();
    let before = learner.answer(seen);
    learner.goes_on();
    learner.arrives(&course.lessons[0], step);
    learner.terminal.wait_for("Once more, now that you have seen how");
    // The guess stands, and nobody is asked for it twice.
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.does(step, Way::Right);
    assert_ne!(learner.answer(seen), before);
    learner.goes_on();
    learner.arrives(&course.lessons[0], &course.lessons[0].steps[1]);
}

#[test]
fn whoever_has_tried_a_few_times_is_told_once_what_is_missing() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let step = &course.lessons[0].steps[0];
    learner.slips(step);
    learner.slips(step);
    let lines = squeezed(&learner.terminal.lines(0).concat());
    assert_eq!(lines.matches(&squeezed("You have tried a few times.")).count(), 1);
    learner.does(step, Way::Right);
}

#[test]
fn a_third_wrong_answer_is_told_the_right_one_and_leads_on() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    hears_the_time(home.path());
    learner.terminal.wait_for("Type your answer; next leaves it open.");
    for _ in 0..2 {
        learner.terminal.type_line("something else");
        learner.terminal.wait_for("It stands here:");
        learner.terminal.wait_for("Type your answer; next leaves it open.");
        learner.terminal.prompt();
    }
    learner.terminal.type_line("something else");
    let seen = course.lessons[0].steps[0].questions().next().unwrap();
    learner.terminal.wait_for(&format!("The record says {}:", learner.answer(seen)));
    learner.terminal.wait_for("Enter goes on");
}

#[test]
fn a_sentence_may_begin_with_the_name_of_a_verb() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    hears_the_time(home.path());
    learner.terminal.wait_for("Type your answer; next leaves it open.");
    for sentence in ["serve waits for calls", "connect is what a client does", "explain it to me please"] {
        learner.terminal.type_line(sentence);
        learner.terminal.wait_for_any(&["It stands here:", "The record says"]);
        learner.terminal.prompt();
    }
}

// jobs

#[test]
fn jobs_are_listed_stopped_and_gone_with_the_session() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    let (one, other) = (port(), port());
    let first = learner.starts_a_job(&format!("serve --port {one}"));
    let second = learner.starts_a_job(&format!("serve --port {other} &"));
    learner.terminal.type_line("jobs");
    learner.terminal.wait_for(&format!("[{first}] serve --port {one}"));
    learner.terminal.wait_for(&format!("[{second}] serve --port {other}"));
    learner.terminal.type_line("stop 7");
    learner.terminal.wait_for("No job of that number runs; jobs lists them.");
    learner.terminal.prompt();
    learner.terminal.type_line(&format!("stop {first}"));
    learner.terminal.wait_for(&format!("[{first}] has ended"));
    until("a free port", || is_free(one));
    assert!(!is_free(other));
    learner.terminal.type_line("quit");
    assert!(learner.terminal.ended().success());
    assert!(is_free(other), "the port is free when the session is over");
}

#[test]
fn a_session_that_is_asked_to_end_leaves_nothing_running() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let port = port();
    learner.starts_a_job(&format!("serve --port {port}"));
    learner.terminal.signal("TERM");
    learner.terminal.ended();
    assert!(is_free(port), "the port is free when the session is over");
    assert!(found::running(home.path()).is_none());
    let again = Learner::sits(home.path(), &course, USUAL);
    again.terminal.wait_for("it is noticed either way");
    assert!(!again.terminal.shows(GUESS));
}

#[test]
fn a_job_whose_port_is_taken_says_so() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    let port = port();
    let _holder = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    learner.starts_a_job(&format!("serve --port {port}"));
    learner.terminal.wait_for("[1] has ended with exit code 4");
    learner.terminal.type_line("jobs");
    learner.terminal.wait_for("Nothing runs here");
}

#[test]
fn a_tap_is_a_job_that_tells_of_datagrams_and_sums_up_when_it_is_stopped() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    let (server, client) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let own = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = server.local_addr().unwrap();
    let job = learner.starts_a_job(&format!("tap --udp {}={} --drop 100%", own.port(), target.port()));
    learner.terminal.wait_for(&format!("[{job}] listening on {own} (UDP), leading to {target}"));
    learner.terminal.mark();
    client.send_to(b"lost", own).unwrap();
    learner.terminal.wait_for(&format!("[{job}] there 1: 4 bytes from client 1, dropped"));
    // What it does does not disturb what is being typed.
    learner.terminal.type_line("jobs");
    learner.terminal.wait_for(&format!("[{job}] tap --udp {}={}", own.port(), target.port()));
    assert!(UdpSocket::bind(own).is_err());
    learner.terminal.type_line(&format!("stop {job}"));
    learner.terminal.wait_for(&format!("[{job}] there: 1 datagram read (1 dropped), 0 sent on"));
    learner.terminal.wait_for(&format!("[{job}] has ended"));
    until("a free port", || UdpSocket::bind(own).is_ok());
}

/// A lesson of one step, which wants a request on this port.
fn asks_at(port: u16) -> Course {
    Course::written(&format!(
        "---\nid: own\ntitle: A server of your own\nminutes: 1\nneeds:\nteaches: listening\ncorrects:\n---\nA step.\n\n## Call it\nCall it.\n\n```console\n$ netlab raw-get http://localhost:{port}/\n...\n```\n\n```check\n# a request\nserver.port = {port}\nhttp.path = /\n```\n\n```hint\nCall it.\n```\n"
    ))
}

#[test]
fn a_server_that_is_not_netlabs_is_named_and_the_tap_in_front_of_it_is_a_job() {
    if !cfg!(target_os = "linux") {
        return skipped("only Linux tells which program has a port");
    }
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let (home, course) = (home(), asks_at(port));
    let mut learner = Learner::sits(home.path(), &course, USUAL);
    let me = std::process::id();
    learner.terminal.wait_for(&format!("(pid {me}) listens on {port}."));
    let own = self::port();
    let job = learner.starts_a_job(&format!("tap {own}={port}"));
    learner.terminal.wait_for(&format!("[{job}] listening on 127.0.0.1:{own}"));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
    });
    let mut client = std::net::TcpStream::connect(("127.0.0.1", own)).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    learner.terminal.wait_for(&format!("[{job}] 1 client: GET / HTTP/1.1"));
    learner.terminal.wait_for("Passed.");
    answering.join().unwrap();
}

// other terminals

#[test]
fn what_another_program_does_is_noticed_and_a_half_typed_line_stays_whole() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    learner.terminal.mark();
    learner.terminal.keys("conn");
    learner.terminal.wait_for("netlab> conn");
    let client = hears_the_time(home.path());
    learner.terminal.wait_for("Passed.");
    learner.terminal.wait_for(&format!("connection from {client}"));
    learner.terminal.wait_for("Type your answer; next leaves it open.");
    learner.terminal.wait_until(0, "the line being typed", |lines| {
        lines.iter().rfind(|line| !line.is_empty()).is_some_and(|line| line == "netlab> conn")
    });
    assert_eq!(learner.terminal.before_cursor(), "netlab> conn");
    learner.terminal.keys("ect");
    learner.terminal.wait_for("netlab> connect");
}

#[test]
fn a_verb_in_another_terminal_counts_as_well() {
    let home = home();
    let (_course, learner) = sits(home.path());
    run(home.path(), ["connect", "time.test"]).exits(0);
    learner.terminal.wait_for("Passed.");
    learner.terminal.wait_for("recorded by");
}

#[test]
fn going_on_in_another_terminal_takes_the_session_along() {
    let home = home();
    let (course, learner) = sits(home.path());
    let lesson = &course.lessons[0];
    let folder = course.folder();
    let lessons = ["--lessons", folder.to_str().unwrap()];
    run(home.path(), ["skip"].iter().chain(&lessons)).exits(0);
    learner.terminal.wait_for("Your place in the course has changed; here it is.");
    learner.terminal.wait_for(&format!("step 2 of {}: {}", lesson.steps.len(), lesson.steps[1].title));
}

#[test]
fn a_check_in_another_terminal_and_one_here_are_the_same_pass() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let (lesson, folder) = (&course.lessons[0], course.folder());
    let lessons = ["--lessons", folder.to_str().unwrap()];
    run(home.path(), ["check"].iter().chain(&lessons)).exits(3);
    hears_the_time(home.path());
    // Whichever is first, the session goes on.
    run(home.path(), ["check"].iter().chain(&lessons));
    let which = learner
        .terminal
        .wait_for_any(&["What did you see?", "Your place in the course has changed; here it is."]);
    if which == 0 {
        learner.terminal.wait_for("Type your answer");
        learner.terminal.type_line("next");
    }
    learner.arrives(lesson, &lesson.steps[1]);
    let passes =
        facts(&learner.progress(), lesson, &lesson.steps[0], |what| matches!(what, What::Passed { .. }));
    assert_eq!(passes, 1);
}

// the screen

#[test]
fn a_window_of_another_size_is_written_to_its_width() {
    let home = home();
    let (_course, mut learner) = sits(home.path());
    for columns in [40, 80, 40] {
        learner.terminal.resize(USUAL.rows, columns);
        learner.terminal.type_line("?");
        learner.terminal.wait_for("Every verb of netlab works too");
        learner.terminal.wait_for("help lists them.");
        learner.terminal.prompt();
        let lines = learner.terminal.lines(learner.terminal.marked() + 1);
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap();
        let widths = usize::from(columns) - 15..=usize::from(columns);
        assert!(widths.contains(&widest), "{widest} of {columns}:\n{}", lines.join("\n"));
        // Wrapped by netlab at a space, never by the terminal in a word.
        assert!(lines.iter().any(|line| line.trim_start().starts_with("Every verb of netlab works")));
    }
}

#[test]
fn without_a_folder_to_write_to_a_sitting_is_remembered_for_the_moment() {
    let nowhere = Path::new("/proc");
    if !nowhere.join("self").exists() {
        return run::skipped("this machine has no folder that nobody can write to");
    }
    let course = Course::first();
    let mut learner = Learner::sits(nowhere, &course, USUAL);
    learner.terminal.wait_for("this sitting is remembered until you leave, and then forgotten");
    begins(&mut learner, &course.lessons[0]);
    learner.terminal.type_line("connect time.test");
    learner.terminal.wait_for("Passed.");
    learner.terminal.prompt();
    learner.terminal.type_line("next");
    learner.arrives(&course.lessons[0], &course.lessons[0].steps[1]);
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    let home = home();
    let (course, mut learner) = sits(home.path());
    let port = port();
    learner.starts_a_job(&format!("serve --port {port}"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let target = "/\x1b]0;owned\x07\x1b[2J\u{202e}";
    let request = format!("GET {target} HTTP/1.1\r\nHost: \x1b[31mred\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    learner.terminal.wait_for("#1.1 GET");
    learner.terminal.wait_for("connection from");
    learner.terminal.type_line("!true");
    learner.terminal.prompt();
    // The right-to-left mark comes back as the learner's own typing, and in netlab's answer escaped.
    learner.terminal.type_line("\u{202e}curl");
    learner.terminal.wait_for("is no word of netlab's");
    let lines = learner.terminal.lines(learner.terminal.marked() + 1).join("");
    assert!(lines.contains("\\u{202e}curl is no word of netlab's"), "{lines}");
    learner.terminal.prompt();
    learner.terminal.type_line(&"x".repeat(10_000));
    learner.terminal.wait_for("is no word of netlab's");
    learner.terminal.prompt();
    let raw = String::from_utf8_lossy(&learner.terminal.raw()).into_owned();
    for wicked in ["\x1b]0;", "\x07", "\x1b[2J", "\x1b[31mred"] {
        assert!(!raw.contains(wicked), "{wicked:?}");
    }
    drop(course);
}

#[test]
fn on_the_simplest_terminal_hostile_typing_is_escaped_too() {
    let home = home();
    let course = Course::first();
    let dumb = Kind { term: "dumb", no_colour: true, ..USUAL };
    let mut learner = Learner::sits(home.path(), &course, dumb);
    learner.arrives(&course.lessons[0], &course.lessons[0].steps[0]);
    learner.guesses(&course.lessons[0].steps[0], Way::Right);
    learner.terminal.wait_for("it is noticed either way");
    learner.terminal.prompt();
    learner.terminal.type_line("\x1b]0;owned\x1b[2Jx");
    learner.terminal.wait_for("is no word of netlab's");
    assert!(!learner.terminal.raw().contains(&0x1b));
}
