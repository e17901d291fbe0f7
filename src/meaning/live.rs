//! What the bytes of a conversation mean while it goes on: message after message, and each byte is looked at once.
//!
//! ```text
//! heard ──▶ pending, of each side ──▶ the protocol's cutter ──▶ a whole message ──▶ its fields
//!                                          │ a granted Upgrade, an opened tunnel
//!                                          └──▶ what is still pending is another protocol's
//! ```
//!
//! [`readings`](super::readings) gives the same messages of a flow that is over, or that is looked at once. What is pending
//! is as long as the message that is coming: whoever tells of bytes limits them, as a flow does.

use std::collections::VecDeque;

use super::sender;
use crate::evidence::{Flow, Side, Transport};
use crate::proto::cut::Cut;
use crate::proto::field::Fields;
use crate::proto::row::{Pairs, Role};
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::proto::{self, Protocol};

/// Questions that wait for their answers are remembered up to this many; a later one's answer is read without it.
const ASKED_LIMIT: usize = 64;

/// A conversation that goes on.
pub struct Live {
    carriage: Carriage,
    /// What was said of the protocol when the conversation was opened, and the server's port.
    speaks: Option<&'static Protocol>,
    port: Option<u16>,
    talk: Option<Talk>,
    sides: [Pending; 2],
}

/// What is spoken now.
struct Talk {
    protocol: &'static Protocol,
    cut: Box<dyn Cut>,
    /// Questions without an answer, the earliest first.
    asked: VecDeque<Vec<u8>>,
}

/// Bytes of one side that belong to no message that was told.
#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    /// How many of them the cutter was given.
    cut: usize,
    /// Where they begin among all bytes of their side.
    from: u64,
    /// The pieces they came in: where each begins in them, and when it was seen.
    came: VecDeque<(usize, u64)>,
    ended: bool,
}

/// A message, or what there is of one whose end cannot come any more.
#[derive(Debug)]
pub struct Message {
    /// What it is a message of.
    pub protocol: &'static Protocol,
    /// Who sent it.
    pub side: Side,
    /// Where it begins among all bytes of its side.
    pub from: u64,
    /// When its first byte was seen, by the recorder's clock in microseconds.
    pub at_us: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    question: Vec<u8>,
    carriage: Carriage,
    ended: bool,
}

impl Message {
    /// What its bytes mean.
    #[must_use]
    pub fn fields(&self) -> Fields<'_> {
        self.protocol.dissect(self.stream(&self.bytes))
    }

    fn stream<'a>(&'a self, bytes: &'a [u8]) -> Stream<'a> {
        let Self { carriage, ended, .. } = *self;
        Stream { bytes, other: &self.question, sender: sender(self.side), carriage, ended }
    }

    /// Whether another protocol follows behind it, on both sides.
    fn switches(&self) -> bool {
        if !(self.protocol.may_switch)(&self.question, &self.bytes) {
            return false;
        }
        // The row says so only of bytes that do follow; any byte will do.
        let followed = [self.bytes.as_slice(), b"\0"].concat();
        self.protocol.opening(self.stream(&followed)).1.is_some_and(|switch| switch.at == self.bytes.len())
    }
}

impl Live {
    /// The conversation of a flow, of which nothing has been heard.
    #[must_use]
    pub fn of(flow: &Flow) -> Self {
        let carriage = match flow.transport {
            Transport::Tcp => Carriage::Stream,
            Transport::Udp => Carriage::Datagram,
        };
        let speaks = flow.spoken().and_then(proto::named);
        Self { carriage, speaks, port: flow.server.port(), talk: None, sides: Default::default() }
    }

    /// A side has sent these bytes. Of datagrams, each is heard on its own.
    pub fn heard(&mut self, side: Side, at_us: u64, bytes: &[u8]) {
        let pending = self.pending(side);
        pending.came.push_back((pending.bytes.len(), at_us));
        pending.bytes.extend_from_slice(bytes);
    }

    /// A side sends nothing any more.
    pub fn ended(&mut self, side: Side) {
        self.pending(side).ended = true;
    }

