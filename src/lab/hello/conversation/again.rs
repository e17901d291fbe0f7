//! A client that asks the same again: a browser that reloads, a script in a loop, a load test.
//!
//! Its head comes byte for byte as before, so what was judged then holds, and where the site says that its answer
//! is settled, that holds as well.

use std::sync::Arc;

use super::{Asked, Conversation, Facts, Turn};
use crate::lab::hello::page::Page;

/// A head that is longer than this is judged each time.
const SHORT: usize = 1024;

/// The latest request without content that has a settled answer.
pub(super) struct Latest {
    head: Vec<u8>,
    facts: Facts,
    page: Arc<Page>,
}

impl Conversation<'_> {
    /// Remembers a head that was judged, all of it, and its answer.
    pub(super) fn remember(&mut self, head: &[u8], facts: Facts, page: &Arc<Page>) {
        if page.settled && facts.keep && head.len() <= SHORT {
            self.latest = Some(Box::new(Latest { head: head.to_vec(), facts, page: page.clone() }));
        }
    }

    /// Answers when a request begins and `input` begins with that very head. Gives how many bytes the head has.
    pub(super) fn again(&mut self, input: &[u8], turn: &mut Turn<'_>) -> Option<usize> {
        if !self.is_idle() {
            return None;
        }
        let latest = self.latest.take_if(|latest| input.starts_with(&latest.head))?;
        let before = turn.output.len();
        self.reads = self.reads.max(1);
        let asked = Asked { facts: latest.facts, line: &latest.head };
        self.send(asked, &latest.page, None, turn);
        let len = latest.head.len();
        self.seen(&latest.head, &turn.output[before..], turn.now);
        self.latest = Some(latest);
        Some(len)
    }
}
