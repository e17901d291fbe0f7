//! `netlab learn`: the current step, and on a terminal the wait for its evidence.
//!
//! Evidence may come from this or any other terminal, and from any tool: the lab runs here meanwhile,
//! and whatever its services and netlab's verbs see is in the journal.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio::time::interval;

use super::context::Context;
use super::course::{Course, Here, with_folder};
use crate::cli::Learn;
use crate::error::{Exit, Failure};
use crate::evidence::journal::Account;
use crate::lab::found::{self, Announcement};
use crate::lab::log::silent;
use crate::lab::up::{Lab, Ports};
use crate::lessons::lesson::{Hint, Seen, Step};
use crate::lessons::progress::Standing;
use crate::lessons::seen::{Answered, answered};
use crate::lessons::verdict::Outcome;
use crate::render::look::Form;
use crate::render::safe::Safe;
use crate::render::screen::Role;
use crate::render::{json, lesson as shown, verdict};

/// How often the journal is looked at while a step waits.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Shows the step; on a terminal stays until it has passed, and goes on to the next.
///
/// # Errors
/// When the lesson is unknown, or progress cannot be kept.
pub async fn run(args: Learn, context: &Context) -> Result<Exit, Failure> {
    let course = Course::open(context, args.lessons.as_deref())?;
    shown::troubles(&context.screen, &course.progress);
    if let Some(wanted) = &args.lesson {
        go_to(&course, wanted, context)?;
    }
    let alone = args.step || !io::stdin().is_terminal() || !io::stdout().is_terminal();
    if alone || context.screen.look.form == Form::Json {
        let course = Course::open(context, args.lessons.as_deref())?;
        return show_only(&course, args.lessons.as_deref(), context);
    }
    let lab = LabHere::start(context).await;
    hint_at_path(context);
    let end = follow(&args, context).await;
    if let Some(lab) = lab {
        lab.lab.stop().await;
    }
    end
}

/// Goes to a lesson: its first step that is open, or that was skipped. Where the learner is already,
/// nothing begins anew, so that no evidence is lost.
fn go_to(course: &Course<'_>, wanted: &str, context: &Context) -> Result<(), Failure> {
    let lesson = course.lesson(wanted).ok_or_else(|| {
        let known: Vec<String> =
            course.lessons.iter().map(|lesson| format!("{} ({})", lesson.number, lesson.id)).collect();
        Failure::usage(format!("there is no lesson {wanted}"), format!("there are: {}", known.join(", ")))
            .or_try("netlab lessons lists them")
    })?;
    if course.here().is_some_and(|here| here.lesson.id == lesson.id) && !course.progress.facts.is_empty() {
        return Ok(());
    }
    let skipped = |step: &&Step| course.progress.standing(&lesson.id, &step.slug) == Standing::Skipped;
    if let Some(step) = course.progress.next_step(lesson).or_else(|| lesson.steps.iter().find(skipped)) {
        course.begin_again(Here { lesson, step }).map(|_| ())
    } else {
        context.screen.status(&format!("note: you have passed every step of lesson {}", lesson.number));
        Ok(())
    }
}

/// Without a terminal: the step, and how to go on.
fn show_only(course: &Course<'_>, folder: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let Some(here) = course.here() else {
        shown::all_done(screen, "learn");
        return Ok(Exit::Done);
    };
    course.begin(here)?;
    if screen.look.form == Form::Json {
        json::document(screen, "learn", shown::step_json(here.lesson, here.step));
    } else {
        shown::step(screen, here.lesson, here.step);
        hint_at_path(context);
        let text = if here.step.read_only {
            "When you have read this, go on:"
        } else {
            "Do that, in this or any other terminal. Then let it be judged:"
        };
        shown::next(screen, text, &with_folder("netlab check", folder));
    }
    Ok(Exit::Done)
}

/// Says how to call this program when `netlab` alone would not find it.
fn hint_at_path(context: &Context) {
    let Ok(program) = std::env::current_exe() else { return };
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("netlab").exists()) {
        context.screen.status(&format!(
            "note: your shell does not find netlab yet; say once in each terminal: alias netlab='{}'",
            Safe::word(program.display().to_string().as_bytes()),
        ));
    }
}

/// The lab of this session, and the word that it is here.
struct LabHere {
    lab: Lab,
    _announced: Option<Announcement>,
}

impl LabHere {
    /// Starts the lab on its known ports, or on free ones when those are taken. A lab that runs already will do.
    async fn start(context: &Context) -> Option<Self> {
        let home = context.home()?;
        if found::running(home.folder()).is_some() {
            return None;
        }
        let (nonces, recorder) = (context.nonces(), context.server_recorder());
        let lab = match Lab::start(Ports::Known, &nonces, &recorder, &silent()).await {
            Ok(lab) => lab,
            Err(taken) => {
                // It names the program that has the port, and a program may be called anything.
                let taken = Safe::word(taken.what.as_bytes()).ascii(context.screen.look.ascii());
                context.screen.status(&format!("note: {taken}; the lab takes other ports"));
                Lab::start(Ports::Free, &nonces, &recorder, &silent()).await.ok()?
            }
        };
        let announced = found::announce(home.folder(), &lab.addresses).ok().flatten();
        Some(Self { lab, _announced: announced })
    }
}

