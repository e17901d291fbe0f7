//! What one end of a connection handed over in all: its writes, its reads, and the messages they cut.
//!
//! Each end knows its own: how many writes the bytes it read had been is known at the other end alone.

use std::ops::Range;

use serde_json::{Value, json};

use crate::evidence::{Counters, Flow, Side, What};
use crate::proto::framed::{Fault, Framing, MESSAGE_LIMIT, Message, messages};
use crate::render::json::hex;
use crate::render::teller::cuts::{Piece, Ruler, picture};
use crate::render::teller::narrator::{Narrator, Told};
use crate::render::text::safe::{Safe, short};
use crate::render::text::words::{count, number};

/// How many runs of equal sizes are named.
const RUNS: usize = 8;
/// How many characters that were cut in two are named.
const CHARACTERS: usize = 3;
/// How many messages are listed.
const MESSAGES: usize = 20;
/// How much of a message is shown, in characters.
const MESSAGE_SHOWN: usize = 60;

/// A connection that is over, or over for this end.
pub struct Ended<'a> {
    /// It.
    pub flow: &'a Flow,
    /// How far it was told: its reads and writes were counted on the way.
    pub told: Told,
    /// How messages are told apart in it, where somebody wants to know.
    pub framing: Option<Framing>,
}

/// One direction, as this end handed it over.
struct Way<'a> {
    flow: &'a Flow,
    side: Side,
    many: u64,
}

impl<'a> Ended<'a> {
    fn reads(&self) -> Way<'a> {
        Way { flow: self.flow, side: self.flow.seen.other(), many: self.told.reads }
    }

    fn writes(&self) -> Way<'a> {
        Way { flow: self.flow, side: self.flow.seen, many: self.told.writes }
    }

    /// What the kernel of this end had counted when it was over, where it told.
    fn counted(&self) -> Option<&Counters> {
        self.flow.events.iter().rev().find_map(|event| match &event.what {
            What::Counted(counters) => Some(&**counters),
            _ => None,
        })
    }

    /// Both directions, the one that a client or a server begins with first.
    fn ways(&self) -> [Way<'a>; 2] {
        match self.flow.seen {
            Side::Client => [self.writes(), self.reads()],
            Side::Server => [self.reads(), self.writes()],
        }
    }
}

impl Way<'_> {
    fn is_writes(&self) -> bool {
        self.side == self.flow.seen
    }

    fn total(&self) -> u64 {
        self.flow.sent_by(self.side).total
    }

    fn noun(&self) -> &'static str {
        if self.is_writes() { "write" } else { "read" }
    }

    /// Where the hand-overs lie in what was kept of the bytes.
    fn places(&self) -> Vec<Range<usize>> {
        let kept = self.flow.sent_by(self.side).bytes.len();
        let mut from = 0;
        let places = self.flow.lengths(self.side).map(|len| {
            let place = from..from + len;
            from += len;
            place
        });
        places.take_while(|place| place.end <= kept).collect()
    }

    /// The room of the reads.
    fn room(&self) -> Option<u32> {
        self.flow.events.iter().find_map(|event| match event.what {
            What::Bytes { buffer, .. } if event.side == self.side => buffer,
            _ => None,
        })
    }

    /// `wrote 50 bytes in 5 writes (5×10)`.
    fn sentence(&self, times: &str) -> String {
        let verb = if self.is_writes() { "wrote" } else { "read" };
        if self.many == 0 {
            return format!("{verb} nothing");
        }
        let lengths: Vec<usize> = self.flow.lengths(self.side).collect();
        let sizes = (self.many > 1).then(|| sizes(&lengths, times));
        let room = self.room().map(|room| format!("room for {}", number(u64::from(room))));
        let more: Vec<String> = sizes.into_iter().chain(room).collect();
        let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join("; ")) };
        format!("{verb} {} in {}{more}", count(self.total(), "byte"), count(self.many, self.noun()))
    }
}

/// Equal sizes next to each other as one: `16×3, 2`.
fn sizes(sizes: &[usize], times: &str) -> String {
    let runs: Vec<&[usize]> = sizes.chunk_by(|one, other| one == other).collect();
    let named = runs.iter().take(RUNS).map(|run| match run {
        [one] => number(*one as u64),
        [one, ..] => format!("{}{times}{}", number(run.len() as u64), number(*one as u64)),
        [] => String::new(),
    });
    let more = if runs.len() > RUNS { ", ..." } else { "" };
    named.collect::<Vec<_>>().join(", ") + more
}

