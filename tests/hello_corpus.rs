//! The hello server against requests that were written to break servers: our own reading of RFC 9112, and the
//! fixtures of llhttp. Each is sent whole, the small ones cut in two at every byte as well, and after each that
//! was refused another request follows that must never be answered.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netlab::evidence::Recorder;
use netlab::lab::entry::silent;
use netlab::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use netlab::lab::hello::{Hello, Patience};
use netlab::lab::log::Requests;
use netlab::lab::serve::{bind_all, run as serve};
use run::{DEADLINE, skipped, told};
use serde_json::Value;
use tokio::sync::watch;

/// Requests that get something else than the list wants, and why that is right here.
const DIFFERENT: &[(&str, &str)] = &[];

/// What follows a request; its answer would hold the word.
const CANARY: &[u8] = b"GET /canary HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What a list wants of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// 2xx.
    Ok,
    /// 4xx, 5xx or a closed connection.
    Refused,
    /// Either.
    Either,
    /// No answer before the head is complete or the patience has ended.
    Wait,
}

struct Case {
    name: String,
    want: Want,
    bytes: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    /// The status of each final answer, in order.
    statuses: Vec<u16>,
    /// Whether the server closed by itself within its patience.
    closed: bool,
    bytes: Vec<u8>,
}

/// A hello service in this process, with little patience so that waiting costs nothing.
fn hello() -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listeners = bind_all(&["127.0.0.1".parse().unwrap()], 0).unwrap();
            sender.send(listeners[0].local_addr().unwrap()).unwrap();
            let site = Arc::new(Greeter::new(GREETING, Elsewhere::Default));
            let short = Duration::from_millis(300);
            let patience = Patience { head: short, keep_alive: short, ..Patience::PROGRAM };
            let requests = Requests::silent();
            let recorder = Recorder::passing(|| 0, Vec::new(), 1024);
            let (_stop, stopping) = watch::channel(false);
            let service = Arc::new(Hello { name: "hello", site, patience, requests });
            serve(service, listeners, recorder, silent(), stopping).await;
        });
    });
    receiver.recv_timeout(DEADLINE).unwrap()
}

