//! The first stage: GET / gets one whole answer in HTTP. All its checks judge the same exchange.

use std::ops::Range;

use super::after::{FIRST, is_tls};
use super::base::{SLOW_US, took_us};
use super::chunks;
use super::heard::Heard;
use super::place::Place;
use super::routes::{counted, shown, status_text};
use super::script::{Script, Step};
use super::{Ask, Case, Check, Force, Judged, Stage};
use crate::proto::http::Framing;
use crate::proto::http::message::Message;

/// The exchange the others look at.
const ANSWERS: &str = FIRST;

/// Its checks, in order.
pub const CHECKS: &[Check] = &[
    Check {
        id: ANSWERS,
        stage: Stage::Hello,
        expects: "GET / gets an answer, and it begins with an HTTP status line",
        rule: "an answer begins with the version, a space, three digits, a space, and perhaps words for people",
        rfc: "RFC 9112 §4",
        force: Force::Must,
        needs: &[],
        ask: Ask::This(front),
        judge: answers,
    },
    Check {
        id: "hello.head",
        stage: Stage::Hello,
        expects: "every line of the head is one that HTTP knows, and an empty line ends it",
        rule: "a head is lines, each ended with CR LF: a status line, then names and values with a colon between, then an empty line",
        rfc: "RFC 9112 §2.1",
        force: Force::Must,
        needs: &[ANSWERS],
        ask: Ask::Same(ANSWERS),
        judge: head,
    },
    Check {
        id: "hello.length",
        stage: Stage::Hello,
        expects: "the content is as long as the head says, and nothing stands behind the one answer",
        rule: "Content-Length counts the bytes of the content; too few and the client waits, too many and the rest is lost or taken for the next answer",
        rfc: "RFC 9110 §8.6",
        force: Force::Must,
        needs: &["hello.head"],
        ask: Ask::Same(ANSWERS),
        judge: length,
    },
    Check {
        id: "hello.status",
        stage: Stage::Hello,
        expects: "the front page is there: 200",
        rule: "200 says that the request succeeded and that the content is what was asked for",
        rfc: "RFC 9110 §15.3.1",
        force: Force::Exercise,
        needs: &[ANSWERS],
        ask: Ask::Same(ANSWERS),
        judge: status,
    },
    Check {
        id: "hello.version",
        stage: Stage::Hello,
        expects: "the answer says HTTP/1.1, as the request did",
        rule: "a server answers in the highest version it speaks whose first digit the client's request had",
        rfc: "RFC 9110 §6.2",
        force: Force::Should,
        needs: &[ANSWERS],
        ask: Ask::Same(ANSWERS),
        judge: version,
    },
    Check {
        id: "hello.type",
        stage: Stage::Hello,
        expects: "Content-Type says what the content is",
        rule: "who sends content says what it is; without a type every client has to guess",
        rfc: "RFC 9110 §8.3",
        force: Force::Should,
        needs: &["hello.head"],
        ask: Ask::Same(ANSWERS),
        judge: content_type,
    },
    Check {
        id: "hello.again",
        stage: Stage::Hello,
        expects: "whoever asks again, on another connection, is answered again",
        rule: "a request is complete in itself: a server answers the second one as if there had been no first",
        rfc: "RFC 9110 §3.3",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(front),
        judge: again,
    },
];

fn front(place: &Place) -> Script {
    // What stands behind the answer is seen only by who reads on until the server closes, as it was asked to.
    Script::ask(place.last_get("/"), 1).then([Step::End(0)])
}

fn answers(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    // A conversation in TLS was tried only because the plain one had come to nothing.
    let in_tls = case.flows.get(1).filter(|flow| is_tls(&flow.from_server.bytes)).map(|_| 1);
    if let Some(flow) = in_tls.or(is_tls(&case.flows[0].from_server.bytes).then_some(0)) {
        let len = case.flows[flow].from_server.bytes.len();
        return Judged::no(
            "TLS is spoken on this port: that is a server for https, and what it says is inside the encryption, where the probe does not look",
        )
        .at(flow, 0..len.min(TLS_RECORD));
    }
    if heard.is_empty() {
        return Judged::no(heard.end().instead()).of(0);
    }
    let all = heard.answers();
    let Some(answer) = all.first() else {
        let rule = heard.surplus().map_or_else(|| "there is no status line".to_owned(), |fault| fault.says());
        return Judged::no(rule).at(0, 0..heard.len().min(1));
    };
    let line = heard.first_line(answer);
    let start = heard.part(answer, "status-line").map_or(line.start, |line| line.start);
    if let Some(before) = before(&heard, start) {
        let bytes = case.flows[0].from_server.bytes.get(before.clone()).unwrap_or_default();
        return Judged::no(format!(
            "in front of the status line stands {}: an answer begins with its status line, and nothing goes before it",
            if bytes.trim_ascii().is_empty() { "an empty line".to_owned() } else { shown(bytes.trim_ascii_end()) }
        ))
        .at(0, before);
    }
    let took = took_us(&case.flows[0]).unwrap_or(0);
    match (heard.fault(answer).filter(|fault| fault.bytes.start < line.end), answer.status()) {
        (Some(fault), _) => Judged::no(fault.says()).at(0, fault.bytes),
        (None, None) => Judged::no("the first line has no status").at(0, line),
        (None, Some(status)) if took >= SLOW_US => Judged::nearly(format!(
            "an HTTP answer with status {status}, and it took {}: a client may give up before that",
            seconds(took)
        ))
        .at(0, line),
        (None, Some(status)) => Judged::yes(format!("an HTTP answer with status {status}")).at(0, line),
    }
}

/// The length of the head of a TLS record (RFC 8446 §5.1).
const TLS_RECORD: usize = 5;

