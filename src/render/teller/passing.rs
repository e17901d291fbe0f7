//! Content that is too long to be held back until all of it has come: it is shown while it passes, in memory that
//! does not grow.
//!
//! Short answers are shown as a whole in the end, each field with its meaning. Of a long one the head is shown so,
//! then its content as text; or, with bytes wanted, as rows of hex, and whatever frames it (chunk sizes, extensions,
//! line ends, the trailer) field by field.

use crate::proto::http::HTTP;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::text::look::Look;
use crate::render::text::rows::Rows;
use crate::render::text::screen::Screen;
use crate::render::tree::Shower;

/// The most bytes of framing in one place: a size line, its extension, the trailer, each with a limit of its own.
const FRAMING_LIMIT: usize = 8 * 1024;
/// A head under which framing can be read on its own, without and with a chunk before it.
const CHUNKED_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const ONE_CHUNK: &[u8] = b"1\r\nx";

/// One body on its way past.
pub(super) struct Passing {
    rows: Rows,
    framing: Vec<u8>,
    has_content: bool,
    chunks: u64,
    /// Whether what was shown last ended its line.
    ends_line: bool,
}

impl Passing {
    /// Of the bytes behind a head that ended at `at`.
    pub fn new(look: Look, at: u64) -> Self {
        Self {
            rows: Rows::new(look, at),
            framing: Vec::new(),
            has_content: false,
            chunks: 0,
            ends_line: true,
        }
    }

    /// Characters of the content.
    pub fn text(&mut self, screen: &Screen, text: &str) {
        self.ends_line = text.ends_with('\n');
        screen.piece(text);
    }

    /// Bytes that are content: rows of hex.
    pub fn content(&mut self, screen: &Screen, shower: &mut Shower, bytes: &[u8]) {
        if !self.framing.is_empty() {
            self.chunks += 1;
            self.explain(screen, shower);
        }
        self.has_content = true;
        self.rows.feed(bytes, &mut |rows| screen.bare(rows));
    }

    /// Bytes that frame content. They are shown when content follows, or all is over.
    pub fn framing(&mut self, bytes: &[u8]) {
        let room = FRAMING_LIMIT.saturating_sub(self.framing.len()).min(bytes.len());
        self.framing.extend_from_slice(&bytes[..room]);
    }

    /// A stretch of content begins in text: of the framing before it only the number of chunks is told.
    pub fn begin_stretch(&mut self) {
        if !self.framing.is_empty() {
            self.chunks += 1;
            self.framing.clear();
            self.has_content = true;
        }
    }

    /// The body is over, or nothing more of it will come.
    pub fn end(&mut self, screen: &Screen, shower: &mut Shower) {
        if !std::mem::replace(&mut self.ends_line, true) {
            screen.piece("\n");
        }
        self.explain(screen, shower);
        self.rows.end(&mut |rows| screen.bare(rows));
    }

    /// How many chunks with content there were.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// The framing since the last content, field by field.
    fn explain(&mut self, screen: &Screen, shower: &mut Shower) {
        if self.framing.is_empty() {
            return;
        }
        self.rows.end(&mut |rows| screen.bare(rows));
        let before =
            if self.has_content { [CHUNKED_HEAD, ONE_CHUNK].concat() } else { CHUNKED_HEAD.to_vec() };
        let framing = std::mem::take(&mut self.framing);
        let bytes = [before.as_slice(), &framing].concat();
        let fields = HTTP.dissect(Stream {
            bytes: &bytes,
            other: &[],
            sender: Sender::Server,
            carriage: Carriage::Stream,
            ended: false,
        });
        let at = usize::try_from(self.rows.at()).unwrap_or(usize::MAX);
        let lines = shower.lines_behind(&fields, before.len(), at);
        lines.iter().for_each(|line| screen.line(line));
        self.rows.skip(framing.len() as u64);
    }
}
