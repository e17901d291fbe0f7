//! An interactive sitting: the coach at a prompt, in normal scrollback.
//!
//! - [`sitting`]: one step, from its text to its evidence; [`typed`]: what typed lines do to it.
//! - [`watch`]: what comes in meanwhile, from this or any other terminal.
//! - [`words`]: what a typed line means; [`program`] runs verbs and shell commands, [`jobs`] those that go on.
//! - [`place`]: the folder and the lab of the sitting; `left_over`: what still runs from the step before.

pub mod jobs;
mod left_over;
pub mod place;
pub mod program;
pub mod sitting;
pub mod typed;
pub mod watch;
pub mod words;

use std::path::{Path, PathBuf};

use crate::cli::Learn;
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, with_folder};
use crate::commands::course::{ending, review};
use crate::error::{Exit, Failure};
use crate::render::course::session as shown;
use crate::render::text::look::Form;
use crate::render::text::screen::Screen;
use crate::terminal::manners::Manners;
use crate::terminal::prompt::Prompt;
use crate::terminal::voice::Voice;
use crate::terminal::{self, Colour};
use jobs::Jobs;
use place::SittingPlace;
use sitting::{End, Sitting};

/// What all steps of a sitting share.
pub struct Session {
    folder: Option<PathBuf>,
    prompt: Prompt,
    voice: Voice,
    jobs: Jobs,
    form: Form,
}

/// Sits with the learner, step after step, until they leave or there is no more.
///
/// # Errors
/// When the lesson is unknown, the terminal cannot be used, or progress cannot be kept.
pub async fn run(args: &Learn, context: &Context) -> Result<Exit, Failure> {
    let place = SittingPlace::open(context)?;
    let context = place.context();
    let history = context.home().map(|home| home.folder().join("history"));
    let (prompt, voice) = Prompt::open(history.as_deref(), words::complete())
        .map_err(|error| Failure::machine("this terminal cannot be used for a session", error.to_string()))?;
    let form = context.screen.look.form;
    let jobs = Jobs::new(voice.clone(), place.program()?);
    let mut session = Session { folder: args.shelf.folder().map(Path::to_owned), prompt, voice, jobs, form };
    let _manners = Manners::remember();
    // Ctrl-C is for the program in front; heard here, it ends nothing.
    let _interrupts = place::hear_interrupts();
    let lab = place.start_lab().await;
    context.hint_at_path();
    let end = tokio::select! {
        end = session.follow(args, context) => end,
        () = place::asked_to_end() => Ok(Exit::Done),
    };
    session.jobs.stop_all().await;
    if let Some(lab) = lab {
        lab.stop().await;
    }
    session.voice.drained();
    end
}

impl Session {
    /// Step after step.
    async fn follow(&mut self, args: &Learn, context: &Context) -> Result<Exit, Failure> {
        let folder = self.folder.clone();
        let mut course = Course::open(context, folder.as_deref())?;
        course.tell_troubles();
        if let Some(wanted) = &args.lesson {
            course.go_to(course.wanted(wanted)?)?;
        }
        shown::welcome(&self.screen(), course.progress.facts.is_empty());
        review::remind(&course, folder.as_deref(), &self.screen());
        loop {
            course = course.lately()?;
            let Some(here) = course.here() else {
                ending::nothing_left(&course, "learn", &self.screen());
                return Ok(Exit::Done);
            };
            let lesson = here.lesson;
            match Sitting::begin(self, &course, here)?.run().await? {
                End::Onward => ending::tell(&course, lesson, &self.screen()),
                End::Left => {
                    let again = with_folder("netlab learn", folder.as_deref());
                    shown::goodbye(&self.screen(), &again);
                    return Ok(Exit::Done);
                }
            }
        }
    }

    /// The screen as it is now: the terminal may have been resized.
    fn screen(&self) -> Screen {
        let look = terminal::look(self.form, false, crate::render::text::look::Loudness::Usual);
        terminal::screen_above_prompt(look, Colour::Auto, &self.voice)
    }
}
