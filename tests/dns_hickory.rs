//! A second opinion: hickory-proto reads what is built here and builds what is read here, and both
//! agree on every value. It shares no code with this reader.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and may say what it ran"
)]

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use hickory_proto::op::{Edns, Message as Theirs, MessageType, OpCode, Query as TheirQuery, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record as TheirRecord, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};
use netlab::proto::dns::message::{Message, Record};
use netlab::proto::dns::query::Query;
use netlab::proto::dns::response::{Entry, Response};
use netlab::proto::dns::{DNS, name, rdata};
use netlab::proto::stream::{Carriage, Sender, Stream};

fn ours(bytes: &[u8]) -> Option<Message> {
    Message::of(&DNS.dissect(Stream::alone(bytes, Sender::Server, Carriage::Datagram)))
}

/// The bytes of their name, in which case and escapes are no matter of taste.
fn wire(name: &Name) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label);
    }
    bytes.push(0);
    bytes
}

/// Their record data without compression. SOA has two names, and a fresh encoder may join them.
fn wire_data(data: &RData) -> Vec<u8> {
    if let RData::SOA(soa) = data {
        let numbers = [
            soa.serial,
            soa.refresh.cast_unsigned(),
            soa.retry.cast_unsigned(),
            soa.expire.cast_unsigned(),
            soa.minimum,
        ];
        return [wire(&soa.mname), wire(&soa.rname), numbers.map(u32::to_be_bytes).concat()].concat();
    }
    let mut bytes = Vec::new();
    data.emit(&mut BinEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// What differs between our reading and theirs, each difference a line.
fn differences(ours: &Message, theirs: &Theirs) -> Vec<String> {
    let mut lines = Vec::new();
    let mut same = |what: &str, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
        let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
        if ours != theirs {
            lines.push(format!("{what}: {ours}, theirs {theirs}"));
        }
    };
    let head = &theirs.metadata;
    same("id", &ours.id, &head.id);
    same("qr", &ours.is_response, &(head.message_type == MessageType::Response));
    same("opcode", &ours.opcode, &u8::from(head.op_code));
    same("aa", &ours.aa, &head.authoritative);
    same("tc", &ours.tc, &head.truncation);
    same("rd", &ours.rd, &head.recursion_desired);
    same("ra", &ours.ra, &head.recursion_available);
    same("ad", &ours.ad, &head.authentic_data);
    same("cd", &ours.cd, &head.checking_disabled);
    same("rcode", &ours.rcode, &u16::from(head.response_code));
    let payload = |edns: &Edns| edns.max_payload();
    // They take less than 512 for 512, as RFC 6891 §6.2.3 wants it to be treated.
    same(
        "edns",
        &ours.edns.as_ref().map(|edns| edns.udp_payload.max(512)),
        &theirs.edns.as_ref().map(payload),
    );
    same(
        "dnssec ok",
        &ours.edns.as_ref().map(|edns| edns.dnssec_ok),
        &theirs.edns.as_ref().map(|edns| edns.flags().dnssec_ok),
    );
    let encoded = |text: &str| name::encode(text).unwrap();
    let asked: Vec<_> = ours.questions.iter().map(|q| (encoded(&q.name), q.qtype, q.qclass)).collect();
    let their_asked: Vec<_> = theirs
        .queries
        .iter()
        .map(|q| (wire(q.name()), u16::from(q.query_type()), u16::from(q.query_class())))
        .collect();
    same("questions", &asked, &their_asked);
    for (section, ours, theirs) in [
        ("answers", &ours.answers, &theirs.answers),
        ("authority", &ours.authority, &theirs.authorities),
        ("additional", &ours.additional, &theirs.additionals),
    ] {
        same(section, &ours.len(), &theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            let mine = |r: &Record| {
                (encoded(&r.name), r.rtype, r.class, r.ttl, rdata::parse(r.rtype, &r.data).unwrap())
            };
            let kind = u16::from(theirs.record_type());
            let data = wire_data(&theirs.data);
            same(
                section,
                &mine(ours),
                &(wire(&theirs.name), kind, u16::from(theirs.dns_class), theirs.ttl, data),
            );
        }
    }
    lines
}

/// Types and their data, as a zone would have them.
const ZONE: &[(&str, &str)] = &[
    ("A", "192.0.2.1"),
    ("AAAA", "2001:db8::1"),
    ("CNAME", r"a\.b.garden.test"),
    ("NS", "ns.garden.test"),
    ("PTR", "garden.test"),
    ("HINFO", r#"RFC8482 """#),
    ("MX", "10 mail.garden.test"),
    ("TXT", r#""two words" "" "quote \" and \007""#),
    ("SOA", "ns.garden.test hostmaster.garden.test 7 7200 900 1209600 30"),
    ("SRV", "0 5 7080 web.garden.test"),
    ("SVCB", "0 web.garden.test"),
    ("HTTPS", r"1 . mandatory=port alpn=h2,h3 port=7443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"),
    ("TYPE1234", r"\# 3 01ff80"),
];

#[test]
fn hickory_reads_our_queries() {
    for (kind, _) in ZONE {
        for (payload, dnssec_ok) in [(None, false), (Some(1232), false), (Some(4096), true)] {
            let kind = rdata::type_named(kind).unwrap();
            let query = Query { edns_payload: payload, dnssec_ok, ..Query::new(77, "www.Garden.test", kind) };
            let bytes = query.bytes().unwrap();
            let theirs = Theirs::from_vec(&bytes).unwrap();
            assert_eq!(differences(&ours(&bytes).unwrap(), &theirs), [""; 0]);
            assert_eq!(theirs.queries[0].name().to_ascii(), "www.Garden.test.");
        }
    }
}

#[test]
fn hickory_reads_our_responses() {
    for (kind, text) in ZONE {
        let kind = rdata::type_named(kind).unwrap();
        let query =
            Query { edns_payload: Some(1232), ..Query::new(78, "www.garden.test", kind) }.bytes().unwrap();
        let mut response = Response::to(&query).unwrap();
        response.authoritative = true;
        response.recursion_available = true;
        let data = rdata::parse(kind, text).unwrap();
        response.answers.push(Entry::new("www.garden.test", kind, 60, data.clone()).unwrap());
        response
            .authority
            .push(Entry::new("GARDEN.test", 2, 70, rdata::parse(2, "ns.garden.test").unwrap()).unwrap());
        response.additional.push(Entry::new("ns.garden.test", 1, 80, vec![127, 0, 0, 4]).unwrap());
        response.additional.push(Entry::new(".", 1, 80, vec![127, 0, 0, 4]).unwrap());
        response.rcode = 23;
        response.extended_error = Some((22, String::from("nobody home")));
        let bytes = response.bytes(response.udp_limit());
        let theirs = Theirs::from_vec(&bytes).unwrap();
        assert_eq!(differences(&ours(&bytes).unwrap(), &theirs), [""; 0], "{kind}");
        assert_eq!(theirs.metadata.response_code, ResponseCode::BADCOOKIE);
        assert_eq!(wire_data(&theirs.answers[0].data), data, "{kind}");
    }
}

#[test]
fn we_read_hickorys_messages() {
    let name = |text: &str| Name::from_ascii(text).unwrap();
    let garden = name("garden.test.");
    let datas = [
        RData::A(A(Ipv4Addr::new(192, 0, 2, 1))),
        RData::AAAA(AAAA(Ipv6Addr::LOCALHOST)),
        RData::CNAME(CNAME(name("web.garden.test."))),
        RData::NS(NS(name("ns.garden.test."))),
        RData::PTR(PTR(name("garden.test."))),
        RData::MX(MX::new(10, name("mail.garden.test."))),
        RData::TXT(TXT::from_bytes(vec![b"two words", b"\x00\xff\"\\"])),
        RData::SOA(SOA::new(
            name("ns.garden.test."),
            name("host\\.master.garden.test."),
            7,
            7200,
            900,
            1_209_600,
            30,
        )),
        RData::SRV(SRV::new(0, 5, 7080, name("web.garden.test."))),
    ];
    let mut theirs = Theirs::new(79, MessageType::Response, OpCode::Query);
    theirs.metadata.authoritative = true;
    theirs.metadata.response_code = ResponseCode::NXDomain;
    theirs.add_query(TheirQuery::query(garden.clone(), RecordType::ANY));
    for (ttl, data) in (60..).zip(datas) {
        theirs.add_answer(TheirRecord::from_rdata(garden.clone(), ttl, data));
    }
    let mut edns = Edns::new();
    edns.set_max_payload(1400).set_dnssec_ok(true);
    theirs.set_edns(edns);
    let bytes = theirs.to_vec().unwrap();
    let read = ours(&bytes).unwrap();
    assert!(!read.broken);
    assert_eq!(differences(&read, &theirs), [""; 0]);
    assert_eq!(read.answers.len(), 9);
    assert_eq!(read.answers[7].data, r"ns.garden.test host\.master.garden.test 7 7200 900 1209600 30");
}

/// Files of the corpus on which the two readers differ, and why that is right.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
fn both_agree_on_the_corpus() {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set");
        return;
    };
    let (mut read, mut refused, mut ours_whole) = (0, 0, 0);
    let mut wrong = Vec::new();
    for entry in fs::read_dir(PathBuf::from(folder).join("dns/c-ares")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let mine = ours(&bytes);
        ours_whole += usize::from(mine.as_ref().is_some_and(|mine| !mine.broken));
        match Theirs::from_vec(&bytes) {
            Err(error) => {
                refused += 1;
                if mine.is_some_and(|mine| !mine.broken) {
                    println!("{}: whole to us, to them: {error}", path.display());
                }
            }
            Ok(theirs) => {
                read += 1;
                let file = path.file_name().unwrap().to_string_lossy().into_owned();
                let lines =
                    mine.map_or_else(|| vec![String::from("no header")], |mine| differences(&mine, &theirs));
                if !lines.is_empty() && !EXPLAINED.iter().any(|(known, _)| *known == file) {
                    wrong.push(format!("{file}: {}", lines.join("\n  ")));
                }
            }
        }
    }
    println!("hickory reads {read} and refuses {refused}; to us {ours_whole} are without a problem");
    assert!(read > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
