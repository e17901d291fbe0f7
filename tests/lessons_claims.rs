//! What a check's sentence claims, and the evidence that it takes: each claim held, and not held.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{A, account, check, dns_answer, dns_query, udp};
use netlab::lessons::check::judge;

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
    let again =
        account(through_the_tap().into_iter().chain(through_the_tap().map(|talk| talk.from_port(40_100))));
    assert!(judge(&twice, &again).passed());
}
