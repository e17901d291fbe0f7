//! A conversation by hand, shown as it happens: what went out, what came in, who ended it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::evidence::{Event, Flow, Listener, Side, What};
use crate::render::teller::narrator::{Detail, Narrator, OurEnd, Told};
use crate::render::text::cells::wrap;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};

/// Shows one connection.
pub struct Dialogue {
    screen: Arc<Screen>,
    by: &'static str,
    raw: bool,
    detail: Detail,
    ours: OurEnd,
    told: Mutex<Told>,
}

impl Dialogue {
    /// A dialogue of this verb on this screen.
    #[must_use]
    pub fn new(screen: Arc<Screen>, by: &'static str) -> Self {
        let (detail, ours) = (Detail::CONVERSATION, OurEnd::default());
        Self { screen, by, raw: false, detail, ours, told: Mutex::default() }
    }

    /// One whose bytes go elsewhere: what is told stands beside the result.
    #[must_use]
    pub fn beside_bytes(screen: Arc<Screen>, by: &'static str) -> Self {
        Self { raw: true, ..Self::new(screen, by) }
    }

    /// The same, told more or less closely.
    #[must_use]
    pub fn told_as(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// The same, with what is known of our own end.
    #[must_use]
    pub fn of(self, ours: OurEnd) -> Self {
        Self { ours, ..self }
    }

    /// How far it has been told.
    #[must_use]
    pub fn told(&self) -> Told {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever goes on telling.
    #[must_use]
    pub fn narrator(&self) -> Narrator<'_> {
        let tag = ("", Role::Value);
        Narrator { screen: &self.screen, tag, raw: self.raw, detail: self.detail, ours: self.ours }
    }

    /// A line beside the conversation.
    pub fn note(&self, text: &str) {
        if self.screen.look.form != Form::Json {
            for line in wrap(text, self.screen.look.width) {
                self.screen.status(&paint(Role::Meaning, &line));
            }
        }
    }
}

impl Listener for Dialogue {
    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        let passes_by = self.raw && matches!(event.what, What::Bytes { .. });
        if passes_by || flow.by != self.by || flow.seen != Side::Client {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if self.screen.look.form == Form::Json {
            told.count(event);
        } else {
            self.narrator().tell(&mut told, flow, event, bytes);
        }
    }
}
