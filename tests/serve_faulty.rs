//! A server whose answers are odd on purpose: what goes over the wire, and what clients make of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use run::{DEADLINE, Running, home, netlab, run, skipped, tool};
use tempfile::TempDir;

/// The content of `/seed-a-plant`: 18 bytes.
const PLANT: &str = "🌱 Plant seeded!";

struct Server {
    running: Running,
    authority: String,
    home: TempDir,
}

fn serve(options: &[&str]) -> Server {
    let home = home();
    let running = Running::of(netlab(home.path(), ["serve", "--port", "0"].iter().chain(options)));
    let first = running.line();
    let authority = first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().to_owned();
    Server { running, authority, home }
}

impl Server {
    /// Asks once, on a connection of its own, and gives everything that comes until the server closes.
    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let at = all.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        (String::from_utf8(all[..at].to_vec()).unwrap(), all[at + 4..].to_vec())
    }

    /// The same of the plant, by a client that would stay.
    fn plant(&self) -> (String, Vec<u8>) {
        self.ask(&format!("GET /seed-a-plant HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority))
    }

    fn url(&self) -> String {
        format!("http://{}/seed-a-plant", self.authority)
    }
}

#[test]
fn a_wrong_length_is_stated_and_the_connection_does_not_outlive_it() {
    for (stated, option) in [("15", "--wrong-length=15"), ("21", "--wrong-length=21")] {
        let server = serve(&[option]);
        let (head, content) = server.plant();
        assert!(head.contains(&format!("Content-Length: {stated}")), "{head}");
        assert!(
            head.contains("Content-Type: text/plain; charset=utf-8") && head.contains("ETag: "),
            "{head}"
        );
        assert_eq!(content, PLANT.as_bytes());
    }
}

#[test]
fn a_client_hears_of_a_promise_that_was_not_kept() {
    let server = serve(&["--wrong-length", "21"]);
    let got = run(server.home.path(), ["raw-get", &server.url()]);
    assert!(got.complaint().contains("promised 21 bytes and sent 18"), "{}", got.complaint());
    let server = serve(&["--cut", "5"]);
    let got = run(server.home.path(), ["raw-get", &server.url()]);
    assert!(got.complaint().contains("promised 18 bytes and sent 5"), "{}", got.complaint());
    if !tool("curl", "--version") {
        return skipped("curl is not here to be told a wrong length");
    }
    let curl = Command::new("curl").args(["-sS", "--max-time", "20", &server.url()]).output().unwrap();
    // "Partial file": what came is less than was promised.
    assert_eq!(curl.status.code(), Some(18), "{}", String::from_utf8_lossy(&curl.stderr));
    assert_eq!(curl.stdout, &PLANT.as_bytes()[..5]);
}

#[test]
fn chunks_carry_the_same_content_and_the_connection_stays() {
    let server = serve(&["--chunked"]);
    let request = format!(
        "GET /seed-a-plant HTTP/1.1\r\nHost: {0}\r\n\r\nGET / HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        server.authority
    );
    let (head, rest) = server.ask(&request);
    assert!(head.contains("Transfer-Encoding: chunked") && !head.contains("Content-Length"), "{head}");
    let rest = String::from_utf8_lossy(&rest);
    let first = format!("10\r\n{}\r\n2\r\nd!\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", &PLANT[..16]);
    assert!(rest.starts_with(&first), "{rest:?}");
    // A client that knows no chunks hears the end from the close.
    let (head, content) = server.ask("GET /seed-a-plant HTTP/1.0\r\n\r\n");
    assert!(!head.contains("chunked") && !head.contains("Content-Length"), "{head}");
    assert_eq!(content, PLANT.as_bytes());
}

#[test]
fn chunks_that_break_off_have_no_last_one() {
    let server = serve(&["--chunked", "--cut", "17"]);
    let (_, content) = server.plant();
    let wanted = format!("10\r\n{}\r\n1\r\n{}\r\n", &PLANT[..16], &PLANT[16..17]);
    assert_eq!(String::from_utf8_lossy(&content), wanted);
}

#[test]
fn without_a_length_the_close_is_the_end() {
    let server = serve(&["--no-length"]);
    let (head, content) = server.plant();
    assert!(!head.contains("Content-Length") && !head.contains("chunked"), "{head}");
    assert_eq!(content, PLANT.as_bytes());
}

#[test]
fn a_slow_answer_comes_in_many_reads_and_holds_nobody_up() {
    let server = serve(&["--slow=20ms"]);
    let mut slow = TcpStream::connect(&server.authority).unwrap();
    slow.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(slow, "GET /seed-a-plant HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority).unwrap();
    let mut pieces = 0;
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    while !all.ends_with(PLANT.as_bytes()) {
        let many = slow.read(&mut buffer).unwrap();
        assert!(many > 0, "closed after {:?}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&buffer[..many]);
        pieces += 1;
        if pieces == 1 {
            // Answers without content are not slow, whatever else is under way.
            let (head, _) = server.ask(&format!(
                "OPTIONS / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                server.authority
            ));
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
    }
    assert!(pieces > 1, "it came in one read");
}

#[test]
fn it_says_what_is_wrong_and_what_does_not_go_together() {
    let server = serve(&["--wrong-length", "15", "--slow", "--cut", "3"]);
    let (.., notes) = server.running.terminate();
    let notes = notes.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["odd on purpose", "Content-Length of 15", "byte by byte", "after 3 bytes"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    let home = home();
    for odd in [["--chunked", "--no-length"], ["--chunked", "--wrong-length=3"]] {
        run(home.path(), ["serve"].iter().chain(&odd)).exits(2);
    }
}
