//! Deeds of a proof that no console shows: what looks like the step, is not, and must not pass it.
//!
//! ```text
//! # the listener accepts           why it is not what the step asks for
//! $ netlab listen 7777 &           a command, as in a console
//! ! nc 127.0.0.1 7777              a line for the shell; none but the course's own are ever run
//! > hello                          what is typed into the one above
//! ^C                               Ctrl-C for the latest that still runs
//! ```

use super::console::{self, Command};
use super::finding::{At, Finding};
use super::numbered::numbered;

/// Wrong deeds.
#[derive(Debug, Clone)]
pub struct MustNot {
    /// The line the fence begins on.
    pub line: usize,
    /// Why they are not what the step asks for.
    pub why: String,
    /// What is done, in order.
    pub deeds: Vec<Deed>,
}

/// One thing that is done.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A command of netlab's.
    Netlab(Command),
    /// A line for the shell, which starts another tool.
    Other(Other),
    /// Ctrl-C, for the latest that still runs.
    Interrupt,
}

/// A line for the shell.
#[derive(Debug, Clone)]
pub struct Other {
    /// The line of the lesson it is on.
    pub line: usize,
    /// What is typed, without ` &`.
    pub text: String,
    /// Whether it goes on while the next deeds are done.
    pub keeps_running: bool,
    /// The lines that are typed into it.
    pub typed: Vec<String>,
}

impl MustNot {
    /// Whether a shell is needed for it.
    #[must_use]
    pub fn needs_a_shell(&self) -> bool {
        self.deeds.iter().any(|deed| matches!(deed, Deed::Other(_)))
    }

    /// Its commands of netlab's, in order.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.deeds
            .iter()
            .filter_map(|deed| if let Deed::Netlab(command) = deed { Some(command) } else { None })
    }
}

/// Reads the lines of a `must-not` fence, the first of which stands at `first`.
///
/// # Errors
/// When it does not say why, or does nothing.
pub fn parse(first: At<'_>, lines: &[&str]) -> Result<MustNot, Finding> {
    let (mut why, mut deeds) = (String::new(), Vec::new());
    for (here, line) in numbered(first, lines) {
        if let Some(text) = line.strip_prefix("# ") {
            if !why.is_empty() {
                why.push(' ');
            }
            why.push_str(text.trim());
        } else if let Some(text) = line.strip_prefix("$ ") {
            deeds.push(Deed::Netlab(console::command(here, text)?));
        } else if let Some(text) = line.strip_prefix("! ") {
            deeds.push(Deed::Other(other(here, text)));
        } else if line == "^C" {
            deeds.push(Deed::Interrupt);
        } else if let (Some(text), Some(typed)) =
            (line.strip_prefix("> ").or_else(|| (line == ">").then_some("")), typed_into(&mut deeds))
        {
            typed.push(text.to_owned());
        } else {
            return Err(here.finding(
                "a line of the must-not is no deed",
                "begin it with \"$ netlab\", \"! \" for another tool, \"> \" for what is typed into that, or write ^C",
            ));
        }
    }
    if why.is_empty() {
        return Err(first.finding(
            "the must-not does not say what is wrong with it",
            "begin with a line such as \"# the listener accepts\"",
        ));
    }
    if !deeds.iter().any(|deed| !matches!(deed, Deed::Interrupt)) {
        return Err(first.finding("the must-not does nothing", "add a line \"$ netlab ...\""));
    }
    Ok(MustNot { line: first.line - 1, why, deeds })
}

fn other(here: At<'_>, text: &str) -> Other {
    let text = text.trim();
    let (text, keeps_running) = match text.strip_suffix(" &") {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    Other { line: here.line, text: text.to_owned(), keeps_running, typed: Vec::new() }
}

fn typed_into(deeds: &mut [Deed]) -> Option<&mut Vec<String>> {
    match deeds.last_mut()? {
        Deed::Netlab(command) => Some(&mut command.typed),
        Deed::Other(other) => Some(&mut other.typed),
        Deed::Interrupt => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Deed, parse};

    const AT: At<'_> = At { file: "01-a.md", line: 2 };

    #[test]
    fn a_wrong_deed_says_why_and_what_is_done() {
        let lines = ["# it accepts", "$ netlab listen 7777 &", "! nc 127.0.0.1 7777", "> hello", "> ", "^C"];
        let read = parse(AT, &lines).unwrap();
        assert_eq!(read.why, "it accepts");
        let [Deed::Netlab(listen), Deed::Other(nc), Deed::Interrupt] = &read.deeds[..] else {
            panic!("{read:?}")
        };
        assert!(listen.keeps_running && !nc.keeps_running);
        assert_eq!(nc.typed, ["hello", ""]);
        assert!(read.needs_a_shell());
    }

    #[test]
    fn one_without_a_reason_or_without_a_deed_is_none() {
        let what = |lines: &[&str]| parse(AT, lines).unwrap_err().what;
        assert_eq!(what(&["$ netlab addrs"]), "the must-not does not say what is wrong with it");
        assert_eq!(what(&["# it waits", "^C"]), "the must-not does nothing");
        assert_eq!(what(&["# it waits", "nc 127.0.0.1 7777"]), "a line of the must-not is no deed");
    }
}
