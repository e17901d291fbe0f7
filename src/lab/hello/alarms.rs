//! What can wake a connection that waits for bytes: its deadline, and the end of the server.
//!
//! Setting an alarm costs as much as answering a request, so both stay set from one request to the next. A deadline
//! that moves to later leaves the clock alone: when it rings too early, it is set anew.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

/// What woke it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The deadline has passed.
    Late,
    /// The server stops. Said once.
    Stopping,
}

/// The alarms of one connection.
pub struct Alarms {
    clock: Pin<Box<Sleep>>,
    /// When it rings. The clock knows, but is elsewhere in memory, and this is asked for every request.
    rings: Instant,
    stopping: watch::Receiver<bool>,
    /// Until it has been said.
    stopped: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Whether both know whom to wake.
    set: bool,
}

impl Alarms {
    /// Alarms that are not set yet.
    #[must_use]
    pub fn new(stopping: watch::Receiver<bool>, deadline: Instant) -> Self {
        let mut server = stopping.clone();
        let stopped = Box::pin(async move {
            // A server whose end nobody can wish for any more has ended too.
            let _ = server.wait_for(|&stop| stop).await;
        });
        let clock = Box::pin(sleep_until(deadline));
        Self { clock, rings: deadline, stopping, stopped: Some(stopped), set: false }
    }

    /// Whether the server stops.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopped.is_none() || self.stopping.has_changed().unwrap_or(true)
    }

    /// Whether the wish to stop, and `deadline` or something before it, will wake this connection. It is about `now`.
    #[must_use]
    pub fn are_set(&self, deadline: Instant, now: Instant) -> bool {
        let heard = self.stopped.is_none() || !self.is_stopping();
        self.set && heard && now < self.rings && self.rings <= deadline
    }

    /// Sets them, or says which of them rang.
    pub fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<Alarm> {
        if self.poll_stopped(context).is_ready() && self.stopped.take().is_some() {
            return Poll::Ready(Alarm::Stopping);
        }
        if self.rings > deadline {
            self.ring(deadline);
        }
        while self.clock.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(Alarm::Late);
            }
            self.ring(deadline);
        }
        self.set = true;
        Poll::Pending
    }

    fn ring(&mut self, at: Instant) {
        self.rings = at;
        self.clock.as_mut().reset(at);
    }

    /// Waits until the server stops.
    pub async fn stopped(&mut self) {
        self.set = false;
        poll_fn(|context| self.poll_stopped(context)).await;
        self.stopped = None;
    }

    fn poll_stopped(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.stopped {
            Some(stopped) => stopped.as_mut().poll(context),
            None => Poll::Ready(()),
        }
    }
}
