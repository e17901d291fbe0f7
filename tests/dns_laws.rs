//! The laws of DESIGN.md section 3, for DNS: any bytes become a tree, and its leaves cover every bit once.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and may say what it ran"
)]

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use netlab::proto::Likeness;
use netlab::proto::dns::message::Message;
use netlab::proto::dns::query::{Query, framed};
use netlab::proto::dns::response::{Entry, Response};
use netlab::proto::dns::{DNS, name, rdata};
use netlab::proto::field::{Fields, Problem};
use netlab::proto::stream::{Carriage, Sender, Stream};

fn dissect(bytes: &[u8], carriage: Carriage) -> Fields<'_> {
    DNS.dissect(Stream::alone(bytes, Sender::Server, carriage))
}

fn alike(bytes: &[u8], carriage: Carriage) -> Likeness {
    (DNS.looks_like)(bytes, &Stream::alone(bytes, Sender::Client, carriage).around())
}

/// Dissects both ways, checks the laws, and asks everything that is computed from a tree.
fn holds(bytes: &[u8]) {
    for carriage in [Carriage::Datagram, Carriage::Stream] {
        let fields = dissect(bytes, carriage);
        let mut at = 0;
        for leaf in fields.leaves() {
            let field = fields.get(leaf);
            assert_eq!(field.start, at, "a gap or an overlap in {bytes:02x?}");
            at += field.len;
        }
        assert_eq!(at as usize, bytes.len() * 8, "unexplained bits in {bytes:02x?}");
        for index in 0..fields.list.len() {
            let field = fields.get(index);
            let inside = index + 1..field.end as usize;
            assert!(inside.clone().all(|part| {
                let part = fields.get(part);
                part.start >= field.start
                    && part.start + part.len <= field.start + field.len
                    && part.depth > field.depth
            }));
            let _ = fields.value(index);
        }
        for message in Message::all(&fields) {
            for record in message.answers.iter().chain(&message.authority).chain(&message.additional) {
                let data = rdata::parse(record.rtype, &record.data);
                assert!(data.is_ok(), "{} {}: {data:?}", rdata::type_name(record.rtype), record.data);
            }
        }
        let _ = alike(bytes, carriage);
    }
    if let Some(response) = Response::to(bytes) {
        holds_once(&response.bytes(response.udp_limit()));
    }
}

fn holds_once(bytes: &[u8]) {
    let fields = dissect(bytes, Carriage::Datagram);
    let message = Message::of(&fields).expect("what is built has a header");
    assert!(message.is_response && !message.broken, "{bytes:02x?}");
}

/// A small generator of the same numbers each time (xorshift by Marsaglia).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// A dozen messages: one for each type that is taken apart, and some queries.
fn seeds() -> Vec<Vec<u8>> {
    let records = [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "other.garden.test"),
        ("NS", "ns.garden.test"),
        ("MX", "10 mail.garden.test"),
        ("TXT", r#""two words" one "" "quote \" and \\ and \007""#),
        ("SOA", "ns.garden.test hostmaster.garden.test 1 7200 900 1209600 60"),
        ("SRV", "0 5 7080 web.garden.test"),
        (
            "HTTPS",
            r#"1 . mandatory="alpn" alpn="h2,h3" port="7443" ipv4hint="192.0.2.1" ech="AAECAw==" ipv6hint="2001:db8::1" key9="x\001""#,
        ),
        ("HINFO", r#"RFC8482 """#),
        ("TYPE1234", r"\# 3 01ff80"),
    ];
    let mut seeds = vec![Query::new(1, "garden.test", 1).bytes().unwrap()];
    for (kind, text) in records {
        let kind = rdata::type_named(kind).unwrap();
        let query =
            Query { edns_payload: Some(1232), ..Query::new(2, "www.garden.test", kind) }.bytes().unwrap();
        let mut response = Response::to(&query).unwrap();
        let data = rdata::parse(kind, text).unwrap();
        response.answers.push(Entry::new("www.garden.test", kind, 60, data).unwrap());
        response
            .authority
            .push(Entry::new("garden.test", 2, 60, rdata::parse(2, "ns.garden.test").unwrap()).unwrap());
        response.extended_error = Some((22, String::from("nobody home")));
        seeds.push(response.bytes(1232));
    }
    let two = [framed(&seeds[1]), framed(&seeds[2])].concat();
    seeds.push(two);
    seeds
}

#[test]
fn every_mutation_of_a_message_is_a_tree_without_gaps() {
    let seeds = seeds();
    let mut cases = 0;
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        for end in 0..=seed.len() {
            holds(&seed[..end]);
            cases += 1;
        }
        for bit in 0..seed.len() * 8 {
            let mut bytes = seed.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            holds(&bytes);
            cases += 1;
        }
        for _ in 0..500 {
            let mut bytes = seed.clone();
            for _ in 0..=numbers.below(3) {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len());
                let part = &other[from..(from + numbers.below(20)).min(other.len())];
                let at = numbers.below(bytes.len());
                let end = (at + numbers.below(20)).min(bytes.len());
                bytes.splice(at..end, part.iter().copied());
            }
            holds(&bytes);
            cases += 1;
        }
    }
    for _ in 0..5000 {
        let len = numbers.below(80);
        let bytes: Vec<u8> = (0..len).map(|_| u8::try_from(numbers.below(256)).unwrap()).collect();
        holds(&bytes);
        cases += 1;
    }
    println!("{cases} cases from {} seeds", seeds.len());
}

