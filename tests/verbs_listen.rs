//! `netlab listen` against clients of every kind: the test's own, netlab's, nc, socat and Python.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use netlab::evidence::journal::since;
use netlab::evidence::{Event, Flow, Side, TroubleKind, What};
use run::{DEADLINE, Ran, Running, drain, finish, home, netlab, run, skipped, tool};
use serde_json::Value;
use tempfile::TempDir;

/// A listener and the folder of the one who runs it.
struct Ear {
    running: Running,
    address: SocketAddr,
    home: TempDir,
}

fn listen(options: &[&str]) -> Ear {
    listen_wide("140", options)
}

fn listen_wide(columns: &str, options: &[&str]) -> Ear {
    let home = home();
    let mut command = netlab(home.path(), ["listen", "0"].iter().chain(options));
    command.env("COLUMNS", columns);
    let running = Running::of(command);
    let first = running.line();
    let address = if options.contains(&"--json") {
        let line: Value = serde_json::from_str(&first).unwrap();
        line["listening"][0].as_str().unwrap().parse().unwrap()
    } else {
        first.strip_prefix("listening on ").unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    Ear { running, address, home }
}

fn call(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// As many bytes as `wanted` has, which must be those.
#[track_caller]
fn hears(stream: &mut TcpStream, wanted: &str) {
    let mut heard = vec![0; wanted.len()];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), wanted);
}

/// The lines up to the end of a connection.
fn until_closed(ear: &Ear) -> Vec<String> {
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.ends_with("closed")) {
        lines.push(ear.running.line());
    }
    lines
}

/// netlab connect to there, with this typed.
fn connect(home: &TempDir, address: SocketAddr, options: &[&str], input: &[u8]) -> Ran {
    finish(netlab(home.path(), ["connect", &address.to_string()].iter().chain(options)), input)
}

/// What the journal holds that was recorded by `by`.
fn recorded(home: &TempDir, by: &str) -> Vec<Flow> {
    let sightings = since(home.path(), "").unwrap().sightings;
    sightings.into_iter().map(|sighting| sighting.flow).filter(|flow| flow.by == by).collect()
}

#[test]
fn a_line_goes_to_the_client_that_spoke_last_to_one_or_to_all() {
    let mut ear = listen(&[]);
    let mut first = call(ear.address);
    ear.running.line_with("1 connected");
    let mut second = call(ear.address);
    ear.running.line_with("2 connected");
    second.write_all(b"I am two").unwrap();
    ear.running.line_with("2 < I am two");
    ear.running.type_line("hello");
    hears(&mut second, "hello\r\n");
    first.write_all(b"I am one").unwrap();
    ear.running.line_with("1 < I am one");
    ear.running.type_line("good day");
    hears(&mut first, "good day\r\n");
    ear.running.type_line("@2 and you");
    hears(&mut second, "and you\r\n");
    ear.running.type_line("@* all of you");
    hears(&mut first, "all of you\r\n");
    hears(&mut second, "all of you\r\n");
    ear.running.type_line("@9 nobody");
    ear.running.type_line("@@ is a sign");
    hears(&mut first, "@ is a sign\r\n");
    let (status, _, _, err) = ear.running.terminate();
    assert!(status.success(), "{status}");
    assert!(err.contains("there is no client 9; connected: 1, 2"), "{err}");
}

#[test]
fn a_line_that_is_typed_too_early_waits_for_a_client() {
    let mut ear = listen(&[]);
    ear.running.type_line("is anybody there");
    hears(&mut call(ear.address), "is anybody there\r\n");
}

#[test]
fn an_echo_is_still_delivered_to_a_client_that_has_finished() {
    let ear = listen(&["--echo"]);
    connect(&ear.home, ear.address, &[], b"hello\n").exits(0).says(&[
        "the server can still answer (half-closed)",
        "< hello\\r\\n",
        "both sides have, so the connection is closed",
    ]);
    let lines = until_closed(&ear);
    for piece in ["1 < hello", "the client finished (FIN)", "1 > hello", "you finished (FIN)"] {
        assert!(lines.iter().any(|line| line.contains(piece)), "{piece}: {lines:?}");
    }
    let (_, _, _, _) = ear.running.terminate();
    let flows = recorded(&ear.home, "listen");
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0].seen, Side::Server);
    let ends: Vec<Side> =
        flows[0].events.iter().filter(|event| event.what == What::Finished).map(|event| event.side).collect();
    assert_eq!(ends, [Side::Client, Side::Server]);
    assert_eq!(flows[0].lengths(Side::Client).sum::<usize>(), 7);
}

