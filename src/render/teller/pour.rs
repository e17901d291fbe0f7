//! A connection that fills up and is drained: the stages in a table, and what they mean.

pub mod elsewhere;
mod meter;

use serde_json::{Value, json};

use crate::evidence::Counters;
use crate::render::text::cells::{Cell, row, wrap};
use crate::render::text::look::{Loudness, Room};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

pub use meter::Meter;

/// When the queues were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Right after the handshake.
    Opened,
    /// A write could not proceed, and nothing moved any more.
    Stuck,
    /// Every byte was accepted before the reader read any.
    AllAccepted,
    /// The first write after the reader had begun.
    Resumed,
    /// The reader has read to the end.
    AllRead,
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Stuck => "stuck",
            Self::AllAccepted => "all accepted",
            Self::Resumed => "resumed",
            Self::AllRead => "all read",
        }
    }
}

/// What was so at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Which moment.
    pub when: When,
    /// How many bytes the writer's system had accepted.
    pub accepted: u64,
    /// How many of them the reader had read.
    pub read: u64,
    /// What the writer's kernel said.
    pub sender: Option<Counters>,
    /// What the reader's kernel said.
    pub receiver: Option<Counters>,
}

impl Stage {
    fn send_queue(&self) -> Option<u64> {
        self.sender?.send_queue
    }

    fn receive_queue(&self) -> Option<u64> {
        self.receiver?.receive_queue
    }

    fn window(&self) -> Option<u64> {
        self.sender?.send_window
    }
}

/// A kernel buffer.
#[derive(Debug, Clone, Copy)]
pub struct Buffer {
    /// The size that was asked for, if one was.
    pub asked: Option<u32>,
    /// The size that the system says it has, when the connection opened.
    pub given: Option<u64>,
}

/// Everything that was seen.
#[derive(Debug, Clone)]
pub struct Poured {
    /// How many bytes were to go over.
    pub bytes: u64,
    /// How many each write offered.
    pub write: u64,
    /// The writer's buffer in the kernel.
    pub sndbuf: Buffer,
    /// The reader's.
    pub rcvbuf: Buffer,
    /// Whether a write could not proceed.
    pub stuck: bool,
    /// What was so, in order.
    pub stages: Vec<Stage>,
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

fn say(screen: &Screen, role: Role, sentence: &str) {
    wrap(sentence, screen.look.width).iter().for_each(|line| screen.line(&paint(role, line)));
}

/// A column of the table: its head, its width, and what stands in it.
type Column<'a, T> = (&'a str, usize, &'a dyn Fn(&T) -> String);

fn table(screen: &Screen, poured: &Poured) {
    let title = format!("{} over loopback, to a reader that does not read", count(poured.bytes, "byte"));
    say(screen, Role::Heading, &title);
    let known = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), number);
    columns(
        screen,
        &poured.stages,
        &[
            ("moment", 12, &|stage: &Stage| stage.when.name().to_owned()),
            ("accepted", 11, &|stage| number(stage.accepted)),
            ("read", 11, &|stage| number(stage.read)),
            ("send queue", 11, &|stage| known(stage.send_queue())),
            ("recv queue", 11, &|stage| known(stage.receive_queue())),
            ("window", 11, &|stage| known(stage.window())),
        ],
    );
}

/// One row for each moment, or a list where there is no room for rows. The first column says which moment.
fn columns<T>(screen: &Screen, stages: &[T], columns: &[Column<'_, T>]) {
    if screen.look.room() == Room::Narrow {
        for stage in stages {
            for (at, (head, _, value)) in columns.iter().enumerate() {
                let value = value(stage);
                let line = if at == 0 { paint(Role::Name, &value) } else { format!("  {head}: {value}") };
                screen.line(&line);
            }
        }
        return;
    }
    let line = |role: Role, text: &dyn Fn(&Column<'_, T>) -> String| {
        let cells: Vec<Cell> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let (text, width) = (text(column), column.1);
                Cell::new(role, width, if at == 0 { text } else { format!("{text:>width$}") })
            })
            .collect();
        row(0, &cells).iter().for_each(|line| screen.line(line));
    };
    line(Role::Name, &|(head, ..)| (*head).to_owned());
    for stage in stages {
        line(Role::Value, &|(_, _, value)| value(stage));
    }
}

