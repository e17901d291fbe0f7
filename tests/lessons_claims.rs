//! What a check's sentence claims, and the evidence that it takes: each claim held, and not held.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{A, account, check, dns_answer, dns_query, get, lesson, tcp, udp};
use netlab::evidence::event::{Judged, Side, What};
use netlab::evidence::journal::Account;
use netlab::evidence::{Mishap, TroubleKind};
use netlab::lessons::Step;
use netlab::lessons::check::{judge, judge_at};
use netlab::lessons::settled::{AFTERWARDS_US, SILENCE_US, Settled};
use netlab::lessons::verdict::{Instead, Outcome, Verdict};

const ADDRESS: &[&[u8]] = &[&[127, 0, 0, 4]];

/// A question that went through the tap: what the client said to the tap, what the tap said to the server, and the same
/// from the server's side.
fn through_the_tap() -> [kit::Talk; 3] {
    let (question, answer) = (dns_query(77, "shop.test", A), dns_answer(77, 0, "shop.test", A, ADDRESS));
    let asked = udp("resolve", 40_001, "127.0.0.1:7777").seen_by_server("tap").opened().client(&question);
    let handed_on = |by: &str| udp(by, 40_002, "127.0.0.1:7053").opened().client(&question).server(&answer);
    let leg = handed_on("tap").because(&asked);
    let at_the_server = handed_on("tap").seen_by_server("lab/dns");
    [asked.server(&answer), leg, at_the_server]
}

#[test]
fn what_a_tap_asks_for_somebody_is_not_a_question_of_the_learners() {
    let asked = "dns.question.name = shop.test\nclient.dns.id = 77";
    let twice =
        check(&format!("# asked\n{asked}\n\nthen\n\n# asked again\n{asked}\nserver.dns.answer.address"));
    let counted = check(&format!("# asked once\n{asked}\ncount flow = 1"));
    let once = account(through_the_tap());
    assert!(!judge(&twice, &once).passed());
    assert!(judge(&counted, &once).passed());
    let again = account(
        through_the_tap().into_iter().chain(through_the_tap().map(|talk| talk.at_client_port(40_100))),
    );
    assert!(judge(&twice, &again).passed());
}

/// When the kit's conversations begin, in microseconds since 1970.
const BEGAN_US: u64 = 1_000_000_000;

fn passes(step: &Step, account: &Account) -> bool {
    judge(step, account).passed()
}

/// What is in the way of a scene.
fn instead(verdict: &Verdict, scene: usize) -> &Instead {
    match &verdict.scenes[scene].outcome {
        Outcome::NotYet(Some(closest)) => &closest.differed[0].instead,
        other => panic!("nothing close: {other:?}"),
    }
}

#[test]
fn a_refused_call_shows_who_listened_next_door() {
    let refused = || tcp("connect", 4001, "127.0.0.2:7777").failed(TroubleKind::Refused);
    let next_door = check("# refused\nflow.failed = refused\nport.listener = 127.0.0.1");
    let nowhere = check("# refused\nflow.failed = refused\ncount port.listener = 0");
    let alone = account([refused().waiting(&[])]);
    let beside = account([refused().waiting(&[("127.0.0.1:7777", 7)])]);
    assert!(passes(&nowhere, &alone) && !passes(&next_door, &alone));
    assert!(passes(&next_door, &beside) && !passes(&nowhere, &beside));
}

#[test]
fn two_listeners_at_the_same_time_are_two_at_one_call() {
    let both = check("# both\nport.listener = 127.0.0.1\nport.listener = 127.0.0.2\nflow.opened");
    let call =
        |port, server: &str, waiting: &[(&str, u64)]| tcp("connect", port, server).opened().waiting(waiting);
    let (one, two) = (("127.0.0.1:7777", 7), ("127.0.0.2:7777", 8));
    let in_turn = account([call(4001, one.0, &[one]), call(4002, two.0, &[two])]);
    let at_once = account([call(4001, one.0, &[one]), call(4002, two.0, &[one, two])]);
    assert!(!passes(&both, &in_turn));
    assert!(passes(&both, &at_once));
}

#[test]
fn nobody_had_accepted_it_only_where_the_kernel_said_so() {
    let step =
        check("# never accepted\nflow.opened\nclient.bytes >= 1\nflow.unaccepted\ncount server.bytes = 0");
    let called = || tcp("connect", 4001, "127.0.0.1:7777").opened().client(b"hello");
    assert!(
        !passes(&step, &account([called()])),
        "a listener that has nothing to say looks the same from outside"
    );
    assert!(passes(&step, &account([called().known(Side::Client, What::Unaccepted)])));
}

