//! Two exchanges side by side: what is the same, what differs, and how long each took.

use serde_json::{Value, json};

use crate::evidence::{End, Flow, Side};
use crate::meaning;
use crate::proto::http::Framing;
use crate::proto::http::message::{Message, messages};
use crate::render::teller::content::Content;
use crate::render::teller::phases::Phases;
use crate::render::text::cells::{Cell, row, wrap};
use crate::render::text::look::Look;
use crate::render::text::safe::short;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number, time};

/// From this width on two columns have room beside each other.
const SIDE_BY_SIDE: usize = 80;
/// The column of names.
const NAMES: usize = 20;
/// Characters of one value that are shown.
const VALUE_SHOWN: usize = 300;
/// The most field names that are compared; heads have a dozen.
const FIELDS_LIMIT: usize = 200;
/// Names of what differs that are told in the last sentence.
const DIFFERENCES_TOLD: usize = 6;

/// One of the two.
pub struct Exchanged<'a> {
    /// What was asked for.
    pub url: &'a str,
    /// The conversation.
    pub flow: &'a Flow,
    /// What the clock said.
    pub phases: Phases,
    /// What became of the content.
    pub content: Option<&'a Content>,
}

/// One thing that is compared.
struct Row {
    name: String,
    kind: Kind,
    first: String,
    second: String,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Something the answer says or is: it is the same or it differs.
    Fact,
    /// A time, which always differs a little.
    Time,
}

impl Row {
    fn differs(&self) -> bool {
        self.kind == Kind::Fact && self.first != self.second
    }
}

/// Shows both.
pub fn show(screen: &Screen, first: &Exchanged<'_>, second: &Exchanged<'_>) {
    let look = screen.look;
    let rows = rows(first, second, look.ascii(), false);
    let beside = look.width >= SIDE_BY_SIDE;
    let lines = rows.iter().flat_map(|row| if beside { side_by_side(row, look) } else { stacked(row, look) });
    lines.for_each(|line| screen.line(&line));
    screen.line("");
    wrap(&summary(&rows), look.width).iter().for_each(|line| screen.line(line));
}

/// The same for programs.
#[must_use]
pub fn json(first: &Exchanged<'_>, second: &Exchanged<'_>) -> Value {
    let rows: Vec<Value> = rows(first, second, false, true)
        .iter()
        .filter(|row| row.kind == Kind::Fact)
        .map(|row| {
            json!({ "what": row.name, "first": row.first, "second": row.second, "same": !row.differs() })
        })
        .collect();
    json!({
        "url": second.url,
        "times": second.phases.json(),
        "contents": second.content.map(Content::json).into_iter().collect::<Vec<_>>(),
        "rows": rows,
    })
}

/// Name, then both values; where they are the same it is enough to say so.
fn side_by_side(one: &Row, look: Look) -> Vec<String> {
    let half = (look.width.saturating_sub(2 + NAMES + 4)) / 2;
    let second = if one.differs() || one.kind == Kind::Time { one.second.as_str() } else { "the same" };
    let (mark, role) = mark(one, look);
    let right = if second == "the same" { Role::Meaning } else { role };
    row(
        0,
        &[
            Cell::new(Role::Name, NAMES, format!("{mark} {}", one.name)),
            Cell::new(role, half, one.first.as_str()),
            Cell::new(right, half, second),
        ],
    )
}

/// Name, and the values below each other.
fn stacked(one: &Row, look: Look) -> Vec<String> {
    let (mark, role) = mark(one, look);
    let mut lines = vec![paint(Role::Name, &format!("{mark} {}", one.name))];
    let mut value = |label: &str, text: &str| {
        for (at, line) in wrap(text, look.width.saturating_sub(6)).iter().enumerate() {
            let shown = if at == 0 { label } else { " " };
            lines.push(format!("    {shown} {}", paint(role, line)));
        }
    };
    if one.differs() || one.kind == Kind::Time {
        value("1", &one.first);
        value("2", &one.second);
    } else {
        value("=", &one.first);
    }
    lines
}

fn mark(row: &Row, look: Look) -> (&'static str, Role) {
    match (row.differs(), look.ascii()) {
        (true, false) => ("≠", Role::Value),
        (true, true) => ("!", Role::Value),
        (false, _) => (" ", Role::Value),
    }
}

