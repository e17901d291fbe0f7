//! `netlab review` and `netlab notebook` from outside, with facts from days ago.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::progress::{self, Progress};
use netlab::lessons::{Lesson, review, shelf};
use netlab::state::Home;
use run::{home, run};

const DAY: u64 = 24 * 60 * 60;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn lessons() -> Vec<Lesson> {
    shelf::lessons(&shelf::embedded()).unwrap()
}

fn write(home: &Path, facts: impl IntoIterator<Item = Fact>) {
    let home = Home::at(home).unwrap();
    facts.into_iter().for_each(|fact| progress::append(&home, &fact).unwrap());
}

fn read(home: &Path) -> Progress {
    progress::read(&Home::at(home).unwrap()).unwrap()
}

/// The first so many lessons, done so many days ago.
fn done(home: &Path, many: usize, days_ago: u64) {
    for lesson in lessons().iter().take(many) {
        write(home, lesson.steps.iter().map(|step| passed(lesson, step, now() - days_ago * DAY)));
    }
}

fn passed(lesson: &Lesson, step: &netlab::lessons::Step, at: u64) -> Fact {
    let saw = if step.read_only { Vec::new() } else { vec!["a connection from here".to_owned()] };
    Fact::passed(lesson, step, saw, at)
}

/// The number that is right, and one that is not, of the first question that is due.
fn numbers(home: &Path) -> (usize, usize) {
    let lessons = lessons();
    let due = review::due(&read(home), &lessons, now());
    let right = due[0].question.choices.iter().position(|choice| choice.holds).unwrap() + 1;
    (right, if right == 1 { 2 } else { 1 })
}

fn reviews(home: &Path, lesson: &str) -> Vec<bool> {
    read(home).reviews(lesson).map(|(right, _)| right).collect()
}

#[test]
fn without_a_terminal_the_first_question_is_shown_and_answered_by_its_number() {
    let home = home();
    done(home.path(), 2, 2);
    run(home.path(), ["review"]).exits(0).says(&[
        "From lesson 1, do you still know?",
        "To answer, with its number: $ netlab review --answer NUMBER",
    ]);
    let (right, _) = numbers(home.path());
    run(home.path(), ["review", "--answer", &right.to_string()])
        .exits(0)
        .says(&["Yes. ", "1 question answered. 1 lesson is due: netlab review"]);
    let (_, wrong) = numbers(home.path());
    run(home.path(), ["review", "--answer", &wrong.to_string()]).exits(3).says(&[
        "What holds: ",
        "This lesson comes again tomorrow.",
        "1 question answered, and nothing more for now; the next one is due on 20",
        "UTC.",
    ]);
    assert_eq!(
        (reviews(home.path(), "roles"), reviews(home.path(), &lessons()[1].id)),
        (vec![true], vec![false])
    );
}

#[test]
fn the_numbers_are_those_that_were_shown() {
    let home = home();
    done(home.path(), 1, 2);
    let shown = run(home.path(), ["review", "--json"]).exits(0).document();
    assert_eq!((&shown["lesson"], &shown["due"]), (&"roles".into(), &1.into()));
    assert_eq!(run(home.path(), ["review", "--json"]).exits(0).document(), shown);
    let (right, _) = numbers(home.path());
    let replied = run(home.path(), ["review", "--json", "--answer", &right.to_string()]).exits(0).document();
    assert_eq!(replied["answer"], shown["answers"][right - 1]);
    assert_eq!((&replied["right"], &replied["holds"]), (&true.into(), &replied["answer"]));
    assert_eq!(replied["due"], 0);
    assert!(replied["next_at"].as_u64().unwrap() >= now() + 2 * DAY - 60, "{replied}");
}

#[test]
fn a_number_that_is_no_answer_changes_nothing() {
    let home = home();
    run(home.path(), ["review", "--answer", "1"]).exits(2).says(&["no question waits for an answer"]);
    done(home.path(), 1, 2);
    for number in ["0", "9"] {
        run(home.path(), ["review", "--answer", number])
            .exits(2)
            .says(&[&format!("there is no answer {number}"), "1 to 3"]);
    }
    assert!(reviews(home.path(), "roles").is_empty());
}

