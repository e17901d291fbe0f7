//! `netlab serve` among many clients: slow ones, more than there are descriptors for, a flood, and big refusals.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use run::{DEADLINE, Running, home, netlab};
use tempfile::TempDir;

struct Server {
    running: Running,
    address: SocketAddr,
    _home: TempDir,
}

fn serve(options: &[&str]) -> Server {
    let home = home();
    started(netlab(home.path(), ["serve", "--port", "0"].iter().chain(options)), home)
}

/// The same with so many descriptors and no way to more.
#[cfg(target_os = "linux")]
fn serve_with_descriptors(many: u32) -> Server {
    let home = home();
    let inner = netlab(home.path(), ["serve", "--port", "0"]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {many} && exec \"$0\" \"$@\"")]);
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    started(command, home)
}

fn started(mut command: Command, home: TempDir) -> Server {
    command.env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let address =
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    Server { running, address, _home: home }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// One request on a connection of its own, and all that comes back.
fn get(address: SocketAddr) -> String {
    let mut stream = connect(address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn clients_that_never_finish_a_head_hold_nobody_up_and_are_told_so() {
    let server = serve(&[]);
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = connect(server.address);
            stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").unwrap();
            stream
        })
        .collect();
    for _ in 0..50 {
        assert!(get(server.address).starts_with("HTTP/1.1 200 OK"), "a normal client is served");
    }
    for mut stream in slow {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout"), "{answer}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn with_more_clients_than_descriptors_it_says_so_once_and_serves_again_when_some_leave() {
    const DESCRIPTORS: usize = 64;
    let server = serve_with_descriptors(64);
    // Handshakes are the kernel's, so all of these succeed.
    let crowd: Vec<TcpStream> = (0..2 * DESCRIPTORS).map(|_| connect(server.address)).collect();
    let open = || std::fs::read_dir(format!("/proc/{}/fd", server.running.id())).unwrap().count();
    let began = std::time::Instant::now();
    while open() < DESCRIPTORS {
        assert!(began.elapsed() < DEADLINE, "{} of its descriptors are in use", open());
        std::thread::yield_now();
    }
    drop(crowd);
    assert!(get(server.address).starts_with("HTTP/1.1 200 OK"), "it serves again");
    let (status, _, _, complaints) = server.running.terminate();
    assert!(status.success(), "{status}: {complaints}");
    assert_eq!(complaints.matches("no file descriptors left").count(), 1, "{complaints}");
}

#[test]
fn connections_beyond_the_limit_wait_until_one_closes() {
    let server = serve(&["--connections", "2"]);
    let crowd: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(server.address);
            stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            assert!(stream.read(&mut [0; 512]).unwrap() > 0, "it is in");
            stream
        })
        .collect();
    let mut waiting = connect(server.address);
    waiting.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    drop(crowd);
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let (_, _, _, complaints) = server.running.terminate();
    assert!(complaints.contains("2 connections are open, which is the limit"), "{complaints}");
}

#[test]
fn of_a_flood_some_requests_are_listed_and_all_are_counted() {
    let server = serve(&["--workers", "2"]);
    let mut stream = connect(server.address);
    stream.write_all("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000).as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 1000);
    let (_, _, lines, complaints) = server.running.terminate();
    let listed = lines.iter().filter(|line| line.starts_with("#1.")).count();
    let left_out: usize = lines
        .iter()
        .filter_map(|line| line.strip_prefix("… ")?.split(' ').next()?.replace(',', "").parse::<usize>().ok())
        .sum();
    assert_eq!(listed + left_out, 1000, "{lines:#?}");
    assert!(complaints.contains("1,000 requests answered"), "{complaints}");
}

#[test]
fn what_is_far_too_long_is_refused_and_the_refusal_arrives() {
    let server = serve(&[]);
    let host = "Host: localhost\r\n";
    for (request, status) in [
        (format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(100_000)), 414),
        (format!("GET / HTTP/1.1\r\n{host}A: {}\r\n\r\n", "a".repeat(1_000_000)), 431),
        (format!("POST / HTTP/1.1\r\n{host}Content-Length: 2000000\r\n\r\n{}", "a".repeat(2_000_000)), 413),
    ] {
        let mut stream = connect(server.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer).map_err(|error| error.kind());
        assert_ne!(end, Err(ErrorKind::ConnectionReset), "{status}: the connection ends in order");
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
    }
}

#[test]
fn keep_alive_of_nothing_closes_behind_each_answer() {
    let server = serve(&["--keep-alive", "0s"]);
    let mut stream = connect(server.address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

/// One worker has its descriptors to itself; whatever it closes is closed, because nobody else holds it open.
#[test]
fn what_a_single_worker_closes_is_closed() {
    let server = serve(&["--workers", "1", "--keep-alive", "0s"]);
    for _ in 0..3 {
        let mut stream = connect(server.address);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("Hello from my netlab server"), "{answer}");
    }
}

/// With `--bytes` every byte of a request is shown, and a terminal that somebody has stopped takes none of them.
#[test]
fn a_screen_that_stands_still_holds_nobody_up() {
    let home = home();
    let mut command = netlab(home.path(), ["--bytes", "serve", "--port", "0"]);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut screen = BufReader::new(server.stdout.take().unwrap());
    let mut first = String::new();
    screen.read_line(&mut first).unwrap();
    let address =
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    // A pipe holds 64 KiB, and of these 64 wait to be shown, each in more than 4 KiB.
    for _ in 0..200 {
        assert!(get(address).starts_with("HTTP/1.1 200 OK"));
    }
    let shown = std::thread::spawn(move || {
        let mut rest = String::new();
        screen.read_to_string(&mut rest).map(|_| rest)
    });
    let stop = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(stop.unwrap().success() && server.wait().unwrap().success());
    let shown = shown.join().unwrap().unwrap();
    assert!(shown.len() > 64 * 1024, "as much as the pipe held, and more: {}", shown.len());
}
