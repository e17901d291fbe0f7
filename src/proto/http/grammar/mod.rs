//! What HTTP's grammar allows, once: the dissector, the decoder of content that streams by, the hello server and
//! `probe` all ask here, and they quote the same sentences, which are in [`rules`](super::rules).
//!
//! Nothing here reads or records anything. A function is given bytes and says what they are, or which rule they break
//! and at which byte. Who sent them decides what comes of it:
//!
//! ```text
//!                       a client's bytes         a server's bytes
//! breaks a rule         refused, a problem       a problem
//! forgivable            refused, a problem       read on, a remark
//! a limit of netlab's   refused                  given up
//! ```
//!
//! What is forgivable leaves no doubt where a message ends, and servers do it. From a client it is refused all the
//! same: another server on the way may read such a line otherwise, and requests are smuggled through such doubts
//! (RFC 9112 §11.2).

pub(crate) mod field_line;
pub(crate) mod first_line;
pub(crate) mod host;
pub(crate) mod size_line;
pub(crate) mod target;

use super::scan::trimmed;
pub(crate) use super::scan::{is_token, is_token_text};

/// The elements of a comma-separated list; empty ones do not count (RFC 9110 §5.6.1).
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trimmed).filter(|element| !element.is_empty())
}

/// A rule, found by its address; its text is a sentence part.
pub type Rule = &'static &'static str;

/// A rule that is broken, and the byte that breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// The place of the byte, counted from wherever the bytes begin that were judged.
    pub at: u64,
}

impl Fault {
    /// This rule, broken by the byte at this index.
    pub(crate) fn at(rule: Rule, index: usize) -> Self {
        Self { rule, at: index as u64 }
    }

    /// The same fault in bytes that begin `by` bytes earlier.
    #[must_use]
    pub fn behind(self, by: u64) -> Self {
        Self { at: self.at + by, ..self }
    }
}
