//! What a line typed at the prompt does to a sitting.

use std::io;
use std::process::ExitStatus;

use tokio::time::interval;

use super::jobs;
use super::place::Program;
use super::program;
use super::sitting::{End, LOOK_AGAIN, Phase, Sitting};
use super::words::{self, Word, meaning};
use crate::commands::course::answer::{self, Waiting};
use crate::commands::course::ask::{Heard, heard};
use crate::commands::course::{hint, why};
use crate::error::Failure;
use crate::lessons::check;
use crate::lessons::fact::What;
use crate::lessons::lesson::Seen;
use crate::lessons::seen::Reply;
use crate::lessons::standing::Standing;
use crate::lessons::verdict::Verdict;
use crate::net::clock::wall_us;
use crate::render::course::session::Without;
use crate::render::course::{coach, lesson as shown_lesson, session as shown, verdict};
use crate::render::text::failure;

impl Sitting<'_, '_> {
    /// Does what a line says.
    pub(super) async fn line(&mut self, line: &str) -> Result<Option<End>, Failure> {
        if let Phase::Guessing(asked) = self.phase {
            match heard(asked, line) {
                Heard::This(at, choice) => return self.guessed(asked, at, choice).map(|()| None),
                Heard::None => {
                    self.reveal();
                    return Ok(None);
                }
                Heard::NoSuch => {
                    shown::keys(&self.screen(), asked.choices.len(), Without::Guess);
                    return Ok(None);
                }
                Heard::Other => {}
            }
        }
        match meaning(line) {
            // A sentence may begin with the name of a verb, and is none.
            Word::Verb(words) | Word::Job(words) if self.takes_text() && !words::is_command(&words) => {
                return self.said(line);
            }
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

    fn is_guessing(&self) -> bool {
        matches!(self.phase, Phase::Guessing(_))
    }

    /// The question that waits, once more and with its answers, for whoever has typed something else.
    fn still_open(&self) {
        let screen = self.screen();
        match self.phase {
            Phase::Guessing(asked) => {
                shown_lesson::choices(&screen, "Before you look: ", asked);
                shown::keys(&screen, asked.choices.len(), Without::Guess);
            }
            _ => self.announce(),
        }
    }

    /// A line that answers.
    fn said(&mut self, line: &str) -> Result<Option<End>, Failure> {
        match self.phase {
            Phase::Asking(seen) => {
                let waiting = Waiting { lesson: self.here.lesson, step: self.here.step, seen };
                let account = answer::evidence(self.course, self.here.lesson, self.here.step, &self.marker)?;
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
            Phase::Doing => self.glance(),
            Phase::Guessing(_) | Phase::Asking(_) | Phase::Writing(_) => {
                self.still_open();
                Ok(None)
            }
            Phase::Resting if self.here.step.read_only => self.read().map(Some),
            Phase::Resting => Ok(Some(End::Onward)),
            Phase::Playing => Ok(None),
        }
    }

    /// What is missing, in a line.
    fn glance(&mut self) -> Result<Option<End>, Failure> {
        let end = self.look()?;
        if end.is_none() && matches!(self.phase, Phase::Doing) {
            shown::missing(&self.screen(), &self.judged()?);
        }
        Ok(end)
    }

    /// Judges now and says what is missing.
    fn check(&mut self) -> Result<(), Failure> {
        match self.phase {
            Phase::Doing => {
                // What came in last may not have been told yet.
                self.look()?;
                let judged = check::judge_at(self.here.step, self.watch.account(), wall_us());
                if matches!(self.phase, Phase::Doing) && judged.passed() {
                    // It was seen before and could not be written down.
                    self.pass(&judged)?;
                } else if matches!(self.phase, Phase::Doing) {
                    verdict::show(&self.screen(), self.here.lesson, self.here.step, &judged);
                }
            }
            Phase::Playing => {
                shown::cannot(&self.screen(), "nothing is judged in free play; back returns to the step");
            }
            Phase::Guessing(_) => self.still_open(),
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
        } else if self.is_guessing() {
            self.still_open();
        } else {
            shown::over(&screen);
        }
        Ok(())
    }

    fn why(&mut self, line: &str) -> Result<(), Failure> {
        if self.is_guessing() && line.trim().is_empty() {
            // The idea would answer the question.
            self.still_open();
        } else if line.trim().is_empty() {
            let judged = self.judged()?;
            coach::why(&self.screen(), self.here, &judged);
        } else {
            why::keep(self.course, self.here, line)?;
            shown::kept(&self.screen());
        }
        Ok(())
    }

    /// What is to be said of the step: once it has passed, of what it passed on.
    fn judged(&self) -> Result<Verdict, Failure> {
        let step = self.here.step;
        let passed_on = self.is_over().then(|| self.course.passed_on(self.here.lesson, step, &self.marker));
        Ok(match passed_on.transpose()?.flatten() {
            Some(account) => check::judge(step, &account),
            None => check::judge_at(step, self.watch.account(), wall_us()),
        })
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
            Phase::Guessing(_) | Phase::Doing | Phase::Playing => false,
        }
    }

    /// From free play to the step; from the step to the one before.
    fn back(&mut self) -> Result<Option<End>, Failure> {
        if matches!(self.phase, Phase::Playing) {
            return Ok(Some(End::Onward));
        }
        let steps = &self.here.lesson.steps;
        let at = steps.iter().position(|step| step.slug == self.here.step.slug).unwrap_or(0);
        let Some(before) = at.checked_sub(1).and_then(|at| steps.get(at)) else {
            shown::cannot(
                &self.screen(),
                "this is the first step of the lesson; learn N goes to another one",
            );
            return Ok(None);
        };
        self.course.begin_again(self.here.lesson, before, self.here.replay)?;
        Ok(Some(End::Onward))
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
            self.show_again();
            return Ok(None);
        };
        match self.course.wanted(wanted) {
            Ok(lesson) => {
                self.course.go_to(lesson)?;
                Ok(Some(End::Onward))
            }
            Err(unknown) => {
                failure::show(&self.screen(), &unknown);
                Ok(None)
            }
        }
    }

    /// The step again, as far as it has been shown.
    fn show_again(&mut self) {
        if matches!(self.phase, Phase::Guessing(_) | Phase::Doing) {
            self.present();
        } else {
            let screen = self.screen();
            let guess = self.course.guess(self.here);
            shown_lesson::step_head(&screen, self.here.lesson, self.here.step);
            shown_lesson::step_guessed(&screen, &self.here.step.blocks, guess.as_ref());
            self.announce();
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
        let text = jobs::typed(words);
        match self.session.jobs.start(words, self.screen(), &self.here.step.slug) {
            Ok(number) => shown::job_started(&screen, number, &text),
            Err(error) => shown::cannot(&screen, &format!("that could not be started: {error}")),
        }
    }

    /// Runs a verb in front; afterwards the learner may be somewhere else.
    async fn run_verb(&mut self, words: Vec<String>) -> Result<Option<End>, Failure> {
        self.lent = words::takes_lines(&words);
        let words = words::of_folder(words, self.folder());
        self.session.voice.drained();
        let program = self.program();
        let run = program::verb(&program, &words);
        let done = if self.lent { self.beside(run).await } else { run.await };
        if let Err(error) = done {
            shown::cannot(&self.screen(), &format!("that could not be started: {error}"));
        }
        self.watch.shown_already();
        let end = self.look();
        self.announce_late();
        end
    }

    /// How a program in front is run. Where jobs run, both ends of its conversations tell on this terminal.
    fn program(&mut self) -> Program {
        let shares = !self.session.jobs.list().is_empty();
        Program { shares, ..self.session.jobs.program().clone() }
    }

    /// Waits for a program that has the terminal, and looks meanwhile.
    async fn beside(&mut self, run: impl Future<Output = io::Result<ExitStatus>>) -> io::Result<ExitStatus> {
        let mut again = interval(LOOK_AGAIN);
        tokio::pin!(run);
        loop {
            tokio::select! {
                done = &mut run => return done,
                // What cannot be read now is told when the program has ended.
                _ = again.tick() => drop(self.look_beside()),
            }
        }
    }

    /// What is asked behind a pass that was said while a program had the terminal.
    fn announce_late(&mut self) {
        if std::mem::take(&mut self.unannounced) {
            self.announce();
        }
    }

    async fn run_shell(&mut self, command: &str) {
        self.lent = true;
        self.session.voice.drained();
        let program = self.program();
        let run = program::shell(&program, command);
        if let Err(error) = self.beside(run).await {
            shown::cannot(&self.screen(), &format!("your shell could not be started: {error}"));
        }
        self.announce_late();
    }
}
