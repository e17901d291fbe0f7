//! The ways to do a step: netlab's own commands, and lines for other tools in their place.
//!
//! ```text
//! $ netlab connect time.test       a command
//! # or: nc 127.0.0.1 7013          does the same with another tool; more of these may follow
//! # but: nc says nothing of RST    what that line shows less, or why it cannot be noticed
//! ```

use super::console::{Command, Entry};
use super::lesson::Step;
use super::words::OR;

/// What begins a comment that says what another tool shows less.
pub const BUT: &str = "but: ";

/// Words in such a comment that say that netlab notices nothing of it.
const UNNOTICED: &str = "not noticed";

/// A line for another tool.
#[derive(Debug, Clone)]
pub struct Way<'a> {
    /// Which of the step's commands it stands for, from 0.
    pub at: usize,
    /// That command.
    pub command: &'a Command,
    /// The line.
    pub text: &'a str,
    /// What it shows less, or why it cannot be noticed.
    pub but: Option<&'a str>,
}

impl Way<'_> {
    /// Whether the step says that netlab notices nothing of it.
    #[must_use]
    pub fn is_unnoticed(&self) -> bool {
        self.but.is_some_and(|but| but.contains(UNNOTICED))
    }
}

/// The lines for other tools in a step, in order.
#[must_use]
pub fn others(step: &Step) -> Vec<Way<'_>> {
    let mut ways: Vec<Way<'_>> = Vec::new();
    let mut commands = 0;
    for console in step.consoles() {
        let mut above: Option<&Command> = None;
        for entry in &console.entries {
            match entry {
                Entry::Command(command) => {
                    commands += 1;
                    above = Some(command);
                }
                Entry::Comment(text) => {
                    if let (Some(text), Some(command)) = (text.strip_prefix(OR), above) {
                        ways.push(Way { at: commands - 1, command, text: text.trim(), but: None });
                    } else if let (Some(but), Some(way)) = (text.strip_prefix(BUT), ways.last_mut()) {
                        way.but = Some(but.trim());
                    }
                }
            }
        }
    }
    ways
}

/// Comments of a step that say what another tool does, and stand where that cannot be told: a line before any command of
/// its fence, a reservation without a line right above it.
#[must_use]
pub fn misplaced(step: &Step) -> Vec<&str> {
    let mut misplaced = Vec::new();
    for console in step.consoles() {
        let mut has_command = false;
        let mut is_way = false;
        for entry in &console.entries {
            match entry {
                Entry::Command(_) => (has_command, is_way) = (true, false),
                Entry::Comment(text) => {
                    let (or, but) = (text.starts_with(OR), text.starts_with(BUT));
                    if (or && !has_command) || (but && !is_way) {
                        misplaced.push(text.as_str());
                    }
                    is_way = or && has_command;
                }
            }
        }
    }
    misplaced
}
