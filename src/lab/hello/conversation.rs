//! One conversation in HTTP, without a socket: bytes in, bytes out, and what has to happen next.
//!
//! ```text
//!            a head that holds to the rules
//!   ┌▶ Head ──────────────────────────────▶ Content ─────┐   all of it is there
//!   │    │        no content: straight on       │        │
//!   │    │                                      │        ▼
//!   │    └────── a rule is broken ───▶ Over ◀───┘     answer ──▶ Late ──┐  after its pause
//!   │                                   ▲                │              │
//!   │                                   │ closes         ├──▶ Live ─────┤  piece by piece
//!   └───────────────────────────────────┴── stays open ──┴──────────────┘
//! ```
//!
//! Bytes may come in any pieces: [`Conversation::take`] uses what it can and says what it needs.

mod again;
mod live;
mod telling;

use tokio::time::Instant;

use self::again::Latest;
use self::live::Pouring;
use super::content::Content;
use super::head::{self, Ends, Head, Room, Search};
use super::page::{After, Page};
use super::refusal::Refusal;
use super::site::Answer;
use super::{Hello, condition, date};
use crate::lab::entry::Answered;
use crate::lab::window::Sight;
use crate::proto::http::Framing;

/// Answers gather until there are this many bytes of them, then they are written: one write for many requests that
/// came together.
const BATCH: usize = 64 * 1024;

const SLOW_HEAD: Refusal = Refusal::Late("the head of the request took too long to arrive");
const SLOW_CONTENT: Refusal = Refusal::Late("the content of the request took too long to arrive");
const HEAD_CUT_SHORT: Refusal = Refusal::Cut("the client finished before the blank line that ends a head");
const CONTENT_CUT_SHORT: Refusal = Refusal::Cut("the client finished before the content was complete");
const NOT_OURS: Refusal = Refusal::not_here(421, "the request is for a site that this server does not have");

/// What has to happen before the conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The client has to say more.
    Read,
    /// What has gathered has to be written.
    Write,
    /// This long has to pass; then the answer is there.
    Pause(std::time::Duration),
    /// The next piece of an answer has to come; see [`Conversation::pour`].
    Pour,
    /// Nothing: it is over.
    Close,
}

/// A conversation.
pub struct Conversation<'a> {
    hello: &'a Hello,
    ends: Ends,
    connection: u64,
    stage: Stage,
    /// When patience with the client ends.
    deadline: Instant,
    /// Whether the server stops: then no answer is followed by another.
    stopping: bool,
    requests: u64,
    /// Bytes of requests that were answered as asked, those of the one under way, and why the last one was refused.
    taken: u64,
    under_way: u64,
    refused: Option<Refusal>,
    /// Reads that brought bytes of the request under way.
    reads: u64,
    /// What a client that asks the same again is answered.
    latest: Option<Box<Latest>>,
    /// The bytes of the request under way, if there is a window to show them in.
    sight: Option<Box<Sight>>,
    /// A request that was answered and is to be shown there.
    shown: Option<Answered>,
}

/// Where it is.
enum Stage {
    /// In front of a head or within it.
    Head(Search),
    /// Behind a head, within its content. The answer is decided and waits.
    Content(Box<Waiting>),
    /// The content is there and the answer is not due yet.
    Late(Box<Waiting>),
    /// The answer comes in pieces.
    Live(Box<Pouring>),
    /// Nothing more is said.
    Over,
}

/// What is remembered of a request, once its bytes are gone.
#[derive(Debug, Clone, Copy)]
struct Facts {
    head: usize,
    content: u64,
    head_only: bool,
    minor: u8,
    keep: bool,
}

struct Waiting {
    facts: Facts,
    line: Vec<u8>,
    content: Content,
    /// Where the content begins in the connection.
    from: u64,
    until: Instant,
    answer: Answer,
}

impl<'a> Conversation<'a> {
    /// One that has just begun.
    #[must_use]
    pub fn new(hello: &'a Hello, ends: Ends, connection: u64, now: Instant) -> Self {
        let stage = Stage::Head(Search::default());
        let deadline = now + hello.patience.head;
        Self {
            hello,
            ends,
            connection,
            stage,
            deadline,
            stopping: false,
            requests: 0,
            taken: 0,
            under_way: 0,
            refused: None,
            reads: 0,
            latest: None,
            sight: None,
            shown: None,
        }
    }

    /// When [`late`](Self::late) is due, if nothing comes before.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Why the last request was not answered as asked, if that is so. A byte that broke a rule is counted from the first
    /// of the connection.
    #[must_use]
    pub fn refused(&self) -> Option<Refusal> {
        self.refused
    }

