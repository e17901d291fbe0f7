//! Finger: one line asks about somebody, and lines of text answer.
//!
//! RFC 1288 §2.2 (lines), §2.3 (the query), §2.4 (forwarding), §2.5 (what is answered).
//!
//! ```text
//!  client   [ "/W" ] [ SP ] [ username ] *( "@" hostname ) CRLF        /W ada@garden.test
//!  server   *( text CRLF ), and the end of the connection
//! ```
//!
//! Nothing in the bytes says that they are finger: a line of text could be anything. The port has to say it, or the
//! program that wrote them down.
//!
//! ```
//! use netlab::proto::finger::FINGER;
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let query = Stream::alone(b"/W ada\r\n", Sender::Client, Carriage::Stream);
//! let fields = FINGER.dissect(query);
//! let user = fields.list.iter().position(|field| field.spec.name == "user").unwrap();
//! assert_eq!(fields.raw(user), b"ada");
//! ```

use super::cut::{Cut, Lines, Step};
use super::field::{Fields, Spec, Value};
use super::reader::Reader;
use super::row::{Behind, Likeness, Pairs, Protocol, Role, Said, Sample};
use super::stream::{Around, Sender};

/// The most lines of an answer that are told apart.
const LINES: usize = 65_536;

/// The most hosts of a query that are told apart.
const HOSTS: usize = 64;

/// The row of finger.
pub static FINGER: Protocol = Protocol {
    name: "finger",
    title: "finger",
    rfc: "RFC 1288",
    ports: &[79, 7079],
    looks_like,
    read,
    pairs: Pairs::InOrder(role),
    headline,
    may_switch: |_, _| false,
    samples,
    carries: &[],
    inner: |_, _| Vec::new(),
    cut: || Box::new(FingerCut::default()),
};

const QUERY: Spec = Spec::new("finger", "RFC 1288 §2.3", "a query: one line that says about whom to tell");
const ANSWER: Spec =
    Spec::new("finger", "RFC 1288 §2.5", "an answer: lines of text, up to the end of the connection");
const VERBOSE: Spec =
    Spec::new("verbose", "RFC 1288 §2.5.4", "/W asks for more words; a server may leave that unheeded");
const SPACE: Spec = Spec::punctuation("sp", "RFC 1288 §2.3", "spaces between the parts of the query");
const USER: Spec =
    Spec::new("user", "RFC 1288 §2.5.2", "whom the query is about; one that names nobody asks who is there");
const FORWARD: Spec = Spec::new(
    "forward",
    "RFC 1288 §2.4",
    "asks the server to pass the query on to another one; of several hosts the last comes first",
);
const AT: Spec = Spec::punctuation("at", "RFC 1288 §2.3", "an @ stands before the name of a host");
const HOST: Spec = Spec::new("host", "RFC 1288 §2.3", "a host that the query is to be passed on to");
const LINE: Spec = Spec::new("line", "RFC 1288 §2.2", "one line of text and the bytes that end it");
const TEXT: Spec = Spec::new("text", "RFC 1288 §2.2", "the characters of the line");
const END: Spec = Spec::punctuation("crlf", "RFC 1288 §2.2", "carriage return and line feed end a line");
const SURPLUS: Spec = Spec::new("surplus", "RFC 1288 §2.3", "bytes behind the query, which nobody asked for");

static LF_ALONE: &str =
    "a line ends with carriage return and line feed (\\r\\n), and this one has the line feed alone";
static CUT: &str = "a line ends with carriage return and line feed (\\r\\n), and here the bytes end before";
static LOWER: &str = "the token that asks for more words is /W, in capitals";
static CONTROL: &str = "text holds no control bytes other than tab";
static NO_HOST: &str = "the name of a host stands behind each @";
static ONE_LINE: &str = "a query is one line, and this stands behind it";
static TOO_MANY: &str =
    "netlab tells no more lines of an answer apart than 65,536, and no more hosts than 64";

