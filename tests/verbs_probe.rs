//! `netlab probe` against servers that are late, gone, silent, rude, slow or somebody else's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use peer::{closed_port, read_head, says, server};
use run::{Ran, Running, home, netlab, run};

fn probe(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    let url = format!("http://{address}/");
    let patience: &[&str] = if options.contains(&"--patience") { &[] } else { &["--patience", "20s"] };
    run(home.path(), ["probe", &url].iter().chain(options).chain(patience))
}

/// The verdict of a check in the document.
fn verdict(document: &serde_json::Value, id: &str) -> String {
    check(document, id)["verdict"].as_str().unwrap().to_owned()
}

fn check<'d>(document: &'d serde_json::Value, id: &str) -> &'d serde_json::Value {
    let stages = document["stages"].as_array().unwrap();
    let mut checks = stages.iter().flat_map(|stage| stage["checks"].as_array().unwrap());
    checks.find(|check| check["check"] == id).unwrap_or_else(|| panic!("{id} is there"))
}

const HELLO: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

#[test]
fn a_server_without_a_fault_ends_with_code_0() {
    let home = home();
    let running = Running::start(home.path(), ["serve", "--port", "0", "--strict"]);
    let line = running.line();
    let url = line.split(' ').find(|word| word.starts_with("http://")).unwrap();
    run(home.path(), ["probe", url, "--patience", "20s"]).exits(0).says(&[
        "routes expects that",
        "robust expects that",
        "result 61 checks: 61 passed",
    ]);
    let quiet = run(home.path(), ["probe", url, "--patience", "20s", "-q", "--stage", "hello"]).exits(0);
    assert_eq!(quiet.text().lines().count(), 1, "{}", quiet.text());
}

#[test]
fn the_bytes_that_show_a_failure_stand_over_carets_with_a_line_to_repeat_it() {
    let ran = probe(says(HELLO), &["--stage", "routes", "--seed", "7", "--plain"]).exits(3);
    let text = ran.text();
    assert!(text.contains("FAIL       routes.unknown"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("FAIL       routes.unknown")).unwrap();
    let came = lines[at..].iter().position(|line| line.contains("came ")).unwrap() + at;
    let column = lines[came].find("200").unwrap();
    assert_eq!(lines[came + 1].find('^'), Some(column), "{text}");
    assert_eq!(lines[came + 1].trim(), "^^^");
    assert!(lines[at..].iter().any(|line| line.contains("again printf 'GET /")), "{text}");
    assert!(text.is_ascii(), "--plain is ASCII: {text}");
    ran.says(&["(RFC 9110 section 15.5.5, asked for by the exercise)"]);
}

#[test]
fn what_builds_on_a_failure_is_not_tried_and_says_so() {
    let ran = probe(says("SSH-2.0-OpenSSH_9\r\n"), &["--json", "--stage", "routes"]).exits(3);
    let document = ran.document();
    assert_eq!(verdict(&document, "hello.answers"), "fail");
    assert_eq!(verdict(&document, "routes.unknown"), "not-tried");
    let because = check(&document, "routes.unknown")["found"].as_str().unwrap();
    assert_eq!(because, "it builds on hello.answers, which did not pass");
    assert_eq!(document["failed"], 1);
    let text = probe(says("SSH-2.0-OpenSSH_9\r\n"), &["--plain"]).exits(3).text();
    let left_out: Vec<&str> = text.lines().filter(|line| line.starts_with("not tried")).collect();
    assert_eq!(left_out.len(), 3, "one line for a stage: {left_out:?}");
    assert!(left_out[0].contains("hello.head") && left_out[0].contains("and 5 more, because it builds on"));
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("the stage robust has 26 more, which come when nothing fails"), "{text}");
    let options = ["--plain", "--verbose", "--stage", "robust"];
    let text = probe(says("SSH-2.0-OpenSSH_9\r\n"), &options).exits(3).text();
    assert!(text.lines().filter(|line| line.starts_with("not tried")).count() > 50, "{text}");
}

#[test]
fn nobody_there_is_code_1_and_says_how_long_it_waited() {
    let closed = closed_port();
    probe(closed, &["--wait", "100ms"]).exits(1).says(&[
        &format!("waiting up to 0.1 s for somebody to listen on {closed}"),
        &format!("error: nothing listens on {closed}"),
        "--wait 30s",
    ]);
    let ran = probe(closed, &["--wait", "0s"]).exits(1);
    assert!(!ran.complaint().contains("waiting"), "{}", ran.complaint());
}

