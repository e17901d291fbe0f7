//! Character sets: which characters the bytes of a text stand for (RFC 9110 §8.3.2).
//!
//! ```text
//! Content-Type: text/html; charset=windows-1252       0xe9 is é
//! Content-Type: text/html; charset=utf-8              0xc3 0xa9 is é, and 0xe9 alone is nothing
//! ```
//!
//! A byte order mark at the beginning goes before what Content-Type says, and where that says nothing a page of HTML may
//! say it itself (see [`prescan`]).
//!
//! UTF-8 passes through untouched, so that bytes which break it can still be shown as what they are. Everything else
//! is turned into UTF-8 as it comes, by the tables of `encoding_rs`, which are those of browsers.
//!
//! ```
//! use netlab::proto::http::charset::Text;
//!
//! let mut text = Text::of(Some(b"text/plain; charset=\"ISO-8859-1\""));
//! let mut shown = Vec::new();
//! text.feed(b"caf\xe9", true, &mut |piece| shown.extend_from_slice(piece));
//! assert_eq!(shown, "café".as_bytes());
//! assert_eq!(text.said().read_as, "windows-1252");
//! ```

use encoding_rs::{
    Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};

use super::prescan;

/// The room for characters on their way, in bytes.
const ROOM: usize = 16 * 1024;

/// The longest byte order mark.
const MARK: usize = 3;

/// Who says which charset it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The byte order mark it begins with.
    Mark,
    /// The field Content-Type.
    ContentType,
    /// A meta element of the page.
    Meta,
}

impl Source {
    /// Its word in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::ContentType => "content-type",
            Self::Meta => "meta",
        }
    }
}

/// What is known about the characters of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Said {
    /// The charset that Content-Type names, as it names it, or else the page.
    pub named: Option<Vec<u8>>,
    /// Whose word was taken; none when nobody said a word.
    pub source: Option<Source>,
    /// Whether that name is known; true when there is none.
    pub is_known: bool,
    /// What the bytes were read as.
    pub read_as: &'static str,
    /// Whether the type is one of text, for which a charset matters.
    pub is_text: bool,
    /// Whether it is a type whose texts are always UTF-8 (RFC 8259 §8.1).
    pub is_always_utf8: bool,
    /// Stretches of bytes that are no characters in what they were read as.
    pub odd: u64,
    /// Whether there were bytes that are not ASCII. Without any, nearly all charsets agree.
    pub beyond_ascii: bool,
}

/// Turns content into characters, piece by piece.
pub struct Text {
    encoding: &'static Encoding,
    decoder: Option<Decoder>,
    said: Said,
    /// The beginning, while it may still say what the rest is.
    start: Option<Vec<u8>>,
    /// How much of it is looked at.
    looks_at: usize,
    /// The beginning of a character, or of a line end, that the last piece did not finish.
    held: Vec<u8>,
    room: Vec<u8>,
}

impl Text {
    /// For content of this Content-Type.
    #[must_use]
    pub fn of(content_type: Option<&[u8]>) -> Self {
        let (media, named) = parts(content_type.unwrap_or_default());
        let known = named.as_deref().map(Encoding::for_label);
        let encoding = known.flatten().unwrap_or(UTF_8);
        let is_always_utf8 = media == "application/json" || media.ends_with("+json");
        let is_text = media.starts_with("text/")
            || is_always_utf8
            || media.ends_with("+xml")
            || ["application/xml", "application/javascript"].contains(&media.as_str());
        let said = Said {
            is_known: known != Some(None),
            source: named.is_some().then_some(Source::ContentType),
            read_as: encoding.name(),
            is_text,
            is_always_utf8,
            odd: 0,
            beyond_ascii: false,
            named,
        };
        let looks_at = match &said.named {
            None if media == "text/html" => prescan::SEARCHED,
            None if is_always_utf8 || !is_text => 0,
            _ => MARK,
        };
        let start = (looks_at > 0).then(Vec::new);
        Self { encoding, decoder: None, said, start, looks_at, held: Vec::new(), room: Vec::new() }
    }

    /// What has been found out so far.
    #[must_use]
    pub fn said(&self) -> &Said {
        &self.said
    }

