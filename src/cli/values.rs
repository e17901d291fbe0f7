//! Values that several verbs take: a wait, bytes written as text, how messages are told apart.

use std::time::Duration;

use clap::ValueEnum;

/// The most a wait that is asked for lasts.
const WAIT_LIMIT: Duration = Duration::from_mins(10);

/// Bytes that were written as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

/// Reads `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN`; everything else stands for itself.
pub(super) fn text(typed: &str) -> Result<Text, String> {
    let mut bytes = Vec::with_capacity(typed.len());
    let mut chars = typed.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        bytes.push(match chars.next() {
            Some('r') => b'\r',
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('0') => 0,
            Some('\\') => b'\\',
            Some('x') => {
                let digits = [chars.next(), chars.next()].map(|digit| digit.and_then(|one| one.to_digit(16)));
                let [Some(high), Some(low)] = digits else {
                    return Err("\\x is followed by two hex digits, as in \\x0a".to_owned());
                };
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            _ => return Err("a backslash is followed by r, n, t, 0, x or a backslash".to_owned()),
        });
    }
    Ok(Text(bytes))
}

/// Reads `500ms`, `2s`, `1.5s` or `1m`.
pub(super) fn duration(typed: &str) -> Result<Duration, String> {
    let wrong = || "a wait is a number and a unit, up to ten minutes: 500ms, 2s or 1m".to_owned();
    let digits = typed.find(|char: char| !char.is_ascii_digit() && char != '.').ok_or_else(wrong)?;
    let (number, unit) = typed.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|wait| *wait <= WAIT_LIMIT).ok_or_else(wrong)
}

/// How messages are told apart in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Frame {
    /// A line feed behind each.
    Newline,
    /// Its length before each, in four bytes, the most significant first.
    Length,
}

/// How long a reader sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleepy {
    /// As long before each read.
    For(Duration),
    /// Until the other side has finished.
    Finished,
}

/// Reads a wait, or the word `finished`.
pub(super) fn sleepy(typed: &str) -> Result<Sleepy, String> {
    if typed == "finished" {
        return Ok(Sleepy::Finished);
    }
    duration(typed).map(Sleepy::For).map_err(|wrong| format!("{wrong}; or the word finished"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Text, duration, text};

    #[test]
    fn escapes_stand_for_bytes() {
        assert_eq!(text(r"220 hi\r\n"), Ok(Text(b"220 hi\r\n".to_vec())));
        assert_eq!(text(r"\x00\xfF\\\t\0é"), Ok(Text(b"\0\xff\\\t\0\xc3\xa9".to_vec())));
        for broken in [r"\", r"\x", r"\x4", r"\xzz", r"\q"] {
            assert!(text(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_wait_has_a_unit_and_an_end() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        for broken in ["", "5", "s", "-1s", "11m", "1h", "1.2.3s", "NaNs"] {
            assert!(duration(broken).is_err(), "{broken}");
        }
    }
}