#[test]
fn a_server_that_starts_late_is_waited_for() {
    let address = closed_port();
    let home = home();
    let url = format!("http://{address}/");
    let mut command = netlab(home.path(), ["probe", &url, "--wait", "20s", "--stage", "hello"]);
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    // It says that it waits; only then somebody begins to listen.
    let mut said = vec![0; 7];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert_eq!(said, b"waiting");
    let listener = TcpListener::bind(address).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            read_head(&mut stream);
            let _ = stream.write_all(HELLO.as_bytes());
        }
    });
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_server_that_falls_silent_costs_patience_and_not_more() {
    let address = server(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let document = probe(address, &["--json", "--patience", "200ms"]).exits(3).document();
    assert_eq!(verdict(&document, "hello.answers"), "fail");
    let found = check(&document, "hello.answers")["found"].as_str().unwrap();
    assert_eq!(found, "no whole answer came, and the connection stayed open");
    assert_eq!(document["passed"], 0);
}

/// A server that answers, and ends when a request for such a target comes.
fn ends_on(piece: &'static str, answers_first: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let head = String::from_utf8_lossy(&read_head(&mut stream)).into_owned();
            let ends = head.contains(piece);
            if !ends || answers_first {
                let _ = stream.write_all(HELLO.as_bytes());
            }
            if ends {
                return;
            }
        }
    });
    address
}

#[test]
fn the_request_that_ends_a_server_is_blamed_and_the_next_check_is_where_to_go_on() {
    for answers_first in [false, true] {
        let address = ends_on("/?x=", answers_first);
        let ran = probe(address, &["--json", "--seed", "7"]).exits(3);
        let document = ran.document();
        assert_eq!(verdict(&document, "hello.again"), "pass");
        assert_eq!(document["mend_first"], "routes.front-query", "before routes.plant, which failed earlier");
        let found = check(&document, "routes.front-query")["found"].as_str().unwrap();
        assert!(found.contains("this ended the server"), "{found}");
        let because = check(&document, "routes.two-clients")["found"].as_str().unwrap();
        assert_eq!(because, "nobody has taken a connection since routes.front-query");
        let go_on = format!("netlab probe http://{address}/ --from routes.two-clients --seed 7");
        assert_eq!(document["go_on"], go_on);
        let address = ends_on("/?x=", answers_first);
        let text = probe(address, &["--plain", "--seed", "7"]).exits(3).text();
        let go_on = format!("netlab probe http://{address}/ --from routes.two-clients --seed 7");
        assert!(text.contains("start the server again") && text.contains(&go_on), "{text}");
        let first = text.lines().skip_while(|line| !line.starts_with("mend this first")).nth(1).unwrap();
        assert!(first.starts_with("FAIL       routes.front-query"), "{first}");
    }
}

#[test]
fn a_run_goes_on_from_a_check_and_says_which_there_are() {
    let document =
        probe(says(HELLO), &["--json", "--from", "framing.split", "--stage", "framing"]).document();
    let stages = document["stages"].as_array().unwrap();
    let checks = |stage: &serde_json::Value| stage["checks"].as_array().unwrap().len();
    let names: Vec<(&str, usize)> =
        stages.iter().map(|stage| (stage["stage"].as_str().unwrap(), checks(stage))).collect();
    assert_eq!(names, [("hello", 7), ("framing", 15)]);
    assert_eq!(stages[1]["checks"][0]["check"], "framing.split");
    probe(says(HELLO), &["--from", "framing.splt"])
        .exits(2)
        .says(&["Those of this stage are framing.byte-by-byte"]);
    probe(says(HELLO), &["--from", "nonsense"]).exits(2).says(&["such as routes.query"]);
    probe(says(HELLO), &["--from", "robust.tls", "--stage", "hello"])
        .exits(2)
        .says(&["nothing would be asked"]);
}

#[test]
fn the_connection_that_was_waited_for_is_the_one_that_is_asked_on() {
    let (sender, heads) = std::sync::mpsc::channel();
    let address = server(move |mut stream| {
        let _ = sender.send(read_head(&mut stream));
        let _ = stream.write_all(HELLO.as_bytes());
    });
    probe(address, &["--stage", "hello"]).exits(0);
    let heads: Vec<Vec<u8>> = heads.try_iter().collect();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.starts_with(b"GET / ")), "nobody came without a word");
}

