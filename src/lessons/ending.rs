//! The end of a lesson: what was found out, which guesses the evidence did not bear out, what was left, and what comes
//! back.

use super::fact::{Said, What};
use super::lesson::{Lesson, Step};
use super::progress::Progress;
use super::review;
use super::standing::{Standing, State};

/// What a lesson that is over has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How the lesson stands.
    pub state: State,
    /// How many steps have passed.
    pub passed: usize,
    /// How many steps there are.
    pub steps: usize,
    /// What the steps that passed have shown, a sentence part each.
    pub learned: Vec<String>,
    /// Guesses that were not borne out: question, guess, and what held.
    pub missed: Vec<(String, String, String)>,
    /// Titles of the steps that were skipped.
    pub skipped: Vec<String>,
    /// When the lesson comes up for review, in seconds since 1970; nothing when it is not done or has no question.
    pub due_at: Option<u64>,
}

/// The end of a lesson, if nothing is left to do in it.
#[must_use]
pub fn ending(progress: &Progress, lesson: &Lesson) -> Option<Ending> {
    progress.is_over(lesson).then(|| {
        let standing = |step: &&Step| progress.standing(&lesson.id, &step.slug);
        let passed = || lesson.steps.iter().filter(move |step| standing(step) == Standing::Passed);
        let skipped = lesson.steps.iter().filter(|step| standing(step) == Standing::Skipped);
        Ending {
            state: progress.state(lesson),
            passed: passed().count(),
            steps: lesson.steps.len(),
            learned: passed().filter_map(shown_by).fold(Vec::new(), |mut all, one| {
                if !all.contains(&one) {
                    all.push(one);
                }
                all
            }),
            missed: passed().filter_map(|step| missed(progress, lesson, step)).collect(),
            skipped: skipped.map(|step| step.title.clone()).collect(),
            due_at: review::due_at(progress, lesson),
        }
    })
}

/// What a step shows to whoever passes it: the belief that its evidence bears out.
fn shown_by(step: &Step) -> Option<String> {
    let holds = step.predictions().next()?.choices.iter().find(|choice| choice.holds)?;
    Some(holds.belief_shown.clone())
}

/// The first guess at a step, if the evidence did not bear it out.
fn missed(progress: &Progress, lesson: &Lesson, step: &Step) -> Option<(String, String, String)> {
    let asked = step.predictions().next()?;
    let guess = |said: &Said| said.question == asked.question;
    let said = progress.of_step(&lesson.id, &step.slug).find_map(|fact| match &fact.what {
        What::Predicted(said) if guess(said) => Some(said),
        _ => None,
    })?;
    let holds = asked.choices.iter().find(|choice| choice.holds)?;
    (!said.holds).then(|| (said.question.clone(), said.answer.clone(), holds.text.clone()))
}

/// What is left where nothing is under way: the lessons with steps that were skipped, by number, and how many steps.
#[must_use]
pub fn left(progress: &Progress, lessons: &[Lesson]) -> Vec<(u16, usize)> {
    let open = |lesson: &Lesson| lesson.steps.len() - progress.passed(lesson);
    lessons.iter().map(|lesson| (lesson.number, open(lesson))).filter(|&(_, many)| many > 0).collect()
}