/// The files of the corpus, when there is one.
fn corpus() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = PathBuf::from(std::env::var_os("NETLAB_CORPORA")?).join("dns/c-ares");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    Some(files.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect())
}

#[test]
fn the_corpus_keeps_the_laws() {
    let Some(corpus) = corpus() else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let mut worst = Duration::ZERO;
    for (_, bytes) in &corpus {
        holds(bytes);
        let before = Instant::now();
        let _ = dissect(bytes, Carriage::Datagram);
        worst = worst.max(before.elapsed());
    }
    println!("{} files, slowest {worst:?} in this build", corpus.len());
}

#[test]
fn what_a_record_shows_can_be_written_again() {
    for seed in seeds().iter().skip(1).take(11) {
        let fields = dissect(seed, Carriage::Datagram);
        let message = Message::of(&fields).unwrap();
        let record = &message.answers[0];
        let data = rdata::parse(record.rtype, &record.data).unwrap();
        let again = Response::to(&Query::new(2, "x.test", record.rtype).bytes().unwrap());
        let mut again = again.unwrap();
        again.answers.push(Entry::new("x.test", record.rtype, 60, data).unwrap());
        let bytes = again.bytes(1232);
        let fields = dissect(&bytes, Carriage::Datagram);
        assert_eq!(Message::of(&fields).unwrap().answers[0].data, record.data);
        assert!(!record.data.starts_with(r"\#") || record.rtype == 1234, "{record:?}");
    }
}

/// A response header with these counts, and `rest` behind it.
fn message(counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
    let words = [0x1234, 0x8400, counts[0], counts[1], counts[2], counts[3]];
    [words.map(u16::to_be_bytes).concat(), rest.to_vec()].concat()
}

fn rules(fields: &Fields<'_>) -> Vec<(&'static str, &'static str)> {
    let broken = fields.list.iter().filter_map(|field| match field.problem {
        Some(Problem::Rule(rule)) => Some((field.spec.name, *rule)),
        _ => None,
    });
    broken.collect()
}

#[test]
fn a_pointer_to_itself_or_forwards_is_a_problem_of_the_pointer() {
    for target in [12, 14, 200] {
        let bytes = message([1, 0, 0, 0], &[0xc0, target, 0, 1, 0, 1]);
        holds(&bytes);
        let fields = dissect(&bytes, Carriage::Datagram);
        let rules = rules(&fields);
        assert_eq!(rules.len(), 1, "{rules:?}");
        assert_eq!(rules[0].0, "pointer");
        assert_eq!(Message::of(&fields).unwrap().questions[0].name, "…");
    }
}

#[test]
fn a_chain_of_two_hundred_pointers_is_given_up() {
    // A name, then 200 records whose owner points to the record before: each jump one further.
    let mut rest = b"\x01a\x00\x00\x01\x00\x01".to_vec();
    let mut before = 12_u16;
    for _ in 0..200 {
        let here = u16::try_from(12 + rest.len()).unwrap();
        rest.extend((0xc000 | before).to_be_bytes());
        rest.extend(b"\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00");
        before = here;
    }
    let bytes = message([1, 200, 0, 0], &rest);
    holds(&bytes);
    let fields = dissect(&bytes, Carriage::Datagram);
    let owners = Message::of(&fields).unwrap().answers;
    assert_eq!(owners[125].name, "a");
    assert_eq!(owners[126].name, "…");
    let given_up = rules(&fields).into_iter().filter(|(name, _)| *name == "pointer").count();
    assert_eq!(given_up, 200 - name::JUMP_LIMIT);
}

#[test]
fn forged_counts_cost_nothing() {
    let bytes = message([1, 65535, 65535, 65535], b"\x01a\x00\x00\x01\x00\x01");
    holds(&bytes);
    let fields = dissect(&bytes, Carriage::Datagram);
    assert!(fields.list.len() < 40, "one missing record is enough: {}", fields.list.len());
    assert!(matches!(fields.list.last().unwrap().problem, Some(Problem::Short { wanted: 8, left: 0 })));
}