#[test]
fn a_server_that_finishes_first_can_still_be_written_to() {
    let ear = listen(&["--half-close", "--say-first", r"220 hi\r\n\x21"]);
    let mut client = call(ear.address);
    let mut all = Vec::new();
    client.read_to_end(&mut all).unwrap();
    assert_eq!(all, b"220 hi\r\n!");
    client.write_all(b"still here").unwrap();
    ear.running.line_with("you finished (FIN)");
    ear.running.line_with("1 < still here");
    drop(client);
    ear.running.line_with("the client finished (FIN)");
    // With --keep netlab's own client stays as well.
    let mut stays = Running::start(ear.home.path(), ["connect", &ear.address.to_string(), "--keep"]);
    stays.line_with("the server finished (FIN)");
    stays.type_line("and I");
    ear.running.line_with("2 < and I");
    assert!(stays.ended().0.success());
}

#[test]
fn with_keep_our_side_stays_open_when_the_client_has_finished() {
    let mut ear = listen(&["--keep"]);
    let mut client = call(ear.address);
    client.write_all(b"question").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    ear.running.line_with("the client finished (FIN)");
    ear.running.type_line("a late answer");
    hears(&mut client, "a late answer\r\n");
}

#[test]
fn a_reset_is_a_reset_on_the_other_side() {
    let ear = listen(&["--reset", "--close-after", "3"]);
    let mut client = call(ear.address);
    client.write_all(b"abc").unwrap();
    let error = client.read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    ear.running.line_with("1 you broke the connection off (RST)");
    connect(&ear.home, ear.address, &[], b"abc\n")
        .exits(1)
        .says(&["the server broke the connection off (RST)"]);
    // And the other way round.
    let other = listen(&[]);
    connect(&other.home, other.address, &["--reset"], b"abc\n")
        .exits(0)
        .says(&["you broke the connection off"]);
    other.running.line_with("1 the client broke the connection off (RST)");
    let (_, _, _, _) = other.running.terminate();
    for by in ["connect", "listen"] {
        let flow = &recorded(&other.home, by)[0];
        let reset = flow.events.iter().find(|event| event.what == What::Reset).map(|event| event.side);
        assert_eq!(reset, Some(Side::Client), "{by}");
    }
}

#[test]
fn enough_is_enough() {
    let ear = listen(&["--close-after", "4"]);
    let mut client = call(ear.address);
    client.write_all(b"abcd").unwrap();
    assert_eq!(client.read(&mut [0; 10]).unwrap(), 0, "the server has finished");
    let client = listen(&["--say-first", "0123456789"]);
    connect(&client.home, client.address, &["--close-after", "10"], b"").exits(0).says(&["< 0123456789"]);
}

#[test]
fn a_listener_that_never_accepts_has_connections_all_the_same() {
    let ear = listen(&["--no-accept"]);
    let mut client = call(ear.address);
    client.write_all(b"does anybody read this").unwrap();
    let ran = connect(&ear.home, ear.address, &["--wait", "100ms"], b"hello\n").exits(1);
    ran.says(&["connected:", "write: 7 bytes", "has not finished its side for 0.1 s", "has never accepted"]);
    let (status, _, _, err) = ear.running.terminate();
    assert!(status.success());
    assert!(err.contains("The kernel does the handshakes by itself all the same"), "{err}");
    assert!(recorded(&ear.home, "listen").is_empty(), "nobody accepted, so nobody recorded");
    let flow = &recorded(&ear.home, "connect")[0];
    assert!(!flow.events.iter().any(|event| matches!(event.what, What::Failed(_))), "the connection stood");
    assert!(flow.events.iter().any(|event| event.what == What::Opened));
}

