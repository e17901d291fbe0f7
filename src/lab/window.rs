//! The last requests a server answered, with their bytes, for whoever looks.
//!
//! The conversations put them in, as many a second as the log tells; a viewer goes through them at its own pace. A
//! slow viewer holds nobody up: what it has not seen in time is gone, and it is told how much that was.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::Instant;

use super::entry::Answered;
use crate::evidence::flow::Kept;

/// Bytes kept of a request, and of its answer. Later ones are counted.
pub const KEEP: usize = 4 * 1024;

/// How many requests are kept: with their bytes they take a MiB.
pub const MANY: usize = 128;

/// A request and its answer, with the bytes of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// As it is told in the log.
    pub told: Answered,
    /// The address of this machine it came to.
    pub server: SocketAddr,
    /// When its head was there, in microseconds since 1970, by the wall clock.
    pub asked_us: u64,
    /// When its answer was, or the beginning of one that goes on.
    pub answered_us: u64,
    /// The request.
    pub from_client: Kept,
    /// The answer.
    pub from_server: Kept,
    /// Whether the client has said that it will send no more.
    pub client_finished: bool,
    /// Whether nothing follows the answer: the server closes the connection.
    pub server_finished: bool,
}

/// A request under way, as far as it has been seen.
#[derive(Debug)]
pub struct Sight {
    began: Instant,
    from_client: Kept,
    from_server: Kept,
}

impl Sight {
    /// One that begins now.
    #[must_use]
    pub fn begin(now: Instant) -> Self {
        Self { began: now, from_client: Kept::default(), from_server: Kept::default() }
    }

    /// What the client said goes on.
    pub fn heard(&mut self, bytes: &[u8]) {
        keep(&mut self.from_client, bytes);
    }

    /// What the server says goes on.
    pub fn said(&mut self, bytes: &[u8]) {
        keep(&mut self.from_server, bytes);
    }

    /// The request has been answered.
    #[must_use]
    pub fn answered(self, told: Answered, server: SocketAddr) -> Exchange {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let took = told.at.saturating_duration_since(self.began);
        Exchange {
            told,
            server,
            asked_us: micros(clock.saturating_sub(took)),
            answered_us: micros(clock),
            from_client: self.from_client,
            from_server: self.from_server,
            client_finished: false,
            server_finished: false,
        }
    }
}

fn keep(kept: &mut Kept, bytes: &[u8]) {
    let room = KEEP.saturating_sub(kept.bytes.len()).min(bytes.len());
    kept.bytes.extend_from_slice(&bytes[..room]);
    kept.total += bytes.len() as u64;
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// One of them in its place.
#[derive(Debug)]
pub struct Pane {
    /// Counts them, from 1.
    pub id: u64,
    /// How many had been answered before it in floods, and are not here.
    pub left_out: u64,
    /// What there is to see.
    pub exchange: Exchange,
}

/// The last of them.
pub struct Window {
    panes: Mutex<VecDeque<Arc<Pane>>>,
    /// The id of the newest.
    newest: watch::Sender<u64>,
}

impl Window {
    /// One in which nothing is to be seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self { panes: Mutex::default(), newest: watch::Sender::new(0) }
    }

    /// Puts one in; the oldest makes room. `left_out` are those of floods so far.
    pub fn put(&self, exchange: Exchange, left_out: u64) {
        let mut panes = self.panes();
        let id = panes.back().map_or(1, |newest| newest.id + 1);
        if panes.len() == MANY {
            panes.pop_front();
        }
        panes.push_back(Arc::new(Pane { id, left_out, exchange }));
        drop(panes);
        self.newest.send_replace(id);
    }

    /// The first that is still here of those behind the one with this id.
    #[must_use]
    pub fn after(&self, id: u64) -> Option<Arc<Pane>> {
        let panes = self.panes();
        let oldest = panes.front()?.id;
        let at = usize::try_from((id + 1).saturating_sub(oldest)).ok()?;
        panes.get(at).cloned()
    }

    /// Changes when there is another to be seen.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// A panic elsewhere does not make what was seen wrong.
    fn panes(&self) -> MutexGuard<'_, VecDeque<Arc<Pane>>> {
        self.panes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{KEEP, MANY, Sight, Window};
    use crate::lab::entry::{Answered, Outcome};

    fn exchange(number: u64) -> super::Exchange {
        let address = "127.0.0.1:9".parse().expect("an address");
        let mut sight = Sight::begin(Instant::now());
        sight.heard(&[b'a'; KEEP]);
        sight.heard(b"more");
        let told = Answered {
            connection: 1,
            number,
            client: address,
            at: Instant::now(),
            headline: Vec::new(),
            host: None,
            head: 0,
            content: 0,
            reads: 1,
            outcome: Outcome { good: true, code: Some(200) },
            answer: 0,
            remark: None,
        };
        sight.answered(told, address)
    }

    #[test]
    fn bytes_past_the_limit_are_counted_and_not_kept() {
        let exchange = exchange(1);
        assert_eq!((exchange.from_client.bytes.len(), exchange.from_client.left_out()), (KEEP, 4));
        assert_eq!(exchange.from_server.total, 0);
        assert!(exchange.asked_us <= exchange.answered_us);
    }

    #[test]
    fn the_oldest_makes_room_and_the_gap_shows_in_the_ids() {
        let window = Window::new();
        assert!(window.after(0).is_none());
        let many = MANY as u64;
        for number in 1..=many + 5 {
            window.put(exchange(number), 0);
        }
        let ids = |id| window.after(id).map(|pane| (pane.id, pane.exchange.told.number));
        assert_eq!(ids(0), Some((6, 6)), "five are gone");
        assert_eq!(ids(6), Some((7, 7)));
        assert_eq!(ids(many + 4), Some((many + 5, many + 5)));
        assert_eq!(ids(many + 5), None);
        assert_eq!(*window.news().borrow(), many + 5);
    }
}
