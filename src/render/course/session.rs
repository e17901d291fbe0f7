//! What a session says beside the lesson's own text: its prompt, its words, what it notices.

use crate::lessons::fact::Said;
use crate::lessons::lesson::{Lesson, Predict, Step};
use crate::lessons::verdict::{Outcome, Verdict};
use crate::net::sockets::owner::Program;
use crate::render::course::coach::{self, next, say};
use crate::render::course::lesson::{block, safe};
use crate::render::course::verdict;
use crate::render::text::cells::hang;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;

/// What stands before a line that is being typed.
#[must_use]
pub fn prompt(playing: bool) -> &'static str {
    if playing { "netlab (play)> " } else { "netlab> " }
}

/// The first words of a sitting.
pub fn welcome(screen: &Screen, is_new: bool) {
    if is_new {
        block(
            screen,
            Role::Value,
            "Everything here happens between programs on this computer; no network and no root needed. Type netlab's verbs at the prompt, or use another terminal and any tool you like: what is done there is noticed here. ? lists the other words, and quit leaves at any time; nothing is lost.",
        );
    }
}

/// The last words of a sitting.
pub fn goodbye(screen: &Screen, again: &str) {
    next(screen, "Everything is kept. To go on from here:", again);
}

/// The words of a session.
pub fn words(screen: &Screen, words: &[(&str, &str)]) {
    for (word, what) in words {
        for line in hang(&format!("  {word:<9} "), what, screen.look.width, 12) {
            screen.line(&line);
        }
    }
    block(screen, Role::Meaning, "Every verb of netlab works too, without the word netlab: help lists them.");
}

/// What to do at a step, once its text has been shown.
pub fn invitation(screen: &Screen, read_only: bool) {
    if read_only {
        say(screen, Role::Meaning, "Enter goes on");
    } else {
        say(
            screen,
            Role::Meaning,
            "do it here or in another terminal; it is noticed either way. hint, why and skip are always there, ? lists more",
        );
    }
}

/// A step that is done once more.
pub fn once_more(screen: &Screen) {
    block(
        screen,
        Role::Value,
        "Once more, now that you have seen how: the values are new. It counts already; skip goes on.",
    );
}

/// A lesson that was done before is gone through again.
pub fn replay(screen: &Screen, lesson: &Lesson) {
    block(
        screen,
        Role::Meaning,
        &format!(
            "You have done lesson {} already, and that stays so. skip goes on to the next step.",
            lesson.number
        ),
    );
}

/// A question from an earlier lesson.
pub fn recall(screen: &Screen, lesson: &Lesson, asked: &Predict) {
    crate::render::course::lesson::choices(
        screen,
        &format!("From lesson {}, do you still know? ", lesson.number),
        asked,
    );
}

/// What the key 0 means where a number is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// No guess is made.
    Guess,
    /// The question is left out this time.
    Leave,
}

/// What to type for an answer.
#[must_use]
pub fn key_prompt(choices: usize, without: Without) -> String {
    match without {
        Without::Guess => format!("1-{choices}, 0: no guess> "),
        Without::Leave => format!("1-{choices}, 0: leave it> "),
    }
}

/// The same in a sentence, when something else was typed.
pub fn keys(screen: &Screen, choices: usize, without: Without) {
    let none = match without {
        Without::Guess => "0 goes on without a guess",
        Without::Leave => "0 leaves it out this time, quit ends",
    };
    say(
        screen,
        Role::Meaning,
        &format!("the question is open: a number from 1 to {choices} and Enter answers it, {none}"),
    );
}

/// The answer that was chosen by a key.
pub fn chosen(screen: &Screen, at: usize, text: &str) {
    block(screen, Role::Meaning, &format!("You say {}: {text}", at + 1));
}

/// A step has passed; how that compares with the guess, if there was one.
pub fn passed(screen: &Screen, step: &Step, guess: Option<&Said>) {
    say(screen, Role::Good, "passed");
    coach::against_guess(screen, step, guess);
}

/// How to answer a question about what was seen.
pub fn asks(screen: &Screen) {
    say(screen, Role::Meaning, "type your answer; next leaves it open");
}

/// A question for the notebook.
pub fn asks_for_line(screen: &Screen, question: &str) {
    block(screen, Role::Heading, &format!("For your notebook: {question}"));
    say(screen, Role::Meaning, "one line in your own words; next leaves it out");
}

/// What a step lacks, in few words.
pub fn missing(screen: &Screen, judged: &Verdict) {
    let open: Vec<&str> = judged
        .scenes
        .iter()
        .filter(|scene| matches!(scene.outcome, Outcome::NotYet(_)))
        .map(|scene| scene.description.as_str())
        .collect();
    let Some((first, more)) = open.split_first() else { return };
    let more = if more.is_empty() { String::new() } else { format!(" And {} more.", more.len()) };
    let first = safe(screen.look, first);
    block(screen, Role::Name, &format!("Not seen yet: {first}.{more} check says what the record has."));
}

