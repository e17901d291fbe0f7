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
mod answering;
mod live;
mod refusing;
mod telling;

use tokio::time::Instant;

use self::again::Latest;
use self::live::Pouring;
use super::content::Content;
use super::head::{self, Ends, Head, Room, Search};
use super::page::Page;
use super::refusal::Refusal;
use super::site::Answer;
use super::switch::Talker;
use super::{Hello, condition};
use crate::lab::entry::Answered;
use crate::lab::window::Sight;
use crate::proto::http::Framing;

/// Answers gather until there are this many bytes of them, then they are written: one write for many requests that
/// came together.
const BATCH: usize = 64 * 1024;

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
    /// Another protocol follows, behind the bytes that were used; see [`Conversation::switched`].
    Switch,
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
    /// Another protocol is spoken.
    Switched(Box<dyn Talker>),
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

/// A request as its answer needs it.
#[derive(Debug, Clone, Copy)]
struct Asked<'l> {
    facts: Facts,
    /// Its first line, and perhaps what is behind it.
    line: &'l [u8],
}

/// One turn of the conversation: where its answers go, and when it is.
struct Turn<'o> {
    output: &'o mut Vec<u8>,
    now: Instant,
}

/// What a request was answered, for whoever is told of it.
#[derive(Debug, Clone, Copy)]
struct Reply {
    status: u16,
    /// Bytes of content.
    len: usize,
    refused: Option<&'static str>,
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

    /// Who speaks the protocol that follows, if one does. Nothing more is said in HTTP then.
    pub fn switched(&mut self) -> Option<Box<dyn Talker>> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Switched(talker) => Some(talker),
            stage => {
                self.stage = stage;
                None
            }
        }
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
        let turn = &mut Turn { output, now };
        loop {
            if turn.output.len() >= BATCH {
                return (at, Next::Write);
            }
            let (rest, before) = (&input[at..], turn.output.len());
            if rest.is_empty() && matches!(self.stage, Stage::Head(_)) {
                return (at, Next::Read);
            }
            if let Some(used) = self.again(rest, turn) {
                at += used;
                self.taken += used as u64;
                continue;
            }
            let counts = !matches!(self.stage, Stage::Over);
            let (used, next) = match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Head(search) => self.head(rest, search, turn),
                Stage::Content(waiting) => self.content(rest, waiting, turn),
                Stage::Late(waiting) => {
                    let Waiting { facts, line, answer, .. } = *waiting;
                    (0, self.answer(Asked { facts, line: &line }, answer, turn))
                }
                Stage::Live(pouring) => {
                    self.stage = Stage::Live(pouring);
                    (0, Some(Next::Pour))
                }
                Stage::Switched(talker) => {
                    self.stage = Stage::Switched(talker);
                    (0, Some(Next::Switch))
                }
                // What came behind the last answer is not read as a request.
                Stage::Over => (rest.len(), Some(Next::Close)),
            };
            self.seen(&rest[..used], &turn.output[before..], turn.now);
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

    fn head(&mut self, input: &[u8], mut search: Search, turn: &mut Turn<'_>) -> (usize, Option<Next>) {
        if search == Search::default() {
            self.deadline = turn.now + self.hello.patience.head;
            self.reads = self.reads.max(1);
        }
        let mut room = Room::new();
        match head::judge(input, &mut search, &mut room, self.ends) {
            Ok(Some(head)) => (head.len, self.judged(&head, input, turn)),
            Ok(None) => {
                self.stage = Stage::Head(search);
                (0, Some(Next::Read))
            }
            Err(refusal) => {
                self.refuse(refusal.behind(self.taken), input, turn);
                (input.len(), None)
            }
        }
    }

    /// A head that holds to the rules, at the beginning of `input`.
    fn judged(&mut self, head: &Head<'_>, input: &[u8], turn: &mut Turn<'_>) -> Option<Next> {
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
        let asked = Asked { facts, line };
        let site = &*self.hello.site;
        if !site.has_host(request.host, self.ends.server) {
            self.refuse_with(NOT_OURS, asked, turn);
            return None;
        }
        let content = match Content::new(known.framing) {
            Ok(content) => content,
            Err(refusal) => {
                self.refuse_with(refusal, asked, turn);
                return None;
            }
        };
        let mut answer = match request.path {
            "*" => Page::options(&site.methods()).into(),
            _ => match site.answer(request) {
                Answer::Switch(switch) if !switch.is_asked_for(request) => switch.required().into(),
                answer => answer,
            },
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
            return self.answer(asked, answer, turn);
        }
        if known.expects_continue {
            if answer.status() >= 400 {
                // The client learns this before it sends anything, and need not send it.
                let facts = Facts { keep: false, ..facts };
                return self.answer(Asked { facts, line }, answer, turn);
            }
            if input.len() == head.len {
                turn.output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
        }
        let until = turn.now + self.hello.patience.content_total;
        self.deadline = until.min(turn.now + self.hello.patience.content_idle);
        let (line, from) = (head::in_short(line), self.taken + head.len as u64);
        self.stage = Stage::Content(Box::new(Waiting { facts, line, content, from, until, answer }));
        None
    }

    fn content(
        &mut self,
        input: &[u8],
        mut waiting: Box<Waiting>,
        turn: &mut Turn<'_>,
    ) -> (usize, Option<Next>) {
        match waiting.content.take(input) {
            Ok((used, false)) => {
                self.stage = Stage::Content(waiting);
                (used, Some(Next::Read))
            }
            Ok((used, true)) => {
                let Waiting { facts, line, content, answer, .. } = *waiting;
                let facts = Facts { content: content.bytes(), ..facts };
                (used, self.answer(Asked { facts, line: &line }, answer, turn))
            }
            Err(refusal) => {
                let facts = Facts { content: waiting.content.bytes(), ..waiting.facts };
                let asked = Asked { facts, line: &waiting.line };
                self.refuse_with(refusal.behind(waiting.from), asked, turn);
                (input.len(), None)
            }
        }
    }
}
