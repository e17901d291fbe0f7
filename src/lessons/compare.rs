//! Comparing what was found with what a condition wants.
//!
//! - Where both are numbers, they compare as numbers: `status = 200`, `type = 15`.
//! - Codes also go by their mnemonics (`type = MX`), and those and domain names have no letter case.
//! - Everything else compares byte by byte.

use std::collections::BTreeMap;

use super::question::{Condition, Op, Operand, Test};
use super::verdict::{Found, Instead, Place, QUOTED_VALUES};

/// Values kept under names, for later scenes.
pub type Kept = BTreeMap<String, Vec<Found>>;

/// The values for which a condition holds. A count that holds gives the count.
///
/// # Errors
/// What is there instead, when it does not hold.
pub fn answer(condition: &Condition, found: Vec<Found>, kept: &Kept) -> Result<Vec<Found>, Instead> {
    let Some(Test { op, value }) = &condition.test else {
        return if found.is_empty() { Err(Instead::Nothing) } else { Ok(found) };
    };
    if condition.count {
        let count = found.len() as u64;
        let wanted = if let Operand::Text(text) = value { text.parse().ok() } else { None };
        return match wanted {
            Some(wanted) if op.orders(count, wanted) => {
                Ok(vec![Found { place: span(&found), ..tally(count) }])
            }
            _ => Err(Instead::Count(count)),
        };
    }
    let wanted: Vec<Found> = match value {
        Operand::Text(text) => vec![literal(text)],
        Operand::Kept(name) => kept.get(name).cloned().unwrap_or_default(),
    };
    let holds = |found: &Found| match op {
        Op::IsNot => !wanted.is_empty() && wanted.iter().all(|wanted| !holds(Op::Is, found, wanted)),
        _ => wanted.iter().any(|wanted| holds(*op, found, wanted)),
    };
    if found.is_empty() {
        return Err(Instead::Nothing);
    }
    // `!=` speaks of all values there are, everything else of any.
    let spoiled = *op == Op::IsNot && !found.iter().all(holds);
    let (fitting, other): (Vec<Found>, Vec<Found>) = found.into_iter().partition(holds);
    if fitting.is_empty() || spoiled {
        let mut values: Vec<Found> = Vec::new();
        for found in other {
            if values.len() < QUOTED_VALUES && !values.iter().any(|known| known.value == found.value) {
                values.push(found);
            }
        }
        return Err(Instead::Values(values));
    }
    Ok(fitting)
}

/// The bytes from the first of several values to the last, if one side sent them.
fn span(found: &[Found]) -> Option<Place> {
    let places: Vec<Place> = found.iter().map(|found| found.place).collect::<Option<_>>()?;
    let side = places.first()?.side;
    if places.iter().any(|place| place.side != side) {
        return None;
    }
    places.into_iter().reduce(|one, other| Place {
        from: one.from.min(other.from),
        to: one.to.max(other.to),
        ..one
    })
}

/// Whether one value compares with another as asked.
fn holds(op: Op, found: &Found, wanted: &Found) -> bool {
    if let (Some(found), Some(wanted)) = (as_number(found), as_number(wanted))
        && op != Op::Contains
    {
        return op.orders(found, wanted);
    }
    let fold = found.is_name || found.number.is_some();
    let (value, wanted) = (folded(found, fold), folded(wanted, fold));
    match op {
        Op::Is => value == wanted,
        Op::IsNot => value != wanted,
        Op::Contains => value.windows(wanted.len().max(1)).any(|part| part == wanted),
        Op::AtLeast | Op::AtMost | Op::MoreThan | Op::LessThan => false,
    }
}

fn as_number(found: &Found) -> Option<u64> {
    found.number.or_else(|| std::str::from_utf8(&found.value).ok()?.parse().ok())
}

/// The value to compare: names and mnemonics without letter case and without the dot of the root.
fn folded(found: &Found, fold: bool) -> Vec<u8> {
    if !fold {
        return found.value.clone();
    }
    let value = found.value.to_ascii_lowercase();
    match value.strip_suffix(b".") {
        Some(short) if !short.is_empty() => short.to_vec(),
        _ => value,
    }
}

fn literal(text: &str) -> Found {
    Found { value: text.as_bytes().to_vec(), number: None, is_name: false, place: None, before: false }
}

/// The word that follows `after` in the value, with its own place in the bytes.
#[must_use]
pub fn word_after(found: &Found, after: &str) -> Option<Found> {
    let at = found.value.windows(after.len().max(1)).position(|part| part == after.as_bytes())? + after.len();
    let rest = &found.value[at..];
    let word = &rest[..rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len())];
    let mut place = found.place;
    // Only where the value is the bytes themselves can a part of it be pointed at.
    if let Some(place) = &mut place
        && place.to - place.from == found.value.len() as u64
    {
        place.from += at as u64;
        place.to = place.from + word.len() as u64;
    }
    Some(Found { value: word.to_vec(), number: None, is_name: false, place, before: found.before })
}

/// A number that was counted.
#[must_use]
pub fn tally(count: u64) -> Found {
    Found { number: Some(count), ..literal(&count.to_string()) }
}
