//! What readings carry inside: joined and unpacked content, with the way back to the bytes that carried it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{Talk, account, check, tcp};
use netlab::evidence::Side;
use netlab::lessons::check::judge;
use netlab::lessons::verdict::{Outcome, Place};
use netlab::meaning::inside::{INSIDE_BYTES, Inside, inside};
use netlab::meaning::readings;
use netlab::proto::inner::{Map, Stretch};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n";

/// `nonce=plum`, in two chunks: the second one begins in the middle of the word.
const CHUNKS: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nnonce=pl\r\n2\r\num\r\n0\r\n\r\n";

/// `hello`, packed by deflate.
const PACKED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 13\r\n\r\n\
    \x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15";

fn answered(response: &[u8]) -> Talk {
    tcp("connect", 4001, "127.0.0.1:7080").opened().client(GET).server(response)
}

fn made(talk: Talk) -> Vec<(&'static str, Vec<u8>, Vec<(usize, std::ops::Range<usize>)>)> {
    let journal = account([talk]);
    let readings = readings(&journal.sightings[0].flow);
    let told = |inside: &Inside| {
        let one = &inside.readings[0];
        let bytes = one.fields.bytes.to_vec();
        let mut at = 0;
        for leaf in one.fields.leaves() {
            assert_eq!(one.fields.get(leaf).start, at, "its leaves cover it");
            at += one.fields.get(leaf).len;
        }
        assert_eq!(at as usize, bytes.len() * 8);
        let carried = inside.maps[one.sender().index()].carried(0..bytes.len());
        (inside.what.name, bytes, carried)
    };
    inside(&readings).iter().map(told).collect()
}

#[test]
fn joined_chunks_lead_back_byte_for_byte() {
    let found = made(answered(CHUNKS));
    let head = CHUNKS.len() - b"8\r\nnonce=pl\r\n2\r\num\r\n0\r\n\r\n".len();
    let carried = vec![(1, head + 3..head + 11), (1, head + 16..head + 18)];
    assert_eq!(found, [("unchunked", b"nonce=plum".to_vec(), carried.clone())]);
    for (reading, range) in carried {
        assert_eq!(reading, 1, "the server's");
        assert!(b"nonce=plum".windows(range.len()).any(|word| word == &CHUNKS[range.clone()]));
    }
}

#[test]
fn unpacked_content_leads_back_as_a_whole() {
    assert_eq!(
        made(answered(PACKED)),
        [("unpacked", b"hello".to_vec(), vec![(1, PACKED.len() - 13..PACKED.len())])]
    );
    let two_bytes = |coding: &str| {
        made(answered(format!("HTTP/1.1 200 OK\r\n{coding}Content-Length: 2\r\n\r\nab").as_bytes()))
    };
    assert!(two_bytes("Content-Encoding: br\r\n").is_empty(), "nobody here knows that coding");
    assert!(two_bytes("").is_empty(), "content as it is, is outside already");
}

#[test]
fn a_part_of_a_map_leads_to_the_part_that_carried_it() {
    let exact = |inner, outer| Stretch { inner, reading: 0, outer, exact: true };
    let map = Map::of(vec![exact(0, 10..14), exact(4, 20..23)]);
    assert_eq!(map.carried(1..3), [(0, 11..13)]);
    assert_eq!(map.carried(3..6), [(0, 13..14), (0, 20..22)]);
    assert_eq!(map.span(3..6), Some((0, 13..22)));
    assert_eq!(map.carried(7..9), [], "behind its end there is nothing");
}

#[test]
fn a_check_asks_for_what_chunks_carry_and_quotes_the_bytes_outside() {
    let step = check("server.http.unchunked contains nonce=plum\nhttp.status = 200");
    let verdict = judge(&step, &account([answered(CHUNKS)]));
    let Outcome::Passed(proof) = &verdict.scenes[0].outcome else { panic!("{:?}", verdict.scenes[0]) };
    let head = CHUNKS.len() as u64 - 25;
    let place = Place { side: Side::Server, from: head + 3, to: head + 18 };
    assert_eq!(proof.quotes[0].found.place, Some(place));
    let passes = |conditions: &str, talk| judge(&check(conditions), &account([talk])).passed();
    assert!(
        !passes("http.content contains nonce=plum", answered(CHUNKS)),
        "outside the chunk cuts it in two"
    );
    assert!(!passes("client.http.unchunked contains plum", answered(CHUNKS)), "the client sent none");
    assert!(passes("http.unpacked = hello", answered(PACKED)));
    assert!(!passes("http.unpacked = hello", answered(CHUNKS)));
}

#[test]
fn what_came_before_the_step_is_judged_by_the_bytes_outside() {
    let asks = "server.http.unchunked contains nonce=plum";
    let passes = |talk| judge(&check(asks), &account([talk])).passed();
    let (first, rest) = CHUNKS.split_at(CHUNKS.len() - 12);
    let cut = |first: &[u8]| tcp("connect", 4001, "127.0.0.1:7080").opened().client(GET).server(first);
    assert!(passes(cut(first).server(rest)));
    assert!(!passes(cut(first).step_begins().server(rest)), "its first chunk is from before");
    let head = CHUNKS.len() - 25;
    assert!(
        passes(cut(&CHUNKS[..head]).step_begins().server(&CHUNKS[head..])),
        "its head alone is from before"
    );
}

#[test]
fn what_is_made_has_a_limit() {
    // Half a mebibyte in each answer, and 40 answers. A dissection looks at 16 mebibytes itself.
    let chunk = vec![b'x'; 512 * 1024];
    let mut one = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n80000\r\n".to_vec();
    one.extend(&chunk);
    one.extend(b"\r\n0\r\n\r\n");
    let journal = account([answered(&one)]);
    let mut flow = journal.sightings[0].flow.clone();
    flow.from_server.bytes = one.repeat(40);
    flow.from_server.total = flow.from_server.bytes.len() as u64;
    let all = readings(&flow);
    let bytes: usize =
        inside(&all).iter().flat_map(|inside| &inside.readings).map(|one| one.fields.bytes.len()).sum();
    assert!(bytes > 8 * 1024 * 1024 && bytes <= INSIDE_BYTES, "{bytes}");
}