    /// How many bytes of the connection were requests that were answered as asked.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether nothing of a request is there: nobody would miss anything if it were over.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Head(search) if search.is_idle())
    }

    /// The server stops.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// A read brought bytes.
    pub fn heard(&mut self, now: Instant) {
        self.reads += 1;
        if let Stage::Content(waiting) = &self.stage {
            self.deadline = waiting.until.min(now + self.hello.patience.content_idle);
        }
    }

    /// Uses up bytes from the front of `input` and adds answers to `output`. Gives how many bytes were used and
    /// what is next.
    pub fn take(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) -> (usize, Next) {
        let mut at = 0;
        loop {
            if output.len() >= BATCH {
                return (at, Next::Write);
            }
            let (rest, before) = (&input[at..], output.len());
            if rest.is_empty() && matches!(self.stage, Stage::Head(_)) {
                return (at, Next::Read);
            }
            if let Some(used) = self.again(rest, output, now) {
                at += used;
                self.taken += used as u64;
                continue;
            }
            let counts = !matches!(self.stage, Stage::Over);
            let (used, next) = match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Head(search) => self.head(rest, search, output, now),
                Stage::Content(waiting) => self.content(rest, waiting, output, now),
                Stage::Late(waiting) => {
                    let Waiting { facts, line, answer, .. } = *waiting;
                    (0, self.answer(facts, &line, answer, output, now))
                }
                Stage::Live(pouring) => {
                    self.stage = Stage::Live(pouring);
                    (0, Some(Next::Pour))
                }
                // What came behind the last answer is not read as a request.
                Stage::Over => (rest.len(), Some(Next::Close)),
            };
            self.seen(&rest[..used], &output[before..], now);
            at += used;
            if counts && self.refused.is_none() {
                self.under_way += used as u64;
                if !matches!(self.stage, Stage::Content(_)) {
                    self.taken += std::mem::take(&mut self.under_way);
                }
            }
            if let Some(next) = next {
                return (at, next);
            }
        }
    }

    /// Patience has ended. What is left to say is in `output`.
    pub fn late(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) {
        self.broken_off(input, output, now, SLOW_HEAD, SLOW_CONTENT);
    }

    /// The client has finished. What is left to say is in `output`.
    pub fn ended(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) {
        self.broken_off(input, output, now, HEAD_CUT_SHORT, CONTENT_CUT_SHORT);
    }

    fn broken_off(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        now: Instant,
        in_head: Refusal,
        in_content: Refusal,
    ) {
        let before = output.len();
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Head(search) if !search.is_idle() => {
                self.refuse(in_head, input, output, now);
                self.seen(input, &output[before..], now);
            }
            Stage::Content(waiting) => {
                let facts = Facts { content: waiting.content.bytes(), ..waiting.facts };
                self.refuse_with(in_content, facts, &waiting.line, output, now);
                self.seen(&[], &output[before..], now);
            }
            // A client that left, or had nothing to say.
            _ => {}
        }
    }

    fn head(
        &mut self,
        input: &[u8],
        mut search: Search,
        output: &mut Vec<u8>,
        now: Instant,
    ) -> (usize, Option<Next>) {
        if search == Search::default() {
            self.deadline = now + self.hello.patience.head;
            self.reads = self.reads.max(1);
        }
        let mut room = Room::new();
        match head::judge(input, &mut search, &mut room, self.ends) {
            Ok(Some(head)) => (head.len, self.judged(&head, input, output, now)),
            Ok(None) => {
                self.stage = Stage::Head(search);
                (0, Some(Next::Read))
            }
            Err(refusal) => {
                self.refuse(refusal.behind(self.taken), input, output, now);
                (input.len(), None)
            }
        }
    }

    /// A head that holds to the rules, at the beginning of `input`.
    fn judged(&mut self, head: &Head<'_>, input: &[u8], output: &mut Vec<u8>, now: Instant) -> Option<Next> {
        let (request, known) = (&head.request, &head.known);
        // Where the request line ends is looked for when somebody is told of it.
        let line = &input[..head.len];
        let facts = Facts {
            head: head.len,
            content: 0,
            head_only: request.method == "HEAD",
            minor: request.minor,
            keep: known.keep_alive && !self.hello.patience.keep_alive.is_zero(),
        };
        let site = &*self.hello.site;
        if !site.has_host(request.host, self.ends.server) {
            self.refuse_with(NOT_OURS, facts, line, output, now);
            return None;
        }
        let content = match Content::new(known.framing) {
            Ok(content) => content,
            Err(refusal) => {
                self.refuse_with(refusal, facts, line, output, now);
                return None;
            }
        };
        let mut answer = match request.path {
            "*" => Page::options(&site.methods()).into(),
            _ => site.answer(request),
        };
        if known.conditional
            && let Some(instead) = answer.page().and_then(|page| condition::instead(page, request))
        {
            answer = answer.with_page(instead);
        }
        if matches!(known.framing, Framing::None | Framing::Length(0)) {
            if let Answer::Page(page) = &answer {
                self.remember(line, facts, page);
            }
            return self.answer(facts, line, answer, output, now);
        }
        if known.expects_continue {
            if answer.status() >= 400 {
                // The client learns this before it sends anything, and need not send it.
                return self.answer(Facts { keep: false, ..facts }, line, answer, output, now);
            }
            if input.len() == head.len {
                output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
        }
        let until = now + self.hello.patience.content_total;
        self.deadline = until.min(now + self.hello.patience.content_idle);
        let (line, from) = (head::in_short(line), self.taken + head.len as u64);
        self.stage = Stage::Content(Box::new(Waiting { facts, line, content, from, until, answer }));
        None
    }

    fn content(
        &mut self,
        input: &[u8],
        mut waiting: Box<Waiting>,
        output: &mut Vec<u8>,
        now: Instant,
    ) -> (usize, Option<Next>) {
        match waiting.content.take(input) {
            Ok((used, false)) => {
                self.stage = Stage::Content(waiting);
                (used, Some(Next::Read))
            }
            Ok((used, true)) => {
                let Waiting { facts, line, content, answer, .. } = *waiting;
                let facts = Facts { content: content.bytes(), ..facts };
                (used, self.answer(facts, &line, answer, output, now))
            }
            Err(refusal) => {
                let facts = Facts { content: waiting.content.bytes(), ..waiting.facts };
                self.refuse_with(refusal.behind(waiting.from), facts, &waiting.line, output, now);
                (input.len(), None)
            }
        }
    }

    /// The request is all there. Its answer is said, or what it waits for.
    fn answer(
        &mut self,
        facts: Facts,
        line: &[u8],
        answer: Answer,
        output: &mut Vec<u8>,
        now: Instant,
    ) -> Option<Next> {
        match answer {
            Answer::Page(page) => {
                self.send(facts, line, &page, None, output, now);
                None
            }
            Answer::Late(pause, page) => {
                let (content, line) = (Content::none(), head::in_short(line));
                let waiting =
                    Waiting { facts, line, content, from: 0, until: now, answer: Answer::Page(page) };
                self.stage = Stage::Late(Box::new(waiting));
                Some(Next::Pause(pause))
            }
            Answer::Live(answer) => {
                self.begin(facts, line, answer, output, now);
                None
            }
        }
    }

    fn send(
        &mut self,
        facts: Facts,
        line: &[u8],
        page: &Page,
        refused: Option<&'static str>,
        output: &mut Vec<u8>,
        now: Instant,
    ) {
        let keep = facts.keep && !page.closes && !self.stopping;
        page.append(output, &date::date(now), after(keep, facts.minor), facts.head_only);
        let sent = if facts.head_only { 0 } else { page.len };
        self.tell(facts, line, page.status, sent, refused, now);
        self.go_on(keep, now);
    }

    /// Refuses something that was no request.
    fn refuse(&mut self, refusal: Refusal, input: &[u8], output: &mut Vec<u8>, now: Instant) {
        let head_only = head::first_line(input).starts_with(b"HEAD ");
        let facts = Facts { head: input.len(), content: 0, head_only, minor: 1, keep: false };
        self.refuse_with(refusal, facts, input, output, now);
    }

    fn refuse_with(
        &mut self,
        refusal: Refusal,
        facts: Facts,
        line: &[u8],
        output: &mut Vec<u8>,
        now: Instant,
    ) {
        self.refused = Some(refusal);
        self.send(facts, line, &Page::refusal(refusal), Some(refusal.why()), output, now);
    }

    /// Behind an answer.
    fn go_on(&mut self, keep: bool, now: Instant) {
        self.reads = 0;
        self.deadline = now + self.hello.patience.keep_alive;
        self.stage = if keep { Stage::Head(Search::default()) } else { Stage::Over };
    }
}

fn after(keep: bool, minor: u8) -> After {
    match (keep, minor) {
        (false, _) => After::Closed,
        (true, 0) => After::KeptOpen,
        (true, _) => After::Open,
    }
}
