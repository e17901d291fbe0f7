//! What is told of a request: to the person who started the server, and in the window that shows its bytes.

use tokio::time::Instant;

use super::{Asked, Conversation, Reply, Stage, head};
use crate::lab::entry::{Answered, Outcome};
use crate::lab::window::Sight;

impl Conversation<'_> {
    /// Tells that a request was answered.
    pub(super) fn tell(&mut self, asked: Asked<'_>, reply: Reply, now: Instant) {
        let Asked { facts, line } = asked;
        self.requests += 1;
        self.shown = self.hello.requests.answered(now, || Answered {
            connection: self.connection,
            number: self.requests,
            client: self.ends.client,
            at: now,
            headline: head::first_line(line).to_vec(),
            host: head::host_line(line).map(<[u8]>::to_vec),
            head: facts.head,
            content: facts.content,
            reads: self.reads,
            outcome: Outcome { good: reply.status < 400, code: Some(reply.status) },
            answer: reply.len,
            remark: reply.refused,
        });
    }

    /// Bytes went by: these of the client's were used up, these are to be said.
    pub(super) fn seen(&mut self, heard: &[u8], said: &[u8], now: Instant) {
        let is_under_way = !matches!(self.stage, Stage::Head(_) | Stage::Switched(_) | Stage::Over);
        if self.shown.is_none() && self.sight.is_none() && !is_under_way {
            return;
        }
        let Some(window) = self.hello.requests.window() else { return };
        let told = self.shown.take();
        if told.is_none() && (!is_under_way || heard.is_empty() && self.sight.is_none()) {
            // It was one of too many, has not begun, or has been shown.
            self.sight = None;
            return;
        }
        let mut sight = self.sight.take().unwrap_or_else(|| Box::new(Sight::begin(now)));
        sight.heard(heard);
        sight.said(said);
        let Some(told) = told else {
            self.sight = Some(sight);
            return;
        };
        let mut exchange = sight.answered(told, self.ends.server);
        exchange.server_finished = matches!(self.stage, Stage::Over);
        window.put(exchange, self.hello.requests.left_out().many());
    }
}
