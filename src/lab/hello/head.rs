//! Is this a request we may answer? The head of a request, judged (RFC 9112).
//!
//! httparse finds the tokens. What must be refused beyond that is checked here, one rule at a time:
//! line ends, version, target, Host, Content-Length and Transfer-Encoding.

use std::net::SocketAddr;

use crate::proto::http::Framing;

/// The most bytes a head may have, line ends included.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// The most bytes a request target may have.
pub const TARGET_LIMIT: usize = 8_000;
/// The most field lines a head may have.
pub const FIELD_LIMIT: usize = 100;
/// The most bytes a method may have; the longest registered one has 17.
const METHOD_LIMIT: usize = 32;
/// The methods this server has heard of (RFC 9110 §9, RFC 5789); they are case-sensitive.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// A request that will not be answered as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status code that says so.
    pub status: u16,
    /// Why, as a sentence part.
    pub why: &'static str,
}

const fn bad(why: &'static str) -> Refusal {
    Refusal { status: 400, why }
}

/// The head did not arrive in time.
pub const TOO_SLOW: Refusal = Refusal { status: 408, why: "the head of the request took too long to arrive" };
/// The client finished in the middle of the head.
pub const CUT_SHORT: Refusal = bad("the client finished before the blank line that ends a head");

/// A request that may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The method, as sent.
    pub method: String,
    /// The path of the target, without the query.
    pub path: String,
    /// 0 for HTTP/1.0, 1 for HTTP/1.1.
    pub minor: u8,
    /// Whether the connection may carry another request after this one (RFC 9112 §9.3).
    pub keep_alive: bool,
    /// How the content ends (RFC 9112 §6): never until close, in a request.
    pub framing: Framing,
    /// Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1).
    pub expects_continue: bool,
    /// Bytes in the head, the blank line included.
    pub len: usize,
}

impl Head {
    /// The request line within the bytes the head was parsed from.
    #[must_use]
    pub fn line<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        first_line(input.get(..self.len).unwrap_or(input))
    }
}

/// What became of the bytes so far.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The head is not complete.
    More,
    /// It is, and all is well.
    Head(Head),
    /// It breaks a rule.
    Refused(Refusal),
}

/// The first non-empty line, without its line end, at most 200 bytes of it.
#[must_use]
pub fn first_line(input: &[u8]) -> &[u8] {
    let start = input.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    let rest = &input[start..];
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    &rest[..end.min(200)]
}

/// Judges the bytes at the beginning of `input`. `server` is the address the client connected to.
#[must_use]
pub fn parse(input: &[u8], server: SocketAddr) -> Parsed {
    match judge(input, server) {
        Ok(Some(head)) => Parsed::Head(head),
        Ok(None) => Parsed::More,
        Err(refusal) => Parsed::Refused(refusal),
    }
}

fn judge(input: &[u8], server: SocketAddr) -> Result<Option<Head>, Refusal> {
    let end = input.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let seen = &input[..end.unwrap_or(input.len())];
    line_ends(seen)?;
    let whole_line = request_line(seen)?;
    // Half a line is not judged by its tokens, so that a cut anywhere changes nothing.
    if !whole_line && seen.len() <= HEAD_LIMIT {
        return Ok(None);
    }
    let mut fields = [httparse::EMPTY_HEADER; FIELD_LIMIT];
    let mut request = httparse::Request::new(&mut fields);
    let len = match request.parse(seen) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) if seen.len() > HEAD_LIMIT => {
            return Err(Refusal { status: 431, why: "the head is longer than this server reads" });
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(token(error)),
    };
    if len > HEAD_LIMIT {
        return Err(Refusal { status: 431, why: "the head is longer than this server reads" });
    }
    let minor = request.version.unwrap_or(1);
    let method = request.method.unwrap_or_default();
    let target = request.path.unwrap_or_default();
    let fields = Fields(request.headers);
    host(&fields, minor, server)?;
    let framing = framing(&fields, minor)?;
    let path = path(method, target)?;
    if !METHODS.contains(&method) {
        return Err(Refusal { status: 501, why: "this server does not know that method" });
    }
    Ok(Some(Head {
        method: method.to_owned(),
        path: path.to_owned(),
        minor,
        keep_alive: keep_alive(&fields, minor),
        framing,
        expects_continue: minor == 1 && fields.has_token("expect", "100-continue"),
        len,
    }))
}

