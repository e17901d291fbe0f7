//! A conversation by hand, shown as it happens: what went out, what came in, who ended it.

use std::sync::{Arc, Mutex, PoisonError};

use super::cells::wrap;
use super::look::{Form, Loudness};
use super::safe::Safe;
use super::screen::{Role, Screen, paint};
use super::words::{count, in_short, number, time};
use crate::evidence::{Event, Flow, Listener, Side, What};

/// Bytes of one read or write that are shown; the rest is counted.
const SHOWN: usize = 16 * 1024;

/// Shows one connection.
pub struct Dialogue {
    screen: Arc<Screen>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reads: u64,
    opened_us: u64,
}

impl Dialogue {
    /// A dialogue on this screen.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        Self { screen, state: Mutex::default() }
    }

    /// A line beside the conversation.
    pub fn note(&self, text: &str) {
        if self.screen.look.form != Form::Json {
            for line in wrap(text, self.screen.look.width) {
                self.screen.status(&paint(Role::Meaning, &line));
            }
        }
    }

    fn aside(&self, text: &str) {
        if self.screen.look.loudness > Loudness::Quiet {
            for line in wrap(text, self.screen.look.width) {
                self.screen.line(&paint(Role::Meaning, &line));
            }
        }
    }

    /// Bytes, a line of text to a line, so that an escaped `\r\n` ends each.
    fn bytes(&self, role: Role, mark: &str, bytes: &[u8]) {
        let shown = &bytes[..bytes.len().min(SHOWN)];
        for line in shown.split_inclusive(|&byte| byte == b'\n') {
            let text = Safe::word(line).ascii(self.screen.look.ascii()).to_string();
            let width = self.screen.look.width.saturating_sub(mark.len() + 1);
            for (at, part) in chop(&text, width).into_iter().enumerate() {
                let lead = if at == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
                self.screen.line(&format!("{} {part}", paint(role, &lead)));
            }
        }
        if bytes.len() > shown.len() {
            self.aside(&format!("and {} more", count((bytes.len() - shown.len()) as u64, "byte")));
        }
    }
}

impl Listener for Dialogue {
    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        if flow.by != "connect" || flow.seen != Side::Client || self.screen.look.form == Form::Json {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let after = time(event.at_us.saturating_sub(state.opened_us));
        match &event.what {
            What::Opened => {
                state.opened_us = event.at_us;
                let client = flow.client.map(|client| client.to_string()).unwrap_or_default();
                let arrow = self.screen.look.arrow();
                self.aside(&format!("connected: {client} {arrow} {}", flow.server));
            }
            What::Bytes { len, buffer: Some(room) } => {
                state.reads += 1;
                self.aside(&format!(
                    "read {}: {} at {after} (room for {})",
                    state.reads,
                    count(u64::from(*len), "byte"),
                    number(u64::from(*room)),
                ));
                self.bytes(Role::Server, "<", bytes);
            }
            What::Bytes { len, buffer: None } => {
                self.aside(&format!("write: {} at {after}", count(u64::from(*len), "byte")));
                self.bytes(Role::Client, ">", bytes);
            }
            What::Finished if event.side == Side::Server => {
                self.aside(&format!("the server finished (FIN) at {after}: it will send no more"));
            }
            What::Finished => {
                self.aside(&format!("you finished (FIN) at {after}: the server can still answer"));
            }
            What::Reset => self.aside(&format!("the server broke the connection off (RST) at {after}")),
            What::Failed(trouble) => self.aside(&format!("{}: {}", flow.server, in_short(trouble.kind))),
            What::Note(text) => self.aside(text),
        }
    }
}

/// Cuts text at a width without caring for words: these are bytes, not prose.
fn chop(text: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width.max(1)).map(|part| part.iter().collect()).collect()
}
