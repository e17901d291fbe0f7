//! What a page says of its own characters: the encoding in a meta element near its beginning (WHATWG HTML §13.2.3.2).
//!
//! ```text
//! <meta charset="windows-1252">
//! <meta http-equiv="Content-Type" content="text/html; charset=windows-1252">
//! ```
//!
//! The bytes are not characters yet when this is asked, so they are searched as bytes: comments are passed over, and so
//! is whatever stands inside another tag.
//!
//! ```
//! use netlab::proto::http::prescan::named;
//!
//! assert_eq!(named(b"<!-- <meta charset=x> --><meta charset='utf-8'>"), Some("utf-8".to_owned()));
//! assert_eq!(named(b"<p title='<meta charset=utf-8>'>"), None);
//! ```

use encoding_rs::Encoding;

/// How many bytes at the beginning are searched.
pub const SEARCHED: usize = 1024;

/// The name of the encoding, as the page has it; one that nobody knows is passed over.
#[must_use]
pub fn named(page: &[u8]) -> Option<String> {
    let mut rest = &page[..page.len().min(SEARCHED)];
    loop {
        rest = cut(rest, |byte| byte == b'<').1.strip_prefix(b"<")?;
        let is_end = rest.first() == Some(&b'/');
        let tag = &rest[usize::from(is_end)..];
        if rest.starts_with(b"!--") {
            // The dashes that open a comment may be those that close it.
            let end = rest[1..].windows(3).position(|three| three == b"-->")?;
            rest = &rest[end + 4..];
        } else if tag.first().is_some_and(u8::is_ascii_alphabetic) {
            let (name, inside) = cut(tag, |byte| is_space(byte) || matches!(byte, b'/' | b'>'));
            let (said, behind) = attributes(inside)?;
            if name.eq_ignore_ascii_case(b"meta") && !is_end && said.is_some() {
                return said;
            }
            rest = behind;
        } else if matches!(rest.first(), Some(b'!' | b'/' | b'?')) {
            rest = cut(rest, |byte| byte == b'>').1;
        }
    }
}

/// What the attributes of a tag say of an encoding, and the bytes from the tag's end on; none when that is not there.
fn attributes(mut rest: &[u8]) -> Option<(Option<String>, &[u8])> {
    let (mut charset, mut content, mut is_type) = (None, None, false);
    loop {
        rest = cut(rest, |byte| !is_space(byte) && byte != b'/').1;
        if *rest.first()? == b'>' {
            return Some((charset.or(content.filter(|_| is_type)), rest));
        }
        let (name, behind) = cut(rest, |byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let (value, behind) = match skip_space(behind).strip_prefix(b"=") {
            Some(behind) => value(skip_space(behind))?,
            None => (&[][..], behind),
        };
        match name.to_ascii_lowercase().as_slice() {
            b"charset" => charset = charset.or_else(|| known(value)),
            b"content" => content = content.or_else(|| parameter(value).and_then(known)),
            b"http-equiv" => is_type |= value.eq_ignore_ascii_case(b"content-type"),
            _ => {}
        }
        rest = behind;
    }
}

/// A value in quotes or up to the next white space, and what follows; none when its quote is not closed.
fn value(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, inside) = rest.split_first()?;
    if !matches!(first, b'"' | b'\'') {
        return Some(cut(rest, |byte| is_space(byte) || byte == b'>'));
    }
    let (value, behind) = cut(inside, |byte| byte == first);
    Some((value, behind.get(1..)?))
}

/// The charset in the text of a `content` attribute.
fn parameter(text: &[u8]) -> Option<&[u8]> {
    let at = text.windows(7).position(|seven| seven.eq_ignore_ascii_case(b"charset"))?;
    let rest = skip_space(skip_space(&text[at + 7..]).strip_prefix(b"=")?);
    match rest.first()? {
        b'"' | b'\'' => value(rest).map(|(name, _)| name),
        _ => Some(cut(rest, |byte| is_space(byte) || byte == b';').0),
    }
}

fn known(name: &[u8]) -> Option<String> {
    Encoding::for_label(name).map(|_| String::from_utf8_lossy(name.trim_ascii()).into_owned())
}

/// The bytes before the first of this kind, and those from there on.
fn cut(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|&byte| is_it(byte)).unwrap_or(bytes.len()))
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    cut(bytes, |byte| !is_space(byte)).1
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::{SEARCHED, named};

    #[test]
    fn a_page_says_it_in_either_of_two_ways() {
        for (page, wanted) in [
            ("<!doctype html><html><head><META CharSet = koi8-r >", "koi8-r"),
            ("<meta name=a content='charset=x'/><meta charset=utf-8/>", ""),
            ("<meta/charset=utf-8>", "utf-8"),
            ("<meta content='text/html; charset=latin1' http-equiv=Content-Type>", "latin1"),
            ("<meta http-equiv=content-type content=\"text/html;charset = 'big5'\">", "big5"),
            ("<meta content='text/html; charset=latin1'>", ""),
            ("<meta charset=klingon><meta charset=gbk>", "gbk"),
            ("<p a=<meta charset=utf-8>", ""),
            ("</meta charset=utf-8>", ""),
            ("<? <meta charset=utf-8>", ""),
            ("<!--><meta charset=utf-8>", "utf-8"),
            ("<!-- <meta charset=utf-8>", ""),
            ("a < b <meta charset=utf-8>", "utf-8"),
            ("<meta charset='utf-8>", ""),
            ("<metadata charset=utf-8>", ""),
        ] {
            assert_eq!(named(page.as_bytes()).unwrap_or_default(), wanted, "{page}");
            // A beginning says the same or nothing yet.
            for end in 0..page.len() {
                let early = named(&page.as_bytes()[..end]);
                assert!(early.is_none_or(|said| said == wanted), "{page} up to {end}");
            }
        }
    }

    #[test]
    fn only_the_beginning_is_searched() {
        let page = |before: usize| format!("{}<meta charset=utf-8>", " ".repeat(before));
        assert!(named(page(SEARCHED - 20).as_bytes()).is_some());
        assert!(named(page(SEARCHED - 19).as_bytes()).is_none());
    }
}
