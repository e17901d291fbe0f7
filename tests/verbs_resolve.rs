//! `netlab resolve` against DNS servers that answer, refuse, cut short, lose and mislead.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;

use netlab::proto::dns::response::{Entry, Response};
use peer::{Over, closed_port, dns, response};
use run::{Ran, Running, home, run, tool};

/// Asks for one name and type.
fn ask(server: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    let server = server.to_string();
    run(home.path(), ["resolve", "--server", &server, "--type", "A", "name.example"].iter().chain(options))
}

/// An address record for the name that is asked for.
fn address(response: &mut Response) {
    response.answers.push(Entry::new("name.example", 1, 60, vec![192, 0, 2, 7]).unwrap());
}

/// A server whose every answer is this.
fn answering(fill: impl Fn(&mut Response) + Send + Sync + 'static) -> SocketAddr {
    dns(move |query, _, _| vec![response(query, &fill)])
}

#[test]
fn an_answer_is_shown_with_who_gave_it() {
    let server = answering(address);
    let ran = ask(server, &[]).exits(0);
    ran.says(&["192.0.2.7", "60 seconds", &format!("asked {server} (as told by --server)"), "over UDP"]);
}

#[test]
fn no_and_silence_and_refusal_never_read_alike() {
    let silent = dns(|_, _, _| Vec::new());
    let cases = [
        ("NXDOMAIN", answering(|response| response.rcode = 3), "there is no name name.example"),
        ("NODATA", answering(|_| {}), "name.example exists but has no A record"),
        ("SERVFAIL", answering(|response| response.rcode = 2), "tried and failed"),
        ("REFUSED", answering(|response| response.rcode = 5), "will not answer questions about name.example"),
        ("silence", silent, "did not answer"),
        ("a closed port", closed_port(), "nothing answers DNS on"),
    ];
    let mut whats = BTreeSet::new();
    let mut whys = BTreeSet::new();
    let runs: Vec<_> = cases
        .map(|(name, server, says)| {
            (name, says, server, std::thread::spawn(move || ask(server, &["--json"])))
        })
        .into();
    for (name, says, server, run) in runs {
        let ran = run.join().unwrap();
        let failure = ran.exits(1).document()["failure"].clone();
        let text = |key: &str| failure[key].as_str().unwrap().replace(&server.to_string(), "SERVER");
        assert!(text("what").contains(says), "{name}: {failure}");
        assert!(whats.insert(text("what")), "{name} reads like another: {failure}");
        assert!(whys.insert(text("why")), "{name} reads like another: {failure}");
        assert!(!failure["try"].as_array().unwrap().is_empty(), "{name} says what to try");
    }
    assert_eq!((whats.len(), whys.len()), (6, 6));
}

#[test]
fn a_datagram_that_is_not_the_answer_is_waited_past() {
    let server = dns(|query, _, _| {
        let right = response(query, address);
        let mut wrong_number = response(query, |response| response.rcode = 3);
        wrong_number[0] ^= 0xff;
        let mut wrong_question = response(query, |response| response.rcode = 3);
        // The first letter of the name that is asked for.
        wrong_question[13] = b'x';
        let garbage = b"not DNS at all".to_vec();
        vec![wrong_number, wrong_question, garbage, Vec::new(), query.to_vec(), right]
    });
    ask(server, &[]).exits(0).says(&["192.0.2.7", "past 5 datagrams that did not fit"]);
}

#[test]
fn an_answer_that_does_not_fit_is_fetched_over_tcp() {
    let server = dns(|query, over, _| match over {
        Over::Udp => vec![response(query, |response| response.truncated = true)],
        Over::Tcp => vec![response(query, address)],
    });
    let ran = ask(server, &[]).exits(0);
    ran.says(&["192.0.2.7", "over UDP and then TCP, because the answer did not fit (TC)"]);
}

#[test]
fn tcp_from_the_start_sends_no_datagram() {
    let server = dns(|query, over, _| match over {
        Over::Udp => vec![response(query, |response| response.rcode = 5)],
        Over::Tcp => vec![response(query, address)],
    });
    let document = ask(server, &["--tcp", "--json"]).exits(0).document();
    let asked = &document["lookups"][0]["asked"][0];
    assert_eq!((&asked["transport"], &asked["datagrams_sent"]), (&"tcp".into(), &0.into()));
}

