//! `netlab serve --hosts` and the lab's own sites: one address, several sites, chosen by a line of the request.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use run::{DEADLINE, Running, home, netlab, run};

/// One request with this Host, or none, and all that comes back.
fn said(address: SocketAddr, host: Option<&str>) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let host = host.map(|host| format!("Host: {host}\r\n")).unwrap_or_default();
    write!(stream, "GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_name_in_the_request_chooses_the_site() {
    let folder = home();
    let routes = folder.path().join("shop.routes");
    fs::write(&routes, "GET /\n  say Peas, roses\n").unwrap();
    let hosts = format!("garden.test,shop.test={}", routes.display());
    let running = Running::of(netlab(folder.path(), ["serve", "--port", "0", "--hosts", &hosts]));
    let first = running.line();
    let address: SocketAddr =
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    for (host, status, content) in [
        (Some("garden.test"), 200, "Hello from garden.test"),
        (Some("GARDEN.test.:7777"), 200, "Hello from garden.test"),
        (Some("shop.test"), 200, "Peas, roses"),
        (Some("127.0.0.1"), 200, "Hello from my netlab server"),
        (Some("localhost:7777"), 200, "Hello from my netlab server"),
        (Some("www.garden.test"), 421, "does not have"),
        (Some("nobody.test"), 421, "does not have"),
        (Some("evil.example"), 421, "does not have"),
        (None, 400, "needs a Host field"),
    ] {
        let answer = said(address, host);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host:?}: {answer}");
        assert!(answer.contains(content), "{host:?}: {answer}");
    }
    fs::write(&routes, "GET /\n  say Beans as well\n").unwrap();
    let began = std::time::Instant::now();
    while !said(address, Some("shop.test")).ends_with("Beans as well") {
        assert!(began.elapsed() < DEADLINE, "the file of a named site is looked at, too");
    }
    let (status, _, _, complaints) = running.terminate();
    assert!(status.success() && complaints.contains("garden.test, shop.test"), "{complaints}");
}

#[test]
fn with_several_sites_a_line_names_the_one_that_was_asked_for() {
    let folder = home();
    let asks = |options: &[&str]| {
        let running = Running::of(netlab(folder.path(), ["serve", "--port", "0"].iter().chain(options)));
        let first = running.line();
        let at = first.split("127.0.0.1:").nth(1).unwrap();
        let port: u16 = at.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        for host in [Some("b.test:7777"), Some("not a host"), None] {
            said(address, host);
        }
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let head = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        // The content comes when the head is gone.
        stream.write_all(b"x").unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        let (status, _, lines, _) = running.terminate();
        assert!(status.success());
        lines.join("\n")
    };
    let text = asks(&["--hosts", "a.test,b.test"]);
    for wanted in [
        "GET / HTTP/1.1 at b.test:7777 \u{2192} 200",
        "GET / HTTP/1.1 at not a host \u{2192} 400",
        "GET / HTTP/1.1 \u{2192} 400",
        "POST / HTTP/1.1 at a.test \u{2192} ",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in {text}");
    }
    assert!(!asks(&[]).contains(" at "), "one site needs no name");
    let text = asks(&["--json"]);
    for wanted in
        ["\"host\":\"b.test:7777\"", "\"host\":\"not a host\"", "\"host\":null", "\"host\":\"a.test\""]
    {
        assert!(text.contains(wanted), "{wanted:?} is not in {text}");
    }
}

#[test]
fn a_target_that_is_a_whole_address_chooses_before_host_does() {
    let folder = home();
    let running = Running::start(folder.path(), ["serve", "--port", "0", "--hosts", "a.test,b.test"]);
    let first = running.line();
    let address = first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("Hello from b.test"), "{answer}");
}

#[test]
fn names_that_cannot_be_are_told_at_once() {
    let folder = home();
    run(folder.path(), ["serve", "--hosts", "a.test,A.test"]).exits(2).says(&["names a.test twice"]);
    run(folder.path(), ["serve", "--hosts", "127.0.0.1"]).exits(2).says(&["an address names no site"]);
    run(folder.path(), ["serve", "--hosts", "a.test:80"]).exits(2).says(&["without a port"]);
}

#[test]
fn the_sites_of_the_lab_speak_for_themselves() {
    let folder = home();
    let mut words = Vec::new();
    for (url, wanted) in [
        ("http://hello.test/", "Hello from my netlab server"),
        ("http://garden.test/", "This is the garden"),
        ("http://shop.test/", "This is the shop"),
    ] {
        let text = run(folder.path(), ["raw-get", "--quiet", url]).exits(0).text();
        assert!(text.starts_with(wanted), "{text}");
        words.push(text.split_once("nonce=").unwrap().1.to_owned());
    }
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 3, "each has a word of its own");
    let again = run(folder.path(), ["raw-get", "--quiet", "http://www.garden.test/"]).exits(0).text();
    assert!(again.starts_with("This is the garden"), "{again}");
}
