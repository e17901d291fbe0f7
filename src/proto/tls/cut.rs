//! Where TLS records end while they come. Each direction has its own; what is inside does not matter.

use super::{FRAGMENT_LIMIT, HEADER, NO_TYPE, NO_VERSION, RECORD_LIMIT, TOO_LONG};
use crate::proto::cut::{Broken, Cut, Step};
use crate::proto::stream::Sender;

static CUT_OFF: &str = "the bytes end inside a record";

/// The machine.
#[derive(Debug, Clone, Default)]
pub struct RecordCut {
    sides: [Side; 2],
}

#[derive(Debug, Clone, Default)]
struct Side {
    /// Bytes of it in all.
    total: u64,
    /// The header of the record under way, as far as it has come.
    header: Vec<u8>,
    /// Bytes of the record that are still to come, once its header is there.
    left: Option<usize>,
    lost: bool,
}

impl Cut for RecordCut {
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step {
        let side = &mut self.sides[from.index()];
        if side.lost {
            return Step { used: new.len(), ..Step::default() };
        }
        let mut used = 0;
        while side.left.is_none() {
            let Some(&byte) = new.get(used) else { return side.waits(used, ended) };
            side.header.push(byte);
            (used, side.total) = (used + 1, side.total + 1);
            if let Some(rule) = side.fault() {
                side.lost = true;
                let broken = Some(Broken { rule, at: side.total - 1 });
                return Step { used: new.len(), whole: false, broken };
            }
            if let &[.., high, low] = side.header.as_slice()
                && side.header.len() == HEADER
            {
                side.left = Some(usize::from(u16::from_be_bytes([high, low])));
            }
        }
        let there = side.left.unwrap_or_default().min(new.len() - used);
        (side.left, side.total) = (side.left.map(|left| left - there), side.total + there as u64);
        if side.left != Some(0) {
            return side.waits(used + there, ended);
        }
        *side = Side { total: side.total, ..Side::default() };
        Step { used: used + there, whole: true, broken: None }
    }
}

impl Side {
    /// What the header breaks, with its last byte.
    fn fault(&self) -> Option<&'static str> {
        match *self.header.as_slice() {
            [20..=24] | [20..=24, 3] | [_, _, _] | [_, _, _, _] => None,
            [kind, _, _, high, low] => {
                let limit = if kind == super::APPLICATION_DATA { RECORD_LIMIT } else { FRAGMENT_LIMIT };
                (u16::from_be_bytes([high, low]) > limit).then_some(TOO_LONG)
            }
            [_, _] => Some(NO_VERSION),
            _ => Some(NO_TYPE),
        }
    }

    fn waits(&mut self, used: usize, ended: bool) -> Step {
        self.lost = ended && !self.header.is_empty();
        let broken = self.lost.then_some(Broken { rule: CUT_OFF, at: self.total });
        Step { used, whole: false, broken }
    }
}

#[cfg(test)]
mod tests {
    use super::RecordCut;
    use crate::proto::cut::{Cut, ends};
    use crate::proto::stream::Sender;

    const TWO: &[u8] = b"\x16\x03\x01\x00\x04\x01\x00\x00\x00\x17\x03\x03\x00\x00";

    #[test]
    fn records_end_at_the_same_places_however_they_come() {
        for cut in 0..=TWO.len() {
            let (mut machine, mut found) = (RecordCut::default(), Vec::new());
            for (from, piece) in [(0, &TWO[..cut]), (cut, &TWO[cut..])] {
                let broken = ends(&mut machine, Sender::Client, piece, false, |end| found.push(from + end));
                assert_eq!(broken, None);
            }
            assert_eq!(found, [9, 14], "{cut}");
        }
    }

    #[test]
    fn what_is_no_record_or_is_cut_off_is_said_once() {
        let broken = |bytes: &[u8], ended| {
            let mut machine = RecordCut::default();
            let broken = ends(&mut machine, Sender::Server, bytes, ended, |_| ()).map(|broken| broken.at);
            assert_eq!(machine.feed(Sender::Server, b"more", true).broken.is_some(), broken.is_none());
            broken
        };
        assert_eq!(broken(b"HTTP/1.1", false), Some(0));
        assert_eq!(broken(b"\x16\x04\x01\x00\x00", false), Some(1));
        assert_eq!(broken(b"\x17\x03\x03\x41\x01", false), Some(4));
        assert_eq!(broken(&TWO[..7], true), Some(7));
    }
}