#[test]
fn when_nothing_is_due_it_says_when_something_will_be() {
    let home = home();
    run(home.path(), ["review"]).exits(0).says(&["a lesson comes up a day after you have done it"]);
    done(home.path(), 1, 0);
    run(home.path(), ["review"]).exits(0).says(&["Nothing is due for review now; the next one is due on 20"]);
    let document = run(home.path(), ["review", "--json"]).exits(0).document();
    assert_eq!((&document["question"], &document["due"]), (&serde_json::Value::Null, &0.into()));
    assert!(document["next_at"].as_u64().unwrap() > now());
}

#[test]
fn every_start_says_in_a_line_how_many_are_due() {
    let home = home();
    let first = run::<&str>(home.path(), []).exits(0).text();
    assert!(!first.contains("review"), "{first}");
    done(home.path(), 1, 2);
    run::<&str>(home.path(), [])
        .exits(0)
        .says(&["1 lesson is due for a short review: netlab review", "netlab learn"]);
    assert_eq!(run(home.path(), ["--json"]).exits(0).document()["due"], 1);
    let learn = run(home.path(), ["learn"]).exits(0);
    assert_eq!(
        learn.complaint().matches("1 lesson is due for a short review: netlab review").count(),
        1,
        "{}",
        learn.complaint()
    );
    done(home.path(), lessons().len(), 2);
    let all = run::<&str>(home.path(), []).exits(0).text();
    assert!(all.ends_with("  $ netlab review\n"), "with every lesson done there is this to do: {all}");
}

#[test]
fn the_list_says_what_is_due_what_is_mastered_and_how_far_one_is() {
    let home = home();
    done(home.path(), 1, 2);
    run(home.path(), ["lessons"]).exits(0).says(&["minutes, due for review"]);
    let list = run(home.path(), ["lessons", "--json"]).exits(0).document();
    let (first, second) = (&list["lessons"][0], &list["lessons"][1]);
    assert_eq!((&first["due"], &first["mastered"]), (&true.into(), &false.into()));
    assert!(first["due_at"].as_u64().unwrap() <= now());
    assert_eq!((&second["due"], &second["due_at"]), (&false.into(), &serde_json::Value::Null));
    let progress = &list["progress"];
    assert_eq!(
        (&progress["done"], &progress["due"], &progress["minutes_done"]),
        (&1.into(), &1.into(), &first["minutes"])
    );
    let (right, _) = numbers(home.path());
    run(home.path(), ["review", "--answer", &right.to_string()]).exits(0);
    let list = run(home.path(), ["lessons", "--json"]).exits(0).document();
    assert_eq!(
        (&list["lessons"][0]["state"], &list["lessons"][0]["due"]),
        (&"mastered".into(), &false.into())
    );
    assert_eq!((&list["progress"]["reviews"], &list["progress"]["reviews_right"]), (&1.into(), &1.into()));
}

#[test]
fn lessons_of_ones_own_come_back_too() {
    let home = home();
    let folder = home.path().join("own");
    std::fs::create_dir(&folder).unwrap();
    let text = "---\nid: mine\ntitle: Mine\nminutes: 1\n---\n## Look (read-only)\nProse.\n\n```recall\nStill?\n(x) yes | a | It does.\n( ) no | b | Look again.\n```\n";
    std::fs::write(folder.join("01-mine.md"), text).unwrap();
    let mine = netlab::lessons::parse::parse("01-mine.md", text).unwrap();
    write(home.path(), [Fact::passed(&mine, &mine.steps[0], Vec::new(), now() - 2 * DAY)]);
    let folder = folder.to_str().unwrap();
    run(home.path(), ["review"]).exits(0).says(&["Nothing is due"]);
    run(home.path(), ["review", "--lessons", folder])
        .exits(0)
        .says(&["do you still know? Still?", &format!("netlab review --answer NUMBER --lessons {folder}")]);
    run(home.path(), ["notebook", "--lessons", folder])
        .exits(0)
        .says(&["Lesson 1: Mine", "Look: read on 20"]);
    run(home.path(), ["notebook"]).exits(0).says(&["Lesson mine, which is not among the lessons at hand"]);
    run(home.path(), ["notebook", "mine"]).exits(0).says(&["Lesson mine"]);
}

