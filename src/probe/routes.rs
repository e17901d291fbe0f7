//! The second stage: paths lead to answers. The two routes are the hello server's, everything else is nobody's.
//!
//! 200 for a path that nobody has fails here, although no RFC names the paths a server has to refuse: 200 says
//! that the content is what stands at that path, and at a random one nothing stands. Who serves one page for
//! every path on purpose has made that promise for all of them.

use super::heard::{End, Heard};
use super::place::{CLOSE, Place};
use super::script::{Script, Step};
use super::{Ask, Case, Check, Force, Judged, Stage};
use crate::evidence::Flow;

/// The path of the second route.
const PLANT_PATH: &str = "/seed-a-plant";
/// What it says: 15 characters, 18 bytes.
const PLANT: &str = "🌱 Plant seeded!";

/// What is missing when a head does not end.
const END_OF_HEAD: &str = "the empty line that ends a head never came";

/// Its checks, in order.
pub const CHECKS: &[Check] = &[
    Check {
        id: "routes.plant",
        stage: Stage::Routes,
        expects: "GET /seed-a-plant gets 200 and says that a plant was seeded",
        rule: "the path in the request names the thing that is wanted, and the server's code chooses the answer by it",
        rfc: "RFC 9110 §7.1",
        force: Force::Exercise,
        needs: &["hello.length"],
        ask: Ask::This(|place| Script::ask(place.last_get(PLANT_PATH), 1)),
        judge: plant,
    },
    Check {
        id: "routes.utf8",
        stage: Stage::Routes,
        expects: "the plant's answer is 18 bytes long: 14 for the letters and 4 for the seedling",
        rule: "a length counts bytes, not characters; in UTF-8 the seedling is four bytes and one character",
        rfc: "RFC 9110 §8.6",
        force: Force::Exercise,
        needs: &["routes.plant"],
        ask: Ask::Same("routes.plant"),
        judge: bytes,
    },
    Check {
        id: "routes.charset",
        stage: Stage::Routes,
        expects: "Content-Type of the plant says charset=utf-8",
        rule: "bytes become characters by a charset; plain text that names none is ASCII by its rules, which has no seedling, so clients guess",
        rfc: "RFC 6657 §4",
        force: Force::Wise,
        needs: &["routes.plant"],
        ask: Ask::Same("routes.plant"),
        judge: charset,
    },
    Check {
        id: "routes.query",
        stage: Stage::Routes,
        expects: "/seed-a-plant with a query is the same route",
        rule: "the path ends at the question mark; what follows is the query, which nobody here has a use for",
        rfc: "RFC 3986 §3.4",
        force: Force::Exercise,
        needs: &["routes.plant"],
        ask: Ask::This(|place| with_query(place, PLANT_PATH)),
        judge: same,
    },
    Check {
        id: "routes.front-query",
        stage: Stage::Routes,
        expects: "/ with a query is the front page too",
        rule: "the path ends at the question mark; what follows is the query, which nobody here has a use for",
        rfc: "RFC 3986 §3.4",
        force: Force::Exercise,
        needs: &["hello.length"],
        ask: Ask::This(|place| with_query(place, "/")),
        judge: same,
    },
    Check {
        id: "routes.two-clients",
        stage: Stage::Routes,
        expects: "a second client is answered while a first one is still in the middle of its request",
        rule: "a server takes many connections; one that finishes with each before it looks at the next can be blocked by a single slow client",
        rfc: "RFC 9110 §3.3",
        force: Force::Exercise,
        needs: &["hello.length"],
        ask: Ask::This(two_clients),
        judge: both,
    },
    Check {
        id: "routes.own-answer",
        stage: Stage::Routes,
        expects: "two clients that ask for two pages at the same time each get their own",
        rule: "an answer belongs to its request; what a server keeps in one place for all clients is overwritten by the next one while the first still waits",
        rfc: "RFC 9110 §3.4",
        force: Force::Must,
        needs: &["routes.two-clients"],
        ask: Ask::This(at_once),
        judge: own,
    },
    Check {
        id: "routes.head",
        stage: Stage::Routes,
        expects: "HEAD / gets the status that GET / gets, and no content",
        rule: "the answer to HEAD ends with its head; so there are no bytes of content to read, whatever its fields say",
        rfc: "RFC 9110 §9.3.2",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(|place| {
            let head = Script::ask(place.last_get("/"), 1).and_ask(place.request("HEAD", "/", CLOSE), 1);
            head.then([Step::End(1)])
        }),
        judge: head,
    },
    Check {
        id: "routes.unknown",
        stage: Stage::Routes,
        expects: "a path that nobody has gets 404",
        rule: "200 says that the content is what stands at this path; where nothing stands, the honest status is 404",
        rfc: "RFC 9110 §15.5.5",
        force: Force::Exercise,
        needs: &["hello.length"],
        ask: Ask::This(|place| Script::ask(place.last_get(&place.nowhere("unknown")), 1)),
        judge: unknown,
    },
    Check {
        id: "routes.exact",
        stage: Stage::Routes,
        expects: "a path that only begins like a route gets 404 as well",
        rule: "a path is another one as soon as a letter differs; who compares only beginnings answers for pages that are not there",
        rfc: "RFC 9110 §15.5.5",
        force: Force::Exercise,
        needs: &["routes.plant", "routes.unknown"],
        ask: Ask::This(|place| {
            Script::ask(place.last_get(&format!("{PLANT_PATH}-{}", place.word("exact"))), 1)
        }),
        judge: unknown,
    },
    Check {
        id: "routes.head-unknown",
        stage: Stage::Routes,
        expects: "HEAD of a path that nobody has gets 404, and no content",
        rule: "HEAD gets the status that GET would get",
        rfc: "RFC 9110 §9.3.2",
        force: Force::Must,
        needs: &["routes.head", "routes.unknown"],
        ask: Ask::This(|place| {
            let path = place.nowhere("head-unknown");
            let get = Script::ask(place.last_get(&path), 1);
            get.and_ask(place.request("HEAD", &path, CLOSE), 1).then([Step::End(1)])
        }),
        judge: head,
    },
    Check {
        id: "routes.silent-client",
        stage: Stage::Routes,
        expects: "a client that connects and leaves without a word does no harm",
        rule: "either side may close at any time; browsers connect before they have anything to ask, and whoever looks whether a port is open says nothing at all",
        rfc: "RFC 9112 §9.5",
        force: Force::Must,
        needs: &["hello.length"],
        ask: Ask::This(|_| Script::default().then([Step::Connect, Step::Finish(0), Step::End(0)])),
        judge: |_| Judged::yes("it came and went, and the next one was answered").of(0),
    },
];

