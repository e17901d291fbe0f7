//! One step with its learner: its text, a guess, the wait for evidence, questions, and on.

use std::path::Path;
use std::time::Duration;

use tokio::time::interval;

use super::Session;
use super::watch::{Look, Watch};
use crate::commands::course::learner::Course;
use crate::error::Failure;
use crate::lessons::fact::{Said, What};
use crate::lessons::lesson::{Block, Choice, Predict, Seen};
use crate::lessons::standing::Place;
use crate::lessons::verdict::Verdict;
use crate::render::course::session::Without;
use crate::render::course::{coach, lesson as shown_lesson, session as shown};
use crate::render::text::failure;
use crate::render::text::screen::Screen;
use crate::terminal::prompt::Typed;

/// How often the journal is looked at while a step waits.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The learner is somewhere else now; progress says where.
    Onward,
    /// The learner leaves.
    Left,
}

/// What the next line that is typed is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phase<'a> {
    /// A guess, before the step says what to do; words and verbs still work.
    Guessing(&'a Predict),
    /// Words and verbs; evidence is awaited.
    Doing,
    /// The answer to this question; words and verbs still work.
    Asking(&'a Seen),
    /// A line for the notebook; words and verbs still work.
    Writing(&'a str),
    /// The step is over.
    Resting,
    /// Free play, and what to return to is the step.
    Playing,
}

/// One step with its learner.
pub struct Sitting<'s, 'c> {
    pub(super) session: &'s mut Session,
    pub(super) course: &'c Course<'c>,
    pub(super) here: Place<'c>,
    pub(super) marker: String,
    pub(super) watch: Watch,
    pub(super) phase: Phase<'c>,
    /// A program has just had the keyboard, and may have ended by itself: a Ctrl-D may have been meant for it.
    pub(super) lent: bool,
    /// The step has passed while a program had the terminal, and what is asked behind it has not been said yet.
    pub(super) unannounced: bool,
    /// What could not be done and has been told.
    trouble: Option<Failure>,
}

impl<'s, 'c> Sitting<'s, 'c> {
    /// Begins the step, or goes on with it.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(session: &'s mut Session, course: &'c Course<'c>, here: Place<'c>) -> Result<Self, Failure> {
        let marker = course.begin(here)?;
        let watch = Watch::new(course, &marker)?;
        Ok(Self {
            session,
            course,
            here,
            marker,
            watch,
            phase: Phase::Doing,
            lent: false,
            unannounced: false,
            trouble: None,
        })
    }

    /// Stays until the step is over or the learner goes elsewhere. What cannot be written down or read meanwhile is
    /// told, once, and ends nothing.
    ///
    /// # Errors
    /// When the step cannot be begun.
    pub async fn run(mut self) -> Result<End, Failure> {
        self.present();
        let mut again = interval(LOOK_AGAIN);
        loop {
            let prompt = self.prompt();
            self.session.prompt.ask_line(&prompt);
            let done = tokio::select! {
                typed = self.session.prompt.answer() => {
                    // Whoever tries again wants to hear again what is in the way.
                    self.trouble = None;
                    self.take(typed).await
                }
                _ = again.tick() => self.look(),
            };
            match done {
                Ok(Some(end)) => return Ok(end),
                Ok(None) => {}
                Err(trouble) => self.tell(trouble),
            }
        }
    }

    /// Does what was typed says.
    async fn take(&mut self, typed: Typed) -> Result<Option<End>, Failure> {
        let was_lent = std::mem::take(&mut self.lent);
        match typed {
            Typed::Line(line) => self.line(&line).await,
            Typed::Ended if was_lent => {
                shown::cannot(
                    &self.screen(),
                    "what you typed to was over before that Ctrl-D; another one leaves",
                );
                Ok(None)
            }
            Typed::Ended => Ok(Some(End::Left)),
            Typed::Interrupted => {
                shown::cannot(&self.screen(), "nothing is lost; quit leaves");
                Ok(None)
            }
        }
    }

    /// Tells what is in the way, unless it was told just now.
    fn tell(&mut self, trouble: Failure) {
        if self.trouble.as_ref() != Some(&trouble) {
            failure::show(&self.screen(), &trouble);
            self.trouble = Some(trouble);
        }
    }

    pub(super) fn screen(&self) -> Screen {
        self.session.screen()
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.session.folder.as_deref()
    }

    /// What stands before the line that is typed now.
    fn prompt(&self) -> String {
        match self.phase {
            Phase::Guessing(asked) => shown::key_prompt(asked.choices.len(), Without::Guess),
            Phase::Playing => shown::prompt(true).to_owned(),
            _ => shown::prompt(false).to_owned(),
        }
    }

    /// Shows the step as far as the question for a guess, or all of it when the learner has made one.
    pub(super) fn present(&mut self) {
        let (screen, step) = (self.screen(), self.here.step);
        screen.line("");
        shown_lesson::step_head(&screen, self.here.lesson, step);
        match (self.here.again, self.here.replay) {
            (true, _) => shown::once_more(&screen),
            (_, true) => shown::replay(&screen, self.here.lesson),
            _ => {}
        }
        let guess = self.course.guess(self.here);
        match (step.predictions().next(), guess) {
            (Some(asked), None) => {
                shown_lesson::step_parts(&screen, self.parts().0);
                self.phase = Phase::Guessing(asked);
            }
            (_, guess) => {
                shown_lesson::step_guessed(&screen, &step.blocks, guess.as_ref());
                self.invite();
            }
        }
    }

    /// The step up to its question for a guess, and what comes behind it.
    fn parts(&self) -> (&'c [Block], &'c [Block]) {
        let asked = self.here.step.blocks.iter().position(|block| matches!(block, Block::Predict(_)));
        self.here.step.blocks.split_at(asked.map_or(0, |at| at + 1))
    }

    /// Keeps a guess, and goes on with the step.
    pub(super) fn guessed(&mut self, asked: &Predict, at: usize, choice: &Choice) -> Result<(), Failure> {
        let screen = self.screen();
        self.course.note(self.here, What::Predicted(Said::new(asked, choice)))?;
        shown::chosen(&screen, at, &choice.text);
        coach::guessed(&screen, self.here, choice);
        self.reveal();
        Ok(())
    }

    /// Goes on with the step behind its question.
    pub(super) fn reveal(&mut self) {
        shown_lesson::step_parts(&self.screen(), self.parts().1);
        self.phase = Phase::Doing;
        self.invite();
    }

    /// Says what to do at the step, and what still runs from before it.
    fn invite(&mut self) {
        self.tell_left_over();
        let (screen, step) = (self.screen(), self.here.step);
        if !(step.read_only && step.notebook().is_some()) {
            shown::invitation(&screen, step.read_only);
        }
        if step.read_only {
            self.phase = self.writing();
            if matches!(self.phase, Phase::Writing(_)) {
                self.announce();
            }
        }
    }

    /// Looks at what has come in. Gives an end only when the step ended in another terminal.
    pub(super) fn look(&mut self) -> Result<Option<End>, Failure> {
        let screen = self.screen();
        match self.phase {
            Phase::Doing | Phase::Guessing(_) => {
                match self.watch.look(self.course, self.here, &self.marker, &screen)? {
                    Look::Same => {}
                    Look::Passed(judged) => self.pass(&judged)?,
                    Look::Elsewhere => {
                        shown::cannot(&screen, "your place in the course has changed; here it is");
                        return Ok(Some(End::Onward));
                    }
                }
            }
            Phase::Playing => self.watch.look_on(self.course, &screen)?,
            _ => {}
        }
        Ok(None)
    }

    /// Looks while a program has the terminal: a pass is said at once, and everything else when the program has ended.
    pub(super) fn look_beside(&mut self) -> Result<(), Failure> {
        if !matches!(self.phase, Phase::Doing | Phase::Guessing(_)) {
            return Ok(());
        }
        let screen = self.screen();
        if let Some(judged) = self.watch.look_beside(self.course, self.here, &screen)? {
            self.passes(&judged)?;
            self.unannounced = true;
        }
        Ok(())
    }

    /// Writes the pass down, and goes on to what is asked behind it.
    pub(super) fn pass(&mut self, judged: &Verdict) -> Result<(), Failure> {
        self.passes(judged)?;
        self.announce();
        Ok(())
    }

    fn passes(&mut self, judged: &Verdict) -> Result<(), Failure> {
        self.course.pass(self.here, &self.marker, (judged, self.watch.account()))?;
        shown::passed(&self.screen(), self.here.step, self.course.guess(self.here).as_ref());
        self.phase = match self.here.step.questions().next() {
            Some(seen) => Phase::Asking(seen),
            None => self.writing(),
        };
        Ok(())
    }

    /// The question for the notebook, if the step has one, else rest.
    pub(super) fn writing(&self) -> Phase<'c> {
        match self.here.step.notebook() {
            Some(asks) => Phase::Writing(&asks.question),
            None => Phase::Resting,
        }
    }

    /// Says what the next line is for.
    pub(super) fn announce(&self) {
        let screen = self.screen();
        match self.phase {
            Phase::Asking(seen) => {
                shown_lesson::question(&screen, seen);
                shown::asks(&screen);
            }
            Phase::Writing(question) => shown::asks_for_line(&screen, question),
            Phase::Resting => shown::over(&screen),
            Phase::Guessing(_) | Phase::Doing | Phase::Playing => {}
        }
    }
}
