//! How a request is answered that was asked as it should be, and what comes behind the answer.

use tokio::time::Instant;

use super::{Asked, Conversation, Next, Reply, Search, Stage, Turn, Waiting};
use crate::lab::hello::content::Content;
use crate::lab::hello::page::{After, Page};
use crate::lab::hello::site::Answer;
use crate::lab::hello::{date, head};

impl Conversation<'_> {
    /// The request is all there. Its answer is said, or what it waits for.
    pub(super) fn answer(&mut self, asked: Asked<'_>, answer: Answer, turn: &mut Turn<'_>) -> Option<Next> {
        match answer {
            Answer::Page(page) => {
                self.send(asked, &page, None, turn);
                None
            }
            Answer::Late(pause, page) => {
                let (content, line) = (Content::none(), head::in_short(asked.line));
                let (facts, until, answer) = (asked.facts, turn.now, Answer::Page(page));
                let waiting = Waiting { facts, line, content, from: 0, until, answer };
                self.stage = Stage::Late(Box::new(waiting));
                Some(Next::Pause(pause))
            }
            Answer::Live(answer) => {
                self.begin(asked, answer, turn);
                None
            }
            Answer::Switch(switch) => {
                switch.append_head(turn.output);
                self.tell(asked, Reply { status: 101, len: 0, refused: None }, turn.now);
                self.stage = Stage::Switched(switch.talker);
                None
            }
        }
    }

    pub(super) fn send(
        &mut self,
        asked: Asked<'_>,
        page: &Page,
        refused: Option<&'static str>,
        Turn { output, now }: &mut Turn<'_>,
    ) {
        let facts = asked.facts;
        let keep = facts.keep && !page.closes && !self.stopping;
        page.append(output, &date::date(*now), after(keep, facts.minor), facts.head_only);
        let len = if facts.head_only { 0 } else { page.len };
        self.tell(asked, Reply { status: page.status, len, refused }, *now);
        self.go_on(keep, *now);
    }

    /// Behind an answer.
    pub(super) fn go_on(&mut self, keep: bool, now: Instant) {
        self.reads = 0;
        self.deadline = now + self.hello.patience.keep_alive;
        self.stage = if keep { Stage::Head(Search::default()) } else { Stage::Over };
    }
}

pub(super) fn after(keep: bool, minor: u8) -> After {
    match (keep, minor) {
        (false, _) => After::Closed,
        (true, 0) => After::KeptOpen,
        (true, _) => After::Open,
    }
}
