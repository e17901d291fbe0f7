//! The fourth stage: what is no sound request. Each row is one request with its odd bytes marked, and the same
//! judge looks at all of them. It goes alone first, and its answer is what the row is judged by. Then it goes once
//! more with a request for a path that nobody has right behind it, in the same write: if that one is answered where
//! nobody can tell where it begins, the server went on reading where it could not know what it read; and if the
//! first answer is another one now, the server reads past the end of a head (`pairs`).

use super::heard::{End, Heard};
use super::pairs::{ALONE, BEHIND, apart};
use super::place::Place;
use super::routes::status_text;
use super::script::{Script, Step};
use super::{Ask, Case, Check, Force, Judged, Stage, table};
use crate::probe::base::Base;

/// How large a head is sent that is too large.
pub const HUGE: usize = 128 * 1024;

/// A request that is not sound. In `text` the odd bytes stand between « and », {host} is the server's name, and
/// {huge} is a run of zeros.
#[derive(Debug)]
pub struct Odd {
    /// The request.
    pub text: &'static str,
    /// Where the next request begins.
    pub next: Next,
}

/// Where a request begins that stands behind an odd one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Behind the empty line: the request is odd, and its end is not.
    Clear,
    /// Nobody knows; the server refuses.
    Refused,
    /// Nobody knows; the server may answer, and closes.
    Closed,
    /// Nobody knows, and a server that never looks at content may have answered before it found out.
    Late,
}

impl Odd {
    /// The bytes of the request alone, and where the odd ones stand in it.
    #[must_use]
    pub fn bytes(&self, place: &Place) -> (Vec<u8>, std::ops::Range<usize>) {
        let text = self.text.replace("{host}", &place.host).replace("{huge}", &"0".repeat(HUGE));
        let (before, rest) = text.split_once('«').unwrap_or((&text, ""));
        let (odd, behind) = rest.split_once('»').unwrap_or((rest, ""));
        let at = before.len()..before.len() + odd.len();
        ([before, odd, behind].concat().into_bytes(), at)
    }

    /// The request alone. Where it ends is what the row is about, so whether the connection does is seen, too.
    #[must_use]
    pub fn alone(&self, place: &Place) -> Script {
        let (bytes, odd) = self.bytes(place);
        let script = Script { odd: Some(odd), ..Script::ask(bytes, 1) };
        match self.next {
            Next::Clear => script,
            Next::Refused | Next::Closed | Next::Late => script.then([Step::End(ALONE)]),
        }
    }

    /// What is sent: the request alone, and on a second connection with another one right behind it.
    #[must_use]
    pub fn script(&self, place: &Place) -> Script {
        let (mut bytes, _) = self.bytes(place);
        bytes.extend(place.last_get(&place.nowhere("canary")));
        self.alone(place).and_ask(bytes, 2).then([Step::End(BEHIND)])
    }
}

/// What a client of TLS says first, to a server that may speak nothing else.
#[must_use]
pub fn tls_hello(place: &Place) -> Script {
    match table::named("robust.tls").map(|check| check.ask) {
        Some(Ask::Odd(odd)) => odd.alone(place),
        _ => Script::default(),
    }
}

/// A row.
macro_rules! odd {
    ($id:literal, $force:ident, $rfc:literal, $next:ident, $text:literal, $expects:literal, $rule:literal) => {
        Check {
            id: $id,
            stage: Stage::Robust,
            expects: $expects,
            rule: $rule,
            rfc: $rfc,
            force: Force::$force,
            needs: &["hello.length"],
            ask: Ask::Odd(&Odd { text: $text, next: Next::$next }),
            judge: refused,
        }
    };
}

