//! Answers that depend on what the client has already (RFC 9110 §13).
//!
//! Pages have entity tags and no date of their last change, so If-Modified-Since and If-Unmodified-Since are passed
//! over, as RFC 9110 §13.1.3 asks.

use super::page::Page;
use super::request::Request;
use crate::proto::http::grammar::elements;

/// What becomes of a page under the conditions of its request; nothing when it is sent as it is.
#[must_use]
pub fn instead(page: &Page, request: &Request<'_>) -> Option<Page> {
    let tag = page.tag.as_deref().filter(|_| page.status == 200)?;
    let mut wanted = request.fields.all("if-match").peekable();
    if wanted.peek().is_some() && !wanted.any(|value| names(value, tag, Comparison::Strong)) {
        return Some(Page::text(412, "what is here has another tag than the request wants it to have"));
    }
    if request.fields.all("if-none-match").any(|value| names(value, tag, Comparison::Weak)) {
        return Some(match request.method {
            "GET" | "HEAD" => page.unchanged(),
            _ => Page::text(412, "what is here has a tag that the request does not want it to have"),
        });
    }
    None
}

/// How tags are compared (RFC 9110 §8.8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// Byte for byte the same content.
    Strong,
    /// Good enough to be shown again.
    Weak,
}

/// Whether a list of tags has this one, or is `*`, which is any.
fn names(list: &[u8], tag: &str, comparison: Comparison) -> bool {
    if list == b"*" {
        return true;
    }
    elements(list).any(|element| match element.strip_prefix(b"W/") {
        Some(weak) => comparison == Comparison::Weak && weak == tag.as_bytes(),
        None => element == tag.as_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Comparison, names};

    #[test]
    fn tags_are_compared_as_the_condition_asks() {
        let list = b"\"a\", W/\"b\" ,\"c\"";
        assert!(names(list, "\"a\"", Comparison::Strong));
        assert!(names(list, "\"b\"", Comparison::Weak));
        assert!(!names(list, "\"b\"", Comparison::Strong));
        assert!(!names(list, "\"d\"", Comparison::Weak));
        assert!(names(b"*", "\"d\"", Comparison::Strong));
    }
}
