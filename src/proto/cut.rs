//! Where messages end in bytes that are still coming: an incremental machine that sees each byte once.
//!
//! A dissector explains bytes that are all there. Whoever reads from a connection has to know before that whether a
//! message is whole, and should not read it again from its first byte at every read to find out. A cutter is told of
//! the bytes of both directions as they come, for the end of an answer may depend on its question, and remembers no
//! more of them than it needs.
//!
//! ```
//! use netlab::proto::cut::Cut;
//! use netlab::proto::http::cut::HttpCut;
//! use netlab::proto::stream::Sender;
//!
//! let mut cut = HttpCut::default();
//! let asked = cut.feed(Sender::Client, b"HEAD / HTTP/1.1\r\nHost: hello.test\r\n\r\n", false);
//! assert!(asked.whole);
//! let head = b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n";
//! assert_eq!(cut.feed(Sender::Server, &head[..30], false).used, 30);
//! assert!(cut.feed(Sender::Server, &head[30..], false).whole, "no content follows the answer to HEAD");
//! ```

use super::stream::Sender;

/// Finds the ends of messages, in both directions of one conversation.
pub trait Cut: Send {
    /// Goes on with bytes that `from` has sent behind those of the last call, up to the end of a message or of the
    /// bytes. What is behind `used` is given again. `ended`: `from` sends nothing behind these bytes; it may be said
    /// without any, since some messages end so.
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step;
}

/// What one call has found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// How many of the bytes were looked at: all of them unless a message ends before.
    pub used: usize,
    /// Whether a message ends behind these. Then at least one byte was used, or there were none to use.
    pub whole: bool,
    /// Why there is no finding any end any more, said once. Later bytes of this direction are used up in silence.
    pub broken: Option<Broken>,
}

/// The bytes break a rule, and nobody can tell where the next message begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The rule, as a sentence part.
    pub rule: &'static str,
    /// The byte that breaks it, counted from the first of its direction; how many there were when the end is missing.
    pub at: u64,
}

/// Feeds all of these bytes and calls `whole` with the place behind each message that ends in them.
pub fn ends(
    cut: &mut dyn Cut,
    from: Sender,
    new: &[u8],
    ended: bool,
    mut whole: impl FnMut(usize),
) -> Option<Broken> {
    let mut at = 0;
    loop {
        let step = cut.feed(from, &new[at..], ended);
        at += step.used;
        if step.whole {
            whole(at);
        }
        if step.broken.is_some() || !step.whole || at == new.len() {
            return step.broken;
        }
    }
}

/// Messages behind their length in `PREFIX` bytes, the most significant first; both directions alike.
#[derive(Debug, Clone)]
pub struct Counted<const PREFIX: usize> {
    most: u64,
    too_long: &'static str,
    cut_off: &'static str,
    sides: [Count; 2],
}

/// How far one direction has come.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Bytes of it in all.
    total: u64,
    /// How many bytes of a length have come, and what they come to.
    digits: usize,
    length: u64,
    /// Bytes of the message that are still to come, once its length is known.
    left: Option<u64>,
    lost: bool,
}

impl<const PREFIX: usize> Counted<PREFIX> {
    /// For messages of at most `most` bytes, with the rules of one that says it is longer, and of one cut off.
    #[must_use]
    pub fn new(most: u64, too_long: &'static str, cut_off: &'static str) -> Self {
        Self { most, too_long, cut_off, sides: [Count::default(); 2] }
    }
}

