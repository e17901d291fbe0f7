//! `raw-get https://` and `connect --tls`: two flows for a connection, and a sentence for each way it can go wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;
#[path = "common/tls.rs"]
mod tls;
#[path = "common/wicked.rs"]
mod wicked;

use std::io::{Read, Write};
use std::net::SocketAddr;

use rcgen::{SanType, date_time_ymd};
use run::{Ran, finish, home, netlab, run};
use tls::{Ca, answers, head, named};
use wicked::{OWN, harm, moved};

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Asks the server at this address for its page under the name `localhost`.
fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let url = format!("https://localhost:{}/", address.port());
    let home = home();
    run(home.path(), [&["raw-get", url.as_str()][..], options].concat())
}

#[test]
fn a_page_of_the_lab_comes_over_tls_and_leaves_two_flows() {
    let home = home();
    run(home.path(), ["raw-get", "https://hello.test/seed-a-plant", "-q"]).exits(0).says(&["Plant seeded!"]);
    let document = run(home.path(), ["raw-get", "https://garden.test/", "--json"]).exits(0).document();
    let flows: Vec<_> = document["flows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|flow| flow["recorded_by"] == "raw-get" && flow["transport"] == "tcp")
        .collect();
    assert_eq!(flows.len(), 2, "{document}");
    let (outside, inside) = (flows[0], flows[1]);
    assert!(outside["inside"].is_null());
    assert_eq!(inside["inside"], outside["id"]);
    let protocol = |flow: &serde_json::Value| flow["readings"][0]["protocol"].as_str().unwrap().to_owned();
    assert_eq!((protocol(outside).as_str(), protocol(inside).as_str()), ("tls", "http"));
}

#[test]
fn a_name_of_the_lab_is_called_over_tls_by_hand() {
    let home = home();
    let typed = b"GET / HTTP/1.1\nHost: shop.test\nConnection: close\n\n";
    finish(netlab(home.path(), ["connect", "--tls", "shop.test"]), typed)
        .exits(0)
        .says(&["This is the shop", "checked against the lab's own authority"]);
}

#[test]
fn an_authority_is_trusted_by_its_file_and_by_nothing_else() {
    let ca = Ca::new();
    let server = ca.server(&named(&["localhost"]), |stream| answers(stream, PAGE));
    get(server, &["--cacert", &ca.file()]).exits(0).says(&["hello"]);
    get(server, &["-k"]).exits(0).says(&["hello"]);
    get(server, &[]).exits(1);
    get(server, &["--cacert", &Ca::new().file()]).exits(1).says(&[
        "error: nobody who is trusted here vouches for localhost on",
        "Anybody can make a certificate",
        "--cacert FILE",
    ]);
}

#[test]
fn who_is_somebody_else_is_not_believed() {
    let ca = Ca::new();
    let server = ca.server(&named(&["garden.test", "shop.test"]), |stream| answers(stream, PAGE));
    get(server, &["--cacert", &ca.file()]).exits(1).says(&[
        "error: whoever answers on",
        "has not shown to be localhost",
        "Its certificate is for garden.test, shop.test",
    ]);
}

/// A certificate is bytes of a stranger, and it is shown just when it is not believed. Its names are ASCII, controls
/// included (RFC 5280 §4.2.1.6).
#[test]
fn the_names_in_a_certificate_have_no_power_over_a_terminal() {
    let ca = Ca::new();
    let bytes = (0..0x80u8).map(|byte| vec![b'<', byte, b'>']);
    let names = bytes.chain(OWN.iter().filter(|text| text.is_ascii()).map(|text| text.to_vec()));
    let names: Vec<String> = names.map(|name| String::from_utf8(name).unwrap()).collect();
    let mut shown = 0;
    for some in names.chunks(16) {
        let mut params = named(&[]);
        params.subject_alt_names =
            some.iter().map(|name| SanType::DnsName(name.as_str().try_into().unwrap())).collect();
        let server = ca.server(&params, |stream| answers(stream, PAGE));
        for form in [&[][..], &["--json"], &["--plain"], &["-v"]] {
            let ran = get(server, &[&["--cacert", &ca.file()], form].concat()).exits(1);
            shown += usize::from([ran.text(), ran.complaint()].concat().contains("s certificate is for "));
            for output in [ran.text(), ran.complaint()] {
                assert_eq!(harm(output.as_bytes(), false), None, "{form:?} of {some:?}");
                assert_eq!(moved(&output), None, "{form:?} of {some:?}");
            }
        }
    }
    assert!(shown > 0, "names that nobody shows prove nothing");
}

#[test]
fn a_file_of_authorities_that_is_too_long_is_refused() {
    let ca = Ca::new();
    let file = ca.folder().join("long.pem");
    let mut text = std::fs::read(ca.file()).unwrap();
    text.resize(4 * 1024 * 1024 + 1, b'\n');
    std::fs::write(&file, &text[..text.len() - 1]).unwrap();
    let server = ca.server(&named(&["localhost"]), |stream| answers(stream, PAGE));
    get(server, &["--cacert", file.to_str().unwrap()]).exits(0).says(&["hello"]);
    std::fs::write(&file, &text).unwrap();
    get(server, &["--cacert", file.to_str().unwrap()]).exits(2).says(&["is too long for --cacert", "4 MiB"]);
}

#[test]
fn the_handshake_has_its_line_and_its_time() {
    let ca = Ca::new();
    let server = ca.server(&named(&["localhost"]), |stream| answers(stream, PAGE));
    get(server, &["--cacert", &ca.file()]).exits(0).says(&["handshake TLS, in ", "which end at byte "]);
    let document = get(server, &["--cacert", &ca.file(), "--json"]).exits(0).document();
    assert!(document["times"]["tls_us"].is_u64(), "{}", document["times"]);
    assert!(document["url"].as_str().unwrap().starts_with("https://localhost:"), "{}", document["url"]);
    let document = run(home().path(), ["raw-get", "http://hello.test/", "--json"]).exits(0).document();
    assert!(document["times"]["tls_us"].is_null());
}

#[test]
fn a_certificate_has_its_time() {
    let ca = Ca::new();
    let mut over = named(&["localhost"]);
    (over.not_before, over.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2001, 1, 31));
    let mut to_come = named(&["localhost"]);
    (to_come.not_before, to_come.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(2999, 1, 31));
    for (params, says) in [
        (over, ["the certificate of localhost on", "has expired", "It held until Wed, 31 Jan 2001"]),
        (to_come, ["the certificate of localhost on", "does not hold yet", "It holds from Tue, 01 Jan 2999"]),
    ] {
        let server = ca.server(&params, |stream| answers(stream, PAGE));
        get(server, &["--cacert", &ca.file()]).exits(1).says(&says);
    }
}

