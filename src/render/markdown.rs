//! Markdown for the terminal: the prose of lessons, wrapped at any width.
//!
//! pulldown-cmark reads it. Lesson files may come from strangers, so their text is escaped like any other.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::cells::{flow, pieces};
use super::look::Look;
use super::safe::Safe;
use super::screen::Role;

/// Markdown as lines of text, a blank line between paragraphs and none at the end.
#[must_use]
pub fn lines(look: Look, text: &str) -> Vec<String> {
    let mut page =
        Page { look, lines: Vec::new(), words: Vec::new(), role: Role::Value, indent: 0, bullet: None };
    for event in Parser::new(text) {
        page.take(event);
    }
    page.end_paragraph();
    page.lines
}

struct Page {
    look: Look,
    lines: Vec<String>,
    words: Vec<(Role, String)>,
    role: Role,
    indent: usize,
    bullet: Option<String>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Strong | Tag::Heading { .. }) => self.role = Role::Heading,
            Event::Start(Tag::Emphasis) => self.role = Role::Name,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => self.role = Role::Value,
            Event::End(TagEnd::Heading(_)) => {
                self.end_paragraph();
                self.role = Role::Value;
            }
            Event::Start(Tag::Item) => {
                self.end_paragraph();
                self.bullet = Some("- ".to_owned());
                self.indent += 2;
            }
            Event::End(TagEnd::Item) => {
                self.end_paragraph();
                // An item without text leaves none for the paragraph behind it.
                self.bullet = None;
                self.indent = self.indent.saturating_sub(2);
            }
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock) | Event::HardBreak => self.end_paragraph(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(self.role, &text),
            Event::Code(text) => self.text(Role::Command, &text),
            Event::SoftBreak => self.text(Role::Value, " "),
            _ => {}
        }
    }

    /// Adds text; a space at either end keeps words apart.
    fn text(&mut self, role: Role, text: &str) {
        // Line ends inside a paragraph are only spaces; every other control is escaped.
        let text = text.replace(['\n', '\t'], " ");
        let safe = Safe::word(text.as_bytes()).ascii(self.look.ascii()).to_string();
        self.words.extend(pieces(role, &safe));
    }

    fn end_paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.is_empty() {
            return;
        }
        let is_item = self.bullet.is_some();
        if !self.lines.is_empty()
            && (!is_item || self.indent <= 2 && !self.lines.last().is_some_and(|line| line.starts_with("- ")))
        {
            self.lines.push(String::new());
        }
        let lead = " ".repeat(self.indent);
        let first = self
            .bullet
            .take()
            .map_or(lead.clone(), |bullet| format!("{}{bullet}", " ".repeat(self.indent.saturating_sub(2))));
        let width = self.look.width.saturating_sub(self.indent).max(8);
        for (at, line) in flow(&words, width).into_iter().enumerate() {
            self.lines.push(format!("{}{line}", if at == 0 { &first } else { &lead }));
        }
    }
}
