//! Transfers of the same bytes: a table, a picture of each, and what the numbers mean.

mod words;

use serde_json::{Value, json};

use crate::evidence::Counters;
use crate::render::text::cells::{Cell, row, wrap};
use crate::render::text::look::{Loudness, Room};
use crate::render::text::rulers::{Cuts, ruler};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// The columns of a ruler's name and the space behind it.
const NAME: usize = 9;
/// The columns kept for what stands behind a ruler.
const BEHIND: usize = 12;
/// A picture need not be wider.
const WIDEST: usize = 100;

/// What the kernel of one end counted, at three moments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// Right after the handshake.
    pub opened: Option<Counters>,
    /// Of the sender: when everything had been sent and acknowledged.
    pub sent: Option<Counters>,
    /// When the sender had finished and the receiver knew it.
    pub finished: Option<Counters>,
}

/// One transfer.
#[derive(Debug, Clone)]
pub struct Run {
    /// The MSS that was asked for, if one was.
    pub asked_mss: Option<u32>,
    /// How many bytes went over.
    pub bytes: u64,
    /// What each write handed over, in bytes.
    pub writes: Vec<usize>,
    /// What each read returned, in bytes.
    pub reads: Vec<usize>,
    /// The room of each read, in bytes.
    pub room: u64,
    /// The sender's kernel.
    pub sender: Counted,
    /// The receiver's.
    pub receiver: Counted,
}

/// The segments that the sender's kernel sent, by what they were for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// All of them.
    pub total: u64,
    /// Before any data: SYN and the acknowledgement of the answer to it.
    pub handshake: u64,
    /// With data.
    pub data: u64,
    /// The rest: acknowledgements alone, and the FIN.
    pub other: u64,
}

impl Run {
    /// What the kernel counted, if it told.
    #[must_use]
    pub fn segments(&self) -> Option<Segments> {
        let (opened, finished) = (self.sender.opened?, self.sender.finished?);
        let (total, handshake) = (finished.segments_out?, opened.segments_out?);
        let data = finished.data_segments_out?;
        Some(Segments { total, handshake, data, other: total.saturating_sub(handshake + data) })
    }

    /// The most bytes of data in a segment, as the kernel says.
    #[must_use]
    pub fn in_a_segment(&self) -> Option<u64> {
        self.sender.sent?.send_mss
    }

    fn asked(&self) -> String {
        self.asked_mss.map_or_else(|| "default".to_owned(), |mss| number(u64::from(mss)))
    }
}

/// Shows all transfers.
pub fn show(screen: &Screen, runs: &[Run], explain: bool) {
    table(screen, runs);
    for run in runs {
        picture(screen, run);
        if explain {
            words::about(run).iter().for_each(|sentence| say(screen, Role::Value, sentence));
        }
    }
    if screen.look.loudness > Loudness::Quiet {
        screen.line("");
        for sentence in words::in_general(runs, explain) {
            say(screen, Role::Meaning, &sentence);
        }
    }
}

fn say(screen: &Screen, role: Role, sentence: &str) {
    for line in wrap(sentence, screen.look.width) {
        screen.line(&paint(role, &line));
    }
}

/// The heads of the columns, and one row of numbers for each transfer.
const HEADS: [&str; 6] = ["MSS asked", "data a segment", "writes", "segments", "with data", "reads"];

fn numbers(run: &Run) -> [String; 6] {
    let known = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), number);
    let segments = run.segments();
    [
        run.asked(),
        known(run.in_a_segment()),
        number(run.writes.len() as u64),
        known(segments.map(|segments| segments.total)),
        known(segments.map(|segments| segments.data)),
        number(run.reads.len() as u64),
    ]
}

fn table(screen: &Screen, runs: &[Run]) {
    let bytes = runs.first().map_or(0, |run| run.bytes);
    say(screen, Role::Heading, &format!("{} over loopback, {}", count(bytes, "byte"), times(runs.len())));
    if screen.look.room() == Room::Narrow {
        for run in runs {
            let values = numbers(run);
            screen.line(&paint(Role::Name, &format!("{} {}", HEADS[0], values[0])));
            for (head, value) in HEADS.iter().zip(&values).skip(1) {
                screen.line(&format!("  {head}: {value}"));
            }
        }
        return;
    }
    let cells = |role: Role, texts: [String; 6]| -> Vec<Cell> {
        let right = |(text, head): (String, &&str)| {
            Cell::new(role, head.len().max(7), format!("{text:>width$}", width = head.len().max(7)))
        };
        texts.into_iter().zip(&HEADS).map(right).collect()
    };
    row(0, &cells(Role::Name, HEADS.map(str::to_owned))).iter().for_each(|line| screen.line(line));
    for run in runs {
        row(0, &cells(Role::Value, numbers(run))).iter().for_each(|line| screen.line(line));
    }
}

fn times(many: usize) -> String {
    match many {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{many} times"),
    }
}

fn picture(screen: &Screen, run: &Run) {
    screen.line("");
    say(
        screen,
        Role::Heading,
        &format!("MSS {}: four rulers over the same {}", run.asked(), count(run.bytes, "byte")),
    );
    let whole = [usize::try_from(run.bytes).unwrap_or(usize::MAX)];
    let counted = run.segments().map_or(Cuts::Unknown, |segments| Cuts::Counted(segments.data));
    let rulers = [
        ("message", Cuts::Seen(&whole)),
        ("writes", Cuts::Seen(&run.writes)),
        ("segments", counted),
        ("reads", Cuts::Seen(&run.reads)),
    ];
    let width = screen.look.width.min(WIDEST).saturating_sub(NAME + BEHIND);
    for (name, cuts) in rulers {
        let line = ruler(&cuts, run.bytes, width);
        let many = match &cuts {
            Cuts::Seen(sizes) => number(sizes.len() as u64),
            Cuts::Counted(many) => format!("{} *", number(*many)),
            Cuts::Unknown => "unknown".to_owned(),
        };
        screen.line(&format!("{}{line} {many}", paint(Role::Name, &format!("{name:<NAME$}"))));
    }
    if run.segments().is_some() {
        say(screen, Role::Meaning, "* counted, not seen: the kernel tells how many, and not where it cut");
    }
}

/// One transfer for programs.
#[must_use]
pub fn as_json(run: &Run) -> Value {
    let counted = |counted: &Counted| json!({ "opened": counted.opened, "sent": counted.sent, "finished": counted.finished });
    json!({
        "asked_mss": run.asked_mss,
        "in_a_segment": run.in_a_segment(),
        "bytes": run.bytes,
        "writes": run.writes,
        "reads": run.reads,
        "room": run.room,
        "segments": run.segments().map(|segments| json!({
            "total": segments.total,
            "handshake": segments.handshake,
            "data": segments.data,
            "other": segments.other,
        })),
        "sender": counted(&run.sender),
        "receiver": counted(&run.receiver),
    })
}