fn with_query(place: &Place, path: &str) -> Script {
    let queried = format!("{path}?x={}", place.word("query"));
    let plain = Script::ask(place.last_get(path), 1);
    plain.and_ask(place.last_get(&queried), 1).and_ask(place.last_get(path), 1)
}

/// The first client says half of its request, the second one all of it, then the first one the rest.
fn two_clients(place: &Place) -> Script {
    let request = place.last_get("/");
    let (half, rest) = request.split_at(request.len() / 2);
    Script::default().then([
        Step::Connect,
        Step::Send(0, half.to_vec()),
        Step::Connect,
        Step::Send(1, request.clone()),
        Step::Answers(1, 1),
        Step::Send(0, rest.to_vec()),
        Step::Answers(0, 1),
    ])
}

/// Two pages, each alone; then both at once.
fn at_once(place: &Place) -> Script {
    let (one, other) = (place.last_get("/"), place.last_get(PLANT_PATH));
    Script::ask(one.clone(), 1).and_ask(other.clone(), 1).then([
        Step::Connect,
        Step::Connect,
        Step::Send(2, one),
        Step::Send(3, other),
        Step::Answers(2, 1),
        Step::Answers(3, 1),
    ])
}

/// Whether nobody got what belongs to the other one.
fn own(case: &Case<'_>) -> Judged {
    let heard: Vec<Heard<'_>> = case.flows.iter().map(Heard::of).collect();
    if let Some(number) = heard.iter().position(|heard| heard.whole() == 0) {
        return Judged::no(heard[number].end().instead()).of(number);
    }
    let pages: Vec<_> = heard.iter().map(|heard| page(heard)).collect();
    let [one, other, first, second] = pages.as_slice() else { return Judged::no("nothing was recorded") };
    for (number, (got, own, of_the_other)) in
        [(first, one, other), (second, other, one)].into_iter().enumerate()
    {
        if got != own && got == of_the_other {
            let (own, other) = if number == 0 { ("/", PLANT_PATH) } else { (PLANT_PATH, "/") };
            return Judged::no(format!(
                "who asked for {own} got the page of {other}, which another client had asked for at the same time"
            ))
            .of(number + 2)
            .beside(number, "alone");
        }
    }
    if one == other {
        return Judged::yes("both were answered; the two pages are alike, so nothing could be mixed up")
            .of(3);
    }
    Judged::yes("each got its own").of(3)
}

