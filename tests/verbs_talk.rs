//! `netlab raw-get` and `netlab connect` against servers that behave in every way servers do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use peer::{read_head, reset, says, server, server_at};
use run::{DEADLINE, Ran, Running, finish, home, ipv6, netlab, run, skipped, tool};

fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    let url = format!("http://{address}/");
    run(home.path(), ["raw-get", &url].iter().chain(options))
}

#[test]
fn the_request_says_where_it_goes_and_what_it_wants() {
    let (sender, heads) = channel();
    let address = server(move |mut stream| {
        let _ = sender.send(read_head(&mut stream));
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let home = home();
    run(home.path(), ["raw-get", &format!("http://{address}/a/b?c=d&e=%20#part")]).exits(0);
    let head = String::from_utf8(heads.recv_timeout(DEADLINE).unwrap()).unwrap();
    assert!(head.starts_with("GET /a/b?c=d&e=%20 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nHost: {address}\r\n")), "{head}");
    assert!(head.contains("\r\nConnection: close\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    // A host alone is enough.
    run(home.path(), ["raw-get", &address.to_string()]).exits(0);
    assert!(heads.recv_timeout(DEADLINE).unwrap().starts_with(b"GET / HTTP/1.1\r\n"));
}

#[test]
fn an_ipv6_literal_goes_in_brackets() {
    if !ipv6() {
        return;
    }
    let (sender, heads) = channel();
    let address = server_at("[::1]:0", move |mut stream| {
        let _ = sender.send(read_head(&mut stream));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix");
    });
    assert_eq!(get(address, &["-q"]).exits(0).text(), "six\n");
    let head = String::from_utf8(heads.recv_timeout(DEADLINE).unwrap()).unwrap();
    assert!(head.contains(&format!("\r\nHost: [::1]:{}\r\n", address.port())), "{head}");
}

#[test]
fn content_with_a_length_is_shown_and_the_rest_is_left_alone() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n\r\n");
    assert_eq!(get(address, &["-q"]).exits(0).text(), "hello\n");
}

#[test]
fn chunks_are_taken_apart() {
    let address = says(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\nTrailer: 1\r\n\r\n",
    );
    assert_eq!(get(address, &["-q"]).exits(0).text(), "hello world\n");
    get(address, &[]).exits(0).says(&["chunk-size", "last-chunk", "after taking the chunks apart"]);
}

#[test]
fn content_until_the_close_is_whole_when_the_server_closes() {
    let address = says("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end");
    assert_eq!(get(address, &["-q"]).exits(0).text(), "until the end\n");
    get(address, &[])
        .exits(0)
        .says(&["everything until the server closed", "the server finished first (FIN)"]);
}

#[test]
fn an_interim_response_is_followed_by_the_final_one() {
    let address =
        says("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(get(address, &["-q"]).exits(0).text(), "ok\n");
}

#[test]
fn a_server_that_keeps_the_connection_does_not_keep_netlab() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        // Waits for the client to finish.
        let _ = stream.read(&mut [0; 100]);
    });
    get(address, &[]).exits(0).says(&["netlab finished first (FIN)"]);
}

#[test]
fn a_status_of_refusal_is_an_answer_like_any_other() {
    let address = says("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope");
    get(address, &[]).exits(0).says(&["404", "nope"]);
}

#[test]
fn a_reset_in_the_middle_is_named() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel");
        reset(stream);
    });
    get(address, &[])
        .exits(1)
        .says(&[&format!("error: the connection to {address} broke off"), "The other side sent RST"]);
}

#[test]
fn a_head_that_never_ends_ends_at_the_limit() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        // Until the client has had enough.
        while stream.write_all(b"X: and another one, and another one, and another one\r\n").is_ok() {}
    });
    get(address, &["-q"]).exits(1).says(&["The head does not end within 256 KiB."]);
}

