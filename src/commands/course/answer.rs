//! Answers to "what did you see?", compared with the evidence of the step.

use crate::commands::course::learner::Course;
use crate::error::Failure;
use crate::evidence::journal::Account;
use crate::lessons::coach::{REJECTIONS, rejected};
use crate::lessons::fact::{Fact, SAID_CHARS, What};
use crate::lessons::lesson::{Lesson, Seen, Step};
use crate::lessons::seen::{Answered, Reply, answered};

use crate::commands::course::learner::now;

/// A question of a step that has passed.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'c> {
    /// The lesson.
    pub lesson: &'c Lesson,
    /// The step.
    pub step: &'c Step,
    /// The question.
    pub seen: &'c Seen,
}

/// The question of the step that passed last which has not been answered yet.
#[must_use]
pub fn waiting<'c>(course: &'c Course<'_>) -> Option<Waiting<'c>> {
    let passed = course.progress.facts.iter().rfind(|fact| matches!(fact.what, What::Passed { .. }))?;
    let lesson = course.lessons.iter().find(|lesson| lesson.id == passed.lesson)?;
    let step = lesson.step(&passed.step)?;
    let answered = |seen: &&Seen| {
        course.progress.of_step(&lesson.id, &step.slug).any(|fact| {
            matches!(&fact.what, What::Answered { question, agrees: true, .. } if *question == seen.question)
        })
    };
    let seen = step.questions().find(|seen| !answered(seen))?;
    Some(Waiting { lesson, step, seen })
}

/// What has happened since the step of the question began.
///
/// # Errors
/// When the journal cannot be read.
pub fn account(course: &Course<'_>, waiting: Waiting<'_>) -> Result<Account, Failure> {
    let began =
        course.progress.of_step(&waiting.lesson.id, &waiting.step.slug).filter_map(|fact| match &fact.what {
            What::Began { marker, .. } => Some(marker.as_str()),
            _ => None,
        });
    evidence(course, waiting.lesson, waiting.step, began.last().unwrap_or_default())
}

/// What a step passed on; where that is not kept, everything since it began.
///
/// # Errors
/// When the journal cannot be read.
pub fn evidence(course: &Course<'_>, lesson: &Lesson, step: &Step, marker: &str) -> Result<Account, Failure> {
    course.passed_on(lesson, step, marker)?.map_or_else(|| course.account(marker), Ok)
}

/// Compares an answer with the evidence and writes it down.
///
/// # Errors
/// When it cannot be written down.
pub fn answer(
    course: &Course<'_>,
    waiting: Waiting<'_>,
    typed: &str,
    account: &Account,
) -> Result<Reply, Failure> {
    let Waiting { lesson, step, seen } = waiting;
    let typed: String = typed.trim().chars().take(SAID_CHARS).collect();
    let compared = answered(seen, &typed, account);
    let before = rejected(&course.progress_now().attempt(&lesson.id, &step.slug), &seen.question);
    let reply = match compared {
        Answered::Agrees(source, found) => Reply::Agrees(source, found),
        Answered::Differs(values) if before + 1 >= REJECTIONS => Reply::TheRecord(values),
        Answered::Differs(values) => Reply::LookAgain(values),
        Answered::NothingSeen => Reply::NothingSeen,
    };
    if !matches!(reply, Reply::NothingSeen) {
        let agrees = matches!(reply, Reply::Agrees(..));
        let what = What::Answered { question: seen.question.clone(), answer: typed, agrees };
        course.append(&Fact::new(lesson, step, now(), what))?;
    }
    Ok(reply)
}