/// Tells what there is to tell of a connection that is over. `explain` says what the counts mean.
pub fn tell(narrator: &Narrator<'_>, ended: &Ended<'_>, explain: bool) {
    let times = if narrator.screen.look.ascii() { "x" } else { "×" };
    let [first, second] = ended.ways();
    if first.many + second.many == 0 {
        return narrator.result("in all: not a byte went either way");
    }
    let who = narrator.who(ended.flow, ended.flow.seen);
    narrator.result(&format!("in all: {who} {}, and {}", first.sentence(times), second.sentence(times)));
    narrator.result(&segments(ended.counted()));
    for way in [&first, &second] {
        characters(narrator, way);
    }
    if explain {
        if ended.counted().is_some() {
            narrator.aside(segments_mean(ended.flow.seen));
        }
        for way in [&first, &second].into_iter().filter(|way| way.many > 0) {
            narrator.aside(means(way));
        }
    }
    let mut told = false;
    for way in [&first, &second].into_iter().filter(|way| way.many > 0) {
        if let Some(framing) = ended.framing {
            told |= framed(narrator, way, framing, told);
        }
    }
}

/// `segments: 9 sent, 5 of them with data; 8 received, none with data`.
fn segments(counted: Option<&Counters>) -> String {
    let unknown = || "segments: not known here".to_owned();
    let Some(counted) = counted else { return unknown() };
    let (Some(sent), Some(received)) = (counted.segments_out, counted.segments_in) else { return unknown() };
    let with_data = |all: u64, of_them: Option<u64>| match of_them {
        None => String::new(),
        Some(0) => ", none with data".to_owned(),
        Some(many) if many == all => ", all with data".to_owned(),
        Some(many) => format!(", {} of them with data", number(many)),
    };
    let again = match counted.segments_retransmitted {
        None | Some(0) => String::new(),
        Some(many) => format!("; {} sent again", number(many)),
    };
    format!(
        "segments: {} sent{}; {} received{}{again}",
        number(sent),
        with_data(sent, counted.data_segments_out),
        number(received),
        with_data(received, counted.data_segments_in),
    )
}

/// What the counts of segments are counts of. A server's kernel counts from where the handshake ends.
fn segments_mean(seen: Side) -> &'static str {
    match seen {
        Side::Client => {
            "so this kernel counted: SYN, SYN-ACK, acknowledgements alone and FIN are among the segments. It tells how many there were, and not where it cut"
        }
        Side::Server => {
            "so this kernel counted: acknowledgements alone and FIN are among the segments, the SYN-ACK it sent is not. It tells how many there were, and not where it cut"
        }
    }
}

/// What can and cannot be known from counts of hand-overs.
fn means(way: &Way<'_>) -> &'static str {
    if way.is_writes() {
        "a write puts its bytes behind those before it, and nothing marks where it ended: how many reads they become is settled at the other end"
    } else {
        "a read returns what has come by then, as far as its room goes: how many writes that had been cannot be told here, because a stream has no marks between them"
    }
}

/// Reads and writes that ended inside a character.
fn characters(narrator: &Narrator<'_>, way: &Way<'_>) {
    let cut = cut_characters(way);
    for (number, before, char) in cut.iter().take(CHARACTERS) {
        let len = char.len_utf8();
        let bytes: Vec<String> =
            char.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("{byte:02x}")).collect();
        let shown = Safe::word(char.encode_utf8(&mut [0; 4]).as_bytes())
            .ascii(narrator.screen.look.ascii())
            .to_string();
        narrator.aside(&format!(
            "{} {number} ended inside a character: {shown} is {} ({}), and {before} of them had come; no part of it alone is a character",
            way.noun(),
            count(len as u64, "byte"),
            bytes.join(" "),
        ));
    }
    if cut.len() > CHARACTERS {
        let more = count((cut.len() - CHARACTERS) as u64, "more character");
        narrator.aside(&format!("{more} were cut in two in the same way"));
    }
}

