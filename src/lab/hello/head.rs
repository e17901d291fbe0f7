//! Is this a request we may answer? The head of a request, judged (RFC 9112).
//!
//! httparse finds the tokens of field lines, and fast. What must be refused beyond that, and what is wrong with a head
//! that is broken, the [grammar](crate::proto::http::grammar) says: [`line`] (method, target, version) asks it, so do
//! [`fields`] (what contradicts itself) and [`host`]. Sizes are judged here.
//!
//! A head that comes in pieces is judged as its lines come, in the order of the bytes, so that wherever it is
//! cut the verdict is the same; and no byte is searched twice for the end.

use std::net::SocketAddr;

use memchr::memchr;

use super::fields::{self, Known};
use super::line::RequestLine;
use super::refusal::Refusal;
use super::request::{Fields, Request};
use super::{host, line};
use crate::proto::http::grammar::field_line;

/// The most bytes a head may have, line ends included.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// The most field lines a head may have.
pub const FIELD_LIMIT: usize = 100;
/// The methods this server has heard of (RFC 9110 §9, RFC 5789); they are case-sensitive.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const TOO_LONG: Refusal = Refusal::limit(431, "the head is longer than this server reads");
const TOO_MANY: Refusal = Refusal::limit(431, "more field lines than this server reads");
const ODD_LINE: Refusal =
    Refusal::limit(400, "a field line is written in a way that this server does not read");
const CAPITALS: Refusal = Refusal::not_here(501, "methods are written in capitals");
const NO_SUCH_METHOD: Refusal = Refusal::not_here(501, "this server does not know that method");
const NO_TUNNEL: Refusal = Refusal::not_here(405, "CONNECT asks for a tunnel, and this server is no proxy");

/// Field lines that find room without asking for more of it, as nearly all heads do.
const FEW: usize = 16;

/// Room for the field lines of one head.
pub struct Room<'b> {
    few: [httparse::Header<'b>; FEW],
    many: Vec<httparse::Header<'b>>,
}

impl<'b> Room<'b> {
    /// Room with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self { few: [httparse::EMPTY_HEADER; FEW], many: Vec::new() }
    }

    /// Room for that many lines and one that is not complete.
    fn of(&mut self, lines: usize) -> &mut [httparse::Header<'b>] {
        if lines < FEW {
            return &mut self.few;
        }
        self.many.resize(FIELD_LIMIT, httparse::EMPTY_HEADER);
        &mut self.many
    }
}

impl Default for Room<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// Who talks to whom.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// The client.
    pub client: SocketAddr,
    /// The address of this machine it connected to.
    pub server: SocketAddr,
    /// Whether they talk over TLS.
    pub secured: bool,
}

/// A head that holds to the rules.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// What is asked for.
    pub request: Request<'a>,
    /// What the fields say about the message.
    pub known: Known<'a>,
    /// Bytes in the head, the blank line included.
    pub len: usize,
}

/// How far the search for the end of a head has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Search {
    /// Bytes of empty lines in front of the request line.
    skipped: usize,
    /// Where the field lines begin, once the request line is there.
    fields: Option<usize>,
    /// Field lines that are complete.
    lines: usize,
    /// Where the line under way begins.
    line: usize,
    /// Where the search goes on.
    at: usize,
}

impl Search {
    /// Whether nothing has come but empty lines, which are no request.
    #[must_use]
    pub fn is_idle(self) -> bool {
        self.fields.is_none() && self.at == self.skipped
    }
}

/// The first non-empty line, without its line end, at most 200 bytes of it.
#[must_use]
pub fn first_line(input: &[u8]) -> &[u8] {
    let start = input.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    let rest = &input[start..];
    let end = rest.iter().take(200).position(|byte| matches!(byte, b'\r' | b'\n'));
    &rest[..end.unwrap_or(rest.len().min(200))]
}

/// The value of the first Host field in a head that may be broken or not all there, at most 200 bytes of it.
#[must_use]
pub fn host_line(input: &[u8]) -> Option<&[u8]> {
    let lines = input.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).skip_while(|line| line.is_empty());
    let mut fields = lines.skip(1).take_while(|line| !line.is_empty());
    let value = fields.find_map(|line| {
        let (name, value) = line.split_at_checked(5)?;
        name.eq_ignore_ascii_case(b"host:").then(|| value.trim_ascii())
    })?;
    Some(&value[..value.len().min(200)])
}

/// What is told of a head once its bytes are gone: its first line and Host, as the beginning of a head.
///
/// ```
/// use netlab::lab::hello::head::{first_line, host_line, in_short};
///
/// let short = in_short(b"\r\nGET / HTTP/1.1\r\nAccept: */*\r\nhost:  a.test \r\n\r\nHost: b.test");
/// assert_eq!((first_line(&short), host_line(&short)), (&b"GET / HTTP/1.1"[..], Some(&b"a.test"[..])));
/// assert_eq!(host_line(b"Host: a.test\r\n\r\n"), None, "that is the first line");
/// ```
#[must_use]
pub fn in_short(input: &[u8]) -> Vec<u8> {
    let line = first_line(input);
    match host_line(input) {
        Some(host) => [line, b"\r\nHost: ", host].concat(),
        None => line.to_vec(),
    }
}

