//! Pouring into a listener that is not netlab's own: what is known of it at this end, and what is not.

use serde_json::{Value, json};

use super::{ACCEPTED, Buffer, a_buffer, about_a_buffer, about_the_window, columns, say, where_they_were};
use crate::evidence::{Counters, End};
use crate::render::text::look::Loudness;
use crate::render::text::screen::{Role, Screen};
use crate::render::text::words::{count, number, time};

/// How many stops have their rows in the table.
pub const STOPS_TOLD: u64 = 3;

/// When the queues were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Right after the handshake.
    Opened,
    /// A write could not proceed, and nothing moved any more.
    Stuck,
    /// A write was accepted again.
    Resumed,
    /// Every byte has been accepted.
    AllAccepted,
    /// The receiver's kernel has every byte, and said so.
    AllAcknowledged,
    /// The person had enough.
    Stopped,
    /// Nothing moved for as long as that was waited for.
    Left,
    /// The connection broke off.
    BrokenOff,
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Stuck => "stuck",
            Self::Resumed => "resumed",
            Self::AllAccepted => "all accepted",
            Self::AllAcknowledged => "acknowledged",
            Self::Stopped => "stopped",
            Self::Left => "left",
            Self::BrokenOff => "broken off",
        }
    }
}

/// What was so at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Which moment.
    pub when: When,
    /// Microseconds since the connection was opened.
    pub after_us: u64,
    /// How many bytes this system had accepted.
    pub accepted: u64,
    /// What the kernel here said.
    pub sender: Option<Counters>,
    /// What the reader's kernel said, where it is this machine's.
    pub receiver: Option<Counters>,
}

impl Stage {
    fn send_queue(&self) -> Option<u64> {
        self.sender?.send_queue
    }

    fn receive_queue(&self) -> Option<u64> {
        self.receiver?.receive_queue
    }

    /// How many bytes the program there has taken out: those that arrived and do not wait there. A FIN counts as one
    /// in either number.
    #[must_use]
    pub fn read(&self) -> Option<u64> {
        let receiver = self.receiver?;
        Some(receiver.bytes_received?.saturating_sub(receiver.receive_queue?).min(self.accepted))
    }

    /// How many bytes the receiver's kernel has said that it has.
    fn acknowledged(&self) -> Option<u64> {
        Some(self.accepted.saturating_sub(self.send_queue()?))
    }
}

/// Everything that was seen.
#[derive(Debug, Clone)]
pub struct Poured {
    /// Where to.
    pub server: End,
    /// How many bytes were to go over.
    pub bytes: u64,
    /// How many each write offered.
    pub write: u64,
    /// The buffer in the kernel here.
    pub sndbuf: Buffer,
    /// How often a write could not proceed. The first [`STOPS_TOLD`] are among the stages.
    pub stops: u64,
    /// What was so, in order.
    pub stages: Vec<Stage>,
    /// How many bytes the other side sent meanwhile.
    pub answered: u64,
    /// How long nothing had moved when that was enough, in microseconds.
    pub patience_us: u64,
}

impl Poured {
    fn at(&self, when: When) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.when == when)
    }

    /// Whether this machine's kernel tells of the reader's end, too.
    fn knows_the_reader(&self) -> bool {
        self.stages.iter().any(|stage| stage.receive_queue().is_some())
    }
}

/// Shows the stages and says what they mean.
pub fn show(screen: &Screen, poured: &Poured) {
    table(screen, poured);
    if screen.look.loudness > Loudness::Quiet {
        screen.line("");
        for sentence in meaning(poured) {
            say(screen, Role::Meaning, &sentence);
        }
    }
}

fn table(screen: &Screen, poured: &Poured) {
    let title = format!("{} to {}, as far as it takes them", count(poured.bytes, "byte"), poured.server);
    say(screen, Role::Heading, &title);
    let known = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), number);
    let moment = |stage: &Stage| stage.when.name().to_owned();
    let after = |stage: &Stage| time(stage.after_us);
    let accepted = |stage: &Stage| number(stage.accepted);
    let read = |stage: &Stage| known(stage.read());
    let sending = |stage: &Stage| known(stage.send_queue());
    let receiving = |stage: &Stage| known(stage.receive_queue());
    let window = |stage: &Stage| known(stage.sender.and_then(|sender| sender.send_window));
    let all: [(bool, super::Column<'_, Stage>); 7] = [
        (true, ("moment", 12, &moment)),
        (true, ("after", 8, &after)),
        (true, ("accepted", 11, &accepted)),
        (poured.knows_the_reader(), ("read", 11, &read)),
        (true, ("send queue", 10, &sending)),
        (poured.knows_the_reader(), ("recv queue", 10, &receiving)),
        (true, ("window", 9, &window)),
    ];
    let told: Vec<_> = all.into_iter().filter(|(told, _)| *told).map(|(_, column)| column).collect();
    columns(screen, &poured.stages, &told);
}

