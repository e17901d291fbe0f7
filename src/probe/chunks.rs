//! Whether an answer in chunks ends as it says, and what is in the way when it does not (RFC 9112 §7.1).

use std::ops::Range;

use super::heard::{Fault, Heard};
use super::hello::{behind, last_byte};
use super::routes::{counted, shown};
use super::{Judged, Rule};
use crate::proto::http::message::Message;
use crate::proto::http::rules;

/// How content in chunks is written.
pub const RULE: Rule = Rule {
    says: "a chunk is its size in hexadecimal digits, CR LF, that many bytes, and CR LF; a chunk of size 0 and an empty line end the content",
    rfc: "RFC 9112 §7.1",
};

/// Judges the content of an answer that says it comes in chunks.
pub(super) fn judge(heard: &Heard<'_>, answer: &Message<'_, '_>) -> Judged {
    if let Some((says, bytes)) = trouble(heard, answer) {
        return Judged::no(says).at(0, bytes).by(&RULE);
    }
    if !answer.is_complete() {
        let says = if part(heard, answer, "last-chunk").is_some() {
            "the chunk of size 0 came, and the empty line behind it never did"
        } else {
            "the last chunk, the one of size 0, never came"
        };
        return Judged::no(says).at(0, last_byte(heard)).by(&RULE);
    }
    if let Some(surplus) = heard.surplus() {
        return behind(heard, surplus.bytes).by(&RULE);
    }
    let there = counted(answer.content_bytes().len() as u64);
    Judged::yes(format!("{there} in chunks, ended as they should be")).of(0)
}

/// The first thing that is wrong with the chunks that came, and the bytes that show it.
fn trouble(heard: &Heard<'_>, answer: &Message<'_, '_>) -> Option<(String, Range<usize>)> {
    let fields = heard.fields();
    let content = fields.part(answer.root(), "content")?;
    fields.parts(content).find_map(|chunk| {
        let size = size(heard, chunk);
        if let Some((size, at)) = &size {
            let came = fields.part(chunk, "chunk-data").map_or(0, |data| fields.get(data).bytes().len());
            if (came as u64) < *size {
                return Some((format!("the chunk says {}, and {came} came", counted(*size)), at.clone()));
            }
        }
        // That the bytes end is no fault of this chunk: what did not come is asked for afterwards.
        let is_own = |fault: &Fault| fault.rule != rules::NO_LAST_CHUNK && fault.rule != rules::LINE_CUT;
        let fault = heard.fault_between(chunk, fields.get(chunk).end as usize).filter(is_own)?;
        Some(explained(heard, &fault, size.map(|(size, _)| size)))
    })
}

/// The size of a chunk and where it stands, once the line that says it is whole.
fn size(heard: &Heard<'_>, chunk: usize) -> Option<(u64, Range<usize>)> {
    let fields = heard.fields();
    let at = fields.part(chunk, "chunk-size")?;
    let line_end = fields.part(chunk, "crlf")?;
    let is_whole = fields.raw(line_end).ends_with(b"\n");
    fields.number(at).filter(|_| is_whole).map(|size| (size, fields.get(at).bytes()))
}

/// A fault of a chunk in a sentence, and the bytes to point at.
fn explained(heard: &Heard<'_>, fault: &Fault, size: Option<u64>) -> (String, Range<usize>) {
    let bytes = fault.bytes.clone();
    let text = heard.fields().bytes.get(bytes.clone()).unwrap_or_default().trim_ascii();
    let says = fault.says();
    match size {
        Some(size) if fault.rule == rules::CHUNK_END => {
            // All that is left cannot be read, and only its beginning is in the way.
            let first = bytes.start..bytes.end.min(bytes.start + "\r\n".len());
            (format!("the chunk says {}, and no CR LF stands behind that", counted(size)), first)
        }
        _ if fault.rule == rules::CHUNK_SIZE && text.is_empty() => {
            (format!("{says}, and this line has none"), bytes)
        }
        _ if fault.rule == rules::CHUNK_SIZE => (format!("{says}, and {} is none", shown(text)), bytes),
        _ => (says, bytes),
    }
}

