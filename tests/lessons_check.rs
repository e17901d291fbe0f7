//! What the judge says of conversations told by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{A, AAAA, MX, TXT, account, check, dns_answer, dns_query, get, lesson, resolve, tcp, udp};
use netlab::evidence::Side;
use netlab::evidence::journal::Account;
use netlab::evidence::{Mishap, TroubleKind};
use netlab::lessons::Step;
use netlab::lessons::check::judge;
use netlab::lessons::proof::words;
use netlab::lessons::seen::{Answered, answered};
use netlab::lessons::verdict::{Closest, Instead, Outcome, Place, Proof, Verdict};

fn passes(step: &Step, account: &Account) -> bool {
    judge(step, account).passed()
}

fn proof(verdict: &Verdict, scene: usize) -> &Proof {
    match &verdict.scenes[scene].outcome {
        Outcome::Passed(proof) => proof,
        other @ Outcome::NotYet(_) => panic!("not passed: {other:?}"),
    }
}

fn closest(verdict: &Verdict, scene: usize) -> &Closest {
    match &verdict.scenes[scene].outcome {
        Outcome::NotYet(Some(closest)) => closest,
        other => panic!("nothing close: {other:?}"),
    }
}

const GARDEN: &[&[u8]] = &[&[127, 0, 0, 4], &[127, 0, 0, 5]];

#[test]
fn nothing_happened_so_nothing_was_seen_yet() {
    let step = check("# a question\ndns.question.type = A");
    let verdict = judge(&step, &Account::default());
    assert!(!verdict.passed());
    assert!(matches!(verdict.scenes[0].outcome, Outcome::NotYet(None)));
    assert_eq!(verdict.scenes[0].description, "a question");
}

#[test]
fn a_verdict_quotes_the_bytes() {
    let step =
        check("dns.question.name = Garden.test.\ndns.question.type = A\ndns.answer.address = 127.0.0.5");
    let verdict = judge(&step, &account([resolve(4001, "garden.test", A, GARDEN)]));
    let proof = proof(&verdict, 0);
    assert_eq!(proof.source.by, "resolve");
    assert_eq!(proof.source.exchange, Some(0));
    let quoted: Vec<(&str, String, Place)> = proof
        .quotes
        .iter()
        .map(|quote| {
            let value = String::from_utf8(quote.found.value.clone()).unwrap();
            (quote.name.as_str(), value, quote.found.place.unwrap())
        })
        .collect();
    // The header has 12 bytes, the name 1+6+1+4+1; then the type. In the answer: 29 bytes up to the first
    // record of 16, and in the second record the address comes behind 12 bytes.
    let place = |side, from, to| Place { side, from, to };
    assert_eq!(quoted[0], ("name", "garden.test".into(), place(Side::Client, 12, 25)));
    assert_eq!(quoted[1], ("type", "A".into(), place(Side::Client, 25, 27)));
    assert_eq!(quoted[2], ("address", "127.0.0.5".into(), place(Side::Server, 57, 61)));
}

#[test]
fn the_closest_flow_says_what_differed() {
    let step = check("dns.question.name = garden.test\ndns.question.type = A\ndns.answer.address");
    let account =
        account([resolve(4001, "shop.test", MX, &[]), resolve(4002, "garden.test", TXT, &[b"\x07nonce=x"])]);
    let verdict = judge(&step, &account);
    let closest = closest(&verdict, 0);
    assert_eq!(closest.source.sighting, 1);
    let differed: Vec<String> = closest.differed.iter().map(words).collect();
    assert_eq!(differed, ["\"dns.question.type = A\" found TXT", "\"dns.answer.address\" found nothing"]);
}

#[test]
fn one_exchange_must_satisfy_a_scene_alone() {
    // The right name in one question and the right type in another do not add up.
    let step = check("dns.question.name = garden.test\ndns.question.type = MX");
    let apart = udp("resolve", 4001, "127.0.0.1:7053")
        .opened()
        .client(&dns_query(1, "garden.test", A))
        .client(&dns_query(2, "shop.test", MX))
        .server(&dns_answer(2, 0, "shop.test", MX, &[]))
        .server(&dns_answer(1, 0, "garden.test", A, GARDEN));
    assert!(!passes(&step, &account([apart])));
    assert!(passes(&step, &account([resolve(4001, "garden.test", MX, &[])])));
}

