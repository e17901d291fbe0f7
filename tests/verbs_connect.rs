//! What `netlab connect` can be told: from where, over what, how much and how it ends.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;
#[cfg(unix)]
#[path = "common/screen.rs"]
mod screen;

use std::io::{Read, Write};
#[cfg(unix)]
use std::net::Ipv6Addr;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::mpsc::channel;

#[cfg(unix)]
use netlab::net::interfaces::{Interface, interfaces};

use peer::{closed_port, says, server, server_at};
use run::{DEADLINE, Ran, Running, finish, home, ipv6, netlab, run, tool};

fn talk(address: SocketAddr, options: &[&str], input: &[u8]) -> Ran {
    let home = home();
    let place = address.to_string();
    finish(netlab(home.path(), ["connect", &place].iter().chain(options)), input)
}

#[test]
fn the_near_end_can_be_chosen() {
    let (sender, clients) = channel();
    let address = server(move |stream| sender.send(stream.peer_addr().unwrap()).unwrap());
    let free = closed_port().port().to_string();
    talk(address, &["--source-port", &free], b"").exits(0);
    assert_eq!(clients.recv_timeout(DEADLINE).unwrap().port().to_string(), free);
    talk(address, &["--bind", "127.0.0.1"], b"").exits(0);
    assert_eq!(clients.recv_timeout(DEADLINE).unwrap().ip().to_string(), "127.0.0.1");
    talk(address, &["--bind", "192.0.2.1"], b"").exits(4).says(&["cannot come from 192.0.2.1"]);
    talk(address, &["--bind", "::1"], b"").exits(1).says(&["IPv4 goes to IPv4, IPv6 to IPv6"]);
}

#[test]
fn a_connection_exists_once() {
    let (sender, open) = channel();
    let address = server(move |stream| sender.send(stream).unwrap());
    let home = home();
    let free = closed_port().port().to_string();
    let place = address.to_string();
    let first = Running::start(home.path(), ["connect", &place, "--source-port", &free]);
    first.line_with("connected");
    let _stream = open.recv_timeout(DEADLINE).unwrap();
    let second = run(home.path(), ["connect", &place, "--source-port", &free]).exits(4);
    second.says(&[&format!("cannot come from port {free}"), "each such four exists once"]);
}

#[test]
fn each_datagram_stands_alone() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let address = socket.local_addr().unwrap();
    let home = home();
    let place = address.to_string();
    let mut running = Running::start(home.path(), ["connect", "--udp", &place, "--read", "2"]);
    let mut buffer = [0; 100];
    for line in ["a", "bb", "", "cccc"] {
        running.type_line(line);
        let (len, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], line.as_bytes());
        socket.send_to(&buffer[..len], from).unwrap();
        running.line_with("room for 2");
    }
    running.line_with("< cc");
    running.line_with("that datagram was 4 bytes long");
    let (status, _, _, err) = running.ended();
    assert!(status.success() && err.contains("UDP has no way to say"), "{status} {err}");
}

#[test]
fn a_closed_port_answers_datagrams_with_icmp() {
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = talk(closed, &["--udp"], b"hello\n").exits(1);
    ran.says(&["refused (ICMP port unreachable)", &format!("error: no program takes datagrams on {closed}")]);
    let document = talk(closed, &["--udp", "--json"], b"hello\n").exits(1).document();
    assert_eq!(document["flows"][0]["events"][2]["kind"], "refused");
}

#[test]
fn a_datagram_has_a_largest_size() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let input = vec![b'x'; 65_508];
    talk(socket.local_addr().unwrap(), &["--udp"], &input).exits(1).says(&["too long for one datagram"]);
}

#[test]
fn the_first_words_and_the_end_can_be_chosen() {
    let (sender, heard) = channel();
    let address = server(move |mut stream| {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let _ = stream.write_all(b"thank you");
        sender.send(all).unwrap();
    });
    // Its input stays open: it has finished all the same.
    let home = home();
    let place = address.to_string();
    let options = ["connect", &place, "--half-close", "--say-first", r"GET /\r\n\x00"];
    let running = Running::start(home.path(), options);
    running.line_with("you finished (FIN)");
    running.line_with("< thank you");
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), b"GET /\r\n\0");
    let (status, ..) = running.ended();
    assert!(status.success());
}

