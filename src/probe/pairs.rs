//! A request alone, and the same one with another right behind it: the answer to the first has to be the same.

use super::heard::Heard;
use super::robust::is_late_refusal;
use super::routes::{shown, status_text};
use super::{Case, Judged};
use crate::evidence::Flow;
use crate::proto::http::message::Message;

/// The request alone.
pub const ALONE: usize = 0;
/// The same with a request behind it.
pub const BEHIND: usize = 1;

/// In what two first answers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differ {
    /// In nothing that counts.
    No,
    /// In the status.
    Status,
    /// In the content alone.
    Content,
}

/// Compares the first answers of two conversations. Where one has none there is nothing to compare, and a
/// refusal of what stands behind may come before the answer to the first request does.
#[must_use]
pub fn differ(alone: &Flow, behind: &Flow) -> Differ {
    let (alone, behind) = (Heard::of(alone), Heard::of(behind));
    let (alones, behinds) = (alone.answers(), behind.answers());
    match (whole(&alones), whole(&behinds)) {
        (Some(one), Some(other)) if one.status() != other.status() => {
            if is_late_refusal(other.status()) {
                Differ::No
            } else {
                Differ::Status
            }
        }
        (Some(one), Some(other)) if one.content_bytes() != other.content_bytes() => Differ::Content,
        _ => Differ::No,
    }
}

/// Whether a further conversation is wanted before anything is said: the content differs, and it may do so always.
#[must_use]
pub fn wants_again(flows: &[Flow]) -> bool {
    matches!(flows, [alone, behind] if differ(alone, behind) == Differ::Content)
}

/// Whether what stood behind a request changed the answer to it.
#[must_use]
pub fn reads_past(flows: &[Flow]) -> bool {
    match flows {
        [alone, behind, again] => differ(alone, behind) != Differ::No && differ(alone, again) == Differ::No,
        [alone, behind] => differ(alone, behind) == Differ::Status,
        _ => false,
    }
}

/// Whether a request gets the same answer, whatever stands behind it.
pub(super) fn apart(case: &Case<'_>) -> Judged {
    let [alone, behind, ..] = case.flows else { return Judged::no("no request was asked both ways") };
    let (alone, behind) = (Heard::of(alone), Heard::of(behind));
    let (alones, behinds) = (alone.answers(), behind.answers());
    let (Some(one), Some(other)) = (whole(&alones), whole(&behinds)) else {
        return if alones.is_empty() && alone.surplus().is_some() {
            Judged::no("bytes came back that are no HTTP answer").of(ALONE)
        } else {
            Judged::nearly("the last odd request got no whole answer, so there is nothing to compare")
                .of(ALONE)
        };
    };
    if !reads_past(case.flows) {
        return Judged::yes("each got the same answer alone and with another right behind it").of(BEHIND);
    }
    let (got_alone, got_behind) = (in_words(one, other), in_words(other, one));
    Judged::no(format!(
        "alone the request gets {got_alone}, with another one right behind it {got_behind}: the server reads past the end of the head, and takes what stands there for a part of it"
    ))
    .at(BEHIND, behind.status_at(other))
    .beside(ALONE, "alone")
}

/// An answer by what tells it from the other one.
fn in_words(answer: &Message<'_, '_>, other: &Message<'_, '_>) -> String {
    if answer.status() == other.status() {
        shown(&answer.content_bytes())
    } else {
        status_text(answer.status())
    }
}

fn whole<'m, 'f, 'a>(answers: &'m [Message<'f, 'a>]) -> Option<&'m Message<'f, 'a>> {
    answers.first().filter(|answer| answer.is_complete() && answer.status().is_some())
}
