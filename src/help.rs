//! The help, with the verbs grouped by what a learner wants, and the parsing that goes with it.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::{Cli, GROUPS};
use crate::error::Exit;
use crate::render::text::cells::hang;
use crate::render::text::safe::Safe;
use crate::terminal;

/// The whole command with its grouped help.
#[must_use]
pub fn command() -> clap::Command {
    let command = Cli::command();
    let width = terminal::width();
    let groups = groups(&command, width);
    let more =
        "netlab VERB --help says more about a verb. Names under .test belong to the lab and need no network.";
    let more = hang("", more, width, 0).join("\n");
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\nEverywhere:\n{{options}}\n\n{more}\n"
    ))
}

/// The groups as text, each verb with its sentence.
fn groups(command: &clap::Command, width: usize) -> String {
    let mut lines = Vec::new();
    for (title, verbs) in GROUPS {
        lines.push(format!("{title}:"));
        for verb in *verbs {
            let about = command.find_subcommand(verb).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            lines.extend(hang(&format!("  {verb:<9} "), &about, width, 12));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

/// Reads the command line. Help and mistakes are shown at once and come back as the exit code.
///
/// # Errors
/// The exit code, when there is nothing to run.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitCode> {
    let args: Vec<OsString> = args.into_iter().collect();
    // The grouped help takes longer to lay out than most verbs take to parse; few runs want it.
    let matches = Cli::command().try_get_matches_from(&args).or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp => command().try_get_matches_from(&args),
        _ => Err(error),
    });
    matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)).map_err(|error| {
        let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
        let exit = if asked_for {
            terminal::help(&error.render().ansi().to_string());
            Exit::Done
        } else {
            // The message repeats what was typed, and what was typed may hold anything.
            terminal::mistake(&Safe::block(error.render().to_string().as_bytes()).to_string());
            Exit::Usage
        };
        ExitCode::from(exit.code())
    })
}
