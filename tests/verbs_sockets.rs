//! `netlab addrs`, `netlab sockets`, and what somebody is told who was refused: with sockets made here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Instant;

use run::{DEADLINE, Ran, finish, home, ipv6, netlab, run, skipped, tool};
use serde_json::Value;
use tempfile::TempDir;

/// Where there are no tables to read, the verb says so, and that is all there is to try.
fn has_tables(home: &TempDir) -> bool {
    if cfg!(target_os = "linux") {
        return true;
    }
    run(home.path(), ["sockets"]).exits(4).says(&["cannot be read", "/proc/net"]);
    skipped("this system has no tables of sockets");
    false
}

fn sockets(home: &TempDir, options: &[&str]) -> Vec<Value> {
    let ran = run(home.path(), ["sockets", "--json"].iter().chain(options)).exits(0);
    ran.document()["sockets"].as_array().unwrap().clone()
}

/// The socket between these two ends, once it is in this state. A FIN takes its time, even on loopback.
fn waits_for(home: &TempDir, local: SocketAddr, remote: SocketAddr, state: &str) -> Value {
    let began = Instant::now();
    let port = local.port().to_string();
    let mut seen = Vec::new();
    while began.elapsed() < DEADLINE {
        seen = sockets(home, &["--tcp", "--port", &port]);
        let is_it = |socket: &&Value| {
            socket["local"] == local.to_string()
                && socket["remote"] == remote.to_string()
                && socket["state"] == state
        };
        if let Some(found) = seen.iter().find(is_it) {
            return found.clone();
        }
    }
    panic!("no {state} from {local} to {remote} in {seen:#?}");
}

/// A listener, a client of it and the connection it accepted.
fn connection(address: &str) -> (TcpListener, TcpStream, TcpStream) {
    let listener = TcpListener::bind(address).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (served, _) = listener.accept().unwrap();
    (listener, client, served)
}

fn ends(stream: &TcpStream) -> (SocketAddr, SocketAddr) {
    (stream.local_addr().unwrap(), stream.peer_addr().unwrap())
}

fn at_width(home: &TempDir, columns: usize, words: &[&str]) -> Ran {
    let mut command = netlab(home.path(), words);
    command.env("COLUMNS", columns.to_string()).env("NO_COLOR", "1");
    let ran = finish(command, b"");
    for line in ran.text().lines().chain(String::from_utf8_lossy(&ran.err).lines()) {
        assert!(line.chars().count() <= columns, "{line:?} is wider than {columns}");
    }
    assert!(!ran.out.contains(&0x1b) && !ran.err.contains(&0x1b), "{words:?}: colour in spite of NO_COLOR");
    ran
}

#[test]
fn a_listener_a_caller_and_the_one_who_answers_are_three_sockets() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let (listener, client, _served) = connection("127.0.0.1:0");
    let (here, there) = ends(&client);
    let port = there.port().to_string();
    let found = sockets(&home, &["--port", &port]);
    let short: Vec<_> =
        found.iter().map(|one| (one["state"].as_str().unwrap(), one["local"].as_str().unwrap())).collect();
    let (here, there) = (here.to_string(), there.to_string());
    assert_eq!(short[0], ("LISTEN", there.as_str()), "those who wait come first");
    assert_eq!(short.len(), 3, "{short:?}");
    assert!(short.contains(&("ESTABLISHED", &there)) && short.contains(&("ESTABLISHED", &here)));
    for socket in &found {
        assert_eq!(socket["programs"][0]["pid"], std::process::id(), "{socket}");
        assert_eq!(socket["held_by"], "programs");
    }
    assert_eq!((&found[0]["not_accepted"], &found[0]["receive_queue"]), (&0.into(), &Value::Null));
    let listening = sockets(&home, &["--port", &port, "--listening"]);
    assert_eq!(listening.len(), 1);
    assert_eq!(sockets(&home, &["--port", &port, "--udp"]), [] as [Value; 0]);
    drop(listener);
}

