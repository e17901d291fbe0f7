//! Evidence that stays: some conversations of the journal in a file of their own, in the journal's form and short.
//!
//! The journal drops its older half when it is full. What a step passed on has to last as long as the pass does, so it is
//! put aside, and never more than [`FROZEN_BYTES`] of it: of long conversations the beginning of what was said, and hand-overs
//! put together.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::account::{Account, Ledger, Sighting};
use super::event::{Event, What};
use super::flow::Flow;
use super::journal_line::Record;

/// The most that is put aside for one step, in bytes.
pub const FROZEN_BYTES: usize = 16 * 1024;

/// How much of a conversation is put aside.
#[derive(Debug, Clone, Copy)]
struct Detail {
    /// How many bytes of each direction are kept.
    bytes: usize,
    /// How many hand-overs of bytes stand for themselves. Those behind them are put together where one side's follow each
    /// other.
    pieces: usize,
}

/// From everything to hardly anything. The first that fits is taken.
const DETAILS: [Detail; 6] = [
    Detail { bytes: usize::MAX, pieces: usize::MAX },
    Detail { bytes: 4096, pieces: 40 },
    Detail { bytes: 2048, pieces: 20 },
    Detail { bytes: 1024, pieces: 10 },
    Detail { bytes: 512, pieces: 5 },
    Detail { bytes: 256, pieces: 0 },
];

/// The conversations as lines, behind a marker, in no more than [`FROZEN_BYTES`]; of several ways to make them short the
/// first with which `holds` is content. Nothing, when there is none.
#[must_use]
pub fn freeze(marker: &str, sightings: &[&Sighting], holds: impl Fn(&Account) -> bool) -> Option<String> {
    let short = DETAILS.iter().map(|&detail| text(marker, sightings, detail));
    short.filter(|text| text.len() <= FROZEN_BYTES).find(|text| holds(&thaw(marker, text)))
}

/// Puts lines aside. Whoever reads meanwhile sees the old ones or the new.
///
/// # Errors
/// When the file cannot be written.
pub fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map(|_| ()).map_err(|error| error.error)
}

/// What was put aside behind the marker; nothing where there is no such file, or it is of another attempt.
#[must_use]
pub fn read(file: &Path, marker: &str) -> Option<Account> {
    let about = fs::metadata(file).ok()?;
    // Opening a pipe would wait for somebody who writes.
    if !about.is_file() || about.len() > FROZEN_BYTES as u64 {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let has_marker = text
        .lines()
        .any(|line| matches!(Record::read(line.as_bytes()), Some(Record::Marker(found)) if found == marker));
    has_marker.then(|| thaw(marker, &text))
}

fn thaw(marker: &str, text: &str) -> Account {
    let mut ledger = Ledger::new(marker);
    ledger.start_over(text.as_bytes());
    ledger.close()
}

/// What is from before the marker stands above it, as in the journal.
fn text(marker: &str, sightings: &[&Sighting], detail: Detail) -> String {
    let (mut above, mut below) = (String::new(), String::new());
    for sighting in sightings {
        let mut flow =
            Flow { events: Vec::new(), events_left_out: 0, carries: None, ..sighting.flow.clone() };
        let told = [std::mem::take(&mut flow.from_client), std::mem::take(&mut flow.from_server)];
        let opening = Record::opening(&flow).line();
        if sighting.began_before {
            above.push_str(&opening);
        } else {
            below.push_str(&opening);
        }
        let before = sighting.flow.events.get(..sighting.events_before).unwrap_or_default();
        let since = sighting.flow.events.get(sighting.events_before..).unwrap_or_default();
        for (events, lines) in [(before, &mut above), (since, &mut below)] {
            for event in shortened(events, detail.pieces) {
                let from = usize::try_from(flow.sent_by(event.side).total).unwrap_or(usize::MAX);
                let kept = &told[event.side.index()].bytes;
                let kept = &kept[..kept.len().min(detail.bytes)];
                let len = if let What::Bytes { len, .. } = event.what { len as usize } else { 0 };
                let bytes = kept
                    .get(from..from.saturating_add(len).min(kept.len()))
                    .filter(|bytes| !bytes.is_empty());
                flow.add(event.clone(), &[], 0);
                lines.push_str(&Record::event(&flow, &event, bytes).line());
            }
        }
    }
    format!("{above}{}{below}", Record::Marker(marker.to_owned()).line())
}

/// The events, hand-overs behind the first `pieces` put together where they follow each other.
fn shortened(events: &[Event], pieces: usize) -> Vec<Event> {
    let (mut short, mut many): (Vec<Event>, usize) = (Vec::new(), 0);
    for event in events {
        if let What::Bytes { len: more, buffer, beneath } = event.what {
            many += 1;
            if let Some(Event { side, what: What::Bytes { len, .. }, .. }) = short.last()
                && many > pieces
                && *side == event.side
                && let Some(sum) = len.checked_add(more)
            {
                short.pop();
                let what = What::Bytes { len: sum, buffer, beneath };
                short.push(Event { what, ..event.clone() });
                continue;
            }
        }
        short.push(event.clone());
    }
    short
}
