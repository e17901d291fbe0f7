//! Is this a request we may answer? The head of a request, judged (RFC 9112).
//!
//! httparse finds the tokens of field lines. What must be refused beyond that is checked by us, one rule at a time:
//! [`line`] (method, target, version), line ends and sizes here, [`fields`] (what contradicts itself), [`host`].
//!
//! A head that comes in pieces is judged as its lines come, in the order of the bytes, so that wherever it is
//! cut the verdict is the same; and no byte is searched twice for the end.

use std::net::SocketAddr;

use memchr::memchr;

use super::fields::{self, Known};
use super::line::{LONE_FEED, RequestLine};
use super::refusal::{Refusal, bad};
use super::request::{Fields, Request};
use super::{host, line};

/// The most bytes a head may have, line ends included.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// The most field lines a head may have.
pub const FIELD_LIMIT: usize = 100;
/// The methods this server has heard of (RFC 9110 §9, RFC 5789); they are case-sensitive.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const TOO_LONG: Refusal = Refusal { status: 431, why: "the head is longer than this server reads" };

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
    /// Where the search goes on.
    at: usize,
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
    let lines = match field_lines(input, begin, search) {
        Lines::Whole(end) => &input[begin..end],
        // None of them is new, so there is nothing to judge.
        Lines::Same => return Ok(None),
        Lines::Some => &input[begin..],
        Lines::LoneFeed(at) => {
            // What stands in front of it was there first.
            httparse::parse_headers(&input[begin..at], room.of(search.lines))
                .map_err(|error| broken(error, &input[begin..at]))?;
            return Err(LONE_FEED);
        }
    };
    let parsed = httparse::parse_headers(lines, room.of(search.lines));
    let parsed = parsed.map_err(|error| broken(error, lines))?;
    let httparse::Status::Complete((len, lines)) = parsed else {
        return if input.len() == HEAD_LIMIT { Err(TOO_LONG) } else { Ok(None) };
    };
    let line = match line {
        Some(line) => line,
        None => line::complete(&input[search.skipped..begin - 1])?,
    };
    understand(line, Fields(lines), begin + len, ends).map(Some)
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
        line::begun(&input[search.skipped..])?;
        return Ok(None);
    };
    let feed = search.at + feed;
    let line = line::complete(&input[search.skipped..feed])?;
    (search.fields, search.at) = (Some(feed + 1), feed + 1);
    Ok(Some((feed + 1, line)))
}

/// What has come of the field lines.
enum Lines {
    /// All of them, and the empty line, which ends here.
    Whole(usize),
    /// Some, with at least one that was not there before.
    Some,
    /// Those that were there before.
    Same,
    /// Up to a line that ends with LF alone, here.
    LoneFeed(usize),
}

fn field_lines(input: &[u8], begin: usize, search: &mut Search) -> Lines {
    let mut new = input.len() == HEAD_LIMIT;
    while let Some(feed) = memchr(b'\n', &input[search.at..]) {
        let feed = search.at + feed;
        if input[feed - 1] != b'\r' {
            return Lines::LoneFeed(feed);
        }
        // An empty line: its CR stands where a line begins.
        if feed - 1 == begin || input[feed - 2] == b'\n' {
            return Lines::Whole(feed + 1);
        }
        (search.at, search.lines) = (feed + 1, search.lines + 1);
        new = true;
    }
    search.at = input.len();
    if new { Lines::Some } else { Lines::Same }
}

/// The rules that take the whole head.
fn understand<'a>(
    line: RequestLine<'a>,
    lines: Fields<'a>,
    len: usize,
    ends: Ends,
) -> Result<Head<'a>, Refusal> {
    let known = fields::known(&lines, line.minor)?;
    let named = host::field(known.host, line.minor)?;
    let place = host::place(line.method, line.target, ends.secured)?;
    if !METHODS.contains(&line.method) {
        let in_capitals = METHODS.iter().any(|method| method.eq_ignore_ascii_case(line.method));
        let why = if in_capitals {
            "methods are written in capitals"
        } else {
            "this server does not know that method"
        };
        return Err(Refusal { status: 501, why });
    }
    if line.method == "CONNECT" {
        return Err(Refusal { status: 405, why: "CONNECT asks for a tunnel, and this server is no proxy" });
    }
    let request = Request {
        method: line.method,
        target: line.target,
        path: place.path,
        query: place.query,
        host: place.host.unwrap_or(named),
        minor: line.minor,
        fields: lines,
        client: ends.client,
        server: ends.server,
    };
    Ok(Head { request, known, len })
}

/// What is wrong with these field lines.
fn broken(error: httparse::Error, lines: &[u8]) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => {
            Refusal { status: 431, why: "more field lines than this server reads" }
        }
        httparse::Error::HeaderName => bad(name_trouble(lines)),
        httparse::Error::HeaderValue => bad("a field value holds a control byte"),
        httparse::Error::NewLine => bad("a CR is not followed by LF"),
        _ => bad("a field line is not a name, a colon and a value"),
    }
}

/// What is wrong with the first name that is none: the byte that ends it tells.
fn name_trouble(lines: &[u8]) -> &'static str {
    for line in lines.split(|&byte| byte == b'\n') {
        let len = line.iter().take_while(|&&byte| line::is_token(byte)).count();
        return match (len, line.get(len)) {
            (1.., Some(b':')) | (0, None) => continue,
            (0, Some(b' ' | b'\t')) => {
                "a field line begins with a space: lines are not continued in HTTP any more"
            }
            (0, Some(b':')) => "a field line has nothing in front of its colon",
            (_, Some(b' ' | b'\t')) => "a field name has a space behind it, where its colon belongs",
            (1.., Some(b'\r') | None) => "a field line has no colon between a name and a value",
            _ => "a field name holds a byte that may not be in a name",
        };
    }
    "a field line is not a name, a colon and a value"
}