/// A FIN that nobody can have faked is none: without `close_notify` content that ends with the connection may be cut.
#[test]
fn content_that_ends_with_the_connection_needs_close_notify() {
    const OPEN_END: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";
    let ca = Ca::new();
    let cut = |bytes: &'static [u8]| {
        ca.server(&named(&["localhost"]), move |stream| {
            if head(stream) {
                let _ = stream.write_all(bytes);
                let _ = stream.sock.shutdown(std::net::Shutdown::Write);
                let _ = stream.sock.read(&mut [0; 4096]);
            }
        })
    };
    get(cut(OPEN_END), &["--cacert", &ca.file()])
        .exits(1)
        .says(&["TCP ended (FIN) before TLS had said that it was over (close_notify)"]);
    get(cut(&PAGE[..PAGE.len() - 1]), &["--cacert", &ca.file()]).exits(1).says(&["close_notify"]);
    let whole = ca.server(&named(&["localhost"]), |stream| answers(stream, OPEN_END));
    get(whole, &["--cacert", &ca.file()]).exits(0).says(&["hello"]);
    // Behind a message that is whole nothing is missing.
    get(cut(PAGE), &["--cacert", &ca.file()]).exits(0).says(&["hello"]);
}

#[test]
fn anybody_is_believed_on_this_machine_only() {
    let home = home();
    run(home.path(), ["raw-get", "-k", "https://192.0.2.1/"])
        .exits(2)
        .says(&["-k is for servers on this machine only", "--cacert FILE"]);
    run(home.path(), ["connect", "-k", "--tls", "192.0.2.1:443"])
        .exits(2)
        .says(&["-k is for servers on this machine only"]);
    run(home.path(), ["connect", "-k", "127.0.0.1:9"])
        .exits(2)
        .says(&["this connection is in the open", "add --tls"]);
}

#[test]
fn who_speaks_in_the_open_where_tls_is_spoken_and_the_other_way_round_is_told() {
    let home = home();
    let lab = run::Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&lab.line()).unwrap();
    let door = |title: &str| {
        let all = document["services"].as_array().unwrap();
        let one = all.iter().find(|place| place["door"] == title).unwrap();
        one["real"].as_str().unwrap().to_owned()
    };
    let (http, https) = (door("HTTP"), door("HTTPS"));
    run(home.path(), ["raw-get", &format!("http://{https}/")]).exits(0).says(&[
        "400",
        "This port speaks TLS, and your request came in the open",
        "https://",
    ]);
    run(home.path(), ["raw-get", &format!("https://{http}/")]).exits(1).says(&[
        "does not speak TLS",
        "Its answer begins with: HTTP/1.1 400",
        "ask with http:// instead of https://",
    ]);
    run(home.path(), ["raw-get", &format!("https://{https}/")]).exits(0).says(&[
        "Hello from my netlab server",
        "out of records",
        "finished first (close_notify)",
    ]);
    // An absolute target names the scheme, and this is a connection for it.
    let typed = "GET https://hello.test/ HTTP/1.1\nHost: hello.test\nConnection: close\n\n";
    finish(netlab(home.path(), ["connect", "--tls", &https]), typed.as_bytes()).exits(0).says(&["200 OK"]);
    finish(netlab(home.path(), ["connect", &http]), typed.as_bytes()).exits(0).says(&["421"]);
    let pem = run(home.path(), ["lab", "ca"]).exits(0).text();
    assert!(
        pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("-----END CERTIFICATE-----\n"),
        "{pem}"
    );
    assert_eq!(run(home.path(), ["lab", "ca", "--json"]).document()["certificate"], pem);
    lab.terminate();
    run(home.path(), ["lab", "ca"]).exits(4).says(&["the lab is not up"]);
}

#[test]
fn the_authority_of_a_lab_is_made_when_somebody_asks_for_it() {
    let home = home();
    let lab = run::Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    lab.line();
    let file = home.path().join("lab-ca.pem");
    assert!(!file.exists(), "nobody has called over TLS");
    let pem = run(home.path(), ["lab", "ca"]).exits(0).text();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), pem);
    lab.terminate();
}
