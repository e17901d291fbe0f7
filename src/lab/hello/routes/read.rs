//! The lines of a file of routes: a line that begins at the margin begins a route, and what is indented below it says
//! what the answer is. A file that was copied with an indent before all of its lines reads as if it had none.
//!
//! Whatever does not read becomes a [`Slip`] with its line and how to mend it, and reading goes on behind it, so that
//! somebody who mends a file sees all there is to mend.

use std::time::Duration;

use super::words;
use super::written::{Content, Kind, Path, Written};
use crate::lab::entry::Slip;
use crate::lab::hello::site::{FORMER, OWN};

/// The most slips that are told at once.
pub const SLIPS: usize = 20;

/// The most routes in a file.
pub const ROUTES: usize = 1_000;

/// The methods a route may have. HEAD comes with GET, and OPTIONS with any of them.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Reads all of it.
///
/// # Errors
/// What does not read, in the order of its lines.
pub fn read(text: &str) -> Result<Vec<Written>, Vec<Slip>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = without_shared_indent(lines);
    let mut reader = Reader { lines, at: 0, routes: Vec::new(), slips: Vec::new() };
    while reader.at < reader.lines.len() && reader.slips.len() < SLIPS {
        reader.line();
    }
    reader.settle();
    if reader.routes.is_empty() && reader.slips.is_empty() {
        reader.slips.push(Slip {
            line: None,
            what: "there is no route in this file".to_owned(),
            mend: "write a method and a path, and below it, indented, what to say: GET / and say Hello"
                .to_owned(),
        });
    }
    if reader.slips.is_empty() { Ok(reader.routes) } else { Err(reader.slips) }
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
    routes: Vec<Written>,
    slips: Vec<Slip>,
}

impl<'a> Reader<'a> {
    fn line(&mut self) {
        let line = self.lines[self.at];
        let number = self.at + 1;
        self.at += 1;
        let words = line.trim_start();
        if words.is_empty() || words.starts_with('#') {
            return;
        }
        let read = if words.len() == line.len() { self.route(number, line) } else { self.option(line) };
        if let Err((what, mend)) = read {
            self.slips.push(Slip { line: Some(number), what, mend });
        }
    }

    /// A line at the margin.
    fn route(&mut self, number: usize, line: &str) -> Result<(), (String, String)> {
        let mut parts = line.split_whitespace();
        let (first, second, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if words::is_word(first)
            && let Some(route) = self.routes.last_mut().filter(|route| route.content == Content::Unsaid)
        {
            // It was meant for the route above, which so has something to say.
            route.content = Content::Text(String::new());
        }
        self.settle();
        let (method, path) = match method(first, second) {
            Ok(method) => (method, path(second.unwrap_or_default())),
            Err(slip) => {
                // What stands below belongs to this line and would only be said to be without a route.
                self.skip_indented();
                return Err(slip);
            }
        };
        let path = path.and_then(|path| match more {
            None => Ok(path),
            Some(more) if !says_something(more) => Err((
                format!("behind the path stands \"{more}\", and a path has no spaces"),
                format!(
                    "a space in a path is written %20: {}",
                    line.split_whitespace().skip(1).collect::<Vec<_>>().join("%20")
                ),
            )),
            Some(more) => Err((
                format!("behind the path stands \"{more}\", and nothing may stand there"),
                "put each thing on a line of its own below, indented: status 200, type text/plain, say Hello"
                    .to_owned(),
            )),
        });
        let path = path.inspect_err(|_| self.skip_indented())?;
        if self.routes.len() >= ROUTES {
            self.at = self.lines.len();
            return Err((
                format!("this is the route behind number {ROUTES}, which is the limit"),
                "a star at the end of a path takes all that begin so: GET /pages/*".to_owned(),
            ));
        }
        if let Some(before) = self.routes.iter().find(|route| route.method == method && route.path == path) {
            let slip = (
                format!("line {} has this route already", before.line),
                "keep one of them, or give one another path or another method".to_owned(),
            );
            self.skip_indented();
            return Err(slip);
        }
        self.routes.push(Written {
            line: number,
            method,
            path,
            status: None,
            kind: Kind::Usual,
            content: Content::Unsaid,
            delay: Duration::ZERO,
            fields: Vec::new(),
        });
        Ok(())
    }

    /// An indented line.
    fn option(&mut self, line: &'a str) -> Result<(), (String, String)> {
        let words = line.trim_start();
        let (word, value) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let value = value.trim_start();
        let block = (word == "say" && value.is_empty()).then(|| self.block(line.len() - words.len()));
        let Some(route) = self.routes.last_mut() else {
            return Err((
                format!("\"{word}\" stands indented, and there is no route above it"),
                "begin with a method and a path at the margin: GET /".to_owned(),
            ));
        };
        words::put(route, self.at, word, value, block)
    }

    /// The lines below that are indented further than `margin`, without what they are all indented by.
    fn block(&mut self, margin: usize) -> String {
        let deep = |line: &str| line.is_empty() || indent(line) > margin;
        let many = self.lines[self.at..].iter().take_while(|line| deep(line)).count();
        let mut lines = &self.lines[self.at..self.at + many];
        while let [rest @ .., ""] = lines {
            lines = rest;
        }
        self.at += lines.len();
        let shared = lines.iter().filter(|line| !line.is_empty()).map(|line| indent(line)).min();
        let text = |line: &&str| line.get(shared.unwrap_or(0)..).unwrap_or_default().to_owned();
        lines.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    /// Passes over what stands below a line that does not read.
    fn skip_indented(&mut self) {
        let below = |line: &&&str| line.is_empty() || indent(line) > 0;
        self.at += self.lines[self.at..].iter().take_while(below).count();
    }

    /// Looks at the route that is complete now.
    fn settle(&mut self) {
        let Some(route) = self.routes.last() else { return };
        if let Err((line, what, mend)) = words::whole(route)
            && self.slips.last().is_none_or(|last| last.line < Some(line))
        {
            self.slips.push(Slip { line: Some(line), what, mend });
        }
    }
}

/// The lines without the white space that all of them begin with, blank ones and notes aside. The first of them has to
/// be a route: an answer without one stays indented, and is told so.
fn without_shared_indent(lines: Vec<&str>) -> Vec<&str> {
    let mut said =
        lines.iter().copied().filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'));
    let Some(first) = said.next() else { return lines };
    let (mut shared, route) = first.split_at(indent(first));
    if route.split_whitespace().next().is_some_and(words::is_word) {
        return lines;
    }
    for line in said {
        shared = in_common(shared, line);
    }
    lines.into_iter().map(|line| line.strip_prefix(shared).unwrap_or_else(|| line.trim_start())).collect()
}

/// What two lines begin with alike.
fn in_common<'a>(one: &'a str, other: &str) -> &'a str {
    let alike = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    &one[..alike.map(|(char, _)| char.len_utf8()).sum()]
}

