//! A request however its bytes arrive, and in whichever of its forms: it is answered like the plain one.

use super::super::heard::Heard;
use super::super::place::Place;
use super::super::routes::{shown, status_text};
use super::super::script::{Script, Step};
use super::super::{Case, Judged};
use crate::evidence::{Flow, Side};
use crate::proto::http::message::Message;

/// Letters of a request that is cut, byte by byte or at every place: it is kept short.
fn short(place: &Place) -> Vec<u8> {
    place.last_get("/")
}

pub(super) fn byte_by_byte(place: &Place) -> Script {
    let bytes = short(place).into_iter().flat_map(|byte| [Step::Send(1, vec![byte]), Step::Pause]);
    let odd =
        Script::ask(place.last_get("/"), 1).then([Step::Connect]).then(bytes).then([Step::Answers(1, 1)]);
    odd.and_ask(place.last_get("/"), 1)
}

pub(super) fn split(place: &Place) -> Script {
    let request = short(place);
    let mut script = Script::ask(place.last_get("/"), 1);
    for cut in 1..request.len() {
        let (before, behind) = request.split_at(cut);
        script = script.then([
            Step::Connect,
            Step::Send(cut, before.to_vec()),
            Step::Pause,
            Step::Send(cut, behind.to_vec()),
            Step::Answers(cut, 1),
        ]);
    }
    script.and_ask(place.last_get("/"), 1)
}

pub(super) fn field_case(place: &Place) -> Script {
    let odd = format!("GET / HTTP/1.1\r\nhOsT: {}\r\ncOnNeCtIoN: close\r\n\r\n", place.host);
    let odd = Script::ask(place.last_get("/"), 1).and_ask(odd.into_bytes(), 1).then([Step::End(1)]);
    odd.and_ask(place.last_get("/"), 1)
}

pub(super) fn empty_line(place: &Place) -> Script {
    let led = [b"\r\n".as_slice(), &place.last_get("/")].concat();
    Script::ask(place.last_get("/"), 1).and_ask(led, 1).and_ask(place.last_get("/"), 1)
}

pub(super) fn absolute(place: &Place) -> Script {
    let path = "/seed-a-plant";
    let whole = format!("http://{}{path}", place.host);
    Script::ask(place.last_get(path), 1).and_ask(place.last_get(&whole), 1).and_ask(place.last_get(path), 1)
}

pub(super) fn half_close(place: &Place) -> Script {
    let asks = Script::ask(place.last_get("/"), 1);
    let halved =
        asks.then([Step::Connect, Step::Send(1, place.last_get("/")), Step::Finish(1), Step::Answers(1, 1)]);
    halved.and_ask(place.last_get("/"), 1)
}

/// Every conversation has to get what the first one got. The last one asks plainly, as the first did: where these
/// two differ, the page is another one each time, and only the status is compared.
pub(super) fn all_alike(case: &Case<'_>) -> Judged {
    let first = Heard::of(&case.flows[0]);
    let answers = first.answers();
    let Some(wanted) = answers.first() else { return Judged::no(first.end().instead()).of(0) };
    let Some(odd_ones) = case.flows.len().checked_sub(1).filter(|last| *last > 1).map(|last| 1..last) else {
        return Judged::no("nothing was recorded");
    };
    let changing = case.base.changes || changes(case);
    let many = odd_ones.len();
    for number in odd_ones {
        let flow = &case.flows[number];
        let heard = Heard::of(flow);
        let all = heard.answers();
        let cut = || how_it_came(flow, many);
        let Some(answer) = all.first().filter(|answer| answer.is_complete()) else {
            return Judged::no(format!("{}{}", cut(), heard.end().instead())).of(number);
        };
        if answer.status() != wanted.status() {
            return Judged::no(format!(
                "{}it gets {}, where the plain request gets {}",
                cut(),
                status_text(answer.status()),
                status_text(wanted.status())
            ))
            .at(number, heard.status_at(answer))
            .beside(0, "plain");
        }
        let here = answer.content_bytes();
        if here != wanted.content_bytes() && !changing {
            return Judged::no(format!(
                "{}the status is the same, and the content another one: {}",
                cut(),
                shown(&here)
            ))
            .at(number, answer.content().into_iter().next().unwrap_or_default())
            .beside(0, "plain");
        }
    }
    let says = match (many, changing) {
        (1, false) => "the same answer".to_owned(),
        (many, false) => format!("the same answer {many} times"),
        (_, true) => "the same status; the page is another one each time, however it is asked for".to_owned(),
    };
    Judged::yes(says).of(many)
}

/// Whether two plain requests got two pages.
fn changes(case: &Case<'_>) -> bool {
    let page = |flow: &Flow| {
        let heard = Heard::of(flow);
        heard.answers().first().filter(|answer| answer.is_complete()).map(Message::content_bytes)
    };
    match case.flows {
        [first, .., last] => page(first).zip(page(last)).is_some_and(|(first, last)| first != last),
        _ => false,
    }
}

/// How a request was cut, if it was one of many.
fn how_it_came(flow: &Flow, many: usize) -> String {
    let first = flow.lengths(Side::Client).next().unwrap_or_default();
    if many > 1 { format!("cut behind byte {first}: ") } else { String::new() }
}