    /// The messages that have become whole since the last call, and of a side that has ended the rest; in the order in
    /// which they began.
    pub fn messages(&mut self) -> Vec<Message> {
        let mut all = Vec::new();
        // Each round but the last ends with a switch of protocols, and uses up the bytes in front of it.
        while self.round(&mut all) {}
        all.sort_by_key(|message| message.at_us);
        all
    }

    /// Goes on in one protocol. Whether another one follows.
    fn round(&mut self, all: &mut Vec<Message>) -> bool {
        if self.talk.is_none() {
            let [client, server] = &self.sides;
            if client.bytes.is_empty() && server.bytes.is_empty() {
                return false;
            }
            let stream =
                |bytes, other, sender, ended| Stream { bytes, other, sender, carriage: self.carriage, ended };
            let both = [
                stream(client.bytes.as_slice(), server.bytes.as_slice(), Sender::Client, client.ended),
                stream(server.bytes.as_slice(), client.bytes.as_slice(), Sender::Server, server.ended),
            ];
            let protocol = proto::guess(&both, self.speaks, self.port);
            self.talk = Some(Talk { protocol, cut: protocol.cutter(self.carriage), asked: VecDeque::new() });
        }
        // A question stands before its answer, so the client's bytes are cut first.
        for side in [Side::Client, Side::Server] {
            while let Some(message) = self.cut(side) {
                let switches = side == Side::Server && message.switches();
                all.push(message);
                if switches {
                    self.talk = None;
                    (self.speaks, self.port) = (None, None);
                    self.sides.iter_mut().for_each(|pending| pending.cut = 0);
                    return true;
                }
            }
        }
        false
    }

    /// The next message of a side.
    fn cut(&mut self, side: Side) -> Option<Message> {
        let talk = self.talk.as_mut()?;
        let pending = &mut self.sides[side.index()];
        let mut whole = false;
        if pending.cut < pending.bytes.len() || pending.ended {
            // Datagrams are cut where they came apart.
            let edge = match self.carriage {
                Carriage::Datagram => pending.came.iter().map(|&(at, _)| at).find(|&at| at > pending.cut),
                Carriage::Stream => None,
            };
            let edge = edge.unwrap_or(pending.bytes.len());
            let step = talk.cut.feed(sender(side), &pending.bytes[pending.cut..edge], pending.ended);
            pending.cut += step.used;
            whole = step.whole || step.broken.is_some();
        }
        if !(whole || pending.ended) || pending.cut == 0 {
            return None;
        }
        let (from, at_us, bytes) = pending.take();
        let mut message = Message {
            protocol: talk.protocol,
            side,
            from,
            at_us,
            bytes,
            question: Vec::new(),
            carriage: self.carriage,
            ended: pending.ended || !whole,
        };
        talk.pair(&mut message);
        Some(message)
    }

    fn pending(&mut self, side: Side) -> &mut Pending {
        &mut self.sides[side.index()]
    }
}

impl Talk {
    /// Gives an answer its question, and remembers a question.
    fn pair(&mut self, message: &mut Message) {
        let Pairs::InOrder(role) = self.protocol.pairs else { return };
        if message.side == Side::Server {
            message.question = self.asked.front().cloned().unwrap_or_default();
        }
        let role = {
            let fields = message.fields();
            let first = self.protocol.messages(&fields).next();
            first.map(|root| role(&fields, root, sender(message.side)))
        };
        match role {
            Some(Role::Asks) if self.asked.len() < ASKED_LIMIT => self.asked.push_back(message.bytes.clone()),
            Some(Role::Answers) => drop(self.asked.pop_front()),
            _ => {}
        }
    }
}

impl Pending {
    /// Takes what was cut: where it begins, when it came, its bytes.
    fn take(&mut self) -> (u64, u64, Vec<u8>) {
        let len = std::mem::take(&mut self.cut);
        let rest = self.bytes.split_off(len);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let from = self.from;
        self.from += len as u64;
        let at_us = self.came.front().map_or(0, |&(_, at_us)| at_us);
        // The piece that the next message begins in stays.
        while self.came.get(1).is_some_and(|&(at, _)| at <= len) {
            self.came.pop_front();
        }
        self.came.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(len));
        (from, at_us, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Live, Message};
    use crate::evidence::{Flow, FlowId, Opening, Side, Transport};
    use crate::proto::http::HTTP;