/// How many bytes of white space a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The method that begins a line.
fn method(first: &str, second: Option<&str>) -> Result<&'static str, (String, String)> {
    let capitals = first.to_ascii_uppercase();
    if let Some(method) = METHODS.into_iter().find(|method| *method == capitals) {
        return match second {
            _ if first != method => Err((
                format!("\"{first}\" is no method: they are written in capitals"),
                format!("write {method}"),
            )),
            None => Err((
                format!("behind {method} there is no path"),
                format!("say which page it is: {method} /"),
            )),
            Some(_) => Ok(method),
        };
    }
    Err(match (capitals.as_str(), words::is_word(first)) {
        ("HEAD", _) => (
            "HEAD needs no route: it is answered by the GET route of its path, without the content"
                .to_owned(),
            "take this route out".to_owned(),
        ),
        ("OPTIONS", _) => (
            "OPTIONS needs no route: it is answered from the routes there are".to_owned(),
            "take this route out".to_owned(),
        ),
        (_, true) => (
            format!("\"{first}\" belongs to a route, and it stands at the margin"),
            "put two spaces in front of it, and the route above it".to_owned(),
        ),
        _ if first.starts_with('/') => (
            format!("\"{first}\" is a path without a method"),
            format!("say what is done with it: GET {first}"),
        ),
        _ => (
            format!("\"{first}\" is no method that a route can have"),
            format!("begin with one of {}, then a space and a path: GET /", METHODS.join(", ")),
        ),
    })
}

/// Whether what stands behind a path was meant for a line of its own: a word of these files, or a status.
fn says_something(text: &str) -> bool {
    words::is_word(text) || text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The path of a route.
fn path(text: &str) -> Result<Path, (String, String)> {
    if let Some((path, _)) = text.split_once(['?', '#']) {
        return Err((
            "a path ends in front of ? and #".to_owned(),
            format!("write {path}: with any query it is the same route, and what is behind # is never sent"),
        ));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        return Err((
            "this is a whole address; a route has its path alone".to_owned(),
            format!("write {path}"),
        ));
    }
    if !text.starts_with('/') {
        let mended = text.split_once('*').map_or_else(|| text.to_owned(), |(start, _)| format!("{start}*"));
        return Err((
            format!("a path begins with a slash, and \"{text}\" does not"),
            format!("write /{mended}"),
        ));
    }
    let netlabs =
        |place: &&str| text.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some(place) = [OWN, FORMER].iter().find(|place| netlabs(place)) {
        return Err((
            format!("{place} is where netlab shows every request, and no route comes before that"),
            "take another path".to_owned(),
        ));
    }
    if let Some(encoded) = encoded(text) {
        return Err((
            "on the wire a path is visible ASCII; other bytes are written as % and two hexadecimal digits"
                .to_owned(),
            format!("write {encoded}"),
        ));
    }
    match text.split_once('*') {
        None => Ok(Path::Exact(text.to_owned())),
        Some((start, "")) => Ok(Path::Below(start.to_owned())),
        Some((start, _)) => Err((
            "a star stands for the rest of a path, so nothing may stand behind it".to_owned(),
            format!("write {start}*"),
        )),
    }
}

/// The path as it would be sent, if it is another one.
fn encoded(path: &str) -> Option<String> {
    let visible = |byte: &u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(byte);
    let one = |byte: u8| if visible(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    (!path.bytes().all(|byte| visible(&byte))).then(|| path.bytes().map(one).collect())
}