/// Sends the pieces, says that no more will come if `finish`, and reads until the server closes.
fn send(server: SocketAddr, pieces: &[&[u8]], finish: bool) -> Reply {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut reader = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let end = reader.read_to_end(&mut bytes);
        // Closing with bytes unread is a reset; what came before it is what the client got.
        let closed =
            !end.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        (bytes, closed)
    });
    for piece in pieces {
        // A server that has refused may have closed by now.
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    if finish {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let (bytes, closed) = reading.join().unwrap();
    Reply { statuses: statuses(&bytes), closed, bytes }
}

/// The final statuses in a stream of responses. The server's answers never hold such a line in their content.
fn statuses(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split("HTTP/1.1 ").skip(1);
    let codes = lines.filter_map(|rest| rest.get(..3)?.parse().ok());
    codes.filter(|code| *code >= 200).collect()
}

impl Reply {
    fn refused(&self) -> bool {
        self.statuses.first().is_none_or(|status| *status >= 400)
    }

    fn gives(&self, want: Want) -> bool {
        match want {
            Want::Ok => self.statuses.first().is_some_and(|status| (200..300).contains(status)),
            Want::Refused => self.refused(),
            Want::Either => true,
            Want::Wait => self.statuses.is_empty() || self.statuses == [408],
        }
    }
}

/// A file of the corpora, a case a line. Nothing, and the reason is told, where there are none.
fn lines(file: &str) -> Vec<Value> {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        skipped("NETLAB_CORPORA is not set, so there are no requests to try");
        return Vec::new();
    };
    let text = std::fs::read_to_string(Path::new(&folder).join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Our own list.
fn own() -> Vec<Case> {
    lines("http/rfc9112-requests.jsonl")
        .iter()
        .map(|case| {
            let want = match case["want"].as_str().unwrap() {
                "ok" => Want::Ok,
                "rej" => Want::Refused,
                "wait" => Want::Wait,
                _ => Want::Either,
            };
            Case { name: case["id"].as_str().unwrap().to_owned(), want, bytes: decoded(&case["b64"]) }
        })
        .collect()
}

/// What llhttp rejects when it is strict, with a Host that this server has.
fn llhttp() -> Vec<Case> {
    lines("http/llhttp-requests.jsonl")
        .iter()
        .filter(|case| case["strict"] == true && case["llhttp"] == "reject")
        .map(|case| {
            let name = format!("{} {}", case["id"].as_str().unwrap(), case["desc"].as_str().unwrap());
            Case { name, want: Want::Refused, bytes: hosted(&decoded(&case["b64"])) }
        })
        .collect()
}

/// The request with `Host: localhost` behind its first line, instead of any host it names.
fn hosted(bytes: &[u8]) -> Vec<u8> {
    let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else { return bytes.to_vec() };
    let (line, rest) = bytes.split_at(end + 2);
    let mut rest = rest.to_vec();
    for host in ["www.example.com", "example.com", "github.com", "foo", "a", "localhost:5000", "localhost"] {
        rest = replaced(&rest, format!("Host: {host}\r\n").as_bytes(), b"");
    }
    [line, b"Host: localhost\r\n", &rest].concat()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match bytes.windows(from.len()).position(|window| window == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// Base 64 (RFC 4648 §4).
fn decoded(text: &Value) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.as_str().unwrap().bytes().filter(|byte| *byte != b'=').collect();
    let groups = digits.chunks(4).map(|group| {
        let bits = group.iter().fold(0, |bits, byte| bits << 6 | digit(*byte)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.flatten().collect()
}

/// Tries all cases in one way and says how many gave what they want.
fn tried(what: &str, cases: &[Case], reply: impl Fn(&Case) -> Vec<(String, Reply)>) {
    let mut count: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in cases {
        for (how, reply) in reply(case) {
            let good = reply.gives(case.want) && reply.closed;
            let (right, all) = count.entry(format!("{:?}", case.want)).or_default();
            *right += usize::from(good);
            *all += 1;
            let listed = DIFFERENT.iter().any(|(name, _)| *name == case.name);
            if good == listed {
                wrong.push(format!(
                    "{}{how}: wanted {:?}, got {:?}{}",
                    case.name,
                    case.want,
                    reply.statuses,
                    if reply.closed { "" } else { " and an open connection" }
                ));
            }
        }
    }
    let counted: Vec<String> =
        count.iter().map(|(want, (right, all))| format!("{right} of {all} {want}")).collect();
    if !cases.is_empty() {
        told(&format!("{what}: {}", counted.join(", ")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn requests_of_our_own_list_get_what_the_rfc_asks_for() {
    let server = hello();
    tried("own list, whole", &own(), |case| vec![(String::new(), send(server, &[&case.bytes], false))]);
}

#[test]
fn what_llhttp_refuses_is_refused_here() {
    let server = hello();
    let cases = llhttp();
    // Rejected by llhttp for what follows a request that is fine: here it is never read as a request.
    let (after, cases): (Vec<Case>, Vec<Case>) = cases
        .into_iter()
        .partition(|case| case.name.contains("explicit `close`") || case.name.contains("keep-alive is off"));
    tried("llhttp's strict rejects", &cases, |case| {
        vec![(String::new(), send(server, &[&case.bytes], true))]
    });
    for case in after {
        let reply = send(server, &[&case.bytes], true);
        assert_eq!(reply.statuses.len(), 1, "{}: only the request before the close is answered", case.name);
    }
}

#[test]
fn a_cut_anywhere_changes_nothing() {
    let server = hello();
    let cases: Vec<Case> = own()
        .into_iter()
        .chain(llhttp())
        .filter(|case| case.bytes.len() <= 90 && case.want != Want::Wait)
        .collect();
    let began = Instant::now();
    let mut wrong = Vec::new();
    let mut cuts = 0;
    for case in &cases {
        let whole = send(server, &[&case.bytes], true);
        for at in 1..case.bytes.len() {
            let (first, second) = case.bytes.split_at(at);
            let reply = send(server, &[first, second], true);
            cuts += 1;
            if reply.statuses != whole.statuses {
                wrong.push(format!(
                    "{} cut at {at}: {:?}, whole {:?}",
                    case.name, reply.statuses, whole.statuses
                ));
                break;
            }
        }
        assert!(began.elapsed() < Duration::from_mins(2), "this takes too long");
    }
    if !cases.is_empty() {
        told(&format!("{} requests cut at every byte: {cuts} cuts", cases.len()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_follows_a_refused_request_is_never_answered() {
    let server = hello();
    let mut tried = 0;
    let mut wrong = Vec::new();
    for case in own().into_iter().chain(llhttp()).filter(|case| case.want == Want::Refused) {
        let alone = send(server, &[&case.bytes], true);
        let reply = send(server, &[&case.bytes, CANARY], true);
        tried += 1;
        // The canary is answered like any other path, so a second final answer would be its own.
        if alone.refused() && (reply.statuses.len() > 1 || !reply.refused()) {
            wrong.push(format!("{}: {:?}", case.name, String::from_utf8_lossy(&reply.bytes)));
        }
    }
    told(&format!("{tried} refused requests with a canary behind them"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_canary_behind_a_good_request_is_answered() {
    // Otherwise the test above would prove nothing.
    let server = hello();
    let reply = send(server, &[b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", CANARY], true);
    assert_eq!(reply.statuses, [200, 200]);
    assert!(reply.bytes.ends_with(b"Default route"));
}

#[test]
fn base_64_is_read_right() {
    assert_eq!(decoded(&Value::from("R0VUIC8=")), b"GET /");
    assert_eq!(decoded(&Value::from("//79")), b"\xff\xfe\xfd");
    assert_eq!(decoded(&Value::from("AA==")), b"\0");
}
