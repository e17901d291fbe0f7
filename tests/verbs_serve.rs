//! `netlab serve` from outside: a real process, a free port, bytes over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use run::{DEADLINE, Running, home, ipv6, netlab, skipped, tool};
use tempfile::TempDir;

/// A server and the folder of the one who runs it.
struct Server {
    running: Running,
    address: SocketAddr,
    _home: TempDir,
}

fn serve(options: &[&str]) -> Server {
    let home = home();
    let mut command = netlab(home.path(), ["serve", "--port", "0"].iter().chain(options));
    // Room for everything a line of the log has to say.
    command.env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let address = if options.contains(&"--json") {
        let line: serde_json::Value = serde_json::from_str(&first).unwrap();
        line["listening"][0].as_str().unwrap().parse().unwrap()
    } else {
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    Server { running, address, _home: home }
}

/// One connection, one thing said, everything that comes back until the server closes.
fn said(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Reads until what came ends with `end`.
fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut all = Vec::new();
    let mut byte = [0];
    while !all.ends_with(end.as_bytes()) {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "closed after {:?}", String::from_utf8_lossy(&all));
        all.push(byte[0]);
    }
    String::from_utf8(all).unwrap()
}

fn head(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().0
}

fn content(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

const CLOSE: &str = "Host: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn get_of_the_three_routes() {
    let server = serve(&[]);
    for (target, wanted) in [
        ("/", "Hello from my netlab server"),
        ("/?q=1", "Hello from my netlab server"),
        ("/seed-a-plant", "🌱 Plant seeded!"),
        ("/seed-a-plant?how=deep", "🌱 Plant seeded!"),
        ("/anything/else", "Default route"),
    ] {
        let answer = said(server.address, format!("GET {target} HTTP/1.1\r\n{CLOSE}").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(content(&answer), wanted);
        assert!(head(&answer).contains("\r\nContent-Type: text/plain; charset=utf-8"), "{answer}");
        assert!(head(&answer).contains(&format!("\r\nContent-Length: {}", wanted.len())), "{answer}");
        assert!(head(&answer).contains("\r\nDate: "), "{answer}");
        assert!(server.running.line().contains(target), "it says what was asked");
    }
}

#[test]
fn head_is_get_without_the_content() {
    let server = serve(&[]);
    let answer = said(server.address, format!("HEAD / HTTP/1.1\r\n{CLOSE}").as_bytes());
    assert!(head(&answer).contains("\r\nContent-Length: 27"), "{answer}");
    assert_eq!(content(&answer), "");
}

#[test]
fn a_connection_carries_one_request_after_another() {
    let server = serve(&[]);
    let mut stream = connect(server.address);
    for number in 1..=3 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let answer = until(&mut stream, "netlab server");
        assert!(!answer.contains("Connection: close"), "{answer}");
        assert!(server.running.line().starts_with(&format!("#1.{number} ")));
    }
}

#[test]
fn http_1_0_closes_unless_asked_to_stay() {
    let server = serve(&[]);
    let answer = said(server.address, b"GET / HTTP/1.0\r\n\r\n");
    assert!(answer.ends_with("netlab server") && answer.contains("Connection: close"), "{answer}");
    let mut stream = connect(server.address);
    stream.write_all(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").unwrap();
    assert!(until(&mut stream, "netlab server").contains("Connection: keep-alive"));
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    until(&mut stream, "netlab server");
}

#[test]
fn requests_that_come_together_are_answered_in_order() {
    let server = serve(&[]);
    let one = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let all = one("/") + &one("/seed-a-plant") + &one("/x") + &format!("GET / HTTP/1.1\r\n{CLOSE}");
    let answer = said(server.address, all.as_bytes());
    let places: Vec<usize> = ["Hello from", "Plant seeded", "Default route"]
        .iter()
        .map(|text| answer.find(text).unwrap())
        .collect();
    assert!(places.is_sorted() && answer.matches("HTTP/1.1 200 OK").count() == 4, "{answer}");
}

#[test]
fn content_in_one_piece_and_in_chunks_is_read_to_its_end() {
    let server = serve(&[]);
    let next = format!("GET /seed-a-plant HTTP/1.1\r\n{CLOSE}");
    for request in [
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nGET / HTTP/".to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nT: x\r\n\r\n"
            .to_owned(),
        format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000)),
    ] {
        let answer = said(server.address, (request + &next).as_bytes());
        assert!(answer.contains("Hello from") && answer.ends_with("Plant seeded!"), "{answer}");
        let line = server.running.line();
        assert!(line.contains("POST / HTTP/1.1") && line.contains("of content"), "{line}");
        server.running.line();
    }
}