#[test]
fn a_connection_nobody_has_accepted_belongs_to_no_program_yet() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (here, there) = ends(&client);
    assert_eq!(waits_for(&home, there, here, "ESTABLISHED")["held_by"], "kernel");
    let port = there.port().to_string();
    assert_eq!(sockets(&home, &["--listening", "--port", &port])[0]["not_accepted"], 1);
    run(home.path(), ["sockets", "--port", &port])
        .exits(0)
        .says(&["1 connection not accepted yet", "no program yet: it waits to be accepted"]);
}

#[test]
fn who_closes_first_waits_and_who_is_told_should_close() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let (_listener, client, mut served) = connection("127.0.0.1:0");
    let (here, there) = ends(&client);
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(served.read(&mut [0]).unwrap(), 0);
    waits_for(&home, here, there, "FIN-WAIT-2");
    let told = waits_for(&home, there, here, "CLOSE-WAIT");
    assert!(told["meaning"].as_str().unwrap().contains("has not closed yet"), "{told}");
    drop(served);
    let over = waits_for(&home, here, there, "TIME-WAIT");
    assert_eq!(over["held_by"], "kernel", "a connection that is over needs no program");
}

#[test]
fn bytes_that_wait_are_counted() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let (_listener, mut client, served) = connection("127.0.0.1:0");
    let (here, there) = ends(&client);
    client.write_all(b"hello").unwrap();
    // The bytes are there once they can be looked at.
    served.set_read_timeout(Some(DEADLINE)).unwrap();
    while served.peek(&mut [0; 8]).unwrap() < 5 {}
    let found = waits_for(&home, there, here, "ESTABLISHED");
    assert_eq!((&found["receive_queue"], &found["send_queue"]), (&5.into(), &0.into()));
    let port = here.port().to_string();
    run(home.path(), ["sockets", "--port", &port]).exits(0).says(&["5 bytes not read yet"]);
}

#[test]
fn an_ipv6_listener_and_udp_are_there_too() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let open = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = open.local_addr().unwrap();
    let partner = UdpSocket::bind("127.0.0.1:0").unwrap();
    partner.connect(address).unwrap();
    let found = sockets(&home, &["--udp", "--port", &address.port().to_string()]);
    let states: Vec<_> = found.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["unconnected", "connected"]);
    assert_eq!(found[1]["remote"], address.to_string());
    if ipv6() {
        let (listener, client, _served) = connection("[::1]:0");
        let address = listener.local_addr().unwrap();
        let mut found = sockets(&home, &["--port", &address.port().to_string()]);
        // Whoever had the port before may have left some behind.
        found.retain(|one| one["state"] != "TIME-WAIT");
        assert_eq!((found.len(), &found[0]["local"]), (3, &address.to_string().into()));
        drop(client);
    }
}

#[test]
fn what_it_says_of_a_listener_depends_on_its_address() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    for (address, said, noted) in [
        ("127.0.0.1:0", "open to this machine only", "nobody else can call there"),
        ("0.0.0.0:0", "open at every IPv4 address of this machine", "mean every address of this machine"),
    ] {
        let listener = TcpListener::bind(address).unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let ran = run(home.path(), ["sockets", "--port", &port]).exits(0);
        let ran = ran.says(&[said, noted, "a program waits for calls"]);
        assert!(ran.text().contains(&format!("(pid {})", std::process::id())), "{}", ran.text());
    }
}

#[test]
fn two_clients_differ_in_their_ports() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let (listener, first, _served) = connection("127.0.0.1:0");
    let second = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    run(home.path(), ["sockets", "--port", &port])
        .exits(0)
        .says(&["differ at the other, most often in the client's port"]);
    drop((first, second));
}