/// What a kernel does whose queue of finished handshakes is full differs; Linux says nothing at all.
#[cfg(target_os = "linux")]
#[test]
fn a_queue_that_is_full_answers_no_syn() {
    let ear = listen(&["--no-accept", "--backlog", "0"]);
    let _first = call(ear.address);
    let ran = connect(&ear.home, ear.address, &["--connect-timeout", "200ms"], b"").exits(1);
    ran.says(&["did not answer within 0.2 s", "not even a refusal", "--connect-timeout"]);
    let flow = &recorded(&ear.home, "connect")[0];
    // Beside it stands who waited on the port.
    assert!(matches!(flow.events[..], [_, Event { what: What::Waiting(_), .. }]), "{flow:?}");
    let What::Failed(trouble) = flow.events[0].what else { panic!("{flow:?}") };
    assert_eq!(trouble.kind, TroubleKind::TimedOut);
}

#[test]
fn writes_run_together_before_a_sleepy_reader_and_are_cut_by_a_small_buffer() {
    let ear = listen(&["--sleepy", "finished"]);
    let mut client = call(ear.address);
    for byte in b"abcde" {
        client.write_all(&[*byte]).unwrap();
    }
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(ear.running.line_with("1 read").contains("1 read 1: 5 bytes"));
    let ear = listen(&["--read", "3"]);
    let mut client = call(ear.address);
    client.write_all("🌱".as_bytes()).unwrap();
    assert!(ear.running.line_with("1 read").contains("3 bytes at") && ear.running.line().contains("\\xf0"));
    assert!(ear.running.line_with("1 read").contains("1 byte at"));
}

#[test]
fn datagrams_keep_their_edges() {
    let ear = listen(&["--udp", "--echo"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut buffer = [0; 100];
    for datagram in ["a", "bb", "ccc", ""] {
        socket.send_to(datagram.as_bytes(), ear.address).unwrap();
        let (len, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..len], from), (datagram.as_bytes(), ear.address));
    }
    let ran = connect(&ear.home, ear.address, &["--udp", "--close-after", "6"], b"1\n22\n333\n").exits(0);
    ran.says(&["datagram sent: 2 bytes", "< 1", "< 22", "< 333"]);
    ear.running.line_with("2 heard:");
    let (_, _, _, _) = ear.running.terminate();
    for by in ["connect", "listen"] {
        let flow = recorded(&ear.home, by).pop().unwrap();
        assert_eq!(flow.lengths(Side::Client).collect::<Vec<_>>(), [1, 2, 3], "{by}");
        assert_eq!(flow.lengths(Side::Server).collect::<Vec<_>>(), [1, 2, 3], "{by}");
    }
}

#[test]
fn a_datagram_that_does_not_fit_is_cut_and_that_is_said() {
    let ear = listen(&["--udp", "--read", "4"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"1234", ear.address).unwrap();
    socket.send_to(b"123456", ear.address).unwrap();
    assert!(ear.running.line_with("datagram 1").contains("4 bytes"));
    assert!(ear.running.line_with("datagram 2").contains("4 bytes"));
    ear.running.line_with("1 < 1234");
    ear.running.line_with("was 6 bytes long and the read had room for 4");
}

#[test]
fn lines_answer_whoever_has_sent_a_datagram() {
    let mut ear = listen(&["--udp", "--say-first", "who is there"]);
    ear.running.type_line("too early");
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    one.set_read_timeout(Some(DEADLINE)).unwrap();
    one.send_to(b"one", ear.address).unwrap();
    let mut buffer = [0; 100];
    let mut heard = || {
        let len = one.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..len]).into_owned()
    };
    assert_eq!(heard(), "who is there");
    assert_eq!(heard(), "too early");
    ear.running.type_line("@1 hello");
    assert_eq!(heard(), "hello");
}

#[test]
fn socat_and_python_send_datagrams_too() {
    let ear = listen(&["--udp", "--echo"]);
    if tool("socat", "-V") {
        let mut command = Command::new("socat");
        let place = format!("UDP:{}", ear.address);
        command.args(["-t", "0.5", "STDIO", &place]);
        assert_eq!(finish(command, b"from socat").exits(0).text(), "from socat");
    }
    if tool("python3", "--version") {
        let script = "import socket, sys\n\
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(20)\n\
            a = ('127.0.0.1', int(sys.argv[1]))\n\
            [s.sendto(d, a) for d in (b'a', b'bb', b'ccc')]\n\
            print([len(s.recv(100)) for _ in range(3)])";
        let mut command = Command::new("python3");
        command.args(["-c", script, &ear.address.port().to_string()]);
        assert_eq!(finish(command, b"").exits(0).text(), "[1, 2, 3]\n");
    }
}

