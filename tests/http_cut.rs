//! The cutter finds the ends that the dissector finds, however the bytes are cut up, and each byte is fed once.

// A test may unwrap, and says how many cases it ran.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/corpus.rs"]
mod corpus;
#[path = "common/httptext.rs"]
mod httptext;
#[path = "common/random.rs"]
mod random;

use std::fs;
use std::path::{Path, PathBuf};

use netlab::proto::cut::{Broken, Cut, ends};
use netlab::proto::field::Fields;
use netlab::proto::http::HTTP;
use netlab::proto::http::cut::{HEAD_LIMIT, HttpCut};
use netlab::proto::http::message::{Message, messages};
use netlab::proto::stream::{Carriage, Sender, Stream};

/// Bytes of both directions.
type Both<'a> = [&'a [u8]; 2];

/// What a cutter made of one direction.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Found {
    ends: Vec<usize>,
    broken: Option<Broken>,
}

/// What it should make: the ends of whole messages, up to the first that is not whole.
fn told_by_tree(fields: &Fields<'_>) -> Vec<usize> {
    let all = messages(fields);
    let whole = |root| {
        let message = all.iter().find(|message| message.root() == root)?;
        let tunnel = fields.part(root, "tunnel").map(|at| fields.get(at).bytes().start);
        message.is_complete().then_some(tunnel.unwrap_or(fields.get(root).bytes().end))
    };
    fields.roots().map_while(whole).collect()
}

/// Whether the tree has a problem at that byte, or around it; or when an end is missing, in its last message.
fn is_told(fields: &Fields<'_>, broken: Broken) -> bool {
    let at = usize::try_from(broken.at).unwrap();
    let limit = broken.rule.starts_with("netlab ");
    let last = fields.roots().last().filter(|_| at == fields.bytes.len());
    let here = fields.list.iter().any(|field| {
        let around = field.bytes().start <= at && at <= field.bytes().end;
        around && field.problem.is_some()
    });
    limit || here || last.is_some_and(|last| fields.list[last..].iter().any(|field| field.problem.is_some()))
}

/// Cuts both directions as a conversation goes: a request, then answers up to the final one. `sizes` says how many
/// bytes come at once.
fn cut(both: Both<'_>, ended: bool, mut size: impl FnMut() -> usize) -> [Found; 2] {
    let mut cutter = HttpCut::default();
    let mut found = [Found::default(), Found::default()];
    let mut fed = [0, 0];
    let mut turn = Sender::Client;
    loop {
        let (from, bytes) = (turn.index(), both[turn.index()]);
        let mut whole = false;
        while fed[from] < bytes.len() && !whole {
            let piece = &bytes[fed[from]..][..size().clamp(1, bytes.len() - fed[from])];
            // Bytes behind the end of a message wait for their turn.
            let step = cutter.feed(turn, piece, false);
            fed[from] += step.used;
            whole = step.whole;
            found[from].broken = found[from].broken.or(step.broken);
            if whole {
                found[from].ends.push(fed[from]);
            }
        }
        let is_done = |side: usize| fed[side] == both[side].len();
        if is_done(0) && is_done(1) {
            break;
        }
        let interim = turn == Sender::Server && whole && is_interim(cutter.head(Sender::Server));
        turn = match turn {
            Sender::Client if !is_done(1) => Sender::Server,
            Sender::Server if !is_done(0) && (!interim || is_done(1)) => Sender::Client,
            same => same,
        };
    }
    for (side, from) in [Sender::Client, Sender::Server].into_iter().enumerate().filter(|_| ended) {
        let len = both[side].len();
        let broken = ends(&mut cutter, from, b"", true, |_| found[side].ends.push(len));
        found[side].broken = found[side].broken.or(broken);
    }
    found
}

fn is_interim(head: &[u8]) -> bool {
    let fields = HTTP.dissect(Stream::alone(head, Sender::Server, Carriage::Stream));
    let status = messages(&fields).first().and_then(Message::status);
    status.is_some_and(|status| (100..200).contains(&status) && status != 101)
}

/// Checks one conversation, cut at every `step`th place; gives how many ways there were.
fn check(both: Both<'_>, ended: bool, step: usize) -> usize {
    let shown = || format!("{}\n{}\nended: {ended}", both[0].escape_ascii(), both[1].escape_ascii());
    let whole = cut(both, ended, || usize::MAX);
    for (side, sender) in [Sender::Client, Sender::Server].into_iter().enumerate() {
        let (bytes, other) = (both[side], both[1 - side]);
        let fields = HTTP.dissect(Stream { bytes, other, sender, carriage: Carriage::Stream, ended });
        let told = told_by_tree(&fields);
        match whole[side].broken {
            None => assert_eq!(whole[side].ends, told, "{sender:?}\n{}", shown()),
            Some(broken) => {
                assert!(told.starts_with(&whole[side].ends), "{:?} {told:?}\n{}", whole[side], shown());
                assert!(is_told(&fields, broken), "{broken:?}\n{}", shown());
            }
        }
    }
    assert_eq!(cut(both, ended, || 1), whole, "{}", shown());
    let longest = both[0].len().max(both[1].len());
    for at in (1..longest.min(200)).step_by(step) {
        let mut first = true;
        let size = || if std::mem::replace(&mut first, false) { at } else { usize::MAX };
        assert_eq!(cut(both, ended, size), whole, "cut at {at}\n{}", shown());
        assert_eq!(cut(both, ended, || at), whole, "pieces of {at}\n{}", shown());
    }
    2 + 2 * longest.min(200) / step
}