#[test]
fn a_server_for_one_client_at_a_time_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            read_head(&mut stream);
            let _ = stream.write_all(HELLO.as_bytes());
        }
    });
    let document = probe(address, &["--json", "--stage", "routes", "--patience", "2s"]).exits(3).document();
    assert_eq!(verdict(&document, "routes.two-clients"), "fail");
    let found = check(&document, "routes.two-clients")["found"].as_str().unwrap();
    assert!(found.contains("one client at a time"), "{found}");
    // To see that, the second one has to ask while the first one holds on.
    let again = check(&document, "routes.two-clients")["again"].as_array().unwrap();
    let [line] = again.as_slice() else { panic!("{again:?}") };
    let calls = line.as_str().unwrap().matches(&format!(" | nc 127.0.0.1 {}", address.port())).count();
    assert_eq!(calls, 2, "{line}");
}

#[test]
fn a_length_that_is_wrong_everywhere_fails_once() {
    let short = HELLO.replace("Content-Length: 2", "Content-Length: 5");
    let document = probe(says(short), &["--json", "--stage", "routes"]).exits(3).document();
    assert_eq!(document["failed"], 1, "{document}");
    for id in ["routes.front-query", "routes.two-clients", "routes.head", "routes.unknown"] {
        assert_eq!(verdict(&document, id), "not-tried");
        let because = check(&document, id)["found"].as_str().unwrap();
        assert_eq!(because, "it builds on hello.length, which did not pass");
    }
}

#[test]
fn a_chunk_whose_size_is_none_is_shown_with_the_rule_of_chunks() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    let address = says(format!("{head}Z\r\nHello\r\n0\r\n\r\n"));
    let document = probe(address, &["--json", "--stage", "hello"]).exits(3).document();
    let length = check(&document, "hello.length");
    assert_eq!(length["found"], "a chunk starts with its size in hexadecimal digits, and \"Z\" is none");
    assert_eq!(length["rfc"], "RFC 9112 §7.1");
    assert!(length["rule"].as_str().unwrap().starts_with("a chunk is its size in hexadecimal digits, CR LF"));
    assert_eq!(length["shown_by"], serde_json::json!({ "from": head.len(), "to": head.len() + 1 }));
    let ran = probe(address, &["--stage", "hello", "--plain"]).exits(3);
    ran.says(&["Z\\r\\n ^ ", "(RFC 9112 section 7.1, must)"]);
}

#[test]
fn a_date_that_is_none_is_shown_with_the_rule_of_dates() {
    let address = says(HELLO.replace("Content-Type", "Date: 2026-11-26 12:00\r\nContent-Type"));
    let document = probe(address, &["--json", "--stage", "framing"]).exits(3).document();
    let date = check(&document, "framing.date");
    assert_eq!(date["verdict"], "fail");
    assert_eq!(date["rfc"], "RFC 9110 §5.6.7");
    let from = HELLO.find("Content-Type").unwrap() + "Date: ".len();
    assert_eq!(date["shown_by"], serde_json::json!({ "from": from, "to": from + "2026-11-26 12:00".len() }));
    let none = probe(says(HELLO), &["--json", "--stage", "framing"]).exits(3).document();
    assert_eq!(check(&none, "framing.date")["rfc"], "RFC 9110 §6.6.1");
}

#[test]
fn curl_is_left_out_where_it_would_not_show_what_was_found() {
    let again = |to_head: &'static str| {
        let address = server(move |mut stream| {
            let is_head = read_head(&mut stream).starts_with(b"HEAD");
            let _ = stream.write_all(if is_head { to_head } else { HELLO }.as_bytes());
        });
        let document = probe(address, &["--json", "--stage", "routes"]).exits(3).document();
        assert_eq!(verdict(&document, "routes.head"), "fail");
        check(&document, "routes.head")["again"].as_array().unwrap().len()
    };
    // curl -I stops where the head ends, and what came behind it is the failure.
    assert_eq!(again(HELLO), 1);
    let refused = "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(again(refused), 2);
}

#[test]
fn a_server_that_never_closes_is_not_waited_for_again_and_again() {
    let address = server(|mut stream| {
        while !read_head(&mut stream).is_empty() {
            let head = HELLO.replace("Connection: close\r\n", "");
            if stream.write_all(head.as_bytes()).is_err() {
                return;
            }
        }
    });
    // Some thirty connections are to be closed; a second for each is more than a run may take here.
    let ran = probe(address, &["--json", "--patience", "1s"]).exits(3);
    let document = ran.document();
    assert_eq!(verdict(&document, "hello.length"), "pass");
    assert_eq!(verdict(&document, "framing.close"), "fail");
    ran.says(&["stayed open, so netlab waited only 0.1 s for each later close"]);
}

