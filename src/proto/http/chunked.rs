//! Content in chunks: RFC 9112 §7.1.
//!
//! ```text
//! chunked-body = *chunk last-chunk trailer-section CRLF
//! chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF        12 CRLF, then 18 bytes: the size is hexadecimal
//! last-chunk   = 1*"0" [ chunk-ext ] CRLF
//! chunk-ext    = *( BWS ";" name [ "=" value ] )
//! ```
//!
//! When a size cannot be read there is no way back: only sizes say where the next chunk begins.

use super::super::field::Value;
use super::super::reader::Reader;
use super::body::{counted, is_text};
use super::facts::Facts;
use super::grammar::Fault;
use super::grammar::size_line::{Next, SizeLine};
use super::leaf::{Terms, forgivable, judged, leaf, lost, slice};
use super::scan::{Line, spaces_before};
use super::specs::{CHUNK, CHUNK_DATA, CHUNK_EXT, CHUNK_SIZE, CHUNKED, CRLF, LAST_CHUNK};
use super::{FIELDS_LIMIT, lines, rules};

/// Reads all chunks, the trailer section and the empty line at the end. The group's value is the
/// content itself when one chunk holds it all, as it does in small answers.
pub(super) fn read(reader: &mut Reader<'_>, terms: Terms) {
    if reader.at_end() {
        if terms.ended {
            reader.problem(&rules::NO_LAST_CHUNK);
        }
        return;
    }
    let group = reader.next_index();
    reader.group(&CHUNKED, |reader| {
        let mut data: Option<Value> = None;
        let mut chunks = 0;
        let whole = loop {
            match chunk(reader, terms) {
                Chunk::Data { from, len } => data = Some(slice(from, len)),
                Chunk::Last => break true,
                Chunk::Cut => break false,
            }
            chunks += 1;
            if reader.next_index() > FIELDS_LIMIT {
                lost(reader, &rules::TOO_MANY);
            }
            if reader.at_end() {
                if terms.ended {
                    reader.problem(&rules::NO_LAST_CHUNK);
                }
                break false;
            }
        };
        if let (Some(data), 1) = (data, chunks) {
            reader.set_value(group, data);
        }
        if whole {
            // Trailer fields no longer decide anything about this message.
            let mut aside = Facts { is_aside: true, ..Facts::default() };
            lines::read(reader, &lines::TRAILERS, &mut aside, terms);
        }
    });
}

enum Chunk {
    Data { from: usize, len: usize },
    Last,
    Cut,
}

/// Reads one chunk.
fn chunk(reader: &mut Reader<'_>, terms: Terms) -> Chunk {
    let line = Line::measure(reader.ahead());
    let text = line.text;
    let digits = text.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len());
    // Anything but an end or an extension behind the zeros, and it is no size at all.
    let zero = line.is_whole()
        && digits > 0
        && text[..digits].iter().all(|&digit| digit == b'0')
        && text.get(digits).is_none_or(|byte| b"; \t".contains(byte));
    reader.group(if zero { &LAST_CHUNK } else { &CHUNK }, |reader| {
        let size = size_line(reader, line, digits, terms);
        match size {
            None => Chunk::Cut,
            Some(0) => Chunk::Last,
            Some(size) => data(reader, size, terms),
        }
    })
}

/// Reads the line with the size; none when it cannot be known.
fn size_line(reader: &mut Reader<'_>, line: Line<'_>, digits: usize, terms: Terms) -> Option<u64> {
    let text = line.text;
    let (from, begin) = (reader.next_index(), reader.position());
    let bytes = &reader.ahead()[..text.len() + line.end_len()];
    let bws = spaces_before(&text[digits..]);
    let readable = digits > 0 && (digits == text.len() || bws > 0 || text[digits] == b';');
    let mut size = None;
    if readable {
        // The digits were counted on the bytes ahead, so this cannot be cut.
        let (number, value) = number(&text[..digits]);
        let _ = reader.take(&CHUNK_SIZE, digits, value);
        leaf(reader, &CHUNK_EXT, text.len() - digits);
        size = Some(number).filter(|_| line.is_whole());
    } else {
        let end = text.iter().position(|&byte| byte == b';').unwrap_or(text.len());
        leaf(reader, &CHUNK_SIZE, end);
        leaf(reader, &CHUNK_EXT, text.len() - end);
    }
    leaf(reader, &CRLF, line.end_len());
    judge(reader, from, begin, bytes, terms);
    if let (false, Some(rule)) = (line.is_whole(), terms.cut()) {
        reader.problem(rule);
    }
    if !readable {
        lost(reader, &rules::NO_LENGTH);
    }
    size
}

/// Says of the fields from this index on which rules the line breaks that they are of.
fn judge(reader: &mut Reader<'_>, from: usize, begin: usize, line: &[u8], terms: Terms) {
    let mut so_far = SizeLine::NEW;
    for (at, &byte) in (begin as u64..).zip(line) {
        match so_far.next(byte, at) {
            Next::On | Next::Ended(None) => {}
            Next::Forgivable(fault) | Next::Ended(Some(fault)) => blame(reader, from, fault, terms.forgiving),
            Next::Broken(fault) => return blame(reader, from, fault, false),
        }
    }
}

/// Says it of the field that the byte is in.
#[cold]
fn blame(reader: &mut Reader<'_>, from: usize, fault: Fault, forgiven: bool) {
    let to = reader.next_index();
    let holds = |index: &usize| {
        let bytes = reader.recorded(*index).bytes();
        (bytes.start as u64..bytes.end as u64).contains(&fault.at)
    };
    match (from..to).find(holds) {
        Some(index) if forgiven => reader.remark_at(index, fault.rule),
        Some(index) => reader.problem_at(index, fault.rule),
        None => {}
    }
}

/// Reads the bytes of a chunk and the line end behind them.
fn data(reader: &mut Reader<'_>, size: u64, terms: Terms) -> Chunk {
    let from = reader.position();
    let value = if is_text(reader.ahead()) { Value::Text } else { Value::Opaque };
    counted(reader, &CHUNK_DATA, size, value, terms);
    let len = reader.position() - from;
    match reader.ahead() {
        [b'\r', b'\n', ..] => leaf(reader, &CRLF, 2),
        [b'\n', ..] => {
            leaf(reader, &CRLF, 1);
            forgivable(reader, &rules::BARE_LF, terms);
        }
        [b'\r'] => judged(reader, &CRLF, 1, terms.cut()),
        [] => {}
        _ => lost(reader, &rules::CHUNK_END),
    }
    Chunk::Data { from, len }
}

/// Hexadecimal digits as a number; one that 64 bits do not hold stays text, and is as large as they can say.
fn number(digits: &[u8]) -> (u64, Value) {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(text, 16).map_or((u64::MAX, Value::Text), |number| (number, Value::Number(number)))
}
