//! `netlab tap` for TCP between clients and servers that know nothing of it: the test's own, netlab's, curl, nc and Node.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/run.rs"]
mod run;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use browser::Browser;
use netlab::evidence::journal::{Account, since};
use netlab::evidence::{Flow, Side, TroubleKind, What};
use netlab::lab::splice::CONNECTIONS;
use netlab::lessons::connections::{numbers, retold, second_legs};
use run::{DEADLINE, Running, home, netlab, run, skipped, tool};
use serde_json::Value;
use tempfile::TempDir;

/// A tap and the folder of the one who runs it.
struct Tap {
    running: Running,
    address: SocketAddr,
    home: TempDir,
}

fn tap(target: SocketAddr, options: &[&str]) -> Tap {
    let home = home();
    let ends = format!("0={target}");
    let mut command = netlab(home.path(), ["tap", &ends].iter().chain(options));
    command.env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let address = match serde_json::from_str::<Value>(&first) {
        Ok(line) => line["listening"][0].as_str().unwrap().to_owned(),
        Err(_) => first.strip_prefix("listening on ").unwrap().split(' ').next().unwrap().to_owned(),
    };
    Tap { running, address: address.parse().unwrap(), home }
}

impl Tap {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn call(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    fn says(&self, piece: &str) -> String {
        self.running.line_with(piece)
    }

    /// Stops it; what is left of its lines, and everything that was written down.
    fn stops(self) -> (Vec<String>, Account) {
        let (status, _, rest, err) = self.running.terminate();
        assert!(status.success(), "{status} {err}");
        (rest, since(self.home.path(), "").unwrap())
    }
}

/// The conversations as a check sees them: without the other leg.
fn stories(account: &Account) -> Vec<&Flow> {
    let legs = retold(&account.sightings);
    let all = account.sightings.iter().enumerate().filter(|(at, _)| !legs.contains_key(at));
    all.map(|(_, sighting)| &sighting.flow).filter(|flow| flow.by == "tap").collect()
}

fn happened(flow: &Flow, wanted: &What, side: Side) -> bool {
    flow.events.iter().any(|event| event.what == *wanted && event.side == side)
}

/// A server that talks with one client.
fn server(talk: impl FnOnce(TcpStream) + Send + 'static) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (
        address,
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            talk(stream);
        }),
    )
}

/// Reads until the other side has finished.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    all
}

/// netlab's own server, in the same folder or in another one.
fn hello(home: &Path) -> (Running, SocketAddr) {
    let running = Running::start(home, ["serve", "--port", "0", "--json"]);
    let first: Value = serde_json::from_str(&running.line()).unwrap();
    (running, first["listening"][0].as_str().unwrap().parse().unwrap())
}

#[test]
fn both_legs_are_one_conversation_of_the_client_with_the_target() {
    let (target, served) = server(|mut stream| {
        assert_eq!(rest(&mut stream), b"one two three");
        stream.write_all(b"13 bytes").unwrap();
    });
    let tap = tap(target, &[]);
    let mut client = tap.call();
    let own = client.local_addr().unwrap();
    client.write_all(b"one two three").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut client), b"13 bytes");
    served.join().unwrap();
    tap.says("over:");
    let (_, account) = tap.stops();
    let stories = stories(&account);
    let [story] = stories[..] else { panic!("one conversation: {stories:?}") };
    assert_eq!(story.client.as_ref().and_then(netlab::evidence::End::socket), Some(own));
    assert_eq!(story.server.socket(), Some(target));
    assert_eq!(
        (&story.from_client.bytes[..], &story.from_server.bytes[..]),
        (&b"one two three"[..], &b"13 bytes"[..])
    );
    assert!(happened(story, &What::Finished, Side::Client) && happened(story, &What::Finished, Side::Server));
    let numbers = numbers(&account.sightings);
    assert!(numbers.iter().all(|&number| number == numbers[0]), "one number: {numbers:?}");
    assert!(second_legs(&account.sightings, &numbers).is_empty());
}

