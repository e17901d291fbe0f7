//! The glossary on a terminal and for programs.

use serde_json::{Value, json};

use crate::lessons::glossary::Entry;
use crate::lessons::lesson::Lesson;
use crate::render::course::coach::next;
use crate::render::course::lesson::{block, safe};
use crate::render::json;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen};

/// One word and what it means.
pub fn entry(screen: &Screen, entry: &Entry, lessons: &[Lesson]) {
    if screen.look.form == Form::Json {
        json::document(screen, "glossary", json!({ "entries": [as_json(entry, lessons)] }));
        return;
    }
    block(screen, Role::Heading, &safe(screen.look, &entry.word));
    block(screen, Role::Value, &safe(screen.look, &entry.text));
    let place = |id: &String| lessons.iter().find(|lesson| lesson.id == *id);
    let mut said = Vec::new();
    if let Some(lesson) = place(&entry.lesson) {
        said.push(format!("Explained in lesson {}, {}", lesson.number, lesson.title));
    }
    if let Some(lesson) = entry.more.as_ref().and_then(place) {
        said.push(format!("there is more of it in lesson {}, {}", lesson.number, lesson.title));
    }
    if !said.is_empty() {
        block(screen, Role::Meaning, &format!("{}.", safe(screen.look, &said.join("; "))));
    }
}

/// All words, lesson by lesson.
pub fn list(screen: &Screen, entries: &[Entry], lessons: &[Lesson], command: &str) {
    if screen.look.form == Form::Json {
        let entries: Vec<Value> = entries.iter().map(|entry| as_json(entry, lessons)).collect();
        json::document(screen, "glossary", json!({ "entries": entries }));
        return;
    }
    for lesson in lessons {
        let words: Vec<&str> = entries
            .iter()
            .filter(|entry| entry.lesson == lesson.id)
            .map(|entry| entry.word.as_str())
            .collect();
        if !words.is_empty() {
            let heading = format!("Lesson {}, {}", lesson.number, lesson.title);
            block(screen, Role::Heading, &safe(screen.look, &heading));
            block(screen, Role::Value, &safe(screen.look, &words.join(", ")));
        }
    }
    next(screen, "What one of them means:", &format!("{command} {}", example(entries)));
}

/// A word to show how one is asked for.
fn example(entries: &[Entry]) -> &str {
    entries.iter().map(|entry| entry.word.as_str()).find(|word| *word == "kernel").unwrap_or("WORD")
}

fn as_json(entry: &Entry, lessons: &[Lesson]) -> Value {
    let number = |id: &str| lessons.iter().find(|lesson| lesson.id == id).map(|lesson| lesson.number);
    json!({
        "word": entry.word,
        "also": entry.also,
        "text": entry.text,
        "lesson": entry.lesson,
        "number": number(&entry.lesson),
        "more": entry.more,
    })
}
