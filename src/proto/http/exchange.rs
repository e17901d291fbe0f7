//! Which request a response answers: RFC 9112 §9.3.2, by order alone.
//!
//! ```text
//! requests    GET /a     HEAD /b                 GET /c
//! responses   200        100  200 (no content)   404        a 1xx answers nothing for good
//! ```

use super::super::field::Fields;
use super::super::stream::{Carriage, Sender, Stream};
use super::facts::{self, Facts, Method};

/// How often one stream's other direction is read to see whether an upgrade was granted.
const LOOKS_LIMIT: u32 = 8;

/// Both directions of a connection, as far as one must know of the other.
pub(super) struct Exchange<'a> {
    bytes: &'a [u8],
    other: &'a [u8],
    /// The methods of the requests in the other direction; read when the first response comes.
    methods: Option<Vec<Method>>,
    requests: usize,
    responses: usize,
    looks: u32,
}

impl<'a> Exchange<'a> {
    /// From the first byte on of a side, and of the other one.
    pub fn new(bytes: &'a [u8], other: &'a [u8]) -> Self {
        Self { bytes, other, methods: None, requests: 0, responses: 0, looks: 0 }
    }

    /// The method of the request that the next final response answers.
    pub fn method(&mut self) -> Method {
        let other = self.other;
        let methods = self.methods.get_or_insert_with(|| methods(other));
        methods.get(self.responses).copied().unwrap_or_default()
    }

    /// Counts a message that has just been read, and says whether another protocol follows it.
    /// `end` is where it ends, counted from this side's first byte.
    pub fn switches(&mut self, facts: &Facts, end: usize) -> bool {
        if facts.is_response {
            self.responses += usize::from(facts.is_final());
            return facts.switches();
        }
        self.requests += 1;
        let asks = facts.method == Method::Connect || facts.upgrade;
        if !asks || end >= self.bytes.len() || self.looks == LOOKS_LIMIT {
            return false;
        }
        self.looks += 1;
        let requests = &self.bytes[..end];
        match statuses(self.other, requests).get(self.requests - 1) {
            Some(&status) => facts::switches(facts.method, status),
            // Nobody tells how it was answered; after CONNECT there is nothing else to expect.
            None => facts.method == Method::Connect,
        }
    }
}

fn methods(requests: &[u8]) -> Vec<Method> {
    let stream = Stream {
        bytes: requests,
        other: &[],
        sender: Sender::Client,
        carriage: Carriage::Stream,
        ended: false,
    };
    let fields = if requests.is_empty() { return Vec::new() } else { super::HTTP.opening(stream).0 };
    starts(&fields, "request-line").map(|line| method(&fields, line)).collect()
}

fn method(fields: &Fields<'_>, line: usize) -> Method {
    fields.part(line, "method").map_or(Method::Other, |at| Method::of(fields.raw(at)))
}

fn statuses(responses: &[u8], requests: &[u8]) -> Vec<u16> {
    let stream = Stream {
        bytes: responses,
        other: requests,
        sender: Sender::Server,
        carriage: Carriage::Stream,
        ended: false,
    };
    let fields = super::HTTP.opening(stream).0;
    starts(&fields, "status-line")
        .filter_map(|line| fields.number(fields.part(line, "status")?))
        .filter_map(|status| u16::try_from(status).ok())
        .filter(|&status| facts::is_final(status))
        .collect()
}

/// The first lines with this name, one a message.
fn starts<'f>(fields: &'f Fields<'_>, name: &'f str) -> impl Iterator<Item = usize> + 'f {
    fields.roots().filter_map(move |root| fields.part(root, name))
}