/// What the numbers mean, in sentences.
fn meaning(poured: &Poured) -> Vec<String> {
    let mut said: Vec<String> = about_a_buffer("send", &poured.sndbuf).into_iter().collect();
    said.push(about_the_reader(poured));
    said.extend(about_the_stop(poured));
    said.extend(about_the_end(poured));
    said.extend(about_the_fin(poured));
    if poured.answered > 0 {
        said.push(format!(
            "The other side sent {} meanwhile. They were read and put aside, so that it had no reason to wait.",
            count(poured.answered, "byte")
        ));
    }
    said.push(ACCEPTED.to_owned());
    said
}

fn about_the_reader(poured: &Poured) -> String {
    if poured.knows_the_reader() {
        "The reader is on this machine, so the kernel tells of its end, too. What its program has read is reckoned: \
         what arrived, less what waits in the receive queue."
            .to_owned()
    } else {
        "The reader's queue and what its program has read are not known here: only its own machine's kernel tells."
            .to_owned()
    }
}

fn about_the_stop(poured: &Poured) -> Vec<String> {
    let Some(stuck) = poured.at(When::Stuck) else {
        let all = poured.at(When::AllAccepted).map(|stage| {
            format!(
                "Every write was accepted, {} in all: the buffers of the two kernels had room, or the reader was quick \
                 enough. With more --bytes, a smaller --sndbuf or a slower reader a write gets stuck.",
                count(stage.accepted, "byte")
            )
        });
        return all.into_iter().collect();
    };
    let mut said = vec![format!(
        "Stuck: the system had accepted {}. Then it took no more, and neither count nor queue changed.",
        count(stuck.accepted, "byte")
    )];
    said.extend(where_they_were(stuck.send_queue(), stuck.receive_queue()).or_else(|| where_as_known(stuck)));
    said.extend(about_the_window(stuck.sender.and_then(|sender| sender.send_window)));
    if let Some(resumed) = poured.at(When::Resumed) {
        said.push(format!(
            "{} later a write was accepted again: the reader had taken something out, and that room travelled back to \
             this side as a larger window.",
            time(resumed.after_us.saturating_sub(stuck.after_us))
        ));
    }
    if poured.stops > STOPS_TOLD {
        said.push(format!(
            "Writes were stuck {} times in all; the first {STOPS_TOLD} are in the table.",
            number(poured.stops)
        ));
    }
    said
}

/// What this end alone knows of where the bytes are.
fn where_as_known(stage: &Stage) -> Option<String> {
    Some(format!(
        "{} of them were in the send queue here, not acknowledged. The other {} had been acknowledged: the kernel \
         there has them. Whether its program has read any of them is not known here.",
        number(stage.send_queue()?),
        number(stage.acknowledged()?)
    ))
}

fn about_the_end(poured: &Poured) -> Option<String> {
    let last = poured.stages.last()?;
    let still = match last.send_queue() {
        Some(0) => ", and all of them acknowledged".to_owned(),
        Some(many) => format!(
            ", {} of them not acknowledged. The kernel goes on offering those for a while, and no program here hears \
             what becomes of them",
            number(many)
        ),
        None => ". How many of them the receiver's kernel had acknowledged is not known here".to_owned(),
    };
    let accepted = count(last.accepted, "byte");
    Some(match last.when {
        When::AllAcknowledged => {
            let unread = match last.read() {
                Some(read) if read < last.accepted => {
                    format!(", and {} of them still waited there, unread", number(last.accepted - read))
                }
                Some(_) => ", and its program had read them".to_owned(),
                None if poured.knows_the_reader() => ". Then its end of the connection was gone".to_owned(),
                None => ". How many of them its program has read is not known here".to_owned(),
            };
            format!(
                "In the end the receiver's kernel had acknowledged all {}{unread}.",
                number(last.accepted)
            )
        }
        When::Stopped => format!("You stopped it when {accepted} had been accepted{still}."),
        When::Left => format!(
            "Nothing had moved for {}, so netlab left when {accepted} had been accepted{still}.",
            time(poured.patience_us)
        ),
        When::BrokenOff => format!("The connection broke off when {accepted} had been accepted{still}."),
        _ => return None,
    })
}

fn about_the_fin(poured: &Poured) -> Option<String> {
    let last = poured.stages.last()?;
    let unread = last.accepted.saturating_sub(last.read()?);
    (last.receive_queue()? > unread).then(|| {
        "The FIN counts as one byte in the receive queue until the program there has met it.".to_owned()
    })
}

/// The same for programs.
#[must_use]
pub fn as_json(poured: &Poured, failure: Option<&Value>) -> Value {
    let stage = |stage: &Stage| {
        json!({
            "when": stage.when.name(),
            "after_us": stage.after_us,
            "accepted": stage.accepted,
            "read": stage.read(),
            "sender": stage.sender,
            "receiver": stage.receiver,
        })
    };
    json!({
        "server": poured.server.to_string(),
        "bytes": poured.bytes,
        "write": poured.write,
        "sndbuf": a_buffer(&poured.sndbuf),
        "rcvbuf": null,
        "stuck": poured.stops > 0,
        "stops": poured.stops,
        "answered": poured.answered,
        "failure": failure,
        "stages": poured.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}
