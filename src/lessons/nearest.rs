//! The printed line that comes nearest to one that was to be printed.

use super::console;

/// How much of two lines has to be the same for one to be called the nearest to the other, from 0 to 1.
const ALIKE: f64 = 0.5;
/// In how many printed lines the nearest is looked for, and in how many letters of each.
const ALIKE_LINES: usize = 200;
const ALIKE_LETTERS: usize = 120;

/// The printed line that has the stretch most like the one that is shown, where one is like it at all.
#[must_use]
pub fn nearest<'a>(wanted: &str, printed: &'a str) -> Option<&'a str> {
    let wanted = wanted.replace(console::ANY_TEXT, "");
    let wanted: Vec<char> = wanted.trim().chars().collect();
    let plain: String = wanted.iter().collect();
    let likeness = |line: &str| {
        let letters: Vec<char> = line.trim().chars().take(ALIKE_LETTERS).collect();
        let stretches = letters.windows(wanted.len().clamp(1, letters.len().max(1)));
        let each = stretches
            .map(|stretch| strsim::normalized_levenshtein(&plain, &stretch.iter().collect::<String>()));
        each.fold(0.0, f64::max)
    };
    let lines = printed.lines().take(ALIKE_LINES).map(|line| (line.trim_end(), likeness(line)));
    // Of lines that are equally like it the first.
    let best = lines.reduce(|best, line| if line.1 > best.1 { line } else { best })?;
    (best.1 >= ALIKE).then_some(best.0)
}
