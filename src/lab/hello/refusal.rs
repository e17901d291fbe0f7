//! Why a request is not answered as asked.

/// A request that will not be answered as asked. The connection closes behind it: where the next request would
/// begin is not certain any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status code that says so.
    pub status: u16,
    /// Why, as a sentence part.
    pub why: &'static str,
}

/// The client broke a rule.
#[must_use]
pub const fn bad(why: &'static str) -> Refusal {
    Refusal { status: 400, why }
}