/// Judges the bytes at the beginning of `input`. Nothing when more of them are needed; then `search` remembers how
/// far it has come, and the next call has the same bytes with more behind them.
///
/// # Errors
/// When they break a rule.
pub fn judge<'b: 'r, 'r>(
    input: &'b [u8],
    search: &mut Search,
    room: &'r mut Room<'b>,
    ends: Ends,
) -> Result<Option<Head<'r>>, Refusal> {
    let input = &input[..input.len().min(HEAD_LIMIT)];
    let (begin, line) = match search.fields {
        Some(begin) => (begin, None),
        None => match request_line(input, search)? {
            Some((end, line)) => (end, Some(line)),
            None if input.len() == HEAD_LIMIT => return Err(TOO_LONG),
            None => return Ok(None),
        },
    };
    let found = field_lines(input, begin, search);
    let section = match found {
        Lines::Whole(end) => &input[begin..end],
        // A line is judged when it is whole, and never twice if no other has come.
        Lines::Same => return not_yet(input),
        Lines::Some | Lines::LoneFeed(_) => &input[begin..search.line],
    };
    let parsed = httparse::parse_headers(section, room.of(search.lines));
    let parsed = parsed.map_err(|error| broken(error, section, begin))?;
    if let Lines::LoneFeed(feed) = found {
        let line = &input[search.line..=feed];
        let fault = field_line::fault(line, search.line > begin);
        return Err(fault.map_or(ODD_LINE, |fault| Refusal::of(fault.behind(search.line as u64))));
    }
    let httparse::Status::Complete((len, lines)) = parsed else { return not_yet(input) };
    let line = match line {
        Some(line) => line,
        None => line::complete(&input[search.skipped..begin - 1])?,
    };
    let known = fields::known(&Fields(lines), section, line.minor);
    let known = known.map_err(|refusal| refusal.behind(begin as u64))?;
    let target_at = search.skipped + line.method.len() + 1;
    let place = host::place(line.method, line.target, ends.secured);
    let place = place.map_err(|refusal| refusal.behind(target_at as u64))?;
    is_here(line.method)?;
    let request = Request {
        method: line.method,
        target: line.target,
        path: place.path,
        query: place.query,
        host: place.host.unwrap_or_else(|| host::named(known.host)),
        minor: line.minor,
        fields: Fields(lines),
        client: ends.client,
        server: ends.server,
    };
    Ok(Some(Head { request, known, len: begin + len }))
}

/// The head goes on behind these bytes, if there may be more of them.
fn not_yet<T>(input: &[u8]) -> Result<Option<T>, Refusal> {
    if input.len() == HEAD_LIMIT { Err(TOO_LONG) } else { Ok(None) }
}

/// Whether the method is had here.
fn is_here(method: &str) -> Result<(), Refusal> {
    if method == "CONNECT" {
        Err(NO_TUNNEL)
    } else if METHODS.contains(&method) {
        Ok(())
    } else if METHODS.iter().any(|known| known.eq_ignore_ascii_case(method)) {
        Err(CAPITALS)
    } else {
        Err(NO_SUCH_METHOD)
    }
}

/// Finds the end of the request line and judges what is there of it.
fn request_line<'b>(
    input: &'b [u8],
    search: &mut Search,
) -> Result<Option<(usize, RequestLine<'b>)>, Refusal> {
    while input[search.skipped..].starts_with(b"\r\n") {
        search.skipped += 2;
        search.at = search.skipped;
    }
    let Some(feed) = memchr(b'\n', &input[search.at..]) else {
        search.at = input.len();
        let skipped = search.skipped as u64;
        line::begun(&input[search.skipped..]).map_err(|refusal| refusal.behind(skipped))?;
        return Ok(None);
    };
    let feed = search.at + feed;
    let skipped = search.skipped as u64;
    let line = line::complete(&input[search.skipped..feed]).map_err(|refusal| refusal.behind(skipped))?;
    (search.fields, search.at, search.line) = (Some(feed + 1), feed + 1, feed + 1);
    Ok(Some((feed + 1, line)))
}

/// What has come of the field lines.
enum Lines {
    /// All of them, and the empty line, which ends here.
    Whole(usize),
    /// Some, with at least one that was not whole before.
    Some,
    /// Those that were whole before.
    Same,
    /// Up to a line that ends with LF alone, here.
    LoneFeed(usize),
}

fn field_lines(input: &[u8], begin: usize, search: &mut Search) -> Lines {
    let mut new = false;
    while let Some(feed) = memchr(b'\n', &input[search.at..]) {
        let feed = search.at + feed;
        if input[feed - 1] != b'\r' {
            return Lines::LoneFeed(feed);
        }
        // An empty line: its CR stands where a line begins.
        if feed - 1 == begin || input[feed - 2] == b'\n' {
            return Lines::Whole(feed + 1);
        }
        (search.at, search.line, search.lines) = (feed + 1, feed + 1, search.lines + 1);
        new = true;
    }
    search.at = input.len();
    if new { Lines::Some } else { Lines::Same }
}

/// What is wrong with these lines, which begin at `begin`.
#[cold]
fn broken(error: httparse::Error, lines: &[u8], begin: usize) -> Refusal {
    match (error, field_line::fault(lines, false)) {
        (httparse::Error::TooManyHeaders, _) => TOO_MANY,
        (_, Some(fault)) => Refusal::of(fault.behind(begin as u64)),
        // The grammar has nothing against what httparse does not read.
        (_, None) => ODD_LINE,
    }
}