#[test]
fn an_answer_counts_when_it_arrived_at_somebody() {
    let step = check("# it arrived\nflow.half-closed = client\nflow.answered");
    let server = || {
        tcp("", 4001, "127.0.0.1:7101")
            .seen_by_server("lab/tally")
            .opened()
            .client(b"hi")
            .finished(Side::Client)
            .server(b"2")
    };
    let client = || tcp("connect", 4001, "127.0.0.1:7101").opened().client(b"hi").finished(Side::Client);
    assert!(!passes(&step, &account([server(), client()])), "written, and nobody knows what became of it");
    assert!(passes(&step, &account([server().known(Side::Server, What::Acknowledged)])));
    assert!(!passes(&step, &account([server().known(Side::Client, What::Reset)])));
    let gone = server().known(Side::Server, What::Acknowledged).known(Side::Client, What::Reset);
    assert!(!passes(&step, &account([gone])), "acknowledged first, and then nobody was there");
    assert!(passes(&step, &account([client().server(b"2")])), "the client has read it");
}

#[test]
fn a_claim_about_one_moment_is_made_of_one_connection() {
    let step = check("all on one connection\n\n# one\nhttp.path = /a\n\n# two\nserver.http.status = 404");
    let apart = account([get(4001, "/a", "200 OK", ""), get(4002, "/b", "404 Not Found", "")]);
    let verdict = judge(&step, &apart);
    assert!(!verdict.passed());
    assert_eq!(*instead(&verdict, 1), Instead::OtherConnection);
    // The first connection for /a is no help, and the second is.
    let together = account([get(4001, "/a", "200 OK", ""), get(4002, "/a", "404 Not Found", "")]);
    assert!(passes(&step, &together));
}

#[test]
fn one_server_is_one_listening_socket() {
    let step = check("all by one server\n\n# one\nhttp.path = /a\n\n# two\nhttp.path = /b");
    let asked =
        |port, path: &str, socket| get(port, path, "200 OK", "").waiting(&[("127.0.0.1:7777", socket)]);
    let replaced = account([asked(4001, "/a", 7), asked(4002, "/b", 8)]);
    let verdict = judge(&step, &replaced);
    assert!(!verdict.passed());
    assert_eq!(*instead(&verdict, 1), Instead::OtherServer);
    assert!(passes(&step, &account([asked(4001, "/a", 7), asked(4002, "/b", 7)])));
    // Where no system told of sockets, the place is all there is.
    assert!(passes(&step, &account([get(4001, "/a", "200 OK", ""), get(4002, "/b", "200 OK", "")])));
}

#[test]
fn what_the_probe_made_of_a_server_can_be_asked() {
    let step = check("# all was well\nprobe.passed = routes.plant\ncount probe.failed = 0");
    let probed = |passed: &[&str], failed: &[&str]| {
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let judged = Judged { passed: named(passed), failed: named(failed) };
        account([get(4001, "/", "200 OK", "").known(Side::Client, What::Judged(Box::new(judged)))])
    };
    assert!(passes(&step, &probed(&["routes.plant"], &[])));
    assert!(!passes(&step, &probed(&["routes.plant"], &["hello.length"])));
    assert!(!passes(&step, &probed(&[], &[])));
}

#[test]
fn bytes_that_nobody_asked_for_are_no_second_exchange() {
    let step = check("# two\ncount exchange >= 2\nserver.http.status");
    let one = get(4001, "/a", "200 OK", "").server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(!passes(&step, &account([one])));
}

#[test]
fn that_no_answer_came_is_said_when_its_time_is_up() {
    let step = check("# no answer\ndns.question.name = shop.test\ncount server.dns.rcode = 0");
    let asked =
        account([udp("resolve", 4001, "127.0.0.1:7777").opened().client(&dns_query(77, "shop.test", A))]);
    let last_us = BEGAN_US + 1000;
    let early = judge_at(&step, &asked, last_us + 135_000);
    assert!(!early.passed());
    assert_eq!(early.waits, Some(Settled::From(last_us + SILENCE_US)));
    assert!(matches!(instead(&early, 0), Instead::NotSettled(_)));
    assert!(judge_at(&step, &asked, last_us + SILENCE_US).passed());
    let answer = dns_answer(77, 0, "shop.test", A, ADDRESS);
    let late = account([udp("resolve", 4001, "127.0.0.1:7777")
        .opened()
        .client(&dns_query(77, "shop.test", A))
        .server(&answer)]);
    assert!(!judge_at(&step, &late, last_us + SILENCE_US).passed());
}

