//! Corpora outside of the repository: a case a line, its bytes in base64.

#![allow(dead_code, reason = "not every test asks for everything")]

use std::path::Path;

/// A case: what it is called, whether it is to be accepted, and its bytes.
pub struct Case {
    pub id: String,
    pub want: String,
    pub bytes: Vec<u8>,
}

/// The cases of one file.
pub fn jsonl(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).expect("the corpus can be read");
    let case = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is a JSON object");
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Case { id: text("id"), want: text("want"), bytes: base64(&text("b64")) }
    };
    text.lines().map(case).collect()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<usize> =
        text.bytes().filter_map(|byte| ALPHABET.iter().position(|&digit| digit == byte)).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        (1..group.len()).map(move |at| u8::try_from(bits >> (24 - 8 * at) & 0xff).expect("masked"))
    });
    bytes.collect()
}
