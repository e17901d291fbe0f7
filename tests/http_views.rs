//! What the tree answers when asked for messages, and what is refused when messages are built.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

use netlab::proto::Likeness;
use netlab::proto::http::build::{Refused, Reply, RequestText, host, response};
use netlab::proto::http::message::messages;
use netlab::proto::http::{Framing, HTTP};
use netlab::proto::stream::{Carriage, Sender, Stream};

#[test]
fn a_request_tells_its_parts() {
    let bytes = b"GET /seed-a-plant?colour=green HTTP/1.1\r\nHost: hello.test\r\nX-Soil:  moist \r\n\r\n";
    let fields = HTTP.dissect(Stream::alone(bytes, Sender::Client, Carriage::Stream));
    let request = messages(&fields)[0];
    assert!(!request.is_response());
    assert_eq!(request.method(), Some(b"GET".as_slice()));
    assert_eq!(request.target(), Some(b"/seed-a-plant?colour=green".as_slice()));
    assert_eq!(request.path(), Some(b"/seed-a-plant".as_slice()));
    assert_eq!(request.query(), Some(b"colour=green".as_slice()));
    assert_eq!(request.version(), Some(b"HTTP/1.1".as_slice()));
    assert_eq!(request.host(), Some(b"hello.test".as_slice()));
    assert_eq!(request.field("x-soil"), Some(b"moist".as_slice()));
    assert_eq!(request.fields().count(), 2);
    assert_eq!(request.head_len(), Some(bytes.len()));
    assert_eq!(request.framing(), Framing::None);
    assert!(request.is_complete() && !request.has_problem());
}

#[test]
fn the_content_of_chunks_is_found_without_copying() {
    let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    let fields = HTTP.dissect(Stream::alone(bytes, Sender::Server, Carriage::Stream));
    let response = messages(&fields)[0];
    let pieces: Vec<&[u8]> = response.content().into_iter().map(|range| &bytes[range]).collect();
    assert_eq!(pieces, [b"he".as_slice(), b"llo"]);
    assert_eq!(response.framing(), Framing::Chunked);
    assert!(response.is_complete());
}

#[test]
fn until_close_is_complete_only_when_closed() {
    let bytes = b"HTTP/1.1 200 OK\r\n\r\nhel";
    for ended in [false, true] {
        let stream = Stream { bytes, other: &[], sender: Sender::Server, carriage: Carriage::Stream, ended };
        let fields = HTTP.dissect(stream);
        assert_eq!(messages(&fields)[0].is_complete(), ended);
    }
}

#[test]
fn a_client_goes_on_in_another_protocol_only_when_the_server_agreed() {
    let requests =
        b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let answers: [(&[u8], usize); 3] = [
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 1),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2),
        (b"", 2),
    ];
    for (other, expected) in answers {
        let stream = Stream {
            bytes: requests,
            other,
            sender: Sender::Client,
            carriage: Carriage::Stream,
            ended: true,
        };
        let fields = HTTP.dissect(stream);
        assert_eq!(messages(&fields).len(), expected);
        assert!(!messages(&fields)[0].has_problem());
    }
}

#[test]
fn an_answer_to_connect_has_no_content_but_a_tunnel() {
    let bytes = b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01";
    for end in [bytes.len() - 3, bytes.len()] {
        let stream = Stream {
            other: b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
            ..Stream::alone(&bytes[..end], Sender::Server, Carriage::Stream)
        };
        let fields = HTTP.dissect(stream);
        let response = messages(&fields)[0];
        assert_eq!(response.framing(), Framing::None);
        assert!(response.is_complete() && !response.has_problem());
    }
}

#[test]
fn what_looks_like_http_is_found_without_a_port() {
    let from = |sender: Sender, bytes: &[u8]| {
        let stream = Stream::alone(bytes, sender, Carriage::Stream);
        (HTTP.looks_like)(bytes, &stream.around())
    };
    let alike = |bytes: &[u8]| from(Sender::Client, bytes);
    for bytes in [&b"GET / HTTP/1.1\r\n"[..], b"POST /x"] {
        assert_eq!(alike(bytes), Likeness::Is);
        assert_eq!(from(Sender::Server, bytes), Likeness::MayBe, "a server does not ask");
    }
    let answer = b"HTTP/1.1 200 OK\r\n";
    assert_eq!(from(Sender::Server, answer), Likeness::Is);
    assert_eq!(alike(answer), Likeness::MayBe, "a client does not answer");
    for bytes in [
        &b""[..],
        b"GE",
        b"GET",
        b"HT",
        b"\r\n",
        b"\r\nGET / HTTP/1.1",
        b"BREW /pot HTTP/1.1\r\n",
        b"get / HTTP/1.1",
    ] {
        assert_eq!(alike(bytes), Likeness::MayBe, "{}", bytes.escape_ascii());
    }
    for bytes in ["EHLO garden.test\r\n", "GETTING", "G\n", "🌱", "one\ntwo\n", "nonce7\r\n"] {
        assert_eq!(alike(bytes.as_bytes()), Likeness::No, "{bytes}");
    }
}

#[test]
fn a_built_request_is_exactly_what_was_stated() {
    let fields = [("Content-Length", "5")];
    let bare = RequestText { method: "POST", fields: &fields, content: b"hello", ..RequestText::get("/a") };
    assert_eq!(bare.bytes().unwrap(), b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    assert_eq!(host("127.0.0.1", 7777), "127.0.0.1:7777");
    assert_eq!(host("::1", 7777), "[::1]:7777");
    assert_eq!(host("[::1]", 80), "[::1]");
}

#[test]
fn no_part_breaks_out_of_its_line() {
    let get = RequestText::get("/");
    let with = |fields: &[(&str, &str)]| RequestText { fields, ..get }.bytes();
    assert_eq!(with(&[("X", "a\r\nEvil: 1")]), Err(Refused::LineBreak));
    assert_eq!(with(&[("X", "a\0")]), Err(Refused::LineBreak));
    assert_eq!(with(&[("X: 1\r\nEvil", "a")]), Err(Refused::NotAToken));
    assert_eq!(with(&[("X ", "a")]), Err(Refused::NotAToken));
    assert_eq!(RequestText { host: Some("a\nb"), ..get }.bytes(), Err(Refused::LineBreak));
    assert_eq!(RequestText { method: "GET /", ..get }.bytes(), Err(Refused::NotAToken));
    assert_eq!(RequestText { target: "/ HTTP/1.1\r\n", ..get }.bytes(), Err(Refused::Target));
    assert_eq!(RequestText { target: "", ..get }.bytes(), Err(Refused::Target));
    assert_eq!(response(200, &[("X", "\n")], b"", Reply::Whole), Err(Refused::LineBreak));
    assert_eq!(response(200, &[("content-length", "1")], b"", Reply::Whole), Err(Refused::Length));
    assert_eq!(response(99, &[], b"", Reply::Whole), Err(Refused::Status));
}

#[test]
fn a_built_response_is_sound_for_every_status_and_kind_of_reply() {
    for status in [200, 204, 304, 404, 599] {
        for (reply, request) in [
            (Reply::Whole, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_slice()),
            (Reply::HeadOnly, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ] {
            let bytes = response(status, &[("Server", "netlab")], b"hello", reply).unwrap();
            let stream = Stream { other: request, ..Stream::alone(&bytes, Sender::Server, Carriage::Stream) };
            let fields = HTTP.dissect(stream);
            let all = messages(&fields);
            assert_eq!((all.len(), all[0].status()), (1, Some(status)));
            assert!(all[0].is_complete() && !all[0].has_problem());
        }
    }
}