/// The bytes in front of the first answer's status line.
fn before(heard: &Heard<'_>, line: usize) -> Option<Range<usize>> {
    let len = heard.fields().bytes.get(..line)?.len();
    (len > 0).then_some(0..len)
}

/// A time in a sentence.
pub(super) fn seconds(us: u64) -> String {
    format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000)
}

fn head(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let Some(len) = answer.head_len() else {
        return Judged::no("the empty line that ends a head never came").at(0, last_byte(&heard));
    };
    let end = heard.first_line(answer).start + len;
    match heard.fault(answer).filter(|fault| fault.bytes.start < end) {
        Some(fault) => Judged::no(fault.says()).at(0, fault.bytes),
        None => Judged::yes(format!("{len} bytes in {} field lines", answer.fields().count())).of(0),
    }
}

fn length(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    if answer.framing() == Framing::Chunked {
        let judged = chunks::judge(&heard, answer);
        return if answer.is_complete() { second(&heard).unwrap_or(judged) } else { judged };
    }
    let there: usize = answer.content().iter().map(std::iter::ExactSizeIterator::len).sum();
    let promise = heard.part(answer, "content-length").unwrap_or_else(|| last_byte(&heard));
    if !answer.is_complete() {
        let says = match answer.framing() {
            Framing::Length(wanted) => format!("the head promises {wanted} bytes, and {there} came"),
            Framing::UntilClose => {
                "the head gives no length, so the content lasts until the server closes; and it did not close"
                    .to_owned()
            }
            _ => "nobody can tell where the content ends".to_owned(),
        };
        return Judged::no(says).at(0, promise);
    }
    if let Some(second) = second(&heard) {
        return second;
    }
    if let Some(surplus) = heard.surplus() {
        return behind(&heard, surplus.bytes);
    }
    match answer.framing() {
        Framing::UntilClose => Judged::nearly(format!(
            "{there} bytes until the server closed: without a length a client cannot tell a whole answer from a broken one"
        ))
        .of(0),
        _ => Judged::yes(format!("{there} bytes, as promised")).at(0, promise),
    }
}

/// A second answer stands behind the first, and there was one request.
fn second(heard: &Heard<'_>) -> Option<Judged> {
    let all = heard.answers();
    let second = all.get(1)?;
    let what = if same(heard, &all[0], second) { "the same answer came twice" } else { "two answers came" };
    Some(
        Judged::no(format!(
            "{what}, and there was one request: a client takes the second for the answer to its next one"
        ))
        .at(0, heard.first_line(second)),
    )
}

fn same(heard: &Heard<'_>, one: &Message<'_, '_>, other: &Message<'_, '_>) -> bool {
    one.status() == other.status()
        && heard.fault(other).is_none()
        && one.content_bytes() == other.content_bytes()
}

/// Bytes stand behind the end of the answer, from there on.
pub(super) fn behind(heard: &Heard<'_>, surplus: Range<usize>) -> Judged {
    let many = counted((heard.len() - surplus.start) as u64);
    Judged::no(format!("{many} came behind the end of the answer")).at(0, surplus)
}

fn status(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let at = heard.status_at(answer);
    match answer.status() {
        Some(200) => Judged::yes("200").at(0, at),
        Some(401) => Judged::no(
            "GET / gets 401: the server wants a name and a password, and the probe has none; what is behind them is not judged",
        )
        .at(0, at),
        Some(status @ 300..=399) => Judged::no(format!("GET / gets {status}{}", elsewhere(answer))).at(0, at),
        Some(status) => Judged::no(format!("GET / gets {status}")).at(0, at),
        None => Judged::no("GET / gets no status").at(0, at),
    }
}

/// Where an answer sends its client.
fn elsewhere(answer: &Message<'_, '_>) -> String {
    let to = answer.field("location").unwrap_or_default();
    if to.is_empty() { String::new() } else { format!(": it sends whoever asks to {}", shown(to)) }
}

/// Whether a second client got what the first one did.
fn again(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let at = heard.status_at(answer);
    match (case.base.status, answer.status()) {
        (_, None) => Judged::no("the second answer has no status").at(0, at),
        (Some(then), Some(now)) if then != now => {
            Judged::no(format!("the first client got {then}, the second {now}")).at(0, at)
        }
        (_, now) if case.base.changes => {
            Judged::yes(format!("{}, and another page: it changes", status_text(now))).at(0, at)
        }
        (_, now) => Judged::yes(format!("{} again, and the same page", status_text(now))).at(0, at),
    }
}

fn version(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let at = heard.part(answer, "version").unwrap_or_else(|| heard.first_line(answer));
    match answer.version() {
        Some(b"HTTP/1.1") => Judged::yes("HTTP/1.1").at(0, at),
        Some(other) => Judged::no(format!(
            "it says {}: to a client that is a server which closes after each answer and knows no chunks",
            String::from_utf8_lossy(other)
        ))
        .at(0, at),
        None => Judged::no("it names no version").at(0, at),
    }
}

fn content_type(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    match answer.field("content-type") {
        Some(value) if !value.is_empty() => Judged::yes(String::from_utf8_lossy(value).into_owned())
            .at(0, heard.part(answer, "content-type").unwrap_or_default()),
        None if answer.is_complete() && answer.content_bytes().is_empty() => {
            Judged::yes("the answer has no content, so there is nothing to say of it").of(0)
        }
        _ => Judged::no("the answer has no Content-Type").of(0),
    }
}

/// The byte behind which more was to come.
pub(super) fn last_byte(heard: &Heard<'_>) -> Range<usize> {
    heard.len().saturating_sub(1)..heard.len()
}
