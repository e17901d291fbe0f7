//! Bytes that somebody wrote down as hex: `47 45 54`, `474554`, or with the offsets and characters
//! that `xxd` and `hexdump -C` put around them.

/// The fewest bytes worth taking for hex; `be` or `add` alone are words.
const FEWEST: usize = 4;

/// The bytes, if the whole text is hex; nothing if it is anything else.
///
/// Comments from `#` to the end of the line are skipped. A line may begin with an offset that ends in
/// a colon (`xxd`) or has eight digits (`hexdump -C`), and end with the characters again.
#[must_use]
pub fn parse(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut bytes = Vec::new();
    for line in text.lines() {
        bytes.extend(hex_line(line)?);
    }
    (bytes.len() >= FEWEST).then_some(bytes)
}

fn hex_line(line: &str) -> Option<Vec<u8>> {
    let line = line.split_once('#').map_or(line, |(code, _)| code);
    // `hexdump -C` puts the characters between bars, `xxd` behind two spaces.
    let line = line.split_once('|').map_or(line, |(code, _)| code).trim_end();
    let (offset, rest) = offset(line);
    let rest = if offset.is_some_and(|mark| mark == ':') {
        rest.trim_start().split_once("  ").map_or(rest, |(code, _)| code)
    } else {
        rest
    };
    let digits: String = rest.chars().filter(|char| !char.is_whitespace()).collect();
    if digits.len() % 2 == 1 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// Splits an offset off: what marked it, and the rest.
fn offset(line: &str) -> (Option<char>, &str) {
    let end = line.find(|char: char| !char.is_ascii_hexdigit()).unwrap_or(line.len());
    let rest = &line[end..];
    if end > 0 && rest.starts_with(':') {
        (Some(':'), &rest[1..])
    } else if end == 8 && (rest.starts_with("  ") || rest.is_empty()) {
        (Some(' '), rest)
    } else {
        (None, line)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn pairs_with_comments_are_bytes() {
        assert_eq!(parse(b"47 45 54 # GET\n20 2f\n").as_deref(), Some(&b"GET /"[..]));
    }

    #[test]
    fn what_xxd_and_hexdump_print_is_bytes() {
        let xxd = b"00000000: 4745 5420 2f20 4854 5450 2f31 2e31 0d0a  GET / HTTP/1.1..\n";
        assert_eq!(parse(xxd).as_deref(), Some(&b"GET / HTTP/1.1\r\n"[..]));
        let hexdump = b"00000000  47 45 54 20 2f 20 48 54  |GET / HT|\n00000008\n";
        assert_eq!(parse(hexdump).as_deref(), Some(&b"GET / HT"[..]));
    }

    #[test]
    fn text_is_not_hex() {
        assert_eq!(parse(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(parse(b"be"), None);
    }
}
