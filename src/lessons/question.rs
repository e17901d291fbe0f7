//! The language of checks: questions about evidence, one condition a line.
//!
//! ```text
//! check     = [ all ] scene *( separator scene )   all: a line "all on one connection" or "all by one server"
//!                                              separator: a blank line, or a line "then" (the next scene begins
//!                                              later), or "meanwhile" (while this one is open)
//! scene     = "# " sentence, 1*condition       one flow, or one exchange on it, must satisfy all of them
//! condition = [ "count " ] path [ " after " text ] [ op value ] [ " as " name ]
//! op        = "=" | "!=" | ">=" | "<=" | ">" | "<" | "contains"
//! value     = text to the end of the line | DQUOTE text DQUOTE | "$" name
//! path      = segment *( "." segment )         see paths
//! ```
//!
//! - Without an operator the field must be there.
//! - `=` holds when one of the fields on the path has the value; `!=` when there are some and none has it.
//! - `after` takes the word that follows a text, one without spaces, instead of the whole value: `after nonce=`.
//! - `as` keeps the values the condition found; `$name` later means any of them.
//! - `all on one connection`: each scene has to be seen on the same one, so that a claim about one moment is not put together
//!   from two. `all by one server`: on connections that one and the same listening socket took.
//! - What says that something did *not* happen (`count ... = 0`) holds once its time is up, see [`settled`](super::settled).
//! - `count flow` and `count exchange` count how often the rest of the scene holds: connections, or
//!   exchanges on one connection.

use std::fmt;
use std::sync::OnceLock;

use super::finding::{At, Finding};
use super::paths::{self, About};

/// What a step's evidence must show.
#[derive(Debug, Clone)]
pub struct Check {
    /// The line the fence begins on.
    pub line: usize,
    /// What the evidence of all scenes has to have in common.
    pub all: Option<All>,
    /// The scenes, in order.
    pub scenes: Vec<Scene>,
}

/// What the evidence of all scenes has to have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum All {
    /// The connection.
    OnOneConnection,
    /// The server: one listening socket took all of the connections.
    ByOneServer,
}

impl All {
    fn word(line: &str) -> Option<Self> {
        match line {
            "all on one connection" => Some(Self::OnOneConnection),
            "all by one server" => Some(Self::ByOneServer),
            _ => None,
        }
    }
}

/// What one flow must show.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// Its first line.
    pub line: usize,
    /// The scene in plain words, shown to the learner.
    pub description: String,
    /// When it must begin.
    pub begins: Begins,
    /// What must hold.
    pub conditions: Vec<Condition>,
}

/// When a scene must begin, seen from the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Begins {
    /// At any time.
    #[default]
    Whenever,
    /// After it has begun.
    Then,
    /// On another connection, while that one is open.
    Meanwhile,
}

impl Begins {
    /// What the word between two scenes says.
    fn word(line: &str) -> Option<Self> {
        match line {
            "then" => Some(Self::Then),
            "meanwhile" => Some(Self::Meanwhile),
            _ => None,
        }
    }
}

/// One thing that must hold.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The line it is on.
    pub line: usize,
    /// The condition as written.
    pub text: String,
    /// Whether the number of fields is meant, not their values.
    pub count: bool,
    /// Which fields.
    pub path: Path,
    /// Only the word that follows this text in their values.
    pub after: Option<String>,
    /// What they are compared with; without it they must be there.
    pub test: Option<Test>,
    /// The name under which the values are kept for later scenes.
    pub keep_as: Option<String>,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// How to compare.
    pub op: Op,
    /// With what.
    pub value: Operand,
}

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    MoreThan,
    /// `<`
    LessThan,
    /// `contains`
    Contains,
}

/// What to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// This text, or the number it spells.
    Text(String),
    /// Any of the values kept under this name.
    Kept(String),
}

/// The steps to a field, lower case.
#[derive(Clone)]
pub struct Path {
    names: Vec<String>,
    /// What it is about, once somebody has asked: it is asked of every flow in the journal.
    about: OnceLock<About>,
}

