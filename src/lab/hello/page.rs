//! An answer that is known whole: prepared once, and sent as often as it is asked for (RFC 9112 §4).
//!
//! Only the date is filled in when it is sent, and how the connection goes on.

use std::borrow::Cow;
use std::hash::Hasher;

use super::refusal::Refusal;
use crate::proto::http::build::{Refused, Reply, response};

/// The bytes of a date in a field (RFC 9110 §5.6.7).
pub const DATE_LEN: usize = 29;

/// What stands for the date while a page is prepared.
const NO_DATE: &str = "-----------------------------";

/// The line that ends a head.
const BLANK: &[u8] = b"\r\n";

const TEXT: (&str, &str) = ("Content-Type", "text/plain; charset=utf-8");

/// The methods that nearly every page is for.
pub const USUAL_METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// A prepared answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The status code.
    pub status: u16,
    /// The entity tag of the content, if it has one (RFC 9110 §8.8.3).
    pub tag: Option<String>,
    /// Whether the connection closes behind it.
    pub closes: bool,
    /// Whether the site answers the same request with it as long as it runs.
    pub settled: bool,
    /// Bytes of content.
    pub len: usize,
    /// All of it as it is sent, with a place for the date.
    bytes: Vec<u8>,
    /// Where the date goes.
    date: usize,
    /// Where the head ends.
    head: usize,
}

/// How the connection goes on behind an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Another request may come, as is usual in HTTP/1.1.
    Open,
    /// The same, and the client has to be told: it speaks HTTP/1.0.
    KeptOpen,
    /// Nothing more is answered.
    Closed,
}

impl After {
    /// The field line that says so.
    #[must_use]
    pub fn line(self) -> &'static [u8] {
        match self {
            Self::Open => b"",
            Self::KeptOpen => b"Connection: keep-alive\r\n",
            Self::Closed => b"Connection: close\r\n",
        }
    }
}

impl Page {
    /// A page with these fields; Date, Content-Length and Connection come by themselves.
    ///
    /// # Errors
    /// When a field would break out of its line or states a length.
    pub fn new(status: u16, fields: &[(&str, &str)], content: &[u8]) -> Result<Self, Refused> {
        let dated: Vec<(&str, &str)> =
            std::iter::once(("Date", NO_DATE)).chain(fields.iter().copied()).collect();
        let head = response(status, &dated, content, Reply::HeadOnly)?;
        let sent = if matches!(status, 204 | 304) { &[] } else { content };
        Ok(Self { len: content.len(), ..Self::ready(status, head, sent) })
    }

    /// The same, and a page with a field that cannot be written is an error of the server's.
    #[must_use]
    pub fn or_error(status: u16, fields: &[(&str, &str)], content: &[u8]) -> Self {
        Self::new(status, fields, content).unwrap_or_else(|_| {
            let head =
                format!("HTTP/1.1 500 Internal Server Error\r\nDate: {NO_DATE}\r\nContent-Length: 0\r\n\r\n");
            Self { closes: true, ..Self::ready(500, head.into_bytes(), b"") }
        })
    }

    /// A page of a head, which has [`NO_DATE`] for its first field, and content.
    fn ready(status: u16, mut bytes: Vec<u8>, content: &[u8]) -> Self {
        let head = bytes.len();
        // What looks like it further behind is something else.
        let date = bytes.windows(DATE_LEN).position(|bytes| bytes == NO_DATE.as_bytes());
        bytes.extend_from_slice(content);
        let (date, len) = (date.unwrap_or(head), content.len());
        Self { status, tag: None, closes: false, settled: false, len, bytes, date, head }
    }

    /// Text. What was found has a tag, so that a client can ask whether it is still the same.
    #[must_use]
    pub fn text(status: u16, text: &str) -> Self {
        let tag = (status == 200).then(|| tag(text.as_bytes()));
        let mut fields = vec![TEXT];
        fields.extend(tag.as_deref().map(|tag| ("ETag", tag)));
        Self { tag: tag.clone(), ..Self::or_error(status, &fields, text.as_bytes()) }
    }

