//! `netlab tap` between clients and servers of every kind: the test's own, netlab's, nc, socat, dig and Python.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use netlab::evidence::journal::since;
use netlab::evidence::{Event, Flow, Mishap, Recorder, Side, What};
use netlab::lab::faults::{Fate, Faults, Odds, Way};
use netlab::lab::relay::{CLIENTS, IDLE, Plan, Relay};
use netlab::net::clock::now_us;
use run::{DEADLINE, Running, finish, home, ipv6, netlab, run, skipped, tool};
use serde_json::Value;
use tempfile::TempDir;

/// A tap and the folder of the one who runs it.
struct Tap {
    running: Running,
    address: SocketAddr,
    home: TempDir,
}

fn tap(target: &str, options: &[&str]) -> Tap {
    tap_of(home(), &format!("0={target}"), options)
}

fn tap_of(home: TempDir, ends: &str, options: &[&str]) -> Tap {
    let mut command = netlab(home.path(), ["tap", "--udp", ends].iter().chain(options));
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
    /// The next line that holds this.
    fn says(&self, piece: &str) -> String {
        self.running.line_with(piece)
    }

    /// Asks it to stop; gives all lines that are left, and its folder.
    fn stops(self) -> (Vec<String>, TempDir) {
        let (status, _, rest, err) = self.running.terminate();
        assert!(status.success(), "{status} {err}");
        (rest, self.home)
    }
}

fn socket() -> UdpSocket {
    socket_at("127.0.0.1:0")
}