/// The hand-over, from 1, that ends inside a character, how many of its bytes came with it or before it, and the character.
fn cut_characters(way: &Way<'_>) -> Vec<(usize, usize, char)> {
    let bytes = &way.flow.sent_by(way.side).bytes;
    let edges: Vec<usize> = way.places().iter().map(|place| place.end).collect();
    let mut edges = edges.into_iter().enumerate().peekable();
    let mut cut = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            let end = at + char.len_utf8();
            let mut first = true;
            while let Some((number, edge)) = edges.next_if(|(_, edge)| *edge < end) {
                if edge > at && first {
                    cut.push((number + 1, edge - at, char));
                    first = false;
                }
            }
            at = end;
        }
        at += chunk.invalid().len();
    }
    cut
}

/// The messages in one direction, drawn and listed. Gives whether there are some; what it means that there are is
/// said unless it has been `told`.
fn framed(narrator: &Narrator<'_>, way: &Way<'_>, framing: Framing, told: bool) -> bool {
    let bytes = &way.flow.sent_by(way.side).bytes;
    let (found, places) = (messages(bytes, framing), way.places());
    let ascii = narrator.screen.look.ascii();
    let name = if way.is_writes() { "writes" } else { "reads" };
    let rulers = [
        Ruler {
            name,
            pieces: places.iter().map(|place| Piece { whole: place.clone(), text: place.clone() }).collect(),
        },
        Ruler {
            name: "messages",
            pieces: found
                .iter()
                .filter(|message| message.fault.is_none())
                .map(|message| Piece { whole: message.whole.clone(), text: message.text.clone() })
                .collect(),
        },
    ];
    let (lines, drawn) = picture(bytes, &rulers, narrator.width(), ascii);
    lines.iter().for_each(|line| narrator.figure(line));
    if drawn < bytes.len() {
        narrator
            .aside(&format!("and {} that are not drawn", count((bytes.len() - drawn) as u64, "more byte")));
    }
    let left = way.flow.sent_by(way.side).left_out();
    for (at, message) in found.iter().enumerate().take(MESSAGES) {
        // One that goes on in what was not kept is not broken.
        if left == 0 || message.fault.is_none() {
            one(narrator, way, &places, (at, message));
        }
    }
    if found.len() > MESSAGES {
        narrator.aside(&format!("and {}", count((found.len() - MESSAGES) as u64, "more message")));
    }
    let whole = found.iter().filter(|message| message.fault.is_none()).count() as u64;
    if whole > 0 {
        let marks = match framing {
            Framing::Newline => "the newline behind it",
            Framing::Length => "the four bytes of a length before it",
        };
        let noun = way.noun();
        let means = format!(
            ". What frames a message is drawn as =: {marks} says where it ends, wherever a {noun} does"
        );
        let (messages, many) = (count(whole, "message"), count(way.many, noun));
        narrator.aside(&format!("{messages} in {many}{}", if told { "" } else { &means }));
    }
    if left > 0 {
        narrator
            .aside(&format!("the {} behind those that were kept are not looked into", count(left, "byte")));
    }
    whole > 0
}

fn one(narrator: &Narrator<'_>, way: &Way<'_>, places: &[Range<usize>], (at, message): (usize, &Message)) {
    let bytes = &way.flow.sent_by(way.side).bytes;
    let text = &bytes[message.text.clone()];
    let number = at + 1;
    if let Some(fault) = message.fault {
        let prefix = bytes.get(message.whole.start..message.whole.start + 4).unwrap_or_default();
        let shown = Safe::word(prefix).ascii(narrator.screen.look.ascii()).to_string();
        return narrator.problem(&format!("message {number} {}", fault_means(fault, &shown, text.len())));
    }
    let shown = short(text, MESSAGE_SHOWN, narrator.screen.look.ascii());
    let from =
        touching(places, &message.whole).map_or_else(String::new, |(first, last)| match last - first {
            0 => format!(", in {} {first}", way.noun()),
            1 => format!(", in {}s {first} and {last}", way.noun()),
            _ => format!(", in {}s {first} to {last}", way.noun()),
        });
    narrator.told(
        &format!("message {number}: {}{from}: ", count(text.len() as u64, "byte")),
        way.side,
        &shown,
    );
}

