//! Requests with content, and answers without.

use super::super::heard::{End, Heard};
use super::super::place::{CLOSE, Place};
use super::super::routes::status_text;
use super::super::script::{Script, Step};
use super::super::{Case, Judged};
use crate::evidence::{Side, TroubleKind, What};
use crate::proto::http::message::Message;

/// A POST whose content could be taken for a request, and a GET / behind it.
pub(super) fn counted(place: &Place) -> Script {
    let content = place.request("GET", &place.nowhere("in-content"), "");
    let head = place.request("POST", "/", &format!("Content-Length: {}\r\n", content.len()));
    behind(place, &[head, content].concat())
}

pub(super) fn chunked(place: &Place) -> Script {
    let content = place.request("GET", &place.nowhere("in-chunk"), "");
    let (first, rest) = content.split_at(content.len() / 2);
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let head = place.request("POST", "/", "Transfer-Encoding: chunked\r\n");
    behind(place, &[head, chunk(first), chunk(rest), b"0\r\n\r\n".to_vec()].concat())
}

fn behind(place: &Place, post: &[u8]) -> Script {
    let both = [post, &place.last_get("/")].concat();
    // A third answer would be one to the content.
    Script::ask(place.last_get("/"), 1).and_ask(both, 2).then([Step::End(1)])
}

pub(super) fn behind_content(case: &Case<'_>) -> Judged {
    let (plain, heard) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let (plains, all) = (plain.answers(), heard.answers());
    let (Some(wanted), Some(first)) = (plains.first(), all.first()) else {
        return Judged::no(if plains.is_empty() { plain.end() } else { heard.end() }.instead()).of(1);
    };
    if heard.whole() == 0 {
        return Judged::no(heard.end().instead()).of(1);
    }
    let refused = status_text(first.status());
    match (all.get(1), all.get(2)) {
        (_, Some(third)) => Judged::no(
            "there are three answers to two requests: the content of the first was taken for a request, which is how requests are smuggled",
        )
        .at(1, heard.first_line(third)),
        (Some(second), None) if second.status() == wanted.status() => {
            Judged::yes(format!("the POST gets {refused}, and GET / behind it is answered as usual")).of(1)
        }
        (Some(second), None) => Judged::no(format!(
            "GET / behind the content gets {} and not {}: something of the content was taken for it",
            status_text(second.status()),
            status_text(wanted.status())
        ))
        .at(1, heard.status_at(second)),
        (None, None) if matches!(heard.end(), End::Closed | End::Reset) => {
            Judged::yes(format!("the POST gets {refused}, and the server closes, so nothing is mistaken")).of(1)
        }
        (None, None) => Judged::no(format!(
            "the POST gets {refused}, and then the connection hangs: the request behind it was lost"
        ))
        .at(1, heard.first_line(first)),
    }
}

pub(super) fn expect(place: &Place) -> Script {
    let head = place.request("POST", "/", &format!("Content-Length: 5\r\nExpect: 100-continue\r\n{CLOSE}"));
    Script::default().then([
        Step::Connect,
        Step::Send(0, head),
        Step::Interim(0),
        Step::Send(0, b"hello".to_vec()),
        Step::Answers(0, 1),
    ])
}

pub(super) fn expected(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.all();
    // Bytes that came before the content went out were answers to the head alone.
    let waited = heard.end() == End::Silent && all.is_empty() || gave_up_first(case);
    match (all.first().and_then(Message::status), heard.answers().first()) {
        _ if waited => {
            Judged::no("nothing came before the content was sent: it waited for what the client waited with")
                .of(0)
        }
        (Some(100), Some(last)) if last.is_complete() => {
            Judged::yes(format!("100, then {}", status_text(last.status()))).of(0)
        }
        (Some(100), _) => Judged::no("100 came, and no answer after the content").of(0),
        (Some(status), Some(only)) if only.is_complete() => Judged::yes(format!("{status} at once")).of(0),
        _ => Judged::no(heard.end().instead()).of(0),
    }
}

/// Whether patience ended before the server's first byte.
fn gave_up_first(case: &Case<'_>) -> bool {
    let events = &case.flows[0].events;
    let silent = |what: &What| matches!(what, What::Failed(trouble) if trouble.kind == TroubleKind::TimedOut);
    let said = events
        .iter()
        .position(|event| event.side == Side::Server && matches!(event.what, What::Bytes { .. }));
    let gave_up = events.iter().position(|event| silent(&event.what));
    gave_up.is_some_and(|gave_up| said.is_none_or(|said| gave_up < said))
}

/// A page that nobody has: what is said there is often made at that moment, from the request.
pub(super) fn head_length(place: &Place) -> Script {
    let path = place.nowhere("head-length");
    Script::ask(place.last_get(&path), 1).and_ask(place.request("HEAD", &path, CLOSE), 1)
}

pub(super) fn same_length(case: &Case<'_>) -> Judged {
    let (get, head) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let (gets, heads) = (get.answers(), head.answers());
    let (Some(got), Some(answer)) = (gets.first(), heads.first()) else {
        return Judged::no(if gets.is_empty() { get.end() } else { head.end() }.instead()).of(1);
    };
    let there = got.content_bytes().len() as u64;
    let at = head.part(answer, "content-length").unwrap_or_default();
    match answer.content_length() {
        _ if !got.is_complete() || !answer.is_complete() => Judged::no(head.end().instead()).of(1),
        None => Judged::yes("none is stated").of(1),
        Some(here) if here == there => Judged::yes(format!("{here}, as with GET")).at(1, at),
        Some(here) => {
            let content = String::from_utf8_lossy(&got.content_bytes()).into_owned();
            let named = here == there + 1 && content.contains("GET");
            let why = if named {
                "; the page names the method it was asked with, and HEAD is a letter longer than GET"
            } else {
                ""
            };
            Judged::no(format!("Content-Length says {here}, and with GET {there} bytes come{why}")).at(1, at)
        }
    }
}
