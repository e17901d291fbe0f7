//! Servers at the port of a step that are none of netlab's. What their own clients say to them leaves no evidence, and
//! whoever waits for it to be noticed should know.

use std::collections::BTreeSet;

use crate::lessons::lesson::Step;
use crate::net::clock::now_us;
use crate::net::sockets::owner::{Held, Program};
use crate::net::sockets::state::State;
use crate::net::sockets::{Socket, sockets};
use crate::render::course::coach;
use crate::render::text::screen::Screen;

/// How often somebody who waits looks again, in microseconds: the search for programs reads what all of them have open.
const AGAIN_US: u64 = 3_000_000;

/// Who listens at the ports of a step and is not netlab: the port and the program.
#[must_use]
pub fn others(step: &Step) -> Vec<(u16, Program)> {
    let ports = step.ports();
    if ports.is_empty() {
        return Vec::new();
    }
    let at_one = |socket: &Socket| socket.state == State::Listen && ports.contains(&socket.local.port());
    let mut found: Vec<(u16, Program)> = Vec::new();
    for socket in sockets(at_one).map(|found| found.list).unwrap_or_default() {
        let Held::Programs(programs) = &socket.held else { continue };
        let ours = |program: &Program| program.name == NAME || program.pid == std::process::id();
        let Some(program) = programs.first().filter(|program| !ours(program)) else { continue };
        let one = (socket.local.port(), program.clone());
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// The name of netlab's own program.
const NAME: &str = "netlab";

/// Looks every few seconds, and tells of each program once.
#[derive(Debug, Default)]
pub struct Lookout {
    told: BTreeSet<(u16, u32)>,
    again_us: u64,
}

impl Lookout {
    /// Looks, when it is time to.
    pub fn look(&mut self, step: &Step, screen: &Screen) {
        let now = now_us();
        if now < self.again_us || step.read_only {
            return;
        }
        self.again_us = now + AGAIN_US;
        for (port, program) in others(step) {
            if self.told.insert((port, program.pid)) {
                coach::unnoticed(screen, port, &program);
            }
        }
    }
}
