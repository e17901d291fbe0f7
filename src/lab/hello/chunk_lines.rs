//! The lines between chunks of content: sizes, extensions and trailer fields (RFC 9112 §7.1).

use super::line::{LONE_FEED, is_token};
use super::refusal::{Refusal, bad};
use crate::proto::http::decode::EXTENSION_LIMIT;
use crate::proto::http::rules;

/// The most digits of a chunk-size; the zeros in front of it are bounded by nothing else.
const DIGITS_LIMIT: usize = 16;

/// The lines around the chunks, judged one by one. The decoder finds where they end and bounds them; it
/// passes over what they say, and a line that another server on the way might read otherwise is refused.
#[derive(Default)]
pub struct ChunkLines {
    line: Vec<u8>,
    /// Whether the last chunk has come, so that trailer fields follow.
    last: bool,
    /// Bytes of extensions in all lines so far.
    extensions: usize,
}

impl ChunkLines {
    /// Takes the bytes of framing in front of some content.
    ///
    /// # Errors
    /// When a line is too long, or says what no line there may say.
    pub fn take(&mut self, framing: &[u8]) -> Result<(), Refusal> {
        for &byte in framing {
            self.line.push(byte);
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.judge(line.strip_suffix(b"\r\n").ok_or(LONE_FEED)?)?;
            } else if self.line.len() > DIGITS_LIMIT
                && !self.last
                && self.line.iter().all(u8::is_ascii_hexdigit)
            {
                return Err(bad("a chunk-size has more digits than any size there is"));
            }
        }
        Ok(())
    }

    fn judge(&mut self, line: &[u8]) -> Result<(), Refusal> {
        // The line end behind the data of a chunk, and the one that ends it all.
        if line.is_empty() {
            return Ok(());
        }
        if self.last {
            let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
            let is_field =
                name.len() < line.len() && !name.is_empty() && name.iter().all(|&byte| is_token(byte));
            return if is_field {
                Ok(())
            } else {
                Err(bad("a trailer line is not a field name, a colon and a value"))
            };
        }
        let size = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        self.last = line[..size].iter().all(|&byte| byte == b'0');
        self.extensions += line.len() - size;
        if self.extensions > EXTENSION_LIMIT {
            return Err(Refusal { status: 413, why: rules::EXT_LONG });
        }
        if is_extension(&line[size..]) {
            Ok(())
        } else {
            Err(bad("a chunk extension is not a semicolon, a name and perhaps a value"))
        }
    }
}

/// `chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112 §7.1.1).
fn is_extension(text: &[u8]) -> bool {
    if text.is_empty() {
        return true;
    }
    let Some(rest) = text.trim_ascii_start().strip_prefix(b";") else { return false };
    let Some(rest) = behind_token(rest.trim_ascii_start()) else { return false };
    let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { return is_extension(rest) };
    let value = value.trim_ascii_start();
    let rest = if value.starts_with(b"\"") { behind_quoted(&value[1..]) } else { behind_token(value) };
    rest.is_some_and(is_extension)
}

fn behind_token(text: &[u8]) -> Option<&[u8]> {
    let len = text.iter().take_while(|&&byte| is_token(byte)).count();
    (len > 0).then(|| &text[len..])
}

/// What is behind the closing quote; a backslash takes the character behind it.
fn behind_quoted(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = match text {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', _, rest @ ..] | [_, rest @ ..] => rest,
            [] => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::lab::hello::content::Content;
    use crate::proto::http::Framing;

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
        let status = |text: String| take(text.as_bytes()).map_err(|refusal| refusal.status);
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