#[test]
fn a_target_of_netlabs_own_is_a_third_witness_of_the_same_conversation() {
    let home = home();
    let (serving, target) = hello(home.path());
    let ends = format!("0={target}");
    let tap = Running::start(home.path(), ["tap", &ends, "--json"]);
    let first: Value = serde_json::from_str(&tap.line()).unwrap();
    let address = first["listening"][0].as_str().unwrap().to_owned();
    run(home.path(), ["raw-get", &format!("http://{address}/")]).exits(0);
    tap.line_with("\"ended\"");
    tap.terminate();
    serving.terminate();
    let account = since(home.path(), "").unwrap();
    let at_the_server: Vec<&str> = account
        .sightings
        .iter()
        .filter(|sighting| sighting.flow.server.socket() == Some(target))
        .map(|sighting| &*sighting.flow.by)
        .collect();
    assert_eq!(at_the_server.len(), 3, "the story, the other leg, the server: {at_the_server:?}");
    let numbers = numbers(&account.sightings);
    let of_target =
        account.sightings.iter().zip(&numbers).filter(|(one, _)| one.flow.server.socket() == Some(target));
    let mut counted: Vec<usize> = of_target.map(|(_, &number)| number).collect();
    counted.dedup();
    assert_eq!(counted.len(), 1, "{at_the_server:?} {numbers:?}");
}