#[test]
fn both_verbs_fit_80_and_40_columns_without_colour() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let (_listener, client, _served) = connection("127.0.0.1:0");
    let (here, there) = ends(&client);
    let port = there.port().to_string();
    let wide = at_width(&home, 80, &["sockets", "--port", &port]).exits(0).text();
    assert!(wide.contains(&format!("\n  tcp  ESTABLISHED   {here} → {there}\n")), "{wide}");
    let narrow = at_width(&home, 40, &["sockets", "--port", &port, "--plain"]).exits(0).text();
    assert!(narrow.contains("tcp ESTABLISHED") && narrow.is_ascii(), "{narrow}");
    at_width(&home, 20, &["sockets", "--port", &port]).exits(0);
    for columns in [120, 80, 40, 20] {
        at_width(&home, columns, &["addrs"]).exits(0).says(&["127.0.0.1/8", "loopback"]);
        at_width(&home, columns, &["addrs", "192.168.1.5"]).exits(0).says(&["private"]);
    }
    assert!(at_width(&home, 80, &["addrs", "--plain"]).text().lines().all(|line| !line.contains('→')));
    let quiet = at_width(&home, 80, &["sockets", "--quiet", "--port", &port]).exits(0);
    assert!(quiet.err.is_empty() && !quiet.text().contains("What the states mean"), "{}", quiet.text());
}

#[test]
fn a_port_without_sockets_is_an_answer() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    // Not one that the system gives to clients: those may be remembered in TIME-WAIT by somebody else.
    let free = (20_000..30_000_u16).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap();
    let free = free.to_string();
    run(home.path(), ["sockets", "--port", &free])
        .exits(0)
        .says(&[&format!("No socket on port {free} fits")]);
    assert_eq!(sockets(&home, &["--port", &free]), [] as [Value; 0]);
    run(home.path(), ["sockets", "--tcp", "--udp"]).exits(2).says(&["cannot be used with"]);
}