/// A rule, found by its address.
type Rule = &'static &'static str;

/// Text may be finger, and nothing is finger for certain.
fn looks_like(bytes: &[u8], _around: &Around<'_>) -> Likeness {
    let is_text = |&byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n') || !byte.is_ascii_control();
    if bytes.iter().take(TEXT_LOOK).all(is_text) { Likeness::MayBe } else { Likeness::No }
}

/// How many bytes are looked at to see whether they are text.
const TEXT_LOOK: usize = 512;

/// Reads one direction of a conversation.
fn read<'a>(reader: &mut Reader<'a>, around: &Around<'a>) -> Behind {
    if !reader.at_end() {
        match around.sender {
            Sender::Client => query(reader, around.ended),
            Sender::Server => answer(reader, around.ended),
        }
    }
    Behind::Nothing
}

/// Reads the query, and what stands behind it.
fn query(reader: &mut Reader<'_>, ended: bool) {
    let line = Line::measure(reader.ahead());
    let text = &reader.ahead()[..line.text];
    reader.group(&QUERY, |reader| {
        let (verbose, rest) = token(text);
        mark(reader, &VERBOSE, verbose.len(), (verbose == b"/w").then_some(&LOWER));
        let (space, rest) = rest.split_at(rest.iter().take_while(|byte| **byte == b' ').count());
        mark(reader, &SPACE, space.len(), None);
        let (user, hosts) = rest.split_at(rest.iter().position(|&byte| byte == b'@').unwrap_or(rest.len()));
        mark(reader, &USER, user.len(), control(user));
        forward(reader, hosts);
        line.end(reader, ended);
        if !reader.at_end() {
            reader.rest(&SURPLUS, Value::Text);
            reader.problem(&ONE_LINE);
        }
    });
}

/// The token that asks for more words, and what is behind it. It is one only where a space or nothing follows.
fn token(text: &[u8]) -> (&[u8], &[u8]) {
    let (first, rest) = text.split_at(text.iter().position(|&byte| byte == b' ').unwrap_or(text.len()));
    if first.eq_ignore_ascii_case(b"/W") { (first, rest) } else { (&[], text) }
}

/// Reads the hosts, each with the @ before it.
fn forward(reader: &mut Reader<'_>, hosts: &[u8]) {
    if hosts.is_empty() {
        return;
    }
    reader.group_as(&FORWARD, slice(reader.position(), hosts.len()), |reader| {
        let mut left = hosts;
        for _ in 0..HOSTS {
            let Some((_, behind)) = left.split_first() else { return };
            let host = &behind[..behind.iter().position(|&byte| byte == b'@').unwrap_or(behind.len())];
            mark(reader, &AT, 1, host.is_empty().then_some(&NO_HOST));
            mark(reader, &HOST, host.len(), control(host));
            left = &behind[host.len()..];
        }
        mark(reader, &HOST, left.len(), Some(&TOO_MANY));
    });
}

/// Reads the lines of an answer.
fn answer(reader: &mut Reader<'_>, ended: bool) {
    reader.group(&ANSWER, |reader| {
        for _ in 0..LINES {
            if reader.at_end() {
                return;
            }
            let line = Line::measure(reader.ahead());
            let text = &reader.ahead()[..line.text];
            reader.group_as(&LINE, slice(reader.position(), text.len()), |reader| {
                mark(reader, &TEXT, text.len(), control(text));
                line.end(reader, ended);
            });
        }
        if !reader.at_end() {
            reader.rest(&TEXT, Value::Text);
            reader.problem(&TOO_MANY);
        }
    });
}

/// A line at the beginning of bytes.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Bytes of text.
    text: usize,
    /// Bytes that end it: 2, or fewer if something is wrong or has not come yet.
    end: usize,
    /// Whether a line feed is among them.
    is_whole: bool,
}

