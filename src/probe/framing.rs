//! The third stage: where messages begin and end, however the bytes arrive, and when a connection does.

use super::heard::{End, Heard};
use super::place::{CLOSE, Place};
use super::routes::{shown, status_text};
use super::script::{Script, Step};
use super::{Ask, Case, Check, Force, Judged, Stage};
use crate::evidence::Side;
use crate::proto::http::Framing;
use crate::proto::http::message::Message;

/// Its checks, in order. Most begin with a GET / of their own to compare with.
pub const CHECKS: &[Check] = &[
    Check {
        id: "framing.byte-by-byte",
        stage: Stage::Framing,
        expects: "a request that comes one byte at a time is answered like any other",
        rule: "a request ends at its empty line, however many reads it takes to get there",
        rfc: "RFC 9112 §2.2",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(byte_by_byte),
        judge: all_alike,
    },
    Check {
        id: "framing.split",
        stage: Stage::Framing,
        expects: "a request cut in two is answered like any other, wherever the cut is",
        rule: "TCP carries a stream of bytes: where a read ends says nothing about where a line or a head does",
        rfc: "RFC 9112 §2.2",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(split),
        judge: all_alike,
    },
    Check {
        id: "framing.field-case",
        stage: Stage::Framing,
        expects: "hOsT and cOnNeCtIoN are understood like Host and Connection",
        rule: "capital and small letters do not matter in a field's name",
        rfc: "RFC 9110 §5.1",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(field_case),
        judge: all_alike,
    },
    Check {
        id: "framing.empty-line",
        stage: Stage::Framing,
        expects: "an empty line before a request is passed over",
        rule: "a server ignores at least one empty line before a request, because old clients sent one too many",
        rfc: "RFC 9112 §2.2",
        force: Force::Should,
        needs: &["hello.length"],
        ask: Ask::This(empty_line),
        judge: all_alike,
    },
    Check {
        id: "framing.absolute",
        stage: Stage::Framing,
        expects: "a request for a whole URL gets what its path alone gets",
        rule: "every server accepts the absolute form of a target, http://host/path, which is what proxies are sent",
        rfc: "RFC 9112 §3.2.2",
        force: Force::Must,
        needs: &["hello.status"],
        ask: Ask::This(absolute),
        judge: all_alike,
    },
    Check {
        id: "framing.keep-alive",
        stage: Stage::Framing,
        expects: "a second request on the same connection is answered",
        rule: "in HTTP/1.1 a connection stays open unless one side says Connection: close",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(keep_alive),
        judge: kept,
    },
    Check {
        id: "framing.pipelined",
        stage: Stage::Framing,
        expects: "three requests in one write get three answers in the same order",
        rule: "what stands behind a request on a connection is the next request, and answers come in the order of the requests",
        rfc: "RFC 9112 §9.3.2",
        force: Force::Must,
        needs: &["framing.keep-alive", "routes.head"],
        ask: Ask::This(pipelined),
        judge: in_order,
    },
    Check {
        id: "framing.close",
        stage: Stage::Framing,
        expects: "after Connection: close the connection is closed, and what follows is not answered",
        rule: "a server that is told Connection: close answers this request, closes, and answers nothing that comes behind",
        rfc: "RFC 9112 §9.6",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(close),
        judge: closes,
    },
    Check {
        id: "framing.http10",
        stage: Stage::Framing,
        expects: "a client that says HTTP/1.0 gets an answer it can read, and the connection is closed",
        rule: "HTTP/1.0 knows no chunks, needs no Host, and closes after each answer unless something else was agreed",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(old),
        judge: old_answer,
    },
    Check {
        id: "framing.content-length",
        stage: Stage::Framing,
        expects: "the content of a POST is taken as content, though it looks like a request",
        rule: "a server reads as many bytes of content as Content-Length says, or closes; the next request begins behind them",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["framing.keep-alive"],
        ask: Ask::This(counted),
        judge: behind_content,
    },
    Check {
        id: "framing.chunked",
        stage: Stage::Framing,
        expects: "content in chunks is read to its last chunk, and the next request is found behind it",
        rule: "every server of HTTP/1.1 can read chunks: a size in hexadecimal, that many bytes, and so on to size 0",
        rfc: "RFC 9112 §7.1",
        force: Force::Must,
        needs: &["framing.keep-alive"],
        ask: Ask::This(chunked),
        judge: behind_content,
    },
    Check {
        id: "framing.expect",
        stage: Stage::Framing,
        expects: "a client that waits for 100 before it sends its content gets that, or an answer",
        rule: "to Expect: 100-continue a server says 100 or gives its final answer at once; it may not wait for the content first",
        rfc: "RFC 9110 §10.1.1",
        force: Force::Must,
        needs: &["framing.content-length"],
        ask: Ask::This(expect),
        judge: expected,
    },
    Check {
        id: "framing.half-close",
        stage: Stage::Framing,
        expects: "a client that has finished its side after the request still gets the answer",
        rule: "FIN says that one side will send no more; the other direction stays open",
        rfc: "RFC 9293 §3.6",
        force: Force::Should,
        needs: &["hello.length"],
        ask: Ask::This(half_close),
        judge: all_alike,
    },
    Check {
        id: "framing.method",
        stage: Stage::Framing,
        expects: "a method that nobody has heard of is refused, with 501 at best",
        rule: "a server that does not know a method says 501; one that knows it and does not allow it here says 405",
        rfc: "RFC 9110 §9.1",
        force: Force::Should,
        needs: &["hello.length"],
        ask: Ask::This(|place| Script::ask(place.request("SPROUT", "/", CLOSE), 1)),
        judge: method,
    },
    Check {
        id: "framing.head-length",
        stage: Stage::Framing,
        expects: "a Content-Length in an answer to HEAD is the one that GET gets",
        rule: "who answers HEAD may leave Content-Length out, but not state another length than the content of GET has",
        rfc: "RFC 9110 §8.6",
        force: Force::Must,
        needs: &["routes.head"],
        ask: Ask::This(head_length),
        judge: same_length,
    },
    Check {
        id: "framing.date",
        stage: Stage::Framing,
        expects: "the answer says when it was made",
        rule: "a server that has a clock puts a Date into its answers, from which caches reckon their age",
        rfc: "RFC 9110 §6.6.1",
        force: Force::Must,
        needs: &["hello.head"],
        ask: Ask::Same("hello.answers"),
        judge: date,
    },
];