/// What differs, in one sentence.
fn summary(rows: &[Row]) -> String {
    let names: Vec<&str> = rows
        .iter()
        .filter(|row| row.differs() && row.name != "url" && row.name != "address")
        .map(|row| row.name.as_str())
        .collect();
    let same = rows.iter().filter(|row| !row.differs() && row.kind == Kind::Fact).count();
    if names.is_empty() {
        return "Both servers said the same, but for the times.".to_owned();
    }
    let more = names.len().saturating_sub(DIFFERENCES_TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let told = names[..names.len().min(DIFFERENCES_TOLD)].join(", ");
    format!(
        "They differ in {told}{more}; {} the same.",
        match same {
            0 => "nothing is".to_owned(),
            1 => "1 thing is".to_owned(),
            _ => format!("{} are", count(same as u64, "thing")),
        }
    )
}

/// Everything that is compared, in order.
fn rows(first: &Exchanged<'_>, second: &Exchanged<'_>, ascii: bool, whole: bool) -> Vec<Row> {
    let (one, other) = (Facts::of(first, ascii, whole), Facts::of(second, ascii, whole));
    let fact = |name: &str, first: &str, second: &str| Row {
        name: name.to_owned(),
        kind: Kind::Fact,
        first: first.to_owned(),
        second: second.to_owned(),
    };
    let mut rows = vec![
        fact(
            "url",
            &short(first.url.as_bytes(), VALUE_SHOWN, ascii),
            &short(second.url.as_bytes(), VALUE_SHOWN, ascii),
        ),
        fact("address", &one.server.to_string(), &other.server.to_string()),
        fact("status", &one.status, &other.status),
        fact("version", &one.version, &other.version),
        fact("framing", &one.framing, &other.framing),
        fact("content", &one.content, &other.content),
        fact("content digest", &one.digest, &other.digest),
    ];
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in one.fields.iter().chain(&other.fields) {
        if !names.contains(&name) && names.len() < FIELDS_LIMIT {
            names.push(name);
        }
    }
    rows.extend(names.into_iter().map(|name| fact(name, &one.field(name), &other.field(name))));
    let phases = first.phases.each().chain(second.phases.each());
    let mut told: Vec<&str> = Vec::new();
    for (name, _) in phases {
        if !told.contains(&name) {
            told.push(name);
        }
    }
    rows.extend(told.into_iter().map(|name| Row {
        name: name.to_owned(),
        kind: Kind::Time,
        first: took(&first.phases, name),
        second: took(&second.phases, name),
    }));
    rows
}

fn took(phases: &Phases, name: &str) -> String {
    phases.each().find(|(other, _)| *other == name).map_or_else(|| "-".to_owned(), |(_, took)| time(took))
}

/// What there is to compare of one answer, as text that may be shown.
struct Facts {
    server: End,
    status: String,
    version: String,
    framing: String,
    content: String,
    digest: String,
    /// Names in small letters, and values.
    fields: Vec<(String, String)>,
}

impl Facts {
    fn of(one: &Exchanged<'_>, ascii: bool, whole: bool) -> Self {
        let nothing = || "-".to_owned();
        let mut facts = Self {
            server: one.flow.server.clone(),
            status: "no answer".to_owned(),
            version: nothing(),
            framing: nothing(),
            content: nothing(),
            digest: nothing(),
            fields: Vec::new(),
        };
        if let Some(content) = one.content {
            facts.content = packed(content, ascii);
            if let Some(digest) = content.digest.filter(|_| content.came > 0) {
                let all = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let rest = if ascii { "..." } else { "…" };
                // Programs compare them; to people the beginning says as much.
                facts.digest =
                    if whole { format!("SHA-256 {all}") } else { format!("SHA-256 {}{rest}", &all[..16]) };
            }
        }
        let readings = meaning::readings(one.flow);
        let Some(reading) = readings.iter().find(|reading| reading.side == Side::Server) else {
            return facts;
        };
        let all = messages(&reading.fields);
        let is_final = |message: &&Message<'_, '_>| message.status().is_some_and(|status| status >= 200);
        let Some(answer) = all.iter().find(is_final) else { return facts };
        let shown = |bytes: &[u8]| short(bytes, VALUE_SHOWN, ascii);
        let status = answer.status().unwrap_or_default();
        let reason = crate::proto::http::status::reason(status);
        format!("{status} {reason}").trim_end().clone_into(&mut facts.status);
        facts.version = answer.version().map_or_else(nothing, shown);
        facts.framing = match answer.framing() {
            Framing::None => "no content".to_owned(),
            Framing::Length(len) => format!("Content-Length: {}", number(len)),
            Framing::Chunked => "chunks".to_owned(),
            Framing::UntilClose => "until the server closes".to_owned(),
            Framing::Unknown => "nobody can tell".to_owned(),
        };
        facts.fields =
            answer.fields().map(|(name, value)| (shown(name).to_lowercase(), shown(value))).collect();
        facts
    }

    /// All values of a field, as one list would have them (RFC 9110 §5.3).
    fn field(&self, name: &str) -> String {
        let values: Vec<&str> =
            self.fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect();
        if values.is_empty() { "-".to_owned() } else { values.join(", ") }
    }
}

/// How long the content is, and how it was packed.
fn packed(content: &Content, ascii: bool) -> String {
    let came = count(content.came, "byte");
    match content.unpacked {
        Some(unpacked) => format!("{came} of {}, unpacked {}", content.packed(ascii), number(unpacked)),
        None => came,
    }
}
