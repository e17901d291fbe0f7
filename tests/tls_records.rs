//! TLS records. Each folder of `tests/goldens/tls` is one case: `in.hex` has the bytes and why they are there, `tree.txt`
//! the whole tree they must become. In a folder named `so-far-...` more may follow. `NETLAB_BLESS=1` writes the trees
//! anew; read them before committing. Below them the laws: any bytes give a tree, and its leaves cover the input.

// A test may unwrap, and says how many cases it ran.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/httpdump.rs"]
mod httpdump;

use std::fs;
use std::path::{Path, PathBuf};

use netlab::proto::field::{Fields, Problem};
use netlab::proto::http::HTTP;
use netlab::proto::plain::PLAIN;
use netlab::proto::stream::{Carriage, Sender, Stream};
use netlab::proto::tls::{FIELDS_LIMIT, TLS};
use netlab::proto::{Protocol, guess};

/// A client's side of a conversation: a handshake, a signal, and three records that nobody can read.
const SOUND: &[u8] =
    b"\x16\x03\x01\x00\x04\x01\x00\x00\x00\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x05hello\x17\x03\x03\x00\x00\x15\x03\x03\x00\x02\x01\x00";

#[test]
fn every_golden_gives_its_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/tls");
    let bless = std::env::var_os("NETLAB_BLESS").is_some();
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 5, "the goldens are not where they should be");
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let input = bytes(&fs::read_to_string(case.join("in.hex")).unwrap());
        let tree = httpdump::dump(&dissected(&input, !name.starts_with("so-far-")));
        if bless {
            fs::write(case.join("tree.txt"), &tree).unwrap();
        }
        let expected = fs::read_to_string(case.join("tree.txt")).unwrap_or_default();
        if tree != expected {
            wrong.push(format!("{name}\nexpected:\n{expected}\nfound:\n{tree}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} goldens", cases.len());
}

/// The bytes of an annotated hex file: what is behind a `#` is for the reader.
fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.lines().map(|line| line.split('#').next().unwrap()).collect();
    let digits: Vec<u32> =
        digits.chars().filter(|one| !one.is_whitespace()).map(|one| one.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

fn dissected(bytes: &[u8], ended: bool) -> Fields<'_> {
    let stream = Stream { bytes, other: &[], sender: Sender::Client, carriage: Carriage::Stream, ended };
    let fields = TLS.dissect(stream);
    let mut at = 0;
    for leaf in fields.leaves() {
        assert_eq!(fields.get(leaf).start, at, "{}", bytes.escape_ascii());
        at += fields.get(leaf).len;
    }
    assert_eq!(at as usize, bytes.len() * 8, "{}", bytes.escape_ascii());
    fields
}

fn problem(fields: &Fields<'_>) -> Option<Problem> {
    fields.list.iter().find_map(|field| field.problem)
}

#[test]
fn a_sound_conversation_has_no_problem_however_little_of_it_has_come() {
    for end in 0..=SOUND.len() {
        assert_eq!(problem(&dissected(&SOUND[..end], false)), None, "{end}");
    }
    let ends = [0, 9, 15, 25, 30, 37];
    for end in 0..=SOUND.len() {
        assert_eq!(problem(&dissected(&SOUND[..end], true)).is_none(), ends.contains(&end), "{end}");
    }
}

#[test]
fn any_bytes_give_a_tree_whose_leaves_cover_them() {
    let mut bytes = SOUND.to_vec();
    for bit in 0..SOUND.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        for end in 0..=bytes.len() {
            dissected(&bytes[..end], true);
            dissected(&bytes[..end], false);
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn many_records_of_nothing_are_not_all_explained_and_all_covered() {
    let bytes = b"\x17\x03\x03\x00\x00".repeat(100_000);
    let fields = dissected(&bytes, true);
    assert!(fields.list.len() < FIELDS_LIMIT + 10 && problem(&fields).is_some());
}

#[test]
fn the_corpora_are_explained() {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let mut folders = vec![PathBuf::from(folder).join("tls/rustls-fuzz")];
    let mut cases = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let bytes = fs::read(entry).unwrap();
                dissected(&bytes, true);
                dissected(&bytes, false);
                cases += 1;
            }
        }
    }
    assert!(cases >= 512, "{cases}");
    println!("{cases} files");
}

/// The port says nothing against what the bytes look like, and two that talk past each other are read as HTTP, which has
/// a sentence for it.
#[test]
fn records_are_known_by_their_first_bytes() {
    let said = |client: &[u8], server: &[u8], port| -> &'static Protocol {
        let side = |bytes, sender| Stream::alone(bytes, sender, Carriage::Stream);
        guess(&[side(client, Sender::Client), side(server, Sender::Server)], None, Some(port))
    };
    assert!(*said(SOUND, b"\x16\x03\x03\x00\x02\x02\x00", 80) == TLS);
    assert!(*said(b"\x16", b"", 443) == TLS);
    assert!(*said(b"GET / HTTP/1.1\r\n", b"\x15\x03\x03\x00\x02\x02\x0a", 443) == HTTP);
    assert!(*said(SOUND, b"HTTP/1.1 400 Bad Request\r\n", 80) == HTTP);
    assert!(*said(b"\x16\x03 good morning", b"", 443) == PLAIN);
}
