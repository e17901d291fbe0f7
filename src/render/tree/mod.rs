//! A field tree as text: names, values, meanings, and on request every byte beside its field.
//!
//! Wide terminals get three columns, middling ones two, narrow ones a list. A meaning is given the
//! first time a field is met and not again.

pub mod beside;
pub mod explained;
pub mod flows;
pub mod live;

use std::collections::HashSet;

use crate::proto::field::{Fields, Problem, Shown, Unit, Value};
use crate::render::text::cells::{Cell, Piece, flow, pieces, row, wrap};
use crate::render::text::hex;
use crate::render::text::look::{Look, Room};
use crate::render::text::safe::{Safe, name, short};
use crate::render::text::screen::{Role, paint};
use crate::render::text::words::{count, lasting, number};
use beside::Cut;

/// Characters of a value that are shown where its bytes are not.
const VALUE_LIMIT: usize = 160;
/// Bytes of hex that are shown where a value is not looked into.
const OPAQUE_LIMIT: usize = 24;
/// How far meanings that go below hex are indented.
const BELOW: usize = 9;

/// One field as lines.
pub(super) struct Entry {
    /// Its name and value, and whatever fits beside them.
    pub lines: Vec<String>,
    /// Its meaning, where that goes below over the whole width.
    pub below: Vec<String>,
}

/// Shows trees; remembers across trees what has been explained.
pub struct Shower {
    pub(super) look: Look,
    indent: usize,
    /// Where the content is shown, if not here.
    content_place: Option<&'static str>,
    /// Where the bytes at hand begin among all of their direction.
    pub(super) from: usize,
    explained: HashSet<(&'static str, &'static str)>,
}

impl Shower {
    /// One that has explained nothing yet.
    #[must_use]
    pub fn new(look: Look) -> Self {
        Self::indented(look, 0)
    }

    /// The same, with every line `indent` columns from the left.
    #[must_use]
    pub fn indented(look: Look, indent: usize) -> Self {
        Self { look, indent, content_place: None, from: 0, explained: HashSet::new() }
    }

    /// For a viewer that shows the content on its own, below or in the file: the tree only says how long it is.
    pub fn content_is(&mut self, place: &'static str) {
        self.content_place = Some(place);
    }

    /// The fields as lines of text. With bytes wanted, every leaf is there with its bytes and `cuts`
    /// are marked; without, fields that only separate others are left out.
    #[must_use]
    pub fn lines(&mut self, fields: &Fields<'_>, cuts: &[Cut]) -> Vec<String> {
        let mut lines = Vec::new();
        if self.look.bytes {
            self.with_bytes(fields, 0, cuts, &mut lines);
        } else {
            for root in fields.roots() {
                self.without_bytes(fields, root, &mut lines);
            }
        }
        self.indented_lines(lines)
    }

    /// The fields of bytes that begin at `from` among all of their direction.
    #[must_use]
    pub(super) fn lines_at(&mut self, fields: &Fields<'_>, from: usize) -> Vec<String> {
        self.from = from;
        let lines = self.lines(fields, &[]);
        self.from = 0;
        lines
    }

    /// The fields that begin at or behind byte `behind` of those at hand, which is byte `at` of its direction.
    #[must_use]
    pub(super) fn lines_behind(&mut self, fields: &Fields<'_>, behind: usize, at: usize) -> Vec<String> {
        let all = 0..fields.list.len();
        let first = all.clone().find(|&index| fields.get(index).bytes().start >= behind).unwrap_or(all.end);
        let mut lines = Vec::new();
        if self.look.bytes {
            self.from = at.wrapping_sub(behind);
            self.with_bytes(fields, first, &[], &mut lines);
            self.from = 0;
        } else {
            let mut index = first;
            while index < all.end {
                self.without_bytes(fields, index, &mut lines);
                index = (fields.get(index).end as usize).max(index + 1);
            }
        }
        self.indented_lines(lines)
    }

    fn indented_lines(&self, mut lines: Vec<String>) -> Vec<String> {
        let pad = " ".repeat(self.indent);
        lines.iter_mut().filter(|line| !line.is_empty()).for_each(|line| {
            line.insert_str(0, &pad);
            *line = line.replace('\u{a0}', " ");
        });
        lines
    }

    fn without_bytes(&mut self, fields: &Fields<'_>, index: usize, lines: &mut Vec<String>) {
        let field = fields.get(index);
        if field.spec.shown == Shown::Punctuation && field.problem.is_none() {
            return;
        }
        let indent = usize::from(field.depth.saturating_sub(1)) * 2;
        let whole_in_one = !matches!(field.value, Value::Parts);
        let is_root = field.depth == 0 && !fields.is_leaf(index);
        if !is_root {
            lines.extend(self.entry(fields, index, indent).lines);
        }
        for part in fields.parts(index) {
            if !whole_in_one || says_more(fields, part) {
                self.without_bytes(fields, part, lines);
            }
        }
    }