/// A line ends with CRLF. A lone LF is refused because others on the way may not see a line end in it.
fn line_ends(seen: &[u8]) -> Result<(), Refusal> {
    if seen.starts_with(&[0x16, 0x03]) {
        return Err(bad(
            "these bytes begin a TLS handshake: this port speaks plain HTTP, so ask with http://, not https://",
        ));
    }
    let lone = |(at, &byte): (usize, &u8)| byte == b'\n' && (at == 0 || seen[at - 1] != b'\r');
    if seen.iter().enumerate().any(lone) {
        return Err(bad("a line ends with LF alone; HTTP lines end with CR LF"));
    }
    Ok(())
}

/// What httparse would only call "invalid", told apart: sizes and versions (RFC 9112 §2.3 and §3).
/// Gives whether the line is complete.
fn request_line(seen: &[u8]) -> Result<bool, Refusal> {
    let line = first_line_whole(seen);
    let mut words = line.bytes.splitn(3, |&byte| byte == b' ');
    let method = words.next().unwrap_or_default();
    if method.len() > METHOD_LIMIT {
        return Err(bad("the method is longer than any method there is"));
    }
    let target = words.next().unwrap_or_default();
    if target.len() > TARGET_LIMIT {
        return Err(Refusal { status: 414, why: "the request target is longer than this server reads" });
    }
    if !line.complete {
        return Ok(false);
    }
    match words.next() {
        Some(b"HTTP/1.1" | b"HTTP/1.0") => Ok(true),
        Some(version) if is_other_version(version) => {
            Err(Refusal { status: 505, why: "this server speaks HTTP/1.1 and HTTP/1.0 only" })
        }
        Some(_) => Err(bad("the request line does not end with a version such as HTTP/1.1")),
        None => Err(bad("the request line has no version; only HTTP/0.9 was like that, and it is gone")),
    }
}

/// One digit, a dot, one digit, and not HTTP/1: a version that exists or may come to exist.
fn is_other_version(version: &[u8]) -> bool {
    matches!(version.strip_prefix(b"HTTP/"), Some([major, b'.', minor])
        if major.is_ascii_digit() && minor.is_ascii_digit() && !matches!(major, b'0' | b'1'))
}

struct Line<'a> {
    bytes: &'a [u8],
    complete: bool,
}

fn first_line_whole(seen: &[u8]) -> Line<'_> {
    let start = seen.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(seen.len());
    let rest = &seen[start..];
    match rest.windows(2).position(|two| two == b"\r\n") {
        Some(end) => Line { bytes: &rest[..end], complete: true },
        None => Line { bytes: rest, complete: false },
    }
}

fn token(error: httparse::Error) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => {
            Refusal { status: 431, why: "more field lines than this server reads" }
        }
        httparse::Error::HeaderName => {
            bad("a field name holds a byte that may not be in a name, or has a space before its colon")
        }
        httparse::Error::HeaderValue => bad("a field value holds a control byte"),
        httparse::Error::NewLine => bad("a CR is not followed by LF"),
        httparse::Error::Token => bad("the request line holds a byte that may not be there"),
        _ => bad("the request line is not method, target and version with one space between"),
    }
}

/// The four forms of a target (RFC 9112 §3.2), reduced to the path.
fn path<'a>(method: &str, target: &'a str) -> Result<&'a str, Refusal> {
    if !target.is_ascii() {
        return Err(bad("the request target holds a byte outside ASCII, which has to be written as %XX"));
    }
    let origin = match target.split_once("://") {
        _ if target.starts_with('/') || (target == "*" && method == "OPTIONS") => target,
        _ if method == "CONNECT" => target,
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        _ => return Err(bad("the request target must begin with a slash, or be a whole URL")),
    };
    Ok(origin.split_once('?').map_or(origin, |(path, _)| path))
}

