//! What follows the head: RFC 9112 §6.
//!
//! ```text
//! message-body = *OCTET        where it ends is a question of its own, see [`Framing`](super::Framing)
//! ```

use super::super::field::{Spec, Value};
use super::super::reader::{DISSECT_LIMIT, Reader};
use super::facts::{Facts, Framing};
use super::leaf::{Terms, lost};
use super::scan::has_control;
use super::specs::{CLOSE, CONTENT, CONTENT_UNTIL_CLOSE, NO_CONTENT_HEAD, NO_CONTENT_STATUS};
use super::{chunked, rules};

/// Reads the content the head has announced.
pub(super) fn read(reader: &mut Reader<'_>, facts: &Facts, terms: Terms) {
    match facts.framing() {
        Framing::None => no_content(reader, facts),
        Framing::Length(0) => {}
        Framing::Length(bytes) => {
            let value = kind(reader.ahead());
            counted(reader, &CONTENT, bytes, value, terms);
        }
        Framing::Chunked => chunked::read(reader, terms),
        Framing::UntilClose => {
            let value = kind(reader.ahead());
            reader.rest(&CONTENT_UNTIL_CLOSE, value);
            if terms.ended {
                reader.group(&CLOSE, |_| ());
            }
        }
        Framing::Unknown => lost(reader, &rules::NO_LENGTH),
    }
}

/// Says why a response has no content, in a group of no bytes. That a request has none is no news.
fn no_content(reader: &mut Reader<'_>, facts: &Facts) {
    if facts.is_response {
        let why = if facts.is_bodiless() { &NO_CONTENT_STATUS } else { &NO_CONTENT_HEAD };
        reader.group(why, |_| ());
    }
}

/// Reads `size` bytes, or those that are there: too few are a problem once nothing more can come.
pub(super) fn counted(reader: &mut Reader<'_>, spec: &'static Spec, size: u64, value: Value, terms: Terms) {
    let left = reader.ahead().len();
    match usize::try_from(size) {
        Ok(size) if size <= left || (terms.ended && size <= DISSECT_LIMIT) => {
            // Cut or not, the reader has written down both numbers.
            let _ = reader.take(spec, size, value);
        }
        _ => {
            reader.rest(spec, value);
            // A promise of more than a dissection can hold has no place in a field's bit count.
            if terms.ended {
                reader.problem(&rules::TOO_SHORT);
            }
        }
    }
}

fn kind(content: &[u8]) -> Value {
    if is_text(content) { Value::Text } else { Value::Opaque }
}

/// Whether the bytes begin like text: UTF-8 without controls other than tab and line ends. Content-Type
/// might say, but it may be missing or wrong, and the bytes are here.
pub(super) fn is_text(content: &[u8]) -> bool {
    let start = &content[..content.len().min(LOOKED_AT)];
    let utf8 = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    utf8 && !has_control(start, b"\t\n\r\x0c")
}

/// How many bytes tell text from other content.
const LOOKED_AT: usize = 1024;