#[test]
fn nc_and_socat_and_python_call() {
    let ear = listen(&["--echo"]);
    let (host, port) = (ear.address.ip().to_string(), ear.address.port().to_string());
    if tool("nc", "-h") {
        let mut command = Command::new("nc");
        command.args(["-N", &host, &port]);
        let ran = finish(command, b"from nc\n");
        if ran.code == Some(0) {
            assert_eq!(ran.text(), "from nc\n");
        } else {
            skipped("this nc does not know -N");
        }
    }
    if tool("socat", "-V") {
        let mut command = Command::new("socat");
        command.args(["-t", "20", "STDIO", &format!("TCP:{}", ear.address)]);
        assert_eq!(finish(command, b"from socat\n").exits(0).text(), "from socat\n");
    }
    if tool("python3", "--version") {
        // Finishing one way and reading the rest, and breaking off.
        let script = "import socket, struct, sys\n\
            a = (sys.argv[1], int(sys.argv[2]))\n\
            s = socket.create_connection(a, 20); s.sendall(b'half'); s.shutdown(socket.SHUT_WR)\n\
            print(s.makefile('rb').read()); s.close()\n\
            s = socket.create_connection(a, 20); s.sendall(b'off')\n\
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.recv(3); s.close()";
        let mut command = Command::new("python3");
        command.args(["-c", script, &host, &port]);
        assert_eq!(finish(command, b"").exits(0).text(), "b'half'\n");
        ear.running.line_with("the client broke the connection off (RST)");
    }
}

