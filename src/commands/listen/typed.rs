//! Whom a typed line is for.

/// Whom.
#[derive(Debug, PartialEq, Eq)]
pub enum To {
    /// The client that spoke last.
    Latest,
    /// The client with this number.
    One(u64),
    /// Everybody.
    All,
}

/// Reads `@2 text`, `@* text`, and anything else as a line for the one that spoke last; a line that begins
/// with `@@` is such a line with one `@`.
#[must_use]
pub fn read(mut line: Vec<u8>) -> (To, Vec<u8>) {
    let Some(rest) = line.strip_prefix(b"@") else { return (To::Latest, line) };
    if rest.starts_with(b"@") {
        line.remove(0);
        return (To::Latest, line);
    }
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let to = match &rest[..end] {
        b"*" => Some(To::All),
        number => std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).map(To::One),
    };
    let Some(to) = to else { return (To::Latest, line) };
    // One space belongs to the address; a line end belongs to the line.
    let text = if rest.get(end) == Some(&b' ') { end + 1 } else { end };
    (to, rest[text..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::{To, read};

    #[test]
    fn a_line_says_whom_it_is_for() {
        for (typed, to, text) in [
            ("hello\n", To::Latest, "hello\n"),
            ("@2 hello\n", To::One(2), "hello\n"),
            ("@2  two spaces", To::One(2), " two spaces"),
            ("@* all of you\r\n", To::All, "all of you\r\n"),
            ("@3\r\n", To::One(3), "\r\n"),
            ("@3", To::One(3), ""),
            ("@@2 is my name\n", To::Latest, "@2 is my name\n"),
            ("@everyone hello\n", To::Latest, "@everyone hello\n"),
            ("@\n", To::Latest, "@\n"),
            ("", To::Latest, ""),
        ] {
            assert_eq!(read(typed.as_bytes().to_vec()), (to, text.as_bytes().to_vec()), "{typed:?}");
        }
    }
}