#[test]
fn the_size_of_the_buffer_shows_in_the_reads() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let ran = get(address, &["--chunk", "3"]).exits(0);
    let ran = ran.says(&["read 1: 3 bytes", "(there was room for 3)", "read 8: 3 bytes", "more reads"]);
    assert!(ran.text().contains("hello"));
    let ran = get(address, &["--chunk", "1", "--json"]).exits(0);
    let document = ran.document();
    let events = document["flows"][0]["events"].as_array().unwrap().clone();
    let reads: Vec<_> =
        events.iter().filter(|event| event["what"] == "bytes" && event["side"] == "server").collect();
    assert_eq!(reads.len(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".len());
    assert!(reads.iter().all(|read| read["buffer"] == 1 && read["len"] == 1));
}

#[test]
fn every_byte_of_both_sides_is_in_the_document_once() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let document = get(address, &["--json"]).exits(0).document();
    assert_eq!(document["verb"], "raw-get");
    assert!(document["failure"].is_null());
    let flow = &document["flows"][0];
    for (side, bytes) in [("client", &flow["client_bytes"]), ("server", &flow["server_bytes"])] {
        let readings = flow["readings"].as_array().unwrap();
        let reading = readings.iter().find(|reading| reading["side"] == side).unwrap();
        let mut next = 0;
        for leaf in reading["fields"].as_array().unwrap().iter().filter(|field| field["leaf"] == true) {
            assert_eq!(leaf["bit"].as_u64().unwrap(), next, "{side}: no gap and no overlap");
            next += leaf["bits"].as_u64().unwrap();
        }
        assert_eq!(next, bytes.as_u64().unwrap() * 8, "{side}");
    }
}

/// A big page goes past, whatever its size: the most memory netlab had is read while it still waits for the
/// last byte.
#[cfg(target_os = "linux")]
#[test]
fn a_big_page_is_saved_in_constant_memory() {
    const SIZE: usize = 64 * 1024 * 1024;
    const MOST_KIB: u64 = 40 * 1024;
    let (at_last, waiting) = channel();
    let (go_on, last) = channel::<()>();
    let last = std::sync::Mutex::new(last);
    let address = server(move |mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").as_bytes());
        let piece = vec![b'x'; 1024 * 1024];
        for _ in 1..SIZE / piece.len() {
            let _ = stream.write_all(&piece);
        }
        let _ = stream.write_all(&piece[1..]);
        let _ = at_last.send(());
        let _ = last.lock().unwrap().recv_timeout(DEADLINE);
        let _ = stream.write_all(b"y");
    });
    let home = home();
    let file = home.path().join("page");
    let url = format!("http://{address}/");
    let running = Running::start(home.path(), ["raw-get", &url, "--save", file.to_str().unwrap()]);
    waiting.recv_timeout(DEADLINE).expect("the page was taken");
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    go_on.send(()).unwrap();
    let (ended, _, lines, err) = running.ended();
    assert!(ended.success(), "{lines:?} {err}");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: u64 = most.trim().trim_end_matches(" kB").trim().parse().unwrap();
    run::told(&format!("64 MiB saved with at most {most} KiB of memory"));
    assert!(most < MOST_KIB, "{most} KiB");
    let saved = std::fs::read(&file).unwrap();
    assert!(saved.len() == SIZE && saved.ends_with(b"xy"));
}

#[cfg(not(target_os = "linux"))]
#[test]
fn a_big_page_is_saved_in_constant_memory() {
    skipped("how much memory a program had is only asked on Linux");
}

#[test]
fn the_lab_answers_for_its_names_without_a_network() {
    let home = home();
    run(home.path(), ["raw-get", "http://hello.test/seed-a-plant"]).exits(0).says(&[
        "🌱 Plant seeded!",
        "the lab's DNS server",
        "port 80 of the private internet is port",
        "embedded lab",
    ]);
    run(home.path(), ["raw-get", "http://nothing.test/"]).exits(1).says(&["there is no name nothing.test"]);
}

#[test]
fn without_a_url_it_asks_the_learners_server_or_brings_its_own() {
    let home = home();
    if std::net::TcpStream::connect("127.0.0.1:7777").is_ok()
        || std::net::TcpStream::connect("[::1]:7777").is_ok()
    {
        return skipped("something listens on port 7777 already");
    }
    let ran = run(home.path(), ["raw-get"]).exits(0);
    ran.says(&["Hello from my netlab server", "netlab starts its hello server"]);
}

