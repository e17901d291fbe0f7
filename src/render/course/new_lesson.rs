//! What `netlab lessons new` wrote, and what to type next.

use std::path::Path;

use serde_json::json;

use crate::render::course::coach::next;
use crate::render::course::lesson::{block, safe};
use crate::render::json;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen};

/// A lesson that was written.
pub struct Written<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Its number.
    pub number: u16,
    /// Its id.
    pub id: &'a str,
    /// Whether the folder was made for it.
    pub new_folder: bool,
    /// What to type next: the lint, and the lesson itself.
    pub next: &'a [String; 2],
}

/// Says where the lesson is, and the two next things to type.
pub fn show(screen: &Screen, written: &Written<'_>) {
    let file = written.file.display().to_string();
    if screen.look.form == Form::Json {
        let members = json!({
            "file": file, "number": written.number, "id": written.id, "next": written.next,
        });
        json::document(screen, "lessons new", members);
        return;
    }
    let file = safe(screen.look, &file);
    let folder = if written.new_folder { ", in a new folder" } else { "" };
    block(screen, Role::Good, &format!("{file} is written{folder}: a small whole lesson, yours to change."));
    let [lint, learn] = written.next;
    next(screen, "Prove that it holds, now and after every change:", lint);
    next(screen, "Be its first learner:", learn);
}