    /// Name, value, meaning and problem of one field.
    pub(super) fn entry(&mut self, fields: &Fields<'_>, index: usize, indent: usize) -> Entry {
        let field = fields.get(index);
        let (name, value) = (field.spec.name, self.value(fields, index));
        let meaning = self.meaning(fields, index);
        let beside_hex = if self.look.bytes && self.look.room() != Room::Narrow {
            beside::hex_width(self.look)
        } else {
            0
        };
        let width = self.look.width.saturating_sub(self.indent + beside_hex + indent).max(12);
        let mut below = Vec::new();
        let mut lines = match self.look.room() {
            Room::Wide if beside_hex == 0 => {
                let names = 24usize.saturating_sub(indent);
                let values = 34;
                let rest = width.saturating_sub(names + values + 4);
                row(
                    indent,
                    &[
                        Cell::new(Role::Name, names, name),
                        Cell::new(Role::Value, values, value),
                        Cell::new(Role::Meaning, rest, meaning),
                    ],
                )
            }
            Room::Narrow => {
                let text = if value.is_empty() { name.to_owned() } else { format!("{name}: {value}") };
                let mut lines: Vec<String> = wrap(&text, width)
                    .into_iter()
                    .map(|line| format!("{}{}", " ".repeat(indent), paint(Role::Name, &line)))
                    .collect();
                lines.extend(under(indent + 2, &meaning, width));
                lines
            }
            // Beside hex there is little room: the meaning goes below, over the whole width.
            Room::Middling if beside_hex > 0 => {
                let names = 16usize.saturating_sub(indent).max(name.len());
                below = under(BELOW, &meaning, self.look.width.saturating_sub(self.indent));
                two_columns(indent, names, name, &pieces(Role::Value, &value), width)
            }
            _ => {
                let names = 22usize.saturating_sub(indent).max(name.len());
                two_columns(indent, names, name, &self.value_and_meaning(&value, &meaning), width)
            }
        };
        if let Some(problem) = field.problem {
            let (word, role) = match problem {
                Problem::Remark(_) => ("remark", Role::Meaning),
                _ => ("problem", Role::Problem),
            };
            let text = format!("{word}: {}", problem_text(problem));
            let pad = " ".repeat(indent + 2);
            lines.extend(
                wrap(&text, width.saturating_sub(2))
                    .into_iter()
                    .map(|line| format!("{pad}{}", paint(role, &line))),
            );
        }
        Entry { lines, below }
    }

    /// The value, and behind it the meaning, as one paragraph.
    fn value_and_meaning(&self, value: &str, meaning: &str) -> Vec<Piece> {
        let between = match (value.is_empty() || meaning.is_empty(), self.look.ascii()) {
            (true, _) => "",
            (false, true) => " - ",
            (false, false) => " · ",
        };
        let mut paragraph = pieces(Role::Value, value);
        paragraph.extend(pieces(Role::Meaning, between));
        paragraph.extend(pieces(Role::Meaning, meaning));
        paragraph
    }

    fn value(&self, fields: &Fields<'_>, index: usize) -> String {
        let field = fields.get(index);
        let ascii = self.look.ascii();
        if let Some(name) = unlisted(fields, index) {
            let line = match field.value {
                Value::Parts => name.to_vec(),
                _ => [name, b": ", &fields.value(index)].concat(),
            };
            return short(&line, VALUE_LIMIT, ascii);
        }
        if let Some(place) = self.content_place
            && !self.look.bytes
            && field.spec.shown == Shown::Content
            && fields.is_leaf(index)
        {
            return format!("{}, {place}", count(fields.raw(index).len() as u64, "byte"));
        }
        match field.value {
            Value::Name(_) => name(&String::from_utf8_lossy(&fields.value(index)), ascii),
            Value::Parts => String::new(),
            Value::Number(value) => match field.spec.code(value) {
                Some(code) => format!("{} ({value})", code.name),
                None => counted(value, field.spec.unit),
            },
            Value::Opaque if self.look.bytes => count(fields.raw(index).len() as u64, "byte"),
            Value::Opaque => {
                let raw = fields.raw(index);
                let start = hex::pairs(&raw[..raw.len().min(OPAQUE_LIMIT)]);
                let left = raw.len().saturating_sub(OPAQUE_LIMIT);
                if left > 0 { format!("{start} and {} more", count(left as u64, "byte")) } else { start }
            }
            Value::Text if fields.raw(index).len() > VALUE_LIMIT && self.look.bytes => {
                count(fields.raw(index).len() as u64, "byte")
            }
            // White space would be invisible.
            Value::Text if fields.raw(index).iter().all(|&byte| byte == b' ') => {
                format!("\"{}\"", String::from_utf8_lossy(fields.raw(index)))
            }
            _ if self.look.bytes => edged(Safe::word(&fields.value(index)).ascii(ascii).to_string()),
            _ => edged(short(&fields.value(index), VALUE_LIMIT, ascii)),
        }
    }

