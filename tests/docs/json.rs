//! docs/json.md is the schema: its tables are read, every verb is run, and what it printed is held against them.
//!
//! A table belongs to the heading above it, which names a verb or a kind of object. The type of a member is `text`,
//! `number`, `true or false`, `list of TYPE` or a link to another heading; ` or null` and `, not always` may follow.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;

use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::{progress, shelf};
use netlab::state;
use serde_json::Value;

use super::home::{Home, root};
use super::markdown::anchor;

/// Members of each kind of object.
type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// Words of a verb's own documents that are not their heading.
const HEADINGS: &[(&str, &str)] = &[
    ("", "netlab"),
    ("lessons lint", "lessons-lint"),
    ("lessons new", "lessons-new"),
    ("lab ca", "lab-ca"),
    ("learn --predict", "learn---predict"),
    ("check --saw", "check---saw"),
];

fn tables() -> Tables {
    let text = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let mut tables = Tables::new();
    let mut heading = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            heading = anchor(line.trim_start_matches('#').trim());
        } else if let Some(row) = line.strip_prefix("| `") {
            let mut cells = row.trim_end_matches('|').split(" | ").map(str::trim);
            let (member, kind) = (cells.next().unwrap(), cells.next().unwrap());
            assert_eq!(cells.count(), 2, "member, type, unit and meaning: {line}");
            let member = member.trim_end_matches('`').to_owned();
            tables.entry(heading.clone()).or_default().insert(member, kind.to_owned());
        }
    }
    tables
}

/// Holds documents against the tables, and remembers what it has met.
struct Holder {
    tables: Tables,
    met: BTreeSet<(String, String)>,
    wrong: BTreeSet<String>,
}

impl Holder {
    fn document(&mut self, text: &str) {
        let Ok(Value::Object(mut members)) = serde_json::from_str(text) else {
            self.wrong.insert(format!("not one object: {text}"));
            return;
        };
        let verb = members.get("verb").and_then(Value::as_str).unwrap_or_default().to_owned();
        let few =
            members.keys().all(|member| ["schema", "verb", "failure", "flows"].contains(&member.as_str()));
        let early = few && members.get("failure").is_some_and(Value::is_object);
        for common in ["schema", "verb"] {
            let value = members.remove(common).unwrap_or_default();
            self.value("every-document", common, &value);
        }
        if early {
            self.value("every-document", "failure", &members["failure"]);
            return self.value("every-document", "flows", &members["flows"]);
        }
        let heading =
            HEADINGS.iter().find(|(word, _)| *word == verb).map_or(verb.as_str(), |(_, heading)| heading);
        self.object(heading, &Value::Object(members));
    }

    fn object(&mut self, kind: &str, value: &Value) {
        let Some(table) = self.tables.get(kind).cloned() else {
            self.wrong.insert(format!("there is no table {kind}"));
            return;
        };
        let Some(members) = value.as_object() else {
            self.wrong.insert(format!("{kind} is no object: {value}"));
            return;
        };
        for (member, value) in members {
            self.value(kind, member, value);
        }
        for (member, wanted) in table {
            if !members.contains_key(&member) && !wanted.ends_with(", not always") {
                self.wrong.insert(format!("{kind} has no {member} in {value}"));
            }
        }
    }

    fn value(&mut self, kind: &str, member: &str, value: &Value) {
        let Some(wanted) = self.tables.get(kind).and_then(|table| table.get(member)).cloned() else {
            self.wrong.insert(format!("{kind} has {member}, which is not described: {value}"));
            return;
        };
        self.met.insert((kind.to_owned(), member.to_owned()));
        self.fits(&format!("{kind}.{member}"), wanted.trim_end_matches(", not always"), value);
    }

    fn fits(&mut self, place: &str, wanted: &str, value: &Value) {
        let (wanted, may_be_null) = match wanted.strip_suffix(" or null") {
            Some(wanted) => (wanted, true),
            None => (wanted, false),
        };
        if let (true, Value::Null) = (may_be_null, value) {
            return;
        }
        if let (Some(each), Some(values)) = (wanted.strip_prefix("list of "), value.as_array()) {
            return values.iter().for_each(|value| self.fits(place, each, value));
        }
        if let Some((_, link)) = wanted.split_once("](#") {
            return self.object(link.trim_end_matches(')'), value);
        }
        let fits = match wanted {
            "text" => value.is_string(),
            "number" => value.is_u64() || value.is_i64(),
            "true or false" => value.is_boolean(),
            _ => false,
        };
        if !fits {
            self.wrong.insert(format!("{place} should be {wanted} and is {value}"));
        }
    }
}

