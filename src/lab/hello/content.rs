//! The content of a request: read to its end, counted, and let go.
//!
//! The hello server does nothing with it, but its end is where the next request begins.

use super::refusal::Refusal;
use crate::proto::http::Framing;
use crate::proto::http::decode::{BodyDecoder, State, Stopped};
use crate::proto::http::grammar::Rule;
use crate::proto::http::rules;

/// The most bytes of content a request may bring.
pub const CONTENT_LIMIT: u64 = 1024 * 1024;

const TOO_LARGE: Refusal = Refusal::limit(413, "the content is longer than this server reads");

/// Content on its way.
pub struct Content {
    decoder: BodyDecoder,
    len: u64,
}

impl Content {
    /// Begins to read content that ends in this way.
    ///
    /// # Errors
    /// When it says itself that it is too long.
    pub fn new(framing: Framing) -> Result<Self, Refusal> {
        match framing {
            Framing::Length(len) if len > CONTENT_LIMIT => Err(TOO_LARGE),
            _ => Ok(Self { decoder: BodyDecoder::strict(framing), len: 0 }),
        }
    }

    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self { decoder: BodyDecoder::strict(Framing::None), len: 0 }
    }

    /// How many bytes of it there were so far, framing not counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Takes what belongs to it from the front of `input`: how many bytes that is, and whether it is complete.
    ///
    /// # Errors
    /// When the framing is broken or the content too long.
    pub fn take(&mut self, input: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut at = 0;
        while at < input.len() && self.decoder.state() == State::More {
            let step = self.decoder.feed(&input[at..]);
            self.len += step.content.len() as u64;
            at += step.consumed;
            if self.len > CONTENT_LIMIT {
                return Err(TOO_LARGE);
            }
        }
        match self.decoder.stopped() {
            None => Ok((at, self.decoder.state() == State::Done)),
            Some(Stopped::Broken(fault)) => Err(Refusal::of(fault)),
            Some(Stopped::Limit(rule)) => Err(Refusal::limit(status(rule), rule)),
        }
    }
}

/// What is too long has a status of its own.
fn status(limit: Rule) -> u16 {
    let is = |rule: Rule| std::ptr::eq(limit, rule);
    if is(&rules::EXT_LONG) {
        413
    } else if is(&rules::TRAILERS_LONG) {
        431
    } else {
        400
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Framing, Refusal};

    /// The content taken byte by byte, as the slowest client sends it.
    fn take(bytes: &[u8]) -> Result<bool, Refusal> {
        let mut content = Content::new(Framing::Chunked)?;
        let mut done = false;
        for &byte in bytes {
            (_, done) = content.take(&[byte])?;
        }
        Ok(done)
    }

    #[test]
    fn extensions_and_trailers_as_the_rfc_writes_them_are_passed_over() {
        for text in [
            "5;a\r\nhello\r\n0\r\n\r\n",
            "5 ; a = b;c=\"d\\\" ;e\"\r\nhello\r\n0;x\r\n\r\n",
            "00005\r\nhello\r\n000\r\nDigest: x\r\nEmpty:\r\n\r\n",
        ] {
            assert_eq!(take(text.as_bytes()), Ok(true), "{text}");
        }
    }

    #[test]
    fn lines_that_somebody_else_may_read_otherwise_are_refused() {
        for text in [
            "5;\r\nhello\r\n0\r\n\r\n",
            "5;a=\"b\r\nhello\r\n0\r\n\r\n",
            "5;a b\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
            "5\r\nhello\r\n0\r\n folded: x\r\n\r\n",
            "5\r\nhello\r\n0\r\n \r\n\r\n",
            "5;a=b \r\nhello\r\n0\r\n\r\n",
            "00000000000000005\r\nhello\r\n0\r\n\r\n",
        ] {
            assert!(take(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused_with_a_status_of_its_own() {
        let status = |text: String| take(text.as_bytes()).map_err(Refusal::status);
        let extension = "e".repeat(600);
        assert_eq!(status(format!("5;{extension}\r\nhello\r\n0\r\n\r\n")), Ok(true));
        assert_eq!(
            status(format!("5;{extension}\r\nhello\r\n5;{extension}\r\nhello\r\n0\r\n\r\n")),
            Err(413)
        );
        assert_eq!(status(format!("5;{}", "e".repeat(200_000))), Err(413));
        assert_eq!(status(format!("0\r\nT: {}\r\n\r\n", "t".repeat(100_000))), Err(431));
        assert_eq!(status("0".repeat(10_000)), Err(400));
    }
}
