//! One step with its learner: its text, a guess, the wait for evidence, questions, and on.

use std::path::Path;
use std::time::Duration;

use tokio::time::interval;

use super::Session;
use super::watch::{Look, Watch};
use crate::commands::course::ask::{Chosen, choose};
use crate::commands::course::learner::{Course, now};
use crate::error::Failure;
use crate::lessons::fact::{Fact, Said, What};
use crate::lessons::lesson::{Block, Seen};
use crate::lessons::review;
use crate::lessons::standing::Place;
use crate::lessons::verdict::Verdict;
use crate::render::course::session::Enter;
use crate::render::course::{coach, lesson as shown_lesson, session as shown};
use crate::render::text::failure;
use crate::render::text::screen::Screen;
use crate::terminal::prompt::Typed;

/// How often the journal is looked at while a step waits.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

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
    /// Whether this lesson was not the one before in this sitting.
    arrives: bool,
    /// A program has just had the keyboard, and may have ended by itself: a Ctrl-D may have been meant for it.
    pub(super) lent: bool,
    /// What could not be done and has been told.
    trouble: Option<Failure>,
}

impl<'s, 'c> Sitting<'s, 'c> {
    /// Begins the step, or goes on with it.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(
        session: &'s mut Session,
        course: &'c Course<'c>,
        here: Place<'c>,
        arrives: bool,
    ) -> Result<Self, Failure> {
        let marker = course.begin(here)?;
        let watch = Watch::new(course, &marker)?;
        Ok(Self {
            session,
            course,
            here,
            marker,
            watch,
            phase: Phase::Doing,
            arrives,
            lent: false,
            trouble: None,
        })
    }

    /// Stays until the step is over or the learner goes elsewhere. What cannot be written down or read meanwhile is
    /// told, once, and ends nothing.
    ///
    /// # Errors
    /// When the step cannot be begun.
    pub async fn run(mut self) -> Result<End, Failure> {
        if self.present().await? == End::Left {
            return Ok(End::Left);
        }
        let mut again = interval(LOOK_AGAIN);
        loop {
            self.session.prompt.ask_line(shown::prompt(matches!(self.phase, Phase::Playing)));
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
            Typed::Key(_) => Ok(None),
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

    /// Shows the step and asks for a guess before it says what to type.
    async fn present(&mut self) -> Result<End, Failure> {
        self.screen().line("");
        if self.arrives && self.here.marker.is_none() && self.recall().await? == End::Left {
            return Ok(End::Left);
        }
        let (screen, step) = (self.screen(), self.here.step);
        shown_lesson::step_head(&screen, self.here.lesson, step);
        match (self.here.again, self.here.replay) {
            (true, _) => shown::once_more(&screen),
            (_, true) => shown::replay(&screen, self.here.lesson),
            _ => {}
        }
        let asked = step.blocks.iter().position(|block| matches!(block, Block::Predict(_)));
        let (before, after) = step.blocks.split_at(asked.map_or(0, |at| at + 1));
        if let (Some(Block::Predict(predict)), None) = (before.last(), self.course.guess(self.here)) {
            shown_lesson::step_parts(&screen, before);
            match choose(&mut self.session.prompt, &screen, predict, Enter::NoGuess).await {
                Chosen::This(choice) => {
                    self.course.note(self.here, What::Predicted(Said::new(predict, choice)))?;
                    coach::guessed(&screen, self.here, choice);
                }
                Chosen::None | Chosen::Interrupted => {}
                Chosen::Left => return Ok(End::Left),
            }
            shown_lesson::step_parts(&screen, after);
        } else {
            shown_lesson::step_parts(&screen, &step.blocks);
        }
        if !(step.read_only && step.notebook().is_some()) {
            shown::invitation(&screen, step.read_only);
        }
        if step.read_only {
            self.phase = self.writing();
            if matches!(self.phase, Phase::Writing(_)) {
                self.announce();
            }
        }
        Ok(End::Onward)
    }

    /// One question from an earlier lesson, when a lesson begins.
    async fn recall(&mut self) -> Result<End, Failure> {
        let Some((lesson, asked)) =
            review::recall(&self.course.progress, &self.course.lessons, self.here.lesson)
        else {
            return Ok(End::Onward);
        };
        let screen = self.screen();
        shown::recall(&screen, lesson, &asked);
        match choose(&mut self.session.prompt, &screen, &asked, Enter::Skips).await {
            Chosen::This(choice) => {
                coach::recalled(&screen, &asked, choice);
                let said = Said::new(&asked, choice);
                self.course.append(&Fact::whole(
                    Some(lesson),
                    now(),
                    What::Recalled { said, review: false },
                ))?;
            }
            Chosen::None | Chosen::Interrupted => {}
            Chosen::Left => return Ok(End::Left),
        }
        screen.line("");
        Ok(End::Onward)
    }

    /// Looks at what has come in. Gives an end only when the step ended in another terminal.
    pub(super) fn look(&mut self) -> Result<Option<End>, Failure> {
        let screen = self.screen();
        match self.phase {
            Phase::Doing => match self.watch.look(self.course, self.here, &self.marker, &screen)? {
                Look::Same => {}
                Look::Passed(judged) => self.pass(&judged)?,
                Look::Elsewhere => {
                    shown::cannot(&screen, "your place in the course has changed; here it is");
                    return Ok(Some(End::Onward));
                }
            },
            Phase::Playing => self.watch.look_on(self.course, &screen)?,
            _ => {}
        }
        Ok(None)
    }

    /// Writes the pass down, and goes on to what is asked behind it.
    pub(super) fn pass(&mut self, judged: &Verdict) -> Result<(), Failure> {
        self.course.pass(self.here, &self.marker, (judged, self.watch.account()))?;
        shown::passed(&self.screen(), self.here.step, self.course.guess(self.here).as_ref());
        self.phase = match self.here.step.questions().next() {
            Some(seen) => Phase::Asking(seen),
            None => self.writing(),
        };
        self.announce();
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
            Phase::Doing | Phase::Playing => {}
        }
    }
}