/// Letters of a request that is cut, byte by byte or at every place: it is kept short.
fn short(place: &Place) -> Vec<u8> {
    place.last_get("/")
}

fn byte_by_byte(place: &Place) -> Script {
    let bytes = short(place).into_iter().flat_map(|byte| [Step::Send(1, vec![byte]), Step::Pause]);
    Script::ask(place.last_get("/"), 1).then([Step::Connect]).then(bytes).then([Step::Answers(1, 1)])
}

fn split(place: &Place) -> Script {
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
    script
}

fn field_case(place: &Place) -> Script {
    let odd = format!("GET / HTTP/1.1\r\nhOsT: {}\r\ncOnNeCtIoN: close\r\n\r\n", place.host);
    Script::ask(place.last_get("/"), 1).and_ask(odd.into_bytes(), 1).then([Step::End(1)])
}

fn empty_line(place: &Place) -> Script {
    let led = [b"\r\n".as_slice(), &place.last_get("/")].concat();
    Script::ask(place.last_get("/"), 1).and_ask(led, 1)
}

fn absolute(place: &Place) -> Script {
    let path = "/seed-a-plant";
    let whole = format!("http://{}{path}", place.host);
    Script::ask(place.last_get(path), 1).and_ask(place.last_get(&whole), 1)
}

fn half_close(place: &Place) -> Script {
    let asks = Script::ask(place.last_get("/"), 1);
    asks.then([Step::Connect, Step::Send(1, place.last_get("/")), Step::Finish(1), Step::Answers(1, 1)])
}

fn keep_alive(place: &Place) -> Script {
    Script::ask(place.request("GET", "/", ""), 1)
        .then([Step::Send(0, place.request("GET", "/", "")), Step::Answers(0, 2)])
}

fn pipelined(place: &Place) -> Script {
    let requests =
        [place.request("GET", "/", ""), place.request("HEAD", "/", ""), place.request("GET", "/", "")];
    Script::ask(place.last_get("/"), 1).and_ask(requests.concat(), 3)
}

fn close(place: &Place) -> Script {
    let behind = place.last_get(&place.nowhere("behind-close"));
    Script::ask([place.last_get("/"), behind].concat(), 2).then([Step::End(0)])
}

fn old(place: &Place) -> Script {
    let behind = place.last_get(&place.nowhere("behind-old"));
    Script::ask([b"GET / HTTP/1.0\r\n\r\n".to_vec(), behind].concat(), 2).then([Step::End(0)])
}

/// A POST whose content could be taken for a request, and a GET / behind it.
fn counted(place: &Place) -> Script {
    let content = place.request("GET", &place.nowhere("in-content"), "");
    let head = place.request("POST", "/", &format!("Content-Length: {}\r\n", content.len()));
    behind(place, &[head, content].concat())
}

