//! What there is to say about the characters of a content: who named the charset, and whether the bytes agree.

use crate::proto::http::charset::{Said, Source};
use crate::render::text::safe::short;
use crate::render::text::words::number;

/// Characters of a name from a head that are shown in a sentence.
pub(super) const NAME_SHOWN: usize = 60;

/// One sentence without its full stop; none when nothing is worth a word.
#[must_use]
pub fn sentence(said: &Said, ascii: bool) -> Option<String> {
    let named = said.named.as_deref().map(|name| short(name, NAME_SHOWN, ascii));
    match (said.source, named) {
        (Some(Source::Mark), named) => Some(marked(said, named)),
        (Some(Source::Meta), Some(named)) => inside(said, &named),
        (_, Some(named)) => by_field(said, &named),
        (_, None) => unsaid(said),
    }
}

/// The content begins with a byte order mark, which goes before everything.
fn marked(said: &Said, named: Option<String>) -> String {
    let field = match named {
        None => "Content-Type names no charset".to_owned(),
        Some(named) if named.eq_ignore_ascii_case(said.read_as) => "Content-Type says the same".to_owned(),
        Some(named) => format!("Content-Type says {named}, and the mark goes before that"),
    };
    format!("it begins with the byte order mark of {}; {field}{}", said.read_as, shows(said))
}

/// A meta element of the page names it.
fn inside(said: &Said, named: &str) -> Option<String> {
    if said.read_as == "UTF-8" && !said.beyond_ascii {
        return None;
    }
    let read = if named.eq_ignore_ascii_case(said.read_as) {
        String::new()
    } else {
        format!(", read as {} as browsers do", said.read_as)
    };
    let shows = shows(said);
    Some(format!("Content-Type names no charset, but the page does, in a meta element: {named}{read}{shows}"))
}

/// How the bytes look that are no characters there, or that are shown as others.
fn shows(said: &Said) -> String {
    match (said.odd, said.read_as) {
        (0, "UTF-8") => String::new(),
        (0, _) => "; shown as Unicode, and in files the bytes stay what they are".to_owned(),
        (_, "UTF-8") => {
            format!("; but {} no UTF-8, shown as \\x and the value of each byte", odd(said))
        }
        _ => format!("; but {} no character there, shown as the mark for that", odd(said)),
    }
}

/// Content-Type names it.
fn by_field(said: &Said, named: &str) -> Option<String> {
    Some(match said.odd {
        0 if !said.is_known => format!(
            "Content-Type names the charset {named}, which nobody has registered: shown as if it were UTF-8"
        ),
        _ if !said.is_known => format!(
            "Content-Type names the charset {named}, which nobody has registered, and the bytes are no UTF-8 either: those that are no characters are shown as \\x and their value"
        ),
        0 if said.read_as == "UTF-8" => return None,
        0 if named.eq_ignore_ascii_case(said.read_as) => {
            format!("{named}, and shown as Unicode; in files the bytes stay what they are")
        }
        0 => format!(
            "{named}, read as {} as browsers do, and shown as Unicode; in files the bytes stay what they are",
            said.read_as
        ),
        _ if said.read_as == "UTF-8" => format!(
            "Content-Type says {named}, and that is wrong: {} no UTF-8, shown as \\x and the value of each byte",
            odd(said)
        ),
        _ => format!(
            "Content-Type says {named}, and that is wrong: {} no character there, shown as the mark for that",
            odd(said)
        ),
    })
}

/// Nobody names it.
fn unsaid(said: &Said) -> Option<String> {
    if !said.is_text || !said.beyond_ascii {
        return None;
    }
    match (said.odd, said.is_always_utf8) {
        (0, true) => None,
        (0, false) => Some("Content-Type names no charset, so a client has to guess; as UTF-8 the bytes make sense, and so they are shown".to_owned()),
        (_, true) => Some(format!(
            "JSON is UTF-8 always (RFC 8259 §8.1), and {} not: shown as \\x and the value of each byte",
            odd(said)
        )),
        (_, false) => Some(format!(
            "Content-Type names no charset, and {} no UTF-8, shown as \\x and the value of each byte: perhaps it is windows-1252, but nobody can tell",
            odd(said)
        )),
    }
}

/// So many stretches of the bytes are ...
fn odd(said: &Said) -> String {
    match said.odd {
        1 => "one stretch of the bytes is".to_owned(),
        many => format!("{} stretches of the bytes are", number(many)),
    }
}
