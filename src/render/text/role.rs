//! What a piece of text is, and the palette.

use colored::{ColoredString, Colorize};

/// What a piece of text is; the palette has one entry for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The head of a part.
    Heading,
    /// A field's name.
    Name,
    /// A field's value; plain text too.
    Value,
    /// Explanation.
    Meaning,
    /// Something broken.
    Problem,
    /// Something achieved.
    Good,
    /// What the client sent.
    Client,
    /// What the server sent.
    Server,
    /// Something to type.
    Command,
    /// What has to be light on dark, whatever the terminal's own colours are.
    Light,
}

/// Paints `text`. Colour repeats what the words say and never adds to it.
#[must_use]
pub fn paint(role: Role, text: &str) -> String {
    let painted: ColoredString = match role {
        Role::Value => return text.to_owned(),
        _ if text.is_empty() => return String::new(),
        Role::Heading => text.bold(),
        Role::Name => text.cyan(),
        Role::Meaning => text.dimmed(),
        Role::Problem => text.red().bold(),
        Role::Good => text.green().bold(),
        Role::Client => text.blue(),
        Role::Server => text.magenta(),
        Role::Command => text.yellow(),
        Role::Light => text.bright_white().on_black(),
    };
    painted.to_string()
}
