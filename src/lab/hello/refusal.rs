//! Why a request is not answered as asked.

use crate::proto::http::grammar::{Fault, Rule};
use crate::proto::http::rules;

/// A request that will not be answered as asked. The connection closes behind it: where the next request would
/// begin is not certain any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client broke a rule of the grammar. The byte is counted from the first of the request, empty lines in front
    /// of it included, or of its content; the conversation counts it from the first of the connection.
    Syntax(Fault),
    /// It broke none, and wants more than this server goes along with.
    Limit(Said),
    /// It asks for what is not had here.
    NotHere(Said),
    /// The client finished in the middle of it.
    Cut(&'static str),
    /// It took too long to come.
    Late(&'static str),
}

/// What is said, with the status that says the same to programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The status code.
    pub status: u16,
    /// Why, as a sentence part.
    pub why: &'static str,
}

impl Refusal {
    /// The client asks for more than is had here.
    #[must_use]
    pub const fn limit(status: u16, why: &'static str) -> Self {
        Self::Limit(Said { status, why })
    }

    /// The client asks for something else than is had here.
    #[must_use]
    pub const fn not_here(status: u16, why: &'static str) -> Self {
        Self::NotHere(Said { status, why })
    }

    /// What a broken rule comes to. Some are no fault of the client's, for another server might go along with it.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        let is = |rule: Rule| std::ptr::eq(fault.rule, rule);
        if is(&rules::CODING) {
            NO_SUCH_CODING
        } else if is(&rules::LENGTH_HUGE) {
            Self::limit(413, rules::LENGTH_HUGE)
        } else {
            Self::Syntax(fault)
        }
    }

    /// The same refusal in bytes that begin `by` bytes earlier.
    #[must_use]
    pub fn behind(self, by: u64) -> Self {
        match self {
            Self::Syntax(fault) => Self::Syntax(fault.behind(by)),
            other => other,
        }
    }

    /// The status code of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Syntax(_) | Self::Cut(_) => 400,
            Self::Late(_) => 408,
            Self::Limit(said) | Self::NotHere(said) => said.status,
        }
    }

    /// Why, as a sentence part.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Syntax(fault) => fault.rule,
            Self::Limit(said) | Self::NotHere(said) => said.why,
            Self::Cut(why) | Self::Late(why) => why,
        }
    }
}

/// What a Transfer-Encoding with another coding than chunked is refused for.
pub(super) const NO_SUCH_CODING: Refusal =
    Refusal::not_here(501, "this server knows no transfer coding but chunked");