#[test]
fn a_request_that_is_being_typed_lacks_nothing_yet() {
    let step = lesson(
        "```check\n# a whole one\nserver.http.status = 200\n```\n\
         ```near-miss\n$ netlab connect hello.test\ncount client.http.host = 0\nhttp.method = GET\nsays: Host was missing.\n```",
    )
    .steps
    .remove(0);
    let typed = || tcp("connect", 4001, "127.0.0.1:7777").opened().client(b"GET / HTTP/1.1\r\n");
    let much_later = BEGAN_US + 60 * SILENCE_US;
    let typing = judge_at(&step, &account([typed()]), much_later);
    assert!(typing.feedback.is_none(), "the next line may be Host");
    assert_eq!(typing.waits, Some(Settled::WhenOver));
    let refused = || typed().client(b"\r\n").server(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let told = judge_at(&step, &account([refused()]), BEGAN_US + 3000 + AFTERWARDS_US);
    assert_eq!(told.feedback.unwrap().says, "Host was missing.");
    let gone = typed().finished(Side::Client).finished(Side::Server);
    assert!(judge_at(&step, &account([gone]), BEGAN_US).feedback.is_some(), "nothing more can come");
}

#[test]
fn what_was_seen_is_not_called_missing() {
    let step = lesson(
        "```check\n# two requests on one connection\nhttp.method = GET\ncount exchange >= 2\n\n\
         # one for the plant\nhttp.path = /plant\nserver.http.status = 404\n```\n\
         ```near-miss\n$ netlab raw-get http://hello.test/\nhttp.method = GET\ncount exchange = 1\nsays: That was one request.\n```",
    )
    .steps
    .remove(0);
    let twice = || {
        get(4001, "/", "200 OK", "")
            .client(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    };
    let once = || get(4002, "/", "200 OK", "");
    assert_eq!(judge(&step, &account([once()])).feedback.unwrap().says, "That was one request.");
    let both = judge(&step, &account([twice(), once()]));
    assert!(matches!(both.scenes[0].outcome, Outcome::Passed(_)));
    assert!(both.feedback.is_none(), "the two requests have been seen");
}

#[test]
fn nobody_is_told_to_do_first_what_was_done() {
    let step = lesson(
        "```check\n# the broken one\nserver.http.status = 400\n\nthen\n\n# the repaired one\nhttp.path = /b\nserver.http.status = 200\n```\n\
         ```near-miss\n$ netlab raw-get http://hello.test/\nserver.http.status = 200\nuntil: 1\nsays: Send the broken one first.\n```",
    )
    .steps
    .remove(0);
    let sound = |port| get(port, "/a", "200 OK", "");
    assert_eq!(judge(&step, &account([sound(4001)])).feedback.unwrap().says, "Send the broken one first.");
    let behind_it = judge(&step, &account([get(4001, "/a", "400 Bad Request", ""), sound(4002)]));
    assert!(matches!(behind_it.scenes[0].outcome, Outcome::Passed(_)));
    assert!(behind_it.feedback.is_none());
}

#[test]
fn the_hint_of_an_older_try_is_not_given_again() {
    let step = lesson(
        "```check\n# the plant\nhttp.path = /plant\nserver.http.status = 200\n```\n\
         ```near-miss\n$ netlab raw-get http://hello.test/\nhttp.path = /\nsays: The path was /.\n```",
    )
    .steps
    .remove(0);
    let first = || get(4001, "/", "200 OK", "");
    assert!(judge(&step, &account([first()])).feedback.is_some());
    let then_another = account([first(), get(4002, "/plant", "404 Not Found", "").later(2)]);
    assert!(judge(&step, &then_another).feedback.is_none(), "the latest try has the right path");
}

#[test]
fn one_of_the_same_values_is_quoted_on_both_sides() {
    let step = check(
        "# a name\ndns.answer.address as garden\n\nthen\n\n# a call to one of them\nserver.address = $garden\nflow.opened",
    );
    let both: &[&[u8]] = &[&[127, 0, 0, 4], &[127, 0, 0, 5]];
    let verdict = judge(
        &step,
        &account([kit::resolve(4001, "garden.test", A, both), tcp("connect", 4002, "127.0.0.5:80").opened()]),
    );
    let quoted: Vec<String> = verdict
        .scenes
        .iter()
        .map(|scene| match &scene.outcome {
            Outcome::Passed(proof) => String::from_utf8(proof.quotes[0].found.value.clone()).unwrap(),
            other @ Outcome::NotYet(_) => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(quoted, ["127.0.0.5", "127.0.0.5"]);
}

#[test]
fn the_tap_s_own_losses_are_still_told() {
    let asked = udp("resolve", 4001, "127.0.0.1:7777").seen_by_server("tap").opened().client(b"x");
    let step = check("# dropped\nudp.dropped = client");
    assert!(passes(&step, &account([asked.met(Side::Client, Mishap::Dropped)])));
}
