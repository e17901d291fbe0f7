//! Answers that are not whole, not there or not HTTP, and what `raw-get` says of each.

use std::io::{Read, Write};
use std::net::SocketAddr;

use super::peer::{read_head, says, server};
use super::run::{Ran, home, run};

fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    let url = format!("http://{address}/");
    run(home.path(), ["raw-get", &url].iter().chain(options))
}

#[test]
fn who_speaks_something_else_is_told_from_its_first_bytes() {
    for (banner, wanted) in [
        ("SSH-2.0-OpenSSH_9\r\n", "and this one with: SSH-2.0-OpenSSH_9."),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}F", "answers with TLS"),
        ("220 \u{1b}[31mmail\r\n", "with: 220 ␛[31mmail."),
    ] {
        // It waits for the client, and says nothing more.
        let address = server(move |mut stream| {
            let _ = stream.write_all(banner.as_bytes());
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let ran = get(address, &[]).exits(1);
        let text = ran.complaint();
        assert!(text.contains("error: what listens there") && text.contains(wanted), "{banner:?}: {text}");
    }
}

#[test]
fn a_server_that_falls_silent_is_told_from_one_that_is_not_there() {
    for (said, wanted) in [
        ("", "The server took the request and has said nothing; then netlab gave up."),
        ("HTTP/1.1 200 OK\r\nConte", "22 bytes of an answer came, and its head did not end"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel",
            "The server promised 10 bytes and sent 3 so far",
        ),
    ] {
        let address = server(move |mut stream| {
            let _ = stream.write_all(said.as_bytes());
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let ran = get(address, &["--max-time", "300ms"]).exits(1);
        let ran = ran.says(&["netlab stopped waiting; the connection was still open"]);
        let text = ran.complaint();
        assert!(text.contains(wanted), "{said:?}: {text}");
        assert_eq!(ran.text().matches("connect ").count(), 1, "{}", ran.text());
    }
}

#[test]
fn no_more_is_shown_than_was_to_be_taken() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n");
    let ran = get(address, &["--max-bytes", "5"]).exits(1);
    let ran = ran.says(&["5 of the 12 bytes that Content-Length promised"]);
    assert!(ran.text().contains("\nhello\n"), "{}", ran.text());
    assert_eq!(get(address, &["-q", "--max-bytes", "5"]).exits(1).text(), "hello\n");
}

#[test]
fn a_body_cut_short_is_named() {
    for (answer, sentence) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "The server promised 10 bytes and sent 5."),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "as long as promised"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "A chunk of size 0 and an empty line end the content",
        ),
        ("HTTP/1.1 200 OK\r\nConte", "The server closed before the blank line that ends a head."),
        ("", "The server closed the connection without a word."),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello", "chunk"),
        ("HTTP/1.1 20 OK\r\n\r\n", "no status: three digits"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "an interim answer (1xx) and closed before the final one"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "length"),
    ] {
        let ran = get(says(answer), &[]).exits(1);
        let text = ran.complaint();
        assert!(text.contains("error: the response is broken"), "{answer:?}: {text}");
        assert!(text.contains(sentence), "{answer:?}: {text}");
    }
}

#[test]
fn bytes_behind_an_answer_do_not_make_a_server_one_that_speaks_no_http() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhel");
        read_head(&mut stream);
        let _ = stream.write_all(b"lo");
    });
    let text = get(address, &["--keep", "2"]).exits(1).complaint();
    assert!(text.contains("What came behind an answer is not the beginning of the next"), "{text}");
}

#[test]
fn what_everybody_forgives_is_a_remark_and_its_content_is_counted() {
    for (answer, remark) in [
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n0   \r\n\r\n",
            "remark no white space stands at the end of a line with a chunk-size",
        ),
        (
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
            "remark a line ends with carriage return and line feed",
        ),
    ] {
        let ran = get(says(answer), &[]).exits(0).says(&[remark]);
        let text = ran.text();
        assert!(text.contains("content   5 bytes after taking the chunks apart\nhello\n"), "{text}");
        assert!(!text.contains("broken"), "{text}");
    }
}

#[test]
fn a_chunk_that_nobody_counts_to_is_a_limit_and_given_up_at_once() {
    for (size, limit) in
        [("FFFFFFFFFFFFFFFF", "no chunk of more than 2^63-1 bytes"), ("00000000000000000", "16 digits")]
    {
        let address = server(move |mut stream| {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = stream.write_all(format!("{head}{size}").as_bytes());
            let _ = stream.read_to_end(&mut Vec::new());
        });
        get(address, &[]).exits(1).says(&[limit]);
    }
}

#[test]
fn what_is_odd_in_an_answer_is_shown_as_it_is() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (answer, option, wanted) in [
        (format!("{chunked}6\r\n world\r\n0\r\n\r\n"), "--bytes", "chunk-data \" world\""),
        (format!("{chunked}1\r\na\r\n0\r\nDigest-Of: x\r\n\r\n"), "-v", "field-line Digest-Of: x"),
        ("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n".to_owned(), "-v", "three digits from 100 to 599"),
        (
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n".to_owned(),
            "-v",
            "so it has no Content-Length",
        ),
    ] {
        get(says(answer), &[option]).exits(0).says(&[wanted]);
    }
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n";
    get(says(huge), &[]).exits(1).says(&["a Content-Length fits in 64 bits, and this one does not"]);
    let ran = get(says("HTTP/1.1 200 OK\r\nnocolon\r\nContent-Length: 0\r\n\r\n"), &[]);
    assert!(!ran.text().contains("nocolon:"), "{}", ran.text());
}
