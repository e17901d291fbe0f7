//! Numbers as people write them: in digits, in groups, in words, with a unit.

use crate::proto::field::Unit;

/// The words for small numbers, each in its place.
const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// The words for the tens from twenty.
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Words that say that there is nothing.
const NOTHING: [&str; 3] = ["none", "no", "nothing"];

/// Stretches of time with the seconds in each.
const TIMES: [(&[&str], u64); 4] = [
    (&["s", "sec", "secs", "second", "seconds"], 1),
    (&["m", "min", "mins", "minute", "minutes"], 60),
    (&["h", "hour", "hours"], 3_600),
    (&["d", "day", "days"], 86_400),
];

/// How bytes are called.
const BYTES: [&str; 4] = ["b", "byte", "bytes", "octets"];

/// The number that the words are and nothing else, whatever it counts.
#[must_use]
pub fn read(words: &[&str]) -> Option<u64> {
    match words {
        [] => None,
        [word] => digits(word).or_else(|| in_words(&[word])),
        _ => in_words(words).or_else(|| digits(&words.join(" "))).or_else(|| bytes_in_hex(words)),
    }
}

/// The number that the words are, its unit left out where it has this one. A time may be said in another unit of time.
#[must_use]
pub fn counted(words: &[&str], unit: Unit) -> Option<u64> {
    if let Some(number) = read(words) {
        return Some(number);
    }
    let (last, before) = words.split_last()?;
    // "60s" is two words.
    let at = last.find(|letter: char| !letter.is_ascii_digit() && !",._'".contains(letter))?;
    let (glued, name) = last.split_at(at);
    let mut number: Vec<&str> = before.to_vec();
    number.extend((!glued.is_empty()).then_some(glued));
    let number = read(&number)?;
    match unit {
        Unit::Bytes => BYTES.contains(&name).then_some(number),
        Unit::Seconds => {
            let (_, seconds) = TIMES.iter().find(|(names, _)| names.contains(&name))?;
            number.checked_mul(*seconds)
        }
        Unit::One | Unit::Tenths | Unit::Milliseconds => None,
    }
}

/// A number in digits: `3940352`, in groups of three as netlab shows large ones (`3,940,352`), or `0x1a2b`.
fn digits(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok();
    }
    let mut groups = text.split(|letter| ",_' .".contains(letter));
    let first = groups.next()?;
    let all_digits = |group: &str| !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let is_grouped = first.len() <= 3 && rest.iter().all(|group| group.len() == 3 && all_digits(group));
    let is_number = all_digits(first) && (rest.is_empty() || is_grouped);
    is_number.then(|| [&[first], rest.as_slice()].concat().concat()).and_then(|digits| digits.parse().ok())
}

/// Bytes as a dump shows them, most significant first: `00 00 00 05`.
fn bytes_in_hex(words: &[&str]) -> Option<u64> {
    let pairs =
        words.iter().all(|word| word.len() == 2 && word.bytes().all(|digit| digit.is_ascii_hexdigit()));
    (pairs && words.len() <= 8).then(|| u64::from_str_radix(&words.concat(), 16).ok()).flatten()
}

/// A number below a million in words: `four`, `twenty-one`, `one hundred and five`.
fn in_words(words: &[&str]) -> Option<u64> {
    let words: Vec<&str> =
        words.iter().flat_map(|word| word.split('-')).filter(|word| *word != "and").collect();
    if let [word] = words[..]
        && NOTHING.contains(&word)
    {
        return Some(0);
    }
    let (mut whole, mut open) = (0u64, None::<u64>);
    // What may follow is smaller than what came before: "two three" is no number.
    let mut below = u64::MAX;
    for word in words {
        let value = open.unwrap_or(0);
        match word {
            "hundred" if (1..10).contains(&value) => (open, below) = (Some(value * 100), 100),
            "thousand" if value > 0 && whole == 0 => {
                (whole, open, below) = (value * 1_000, Some(0), 1_000);
            }
            _ => {
                let small = SMALL.iter().position(|one| *one == word);
                let tens = TENS.iter().position(|one| *one == word).map(|at| (at + 2) * 10);
                let number = small.or(tens)? as u64;
                if number >= below {
                    return None;
                }
                open = Some(value + number);
                below = if tens.is_some() { 10 } else { 0 };
            }
        }
    }
    open.map(|open| whole + open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn a_number_may_be_written_in_digits_groups_and_words() {
        for (written, number) in [
            ("4", 4),
            ("04", 4),
            ("four", 4),
            ("0x1a", 26),
            ("3940352", 3_940_352),
            ("3,940,352", 3_940_352),
            ("3 940 352", 3_940_352),
            ("3_940_352", 3_940_352),
            ("3'940'352", 3_940_352),
            ("00 00 00 0c", 12),
            ("none", 0),
            ("twenty-one", 21),
            ("twenty one", 21),
            ("one hundred and five", 105),
            ("two thousand three hundred and twelve", 2_312),
        ] {
            assert_eq!(read(&words(written)), Some(number), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for written in
            ["1,2,3", "1234,567", "10 mail", "two three", "hundred", "fourten", "four or five", "4-5", ""]
        {
            assert_eq!(read(&words(written)), None, "{written}");
        }
    }

    #[test]
    fn a_unit_counts_what_it_counts() {
        assert_eq!(counted(&words("18 bytes"), Unit::Bytes), Some(18));
        assert_eq!(counted(&words("18b"), Unit::Bytes), Some(18));
        assert_eq!(counted(&words("eighteen bytes"), Unit::Bytes), Some(18));
        assert_eq!(counted(&words("18 seconds"), Unit::Bytes), None);
        assert_eq!(counted(&words("60s"), Unit::Seconds), Some(60));
        assert_eq!(counted(&words("1 minute"), Unit::Seconds), Some(60));
        assert_eq!(counted(&words("60 minutes"), Unit::Seconds), Some(3_600));
        assert_eq!(counted(&words("60 bytes"), Unit::Seconds), None);
        assert_eq!(counted(&words("4 bytes"), Unit::One), None);
    }
}