impl Path {
    /// A path with these steps.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self { names, about: OnceLock::new() }
    }

    /// The steps.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What it is about.
    #[must_use]
    pub fn about(&self) -> About {
        *self.about.get_or_init(|| paths::find(&self.names))
    }

    /// The path as written, with its dots.
    #[must_use]
    pub fn text(&self) -> String {
        self.names.join(".")
    }

    /// The last step: the field itself.
    #[must_use]
    pub fn last(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl Eq for Path {}

impl fmt::Debug for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Path({})", self.text())
    }
}

impl Condition {
    /// Whether nothing at all can satisfy it, as in `count dns.answer = 0`.
    #[must_use]
    pub fn holds_on_nothing(&self) -> bool {
        let Some(Test { op, value: Operand::Text(value) }) = &self.test else { return false };
        self.count && value.parse().is_ok_and(|wanted| op.orders(0, wanted))
    }
}

impl Op {
    const ALL: [(&'static str, Self); 7] = [
        ("=", Self::Is),
        ("!=", Self::IsNot),
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        (">", Self::MoreThan),
        ("<", Self::LessThan),
        ("contains", Self::Contains),
    ];

    /// The comparison of two numbers. A number contains itself only.
    #[must_use]
    pub fn orders(self, found: u64, wanted: u64) -> bool {
        match self {
            Self::Is | Self::Contains => found == wanted,
            Self::IsNot => found != wanted,
            Self::AtLeast => found >= wanted,
            Self::AtMost => found <= wanted,
            Self::MoreThan => found > wanted,
            Self::LessThan => found < wanted,
        }
    }

    /// The words before the value in "wanted ...", empty for `=`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Is => "",
            Self::IsNot => "anything but ",
            Self::AtLeast => "at least ",
            Self::AtMost => "at most ",
            Self::MoreThan => "more than ",
            Self::LessThan => "less than ",
            Self::Contains => "something containing ",
        }
    }
}

/// Reads a check; its first line stands at `first`.
///
/// # Errors
/// A condition that is none, a scene without conditions, a `$name` nothing was kept under.
pub fn parse(first: At<'_>, lines: &[&str]) -> Result<Check, Finding> {
    let mut scenes: Vec<Scene> = Vec::new();
    let mut open = Scene::default();
    let mut all = None;
    for (offset, line) in lines.iter().enumerate() {
        let (here, line) = (first.line(first.line + offset), line.trim());
        let begins = Begins::word(line);
        if let Some(common) = All::word(line) {
            if all.is_some() || open.line != 0 || !scenes.is_empty() {
                let what = format!("\"{line}\" stands behind the beginning of the check");
                return Err(here.finding(what, "put it into the first line, once"));
            }
            all = Some(common);
            continue;
        }
        if line.is_empty() || begins.is_some() {
            close(first, &mut scenes, &mut open)?;
            if let Some(begins) = begins {
                if scenes.is_empty() {
                    let what = format!("\"{line}\" has no scene before it");
                    return Err(here.finding(what, "put it between two scenes"));
                }
                open.begins = begins;
            }
            continue;
        }
        if open.line == 0 {
            open.line = here.line;
        }
        if let Some(sentence) = line.strip_prefix("# ") {
            let gap = if open.description.is_empty() { "" } else { " " };
            open.description.push_str(gap);
            open.description.push_str(sentence.trim());
        } else {
            open.conditions.push(condition(here, line)?);
        }
    }
    let trailing = open.begins != Begins::Whenever && open.line == 0;
    close(first, &mut scenes, &mut open)?;
    if scenes.is_empty() || trailing {
        return Err(
            first.finding("the check ends without a scene", "add a line such as \"dns.question.type = A\"")
        );
    }
    if all.is_some() && scenes.len() < 2 {
        return Err(first.finding("one scene has nothing to share", "leave \"all ...\" out, or add a scene"));
    }
    known_names(first, &scenes)?;
    Ok(Check { line: first.line - 1, all, scenes })
}

fn close(first: At<'_>, scenes: &mut Vec<Scene>, open: &mut Scene) -> Result<(), Finding> {
    if open.line == 0 {
        return Ok(());
    }
    if open.conditions.is_empty() {
        return Err(first.line(open.line).finding(
            "a scene has a sentence and no condition",
            "put its conditions right below the sentence",
        ));
    }
    scenes.push(std::mem::take(open));
    Ok(())
}