impl Line {
    fn measure(bytes: &[u8]) -> Self {
        let feed = bytes.iter().position(|&byte| byte == b'\n');
        let (before, is_whole) = (&bytes[..feed.unwrap_or(bytes.len())], feed.is_some());
        let returned = usize::from(before.last() == Some(&b'\r'));
        Self { text: before.len() - returned, end: returned + usize::from(is_whole), is_whole }
    }

    /// Reads what ends it. Where that is missing and can't come any more, the field before it has the blame.
    fn end(self, reader: &mut Reader<'_>, ended: bool) {
        mark(reader, &END, self.end, (self.is_whole && self.end == 1).then_some(&LF_ALONE));
        if !self.is_whole && ended {
            reader.problem(&CUT);
        }
    }
}

/// Reads so many bytes of text, which are there; none are no field.
fn mark(reader: &mut Reader<'_>, spec: &'static Spec, len: usize, rule: Option<Rule>) {
    if len > 0 {
        // The length was measured on the bytes ahead, so this cannot be cut.
        let _ = reader.mark(spec, len);
        if let Some(rule) = rule {
            reader.problem(rule);
        }
    }
}

/// The rule that text breaks with a control byte in it.
fn control(text: &[u8]) -> Option<Rule> {
    text.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t').then_some(&CONTROL)
}

/// The value of a group that shows `len` bytes from `from` on.
fn slice(from: usize, len: usize) -> Value {
    let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Value::Slice(place(from), place(from + len))
}

fn role(_fields: &Fields<'_>, _message: usize, sender: Sender) -> Role {
    match sender {
        Sender::Client => Role::Asks,
        Sender::Server => Role::Answers,
    }
}

/// A query says about whom, an answer its first line that is not empty.
fn headline(fields: &Fields<'_>, message: usize) -> Option<Vec<Said>> {
    let value = |name| fields.find(message, name).map(|at| Said::Theirs(fields.value(at).into_owned()));
    if fields.find(message, "line").is_some() {
        return Some(vec![value("text")?]);
    }
    let about = match value("user") {
        Some(user) => vec![Said::Ours("about "), user],
        None => vec![Said::Ours("who is there?")],
    };
    let on = value("forward").map(|hosts| vec![Said::Ours(", to be passed on to "), hosts]);
    Some(about.into_iter().chain(on.into_iter().flatten()).collect())
}

fn samples() -> Vec<Sample> {
    vec![
        Sample::stream(Sender::Client, &b"/W ada@garden.test\r\nmore"[..]),
        Sample::stream(Sender::Server, &b"Login: ada\r\n"[..]),
    ]
}

/// A query is a line, and an answer everything up to the end of the connection (RFC 1288 §2.1).
#[derive(Default)]
struct FingerCut {
    query: Lines,
    /// Whether an answer has begun.
    answered: bool,
}

impl Cut for FingerCut {
    fn feed(&mut self, from: Sender, new: &[u8], ended: bool) -> Step {
        match from {
            Sender::Client => self.query.feed(from, new, ended),
            Sender::Server => {
                self.answered |= !new.is_empty();
                let whole = ended && std::mem::take(&mut self.answered);
                Step { used: new.len(), whole, broken: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FingerCut;
    use crate::proto::cut::{Cut, Step};
    use crate::proto::stream::Sender;

    #[test]
    fn a_query_ends_with_its_line_and_an_answer_with_the_connection() {
        let mut cut = FingerCut::default();
        let step = |used, whole| Step { used, whole, broken: None };
        assert_eq!(cut.feed(Sender::Client, b"ada", false), step(3, false));
        assert_eq!(cut.feed(Sender::Client, b"\r\nmore", false), step(2, true));
        assert_eq!(cut.feed(Sender::Server, b"Login: ada\r\n", false), step(12, false));
        assert_eq!(cut.feed(Sender::Server, b"", true), step(0, true));
        assert_eq!(cut.feed(Sender::Server, b"", true), step(0, false), "it is said once");
    }
}
