//! Messages that stream by: where each ends, in both directions, however the bytes are cut up (RFC 9112 §6.3, §9.3.2).
//!
//! ```text
//! client   Between -> Head -> Body -> Between -> ...     a head is kept until it has ended, then read once
//! server   Between -> Head -> Body -> Between -> ...     of a body nothing is kept: it is the decoder's
//!                       `-----> Beyond <-----'           101, or CONNECT and 2xx: another protocol follows
//! ```
//!
//! The end of a response depends on the method of its request, and whether a request is the last message of its
//! direction on the answer; so one machine cuts both. It reads heads with the dissector's own functions and bodies
//! with the decoder, and so it finds the ends that they find.

use std::ops::Range;

use super::super::cut::{Broken, Cut, Step};
use super::super::reader::Reader;
use super::super::stream::Sender;
use super::asked::{Asked, Request};
use super::decode::{BodyDecoder, State, head_end_from};
use super::facts::{Facts, Framing, Method};
use super::grammar::first_line::{Start, is_tls};
use super::leaf::Terms;
use super::rules;
use super::scan::Line;

/// The most bytes a head may have; servers send a few hundred.
pub const HEAD_LIMIT: usize = 256 * 1024;

/// The rule of a head that is longer.
pub static HEAD_LONG: &str = "the head does not end within 256 KiB";

/// Cuts the two directions of a connection that speaks HTTP/1.
#[derive(Debug, Default)]
pub struct HttpCut {
    sides: [Side; 2],
    asked: Asked,
    /// What the answer to the client's latest request has to say about the bytes behind it.
    hope: Hope,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    place: Place,
    /// The head that is coming, or the latest.
    head: Vec<u8>,
    /// Bytes in all.
    total: u64,
}

#[derive(Debug, Default)]
enum Place {
    /// In front of a message, or of the first.
    #[default]
    Between,
    Head(Opening),
    Body(BodyDecoder),
    /// Another protocol's bytes.
    Beyond,
    /// Behind bytes of which nobody can tell where the next message begins.
    Lost,
}

/// A head that has not ended.
#[derive(Debug, Clone, Copy, Default)]
struct Opening {
    /// Where its first line begins, behind empty ones.
    start: usize,
    /// Up to where its end has been searched for.
    searched: usize,
    /// Whether it is known to begin a message.
    begins: bool,
}

/// Whether the client's latest request is the last of its direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Hope {
    /// It does not ask to switch, or that was refused.
    #[default]
    None,
    /// It asks to switch: what follows CONNECT is not HTTP unless that is refused.
    Asked(Method),
    /// It was allowed to.
    Granted,
}

/// What one call has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes were looked at; what is behind them is given again.
    pub used: usize,
    /// What they are.
    pub part: Part,
    /// Which of them are content.
    pub content: Range<usize>,
    /// Whether a message ends behind them.
    pub whole: bool,
    /// Why there is no finding any end any more.
    pub broken: Option<Broken>,
}

/// What bytes are a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A head that has not ended, or empty lines in front of one.
    Opening,
    /// A head, of which these are the last bytes: [`HttpCut::head`] has all of it.
    Head(Said),
    /// A body: content, or what frames it.
    Body,
    /// No message.
    Beyond,
}

/// What a head says of the bytes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// How the end of the content is found.
    pub framing: Framing,
    /// The status of a response; 0 in a request, and where none can be read.
    pub status: u16,
    /// Whether another response to the same request follows this one (1xx, but for 101).
    pub is_interim: bool,
}

impl Piece {
    fn of(used: usize, part: Part) -> Self {
        Self { used, part, content: used..used, whole: false, broken: None }
    }
}

impl Side {
    /// Nobody can tell any more: all of `new` is used up.
    fn lost(&mut self, new: &[u8], part: Part, rule: &'static str, at: u64) -> Piece {
        self.place = Place::Lost;
        Piece { broken: Some(Broken { rule, at }), ..Piece::of(new.len(), part) }
    }
}