fn chunked(place: &Place) -> Script {
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

fn expect(place: &Place) -> Script {
    let head = place.request("POST", "/", &format!("Content-Length: 5\r\nExpect: 100-continue\r\n{CLOSE}"));
    Script::default().then([
        Step::Connect,
        Step::Send(0, head),
        Step::Interim(0),
        Step::Send(0, b"hello".to_vec()),
        Step::Answers(0, 1),
    ])
}

/// A page that nobody has: what is said there is often made at that moment, from the request.
fn head_length(place: &Place) -> Script {
    let path = place.nowhere("head-length");
    Script::ask(place.last_get(&path), 1).and_ask(place.request("HEAD", &path, CLOSE), 1)
}

/// Every conversation has to get what the first one got.
fn all_alike(case: &Case<'_>) -> Judged {
    let first = Heard::of(&case.flows[0]);
    let answers = first.answers();
    let Some(wanted) = answers.first() else { return Judged::no(first.end().instead()).of(0) };
    let mut changing = false;
    for (number, flow) in case.flows.iter().enumerate().skip(1) {
        let heard = Heard::of(flow);
        let all = heard.answers();
        let cut = || how_it_came(flow, case.flows.len());
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
            .at(number, heard.status_at(answer));
        }
        // A page that is another one each time has other content on a plain request, too.
        let (here, there) = (answer.content_bytes(), wanted.content_bytes());
        if here != there && here.len() != there.len() {
            return Judged::no(format!(
                "{}the status is the same, and the content another one: {}",
                cut(),
                shown(&here)
            ))
            .at(number, answer.content().into_iter().next().unwrap_or_default());
        }
        changing |= here != there;
    }
    let last = case.flows.len() - 1;
    let says = match (last, changing) {
        (1, false) => "the same answer".to_owned(),
        (many, false) => format!("the same answer {many} times"),
        (_, true) => "answers of the same status and length".to_owned(),
    };
    Judged::yes(says).of(last)
}

/// How a request was cut, if it was one of many.
fn how_it_came(flow: &crate::evidence::Flow, many: usize) -> String {
    let first = flow.lengths(Side::Client).next().unwrap_or_default();
    if many > 2 { format!("cut behind byte {first}: ") } else { String::new() }
}

fn kept(case: &Case<'_>) -> Judged {
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

fn in_order(case: &Case<'_>) -> Judged {
    let (plain, heard) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let (plains, all) = (plain.answers(), heard.answers());
    let Some(wanted) = plains.first() else { return Judged::no(plain.end().instead()).of(0) };
    if let Some(surplus) = heard.surplus() {
        return Judged::no(surplus.rule).at(1, surplus.bytes);
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

fn closes(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    match (all.get(1), heard.end()) {
        _ if heard.whole() == 0 => Judged::no(heard.end().instead()).of(0),
        (Some(second), _) => {
            Judged::no("it answered the request behind the last one as well").at(0, heard.first_line(second))
        }
        (None, End::Closed | End::Reset) => Judged::yes("one answer, then the end").of(0),
        (None, _) => Judged::no("it answered and left the connection open").of(0),
    }
}

fn old_answer(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    if let Some(status) = answer.status().filter(|status| *status >= 400) {
        return Judged::no(format!("it gets {status}")).at(0, heard.status_at(answer));
    }
    if answer.framing() == Framing::Chunked {
        let at = heard.part(answer, "transfer-encoding").unwrap_or_default();
        return Judged::no("the answer is in chunks, which an HTTP/1.0 client takes for content").at(0, at);
    }
    closes(case)
}

fn behind_content(case: &Case<'_>) -> Judged {
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

fn expected(case: &Case<'_>) -> Judged {
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
    use crate::evidence::{TroubleKind, What};
    let events = &case.flows[0].events;
    let silent = |what: &What| matches!(what, What::Failed(trouble) if trouble.kind == TroubleKind::TimedOut);
    let said = events
        .iter()
        .position(|event| event.side == Side::Server && matches!(event.what, What::Bytes { .. }));
    let gave_up = events.iter().position(|event| silent(&event.what));
    gave_up.is_some_and(|gave_up| said.is_none_or(|said| gave_up < said))
}

fn method(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else {
        return match heard.end() {
            End::Closed | End::Reset => Judged::nearly("it closed without a word; 501 would say why").of(0),
            end => Judged::no(end.instead()).of(0),
        };
    };
    let at = heard.status_at(answer);
    match answer.status() {
        Some(501 | 405) => Judged::yes(status_text(answer.status())).at(0, at),
        Some(status @ 400..) => {
            Judged::yes(format!("{status}, which refuses it; 501 would say why")).at(0, at)
        }
        _ => Judged::no(format!(
            "SPROUT / gets {}, as if it were GET: a client that meant something else is told that it was done",
            status_text(answer.status())
        ))
        .at(0, at),
    }
}

fn same_length(case: &Case<'_>) -> Judged {
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
            Judged::no(format!("Content-Length says {here}, and with GET {there} bytes come")).at(1, at)
        }
    }
}

fn date(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    match answer.field("date") {
        Some(value) => Judged::yes(String::from_utf8_lossy(value).into_owned())
            .at(0, heard.part(answer, "date").unwrap_or_default()),
        None => Judged::no("the answer has no Date").of(0),
    }
}