#[test]
fn an_empty_notebook_says_how_it_fills() {
    let home = home();
    run(home.path(), ["notebook"]).exits(0).says(&["Your notebook is empty so far.", "$ netlab learn"]);
    let document = run(home.path(), ["notebook", "--json"]).exits(0).document();
    assert_eq!(document["lessons"], serde_json::json!([]));
    done(home.path(), 1, 2);
    run(home.path(), ["notebook", "names"]).exits(0).says(&[
        "Nothing about lesson 4, Names are not addresses, is in your notebook yet.",
        "$ netlab learn 4",
    ]);
    run(home.path(), ["notebook", "nothing"]).exits(2).says(&["there is no lesson nothing", "roles"]);
}

#[test]
fn the_notebook_tells_what_was_guessed_seen_found_written_and_recalled() {
    let home = home();
    let lesson = &lessons()[0];
    let (first, second) = (&lesson.steps[0], &lesson.steps[1]);
    let predict = first.predictions().next().unwrap();
    let wrong = predict.choices.iter().find(|choice| !choice.holds).unwrap();
    let right = predict.choices.iter().find(|choice| choice.holds).unwrap();
    let (question, line) = ("Why?".to_owned(), "the <b>server</b>\u{1b}[2J begins".to_owned());
    write(
        home.path(),
        [
            Fact::new(lesson, first, 86_400, What::Predicted(Said::new(predict, wrong))),
            Fact::passed(lesson, first, vec!["first is server".to_owned()], 86_400),
            Fact::new(lesson, first, 86_400, What::Wrote { question, line }),
            Fact::skipped(lesson, second, 2 * 86_400),
            Fact::whole(Some(lesson), 0, What::Recalled { said: Said::new(predict, right), review: false }),
        ],
    );
    let said = format!("You said \"{}\"; it is \"{}\".", wrong.text, right.text);
    for form in [&[][..], &["--plain"], &["1"]] {
        run(home.path(), ["notebook"].iter().chain(form)).exits(0).says(&[
            "Lesson 1: Client and server are roles",
            &format!("{}: passed on 1970-01-02", first.title),
            &said,
            "first is server",
            "the <b>server</b>",
            &format!("{}: skipped on 1970-01-03", second.title),
            "1970-01-01, right: ",
        ]);
    }
    run(home.path(), ["notebook", "--md"]).exits(0).says(&[
        "# My networking notebook ## Lesson 1: Client and server are roles",
        &said,
        "- **Seen:** ` first is server `",
        "> the \\<b\\>server\\</b\\>␛\\[2J begins",
        "Skipped on 1970-01-03.",
    ]);
    let document = run(home.path(), ["notebook", "--json"]).exits(0).document();
    let page = &document["lessons"][0]["steps"][0];
    assert_eq!((&page["state"], &page["saw"][0]), (&"passed".into(), &"first is server".into()));
    assert_eq!(
        (&page["guesses"][0]["agrees"], &page["guesses"][0]["holds"]),
        (&false.into(), &right.text.clone().into())
    );
    assert_eq!(document["lessons"][0]["recalls"][0]["right"], true);
    run(home.path(), ["notebook", "--md", "--json"]).exits(2);
}

#[cfg(unix)]
mod on_a_terminal {
    use std::io::{Read, Write};
    use std::num::NonZeroU16;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Instant;

    use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

    use super::*;
    use run::{DEADLINE, skipped};

    /// `netlab review` with somebody in front of it.
    struct Sitting {
        pieces: Receiver<Vec<u8>>,
        keys: Box<dyn Write + Send>,
        child: Box<dyn Child + Send + Sync>,
        screen: vt100::Parser,
        all: String,
        // Closing it would end the program.
        _master: Box<dyn MasterPty + Send>,
    }

