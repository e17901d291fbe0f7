//! Two answers side by side: what differs stands out, what is the same is said once.

use std::net::SocketAddr;

use super::peer::{closed_port, says};
use super::run::{Ran, finish, home, netlab};

fn compare(first: SocketAddr, second: SocketAddr, width: &str, options: &[&str]) -> Ran {
    let home = home();
    let urls = [format!("http://{first}/"), format!("http://{second}/")];
    let words = ["raw-get", &urls[0], "--compare", &urls[1]];
    let mut command = netlab(home.path(), words.iter().chain(options));
    command.env("COLUMNS", width);
    finish(command, b"")
}

fn lengthy() -> SocketAddr {
    says("HTTP/1.1 200 OK\r\nServer: one\r\nX-Both: same\r\nContent-Length: 5\r\n\r\nhello")
}

fn chunky() -> SocketAddr {
    says(
        "HTTP/1.1 404 Not Found\r\nX-Both: same\r\nX-New: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    )
}

/// The line about something, its words joined.
fn line(text: &str, mark: &str) -> String {
    let found = text.lines().find(|line| line.starts_with(mark));
    found.unwrap_or_else(|| panic!("no line {mark}: {text}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_differs_stands_side_by_side() {
    let text = compare(lengthy(), chunky(), "100", &[]).exits(0).text();
    assert_eq!(line(&text, "≠ status"), "≠ status 200 OK 404 Not Found");
    assert_eq!(line(&text, "≠ framing"), "≠ framing Content-Length: 5 chunks");
    assert_eq!(line(&text, "≠ server"), "≠ server one -");
    assert_eq!(line(&text, "  x-both"), "x-both same the same");
    assert_eq!(line(&text, "≠ x-new"), "≠ x-new - 1");
    assert_eq!(line(&text, "  content "), "content 5 bytes the same");
    assert!(line(&text, "  content digest").ends_with("the same"), "{text}");
    assert!(line(&text, "  connect").matches(" ms").count() == 2, "{text}");
    assert!(text.contains("\nThey differ in status, framing, server, "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn where_there_is_little_room_they_stand_below_each_other() {
    let text = compare(lengthy(), chunky(), "40", &[]).exits(0).text();
    assert!(text.contains("≠ status\n    1 200 OK\n    2 404 Not Found\n"), "{text}");
    assert!(text.contains("  x-both\n    = same\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    let plain = compare(lengthy(), chunky(), "80", &["--plain"]).exits(0).text();
    assert!(plain.is_ascii() && plain.contains("! status"), "{plain}");
}

#[test]
fn the_same_answer_is_called_the_same_and_content_is_compared_by_its_bytes() {
    let document = compare(lengthy(), lengthy(), "80", &["--json"]).exits(0).document();
    let rows = document["comparison"]["rows"].as_array().unwrap();
    let differ: Vec<&str> =
        rows.iter().filter(|row| row["same"] == false).map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(differ, ["url", "address"]);
    let other = says("HTTP/1.1 200 OK\r\nServer: one\r\nX-Both: same\r\nContent-Length: 5\r\n\r\njello");
    let document = compare(lengthy(), other, "80", &["--json"]).exits(0).document();
    let rows = document["comparison"]["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["what"] == "content digest" && row["same"] == false), "{rows:?}");
    assert_eq!(document["flows"].as_array().unwrap().len(), 2);
}

#[test]
fn who_fails_is_named() {
    let closed = closed_port();
    for (first, second) in [(lengthy(), closed), (closed, lengthy())] {
        let ran = compare(first, second, "80", &[]).exits(1);
        assert!(ran.complaint().contains(&format!("nothing listens on {closed}")), "{}", ran.complaint());
    }
    let short = says("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\nhello");
    let ran = compare(lengthy(), short, "80", &[]).exits(1).says(&["They differ in"]);
    assert!(ran.complaint().contains("The server promised 18 bytes and sent 5."), "{}", ran.complaint());
}
