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
/// How many conversations are followed at once. One over UDP has no end that anybody hears of, so the oldest makes room.
const FOLLOWED: usize = 4_096;

/// Shows what is said to a server of ours, and what it answers, as it happens.
///
/// It does so from a thread of its own, because a terminal may be slow and a server must not wait for it. What goes by
/// too fast is shown later, with what follows it on its connection; where nothing follows, its events are counted, and the
/// count is told. Dropping this waits until the rest has been shown.
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
    /// Their order, the oldest first; some are over.
    order: VecDeque<FlowId>,
    /// Conversations of which nothing waits and nothing will come.
    gone: Vec<FlowId>,
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
        if shows(event) {
            self.post.put(flow);
        }
    }
}

/// Whether there is something to show behind an event: when the server speaks, a message of the client's is complete.
fn shows(event: &Event) -> bool {
    match event.what {
        What::Bytes { .. } => event.side == Side::Server,
        What::Finished | What::Reset => true,
        _ => false,
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
            if !waiting.posted.contains_key(&flow.id) {
                waiting.begins(flow.id);
            }
            let mut posted = waiting.posted.remove(&flow.id).unwrap_or_else(|| Posted::before_now(flow));
            if waiting.news.len() < WAITING {
                let pieces = posted.pieces(flow);
                waiting.news.push_back(News { flow: flow.outline(), pieces, ended, over });
            } else if over {
                waiting.left_out += (flow.events.len() - posted.events) as u64;
                waiting.forget(flow.id);
            }
            if !over {
                waiting.posted.insert(flow.id, posted);
            }
        });
    }

    /// What has waited longest, when there is something or nothing will come.
    fn next(&self) -> (Option<News>, Vec<FlowId>, u64) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = |waiting: &mut Waiting| waiting.news.is_empty() && !waiting.over;
        let mut waiting = self.news.wait_while(waiting, is_idle).unwrap_or_else(PoisonError::into_inner);
        (waiting.news.pop_front(), take(&mut waiting.gone), take(&mut waiting.left_out))
    }
}

impl Waiting {
    /// A conversation begins to be followed; when there are too many, the oldest that goes on is let go.
    fn begins(&mut self, flow: FlowId) {
        self.order.push_back(flow);
        while self.posted.len() >= FOLLOWED {
            let Some(oldest) = self.order.pop_front() else { break };
            if self.posted.remove(&oldest).is_some() {
                self.forget(oldest);
            }
        }
        // Those that are over are dropped from the order before they are more than the others.
        if self.order.len() > 2 * FOLLOWED {
            let posted = &self.posted;
            self.order.retain(|one| posted.contains_key(one) || *one == flow);
        }
    }

    /// Nothing more will come of a conversation: whoever shows it need not remember it behind what waits already.
    fn forget(&mut self, flow: FlowId) {
        match self.news.iter_mut().rev().find(|news| news.flow.id == flow) {
            Some(news) => news.over = true,
            None => self.gone.push(flow),
        }
    }
}

impl Posted {
    /// Of one that is not followed: nothing was posted of one that has just begun, and of one that was let go all but what
    /// comes now.
    fn before_now(flow: &Flow) -> Self {
        let mut posted = Self::default();
        if flow.events.iter().filter(|event| shows(event)).count() > 1 {
            posted.skip(flow, flow.events.len() - 1);
        }
        posted
    }

    /// Counts the events before this one as posted.
    fn skip(&mut self, flow: &Flow, to: usize) {
        for event in &flow.events[self.events..to] {
            if let What::Bytes { len, .. } = event.what {
                self.bytes[event.side.index()] += len as usize;
            }
        }
        self.events = to;
    }

    /// What came since the last time.
    fn pieces(&mut self, flow: &Flow) -> Vec<(Side, u64, Vec<u8>)> {
        let mut pieces = Vec::new();
        for event in flow.events.iter().skip(self.events) {
            let What::Bytes { len, .. } = event.what else { continue };
            let at = &mut self.bytes[event.side.index()];
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
            let (news, gone, left_out) = post.next();
            let is_last = news.is_none();
            gone.iter().for_each(|flow| drop(self.lives.remove(flow)));
            if let Some(news) = news {
                self.news(&news);
            }
            if left_out > 0 {
                let text = format!("not shown, because it came too fast: {}", count(left_out, "event"));
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
            if news.ended[side.index()] {
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{FOLLOWED, Post, WAITING};
    use crate::evidence::{Event, Flow, FlowId, Opening, Side, Transport, What};

    /// A conversation with a client that said `hi`.
    fn conversation(transport: Transport) -> Flow {
        let end = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let opening = Opening::answering(transport, end(50_000), end(7), "test");
        let mut flow = Flow::begun(FlowId::random(), &opening, 0);
        says(&mut flow, Side::Client, b"hi");
        flow
    }

    fn says(flow: &mut Flow, side: Side, bytes: &[u8]) {
        let len = u32::try_from(bytes.len()).unwrap();
        flow.add(
            Event { at_us: 0, side, what: What::Bytes { len, buffer: None, beneath: None } },
            bytes,
            1024,
        );
    }

    /// What was posted, as bytes of each piece.
    fn posted(post: &Post) -> Option<Vec<Vec<u8>>> {
        let (news, ..) = post.next();
        news.map(|news| news.pieces.into_iter().map(|(.., bytes)| bytes).collect())
    }

    #[test]
    fn however_many_conversations_there_are_few_are_remembered_and_none_is_told_twice() {
        let post = Post::default();
        let mut first = conversation(Transport::Udp);
        says(&mut first, Side::Server, b"hello");
        post.put(&first);
        assert_eq!(posted(&post).unwrap(), [&b"hi"[..], b"hello"]);
        let mut gone = 0;
        for _ in 0..3 * FOLLOWED {
            let mut other = conversation(Transport::Udp);
            says(&mut other, Side::Server, b"hello");
            post.put(&other);
            gone += post.next().1.len();
        }
        let (posted_now, ordered) = post.with(|waiting| (waiting.posted.len(), waiting.order.len()));
        assert!(posted_now <= FOLLOWED && ordered <= 2 * FOLLOWED, "{posted_now}, {ordered}");
        assert_eq!(gone, 2 * FOLLOWED + 1, "whoever shows them hears of it");
        says(&mut first, Side::Server, b"again");
        post.put(&first);
        assert_eq!(posted(&post).unwrap(), [b"again"]);
    }

    #[test]
    fn what_finds_no_room_is_posted_later_or_counted() {
        let post = Post::default();
        for _ in 0..WAITING {
            let mut other = conversation(Transport::Tcp);
            says(&mut other, Side::Server, b"hello");
            post.put(&other);
        }
        let [mut patient, mut brief] = [(); 2].map(|()| conversation(Transport::Tcp));
        for flow in [&mut patient, &mut brief] {
            says(flow, Side::Server, b"hello");
            post.put(flow);
        }
        brief.add(Event { at_us: 0, side: Side::Client, what: What::Reset }, &[], 1024);
        post.put(&brief);
        let mut left_out = 0;
        for _ in 0..WAITING {
            left_out += post.next().2;
        }
        assert_eq!(left_out, 3, "two hand-overs and the reset of one that is over");
        says(&mut patient, Side::Server, b"there");
        post.put(&patient);
        assert_eq!(posted(&post).unwrap(), [&b"hi"[..], b"hello", b"there"]);
    }
}