fn socket_at(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

fn port(socket: &UdpSocket) -> String {
    socket.local_addr().unwrap().port().to_string()
}

/// The next datagram, and who sent it.
#[track_caller]
fn hears(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut room = vec![0; 65_535];
    let (len, from) = socket.recv_from(&mut room).unwrap();
    room.truncate(len);
    (room, from)
}

/// What the journal holds of the tap's, seen from a side.
fn recorded(home: &TempDir, seen: Side) -> Vec<Flow> {
    let sightings = since(home.path(), "").unwrap().sightings;
    let flows = sightings.into_iter().map(|sighting| sighting.flow);
    flows.filter(|flow| flow.by == "tap" && flow.seen == seen).collect()
}

/// What the tap did with which side's datagrams, in order.
fn mishaps(flow: &Flow) -> Vec<(Side, Mishap)> {
    let mishap = |what: &What| if let What::Mishap(mishap) = what { Some(*mishap) } else { None };
    flow.events.iter().filter_map(|event| Some((event.side, mishap(&event.what)?))).collect()
}

/// In which order a server hears the numbers from 1 to `many`, and what is still held then.
fn course(faults: Faults, many: u8) -> (Vec<u8>, Vec<u8>) {
    let (mut heard, mut held) = (Vec::new(), Vec::new());
    for number in 1..=many {
        match faults.fate(Way::There, u64::from(number)) {
            Fate::Dropped => {}
            Fate::Held => held.push(number),
            fate => {
                heard.extend(std::iter::repeat_n(number, 1 + usize::from(fate == Fate::Twice)));
                heard.append(&mut held);
            }
        }
    }
    (heard, held)
}

#[test]
fn what_arrives_is_what_the_seed_says_each_time() {
    const MANY: u8 = 40;
    let faults = Faults { odds: Odds { drop: 3_000, twice: 2_000, hold: 2_000 }, seed: 7 };
    let (wanted, held) = course(faults, MANY);
    assert!(
        wanted.len() > 20 && wanted.windows(2).any(|pair| pair[0] > pair[1]),
        "a lively course: {wanted:?}"
    );
    for _ in 0..2 {
        let (server, client) = (socket(), socket());
        let options = ["--drop", "30%", "--dup", "20%", "--reorder", "20%", "--seed", "7", "--json"];
        let tap = tap(&port(&server), &options);
        for number in 1..=MANY {
            client.send_to(&[number], tap.address).unwrap();
            let line: Value = serde_json::from_str(&tap.says("\"datagram\"")).unwrap();
            let told = (line["datagram"]["number"].as_u64().unwrap(), line["datagram"]["fate"].clone());
            let fate = serde_json::to_value(faults.fate(Way::There, u64::from(number))).unwrap();
            assert_eq!(told, (u64::from(number), fate));
        }
        let heard: Vec<u8> = wanted.iter().map(|_| hears(&server).0[0]).collect();
        assert_eq!(heard, wanted);
        let (rest, _) = tap.stops();
        let end: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
        let there = &end["stopped"]["there"];
        assert_eq!(there["read"], MANY);
        assert_eq!(there["sent"], wanted.len());
        assert_eq!(there["unsent"], held.len());
    }
}

#[test]
fn a_dropped_datagram_stands_on_the_one_side_and_not_on_the_other() {
    let (server, client) = (socket(), socket());
    // The second of three is the one that this seed drops.
    let tap = tap(&port(&server), &["--drop", "30%", "--seed", "7"]);
    for word in [&b"a"[..], b"bb", b"ccc"] {
        client.send_to(word, tap.address).unwrap();
        tap.says("there");
    }
    let (first, relay) = hears(&server);
    assert_eq!((first, hears(&server).0), (b"a".to_vec(), b"ccc".to_vec()));
    server.send_to(b"welcome", relay).unwrap();
    let (answer, from) = hears(&client);
    assert_eq!((answer, from), (b"welcome".to_vec(), tap.address));
    let (rest, home) = tap.stops();
    assert!(rest.iter().any(|line| line == "there: 3 datagrams read (1 dropped), 2 sent on"), "{rest:?}");
    let (front, back) = (recorded(&home, Side::Server), recorded(&home, Side::Client));
    assert_eq!(front[0].lengths(Side::Client).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(back[0].lengths(Side::Client).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(front[0].lengths(Side::Server).collect::<Vec<_>>(), [7]);
    assert_eq!(mishaps(&front[0]), [(Side::Client, Mishap::Dropped)]);
    assert_eq!(mishaps(&back[0]), []);
    let events = &front[0].events;
    let (second, dropped) = (len_at(events, 2), place(events, |what| matches!(what, What::Mishap(_))));
    assert_eq!(dropped, second + 1, "it is written down before anything else happens: {events:?}");
}

/// Where the datagram of so many bytes stands.
fn len_at(events: &[Event], wanted: u32) -> usize {
    place(events, |what| matches!(what, What::Bytes { len, .. } if *len == wanted))
}

#[track_caller]
fn place(events: &[Event], is: impl Fn(&What) -> bool) -> usize {
    events.iter().position(|event| is(&event.what)).unwrap()
}

#[test]
fn what_is_repeated_and_held_back_is_written_down_as_well() {
    let (server, client) = (socket(), socket());
    let tap = tap(&port(&server), &["--dup", "50%", "--reorder", "50%", "--seed", "7"]);
    let faults = Faults { odds: Odds { twice: 5_000, hold: 5_000, drop: 0 }, seed: 7 };
    let fates: Vec<Fate> = (1..=8).map(|nth| faults.fate(Way::There, nth)).collect();
    for _ in &fates {
        client.send_to(b"x", tap.address).unwrap();
        tap.says("there");
    }
    let (_, home) = tap.stops();
    let wanted: Vec<_> = fates.iter().map(|fate| (Side::Client, fate.mishap().unwrap())).collect();
    assert!(wanted.iter().any(|(_, mishap)| *mishap == Mishap::Repeated));
    assert!(wanted.iter().any(|(_, mishap)| *mishap == Mishap::HeldBack));
    assert_eq!(mishaps(&recorded(&home, Side::Server)[0]), wanted);
}

#[test]
fn an_answer_that_is_dropped_stands_in_the_story_of_the_client_it_was_for() {
    let (server, client) = (socket(), socket());
    let tap = tap(&port(&server), &["--drop", "30%", "--seed", "4"]);
    client.send_to(b"one", tap.address).unwrap();
    let (_, relay) = hears(&server);
    server.send_to(b"lost", relay).unwrap();
    tap.says("back 1: 4 bytes for client 1, dropped");
    server.send_to(b"found", relay).unwrap();
    assert_eq!(hears(&client).0, b"found");
    let (_, home) = tap.stops();
    assert_eq!(mishaps(&recorded(&home, Side::Server)[0]), [(Side::Server, Mishap::Dropped)]);
    assert_eq!(mishaps(&recorded(&home, Side::Client)[0]), []);
}

#[test]
fn every_client_has_a_socket_of_its_own_and_gets_its_own_answers() {
    let server = socket();
    let tap = tap(&port(&server), &[]);
    let clients: Vec<UdpSocket> = (0..5).map(|_| socket()).collect();
    for (at, client) in clients.iter().enumerate() {
        client.send_to(format!("client {at}").as_bytes(), tap.address).unwrap();
    }
    let mut sockets = Vec::new();
    for _ in &clients {
        let (bytes, from) = hears(&server);
        server.send_to(&bytes, from).unwrap();
        sockets.push(from);
    }
    sockets.sort_unstable();
    sockets.dedup();
    assert_eq!(sockets.len(), clients.len(), "each has one: {sockets:?}");
    for (at, client) in clients.iter().enumerate() {
        assert_eq!(hears(client).0, format!("client {at}").as_bytes());
    }
    let (rest, home) = tap.stops();
    assert!(rest.iter().any(|line| line.starts_with("back: 5 datagrams read, 5 sent on")), "{rest:?}");
    // Each of the tap's sockets towards the server was opened because of one client's conversation, and of no other.
    let (front, behind) = (recorded(&home, Side::Server), recorded(&home, Side::Client));
    assert!(front.iter().all(|flow| flow.because.is_none()));
    for flow in &behind {
        let cause = front.iter().find(|client| flow.because == Some(client.id)).unwrap();
        assert_eq!(cause.from_client.bytes, flow.from_client.bytes);
    }
    assert_eq!(behind.len(), clients.len());
}

#[test]
fn so_many_clients_have_a_socket_and_the_one_silent_longest_makes_room() {
    let server = socket();
    let tap = tap(&port(&server), &["--json"]);
    let clients: Vec<UdpSocket> = (0..=CLIENTS).map(|_| socket()).collect();
    let mut lines = Vec::new();
    for client in &clients {
        client.send_to(b"hello", tap.address).unwrap();
        lines.push(hears(&server).1);
    }
    let said: Value = serde_json::from_str(&tap.says("\"limit\"")).unwrap();
    let limit = said["limit"].as_str().unwrap();
    assert!(limit.starts_with(&format!("{CLIENTS} clients have a socket")), "{limit}");
    assert!(limit.contains("client 1, silent longest, has lost its"), "{limit}");
    // Its port is free now, and kept from being given to it once more.
    let _kept = UdpSocket::bind(lines[0]).unwrap();
    assert!(UdpSocket::bind(lines[1]).is_err(), "the second one still has its socket");
    // Whoever comes back gets another one, and its answers.
    clients[0].send_to(b"again", tap.address).unwrap();
    let (again, line) = hears(&server);
    assert_eq!(again, b"again");
    assert_ne!(line, lines[0]);
    server.send_to(b"welcome back", line).unwrap();
    assert_eq!(hears(&clients[0]).0, b"welcome back");
}

#[test]
fn a_client_that_is_silent_for_too_long_loses_its_socket_and_gets_another() {
    let (server, client) = (socket(), socket());
    let plan = Plan {
        listen: "127.0.0.1:0".parse().unwrap(),
        server: server.local_addr().unwrap(),
        faults: Faults { odds: Odds::default(), seed: 0 },
        delay: Duration::ZERO,
        idle: Duration::from_millis(20),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let recorder = Recorder::keeping(now_us, Vec::new());
    let relay = runtime.block_on(Relay::open(plan, &recorder, Arc::new(|_| {}))).unwrap();
    let address = relay.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = thread::spawn(move || runtime.block_on(relay.run(async { drop(stopped.await) })));
    client.send_to(b"one", address).unwrap();
    let (_, first) = hears(&server);
    let began = Instant::now();
    // While the socket is there nobody else can have its port. Whoever has it now keeps it from being given again.
    let _kept = loop {
        match UdpSocket::bind(first) {
            Ok(socket) => break socket,
            Err(_) => assert!(began.elapsed() < DEADLINE, "the socket is still there"),
        }
        thread::yield_now();
    };
    client.send_to(b"two", address).unwrap();
    let (two, second) = hears(&server);
    assert_eq!(two, b"two");
    assert_ne!(first, second);
    server.send_to(b"answer", second).unwrap();
    assert_eq!(hears(&client).0, b"answer");
    stop.send(()).unwrap();
    let summary = running.join().unwrap();
    assert_eq!((summary.clients, summary.there.sent, summary.back.sent), (1, 2, 1), "it is the same client");
    let lines = recorder.flows().into_iter().filter(|flow| flow.seen == Side::Client);
    assert_eq!(lines.count(), 2, "and two conversations with the server");
}

#[test]
fn the_help_tells_these_limits() {
    let home = home();
    run(home.path(), ["tap", "--help"])
        .exits(0)
        .says(&[&format!("At most {CLIENTS} clients"), &format!("{} seconds of silence", IDLE.as_secs())]);
}

#[test]
fn the_smallest_and_the_largest_datagram_pass_whole() {
    let (server, client) = (socket(), socket());
    let tap = tap(&port(&server), &["--delay", "1ms"]);
    let largest: Vec<u8> = (0..65_507u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    for bytes in [&b""[..], &largest, b"x"] {
        client.send_to(bytes, tap.address).unwrap();
        assert_eq!(hears(&server).0, bytes);
    }
}

#[test]
fn one_that_nobody_overtakes_goes_on_all_the_same() {
    let (server, client) = (socket(), socket());
    let tap = tap(&port(&server), &["--reorder", "100%"]);
    client.send_to(b"patience", tap.address).unwrap();
    tap.says("there 1: 8 bytes from client 1, held back until another one has passed it");
    tap.says("there 1 goes on now: for 10 s none has come that could pass it");
    assert_eq!(hears(&server).0, b"patience");
}

#[test]
fn what_is_still_inside_at_the_end_is_counted() {
    let (server, client) = (socket(), socket());
    let tap = tap(&port(&server), &["--delay", "10m"]);
    client.send_to(b"late", tap.address).unwrap();
    tap.says("there 1");
    let (rest, _) = tap.stops();
    assert!(
        rest.iter().any(|line| line == "there: 1 datagram read, 0 sent on, 1 not sent on after all"),
        "{rest:?}"
    );
    server.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let nothing = server.recv(&mut [0; 8]).unwrap_err();
    assert!(matches!(nothing.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
}

#[test]
fn a_target_that_is_not_there_is_told_and_later_found() {
    let (server, client) = (socket(), socket());
    let at = port(&server);
    let tap = tap(&at, &[]);
    drop(server);
    client.send_to(b"hello", tap.address).unwrap();
    tap.says("no program takes datagrams on 127.0.0.1:");
    let server = socket_at(&format!("127.0.0.1:{at}"));
    client.send_to(b"hello again", tap.address).unwrap();
    assert_eq!(hears(&server).0, b"hello again");
}

#[test]
fn it_relays_over_ipv6_and_between_the_two() {
    if !ipv6() {
        return;
    }
    let (server, client) = (socket(), socket_at("[::1]:0"));
    let tap = tap_of(home(), &format!("[::1]:0={}", port(&server)), &[]);
    assert!(tap.address.is_ipv6());
    client.send_to(b"six to four", tap.address).unwrap();
    let (bytes, from) = hears(&server);
    assert_eq!(bytes, b"six to four");
    server.send_to(b"and back", from).unwrap();
    assert_eq!(hears(&client).0, b"and back");
}

#[test]
fn the_lab_is_started_for_a_tap_that_leads_to_it() {
    let tap = tap("echo.test", &[]);
    let client = socket();
    client.send_to(b"hello", tap.address).unwrap();
    assert_eq!(hears(&client).0, b"hello");
    let (status, _, _, err) = tap.running.terminate();
    assert!(status.success() && err.contains("the lab was started for this tap"), "{err}");
}

#[test]
fn a_lab_that_runs_is_the_one_it_leads_to() {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let line: Value = serde_json::from_str(&lab.line()).unwrap();
    let dns = line["dns"].as_str().unwrap().to_owned();
    let tap = tap_of(home, "0=dns.test", &["--json"]);
    let server = tap.address.to_string();
    let ran = run(tap.home.path(), ["resolve", "--type", "A", "--server", &server, "garden.test"]).exits(0);
    ran.says(&["127.0.0.4", "127.0.0.5"]);
    let (_, home) = tap.stops();
    assert_eq!(recorded(&home, Side::Client)[0].server.to_string(), dns);
}

#[test]
fn a_lost_question_is_asked_again_by_hand_with_the_same_number() {
    // The first of two is the one that this seed drops.
    let tap = tap("dns.test", &["--drop", "30%", "--seed", "3"]);
    let server = tap.address.port().to_string();
    let ask = |wait: &str| {
        let words =
            ["resolve", "--type", "A", "--server", &server, "--id", "4660", "--once", "--timeout", wait];
        run(tap.home.path(), words.iter().chain(&["garden.test"]))
    };
    ask("300ms").exits(1).says(&[
        "went out once, with the number 4660",
        "UDP tells nobody of a loss",
        "add --id 4660",
    ]);
    ask("20s").exits(0).says(&["127.0.0.4", "127.0.0.5"]);
    let (rest, home) = tap.stops();
    assert!(rest.iter().any(|line| line == "there: 2 datagrams read (1 dropped), 1 sent on"), "{rest:?}");
    let front = recorded(&home, Side::Server);
    assert_eq!(front.len(), 2);
    for flow in &front {
        assert_eq!(flow.from_client.bytes[..2], 4660u16.to_be_bytes(), "the number in the question");
    }
    assert_eq!(recorded(&home, Side::Client).len(), 1, "only one question reached the server");
}

#[test]
fn a_lost_question_is_asked_again_by_the_resolver_with_the_same_number() {
    let tap = tap("dns.test", &["--drop", "30%", "--seed", "3"]);
    let server = tap.address.to_string();
    let words = ["resolve", "--type", "A", "--server", &server, "--id", "4660", "garden.test"];
    run(tap.home.path(), words).exits(0).says(&["sent 2 times with the same number (4660)"]);
    let (_, home) = tap.stops();
    let front = &recorded(&home, Side::Server)[0];
    assert_eq!(front.lengths(Side::Client).count(), 2, "both on one conversation");
    let half = front.from_client.bytes.len() / 2;
    assert_eq!(front.from_client.bytes[..half], front.from_client.bytes[half..], "byte for byte the same");
}

#[test]
fn dig_sees_the_loss_and_asks_again_too() {
    if !tool("dig", "-v") {
        return;
    }
    let tap = tap("dns.test", &["--drop", "30%", "--seed", "3"]);
    let dig = |time: &str| {
        let port = tap.address.port().to_string();
        let words = ["@127.0.0.1", "-p", &port, "+tries=1", time, "+qid=4660", "+short", "garden.test", "A"];
        let mut command = Command::new("dig");
        command.args(words);
        finish(command, b"")
    };
    assert!(dig("+time=1").text().contains("timed out"));
    assert_eq!(dig("+time=20").text(), "127.0.0.4\n127.0.0.5\n");
}

#[test]
fn nc_and_a_python_server_talk_through_it() {
    if !tool("python3", "--version") {
        return;
    }
    let script = "import socket\n\
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0))\n\
        print(s.getsockname()[1], flush=True)\n\
        while True:\n    data, who = s.recvfrom(100); s.sendto(data.upper(), who)\n";
    let (mut server, port) = peer(Command::new("python3").args(["-c", script]));
    let tap = tap(&port, &["--dup", "100%"]);
    if tool("nc", "-h") {
        let mut nc = Command::new("nc");
        nc.args(["-u", "-w", "2", "127.0.0.1", &tap.address.port().to_string()]);
        let heard = finish(nc, b"hello").text();
        // Two copies there make two answers, and each of them makes two.
        assert_eq!(heard, "HELLOHELLOHELLOHELLO");
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn socat_talks_through_it() {
    if !tool("socat", "-V") {
        return;
    }
    let server = socket();
    let tap = tap(&port(&server), &[]);
    let mut socat = Command::new("socat");
    socat.args(["-t2", "-", &format!("UDP:127.0.0.1:{}", tap.address.port())]);
    let answering = std::thread::spawn(move || {
        let (bytes, from) = hears(&server);
        server.send_to(&[b"heard: ", &bytes[..]].concat(), from).unwrap();
    });
    assert_eq!(finish(socat, b"hello").text(), "heard: hello");
    answering.join().unwrap();
}

/// Another program that says a line first.
fn peer(command: &mut Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

#[test]
fn a_port_that_is_taken_is_told_with_who_has_it() {
    let taken = socket();
    let ran = run(home().path(), ["tap", "--udp", &format!("{}=7053", port(&taken))]).exits(4);
    ran.says(&["is taken by", "put 0 in front of the equals sign"]);
    if cfg!(target_os = "linux") {
        let ran = run(home().path(), ["listen", "--udp", &port(&taken)]).exits(4);
        ran.says(&[&format!("(pid {})", std::process::id())]);
    } else {
        skipped("who has a port is told on Linux");
    }
}

#[test]
fn what_makes_no_sense_is_explained() {
    let home = home();
    for (words, says) in [
        (&["7054=7053", "--drop", "30%"][..], "--udp"),
        (&["7054=7053", "--split", "0"], "0 is not in 1.."),
        (&["--udp", "7054=7053", "--cut", "5"], "cannot be used with"),
        (&["7054=192.0.2.1:53"], "between programs of one machine"),
        (&["--udp", "7054"], "with an equals sign between them"),
        (&["--udp", "7054=0"], "nothing can be sent to port 0"),
        (&["--udp", "7054=7054"], "round and round"),
        (&["--udp", "7054=192.0.2.1:53"], "between programs of one machine"),
        (&["--udp", "0.0.0.0:7054=7053"], "between programs of one machine"),
        (&["--udp", "7054=7053", "--drop", "30"], "did you mean 30%?"),
        (&["--udp", "7054=7053", "--drop", "130%"], "from 0 to 100 with a percent sign"),
        (&["--udp", "7054=7053", "--drop", "60%", "--dup", "50%"], "one datagram has one fate"),
    ] {
        let ran = run(home.path(), ["tap"].iter().chain(words)).exits(2);
        let text = ran.complaint().to_lowercase();
        assert!(text.contains(&says.to_lowercase()), "{says:?} is not in {text}");
    }
    run(home.path(), ["tap", "--udp", "7054=nobody.test"]).exits(1).says(&["there is no name nobody.test"]);
}

#[test]
fn without_a_seed_one_is_chosen_and_told() {
    let server = socket();
    let tap = tap(&port(&server), &["--drop", "30%"]);
    let (status, _, _, err) = tap.running.terminate();
    assert!(status.success());
    let told = err.split("--seed ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(told.parse::<u64>().unwrap() < 10_000, "{err}");
}
