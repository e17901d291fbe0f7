//! What somebody learned, step by step: guesses, what was seen, their own lines, reviews. Made of facts alone; the
//! lessons at hand only lend their titles, their order, and what a guess would have had to be.

use super::fact::{Fact, Said, What};
use super::lesson::{Lesson, Step};
use super::progress::Progress;

/// A lesson in the notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The lesson's id.
    pub lesson: String,
    /// Its number and title, when it is at hand.
    pub title: Option<(u16, String)>,
    /// Its steps, in the lesson's order; those it has no longer come behind.
    pub pages: Vec<Page>,
    /// The times it came back, the oldest first.
    pub recalls: Vec<Recall>,
}

/// A step in the notebook: its latest attempt that passed, or else the latest, and whatever came behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The step's slug; empty for what is about the lesson as a whole.
    pub step: String,
    /// Its title, when its lesson is at hand.
    pub title: Option<String>,
    /// How it ended.
    pub end: End,
    /// How often it has passed.
    pub times: usize,
    /// The guesses, the first one for each question.
    pub guesses: Vec<Guess>,
    /// Quotes of the evidence it passed on. They are escaped already, unless somebody has changed the file.
    pub saw: Vec<String>,
    /// Answers that agreed with the evidence: question and answer.
    pub answers: Vec<(String, String)>,
    /// The learner's own lines of all attempts: question and line.
    pub lines: Vec<(String, String)>,
}

/// How a step ended; the number is when, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It has not ended.
    Open,
    /// It passed.
    Passed(u64),
    /// It was skipped.
    Skipped(u64),
}

/// A guess before the reveal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The question.
    pub question: String,
    /// What the learner said.
    pub answer: String,
    /// What the record said to it.
    pub record: Record,
}

/// What the record says to a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Nothing yet: the step has not passed, and the notebook gives nothing away.
    Silent,
    /// It bears the guess out.
    Agrees,
    /// It does not; it bears out this answer, when the question is at hand.
    Differs(Option<String>),
}

/// A question that brought the lesson back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// The question.
    pub question: String,
    /// What the learner said.
    pub answer: String,
    /// Whether it was right.
    pub right: bool,
    /// Whether it was due, not asked in passing.
    pub review: bool,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// The notebook: lessons at hand in their order, then others in the order they were met.
#[must_use]
pub fn notebook(progress: &Progress, lessons: &[Lesson]) -> Vec<Chapter> {
    let known = lessons.iter().map(|lesson| lesson.id.as_str());
    let met = progress.facts.iter().map(|fact| fact.lesson.as_str());
    let ids = each_once(known.chain(met));
    ids.into_iter()
        .map(|id| chapter(progress, id, lessons.iter().find(|lesson| lesson.id == id)))
        .filter(|chapter| !chapter.pages.is_empty() || !chapter.recalls.is_empty())
        .collect()
}

fn chapter(progress: &Progress, id: &str, lesson: Option<&Lesson>) -> Chapter {
    let facts: Vec<&Fact> = progress.facts.iter().filter(|fact| fact.lesson == id).collect();
    let steps = lesson.map_or(&[][..], |lesson| &lesson.steps);
    let known = steps.iter().map(|step| step.slug.as_str());
    let slugs = each_once(known.chain(facts.iter().map(|fact| fact.step.as_str())));
    let pages = slugs.into_iter().filter_map(|slug| {
        let facts: Vec<&Fact> = facts.iter().copied().filter(|fact| fact.step == slug).collect();
        page(slug, &facts, steps.iter().find(|step| step.slug == slug))
    });
    Chapter {
        lesson: id.to_owned(),
        title: lesson.map(|lesson| (lesson.number, lesson.title.clone())),
        pages: pages.collect(),
        recalls: facts.iter().filter_map(|fact| recall(fact)).collect(),
    }
}

/// A page, if there is anything to write on it.
fn page(slug: &str, facts: &[&Fact], step: Option<&Step>) -> Option<Page> {
    let is_pass = |fact: &&&Fact| matches!(fact.what, What::Passed { .. });
    let shown = &facts[shown_from(facts)..];
    let end = shown.iter().rfind(is_pass).or_else(|| shown.iter().rfind(|fact| fact.ends()));
    let end = match end.map(|fact| (&fact.what, fact.at)) {
        Some((What::Passed { .. }, at)) => End::Passed(at),
        Some((_, at)) => End::Skipped(at),
        None => End::Open,
    };
    let mut page = Page {
        step: slug.to_owned(),
        title: step.map(|step| step.title.clone()),
        end,
        times: facts.iter().filter(is_pass).count(),
        guesses: Vec::new(),
        saw: Vec::new(),
        answers: Vec::new(),
        lines: Vec::new(),
    };
    for fact in shown {
        match &fact.what {
            What::Passed { saw } => page.saw.clone_from(saw),
            What::Answered { question, answer, agrees: true } => {
                page.answers.retain(|(asked, _)| asked != question);
                page.answers.push((question.clone(), answer.clone()));
            }
            _ => {}
        }
    }
    // The first guess stands, however often the step was done.
    for fact in facts {
        if let What::Predicted(said) = &fact.what
            && !page.guesses.iter().any(|guess| guess.question == said.question)
        {
            page.guesses.push(guess(said, end, step));
        }
    }
    let lines = facts.iter().filter_map(|fact| match &fact.what {
        What::Wrote { question, line } => Some((question.clone(), line.clone())),
        _ => None,
    });
    page.lines = each_once(lines);
    let empty = page.guesses.is_empty() && page.answers.is_empty() && page.lines.is_empty();
    (page.end != End::Open || !empty).then_some(page)
}

/// Where the attempt begins that is shown: the latest one that passed, else the latest.
fn shown_from(facts: &[&Fact]) -> usize {
    let passed = facts.iter().rposition(|fact| matches!(fact.what, What::Passed { .. }));
    let until = passed.map_or(facts.len(), |at| at + 1);
    facts[..until].iter().rposition(|fact| matches!(fact.what, What::Began { .. })).unwrap_or(0)
}

fn guess(said: &Said, end: End, step: Option<&Step>) -> Guess {
    let holds = || {
        let asked = step?.predictions().find(|predict| predict.question == said.question)?;
        asked.choices.iter().find(|choice| choice.holds).map(|choice| choice.text.clone())
    };
    let record = match end {
        End::Passed(_) if said.holds => Record::Agrees,
        End::Passed(_) => Record::Differs(holds()),
        End::Open | End::Skipped(_) => Record::Silent,
    };
    Guess { question: said.question.clone(), answer: said.answer.clone(), record }
}

fn recall(fact: &Fact) -> Option<Recall> {
    let What::Recalled { said, review } = &fact.what else { return None };
    let (question, answer) = (said.question.clone(), said.answer.clone());
    Some(Recall { question, answer, right: said.holds, review: *review, at: fact.at })
}

/// The things in their order, each where it comes first.
fn each_once<T: PartialEq>(things: impl Iterator<Item = T>) -> Vec<T> {
    things.fold(Vec::new(), |mut all, one| {
        if !all.contains(&one) {
            all.push(one);
        }
        all
    })
}
