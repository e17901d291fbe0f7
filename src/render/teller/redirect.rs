//! A redirect in sentences: what it says, where it points, and what becomes of the request there.

use serde_json::{Value, json};
use url::Url;

use crate::proto::http::redirect::{Lost, Redirect};
use crate::render::text::safe::{Safe, short};

/// Characters of a Location that are shown.
pub(super) const LOCATION_SHOWN: usize = 300;

/// An answer that points elsewhere, and what it answers.
pub struct Pointer {
    /// What it says.
    pub redirect: Redirect,
    /// The method of the request.
    pub method: String,
    /// What that asked for.
    pub from: Url,
    /// Which answer of its connection it is, from 1.
    pub number: usize,
}

impl Pointer {
    /// Whether the other one says the same to the same request.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        (&self.redirect, &self.method, &self.from) == (&other.redirect, &other.method, &other.from)
    }
}

/// The sentences about it.
#[must_use]
pub fn sentences(pointer: &Pointer, ascii: bool) -> String {
    let Pointer { redirect, method, from, .. } = pointer;
    let mut text =
        format!("{} means: {}. {}", redirect.status, meaning(redirect.status), way(redirect, from, ascii));
    if redirect.to.is_ok() {
        text.push(' ');
        text.push_str(&becomes(redirect, &Safe::word(method.as_bytes()).ascii(ascii).to_string()));
    }
    if ascii { text.replace('§', "section ") } else { text }
}

fn meaning(status: u16) -> &'static str {
    match status {
        301 => "the page has a new address for good, and links to it should be changed",
        302 => "the page is at another address for now, and this one stays the one to ask",
        303 => "the answer to this request is another page",
        307 => "the page is at another address for now, and the same request is to go there",
        _ => "the page has a new address for good, and the same request is to go there",
    }
}

/// Where it leads.
fn way(redirect: &Redirect, from: &Url, ascii: bool) -> String {
    let said = short(redirect.said.as_deref().unwrap_or_default(), LOCATION_SHOWN, ascii);
    let url = |url: &Url| short(url.as_str().as_bytes(), LOCATION_SHOWN, ascii);
    match &redirect.to {
        Ok(to) if redirect.is_relative() => format!(
            "Location says {said}, which is no whole URL; on the page {} it means {} (RFC 3986 §5).",
            url(from),
            url(to)
        ),
        Ok(to) if to.scheme() == "https" => {
            format!("Location says {said}: HTTP inside TLS.")
        }
        Ok(_) => format!("Location says {said}."),
        Err(lost) => format!("But {}.", astray(*lost, &said)),
    }
}

/// Why it leads nowhere, as a sentence part.
#[must_use]
pub fn why_lost(redirect: &Redirect, lost: Lost, ascii: bool) -> String {
    let said = short(redirect.said.as_deref().unwrap_or_default(), LOCATION_SHOWN, ascii);
    let why = astray(lost, &said);
    if ascii { why.replace('§', "section ") } else { why }
}

fn astray(lost: Lost, said: &str) -> String {
    match lost {
        Lost::Unsaid => "there is no Location to say where, so nobody can go on (RFC 9110 §15.4)".to_owned(),
        Lost::Several => {
            "there are several Location fields, and they differ: which one is meant, nobody can tell"
                .to_owned()
        }
        Lost::Unreadable => format!("Location says \"{said}\", which is neither a URL nor a part of one"),
    }
}

/// What becomes of the method, and why.
fn becomes(redirect: &Redirect, method: &str) -> String {
    match (redirect.status, redirect.keeps_content, method) {
        (301 | 302, false, _) => format!(
            "There {method} becomes GET and its content stays behind: an old habit of browsers that the RFC allows; 307 and 308 were made to forbid it (RFC 9110 §15.4.{}).",
            redirect.status - 299
        ),
        (303, false, _) => {
            format!(
                "It is fetched with GET, and the content of the {method} stays behind (RFC 9110 §15.4.4)."
            )
        }
        (307 | 308, ..) if !matches!(method, "GET" | "HEAD") => format!(
            "{method} stays {method} there, and content is sent again (RFC 9110 §15.4.{}).",
            if redirect.status == 307 { 8 } else { 9 }
        ),
        _ => format!("{method} stays {method} there."),
    }
}

/// That typed fields do not go along to the next place.
#[must_use]
pub fn left_behind(names: &[String], leaves: bool, ascii: bool) -> String {
    let names: Vec<String> =
        names.iter().map(|name| Safe::word(name.as_bytes()).ascii(ascii).to_string()).collect();
    let (names, verb) = (names.join(", "), if names.len() == 1 { "stays" } else { "stay" });
    let text = if leaves {
        format!(
            "{names} {verb} behind: what was typed for one server is not for another, and the next request goes to another host or port (RFC 9110 §15.4)"
        )
    } else {
        format!("{names} {verb} behind: the next request has no content for it to speak of (RFC 9110 §15.4)")
    };
    if ascii { text.replace('§', "section ") } else { text }
}

/// The same for programs.
#[must_use]
pub fn json(pointer: &Pointer, followed: bool) -> Value {
    let Pointer { redirect, method, from, .. } = pointer;
    json!({
        "url": from.as_str(),
        "status": redirect.status,
        "location": redirect.said.as_deref().map(String::from_utf8_lossy),
        "to": redirect.to.as_ref().ok().map(Url::as_str),
        "for_good": redirect.is_for_good(),
        "method": method,
        "next_method": redirect.method,
        "followed": followed,
    })
}