#[test]
fn pythons_http_server_is_understood() {
    if !tool("python3", "--version") {
        return;
    }
    let home = home();
    std::fs::write(home.path().join("page.txt"), "from python\n").unwrap();
    // It does not say where it listens until somebody asks for the line, so it is told to say it at once.
    let script = "import http.server as s, functools as f, sys\n\
        h = f.partial(s.SimpleHTTPRequestHandler, directory=sys.argv[1])\n\
        v = s.ThreadingHTTPServer(('127.0.0.1', 0), h)\n\
        print(v.server_address[1], flush=True)\n\
        v.serve_forever()";
    let mut command = Command::new("python3");
    command.args(["-c", script]).arg(home.path());
    let python = Running::of(command);
    let address: SocketAddr = format!("127.0.0.1:{}", python.line()).parse().unwrap();
    let ran = run(home.path(), ["raw-get", "-q", &format!("http://{address}/page.txt")]).exits(0);
    assert_eq!(ran.text(), "from python\n");
    run(home.path(), ["raw-get", &format!("http://{address}/none")]).exits(0).says(&["404"]);
}

#[test]
fn nodes_chunked_server_is_understood() {
    if !tool("node", "--version") {
        return;
    }
    let home = home();
    let script = "const v = require('http').createServer((q, r) => { r.write('one '); r.write('two '); \
        setImmediate(() => r.end('three')); }); v.listen(0, '127.0.0.1', () => console.log(v.address().port));";
    let mut command = Command::new("node");
    command.args(["-e", script]);
    let node = Running::of(command);
    let url = format!("http://127.0.0.1:{}/", node.line());
    assert_eq!(run(home.path(), ["raw-get", "-q", &url]).exits(0).text(), "one two three\n");
    run(home.path(), ["raw-get", &url]).exits(0).says(&["chunk-size"]);
}

// connect

fn talk(address: SocketAddr, options: &[&str], input: &[u8]) -> Ran {
    let home = home();
    let place = address.to_string();
    finish(netlab(home.path(), ["connect", &place].iter().chain(options)), input)
}

#[test]
fn lines_go_out_with_crlf_and_come_back_from_an_echo() {
    let (sender, received) = channel();
    let address = server(move |mut stream| {
        let mut all = Vec::new();
        let mut buffer = [0; 1024];
        while let Ok(len @ 1..) = stream.read(&mut buffer) {
            all.extend_from_slice(&buffer[..len]);
            let _ = stream.write_all(&buffer[..len]);
        }
        let _ = sender.send(all);
    });
    let ran = talk(address, &[], b"hello\nworld\r\nno end").exits(0);
    assert_eq!(received.recv_timeout(DEADLINE).unwrap(), b"hello\r\nworld\r\nno end");
    ran.says(&["> hello\\r\\n", "< ", "you finished (FIN)", "the server finished (FIN)"]);
    talk(address, &["--lf"], b"hello\n").exits(0);
    assert_eq!(received.recv_timeout(DEADLINE).unwrap(), b"hello\n");
}

#[test]
fn a_server_may_answer_after_this_side_has_finished() {
    let address = server(|mut stream| {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let _ = stream.write_all(format!("you said {} bytes", all.len()).as_bytes());
    });
    talk(address, &[], b"12345").exits(0).says(&["you finished (FIN)", "< you said 5 bytes"]);
}

#[test]
fn a_server_that_finishes_first_ends_the_conversation() {
    let address = server(|mut stream| {
        let _ = stream.write_all(b"good bye\r\n");
    });
    let home = home();
    // Its input stays open: nobody has to press a key.
    let running = Running::start(home.path(), ["connect", &address.to_string()]);
    assert!(running.line_with("good bye").contains("< good bye\\r\\n"));
    running.line_with("the server finished (FIN)");
    let (status, _, _, err) = running.ended();
    assert!(status.success(), "{err}");
}