    impl Sitting {
        /// Nothing, when this machine has no terminal to give.
        fn begin(home: &Path, columns: u16) -> Option<Self> {
            let size = PtySize { rows: 60, cols: columns, pixel_width: 0, pixel_height: 0 };
            let pair = native_pty_system()
                .openpty(size)
                .inspect_err(|why| skipped(&format!("no terminal to be had: {why}")))
                .ok()?;
            let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_netlab"));
            command.args(["review"]);
            command.env("NETLAB_HOME", home);
            command.env("TERM", "xterm");
            let mut reader = pair.master.try_clone_reader().unwrap();
            let keys = pair.master.take_writer().unwrap();
            let child = pair.slave.spawn_command(command).unwrap();
            let (sender, pieces) = channel();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(len @ 1..) = reader.read(&mut buffer) {
                    if sender.send(buffer[..len].to_vec()).is_err() {
                        break;
                    }
                }
            });
            let screen =
                vt100::Parser::new(NonZeroU16::new(60).unwrap(), NonZeroU16::new(columns).unwrap(), 0);
            Some(Self { pieces, keys, child, screen, all: String::new(), _master: pair.master })
        }

        /// Waits until the screen shows `words` this many times, however they are wrapped.
        #[track_caller]
        fn until(&mut self, words: &str, times: usize) {
            let began = Instant::now();
            loop {
                self.all = self.screen.screen().contents().split_whitespace().collect::<Vec<_>>().join(" ");
                if self.all.matches(words).count() >= times {
                    return;
                }
                match self.pieces.recv_timeout(DEADLINE.saturating_sub(began.elapsed())) {
                    Ok(piece) => self.screen.process(&piece),
                    Err(why) => {
                        panic!("{words:?} did not come ({why}):\n{}", self.screen.screen().contents())
                    }
                }
            }
        }

        fn press(&mut self, keys: &str) {
            self.keys.write_all(keys.as_bytes()).unwrap();
            self.keys.flush().unwrap();
        }

        /// The end, and everything that was shown.
        fn end(mut self) -> String {
            assert!(self.child.wait().unwrap().success());
            let screen = self.screen.screen();
            let wrapped = (0..60).filter(|&row| screen.row_wrapped(row)).count();
            assert_eq!(wrapped, 0, "no line runs over the edge:\n{}", screen.contents());
            self.all
        }
    }

    #[test]
    fn each_question_takes_a_key_and_enter_at_any_width() {
        for columns in [80, 40] {
            let home = home();
            done(home.path(), 3, 2);
            let Some(mut sitting) = Sitting::begin(home.path(), columns) else { return };
            sitting.until("0: leave it>", 1);
            let (right, _) = numbers(home.path());
            sitting.press(&format!("{right}\r"));
            sitting.until("0: leave it>", 2);
            assert_eq!(reviews(home.path(), "roles"), [true], "it is kept at once");
            let (_, wrong) = numbers(home.path());
            sitting.press(&format!("{wrong}\r"));
            sitting.until("This lesson comes again tomorrow.", 1);
            sitting.until("0: leave it>", 3);
            sitting.press("\r");
            sitting.until("The question is open", 1);
            sitting.press("0\r");
            sitting.until("2 questions answered. 1 lesson is due: netlab review", 1);
            let all = sitting.end();
            assert!(all.contains("You say") && all.contains("Yes.") && all.contains("What holds:"), "{all}");
            assert_eq!(reviews(home.path(), &lessons()[1].id), [false]);
            assert!(reviews(home.path(), &lessons()[2].id).is_empty(), "what is left out is not counted");
        }
    }

    #[test]
    fn leaving_keeps_what_was_answered() {
        for leave in ["\u{3}", "\u{4}"] {
            let home = home();
            done(home.path(), 2, 2);
            let Some(mut sitting) = Sitting::begin(home.path(), 80) else { return };
            sitting.until("0: leave it>", 1);
            let (right, _) = numbers(home.path());
            sitting.press(&format!("{right}\r"));
            sitting.until("0: leave it>", 2);
            sitting.press(leave);
            sitting.until("1 question answered. 1 lesson is due: netlab review", 1);
            sitting.end();
            assert_eq!(
                (reviews(home.path(), "roles"), reviews(home.path(), &lessons()[1].id)),
                (vec![true], vec![])
            );
        }
    }

    #[test]
    fn the_last_answer_says_when_the_next_one_comes() {
        let home = home();
        done(home.path(), 1, 2);
        let Some(mut sitting) = Sitting::begin(home.path(), 80) else { return };
        sitting.until("0: leave it>", 1);
        let (right, _) = numbers(home.path());
        sitting.press(&format!("{right}\r"));
        sitting.until("1 question answered, and nothing more for now; the next one is due on 20", 1);
        sitting.until("UTC.", 1);
        sitting.end();
    }
}