#[test]
fn rst_goes_on_as_rst_in_both_directions_and_the_story_says_whose() {
    for client_breaks in [true, false] {
        let (target, served) = server(move |mut stream| {
            assert_eq!(stream.read(&mut [0; 6]).unwrap(), 6);
            if client_breaks {
                let error = stream.read(&mut [0; 5]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            } else {
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            }
        });
        let tap = tap(target, &[]);
        let mut client = tap.call();
        client.write_all(b"hello\n").unwrap();
        tap.says("6 bytes");
        if client_breaks {
            socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
            drop(client);
        } else {
            assert_eq!(client.read(&mut [0; 5]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        }
        served.join().unwrap();
        tap.says("over:");
        let (_, account) = tap.stops();
        let who = if client_breaks { Side::Client } else { Side::Server };
        assert!(happened(stories(&account)[0], &What::Reset, who), "{account:?}");
    }
}

#[test]
fn a_target_that_nobody_listens_on_is_a_refusal_in_the_story() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tap = tap(closed, &[]);
    let mut client = tap.call();
    assert!(client.read(&mut [0; 1]).is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    assert!(tap.says("nobody listens").contains("refused the connection (RST)"));
    let (_, account) = tap.stops();
    let story = stories(&account)[0];
    let refused = |what: &What| matches!(what, What::Failed(trouble) if trouble.kind == TroubleKind::Refused);
    assert!(story.events.iter().any(|event| refused(&event.what)));
    assert!(!happened(story, &What::Opened, Side::Client), "a connection to the target never stood");
}

#[test]
fn delay_split_and_cut_do_what_they_say() {
    let say = |text: &'static [u8]| {
        server(move |mut stream| {
            stream.write_all(text).unwrap();
            let _ = stream.read(&mut [0; 1]);
        })
    };
    let (target, _served) = say(b"hello");
    let tap_slow = tap(target, &["--delay", "300ms"]);
    let began = Instant::now();
    tap_slow.call().read_exact(&mut [0; 5]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300));

    let (target, _served) = say(b"hello");
    let tap_split = tap(target, &["--split", "2"]);
    tap_split.call().read_exact(&mut [0; 5]).unwrap();
    let (_, account) = tap_split.stops();
    assert_eq!(stories(&account)[0].lengths(Side::Server).collect::<Vec<_>>(), [2, 2, 1]);

    let (target, served) = server(|mut stream| {
        stream.write_all(b"hello").unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
    let tap_cut = tap(target, &["--cut", "3"]);
    let mut client = tap_cut.call();
    let mut came = Vec::new();
    let end = client.read_to_end(&mut came).unwrap_err();
    assert_eq!((&came[..], end.kind()), (&b"hel"[..], ErrorKind::ConnectionReset));
    served.join().unwrap();
    tap_cut.says("the tap has cut it here");
    let (_, account) = tap_cut.stops();
    let story = stories(&account)[0];
    assert_eq!(story.from_server.bytes, b"hel");
    assert!(happened(story, &What::Reset, Side::Server));
}

#[test]
fn a_reader_that_stops_is_felt_by_the_writer() {
    let (target, served) = server(|stream| {
        let mut held = [0; 1];
        // It reads when the writer is stuck and says so by finishing.
        while stream.peek(&mut held).unwrap() == 0 {}
        let all = rest(&mut { stream });
        assert!(all.len() > 100_000);
    });
    let tap = tap(target, &[]);
    let mut client = tap.call();
    client.set_nonblocking(true).unwrap();
    let mut sent = 0;
    let quiet = Duration::from_millis(500);
    let mut last = Instant::now();
    while last.elapsed() < quiet {
        match client.write(&vec![b'x'; 65_536]) {
            Ok(len) => (sent, last) = (sent + len, Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
        if sent > 512 << 20 {
            break;
        }
    }
    client.shutdown(Shutdown::Write).unwrap();
    served.join().unwrap();
    let (_, _) = tap.stops();
}

#[test]
fn two_taps_at_each_other_end_with_a_sentence() {
    if !cfg!(target_os = "linux") {
        return skipped("only Linux tells which program holds a port");
    }
    for udp in [false, true] {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (one, other, home) = (free(), free(), home());
        let words = |ends: String| {
            let udp = udp.then(|| "--udp".to_owned());
            ["tap".to_owned()].into_iter().chain(udp).chain([ends])
        };
        let first = Running::start(home.path(), words(format!("{one}={other}")));
        first.line();
        let second = run(home.path(), words(format!("{other}={one}"))).exits(2);
        second.says(&[&format!("the taps lead in a circle: {other} to {one} to {other}")]);
        run(home.path(), words(format!("{other}={other}"))).exits(2).says(&["It would talk to itself"]);
    }
}

#[test]
fn curl_talks_through_it_whatever_it_says() {
    if !tool("curl", "--version") {
        return;
    }
    let home = home();
    let (serving, target) = hello(home.path());
    let tap = tap(target, &["--json"]);
    let curl = |words: &[&str]| {
        let out = Command::new("curl").args(["-sS", "--max-time", "15"]).args(words).output().unwrap();
        assert!(out.status.success(), "{words:?} {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let direct = |path: &str| curl(&[&format!("http://{target}{path}")]);
    // Two on one connection, a head alone, and one that waits for 100.
    let both = curl(&[&tap.url("/"), &tap.url("/seed-a-plant")]);
    assert_eq!(both, direct("/") + &direct("/seed-a-plant"));
    assert!(curl(&["-I", &tap.url("/")]).starts_with("HTTP/1.1 200"));
    curl(&["-H", "Expect: 100-continue", "-d", "a=1", &tap.url("/")]);
    curl(&["-H", "Transfer-Encoding: chunked", "-d", "a=1", &tap.url("/")]);
    let (lines, account) = tap.stops();
    let messages: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["message"]["protocol"] == "http")
        .collect();
    let of = |side: &str| messages.iter().filter(|line| line["message"]["side"] == side).count();
    assert_eq!(of("client"), 5, "{lines:#?}");
    assert!(of("server") >= 5, "{lines:#?}");
    assert_eq!(stories(&account).len(), 4, "two of the requests went on one connection");
    serving.terminate();
}

/// Node's own web server, on a free port.
fn node() -> Option<(Running, SocketAddr)> {
    if !tool("node", "--version") {
        return None;
    }
    let mut command = Command::new("node");
    command.args(["-e", "const s = require('http').createServer((q, a) => { a.setHeader('Content-Type', 'text/html'); a.write('<title>by node</title>'); a.end('<p>' + q.url) }); s.listen(0, '127.0.0.1', () => console.log(s.address().port))"]);
    let running = Running::of(command);
    let port: u16 = running.line().trim().parse().unwrap();
    Some((running, SocketAddr::from(([127, 0, 0, 1], port))))
}

#[test]
fn a_browser_reads_a_page_of_nodes_through_it() {
    let Some((serving, target)) = node() else { return };
    let tap = tap(target, &[]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&tap.url("/plant"));
    assert!(tap.says("client: GET /plant HTTP/1.1").contains("bytes"));
    tap.says("server: HTTP/1.1 200 OK");
    // Node sends chunks, and of those the content is shown.
    tap.says("<title>by node</title>");
    drop(browser);
    let (_, account) = tap.stops();
    let page = |flow: &&&Flow| flow.from_client.bytes.starts_with(b"GET /plant ");
    let story = stories(&account);
    let story = story.iter().find(page).unwrap();
    assert!(String::from_utf8_lossy(&story.from_server.bytes).contains("Transfer-Encoding: chunked"));
    drop(serving);
}

#[test]
fn tls_goes_through_as_records_that_nobody_reads() {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let first: Value = serde_json::from_str(&lab.line()).unwrap();
    let target = first["services"].as_array().unwrap().iter().find(|one| one["tls"] == true).cloned();
    let Some(target) = target else { panic!("the lab has a door for TLS: {first}") };
    let real = target["real"].as_str().unwrap_or_else(|| panic!("{target}"));
    let tap = tap(real.parse().unwrap(), &["--json"]);
    let address = tap.address.to_string();
    let authority = home.path().join("authority.pem");
    std::fs::write(&authority, run(home.path(), ["lab", "ca"]).exits(0).out).unwrap();
    let authority = authority.to_str().unwrap();
    let words = ["raw-get", "https://hello.test/", "--connect-to", &address, "--cacert", authority];
    run(home.path(), words).exits(0);
    let line: Value = serde_json::from_str(&tap.says("\"message\"")).unwrap();
    assert_eq!(line["message"]["protocol"], "tls", "{line}");
    tap.says("\"ended\"");
    let (_, account) = tap.stops();
    let text = String::from_utf8_lossy(&stories(&account)[0].from_client.bytes).into_owned();
    assert!(!text.contains("GET /"), "what is inside is nobody else's");
    lab.terminate();
}

#[test]
fn what_goes_by_has_no_power_over_the_terminal() {
    let wild = b"\x1b[2J\x07 \xc2\x9b31m \xe2\x80\xae\n";
    for words in [&wild[..], b"GET /\x1b[2J HTTP/1.1\r\nHost: \x1b]0;x\x07\r\nA\x9b: \xe2\x80\xae\r\n\r\n"] {
        for form in ["--plain", "--json", "--bytes", "-q"] {
            let (target, served) = server(move |mut stream| {
                stream.read_exact(&mut vec![0; words.len()]).unwrap();
                stream.write_all(wild).unwrap();
            });
            let tap = tap(target, &[form]);
            let mut client = tap.call();
            client.write_all(words).unwrap();
            rest(&mut client);
            served.join().unwrap();
            drop(client);
            let (lines, _) = tap.stops();
            let all = lines.join("\n");
            let acts =
                |char: char| char.is_control() && char != '\n' || ['\u{9b}', '\u{202e}'].contains(&char);
            assert!(!all.contains(acts), "{form}: {all:?}");
            assert!(all.contains("2J") || form == "--bytes", "{form}: {all:?}");
        }
    }
}

#[test]
fn more_callers_than_there_is_room_for_wait_and_are_served_then() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().map_while(Result::ok).collect::<Vec<_>>());
    let tap = tap(target, &["--json"]);
    let mut all: Vec<TcpStream> = (0..=CONNECTIONS).map(|_| tap.call()).collect();
    tap.says("which is the limit");
    // FIN would end one direction only, and the server keeps the other.
    let first = all.remove(0);
    socket2::SockRef::from(&first).set_linger(Some(Duration::ZERO)).unwrap();
    drop(first);
    // The one that waited has its turn.
    tap.says(&format!("\"client\":{}", CONNECTIONS + 1));
    drop(all);
    tap.stops();
}

#[test]
fn a_large_upload_goes_through_in_little_memory() {
    const MANY: u64 = 1 << 30;
    if !cfg!(target_os = "linux") {
        return skipped("only Linux tells how much memory a process had at most");
    }
    let (target, served) = server(|mut stream| {
        let (mut room, mut came) = (vec![0; 1 << 16], 0);
        while let Ok(len @ 1..) = stream.read(&mut room) {
            came += len as u64;
        }
        assert_eq!(came, MANY);
    });
    let tap = tap(target, &["--json"]);
    // A build without optimisation is a large program; what counts is what the bytes add to it.
    let idle = peak(&tap);
    let mut client = tap.call();
    write!(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", MANY - 55).unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", MANY - 55).len() as u64;
    let (piece, mut left) = (vec![b'x'; 1 << 16], MANY - head);
    while left > 0 {
        let len = usize::try_from(left.min(piece.len() as u64)).unwrap();
        client.write_all(&piece[..len]).unwrap();
        left -= len as u64;
    }
    client.shutdown(Shutdown::Write).unwrap();
    served.join().unwrap();
    tap.says("\"ended\"");
    let (peak, limit) = (peak(&tap), if cfg!(debug_assertions) { idle + (8 << 10) } else { 16 << 10 });
    run::told(&format!("1 GiB through the tap: {peak} kB at most, {idle} kB before"));
    assert!(peak < limit, "{peak} kB, {idle} before");
}

/// The most memory it has had, in kB.
fn peak(tap: &Tap) -> u64 {
    let about = std::fs::read_to_string(format!("/proc/{}/status", tap.running.id())).unwrap();
    let peak = about.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
