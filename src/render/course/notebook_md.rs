//! The notebook as Markdown, to keep or to hand in.
//!
//! Every text in it comes from a learner, a lesson file or the network. It is made safe for a terminal first, and then
//! escaped so that it reads as it stands and builds nothing: no heading, no HTML, no link.

use crate::lessons::notebook::{Chapter, Page};
use crate::render::course::notebook::{ended, heading, page_title, recalled, said, seen, word};
use crate::render::text::look::Look;
use crate::render::text::screen::Screen;
use crate::render::text::words::sentence;

/// Chapters of the notebook.
pub fn show(screen: &Screen, chapters: &[Chapter]) {
    let look = screen.look;
    screen.line("# My networking notebook");
    for chapter in chapters {
        part(screen, &format!("## {}", text(look, &heading(chapter))));
        for page in &chapter.pages {
            show_page(screen, page);
        }
        if !chapter.recalls.is_empty() {
            part(screen, "### Recalled later");
            screen.line("");
            for recall in &chapter.recalls {
                screen.line(&format!("- {}", text(look, &recalled(recall))));
            }
        }
    }
    part(screen, "Written by netlab from its record of what happened. Days are counted by UTC.");
}

fn show_page(screen: &Screen, page: &Page) {
    let look = screen.look;
    part(screen, &format!("### {}", text(look, page_title(page))));
    part(screen, &text(look, &sentence(&ended(page))));
    let guesses = page
        .guesses
        .iter()
        .map(|guess| format!("- **Guess:** {} {}", text(look, &guess.question), text(look, &said(guess))));
    let saw = page.saw.iter().map(|quote| format!("- **Seen:** {}", code(&seen(look, quote))));
    let answers = page.answers.iter().map(|(question, answer)| {
        format!("- **Found:** {} {}", text(look, question), code(&word(look, answer)))
    });
    let items: Vec<String> = guesses.chain(saw).chain(answers).collect();
    if !items.is_empty() {
        screen.line("");
        items.iter().for_each(|item| screen.line(item));
    }
    for (question, line) in &page.lines {
        part(screen, &format!("**In my words:** {}", text(look, question)));
        part(screen, &format!("> {}", text(look, line)));
    }
}

/// A line with an empty one before it.
fn part(screen: &Screen, line: &str) {
    screen.line("");
    screen.line(line);
}

/// Text that reads as it stands, wherever in a line.
fn text(look: Look, raw: &str) -> String {
    let safe = word(look, raw.trim());
    // A line that begins like an item of a list, or like the line under a heading, would become one.
    let marker = safe.find(|char: char| !char.is_ascii_digit()).unwrap_or(safe.len());
    let mut out = String::with_capacity(safe.len() + 8);
    for (at, char) in safe.char_indices() {
        let first = at == marker && (at == 0 && "-+=".contains(char) || at > 0 && ".)".contains(char));
        if first || "\\`*_[]<>|~&#$".contains(char) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// Text as code: its fence is longer than any run of backticks in it.
fn code(safe: &str) -> String {
    let longest = safe.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space on both sides is taken off again; it keeps a backtick at either end from joining the fence, and an empty
    // text from being none.
    format!("{fence} {safe} {fence}")
}