/// What the numbers mean, in sentences.
fn meaning(poured: &Poured) -> Vec<String> {
    let buffers = [("send", poured.sndbuf), ("receive", poured.rcvbuf)];
    let mut said: Vec<String> =
        buffers.iter().filter_map(|(name, buffer)| about_a_buffer(name, buffer)).collect();
    let at = |when: When| poured.stages.iter().find(|stage| stage.when == when);
    if let Some(stage) = at(When::AllAccepted) {
        said.push(format!(
            "Every write was accepted, {} in all, and the reader had read none of them. The buffers of the two \
             kernels had room for all; with more --bytes, or a smaller --sndbuf and --rcvbuf, a write gets stuck.",
            count(stage.accepted, "byte")
        ));
    }
    if let Some(stage) = at(When::Stuck) {
        said.push(format!(
            "Stuck: the system had accepted {} and the program at the other end had read {}. Then it took no more, and \
             neither count nor queue changed.",
            count(stage.accepted, "byte"),
            number(stage.read)
        ));
        said.extend(where_they_were(stage.send_queue(), stage.receive_queue()));
        said.extend(about_the_window(stage.window()));
    }
    if let Some(stage) = at(When::Resumed).filter(|_| poured.stuck) {
        said.push(format!(
            "When the next write was accepted, the reader had read {}: what it takes out makes room, and the room \
             travels back to the writer as a larger window.",
            count(stage.read, "byte")
        ));
    }
    if let Some(stage) = at(When::AllRead) {
        said.push(format!(
            "In the end {} were accepted and {} read.",
            number(stage.accepted),
            number(stage.read)
        ));
    }
    if at(When::AllRead).and_then(Stage::send_queue) == Some(1) {
        said.push(
            "The 1 in the send queue at the end is the FIN: it counts as one byte, and its acknowledgement had not \
             come yet."
                .to_owned(),
        );
    }
    said.push(ACCEPTED.to_owned());
    said
}

/// What is to be kept in mind whatever was seen.
const ACCEPTED: &str =
    "A write that returned says that this system has the bytes. It does not say that they arrived.";

fn about_a_buffer(name: &str, buffer: &Buffer) -> Option<String> {
    let (asked, given) = (buffer.asked?, buffer.given?);
    Some(format!(
        "Asked for a {name} buffer of {}, the system made one of {}; what it needs for its own records is in that, \
         so the bytes that fit are another number.",
        count(u64::from(asked), "byte"),
        number(given)
    ))
}

fn where_they_were(sending: Option<u64>, receiving: Option<u64>) -> Option<String> {
    let (sending, receiving) = (sending?, receiving?);
    Some(format!(
        "They were in two places: {} in the writer's send queue, not acknowledged, and {} in the reader's receive \
         queue, arrived and not read.",
        number(sending),
        number(receiving)
    ))
}

fn about_the_window(window: Option<u64>) -> Option<String> {
    Some(match window? {
        0 => "The window was 0: the reader's kernel had said that it has no room (RFC 9293 §3.8.6), as the writer's \
              kernel tells."
            .to_owned(),
        left => format!(
            "The window was {}, as the writer's kernel tells. That is not zero, and the writer's kernel still sent \
             nothing into it.",
            count(left, "byte")
        ),
    })
}

/// The same for programs.
#[must_use]
pub fn as_json(poured: &Poured) -> Value {
    let stage = |stage: &Stage| {
        json!({
            "when": stage.when.name(),
            "accepted": stage.accepted,
            "read": stage.read,
            "sender": stage.sender,
            "receiver": stage.receiver,
        })
    };
    json!({
        "server": null,
        "bytes": poured.bytes,
        "write": poured.write,
        "sndbuf": a_buffer(&poured.sndbuf),
        "rcvbuf": a_buffer(&poured.rcvbuf),
        "stuck": poured.stuck,
        "stops": u64::from(poured.stuck),
        "answered": 0,
        "failure": null,
        "stages": poured.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

fn a_buffer(buffer: &Buffer) -> Value {
    json!({ "asked": buffer.asked, "given": buffer.given })
}
