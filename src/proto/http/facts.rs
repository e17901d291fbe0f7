//! What decides where a message ends (RFC 9112 §6.3): collected field by field, then settled.
//!
//! ```text
//! 1xx, 204, 304, or an answer to HEAD      no content
//! Transfer-Encoding, chunked last          chunks up to the one of size 0
//! Transfer-Encoding, otherwise             a response: until close; a request: nobody can tell
//! Content-Length                           that many bytes
//! neither                                  a request: none; a response: until close
//! ```

use super::grammar::{Rule, elements, host};
use super::rules;
use super::scan::{decimal, trimmed};

/// How the end of a message's content is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// No content follows the head.
    None,
    /// This many bytes.
    Length(u64),
    /// Chunks, the last of size 0.
    Chunked,
    /// Everything until the connection is closed.
    UntilClose,
    /// The head contradicts itself; nobody can tell.
    Unknown,
}

/// The methods that matter to reading a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Method {
    Head,
    Connect,
    Options,
    #[default]
    Other,
}

impl Method {
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            b"OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// The version, as far as it matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Version {
    /// No version on the first line.
    #[default]
    Missing,
    Http10,
    /// 1.1, or a later one of its kind, which is read as 1.1 (RFC 9110 §2.5).
    Http11,
    Other,
}

/// What Content-Length has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Length {
    #[default]
    Unsaid,
    Bytes(u64),
    Broken,
}

/// What Transfer-Encoding has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    #[default]
    Unsaid,
    ChunkedLast,
    Otherwise,
}

/// What the head has said so far.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "a head says several things that are so or not")]
pub(crate) struct Facts {
    pub is_response: bool,
    /// What is noted stands behind the content, where it decides nothing.
    pub is_aside: bool,
    /// The request's method, also for its response.
    pub method: Method,
    pub version: Version,
    pub status: u16,
    pub upgrade: bool,
    pub hosts: u32,
    pub length: Length,
    pub coding: Coding,
    /// Whether Transfer-Encoding names another coding than chunked.
    pub others: bool,
}

impl Facts {
    /// Takes one field into account and says which rule it breaks, if any. `name` is a spec's, in small letters.
    #[inline]
    pub fn note(&mut self, name: &str, value: &[u8]) -> Option<Rule> {
        // Nearly all fields stop here, without a jump through a table of lengths.
        let decides = ["host", "upgrade", "content-length", "transfer-encoding"];
        if decides.iter().all(|other| other.len() != name.len()) {
            None
        } else {
            self.note_deciding(name, value)
        }
    }

    #[inline(never)]
    fn note_deciding(&mut self, name: &str, value: &[u8]) -> Option<Rule> {
        if self.is_aside {
            let decides = ["host", "content-length", "transfer-encoding"].contains(&name);
            return decides.then_some(&rules::TRAILER_DECIDES);
        }
        match name {
            "host" if !self.is_response => {
                self.hosts += 1;
                let wrong = host::split(value).is_none().then_some(&rules::HOST);
                if self.hosts > 1 { Some(&rules::TWO_HOSTS) } else { wrong }
            }
            "upgrade" => {
                self.upgrade = true;
                None
            }
            "content-length" => self.note_length(value),
            "transfer-encoding" => self.note_coding(value),
            _ => None,
        }
    }

    /// What is missing now that the head is over.
    pub fn settle(&self) -> Option<Rule> {
        let hostless = !self.is_response && self.version == Version::Http11 && self.hosts == 0;
        let endless = !self.is_response && self.coding == Coding::Otherwise;
        if hostless {
            Some(&rules::NO_HOST)
        } else if endless {
            Some(&rules::NOT_CHUNKED)
        } else {
            None
        }
    }