/// A job that was started in an earlier step.
pub fn runs_still(screen: &Screen, job: usize, text: &str) {
    block(
        screen,
        Role::Name,
        &format!("[{job}] {text} still runs here, from before this step; stop {job} ends it."),
    );
}

/// A program in another terminal that has listened since before the step.
pub fn listens_still(screen: &Screen, port: u16, program: &Program) {
    let name = safe(screen.look, &program.name);
    let text = format!(
        "{name} (pid {}) listens on {port} already, from before this step. If the step wants another server there, end it first: Ctrl-C in its terminal.",
        program.pid
    );
    block(screen, Role::Name, &text);
}

/// A step that is over, and the way on.
pub fn over(screen: &Screen) {
    say(screen, Role::Meaning, "Enter goes on; why, notebook and play are there too");
}

/// A line went into the notebook.
pub fn kept(screen: &Screen) {
    say(screen, Role::Good, "kept in your notebook");
}

/// A step was skipped.
pub fn skipped(screen: &Screen, lesson: &Lesson) {
    block(
        screen,
        Role::Meaning,
        &format!(
            "Skipped. back returns to it, and when the rest of the lesson is over, learn {} does.",
            lesson.number
        ),
    );
}

/// Free play begins.
pub fn play(screen: &Screen) {
    say(screen, Role::Value, "free play: try whatever you like, nothing is judged; back returns to the step");
}

/// Several tries did not bring the step nearer; what is missing, told once without being asked.
pub fn diagnosis(screen: &Screen, lesson: &Lesson, step: &Step, judged: &Verdict) {
    block(
        screen,
        Role::Name,
        "You have tried a few times. Here is what the record has, and what it still lacks:",
    );
    verdict::show(screen, lesson, step, judged);
}

/// A connection or conversation as the record has it, in one line that is safe to print.
pub fn tick(screen: &Screen, noticed: &str) {
    let mark = if screen.look.ascii() { "-" } else { "·" };
    for line in hang(&format!("{mark} "), noticed, screen.look.width, 2) {
        screen.line(&paint(Role::Meaning, &line));
    }
}

/// How many more there were than are told one by one.
pub fn ticks_left_out(screen: &Screen, many: usize) {
    say(
        screen,
        Role::Meaning,
        &format!("and {} that are not told one by one", count(many as u64, "connection")),
    );
}

/// A job has been started.
pub fn job_started(screen: &Screen, job: usize, text: &str) {
    block(screen, Role::Meaning, &format!("[{job}] {text} runs here now; stop {job} ends it"));
}

/// A line a job printed. It is netlab's own output, escaped where it was printed, so its backslashes stay as they are.
pub fn job_line(screen: &Screen, job: usize, line: &[u8]) {
    screen.line(&format!(
        "{} {}",
        paint(Role::Meaning, &tag(job)),
        Safe::again(line).ascii(screen.look.ascii())
    ));
}

/// A job has ended.
pub fn job_ended(screen: &Screen, job: usize, code: Option<i32>) {
    let how = match code {
        Some(0) => "has ended".to_owned(),
        Some(code) => format!("has ended with exit code {code}"),
        None => "was ended by force".to_owned(),
    };
    block(screen, Role::Meaning, &format!("[{job}] {how}"));
}

/// The jobs that run.
pub fn jobs<'a>(screen: &Screen, jobs: impl Iterator<Item = (usize, &'a str)>) {
    let mut none = true;
    for (job, text) in jobs {
        none = false;
        block(screen, Role::Value, &format!("[{job}] {text}"));
    }
    if none {
        say(screen, Role::Meaning, "nothing runs here; serve would be a job");
    }
}

/// How wide a job may write behind its tag.
#[must_use]
pub fn job_width(screen: &Screen, job: usize) -> usize {
    screen.look.width.saturating_sub(tag(job).len() + 1).max(1)
}

/// What stands before a job's lines.
fn tag(job: usize) -> String {
    format!("[{job}]")
}

/// Something that could not be done, in one sentence.
pub fn cannot(screen: &Screen, what: &str) {
    say(screen, Role::Name, what);
}

/// A word nobody knows here.
pub fn unknown(screen: &Screen, word: &str) {
    let word = Safe::word(word.as_bytes()).ascii(screen.look.ascii()).to_string();
    block(
        screen,
        Role::Name,
        &format!(
            "{word} is no word of netlab's. ! in front gives a line to your shell: !{word} ... And ? lists what there is."
        ),
    );
}
