//! What is said to a server of ours and what it answers, as fields, while it goes on: each byte is looked at once.
//!
//! ```text
//! the server's thread: happened ──▶ what is new of the flow ──▶ waiting ──▶ a thread that shows it
//! ```

use std::collections::{HashMap, VecDeque};
use std::mem::take;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{Shower, flows};
use crate::evidence::{Event, Flow, FlowId, Listener, Side, What};
use crate::meaning::live::{Live, Message};
use crate::render::text::screen::Screen;
use crate::render::text::words::count;

/// How many pieces of conversations may wait.
const WAITING: usize = 64;

/// Shows what is said to a server of ours, and what it answers, as it happens.
///
/// It does so from a thread of its own, because a terminal may be slow and a server must not wait for it. What goes by
/// too fast is shown later, with what follows it on its connection; where nothing follows it is counted, and the count
/// is told. Dropping this waits until the rest has been shown.
pub struct Watch {
    post: Arc<Post>,
    thread: Option<JoinHandle<()>>,
}

/// Where the two threads meet.
#[derive(Default)]
struct Post {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    news: VecDeque<News>,
    /// For each connection that goes on, how many of its events were posted, and bytes of either side.
    posted: HashMap<FlowId, Posted>,
    left_out: u64,
    /// Nothing will be posted any more.
    over: bool,
}

#[derive(Default, Clone, Copy)]
struct Posted {
    events: usize,
    bytes: [usize; 2],
}

/// What is new of a conversation.
struct News {
    /// The conversation without its bytes.
    flow: Flow,
    pieces: Vec<(Side, u64, Vec<u8>)>,
    ended: [bool; 2],
    /// It goes no further.
    over: bool,
}

impl Watch {
    /// One that has shown nothing.
    #[must_use]
    pub fn new(screen: Arc<Screen>) -> Self {
        let post = Arc::new(Post::default());
        let shower = Shower::new(screen.look);
        let shown = Shown { screen, shower, lives: HashMap::new() };
        let from = post.clone();
        let thread = std::thread::spawn(move || shown.each(&from));
        Self { post, thread: Some(thread) }
    }
}

impl Listener for Watch {
    fn happened(&self, flow: &Flow, event: &Event, _bytes: &[u8]) {
        // When the server speaks, a message of the client's is complete.
        let shows = match event.what {
            What::Bytes { .. } => event.side == Side::Server,
            What::Finished | What::Reset => true,
            _ => false,
        };
        if shows {
            self.post.put(flow);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.post.with(|waiting| waiting.over = true);
        if let Some(thread) = self.thread.take() {
            // One that panicked has shown what it could.
            let _ = thread.join();
        }
    }
}

impl Post {
    fn with<T>(&self, act: impl FnOnce(&mut Waiting) -> T) -> T {
        let acted = act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.news.notify_one();
        acted
    }

    fn put(&self, flow: &Flow) {
        let broken_off = flow.events.last().is_some_and(|event| event.what == What::Reset);
        let ended = [Side::Client, Side::Server].map(|side| broken_off || flow.has_ended(side));
        let over = ended == [true; 2];
        self.with(|waiting| {
            let posted = waiting.posted.entry(flow.id).or_default();
            if waiting.news.len() < WAITING {
                let pieces = posted.pieces(flow);
                waiting.news.push_back(News { flow: flow.outline(), pieces, ended, over });
            } else {
                waiting.left_out += 1;
                if over {
                    let last = News { flow: flow.outline(), pieces: Vec::new(), ended: [false; 2], over };
                    waiting.forget(last);
                }
            }
            if over {
                waiting.posted.remove(&flow.id);
            }
        });
    }

    /// What has waited longest, when there is something or nothing will come.
    fn next(&self) -> (Option<News>, u64) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = |waiting: &mut Waiting| waiting.news.is_empty() && !waiting.over;
        let mut waiting = self.news.wait_while(waiting, is_idle).unwrap_or_else(PoisonError::into_inner);
        (waiting.news.pop_front(), take(&mut waiting.left_out))
    }
}

impl Waiting {
    /// A conversation is over, and there is no room to say so: it is said with what already waits of it.
    fn forget(&mut self, last: News) {
        match self.news.iter_mut().rev().find(|news| news.flow.id == last.flow.id) {
            Some(news) => news.over = true,
            // Nothing of it may be known to whoever shows; one more that brings no bytes does no harm.
            None => self.news.push_back(last),
        }
    }
}

impl Posted {
    /// What came since the last time.
    fn pieces(&mut self, flow: &Flow) -> Vec<(Side, u64, Vec<u8>)> {
        let mut pieces = Vec::new();
        for event in flow.events.iter().skip(self.events) {
            let What::Bytes { len, .. } = event.what else { continue };
            let at = &mut self.bytes[usize::from(event.side == Side::Server)];
            let kept = &flow.sent_by(event.side).bytes;
            let end = at.saturating_add(len as usize).min(kept.len());
            if *at < end {
                pieces.push((event.side, event.at_us, kept[*at..end].to_vec()));
                *at = end;
            }
        }
        self.events = flow.events.len();
        pieces
    }
}

/// What has been shown so far.
struct Shown {
    screen: Arc<Screen>,
    shower: Shower,
    lives: HashMap<FlowId, Live>,
}

impl Shown {
    fn each(mut self, post: &Post) {
        loop {
            let (news, left_out) = post.next();
            let is_last = news.is_none();
            if let Some(news) = news {
                self.news(&news);
            }
            if left_out > 0 {
                let text = format!("came too fast to be shown at once: {}", count(left_out, "event"));
                self.screen.note(&text);
            }
            if is_last {
                return;
            }
        }
    }

    /// Shows what has become whole.
    fn news(&mut self, news: &News) {
        let live = self.lives.entry(news.flow.id).or_insert_with(|| Live::of(&news.flow));
        for (side, at_us, bytes) in &news.pieces {
            live.heard(*side, *at_us, bytes);
        }
        for side in [Side::Client, Side::Server] {
            if news.ended[usize::from(side == Side::Server)] {
                live.ended(side);
            }
        }
        for told in live.messages().chunk_by(|one, next| one.side == next.side) {
            self.told(&news.flow, told);
        }
        if news.over {
            self.lives.remove(&news.flow.id);
        }
    }

    /// Messages of one side, in a row.
    fn told(&mut self, flow: &Flow, messages: &[Message]) {
        let [first, ..] = messages else { return };
        let bytes = messages.iter().map(|message| message.bytes.len() as u64).sum();
        flows::heading(&self.screen, flow, first.side, first.at_us, bytes);
        for message in messages {
            let from = usize::try_from(message.from).unwrap_or(usize::MAX);
            let lines = self.shower.lines_at(&message.fields(), from);
            lines.iter().for_each(|line| self.screen.line(line));
        }
    }
}
