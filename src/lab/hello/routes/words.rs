//! The words below a route: `status`, `type`, `say`, `file`, `delay` and `field`.

use std::path::{Component, Path as FilePath};
use std::time::Duration;

use super::written::{Content, Kind, Written};
use crate::proto::http::grammar::is_token;

/// The longest an answer may take.
pub const DELAY: Duration = Duration::from_mins(1);

/// Every word there is.
const WORDS: [&str; 6] = ["status", "type", "say", "file", "delay", "field"];

/// Words that somebody may try instead, each with the right one.
const INSTEAD: [(&str, &str); 18] = [
    ("body", "say"),
    ("text", "say"),
    ("content", "say"),
    ("print", "say"),
    ("send", "say"),
    ("answer", "say"),
    ("code", "status"),
    ("content-type", "type"),
    ("mime", "type"),
    ("charset", "type"),
    ("path", "file"),
    ("include", "file"),
    ("wait", "delay"),
    ("sleep", "delay"),
    ("after", "delay"),
    ("pause", "delay"),
    ("header", "field"),
    ("headers", "field"),
];

/// Short names of types that somebody may write.
const TYPES: [(&str, &str); 10] = [
    ("html", "text/html; charset=utf-8"),
    ("text", "text/plain; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("plain", "text/plain; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("jpeg", "image/jpeg"),
];

/// Fields that the server says by itself.
const BY_ITSELF: [&str; 6] =
    ["content-length", "transfer-encoding", "connection", "keep-alive", "date", "etag"];

/// Whether a route may have this word, or one that means the same.
#[must_use]
pub fn is_word(word: &str) -> bool {
    let word = word.trim_end_matches(':').to_ascii_lowercase();
    WORDS.contains(&word.as_str()) || INSTEAD.iter().any(|(wrong, _)| *wrong == word)
}

/// Puts what a line says into its route. `block` is the text below a `say` with nothing behind it.
///
/// # Errors
/// What is wrong with it, and how to mend that.
pub fn put(
    route: &mut Written,
    line: usize,
    word: &str,
    value: &str,
    block: Option<String>,
) -> Result<(), (String, String)> {
    let twice = |is: bool| if is { Err(again(word)) } else { Ok(()) };
    match word {
        "say" | "file" if route.content != Content::Unsaid => Err((
            "this route has its content already".to_owned(),
            "keep one say or one file; several lines stand below a say that has nothing behind it".to_owned(),
        )),
        "say" => match block {
            Some(block) if block.is_empty() => Err((
                "behind say there is nothing, and below it no line that is indented further".to_owned(),
                "write the text behind it: say Hello".to_owned(),
            )),
            Some(block) => {
                route.content = Content::Text(block);
                Ok(())
            }
            None => {
                route.content = Content::Text(value.to_owned());
                Ok(())
            }
        },
        _ if value.is_empty() && WORDS.contains(&word) => {
            Err((format!("behind {word} there is nothing"), format!("write, say, {}", example(word))))
        }
        "file" => {
            route.content = Content::File(line, file(value)?);
            Ok(())
        }
        "status" => {
            twice(route.status.is_some())?;
            route.status = Some(status(value)?);
            Ok(())
        }
        "type" => {
            twice(route.kind != Kind::Usual)?;
            route.kind = kind(value)?;
            Ok(())
        }
        "delay" => {
            twice(!route.delay.is_zero())?;
            route.delay = delay(value)?;
            Ok(())
        }
        "field" => {
            let (name, value) = field(value)?;
            route.fields.push((line, name, value));
            Ok(())
        }
        _ => Err(unknown(word)),
    }
}

/// Whether a route is complete, and all of it fits together.
///
/// # Errors
/// The line, what is wrong there, and how to mend it.
pub fn whole(route: &Written) -> Result<(), (usize, String, String)> {
    let silent = route.content == Content::Unsaid;
    if silent && route.status.is_none() && route.fields.is_empty() {
        return Err((
            route.line,
            "this route says nothing".to_owned(),
            "write below it, indented, what to say: say Hello".to_owned(),
        ));
    }
    match route.status {
        Some(status @ (204 | 205 | 304)) if !silent => Err((
            route.line,
            format!("an answer with status {status} has no content, and this route has some"),
            "take the content out, or give it status 200".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn again(word: &str) -> (String, String) {
    (format!("this route has a {word} already"), "keep one of them".to_owned())
}

fn unknown(word: &str) -> (String, String) {
    let bare = word.trim_end_matches(':').to_ascii_lowercase();
    let meant = INSTEAD.iter().find(|(wrong, _)| *wrong == bare).map(|(_, right)| *right);
    let meant = meant.or_else(|| WORDS.into_iter().find(|known| *known == bare));
    let mend = match meant {
        Some(right) => format!("write {right}, as in {}", example(right)),
        None if word.len() > 1 && word.ends_with(':') => {
            format!("if it is a field of the answer, write field {word} and its value")
        }
        None => format!(
            "below a route stands one of {}; several lines of text stand below a say, indented further",
            WORDS.join(", ")
        ),
    };
    (format!("there is no \"{word}\""), mend)
}

fn example(word: &str) -> &'static str {
    match word {
        "status" => "status 404",
        "type" => "type text/html; charset=utf-8",
        "file" => "file page.html",
        "delay" => "delay 2s",
        "field" => "field Location: /elsewhere",
        _ => "say Hello",
    }
}

fn status(value: &str) -> Result<u16, (String, String)> {
    let number = value.split_whitespace().next().unwrap_or_default();
    match number.parse::<u16>() {
        Ok(status @ 200..=599) if number == value => Ok(status),
        Ok(status @ 200..=599) => Err((
            "behind the status code stands more".to_owned(),
            format!("write the number alone, status {status}; its words come by themselves"),
        )),
        Ok(100..=199) => Err((
            "a status below 200 announces an answer and is none".to_owned(),
            "take one from 200 to 599".to_owned(),
        )),
        _ => Err((
            format!("\"{value}\" is no status code"),
            "write three digits from 200 to 599: status 404".to_owned(),
        )),
    }
}

fn kind(value: &str) -> Result<Kind, (String, String)> {
    if value == "none" {
        return Ok(Kind::Unsaid);
    }
    if value.contains('/') && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Ok(Kind::Named(value.to_owned()));
    }
    let lower = value.to_ascii_lowercase();
    let meant = TYPES.iter().find(|(short, _)| *short == lower).map(|(_, long)| *long);
    Err((
        format!("\"{value}\" is no media type: those have a slash"),
        format!(
            "write type {}, or type none for an answer without one",
            meant.unwrap_or("text/plain; charset=utf-8")
        ),
    ))
}

fn delay(value: &str) -> Result<Duration, (String, String)> {
    let wrong = || {
        (
            format!("\"{value}\" is no time"),
            "write a number and a unit, up to a minute: 500ms, 2s or 1m".to_owned(),
        )
    };
    let digits = value.find(|char: char| !char.is_ascii_digit() && char != '.').ok_or_else(wrong)?;
    let (number, unit) = value.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit.trim_start() {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|delay| *delay <= DELAY).ok_or_else(wrong)
}

fn field(value: &str) -> Result<(String, String), (String, String)> {
    let Some((name, value)) = value.split_once(':') else {
        return Err((
            "a field has a name, a colon and a value".to_owned(),
            "write, say, field Location: /elsewhere".to_owned(),
        ));
    };
    let lower = name.to_ascii_lowercase();
    if lower == "content-type" {
        return Err(("Content-Type has a word of its own".to_owned(), format!("write type{value}")));
    }
    if BY_ITSELF.contains(&lower.as_str()) {
        return Err((format!("{name} comes by itself"), "take this line out".to_owned()));
    }
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err((
            format!("\"{name}\" is no field name: it is one word, and the colon stands right behind it"),
            "write, say, field Location: /elsewhere".to_owned(),
        ));
    }
    if value.chars().any(char::is_control) {
        return Err(("a field value holds no control characters".to_owned(), "take them out".to_owned()));
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

/// A name of a file beside the file of routes, or below its folder.
fn file(value: &str) -> Result<String, (String, String)> {
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if FilePath::new(value).components().all(inside) {
        return Ok(value.to_owned());
    }
    Err((
        "a route sends files that lie beside the file of routes, or in folders beside it".to_owned(),
        "move the file there, and write its name: file page.html".to_owned(),
    ))
}
