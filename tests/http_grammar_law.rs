//! One grammar: what the hello server refuses, what its decoder stops at and what the dissector objects to are the same.
//!
//! 1. What is refused as a broken rule is that very rule in the tree of the bytes so far, at the byte that was named.
//! 2. What is answered as asked breaks no rule in the tree.
//! 3. What was cut short has a problem in the tree of the ended stream.
//! 4. Where a decoder stops at a broken rule, the tree has it too.
//! 5. Limits, what is not had here and what took too long claim nothing, nor does which of several faults is named.
//!
//! They are tried on requests of our own, on the corpora where they are at hand, on every one of those cut at every
//! byte, and on mutations of them, the same in every run.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/corpus.rs"]
mod corpus;
#[path = "common/random.rs"]
mod random;
#[path = "common/requests.rs"]
mod requests;

use std::sync::Arc;

use netlab::lab::hello::conversation::{Conversation, Next};
use netlab::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use netlab::lab::hello::head::Ends;
use netlab::lab::hello::refusal::Refusal;
use netlab::lab::hello::{Hello, Patience};
use netlab::lab::log::Requests;
use netlab::proto::field::{Fields, Problem};
use netlab::proto::http::decode::{BodyDecoder, State, Stopped};
use netlab::proto::http::grammar::Fault;
use netlab::proto::http::{Framing, HTTP};
use netlab::proto::stream::{Carriage, Sender, Stream};
use random::Random;
use tokio::time::Instant;

/// Requests up to this length are cut at every byte, longer ones here and there.
const CUT_EVERYWHERE: usize = 2048;

/// Mutations of each request.
const MUTATIONS: usize = 400;

#[test]
fn whole_requests_keep_to_the_law() {
    let (hello, mut told) = (hello(), Told::default());
    for (name, bytes) in requests::all() {
        let verdict = judge(&hello, &mut told, &name, &[&bytes]);
        told.count(verdict);
    }
    told.end();
    assert!(told.refused > 100 && told.answered > 30 && told.cut > 0, "{told:?}");
}

#[test]
fn requests_that_come_in_two_pieces_keep_to_the_law_and_get_the_same_verdict() {
    let (hello, mut told) = (hello(), Told::default());
    for (name, bytes) in requests::all() {
        let whole = judge(&hello, &mut told, &name, &[&bytes]);
        let step = if bytes.len() <= CUT_EVERYWHERE { 1 } else { bytes.len() / 64 };
        for cut in (1..bytes.len()).step_by(step) {
            let (front, back) = bytes.split_at(cut);
            let verdict = judge(&hello, &mut told, &name, &[front, back]);
            told.same(verdict, whole, || format!("{name}, cut at {cut}: {}", shown(&bytes)));
            // What has come until here may be all there is.
            let verdict = judge(&hello, &mut told, &name, &[front]);
            told.count(verdict);
        }
    }
    told.end();
}

#[test]
fn mutated_requests_keep_to_the_law() {
    let (hello, mut told) = (hello(), Told::default());
    let mut random = Random(0x9110);
    let all = requests::all();
    let short: Vec<_> = all.iter().filter(|(_, bytes)| bytes.len() <= CUT_EVERYWHERE).collect();
    for (name, bytes) in &short {
        for _ in 0..MUTATIONS {
            let other = &short[random.below(short.len())].1;
            let mutated = mutation(&mut random, bytes, other);
            let name = format!("a mutation of {name}");
            let whole = judge(&hello, &mut told, &name, &[&mutated]);
            let (front, back) = mutated.split_at(random.below(mutated.len() + 1));
            let verdict = judge(&hello, &mut told, &name, &[front, back]);
            told.same(verdict, whole, || format!("{name}, cut at {}: {}", front.len(), shown(&mutated)));
            told.count(whole);
        }
    }
    told.end();
    assert!(told.refused > 1000 && told.answered > 100, "{told:?}");
}

/// Each decoder, the server's that is strict and the client's that forgives, on chunks of all kinds.
#[test]
fn a_decoder_stops_where_the_tree_has_the_rule() {
    let mut random = Random(0x71);
    let (mut broken, mut sound) = (0, 0);
    for body in requests::CHUNKED {
        for round in 0..2_000 {
            let bytes =
                if round == 0 { body.to_vec() } else { mutation(&mut random, body, b"\r\n;: 05aZ\"=\t") };
            for sender in [Sender::Client, Sender::Server] {
                match decoded(sender, &bytes) {
                    Some(Stopped::Broken(fault)) => {
                        broken += 1;
                        let head = chunked_head(sender);
                        let stream = [head, &bytes].concat();
                        let tree = dissected(&stream, sender, false);
                        let fault = fault.behind(head.len() as u64);
                        assert!(
                            holds(&tree, fault),
                            "{sender:?}: {fault:?} is not in the tree of {}",
                            shown(&stream)
                        );
                    }
                    _ => sound += 1,
                }
            }
        }
    }
    println!("{broken} broken, {sound} not");
    assert!(broken > 1000 && sound > 1000);
}

/// What a conversation came to, of which the law says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The last request was refused.
    Refused(Refusal),
    /// All that came was answered as asked, up to this byte, and the client left then.
    Answered(u64),
}

#[derive(Debug, Default)]
struct Told {
    refused: usize,
    cut: usize,
    other: usize,
    answered: usize,
    /// What is against the law.
    wrong: Vec<String>,
}

impl Told {
    fn same(&mut self, verdict: Verdict, whole: Verdict, what: impl FnOnce() -> String) {
        if verdict != whole {
            self.wrong.push(format!("{verdict:?} is not {whole:?}: {}", what()));
        }
    }

