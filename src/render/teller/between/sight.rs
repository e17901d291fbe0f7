//! What goes through the tap, cut into messages as it comes: each byte is looked at once, and dissected once.
//!
//! Of HTTP a head is shown when it is whole, and content as it goes by; of other protocols a message when it is whole. Of
//! what no protocol is known for, each hand-over is shown as it was.

use std::collections::VecDeque;

use crate::evidence::Side;
use crate::meaning::sender;
use crate::proto::cut::Cut;
use crate::proto::http::HTTP;
use crate::proto::http::cut::{HttpCut, Part};
use crate::proto::plain::PLAIN;
use crate::proto::stream::{Carriage, Stream};
use crate::proto::{Protocol, guess};

/// How many bytes of a head, or of a message of another protocol, are explained.
pub const EXPLAINED: usize = 16 * 1024;
/// How many bytes of one message's content are shown, and of one hand-over without a known protocol.
pub const SHOWN: usize = 2 * 1024;
/// How many messages of one direction of a connection are shown; later ones are counted.
pub const MESSAGES: u64 = 100;
/// With so many bytes it is decided what is spoken, if no line has ended before.
const TELLING: usize = 8;
/// How many requests wait for their answers at once; of more the earliest is forgotten.
const ASKED: usize = 16;

/// Something to show. `len` is how many bytes there were, of which the first are here.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the members are what the variants say")]
pub enum Sight {
    /// A message, or the head of one: its bytes, and the question that it answers.
    Message { protocol: &'static Protocol, bytes: Vec<u8>, other: Vec<u8>, from: u64, len: u64 },
    /// Content behind a head: the first bytes of what came at once, and how many those were.
    Content { bytes: Vec<u8>, from: u64, len: u64 },
    /// A message is whole: how much content it had, and whether all of that was shown at once.
    Whole { content: u64, shown: bool },
    /// Bytes without a known protocol.
    Bytes { bytes: Vec<u8>, from: u64, len: u64 },
    /// The bytes break a rule, so that nobody can tell where the next message begins.
    Broken(&'static str),
    /// From here on messages are counted and not shown.
    Enough,
}

/// The eyes on one connection.
pub struct Sights {
    machine: Machine,
    sides: [Direction; 2],
    /// Heads of requests that have no answer yet.
    asked: VecDeque<Vec<u8>>,
    speaks: Option<&'static Protocol>,
    port: Option<u16>,
}

enum Machine {
    /// Too little has come to tell: what each side has said, in order.
    Undecided(Vec<(Side, Vec<u8>)>),
    Http(Box<HttpCut>),
    Other(&'static Protocol, Box<dyn Cut>),
    Unknown,
}

#[derive(Default)]
struct Direction {
    /// How many bytes it had before the message at hand.
    from: u64,
    total: u64,
    messages: u64,
    /// The message at hand, of a protocol that is shown message by message.
    pending: Vec<u8>,
    /// Of the content at hand, how many bytes came and how many were shown.
    content: u64,
    shown: u64,
    pieces: u64,
    ended: bool,
}

impl Sights {
    /// Of a connection to this port.
    #[must_use]
    pub fn new(speaks: Option<&'static Protocol>, port: Option<u16>) -> Self {
        let machine = Machine::Undecided(Vec::new());
        Self { machine, sides: Default::default(), asked: VecDeque::new(), speaks, port }
    }

    /// A side has said this.
    pub fn said(&mut self, side: Side, bytes: &[u8], show: &mut dyn FnMut(Side, Sight)) {
        if let Machine::Undecided(said) = &mut self.machine {
            match said.last_mut() {
                Some((who, all)) if *who == side => all.extend_from_slice(bytes),
                _ => said.push((side, bytes.to_vec())),
            }
            let tells = |(_, all): &(Side, Vec<u8>)| all.len() >= TELLING || all.contains(&b'\n');
            if said.len() > 1 || said.iter().any(tells) {
                self.decide(show);
            }
            return;
        }
        self.go_on(side, bytes, false, show);
    }

    /// A side will say no more.
    pub fn ended(&mut self, side: Side, show: &mut dyn FnMut(Side, Sight)) {
        if !std::mem::replace(&mut self.sides[side.index()].ended, true) {
            self.decide(show);
            self.go_on(side, &[], true, show);
        }
    }

    /// Finds out what is spoken, and goes on with what was said so far.
    fn decide(&mut self, show: &mut dyn FnMut(Side, Sight)) {
        let Machine::Undecided(said) = &mut self.machine else { return };
        let said = std::mem::take(said);
        let streams: Vec<Stream<'_>> = said
            .iter()
            .map(|(side, bytes)| Stream {
                bytes,
                other: &[],
                sender: sender(*side),
                carriage: Carriage::Stream,
                ended: false,
            })
            .collect();
        let protocol = guess(&streams, self.speaks, self.port);
        self.machine = if said.is_empty() || *protocol == PLAIN {
            Machine::Unknown
        } else if *protocol == HTTP {
            Machine::Http(Box::default())
        } else {
            Machine::Other(protocol, (protocol.cut)())
        };
        for (side, bytes) in &said {
            self.go_on(*side, bytes, false, show);
        }
    }

    fn go_on(&mut self, side: Side, bytes: &[u8], ended: bool, show: &mut dyn FnMut(Side, Sight)) {
        let direction = &mut self.sides[side.index()];
        direction.total += bytes.len() as u64;
        match &mut self.machine {
            Machine::Undecided(_) => {}
            Machine::Unknown => direction.bytes(side, bytes, show),
            Machine::Other(protocol, cut) => {
                // Whoever answers has heard what was said so far.
                let (protocol, other) = (*protocol, side.other());
                self.sides[other.index()].half(other, show);
                self.sides[side.index()].message(side, protocol, &mut **cut, bytes, ended, show);
            }
            Machine::Http(cut) => direction.http(side, cut, &mut self.asked, bytes, ended, show),
        }
    }
}

impl Direction {
    /// Whether one more message is shown. Says so when it is the first that is not.
    fn may(&mut self, side: Side, show: &mut dyn FnMut(Side, Sight)) -> bool {
        self.messages += 1;
        if self.messages == MESSAGES + 1 {
            show(side, Sight::Enough);
        }
        self.messages <= MESSAGES
    }

    fn bytes(&mut self, side: Side, bytes: &[u8], show: &mut dyn FnMut(Side, Sight)) {
        if !bytes.is_empty() && self.may(side, show) {
            let len = bytes.len() as u64;
            let from = self.total.saturating_sub(len);
            show(side, Sight::Bytes { bytes: bytes[..bytes.len().min(SHOWN)].to_vec(), from, len });
        }
    }

    /// A message that is not whole, and to which there is an answer, or an end.
    fn half(&mut self, side: Side, show: &mut dyn FnMut(Side, Sight)) {
        let pending = std::mem::take(&mut self.pending);
        self.bytes(side, &pending, show);
    }

    fn message(
        &mut self,
        side: Side,
        protocol: &'static Protocol,
        cut: &mut dyn Cut,
        bytes: &[u8],
        ended: bool,
        show: &mut dyn FnMut(Side, Sight),
    ) {
        let mut at = 0;
        let mut begin = self.total - bytes.len() as u64;
        loop {
            let step = cut.feed(sender(side), &bytes[at..], ended);
            let new = &bytes[at..at + step.used];
            let room = EXPLAINED.saturating_sub(self.pending.len()).min(new.len());
            self.pending.extend_from_slice(&new[..room]);
            at += step.used;
            begin += step.used as u64;
            if step.whole {
                let len = begin - self.from;
                let bytes = std::mem::take(&mut self.pending);
                if !bytes.is_empty() && self.may(side, show) {
                    show(side, Sight::Message { protocol, bytes, other: Vec::new(), from: self.from, len });
                }
                self.from = begin;
            }
            if let Some(broken) = step.broken {
                show(side, Sight::Broken(broken.rule));
            }
            if !step.whole || at == bytes.len() {
                break;
            }
        }
        if ended {
            self.half(side, show);
        }
    }

    fn http(
        &mut self,
        side: Side,
        cut: &mut HttpCut,
        asked: &mut VecDeque<Vec<u8>>,
        bytes: &[u8],
        ended: bool,
        show: &mut dyn FnMut(Side, Sight),
    ) {
        let from = sender(side);
        let (mut at, mut content, mut beyond) = (0, Vec::new(), Vec::new());
        let (mut came, mut behind) = (0, 0);
        let base = self.total - bytes.len() as u64;
        let mut content_from = None;
        loop {
            let piece = cut.piece(from, &bytes[at..], ended);
            let new = &bytes[at..at + piece.used];
            match piece.part {
                Part::Opening => {
                    if piece.broken.is_some() {
                        let head = cut.head(from);
                        beyond.extend_from_slice(&head[..head.len().min(SHOWN)]);
                        behind += head.len() as u64;
                    }
                }
                Part::Head(said) => {
                    let head = cut.head(from);
                    let other = match side {
                        Side::Client => {
                            asked.push_back(head[..head.len().min(EXPLAINED)].to_vec());
                            if asked.len() > ASKED {
                                asked.pop_front();
                            }
                            Vec::new()
                        }
                        Side::Server if said.is_interim => asked.front().cloned().unwrap_or_default(),
                        Side::Server => asked.pop_front().unwrap_or_default(),
                    };
                    let len = head.len() as u64;
                    let explained = head[..head.len().min(EXPLAINED)].to_vec();
                    if self.may(side, show) {
                        let from = self.from;
                        show(side, Sight::Message { protocol: &HTTP, bytes: explained, other, from, len });
                    }
                }
                Part::Body => {
                    let stretch = &bytes[at..][piece.content.clone()];
                    came += stretch.len() as u64;
                    if !stretch.is_empty() {
                        content_from.get_or_insert(base + (at + piece.content.start) as u64);
                    }
                    let room = SHOWN.saturating_sub(content.len()).min(stretch.len());
                    content.extend_from_slice(&stretch[..room]);
                }
                Part::Beyond => {
                    let room = SHOWN.saturating_sub(beyond.len()).min(new.len());
                    beyond.extend_from_slice(&new[..room]);
                    behind += new.len() as u64;
                }
            }
            at += piece.used;
            if piece.whole || piece.broken.is_some() || at == bytes.len() {
                let from = content_from.take().unwrap_or_default();
                self.content(side, &mut content, from, std::mem::take(&mut came), show);
                let (bytes, len) = (std::mem::take(&mut beyond), std::mem::take(&mut behind));
                if len > 0 && self.may(side, show) {
                    show(side, Sight::Bytes { bytes, from: (base + at as u64).saturating_sub(len), len });
                }
            }
            if piece.whole {
                let (content, shown) = (self.content, self.shown);
                let shown = shown == content && self.pieces <= 1;
                if content > 0 && self.messages <= MESSAGES {
                    show(side, Sight::Whole { content, shown });
                }
                (self.content, self.shown, self.pieces) = (0, 0, 0);
                self.from = self.total - (bytes.len() - at) as u64;
            }
            if let Some(broken) = piece.broken {
                show(side, Sight::Broken(broken.rule));
            }
            if at == bytes.len() {
                break;
            }
        }
    }

    /// Content that has come at once.
    fn content(
        &mut self,
        side: Side,
        bytes: &mut Vec<u8>,
        from: u64,
        len: u64,
        show: &mut dyn FnMut(Side, Sight),
    ) {
        let room = (SHOWN as u64).saturating_sub(self.shown);
        let first = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        bytes.truncate(first);
        self.content += len;
        if first > 0 && self.messages <= MESSAGES {
            self.shown += first as u64;
            self.pieces += 1;
            show(side, Sight::Content { bytes: std::mem::take(bytes), from, len });
        }
        bytes.clear();
    }
}