#[test]
fn a_server_that_hangs_on_whatever_is_odd_is_given_less_time_after_the_third() {
    let sound = |head: &[u8]| {
        let text = String::from_utf8_lossy(head);
        text.starts_with("GET /") && text.contains(" HTTP/1.") && text.matches("Host: 127").count() == 1
    };
    let address = server(move |mut stream| {
        let head = read_head(&mut stream);
        if sound(&head) {
            let _ = stream.write_all(HELLO.as_bytes());
        } else {
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let ran = probe(address, &["--patience", "1s"]).exits(3);
    ran.says(&["3 answers were waited for in vain, so netlab waited only 0.1 s for each later one"]);
}

#[test]
fn a_server_that_never_stops_talking_is_not_listened_to_for_ever() {
    let address = server(|mut stream| {
        read_head(&mut stream);
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        let _ = stream.write_all(head);
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let document = probe(address, &["--json", "--stage", "hello"]).exits(3).document();
    assert_eq!(verdict(&document, "hello.length"), "fail");
    let came = check(&document, "hello.length")["came"]["bytes"].as_u64().unwrap();
    assert!((1024 * 1024..2 * 1024 * 1024).contains(&came), "{came}");
}

#[test]
fn a_seed_asks_for_the_same_paths_again() {
    let paths = |options: &[&str]| {
        let (sender, heads) = std::sync::mpsc::channel();
        let address = server(move |mut stream| {
            let _ = sender.send(read_head(&mut stream));
            let _ = stream.write_all(HELLO.as_bytes());
        });
        probe(address, &[&["--stage", "routes", "--json"], options].concat()).exits(3);
        let line =
            |head: Vec<u8>| String::from_utf8(head).unwrap().lines().next().unwrap_or_default().to_owned();
        let mut lines: Vec<String> = heads.try_iter().map(line).collect();
        lines.sort();
        lines
    };
    let seven = paths(&["--seed", "7"]);
    assert!(seven.len() > 8, "{seven:?}");
    assert_eq!(paths(&["--seed", "7"]), seven);
    assert_ne!(paths(&[]), seven);
}

#[test]
fn broken_requests_are_not_sent_to_strangers() {
    let home = home();
    for url in ["http://8.8.8.8/", "http://169.254.169.254/", "http://[2001:4860:4860::8888]:7777/"] {
        run(home.path(), ["probe", url]).exits(2).says(&[
            "is outside this machine and its private network",
            "looks like an attack",
            "--i-own-this",
        ]);
    }
    run(home.path(), ["probe", "https://localhost:7777/"]).exits(2).says(&["this verb does not speak TLS"]);
    run(home.path(), ["probe", "http://18201/"])
        .exits(2)
        .says(&["18201 alone is a number", "type localhost:18201"]);
    run(home.path(), ["probe", "http://localhost:7777/a"]).exits(2).says(&["chooses the paths itself"]);
    run(home.path(), ["probe", "--stage", "all"]).exits(2).says(&["hello, routes, framing, robust"]);
}

#[test]
fn junit_is_xml_whatever_the_server_says() {
    let rude = "HTTP/1.1 200 OK\r\nContent-Type: a<b>&\"\x1b]0;x\x07\r\nContent-Length: 4\r\nConnection: close\r\n\r\n]]>&";
    let folder = home();
    let file = folder.path().join("probe.xml");
    let ran = probe(says(rude), &["--stage", "routes", "--junit", file.to_str().unwrap()]).exits(3);
    let shown = ran.out.iter().chain(&ran.err).find(|byte| **byte < b' ' && **byte != b'\n');
    assert_eq!(shown, None, "{}", String::from_utf8_lossy(&ran.out));
    let xml = fs::read_to_string(&file).unwrap();
    assert!(
        xml.starts_with(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"netlab probe\" tests=\"19\""
        ),
        "{xml}"
    );
    assert!(!xml.contains(|char: char| char.is_control() && char != '\n'), "{xml:?}");
    balanced(&xml);
    probe(says(HELLO), &["--stage", "hello", "--junit", "no/such/folder/x.xml"])
        .exits(2)
        .says(&["error: writing no/such/folder/x.xml failed"]);
}

#[test]
fn junit_holds_the_bytes_the_rule_and_the_line_that_repeats_it() {
    let folder = home();
    let file = folder.path().join("probe.xml");
    let address = says(HELLO);
    probe(address, &["--stage", "routes", "--seed", "7", "--junit", file.to_str().unwrap()]).exits(3);
    let xml = fs::read_to_string(&file).unwrap();
    balanced(&xml);
    let (_, rest) = xml.split_once("name=\"routes.unknown: ").unwrap();
    let (inside, _) = rest.split_once("</testcase>").unwrap();
    let lines: Vec<&str> = inside.lines().collect();
    let at = |start: &str| {
        lines.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start:?}: {inside}"))
    };
    let came = at("came  HTTP/1.1 200 OK\\r\\n");
    assert_eq!(lines[came + 1], "               ^^^", "{inside}");
    assert!(at("sent  GET /") < came && came < at("rule  200 says that"), "{inside}");
    assert!(lines[at("rule  ")].ends_with("(RFC 9110 §15.5.5, asked for by the exercise)"), "{inside}");
    assert!(lines[at("again printf &apos;GET /")].contains(&format!("nc 127.0.0.1 {}", address.port())));
    assert!(lines.iter().any(|line| line.starts_with("or    curl -i")), "{inside}");
}

#[test]
fn junit_of_a_run_that_asked_nobody_is_an_error_and_not_the_file_of_an_earlier_run() {
    let folder = home();
    let file = folder.path().join("probe.xml");
    let file = file.to_str().unwrap();
    probe(says(HELLO), &["--stage", "hello", "--junit", file]).exits(0);
    assert!(fs::read_to_string(file).unwrap().contains("tests=\"7\" failures=\"0\" errors=\"0\""));
    let closed = closed_port();
    probe(closed, &["--wait", "0s", "--junit", file]).exits(1);
    let xml = fs::read_to_string(file).unwrap();
    balanced(&xml);
    assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "{xml}");
    let error = format!("<error message=\"nothing listens on {closed}\" type=\"exit code 1\">");
    assert!(xml.contains(&error), "{xml}");
    run(folder.path(), ["probe", "http://8.8.8.8/", "--junit", file]).exits(2);
    assert!(fs::read_to_string(file).unwrap().contains("is outside this machine"), "the latest run's");
    // A file that cannot be written is no reason to keep quiet about the server.
    probe(closed, &["--wait", "0s", "--junit", "no/such/folder/x.xml"])
        .exits(1)
        .says(&["nothing listens on"]);
}

/// Every tag is closed by its own, and no < or & stands where it may not.
fn balanced(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (inside, text) = tag.split_once('>').unwrap_or_else(|| panic!("<{tag}"));
        assert!(!text.contains('>'), "{text}");
        let entities = inside.split('&').chain(text.split('&').skip(1)).skip(1);
        entities.for_each(|rest| {
            assert!(
                ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|one| rest.starts_with(one)),
                "&{rest}"
            );
        });
        let name = inside.split([' ', '/', '?']).find(|word| !word.is_empty()).unwrap();
        match inside.as_bytes() {
            [b'?', ..] | [.., b'/'] => {}
            [b'/', ..] => assert_eq!(open.pop(), Some(name), "{xml}"),
            _ => open.push(name),
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn every_width_has_room_for_it() {
    let address = says(HELLO);
    for columns in ["20", "40", "80", "140"] {
        let home = home();
        let mut command = netlab(home.path(), ["probe", &address.to_string(), "--stage", "routes"]);
        command.env("COLUMNS", columns);
        let text = run::finish(command, b"").exits(3).text();
        let wide: Vec<&str> = text
            .lines()
            // What is to be copied stays in one piece.
            .filter(|line| !line.contains("printf '") && !line.contains("curl -"))
            .filter(|line| line.chars().count() > columns.parse().unwrap())
            .collect();
        assert_eq!(wide, [""; 0], "at {columns} columns");
    }
}

#[cfg(unix)]
#[test]
fn asked_to_stop_it_counts_what_was_left() {
    let address = server(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let home = home();
    let running =
        Running::start(home.path(), ["probe", &address.to_string(), "--patience", "5m", "--wait", "20s"]);
    running.line_with("seed");
    let (status, _, lines, err) = running.terminate();
    assert_eq!(status.code(), Some(3));
    assert!(err.contains("stopped by you"), "{err}");
    assert!(lines.iter().any(|line| line.starts_with("result") && line.contains("not tried")), "{lines:?}");
}
