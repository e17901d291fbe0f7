//! What is not answered as asked: requests that break a rule, come too slowly, or are cut short.

use tokio::time::Instant;

use super::{Asked, Conversation, Facts, Stage, Turn};
use crate::lab::hello::head;
use crate::lab::hello::page::Page;
use crate::lab::hello::refusal::Refusal;

const SLOW_HEAD: Refusal = Refusal::Late("the head of the request took too long to arrive");
const SLOW_CONTENT: Refusal = Refusal::Late("the content of the request took too long to arrive");
const HEAD_CUT_SHORT: Refusal = Refusal::Cut("the client finished before the blank line that ends a head");
const CONTENT_CUT_SHORT: Refusal = Refusal::Cut("the client finished before the content was complete");

impl Conversation<'_> {
    /// Patience has ended. What is left to say is in `output`.
    pub fn late(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) {
        self.broken_off(input, &mut Turn { output, now }, [SLOW_HEAD, SLOW_CONTENT]);
    }

    /// The client has finished. What is left to say is in `output`.
    pub fn ended(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) {
        self.broken_off(input, &mut Turn { output, now }, [HEAD_CUT_SHORT, CONTENT_CUT_SHORT]);
    }

    fn broken_off(&mut self, input: &[u8], turn: &mut Turn<'_>, [in_head, in_content]: [Refusal; 2]) {
        let before = turn.output.len();
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Head(search) if !search.is_idle() => {
                self.refuse(in_head, input, turn);
                self.seen(input, &turn.output[before..], turn.now);
            }
            Stage::Content(waiting) => {
                let facts = Facts { content: waiting.content.bytes(), ..waiting.facts };
                self.refuse_with(in_content, Asked { facts, line: &waiting.line }, turn);
                self.seen(&[], &turn.output[before..], turn.now);
            }
            // A client that left, or had nothing to say.
            _ => {}
        }
    }

    /// Refuses something that was no request.
    pub(super) fn refuse(&mut self, refusal: Refusal, input: &[u8], turn: &mut Turn<'_>) {
        let head_only = head::first_line(input).starts_with(b"HEAD ");
        let facts = Facts { head: input.len(), content: 0, head_only, minor: 1, keep: false };
        self.refuse_with(refusal, Asked { facts, line: input }, turn);
    }

    pub(super) fn refuse_with(&mut self, refusal: Refusal, asked: Asked<'_>, turn: &mut Turn<'_>) {
        self.refused = Some(refusal);
        self.send(asked, &Page::refusal(refusal), Some(refusal.why()), turn);
    }
}