fn part(heard: &Heard<'_>, answer: &Message<'_, '_>, name: &str) -> Option<usize> {
    let content = heard.fields().part(answer.root(), "content")?;
    heard.fields().part(content, name)
}

#[cfg(test)]
mod tests {
    use super::super::heard::Heard;
    use super::judge;
    use crate::evidence::{Flow, Opening, Recorder, Transport, Trouble, TroubleKind};

    /// A conversation in which the server says this, and then closes or falls silent.
    fn conversation(content: &str, closed: bool) -> Flow {
        let recorder = Recorder::keeping(|| 0, Vec::new());
        let server: std::net::SocketAddr = "127.0.0.1:7777".parse().unwrap();
        let recording = recorder.open(&Opening::calling(Transport::Tcp, server, "probe"));
        recording.opened(Some("127.0.0.1:40000".parse().unwrap()));
        recording.wrote(b"GET / HTTP/1.1\r\nHost: localhost:7777\r\nConnection: close\r\n\r\n");
        let said = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{content}");
        recording.read(said.as_bytes(), 16_384);
        if closed {
            recording.finished_reading();
        } else {
            recording.failed(Trouble::from(TroubleKind::TimedOut));
        }
        recording.flow()
    }

    /// What is said, and the bytes it points at.
    fn judged(content: &str, closed: bool) -> (String, String) {
        let flow = conversation(content, closed);
        let heard = Heard::of(&flow);
        let judged = judge(&heard, &heard.answers()[0]);
        let bytes = judged.at.map(|at| at.bytes).unwrap_or_default();
        (judged.says, String::from_utf8_lossy(&flow.from_server.bytes[bytes]).into_owned())
    }

    #[test]
    fn what_is_wrong_with_a_chunk_is_said_and_pointed_at() {
        let no_size = "a chunk starts with its size in hexadecimal digits, and";
        for (content, says, bytes) in [
            ("Z\r\nHello\r\n0\r\n\r\n", &*format!("{no_size} \"Z\" is none"), "Z"),
            ("0x5\r\nHello\r\n0\r\n\r\n", &format!("{no_size} \"0x5\" is none"), "0x5"),
            ("\r\nHello\r\n0\r\n\r\n", &format!("{no_size} this line has none"), "\r\n"),
            ("9\r\nHello", "the chunk says 9 bytes, and 5 came", "9"),
            ("5\r\nHello\r\na\r\n", "the chunk says 10 bytes, and 0 came", "a"),
            ("3\r\nHello\r\n0\r\n\r\n", "the chunk says 3 bytes, and no CR LF stands behind that", "lo"),
            ("5\r\nHello\r\n", "the last chunk, the one of size 0, never came", "\n"),
            ("5\r\nHello\r\n0\r\n", "the chunk of size 0 came, and the empty line behind it never did", "\n"),
        ] {
            assert_eq!(judged(content, false), (says.to_owned(), bytes.to_owned()), "{content:?}");
        }
        // Once the server has closed, the same is found, and nothing else before it.
        for content in ["Z\r\nHello\r\n0\r\n\r\n", "9\r\nHello", "5\r\nHello\r\n", "5\r\nHello\r\n0\r\n"] {
            assert_eq!(judged(content, true), judged(content, false), "{content:?}");
        }
    }

    #[test]
    fn whole_chunks_are_counted() {
        let says = "5 bytes in chunks, ended as they should be";
        assert_eq!(judged("3\r\nHel\r\n2;a=b\r\nlo\r\n0\r\n\r\n", true).0, says);
        assert_eq!(judged("5\r\nHello\r\n0\r\n\r\nX", true).0, "1 byte came behind the end of the answer");
        assert!(judged("5\r\nHello\n0\r\n\r\n", true).0.contains("the line feed alone"));
    }
}
