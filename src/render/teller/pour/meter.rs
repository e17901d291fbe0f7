//! What changes while bytes are poured, on standard error of a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::text::look::{Form, Look, Loudness, Room};
use crate::render::text::words::number;

/// The meters; where standard error is no terminal there are none.
pub struct Meter {
    bar: Option<ProgressBar>,
    room: Room,
}

impl Meter {
    /// For people who watch.
    #[must_use]
    pub fn new(look: Look) -> Self {
        let wanted = look.form == Form::Human && look.loudness > Loudness::Quiet;
        let room = look.room();
        let bar = wanted.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, room }
    }

    /// What is so now; queues only where they were asked for.
    pub fn tell(&self, accepted: u64, read: u64, send_queue: Option<u64>, receive_queue: Option<u64>) {
        self.show(&[
            ("accepted", Some(accepted)),
            ("read", Some(read)),
            ("send queue", send_queue),
            ("receive queue", receive_queue),
        ]);
    }

    /// Any numbers; those that are not known are left out.
    pub fn show(&self, meters: &[(&str, Option<u64>)]) {
        let Some(bar) = &self.bar else { return };
        let known = meters.iter().filter_map(|(name, value)| Some((name, number((*value)?))));
        // In one line where it fits whatever the numbers are, else below each other.
        bar.set_message(if self.room == Room::Wide {
            known.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        } else {
            let lines: Vec<String> = known.map(|(name, value)| format!("{name:<13} {value:>11}")).collect();
            lines.join("\n")
        });
    }

    /// Takes them away.
    pub fn clear(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}
