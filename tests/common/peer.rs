//! The other end of a conversation, written out in the test: small servers on free ports.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use netlab::proto::dns::query::framed;
use netlab::proto::dns::response::Response;
use socket2::SockRef;

/// The longest a peer waits for its client; longer than any test waits for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that talks with each client in a thread of its own. It lives as long as the test does.
pub fn server(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    server_at("127.0.0.1:0", talk)
}

/// The same at an address of the test's choice.
pub fn server_at(address: &str, talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind(address).unwrap();
    let address = listener.local_addr().unwrap();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let talk = talk.clone();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            thread::spawn(move || talk(stream));
        }
    });
    address
}

/// A server that reads one request head and says `answer`, then closes.
pub fn says(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    server(move |mut stream| {
        read_head(&mut stream);
        // A client that has seen enough may leave before the end.
        let _ = stream.write_all(&answer);
    })
}

/// Reads up to the blank line that ends a head, and gives what it read.
pub fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    head
}

/// Breaks the connection off: close with RST instead of FIN.
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// A port of loopback on which nothing listens: it was free a moment ago, and the system does not give
/// it out again soon.
pub fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// How a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
}

/// A DNS server over UDP and TCP on one free port. `answer` gets the question's bytes, how they came and
/// how many came so before, and gives the messages to send back.
pub fn dns(answer: impl Fn(&[u8], Over, usize) -> Vec<Vec<u8>> + Send + Sync + 'static) -> SocketAddr {
    let answer = Arc::new(answer);
    let (listener, socket) = both();
    let address = socket.local_addr().unwrap();
    let datagrams = answer.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; 65_535];
        let mut before = 0;
        while let Ok((len, client)) = socket.recv_from(&mut buffer) {
            for message in datagrams(&buffer[..len], Over::Udp, before) {
                // The client may be gone.
                let _ = socket.send_to(&message, client);
            }
            before += 1;
        }
    });
    let before = AtomicUsize::new(0);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut len = [0; 2];
            if stream.read_exact(&mut len).is_err() {
                continue;
            }
            let mut query = vec![0; usize::from(u16::from_be_bytes(len))];
            if stream.read_exact(&mut query).is_ok() {
                for message in answer(&query, Over::Tcp, before.fetch_add(1, Ordering::Relaxed)) {
                    let _ = stream.write_all(&framed(&message));
                }
            }
        }
    });
    address
}

/// The same free port for TCP and for UDP.
fn both() -> (TcpListener, UdpSocket) {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()) {
            return (listener, socket);
        }
    }
}

/// The bytes of a response that `fill` has filled in.
pub fn response(query: &[u8], fill: impl FnOnce(&mut Response)) -> Vec<u8> {
    let mut response = Response::to(query).unwrap();
    response.recursion_available = true;
    fill(&mut response);
    response.bytes(65_535)
}