impl HttpCut {
    /// The head that has ended in this direction, or the one that is coming; with the empty lines in front of it.
    #[must_use]
    pub fn head(&self, from: Sender) -> &[u8] {
        &self.sides[from.index()].head
    }

    /// Goes on like [`Cut::feed`], and stops at the end of a head and of each stretch of content too.
    pub fn piece(&mut self, from: Sender, new: &[u8], ended: bool) -> Piece {
        let side = &mut self.sides[from.index()];
        if let (Place::Between, false) = (&side.place, new.is_empty()) {
            side.head.clear();
            side.place = Place::Head(Opening::default());
        }
        let mut piece = match &mut side.place {
            Place::Between | Place::Beyond | Place::Lost => Piece::of(new.len(), Part::Beyond),
            Place::Head(opening) => {
                let opening = *opening;
                self.open(from, opening, new, ended)
            }
            Place::Body(_) => side.body(new),
        };
        let side = &mut self.sides[from.index()];
        side.total += piece.used as u64;
        if let (Place::Body(decoder), true) = (&side.place, ended && piece.used == new.len()) {
            match decoder.closed() {
                State::Done => piece.whole = true,
                State::Broken(rule) => {
                    piece.broken = Some(Broken { rule, at: side.total });
                    side.place = Place::Lost;
                }
                State::More => {}
            }
        }
        if piece.whole {
            self.ends(from);
        }
        piece
    }

    /// Goes on in a head.
    fn open(&mut self, from: Sender, mut opening: Opening, new: &[u8], ended: bool) -> Piece {
        let side = &mut self.sides[from.index()];
        let before = side.head.len();
        let room = (opening.start + HEAD_LIMIT + 1).saturating_sub(before).min(new.len());
        side.head.extend_from_slice(&new[..room]);
        while let Some(len) = empty_line(&side.head[opening.start..]) {
            opening.start += len;
            opening.searched = opening.start;
        }
        let began = side.total - before as u64 + opening.start as u64;
        let ahead = &side.head[opening.start..];
        let empty = matches!(ahead, [] | [b'\r']);
        if !(opening.begins || empty) && (ended || is_telling(ahead, opening.searched - opening.start, from))
        {
            opening.begins = true;
            if let Start::Foreign(rule) = Start::of(Line::measure(ahead), ahead, from) {
                return side.lost(new, Part::Opening, rule, began);
            }
        }
        let Some(end) = head_end_from(ahead, opening.searched - opening.start) else {
            opening.searched = side.head.len();
            side.place = Place::Head(opening);
            return match (opening.searched - opening.start, ended) {
                (len, _) if len > HEAD_LIMIT => {
                    side.lost(new, Part::Opening, HEAD_LONG, began + HEAD_LIMIT as u64)
                }
                (1.., true) => {
                    let at = side.total + new.len() as u64;
                    side.lost(new, Part::Opening, rules::NO_END_OF_HEAD, at)
                }
                _ if room < new.len() => {
                    // So many empty lines came that there was no room for what is behind them.
                    side.head.drain(..opening.start);
                    side.place = Place::Head(Opening { start: 0, searched: side.head.len(), ..opening });
                    Piece::of(room, Part::Opening)
                }
                _ => Piece::of(new.len(), Part::Opening),
            };
        };
        side.head.truncate(opening.start + end);
        let used = side.head.len() - before;
        let request = self.answered();
        let side = &mut self.sides[from.index()];
        let read = super::head(&mut Reader::new(&side.head), from, || request.method, Terms::of(from, false));
        match read {
            Err(rule) => side.lost(new, Part::Opening, rule, began),
            Ok(None) => side.lost(new, Part::Opening, rules::NO_END_OF_HEAD, began),
            Ok(Some(facts)) => self.says(from, &facts, used),
        }
    }

