//! The terminal this process has: how wide it is, whether it wants colour, its language, decided once.
//!
//! [`prompt`] and [`voice`] are the two sides of a conversation with the person at it, [`pipe`] is for programs.
//!
//! The one place that asks the environment for the sake of output; `render` is told.

pub mod manners;
pub mod pipe;
pub mod prompt;
pub mod voice;

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::render::text::look::{Form, Look, Loudness, NARROWEST, WIDEST};
use crate::render::text::screen::Screen;

use voice::Voice;

/// The width when nobody says: the width of the terminals the Internet was built on.
const USUAL: usize = 80;

/// When colour is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// On terminals, unless the environment says otherwise.
    Auto,
    /// Even in a pipe.
    Always,
    /// Not at all.
    Never,
}

/// The columns there are: the terminal's, else what `COLUMNS` says, else the usual.
#[must_use]
pub fn width() -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let real = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    let width = if io::stdout().is_terminal() { real.or(stated) } else { stated };
    width.unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
}

/// The language wished for, or that of the terminal: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that
/// says one. As names of translations have it, `hi` for `hi_IN.UTF-8`; `c` where there is no language.
#[must_use]
pub fn language(wish: Option<&str>) -> String {
    let said = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let wish = wish.filter(|wish| !wish.is_empty()).map(str::to_owned);
    let tag =
        wish.or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(said)).unwrap_or_default();
    tag.split(['_', '.', '@', '-']).next().unwrap_or_default().to_ascii_lowercase()
}

/// What the wishes on the command line come to on this terminal.
#[must_use]
pub fn look(form: Form, bytes: bool, loudness: Loudness) -> Look {
    Look { form, width: width(), bytes, loudness }
}

/// The process's own streams. `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` decide about colour
/// for each stream unless the command line does.
#[must_use]
pub fn screen(look: Look, colour: Colour) -> Screen {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let plain = look.form != Form::Human && colour != Colour::Always;
    let choice = |auto: ColorChoice| match colour {
        Colour::Never => ColorChoice::Never,
        Colour::Always => ColorChoice::AlwaysAnsi,
        Colour::Auto if plain => ColorChoice::Never,
        Colour::Auto => auto,
    };
    let (for_out, for_err) = (choice(AutoStream::choice(&stdout)), choice(AutoStream::choice(&stderr)));
    let screen = Screen::new(
        look,
        Box::new(AutoStream::new(stdout, for_out)),
        Box::new(AutoStream::new(stderr, for_err)),
    );
    if io::stdout().is_terminal() { screen } else { screen.with_bare(pipe::sink()) }
}

/// A screen that speaks through a voice, above a prompt if one is shown.
#[must_use]
pub fn screen_above_prompt(look: Look, colour: Colour, voice: &Voice) -> Screen {
    let choice = match colour {
        Colour::Never => ColorChoice::Never,
        Colour::Always => ColorChoice::AlwaysAnsi,
        Colour::Auto if look.form != Form::Human => ColorChoice::Never,
        Colour::Auto => AutoStream::choice(&io::stdout()),
    };
    let plain = choice == ColorChoice::Never;
    Screen::new(look, Box::new(voice.sink(plain)), Box::new(voice.sink(plain)))
}

/// Prints help that was asked for, before there is a screen.
pub fn help(text: &str) {
    // Nobody is left to be told when standard output is gone.
    let _ = AutoStream::auto(io::stdout()).write_all(text.as_bytes());
}

/// Prints what is wrong with the command line, before there is a screen.
pub fn mistake(text: &str) {
    let _ = AutoStream::auto(io::stderr()).write_all(text.as_bytes());
}