/// The first answer's status and content.
fn page(heard: &Heard<'_>) -> Option<(Option<u16>, Vec<u8>)> {
    heard.answers().first().map(|answer| (answer.status(), answer.content_bytes()))
}

fn plant(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    match answer.status() {
        Some(200) => {}
        status => {
            return Judged::no(format!("it gets {}", status_text(status))).at(0, heard.status_at(answer));
        }
    }
    let content = answer.content_bytes();
    if let Some(coding) = answer.field("content-encoding").filter(|coding| !coding.is_empty()) {
        return Judged::no(format!(
            "the content is packed (Content-Encoding: {}), and the request did not say Accept-Encoding: a client that cannot unpack it sees nothing of the plant",
            String::from_utf8_lossy(coding)
        ))
        .at(0, heard.part(answer, "content-encoding").unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&content);
    // Whether a line end stands behind it, or the end is cut off, is asked next.
    let cut = PLANT.as_bytes().starts_with(&content) && content.len() >= "🌱 Plant".len();
    if text.contains(PLANT) || cut {
        Judged::yes(shown(&content)).of(0)
    } else {
        let at = answer.content().into_iter().next().unwrap_or_else(|| heard.first_line(answer));
        let says = if text.contains("Plant seeded!") {
            format!(
                "the words are there, and in the place of the seedling stands something else: {}; its four bytes (f0 9f 8c b1) are UTF-8, and this was written in another encoding, such as latin1",
                shown(&content)
            )
        } else {
            format!("200, and the content is another one: {}", shown(&content))
        };
        Judged::no(says).at(0, at)
    }
}

fn bytes(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let content = answer.content_bytes();
    let promise = heard.part(answer, "content-length");
    let at = promise.or_else(|| answer.content().into_iter().next()).unwrap_or_default();
    let wanted = PLANT.len();
    let characters = PLANT.chars().count() as u64;
    if content == PLANT.as_bytes() && answer.is_complete() {
        return Judged::yes(format!("{wanted} bytes")).at(0, at);
    }
    let says = match answer.content_length() {
        Some(said) if said == characters => format!(
            "Content-Length says {said}, which is the number of characters; a client stops there and never sees the last {} bytes",
            wanted as u64 - said
        ),
        Some(said) if said > content.len() as u64 => {
            format!("Content-Length says {said}, and {} bytes came", content.len())
        }
        _ if content.trim_ascii_end() == PLANT.as_bytes() => {
            format!("there are {} bytes and not {wanted}: a line end stands behind the plant", content.len())
        }
        _ => format!("there are {} bytes and not {wanted}: {}", content.len(), shown(&content)),
    };
    Judged::no(says).at(0, at)
}

fn charset(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let at = heard.part(answer, "content-type").unwrap_or_default();
    let Some(value) = answer.field("content-type") else {
        return Judged::no(
            "there is no Content-Type at all, so the client has to guess both type and charset",
        )
        .of(0);
    };
    let text = String::from_utf8_lossy(value).to_ascii_lowercase().replace([' ', '"'], "");
    if text.contains("charset=utf-8") {
        Judged::yes(String::from_utf8_lossy(value).into_owned()).at(0, at)
    } else {
        Judged::no(format!("it says {} and no charset=utf-8", String::from_utf8_lossy(value))).at(0, at)
    }
}

/// The second conversation has to get what the first one got, unless the page is another one each time.
fn same(case: &Case<'_>) -> Judged {
    let (first, second) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let third = Heard::of(&case.flows[2]);
    let (firsts, seconds) = (first.answers(), second.answers());
    let (Some(plain), Some(queried)) = (firsts.first(), seconds.first()) else {
        let end = if firsts.is_empty() { first.end() } else { second.end() };
        return Judged::no(end.instead()).of(usize::from(!firsts.is_empty()));
    };
    if let Some(number) = [plain, queried].iter().position(|answer| !answer.is_complete()) {
        return Judged::no("the answer is not whole").of(number);
    }
    if plain.status() != queried.status() {
        return Judged::no(format!(
            "without the query it gets {}, with it {}",
            status_text(plain.status()),
            status_text(queried.status())
        ))
        .at(1, second.status_at(queried));
    }
    let content = queried.content_bytes();
    if plain.content_bytes() == content {
        return Judged::yes("the same answer with a query as without").of(1);
    }
    if third.answers().first().is_some_and(|again| again.content_bytes() != plain.content_bytes()) {
        return Judged::yes("the same status; the content is another one each time, query or not").of(1);
    }
    let at = queried.content().into_iter().next().unwrap_or_default();
    Judged::no(format!(
        "with the query another answer comes: {}; so it is with a server that compares the whole target, query and all",
        shown(&content)
    ))
    .at(1, at)
}

fn unknown(case: &Case<'_>) -> Judged {
    let heard = Heard::of(&case.flows[0]);
    let all = heard.answers();
    let Some(answer) = all.first() else { return Judged::no(heard.end().instead()).of(0) };
    let at = heard.status_at(answer);
    if answer.head_len().is_none() {
        return Judged::no(END_OF_HEAD).at(0, at);
    }
    match answer.status() {
        // Whoever reads the verdict sees which path that was.
        Some(404) => Judged::yes(format!("404 for {}", asked_for(&case.flows[0]))).at(0, at),
        Some(410) => Judged::nearly("410 says that there once was such a page; 404 claims less").at(0, at),
        Some(200) => Judged::no(
            "200 says: here is the page. The path was made up a moment ago, so there is none; people are not misled by that, but programs go by the status",
        )
        .at(0, at),
        status => Judged::no(format!("it gets {} and not 404", status_text(status))).at(0, at),
    }
}

/// The target of a request that this program wrote.
fn asked_for(flow: &Flow) -> String {
    let mut words = flow.from_client.bytes.split(|byte| *byte == b' ');
    String::from_utf8_lossy(words.nth(1).unwrap_or_default()).into_owned()
}

/// The second conversation asks with HEAD for what the first one got with GET.
fn head(case: &Case<'_>) -> Judged {
    let (get, head) = (Heard::of(&case.flows[0]), Heard::of(&case.flows[1]));
    let (gets, heads) = (get.answers(), head.answers());
    let (Some(got), Some(answer)) = (gets.first(), heads.first()) else {
        return Judged::no(if gets.is_empty() { get.end() } else { head.end() }.instead()).of(1);
    };
    if answer.status().is_none() || got.status() != answer.status() {
        return Judged::no(format!(
            "GET gets {}, HEAD {}",
            status_text(got.status()),
            status_text(answer.status())
        ))
        .at(1, head.status_at(answer));
    }
    if answer.head_len().is_none() {
        return Judged::no(END_OF_HEAD).at(1, head.first_line(answer));
    }
    if let Some(surplus) = head.surplus() {
        let many = counted((head.len() - surplus.bytes.start) as u64);
        let says = format!("{many} of content came behind the head; a client takes them for its next answer");
        return Judged::no(says).at(1, surplus.bytes);
    }
    let says = format!("{}, and nothing behind the head", status_text(answer.status()));
    Judged::yes(says).at(1, head.status_at(answer))
}

fn both(case: &Case<'_>) -> Judged {
    let second = Heard::of(&case.flows[1]);
    if second.whole() == 0 {
        let silent = matches!(second.end(), End::Silent | End::Open);
        let says = if silent {
            "the second client got no answer as long as the first one was not done: this server talks to one client at a time"
        } else {
            second.end().instead()
        };
        return Judged::no(says).of(1);
    }
    let first = Heard::of(&case.flows[0]);
    if first.whole() == 0 {
        return Judged::no(format!(
            "the second client was answered, and the first one was not, though it then sent the rest: {}",
            first.end().instead()
        ))
        .of(0);
    }
    Judged::yes(format!(
        "both, on connections from ports {} and {}",
        port(&case.flows[0]),
        port(&case.flows[1])
    ))
    .of(1)
}

fn port(flow: &Flow) -> String {
    flow.client.as_ref().and_then(crate::evidence::End::port).map(|port| port.to_string()).unwrap_or_default()
}

/// A status in a sentence.
pub(super) fn status_text(status: Option<u16>) -> String {
    status.map_or_else(|| "no status".to_owned(), |status| status.to_string())
}

/// A number of bytes in a sentence.
pub(super) fn counted(bytes: u64) -> String {
    format!("{bytes} byte{}", if bytes == 1 { "" } else { "s" })
}

/// The beginning of a content in a sentence.
pub(super) fn shown(content: &[u8]) -> String {
    const CHARACTERS: usize = 40;
    let text = String::from_utf8_lossy(content);
    let start: String = text.chars().take(CHARACTERS).collect();
    if content.is_empty() { "nothing".to_owned() } else { format!("\"{start}\"") }
}
