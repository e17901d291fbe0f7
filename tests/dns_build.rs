//! Responses as the lab's servers send them: what is echoed, what is left out when there is no room.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use netlab::proto::dns::encode::{NameError, encode};
use netlab::proto::dns::message::Message;
use netlab::proto::dns::query::Query;
use netlab::proto::dns::response::{Entry, Response};
use netlab::proto::dns::{DNS, name, rdata};
use netlab::proto::stream::{Carriage, Sender, Stream};

fn read(bytes: &[u8]) -> Message {
    let fields = DNS.dissect(Stream::alone(bytes, Sender::Server, Carriage::Datagram));
    let message = Message::of(&fields).unwrap();
    assert!(!message.broken, "{message:?}");
    message
}

fn query(edns_payload: Option<u16>) -> Vec<u8> {
    Query { edns_payload, ..Query::new(7, "GaRdEn.test", 16) }.bytes().unwrap()
}

fn texts(count: usize) -> Vec<Entry> {
    let text = rdata::parse(16, &"x".repeat(90)).unwrap();
    (0..count).map(|_| Entry::new("garden.test", 16, 60, text.clone()).unwrap()).collect()
}

#[test]
fn the_question_goes_back_in_the_case_it_came_in() {
    let query = query(None);
    let reply = Response::to(&query).unwrap().bytes(512);
    assert_eq!(reply[12..], query[12..]);
    assert_eq!(read(&reply).questions[0].name, "GaRdEn.test");
    assert!(read(&reply).rd);
}

#[test]
fn what_does_not_fit_is_left_out_whole_and_said() {
    let mut response = Response::to(&query(None)).unwrap();
    response.answers = texts(9);
    let reply = response.bytes(response.udp_limit());
    assert!(reply.len() <= 512);
    assert_eq!((read(&reply).tc, read(&reply).answers.len()), (true, 4));
    let whole = response.bytes(65535);
    assert_eq!((read(&whole).tc, read(&whole).answers.len()), (false, 9));
}

#[test]
fn opt_stays_when_records_go() {
    let mut response = Response::to(&query(Some(600))).unwrap();
    response.answers = texts(9);
    let reply = response.bytes(response.udp_limit());
    assert_eq!(response.udp_limit(), 600);
    assert!(reply.len() <= 600);
    assert_eq!((read(&reply).tc, read(&reply).edns.unwrap().udp_payload), (true, 1232));
}

#[test]
fn a_greedy_asker_gets_no_more_than_fits_one_packet() {
    assert_eq!(Response::to(&query(Some(65535))).unwrap().udp_limit(), 1232);
    assert_eq!(Response::to(&query(Some(0))).unwrap().udp_limit(), 512);
}

#[test]
fn missing_extras_are_no_truncation_but_missing_glue_is() {
    let glue: Vec<Entry> =
        (0..40).map(|_| Entry::new("ns.garden.test", 1, 60, vec![127, 0, 0, 4]).unwrap()).collect();
    let mut referral = Response::to(&query(None)).unwrap();
    referral.authority.push(Entry::new("garden.test", 2, 60, encode("ns.garden.test").unwrap()).unwrap());
    referral.additional.clone_from(&glue);
    assert!(read(&referral.bytes(512)).tc);
    assert!(read(&referral.bytes(512)).is_referral());
    let mut answer = Response::to(&query(None)).unwrap();
    answer.answers = texts(1);
    answer.additional = glue;
    assert!(!read(&answer.bytes(512)).tc);
}

#[test]
fn a_response_draws_no_response() {
    let reply = Response::to(&query(None)).unwrap().bytes(512);
    assert!(Response::to(&reply).is_none());
    assert!(Response::to(b"short").is_none());
}

#[test]
fn an_unknown_version_of_edns_is_answered_with_badvers() {
    let mut query = query(Some(1232));
    let at = query.len() - 5;
    query[at] = 1;
    let reply = read(&Response::to(&query).unwrap().bytes(512));
    assert_eq!((reply.rcode_name().as_str(), reply.edns.unwrap().version), ("BADVERS", 0));
}

#[test]
fn a_question_that_cannot_be_read_is_not_repeated() {
    let broken = b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01";
    let mut response = Response::to(broken).unwrap();
    response.rcode = 1;
    let reply = read(&response.bytes(512));
    assert_eq!((reply.id, reply.rcode_name().as_str(), reply.questions.len()), (7, "FORMERR", 0));
}

#[test]
fn no_is_remembered_for_the_lesser_of_two_times() {
    for (ttl, minimum, expected) in [(60, 30, 30), (20, 30, 20)] {
        let mut response = Response::to(&query(None)).unwrap();
        response.rcode = 3;
        let soa = rdata::parse(6, &format!("ns.test hostmaster.test 1 2 3 4 {minimum}")).unwrap();
        response.authority.push(Entry::new("test", 6, ttl, soa).unwrap());
        assert_eq!(read(&response.bytes(512)).negative_ttl(), Some(expected));
    }
}

#[test]
fn names_are_written_as_they_are_read() {
    for text in [".", "test", "www.garden.test", r"a\.b.c\\d", r"\000\255\032x.test", "_http._tcp.test"] {
        let bytes = encode(text).unwrap();
        assert_eq!(name::present(&bytes, 0), text);
        assert_eq!(encode(&name::present(&bytes, 0)).unwrap(), bytes);
    }
}

#[test]
fn what_is_no_name_says_by_how_much() {
    let label = "a".repeat(64);
    let long = [&label[1..]; 4].join(".");
    let cases = [
        ("", NameError::Nothing),
        ("..", NameError::EmptyLabel(1)),
        ("a..b", NameError::EmptyLabel(2)),
        (label.as_str(), NameError::LongLabel(64)),
        (long.as_str(), NameError::LongName(257)),
        (r"a\", NameError::Escape(String::from(r"\"))),
        (r"a\256", NameError::Escape(String::from(r"\256"))),
        ("gärten.test", NameError::NotAscii('ä')),
    ];
    for (text, error) in cases {
        assert_eq!(encode(text), Err(error), "{text}");
    }
}

#[test]
fn zone_data_that_does_not_fit_its_type_is_refused_with_the_reason() {
    for (kind, text, why) in [
        ("A", "1.2.3", "no address: 1.2.3"),
        ("MX", "10", "the exchange is missing"),
        ("MX", "10 mail.test extra", "more than MX data has room for: extra"),
        ("MX", "70000 mail.test", "no preference: 70000"),
        ("TXT", "\"open", "a quote is opened and not closed"),
        ("DS", "1 2 3", "DS data is written"),
        ("TYPE9", r"\# 2 01", "2 bytes are 4 hexadecimal digits, and there are: 2"),
    ] {
        let error = rdata::parse(rdata::type_named(kind).unwrap(), text).unwrap_err();
        assert!(error.starts_with(why), "{error}");
    }
}