/// Every `$name` must have been kept by an earlier scene.
fn known_names(first: At<'_>, scenes: &[Scene]) -> Result<(), Finding> {
    let mut kept: Vec<&str> = Vec::new();
    for scene in scenes {
        for condition in &scene.conditions {
            if let Some(Test { value: Operand::Kept(name), .. }) = &condition.test
                && !kept.contains(&name.as_str())
            {
                return Err(first.line(condition.line).finding(
                    format!("no earlier scene keeps ${name}"),
                    format!("write \"as {name}\" behind a condition of a scene before this one"),
                ));
            }
        }
        kept.extend(scene.conditions.iter().filter_map(|condition| condition.keep_as.as_deref()));
    }
    Ok(())
}

/// Reads one condition.
///
/// # Errors
/// What is wrong with it.
pub fn condition(here: At<'_>, line: &str) -> Result<Condition, Finding> {
    let (count, rest) = counted(line);
    let (rest, keep_as) = kept_name(rest);
    let (path, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let path = self::path(here, path)?;
    let (after, rest) = following(rest);
    if count && after.is_some() {
        return Err(here.finding("a word is not counted", "leave out \"count\", or \"after\" and its text"));
    }
    let test = if rest.trim().is_empty() { None } else { Some(test(here, rest.trim(), count)?) };
    let keep_as = keep_as.map(str::to_owned);
    Ok(Condition { line: here.line, text: line.to_owned(), count, path, after, test, keep_as })
}

/// Reads where an answer is: `[count] PATH [after TEXT]`.
///
/// # Errors
/// When the path is none.
pub fn answer(here: At<'_>, text: &str) -> Result<(bool, Path, Option<String>), Finding> {
    let (count, rest) = counted(text);
    let (path, after) = match rest.split_once(" after ") {
        Some((path, after)) => (path, Some(after.trim().to_owned())),
        None => (rest, None),
    };
    Ok((count, self::path(here, path.trim())?, after))
}

fn counted(text: &str) -> (bool, &str) {
    match text.strip_prefix("count ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// The text behind `after`, and what follows it.
fn following(text: &str) -> (Option<String>, &str) {
    let Some(rest) = text.trim_start().strip_prefix("after ") else { return (None, text) };
    let (after, rest) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest, ""));
    (Some(after.trim().to_owned()), rest)
}

fn kept_name(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(" as ") {
        Some((before, name)) if is_word(name) => (before.trim_end(), Some(name)),
        _ => (text, None),
    }
}

fn test(here: At<'_>, text: &str, count: bool) -> Result<Test, Finding> {
    let (word, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let Some(&(_, op)) = Op::ALL.iter().find(|(sign, _)| *sign == word) else {
        return Err(here.finding(
            format!("\"{word}\" is no comparison"),
            "use =, !=, >=, <=, >, < or contains, with spaces around it",
        ));
    };
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    if value.is_empty() {
        return Err(here.finding(format!("nothing follows \"{word}\""), "give the value to compare with"));
    }
    if let (Some(name), None) = (value.strip_prefix('$'), quoted) {
        return Ok(Test { op, value: Operand::Kept(name.to_owned()) });
    }
    let value = quoted.unwrap_or(value);
    let needs_number = count || matches!(op, Op::AtLeast | Op::AtMost | Op::MoreThan | Op::LessThan);
    if needs_number && value.parse::<u64>().is_err() {
        return Err(
            here.finding(format!("\"{value}\" is no number"), "only numbers can be counted or put in order")
        );
    }
    Ok(Test { op, value: Operand::Text(value.to_owned()) })
}

fn path(here: At<'_>, text: &str) -> Result<Path, Finding> {
    let steps: Vec<String> = text.split('.').map(str::to_ascii_lowercase).collect();
    if steps.iter().all(|step| is_word(step)) {
        Ok(Path::new(steps))
    } else {
        Err(here.finding(
            format!("\"{text}\" is no path"),
            "write names with dots between them, such as dns.question.type",
        ))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