pub fn every_member_of_every_document_is_described() {
    let mut holder = Holder { tables: tables(), met: BTreeSet::new(), wrong: BTreeSet::new() };
    let closed = closed_port();
    let (closed_server, refused) = (format!("127.0.0.1:{closed}"), format!("http://127.0.0.1:{closed}/"));
    let broken = "tests/fixtures/lessons/broken/02-no-steps.md";
    let home = Home::new();
    let own_lessons = home.path().join("my-lessons");
    let runs: &[(&[&str], &str)] = &[
        (&[], ""),
        (&["lessons"], ""),
        (&["learn"], ""),
        (&["learn", "--predict", "1"], ""),
        (&["check"], ""),
        (&["hint"], ""),
        (&["why"], ""),
        (&["why", "because the server spoke"], ""),
        (&["connect", "echo.test"], "hello\n"),
        (&["check"], ""),
        (&["connect", "time.test"], ""),
        (&["check"], ""),
        (&["check", "--saw", "something else"], ""),
        (&["check", "--saw", "something else again"], ""),
        (&["check", "--saw", "a third thing"], ""),
        (&["skip"], ""),
        (&["reset", "roles"], ""),
        (&["reset", "--undo"], ""),
        (&["lessons"], ""),
        (&["lessons", "lint", "--static"], ""),
        (&["lessons", "lint", "--static", broken], ""),
        (&["lessons", "lint", "tests/fixtures/lessons/broken-when-run/16-another-line.md"], ""),
        (&["lessons", "new", "my-lesson", "--lessons", own_lessons.to_str().unwrap()], ""),
        (&["resolve", "garden.test"], ""),
        (&["resolve", "--type", "MX", "time.test"], ""),
        (&["resolve", "nope.test"], ""),
        (&["resolve", "--server", &closed_server, "garden.test"], ""),
        (&["resolve", "--type", "NOTHING", "garden.test"], ""),
        (&["resolve", "--type", "A", "localhost"], ""),
        (&["raw-get", "http://hello.test/seed-a-plant"], ""),
        (&["raw-get", &refused], ""),
        (&["raw-get", "https://hello.test/"], ""),
        (&["connect", &closed_server], ""),
        (&["send", "echo.test", "--text", "🌱", "--frame", "newline", "--read", "3", "--receipts"], ""),
        (&["send", &closed_server], ""),
        (&["packets", "--bytes", "2000", "--mss", "536,default"], ""),
        (&["pour", "--bytes", "2000000", "--sndbuf", "20000", "--rcvbuf", "20000"], ""),
        (&["pour", "echo.test", "--bytes", "1000"], ""),
        (&["explain"], "GET / HTTP/1.1\r\nHost hello.test\r\n\r\n"),
        (&["explain", "--as", "http"], "HTTP/1.1 204 No Content\n\n"),
        (&["explain", "--as", "plain"], "\u{1b}\n"),
        (&["explain", "tests/goldens/dns/caa/in.hex"], ""),
        (&["explain", "tests/goldens/dns/cut-in-an-address/in.hex"], ""),
        (&["lab", "status"], ""),
        (&["class", "--demo"], ""),
        (&["class", "README.md"], ""),
        (&["addrs"], ""),
        (&["addrs", "::ffff:10.0.0.1"], ""),
        (&["addrs", "garden.test"], ""),
        (&["sockets"], ""),
        (&["notebook"], ""),
        (&["glossary"], ""),
        (&["glossary", "kernel"], ""),
        (&["review"], ""),
        (&["reset", "--all", "--erase"], ""),
    ];
    for (words, input) in runs {
        holder.document(&typed(&home, words, input.as_bytes()));
    }
    let hand_in = home.path().join("hand-in.jsonl");
    let hand_in = hand_in.to_str().unwrap();
    holder.document(&typed(&home, &["submit", "--name", "Ada", "--out", hand_in], b""));
    holder.document(&typed(&home, &["class", hand_in, "--class", "autumn"], b""));
    holder.document(&typed(&home, &["explain", "--as", "dns"], &[0xff; 40]));
    let rude = rude_server();
    holder.document(&typed(&home, &["connect", &rude], b"hello\n"));
    reviews(&mut holder);
    others_server(&mut holder);
    // A listener and a connection of this process, so that there is something to list.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    holder.document(&typed(&home, &["sockets"], b""));
    probes(&home, &mut holder);
    exchanges(&home, &mut holder);
    serve(&home, &mut holder);
    listen(&home, &mut holder);
    ends(&home, &mut holder);
    tap(&home, &mut holder);
    tap_of_connections(&home, &mut holder);
    lab(&home, &mut holder);
    let wrong: Vec<String> = holder.wrong.into_iter().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let described =
        holder.tables.iter().flat_map(|(kind, table)| table.keys().map(move |member| (kind, member)));
    // Notes and limits are told when something unusual happens, what a lesson's command printed when it printed
    // something else, and the end of the course takes hours.
    let rare = ["limit", "text", "done", "printed"];
    // What a program knows of a conversation besides what happens on it; and what a probe makes of a server, which is for
    // checks: its own document says more.
    let of_layers = |kind: &str, member: &str| {
        kind == "event" && ["beneath", "flow", "protocol", "passed", "failed"].contains(&member)
    };
    let unmet: Vec<_> = described
        .filter(|(kind, member)| !rare.contains(&kind.as_str()) && !rare.contains(&member.as_str()))
        .filter(|(kind, member)| !of_layers(kind, member))
        .filter(|(kind, member)| !holder.met.contains(&((*kind).clone(), (*member).clone())))
        .collect();
    assert!(unmet.is_empty(), "described, and in none of the documents: {unmet:?}");
}

