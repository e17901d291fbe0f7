//! The client of HTTP without a screen: what it says has happened, whatever the server does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use netlab::client::http::{Client, Got, Limits};
use netlab::client::stop::{Closed, SoFar, Stop};
use netlab::evidence::{Recorder, TroubleKind};
use netlab::net::dial::dial;
use netlab::net::link::Link;
use peer::{read_head, server};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server that reads a head, says this, finishes its side, and listens until the client goes: nothing that is sent
/// to it gets lost in a reset.
fn says(answers: impl Into<Vec<u8>>) -> SocketAddr {
    let answers = answers.into();
    server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(&answers).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    })
}

/// What became of asking so at `address`, told in a line for each event, stretches of content put together.
fn asked(address: SocketAddr, requests: &[&[u8]], limits: Limits) -> (Vec<String>, Option<Stop>, SoFar) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let recorder = Recorder::keeping(netlab::net::clock::now_us, Vec::new());
        let mut link = Link::from(dial(&recorder, "test", address).await.unwrap());
        let mut client = Client::new(limits);
        let (mut told, mut stop): (Vec<String>, Option<Stop>) = (Vec::new(), None);
        'all: for request in requests {
            client.ask(request);
            loop {
                let event = match client.next() {
                    Ok(Some(got)) => event(got),
                    Ok(None) => match client.fill(&mut link).await {
                        Ok(_) => continue,
                        Err(why) => {
                            stop = Some(why);
                            break 'all;
                        }
                    },
                    Err(why) => {
                        stop = Some(why);
                        break 'all;
                    }
                };
                match (told.last_mut(), event.strip_prefix("content ")) {
                    (Some(last), Some(more)) if last.starts_with("content ") => last.push_str(more),
                    _ if event.is_empty() => {}
                    _ => told.push(event.clone()),
                }
                if event.starts_with("end") {
                    break;
                }
            }
        }
        let so_far = client.so_far();
        client.part(&mut link).await;
        (told, stop, so_far)
    })
}

/// An event in a line; when things are sent and how long nothing comes is not the same each time.
fn event(got: Got<'_>) -> String {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    match got {
        Got::Sent | Got::Quiet => String::new(),
        Got::Interim => "interim".to_owned(),
        Got::Head { interim, bytes, request } => {
            let line = |bytes: &[u8]| text(bytes.split(|&byte| byte == b'\r').next().unwrap_or_default());
            let interim =
                if interim.is_empty() { String::new() } else { format!(" behind {}", line(interim)) };
            format!("head {} for {}{interim}", line(bytes), line(request))
        }
        Got::Framing(bytes) => format!("framing {}", text(bytes)),
        Got::Content(bytes) => format!("content {}", text(bytes)),
        Got::End { closes } => if closes { "end, and it closes" } else { "end" }.to_owned(),
    }
}

fn told(address: SocketAddr, requests: &[&[u8]]) -> (Vec<String>, Option<Stop>) {
    let (told, stop, _) = asked(address, requests, Limits::default());
    (told, stop)
}

#[test]
fn an_answer_comes_as_its_head_its_content_and_its_end() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let expected = ["head HTTP/1.1 200 OK for GET / HTTP/1.1", "content hello", "end"];
    assert_eq!(told(address, &[GET]), (expected.map(str::to_owned).to_vec(), None));
}

#[test]
fn chunks_are_content_and_what_frames_it() {
    let address = says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    let (told, stop) = told(address, &[GET]);
    assert_eq!(told[1..], [r"framing 5\r\n", "content hello", r"framing \r\n0\r\n\r\n", "end"]);
    assert_eq!(stop, None);
}

#[test]
fn answers_on_one_connection_come_in_order_each_with_its_request() {
    let answers = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\
         HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno\
         HTTP/1.0 200 OK\r\n\r\nuntil the end";
    let both: &[u8] = b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    let (told, stop) = told(says(answers), &[both, b"", GET]);
    assert_eq!(
        told,
        [
            "interim",
            "head HTTP/1.1 200 OK for HEAD /a HTTP/1.1 behind HTTP/1.1 100 Continue",
            "end",
            "head HTTP/1.1 404 Not Found for GET /b HTTP/1.1",
            "content no",
            "end",
            "head HTTP/1.0 200 OK for GET / HTTP/1.1",
            "content until the end",
            "end, and it closes",
        ]
    );
    assert_eq!(stop, None);
}

#[test]
fn an_answer_that_comes_before_the_request_is_through_is_heard() {
    let address = says("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let len = 64 * 1024 * 1024;
    let mut request = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\r\n").into_bytes();
    request.resize(request.len() + len, b'x');
    let (told, stop) = told(address, &[&request]);
    assert_eq!(told, ["head HTTP/1.1 413 Content Too Large for POST / HTTP/1.1", "end, and it closes"]);
    assert_eq!(stop, None);
}

#[test]
fn what_stops_it_is_data() {
    let stop = |answer: &str| told(says(answer.as_bytes().to_vec()), &[GET, GET]).1.unwrap();
    assert_eq!(stop(""), Stop::Closed(Closed::Wordless));
    assert_eq!(stop("HTTP/1.1 200 O"), Stop::Closed(Closed::InHead));
    assert_eq!(stop("HTTP/1.1 103 Early Hints\r\n\r\n"), Stop::Closed(Closed::Interim));
    assert_eq!(stop("HTTP/1.1 204 No Content\r\n\r\n"), Stop::Closed(Closed::Between));
    assert_eq!(
        stop("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\nPlant"),
        Stop::Short { promised: 18, came: 5 }
    );
    assert_eq!(stop("220 mail.test ready\r\n"), Stop::Foreign(b"220 mail.test ready\r\n".to_vec()));
    let rule = |stop| match stop {
        Stop::Broken(rule) => rule,
        other => panic!("{other:?}"),
    };
    assert!(rule(stop("HTTP/1.1 204 No Content\r\n\r\nmore")).contains("the beginning of the next"));
    assert!(rule(stop("HTTP/1.1 ok\r\n\r\n")).contains("no status"));
    assert!(rule(stop("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")).contains("hexadecimal"));
    assert!(rule(stop("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello")).contains("without a length"));
}

#[test]
fn a_silent_server_is_left_and_how_far_it_came_is_known() {
    let silent = |said: &'static [u8]| {
        let address = server(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(said).unwrap();
            // Until the client goes.
            let _ = stream.read(&mut [0]);
        });
        let idle = Duration::from_millis(50);
        let (_, stop, so_far) = asked(address, &[GET], Limits { room: Some(7), idle });
        assert_eq!(stop, Some(Stop::Silent(idle)));
        so_far
    };
    assert_eq!(silent(b""), SoFar::Nothing);
    assert_eq!(silent(b"HTTP/1.1 103 Early Hints\r\n\r\n"), SoFar::Interim);
    assert_eq!(silent(b"HTTP/1.1 200 OK\r\n"), SoFar::Head(17));
    let so_far = silent(b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\nPlant");
    assert_eq!(so_far, SoFar::Content { came: 5, promised: Some(18) });
}

#[test]
fn a_connection_that_breaks_off_is_told_with_its_trouble() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        peer::reset(stream);
    });
    let (_, stop) = told(address, &[GET]);
    assert!(matches!(stop, Some(Stop::BrokenOff(trouble)) if trouble.kind == TroubleKind::Reset), "{stop:?}");
}
