//! The events of `/_watch` from outside: who may read them, what is in them, and that nobody waits for a reader.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;
#[path = "common/wicked.rs"]
mod wicked;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use run::{DEADLINE, Running, home, netlab};
use serde_json::Value;
use tempfile::TempDir;

struct Server {
    running: Running,
    address: SocketAddr,
    home: TempDir,
}

fn serve(options: &[&str]) -> Server {
    let home = home();
    let running = Running::of(netlab(home.path(), ["serve", "--port", "0", "--json"].iter().chain(options)));
    let first: Value = serde_json::from_str(&running.line()).unwrap();
    let address: SocketAddr = first["listening"][0].as_str().unwrap().parse().unwrap();
    assert_eq!(first["watch"], format!("http://localhost:{}/_watch", address.port()));
    assert_eq!(first["wire"], first["watch"], "the name it had before holds the same");
    Server { running, address, home }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

impl Server {
    /// One request on a connection of its own, and all that comes back.
    fn said(&self, bytes: &[u8]) -> String {
        let mut stream = connect(self.address);
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A GET with the right Host and these fields.
    fn get(&self, target: &str, fields: &str) -> String {
        let port = self.address.port();
        self.said(
            format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{fields}Connection: close\r\n\r\n")
                .as_bytes(),
        )
    }

    /// Somebody who reads the events.
    fn viewer(&self, fields: &str) -> Viewer {
        let viewer = self.knock(fields);
        assert_eq!(viewer.status, 200);
        viewer
    }

    fn knock(&self, fields: &str) -> Viewer {
        let mut stream = connect(self.address);
        let port = self.address.port();
        // In HTTP/1.0 there are no chunks, so what comes is the events and nothing else.
        let head = format!("GET /_watch/events HTTP/1.0\r\nHost: localhost:{port}\r\n{fields}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut viewer = Viewer { stream, buffer: Vec::new(), head: String::new(), status: 0 };
        viewer.head = viewer.until(b"\r\n\r\n");
        viewer.status = viewer.head[9..12].parse().unwrap();
        viewer
    }

    /// The resident memory of the server, in bytes.
    #[cfg(target_os = "linux")]
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

struct Viewer {
    stream: TcpStream,
    buffer: Vec<u8>,
    head: String,
    status: u16,
}

impl Viewer {
    /// What comes up to `end`, with it.
    fn until(&mut self, end: &[u8]) -> String {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|bytes| bytes == end) {
                let rest = self.buffer.split_off(at + end.len());
                return String::from_utf8(std::mem::replace(&mut self.buffer, rest)).unwrap();
            }
            let mut some = [0; 16 * 1024];
            let len = self.stream.read(&mut some).unwrap();
            assert!(len > 0, "closed after {:?}", String::from_utf8_lossy(&self.buffer));
            self.buffer.extend_from_slice(&some[..len]);
        }
    }

    /// The next event: its id and its data.
    fn event(&mut self) -> (String, Value) {
        loop {
            let text = self.until(b"\n\n");
            if text.starts_with(':') {
                continue;
            }
            let of = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            return (of("id: ").to_owned(), serde_json::from_str(of("data: ")).unwrap());
        }
    }

    /// The next request that this line begins.
    fn request(&mut self, line: &str) -> (String, Value) {
        loop {
            let (id, data) = self.event();
            if data["exchange"]["request"]["line"].as_str().is_some_and(|it| it.starts_with(line)) {
                return (id, data["exchange"].clone());
            }
        }
    }
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_page_is_one_document_and_says_what_a_browser_may_do_with_it() {
    let server = serve(&[]);
    for target in ["/_watch", "/_watch/", "/_watch?x"] {
        let answer = server.get(target, "");
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        for line in [
            "Content-Type: text/html; charset=utf-8",
            "Content-Security-Policy: default-src 'none'; script-src 'sha256-",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cache-Control: no-store",
            "Cross-Origin-Resource-Policy: same-origin",
            "Cross-Origin-Opener-Policy: same-origin",
        ] {
            assert!(head.contains(&format!("\r\n{line}")), "{line}: {head}");
        }
        assert!(!head.contains("Access-Control"), "{head}");
        assert!(page.contains("<noscript>") && page.ends_with("</html>\n"), "it is whole");
    }
    let other = server.said(
        format!(
            "POST /_watch HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
            server.address.port()
        )
        .as_bytes(),
    );
    assert!(other.starts_with("HTTP/1.1 405 ") && other.contains("\r\nAllow: GET, HEAD, OPTIONS"), "{other}");
    assert!(server.get("/_watch/else", "").starts_with("HTTP/1.1 404 "));
    assert!(
        server.get("/_watched", "").ends_with("Default route"),
        "only the page's own place is the page's"
    );
}

#[test]
fn requests_come_with_their_bytes_and_fields_and_the_viewers_own_among_them() {
    let server = serve(&[]);
    server.get("/before", "");
    let mut viewer = server.viewer("");
    assert!(viewer.head.contains("\r\nContent-Type: text/event-stream"), "{}", viewer.head);
    let (_, greeting) = viewer.event();
    assert_eq!(greeting["client"], viewer.stream.local_addr().unwrap().to_string());
    assert_eq!(viewer.event().1["exchange"]["request"]["line"], "GET /before HTTP/1.1");
    let (_, own) = viewer.request("GET /_watch/events");
    assert_eq!((&own["own"], &own["request"]["client"]), (&true.into(), &greeting["client"]));

    let request = "POST /seed-a-plant HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nConnection: close\r\n\r\nseed=1";
    let answer = server.said(request.as_bytes());
    let (_, one) = viewer.request("POST /seed-a-plant");
    assert_eq!(String::from_utf8(bytes(&one["client_hex"])).unwrap(), request);
    assert_eq!(String::from_utf8(bytes(&one["server_hex"])).unwrap(), answer);
    assert_eq!((&one["client_bytes"], &one["own"]), (&request.len().into(), &false.into()));
    assert_eq!((&one["request"]["status"], &one["request"]["content_bytes"]), (&200.into(), &6.into()));
    let [client, from_server] = &one["readings"].as_array().unwrap()[..] else { panic!("{one}") };
    let value = |reading: &Value, path: &str| {
        let fields = reading["fields"].as_array().unwrap().clone();
        let field = fields.into_iter().find(|field| field["path"] == path).unwrap();
        assert!(
            !field["meaning"].as_str().unwrap().is_empty()
                && field["rfc"].as_str().unwrap().starts_with("RFC")
        );
        let (bit, bits) = (field["bit"].as_u64().unwrap(), field["bits"].as_u64().unwrap());
        (field["value"].as_str().unwrap().to_owned(), bit / 8, bits / 8)
    };
    assert_eq!(value(client, "http.request-line.method"), ("POST".to_owned(), 0, 4));
    assert_eq!(value(client, "http.content"), ("seed=1".to_owned(), request.len() as u64 - 6, 6));
    assert_eq!(value(from_server, "http.content").0, "🌱 Plant seeded!");
    assert_eq!((&client["side"], &from_server["side"]), (&"client".into(), &"server".into()));
}

#[test]
fn other_pages_and_other_names_get_a_sentence_and_no_event() {
    let server = serve(&[]);
    let port = server.address.port();
    let own = format!("localhost:{port}");
    for (host, fields, status) in [
        (own.clone(), String::new(), 200),
        (format!("127.0.0.1:{port}"), format!("Origin: http://127.0.0.1:{port}\r\n"), 200),
        (format!("[::1]:{port}"), "Sec-Fetch-Site: same-origin\r\n".to_owned(), 200),
        (format!("evil.example:{port}"), String::new(), 421),
        (format!("evil.test:{port}"), String::new(), 421),
        ("localhost".to_owned(), String::new(), 421),
        (own.clone(), "Origin: http://evil.example\r\n".to_owned(), 403),
        (own.clone(), "Origin: null\r\n".to_owned(), 403),
        (own, "Sec-Fetch-Site: cross-site\r\n".to_owned(), 403),
    ] {
        for target in ["/_watch", "/_watch/events"] {
            let mut stream = connect(server.address);
            write!(stream, "GET {target} HTTP/1.0\r\nHost: {host}\r\n{fields}\r\n").unwrap();
            let mut begin = [0; 12];
            stream.read_exact(&mut begin).unwrap();
            let begin = String::from_utf8_lossy(&begin).into_owned();
            assert_eq!(begin, format!("HTTP/1.1 {status}"), "{target} {host} {fields}");
            if status == 200 {
                continue;
            }
            let mut rest = String::new();
            stream.read_to_string(&mut rest).unwrap();
            let (head, why) = rest.split_once("\r\n\r\n").unwrap();
            assert!(!head.contains("Access-Control"), "{head}");
            assert!(why.contains(' ') && !why.contains("kept_bytes"), "{why}");
        }
    }
    // Without a Host nobody says whom they mean.
    assert!(server.said(b"GET /_watch/events HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 421 "));
}

#[test]
fn hostile_bytes_are_text_in_one_line_and_have_no_power() {
    let server = serve(&[]);
    let mut viewer = server.viewer("");
    let (mut all, mut payloads) = (0, wicked::payloads());
    payloads.push(b"</script><img src=x onerror=alert(1)>\ndata: {\"forged\":1}\n\n".to_vec());
    // A second has room for a hundred, and which of them are told is up to the clock; so one at a time.
    for payload in payloads.iter().step_by(9) {
        let payload: Vec<u8> =
            payload.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        let mut stream = connect(server.address);
        stream
            .write_all(
                &[b"GET /", &payload[..], b" HTTP/1.1\r\nX: ", &payload, b"\r\nConnection: close\r\n\r\n"]
                    .concat(),
            )
            .unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // The answer is there; what the server then thinks of the rest does not matter.
        let _ = stream.read_to_end(&mut Vec::new());
        all += 1;
    }
    let mut seen = 0;
    while seen < all {
        let text = viewer.until(b"\n\n");
        assert_eq!(wicked::harm(text.as_bytes(), false), None, "{text:?}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        let Some(data) = data.first() else { continue };
        let data: Value = serde_json::from_str(data).unwrap();
        assert!(data.get("forged").is_none());
        seen += match (&data["exchange"], &data["left_out"]) {
            (Value::Object(exchange), _) if exchange["own"] == true => 0,
            (Value::Object(_), _) => 1,
            (_, Value::Number(many)) => many.as_u64().unwrap(),
            _ => 0,
        };
    }
}

#[test]
fn so_many_pages_may_watch_and_another_when_one_has_gone() {
    let server = serve(&[]);
    let mut viewers: Vec<Viewer> = (0..8).map(|_| server.viewer("")).collect();
    let refused = server.get("/_watch/events", "");
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("8 pages"), "{refused}");
    // HEAD sits down nowhere.
    drop(viewers.pop());
    let began = Instant::now();
    while server.knock("").status != 200 {
        assert!(began.elapsed() < DEADLINE, "the place is not free");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_viewer_that_does_not_read_holds_nobody_up_and_takes_no_memory() {
    const MANY: usize = 60_000;
    let server = serve(&["--workers", "2"]);
    let asleep: Vec<Viewer> = (0..4).map(|_| server.viewer("")).collect();
    let mut awake = server.viewer("");
    let padding = format!("X: {}\r\n", "x".repeat(3000));
    let warm = |many: usize| {
        let one = format!("GET /flood HTTP/1.1\r\nHost: localhost\r\n{padding}\r\n");
        let mut stream = connect(server.address);
        let mut reader = stream.try_clone().unwrap();
        let reading = std::thread::spawn(move || {
            let (mut all, mut some) = (0, [0; 16 * 1024]);
            loop {
                let len = reader.read(&mut some).unwrap();
                if len == 0 {
                    return all;
                }
                all += some[..len].windows(13).filter(|bytes| *bytes == b"Default route").count();
            }
        });
        let ten = one.repeat(10);
        (0..many / 10).for_each(|_| stream.write_all(ten.as_bytes()).unwrap());
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // An answer may be cut by a read, so nearly all of them are counted this way.
        assert!(reading.join().unwrap() > many * 9 / 10, "everything is answered");
    };
    warm(2_000);
    let before = server.resident();
    warm(MANY);
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 16 * 1024 * 1024, "{grown} bytes more");
    // Who reads hears of every request: by itself or in a count.
    let mut told = 0;
    while told < 2_000 + MANY as u64 {
        let (_, data) = awake.event();
        told += match (&data["exchange"], &data["left_out"]) {
            (Value::Object(exchange), _) => u64::from(exchange["request"]["line"] == "GET /flood HTTP/1.1"),
            (_, Value::Number(many)) => many.as_u64().unwrap(),
            _ => 0,
        };
    }
    assert_eq!(told, 2_000 + MANY as u64);
    drop(asleep);
}

#[test]
fn it_can_be_turned_off_and_says_so() {
    let home = home();
    let running = Running::start(home.path(), ["serve", "--port", "0", "--json", "--no-watch"]);
    let first: Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!((&first["watch"], &first["wire"]), (&Value::Null, &Value::Null));
    let address = first["listening"][0].as_str().unwrap().parse().unwrap();
    let server = Server { running, address, home };
    for target in ["/_watch", "/_watch/events"] {
        let answer = server.get(target, "");
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("--no-watch"), "{answer}");
    }
}

#[test]
fn who_comes_back_goes_on_behind_the_last_id() {
    let server = serve(&[]);
    let mut viewer = server.viewer("");
    server.get("/one", "");
    let (id, _) = viewer.request("GET /one");
    drop(viewer);
    server.get("/two", "");
    for fields in
        [format!("Last-Event-ID: {id}\r\n"), String::new(), "Last-Event-ID: of-another-run\r\n".to_owned()]
    {
        let mut viewer = server.viewer(&fields);
        viewer.event();
        let first = viewer.request("GET /").1["request"]["line"].clone();
        let wanted = if fields.contains(&id) { "GET /two HTTP/1.1" } else { "GET /_watch/events HTTP/1.0" };
        assert_eq!(first, wanted, "{fields}");
    }
    let mut stream = connect(server.address);
    write!(
        stream,
        "GET /_watch/events?after={id} HTTP/1.0\r\nHost: localhost:{}\r\n\r\n",
        server.address.port()
    )
    .unwrap();
    let mut viewer = Viewer { stream, buffer: Vec::new(), head: String::new(), status: 0 };
    viewer.until(b"\r\n\r\n");
    viewer.event();
    assert_eq!(viewer.event().1["exchange"]["request"]["line"], "GET /two HTTP/1.1");
}

#[test]
fn the_end_of_the_server_is_the_end_of_the_events() {
    let server = serve(&[]);
    let port = server.address.port();
    let mut stream = connect(server.address);
    write!(stream, "GET /_watch/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").unwrap();
    let mut viewer = Viewer { stream, buffer: Vec::new(), head: String::new(), status: 0 };
    viewer.until(b"kept_bytes");
    let ending = std::thread::spawn(move || {
        let mut rest = Vec::new();
        viewer.stream.read_to_end(&mut rest).unwrap();
        rest
    });
    let (status, took, _, complaints) = server.running.terminate();
    assert!(status.success() && took < Duration::from_secs(3), "{status} {took:?} {complaints}");
    assert!(ending.join().unwrap().ends_with(b"0\r\n\r\n"), "with the last chunk");
}

#[test]
fn what_the_events_say_is_neither_evidence_nor_shown_in_the_terminal() {
    let home = home();
    let mut command = netlab(home.path(), ["serve", "--port", "0", "--verbose"]);
    command.env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let address =
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    let server = Server { running, address, home };
    let mut viewer = server.viewer("");
    server.get("/flower", "");
    viewer.request("GET /flower");
    let home = server.home;
    let (_, _, lines, told) = server.running.terminate();
    assert!(told.contains(&format!("http://localhost:{}/_watch", address.port())), "{told}");
    assert!(lines.iter().any(|line| line.contains("/_watch/events")), "the request is shown");
    let journal = std::fs::read_to_string(home.path().join("journal.jsonl")).unwrap();
    assert!(journal.contains("no end of its own"), "and what is left out is said");
    for (place, text) in [("the terminal", lines.join("\n")), ("the journal", journal)] {
        assert!(!text.contains("kept_bytes") && !text.contains("client_hex"), "{place}: {text}");
    }
}
