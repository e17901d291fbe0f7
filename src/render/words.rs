//! Numbers and small sentences as people write them.

use std::time::Duration;

/// A number with commas between thousands: `16,384`.
#[must_use]
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 byte`, `2 bytes`.
#[must_use]
pub fn count(many: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(many), if many == 1 { "" } else { "s" })
}

/// A stretch of time with two or three digits that mean something: `0.41 ms`, `1.20 s`.
#[must_use]
pub fn time(us: u64) -> String {
    let ms = Duration::from_micros(us).as_secs_f64() * 1000.0;
    match us {
        0..=999 => format!("{ms:.2} ms"),
        1_000..=99_999 => format!("{ms:.1} ms"),
        100_000..=999_999 => format!("{ms:.0} ms"),
        _ => format!("{:.2} s", ms / 1000.0),
    }
}

/// A sentence part as a sentence: its first letter large and a full stop behind it. What is typed or sent
/// (`netlab`, a host name, a URL) keeps its letters.
#[must_use]
pub fn sentence(part: &str) -> String {
    let word = part.split(' ').next().unwrap_or_default();
    let keeps = word == "netlab" || !word.chars().all(|char| char.is_alphabetic() || "-,;'".contains(char));
    let mut chars = part.chars();
    let first = chars.next().unwrap_or_default();
    let first = if keeps { first.to_string() } else { first.to_uppercase().collect() };
    let end = if part.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::{count, number, sentence, time};

    #[test]
    fn thousands_have_commas() {
        assert_eq!(number(7), "7");
        assert_eq!(number(16_384), "16,384");
        assert_eq!(number(1_000_000), "1,000,000");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "byte"), "1 byte");
        assert_eq!(count(0, "byte"), "0 bytes");
    }

    #[test]
    fn a_sentence_begins_large_unless_its_first_word_is_something_to_type() {
        assert_eq!(sentence("the host is there"), "The host is there.");
        assert_eq!(sentence("netlab learn shows what to do"), "netlab learn shows what to do.");
        assert_eq!(sentence("garden.test exists"), "garden.test exists.");
    }

    #[test]
    fn times_keep_the_digits_that_mean_something() {
        assert_eq!(time(41), "0.04 ms");
        assert_eq!(time(12_345), "12.3 ms");
        assert_eq!(time(1_204_000), "1.20 s");
    }
}