#[test]
fn a_label_of_64_bytes_is_no_label() {
    let mut rest = vec![64];
    rest.extend([b'a'; 64]);
    rest.extend(b"\x00\x00\x01\x00\x01");
    let bytes = message([1, 0, 0, 0], &rest);
    holds(&bytes);
    assert_eq!(rules(&dissect(&bytes, Carriage::Datagram))[0].0, "label-type");
}

#[test]
fn a_name_of_256_bytes_is_too_long_and_255_are_not() {
    for (last, broken) in [(61, false), (62, true)] {
        let mut rest = Vec::new();
        for len in [63_u8, 63, 63, last] {
            rest.push(len);
            rest.extend(vec![b'a'; usize::from(len)]);
        }
        rest.extend(b"\x00\x00\x01\x00\x01");
        let bytes = message([1, 0, 0, 0], &rest);
        holds(&bytes);
        let fields = dissect(&bytes, Carriage::Datagram);
        assert_eq!(!rules(&fields).is_empty(), broken);
        assert_eq!(Message::of(&fields).unwrap().questions[0].name.ends_with(name::BROKEN), broken);
    }
}

#[test]
fn a_pointer_that_makes_a_name_too_long_is_a_problem_of_the_pointer() {
    let mut rest = Vec::new();
    for _ in 0..3 {
        rest.push(63);
        rest.extend([b'a'; 63]);
    }
    rest.extend(b"\x00\x00\x01\x00\x01");
    rest.push(63);
    rest.extend([b'b'; 63]);
    rest.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x7f\x00\x00\x01");
    let bytes = message([1, 1, 0, 0], &rest);
    holds(&bytes);
    let fields = dissect(&bytes, Carriage::Datagram);
    assert_eq!(rules(&fields)[0].0, "pointer");
    assert!(rules(&fields)[0].1.contains("255"));
}

#[test]
fn the_worst_message_of_the_largest_size_is_read_in_time() {
    // Pointer after pointer, each followed through as many others as allowed.
    let mut rest = b"\x01a\x00\x00\x01\x00\x01".to_vec();
    let mut before = 12_u16;
    while rest.len() < 65_500 {
        let here = 12 + rest.len();
        rest.extend((0xc000 | before).to_be_bytes());
        rest.extend(b"\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00");
        if here < 12 + 12 * 120 {
            before = u16::try_from(here).unwrap();
        }
    }
    let bytes = message([1, 65535, 0, 0], &rest);
    let start = Instant::now();
    let fields = dissect(&bytes, Carriage::Datagram);
    let took = start.elapsed();
    println!("{} fields in {took:?} in this build", fields.list.len());
    assert!(took < Duration::from_secs(1));
}

#[test]
fn only_the_true_answer_answers() {
    let read = |bytes: &[u8]| Message::of(&dissect(bytes, Carriage::Datagram));
    let query = Query::new(7, "Garden.test", 1).bytes().unwrap();
    let asked = read(&query).unwrap();
    let reply = Response::to(&query).unwrap().bytes(512);
    assert!(read(&reply).unwrap().answers(&asked));
    let lower = Response::to(&Query::new(7, "garden.test", 1).bytes().unwrap()).unwrap().bytes(512);
    assert!(read(&lower).unwrap().answers(&asked), "case is not part of a name");
    let other_id = Response::to(&Query::new(8, "garden.test", 1).bytes().unwrap()).unwrap().bytes(512);
    assert!(!read(&other_id).unwrap().answers(&asked));
    let other_name = Response::to(&Query::new(7, "evil.test", 1).bytes().unwrap()).unwrap().bytes(512);
    assert!(!read(&other_name).unwrap().answers(&asked));
    assert!(!asked.answers(&asked), "a question is no answer");
    assert!(read(b"garbage").is_none());
}

#[test]
fn text_is_never_taken_for_dns() {
    let texts: [&[u8]; 8] = [
        b"",
        b"GET / HTTP/1.1\r\nHost: garden.test\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"POST /form HTTP/1.0\r\n\r\na=1",
        b"220 mail.garden.test ESMTP\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0; 64],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    for text in texts {
        for carriage in [Carriage::Datagram, Carriage::Stream] {
            assert_ne!(alike(text, carriage), Likeness::Is, "{}", text.escape_ascii());
        }
    }
}

#[test]
fn dns_is_taken_for_dns() {
    for seed in &seeds()[..12] {
        assert_eq!(alike(seed, Carriage::Datagram), Likeness::Is);
        assert_eq!(alike(&framed(seed), Carriage::Stream), Likeness::Is);
    }
    // What dig sends: recursion desired, AD set, EDNS with a client's cookie.
    let dig = b"\x5a\x2e\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01\x06garden\x04test\x00\x00\x01\x00\x01\
        \x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x08\x01\x02\x03\x04\x05\x06\x07\x08";
    assert_eq!(alike(dig, Carriage::Datagram), Likeness::Is);
}
