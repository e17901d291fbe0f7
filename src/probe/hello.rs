//! The first stage: GET / gets one whole answer in HTTP. All its checks judge the same exchange.

use std::ops::Range;

use super::chunks;
use super::heard::Heard;
use super::place::Place;
use super::routes::counted;
use super::script::{Script, Step};
use super::{Ask, Case, Check, Force, Judged, Stage};
use crate::proto::http::Framing;

/// The exchange the others look at.
const ANSWERS: &str = "hello.answers";

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
        expects: "the content is as long as the head says, and nothing stands behind it",
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
];

fn front(place: &Place) -> Script {
    // What stands behind the answer is seen only by who reads on until the server closes, as it was asked to.
    Script::ask(place.last_get("/"), 1).then([Step::End(0)])
}

fn answers(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    if heard.is_empty() {
        return Judged::no(heard.end().instead()).of(0);
    }
    let all = heard.answers();
    let Some(answer) = all.first() else {
        let rule = heard.surplus().map_or_else(|| "there is no status line".to_owned(), |fault| fault.says());
        return Judged::no(rule).at(0, 0..heard.len().min(1));
    };
    let line = heard.first_line(answer);
    match (heard.fault(answer).filter(|fault| fault.bytes.start < line.end), answer.status()) {
        (Some(fault), _) => Judged::no(fault.says()).at(0, fault.bytes),
        (None, None) => Judged::no("the first line has no status").at(0, line),
        (None, Some(status)) => Judged::yes(format!("an HTTP answer with status {status}")).at(0, line),
    }
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
        return chunks::judge(&heard, answer);
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
        Some(status) => Judged::no(format!("GET / gets {status}")).at(0, at),
        None => Judged::no("GET / gets no status").at(0, at),
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
        _ => Judged::no("the answer has no Content-Type").of(0),
    }
}

/// The byte behind which more was to come.
pub(super) fn last_byte(heard: &Heard<'_>) -> Range<usize> {
    heard.len().saturating_sub(1)..heard.len()
}
