//! A conversation by hand, shown as it happens: what went out, what came in, who ended it.

use std::sync::{Arc, Mutex, PoisonError};

use super::cells::wrap;
use super::look::Form;
use super::narrator::{Narrator, Told};
use super::screen::{Role, Screen, paint};
use crate::evidence::{Event, Flow, Listener, Side, What};

/// Shows one connection.
pub struct Dialogue {
    screen: Arc<Screen>,
    raw: bool,
    told: Mutex<Told>,
}

impl Dialogue {
    /// A dialogue on this screen.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        Self { screen, raw: false, told: Mutex::default() }
    }

    /// One whose bytes go elsewhere: what is told stands beside the result.
    #[must_use]
    pub fn beside_bytes(screen: Arc<Screen>) -> Self {
        Self { raw: true, ..Self::new(screen) }
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
        if passes_by
            || flow.by != "connect"
            || flow.seen != Side::Client
            || self.screen.look.form == Form::Json
        {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let narrator = Narrator { screen: &self.screen, tag: ("", Role::Value), raw: self.raw };
        narrator.tell(&mut told, flow, event, bytes);
    }
}
