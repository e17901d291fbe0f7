//! Content that is long: shown as it comes, every byte of it where that is wanted, in memory that does not grow.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::mpsc::channel;

use super::peer::{read_head, says, server};
use super::run::{DEADLINE, Ran, Running, home, netlab, run};

fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    run(home.path(), ["raw-get", &format!("http://{address}/")].iter().chain(options))
}

fn noise(len: usize) -> Vec<u8> {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

/// The bytes that rows of hex show, and the offset in front of the first one behind `from`.
fn hex(text: &str) -> Vec<(usize, Vec<u8>)> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let at: usize = words.next()?.parse().ok()?;
        let pairs =
            words.take_while(|word| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let pairs: Vec<u8> = pairs.take(16).filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
        (!pairs.is_empty()).then_some((at, pairs))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_byte_of_a_long_answer_is_shown_once_and_in_order() {
    let content = noise(300_000);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\nConnection: close\r\n\r\n";
    let sent = [&head[..], &content].concat();
    // A column of characters could be taken for hex, and at this width there is none.
    let home = home();
    let mut command = netlab(home.path(), ["raw-get", "--bytes", &format!("http://{}/", says(sent.clone()))]);
    command.env("COLUMNS", "40");
    let ran = super::run::finish(command, b"").exits(0);
    let text = ran.text();
    let answer = text.find("\nresponse").unwrap();
    let mut next = 0;
    for (at, bytes) in hex(&text[answer..]) {
        assert_eq!(at, next, "rows follow each other");
        assert_eq!(bytes, sent[at..at + bytes.len()]);
        next += bytes.len();
    }
    assert_eq!(next, sent.len());
    ran.says(&[
        "300,000 bytes as Content-Length promises; every byte is shown as it comes",
        "300,000 bytes in all",
    ]);
}

#[test]
fn the_framing_of_long_chunked_content_is_named_to_the_byte() {
    let chunk = |at: usize| [format!("2000;number={at}\r\n").as_bytes(), &[b'x'; 0x2000], b"\r\n"].concat();
    let chunks: Vec<u8> = (0..20).flat_map(chunk).collect();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
    let sent = [&head[..], &chunks, b"0\r\nX-Sum: 42\r\n\r\n"].concat();
    let home = home();
    let mut command = netlab(home.path(), ["raw-get", "--bytes", &format!("http://{}/", says(sent.clone()))]);
    command.env("COLUMNS", "120");
    let ran = super::run::finish(command, b"").exits(0);
    let text = ran.text();
    for at in 0..20 {
        let line = text.lines().find(|line| line.ends_with(&format!(";number={at}"))).unwrap_or_default();
        let line =
            if at == 0 { text.lines().find(|line| line.contains(";number=0 ")).unwrap() } else { line };
        assert!(line.contains("chunk-ext"), "{line:?}");
        let offset: usize = line.split_whitespace().next().unwrap().parse().unwrap();
        assert!(sent[offset..].starts_with(format!(";number={at}\r\n").as_bytes()), "{line}");
    }
    // A size line, its end, and the end of the data: two line ends a chunk, and four behind the last one.
    let from = text.find("\ncontent").unwrap();
    let ends = text[from..].lines().filter(|line| line.contains("  0d 0a  ")).count();
    assert_eq!(ends, 20 * 2 + 3, "{}", &text[from..]);
    ran.says(&[
        "last-chunk",
        "trailer-section",
        "X-Sum: 42",
        "end-of-body",
        "163,840 bytes in all, in 20 chunks",
    ]);
}

#[test]
fn long_text_is_shown_whole_and_as_it_comes() {
    let (sender, seen) = channel();
    let (go_on, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let lines: String = (0..20_000).map(|at| format!("line {at} é\n")).collect();
    let (first, second) = lines.split_at(100_001);
    let (first, second) = (first.to_owned(), second.to_owned());
    let address = server(move |mut stream| {
        read_head(&mut stream);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(first.as_bytes()).unwrap();
        // The rest comes when the beginning has been shown.
        let _ = wait.lock().unwrap().recv_timeout(DEADLINE);
        let _ = stream.write_all(second.as_bytes());
    });
    let home = home();
    let mut child = netlab(home.path(), ["raw-get", "-q", &format!("http://{address}/")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut all = vec![0; 90_000];
        out.read_exact(&mut all).unwrap();
        let _ = go_on.send(());
        out.read_to_end(&mut all).unwrap();
        let _ = sender.send(all);
    });
    let shown = seen.recv_timeout(DEADLINE).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(shown == lines.as_bytes(), "{} bytes", shown.len());
}

#[test]
fn long_packed_text_is_unpacked_as_it_comes() {
    let lines: String = (0..20_000).map(|at| format!("line {at}\n")).collect();
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(lines.as_bytes(), flate2::Compression::default())
        .read_to_end(&mut packed)
        .unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let address = says([head.as_bytes(), &packed].concat());
    assert_eq!(get(address, &["-q"]).exits(0).text(), lines);
    let ran = get(address, &[]).exits(0).says(&[&format!(
        "bytes came, and unpacked they are {},{}",
        lines.len() / 1000,
        &lines.len().to_string()[3..]
    )]);
    assert!(ran.text().contains(&lines));
}

#[test]
fn a_long_answer_among_short_ones_keeps_its_place() {
    let address = server(|mut stream| {
        for at in 1..=3 {
            read_head(&mut stream);
            let content = if at == 2 { "x".repeat(100_000) } else { format!("number {at}") };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nX-At: {at}\r\nContent-Length: {}\r\n\r\n{content}",
                content.len()
            );
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    let text = get(address, &["--keep", "3", "-q"]).exits(0).text();
    assert_eq!(text, format!("number 1\n{}\nnumber 3\n", "x".repeat(100_000)));
    for options in [&["--keep", "3"][..], &["--keep", "3", "--bytes"]] {
        let text = get(address, options).exits(0).text();
        let places: Vec<usize> =
            ["number 1\n", "100,000 bytes in all"].iter().map(|piece| text.find(piece).unwrap()).collect();
        assert!(places.is_sorted(), "{options:?}");
        // The field's line, and with bytes nothing else that looks like it.
        assert_eq!(text.matches("X-At: ").count(), 3, "{options:?}: {text}");
    }
}

#[test]
fn a_long_answer_that_breaks_off_says_so_behind_what_came() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n";
    let address = says([&head[..], &vec![b'x'; 100_000]].concat());
    for options in [&[][..], &["--bytes"]] {
        let ran = get(address, options).exits(1).says(&["100,000 bytes in all"]);
        assert!(
            ran.complaint().contains("The server promised 100,001 bytes and sent 100,000."),
            "{}",
            ran.complaint()
        );
    }
    let odd = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = [b"18000\r\n".as_slice(), &vec![b'x'; 0x18000], b"\r\nnonsense\r\n"].concat();
    let ran = get(says([&odd[..], &body].concat()), &["--bytes"]).exits(1);
    ran.says(&["problem: a chunk starts with its size in hexadecimal digits"]);
}

#[test]
fn a_reader_that_has_seen_enough_ends_it() {
    let endless = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 10_000]).is_ok() {}
    });
    for options in [&["--bytes"][..], &["-q"], &["--raw"]] {
        let home = home();
        let mut child = netlab(home.path(), ["raw-get", &format!("http://{endless}/")].iter().chain(options))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut vec![0; 200_000]).unwrap();
        drop(out);
        let (sender, ended) = channel();
        std::thread::spawn(move || sender.send(child.wait_with_output().unwrap()));
        let ended = ended.recv_timeout(DEADLINE).unwrap();
        assert!(ended.status.success(), "{options:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn bytes_that_break_a_rule_are_pointed_at() {
    let address = says("HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 0\r\n\r\n");
    let text = get(address, &[]).exits(0).text();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("broken")).unwrap();
    assert_eq!(lines[at], "broken    a field name is a word of letters, digits and !#$%&'*+-.^_`|~");
    assert_eq!(lines[at + 1], "          X Y: 1\\r\\n");
    assert_eq!(lines[at + 2], "          ^^^");
}

