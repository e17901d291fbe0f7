//! What the numbers of a transfer mean.

use super::Run;
use crate::render::text::words::{count, number};

/// The bytes that the timestamps option takes in each segment, padding included (RFC 7323 §3.2).
const TIMESTAMPS: u64 = 12;
/// The headers of IPv4 and TCP, without options.
const HEADERS: u64 = 40;

/// Why each ruler of one transfer is cut where it is.
pub(super) fn about(run: &Run) -> Vec<String> {
    let mut sentences = vec![
        "Message: one. Whoever sent it knows where it begins and ends; nothing on the way does.".to_owned(),
        writes(run),
    ];
    sentences.extend(segments(run));
    sentences.extend(total(run));
    sentences.extend(again(run));
    sentences.push(reads(run));
    sentences
}

fn writes(run: &Run) -> String {
    let size = run.writes.iter().max().copied().unwrap_or_default() as u64;
    format!(
        "Writes: {}, of up to {}. The program cut here, by handing over so much at a time (--write).",
        number(run.writes.len() as u64),
        count(size, "byte"),
    )
}

/// Why a segment holds as much as it does, and how many that makes.
fn segments(run: &Run) -> Option<String> {
    let (segments, most) = (run.segments()?, run.in_a_segment().filter(|most| *most > 0)?);
    let why = match run.asked_mss.map(u64::from) {
        Some(asked) if asked == most + TIMESTAMPS => format!(
            "the MSS is {}, and in each segment the timestamps option takes {TIMESTAMPS} bytes of it (RFC 7323)",
            number(asked)
        ),
        Some(asked) => {
            format!("the MSS was asked to be {}, and this is what the kernel made of it", number(asked))
        }
        None => "nobody asked for an MSS, so the kernel took what fits the way".to_owned(),
    };
    let packet = run
        .sender
        .sent
        .and_then(|sent| sent.path_mtu)
        .filter(|_| run.asked_mss.is_none())
        .map(|mtu| {
            let half = if most + HEADERS + TIMESTAMPS < mtu {
                " It also keeps to half of the most room the receiver has announced so far, so that two fit."
            } else {
                ""
            };
            format!(
                " Loopback takes packets of {}, far more than the 1,500 of most networks; {} of each are headers of IP and TCP, timestamps included.{half}",
                count(mtu, "byte"),
                HEADERS + TIMESTAMPS
            )
        })
        .unwrap_or_default();
    let fewest = run.bytes.div_ceil(most);
    let comparison = match segments.data {
        data if data == fewest => format!(
            "{} divided by {} makes {}, and so many there were.",
            number(run.bytes),
            number(most),
            number(fewest)
        ),
        data => format!(
            "{} divided by {} makes {}, and there were {}: the kernel also sends a segment that is not full when a write leaves it nothing more to add.",
            number(run.bytes),
            number(most),
            number(fewest),
            number(data)
        ),
    };
    Some(format!("Segments: up to {} of data each, because {why}.{packet} {comparison}", count(most, "byte")))
}

/// The count that the kernel gives, taken apart.
fn total(run: &Run) -> Option<String> {
    let segments = run.segments()?;
    Some(format!(
        "The sender's kernel counted {} segments in all. {} of them opened the connection (SYN, and the ACK of the answer), {} carried data, and {} did neither: the FIN, and acknowledgements alone.",
        number(segments.total),
        number(segments.handshake),
        number(segments.data),
        number(segments.other)
    ))
}

fn again(run: &Run) -> Option<String> {
    let again = run.sender.finished?.segments_retransmitted?;
    Some(match again {
        0 => "None was sent twice: on loopback hardly anything is ever lost.".to_owned(),
        _ => format!(
            "{} were sent again: somewhere in this machine there was no room for them.",
            number(again)
        ),
    })
}

fn reads(run: &Run) -> String {
    let room = run.room;
    let full = run.reads.iter().filter(|read| **read as u64 == room).count() as u64;
    if full == 0 {
        return format!(
            "Reads: {}, none of which filled its buffer of {} (--read). A read returns what has come by then, which can be more or less than a segment and differs from run to run.",
            number(run.reads.len() as u64),
            count(room, "byte"),
        );
    }
    format!(
        "Reads: {}, of which {} filled their buffer of {} (--read). The others returned what had come by then, which can be more or less than a segment and differs from run to run.",
        number(run.reads.len() as u64),
        number(full),
        count(room, "byte"),
    )
}

/// What holds for all of it. The long words are for those who asked.
pub(super) fn in_general(runs: &[Run], explain: bool) -> Vec<String> {
    let mut sentences = vec![
        "The same bytes arrived each time. How they were cut into writes, segments and reads has nothing to do with what they say."
            .to_owned(),
    ];
    if !explain {
        sentences.push("--explain says why each ruler is cut where it is.".to_owned());
        return sentences;
    }
    if runs.iter().any(|run| run.segments().is_some()) {
        sentences.push(
            "A capture on this machine can show fewer and larger packets than there are segments: the kernel hands its own network interface several segments at once as one piece (a super-segment), and counts what it stands for."
                .to_owned(),
        );
    }
    sentences
}