/// The first and the last hand-over, from 1, that have a byte of it.
fn touching(places: &[Range<usize>], whole: &Range<usize>) -> Option<(usize, usize)> {
    let first = places.partition_point(|place| place.end <= whole.start);
    let behind = places.partition_point(|place| place.start < whole.end);
    (first < behind).then_some((first + 1, behind))
}

/// Why bytes are no message: what is said of it. `prefix` are the four bytes where its length should be, escaped.
fn fault_means(fault: Fault, prefix: &str, there: usize) -> String {
    let there_are = count(there as u64, "byte");
    let most = number(MESSAGE_LIMIT as u64);
    match fault {
        Fault::NoMark => format!("has no end: {there_are} came, and no newline"),
        Fault::LengthCut => "has no length: the stream ended inside the four bytes of it".to_owned(),
        Fault::Cut { wanted } => {
            let wanted = count(u64::from(wanted), "byte");
            format!("is cut short: its length says {wanted}, and {} came", number(there as u64))
        }
        Fault::TooLong { wanted } => format!(
            "has no length: in its place stands {prefix}, which as a number is {}. A message has {most} bytes at most, so that is something else, and where the next message begins nobody can tell",
            number(u64::from(wanted)),
        ),
        Fault::NoMarkInTime => {
            format!("has no end: there is no newline in {most} bytes, and a message has no more")
        }
    }
}

/// The same for programs.
#[must_use]
pub fn as_json(ended: &Ended<'_>) -> Value {
    let way = |way: &Way<'_>| {
        let cut = cut_characters(way);
        let characters: Vec<Value> = cut
            .iter()
            .take(CHARACTERS)
            .map(|(number, before, char)| json!({ "ended_in": number, "character": char, "bytes_before": before }))
            .collect();
        let messages = ended.framing.map(|framing| {
            let bytes = &way.flow.sent_by(way.side).bytes;
            let places = way.places();
            let found = messages(bytes, framing);
            found.iter().map(|message| one_as_json(bytes, &places, message)).collect::<Vec<_>>()
        });
        json!({
            "many": way.many,
            "bytes": way.total(),
            "sizes": way.flow.lengths(way.side).collect::<Vec<_>>(),
            "room": way.room(),
            "characters_cut": cut.len(),
            "cuts": characters,
            "messages": messages,
        })
    };
    json!({ "writes": way(&ended.writes()), "reads": way(&ended.reads()), "counted": ended.counted() })
}

fn one_as_json(bytes: &[u8], places: &[Range<usize>], message: &Message) -> Value {
    let text = &bytes[message.text.clone()];
    let touching = touching(places, &message.whole);
    let fault = message.fault.map(|fault| {
        let prefix = bytes.get(message.whole.start..message.whole.start + 4).unwrap_or_default();
        fault_means(fault, &String::from_utf8_lossy(prefix), text.len())
    });
    let (key, value) = match std::str::from_utf8(text) {
        Ok(text) => ("value", text.to_owned()),
        Err(_) => ("hex", hex(text)),
    };
    json!({
        "from": message.whole.start,
        "to": message.whole.end,
        "bytes": text.len(),
        key: value,
        "first": touching.map(|(first, _)| first),
        "last": touching.map(|(_, last)| last),
        "fault": fault,
    })
}

#[cfg(test)]
mod tests {
    use super::segments;
    use crate::evidence::Counters;

    #[test]
    fn segments_are_told_as_far_as_they_are_known() {
        let all = Counters {
            segments_out: Some(9),
            data_segments_out: Some(5),
            segments_in: Some(1_008),
            data_segments_in: Some(0),
            segments_retransmitted: Some(0),
            ..Counters::default()
        };
        assert_eq!(
            segments(Some(&all)),
            "segments: 9 sent, 5 of them with data; 1,008 received, none with data"
        );
        let lossy = Counters { segments_retransmitted: Some(2), data_segments_in: None, ..all };
        assert_eq!(
            segments(Some(&lossy)),
            "segments: 9 sent, 5 of them with data; 1,008 received; 2 sent again"
        );
        for nothing in [None, Some(&Counters::default())] {
            assert_eq!(segments(nothing), "segments: not known here");
        }
    }
}
