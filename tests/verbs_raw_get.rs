//! What `netlab raw-get` sends when it is told what to send, and how it reads several answers on one connection.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "verbs_raw_get/broken.rs"]
mod broken;
#[path = "verbs_raw_get/codings.rs"]
mod codings;
#[path = "verbs_raw_get/compare.rs"]
mod compare;
#[path = "verbs_raw_get/long.rs"]
mod long;
#[path = "common/peer.rs"]
mod peer;
#[path = "verbs_raw_get/redirects.rs"]
mod redirects;
#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use peer::{read_head, says, server};
use run::{DEADLINE, Ran, home, run};

/// A server that keeps what it heard until the client's head, and content of `more` bytes, were there.
fn heard(more: usize) -> (SocketAddr, Receiver<String>) {
    let (sender, heads) = channel();
    let address = server(move |mut stream| {
        let mut all = read_head(&mut stream);
        let mut content = vec![0; more];
        stream.read_exact(&mut content).unwrap();
        all.extend(content);
        let _ = sender.send(String::from_utf8(all).unwrap());
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    (address, heads)
}

/// What is sent with these options.
fn sent(options: &[&str], more: usize) -> String {
    let (address, heads) = heard(more);
    let home = home();
    let place = address.to_string();
    run(home.path(), ["raw-get", "--connect-to", &place, "http://a.test/x"].iter().chain(options)).exits(0);
    heads.recv_timeout(DEADLINE).unwrap()
}

fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    run(home.path(), ["raw-get", &format!("http://{address}/")].iter().chain(options))
}

#[test]
fn the_place_to_connect_to_is_not_the_place_in_the_request() {
    let text = sent(&[], 0);
    assert!(text.starts_with("GET /x HTTP/1.1\r\nHost: a.test\r\n"), "{text}");
}

#[test]
fn fields_take_the_place_of_netlabs_own() {
    let text = sent(&["-H", "host: b.test", "-H", "User-Agent:", "-H", "X-One: 1", "-H", "X-One: 2"], 0);
    assert_eq!(
        text,
        "GET /x HTTP/1.1\r\nHost: b.test\r\nAccept: */*\r\nConnection: close\r\nX-One: 1\r\nX-One: 2\r\n\r\n"
    );
    let text = sent(&["-H", "Host:"], 0);
    assert!(!text.contains("Host"), "{text}");
    let text = sent(&["-H", "Host: a", "-H", "Host: b"], 0);
    assert_eq!(text.matches("Host: ").count(), 2, "{text}");
}

#[test]
fn methods_versions_and_content() {
    assert!(sent(&["-X", "BREW"], 0).starts_with("BREW /x HTTP/1.1\r\n"));
    assert!(sent(&["--head"], 0).starts_with("HEAD /x HTTP/1.1\r\n"));
    assert!(sent(&["--http1.0"], 0).starts_with("GET /x HTTP/1.0\r\n"));
    let text = sent(&["-d", "a=🌱"], 6);
    assert!(text.starts_with("POST /x HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("\r\nContent-Length: 6\r\n") && text.ends_with("\r\n\r\na=🌱"), "{text}");
    let file = home();
    let path = file.path().join("content");
    std::fs::write(&path, "from a file").unwrap();
    let text = sent(&["-X", "PUT", "-d", &format!("@{}", path.display())], 11);
    assert!(text.starts_with("PUT ") && text.ends_with("\r\n\r\nfrom a file"), "{text}");
}

#[test]
fn raw_bytes_go_out_as_they_are() {
    let file = home();
    let path = file.path().join("request");
    std::fs::write(&path, "GET /raw HTTP/1.1\nX:y\r\n\r\n").unwrap();
    let text = sent(&["--raw-request", path.to_str().unwrap()], 0);
    assert_eq!(text, "GET /raw HTTP/1.1\nX:y\r\n\r\n");
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_sent() {
    let home = home();
    for options in [
        ["-X", "GE T"],
        ["-H", "no colon"],
        ["-H", "a b: c"],
        ["-H", "a: b\r\nc: d"],
        ["--connect-to", "nowhere"],
        ["--max-time", "soon"],
    ] {
        let (address, heads) = heard(0);
        let url = format!("http://{address}/");
        run(home.path(), ["raw-get", &url].iter().chain(&options)).exits(2);
        assert!(heads.try_recv().is_err(), "{options:?}");
    }
}

/// Answers three requests of one connection with their numbers.
fn three() -> SocketAddr {
    server(|mut stream| {
        for at in 1..=3 {
            read_head(&mut stream);
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{at}");
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

#[test]
fn several_requests_go_over_one_connection() {
    for options in [&["--keep", "3", "-q"][..], &["--keep", "3", "--pipeline", "-q"]] {
        assert_eq!(get(three(), options).exits(0).text(), "1\n2\n3\n", "{options:?}");
    }
    let document = get(three(), &["--keep", "3", "--json"]).exits(0).document();
    assert_eq!(document["flows"].as_array().unwrap().len(), 1, "one connection");
    let times = &document["times"];
    assert!(times["name_us"].is_null(), "an address needs no name");
    assert!(
        times["connect_us"].is_u64() && times["first_byte_us"].is_u64() && times["last_byte_us"].is_u64()
    );
}

#[test]
fn a_server_that_leaves_early_is_named() {
    let close = says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1");
    get(close, &["--keep", "3"]).exits(0).says(&["closes the connection behind this answer"]);
    let silent = says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    let ran = get(silent, &["--keep", "2"]).exits(1);
    let told = ran.complaint();
    assert!(told.contains("before it had answered all requests") || told.contains("broke off"), "{told}");
}

#[test]
fn a_wrong_length_is_told_in_numbers() {
    let short = says("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n🌱 Plant see".to_owned().into_bytes());
    let ran = get(short, &[]).exits(1);
    assert!(ran.complaint().contains("The server promised 18 bytes and sent 14."), "{}", ran.complaint());
    let long = says("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n🌱 Plant seeded!".to_owned().into_bytes());
    get(long, &[]).exits(0).says(&["3 bytes more came behind the end of the answer"]);
}

#[test]
fn there_is_an_end_to_content_and_to_patience() {
    let endless = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 1000]).is_ok() {}
    });
    let ran = get(endless, &["--max-bytes", "5000"]).exits(1);
    assert!(ran.complaint().contains("At most 5,000 bytes were to be taken"), "{}", ran.complaint());
    let silent = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.read(&mut [0; 1]);
    });
    let ran = get(silent, &["--max-time", "50ms"]).exits(1);
    assert!(ran.complaint().contains("it took longer than 0.05 s"), "{}", ran.complaint());
}

#[test]
fn how_long_each_phase_took_is_drawn() {
    let address = || says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    get(address(), &["-v"]).exits(0).says(&["times", "connect", "first byte", "last byte", "█"]);
    let plain = get(address(), &["-v", "--plain"]).exits(0);
    assert!(plain.text().contains('#') && plain.text().is_ascii(), "{}", plain.text());
}