#[test]
fn enough_is_enough_in_small_reads() {
    let address = says("0123456789");
    let ran = talk(address, &["--read", "3", "--close-after", "5"], b"x\r\n\r\n").exits(0);
    let text = ran.text();
    assert!(text.contains("read 2: 3 bytes") && !text.contains("read 3"), "{text}");
}

#[test]
fn with_keep_the_person_goes_on_when_the_server_has_finished() {
    let (sender, heard) = channel();
    let address = server(move |mut stream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        sender.send(all).unwrap();
    });
    let home = home();
    let mut running = Running::start(home.path(), ["connect", &address.to_string(), "--keep"]);
    running.line_with("the server finished (FIN)");
    running.type_line("one more thing");
    running.end_input();
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), "one more thing\r\n");
    let (status, ..) = running.ended();
    assert!(status.success());
}

#[test]
fn both_directions_run_at_once() {
    // Neither end reads until it has written more than the kernel holds for it: taking turns would stall.
    const MANY: usize = 16 * 1024 * 1024;
    let (sender, heard) = channel();
    let address = server(move |mut stream| {
        let mut other = stream.try_clone().unwrap();
        let reading = std::thread::spawn(move || std::io::copy(&mut other, &mut std::io::sink()).unwrap());
        stream.write_all(&vec![b'y'; MANY]).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        sender.send(reading.join().unwrap()).unwrap();
    });
    let ran = talk(address, &["--raw"], &vec![b'x'; MANY]).exits(0);
    assert_eq!(ran.out.len(), MANY);
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), MANY as u64);
}

#[test]
fn raw_bytes_come_out_untouched_and_lines_stay_lines() {
    let all: Vec<u8> = (0..=255).collect();
    let echo = server(|mut stream| {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let _ = stream.write_all(&all);
    });
    assert_eq!(talk(echo, &["--raw", "--quiet"], &all).exits(0).out, all);
    talk(echo, &[], b"a\n").exits(0).says(&["< a\\r\\n"]);
    talk(echo, &["--raw", "--json"], b"").exits(2);
}

#[cfg(unix)]
#[test]
fn raw_bytes_never_go_to_a_terminal() {
    let home = home();
    let address = says("x");
    let mut terminal =
        screen::netlab(home.path(), screen::USUAL, &["connect", &address.to_string(), "--raw"]);
    assert_eq!(terminal.ended().exit_code(), 2);
    assert!(terminal.shows("error: raw bytes do not go to a terminal"), "{:?}", terminal.screen());
}

#[test]
fn nc_listens_and_hears() {
    if !tool("nc", "-h") {
        return;
    }
    let port = closed_port().port().to_string();
    let mut command = Command::new("nc");
    command.args(["-v", "-l", "127.0.0.1", &port]);
    let mut nc = Running::of(command);
    nc.type_line("from nc");
    let home = home();
    let place = format!("127.0.0.1:{port}");
    let began = std::time::Instant::now();
    // nc does not say when it listens, so it is called until it does.
    let ran = loop {
        let options = ["connect", &place, "--close-after", "8", "--say-first", r"from netlab\n"];
        let ran = finish(netlab(home.path(), options), b"");
        if ran.code == Some(0) || began.elapsed() > DEADLINE {
            break ran;
        }
    };
    ran.exits(0).says(&["< from nc"]);
    assert_eq!(nc.line(), "from netlab");
}

