//! Messages with their bytes explained: each folder of `tests/goldens/dns` is one case. `in.hex` has the
//! bytes and why they are there, `tree.txt` the whole tree they must become. A folder named `tcp-...` is a
//! stream, the others are datagrams. `NETLAB_BLESS=1` writes the trees anew; read them before committing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/dump.rs"]
mod dump;

use std::fs;
use std::path::Path;

use netlab::proto::dns::DNS;
use netlab::proto::stream::{Carriage, Sender, Stream};

/// The bytes of an annotated hex file: what is behind a `#` is for the reader.
fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    let digits: Vec<u32> = digits
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap_or_else(|| panic!("no hexadecimal digit: {digit}")))
        .collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

#[test]
fn every_golden_message_becomes_the_tree_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/dns");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 10, "the goldens are not where they should be");
    let bless = std::env::var_os("NETLAB_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let input = bytes(&fs::read_to_string(case.join("in.hex")).unwrap());
        let carriage = if name.starts_with("tcp-") { Carriage::Stream } else { Carriage::Datagram };
        let tree = dump::tree(&DNS.dissect(Stream::alone(&input, Sender::Server, carriage)));
        if bless {
            fs::write(case.join("tree.txt"), &tree).unwrap();
        }
        let expected = fs::read_to_string(case.join("tree.txt")).unwrap_or_default();
        let line = expected.lines().zip(tree.lines()).find(|(expected, got)| expected != got);
        if expected != tree {
            wrong.push(format!("{name}: first difference (expected, got): {line:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