#[test]
fn every_byte_goes_through_a_pipe_untouched() {
    let home = home();
    let all: Vec<u8> = (0..=255_u8).cycle().take(300_001).collect();
    let mut command = netlab(home.path(), ["listen", "127.0.0.1:0", "--raw"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let received = drain(child.stdout.take().unwrap());
    let mut err = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    std::io::BufRead::read_line(&mut err, &mut first).unwrap();
    let place = first.strip_prefix("listening on ").unwrap().split(' ').next().unwrap();
    let ran = finish(netlab(home.path(), ["connect", place, "--raw"]), &all).exits(0);
    assert!(ran.out.is_empty() && ran.complaint().contains("you finished (FIN)"), "{}", ran.complaint());
    assert!(received.recv_timeout(DEADLINE).unwrap() == all, "every byte arrived, in order");
    assert!(child.wait().unwrap().success(), "it ends with its one client");
}

#[test]
fn what_clients_say_is_escaped() {
    let hostile = b"\x1b]0;title\x07\x1b[2J\xc2\x9b31m\xe2\x80\xae\n";
    for form in ["--color=always", "--plain", "--json"] {
        let ear = listen(&[form]);
        call(ear.address).write_all(hostile).unwrap();
        let line = ear.running.line_with("title");
        let line = line.replace("\u{1b}[", "");
        assert!(!line.chars().any(char::is_control), "{form}: {line:?}");
    }
}

#[test]
fn lines_keep_to_the_terminal() {
    for columns in ["40", "80"] {
        let ear = listen_wide(columns, &["--echo"]);
        let long = "x".repeat(200);
        connect(&ear.home, ear.address, &[], format!("{long}\n").as_bytes()).exits(0);
        let lines = until_closed(&ear);
        let wide: Vec<_> =
            lines.iter().filter(|line| line.chars().count() > columns.parse().unwrap()).collect();
        assert!(wide.is_empty(), "{columns}: {wide:?}");
        // The line that says where it listens may go on below itself.
        let mut told = lines.iter().skip_while(|line| !line.starts_with("1 connected")).peekable();
        assert!(told.peek().is_some() && told.all(|line| line.starts_with("1 ")), "{lines:?}");
    }
}

#[test]
fn for_programs_every_line_is_a_document() {
    let ear = listen(&["--json", "--echo"]);
    let mut client = call(ear.address);
    client.write_all(b"\xff\x00").unwrap();
    client.read_exact(&mut [0; 2]).unwrap();
    drop(client);
    let connected: Value = serde_json::from_str(&ear.running.line()).unwrap();
    assert_eq!(connected["connected"]["client"], 1);
    let opened: Value = serde_json::from_str(&ear.running.line()).unwrap();
    assert_eq!(opened["event"]["what"], "opened");
    let waiting: Value = serde_json::from_str(&ear.running.line()).unwrap();
    assert_eq!(waiting["event"]["what"], "waiting");
    let read: Value = serde_json::from_str(&ear.running.line()).unwrap();
    assert_eq!((&read["event"]["hex"], &read["event"]["len"]), (&"ff00".into(), &2.into()));
    ear.running.line_with("finished");
    let (_, _, lines, _) = ear.running.terminate();
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(last["stopped"]["clients"], 1);
}

#[cfg(unix)]
#[test]
fn asked_to_stop_it_stops_at_once_and_its_port_is_free() {
    for options in [&[][..], &["--echo", "--sleepy", "10s"], &["--no-accept"], &["--udp"]] {
        for signal in ["TERM", "INT"] {
            let ear = listen(options);
            let _client = (!options.contains(&"--udp")).then(|| call(ear.address));
            let kill = format!("kill -{signal} {}", ear.running.id());
            let began = std::time::Instant::now();
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
            let (status, _, _, err) = ear.running.ended();
            let took = began.elapsed();
            assert!(status.success() && err.contains("the port is free again"), "{options:?} {status} {err}");
            assert!(took < Duration::from_millis(300), "{options:?} {signal}: {took:?}");
            if options.contains(&"--udp") {
                UdpSocket::bind(ear.address).unwrap();
            } else {
                TcpListener::bind(ear.address).unwrap();
            }
        }
    }
}

#[test]
fn what_cannot_be_is_explained() {
    let home = home();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _holder = TcpListener::bind(taken).unwrap();
    let port = taken.port().to_string();
    run(home.path(), ["listen", &port])
        .exits(4)
        .says(&["is taken by", "try: take another port: netlab listen"]);
    let held = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    run(home.path(), ["listen", "--udp", &port]).exits(4).says(&["is taken by"]);
    // Both attempts are evidence: a server without a client, and why it could not listen.
    let attempts = recorded(&home, "listen");
    assert_eq!(
        attempts.iter().filter_map(|flow| flow.server.socket()).collect::<Vec<_>>(),
        [taken, held.local_addr().unwrap()]
    );
    for flow in attempts {
        assert_eq!((&flow.client, flow.seen, flow.events.len()), (&None, Side::Server, 1));
        let What::Failed(trouble) = flow.events[0].what else { panic!("{flow:?}") };
        assert_eq!(trouble.kind, TroubleKind::AddressInUse);
    }
    run(home.path(), ["listen", "0.0.0.0:0"])
        .exits(2)
        .says(&["can be reached from other machines", "--expose"]);
    run(home.path(), ["listen", "0", "--expose"]).exits(2).says(&["is loopback"]);
    run(home.path(), ["listen", "nowhere"]).exits(2).says(&["nowhere is not a place to listen on"]);
    run(home.path(), ["listen", "192.0.2.1:0", "--expose"])
        .exits(4)
        .says(&["is not an address of this machine"]);
    run(home.path(), ["listen", "0", "--say-first", r"\q"]).exits(2).says(&["a backslash is followed by"]);
    run(home.path(), ["listen", "0", "--sleepy", "5"]).exits(2).says(&["a number and a unit"]);
}

#[test]
fn exposed_it_says_what_that_means() {
    let home = home();
    let running = Running::start(home.path(), ["listen", "0.0.0.0:0", "--expose", "--quiet"]);
    running.line_with("listening on 0.0.0.0:");
    let (status, _, _, err) = running.terminate();
    assert!(status.success());
    assert!(
        err.split_whitespace().collect::<Vec<_>>().join(" ").contains("everybody who can reach this machine")
    );
}