    /// Takes the next bytes; `last` when none follow. Whole characters go to `sink`, and a carriage return only
    /// together with what follows it.
    pub fn feed(&mut self, bytes: &[u8], last: bool, sink: &mut dyn FnMut(&[u8])) {
        self.said.beyond_ascii |= !bytes.is_ascii();
        let Some(mut start) = self.start.take() else { return self.read(bytes, last, sink) };
        start.extend_from_slice(bytes);
        if start.len() < self.looks_at && !last {
            self.start = Some(start);
            return;
        }
        let mark = self.decide(&start);
        self.read(&start[mark..], last, sink);
    }

    /// Takes the word of the beginning, if it has one; says how long the mark there is.
    fn decide(&mut self, start: &[u8]) -> usize {
        let mark = Encoding::for_bom(start);
        if let Some((encoding, _)) = mark {
            (self.encoding, self.said.source) = (encoding, Some(Source::Mark));
        } else if self.looks_at == prescan::SEARCHED
            && let Some(named) = prescan::named(start)
            && let Some(encoding) = Encoding::for_label(named.as_bytes())
        {
            // What could be read as ASCII is not in either of these, whatever it says (WHATWG HTML §13.2.3.2).
            self.encoding = match encoding {
                it if it == UTF_16BE || it == UTF_16LE => UTF_8,
                it if it == X_USER_DEFINED => WINDOWS_1252,
                it => it,
            };
            (self.said.named, self.said.source) = (Some(named.into_bytes()), Some(Source::Meta));
        }
        self.said.read_as = self.encoding.name();
        mark.map_or(0, |(_, len)| len)
    }

    fn read(&mut self, bytes: &[u8], last: bool, sink: &mut dyn FnMut(&[u8])) {
        if self.encoding == UTF_8 {
            return self.utf8(bytes, last, sink);
        }
        let encoding = self.encoding;
        let decoder = self.decoder.get_or_insert_with(|| encoding.new_decoder_without_bom_handling());
        self.room.resize(ROOM, 0);
        let mut left = bytes;
        loop {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(left, &mut self.room, last);
            left = left.get(read..).unwrap_or_default();
            self.held.extend_from_slice(self.room.get(..written).unwrap_or_default());
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.said.odd += 1;
                    self.held.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
        }
        let keeps = !last && self.held.last() == Some(&b'\r');
        let all = std::mem::take(&mut self.held);
        let (now, later) = all.split_at(all.len() - usize::from(keeps));
        if !now.is_empty() {
            sink(now);
        }
        self.held.extend_from_slice(later);
    }

    fn utf8(&mut self, bytes: &[u8], last: bool, sink: &mut dyn FnMut(&[u8])) {
        let joined;
        let all = if self.held.is_empty() {
            bytes
        } else {
            joined = [&self.held[..], bytes].concat();
            &joined
        };
        let keeps = if last { 0 } else { unfinished(all) };
        let (now, later) = all.split_at(all.len() - keeps);
        if !now.is_ascii() {
            self.said.odd += now.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count() as u64;
        }
        if !now.is_empty() {
            sink(now);
        }
        self.held = later.to_vec();
    }
}

/// Whether bytes look like text that may be shown as it is.
#[must_use]
pub fn is_text(bytes: &[u8]) -> bool {
    super::body::is_text(bytes)
}

/// How many bytes at the end are the beginning of something: a character of UTF-8, or a line end.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.last() == Some(&b'\r') {
        return 1;
    }
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let lead = tail.iter().rposition(|&byte| byte >= 0xc0);
    lead.map_or(0, |at| {
        let begun = &tail[at..];
        let is_begun = std::str::from_utf8(begun).is_err_and(|error| error.error_len().is_none());
        if is_begun { begun.len() } else { 0 }
    })
}

/// Media type in small letters, and the charset parameter if there is one (RFC 9110 §8.3.1, §5.6.6).
fn parts(value: &[u8]) -> (String, Option<Vec<u8>>) {
    let mut pieces = value.split(|&byte| byte == b';');
    let media = String::from_utf8_lossy(pieces.next().unwrap_or_default().trim_ascii()).to_ascii_lowercase();
    let charset = pieces.find_map(|piece| {
        let equals = piece.iter().position(|&byte| byte == b'=')?;
        let (name, value) = (piece[..equals].trim_ascii(), piece[equals + 1..].trim_ascii());
        let value = value.strip_prefix(b"\"").map_or(value, |rest| rest.strip_suffix(b"\"").unwrap_or(rest));
        (name.eq_ignore_ascii_case(b"charset") && !value.is_empty()).then(|| value.to_vec())
    });
    (media, charset)
}

#[cfg(test)]
mod tests {
    use super::{Said, Source, Text};