/// What `ss` (iproute2) says of the same connection: its state, both queues, both ends.
#[test]
fn ss_sees_the_same() {
    let home = home();
    if !has_tables(&home) || !tool("ss", "--version") {
        return;
    }
    let (_listener, mut client, served) = connection("127.0.0.1:0");
    client.write_all(b"seven!!").unwrap();
    while served.peek(&mut [0; 8]).unwrap() < 7 {}
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let (here, there) = ends(&client);
    let told = waits_for(&home, there, here, "CLOSE-WAIT");
    waits_for(&home, here, there, "FIN-WAIT-2");
    let output =
        Command::new("ss").args(["-tanH", "sport", "=", &there.port().to_string()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.into_iter().find(|row| row[4] == here.to_string()).unwrap_or_else(|| panic!("{text}"));
    let ours = [
        told["state"].as_str().unwrap().to_owned(),
        told["receive_queue"].to_string(),
        told["send_queue"].to_string(),
        told["local"].as_str().unwrap().to_owned(),
        told["remote"].as_str().unwrap().to_owned(),
    ];
    assert_eq!(ours, [row[0], row[1], row[2], row[3], row[4]]);
}

#[test]
fn addrs_lists_loopback_with_its_kind() {
    let home = home();
    if !cfg!(unix) {
        run(home.path(), ["addrs"]).exits(4).says(&["getifaddrs"]);
        return skipped("interfaces are read on Unix systems only");
    }
    let document = run(home.path(), ["addrs", "--json"]).exits(0).document();
    let all = document["addresses"].as_array().unwrap();
    let loopback = all.iter().find(|one| one["address"] == "127.0.0.1").unwrap();
    assert_eq!((&loopback["kind"], &loopback["reach"]), (&"loopback".into(), &"machine".into()));
    assert_eq!((&loopback["prefix"], &loopback["range"]), (&8.into(), &"127.0.0.0/8".into()));
    let interface = |one: &&Value| one["name"] == loopback["interface"];
    assert_eq!(document["interfaces"].as_array().unwrap().iter().find(interface).unwrap()["up"], true);
    run(home.path(), ["addrs"]).exits(0).says(&[
        "127.0.0.1/8",
        "this machine only",
        "RFC 1122 §3.2.1.3",
        "only somebody outside can tell",
        "a server that listens on 0.0.0.0 is reached at every IPv4 address of this machine: 127.0.0.1",
    ]);
}

/// `ip` (iproute2) lists the same addresses with the same prefixes.
#[test]
fn ip_lists_the_same_addresses() {
    let home = home();
    if !tool("ip", "-V") {
        return;
    }
    let output = Command::new("ip").args(["-o", "address"]).output().unwrap();
    let mut theirs: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .map(|words| format!("{} {}", words[1], words[3]))
        .collect();
    let document = run(home.path(), ["addrs", "--json"]).exits(0).document();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let mut ours: Vec<String> = document["addresses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}/{}", word(&one["interface"]), word(&one["address"]), one["prefix"]))
        .collect();
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
}

#[test]
fn any_address_is_explained() {
    let home = home();
    run(home.path(), ["addrs", "192.168.1.5/24", "[fe80::1%eth0]", "100.64.0.1", "::ffff:127.0.0.1"])
        .exits(0)
        .says(&[
            "private, as all of 192.168.0.0/16 (RFC 1918 §3)",
            "fe80::1 kind link-local, as all of fe80::/10 (RFC 4291 §2.5.6)",
            "machines of one provider's network",
            "inside 127.0.0.1: loopback",
        ]);
    let document = run(home.path(), ["addrs", "--json", "2002:c000:201::1"]).exits(0).document();
    assert_eq!(document["addresses"][0]["stands_for"], "192.0.2.1");
    assert!(document["addresses"][0]["interface"].is_null());
    for odd in ["garden.test", "", "256.1.1.1", "1.2.3", "\u{1b}[2J"] {
        let ran = run(home.path(), ["addrs", odd]).exits(2).says(&["is no address", "netlab resolve NAME"]);
        assert!(!ran.err.contains(&0x1b));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_any_address_is_told_so_kindly() {
    let home = home();
    let alone = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", env!("CARGO_BIN_EXE_netlab")]).args(words);
        command.env("NETLAB_HOME", home.path());
        finish(command, b"")
    };
    if !tool("unshare", "--version") {
        return;
    }
    let ran = alone(&["addrs"]);
    if ran.complaint().contains("unshare") {
        return skipped(&format!("no network namespace can be made here: {}", ran.complaint()));
    }
    ran.exits(0).says(&["lo (down", "no address", "There is no address to use here", "ip link set lo up"]);
    assert_eq!(alone(&["addrs", "--json"]).exits(0).document()["addresses"], Value::Array(Vec::new()));
    alone(&["sockets"]).exits(0).says(&["No socket fits"]);
}

#[test]
fn who_is_refused_is_told_who_listens_instead() {
    let home = home();
    if !has_tables(&home) {
        return;
    }
    let other = TcpListener::bind("127.0.0.2:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let refused = format!("127.0.0.1:{port}");
    let ran = run(home.path(), ["connect", &refused]).exits(1).says(&[
        &format!("error: nothing listens on {refused}"),
        "RST came back at once",
        "try: the same port at another address: ",
        &format!("(pid {}) listens on 127.0.0.2:{port}", std::process::id()),
    ]);
    assert!(ran.complaint().matches("try: ").count() <= 4, "{}", ran.complaint());
    drop(other);
    // The nearest port there is, so whatever else listens here comes later.
    let (asked, own) = neighbours();
    let own_port = own.local_addr().unwrap().port();
    let said = format!("(pid {}) listens on 127.0.0.1:{own_port}", std::process::id());
    let ran = run(home.path(), ["raw-get", &format!("http://127.0.0.1:{asked}/")]).exits(1);
    let ran = ran.says(&["try: another port: your ", &said]);
    assert!(
        ran.complaint().find(&said) < ran.complaint().find("check the port"),
        "the likeliest comes first"
    );
}

/// A port on which nothing listens, and a listener on the one above it.
fn neighbours() -> (u16, TcpListener) {
    loop {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if let Some(above) = free.checked_add(1)
            && let Ok(listener) = TcpListener::bind(("127.0.0.1", above))
        {
            return (free, listener);
        }
    }
}