/// HTTP/1.1 needs exactly one Host (RFC 9112 §3.2), and it must be a name this server has: a web
/// page from elsewhere may make a browser come here under a name of its own (DNS rebinding).
fn host(fields: &Fields<'_>, minor: u8, server: SocketAddr) -> Result<(), Refusal> {
    let mut hosts = fields.all("host");
    let Some(host) = hosts.next() else {
        return if minor == 0 { Ok(()) } else { Err(bad("HTTP/1.1 needs a Host field, and there is none")) };
    };
    if hosts.next().is_some() {
        return Err(bad("there is more than one Host field"));
    }
    let text = std::str::from_utf8(host).map_err(|_| bad("the Host field is not a host name"))?;
    let name = host_name(text).ok_or(bad("the Host field is not a host name, with or without a port"))?;
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let own = name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".test")
        || bare.parse() == Ok(server.ip())
        || bare.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        || text.is_empty();
    if own {
        Ok(())
    } else {
        Err(Refusal { status: 421, why: "the Host field names a site that this server does not have" })
    }
}

/// `uri-host [":" port]` (RFC 9110 §7.2): the host, or nothing if it is not one.
fn host_name(text: &str) -> Option<&str> {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (text, ""),
    };
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte);
    let in_literal = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let good = match name.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(literal)) => literal.bytes().all(in_literal),
        Some(None) => false,
        None => name.bytes().all(in_name),
    };
    (good && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// RFC 9112 §6.3: a request with both framings, or an odd one, is how requests are smuggled.
fn framing(fields: &Fields<'_>, minor: u8) -> Result<Framing, Refusal> {
    let codings: Vec<&[u8]> = fields.all("transfer-encoding").collect();
    let mut lengths = fields.all("content-length");
    let length = lengths.next();
    if lengths.next().is_some() {
        return Err(bad("there is more than one Content-Length"));
    }
    if codings.is_empty() {
        let Some(length) = length else { return Ok(Framing::None) };
        let digits = !length.is_empty() && length.len() <= 18 && length.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(length).ok().filter(|_| digits).and_then(|text| text.parse().ok());
        return number.map(Framing::Length).ok_or(bad("Content-Length is not a plain number of bytes"));
    }
    if length.is_some() {
        return Err(bad("Content-Length and Transfer-Encoding contradict each other"));
    }
    if minor == 0 {
        return Err(bad("HTTP/1.0 has no Transfer-Encoding"));
    }
    let names: Vec<String> = codings
        .iter()
        .flat_map(|value| value.split(|&byte| byte == b','))
        .map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase())
        .collect();
    match names.iter().filter(|name| *name == "chunked").count() {
        1 if names.len() == 1 => Ok(Framing::Chunked),
        0 | 1
            if names.last().is_some_and(|last| last != "chunked")
                && names.iter().any(|name| name == "chunked") =>
        {
            Err(bad("chunked must be the last transfer coding"))
        }
        0 | 1 => Err(Refusal { status: 501, why: "this server knows no transfer coding but chunked" }),
        _ => Err(bad("chunked is named twice")),
    }
}

/// HTTP/1.1 keeps the connection unless told otherwise, HTTP/1.0 closes it unless told otherwise.
fn keep_alive(fields: &Fields<'_>, minor: u8) -> bool {
    if fields.has_token("connection", "close") {
        return false;
    }
    minor == 1 || fields.has_token("connection", "keep-alive")
}

/// The field lines, asked by name.
struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.trim_ascii())
    }

    /// Whether a comma-separated field has this element, whatever its case.
    fn has_token(&self, name: &'static str, token: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .any(|element| element.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }
}
