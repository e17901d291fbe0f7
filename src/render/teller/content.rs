//! The content of one response in sentences: how long, how framed, of what type, how packed, in which characters.

use serde_json::{Value, json};

use crate::proto::http::Framing;
use crate::proto::http::charset::{Said, Source, Text};
use crate::proto::http::coding::{
    Coding, DECODED_LIMIT, RATIO_LIMIT, Snag, Unpacker, codings, transfer_codings,
};
use crate::proto::http::message::Message;
use crate::render::teller::charset;
use crate::render::text::safe::{Safe, short};
use crate::render::text::words::{count, number};

/// What became of the content of one response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The status of the response.
    pub status: u16,
    /// How many bytes came, framing left out.
    pub came: u64,
    /// How they were packed, in the order in which that was done.
    pub codings: Vec<Coding>,
    /// How they were packed once more for the way, the chunks left out.
    pub transfer_codings: Vec<Coding>,
    /// How many bytes came out; none when it was not packed, or could not be unpacked at all.
    pub unpacked: Option<u64>,
    /// Why unpacking stopped.
    pub snag: Option<Snag>,
    /// What the request said about codings.
    pub accepts: Accepts,
    /// Whether it goes on unpacked: --compressed was given.
    pub passes_unpacked: bool,
    /// The characters, as far as they were looked at.
    pub text: Said,
    /// SHA-256 of the bytes that came, where it was wanted.
    pub digest: Option<[u8; 32]>,
    /// More of it came than was to be taken.
    pub is_cut: bool,
}

/// Which kinds of coding a request speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepts {
    /// Those of content, in Accept-Encoding.
    pub content: bool,
    /// Those of the way, in TE.
    pub transfer: bool,
}

impl Accepts {
    /// Both, so that there is nothing to say about either.
    pub const BOTH: Self = Self { content: true, transfer: true };

    /// What this request says.
    #[must_use]
    pub fn of(request: &Message<'_, '_>) -> Self {
        // "trailers" in TE is about fields behind the chunks (RFC 9110 §10.1.4).
        let codes = |value: &[u8]| !value.trim_ascii().eq_ignore_ascii_case(b"trailers");
        Self {
            content: request.field("accept-encoding").is_some(),
            transfer: request.field("te").is_some_and(codes),
        }
    }
}

impl Content {
    /// Reads the content of a message that is there as a whole, or its first `most` bytes; gives also its text,
    /// unpacked and in UTF-8.
    #[must_use]
    pub fn read(response: &Message<'_, '_>, accepts: Accepts, most: usize) -> (Self, Vec<u8>) {
        let mut bytes = response.content_bytes();
        bytes.truncate(most);
        let (codings, transfer_codings) = (codings(response), transfer_codings(response));
        let all = [codings.as_slice(), &transfer_codings].concat();
        let mut text = Text::of(response.field("content-type"));
        let mut shown = Vec::new();
        let (mut unpacked, mut snag) = (None, None);
        match Unpacker::new(&all, DECODED_LIMIT) {
            Ok(mut stages) if !all.is_empty() => {
                let fed = stages.feed(&bytes, &mut |piece| {
                    text.feed(piece, false, &mut |chars| shown.extend_from_slice(chars));
                });
                snag = fed.and_then(|()| stages.finish()).err();
                unpacked = Some(stages.counts().1);
            }
            Ok(_) => text.feed(&bytes, false, &mut |chars| shown.extend_from_slice(chars)),
            Err(unknown) => {
                snag = Some(unknown);
                shown.extend_from_slice(&bytes);
            }
        }
        text.feed(b"", true, &mut |chars| shown.extend_from_slice(chars));
        let content = Self {
            status: response.status().unwrap_or_default(),
            came: bytes.len() as u64,
            codings,
            transfer_codings,
            unpacked,
            snag,
            accepts,
            passes_unpacked: false,
            text: text.said().clone(),
            digest: None,
            is_cut: false,
        };
        (content, shown)
    }

    /// How it was packed, in sentences; none when it was not.
    #[must_use]
    pub fn coding(&self, saved: bool, ascii: bool) -> Option<String> {
        if self.codings.is_empty() && self.transfer_codings.is_empty() || self.came == 0 {
            return None;
        }
        let names = self.packed(ascii);
        let came = count(self.came, "byte");
        let mut text = match (&self.snag, self.unpacked) {
            (None, Some(unpacked)) => {
                let goes_on = match (saved, self.passes_unpacked) {
                    (true, true) => "saved unpacked",
                    (true, false) => "saved as they came, and --compressed saves them unpacked",
                    (false, _) => "shown unpacked",
                };
                format!("{names}: {came} came, and unpacked they are {}; {goes_on}.", number(unpacked))
            }
            (Some(snag), unpacked) => {
                let so_far = unpacked.filter(|&len| len > 0);
                let so_far = so_far.map(|len| format!(" {} had come out by then.", count(len, "byte")));
                format!("{names}: {came} came. {}.{}", snag_text(snag, ascii), so_far.unwrap_or_default())
            }
            (None, None) => return None,
        };
        if !self.accepts.content && !self.codings.is_empty() {
            text.push_str(" The request did not ask for that; but without Accept-Encoding the choice is the server's (RFC 9110 §12.5.3).");
        }
        if !self.accepts.transfer && !self.transfer_codings.is_empty() {
            text.push_str(" Transfer-Encoding names a coding for this connection alone, and without TE in the request chunked is the only one that a server may use (RFC 9112 §7.2, §7.4).");
        }
        Some(if ascii { text.replace('§', "section ") } else { text })
    }