/// Its checks, in order.
#[rustfmt::skip]
pub const CHECKS: &[Check] = &[
    odd!("robust.no-host", Must, "RFC 9112 §3.2", Clear,
        "GET / HTTP/1.1\r\n«\r\n»",
        "a request without Host is refused with 400",
        "an HTTP/1.1 request says which host it wants; without that a server of many sites cannot choose"),
    odd!("robust.two-hosts", Must, "RFC 9112 §3.2", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\n«Host: stranger.example»\r\n\r\n",
        "a request with two Hosts is refused with 400",
        "there is one Host; of two, a proxy may take the one and the server the other"),
    odd!("robust.bad-host", Must, "RFC 9112 §3.2", Clear,
        "GET / HTTP/1.1\r\nHost: «a b/»\r\n\r\n",
        "a Host that cannot be one is refused with 400",
        "a Host is a name or an address, and perhaps a colon and a port"),
    Check {
        id: "robust.other-host",
        stage: Stage::Robust,
        expects: "a request for a host that this server is not is refused, with 421 at best",
        rule: "who answers under any name can be called by web pages from elsewhere, under a name of theirs that leads to this address: DNS rebinding",
        rfc: "RFC 9110 §7.4",
        force: Force::Wise,
        needs: &["hello.length"],
        ask: Ask::Odd(&Odd { text: "GET / HTTP/1.1\r\nHost: «stranger.example»\r\n\r\n", next: Next::Clear }),
        judge: other_host,
    },
    odd!("robust.space-before-colon", Must, "RFC 9112 §5.1", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\nX-Seed« »: 1\r\n\r\n",
        "a space between a field's name and its colon is refused with 400",
        "no space stands before the colon: one reader might see the field Content-Length in it, and another one not"),
    odd!("robust.folded", Wise, "RFC 9112 §5.2", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\nX-Seed: 1\r\n« »2\r\n\r\n",
        "a value that goes on in a second line is refused",
        "such a line (obs-fold) is refused with 400 or joined with spaces; refusing leaves no room for two readings"),
    odd!("robust.no-colon", Should, "RFC 9112 §2.2", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\n«seedling»\r\n\r\n",
        "a line without a colon among the fields is refused with 400",
        "what does not fit the grammar of a request is answered with 400 and a close"),
    odd!("robust.nul", Wise, "RFC 9110 §5.5", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\nX-Seed: a«\0»b\r\n\r\n",
        "a zero byte in a value is refused",
        "NUL, CR and LF in a value are dangerous: the request is refused, or they become spaces"),
    odd!("robust.bare-lf", Wise, "RFC 9112 §2.2", Clear,
        "GET / HTTP/1.1«\n»Host: {host}\n\n",
        "lines that end with LF alone are refused",
        "a lone LF may be taken for the end of a line; where one reader does and another does not, requests are smuggled"),
    odd!("robust.space-in-target", Should, "RFC 9112 §3.2", Clear,
        "GET /a« »b HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a space in the target is refused with 400",
        "the first line has three words; a space in a path is written %20, and is not to be mended by guessing"),
    odd!("robust.version-odd", Should, "RFC 9112 §2.3", Clear,
        "GET / HTTP/«x.y»\r\nHost: {host}\r\n\r\n",
        "a version that is none is refused with 400",
        "a version is HTTP/, a digit, a dot and a digit"),
    odd!("robust.version-9", Wise, "RFC 9110 §15.6.6", Clear,
        "GET / HTTP/«9.9»\r\nHost: {host}\r\n\r\n",
        "a version that nobody speaks is refused, with 505 at best",
        "505 says that the server does not speak this version, and which ones it does"),
    odd!("robust.no-version", Should, "RFC 9112 §3", Clear,
        "GET /«\r\n»\r\n",
        "a first line without a version is refused with 400",
        "only HTTP/0.9 had no version, and no server has to speak it any more"),
    odd!("robust.tls", Should, "RFC 9112 §2.2", Refused,
        "«\x16\x03\x01»\x00\x70\x01\x00\x00\x6c\x03\x03netlab asks: what does TLS get?!\x00\x00\x02\x13\x01\x01\x00\x00\x41\x00\x2b\x00\x03\x02\x03\x04\x00\x0a\x00\x04\x00\x02\x00\x1d\x00\x0d\x00\x04\x00\x02\x08\x04\x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20a key for a server without TLS..",
        "a browser that was told https:// is refused, and does not wait for ever",
        "what does not fit the grammar of a request is answered with 400 and a close; a TLS handshake does not"),
    odd!("robust.length-and-chunks", Must, "RFC 9112 §6.1", Closed,
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\n«Transfer-Encoding: chunked»\r\n\r\n0\r\n\r\n",
        "a request with both Content-Length and Transfer-Encoding is refused, or answered and the connection closed",
        "two ways to find the end give two ends; whatever the server does, it closes afterwards"),
    odd!("robust.two-lengths", Must, "RFC 9112 §6.3", Refused,
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n«Content-Length: 6»\r\n\r\nhello",
        "two different Content-Lengths are refused with 400",
        "with two lengths nobody can tell where the request ends: 400, and the connection is closed"),
    odd!("robust.length-plus", Must, "RFC 9112 §6.3", Refused,
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: «+5»\r\n\r\nhello",
        "a Content-Length that is not digits alone is refused with 400",
        "a length is decimal digits; many languages read +5 as 5, and another reader on the way may not"),
    odd!("robust.coding-unknown", Must, "RFC 9112 §6.3", Refused,
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: «sprout»\r\n\r\n",
        "a transfer coding that nobody knows is refused with 501 or 400",
        "where chunked is not the last coding, the end of the request cannot be found: an error, and a close"),
    odd!("robust.coding-old", Must, "RFC 9112 §6.1", Closed,
        "POST / HTTP/1.0\r\n«Transfer-Encoding: chunked»\r\n\r\n0\r\n\r\n",
        "chunks in a request of HTTP/1.0 are refused, or answered and the connection closed",
        "HTTP/1.0 has no chunks, so its framing cannot be trusted: the connection is closed afterwards"),
    odd!("robust.chunk-size", Exercise, "RFC 9112 §7.1", Late,
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n«-1»\r\nhello\r\n0\r\n\r\n",
        "a chunk of size -1 is refused, and the connection closed",
        "a size is hexadecimal digits; behind a size that is none, nobody knows what the bytes are"),
    odd!("robust.chunk-huge", Must, "RFC 9112 §7.1", Late,
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n«10000000000000005»\r\nhello\r\n0\r\n\r\n",
        "a chunk larger than any number a machine counts with is refused, and the connection closed",
        "a reader has to expect large numbers: cut to 64 bits this one would say 5"),
    odd!("robust.chunk-end", Exercise, "RFC 9112 §7.1", Late,
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello«XY»0\r\n\r\n",
        "a chunk that is longer than its size says is refused, and the connection closed",
        "CR LF stands behind the last byte of a chunk; where it does not, the sizes and the bytes disagree"),
    odd!("robust.target-huge", Wise, "RFC 9112 §3", Clear,
        "GET /«{huge}» HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a target of 128 KiB is refused, with 414 at best",
        "a target longer than the server wants to read gets 414; who reads any length lends strangers its memory"),
    odd!("robust.head-huge", Wise, "RFC 9110 §5.4", Clear,
        "GET / HTTP/1.1\r\nHost: {host}\r\nX-Seed: «{huge}»\r\n\r\n",
        "a field of 128 KiB is refused, with 431 at best",
        "fields larger than the server wants to read get a status of 400 or above; who reads any length lends strangers its memory"),
    Check {
        id: "robust.past-head",
        stage: Stage::Robust,
        expects: "the answer to a request is the same, whatever stands right behind it",
        rule: "a head ends at its empty line; what stands behind it belongs to the content or to the next request, and says nothing about this one",
        rfc: "RFC 9112 §2.1",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::Pairs,
        judge: apart,
    },
    Check {
        id: "robust.still-there",
        stage: Stage::Robust,
        expects: "after all that, GET / is answered as it was in the beginning",
        rule: "a bad request concerns the connection it came on and nobody else",
        rfc: "RFC 9110 §3.3",
        force: Force::Exercise,
        needs: &["hello.length"],
        ask: Ask::This(|place| Script::ask(place.last_get("/"), 1)),
        judge: still_there,
    },
];

