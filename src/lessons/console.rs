//! Console fences: what to type, what is typed into it, and what it prints.
//!
//! ```text
//! # in another terminal          a comment: where to type it, or another tool's words for it
//! $ netlab lab up &              a command; `&`: it keeps running while the next ones go
//! $ netlab connect echo.test     a command
//! > hello                        what the learner types into it
//! ...                            any lines
//! [..] read 6 bytes              a line of output; `[..]` stands for any text on the line
//! ```
//!
//! `NONCE` in a command or a typed line is the word behind the latest `nonce=` that was printed: the learner's own.

use super::finding::{At, Finding};

/// What stands for any text on a line.
pub const ANY_TEXT: &str = "[..]";

/// What stands, alone on a line, for any lines.
pub const ANY_LINES: &str = "...";

/// What stands, in a command or a typed line, for the word behind the latest `nonce=` that was printed.
pub const OWN_WORD: &str = "NONCE";

/// A console fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// The line the fence begins on.
    pub line: usize,
    /// Comments and commands, in order.
    pub entries: Vec<Entry>,
}

/// One thing in a console fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A comment, without its `# `.
    Comment(String),
    /// A command.
    Command(Command),
}

/// A command, what goes in and what comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The line it is on.
    pub line: usize,
    /// The command as the learner types it, without `$ ` and ` &`.
    pub text: String,
    /// The same, cut into words.
    pub words: Vec<String>,
    /// Whether it keeps running while the next ones go.
    pub keeps_running: bool,
    /// The lines the learner types into it.
    pub typed: Vec<String>,
    /// The lines it prints, with [`ANY_TEXT`] and [`ANY_LINES`].
    pub expected: Vec<String>,
}

impl Console {
    /// Its commands, in order.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.entries
            .iter()
            .filter_map(|entry| if let Entry::Command(command) = entry { Some(command) } else { None })
    }
}

impl Command {
    /// The command as one learner types it: with `word` wherever it says [`OWN_WORD`].
    #[must_use]
    pub fn with_word(&self, word: &str) -> Self {
        let own = |text: &String| text.replace(OWN_WORD, word);
        let all = |texts: &[String]| texts.iter().map(own).collect();
        Self { text: own(&self.text), words: all(&self.words), typed: all(&self.typed), ..self.clone() }
    }
}

/// The word behind the latest `nonce=` in what was printed.
#[must_use]
pub fn own_word(printed: &str) -> Option<&str> {
    let (_, rest) = printed.rsplit_once("nonce=")?;
    let end =
        rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// Reads the lines of a console fence, the first of which stands at `at`.
///
/// # Errors
/// Output before any command, or a command only a shell would understand.
pub fn parse(at: At<'_>, lines: &[&str]) -> Result<Console, Finding> {
    let mut entries: Vec<Entry> = Vec::new();
    for (offset, &line) in lines.iter().enumerate() {
        let here = at.line(at.line + offset);
        if let Some(text) = line.strip_prefix("$ ") {
            entries.push(Entry::Command(command(here, text)?));
        } else if let Some(text) = line.strip_prefix("# ") {
            entries.push(Entry::Comment(text.to_owned()));
        } else if let Some(command) = last_command(&mut entries) {
            let typed = line.strip_prefix("> ").or_else(|| (line == ">").then_some(""));
            match typed {
                Some(typed) if command.expected.is_empty() => command.typed.push(typed.to_owned()),
                _ => command.expected.push(line.trim_end().to_owned()),
            }
        } else if !line.trim().is_empty() {
            return Err(here.finding(
                "output stands before any command",
                "begin with a line such as \"$ netlab resolve garden.test\"",
            ));
        }
    }
    for entry in &mut entries {
        if let Entry::Command(command) = entry {
            // Blank lines before the next command are for the eye.
            while command.expected.last().is_some_and(String::is_empty) {
                command.expected.pop();
            }
        }
    }
    Ok(Console { line: at.line.saturating_sub(1), entries })
}

/// Reads a command, without its `$ `.
///
/// # Errors
/// When it needs a shell.
pub fn command(at: At<'_>, text: &str) -> Result<Command, Finding> {
    let text = text.trim();
    let (text, keeps_running) = match text.strip_suffix(" &") {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let words = words(text).map_err(|what| {
        at.finding(
            what,
            "a lesson's commands never go through a shell: give plain words, quoted with ' where needed",
        )
    })?;
    Ok(Command {
        line: at.line,
        text: text.to_owned(),
        words,
        keeps_running,
        typed: Vec::new(),
        expected: Vec::new(),
    })
}

/// Cuts a command into words at spaces; single or double quotes keep a word together.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | '<' | ';' | '&' | '`' | '$' | '*' | '\\') => {
                return Err(format!("\"{letter}\" means something to a shell"));
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

fn last_command(entries: &mut [Entry]) -> Option<&mut Command> {
    entries
        .iter_mut()
        .rev()
        .find_map(|entry| if let Entry::Command(command) = entry { Some(command) } else { None })
}

/// Where printed lines differ from the expected ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Index of the expected line that was not found; one past the last when lines were left over.
    pub expected: usize,
    /// The printed line found in its place, if there was one.
    pub found: Option<String>,
}

/// Whether `printed` is what was expected. Spaces at line ends do not matter.
///
/// # Errors
/// The furthest expected line that could not be found, and what stood there instead.
pub fn compare(expected: &[String], printed: &str) -> Result<(), Mismatch> {
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let (mut want, mut have) = (0, 0);
    // Where to go on when a guess about the latest `...` proves wrong: it took one line too few.
    let mut resume: Option<(usize, usize)> = None;
    let mut furthest = Mismatch { expected: 0, found: None };
    loop {
        let wanted = expected.get(want).map(String::as_str);
        if wanted == Some(ANY_LINES) {
            want += 1;
            resume = Some((want, have));
            continue;
        }
        let found = lines.get(have).copied();
        match (wanted, found) {
            (None, None) => return Ok(()),
            (Some(wanted), Some(found)) if line_matches(wanted, found) => {
                want += 1;
                have += 1;
                continue;
            }
            _ => {}
        }
        if want > furthest.expected || furthest.found.is_none() {
            furthest = Mismatch { expected: want, found: found.map(str::to_owned) };
        }
        match resume {
            Some((after, from)) if from < lines.len() => {
                resume = Some((after, from + 1));
                (want, have) = (after, from + 1);
            }
            _ => return Err(furthest),
        }
    }
}

/// Whether a printed line is the expected one, in which `[..]` stands for any text.
#[must_use]
pub fn line_matches(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split(ANY_TEXT);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}
