//! A connection that fills up and is drained: the stages in a table, and what they mean.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::cells::{Cell, row, wrap};
use super::look::{Form, Look, Loudness, Room};
use super::screen::{Role, Screen, paint};
use super::words::{count, number};
use crate::evidence::Counters;

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

/// One line on standard error that changes; where that is no terminal there is none.
pub struct Meter(Option<ProgressBar>);

impl Meter {
    /// A meter for people who watch.
    #[must_use]
    pub fn new(look: Look) -> Self {
        let wanted = look.form == Form::Human && look.loudness > Loudness::Quiet;
        Self(wanted.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{wide_msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }))
    }

    /// What is so now; queues only where they were asked for.
    pub fn tell(&self, accepted: u64, read: u64, send_queue: Option<u64>, receive_queue: Option<u64>) {
        let Some(bar) = &self.0 else { return };
        let queue = |name: &str, bytes: Option<u64>| {
            bytes.map(|bytes| format!(", {name} {}", number(bytes))).unwrap_or_default()
        };
        let (send, receive) = (queue("send queue", send_queue), queue("receive queue", receive_queue));
        bar.set_message(format!("accepted {}, read {}{send}{receive}", number(accepted), number(read)));
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.0.iter().for_each(ProgressBar::finish_and_clear);
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

fn say(screen: &Screen, role: Role, sentence: &str) {
    wrap(sentence, screen.look.width).iter().for_each(|line| screen.line(&paint(role, line)));
}

/// The heads of the columns, with their widths.
const HEADS: [(&str, usize); 6] =
    [("moment", 12), ("accepted", 11), ("read", 11), ("send queue", 11), ("recv queue", 11), ("window", 11)];

fn numbers(stage: &Stage) -> [String; 6] {
    let known = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), number);
    [
        stage.when.name().to_owned(),
        number(stage.accepted),
        number(stage.read),
        known(stage.send_queue()),
        known(stage.receive_queue()),
        known(stage.window()),
    ]
}

fn table(screen: &Screen, poured: &Poured) {
    let title = format!("{} over loopback, to a reader that does not read", count(poured.bytes, "byte"));
    say(screen, Role::Heading, &title);
    if screen.look.room() == Room::Narrow {
        for stage in &poured.stages {
            let values = numbers(stage);
            screen.line(&paint(Role::Name, &values[0]));
            for ((head, _), value) in HEADS.iter().zip(&values).skip(1) {
                screen.line(&format!("  {head}: {value}"));
            }
        }
        return;
    }
    let cells = |role: Role, texts: [String; 6]| -> Vec<Cell> {
        let cell = |(at, (text, (_, width))): (usize, (String, &(&str, usize)))| {
            let text = if at == 0 { text } else { format!("{text:>width$}") };
            Cell::new(role, *width, text)
        };
        texts.into_iter().zip(&HEADS).enumerate().map(cell).collect()
    };
    row(0, &cells(Role::Name, HEADS.map(|(head, _)| head.to_owned())))
        .iter()
        .for_each(|line| screen.line(line));
    for stage in &poured.stages {
        row(0, &cells(Role::Value, numbers(stage))).iter().for_each(|line| screen.line(line));
    }
}

/// What the numbers mean, in sentences.
fn meaning(poured: &Poured) -> Vec<String> {
    let mut said = Vec::new();
    for (name, buffer) in [("send", poured.sndbuf), ("receive", poured.rcvbuf)] {
        if let (Some(asked), Some(given)) = (buffer.asked, buffer.given) {
            said.push(format!(
                "Asked for a {name} buffer of {}, the system made one of {}; what it needs for its own records is in \
                 that, so the bytes that fit are another number.",
                count(u64::from(asked), "byte"),
                number(given)
            ));
        }
    }
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
        said.extend(where_they_were(stage));
        said.extend(about_the_window(stage));
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
    said.push(
        "A write that returned says that this system has the bytes. It does not say that they arrived."
            .to_owned(),
    );
    said
}

fn where_they_were(stage: &Stage) -> Option<String> {
    let (sending, receiving) = (stage.send_queue()?, stage.receive_queue()?);
    Some(format!(
        "They were in two places: {} in the writer's send queue, not acknowledged, and {} in the reader's receive \
         queue, arrived and not read.",
        number(sending),
        number(receiving)
    ))
}

fn about_the_window(stage: &Stage) -> Option<String> {
    Some(match stage.window()? {
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
    let buffer = |buffer: &Buffer| json!({ "asked": buffer.asked, "given": buffer.given });
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
        "bytes": poured.bytes,
        "write": poured.write,
        "sndbuf": buffer(&poured.sndbuf),
        "rcvbuf": buffer(&poured.rcvbuf),
        "stuck": poured.stuck,
        "stages": poured.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}