#[test]
fn python_answers_half_closed_and_breaks_off() {
    if !tool("python3", "--version") {
        return;
    }
    // The first client is answered when it has finished, the second is broken off.
    let script = "import socket, struct\n\
        l = socket.create_server(('127.0.0.1', 0)); l.settimeout(20); print(l.getsockname()[1], flush=True)\n\
        s, _ = l.accept(); s.settimeout(20); d = s.makefile('rb').read(); s.sendall(b'heard ' + d); s.close()\n\
        s, _ = l.accept(); s.settimeout(20); s.recv(1)\n\
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()";
    let mut command = Command::new("python3");
    command.args(["-u", "-c", script]);
    let python = Running::of(command);
    let address: SocketAddr = format!("127.0.0.1:{}", python.line()).parse().unwrap();
    let ran = talk(address, &["--lf"], b"one\ntwo\n").exits(0);
    ran.says(&["write: 4 bytes", "< heard one\\n < two\\n"]);
    talk(address, &[], b"x\n").exits(1).says(&["the server broke the connection off (RST)"]);
}

#[test]
fn socat_repeats_what_it_is_told() {
    if !tool("socat", "-V") {
        return;
    }
    let port = closed_port().port();
    let mut command = Command::new("socat");
    command.args([&format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork"), "EXEC:cat"]);
    let _socat = Running::of(command);
    let began = std::time::Instant::now();
    let address: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    // socat does not say when it listens, so it is called until it does.
    let ran = loop {
        let ran = talk(address, &["--raw"], b"\x00\xff\r\nbytes");
        if ran.code == Some(0) || began.elapsed() > DEADLINE {
            break ran;
        }
    };
    assert_eq!(ran.exits(0).out, b"\x00\xff\r\nbytes");
}

#[test]
fn a_proxy_in_the_environment_is_passed_by_and_that_is_said_once() {
    let address = says("x");
    for (option, said) in [("--color=auto", 1), ("--json", 1), ("--quiet", 0)] {
        let home = home();
        let place = address.to_string();
        let mut command = netlab(home.path(), ["connect", &place, option]);
        command.env("http_proxy", "http://127.0.0.1:1").env("ALL_PROXY", "socks5://127.0.0.1:1");
        let ran = finish(command, b"x\r\n\r\n").exits(0);
        assert_eq!(ran.complaint().matches("goes past that proxy").count(), said, "{option}");
    }
}

#[test]
fn an_ipv6_server_is_reached_over_udp_too() {
    if !ipv6() {
        return;
    }
    let socket = UdpSocket::bind("[::1]:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    talk(socket.local_addr().unwrap(), &["--udp", "--wait", "10ms"], b"six\n").exits(0);
    let mut buffer = [0; 10];
    assert_eq!(socket.recv(&mut buffer).unwrap(), 3);
    let address = server_at("[::1]:0", |mut stream| {
        let _ = stream.write_all(b"six");
    });
    talk(address, &["--bind", "::1"], b"").exits(0).says(&["< six"]);
}

/// The interface that loopback is on, by its name in this system.
#[cfg(unix)]
fn loopback() -> String {
    let has = |one: &Interface| one.addresses.iter().any(|address| address.ip == Ipv6Addr::LOCALHOST);
    interfaces().unwrap().into_iter().find(has).unwrap().name
}

#[cfg(unix)]
#[test]
fn an_address_may_say_on_which_link_it_is() {
    if !ipv6() {
        return;
    }
    let home = home();
    let (address, link) = (
        server_at("[::1]:0", |mut stream| {
            let _ = stream.write_all(b"HTTP/1.0 204 No Content\r\n\r\n");
        }),
        loopback(),
    );
    let port = address.port();
    let place = format!("[::1%{link}]:{port}");
    run(home.path(), ["connect", &place]).exits(0).says(&["< HTTP/1.0 204 No Content"]);
    for zone in [format!("%25{link}"), format!("%{link}")] {
        let url = format!("http://[::1{zone}]:{port}/");
        let ran = run(home.path(), ["raw-get", &url]).exits(0).says(&["is an address already", "204"]);
        assert!(ran.text().contains(&format!("[::1]:{port}")), "Host has no zone: {}", ran.text());
    }
    let ran = run(home.path(), ["connect", "[fe80::1%no-such-link]:80"]).exits(2);
    assert!(ran.complaint().contains("this machine has no interface no-such-link"), "{}", ran.complaint());
    assert!(ran.complaint().contains("those it has: ") && ran.complaint().contains(&link));
}