/// Whether an odd request was refused, and nothing behind it taken for a request.
fn refused(case: &Case<'_>) -> Judged {
    let [alone, behind, ..] = case.flows else { return Judged::no("nothing was recorded") };
    let (alone, behind) = (Heard::of(alone), Heard::of(behind));
    let next = match case.check.ask {
        Ask::Odd(odd) => odd.next,
        _ => Next::Clear,
    };
    let all = alone.answers();
    let Some(first) = all.first() else { return unanswered(&alone) };
    let at = alone.status_at(first);
    if first.status().is_none() {
        return Judged::no("something came back that begins like an answer and has no status").at(ALONE, at);
    }
    let got = Got { status: status_text(first.status()), is: kind(first.status(), case) };
    if next == Next::Clear {
        return clear(&got, &behind).at(ALONE, at);
    }
    let behinds = behind.answers();
    if let Some(second) = behinds.get(1).filter(|second| !is_late_refusal(second.status())) {
        return Judged::no(format!(
            "{}, and then what stood behind was answered too: it went on reading where it could not know what it read",
            status_text(behinds[0].status())
        ))
        .at(BEHIND, behind.first_line(second));
    }
    endless(next, &got, is_closed(&alone)).at(ALONE, at)
}

/// An answer to an odd request.
struct Got {
    status: String,
    is: Kind,
}