#[test]
fn content_beyond_the_limit_is_refused_before_it_is_sent() {
    let server = serve(&[]);
    let answer =
        said(server.address, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_client_that_expects_100_gets_it_before_the_content() {
    let server = serve(&[]);
    let mut stream = connect(server.address);
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        .unwrap();
    assert_eq!(until(&mut stream, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").unwrap();
    assert!(until(&mut stream, "netlab server").starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn say_changes_the_greeting_and_strict_the_other_paths() {
    let server = serve(&["--say", "Grüß Gott 🌱", "--strict"]);
    let answer = said(server.address, format!("GET / HTTP/1.1\r\n{CLOSE}").as_bytes());
    assert_eq!(content(&answer), "Grüß Gott 🌱");
    assert!(head(&answer).contains("Content-Length: 16"), "{answer}");
    let answer = said(server.address, format!("GET /x HTTP/1.1\r\n{CLOSE}").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
}

#[test]
fn a_broken_request_gets_its_status_a_reason_and_a_close() {
    let server = serve(&[]);
    let long = "a".repeat(9000);
    let host = "Host: localhost\r\n\r\n";
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nHost: a.test\r\n{host}"), 400),
        (format!("GET / HTTP/1.1\r\nA : b\r\n{host}"), 400),
        (format!("GET / HTTP/1.1\nA: b\n{host}"), 400),
        (format!("GET  / HTTP/1.1\r\n{host}"), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
        ("EHLO localhost\r\n".to_owned(), 400),
        ("\u{16}\u{3}\u{1}\0\u{5}hello".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), 421),
        (format!("GET / HTTP/2.0\r\n{host}"), 505),
        (format!("GET /{long} HTTP/1.1\r\n{host}"), 414),
        (format!("GET / HTTP/1.1\r\nX: {long}{long}\r\n{host}"), 431),
        (format!("GET / HTTP/1.1\r\n{}{host}", "A: b\r\n".repeat(101)), 431),
        (format!("BREW / HTTP/1.1\r\n{host}"), 501),
        (format!("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n{host}"), 501),
        (format!("TRACE / HTTP/1.1\r\nConnection: close\r\n{host}"), 405),
    ] {
        let answer = said(server.address, request.as_bytes());
        let shown: String = request.chars().take(40).collect();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{shown:?}: {answer}");
        assert!(!content(&answer).is_empty(), "{shown:?}: it says why");
    }
}

#[test]
fn for_programs_every_line_is_a_document() {
    let server = serve(&["--json"]);
    said(server.address, format!("POST /x?y HTTP/1.1\r\nContent-Length: 2\r\n{CLOSE}hi").as_bytes());
    let line: serde_json::Value = serde_json::from_str(&server.running.line()).unwrap();
    let request = &line["request"];
    assert_eq!(request["line"], "POST /x?y HTTP/1.1");
    assert_eq!((&request["status"], &request["content_bytes"]), (&200.into(), &2.into()));
    assert_eq!((&request["connection"], &request["number"]), (&1.into(), &1.into()));
    assert!(request["refused"].is_null());
    said(server.address, b"nonsense\r\n\r\n");
    let line: serde_json::Value = serde_json::from_str(&server.running.line()).unwrap();
    assert_eq!(line["request"]["status"], 400);
    assert!(line["request"]["refused"].as_str().is_some_and(|why| !why.is_empty()));
}

#[cfg(unix)]
#[test]
fn asked_to_stop_it_stops_at_once_and_its_port_is_free() {
    let server = serve(&["--json"]);
    // A connection that says nothing holds nobody up.
    let _idle = connect(server.address);
    said(server.address, format!("GET / HTTP/1.1\r\n{CLOSE}").as_bytes());
    let (status, took, lines, _) = server.running.terminate();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    let last: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(last["stopped"]["requests"], 1);
    assert!(TcpStream::connect(server.address).is_err(), "nothing listens any more");
    TcpListener::bind(server.address).unwrap();
}

#[cfg(unix)]
#[test]
fn a_request_under_way_is_still_answered_when_it_stops() {
    let server = serve(&[]);
    let mut stream = connect(server.address);
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        .unwrap();
    until(&mut stream, "\r\n\r\n");
    let address = server.address;
    let stopping = std::thread::spawn(move || server.running.terminate());
    // It no longer listens once it is stopping; then the content comes.
    let began = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(began.elapsed() < DEADLINE, "it still listens");
    }
    stream.write_all(b"hello").unwrap();
    let answer = until(&mut stream, "netlab server");
    assert!(answer.contains("200 OK") && answer.contains("Connection: close"), "{answer}");
    assert!(stopping.join().unwrap().0.success());
}

#[test]
fn it_listens_on_loopback_and_nowhere_else() {
    let server = serve(&[]);
    assert!(server.address.ip().is_loopback());
    if ipv6() {
        let six = SocketAddr::new("::1".parse().unwrap(), server.address.port());
        let answer = said(six, b"GET / HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    // An address of this machine that other machines can reach, if it has one: no packet is sent to find it.
    let outside = std::net::UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    match outside {
        Ok(address) if !address.ip().is_loopback() => {
            let there = SocketAddr::new(address.ip(), server.address.port());
            assert!(TcpStream::connect_timeout(&there, DEADLINE).is_err(), "{there} answers");
        }
        _ => skipped("this machine has only loopback addresses"),
    }
}

#[test]
fn curl_is_served() {
    if !tool("curl", "--version") {
        return;
    }
    let server = serve(&[]);
    let url = format!("http://{}/", server.address);
    let curl = |args: &[&str]| {
        let output = Command::new("curl")
            .args(["-sS", "--max-time", "20"])
            .args(args)
            .stderr(Stdio::inherit())
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert_eq!(curl(&[&url]), "Hello from my netlab server");
    assert!(curl(&["-I", &url]).contains("Content-Length: 27"));
    assert_eq!(curl(&["-d", "seed=1", &format!("{url}seed-a-plant")]), "🌱 Plant seeded!");
    assert_eq!(curl(&["-H", "Transfer-Encoding: chunked", "-d", "x", &url]), "Hello from my netlab server");
    assert_eq!(curl(&[&url, &url]), "Hello from my netlab server".repeat(2));
}

#[test]
fn verbose_shows_the_fields_of_each_request_and_answer_once() {
    let Server { running, address, _home } = serve(&["--verbose"]);
    let mut stream = connect(address);
    for path in ["/first", "/second"] {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        until(&mut stream, "Default route");
    }
    drop(stream);
    let (_, _, lines, _) = running.terminate();
    let targets = lines.iter().filter(|line| line.contains("request-target")).count();
    assert_eq!(targets, 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("end-of-head")), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("status-line")).count(), 2, "{lines:#?}");
}
