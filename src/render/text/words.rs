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

/// How many of something are due: `1 lesson is due`, `2 lessons are due`.
#[must_use]
pub fn are_due(many: usize, noun: &str) -> String {
    format!("{} {} due", count(many as u64, noun), if many == 1 { "is" } else { "are" })
}

/// The last year that is told; what lies behind it comes from a clock, or a file, that is wrong.
const LAST_YEAR: u64 = 9999;

/// The day of a moment in seconds since 1970, by UTC: `2026-11-30`.
#[must_use]
pub fn day(at: u64) -> String {
    calendar(at).unwrap_or_else(|| "a day that no calendar has".to_owned())
}

/// The same; nothing behind the year 9999.
#[must_use]
pub fn calendar(at: u64) -> Option<String> {
    let (mut year, mut left) = (1970, at / (24 * 60 * 60));
    let leaps = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = |year: u64| if leaps(year) { 366 } else { 365 };
    while left >= days(year) {
        if year == LAST_YEAR {
            return None;
        }
        left -= days(year);
        year += 1;
    }
    let february = if leaps(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    Some(format!("{year:04}-{month:02}-{:02}", left + 1))
}

/// Day and minute of a moment in seconds since 1970: `2026-11-30 at 14:05 UTC`.
#[must_use]
pub fn moment(at: u64) -> String {
    format!("{} at {:02}:{:02} UTC", day(at), at / 3600 % 24, at / 60 % 60)
}

/// A stretch of time in its largest unit and the next one: `1 hour`, `1 day 12 hours`.
#[must_use]
pub fn lasting(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(7 * 86_400, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let first = UNITS.iter().position(|&(long, _)| seconds >= long).unwrap_or(UNITS.len() - 1);
    let mut left = seconds;
    let mut said = Vec::new();
    for &(long, name) in UNITS[first..].iter().take(2) {
        if left >= long || (said.is_empty() && seconds == 0) {
            said.push(count(left / long, name));
        }
        left %= long;
    }
    said.join(" ")
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
    use super::{are_due, count, day, lasting, moment, number, sentence, time};

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
    fn days_are_those_of_the_calendar() {
        for (at, wanted) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
            (253_402_300_800, "a day that no calendar has"),
            (u64::MAX, "a day that no calendar has"),
        ] {
            assert_eq!(day(at), wanted, "{at}");
        }
        assert_eq!(moment(1_795_874_700), "2026-11-28 at 14:05 UTC");
    }

    #[test]
    fn one_is_due_and_two_are() {
        assert_eq!(are_due(1, "lesson"), "1 lesson is due");
        assert_eq!(are_due(2, "lesson"), "2 lessons are due");
    }

    #[test]
    fn a_sentence_begins_large_unless_its_first_word_is_something_to_type() {
        assert_eq!(sentence("the host is there"), "The host is there.");
        assert_eq!(sentence("netlab learn shows what to do"), "netlab learn shows what to do.");
        assert_eq!(sentence("garden.test exists"), "garden.test exists.");
    }

    #[test]
    fn a_stretch_of_time_is_said_in_its_two_largest_units() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "1 minute 30 seconds"),
            (300, "5 minutes"),
            (3_600, "1 hour"),
            (3_601, "1 hour"),
            (129_600, "1 day 12 hours"),
            (604_800, "1 week"),
        ] {
            assert_eq!(lasting(seconds), said);
        }
    }

    #[test]
    fn times_keep_the_digits_that_mean_something() {
        assert_eq!(time(41), "0.04 ms");
        assert_eq!(time(12_345), "12.3 ms");
        assert_eq!(time(1_204_000), "1.20 s");
    }
}
