//! Which requests wait for an answer, as far as reading the answer depends on it (RFC 9112 §9.3.2).

use std::collections::VecDeque;

use super::facts::{Facts, Method};

/// Of how many requests without an answer the method is remembered; the answer to a later one is read as if to a GET.
const PIPELINE_LIMIT: usize = 4096;

/// Requests that have no final answer yet, in order.
#[derive(Debug, Default)]
pub(super) struct Asked {
    requests: VecDeque<Request>,
    /// Later ones, which are only counted.
    forgotten: u64,
    /// Answers that came before the heads of their requests had ended.
    early: u64,
}

/// What matters of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Request {
    pub method: Method,
    /// It asks to speak another protocol from here on.
    pub asks_to_switch: bool,
}

impl Request {
    pub fn of(facts: &Facts) -> Self {
        Self { method: facts.method, asks_to_switch: facts.method == Method::Connect || facts.upgrade }
    }
}

impl Asked {
    /// The head of a request is there. Gives whether it still waits for its answer.
    pub fn ask(&mut self, request: Request) -> bool {
        if self.early > 0 {
            self.early -= 1;
            return false;
        }
        if self.forgotten > 0 || self.requests.len() == PIPELINE_LIMIT {
            self.forgotten += 1;
        } else {
            self.requests.push_back(request);
        }
        true
    }

    /// The request that the next final response answers.
    pub fn next(&self) -> Request {
        self.requests.front().copied().unwrap_or_default()
    }

    /// The head of a final response is there.
    pub fn answer(&mut self) {
        match (self.requests.pop_front(), self.forgotten) {
            (Some(_), _) => {}
            (None, 0) => self.early += 1,
            (None, _) => self.forgotten -= 1,
        }
    }

    /// Whether every request has its answer.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.forgotten == 0
    }
}