#[test]
fn answers_without_content_and_interim_ones_are_labelled() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let address = says(format!("{interim}HTTP/1.1 204 No Content\r\n\r\n"));
    get(address, &[]).exits(0).says(&[
        "Continue (100)",
        "Early Hints (103)",
        "No Content (204)",
        "responses with status 1xx, 204 and 304 never have any",
        "none: a response like this has no content",
    ]);
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n");
    get(address, &["--head"]).exits(0).says(&["the request was HEAD, which asks for the head only"]);
    let address = says("HTTP/1.1 304 Not Modified\r\nContent-Length: 18\r\n\r\n");
    get(address, &["-H", "If-None-Match: \"a\""])
        .exits(0)
        .says(&["Not Modified (304)", "none: a response like this"]);
}

#[test]
fn what_was_sent_is_shown_while_the_answer_is_waited_for() {
    let (go_on, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let address = server(move |mut stream| {
        read_head(&mut stream);
        let _ = wait.lock().unwrap().recv_timeout(DEADLINE);
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let home = home();
    let running = Running::start(home.path(), ["raw-get", &format!("http://{address}/")]);
    running.line_with("request   ");
    running.line_with("end-of-head");
    go_on.send(()).unwrap();
    running.line_with("No Content (204)");
    let (status, ..) = running.ended();
    assert!(status.success());
}
