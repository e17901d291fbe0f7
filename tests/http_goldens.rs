//! Worked examples: for each folder of `tests/goldens/http`, the bytes of `in.txt` give the tree of `tree.txt`.
//!
//! `in.txt` holds one line of the wire a line, escapes visible; line breaks of the file itself do not count, and
//! `#` starts a remark. `[request]`, `[response]` and `[response so far]` say who sends the bytes below, and
//! whether more may come: the last section is the one dissected, the others are the other direction.
//! `NETLAB_BLESS=1` writes the trees anew; read them before you keep them.

// A test may unwrap, and says how many cases it ran.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/httpdump.rs"]
mod httpdump;
#[path = "common/httptext.rs"]
mod httptext;

use std::fs;
use std::path::Path;

use netlab::proto::http::HTTP;
use netlab::proto::stream::{Carriage, Stream};

#[test]
fn every_golden_gives_its_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/http");
    let bless = std::env::var_os("NETLAB_BLESS").is_some();
    let mut cases: Vec<_> =
        fs::read_dir(&folder).expect("the goldens are there").map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let input = fs::read_to_string(case.join("in.txt")).expect("a case has an in.txt");
        let tree = dissected(&input);
        let file = case.join("tree.txt");
        if bless {
            fs::write(&file, &tree).expect("the tree can be written");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if tree != expected {
            wrong.push(format!("{}\nexpected:\n{expected}\nfound:\n{tree}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} goldens", cases.len());
}

fn dissected(input: &str) -> String {
    let (mut sections, ended) = httptext::sections(input);
    let (sender, bytes) = sections.pop().expect("there is a section");
    let other = sections.pop().map(|(_, bytes)| bytes).unwrap_or_default();
    let stream = Stream { bytes: &bytes, other: &other, sender, carriage: Carriage::Stream, ended };
    httpdump::dump(&HTTP.dissect(stream))
}
