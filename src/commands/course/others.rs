//! Servers at the port of a step that are none of netlab's. What their own clients say to them leaves no evidence, and
//! whoever waits for it to be noticed should know.

use std::collections::BTreeSet;

use crate::commands::course::kernel::{self, NAME};
use crate::commands::course::learner::Course;
use crate::commands::tap::circle::leads_to;
use crate::evidence::Transport;
use crate::evidence::journal::Account;
use crate::lessons::lesson::Step;
use crate::net::clock::now_us;
use crate::net::sockets::owner::{Held, Program};
use crate::net::sockets::state::State;
use crate::net::sockets::{Socket, sockets};
use crate::render::course::coach::{self, Unnoticed};
use crate::render::text::screen::Screen;

/// How often somebody who waits looks again, in microseconds: the search for programs reads what all of them have open.
const AGAIN_US: u64 = 3_000_000;

/// How far behind a port the tap that is offered for it waits: 8777 for 7777.
const TAP_ABOVE: u16 = 1000;
/// How many ports are looked at in search of a free one for it.
const TAP_PORTS: u16 = 16;

/// Who listens at the ports of a step and is not netlab, where no tap leads there either.
#[must_use]
pub fn others(step: &Step) -> Vec<Unnoticed> {
    let ports = step.ports();
    if ports.is_empty() {
        return Vec::new();
    }
    let waits = |socket: &Socket| socket.state == State::Listen;
    let waiting = sockets(waits).map(|found| found.list).unwrap_or_default();
    let taken: BTreeSet<u16> = waiting.iter().map(|socket| socket.local.port()).collect();
    let programs: Vec<(u16, Program)> = waiting
        .into_iter()
        .filter_map(|socket| match socket.held {
            Held::Programs(programs) => Some((socket.local.port(), programs.into_iter().next()?)),
            _ => None,
        })
        .collect();
    let ours = |program: &Program| program.name == NAME || program.pid == std::process::id();
    let taps = programs.iter().filter(|(_, program)| ours(program));
    let led_to: BTreeSet<u16> = taps
        .filter_map(|(_, program)| leads_to(program))
        .filter(|(carries, _)| *carries == Transport::Tcp)
        .map(|(_, port)| port)
        .collect();
    let mut found: Vec<Unnoticed> = Vec::new();
    for (port, program) in programs {
        let tap = (0..TAP_PORTS).find_map(|more| {
            let above = port.checked_add(TAP_ABOVE + more)?;
            (!taken.contains(&above)).then_some(above)
        });
        let one = Unnoticed { port, program, tap };
        if ports.contains(&port) && !led_to.contains(&port) && !ours(&one.program) && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// Looks every few seconds, and tells of each program once.
#[derive(Debug, Default)]
pub struct Lookout {
    told: BTreeSet<(u16, u32)>,
    /// The queue of the step's port.
    queue: Option<kernel::Watch>,
    again_us: u64,
}

impl Lookout {
    /// Looks, when it is time to, and writes down what the kernel knows and `account` does not hold.
    pub fn look(&mut self, course: &Course<'_>, step: &Step, account: &Account, screen: &Screen) {
        let now = now_us();
        if now < self.again_us || step.read_only {
            return;
        }
        self.again_us = now + AGAIN_US;
        for other in others(step) {
            if self.told.insert((other.port, other.program.pid)) {
                coach::unnoticed(screen, &other);
            }
        }
        let settled = self.queue.get_or_insert_with(|| kernel::Watch::of(step)).look();
        if !settled.is_empty() {
            kernel::write_down(&course.recorder(), &settled, account);
        }
    }
}
