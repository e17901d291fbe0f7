//! Asking a dissected stream for its messages; everything is looked up in the tree, nothing parsed twice.
//!
//! RFC 9110 §6 names what a message has: control data, header section, content.
//!
//! ```
//! use netlab::proto::http::{Framing, HTTP, message::messages};
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
//! let fields = HTTP.dissect(Stream::alone(bytes, Sender::Server, Carriage::Stream));
//! let all = messages(&fields);
//! assert_eq!(all[0].status(), Some(200));
//! assert_eq!(all[0].framing(), Framing::Length(5));
//! assert_eq!(all[0].content(), [38..43]);
//! assert!(all[0].is_complete());
//! ```

use std::ops::Range;

use super::super::field::Fields;
use super::facts::{Facts, Framing, Method, Version};

/// One request or response of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Message<'f, 'a> {
    fields: &'f Fields<'a>,
    root: usize,
    start: usize,
}

/// The messages of a stream, in order. Bytes that are no message are not among them, nor is what follows a switch to
/// another protocol.
#[must_use]
pub fn messages<'f, 'a>(fields: &'f Fields<'a>) -> Vec<Message<'f, 'a>> {
    let starts = ["request-line", "status-line"];
    let message = |root| {
        let start = starts.iter().find_map(|name| fields.part(root, name))?;
        Some(Message { fields, root, start })
    };
    fields.own_roots().filter_map(message).collect()
}

impl<'f> Message<'f, '_> {
    /// The index of the message's field in the tree.
    #[must_use]
    pub fn root(&self) -> usize {
        self.root
    }

    /// Whether it is a response.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.fields.get(self.start).spec.name == "status-line"
    }

    /// The method of a request.
    #[must_use]
    pub fn method(&self) -> Option<&'f [u8]> {
        self.first("method")
    }

    /// The request-target, whole.
    #[must_use]
    pub fn target(&self) -> Option<&'f [u8]> {
        self.first("request-target")
    }

    /// The path in the target.
    #[must_use]
    pub fn path(&self) -> Option<&'f [u8]> {
        self.first("path")
    }

    /// The query in the target, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'f [u8]> {
        self.first("query")
    }

    /// The version, such as `HTTP/1.1`.
    #[must_use]
    pub fn version(&self) -> Option<&'f [u8]> {
        self.first("version")
    }

    /// The status code of a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let status = self.fields.number(self.fields.find(self.start, "status")?)?;
        u16::try_from(status).ok()
    }

    /// The field lines of the head: name as sent, and value. A line without a colon has neither.
    pub fn fields(&self) -> impl Iterator<Item = (&'f [u8], &'f [u8])> {
        let fields = self.fields;
        let section = fields.part(self.root, "header-section");
        section.into_iter().flat_map(|section| fields.parts(section)).filter_map(|line| {
            let name = fields.part(line, "field-name")?;
            fields.part(line, "colon")?;
            Some((fields.raw(name), borrowed(fields, line)))
        })
    }

    /// The value of the first field with this name, in any letter case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'f [u8]> {
        self.fields().find(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The Host field of a request.
    #[must_use]
    pub fn host(&self) -> Option<&'f [u8]> {
        self.field("host")
    }

    /// The number in Content-Length, when it is a sound one.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.field("content-length").and_then(super::scan::decimal)
    }

    /// The length of the head in bytes, the empty line included; none while that has not come.
    #[must_use]
    pub fn head_len(&self) -> Option<usize> {
        let end = self.fields.part(self.root, "end-of-head")?;
        let whole = self.fields.raw(end).ends_with(b"\n");
        whole.then(|| self.fields.get(end).bytes().end - self.fields.get(self.start).bytes().start)
    }

    /// How the end of the content is found. For a head that is not all there, as far as it says.
    #[must_use]
    pub fn framing(&self) -> Framing {
        if self.fields.part(self.root, "no-content").is_some()
            || self.fields.part(self.root, "tunnel").is_some()
        {
            return Framing::None;
        }
        let mut facts = Facts {
            is_response: self.is_response(),
            method: Method::of(self.method().unwrap_or_default()),
            version: if self.version() == Some(b"HTTP/1.0") { Version::Http10 } else { Version::Http11 },
            status: self.status().unwrap_or_default(),
            ..Facts::default()
        };
        for (name, value) in self.fields() {
            facts.note(&String::from_utf8_lossy(name).to_ascii_lowercase(), value);
        }
        facts.framing()
    }

    /// Whether the connection closes behind this response (RFC 9112 §9.3): it says so, or its content ends so, or it
    /// is HTTP/1.0 and does not say that it stays.
    #[must_use]
    pub fn closes(&self) -> bool {
        let says = |option: &[u8]| {
            let mut values = self.fields().filter(|(name, _)| name.eq_ignore_ascii_case(b"connection"));
            values.any(|(_, value)| {
                value.split(|&byte| byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(option))
            })
        };
        says(b"close")
            || self.framing() == Framing::UntilClose
            || (self.version() == Some(b"HTTP/1.0") && !says(b"keep-alive"))
    }

    /// Where the content is in the stream, chunk framing left out; in order, and perhaps not all of it yet.
    #[must_use]
    pub fn content(&self) -> Vec<Range<usize>> {
        let Some(content) = self.fields.part(self.root, "content") else { return Vec::new() };
        if self.fields.is_leaf(content) {
            return vec![self.fields.get(content).bytes()];
        }
        let chunks = self.fields.parts(content).filter_map(|chunk| self.fields.part(chunk, "chunk-data"));
        chunks.map(|data| self.fields.get(data).bytes()).collect()
    }

    /// The content in one piece.
    #[must_use]
    pub fn content_bytes(&self) -> Vec<u8> {
        let pieces: Vec<&[u8]> =
            self.content().into_iter().filter_map(|range| self.fields.bytes.get(range)).collect();
        pieces.concat()
    }

    /// Whether all of the message is there. Until-close content is once the connection was closed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let there: usize = self.content().iter().map(Range::len).sum();
        let end_of_body = || {
            let content = self.fields.part(self.root, "content")?;
            self.fields.part(content, "end-of-body")
        };
        self.head_len().is_some()
            && match self.framing() {
                Framing::None => true,
                Framing::Length(bytes) => bytes == there as u64,
                Framing::Chunked => end_of_body().is_some_and(|end| self.fields.raw(end).ends_with(b"\n")),
                Framing::UntilClose => self.fields.part(self.root, "close").is_some(),
                Framing::Unknown => false,
            }
    }

    /// Whether any of its fields breaks a rule or is cut short.
    #[must_use]
    pub fn has_problem(&self) -> bool {
        let end = self.fields.get(self.root).end as usize;
        (self.root..end).any(|at| self.fields.get(at).is_broken())
    }

    fn first(&self, name: &str) -> Option<&'f [u8]> {
        Some(borrowed(self.fields, self.fields.find(self.start, name)?))
    }
}

/// The value of a text or a group with a slice, which needs no making.
fn borrowed<'f>(fields: &'f Fields<'_>, index: usize) -> &'f [u8] {
    match fields.value(index) {
        std::borrow::Cow::Borrowed(bytes) => bytes,
        std::borrow::Cow::Owned(_) => fields.raw(index),
    }
}
