//! What facts come to: credit, where the learner is, doing a step once more, resets and mastery.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::lessons::Lesson;
use netlab::lessons::coach::{HINT_PAUSE, Hinting, next_hint};
use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::parse::parse;
use netlab::lessons::progress::Progress;
use netlab::lessons::review::{GAPS, due, due_at};
use netlab::lessons::standing::{Standing, State};

const DAY: u64 = 24 * 60 * 60;

/// Two lessons of two steps each, with hints and a question to come back to.
fn course() -> Vec<Lesson> {
    let lesson = |at: usize, id: &str| {
        let hints = ["a", "bb", "ccc"].map(|hint| format!("```hint\n{hint}\n```\n")).concat();
        let recall =
            "```recall\nStill there?\n(x) yes | it stays | It does.\n( ) no | it goes | It stays.\n```\n";
        let text =
            format!("---\nid: {id}\ntitle: T\nminutes: 1\n---\n## First\n{hints}## Second\n{hints}{recall}");
        parse(&format!("0{at}-{id}.md"), &text).unwrap()
    };
    vec![lesson(1, "roles"), lesson(2, "names")]
}

/// A learner's facts, written in a line each.
struct Diary {
    course: Vec<Lesson>,
    facts: Vec<Fact>,
    now: u64,
}

impl Diary {
    fn new() -> Self {
        Self { course: course(), facts: Vec::new(), now: 1000 }
    }

    fn note(&mut self, lesson: usize, step: usize, what: What) -> &mut Self {
        let lesson = &self.course[lesson];
        self.facts.push(Fact::new(lesson, &lesson.steps[step], self.now, what));
        self
    }

    fn began(&mut self, lesson: usize, step: usize) -> &mut Self {
        let marker = format!("{lesson}/{step}#{}", self.facts.len());
        self.note(lesson, step, What::Began { marker, replay: false })
    }

    fn again(&mut self, lesson: usize, step: usize) -> &mut Self {
        let marker = format!("{lesson}/{step}#{}", self.facts.len());
        self.note(lesson, step, What::Began { marker, replay: true })
    }

    fn passed(&mut self, lesson: usize, step: usize) -> &mut Self {
        self.note(lesson, step, What::Passed { saw: Vec::new() })
    }

    fn hinted(&mut self, lesson: usize, step: usize, hint: usize) -> &mut Self {
        self.note(lesson, step, What::Hinted { hint, last: hint == 3, heard: 0 })
    }

    fn whole(&mut self, lesson: Option<usize>, what: What) -> &mut Self {
        let fact = Fact::whole(lesson.map(|lesson| &self.course[lesson]), self.now, what);
        self.facts.push(fact);
        self
    }

    fn reviewed(&mut self, lesson: usize, holds: bool) -> &mut Self {
        let said =
            Said { question: "Still there?".into(), answer: "yes".into(), belief: "it stays".into(), holds };
        self.whole(Some(lesson), What::Recalled { said, review: true })
    }

    fn done(&mut self, lesson: usize) -> &mut Self {
        for step in 0..2 {
            self.began(lesson, step).passed(lesson, step);
        }
        self
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += seconds;
        self
    }

    fn progress(&self) -> Progress {
        Progress::of(self.facts.clone())
    }

    /// `LESSON/STEP`, with what is special about it.
    fn place(&self) -> String {
        let progress = self.progress();
        match progress.place(&self.course) {
            None => "nowhere".to_owned(),
            Some(place) => {
                let special = match (place.again, place.replay) {
                    (true, _) => " once more",
                    (_, true) => " in a replay",
                    _ => "",
                };
                format!("{}/{}{special}", place.lesson.id, place.step.slug)
            }
        }
    }

    fn state(&self, lesson: usize) -> State {
        self.progress().state(&self.course[lesson])
    }
}

