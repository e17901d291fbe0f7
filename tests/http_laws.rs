//! Laws of the HTTP dissector: any bytes give a tree, and its leaves cover the input in order.

// A test may unwrap, and says how many cases it ran.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/corpus.rs"]
mod corpus;
#[path = "common/random.rs"]
mod random;

use std::fs;
use std::path::PathBuf;

use netlab::proto::field::{Fields, Problem};
use netlab::proto::http::decode::{BodyDecoder, State, head_end, head_end_from};
use netlab::proto::http::message::messages;
use netlab::proto::http::{FIELDS_LIMIT, Framing, HTTP};
use netlab::proto::reader::DISSECT_LIMIT;
use netlab::proto::stream::{Carriage, Sender, Stream};
use random::Random;

/// Sound and broken messages that lead into every corner of the grammar.
const SEEDS: [&[u8]; 20] = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /seed-a-plant?colour=green HTTP/1.1\r\nHost: hello.test:7777\r\nAccept:  */* \r\nX-Empty:\r\n\r\n",
    b"GET http://hello.test/a?b HTTP/1.1\r\nHost: hello.test\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n12 ; x\r\n\xf0\x9f\x8c\xb1 Plant seeded!\r\n0\r\nDigest: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\nuntil close",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi",
    b"CONNECT hello.test:443 HTTP/1.1\r\nHost: hello.test:443\r\n\r\n\x16\x03\x01\x00\x05hello",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n b\r\nno colon\r\nX[]: 1\r\n: x\r\nY: a\rb\x00\r\n\r\n",
    b"GET  /a b#c HTTP/2.0 \r\n Host: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nHost: a b/\r\nContent-Length: 5, 6\r\n\r\nhello",
    b"POST / HTTP/1.0\r\nContent-Length: 6\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\nX",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\n;\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04",
    b"HTTP/1.1 200\r\nContent-Length: 99999999999\r\n\r\nshortHTTP/1.1\r\nhttp/1.1 2x0  \r\n\x80\n\n",
];

/// Those of the seeds that break no rule.
const SOUND: usize = 9;

#[test]
fn any_bytes_give_a_tree_whose_leaves_partition_them() {
    let mut cases = 0;
    for seed in SEEDS {
        for end in 0..=seed.len() {
            cases += all_ways(&seed[..end], &[]);
        }
        let mut bytes = seed.to_vec();
        for bit in 0..seed.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            cases += all_ways(&bytes, SEEDS[0]);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    let mut random = Random(0x9112);
    for _ in 0..20_000 {
        let bytes = splice(&mut random);
        let other = splice(&mut random);
        cases += all_ways(&bytes, &other);
    }
    println!("{cases} dissections");
}

#[test]
fn a_sound_message_has_no_problem_however_little_of_it_has_come() {
    for seed in &SEEDS[..SOUND] {
        let sender = if seed.starts_with(b"HTTP/") { Sender::Server } else { Sender::Client };
        for end in 0..=seed.len() {
            let fields = dissected(&seed[..end], &[], sender, end == seed.len());
            assert_eq!(problem(&fields), None, "{}", seed[..end].escape_ascii());
        }
    }
}

#[test]
fn a_cut_message_says_so_once_nothing_can_follow() {
    let seed = SEEDS[3];
    let first = seed.len() - b"GET / HTTP/1.0\r\n\r\n".len();
    for end in (1..seed.len()).filter(|&end| end != first) {
        assert!(problem(&dissected(&seed[..end], &[], Sender::Client, true)).is_some(), "{end}");
    }
}

#[test]
fn a_tree_stays_within_its_limit_and_still_covers_the_input() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cases: [(&[u8], &[u8], Sender); 4] = [
        (b"", b"\n", Sender::Client),
        (b"GET / HTTP/1.1\r\n", b"a:\n", Sender::Client),
        (b"", b"GET / HTTP/1.1\n\n", Sender::Client),
        (chunked, b"1\na\n", Sender::Server),
    ];
    for (front, again, sender) in cases {
        let bytes = [front, &again.repeat(6_000_000 / again.len())].concat();
        let fields = dissected(&bytes, &[], sender, true);
        assert!(fields.list.len() < FIELDS_LIMIT + 100);
        check_partition(&fields, &bytes);
    }
}

#[test]
fn a_body_decodes_the_same_however_it_is_cut() {
    let chunked: &[u8] =
        b"5;a=b\r\nhello\r\n12 ; x\r\n\xf0\x9f\x8c\xb1 Plant seeded!\r\n000\r\nDigest: x\r\n\r\nnext";
    let cases = [
        (Framing::Chunked, chunked, "hello🌱 Plant seeded!", State::Done),
        (Framing::Length(5), b"hellonext", "hello", State::Done),
        (Framing::UntilClose, b"hello", "hello", State::More),
        (Framing::None, b"next", "", State::Done),
    ];
    for (framing, bytes, content, state) in cases {
        let whole = decode(framing, &[bytes]);
        assert_eq!(whole, (content.as_bytes().to_vec(), state));
        for cut in 0..=bytes.len() {
            let (front, back) = bytes.split_at(cut);
            assert_eq!(decode(framing, &[front, back]), whole, "{framing:?} {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode(framing, &single), whole);
    }
}

#[test]
fn decoder_and_dissector_agree_on_chunks() {
    let mut random = Random(0x7_1);
    let (mut sound, mut broken) = (0, 0);
    let body: &[u8] = b"5;a=b\r\nhello\r\n12 ; x\r\n0123456789abcdef01\r\n0\r\nDigest: x\r\n\r\n";
    for _ in 0..20_000 {
        let mut bytes = body.to_vec();
        let at = random.below(bytes.len());
        bytes[at] = b"\r\n;: 05aZ\x00"[random.below(10)];
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let stream = [head.as_slice(), &bytes].concat();
        let fields = dissected(&stream, &[], Sender::Server, true);
        let message = messages(&fields)[0];
        let (content, state) = decode(Framing::Chunked, &[&bytes]);
        match state {
            State::Done => {
                assert_eq!(message.content_bytes(), content, "{}", bytes.escape_ascii());
                assert!(message.is_complete(), "{}", bytes.escape_ascii());
                sound += 1;
            }
            State::Broken(_) => {
                assert!(problem(&fields).is_some(), "{}", bytes.escape_ascii());
                broken += 1;
            }
            State::More => assert!(!message.is_complete(), "{}", bytes.escape_ascii()),
        }
    }
    println!("{sound} sound, {broken} broken");
}

#[test]
fn a_decoder_says_what_is_wrong_and_keeps_to_its_limits() {
    let long = [b"1;".as_slice(), &[b'a'; 1024], b"\r\n"].concat();
    let trailers = [b"0\r\n".as_slice(), &b"a: b\r\n".repeat(700), b"\r\n"].concat();
    let cases: [(&[u8], &str); 8] = [
        (b"-1\r\n", "a chunk starts with its size in hexadecimal digits"),
        (b"0_5\r\n", "a chunk starts with its size in hexadecimal digits"),
        (b"ffffffffffffffff\r\n", "netlab reads no chunk of more than 2^63-1 bytes"),
        (&[b'0'; 1000], "netlab reads no chunk-size of more than 16 digits, zeros in front included"),
        (b"5\rX", "a carriage return in a line of framing has the line feed behind it, and this one has not"),
        (b"5\r\nhelloXX", "carriage return and line feed follow the last byte of a chunk, and these do not"),
        (&long, "netlab accepts chunk extensions of at most 1 KiB"),
        (&trailers, "netlab accepts a trailer section of at most 4 KiB"),
    ];
    for (bytes, rule) in cases {
        assert_eq!(decode(Framing::Chunked, &[bytes]).1, State::Broken(rule), "{}", bytes.escape_ascii());
    }
    assert!(matches!(BodyDecoder::new(Framing::Length(1)).closed(), State::Broken(_)));
    assert_eq!(BodyDecoder::new(Framing::UntilClose).closed(), State::Done);
}

#[test]
fn the_end_of_a_head_is_found_wherever_the_last_search_stopped() {
    for bytes in [b"a: b\r\n\r\nc".as_slice(), b"a: b\n\nc", b"a: b\n\r\nc", b"a: b\r\n", b""] {
        let whole = head_end(bytes);
        for seen in 0..=whole.map_or(bytes.len(), |end| end - 1) {
            assert_eq!(head_end_from(bytes, seen), whole);
        }
    }
}

#[test]
fn the_corpora_are_explained() {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let folder = PathBuf::from(folder).join("http");
    let mut cases = 0;
    for file in fs::read_dir(&folder).expect("the corpora have http").map(|entry| entry.unwrap().path()) {
        for case in corpus::jsonl(&file) {
            all_ways(&case.bytes, &[]);
            cases += 1;
        }
    }
    println!("{cases} corpus cases, each from both senders, ended and not");
}

/// Cases of the corpus that a server must refuse but whose bytes break no rule of the grammar.
const REFUSED_FOR_OTHER_REASONS: [(&str, &str); 4] = [
    ("rej-uri-100k", "a long target is sound; how long is too long is a server's limit"),
    ("rej-hdr-1m", "a long value is sound; how long is too long is a server's limit"),
    ("rej-method-10k", "a long method is a token; how long is too long is a server's limit"),
    ("rej-connect", "CONNECT is sound; an origin server just does not offer it"),
];

#[test]
fn what_must_be_refused_has_a_problem_and_what_must_not_has_none() {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let (mut marked, mut allowed, mut sound) = (0, 0, 0);
    for case in corpus::jsonl(&PathBuf::from(folder).join("http/rfc9112-requests.jsonl")) {
        let fields = dissected(&case.bytes, &[], Sender::Client, true);
        let open = dissected(&case.bytes, &[], Sender::Client, false);
        let excuse = REFUSED_FOR_OTHER_REASONS.iter().any(|(id, _)| *id == case.id);
        match (case.want.as_str(), problem(&fields)) {
            ("ok", Some(problem)) => panic!("{} must be accepted, but: {problem}", case.id),
            ("ok", None) => sound += 1,
            ("rej", None) if excuse => allowed += 1,
            ("rej", None) => panic!("{} must be refused, and nothing says why", case.id),
            ("rej", Some(_)) => marked += 1,
            ("wait", _) => assert_eq!(problem(&open), None, "{}", case.id),
            (_, found) => println!("either way: {}: {}", case.id, found.unwrap_or("no problem")),
        }
    }
    println!(
        "{marked} to be refused have a problem, {allowed} are refused for other reasons, {sound} sound ones have none"
    );
}

fn dissected<'a>(bytes: &'a [u8], other: &'a [u8], sender: Sender, ended: bool) -> Fields<'a> {
    HTTP.dissect(Stream { bytes, other, sender, carriage: Carriage::Stream, ended })
}

/// Dissects as either sender, ended or not, and checks the laws each time.
fn all_ways(bytes: &[u8], other: &[u8]) -> usize {
    for sender in [Sender::Client, Sender::Server] {
        for ended in [false, true] {
            let fields = dissected(bytes, other, sender, ended);
            check_partition(&fields, bytes);
            for message in messages(&fields) {
                let _ =
                    (message.framing(), message.is_complete(), message.content_bytes(), message.head_len());
                let _ = (message.host(), message.path(), message.status(), message.has_problem());
            }
        }
    }
    4
}

fn check_partition(fields: &Fields<'_>, bytes: &[u8]) {
    let mut at = 0;
    for leaf in fields.leaves() {
        let field = fields.get(leaf);
        assert_eq!(field.start, at, "{} in {}", field.spec.name, bytes.escape_ascii());
        at += field.len;
    }
    assert_eq!(at as usize, bytes.len().min(DISSECT_LIMIT) * 8, "{}", bytes.escape_ascii());
}

fn problem(fields: &Fields<'_>) -> Option<&'static str> {
    fields.list.iter().find_map(|field| match field.problem? {
        Problem::Rule(rule) => Some(*rule),
        Problem::Short { .. } => Some("too short"),
        Problem::Remark(_) => None,
    })
}

fn decode(framing: Framing, reads: &[&[u8]]) -> (Vec<u8>, State) {
    let mut decoder = BodyDecoder::new(framing);
    let mut content = Vec::new();
    for read in reads {
        let mut rest = *read;
        while decoder.state() == State::More && !rest.is_empty() {
            let step = decoder.feed(rest);
            assert!(step.consumed > 0);
            content.extend_from_slice(&rest[step.content]);
            rest = &rest[step.consumed..];
        }
    }
    (content, decoder.state())
}

/// Pieces of the seeds in any order, and now and then a stray byte.
fn splice(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(4) {
        let seed = SEEDS[random.below(SEEDS.len())];
        let from = random.below(seed.len());
        bytes.extend_from_slice(&seed[from..=from + random.below(seed.len() - from)]);
        if random.below(3) == 0 {
            bytes.push(u8::try_from(random.below(256)).expect("it is a byte"));
        }
    }
    bytes
}
