//! What learners believed before they saw: their first answers to questions, where the evidence says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::Pupil;
use crate::lessons::Lesson;
use crate::lessons::fact::{Said, What};

/// A belief that the evidence does not bear out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belief {
    /// The number of the lesson that asked.
    pub lesson: u16,
    /// The question.
    pub question: String,
    /// The belief.
    pub belief: String,
    /// How many learners were asked.
    pub asked: usize,
    /// How many of them held it.
    pub held: usize,
}

/// Where a question was asked: the lesson's place in the course, and the question itself.
type Question<'a> = (usize, &'a str);

/// The beliefs of a class, the most frequent first. Of each learner only the first answer to a question counts: who
/// goes through a lesson again has seen the evidence.
pub(super) fn held(pupils: &[Pupil], lessons: &[Lesson]) -> Vec<Belief> {
    let mut asked: BTreeMap<Question<'_>, usize> = BTreeMap::new();
    let mut held: BTreeMap<(Question<'_>, &str), usize> = BTreeMap::new();
    for pupil in pupils {
        let mut answered = BTreeSet::new();
        for (question, said) in answers(pupil) {
            if answered.insert(question) {
                *asked.entry(question).or_default() += 1;
                if !said.holds {
                    *held.entry((question, &said.belief)).or_default() += 1;
                }
            }
        }
    }
    let belief = |((question, belief), held): ((Question<'_>, &str), usize)| Belief {
        lesson: lessons[question.0].number,
        question: question.1.to_owned(),
        belief: belief.to_owned(),
        asked: asked.get(&question).copied().unwrap_or(held),
        held,
    };
    let mut beliefs: Vec<Belief> = held.into_iter().map(belief).collect();
    beliefs.sort_by_key(|belief| std::cmp::Reverse(belief.held));
    beliefs
}

/// The answers of a learner to questions of lessons, within a lesson the oldest first.
fn answers(pupil: &Pupil) -> impl Iterator<Item = (Question<'_>, &Said)> {
    pupil.facts().filter_map(|(lesson, fact)| match &fact.what {
        What::Predicted(said) | What::Recalled { said, .. } => Some(((lesson, said.question.as_str()), said)),
        _ => None,
    })
}
