//! What still runs from before the step: whoever has forgotten a listener wonders later why the port is taken.

use std::collections::BTreeSet;

use super::sitting::Sitting;
use crate::commands::course::kernel::NAME;
use crate::net::sockets::owner::{Held, Program};
use crate::net::sockets::sockets;
use crate::net::sockets::state::State;
use crate::render::course::session as shown;

impl Sitting<'_, '_> {
    /// Names the jobs of earlier steps, and other programs of netlab's that listen at the step's ports.
    pub(super) fn tell_left_over(&mut self) {
        let screen = self.screen();
        let step = &self.here.step.slug;
        let jobs = self.session.jobs.list();
        let pids: BTreeSet<u32> = jobs.iter().filter_map(|job| job.pid).collect();
        for job in jobs.iter().filter(|job| job.step != *step) {
            shown::runs_still(&screen, job.number, &job.text);
        }
        let ports = self.here.step.ports();
        if ports.is_empty() {
            return;
        }
        let listens = sockets(|socket| socket.state == State::Listen && ports.contains(&socket.local.port()));
        let mut told = BTreeSet::new();
        for socket in listens.map(|found| found.list).unwrap_or_default() {
            let Held::Programs(programs) = &socket.held else { continue };
            let elsewhere = |program: &&Program| {
                program.name == NAME && !pids.contains(&program.pid) && program.pid != std::process::id()
            };
            for program in programs.iter().filter(elsewhere) {
                if told.insert((socket.local.port(), program.pid)) {
                    shown::listens_still(&screen, socket.local.port(), program);
                }
            }
        }
    }
}
