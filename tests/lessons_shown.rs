//! What a lesson looks like on a terminal: its commands can be copied, and evidence is quoted once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;
#[path = "common/paper.rs"]
mod paper;

use netlab::lessons::check::judge;
use netlab::lessons::console::{Console, Entry};
use netlab::lessons::lesson::{Block, Step};
use netlab::lessons::shelf;
use netlab::render::course::{coach, lesson, session, verdict};
use netlab::render::text::look::{NARROWEST, WIDEST};
use paper::plainly as printed;

/// The lines that a console is to be copied from.
fn to_copy(console: &Console) -> Vec<String> {
    let lines = console.entries.iter().flat_map(|entry| match entry {
        Entry::Comment(text) if text.starts_with("or: ") => vec![format!("  # {text}")],
        Entry::Comment(_) => Vec::new(),
        Entry::Command(command) => {
            let typed = command.typed.iter().map(|line| format!("    > {line}"));
            std::iter::once(format!("  $ {}", command.text)).chain(typed).collect()
        }
    });
    lines.collect()
}

#[test]
fn every_command_of_every_lesson_is_shown_as_its_author_wrote_it() {
    let mut commands = 0;
    for one in shelf::lessons(&shelf::embedded()).unwrap() {
        for step in &one.steps {
            for width in [NARROWEST, 80, WIDEST] {
                let shown = printed(width, |screen| lesson::step(screen, &one, step));
                let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
                for wanted in step.blocks.iter().flat_map(|block| match block {
                    Block::Console(console) => to_copy(console),
                    _ => Vec::new(),
                }) {
                    assert!(lines.contains(&wanted.trim_end()), "{} {width}: {wanted}\n{shown}", one.id);
                    commands += 1;
                }
            }
        }
    }
    assert!(commands > 100, "they were found");
}

/// All that a step says, at this width.
fn told(step: &Step, width: usize) -> String {
    let one = shelf::lessons(&shelf::embedded()).unwrap().remove(0);
    printed(width, |screen| {
        lesson::step_parts(screen, &step.blocks);
        step.hints().for_each(|hint| {
            let hinting = netlab::lessons::coach::Hinting::Given { number: 1, hint, last: false };
            coach::give_hint(screen, &hinting);
        });
        verdict::show(screen, &one, step, &judge(step, &kit::account([])));
    })
}

#[test]
fn a_backslash_in_a_lesson_stays_one_wherever_it_stands() {
    let text = "A line ends with `a\\r\\n`, b\\r\\n.\n\n| c\\r\\n |\n|---|\n| d\\r\\n |\n\n```text\ne\\r\\n\n```\n\
        ```predict\nf\\r\\n?\n(x) g\\r\\n | a | b\n( ) c | d | e\n```\n\
        ```console\n# h\\r\\n\n$ netlab listen 7777 --say-first 'i\\r\\n'\n> j\\r\\n\n```\n\
        ```hint\nk\\r\\n\n```\n```check\n# l\\r\\n\nflow.opened\n```\n";
    let lesson = kit::lesson(text);
    let shown = told(&lesson.steps[0], 80);
    for letter in 'a'..='l' {
        assert!(shown.contains(&format!("{letter}\\r\\n")), "{letter}: {shown}");
    }
    assert!(!shown.contains("\\\\"), "{shown}");
}

#[test]
fn a_job_is_shown_as_it_was_typed_and_its_lines_as_it_printed_them() {
    let shown = printed(80, |screen| {
        session::job_started(screen, 1, "listen 7777 --say-first 'a\\r\\n'");
        session::jobs(screen, [(1, "listen 7777 --say-first 'a\\r\\n'")].into_iter());
        session::job_line(screen, 1, b"1 < GET / HTTP/1.1\\r\\n \x1b[2J");
    });
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines,
        [
            "[1] listen 7777 --say-first 'a\\r\\n' runs here now; stop 1 ends it",
            "[1] listen 7777 --say-first 'a\\r\\n'",
            "[1] 1 < GET / HTTP/1.1\\r\\n ␛[2J",
        ]
    );
}

#[test]
fn evidence_that_two_conditions_rest_on_is_quoted_once() {
    let step = kit::check(
        "# a page\nhttp.path != /\nhttp.path != /b\nserver.http.content contains this\nserver.http.content contains is",
    );
    let judged = judge(&step, &kit::account([kit::get(4001, "/a", "200 OK", "this is it")]));
    let one = kit::lesson("Prose.\n");
    let shown = printed(WIDEST, |screen| verdict::show(screen, &one, &step, &judged));
    assert_eq!(shown.matches("path is /a (client's bytes 4 to 5)").count(), 1, "{shown}");
    assert_eq!(shown.matches("content is this is it").count(), 1, "{shown}");
    assert_eq!(verdict::excerpt(&judged)[0].matches("this is it").count(), 1);
    let document = verdict::as_json(&one, &step, &judged, None);
    assert_eq!(document["scenes"][0]["quotes"].as_array().unwrap().len(), 2, "{document}");
}