    /// The characters, and what was found out, with the bytes cut into pieces of `step`.
    fn read(kind: &str, bytes: &[u8], step: usize) -> (Vec<u8>, Said) {
        let mut text = Text::of(Some(kind.as_bytes()));
        let mut shown = Vec::new();
        for piece in bytes.chunks(step) {
            text.feed(piece, false, &mut |piece| shown.extend_from_slice(piece));
        }
        text.feed(b"", true, &mut |piece| shown.extend_from_slice(piece));
        (shown, text.said().clone())
    }

    #[test]
    fn characters_come_out_however_the_bytes_are_cut() {
        for (kind, bytes, wanted) in [
            ("text/plain; charset=utf-8", "é🌱\r\nx".as_bytes().to_vec(), "é🌱\r\nx"),
            ("text/plain;charset=windows-1252", b"\x80 caf\xe9\r\n".to_vec(), "€ café\r\n"),
            ("text/plain; Charset=UTF-16LE", b"\xe9\x00<\xd8\x31\xdf".to_vec(), "é🌱"),
            ("text/plain; charset=utf-16", b"\xfe\xff\x00\xe9\x00\r\x00\n".to_vec(), "é\r\n"),
            ("text/html; charset=Shift_JIS", b"\x82\xa0".to_vec(), "あ"),
            ("text/html; charset=koi8-r", b"\xc1".to_vec(), "а"),
        ] {
            for step in 1..=bytes.len() {
                let (shown, said) = read(kind, &bytes, step);
                assert_eq!(String::from_utf8(shown).unwrap(), wanted, "{kind} in steps of {step}");
                assert_eq!(said.odd, 0);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_characters_are_counted() {
        for step in 1..6 {
            let (shown, said) = read("text/plain", b"a\xe9b\xc3", step);
            assert_eq!(shown, b"a\xe9b\xc3", "UTF-8 stays what it is, broken or not");
            assert_eq!((said.odd, said.named, said.beyond_ascii), (2, None, true));
        }
        let (shown, said) = read("text/plain; charset=euc-jp", b"\xa4\xa2\xff", 1);
        assert_eq!((String::from_utf8(shown).unwrap().as_str(), said.odd), ("あ\u{fffd}", 1));
    }

    #[test]
    fn a_mark_goes_before_the_field_and_the_field_before_the_page() {
        let page = b"<meta charset=koi8-r>\xc1";
        let marked = [b"\xef\xbb\xbf".as_slice(), b"<meta charset=koi8-r>\xc3\xa9"].concat();
        for (kind, bytes, wanted, source, read_as) in [
            ("text/html", &page[..], "а", Some(Source::Meta), "KOI8-R"),
            ("text/html; charset=latin1", page, "Á", Some(Source::ContentType), "windows-1252"),
            ("text/plain", b"<meta charset=koi8-r>", "", None, "UTF-8"),
            ("text/html", &marked, "é", Some(Source::Mark), "UTF-8"),
            ("text/html; charset=latin1", &marked, "é", Some(Source::Mark), "UTF-8"),
            ("text/plain", b"\xff\xfe\xe9\x00", "é", Some(Source::Mark), "UTF-16LE"),
            ("text/html", b"<meta charset=utf-16>\xc3\xa9", "é", Some(Source::Meta), "UTF-8"),
            ("text/html", b"<meta charset=x-user-defined>\xe9", "é", Some(Source::Meta), "windows-1252"),
            ("text/html", b"\xef\xbb", "", None, "UTF-8"),
        ] {
            for step in 1..=bytes.len() {
                let (shown, said) = read(kind, bytes, step);
                let behind = shown.rsplit(|&byte| byte == b'>').next().unwrap_or_default();
                assert_eq!((said.source, said.read_as), (source, read_as), "{kind}");
                assert!(
                    wanted.is_empty() || behind == wanted.as_bytes(),
                    "{kind} in steps of {step}: {shown:?}"
                );
            }
        }
        // Only what is text has marks.
        assert_eq!(read("image/jpeg", b"\xff\xfe\xe9\x00", 1).1.source, None);
    }

    #[test]
    fn a_charset_that_nobody_knows_is_said() {
        let said = read("text/plain; charset=klingon", b"x", 1).1;
        assert!(!said.is_known && said.read_as == "UTF-8");
        assert!(read("application/json", b"x", 1).1.is_always_utf8);
        assert!(!read("image/png", b"x", 1).1.is_text);
    }
}
