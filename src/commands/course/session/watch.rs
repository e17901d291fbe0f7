//! What comes in while a step waits: new connections, scenes that are seen, slips, and what other terminals do.

use std::collections::BTreeMap;

use crate::commands::course::learner::Course;
use crate::commands::course::others::Lookout;
use crate::error::Failure;
use crate::evidence::follower::Follower;
use crate::evidence::journal::Account;
use crate::lessons::settled::Settled;
use crate::lessons::standing::Place;
use crate::lessons::verdict::{Outcome, SceneVerdict, Verdict};
use crate::lessons::{check, connections};
use crate::net::clock::{now_us, wall_us};
use crate::render::course::{session as shown, verdict};
use crate::render::teller::noticed;
use crate::render::text::screen::Screen;

/// How many connections are told of at one look.
const TICKS: usize = 8;

/// How often one connection is told of as it grows.
const TELLINGS: u32 = 6;

/// How many looks at a busy journal are left out for each that took long: judging takes a quarter of the time at most.
const REST: u64 = 3;

/// After how many tries that brought nothing the diagnosis comes unasked, once.
const TRIES: usize = crate::lessons::coach::REJECTIONS;

/// Watches the journal for a step.
pub struct Watch {
    follower: Follower,
    /// What has been told of each connection, and how often.
    told: BTreeMap<usize, (String, u32)>,
    /// Which scenes have been told.
    seen: Vec<bool>,
    /// The slip that was told last: its line, and the connection it was made on.
    slip: Option<(usize, usize)>,
    tries: usize,
    diagnosed: bool,
    /// Whether the learner has just seen for themselves what is new.
    seen_here: bool,
    /// Whether something came in that nobody has told of.
    untold: bool,
    rest_until_us: u64,
    /// From when on it can be said of something that it did not happen, by the wall clock.
    settles_us: Option<u64>,
    progress_bytes: u64,
    /// Who else has the step's port.
    lookout: Lookout,
}

/// What a look has found.
pub enum Look {
    /// Nothing that changes anything.
    Same,
    /// The step has passed.
    Passed(Box<Verdict>),
    /// The step was ended, or another one begun, from another terminal.
    Elsewhere,
}

impl Watch {
    /// Watches what happens behind the step's marker.
    ///
    /// # Errors
    /// When there is no folder.
    pub fn new(course: &Course<'_>, marker: &str) -> Result<Self, Failure> {
        let follower = Follower::new(course.home()?.folder(), marker);
        Ok(Self {
            follower,
            told: BTreeMap::new(),
            seen: Vec::new(),
            slip: None,
            tries: 0,
            diagnosed: false,
            seen_here: false,
            untold: false,
            rest_until_us: 0,
            settles_us: None,
            progress_bytes: 0,
            lookout: Lookout::default(),
        })
    }

    /// What the next look finds was done in front of the learner, by a verb that has shown it: it is judged, and not
    /// told once more.
    pub fn shown_already(&mut self) {
        self.seen_here = true;
        self.rest_until_us = 0;
    }

    /// What has happened since the step began.
    #[must_use]
    pub fn account(&self) -> &Account {
        self.follower.account()
    }