    /// The meaning, if it has not been given: of the value where values have names, else of the field.
    fn meaning(&mut self, fields: &Fields<'_>, index: usize) -> String {
        let spec = fields.get(index).spec;
        let code = fields.number(index).and_then(|number| spec.code(number));
        let mut parts = Vec::new();
        if let Some(code) = code.filter(|code| !code.meaning.is_empty())
            && self.explained.insert((spec.name, code.name))
        {
            parts.push((code.meaning, spec.rfc_of(Some(code))));
        }
        let has_own = code.is_some_and(|code| !code.meaning.is_empty());
        if !has_own && self.explained.insert((spec.name, "")) {
            parts.push((spec.meaning, spec.rfc));
        }
        match parts.first() {
            None => String::new(),
            Some((meaning, "")) => (*meaning).to_owned(),
            Some((meaning, rfc)) => {
                let rfc = self.look.rfc(rfc);
                // A section keeps together; the marks become spaces when the lines are made.
                format!("{meaning} ({})", rfc.replace(' ', "\u{a0}"))
            }
        }
    }
}

/// A space at an edge would be invisible.
fn edged(text: String) -> String {
    if text.starts_with(' ') || text.ends_with(' ') { format!("\"{text}\"") } else { text }
}

/// The name at the left, and the value with its meaning flowing beside it.
fn two_columns(indent: usize, names: usize, name: &str, rest: &[Piece], width: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let lines = flow(rest, width.saturating_sub(names + 2).max(12));
    lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| {
            let shown = if at == 0 { name } else { "" };
            let gap = " ".repeat(names.saturating_sub(shown.len()) + 2);
            format!("{pad}{}{gap}{line}", paint(Role::Name, shown)).trim_end().to_owned()
        })
        .collect()
}

fn under(indent: usize, meaning: &str, width: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    wrap(meaning, width.saturating_sub(indent).max(16))
        .into_iter()
        .map(|line| format!("{pad}{}", paint(Role::Meaning, &line)))
        .collect()
}

/// The field name of a line whose field has no entry of its own: the spec's name would hide it.
fn unlisted<'a>(fields: &'a Fields<'_>, index: usize) -> Option<&'a [u8]> {
    let Shown::NamedBy(part) = fields.get(index).spec.shown else { return None };
    Some(fields.raw(fields.part(index, part)?))
}

/// Whether the value of the whole does not tell what this part of it holds: something broken, or trailer fields, which
/// stand in the framing of content and are none of it.
fn says_more(fields: &Fields<'_>, index: usize) -> bool {
    (index..fields.get(index).end as usize).map(|at| fields.get(at)).any(|field| {
        let is_apart = field.spec.shown == Shown::Apart && !field.bytes().is_empty();
        field.problem.is_some() || is_apart
    })
}

/// A number with what it comes to, where that says more: `3,600 (1 hour)`.
fn counted(value: u64, unit: Unit) -> String {
    match unit.seconds(value).filter(|&seconds| seconds >= 60 || unit != Unit::Seconds) {
        Some(seconds) => format!("{} ({})", number(value), lasting(seconds)),
        None => number(value),
    }
}

/// What there is to be said against a field, as a sentence part.
#[must_use]
pub fn problem_text(problem: Problem) -> String {
    match problem {
        Problem::Rule(rule) | Problem::Remark(rule) => (*rule).to_owned(),
        Problem::Short { wanted, left } if wanted % 8 == 0 && left % 8 == 0 => {
            format!("needs {}, and {} left", count(u64::from(wanted / 8), "byte"), are(left / 8))
        }
        Problem::Short { wanted, left } => {
            format!("needs {}, and {} left", count(u64::from(wanted), "bit"), are(left))
        }
    }
}

fn are(left: u32) -> String {
    match left {
        0 => "none are".to_owned(),
        1 => "1 is".to_owned(),
        _ => format!("{} are", number(u64::from(left))),
    }
}
