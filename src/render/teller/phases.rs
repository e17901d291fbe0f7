//! How long each phase of one exchange took: name, connection, first byte, last byte; as a picture and as numbers.

use serde_json::{Value, json};

use crate::render::text::look::Look;
use crate::render::text::words::time;

/// The width of a phase's name and of its time.
const NAMES: usize = 11;
const TIMES: usize = 10;
/// A picture narrower than this says nothing.
const LEAST: usize = 10;
/// The widest picture.
const MOST: usize = 50;

/// What the clock said, in microseconds. A phase that did not happen has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Until the name had become an address.
    pub name_us: Option<u64>,
    /// From the call until the connection stood.
    pub connect_us: Option<u64>,
    /// From there until the handshake of TLS was done (RFC 8446 §4).
    pub tls_us: Option<u64>,
    /// From the request to the first byte of the answer.
    pub first_byte_us: Option<u64>,
    /// From the first byte to the last.
    pub last_byte_us: Option<u64>,
}

impl Phases {
    /// The phases there were, in order, each with its name and how long it took.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("name", self.name_us),
            ("connect", self.connect_us),
            ("handshake", self.tls_us),
            ("first byte", self.first_byte_us),
            ("last byte", self.last_byte_us),
        ]
        .into_iter()
        .filter_map(|(name, took)| Some((name, took?)))
    }

    /// A line for each phase: its name, its time, and where there is room a bar that begins where the one before ended.
    /// `room` is how many columns there are.
    #[must_use]
    pub fn lines(&self, look: Look, room: usize) -> Vec<String> {
        let total: u64 = self.each().map(|(_, took)| took).sum();
        let width = room.saturating_sub(NAMES + TIMES + 2).min(MOST);
        let mut before = 0;
        self.each()
            .map(|(name, took)| {
                let text = format!("{name:<NAMES$}{:>TIMES$}", time(took));
                let (skip, len) = bar(before, took, total, width);
                before += took;
                if width < LEAST {
                    return text;
                }
                let block = if look.ascii() { "#" } else { "█" };
                format!("{text}  {}{}", " ".repeat(skip), block.repeat(len))
            })
            .collect()
    }

    /// The same as numbers.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name_us": self.name_us,
            "connect_us": self.connect_us,
            "tls_us": self.tls_us,
            "first_byte_us": self.first_byte_us,
            "last_byte_us": self.last_byte_us,
        })
    }
}

/// Where a bar begins, and how long it is: at least one cell, and never beyond the width.
fn bar(before: u64, took: u64, total: u64, width: usize) -> (usize, usize) {
    let cells = |us: u64| {
        let cells = u128::from(us) * width as u128 / u128::from(total.max(1));
        usize::try_from(cells).unwrap_or(width).min(width)
    };
    let skip = cells(before).min(width.saturating_sub(1));
    let len = cells(before.saturating_add(took)).saturating_sub(skip).max(1);
    (skip, len.min(width - skip))
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn bars_follow_each_other_and_stay_inside() {
        assert_eq!(bar(0, 50, 100, 20), (0, 10));
        assert_eq!(bar(50, 50, 100, 20), (10, 10));
        assert_eq!(bar(100, 0, 100, 20), (19, 1), "a phase of no time is still there");
        assert_eq!(bar(0, 0, 0, 20), (0, 1));
        assert_eq!(bar(u64::MAX - 1, 1, u64::MAX, 20), (19, 1));
    }
}