/// Runs a verb with --json and gives its standard output.
fn typed(home: &Home, words: &[&str], input: &[u8]) -> String {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let mut command = home.command(&words);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // A verb that does not read has closed its end, and that is its right.
    let _ = child.stdin.take().unwrap().write_all(input);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// A lesson that was done yesterday, and what is asked and told about it today.
fn reviews(holder: &mut Holder) {
    let home = Home::new();
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let lesson = &lessons[0];
    let mut facts = Vec::new();
    for step in &lesson.steps {
        for predict in step.predictions() {
            let said = What::Predicted(Said::new(predict, &predict.choices[0]));
            facts.push(Fact::new(lesson, step, 1, said));
        }
        facts.push(Fact::passed(lesson, step, vec!["a connection".to_owned()], 1));
    }
    let (question, answer) = ("Which?".to_owned(), "that one".to_owned());
    let answered = What::Answered { question, answer, agrees: true };
    facts.push(Fact::new(lesson, &lesson.steps[0], 1, answered));
    let folder = state::Home::at(&home.path()).unwrap();
    facts.iter().for_each(|fact| progress::append(&folder, fact).unwrap());
    for words in [&["lessons"][..], &["review"], &["review", "--answer", "1"], &["notebook"], &[]] {
        holder.document(&typed(&home, words, b""));
    }
}

/// A step whose port is held by a program that is none of netlab's: this one.
fn others_server(holder: &mut Holder) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let home = Home::new();
    let folder = home.path().join("lessons");
    fs::create_dir_all(&folder).unwrap();
    let lesson = format!(
        "---\nid: own\ntitle: Own\nminutes: 1\nneeds:\nteaches: listening\ncorrects:\n---\nA step.\n\n## Call it\nCall it.\n\n```console\n$ netlab raw-get http://localhost:{port}/\n...\n```\n\n```check\n# a request\nserver.port = {port}\nhttp.path = /\n```\n\n```hint\nCall it.\n```\n"
    );
    fs::write(folder.join("01-own.md"), lesson).unwrap();
    let words = ["check", "--lessons", folder.to_str().unwrap()];
    if cfg!(target_os = "linux") {
        holder.document(&typed(&home, &words, b""));
    } else {
        // Only Linux tells which program holds a port; elsewhere the list is empty.
        holder.tables.remove("other-server");
    }
}

/// Answers that point elsewhere, are packed, and differ.
fn exchanges(home: &Home, holder: &mut Holder) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            let (mut path, mut line) = (String::new(), String::new());
            while stream.read_line(&mut line).is_ok_and(|len| len > 2) {
                if path.is_empty() {
                    line.split(' ').nth(1).unwrap_or_default().clone_into(&mut path);
                }
                line.clear();
            }
            let answer = match path.as_str() {
                "/a" => "HTTP/1.1 302 Found\r\nLocation: b\r\nContent-Length: 0\r\n\r\n",
                "/lost" => "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
                "/packed" => "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
                _ => {
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 1\r\n\r\nx"
                }
            };
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    let url = |path: &str| format!("http://{address}{path}");
    for words in
        [&["raw-get", "-L", &url("/a")][..], &["raw-get", &url("/lost")], &["raw-get", &url("/packed")]]
    {
        holder.document(&typed(home, words, b""));
    }
    holder.document(&typed(home, &["raw-get", &url("/packed"), "--compare", &url("/b")], b""));
}

