//! The third stage: where messages begin and end, however the bytes arrive, and when a connection does.
//!
//! This file has the table; [`pieces`], [`turns`] and [`content`] have the scripts and the judges.

mod content;
mod pieces;
mod turns;

use std::time::SystemTime;

use super::heard::{End, Heard};
use super::place::CLOSE;
use super::routes::{shown, status_text};
use super::script::Script;
use super::{Ask, Case, Check, Force, Judged, Rule, Stage};

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
        ask: Ask::This(pieces::byte_by_byte),
        judge: pieces::all_alike,
    },
    Check {
        id: "framing.split",
        stage: Stage::Framing,
        expects: "a request cut in two is answered like any other, wherever the cut is",
        rule: "TCP carries a stream of bytes: where a read ends says nothing about where a line or a head does",
        rfc: "RFC 9112 §2.2",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(pieces::split),
        judge: pieces::all_alike,
    },
    Check {
        id: "framing.field-case",
        stage: Stage::Framing,
        expects: "hOsT and cOnNeCtIoN are understood like Host and Connection",
        rule: "capital and small letters do not matter in a field's name",
        rfc: "RFC 9110 §5.1",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(pieces::field_case),
        judge: pieces::all_alike,
    },
    Check {
        id: "framing.empty-line",
        stage: Stage::Framing,
        expects: "an empty line before a request is passed over",
        rule: "a server ignores at least one empty line before a request, because old clients sent one too many",
        rfc: "RFC 9112 §2.2",
        force: Force::Should,
        needs: &["hello.length"],
        ask: Ask::This(pieces::empty_line),
        judge: pieces::all_alike,
    },
    Check {
        id: "framing.absolute",
        stage: Stage::Framing,
        expects: "a request for a whole URL gets what its path alone gets",
        rule: "every server accepts the absolute form of a target, http://host/path, which is what proxies are sent",
        rfc: "RFC 9112 §3.2.2",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(pieces::absolute),
        judge: pieces::all_alike,
    },
    Check {
        id: "framing.keep-alive",
        stage: Stage::Framing,
        expects: "a second request on the same connection is answered",
        rule: "in HTTP/1.1 a connection stays open unless one side says Connection: close",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(turns::keep_alive),
        judge: turns::kept,
    },
    Check {
        id: "framing.pipelined",
        stage: Stage::Framing,
        expects: "three requests in one write get three answers in the same order",
        rule: "what stands behind a request on a connection is the next request, and answers come in the order of the requests",
        rfc: "RFC 9112 §9.3.2",
        force: Force::Must,
        needs: &["framing.keep-alive", "routes.head"],
        ask: Ask::This(turns::pipelined),
        judge: turns::in_order,
    },
    Check {
        id: "framing.close",
        stage: Stage::Framing,
        expects: "after Connection: close the connection is closed, and what follows is not answered",
        rule: "a server that is told Connection: close answers this request, closes, and answers nothing that comes behind",
        rfc: "RFC 9112 §9.6",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(turns::close),
        judge: turns::closes,
    },
    Check {
        id: "framing.http10",
        stage: Stage::Framing,
        expects: "a client that says HTTP/1.0 gets an answer it can read, and the connection is closed",
        rule: "HTTP/1.0 knows no chunks, needs no Host, and closes after each answer unless something else was agreed",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(turns::old),
        judge: turns::old_answer,
    },
    Check {
        id: "framing.content-length",
        stage: Stage::Framing,
        expects: "the content of a POST is taken as content, though it looks like a request",
        rule: "a server reads as many bytes of content as Content-Length says, or closes; the next request begins behind them",
        rfc: "RFC 9112 §9.3",
        force: Force::Must,
        needs: &["framing.keep-alive"],
        ask: Ask::This(content::counted),
        judge: content::behind_content,
    },
    Check {
        id: "framing.chunked",
        stage: Stage::Framing,
        expects: "content in chunks is read to its last chunk, and the next request is found behind it",
        rule: "every server of HTTP/1.1 can read chunks: a size in hexadecimal, that many bytes, and so on to size 0",
        rfc: "RFC 9112 §7.1",
        force: Force::Must,
        needs: &["framing.keep-alive"],
        ask: Ask::This(content::chunked),
        judge: content::behind_content,
    },
    Check {
        id: "framing.expect",
        stage: Stage::Framing,
        expects: "a client that waits for 100 before it sends its content gets that, or an answer",
        rule: "to Expect: 100-continue a server says 100 or gives its final answer at once; it may not wait for the content first",
        rfc: "RFC 9110 §10.1.1",
        force: Force::Must,
        needs: &["framing.content-length"],
        ask: Ask::This(content::expect),
        judge: content::expected,
    },
    Check {
        id: "framing.half-close",
        stage: Stage::Framing,
        expects: "a client that has finished its side after the request still gets the answer",
        rule: "FIN says that one side will send no more; the other direction stays open",
        rfc: "RFC 9293 §3.6",
        force: Force::Wise,
        needs: &["hello.length"],
        ask: Ask::This(pieces::half_close),
        judge: pieces::all_alike,
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
        ask: Ask::This(content::head_length),
        judge: content::same_length,
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
        Some(status) if case.base.is(Some(status)) && status >= 400 => Judged::nearly(format!(
            "it gets {status}, and so does GET: that tells nothing of the method"
        ))
        .at(0, at),
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

/// How a date is written.
pub const DATE: Rule = Rule {
    says: "a sender writes every date in one form, IMF-fixdate, always in GMT; older forms are for recipients to understand",
    rfc: "RFC 9110 §5.6.7",
};

fn date(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let Some(value) = answer.field("date") else { return Judged::no("the answer has no Date").of(0) };
    let value = String::from_utf8_lossy(value).into_owned();
    let at = heard.value(answer, "date").unwrap_or_default();
    match moment(&value).map(httpdate::fmt_http_date) {
        Some(written) if written == value => Judged::yes(value).at(0, at),
        Some(written) => {
            Judged::no(format!("it says {value}, and that date is written {written}")).at(0, at).by(&DATE)
        }
        None => Judged::no(format!(
            "it says {}, which is no date of HTTP: such a one looks like Thu, 26 Nov 2026 12:00:00 GMT",
            shown(value.as_bytes())
        ))
        .at(0, at)
        .by(&DATE),
    }
}

/// The moment a date means: in the one form that is left, in one of the older ones, or with the name of another day.
fn moment(date: &str) -> Option<SystemTime> {
    let on = |day: &&str| httpdate::parse_http_date(&format!("{day}{}", date.get(day.len()..)?)).ok();
    let any_day = || ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().find_map(on);
    httpdate::parse_http_date(date).ok().or_else(any_day)
}