#[test]
fn a_lesson_that_is_done_can_be_gone_through_again_without_losing_credit() {
    let mut diary = Diary::new();
    diary.done(0).again(0, 0);
    assert_eq!(diary.place(), "roles/first in a replay");
    assert_eq!(diary.state(0), State::Done);
    diary.passed(0, 0);
    assert_eq!(diary.place(), "roles/second in a replay", "its next step follows although it has passed");
    diary.again(0, 1).note(0, 1, What::Skipped);
    assert_eq!(diary.place(), "names/first", "and behind the last one the course goes on");
    assert_eq!(diary.progress().standing("roles", "second"), Standing::Passed);
}

#[test]
fn a_step_passed_with_the_whole_answer_in_view_comes_once_more_and_only_once() {
    let mut diary = Diary::new();
    diary.began(0, 0).hinted(0, 0, 1).hinted(0, 0, 2).hinted(0, 0, 3).passed(0, 0);
    assert_eq!(diary.place(), "roles/first once more");
    assert_eq!(diary.progress().standing("roles", "first"), Standing::Passed, "it counts all the same");
    diary.began(0, 0);
    assert_eq!(diary.place(), "roles/first");
    diary.hinted(0, 0, 3).passed(0, 0);
    assert_eq!(diary.place(), "roles/second");
}

#[test]
fn smaller_hints_bring_nothing_back() {
    let mut diary = Diary::new();
    diary.began(0, 0).hinted(0, 0, 1).hinted(0, 0, 2).passed(0, 0);
    assert_eq!(diary.place(), "roles/second");
}

#[test]
fn mastered_is_done_without_the_last_hint_and_with_the_first_review_right() {
    let mut diary = Diary::new();
    diary.done(0);
    assert_eq!(diary.state(0), State::Done);
    diary.reviewed(0, true);
    assert_eq!(diary.state(0), State::Mastered);

    let mut diary = Diary::new();
    diary.done(0).reviewed(0, false).reviewed(0, true);
    assert_eq!(diary.state(0), State::Done, "the first review decides");

    let mut diary = Diary::new();
    diary.began(0, 0).hinted(0, 0, 3).passed(0, 0).began(0, 1).passed(0, 1).reviewed(0, true);
    assert_eq!(diary.state(0), State::Done);
    diary.began(0, 0).passed(0, 0);
    assert_eq!(diary.state(0), State::Mastered, "done once more by oneself");
}

#[test]
fn a_reset_makes_facts_invisible_and_taking_it_back_makes_them_visible() {
    let mut diary = Diary::new();
    diary.done(0).began(1, 0).whole(Some(0), What::Reset);
    assert_eq!((diary.state(0), diary.place().as_str()), (State::Open, "names/first"));
    assert_eq!(diary.progress().restorable.as_deref(), Some("roles"));
    diary.whole(None, What::Reset);
    assert!(diary.progress().facts.is_empty());
    diary.whole(None, What::Restored);
    assert_eq!(diary.place(), "names/first", "the latest reset is taken back first");
    assert_eq!(diary.state(0), State::Open);
    diary.whole(None, What::Restored);
    assert_eq!(diary.state(0), State::Done);
    assert_eq!(diary.progress().restorable, None);
    diary.whole(None, What::Restored);
    assert_eq!(diary.state(0), State::Done, "there is nothing more to take back");
}

#[test]
fn what_was_done_between_a_reset_and_its_undoing_is_kept_too() {
    let mut diary = Diary::new();
    diary.began(0, 0).passed(0, 0).whole(Some(0), What::Reset).began(0, 1).passed(0, 1);
    diary.whole(None, What::Restored);
    assert_eq!(diary.state(0), State::Done);
}