#[test]
fn a_response_belongs_to_the_question_with_its_id() {
    let step = check("dns.question.name = shop.test\nserver.dns.rcode = NXDOMAIN");
    let mixed = |shop: u16, garden: u16| {
        account([udp("resolve", 4001, "127.0.0.1:7053")
            .opened()
            .client(&dns_query(1, "garden.test", A))
            .client(&dns_query(2, "shop.test", A))
            .server(&dns_answer(2, shop, "shop.test", A, &[]))
            .server(&dns_answer(1, garden, "garden.test", A, &[]))])
    };
    assert!(passes(&step, &mixed(3, 0)));
    assert!(!passes(&step, &mixed(0, 3)));
}

#[test]
fn a_side_before_the_protocol_tells_question_and_answer_apart() {
    // A question carries rcode 0 and no answers too; only the server's word counts as "no data".
    let step = check("server.dns.rcode = NOERROR\ncount server.dns.answer = 0");
    let asked = udp("resolve", 4001, "127.0.0.1:7053").opened().client(&dns_query(1, "garden.test", AAAA));
    assert!(!passes(&step, &account([asked])));
    assert!(passes(&step, &account([resolve(4001, "garden.test", AAAA, &[])])));
}

#[test]
fn the_second_request_goes_with_the_second_final_response() {
    let step = check("http.path = /b\nhttp.status = 404");
    let talk = |first: &str, second: &str| {
        let requests = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
        let answer = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        account([tcp("connect", 4001, "127.0.0.1:7777")
            .opened()
            .client(requests)
            .server(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            .server(answer(first).as_bytes())
            .server(answer(second).as_bytes())])
    };
    assert!(passes(&step, &talk("200 OK", "404 Not Found")));
    assert!(!passes(&step, &talk("404 Not Found", "200 OK")));
}

#[test]
fn a_status_goes_by_number_and_is_quoted_as_written() {
    let verdict = judge(&check("http.status >= 400"), &account([get(4001, "/", "404 Not Found", "")]));
    assert_eq!(proof(&verdict, 0).quotes[0].found.value, b"404");
}

#[test]
fn what_was_promised_and_never_came_can_be_asked_for() {
    let answer = |length: usize| {
        let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nPlant");
        tcp("raw-get", 4001, "127.0.0.1:7777").opened().client(request).server(response.as_bytes())
    };
    let step = check("server.http.content.missing");
    assert!(!passes(&step, &account([answer(5).finished(Side::Server)])), "all of it came");
    assert!(!passes(&step, &account([answer(18)])), "the rest may still come");
    let verdict = judge(&step, &account([answer(18).finished(Side::Server)]));
    let quote = &proof(&verdict, 0).quotes[0];
    // The head has 39 bytes.
    let place = Place { side: Side::Server, from: 39, to: 44 };
    assert_eq!((quote.found.number, quote.found.place), (Some(13), Some(place)));
    let whole = check("server.http.content\ncount server.http.content.missing = 0");
    assert!(passes(&whole, &account([answer(5).finished(Side::Server)])));
    assert!(!passes(&whole, &account([answer(18).finished(Side::Server)])));
}

#[test]
fn who_spoke_first_is_known_of_each_connection() {
    let step = check("flow.first = server");
    let greeting = || tcp("connect", 4001, "127.0.0.1:7013").opened().server(b"hello\r\n");
    let asking = || tcp("connect", 4002, "127.0.0.1:7007").opened().client(b"x\n").server(b"x\n");
    assert!(passes(&step, &account([greeting()])));
    let verdict = judge(&step, &account([asking()]));
    assert_eq!(words(&closest_of_nothing(&verdict)), "\"flow.first = server\" found client");
}

/// A flow that meets no telling condition is still no near thing; ask again with one that it does meet.
fn closest_of_nothing(verdict: &Verdict) -> netlab::lessons::verdict::Difference {
    assert!(matches!(verdict.scenes[0].outcome, Outcome::NotYet(None)));
    let step = check("flow.opened\nflow.first = server");
    let asking = tcp("connect", 4002, "127.0.0.1:7007").opened().client(b"x\n").server(b"x\n");
    closest(&judge(&step, &account([asking])), 0).differed[0].clone()
}

#[test]
fn a_connection_from_before_the_step_has_not_opened_in_it() {
    let straddling = || {
        tcp("connect", 4001, "127.0.0.1:7007")
            .opened()
            .client(b"old\n")
            .server(b"old\n")
            .step_begins()
            .client(b"new\n")
    };
    assert!(!passes(&check("flow.opened"), &account([straddling()])));
    assert!(!passes(&check("flow.first = client"), &account([straddling()])));
    assert!(!passes(&check("client.plain.text = old"), &account([straddling()])));
    assert!(passes(&check("client.plain.text = new"), &account([straddling()])));
    assert!(passes(&check("count tcp.write = 1"), &account([straddling()])));
    let verdict = judge(&check("client.plain.text\nclient.plain.text = old"), &account([straddling()]));
    assert!(matches!(closest(&verdict, 0).differed[0].instead, Instead::FromBefore(_)));
}

#[test]
fn a_connection_on_which_nothing_happened_since_is_not_there() {
    let old = get(4001, "/", "200 OK", "x").finished(Side::Server).step_begins();
    assert!(!passes(&check("server.port = 7777"), &account([old])));
}

#[test]
fn then_wants_the_second_scene_to_begin_later() {
    let step = check("# first\ndns.question.type = A\n\nthen\n\n# second\nhttp.path = /");
    let (ask, fetch) = (|| resolve(4001, "garden.test", A, GARDEN), || get(4002, "/", "200 OK", "x"));
    assert!(passes(&step, &account([ask(), fetch()])));
    let verdict = judge(&step, &account([fetch(), ask()]));
    assert!(matches!(verdict.scenes[0].outcome, Outcome::Passed(_)));
    assert_eq!(closest(&verdict, 1).differed[0].instead, Instead::TooEarly);
    // Asking again afterwards does not help; fetching again does.
    assert!(!passes(&step, &account([fetch(), ask(), ask()])));
    assert!(passes(&step, &account([fetch(), ask(), get(4003, "/", "200 OK", "x")])));
}

#[test]
fn a_later_exchange_on_one_connection_comes_after_an_earlier_one() {
    let step = check("http.path = /a\n\nthen\n\nhttp.path = /b");
    let both = |first: &str, second: &str| {
        let requests =
            format!("GET {first} HTTP/1.1\r\nHost: x\r\n\r\nGET {second} HTTP/1.1\r\nHost: x\r\n\r\n");
        account([tcp("connect", 4001, "127.0.0.1:7777").opened().client(requests.as_bytes())])
    };
    assert!(passes(&step, &both("/a", "/b")));
    assert!(!passes(&step, &both("/b", "/a")));
}

#[test]
fn one_connection_recorded_at_both_ends_never_comes_after_itself() {
    let step = check("http.path = /\n\nthen\n\nhttp.status = 200");
    let client = || get(4001, "/", "200 OK", "x");
    assert!(!passes(&step, &account([client(), client().seen_by_server("serve")])));
    assert!(passes(&step, &account([client(), get(4002, "/", "200 OK", "x")])));
}

#[test]
fn one_connection_recorded_at_both_ends_counts_once() {
    let step = check("count flow >= 2\nserver.port = 7777\nhttp.status = 200");
    let client = |port| get(port, "/", "200 OK", "x");
    let server = |port| get(port, "/", "200 OK", "x").seen_by_server("serve");
    let verdict = judge(&step, &account([client(4001), server(4001)]));
    assert_eq!(closest(&verdict, 0).differed[0].instead, Instead::Count(1));
    assert!(passes(&step, &account([client(4001), server(4001), client(4002)])));
    // The same ports an hour later, or twice at the same end, are two connections.
    assert!(passes(&step, &account([client(4001), server(4001).later(3600)])));
    assert!(passes(&step, &account([server(4001), server(4001)])));
}

#[test]
fn exchanges_are_counted_on_one_connection() {
    let step = check("count exchange >= 2\nhttp.status = 200");
    let twice = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let kept_alive = tcp("connect", 4001, "127.0.0.1:7777")
        .opened()
        .client(twice)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(passes(&step, &account([kept_alive])));
    assert!(!passes(&step, &account([get(4001, "/", "200 OK", ""), get(4002, "/", "200 OK", "")])));
}

#[test]
fn reads_and_writes_are_counted_from_the_recording_side() {
    let talk =
        || tcp("connect", 4001, "127.0.0.1:7007").opened().client(b"one\n").server(b"o").server(b"ne\n");
    assert!(passes(&check("count tcp.read = 2\ncount tcp.write = 1\ntcp.read = 3"), &account([talk()])));
    let at_server = talk().seen_by_server("lab/echo");
    assert!(passes(&check("count tcp.read = 1\ncount tcp.write = 2"), &account([at_server])));
}

#[test]
fn what_the_tap_did_with_a_datagram_is_evidence_with_the_side_whose_it_was() {
    let talk = || udp("connect", 4001, "127.0.0.1:7777").seen_by_server("tap").opened().client(b"a");
    let lost = || talk().met(Side::Client, Mishap::Dropped);
    assert!(passes(&check("udp.dropped"), &account([lost()])));
    assert!(passes(&check("udp.dropped = client\ncount udp.dropped = 1"), &account([lost()])));
    for other in ["udp.dropped = server", "udp.repeated", "udp.held-back"] {
        assert!(!passes(&check(other), &account([lost()])), "{other}");
    }
    assert!(!passes(&check("udp.dropped"), &account([talk()])));
    assert!(!passes(&check("udp.dropped"), &account([lost().step_begins().client(b"b")])));
    let others = talk().met(Side::Client, Mishap::Repeated).met(Side::Server, Mishap::HeldBack);
    assert!(passes(&check("udp.repeated = client\nudp.held-back = server"), &account([others])));
}

#[test]
fn a_loss_is_a_loss_only_when_it_has_happened() {
    // While the last echo is under way, fewer bytes have come back than went out, and nothing is lost.
    let step = check("client.bytes = 6\nudp.dropped\nserver.bytes < 6\nserver.bytes >= 1");
    let talk = || udp("connect", 4001, "127.0.0.1:7777").seen_by_server("tap").opened();
    let under_way = talk().client(b"a").server(b"a").client(b"bb").server(b"bb").client(b"ccc");
    assert!(!passes(&step, &account([under_way])));
    let lost =
        talk().client(b"a").met(Side::Client, Mishap::Dropped).client(b"bb").server(b"bb").client(b"ccc");
    assert!(passes(&step, &account([lost])));
}

#[test]
fn a_refused_connection_is_evidence_too() {
    let refused = tcp("connect", 4001, "127.0.0.1:7999").failed(TroubleKind::Refused);
    assert!(passes(&check("flow.failed = refused\nserver.port = 7999"), &account([refused])));
}

#[test]
fn a_kept_value_binds_a_later_scene() {
    let step = check(
        "dns.question.name = garden.test\ndns.answer.address as it\n\nserver.address = $it\nflow.transport = tcp\nflow.opened",
    );
    let visit = |server: &str| tcp("connect", 4009, server).opened();
    let asked = || resolve(4001, "garden.test", A, GARDEN);
    assert!(passes(&step, &account([asked(), visit("127.0.0.5:80")])));
    let verdict = judge(&step, &account([asked(), visit("127.0.0.9:80")]));
    assert_eq!(
        words(&closest(&verdict, 1).differed[0]),
        "\"server.address = $it\" found 127.0.0.9, wanted 127.0.0.4 or 127.0.0.5"
    );
}

#[test]
fn a_word_is_carried_from_one_conversation_into_another() {
    let step = check(
        "server.plain.text after nonce= as word\n\nthen\n\nflow.first = client\nclient.plain.text contains $word",
    );
    let greeted = || tcp("connect", 4001, "127.0.0.1:7013").opened().server(b"noon nonce=lime-42\r\n");
    let said = |line: &[u8]| tcp("connect", 4002, "127.0.0.1:7007").opened().client(line).server(line);
    assert!(passes(&step, &account([greeted(), said(b"lime-42\r\n")])));
    assert!(passes(&step, &account([greeted(), said(b"it said nonce=lime-42 to me\r\n")])));
    let other = account([greeted(), said(b"lime-43\r\n")]);
    let verdict = judge(&step, &other);
    let word = proof(&verdict, 0).quotes[0].found.clone();
    // The word alone is quoted, by its own bytes: "noon nonce=" is eleven long.
    assert_eq!((word.value, word.place.unwrap().from), (b"lime-42".to_vec(), 11));
    let differed = words(&closest(&verdict, 1).differed[0]);
    assert!(differed.contains("wanted something containing lime-42"), "{differed}");
    assert!(!passes(&step, &account([said(b"lime-42\r\n"), greeted()])));
}

#[test]
fn the_first_choice_is_given_up_when_only_a_later_one_fits() {
    let step = check("http.path as page\nhttp.status = 200\n\nhttp.path = $page\nhttp.status = 404");
    let account = account([
        get(4001, "/only-here", "200 OK", "x"),
        get(4002, "/both", "200 OK", "x"),
        get(4003, "/both", "404 Not Found", ""),
    ]);
    let verdict = judge(&step, &account);
    assert!(verdict.passed());
    assert_eq!(proof(&verdict, 0).source.sighting, 1);
}

#[test]
fn is_not_speaks_of_all_values_there_are() {
    let step = check("dns.question.type = A\ndns.answer.address != 127.0.0.4");
    assert!(!passes(&step, &account([resolve(4001, "garden.test", A, GARDEN)])));
    assert!(passes(&step, &account([resolve(4001, "shop.test", A, &[&[127, 0, 0, 5]])])));
    assert!(!passes(&step, &account([resolve(4001, "shop.test", A, &[])])));
}

const WITH_NEAR_MISS: &str = "```check\ndns.question.type = A\n\nhttp.path = /\n```\n\
    ```near-miss\n$ netlab resolve --type TXT garden.test\ndns.question.type = TXT\nsays: that was TXT\n```";

#[test]
fn a_near_miss_draws_its_feedback_while_it_is_the_latest_news() {
    let step = lesson(WITH_NEAR_MISS).steps.remove(0);
    let slip = || resolve(4001, "garden.test", TXT, &[]);
    let verdict = judge(&step, &account([slip()]));
    let feedback = verdict.feedback.unwrap();
    assert_eq!(feedback.says, "that was TXT");
    assert_eq!(feedback.proof.quotes[0].found.value, b"TXT");
    // A scene that passed since makes it old news, and so does passing altogether.
    let asked = || resolve(4002, "garden.test", A, GARDEN);
    assert!(judge(&step, &account([slip(), asked()])).feedback.is_none());
    assert!(judge(&step, &account([asked(), slip()])).feedback.is_some());
    assert!(judge(&step, &account([asked(), get(4003, "/", "200 OK", ""), slip()])).feedback.is_none());
}

#[test]
fn an_answer_is_compared_with_the_evidence() {
    let lesson = lesson(
        "```seen\nHow many?\nanswer: count server.dns.answer.address\nwhere: dns.question.name = garden.test\nsays: yes\n```\n\
         ```seen\nWhich word?\nanswer: server.plain.text after nonce=\nwhere: flow.first = server\nsays: yes\n```",
    );
    let [how_many, which] = &lesson.steps[0].questions().collect::<Vec<_>>()[..] else { panic!() };
    let account = account([
        resolve(4001, "garden.test", A, GARDEN),
        tcp("connect", 4002, "127.0.0.1:7013").opened().server(b"It is noon. nonce=lime-42 bye\r\n"),
    ]);
    assert!(matches!(answered(how_many, " 2 ", &account), Answered::Agrees(..)));
    let Answered::Differs(values) = answered(how_many, "1", &account) else { panic!() };
    assert_eq!(values[0].1.value, b"2");
    assert_eq!(answered(how_many, "2", &Account::default()), Answered::NothingSeen);
    let Answered::Agrees(source, found) = answered(which, "nonce=Lime-42", &account) else { panic!() };
    assert_eq!((source.sighting, found.place), (1, Some(Place { side: Side::Server, from: 18, to: 25 })));
}

#[test]
fn a_scene_may_ask_that_another_connection_was_open_meanwhile() {
    let step = check(
        "flow.opened\nclient.port as first\nserver.address as there\n\nmeanwhile\n\n\
         flow.opened\nserver.address = $there\nclient.port != $first",
    );
    let first = || tcp("connect", 4001, "127.0.0.1:7777").opened();
    let second = || tcp("connect", 4002, "127.0.0.1:7777").opened().later(1);
    assert!(passes(&step, &account([first(), second()])));
    assert!(passes(&step, &account([first().finished(Side::Client), second()])), "half of it is still open");
    let over = || first().finished(Side::Client).finished(Side::Server);
    let verdict = judge(&step, &account([over(), second()]));
    assert!(!verdict.passed());
    assert_eq!(words(&closest(&verdict, 1).differed[0]), "it did not begin while the one before it was open");
    for ended in [first().failed(TroubleKind::BrokenPipe), first().failed(TroubleKind::TimedOut)] {
        assert!(!passes(&step, &account([ended, second()])));
    }
    let elsewhere = tcp("connect", 4002, "127.0.0.2:7777").opened().later(1);
    assert!(!passes(&step, &account([first(), elsewhere])));
}

#[test]
fn either_recording_may_know_that_a_connection_is_over() {
    let step = check("flow.opened\n\nmeanwhile\n\nflow.opened");
    let killed = || tcp("connect", 4001, "127.0.0.1:7777").opened();
    let served = || killed().seen_by_server("listen").finished(Side::Client).finished(Side::Server);
    let next = || tcp("connect", 4002, "127.0.0.1:7777").opened().later(1);
    assert!(passes(&step, &account([killed(), next()])), "nobody knows that it has ended");
    assert!(!passes(&step, &account([killed(), served(), next()])));
    let both = [killed(), killed().seen_by_server("listen")];
    assert!(!passes(&step, &account(both)), "two recordings of one connection are no two connections");
}

#[test]
fn the_connection_that_was_open_need_not_be_the_first() {
    let step = check("flow.opened\n\nmeanwhile\n\nflow.opened");
    let connection = |port: u16| tcp("connect", port, "127.0.0.1:7777").opened();
    let over = || connection(4001).finished(Side::Client).finished(Side::Server);
    let second = || connection(4002).later(1);
    let third = || connection(4003).later(2);
    assert!(!passes(&step, &account([over(), second()])));
    assert!(passes(&step, &account([over(), second(), third()])));
}

#[test]
fn a_side_that_has_finished_may_still_be_sent_to() {
    let step = check("flow.half-closed = client");
    let asked = || tcp("connect", 4001, "127.0.0.1:7101").opened().client(b"hello\r\n");
    assert!(passes(&step, &account([asked().finished(Side::Client).server(b"7 bytes\r\n")])));
    assert!(!passes(&step, &account([asked().server(b"7 bytes\r\n").finished(Side::Client)])));
    assert!(!passes(&step, &account([asked().finished(Side::Server).client(b"more\r\n")])));
    assert!(!passes(&step, &account([asked().finished(Side::Client).server(b"old\r\n").step_begins()])));
}

#[test]
fn an_address_has_a_kind() {
    let to = |server: &str| account([tcp("connect", 4001, server).opened()]);
    for (server, kind) in
        [("127.0.0.2:80", "loopback"), ("192.168.1.5:80", "private"), ("[fe80::1]:80", "link-local")]
    {
        assert!(passes(&check(&format!("flow.opened\nserver.kind = {kind}")), &to(server)), "{server}");
    }
    assert!(passes(&check("flow.opened\nclient.kind = loopback\nserver.kind = public"), &to("9.9.9.9:80")));
}

#[test]
fn a_busy_journal_is_judged_in_good_time() {
    // Two thousand connections with a page of their own each, and a pair that is not among them.
    let step = check("http.path as page\nhttp.status = 200\n\nhttp.path = $page\nhttp.status = 404");
    let talks = (0..2000).map(|nth: u16| get(nth + 1, &format!("/{nth}"), "200 OK", "x"));
    assert!(!passes(&step, &account(talks)));
}
