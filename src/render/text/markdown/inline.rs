//! The words of a paragraph: painted, escaped, and ready to be wrapped.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::render::text::cells::{Piece, pieces};
use crate::render::text::look::Look;
use crate::render::text::safe::Safe;
use crate::render::text::screen::Role;

/// The words of a paragraph, cut where its author broke the line.
#[derive(Debug, Clone, Default)]
pub struct Words(Vec<Vec<Piece>>);

impl Words {
    /// The lines as the author broke them; each is to be wrapped by itself.
    pub fn lines(&self) -> impl Iterator<Item = &Vec<Piece>> {
        self.0.iter().filter(|line| line.iter().any(|(_, text)| text != " "))
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.lines().next().is_none()
    }

    /// All of it on one line, as in the cell of a table.
    pub fn on_one_line(&self) -> Vec<Piece> {
        self.lines().cloned().collect::<Vec<_>>().join(&(Role::Value, " ".to_owned()))
    }
}

/// Gathers words from events.
pub struct Prose {
    look: Look,
    words: Words,
    /// How many headings and strong texts are open, and how many emphasised ones.
    strong: usize,
    emphasis: usize,
    /// The links and images that are open, the innermost last.
    targets: Vec<Target>,
}

/// Where a link leads, and what has been read since it began.
struct Target {
    address: String,
    text: String,
}

impl Prose {
    /// Nothing so far.
    pub fn new(look: Look) -> Self {
        Self { look, words: Words::default(), strong: 0, emphasis: 0, targets: Vec::new() }
    }

    /// What has been gathered; the next words begin anew.
    pub fn finish(&mut self) -> Words {
        std::mem::take(&mut self.words)
    }

    /// Takes what belongs within a paragraph.
    pub fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(self.role(), &text),
            Event::Code(text) => self.text(Role::Command, &text),
            Event::InlineHtml(text) => self.html(&text),
            Event::SoftBreak => self.text(Role::Value, " "),
            Event::HardBreak => self.words.0.push(Vec::new()),
            // In one piece: the space inside is no place to break a line.
            Event::TaskListMarker(done) => {
                let mark = if done { "[x]" } else { "[ ]" };
                self.line().extend([(Role::Name, mark.to_owned()), (Role::Name, " ".to_owned())]);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong | Tag::Heading { .. } => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.text(Role::Meaning, "~~"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.target(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong | TagEnd::Heading(_) => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.text(Role::Meaning, "~~"),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => self.end_image(),
            _ => {}
        }
    }

    fn target(&mut self, address: &CowStr<'_>) {
        self.targets.push(Target { address: address.to_string(), text: String::new() });
    }

    /// Behind a link stands where it leads, unless that is what it says.
    fn end_link(&mut self) {
        let Some(Target { address, text }) = self.targets.pop() else { return };
        match text.trim() {
            "" => self.text(Role::Meaning, &address),
            said if said == address || address.is_empty() => {}
            _ => self.text(Role::Meaning, &format!(" ({address})")),
        }
        self.said(&text);
    }

    /// Of an image its words are shown; one without any says where it is.
    fn end_image(&mut self) {
        let Some(Target { address, text }) = self.targets.pop() else { return };
        if text.trim().is_empty() {
            self.text(Role::Meaning, &format!("({address})"));
        }
        self.said(&text);
    }

    /// What an inner link or image said, the outer one has said too.
    fn said(&mut self, text: &str) {
        if let Some(outer) = self.targets.last_mut() {
            outer.text.push_str(text);
        }
    }

    /// HTML is shown as it was written, but for its comments.
    pub fn html(&mut self, html: &str) {
        self.text(self.role(), &without_comments(html));
    }

    /// Adds text; a space at either end keeps words apart.
    fn text(&mut self, role: Role, text: &str) {
        self.said(text);
        // Line ends inside a paragraph are only spaces; every other control is escaped.
        let text = text.replace(['\n', '\t'], " ");
        let safe = Safe::again(text.as_bytes()).ascii(self.look.ascii()).to_string();
        self.line().extend(pieces(role, &safe));
    }

    fn line(&mut self) -> &mut Vec<Piece> {
        if self.words.0.is_empty() {
            self.words.0.push(Vec::new());
        }
        let last = self.words.0.len() - 1;
        &mut self.words.0[last]
    }

    fn role(&self) -> Role {
        match (self.strong, self.emphasis) {
            (0, 0) => Role::Value,
            (0, _) => Role::Name,
            _ => Role::Heading,
        }
    }
}

/// HTML without its comments. One that does not end is no comment but a slip, and its author wants to see it.
fn without_comments(html: &str) -> String {
    let mut kept = String::new();
    let mut rest = html;
    while let Some(from) = rest.find("<!--") {
        // `<!-->` is a whole comment, so its end may begin within its beginning.
        let Some(len) = rest[from + 2..].find("-->") else { break };
        kept.push_str(&rest[..from]);
        rest = &rest[from + 2 + len + 3..];
    }
    kept + rest
}
