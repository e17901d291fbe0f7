//! HTTP written down for people: the `in.txt` of the goldens.

use netlab::proto::stream::Sender;

/// The sections of an `in.txt`, each with who sends it, and whether nothing follows the last of them.
pub fn sections(input: &str) -> (Vec<(Sender, Vec<u8>)>, bool) {
    let mut sections: Vec<(Sender, Vec<u8>)> = Vec::new();
    let mut ended = true;
    for line in input.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(title) => {
                let sender = if title.starts_with("request") { Sender::Client } else { Sender::Server };
                ended = !title.ends_with("so far");
                sections.push((sender, Vec::new()));
            }
            None => sections.last_mut().expect("a section comes first").1.extend(unescape(line)),
        }
    }
    (sections, ended)
}

fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let (byte, len) = match (byte, behind) {
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', [b'x', ..]) => {
                (u8::from_str_radix(&line[line.len() - rest.len() + 2..][..2], 16).unwrap(), 4)
            }
            _ => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[len..];
    }
    bytes
}
