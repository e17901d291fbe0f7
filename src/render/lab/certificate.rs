//! The certificate of the lab's authority, for other tools.

use std::path::Path;

use serde_json::json;

use crate::render::json::document;
use crate::render::text::look::Form;
use crate::render::text::safe::Safe;
use crate::render::text::screen::Screen;

/// Prints it. `text` was read from `file`.
pub fn show(screen: &Screen, text: &str, file: &Path) {
    if screen.look.form == Form::Json {
        return document(
            screen,
            "lab ca",
            json!({ "certificate": text, "file": file.display().to_string() }),
        );
    }
    text.lines().for_each(|line| screen.line(&Safe::word(line.as_bytes()).to_string()));
    screen.status(&format!("it lies in {} as long as this lab runs", file.display()));
}