/// What a status says of an odd request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It was not done.
    Refusal,
    /// It was done as a sound one would be.
    AsIfSound,
    /// A sound request gets this refusal as well.
    Nothing,
}

/// What a status says: one of 400 or above refuses, unless every sound request to this server gets the same.
fn kind(status: Option<u16>, case: &Case<'_>) -> Kind {
    let refuses = status.is_some_and(|status| status >= 400);
    match (refuses, case.base.is(status)) {
        (true, true) if status == Some(400) => Kind::Nothing,
        (true, false) => Kind::Refusal,
        _ => Kind::AsIfSound,
    }
}

fn is_closed(heard: &Heard<'_>) -> bool {
    matches!(heard.end(), End::Closed | End::Reset)
}

/// No answer came.
fn unanswered(alone: &Heard<'_>) -> Judged {
    let end = alone.end().instead();
    match alone.surplus() {
        Some(surplus) => Judged::no("bytes came back that are no HTTP answer").at(ALONE, surplus.bytes),
        None if is_closed(alone) => {
            Judged::nearly(format!("{end}; a status of 400 or above would say why")).of(ALONE)
        }
        None => Judged::no(end).of(ALONE),
    }
}

/// Whether an answer refuses bytes, and does not answer the request behind them, for whose page 404 is right.
pub(super) fn is_late_refusal(status: Option<u16>) -> bool {
    matches!(status, Some(400 | 408 | 411 | 413 | 431 | 501))
}

/// The request was odd, and where it ends was clear: the connection may go on.
fn clear(got: &Got, behind: &Heard<'_>) -> Judged {
    let status = &got.status;
    let hangs = behind.answers().len() == 1 && !is_closed(behind);
    match got.is {
        Kind::AsIfSound => Judged::no(format!("it gets {status}, as if nothing were wrong")),
        Kind::Nothing => {
            Judged::nearly(format!("it gets {status}, and so does a sound request: that tells nothing"))
        }
        Kind::Refusal if hangs => {
            Judged::nearly(format!("{status}, and then silence on a connection that stays open"))
        }
        Kind::Refusal => Judged::yes(status),
    }
}

/// Nobody can tell where the request ended: the connection may not go on.
fn endless(next: Next, got: &Got, closed: bool) -> Judged {
    let status = &got.status;
    match (closed, got.is, next) {
        (false, ..) => Judged::no(format!(
            "it gets {status}, and the connection stays open: who can tell what comes next on it?"
        )),
        (true, Kind::Refusal, _) => Judged::yes(format!("{status}, and the connection is closed")),
        (true, _, Next::Closed) => {
            Judged::yes(format!("{status}, and the connection is closed, as it has to be"))
        }
        (true, _, Next::Late) => Judged::nearly(format!(
            "it gets {status}: the first answer came before the content was looked at; the connection is closed, so nothing behind it is mistaken"
        )),
        (true, Kind::Nothing, _) => {
            Judged::nearly(format!("it gets {status}, and so does a sound request: that tells nothing"))
        }
        (true, Kind::AsIfSound, _) => Judged::no(format!("it gets {status}, as if nothing were wrong")),
    }
}

fn other_host(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[ALONE]);
    match heard.answers().first() {
        Some(answer) if kind(answer.status(), case) == Kind::AsIfSound => Judged::no(format!(
            "it answers {} under the name stranger.example, as it would under any name",
            status_text(answer.status())
        ))
        .at(ALONE, heard.status_at(answer)),
        _ => refused(case),
    }
}

/// Whether GET / gets what it got in the beginning.
fn still_there(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first().filter(|answer| answer.is_complete()) else {
        return Judged::no(heard.end().instead()).of(0);
    };
    let (now, at) = (answer.status(), heard.status_at(answer));
    match case.base {
        Base { status: Some(then), .. } if Some(*then) != now => {
            Judged::no(format!("it gets {} now, and got {then} in the beginning", status_text(now))).at(0, at)
        }
        _ => Judged::yes(format!("{}, and the whole answer", status_text(now))).at(0, at),
    }
}
