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
use super::leaf::{After, Rule, judged, leaf, line_end, lost, slice};
use super::scan::{Line, spaces_before};
use super::specs::{CHUNK, CHUNK_DATA, CHUNK_EXT, CHUNK_SIZE, CHUNKED, CRLF, LAST_CHUNK};
use super::{FIELDS_LIMIT, lines, rules};

/// Reads all chunks, the trailer section and the empty line at the end. The group's value is the
/// content itself when one chunk holds it all, as it does in small answers.
pub(super) fn read(reader: &mut Reader<'_>, after: After) {
    if reader.at_end() {
        if after == After::Nothing {
            reader.problem(&rules::NO_LAST_CHUNK);
        }
        return;
    }
    let group = reader.next_index();
    reader.group(&CHUNKED, |reader| {
        let mut data: Option<Value> = None;
        let mut chunks = 0;
        let whole = loop {
            match chunk(reader, after) {
                Chunk::Data { from, len } => data = Some(slice(from, len)),
                Chunk::Last => break true,
                Chunk::Cut => break false,
            }
            chunks += 1;
            if reader.next_index() > FIELDS_LIMIT {
                lost(reader, &rules::TOO_MANY);
            }
            if reader.at_end() {
                if after == After::Nothing {
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
            let mut aside = Facts { is_response: true, ..Facts::default() };
            lines::read(reader, &lines::TRAILERS, &mut aside, after);
        }
    });
}

enum Chunk {
    Data { from: usize, len: usize },
    Last,
    Cut,
}

/// Reads one chunk.
fn chunk(reader: &mut Reader<'_>, after: After) -> Chunk {
    let line = Line::measure(reader.ahead());
    let text = line.text;
    let digits = text.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len());
    // Anything but an end or an extension behind the zeros, and it is no size at all.
    let zero = line.is_whole()
        && number(&text[..digits]) == Some(0)
        && text.get(digits).is_none_or(|byte| b"; \t".contains(byte));
    reader.group(if zero { &LAST_CHUNK } else { &CHUNK }, |reader| {
        let size = size_line(reader, line, digits, after);
        match size {
            None => Chunk::Cut,
            Some(0) => Chunk::Last,
            Some(size) => data(reader, size, after),
        }
    })
}

/// Reads the line with the size; none when it cannot be known.
fn size_line(reader: &mut Reader<'_>, line: Line<'_>, digits: usize, after: After) -> Option<u64> {
    let text = line.text;
    let rest = &text[digits..];
    let bws = spaces_before(rest);
    let extended = rest.get(bws) == Some(&b';');
    let size = number(&text[..digits]).filter(|_| rest.is_empty() || bws > 0 || extended);
    let Some(size) = size else {
        let wrong: Rule =
            if digits == text.len() && digits > 0 { &rules::CHUNK_HUGE } else { &rules::CHUNK_SIZE };
        let end = text.iter().position(|&byte| byte == b';').unwrap_or(text.len());
        let sure = line.is_whole() || !text.is_empty();
        judged(reader, &CHUNK_SIZE, end, sure.then_some(wrong));
        // Without a digit it is the extension that stands where a size should.
        judged(reader, &CHUNK_EXT, text.len() - end, (end == 0).then_some(wrong));
        line_end(reader, line, after);
        if text.is_empty() && line.is_whole() {
            reader.problem(&rules::CHUNK_SIZE);
        }
        lost(reader, &rules::NO_LENGTH);
        return None;
    };
    // The digits were counted on the bytes ahead, so this cannot be cut.
    let _ = reader.take(&CHUNK_SIZE, digits, Value::Number(size));
    let rule: Option<Rule> = match (extended, line.control) {
        (true, false) => None,
        (true, true) => Some(&rules::CONTROL),
        (false, _) => (line.is_whole() || bws < rest.len()).then_some(&rules::CHUNK_EXT),
    };
    judged(reader, &CHUNK_EXT, rest.len(), rule);
    line_end(reader, line, after);
    line.is_whole().then_some(size)
}

/// Reads the bytes of a chunk and the line end behind them.
fn data(reader: &mut Reader<'_>, size: u64, after: After) -> Chunk {
    let from = reader.position();
    let value = if is_text(reader.ahead()) { Value::Text } else { Value::Opaque };
    counted(reader, &CHUNK_DATA, size, value, after);
    let len = reader.position() - from;
    match (reader.ahead(), after) {
        ([b'\r', b'\n', ..], _) => leaf(reader, &CRLF, 2),
        ([b'\n', ..], _) => judged(reader, &CRLF, 1, Some(&rules::BARE_LF)),
        ([b'\r'], After::More) => leaf(reader, &CRLF, 1),
        ([b'\r'], After::Nothing) => judged(reader, &CRLF, 1, Some(&rules::LINE_CUT)),
        ([], _) => {}
        _ => lost(reader, &rules::CHUNK_END),
    }
    Chunk::Data { from, len }
}

/// Hexadecimal digits as a number, if they are any and it fits.
fn number(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok().filter(|text| !text.is_empty())?;
    u64::from_str_radix(text, 16).ok()
}