/// Conversations of every kind.
const SEEDS: [Both<'static>; 14] = [
    [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    [b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"],
    [b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"],
    [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nDigest: x\r\n\r\n"],
    [b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\nuntil close"],
    [b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n\x81\x85....hello", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi\nHTTP/1.1 200 OK\r\n\r\n"],
    [b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n!"],
    [b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03\x01\x00\x05hello", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x16\x03\x01\x00\x05hello"],
    [b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    [b"\r\n\r\nGET / HTTP/1.1\nHost: a\n\nGET /old\r\n", b"\r\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nokhttp/1.1 204 no\r\n\r\n"],
    [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\nhello", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 5, 6\r\n\r\nhello"],
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04", b"\x00\x00\x12\x04HTTP/1.1 400\r\n\r\n"],
    [b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", b"\x15\x03\x01\x00\x02\x02\x28"],
    [b"HELO mail.test\r\nQUIT\r\n\r\n", b"220 mail.test\r\n250 hi\r\n\nHTTP/1.1 200 OK\r\n\r\n"],
];

#[test]
fn every_kind_of_conversation_is_cut_where_the_tree_has_its_ends() {
    let mut cases = 0;
    for both in SEEDS {
        for ended in [false, true] {
            cases += check(both, ended, 1);
            // Whether a client's bytes are still HTTP is known when the answer has a head.
            let head = both[1].windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(0);
            let first = if both[1].starts_with(b"HTTP/1.1 101") || both[0].starts_with(b"CONNECT") {
                head + 4
            } else {
                0
            };
            for end in first..=both[1].len() {
                cases += check([both[0], &both[1][..end]], ended, 50);
            }
            for end in 0..both[0].len() {
                cases += check([&both[0][..end], b""], ended, 50);
            }
        }
    }
    println!("{cases} ways to cut up a conversation");
}

#[test]
fn so_are_changed_ones() {
    let mut random = random::Random(0x9112);
    let mut cases = 0;
    for _ in 0..3_000 {
        let mut both = SEEDS[random.below(SEEDS.len())].map(<[u8]>::to_vec);
        let side = random.below(2);
        for _ in 0..=random.below(2) {
            let at = random.below(both[side].len());
            both[side][at] = b"\r\n;:, 05aZ\x00\x7fHT"[random.below(14)];
        }
        cases += check([&both[0], &both[1]], random.below(2) == 0, 11);
    }
    println!("{cases} ways to cut up a changed conversation");
}

#[test]
fn so_are_the_goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/http");
    let mut cases = 0;
    for golden in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(golden.unwrap().path().join("in.txt")).unwrap();
        let (sections, ended) = httptext::sections(&text);
        let of = |sender| -> Vec<u8> {
            let said = sections.iter().filter(|(from, _)| *from == sender);
            said.flat_map(|(_, bytes)| bytes).copied().collect()
        };
        check([&of(Sender::Client), &of(Sender::Server)], ended, 1);
        cases += 1;
    }
    println!("{cases} goldens");
}

#[test]
fn so_are_the_corpora() {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let mut cases = 0;
    for file in fs::read_dir(PathBuf::from(folder).join("http")).unwrap() {
        for case in corpus::jsonl(&file.unwrap().path()) {
            // What is beyond the limit on heads the dissector still explains.
            if case.bytes.len() < HEAD_LIMIT {
                check([&case.bytes, b""], true, 7);
                check([b"", &case.bytes], true, 7);
                cases += 1;
            }
        }
    }
    println!("{cases} corpus cases");
}

#[test]
fn a_head_and_a_pipeline_have_limits() {
    let head = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &vec![b'x'; 2 * HEAD_LIMIT]].concat();
    let mut cutter = HttpCut::default();
    let broken = head.chunks(1000).find_map(|piece| ends(&mut cutter, Sender::Server, piece, false, |_| ()));
    assert_eq!(
        broken.map(|broken| (broken.rule, broken.at)),
        Some(("the head does not end within 256 KiB", HEAD_LIMIT as u64))
    );
    assert!(cutter.head(Sender::Server).len() <= HEAD_LIMIT + 1);

    let empty_lines = b"\r\n".repeat(HEAD_LIMIT);
    let mut found = Vec::new();
    let mut cutter = HttpCut::default();
    let bytes = [empty_lines.as_slice(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
    ends(&mut cutter, Sender::Client, &bytes, false, |end| found.push(end));
    assert_eq!(found, [bytes.len()], "empty lines take no room");
}