    /// Says how many there were of each kind; none may be against the law.
    fn end(&self) {
        let Self { refused, cut, other, answered, wrong } = self;
        println!("{refused} refused, {cut} cut short, {other} not had here or too much, {answered} answered");
        assert!(
            wrong.is_empty(),
            "{} times, at first:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(12)].join("\n")
        );
    }

    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Refused(Refusal::Syntax(_)) => self.refused += 1,
            Verdict::Refused(Refusal::Cut(_)) => self.cut += 1,
            Verdict::Refused(_) => self.other += 1,
            Verdict::Answered(_) => self.answered += 1,
        }
    }
}

/// Says the pieces to a server, one after another, and then leaves; holds what comes of it against the law.
fn judge(hello: &Hello, told: &mut Told, name: &str, pieces: &[&[u8]]) -> Verdict {
    let ends = Ends {
        client: "127.0.0.1:40000".parse().unwrap(),
        server: "127.0.0.1:7777".parse().unwrap(),
        secured: false,
    };
    let now = Instant::now();
    let mut conversation = Conversation::new(hello, ends, 1, now);
    let (mut input, mut so_far, mut closed) = (Vec::new(), Vec::new(), false);
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        input.extend_from_slice(piece);
        so_far.extend_from_slice(piece);
        conversation.heard(now);
        closed |= say(&mut conversation, &mut input, now);
        if conversation.refused().is_some() {
            break;
        }
    }
    let early = conversation.refused();
    if !closed {
        conversation.ended(&input, &mut Vec::new(), now);
    }
    let taken = conversation.taken();
    let open = dissected(&so_far, Sender::Client, false);
    let objected = objection(&open, taken);
    if let Some(objected) = objected {
        told.wrong.push(format!("{name}: answered up to {taken}, and {objected:?}: {}", shown(&so_far)));
    }
    match conversation.refused() {
        Some(Refusal::Syntax(fault)) => {
            assert!(early.is_some());
            if !holds(&open, fault) {
                told.wrong.push(format!("{name}: {fault:?} is not in the tree of {}", shown(&so_far)));
            }
        }
        Some(Refusal::Cut(why)) => {
            let tree = dissected(&so_far, Sender::Client, true);
            let last = tree.roots().last().unwrap();
            let broken = (last..tree.list.len()).any(|at| tree.get(at).is_broken());
            if !broken {
                told.wrong.push(format!("{name}: {why}, and nothing is wrong in {}", shown(&so_far)));
            }
        }
        _ => {}
    }
    conversation.refused().map_or(Verdict::Answered(taken), Verdict::Refused)
}

/// Lets the server take what has come. Gives whether it has closed.
fn say(conversation: &mut Conversation<'_>, input: &mut Vec<u8>, now: Instant) -> bool {
    loop {
        let (used, next) = conversation.take(input, &mut Vec::new(), now);
        input.drain(..used);
        match next {
            Next::Write => {}
            Next::Close => return true,
            _ => return false,
        }
    }
}

/// The first rule that a field breaks which ends at this byte or before.
fn objection(tree: &Fields<'_>, taken: u64) -> Option<(&'static str, Problem)> {
    let whole =
        tree.list.iter().filter(|field| !field.bytes().is_empty() && field.bytes().end as u64 <= taken);
    whole.filter(|field| field.is_broken()).find_map(|field| Some((field.spec.name, field.problem?)))
}

/// Whether a field that covers the byte breaks that very rule.
fn holds(tree: &Fields<'_>, fault: Fault) -> bool {
    tree.list.iter().any(|field| {
        let bytes = field.bytes();
        (bytes.start as u64..bytes.end as u64).contains(&fault.at)
            && field.problem == Some(Problem::Rule(fault.rule))
    })
}

fn decoded(sender: Sender, bytes: &[u8]) -> Option<Stopped> {
    let mut decoder = match sender {
        Sender::Client => BodyDecoder::strict(Framing::Chunked),
        Sender::Server => BodyDecoder::new(Framing::Chunked),
    };
    let mut at = 0;
    while at < bytes.len() && decoder.state() == State::More {
        at += decoder.feed(&bytes[at..]).consumed;
    }
    decoder.stopped()
}

fn chunked_head(sender: Sender) -> &'static [u8] {
    match sender {
        Sender::Client => b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        Sender::Server => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    }
}

fn dissected(bytes: &[u8], sender: Sender, ended: bool) -> Fields<'_> {
    HTTP.dissect(Stream { bytes, other: &[], sender, carriage: Carriage::Stream, ended })
}

fn hello() -> Hello {
    let site = Arc::new(Greeter::new(GREETING, Elsewhere::Default));
    Hello { name: "hello", site, patience: Patience::PROGRAM, requests: Requests::silent() }
}

fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(600)].escape_ascii().to_string()
}

/// The bytes with one to three changes: a byte changed, added, taken away or doubled, or a piece of `other` put in.
fn mutation(random: &mut Random, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    const TELLING: &[u8] = b"\r\n\t :;,=\"\\/?#@%[]*0159aFzZ\x00\x7f\x80";
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len().max(1));
        let byte = TELLING[random.below(TELLING.len())];
        match random.below(6) {
            _ if bytes.is_empty() => bytes.push(byte),
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, bytes[at]),
            4 => bytes.truncate(at),
            _ => {
                let from = random.below(other.len().max(1));
                let len = random.below(other.len() - from + 1).min(24);
                bytes.splice(at..at, other[from..from + len].iter().copied());
            }
        }
    }
    bytes
}
