//! One step with its learner: its text, a guess, the wait for evidence, questions, and on.

use std::path::Path;
use std::time::Duration;

use tokio::time::interval;

use super::watch::{Look, Watch};
use super::words::{self, Word, meaning};
use super::{Session, program};
use crate::commands::answer::{self, Waiting};
use crate::commands::ask::{Chosen, choose};
use crate::commands::course::{Course, now};
use crate::commands::learn::go_to;
use crate::commands::{hint, why};
use crate::error::Failure;
use crate::lessons::check;
use crate::lessons::fact::{Fact, Said, What};
use crate::lessons::lesson::{Block, Seen};
use crate::lessons::review;
use crate::lessons::seen::Reply;
use crate::lessons::standing::{Place, Standing};
use crate::lessons::verdict::Verdict;
use crate::render::screen::Screen;
use crate::render::session::Enter;
use crate::render::{coach, failure, lesson as shown_lesson, session as shown, verdict};
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
enum Phase<'a> {
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
    session: &'s mut Session,
    course: &'c Course<'c>,
    here: Place<'c>,
    marker: String,
    watch: Watch,
    phase: Phase<'c>,
    /// Whether this lesson was not the one before in this sitting.
    arrives: bool,
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
        Ok(Self { session, course, here, marker, watch, phase: Phase::Doing, arrives })
    }

    /// Stays until the step is over or the learner goes elsewhere.
    ///
    /// # Errors
    /// When progress or journal cannot be used.
    pub async fn run(mut self) -> Result<End, Failure> {
        if self.present().await? == End::Left {
            return Ok(End::Left);
        }
        let mut again = interval(LOOK_AGAIN);
        loop {
            self.session.prompt.ask_line(shown::prompt(matches!(self.phase, Phase::Playing)));
            let typed = tokio::select! {
                typed = self.session.prompt.answer() => typed,
                _ = again.tick() => {
                    if self.look()? == Some(End::Onward) {
                        return Ok(End::Onward);
                    }
                    continue;
                }
            };
            let end = match typed {
                Typed::Line(line) => self.line(&line).await?,
                Typed::Ended => Some(End::Left),
                Typed::Key(_) => None,
                Typed::Interrupted => {
                    shown::cannot(&self.session.screen(), "nothing is lost; quit leaves");
                    None
                }
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    fn screen(&self) -> Screen {
        self.session.screen()
    }

    fn folder(&self) -> Option<&Path> {
        self.session.folder.as_deref()
    }

    /// Shows the step and asks for a guess before it says what to type.
    async fn present(&mut self) -> Result<End, Failure> {
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
        if let (Some(Block::Predict(predict)), None) = (before.last(), self.guess()) {
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

    /// The guess of this attempt.
    fn guess(&self) -> Option<Said> {
        let progress = self.course.progress_now();
        let attempt = progress.attempt(&self.here.lesson.id, &self.here.step.slug);
        attempt.iter().rev().find_map(|fact| match &fact.what {
            What::Predicted(said) => Some(said.clone()),
            _ => None,
        })
    }

    /// Looks at what has come in. Gives an end only when the step ended in another terminal.
    fn look(&mut self) -> Result<Option<End>, Failure> {
        let screen = self.screen();
        match self.phase {
            Phase::Doing => match self.watch.look(self.course, self.here, &self.marker, &screen)? {
                Look::Same => {}
                Look::Passed(judged) => self.pass(&judged)?,
                Look::Elsewhere => {
                    shown::cannot(&screen, "you went on in another terminal");
                    return Ok(Some(End::Onward));
                }
            },
            Phase::Playing => self.watch.look_on(self.course, &screen)?,
            _ => {}
        }
        Ok(None)
    }

    /// Writes the pass down, and goes on to what is asked behind it.
    fn pass(&mut self, judged: &Verdict) -> Result<(), Failure> {
        self.course.note(self.here, What::Passed { saw: verdict::excerpt(judged) })?;
        shown::passed(&self.screen(), self.here.step, self.guess().as_ref());
        self.phase = match self.here.step.questions().next() {
            Some(seen) => Phase::Asking(seen),
            None => self.writing(),
        };
        self.announce();
        Ok(())
    }

    /// The question for the notebook, if the step has one, else rest.
    fn writing(&self) -> Phase<'c> {
        match self.here.step.notebook() {
            Some(asks) => Phase::Writing(&asks.question),
            None => Phase::Resting,
        }
    }

    /// Says what the next line is for.
    fn announce(&self) {
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

/// What typed lines do.
impl Sitting<'_, '_> {
    /// Does what a line says.
    async fn line(&mut self, line: &str) -> Result<Option<End>, Failure> {
        match meaning(line) {
            Word::Empty => return self.enter(),
            Word::Check => self.check()?,
            Word::Hint => self.hint()?,
            Word::Why(line) => self.why(&line)?,
            Word::Skip => return self.skip().map(Some),
            Word::Play => {
                self.phase = Phase::Playing;
                shown::play(&self.screen());
            }
            Word::Back => return self.back(),
            Word::Next => return self.next(),
            Word::Learn(wanted) => return self.learn(wanted.as_deref()),
            Word::Help => shown::words(&self.screen(), words::WORDS),
            Word::Jobs => {
                let screen = self.screen();
                shown::jobs(
                    &screen,
                    self.session.jobs.list().iter().map(|job| (job.number, job.text.as_str())),
                );
            }
            Word::Stop(number) => self.stop(number),
            Word::Quit => return Ok(Some(End::Left)),
            Word::Shell(command) => self.run_shell(&command).await,
            Word::Verb(words) => return self.run_verb(words).await,
            Word::Job(words) => self.start_job(&words),
            Word::Unclear | Word::Unknown(_) if self.takes_text() => return self.said(line),
            Word::Unclear => shown::cannot(&self.screen(), "a quote is not closed in that line"),
            Word::Unknown(word) => shown::unknown(&self.screen(), &word),
        }
        Ok(None)
    }

    /// Whether a line that is no word is the answer to something.
    fn takes_text(&self) -> bool {
        matches!(self.phase, Phase::Asking(_) | Phase::Writing(_))
    }

    /// A line that answers.
    fn said(&mut self, line: &str) -> Result<Option<End>, Failure> {
        match self.phase {
            Phase::Asking(seen) => {
                let waiting = Waiting { lesson: self.here.lesson, step: self.here.step, seen };
                let account = self.course.account(&self.marker)?;
                let reply = answer::answer(self.course, waiting, line, &account)?;
                verdict::reply(&self.screen(), seen, &reply);
                if matches!(reply, Reply::LookAgain(_)) {
                    shown::asks(&self.screen());
                } else {
                    self.after_question(seen);
                }
                Ok(None)
            }
            Phase::Writing(_) => {
                why::keep(self.course, self.here, line)?;
                shown::kept(&self.screen());
                self.written()
            }
            _ => Ok(None),
        }
    }

    /// On to the next question, or to what follows the questions.
    fn after_question(&mut self, seen: &Seen) {
        let mut questions = self.here.step.questions().skip_while(|one| one.line != seen.line).skip(1);
        self.phase = questions.next().map_or_else(|| self.writing(), Phase::Asking);
        self.announce();
    }

    /// Behind the notebook: a step that was only to be read is over, another one rests.
    fn written(&mut self) -> Result<Option<End>, Failure> {
        if self.here.step.read_only {
            return self.read().map(Some);
        }
        self.phase = Phase::Resting;
        self.announce();
        Ok(None)
    }

    /// A step that was only to be read has been read.
    fn read(&self) -> Result<End, Failure> {
        self.course.note(self.here, What::Passed { saw: Vec::new() })?;
        Ok(End::Onward)
    }

    /// Enter alone: on, or what is missing.
    fn enter(&mut self) -> Result<Option<End>, Failure> {
        match self.phase {
            Phase::Doing => self.check().map(|()| None),
            Phase::Asking(seen) => {
                self.after_question(seen);
                Ok(None)
            }
            Phase::Writing(_) => self.written(),
            Phase::Resting if self.here.step.read_only => self.read().map(Some),
            Phase::Resting => Ok(Some(End::Onward)),
            Phase::Playing => Ok(None),
        }
    }

    /// Judges now and says what is missing.
    fn check(&mut self) -> Result<(), Failure> {
        match self.phase {
            Phase::Doing => {
                // What came in last may not have been told yet.
                self.look()?;
                if matches!(self.phase, Phase::Doing) {
                    let judged = check::judge(self.here.step, self.watch.account());
                    verdict::show(&self.screen(), self.here.lesson, self.here.step, &judged);
                }
            }
            Phase::Playing => {
                shown::cannot(&self.screen(), "nothing is judged in free play; back returns to the step")
            }
            _ if self.here.step.read_only => shown::invitation(&self.screen(), true),
            _ => shown::over(&self.screen()),
        }
        Ok(())
    }

    fn hint(&mut self) -> Result<(), Failure> {
        let screen = self.screen();
        if matches!(self.phase, Phase::Doing | Phase::Playing) {
            let hinting = hint::give(self.course, self.here, self.watch.account())?;
            coach::give_hint(&screen, &hinting);
        } else {
            shown::over(&screen);
        }
        Ok(())
    }

    fn why(&mut self, line: &str) -> Result<(), Failure> {
        if line.trim().is_empty() {
            let judged = check::judge(self.here.step, self.watch.account());
            coach::why(&self.screen(), self.here, &judged);
        } else {
            why::keep(self.course, self.here, line)?;
            shown::kept(&self.screen());
        }
        Ok(())
    }

    /// On without the step; behind its pass that is the way on too.
    fn skip(&mut self) -> Result<End, Failure> {
        if !self.is_over() {
            self.course.note(self.here, What::Skipped)?;
            shown::skipped(&self.screen(), self.here.lesson);
        }
        Ok(End::Onward)
    }

    fn is_over(&self) -> bool {
        match self.phase {
            Phase::Asking(_) | Phase::Resting | Phase::Writing(_) => !self.here.step.read_only,
            Phase::Doing | Phase::Playing => false,
        }
    }

    /// From free play to the step; from the step to the one before.
    fn back(&mut self) -> Result<Option<End>, Failure> {
        if matches!(self.phase, Phase::Playing) {
            return Ok(Some(End::Onward));
        }
        let steps = &self.here.lesson.steps;
        let at = steps.iter().position(|step| step.slug == self.here.step.slug).unwrap_or(0);
        match at.checked_sub(1).and_then(|at| steps.get(at)) {
            Some(before) => {
                self.course.begin_again(self.here.lesson, before, self.has_passed(&before.slug))?;
                Ok(Some(End::Onward))
            }
            None => {
                shown::cannot(
                    &self.screen(),
                    "this is the first step of the lesson; learn N goes to another one",
                );
                Ok(None)
            }
        }
    }

    fn next(&mut self) -> Result<Option<End>, Failure> {
        match self.phase {
            Phase::Playing => Ok(Some(End::Onward)),
            _ if self.here.step.read_only => self.read().map(Some),
            _ if self.is_over() => Ok(Some(End::Onward)),
            // What has passed once needs no second pass.
            _ if self.has_passed(&self.here.step.slug) => self.skip().map(Some),
            _ => {
                shown::cannot(&self.screen(), "this step has not been seen yet; skip goes on without it");
                Ok(None)
            }
        }
    }

    fn has_passed(&self, slug: &str) -> bool {
        self.course.progress_now().standing(&self.here.lesson.id, slug) == Standing::Passed
    }

    /// To another lesson; without one, the step again.
    fn learn(&mut self, wanted: Option<&str>) -> Result<Option<End>, Failure> {
        let Some(wanted) = wanted else {
            let screen = self.screen();
            shown_lesson::step(&screen, self.here.lesson, self.here.step);
            self.announce();
            return Ok(None);
        };
        match self.course.wanted(wanted) {
            Ok(lesson) => {
                go_to(self.course, lesson)?;
                Ok(Some(End::Onward))
            }
            Err(unknown) => {
                failure::show(&self.screen(), &unknown);
                Ok(None)
            }
        }
    }

    fn stop(&mut self, number: Option<usize>) {
        let running: Vec<usize> = self.session.jobs.list().iter().map(|job| job.number).collect();
        let stopped = match (number, &running[..]) {
            (Some(number), _) | (None, &[number]) => self.session.jobs.stop(number),
            _ => false,
        };
        if !stopped {
            shown::cannot(&self.screen(), "no job of that number runs; jobs lists them");
        }
    }

    fn start_job(&mut self, words: &[String]) {
        let screen = self.screen();
        let text = words.join(" ");
        match self.session.jobs.start(words, self.screen()) {
            Ok(number) => shown::job_started(&screen, number, &text),
            Err(error) => shown::cannot(&screen, &format!("that could not be started: {error}")),
        }
    }

    /// Runs a verb in front; afterwards the learner may be somewhere else.
    async fn run_verb(&mut self, words: Vec<String>) -> Result<Option<End>, Failure> {
        let words = words::of_folder(words, self.folder());
        self.session.voice.drained();
        if let Err(error) = program::verb(self.session.jobs.program(), &words).await {
            shown::cannot(&self.screen(), &format!("that could not be started: {error}"));
        }
        self.look()
    }

    async fn run_shell(&mut self, command: &str) {
        self.session.voice.drained();
        if let Err(error) = program::shell(self.session.jobs.program(), command).await {
            shown::cannot(&self.screen(), &format!("your shell could not be started: {error}"));
        }
    }
}