#[test]
fn a_question_that_is_lost_is_sent_again_with_the_same_number() {
    let numbers = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = numbers.clone();
    let server = dns(move |query, _, before| {
        seen.lock().unwrap().push([query[0], query[1]]);
        if before == 0 { Vec::new() } else { vec![response(query, address)] }
    });
    ask(server, &[]).exits(0).says(&["192.0.2.7", "sent 2 times"]);
    let numbers = numbers.lock().unwrap();
    assert!(numbers.len() == 2 && numbers[0] == numbers[1], "{numbers:?}");
}

#[test]
fn a_server_from_before_edns_is_asked_as_in_1987() {
    let server = dns(|query, _, _| {
        let message = response(query, |_| {});
        let edns = message[11] == 1;
        // FORMERR without OPT: the question was not understood.
        let mut old = query[..query.len().min(30)].to_vec();
        old.truncate(30);
        old[2] |= 0x80;
        old[3] = 1;
        old[11] = 0;
        if edns { vec![old] } else { vec![response(query, address)] }
    });
    ask(server, &[]).exits(0).says(&["192.0.2.7"]);
}

#[test]
fn aliases_are_followed_and_a_loop_of_them_ends() {
    let alias = |from: &str, to: &str| {
        let rdata = netlab::proto::dns::encode::encode(to).unwrap();
        Entry::new(from, 5, 60, rdata).unwrap()
    };
    let server = answering(move |response| {
        response.answers.push(alias("name.example", "other.example"));
        response.answers.push(Entry::new("other.example", 1, 60, vec![192, 0, 2, 8]).unwrap());
    });
    ask(server, &[]).exits(0).says(&["other.example", "192.0.2.8"]);
    let server = answering(move |response| {
        response.answers.push(alias("name.example", "other.example"));
        response.answers.push(alias("other.example", "name.example"));
    });
    ask(server, &[]).exits(1).says(&["name.example exists but has no A record"]);
}

#[test]
fn a_server_that_only_knows_whom_to_ask_is_no_resolver() {
    let server = answering(|response| {
        response.recursion_available = false;
        let rdata = netlab::proto::dns::encode::encode("ns.example").unwrap();
        response.authority.push(Entry::new("example", 2, 60, rdata).unwrap());
    });
    ask(server, &[]).exits(1).says(&["does not know name.example and will not ask further"]);
}

