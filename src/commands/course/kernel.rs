//! What the kernel's tables show of a step's port, written down as evidence: connections that no program has accepted.
//!
//! netlab is at neither end of them. But the kernel knows all there is to know: that the connection stands, how many bytes
//! the client has sent, and that nobody has taken it. Of a connection that a program has accepted the tables know too
//! little for evidence: what it has read is gone from them, and so a claim that nothing was said could not be held.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::SocketAddr;
use std::thread::park_timeout;
use std::time::Duration;

use crate::evidence::journal::Account;
use crate::evidence::{End, Flow, Opening, Recorder, Side, Transport};
use crate::lessons::lesson::Step;
use crate::net::clock::now_us;
use crate::net::sockets::queue::{Queued, queued};

/// Who tells, in evidence.
pub const BY: &str = "kernel";
/// For how long a connection has to stand before it is said that nobody accepts it, in microseconds: servers may be slow.
const STOOD_US: u64 = 3_000_000;
/// How often is looked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The name of netlab's own program, whose clients tell of themselves.
pub const NAME: &str = "netlab";

type Ends = (SocketAddr, SocketAddr);

/// Watches the queue of a step's ports.
#[derive(Debug, Default)]
pub struct Watch {
    ports: BTreeSet<u16>,
    /// A process in the network that is looked at; this one's own without.
    process: Option<u32>,
    /// Connections that stand there, and since when.
    standing: BTreeMap<Ends, u64>,
    told: HashSet<Ends>,
}

impl Watch {
    /// For a step.
    #[must_use]
    pub fn of(step: &Step) -> Self {
        Self::at(if step.read_only { BTreeSet::new() } else { step.ports() }, None)
    }

    /// For these ports, in this program's network or in the one that a process is in.
    #[must_use]
    pub fn at(ports: BTreeSet<u16>, process: Option<u32>) -> Self {
        Self { ports, process, ..Self::default() }
    }

    /// Looks once; gives those that have stood for long enough, each once.
    pub fn look(&mut self) -> Vec<Queued> {
        if self.ports.is_empty() {
            return Vec::new();
        }
        let now = now_us();
        let before = std::mem::take(&mut self.standing);
        let mut settled = Vec::new();
        for one in queued(&self.ports, self.process) {
            let ends = (one.client, one.server);
            if one.caller.as_ref().is_some_and(|program| program.name == NAME) || self.told.contains(&ends) {
                continue;
            }
            let since = before.get(&ends).copied().unwrap_or(now);
            if now.saturating_sub(since) >= STOOD_US {
                self.told.insert(ends);
                settled.push(one);
            } else {
                self.standing.insert(ends, since);
            }
        }
        settled
    }

    /// Whether something stands there of which it is not known yet whether a program accepts it.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.standing.is_empty()
    }

    /// Looks until that is known of everything that stands there now.
    pub fn settle(&mut self) -> Vec<Queued> {
        let mut settled = self.look();
        let until = now_us().saturating_add(STOOD_US + 1_000_000);
        while self.waits() && now_us() < until {
            park_timeout(LOOK_AGAIN);
            settled.extend(self.look());
        }
        settled
    }
}

/// Writes those down that are not in the account: a client of netlab's has told of its connection itself.
pub fn write_down(recorder: &Recorder, settled: &[Queued], account: &Account) {
    let ends = |flow: &Flow| Some((flow.client.as_ref().and_then(End::socket)?, flow.server.socket()?));
    let known: HashSet<Ends> = account.sightings.iter().filter_map(|seen| ends(&seen.flow)).collect();
    let new = settled.iter().filter(|one| !known.contains(&(one.client, one.server)));
    new.for_each(|one| tell(recorder, one));
}

/// Told from the client's side: what it has said, and that nobody has heard it.
fn tell(recorder: &Recorder, one: &Queued) {
    let opening =
        Opening { client: Some(one.client.into()), ..Opening::calling(Transport::Tcp, one.server, BY) };
    let recording = recorder.open(&opening);
    recording.opened(None);
    if one.bytes > 0 {
        recording.handed_over_unseen(Side::Client, u32::try_from(one.bytes).unwrap_or(u32::MAX));
    }
    if one.finished {
        recording.finished_unseen(Side::Client);
    }
    recording.unaccepted();
}