    fn live(transport: Transport, port: u16) -> Live {
        let client = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000));
        let opening =
            Opening::answering(transport, client, std::net::SocketAddr::from(([127, 0, 0, 1], port)), "test");
        Live::of(&Flow::begun(FlowId(1), &opening, 0))
    }

    fn told(messages: &[Message]) -> Vec<(Side, u64, &'static str, String)> {
        let text = |message: &Message| String::from_utf8_lossy(&message.bytes).into_owned();
        messages.iter().map(|one| (one.side, one.from, one.protocol.name, text(one))).collect()
    }

    #[test]
    fn a_message_is_told_once_and_when_it_is_whole() {
        let asked = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let mut live = live(Transport::Tcp, 80);
        let (all, mut got) = (asked.repeat(2), Vec::new());
        for (at, byte) in all.bytes().enumerate() {
            live.heard(Side::Client, at as u64, &[byte]);
        }
        live.heard(Side::Server, 100, &answer.as_bytes()[..20]);
        got.extend(live.messages());
        assert_eq!(told(&got).len(), 2, "both requests, and no answer yet");
        assert!(live.messages().is_empty());
        live.heard(Side::Server, 200, &answer.as_bytes()[20..]);
        live.heard(Side::Server, 300, answer.as_bytes());
        got.extend(live.messages());
        let from = answer.len() as u64;
        assert_eq!(
            told(&got)[2..],
            [(Side::Server, 0, "http", answer.into()), (Side::Server, from, "http", answer.into())]
        );
        assert_eq!((got[2].at_us, got[3].at_us), (100, 300));
    }

    #[test]
    fn an_answer_is_read_with_its_question() {
        let mut live = live(Transport::Tcp, 80);
        live.heard(Side::Client, 1, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let heads = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        live.heard(Side::Server, 2, format!("HTTP/1.1 103 Early Hints\r\n\r\n{heads}{heads}hi").as_bytes());
        let got = live.messages();
        let texts: Vec<String> = told(&got).into_iter().map(|(.., text)| text).collect();
        assert_eq!(texts[3..], [heads.to_owned(), format!("{heads}hi")]);
        assert!(got.iter().all(|one| one.fields().list.iter().all(|field| field.problem.is_none())));
    }

    #[test]
    fn what_follows_a_switch_is_another_protocol_on_both_sides() {
        let mut live = live(Transport::Tcp, 80);
        live.heard(
            Side::Client,
            1,
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        );
        live.heard(
            Side::Server,
            2,
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        );
        assert_eq!(live.messages().len(), 2);
        live.heard(Side::Client, 3, b"hello\r\n");
        live.heard(Side::Server, 4, b"and hello\r\n");
        live.ended(Side::Client);
        let got = live.messages();
        assert!(got.iter().all(|one| *one.protocol != HTTP), "{:?}", told(&got));
        assert_eq!(got.len(), 2, "{:?}", told(&got));
    }

    #[test]
    fn what_is_there_of_a_message_is_told_when_its_side_ends() {
        let mut live = live(Transport::Tcp, 80);
        live.heard(Side::Client, 1, b"GET / HTTP/1.1\r\nHos");
        assert!(live.messages().is_empty());
        live.ended(Side::Client);
        assert_eq!(told(&live.messages()), [(Side::Client, 0, "http", "GET / HTTP/1.1\r\nHos".into())]);
        assert!(live.messages().is_empty());
    }

    #[test]
    fn datagrams_keep_their_edges() {
        let mut live = live(Transport::Udp, 9);
        live.heard(Side::Client, 1, b"one");
        live.heard(Side::Client, 2, b"two");
        assert_eq!(live.messages().len(), 2);
    }
}
