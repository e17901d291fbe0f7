//! The events of a page: server-sent events (the HTML standard, section 9.2), one for each request.
//!
//! ```text
//! id: 5f0c93a1d2b4e687-12        which run of the server, and which request
//! data: {"exchange":{...}}       a JSON document on one line
//!                                an empty line ends the event
//! : still here                   a comment, so that a connection nobody reads any more is noticed
//! ```
//!
//! A browser that comes back says the last id it had, and goes on behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::Shows;
use crate::lab::hello::site::{Next, Source};
use crate::lab::log::LeftOut;
use crate::lab::window::Window;

/// How soon a count of requests that were left out is told.
const TICK: Duration = Duration::from_secs(1);

/// How long nothing is sent until a comment is.
const QUIET: Duration = Duration::from_secs(15);

/// How soon a browser that lost the connection comes back, in milliseconds.
const RETRY_MS: u64 = 2000;

/// A place among the viewers, free again when it is dropped.
pub struct Seat(Arc<AtomicUsize>);

impl Seat {
    /// One of so many, if one is free.
    #[must_use]
    pub fn take(taken: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let another = |taken| (taken < limit).then_some(taken + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, another).ok()?;
        Some(Self(taken.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is to be seen, the same for every page.
pub struct Seen {
    /// The requests.
    pub window: Arc<Window>,
    /// How many more there were.
    pub left_out: LeftOut,
    /// How they look.
    pub shows: Shows,
    /// Tells this run of the server from others: the numbers of requests begin anew.
    pub run: String,
}

/// The events for one page.
pub struct Feed {
    seen: Arc<Seen>,
    client: SocketAddr,
    news: watch::Receiver<u64>,
    greeted: bool,
    /// The id of the last request that was told.
    at: u64,
    /// How many left out had been counted then.
    left_out: u64,
    /// How many had made room for others before this viewer came to them.
    missed: u64,
    /// When something was said last.
    said: Instant,
    _seat: Seat,
}

impl Feed {
    /// Events behind the one with this id; from the oldest that is here, if there was none or it is another run's.
    #[must_use]
    pub fn new(seen: Arc<Seen>, seat: Seat, client: SocketAddr, last: Option<&str>) -> Self {
        let last = last.and_then(|id| id.strip_prefix(&seen.run)?.strip_prefix('-')?.parse().ok());
        let first = seen.window.after(0);
        // What happened before a page was there it does not miss.
        let at = last.or_else(|| first.as_ref()?.id.checked_sub(1)).unwrap_or(0);
        let before = seen.window.after(at).map(|pane| pane.left_out);
        let left_out = before.unwrap_or_else(|| seen.left_out.many());
        let news = seen.window.news();
        Self {
            seen,
            client,
            news,
            greeted: false,
            at,
            left_out,
            missed: 0,
            said: Instant::now(),
            _seat: seat,
        }
    }

    /// The next event. What has been said is only remembered when nothing is waited for any more, so it may be
    /// dropped on the way and asked again.
    async fn event(&mut self) -> Vec<u8> {
        if !std::mem::replace(&mut self.greeted, true) {
            let greeting = (self.seen.shows.greeting)(&self.seen.run, self.client);
            return format!("retry: {RETRY_MS}\ndata: {greeting}\n\n").into_bytes();
        }
        loop {
            self.news.mark_unchanged();
            if let Some(event) = self.unseen() {
                self.said = Instant::now();
                return event;
            }
            if self.said.elapsed() >= QUIET {
                self.said = Instant::now();
                return b": still here\n\n".to_vec();
            }
            // Neither its end nor its failing tells anything: the next look does.
            let _ = timeout(TICK, self.news.changed()).await;
        }
    }

    /// What is to be seen that has not been told.
    fn unseen(&mut self) -> Option<Vec<u8>> {
        let Some(pane) = self.seen.window.after(self.at) else {
            return self.count(self.seen.left_out.many());
        };
        self.missed += pane.id - self.at - 1;
        self.at = pane.id - 1;
        if let Some(count) = self.count(pane.left_out) {
            return Some(count);
        }
        self.at = pane.id;
        let data = (self.seen.shows.exchange)(&pane.exchange);
        Some(format!("id: {}-{}\ndata: {data}\n\n", self.seen.run, pane.id).into_bytes())
    }

    /// How many have been left out by now, if that is more than was told.
    fn count(&mut self, left_out: u64) -> Option<Vec<u8>> {
        let more = left_out.saturating_sub(self.left_out) + std::mem::take(&mut self.missed);
        self.left_out = self.left_out.max(left_out);
        if more == 0 {
            return None;
        }
        Some(format!("data: {}\n\n", (self.seen.shows.left_out)(more)).into_bytes())
    }
}

impl Source for Feed {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async { Some(self.event().await) })
    }
}