    /// Where the content ends.
    pub fn framing(&self) -> Framing {
        if self.is_response && (self.method == Method::Head || self.is_bodiless()) {
            return Framing::None;
        }
        match (self.coding, self.length) {
            (Coding::ChunkedLast, _) => Framing::Chunked,
            (Coding::Otherwise, _) if self.is_response => Framing::UntilClose,
            (Coding::Otherwise, _) | (_, Length::Broken) => Framing::Unknown,
            (_, Length::Bytes(bytes)) => Framing::Length(bytes),
            (_, Length::Unsaid) if self.is_response => Framing::UntilClose,
            (_, Length::Unsaid) => Framing::None,
        }
    }

    /// Whether the status alone rules content out.
    pub fn is_bodiless(&self) -> bool {
        matches!(self.status, 100..200 | 204 | 304)
    }

    /// Whether this response is the last one to its request, and no interim one (1xx) in front of it.
    pub fn is_final(&self) -> bool {
        is_final(self.status)
    }

    /// Whether another protocol follows this response.
    pub fn switches(&self) -> bool {
        switches(self.method, self.status)
    }

    fn note_length(&mut self, value: &[u8]) -> Option<Rule> {
        let mut rule: Option<Rule> = None;
        if self.is_response && matches!(self.status, 100..200 | 204) {
            rule = Some(&rules::LENGTH_OF_NONE);
        }
        for part in value.split(|&byte| byte == b',') {
            let digits = trimmed(part);
            let said = decimal(digits).map_or(Length::Broken, Length::Bytes);
            let (length, broken): (Length, Option<Rule>) = match (self.length, said) {
                (_, Length::Broken) if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
                    (Length::Broken, Some(&rules::LENGTH_HUGE))
                }
                (_, Length::Broken) => (Length::Broken, Some(&rules::LENGTH)),
                (Length::Unsaid, _) => (said, None),
                (before, _) if before == said => (said, Some(&rules::LENGTH_TWICE)),
                _ => (Length::Broken, Some(&rules::LENGTH_CONFLICT)),
            };
            self.length = length;
            rule = rule.or(broken);
        }
        let both: Option<Rule> = (self.coding != Coding::Unsaid).then_some(&rules::LENGTH_AND_CODING);
        rule.or(both)
    }

    fn note_coding(&mut self, value: &[u8]) -> Option<Rule> {
        let mut rule: Option<Rule> = None;
        if self.coding == Coding::Unsaid {
            self.coding = Coding::Otherwise;
        }
        for element in elements(value) {
            let name = trimmed(element.split(|&byte| byte == b';').next().unwrap_or_default());
            let chunked = name.eq_ignore_ascii_case(b"chunked");
            let broken: Option<Rule> = if self.coding == Coding::ChunkedLast {
                Some(&rules::CHUNKED_LAST)
            } else if chunked && name.len() < element.len() {
                Some(&rules::CHUNKED_ALONE)
            } else if chunked || OTHER_CODINGS.iter().any(|other| name.eq_ignore_ascii_case(other)) {
                None
            } else {
                Some(&rules::CODING)
            };
            rule = rule.or(broken);
            self.others |= !chunked;
            self.coding = if chunked { Coding::ChunkedLast } else { Coding::Otherwise };
        }
        if self.version == Version::Http10 {
            rule = rule.or(Some(&rules::CODING_OLD));
        }
        if self.length != Length::Unsaid {
            rule = rule.or(Some(&rules::LENGTH_AND_CODING));
        }
        rule
    }
}

/// Whether no other response to the same request follows one of this status. 101 is the last one in HTTP.
pub(super) fn is_final(status: u16) -> bool {
    !(100..200).contains(&status) || status == 101
}

/// Whether a request with this method and a response of this status end what is HTTP in a stream.
pub(super) fn switches(method: Method, status: u16) -> bool {
    status == 101 || (method == Method::Connect && (200..300).contains(&status))
}

/// RFC 9112 §7: the registered codings beside chunked.
const OTHER_CODINGS: [&[u8]; 5] = [b"compress", b"deflate", b"gzip", b"x-compress", b"x-gzip"];
