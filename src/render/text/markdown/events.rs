//! Events become blocks.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::block::{Block, List, Table};
use super::inline::Prose;
use crate::render::text::look::Look;

/// How deep quotes and items of lists may stand in each other. What is deeper is shown as if it stood at this depth.
const DEEPEST: usize = 16;

/// Markdown as blocks.
pub fn blocks(look: Look, text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder {
        prose: Prose::new(look),
        verbatim: None,
        table: None,
        open: Vec::new(),
        too_deep: 0,
        done: Vec::new(),
    };
    for event in Parser::new_ext(text, options) {
        builder.take(event);
    }
    builder.end_text();
    builder.done
}

/// What is not finished yet.
struct Builder {
    prose: Prose,
    /// The lines of a block of code or of HTML that has begun.
    verbatim: Option<String>,
    table: Option<Table>,
    /// The quotes, lists and items that have begun, the innermost last.
    open: Vec<Open>,
    /// How many quotes and lists have begun beyond [`DEEPEST`].
    too_deep: usize,
    done: Vec<Block>,
}

enum Open {
    Quote(Vec<Block>),
    List(List),
    Item(Vec<Block>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(
                tag @ (Tag::BlockQuote(_)
                | Tag::List(_)
                | Tag::Item
                | Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::Table(_)),
            ) => {
                self.end_text();
                self.start(tag);
            }
            Event::Start(Tag::Paragraph) => {
                self.end_text();
                if let Some(Open::List(list)) = self.open.iter_mut().nth_back(1) {
                    list.loose |= self.too_deep == 0;
                }
            }
            Event::Start(Tag::Heading { .. }) => {
                self.end_text();
                self.prose.take(event);
            }
            Event::End(tag) => self.end(tag),
            Event::Rule => {
                self.end_text();
                self.add(Block::Rule);
            }
            Event::Text(text) | Event::Html(text) if self.verbatim.is_some() => {
                self.verbatim.get_or_insert_default().push_str(&text);
            }
            event => self.prose.take(event),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.nest(Open::Quote(Vec::new())),
            Tag::List(first) => self.nest(Open::List(List { first, loose: false, items: Vec::new() })),
            Tag::Item if self.too_deep == 0 => self.open.push(Open::Item(Vec::new())),
            Tag::CodeBlock(_) | Tag::HtmlBlock => self.verbatim = Some(String::new()),
            Tag::Table(alignments) => {
                self.table = Some(Table { alignments, head: Vec::new(), rows: Vec::new() });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.prose.take(Event::End(tag));
                self.end_text();
            }
            TagEnd::CodeBlock => {
                let text = self.verbatim.take().unwrap_or_default();
                self.add(Block::Code(text));
            }
            TagEnd::HtmlBlock => {
                let html = self.verbatim.take().unwrap_or_default();
                self.prose.html(&html);
                self.end_text();
            }
            TagEnd::TableCell => {
                let words = self.prose.finish();
                if let Some(table) = &mut self.table {
                    table.rows.last_mut().unwrap_or(&mut table.head).push(words);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                // The next row is begun before it is known to be there; the last one is taken back.
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            TagEnd::Table => {
                if let Some(mut table) = self.table.take() {
                    table.rows.pop();
                    self.add(Block::Table(table));
                }
            }
            TagEnd::Paragraph => self.end_text(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.end_text();
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else {
                    self.close();
                }
            }
            TagEnd::Item => {
                self.end_text();
                if self.too_deep == 0 {
                    self.close();
                }
            }
            _ => self.prose.take(Event::End(tag)),
        }
    }

    fn nest(&mut self, open: Open) {
        let depth = self.open.iter().filter(|open| !matches!(open, Open::Item(_))).count();
        if self.too_deep > 0 || depth == DEEPEST {
            self.too_deep += 1;
        } else {
            self.open.push(open);
        }
    }

    /// The innermost quote, list or item is whole.
    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::Quote(blocks)) => self.add(Block::Quote(blocks)),
            Some(Open::List(list)) => self.add(Block::List(list)),
            Some(Open::Item(blocks)) => {
                if let Some(Open::List(list)) = self.open.last_mut() {
                    list.items.push(blocks);
                }
            }
            None => {}
        }
    }

    /// A paragraph ends where the next block begins; in a tight list nothing else says so.
    fn end_text(&mut self) {
        let words = self.prose.finish();
        if !words.is_empty() {
            self.add(Block::Text(words));
        }
    }

    fn add(&mut self, block: Block) {
        match self.open.last_mut() {
            Some(Open::Quote(blocks) | Open::Item(blocks)) => blocks.push(block),
            Some(Open::List(list)) => list.items.push(vec![block]),
            None => self.done.push(block),
        }
    }
}