/// A probe of a server with faults, and one of nobody.
fn probes(home: &Home, holder: &mut Holder) {
    let mut child = home.command(&["serve", "--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = serde_json::from_str::<Value>(&line).unwrap()["listening"][0].as_str().unwrap().to_owned();
    holder.document(&typed(home, &["probe", &address, "--patience", "20s"], b""));
    stop(&mut child);
    child.wait().unwrap();
    // One that takes a read for a request has two answers to compare, and one that ends has a line to go on with.
    let hasty = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = hasty.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in hasty.incoming().map_while(Result::ok) {
            let mut room = [0; 1024];
            let len = stream.read(&mut room).unwrap_or(0);
            let status = if room[..len].ends_with(b"\r\n\r\n") { "200 OK" } else { "400 Bad Request" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            if room.starts_with(b"SPROUT") {
                return;
            }
        }
    });
    holder.document(&typed(home, &["probe", &address, "--stage", "framing"], b""));
    let nobody = format!("127.0.0.1:{}", closed_port());
    holder.document(&typed(home, &["probe", &nobody, "--wait", "0s"], b""));
}

/// The lines of a server: one good request, one refused, a flood, and the end.
fn serve(home: &Home, holder: &mut Holder) {
    let mut child = home.command(&["serve", "--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = serde_json::from_str::<Value>(&first).unwrap()["listening"][0].as_str().unwrap().to_owned();
    let mut all = vec![first];
    for request in ["GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n", "nonsense\n\n"] {
        typed(home, &["connect", &address], request.as_bytes());
        all.push(lines.next().unwrap());
    }
    let mut events = events(&address);
    let flood = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000);
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    stream.write_all(flood.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    loop {
        let data = events.next().unwrap();
        holder.object("_watchevents", &serde_json::from_str(&data).unwrap());
        if data.contains("left_out\":") && !data.contains("exchange") {
            break;
        }
    }
    stop(&mut child);
    all.extend(lines);
    child.wait().unwrap();
    all.iter().for_each(|line| holder.object("serve", &serde_json::from_str(line).unwrap()));
    routes(home, holder);
}

/// The lines about a file of routes: what it has at first, and what does not read when it has changed.
fn routes(home: &Home, holder: &mut Holder) {
    let file = home.path().join("my.routes");
    fs::write(&file, "GET /\n  say x\n").unwrap();
    let words = ["serve", "--port", "0", "--json", "--routes", file.to_str().unwrap()];
    let mut child = home.command(&words).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    for line in lines {
        holder.object("serve", &serde_json::from_str(&line).unwrap());
        if line.contains("\"again\":false") {
            fs::write(&file, "GET /\n  sya x\n").unwrap();
        }
        if line.contains("sya") {
            stop(&mut child);
        }
    }
    child.wait().unwrap();
}

/// What the page is told.
fn events(address: &str) -> impl Iterator<Item = String> {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET /_watch/events HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned))
}

/// The lines of a listener: text and other bytes, datagrams that are cut, one that cannot be sent, and the end.
fn listen(home: &Home, holder: &mut Holder) {
    let mut child = home
        .command(&["listen", "0", "--udp", "--echo", "--read", "2", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = serde_json::from_str::<Value>(&first).unwrap()["listening"][0].as_str().unwrap().to_owned();
    let mut all = vec![first];
    let mut until = |piece: &str| {
        while !all.last().unwrap().contains(piece) {
            all.push(lines.next().unwrap());
        }
    };
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"abc", &address).unwrap();
    until("no further read returns it");
    socket.send_to(b"\xff", &address).unwrap();
    until("\"hex\"");
    // Longer than a datagram can be.
    typed.write_all(&vec![b'x'; 65_520]).unwrap();
    drop(typed);
    until("message-too-long");
    stop(&mut child);
    until("stopped");
    child.wait().unwrap();
    all.iter().for_each(|line| holder.object("listen", &serde_json::from_str(line).unwrap()));
}

/// The lines about a connection with messages in it, whole and broken ones, with a character cut in two.
fn ends(home: &Home, holder: &mut Holder) {
    let mut child = home
        .command(&["listen", "127.0.0.1:0", "--read", "3", "--frame", "length", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = serde_json::from_str::<Value>(&first).unwrap()["listening"][0].as_str().unwrap().to_owned();
    let text = r"\0\0\0\x04🌱\0\0\0\x01\xff\0\0\0\x09";
    holder.document(&typed(home, &["send", &address, "--text", text], b""));
    let ended = lines.find(|line| line.starts_with("{\"ended\"")).unwrap();
    holder.object("listen", &serde_json::from_str(&ended).unwrap());
    stop(&mut child);
    child.wait().unwrap();
}

/// The lines of a tap: every fate, one that is released, a target that is not there, and the end.
fn tap(home: &Home, holder: &mut Holder) {
    let ends = format!("0=127.0.0.1:{}", closed_port());
    let mut child = home
        .command(&["tap", "--udp", &ends, "--dup", "50%", "--reorder", "50%", "--seed", "7", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = serde_json::from_str::<Value>(&first).unwrap()["listening"][0].as_str().unwrap().to_owned();
    let mut all = vec![first];
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    for awaited in ["held", "released", "\"refused\""] {
        while !all.last().unwrap().contains(awaited) {
            socket.send_to(b"abc", &address).unwrap();
            all.push(lines.next().unwrap());
        }
    }
    stop(&mut child);
    all.extend(lines);
    child.wait().unwrap();
    all.iter().for_each(|line| holder.object("tap", &serde_json::from_str(line).unwrap()));
}

/// The lines of a tap for connections: messages and content, more of them than are told, a line that is no HTTP, plain
/// text, a server that is not there, and the end.
fn tap_of_connections(home: &Home, holder: &mut Holder) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let ends = format!("0={}", server.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let answers: [&[u8]; 3] =
            [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi\r\n", b"hello\r\n", b"\xff\0"];
        for answer in answers {
            let (mut stream, _) = server.accept().unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            stream.write_all(answer).unwrap();
            // All that comes is read, so that this ends with FIN.
            drop(stream.shutdown(std::net::Shutdown::Write));
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let mut child = home.command(&["tap", &ends, "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = serde_json::from_str::<Value>(&first).unwrap()["listening"][0].as_str().unwrap().to_owned();
    let mut all = vec![first];
    let many = format!("{}good morning\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(101));
    let mut ended = 0;
    for words in [&many, "good morning\r\n", "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\r\n"] {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(words.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        ended += 1;
        while all.iter().filter(|line| line.starts_with("{\"ended\"")).count() < ended {
            all.push(lines.next().unwrap());
        }
    }
    answering.join().unwrap();
    stop(&mut child);
    all.extend(lines);
    child.wait().unwrap();
    all.iter().for_each(|line| holder.object("tap", &serde_json::from_str(line).unwrap()));
}

fn lab(home: &Home, holder: &mut Holder) {
    let mut child = home.command(&["lab", "up", "--free", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    holder.object("lab", &serde_json::from_str(&line).unwrap());
    assert_eq!(typed(home, &["lab", "status"], b""), line, "status says what up said");
    holder.document(&typed(home, &["lab", "ca"], b""));
    stop(&mut child);
    child.wait().unwrap();
}

/// Asks a server to stop, as the system does.
fn stop(child: &mut std::process::Child) {
    let sent = std::process::Command::new("kill").arg(child.id().to_string()).status();
    if !sent.is_ok_and(|status| status.success()) {
        child.kill().unwrap();
    }
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that closes without reading, which its kernel says with RST.
fn rude_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // One byte of several: the rest stays unread.
        stream.read_exact(&mut [0]).unwrap();
    });
    address
}

/// The members of the types that are written as they are.
fn written(code: &str) -> Vec<String> {
    let types = code.split("#[derive(Serialize)]").skip(1).filter_map(|rest| rest.split("\n}").next());
    let lines = types.flat_map(str::lines).map(|line| line.trim().trim_start_matches("pub(super) "));
    let names = lines.filter_map(|line| line.split_once(": ").map(|(name, _)| name.to_owned()));
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')).collect()
}

/// Names that occur as members in the code that makes documents.
pub fn description_and_code_name_the_same_members() {
    let mut code = String::new();
    let mut folders = vec![root().join("src/render"), root().join("src/commands")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                code += &fs::read_to_string(path).unwrap();
            }
        }
    }
    code.extend(netlab::evidence::Counters::NAMES.iter().map(|name| format!("\"{name}\"\n")));
    let members = written(&code);
    code.extend(members.iter().map(|name| format!("\"{name}\":\n")));
    let described: BTreeSet<String> = tables().values().flat_map(|table| table.keys().cloned()).collect();
    let unmade: Vec<_> = described.iter().filter(|name| !code.contains(&format!("\"{name}\""))).collect();
    assert!(unmade.is_empty(), "described, and nowhere in the code: {unmade:?}");
    let mut undescribed = BTreeSet::new();
    for (at, _) in code.match_indices("\":") {
        let name = code[..at].rsplit('"').next().unwrap_or_default();
        let is_member =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_member && !described.contains(name) {
            undescribed.insert(name);
        }
    }
    assert!(undescribed.is_empty(), "made, and not described: {undescribed:?}");
}
