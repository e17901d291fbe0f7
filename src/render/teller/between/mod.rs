//! `netlab tap` for TCP: what a client and a server say to each other, told as it goes by.
//!
//! [`sight`] finds the messages, while the bytes go by. Showing them takes longer than relaying them: a thread of its own
//! does it, and what comes too fast for it is counted and said.

mod line;
mod sight;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::evidence::{Event, Flow, FlowId, Listener, Side, What};
use crate::lab::splice::{Plan, Told};
use crate::proto;
use crate::render::text::screen::Screen;
use crate::render::text::words::count;
use line::Line;
use sight::{Sight, Sights};

/// How many lines may wait to be shown.
const WAITING: usize = 256;

/// Tells of all connections of a tap.
pub struct Between {
    screen: Arc<Screen>,
    queue: Mutex<Option<SyncSender<Line>>>,
    present: Mutex<HashMap<FlowId, Present>>,
    many: AtomicU64,
    left_out: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A connection that is there.
struct Present {
    number: u64,
    sights: Sights,
    began_us: Option<u64>,
    /// How often each side has handed something over.
    pieces: [u64; 2],
}

impl Between {
    /// On this screen.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        let (queue, lines) = sync_channel(WAITING);
        let left_out = Arc::new(AtomicU64::new(0));
        let thread = {
            let (screen, left_out) = (screen.clone(), left_out.clone());
            std::thread::spawn(move || each(&screen, &lines, &left_out))
        };
        Self {
            screen,
            queue: Mutex::new(Some(queue)),
            present: Mutex::default(),
            many: AtomicU64::new(0),
            left_out,
            thread: Mutex::new(Some(thread)),
        }
    }

    /// The first lines: where it listens, and what it does to what goes by.
    pub fn listening(&self, addresses: &[std::net::SocketAddr], plan: &Plan) {
        line::listening(&self.screen, addresses, plan);
    }

    /// What the relay has to tell.
    pub fn tell(&self, told: &Told<'_>) {
        match told {
            Told::Came(number, flow) => {
                self.many.fetch_add(1, Ordering::Relaxed);
                let speaks = flow.spoken().and_then(proto::named);
                let sights = Sights::new(speaks, flow.server.port());
                let present = Present { number: *number, sights, began_us: None, pieces: [0; 2] };
                lock(&self.present).insert(flow.id, present);
                self.show(Line::came(*number, flow));
            }
            Told::Over(flow, end) => {
                if let Some(present) = lock(&self.present).remove(&flow.id) {
                    self.show(Line::over(present.number, flow, *end, present.pieces));
                }
            }
        }
    }

    /// A limit was reached. That is told at once: it may be what there is no room for.
    pub fn limit(&self, limit: &str) {
        line::limit(&self.screen, limit);
    }

    fn show(&self, line: Line) {
        let sent = lock(&self.queue).as_ref().is_some_and(|queue| queue.try_send(line).is_ok());
        if !sent {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The last line, when everything else has been shown.
    pub fn stopped(&self) {
        *lock(&self.queue) = None;
        if let Some(thread) = lock(&self.thread).take() {
            // One that panicked has shown what it could.
            let _ = thread.join();
        }
        line::stopped(&self.screen, self.many.load(Ordering::Relaxed));
    }
}

impl Listener for Between {
    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        let mut all = lock(&self.present);
        let Some(present) = all.get_mut(&flow.id) else { return };
        let began_us = *present.began_us.get_or_insert(event.at_us);
        let (number, after_us) = (present.number, event.at_us.saturating_sub(began_us));
        let show = &mut |side: Side, sight: Sight| self.show(Line::sight(number, side, after_us, sight));
        match event.what {
            What::Bytes { .. } => {
                present.pieces[event.side.index()] += 1;
                present.sights.said(event.side, bytes, show);
            }
            What::Finished | What::Reset => {
                present.sights.ended(event.side, show);
                self.show(Line::event(number, flow, event, after_us));
            }
            What::Opened => self.show(Line::event(number, flow, event, after_us)),
            _ => {}
        }
    }
}

/// Shows lines until no more can come.
fn each(screen: &Screen, lines: &Receiver<Line>, left_out: &AtomicU64) {
    let mut writer = line::Writer::new(screen);
    let tell_left_out = || {
        let many = left_out.swap(0, Ordering::Relaxed);
        if many > 0 {
            screen.note(&format!("not shown, because it came too fast: {}", count(many, "message")));
        }
    };
    for line in lines {
        writer.write(&line);
        tell_left_out();
    }
    tell_left_out();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