#[test]
fn a_reset_is_code_1_and_named() {
    let address = server(|mut stream| {
        let _ = stream.read(&mut [0; 10]);
        reset(stream);
    });
    let ran = talk(address, &[], b"hello\n").exits(1);
    ran.says(&[&format!("error: the connection to {address} broke off"), "RST"]);
    let document = talk(address, &["--json"], b"hello\n").exits(1).document();
    assert_eq!(document["failure"]["exit"], 1);
    let events = document["flows"][0]["events"].as_array().unwrap().clone();
    assert!(events.iter().any(|event| event["what"] == "reset"), "{events:?}");
}

#[test]
fn a_conversation_is_typed_line_by_line() {
    let address = server(|mut stream| {
        let _ = stream.write_all(b"220 hello\r\n");
        let mut line = [0; 100];
        while let Ok(len @ 1..) = stream.read(&mut line) {
            let said = String::from_utf8_lossy(&line[..len]).trim().to_owned();
            let _ = stream.write_all(format!("250 {said} to you\r\n").as_bytes());
        }
    });
    let home = home();
    let mut running = Running::start(home.path(), ["connect", &address.to_string()]);
    running.line_with("220 hello");
    running.type_line("good day");
    running.line_with("250 good day to you");
    running.type_line("and again");
    running.line_with("250 and again to you");
    let (status, _, _, err) = running.ended();
    assert!(status.success(), "{err}");
}

#[test]
fn the_labs_names_need_no_port() {
    let home = home();
    finish(netlab(home.path(), ["connect", "time.test"]), b"").exits(0).says(&["nonce=", "GMT"]);
    finish(netlab(home.path(), ["connect", "echo.test"]), b"hello\n").exits(0).says(&["< hello\\r\\n"]);
    let input = b"GET / HTTP/1.1\nHost: hello.test\nConnection: close\n\n";
    finish(netlab(home.path(), ["connect", "hello.test"]), input).exits(0).says(&["200 OK"]);
}

#[test]
fn a_service_says_at_which_address_it_was_called() {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&lab.line()).unwrap();
    let places: Vec<std::net::SocketAddr> =
        document["here"].as_array().unwrap().iter().map(|at| at.as_str().unwrap().parse().unwrap()).collect();
    assert!(places.iter().all(|at| at.ip().is_loopback() && at.port() == places[0].port()), "{places:?}");
    let mut words = std::collections::BTreeSet::new();
    for (name, ip) in [("here.test", "127.0.0.1"), ("other.here.test", "127.0.0.2"), ("six.here.test", "::1")]
    {
        let ran = run(home.path(), ["connect", name]);
        if places.iter().any(|at| at.ip().to_string() == ip) {
            let ran = ran.exits(0).says(&[&format!("you called {ip} port {}", places[0].port())]);
            words.insert(ran.text().split_once("nonce=").unwrap().1.to_owned());
        } else {
            // Another address would do for other services. Here it would be a lie.
            skipped(&format!("this machine does not have {ip}"));
            ran.exits(1);
        }
    }
    assert_eq!(words.len(), places.len(), "each address has a word of its own");
}

#[test]
fn a_service_that_counts_answers_when_the_client_has_finished() {
    let home = home();
    let text = finish(netlab(home.path(), ["connect", "tally.test"]), b"hello\n").exits(0).text();
    let at = |piece: &str| text.find(piece).unwrap_or_else(|| panic!("{piece} is not in:\n{text}"));
    assert!(at("you finished (FIN)") < at("7 bytes came before you finished"), "{text}");
    assert!(text.contains("nonce="));
}

#[test]
fn netcat_and_netlab_understand_each_other() {
    if !tool("nc", "-h") {
        return;
    }
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&lab.line()).unwrap();
    let place: SocketAddr = document["daytime"][0].as_str().unwrap().parse().unwrap();
    let mut command = Command::new("nc");
    command.args([place.ip().to_string(), place.port().to_string()]).stdin(Stdio::null());
    let output = run::drain(command.stdout(Stdio::piped()).spawn().unwrap().stdout.take().unwrap());
    let output = String::from_utf8(output.recv_timeout(DEADLINE).unwrap()).unwrap();
    assert!(output.contains("nonce="), "{output}");
}