    /// Their names in the order in which they were applied, and which of them are for the way alone.
    pub(super) fn packed(&self, ascii: bool) -> String {
        let names = |codings: &[Coding]| {
            let names: Vec<_> =
                codings.iter().map(|one| short(one.name(), charset::NAME_SHOWN, ascii)).collect();
            names.join(", then ")
        };
        let way = format!("{} as a transfer coding", names(&self.transfer_codings));
        match (self.codings.is_empty(), self.transfer_codings.is_empty()) {
            (_, true) => names(&self.codings),
            (true, false) => way,
            (false, false) => format!("{}, then {way}", names(&self.codings)),
        }
    }

    /// What is to be said about its characters, if there is anything.
    #[must_use]
    pub fn charset(&self, ascii: bool) -> Option<String> {
        let text = (self.came > 0).then(|| charset::sentence(&self.text, ascii)).flatten()?;
        Some(if ascii { text.replace('§', "section ") } else { text })
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let names = |codings: &[Coding]| -> Vec<String> {
            codings.iter().map(|one| String::from_utf8_lossy(one.name()).into_owned()).collect()
        };
        json!({
            "status": self.status,
            "bytes": self.came,
            "codings": names(&self.codings),
            "transfer_codings": names(&self.transfer_codings),
            "unpacked_bytes": self.unpacked,
            "snag": self.snag.as_ref().map(|snag| snag_text(snag, false)),
            "charset": self.text.named.as_deref().map(String::from_utf8_lossy),
            "charset_from": self.text.source.map(Source::name),
            "read_as": self.text.read_as,
            "not_characters": self.text.odd,
        })
    }
}

/// Why unpacking stopped, as a sentence without its full stop.
#[must_use]
pub fn snag_text(snag: &Snag, ascii: bool) -> String {
    match snag {
        Snag::Unknown(name) => {
            format!(
                "netlab unpacks gzip and deflate, and {} is another coding: the bytes stay as they came",
                short(name, charset::NAME_SHOWN, ascii)
            )
        }
        Snag::TooMany => {
            "They were packed more than four times over, and netlab does not follow that: the bytes stay as they came"
                .to_owned()
        }
        Snag::Broken(why) => format!("They cannot be unpacked to the end, because {why}"),
        Snag::TooMuch(limit) => format!(
            "netlab stopped unpacking: it lets at most {} come out, and these were to become more",
            count(*limit, "byte")
        ),
        Snag::Ratio => format!(
            "netlab stopped unpacking: they become more than {RATIO_LIMIT} times their size, as a bomb does that is to fill the memory or the disk of whoever opens it"
        ),
    }
}

/// How long the content is and how that is known, what type it is of, and the file it is in.
#[must_use]
pub fn about(message: &Message<'_, '_>, content: &Content, saved: Option<&str>, ascii: bool) -> String {
    let framing = match message.framing() {
        Framing::None => return "none: a response like this has no content".to_owned(),
        Framing::Length(len) if content.came < len => {
            format!("{} of the {} that Content-Length promised", number(content.came), count(len, "byte"))
        }
        Framing::Length(len) => format!("{} as Content-Length promised", count(len, "byte")),
        Framing::Chunked if !message.is_complete() && !content.is_cut && saved.is_none() => {
            let came = content.came.max(message.content_bytes().len() as u64);
            format!("{} after taking the chunks apart, as far as they can be read", count(came, "byte"))
        }
        Framing::Chunked => format!("{} after taking the chunks apart", count(content.came, "byte")),
        Framing::UntilClose => "everything until the server closed".to_owned(),
        Framing::Unknown => "its length cannot be known: the head contradicts itself".to_owned(),
    };
    let told = content.is_cut
        || match message.framing() {
            Framing::Length(len) => content.came < len,
            Framing::Chunked => true,
            _ => false,
        };
    let broken = if message.is_complete() || saved.is_some() || told {
        ""
    } else {
        "; not all of it was kept or came"
    };
    let saved = saved
        .map(|path| format!(", saved to {}", Safe::word(path.as_bytes()).ascii(ascii)))
        .unwrap_or_default();
    format!("{framing}{broken}{}{saved}", kind(message, ascii))
}

/// The same while most of it is still to come.
#[must_use]
pub fn about_coming(message: &Message<'_, '_>, hex: bool, ascii: bool) -> String {
    let framing = match message.framing() {
        Framing::Length(len) => format!("{} as Content-Length promises", count(len, "byte")),
        Framing::Chunked => "chunks, until one of size 0".to_owned(),
        _ => "everything until the server closes".to_owned(),
    };
    let how = if hex { "every byte is shown as it comes" } else { "shown as it comes" };
    format!("{framing}{}; {how}", kind(message, ascii))
}

fn kind(message: &Message<'_, '_>, ascii: bool) -> String {
    let kind = message.field("content-type");
    kind.map(|kind| format!(", {}", Safe::word(kind).ascii(ascii))).unwrap_or_default()
}
