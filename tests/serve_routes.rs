//! `netlab serve --routes`: a learner's routes without code, and what is said about a file that does not read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use netlab::lab::hello::routes::load::load;
use netlab::lab::hello::routes::read::read;
use run::{DEADLINE, Running, home, netlab, run};
use tempfile::TempDir;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/garden.routes");

struct Server {
    running: Running,
    address: SocketAddr,
    folder: TempDir,
}

/// A server of routes in a folder of its own.
fn serve(routes: &str) -> Server {
    let folder = home();
    fs::write(folder.path().join("my.routes"), routes).unwrap();
    serve_in(folder, &[])
}

fn serve_in(folder: TempDir, options: &[&str]) -> Server {
    let mut command = netlab(folder.path(), ["serve", "--port", "0", "--routes", "my.routes"]);
    command.args(options).current_dir(folder.path()).env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let address =
        first.strip_prefix("listening on http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    Server { running, address, folder }
}

impl Server {
    fn save(&self, text: &str) {
        fs::write(self.folder.path().join("my.routes"), text).unwrap();
    }

    fn said(&self, method: &str, path: &str) -> String {
        said(self.address, method, path)
    }
}

/// One request on a connection of its own, and all that comes back.
fn said(address: SocketAddr, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn content(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// Asks until the answer holds `piece`.
fn until(server: &Server, path: &str, piece: &str) {
    let began = Instant::now();
    while !server.said("GET", path).contains(piece) {
        assert!(began.elapsed() < DEADLINE, "{path} never says {piece}");
    }
}

#[test]
fn the_example_has_every_kind_of_route() {
    let folder = home();
    let beside = Path::new(EXAMPLE).parent().unwrap();
    fs::copy(EXAMPLE, folder.path().join("my.routes")).unwrap();
    fs::copy(beside.join("peas.txt"), folder.path().join("peas.txt")).unwrap();
    let server = serve_in(folder, &[]);
    for (method, path, status, wanted) in [
        ("GET", "/", "200 OK", "Hello from a file"),
        ("GET", "/?q=1", "200 OK", "Hello from a file"),
        ("HEAD", "/", "200 OK", ""),
        ("GET", "/seed-a-plant", "200 OK", "🌱 Plant seeded!"),
        (
            "GET",
            "/garden",
            "200 OK",
            "<!doctype html>\n<title>The garden</title>\n<ul>\n  <li>roses\n  <li>peas\n</ul>",
        ),
        ("GET", "/peas", "200 OK", "Peas climb. Give them a stick.\n"),
        ("GET", "/slow", "200 OK", "I had to think"),
        ("GET", "/notes", "200 OK", "No notes yet"),
        ("POST", "/notes", "201 Created", "Noted"),
        ("GET", "/roses/red", "200 OK", "A rose is a rose"),
        ("GET", "/roses", "404 Not Found", "No route leads to this path"),
        ("GET", "/seed-a-plant-2", "404 Not Found", "No route leads to this path"),
        ("DELETE", "/notes", "405 Method Not Allowed", "DELETE is not offered here"),
    ] {
        let answer = server.said(method, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{method} {path}: {answer}");
        assert_eq!(content(&answer), wanted, "{method} {path}");
    }
    for (method, path, field) in [
        ("GET", "/seed-a-plant", "Content-Type: text/plain; charset=utf-8"),
        ("GET", "/seed-a-plant", "Content-Length: 18"),
        ("HEAD", "/", "Content-Length: 17"),
        ("GET", "/garden", "Content-Type: text/html; charset=utf-8"),
        ("GET", "/plant", "Location: /seed-a-plant"),
        ("DELETE", "/notes", "Allow: GET, HEAD, POST, OPTIONS"),
        ("OPTIONS", "/peas", "Allow: GET, HEAD, OPTIONS"),
        ("OPTIONS", "*", "Allow: GET, HEAD, POST, OPTIONS"),
    ] {
        let answer = server.said(method, path);
        assert!(answer.contains(&format!("\r\n{field}\r\n")), "{method} {path}: {answer}");
    }
}

#[test]
fn what_is_saved_counts_and_what_does_not_read_changes_nothing() {
    let server = serve("GET /\n  say one\n");
    assert_eq!(content(&server.said("GET", "/")), "one");
    server.save("GET /\n  say two\n");
    until(&server, "/", "two");
    // The same number of bytes in the same moment.
    server.save("GET /\n  say tow\n");
    until(&server, "/", "tow");
    server.save("GET /\n  sya three\n");
    let path = server.folder.path().join("peas.txt");
    assert_eq!(content(&server.said("GET", "/")), "tow", "the routes from before stay");
    // Long enough for the sentence about it, which the end brings.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(500) {
        assert_eq!(content(&server.said("GET", "/")), "tow");
    }
    server.save("GET /\n  file peas.txt\n");
    fs::write(&path, "peas").unwrap();
    until(&server, "/", "peas");
    fs::write(&path, "beans").unwrap();
    until(&server, "/", "beans");
    let (status, _, _, complaints) = server.running.terminate();
    assert!(status.success(), "{complaints}");
    assert!(complaints.contains("my.routes:2: there is no \"sya\""), "{complaints}");
    assert!(complaints.contains("the route from before stays in use until my.routes reads"), "{complaints}");
    assert!(complaints.contains("my.routes has changed: 1 route"), "{complaints}");
}

#[test]
fn an_answer_that_takes_its_time_holds_nobody_up() {
    let server = serve("GET /slow\n  delay 30s\n  say late\nGET /\n  say at once\n");
    let mut slow = TcpStream::connect(server.address).unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(content(&server.said("GET", "/")), "at once");
    // Asked to stop, it does not wait for the delay to pass.
    let stopping = std::thread::spawn(move || server.running.terminate());
    let mut answer = String::new();
    slow.set_read_timeout(Some(DEADLINE)).unwrap();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("late"), "{answer}");
    assert!(stopping.join().unwrap().1 < Duration::from_secs(5));
}

#[test]
fn a_condition_is_looked_at_before_the_wait_and_answered_behind_it() {
    let server = serve("GET /slow\n  delay 20ms\n  say late\n");
    let first = server.said("GET", "/slow");
    let tag = first.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
    let answer = said(server.address, "GET", &format!("/slow HTTP/1.1\r\nIf-None-Match: {tag}\r\nX: "));
    assert!(answer.starts_with("HTTP/1.1 304 "), "{answer}");
}

/// What does not read: the text, the line, what is said, and a part of how to mend it.
const WRONG: &[(&str, usize, &str, &str)] = &[
    ("get /\n  say x\n", 1, "\"get\" is no method: they are written in capitals", "write GET"),
    ("FETCH /\n  say x\n", 1, "\"FETCH\" is no method that a route can have", "GET, POST"),
    ("HEAD /\n  say x\n", 1, "HEAD needs no route", "take this route out"),
    ("/hello\n  say x\n", 1, "is a path without a method", "GET /hello"),
    ("GET\n  say x\n", 1, "behind GET there is no path", "GET /"),
    ("GET hello\n  say x\n", 1, "a path begins with a slash", "write /hello"),
    ("GET http://a.test/b\n  say x\n", 1, "this is a whole address", "write /b"),
    ("GET /a b\n  say x\n", 1, "a path has no spaces", "/a%20b"),
    ("GET /a?b=c\n  say x\n", 1, "a path ends in front of ? and #", "write /a"),
    ("GET /grün\n  say x\n", 1, "visible ASCII", "write /gr%C3%BCn"),
    ("GET */a\n  say x\n", 1, "a path begins with a slash", "write /*"),
    ("GET /_wire\n  say x\n", 1, "/_wire is where netlab shows every request", "take another path"),
    ("GET /_watch/x\n  say x\n", 1, "/_watch is where netlab shows every request", "take another path"),
    ("GET /*/a\n  say x\n", 1, "a star stands for the rest of a path", "write /*"),
    ("GET / 200\n  say x\n", 1, "behind the path stands \"200\"", "on a line of its own"),
    ("GET /\n", 1, "this route says nothing", "say Hello"),
    ("GET /\n  status 204\n  say x\n", 1, "an answer with status 204 has no content", "take the content out"),
    ("GET /\n  say x\n# note\nGET /\n  say y\n", 4, "line 1 has this route already", "keep one"),
    ("  say x\nGET /\n  say x\n", 1, "there is no route above it", "at the margin"),
    ("GET /\nsay x\n", 2, "belongs to a route, and it stands at the margin", "two spaces"),
    ("GET /\n  body x\n  say x\n", 2, "there is no \"body\"", "write say"),
    ("GET /\n  say x\n  X-Color: red\n", 3, "there is no \"X-Color:\"", "write field X-Color:"),
    ("GET /\n  say x\n  Content-Type: text/html\n", 3, "there is no \"Content-Type:\"", "write type"),
    ("GET /\n  say x\n  say y\n", 3, "this route has its content already", "several lines"),
    ("GET /\n  say\nGET /a\n  say x\n", 2, "behind say there is nothing", "say Hello"),
    ("GET /\n  status OK\n  say x\n", 2, "\"OK\" is no status code", "status 404"),
    ("GET /\n  status 404 Not Found\n  say x\n", 2, "behind the status code stands more", "status 404"),
    ("GET /\n  status 100\n  say x\n", 2, "a status below 200", "200 to 599"),
    ("GET /\n  type html\n  say x\n", 2, "\"html\" is no media type", "type text/html; charset=utf-8"),
    ("GET /\n  delay 2\n  say x\n", 2, "\"2\" is no time", "500ms, 2s or 1m"),
    ("GET /\n  delay 2m\n  say x\n", 2, "\"2m\" is no time", "up to a minute"),
    ("GET /\n  field Location /a\n  status 301\n", 2, "a name, a colon and a value", "Location: /elsewhere"),
    (
        "GET /\n  field Content-Length: 3\n  say x\n",
        2,
        "Content-Length comes by itself",
        "take this line out",
    ),
    ("GET /\n  field A b: c\n  say x\n", 2, "is no field name", "Location: /elsewhere"),
    ("GET /\n  file ../secret\n", 2, "beside the file of routes", "move the file there"),
    ("GET /\n  file /etc/passwd\n", 2, "beside the file of routes", "move the file there"),
];

#[test]
fn what_does_not_read_is_told_with_its_line_and_how_to_mend_it() {
    for (text, line, what, mend) in WRONG {
        let slips = read(text).unwrap_err();
        assert_eq!(slips.len(), 1, "{text}: {slips:#?}");
        assert_eq!(slips[0].line, Some(*line), "{text}: {slips:#?}");
        assert!(slips[0].what.contains(what) && slips[0].mend.contains(mend), "{text}: {slips:#?}");
    }
}

#[test]
fn an_indent_before_all_lines_does_not_matter() {
    let text = "# first\nGET /\n  say\n    one\n      two\n\n# second\nGET /a\n  say x\n";
    let plain = read(text).unwrap();
    for indent in ["    ", "\t", "  \t", "\u{a0}"] {
        let lines =
            text.lines().map(|line| if line.is_empty() { line.to_owned() } else { indent.to_owned() + line });
        assert_eq!(read(&lines.collect::<Vec<_>>().join("\n")), Ok(plain.clone()), "{indent:?}");
    }
    let notes_at_the_margin =
        "# first\n  GET /\n    say\n      one\n        two\n\n# second\n  GET /a\n    say x\n";
    assert_eq!(read(notes_at_the_margin), Ok(plain));
}

#[test]
fn lines_of_a_slip_count_as_the_file_has_them_whatever_its_indent() {
    let slips = read("\n    GET /\n      body x\n    GET /a\n      say y\n").unwrap_err();
    assert_eq!((slips.len(), slips[0].line), (1, Some(3)), "{slips:?}");
    // An answer alone is no route, however far from the margin it stands.
    assert!(read("  say x\n").unwrap_err()[0].what.contains("there is no route above it"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_in_order() {
    let text: String = WRONG[..12].iter().map(|(text, ..)| *text).collect();
    let lines: Vec<_> = read(&text).unwrap_err().iter().map(|slip| slip.line).collect();
    assert!(lines.len() >= 10 && lines.is_sorted(), "{lines:?}");
    assert!(read("").unwrap_err()[0].what.contains("there is no route"));
}

#[test]
fn any_text_reads_or_is_told_about() {
    let pieces = [
        "GET ",
        "/",
        "/*",
        "\n",
        "  ",
        "\t",
        "say",
        " x",
        "status 404",
        "field A: b",
        "🌱",
        "#",
        "\r\n",
        "type ",
    ];
    let mut seed: u64 = 7;
    for _ in 0..2_000 {
        let text: String = (0..12)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]
            })
            .collect();
        if let Err(slips) = read(&text) {
            assert!(!slips.is_empty() && slips.iter().all(|slip| !slip.mend.is_empty()), "{text:?}");
        }
    }
}

#[test]
fn files_that_cannot_be_sent_are_told_in_the_line_that_names_them() {
    let folder = home();
    let path = folder.path().join("my.routes");
    let slip = |text: &[u8]| {
        fs::write(&path, text).unwrap();
        load(&path).table.map(|table| table.len()).unwrap_err().remove(0)
    };
    let missing = slip(b"GET /\n  say x\nGET /a\n  file no.html\n");
    assert_eq!(missing.line, Some(4));
    assert!(missing.what.starts_with("no.html cannot be read"), "{missing:?}");
    let bytes = slip(b"GET /\n  say \xff\n");
    assert_eq!((bytes.line, bytes.what.as_str()), (Some(2), "these bytes are not UTF-8"));
    let folder_itself = slip(b"GET /\n  file .\n");
    assert!(folder_itself.what.contains("this is no file"), "{folder_itself:?}");
    fs::write(folder.path().join("big"), vec![b'x'; 9 * 1024 * 1024]).unwrap();
    let big = slip(b"GET /\n  file big\nGET /a\n  file big\n");
    assert_eq!(big.line, Some(4), "together they are too long: {big:?}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        assert!(slip(b"GET /\n  file link\n").what.contains("leads out of the folder"));
    }
}

#[test]
fn a_server_does_not_start_with_a_file_that_does_not_read() {
    let folder = home();
    let path = folder.path().join("bad.routes");
    fs::write(&path, "GET /\n  body x\nget /\n  say x\n").unwrap();
    let name = path.to_str().unwrap();
    run(folder.path(), ["serve", "--port", "0", "--routes", name]).exits(2).says(&[
        "bad.routes:2: there is no \"body\"",
        "there is one more",
        "bad.routes:3: \"get\" is no method",
    ]);
    run(folder.path(), ["serve", "--port", "0", "--routes", "nowhere"])
        .exits(2)
        .says(&["nowhere: the file cannot be read"]);
    run(folder.path(), ["serve", "--routes", name, "--say", "x"]).exits(2);
}

#[test]
fn a_strict_client_finds_nothing_wrong_with_the_example() {
    let folder = home();
    let mut command = netlab(folder.path(), ["serve", "--port", "0", "--routes", EXAMPLE]);
    command.env("COLUMNS", "140");
    let running = Running::of(command);
    let first = running.line();
    let url = first.strip_prefix("listening on ").unwrap().split(' ').next().unwrap();
    run(folder.path(), ["probe", url, "--stage", "routes"]).exits(0).says(&["19 checks: 19 passed"]);
}
