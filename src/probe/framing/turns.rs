//! Several requests on one connection, and when it ends.

use super::super::heard::{End, Heard};
use super::super::pairs::{ALONE, BEHIND};
use super::super::place::Place;
use super::super::robust::is_late_refusal;
use super::super::routes::status_text;
use super::super::script::{Script, Step};
use super::super::{Case, Judged};
use crate::proto::http::Framing;
use crate::proto::http::message::Message;

pub(super) fn keep_alive(place: &Place) -> Script {
    Script::ask(place.request("GET", "/", ""), 1)
        .then([Step::Send(0, place.request("GET", "/", "")), Step::Answers(0, 2)])
}

pub(super) fn pipelined(place: &Place) -> Script {
    let requests =
        [place.request("GET", "/", ""), place.request("HEAD", "/", ""), place.request("GET", "/", "")];
    Script::ask(place.last_get("/"), 1).and_ask(requests.concat(), 3)
}

pub(super) fn close(place: &Place) -> Script {
    alone_and_behind(place.last_get("/"), &place.last_get(&place.nowhere("behind-close")))
}

pub(super) fn old(place: &Place) -> Script {
    alone_and_behind(b"GET / HTTP/1.0\r\n\r\n".to_vec(), &place.last_get(&place.nowhere("behind-old")))
}

/// The last request of a connection, alone; then the same with another one behind it, which a client does not send.
fn alone_and_behind(last: Vec<u8>, behind: &[u8]) -> Script {
    let both = [&last, behind].concat();
    Script::ask(last, 1).then([Step::End(ALONE)]).and_ask(both, 2).then([Step::End(BEHIND)])
}

pub(super) fn kept(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(first) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    if heard.whole() >= 2 {
        return Judged::yes("two requests and two answers on one connection").of(0);
    }
    let at = heard.first_line(first);
    if said_close(first) {
        return Judged::nearly(
            "the server said that it closes, and did: each request costs a new connection",
        )
        .at(0, at);
    }
    let says = match heard.end() {
        End::Closed => "it closed after the first answer without having said Connection: close",
        End::Reset => {
            "it broke the connection off after the first answer without having said Connection: close"
        }
        _ => "the second request got no answer, and the connection stayed open",
    };
    Judged::no(says).at(0, at)
}

/// Whether an answer announces the end of its connection.
fn said_close(answer: &Message<'_, '_>) -> bool {
    let words = answer.field("connection").unwrap_or_default();
    let words = String::from_utf8_lossy(words).to_ascii_lowercase();
    let says = |word: &str| words.split(',').any(|one| one.trim() == word);
    says("close") || answer.version() == Some(b"HTTP/1.0") && !says("keep-alive")
}

pub(super) fn in_order(case: &Case<'_>) -> Judged {
    let (plain, heard) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let (plains, all) = (plain.answers(), heard.answers());
    let Some(wanted) = plains.first() else { return Judged::no(plain.end().instead()).of(0) };
    if let Some(surplus) = heard.surplus() {
        return Judged::no(surplus.says()).at(1, surplus.bytes);
    }
    let whole = heard.whole();
    if whole < 3 {
        let Some(last) = all.last() else { return Judged::no(heard.end().instead()).of(1) };
        let says = format!("{whole} of 3 requests were answered");
        let at = heard.first_line(last);
        return if said_close(last) {
            Judged::nearly(format!("{says}, and then the server closed, as it had said")).at(1, at)
        } else {
            Judged::no(format!("{says}; what stood behind them was lost")).at(1, at)
        };
    }
    match all.iter().find(|answer| answer.status() != wanted.status()) {
        Some(other) => Judged::no(format!("one of the answers has status {}", status_text(other.status())))
            .at(1, heard.status_at(other)),
        None => Judged::yes("three answers: content, a head alone, content").of(1),
    }
}

pub(super) fn closes(case: &Case<'_>) -> Judged {
    let [alone, behind, ..] = case.flows else { return Judged::no("nothing was recorded") };
    let (alone, behind) = (Heard::of(alone), Heard::of(behind));
    if alone.whole() == 0 {
        return Judged::no(alone.end().instead()).of(ALONE);
    }
    if !matches!(alone.end(), End::Closed | End::Reset) {
        return Judged::no("it answered and left the connection open").of(ALONE);
    }
    // A client does not send anything behind its last request; who does may be refused, even in place of the answer.
    match behind.answers().get(1).filter(|second| !is_late_refusal(second.status())) {
        Some(second) => Judged::no("it answered the request behind the last one as well")
            .at(BEHIND, behind.first_line(second)),
        None => Judged::yes("one answer, then the end").of(ALONE),
    }
}

pub(super) fn old_answer(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[ALONE]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(ALONE) };
    if let Some(status) = answer.status().filter(|status| *status >= 400 && !case.base.is(Some(*status))) {
        return Judged::no(format!("it gets {status}")).at(ALONE, heard.status_at(answer));
    }
    if answer.framing() == Framing::Chunked {
        let at = heard.part(answer, "transfer-encoding").unwrap_or_default();
        return Judged::no("the answer is in chunks, which an HTTP/1.0 client takes for content")
            .at(ALONE, at);
    }
    closes(case)
}