/// How a step ended.
enum End {
    Passed,
    Left,
}

/// Step after step, until the learner leaves or there is no more.
async fn follow(args: &Learn, context: &Context) -> Result<Exit, Failure> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    loop {
        let course = Course::open(context, args.lessons.as_deref())?;
        let Some(here) = course.here() else {
            shown::all_done(&context.screen, "learn");
            return Ok(Exit::Done);
        };
        let marker = course.begin(here)?;
        let mut sitting = Sitting {
            context,
            course: &course,
            here,
            marker,
            hints: here.step.hints().collect(),
            input: &mut input,
        };
        if let End::Left = sitting.run().await? {
            let again = with_folder("netlab learn", args.lessons.as_deref());
            shown::next(&context.screen, "Everything is kept. To go on from here:", &again);
            return Ok(Exit::Done);
        }
    }
}

/// One step with its learner.
struct Sitting<'a, 'c> {
    context: &'a Context,
    course: &'a Course<'c>,
    here: Here<'a>,
    marker: String,
    /// The hints not given yet, the smallest first.
    hints: Vec<&'a Hint>,
    input: &'a mut Lines<BufReader<Stdin>>,
}

impl Sitting<'_, '_> {
    async fn run(&mut self) -> Result<End, Failure> {
        let screen = &self.context.screen;
        screen.line("");
        shown::step(screen, self.here.lesson, self.here.step);
        if self.here.step.read_only {
            shown::say(screen, Role::Command, "press Enter to go on");
        } else {
            shown::say(
                screen,
                Role::Command,
                "do that in another terminal; it is noticed here (Enter: what is missing, h: a hint, s: skip, q: leave)",
            );
        }
        let mut told = 0;
        let mut again = interval(LOOK_AGAIN);
        loop {
            let line = tokio::select! {
                line = self.input.next_line() => Some(line.ok().flatten()),
                _ = again.tick() => None,
            };
            if self.here.step.read_only && line.is_none() {
                continue;
            }
            let (judged, account) = self.course.judge(self.here, &self.marker)?;
            // Each scene is told once, as soon as it is seen.
            let seen: Vec<_> =
                judged.scenes.iter().filter(|scene| matches!(scene.outcome, Outcome::Passed(_))).collect();
            seen.iter().skip(told).for_each(|scene| verdict::one_scene(screen, scene));
            told = told.max(seen.len());
            let typed = match &line {
                Some(None) => return Ok(End::Left),
                Some(Some(typed)) => Some(typed.trim()),
                None => None,
            };
            if let Some("q" | "quit") = typed {
                return Ok(End::Left);
            }
            if judged.passed() {
                if !self.here.step.read_only {
                    shown::say(screen, Role::Good, "passed");
                }
                self.course.pass(self.here, &verdict::excerpt(&judged))?;
                for seen in self.here.step.questions() {
                    self.ask(seen, &account).await;
                }
                return Ok(End::Passed);
            }
            match typed {
                Some("s" | "skip") => {
                    self.course.skip(self.here)?;
                    return Ok(End::Passed);
                }
                Some("h" | "hint") => self.hint(),
                Some(choice) if self.prediction(choice) => {}
                Some(_) => verdict::show(screen, self.here.lesson, self.here.step, &judged),
                None => {}
            }
        }
    }

    /// The next hint, the smallest first.
    fn hint(&mut self) {
        let text = if self.hints.is_empty() {
            "there is no further hint; s skips this step, and you can come back to it".to_owned()
        } else {
            self.hints.remove(0).text.clone()
        };
        shown::say(&self.context.screen, Role::Name, &text);
    }

    /// Answers a prediction by its number. It is never graded.
    fn prediction(&self, typed: &str) -> bool {
        let at = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let choice = self.here.step.predictions().next().and_then(|predict| predict.choices.get(at?));
        if let Some(choice) = choice {
            shown::say(&self.context.screen, Role::Name, &choice.reply);
        }
        choice.is_some()
    }

    /// Asks what the learner saw, once; an empty line goes on.
    async fn ask(&mut self, seen: &Seen, account: &Account) {
        let screen = &self.context.screen;
        shown::question(screen, seen);
        shown::say(screen, Role::Command, "type your answer, or press Enter to go on");
        let Ok(Some(answer)) = self.input.next_line().await else { return };
        if answer.trim().is_empty() {
            return;
        }
        match answered(seen, answer.trim(), account) {
            Answered::Agrees(..) => shown::say(screen, Role::Good, &seen.says),
            Answered::Differs(values) => verdict::differs_from(screen, &values),
            Answered::NothingSeen => {}
        }
    }
}