#[test]
fn hints_grow_and_the_next_one_wants_a_try_or_some_patience() {
    let diary = Diary::new();
    let step = &diary.course[0].steps[0];
    let given = |facts: &[Fact], heard: u64, now: u64| {
        let facts: Vec<&Fact> = facts.iter().collect();
        match next_hint(step, &facts, heard, now) {
            Hinting::Given { hint, last, .. } => {
                format!("{}{}", hint.text, if last { " (last)" } else { "" })
            }
            Hinting::NotYet(hint) => format!("{} again", hint.text),
            Hinting::Again(hint) => format!("{} was all", hint.text),
            Hinting::None => "none".to_owned(),
        }
    };
    let hinted = |hint: usize, heard: u64, at: u64| {
        Fact::new(&diary.course[0], step, at, What::Hinted { hint, last: hint == 3, heard })
    };
    assert_eq!(given(&[], 0, 100), "a");
    let first = [hinted(1, 2, 100)];
    assert_eq!(given(&first, 2, 100 + HINT_PAUSE - 1), "a again");
    assert_eq!(given(&first, 3, 101), "bb", "something was tried");
    assert_eq!(given(&first, 2, 100 + HINT_PAUSE), "bb", "some time has passed");
    assert_eq!(given(&first, 2, 50), "bb", "a clock that was set back keeps nobody waiting");
    assert_eq!(given(&[hinted(2, 0, 100)], 1, 100), "ccc (last)");
    assert_eq!(given(&[hinted(3, 0, 100)], 9, 900), "ccc was all");
}

#[test]
fn reviews_come_after_1_3_7_and_21_days_and_late_ones_move_the_rest() {
    assert_eq!(
        GAPS.iter()
            .scan(0, |sum, gap| {
                *sum += gap;
                Some(*sum)
            })
            .collect::<Vec<_>>(),
        [1, 3, 7, 21]
    );
    let mut diary = Diary::new();
    diary.done(0);
    let next = |diary: &Diary| due_at(&diary.progress(), &diary.course[0]).map(|at| (at - 1000) / DAY);
    assert_eq!(next(&diary), Some(1));
    diary.later(DAY).reviewed(0, true);
    assert_eq!(next(&diary), Some(3));
    diary.later(9 * DAY).reviewed(0, true);
    assert_eq!(next(&diary), Some(14), "four days after the late one");
    diary.later(4 * DAY).reviewed(0, false);
    assert_eq!(next(&diary), Some(15), "an answer that was not right comes back the next day");
    diary.later(DAY).reviewed(0, true);
    assert_eq!(next(&diary), Some(29));
    diary.later(14 * DAY).reviewed(0, true);
    assert_eq!(next(&diary), None, "four times, and it is yours");
}

#[test]
fn only_what_is_done_is_due_and_the_longest_waiting_comes_first() {
    let mut diary = Diary::new();
    diary.done(1).later(10).done(0);
    let ids = |now: u64| -> Vec<String> {
        due(&diary.progress(), &diary.course, now).iter().map(|one| one.lesson.id.clone()).collect()
    };
    assert!(ids(1000 + DAY - 1).is_empty());
    assert_eq!(ids(1000 + DAY), ["names"]);
    assert_eq!(ids(1000 + 2 * DAY), ["names", "roles"]);
    let mut half = Diary::new();
    half.began(0, 0).passed(0, 0);
    assert!(due(&half.progress(), &half.course, 1000 + 9 * DAY).is_empty());
}

#[test]
fn credit_for_another_text_stays_and_is_told_apart() {
    let mut diary = Diary::new();
    diary.done(0);
    assert!(!diary.progress().has_changed(&diary.course[0]));
    let text = "---\nid: roles\ntitle: T\nminutes: 1\n---\nAnother text.\n\n## First\n## Second\n";
    diary.course[0] = parse("01-roles.md", text).unwrap();
    assert_eq!(diary.state(0), State::Done);
    assert!(diary.progress().has_changed(&diary.course[0]));
    diary.began(0, 0).passed(0, 0);
    assert!(diary.progress().has_changed(&diary.course[0]), "the other step passed as it was");
    diary.began(0, 1).passed(0, 1);
    assert!(!diary.progress().has_changed(&diary.course[0]));
}
