//! An answer behind which another protocol is spoken (RFC 9110 §7.8): who asks for it gets it, who does not is told how.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};

use netlab::evidence::Recorder;
use netlab::lab::entry::silent;
use netlab::lab::hello::page::Page;
use netlab::lab::hello::request::Request;
use netlab::lab::hello::site::{Answer, Site};
use netlab::lab::hello::switch::{Switch, Taken, Talker, Talking};
use netlab::lab::hello::{Hello, Patience};
use netlab::lab::log::Requests;
use netlab::lab::serve::{bind_all, run as serve};
use run::DEADLINE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

/// Says everything in capitals, until the client has finished or the server stops.
struct Loud;

impl Talker for Loud {
    fn talk(self: Box<Self>, taken: Taken) -> Talking {
        Box::pin(async move {
            let Taken { mut stream, mut ahead, mut stopping } = taken;
            loop {
                stream.write_all(&ahead.to_ascii_uppercase()).await?;
                ahead.clear();
                let stops = tokio::select! {
                    read = stream.read_buf(&mut ahead) => {
                        if read? == 0 {
                            break;
                        }
                        false
                    }
                    stops = stopping.wait_for(|stops| *stops) => stops.is_ok(),
                };
                if stops {
                    stream.write_all(b"THE SERVER STOPS").await?;
                    break;
                }
            }
            stream.shutdown().await
        })
    }
}

/// `/loud` changes to that protocol.
struct Changing;

impl Site for Changing {
    fn answer(&self, request: &Request<'_>) -> Answer {
        match request.path {
            "/loud" => Answer::Switch(Box::new(Switch {
                to: "loud",
                fields: vec![("X-Odd".into(), "one\r\nX-Forged: two".to_owned())],
                talker: Box::new(Loud),
            })),
            _ => Page::text(200, "here").into(),
        }
    }
}

/// A server, and what stops it.
fn server() -> (SocketAddr, watch::Sender<bool>) {
    let (sender, receiver) = mpsc::channel();
    let (stop, stopping) = watch::channel(false);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listeners = bind_all(&["127.0.0.1".parse().unwrap()], 0).unwrap();
            sender.send(listeners[0].local_addr().unwrap()).unwrap();
            let (site, patience, requests) = (Arc::new(Changing), Patience::PROGRAM, Requests::silent());
            let recorder = Recorder::passing(|| 0, Vec::new(), 1024);
            serve(
                Arc::new(Hello { name: "hello", site, patience, requests }),
                listeners,
                recorder,
                silent(),
                stopping,
            )
            .await;
        });
    });
    (receiver.recv_timeout(DEADLINE).unwrap(), stop)
}

fn client(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Everything that is said to these bytes, which are all.
fn said(server: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = client(server);
    stream.write_all(bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

/// Reads up to here.
fn up_to(stream: &mut TcpStream, end: &str) -> String {
    let mut said = Vec::new();
    while !said.ends_with(end.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    String::from_utf8(said).unwrap()
}

const ASKS: &str =
    "GET /loud HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: other, LOUD\r\n\r\n";
const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: loud\r\nX-Odd: oneX-Forged: two\r\n\r\n";

#[test]
fn who_asks_gets_the_other_protocol_with_what_was_said_ahead() {
    let (server, _stop) = server();
    assert_eq!(
        said(server, format!("{ASKS}hello, GET / HTTP/1.1\r\n\r\n").as_bytes()),
        format!("{HEAD}HELLO, GET / HTTP/1.1\r\n\r\n")
    );
    let mut stream = client(server);
    for byte in ASKS.bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(up_to(&mut stream, "\r\n\r\n"), HEAD);
    for word in ["one ", "two "] {
        stream.write_all(word.as_bytes()).unwrap();
        assert_eq!(up_to(&mut stream, " "), word.to_uppercase());
    }
}

#[test]
fn what_was_asked_before_is_answered_first() {
    let (server, _stop) = server();
    let said = said(server, format!("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n{ASKS}hi").as_bytes());
    let (first, second) = said.split_once("here").unwrap();
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    assert_eq!(second, format!("{HEAD}HI"));
}

#[test]
fn who_does_not_ask_is_told_how_and_stays_in_http() {
    let (server, _stop) = server();
    let then = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    for lines in [
        "GET /loud HTTP/1.1\r\nHost: a.test\r\n\r\n",
        // A field that is meant for this hop alone is named in Connection.
        "GET /loud HTTP/1.1\r\nHost: a.test\r\nUpgrade: loud\r\n\r\n",
        "GET /loud HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: louder\r\n\r\n",
        "GET /loud HTTP/1.0\r\nHost: a.test\r\nConnection: Upgrade, keep-alive\r\nUpgrade: loud\r\n\r\n",
    ] {
        let said = said(server, format!("{lines}{then}").as_bytes());
        assert!(said.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{lines}{said}");
        assert!(said.contains("\r\nUpgrade: loud\r\n") && said.ends_with("here"), "{lines}{said}");
    }
    let head = said(server, ASKS.replace("GET", "HEAD").as_bytes());
    assert!(head.starts_with("HTTP/1.1 426 ") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn a_server_that_stops_tells_who_has_taken_over() {
    let (server, stop) = server();
    let mut stream = client(server);
    stream.write_all(ASKS.as_bytes()).unwrap();
    assert_eq!(up_to(&mut stream, "\r\n\r\n"), HEAD);
    stop.send(true).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "THE SERVER STOPS");
}