#[test]
fn a_server_that_says_it_is_longer_than_it_is_does_no_harm() {
    // Counts of 65,535 each, and nothing behind the question.
    let server = dns(|query, _, _| {
        let mut message = response(query, |_| {});
        message[6..12].fill(0xff);
        vec![message]
    });
    let ran = ask(server, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[test]
fn several_types_are_asked_at_once_and_one_that_is_there_is_enough() {
    let server = dns(|query, _, _| {
        // The type is in front of the class at the end of the question.
        let kind = query[12 + 14 + 1];
        vec![response(query, |response| {
            if kind == 1 {
                address(response);
            }
        })]
    });
    let home = home();
    let server = server.to_string();
    let ran = run(home.path(), ["resolve", "--server", &server, "name.example"]).exits(0);
    ran.says(&["192.0.2.7", "AAAA", "NODATA"]);
    run(home.path(), ["resolve", "--server", &server, "--type", "MX,TXT", "name.example"])
        .exits(1)
        .says(&["has no MX or TXT record"]);
}

#[test]
fn an_address_is_asked_for_its_name() {
    let server = dns(|query, _, _| {
        let name = netlab::proto::dns::name::present(query, 12);
        vec![response(query, |response| {
            let rdata = netlab::proto::dns::encode::encode("seven.example").unwrap();
            response.answers.push(Entry::new(&name, 12, 60, rdata).unwrap());
        })]
    });
    let home = home();
    let server = server.to_string();
    run(home.path(), ["resolve", "--server", &server, "-x", "192.0.2.7"]).exits(0).says(&["seven.example"]);
    run(home.path(), ["resolve", "-x", "127.0.0.4"]).exits(0).says(&["garden.test"]);
}

#[test]
fn the_labs_records_of_every_type_are_found() {
    let home = home();
    for (kind, name, wanted) in [
        ("A", "garden.test", "127.0.0.5"),
        ("AAAA", "hello.test", "::1"),
        ("MX", "garden.test", "mail.garden.test"),
        ("TXT", "garden.test", "nonce="),
        ("CNAME", "www.garden.test", "garden.test"),
        ("SOA", "test", "hostmaster.test"),
        ("NS", "test", "dns.test"),
        ("SRV", "_http._tcp.shop.test", "shop.test"),
        ("CAA", "hello.test", "issue"),
        ("HTTPS", "hello.test", "alpn"),
        ("A", "crowd.test", "then TCP, because the answer did not fit"),
        ("A", "GARDEN.Test.", "127.0.0.4"),
        ("TYPE1", "garden.test", "127.0.0.4"),
    ] {
        let ran = run(home.path(), ["resolve", "--type", kind, name]).exits(0);
        ran.says(&[wanted, "embedded lab"]);
    }
}

#[test]
fn the_bytes_are_shown_beside_their_fields() {
    let home = home();
    run(home.path(), ["resolve", "garden.test", "--type", "A", "--bytes"]).exits(0).says(&[
        "06",
        "garden",
        "67 61 72 64 65 6e",
        "qr",
        "rcode",
    ]);
}

/// The lab for stock tools: where its DNS is.
fn lab() -> (tempfile::TempDir, Running, SocketAddr) {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&lab.line()).unwrap();
    let dns = document["dns"].as_str().unwrap().parse().unwrap();
    (home, lab, dns)
}

#[test]
fn stock_tools_agree_with_the_lab() {
    for (name, probe) in [("dig", "-v"), ("kdig", "-V")] {
        if !tool(name, probe) {
            continue;
        }
        let (_home, _lab, dns) = lab();
        let at = format!("@{}", dns.ip());
        let port = dns.port().to_string();
        let ask = |words: &[&str]| {
            let mut command = Command::new(name);
            command.args([&at, "-p", &port]).args(words);
            String::from_utf8(command.output().unwrap().stdout).unwrap()
        };
        // Between the records there may be a remark, such as that the question goes out again over TCP.
        let addresses = |words: &[&str]| {
            ask(words).lines().filter(|line| line.parse::<std::net::IpAddr>().is_ok()).count()
        };
        let short = ask(&["garden.test", "A", "+short"]);
        let lines: BTreeSet<&str> = short.lines().collect();
        assert_eq!(lines, ["127.0.0.4", "127.0.0.5"].into(), "{name}");
        assert!(ask(&["www.garden.test", "A"]).contains("garden.test."), "{name}");
        assert!(ask(&["garden.test", "TXT", "+short"]).contains("nonce="), "{name}");
        assert_eq!(addresses(&["crowd.test", "A", "+short"]), 100, "{name}: TC and then TCP");
        assert_eq!(addresses(&["crowd.test", "A", "+short", "+tcp"]), 100, "{name}");
        assert!(ask(&["nothing.test", "A"]).contains("NXDOMAIN"), "{name}");
        assert!(ask(&["example.com", "A"]).contains("REFUSED"), "{name}: it forwards nothing");
        assert!(ask(&["garden.test", "AAAA"]).contains("SOA"), "{name}: no data, and for how long");
        assert!(ask(&["-x", "127.0.0.4", "+short"]).contains("garden.test."), "{name}");
    }
}

#[test]
fn verbose_shows_the_fields_of_question_and_answer() {
    let home = home();
    let ran = run(home.path(), ["resolve", "--verbose", "--type", "A", "garden.test"]).exits(0);
    ran.says(&["qdcount", "rcode", "rdlength", "127.0.0.4"]);
    let ran = run(home.path(), ["resolve", "--type", "A", "garden.test"]).exits(0);
    assert!(!ran.text().contains("qdcount"), "without it only the answer is shown");
}