    /// A head has ended and said this.
    fn says(&mut self, from: Sender, facts: &Facts, used: usize) -> Piece {
        let switches = facts.is_response && facts.switches();
        let framing = if switches { Framing::None } else { facts.framing() };
        let said = Said { framing, status: facts.status, is_interim: facts.is_response && !facts.is_final() };
        match from {
            Sender::Client => self.asks(Request::of(facts)),
            Sender::Server if !said.is_interim => self.answers(facts.status, switches),
            Sender::Server => {}
        }
        let side = &mut self.sides[from.index()];
        let decoder = BodyDecoder::new(framing);
        let whole = decoder.state() == State::Done;
        side.place = if switches { Place::Beyond } else { Place::Body(decoder) };
        Piece { whole, ..Piece::of(used, Part::Head(said)) }
    }

    fn asks(&mut self, request: Request) {
        if self.asked.ask(request) {
            self.hope = if request.asks_to_switch { Hope::Asked(request.method) } else { Hope::None };
        }
    }

    /// The request that the next response answers. It may be one whose head has not ended, as far as that tells.
    fn answered(&self) -> Request {
        let client = &self.sides[Sender::Client.index()];
        match client.place {
            Place::Head(opening) if self.asked.is_empty() => {
                let line = client.head.get(opening.start..).unwrap_or_default();
                let method = line.split(|byte| b" \r\n".contains(byte)).next().unwrap_or_default();
                Request::of(&Facts { method: Method::of(method), ..Facts::default() })
            }
            _ => self.asked.next(),
        }
    }

    /// A final response has a head.
    fn answers(&mut self, status: u16, switches: bool) {
        let request = self.answered();
        let is_early = self.asked.is_empty();
        self.asked.answer();
        let client = &mut self.sides[Sender::Client.index()];
        if switches && request.asks_to_switch {
            self.hope = Hope::Granted;
            if !is_early && matches!(client.place, Place::Between | Place::Head(_)) {
                client.place = Place::Beyond;
            }
        } else if self.asked.is_empty() && status != 0 {
            // CONNECT was refused: the client goes on in HTTP.
            if let (Place::Beyond, Hope::Asked(Method::Connect)) = (&client.place, self.hope) {
                client.place = Place::Between;
            }
            self.hope = Hope::None;
        }
    }

    /// A message has ended.
    fn ends(&mut self, from: Sender) {
        let is_last =
            from == Sender::Client && matches!(self.hope, Hope::Granted | Hope::Asked(Method::Connect));
        let side = &mut self.sides[from.index()];
        if !matches!(side.place, Place::Beyond) {
            side.place = if is_last { Place::Beyond } else { Place::Between };
        }
    }
}

impl Side {
    /// Goes on in a body.
    fn body(&mut self, new: &[u8]) -> Piece {
        let Place::Body(decoder) = &mut self.place else { return Piece::of(new.len(), Part::Beyond) };
        let step = decoder.feed(new);
        let piece = Piece { content: step.content, ..Piece::of(step.consumed, Part::Body) };
        match decoder.state() {
            State::Broken(_) if new.is_empty() => piece,
            State::Broken(rule) => {
                let at = self.total + step.consumed.saturating_sub(1) as u64;
                self.lost(new, Part::Body, rule, at)
            }
            state => Piece { whole: state == State::Done, ..piece },
        }
    }
}

impl Cut for HttpCut {
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step {
        let mut used = 0;
        loop {
            let piece = self.piece(from, &new[used..], ended);
            used += piece.used;
            if piece.whole || piece.broken.is_some() || used == new.len() {
                return Step { used, whole: piece.whole, broken: piece.broken };
            }
        }
    }
}

/// The length of the empty line at the front, if there is one and it has ended.
fn empty_line(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// Whether the bytes show already that they begin a message, or that they begin none. The first `seen` did not.
fn is_telling(ahead: &[u8], seen: usize, from: Sender) -> bool {
    const BEGIN: &[u8] = b"HTTP/";
    let record = matches!(ahead, [0x14..=0x17]);
    match (from, ahead) {
        _ if is_tls(ahead) => true,
        _ if record => false,
        (Sender::Client, _) => ahead[seen.min(ahead.len())..].contains(&b'\n'),
        (Sender::Server, _) => {
            let len = ahead.len().min(BEGIN.len());
            len == BEGIN.len() || !ahead.eq_ignore_ascii_case(&BEGIN[..len])
        }
    }
}