    /// Looks once, and tells what is new.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn look(
        &mut self,
        course: &Course<'_>,
        here: Place<'_>,
        marker: &str,
        screen: &Screen,
    ) -> Result<Look, Failure> {
        if self.ended_elsewhere(course, here, marker)? {
            return Ok(Look::Elsewhere);
        }
        self.lookout.look(course, here.step, self.follower.account(), screen);
        let began = now_us();
        // What it waits for may come to be true by nothing happening.
        let is_settled = self.settles_us.is_some_and(|from_us| from_us <= wall_us());
        if began < self.rest_until_us
            || !(self.has_news(course)? || std::mem::take(&mut self.untold) || is_settled)
        {
            return Ok(Look::Same);
        }
        let judged = self.judge(here);
        self.tell(here, &judged, screen);
        let ended = now_us();
        self.rest_until_us = ended + (ended - began) * REST;
        Ok(if judged.passed() && !here.step.read_only { Look::Passed(Box::new(judged)) } else { Look::Same })
    }

    /// Looks while a program has the terminal: nothing is told but the scenes of a step that has passed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn look_beside(
        &mut self,
        course: &Course<'_>,
        here: Place<'_>,
        screen: &Screen,
    ) -> Result<Option<Verdict>, Failure> {
        let is_settled = self.settles_us.is_some_and(|from_us| from_us <= wall_us());
        let is_resting = now_us() < self.rest_until_us;
        if here.step.read_only || is_resting || !(self.has_news(course)? || is_settled) {
            return Ok(None);
        }
        let began = now_us();
        let judged = self.judge(here);
        let ended = now_us();
        self.rest_until_us = ended + (ended - began) * REST;
        if !judged.passed() {
            // It is told when the terminal is free again.
            self.untold = true;
            return Ok(None);
        }
        self.new_scenes(&judged).iter().for_each(|scene| verdict::one_scene(screen, scene));
        Ok(Some(judged))
    }

    /// Judges as of now, and notes what has to be waited for.
    fn judge(&mut self, here: Place<'_>) -> Verdict {
        let judged = check::judge_at(here.step, self.follower.account(), wall_us());
        self.settles_us = match judged.waits {
            Some(Settled::From(from_us)) => Some(from_us),
            _ => None,
        };
        judged
    }

    /// Only what came in, without judging: for free play.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn look_on(&mut self, course: &Course<'_>, screen: &Screen) -> Result<(), Failure> {
        if self.has_news(course)? {
            self.tick(&[], screen);
        }
        Ok(())
    }

    fn has_news(&mut self, course: &Course<'_>) -> Result<bool, Failure> {
        let folder = course.home()?.folder();
        self.follower.look().map_err(|error| Failure::file(folder, "reading the journal in", &error))
    }

    /// Whether the step is no longer the one under way. The file of progress only grows, so its length tells when
    /// to look.
    fn ended_elsewhere(
        &mut self,
        course: &Course<'_>,
        here: Place<'_>,
        marker: &str,
    ) -> Result<bool, Failure> {
        let bytes = std::fs::metadata(course.home()?.progress()).map_or(0, |about| about.len());
        if std::mem::replace(&mut self.progress_bytes, bytes) == bytes {
            return Ok(false);
        }
        let progress = course.progress_now();
        let place = progress.place(&course.lessons);
        let same = place.is_some_and(|place| {
            place.lesson.id == here.lesson.id
                && place.step.slug == here.step.slug
                && place.marker == Some(marker)
        });
        Ok(!same)
    }

    fn tell(&mut self, here: Place<'_>, judged: &Verdict, screen: &Screen) {
        let news: Vec<&SceneVerdict> = self.new_scenes(judged);
        let quoted: Vec<usize> = news
            .iter()
            .filter_map(|scene| match &scene.outcome {
                Outcome::Passed(proof) => Some(proof.source.sighting),
                Outcome::NotYet(_) => None,
            })
            .collect();
        let tried = self.tick(&quoted, screen);
        news.iter().for_each(|scene| verdict::one_scene(screen, scene));
        if !news.is_empty() {
            self.tries = 0;
        } else if tried {
            self.tries += 1;
        }
        let is_new_slip = self.is_new_slip(judged);
        if self.tries >= TRIES && !self.diagnosed {
            self.diagnosed = true;
            // It says what is to be said to the slip, too.
            shown::diagnosis(screen, here.lesson, here.step, judged);
        } else if is_new_slip {
            verdict::feedback(screen, judged);
        }
    }

    /// Scenes that are seen now and have not been told.
    fn new_scenes<'v>(&mut self, judged: &'v Verdict) -> Vec<&'v SceneVerdict> {
        self.seen.resize(judged.scenes.len(), false);
        let passed = |scene: &SceneVerdict| matches!(scene.outcome, Outcome::Passed(_));
        let now = judged.scenes.iter().zip(&mut self.seen);
        now.filter_map(|(scene, told)| (passed(scene) && !std::mem::replace(told, true)).then_some(scene))
            .collect()
    }

    fn is_new_slip(&mut self, judged: &Verdict) -> bool {
        let Some(feedback) = &judged.feedback else { return false };
        let slip = Some((feedback.line, feedback.proof.source.sighting));
        std::mem::replace(&mut self.slip, slip) != slip
    }

    /// Tells of connections that are new or have grown, but for those that a scene quotes. Whether there was a
    /// new one.
    fn tick(&mut self, quoted: &[usize], screen: &Screen) -> bool {
        let account = self.follower.account();
        let numbers = connections::numbers(&account.sightings);
        let legs = connections::second_legs(&account.sightings, &numbers);
        let quoted: Vec<usize> = quoted.iter().filter_map(|&at| numbers.get(at).copied()).collect();
        let seen_here = std::mem::take(&mut self.seen_here);
        let (mut told, mut left_out, mut new) = (0, 0, false);
        for (at, sighting) in account.sightings.iter().enumerate() {
            // The second recording of a connection says nothing that the first does not, nor does a relay's second leg, nor a
            // connection of which what is said inside is told.
            if numbers[at] != at || legs.contains(&at) || sighting.flow.carries.is_some() {
                continue;
            }
            let text = noticed::noticed(&sighting.flow, screen.look.ascii());
            let known = self.told.entry(at).or_default();
            if known.0 == text || known.1 >= TELLINGS {
                continue;
            }
            new |= known.1 == 0;
            *known = (text, if seen_here { TELLINGS } else { known.1 + 1 });
            if seen_here || quoted.contains(&at) {
                continue;
            }
            if told == TICKS {
                left_out += 1;
            } else {
                told += 1;
                shown::tick(screen, &known.0);
            }
        }
        if left_out > 0 {
            shown::ticks_left_out(screen, left_out);
        }
        new
    }
}