impl<const PREFIX: usize> Cut for Counted<PREFIX> {
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step {
        let side = &mut self.sides[from.index()];
        let began = side.total;
        side.total += new.len() as u64;
        let all = Step { used: new.len(), ..Step::default() };
        let broken = |rule, at| Step { broken: Some(Broken { rule, at }), ..all };
        if side.lost {
            return all;
        }
        let mut used = 0;
        while side.left.is_none() {
            let Some(&byte) = new.get(used) else { break };
            (side.length, side.digits, used) =
                (side.length << 8 | u64::from(byte), side.digits + 1, used + 1);
            if side.digits == PREFIX {
                side.left = Some(side.length);
            }
        }
        let Some(left) = side.left else {
            side.lost = ended && side.digits > 0;
            return if side.lost { broken(self.cut_off, side.total) } else { all };
        };
        if side.length > self.most {
            side.lost = true;
            return broken(self.too_long, (began + used as u64).saturating_sub(PREFIX as u64));
        }
        let there = usize::try_from(left).map_or(new.len() - used, |left| left.min(new.len() - used));
        let left = left - there as u64;
        if left == 0 {
            let total = began + (used + there) as u64;
            *side = Count { total, ..Count::default() };
            return Step { used: used + there, whole: true, broken: None };
        }
        (side.left, side.lost) = (Some(left), ended);
        if ended { broken(self.cut_off, side.total) } else { all }
    }
}

/// Each feed is a message: a datagram's edges are its message's edges.
#[derive(Debug, Clone, Copy, Default)]
pub struct Datagrams;

impl Cut for Datagrams {
    fn feed(&mut self, _from: Sender, new: &[u8], _ended: bool) -> Step {
        Step { used: new.len(), whole: !new.is_empty(), broken: None }
    }
}

/// Lines: a line feed ends each, and the end of the bytes the last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lines {
    /// For each direction, whether a line has begun.
    begun: [bool; 2],
}

impl Cut for Lines {
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step {
        let begun = &mut self.begun[from.index()];
        if let Some(feed) = new.iter().position(|&byte| byte == b'\n') {
            *begun = false;
            return Step { used: feed + 1, whole: true, broken: None };
        }
        *begun |= !new.is_empty();
        let whole = ended && *begun;
        *begun &= !whole;
        Step { used: new.len(), whole, broken: None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream::Sender;
    use super::{Broken, Counted, Cut, Datagrams, Lines, ends};

    const LONG: &str = "too long";
    const CUT: &str = "cut off";

    /// The places behind the messages in these bytes, in pieces of `size`.
    fn cut(cutter: &mut dyn Cut, bytes: &[u8], size: usize) -> (Vec<usize>, Option<Broken>) {
        let (mut found, mut broken, mut at) = (Vec::new(), None, 0);
        for piece in bytes.chunks(size) {
            let fault = ends(cutter, Sender::Client, piece, false, |end| found.push(at + end));
            broken = broken.or(fault);
            at += piece.len();
        }
        let fault = ends(cutter, Sender::Client, b"", true, |end| found.push(at + end));
        (found, broken.or(fault))
    }

    #[test]
    fn a_length_says_where_its_message_ends() {
        let bytes = b"\0\x02hi\0\0\0\x03you";
        for size in 1..=bytes.len() {
            let mut cutter = Counted::<2>::new(16, LONG, CUT);
            assert_eq!(cut(&mut cutter, bytes, size), (vec![4, 6, 11], None), "{size}");
            let mut cutter = Counted::<2>::new(16, LONG, CUT);
            let broken = Broken { rule: CUT, at: 10 };
            assert_eq!(cut(&mut cutter, &bytes[..10], size), (vec![4, 6], Some(broken)), "{size}");
            let mut cutter = Counted::<2>::new(2, LONG, CUT);
            let broken = Broken { rule: LONG, at: 6 };
            assert_eq!(cut(&mut cutter, bytes, size), (vec![4, 6], Some(broken)), "{size}");
        }
    }

    #[test]
    fn a_line_feed_ends_a_line_and_so_does_the_end() {
        for size in 1..=8 {
            assert_eq!(cut(&mut Lines::default(), b"hi\n\nyou", size), (vec![3, 4, 7], None), "{size}");
        }
    }

    #[test]
    fn a_datagram_is_a_message() {
        assert_eq!(cut(&mut Datagrams, b"hiyou", 2), (vec![2, 4, 5], None));
    }
}