    /// The same, and it is said to the same request as long as the site runs.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { settled: true, ..self }
    }

    /// The method is known and not offered here; these are (RFC 9110 §15.5.6).
    #[must_use]
    pub fn not_allowed(method: &str, allow: &str) -> Self {
        let text = format!("{method} is not offered here");
        Self::or_error(405, &[TEXT, ("Allow", allow)], text.as_bytes())
    }

    /// The answer to OPTIONS (RFC 9110 §9.3.7).
    #[must_use]
    pub fn options(allow: &str) -> Self {
        Self::or_error(200, &[("Allow", allow)], b"")
    }

    /// The answer to a request that broke a rule.
    #[must_use]
    pub fn refusal(refusal: Refusal) -> Self {
        let allow = (refusal.status() == 405).then_some(("Allow", USUAL_METHODS));
        let fields: Vec<(&str, &str)> = std::iter::once(TEXT).chain(allow).collect();
        Self { closes: true, ..Self::or_error(refusal.status(), &fields, refusal.why().as_bytes()) }
    }

    /// The client has this content already (RFC 9110 §15.4.5).
    #[must_use]
    pub fn unchanged(&self) -> Self {
        let tag = self.tag.as_deref().map(|tag| ("ETag", tag));
        let fields: Vec<(&str, &str)> = tag.into_iter().collect();
        Self { tag: self.tag.clone(), ..Self::or_error(304, &fields, b"") }
    }

    /// Appends it as it is sent; to HEAD the content is not.
    pub fn append(&self, output: &mut Vec<u8>, date: &[u8; DATE_LEN], after: After, head_only: bool) {
        let begin = output.len();
        let bytes = if head_only { &self.bytes[..self.head] } else { &self.bytes };
        match after {
            After::Open => output.extend_from_slice(bytes),
            After::KeptOpen | After::Closed => {
                let (fields, rest) = bytes.split_at(self.head - BLANK.len());
                [fields, after.line(), rest].iter().for_each(|part| output.extend_from_slice(part));
            }
        }
        if let Some(place) = output.get_mut(begin + self.date..begin + self.date + DATE_LEN) {
            place.copy_from_slice(date);
        }
    }

    /// Its fields, without those that say how it is framed.
    #[must_use]
    pub fn own_fields(&self) -> Vec<(Cow<'static, str>, String)> {
        let fields = String::from_utf8_lossy(&self.bytes[self.date + DATE_LEN..self.head]);
        let lines = fields.split("\r\n").filter_map(|line| line.split_once(": "));
        let own = lines.filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"));
        own.map(|(name, value)| (Cow::Owned(name.to_owned()), value.to_owned())).collect()
    }

    /// What follows the head.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.bytes[self.head..]
    }
}

/// A tag that is the same for the same bytes and, as good as surely, another for others.
#[must_use]
pub fn tag(content: &[u8]) -> String {
    let mut hash = Fnv::default();
    hash.write(content);
    format!("\"{:016x}\"", hash.finish())
}

/// FNV-1a in 64 bits: the same in every release, unlike the hashes of the standard library.
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{After, Page};

    #[test]
    fn a_page_is_whole_with_its_date() {
        let page = Page::text(200, "🌱 Plant seeded!");
        let mut bytes = Vec::new();
        page.append(&mut bytes, b"Wed, 25 Nov 2026 21:00:00 GMT", After::Closed, false);
        let expected = "HTTP/1.1 200 OK\r\n\
            Date: Wed, 25 Nov 2026 21:00:00 GMT\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\
            ETag: \"7ef078426cd0e295\"\r\n\
            Content-Length: 18\r\n\
            Connection: close\r\n\
            \r\n\
            🌱 Plant seeded!";
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }
}
