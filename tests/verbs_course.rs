//! `netlab explain`, `netlab lab` and the course from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::io::{Read as _, Write as _};
use std::path::Path;

use netlab::lessons::console::Command;
use netlab::lessons::{Lesson, shelf};
use run::{Ran, Running, finish, home, netlab, run, skipped};
use serde_json::Value;

// explain

const REQUEST: &[u8] = b"GET /garden HTTP/1.1\r\nHost: hello.test\r\n\r\n";

/// A question for the A record of hi.test.
const QUERY: &[u8] = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02hi\x04test\x00\x00\x01\x00\x01";

fn explain(input: &[u8], options: &[&str]) -> Ran {
    let home = home();
    finish(netlab(home.path(), ["explain"].iter().chain(options)), input)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As `xxd` writes it.
fn xxd(bytes: &[u8]) -> String {
    let line = |(at, row): (usize, &[u8])| {
        let pairs: Vec<String> = row.chunks(2).map(hex).collect();
        let text: String =
            row.iter().map(|&byte| if (32..127).contains(&byte) { char::from(byte) } else { '.' }).collect();
        format!("{:08x}: {:<39}  {text}\n", at * 16, pairs.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

/// As `hexdump -C` writes it.
fn hexdump(bytes: &[u8]) -> String {
    let line = |(at, row): (usize, &[u8])| {
        let (left, right) = row.split_at(row.len().min(8));
        let pairs = |half: &[u8]| half.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        let text: String =
            row.iter().map(|&byte| if (32..127).contains(&byte) { char::from(byte) } else { '.' }).collect();
        format!("{:08x}  {:<23}  {:<23}  |{text}|\n", at * 16, pairs(left), pairs(right))
    };
    bytes.chunks(16).enumerate().map(line).collect::<String>() + &format!("{:08x}\n", bytes.len())
}

#[test]
fn bytes_are_explained_however_they_are_written() {
    for (bytes, protocol) in [(REQUEST, "http"), (QUERY, "dns")] {
        let raw = explain(bytes, &["--json"]).exits(0).document();
        assert_eq!(raw["protocol"], protocol);
        assert_eq!(raw["bytes"], bytes.len());
        for written in [
            hex(bytes),
            hex(bytes).to_uppercase(),
            format!("# a comment\n{}\n", bytes.iter().map(|byte| format!("{byte:02x} ")).collect::<String>()),
            xxd(bytes),
            hexdump(bytes),
        ] {
            let ran = explain(written.as_bytes(), &["--json"]).exits(0).document();
            assert_eq!(ran["fields"], raw["fields"], "{written}");
        }
    }
    explain(hex(QUERY).as_bytes(), &[]).exits(0).says(&["written as hex", "hi.test", "Domain Name System"]);
}

#[test]
fn a_file_and_standard_input_are_the_same() {
    let home = home();
    let file = home.path().join("request");
    std::fs::write(&file, REQUEST).unwrap();
    let from_file = run(home.path(), ["explain", file.to_str().unwrap()]).exits(0).text();
    assert_eq!(explain(REQUEST, &[]).exits(0).text(), from_file);
    assert_eq!(explain(REQUEST, &["-"]).exits(0).text(), from_file);
}

#[test]
fn as_decides_what_the_bytes_are() {
    assert_eq!(explain(REQUEST, &["--json", "--as", "plain"]).exits(0).document()["protocol"], "plain");
    assert_eq!(explain(REQUEST, &["--json", "--as", "dns"]).exits(0).document()["protocol"], "dns");
    explain(REQUEST, &["--as", "nothing"])
        .exits(2)
        .says(&["try: one of http, tls, dns, finger, framed, plain"]);
}

#[test]
fn a_dns_message_of_a_stream_has_its_length_in_front() {
    let stream = [&[0, u8::try_from(QUERY.len()).unwrap()], QUERY].concat();
    for options in [&["--json"][..], &["--json", "--tcp"], &["--json", "--tcp", "--as", "dns"]] {
        let document = explain(&stream, options).exits(0).document();
        let fields = document["fields"].as_array().unwrap();
        assert!(fields.iter().any(|field| field["path"] == "dns.length"), "{options:?}: {document}");
    }
}

#[test]
fn broken_input_is_explained_with_its_problems() {
    for (bytes, options) in [
        (&QUERY[..20], &["--as", "dns"][..]),
        (b"GET /\x01 HTTP/1.1\r\nHost : x\r\n\r\n", &["--as", "http"]),
        (b"GET", &["--as", "http"]),
        (&[0xff; 40], &["--as", "dns"]),
    ] {
        explain(bytes, options).exits(0).says(&["problem"]);
        explain(bytes, &[options, &["--bytes"]].concat()).exits(0).says(&["problem"]);
        let document = explain(bytes, &[options, &["--json"]].concat()).exits(0).document();
        let fields = document["fields"].as_array().unwrap();
        assert!(fields.iter().any(|field| field["problem"].is_string()), "{document}");
        // However broken, every bit is explained once.
        let mut next = 0;
        for leaf in fields.iter().filter(|field| field["leaf"] == true) {
            assert_eq!(leaf["bit"], next);
            next += leaf["bits"].as_u64().unwrap();
        }
        assert_eq!(next, bytes.len() as u64 * 8);
    }
}

#[test]
fn bytes_of_no_known_protocol_stay_bytes() {
    let document = explain(b"220 mail.test ESMTP\r\n", &["--json"]).exits(0).document();
    assert_eq!(document["protocol"], "plain");
    explain(&[0, 159, 146, 150], &[]).exits(0).says(&["4 bytes"]);
}

// lab

#[test]
fn a_lab_in_one_terminal_is_found_from_another() {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
    let up: Value = serde_json::from_str(&lab.line()).unwrap();
    for service in ["hello", "daytime", "echo"] {
        let first = up[service][0].as_str().unwrap();
        assert!(first.starts_with("127.0.0.1:") && !first.ends_with(":0"), "{up}");
    }
    assert!(up["listening"].as_array().unwrap().len() >= 4, "{up}");

    let status = run(home.path(), ["lab", "status", "--json"]).exits(0).document();
    assert_eq!(status, up);
    let dns = up["dns"].as_str().unwrap();
    run(home.path(), ["resolve", "garden.test"])
        .exits(0)
        .says(&["the lab that is running already", &format!("asked {dns}")]);
    let hello = up["hello"][0].as_str().unwrap();
    run(home.path(), ["raw-get", "http://hello.test/"])
        .exits(0)
        .says(&[hello, "Hello from my netlab server"]);
    run(home.path(), ["lab", "up", "--free"]).exits(4).says(&["the lab is up already", hello, "lab status"]);
    // Another learner of this machine has a lab of their own.
    let other = home_of_another();
    run(other.path(), ["resolve", "garden.test"]).exits(0).says(&["embedded lab"]);
}

fn home_of_another() -> tempfile::TempDir {
    home()
}

#[cfg(unix)]
#[test]
fn a_lab_that_stops_is_gone_and_one_that_was_killed_too() {
    let home = home();
    let lab = Running::start(home.path(), ["lab", "up", "--free"]);
    lab.line_with("the lab is up");
    let (status, took, _, _) = lab.terminate();
    assert!(status.success() && took.as_secs() < 3, "{status} {took:?}");
    run(home.path(), ["lab", "status"]).exits(4);

    let lab = Running::start(home.path(), ["lab", "up", "--free"]);
    lab.line_with("the lab is up");
    // Dropped is killed: nothing is tidied up.
    drop(lab);
    run(home.path(), ["lab", "status"]).exits(4);
    run(home.path(), ["resolve", "garden.test"]).exits(0).says(&["embedded lab"]);
}

#[test]
fn personal_values_are_the_same_in_every_lab_of_one_learner() {
    let (one, other) = (home(), home());
    let nonce = |home: &Path| {
        let ran = run(home, ["resolve", "--type", "TXT", "garden.test", "--json"]).exits(0);
        ran.document()["lookups"][0]["records"][0]["data"].as_str().unwrap().to_owned()
    };
    assert_eq!(nonce(one.path()), nonce(one.path()));
    assert_ne!(nonce(one.path()), nonce(other.path()));
}

// the course

fn lesson(id: &str) -> Lesson {
    shelf::lessons(&shelf::embedded()).unwrap().into_iter().find(|lesson| lesson.id == id).unwrap()
}

/// Types a command of a lesson, with what is typed into it.
fn typed(home: &Path, command: &Command) -> Ran {
    let input: String = command.typed.iter().map(|line| format!("{line}\n")).collect();
    finish(netlab(home, &command.words[1..]), input.as_bytes())
}

fn place(home: &Path) -> Value {
    run(home, ["learn", "--json"]).exits(0).document()
}

#[test]
fn a_lesson_is_walked_by_its_own_commands() {
    for id in ["roles", "names"] {
        let home = home();
        let lesson = lesson(id);
        run(home.path(), ["learn", id]).exits(0).says(&["step 1 of"]);
        let mut walked = true;
        for step in &lesson.steps {
            if step.commands().any(|command| command.words.iter().any(|word| word.contains("7777"))) {
                skipped(&format!("{id}, {}, needs port 7777, which is the learner's", step.title));
                walked = false;
                break;
            }
            let here = place(home.path());
            assert_eq!((&here["lesson"], &here["step"]), (&id.into(), &step.slug.clone().into()));
            if !step.read_only {
                let verdict = run(home.path(), ["check", "--json"]).exits(3).document();
                assert_eq!(verdict["passed"], false, "{}", step.title);
                for command in step.commands() {
                    typed(home.path(), command);
                }
            }
            let ran = run(home.path(), ["check"]).exits(0);
            ran.says(&[if step.read_only { "Read" } else { "seen:" }]);
        }
        let list = run(home.path(), ["lessons", "--json"]).exits(0).document();
        let row = list["lessons"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
        if walked {
            assert_eq!(
                (&row["state"], &row["passed"]),
                (&"done".into(), &lesson.steps.len().into()),
                "{row}"
            );
        }
    }
}

#[test]
fn a_server_that_is_not_netlabs_is_named_while_the_step_waits() {
    if !cfg!(target_os = "linux") {
        return skipped("only Linux tells which program has a port");
    }
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let home = home();
    let folder = tempfile::tempdir().unwrap();
    let lesson = |port: u16| {
        format!(
            "---\nid: own\ntitle: A server of your own\nminutes: 1\nneeds:\nteaches: listening\ncorrects:\n---\nA step.\n\n## Call it\nCall it.\n\n```console\n$ netlab raw-get http://localhost:{port}/\n...\n```\n\n```check\n# a request\nserver.port = {port}\nhttp.path = /\n```\n\n```hint\nCall it.\n```\n"
        )
    };
    let file = folder.path().join("01-own.md");
    let checked = |port: u16| {
        std::fs::write(&file, lesson(port)).unwrap();
        let from = folder.path().to_str().unwrap();
        run(home.path(), ["check", "--lessons", from])
    };
    let ran = checked(port).exits(3);
    let named = format!("(pid {}) listens on {port}.", std::process::id());
    ran.says(&[
        &named,
        "What curl or a browser says to it can't be seen from here: ask it with netlab raw-get",
    ]);
    let from = folder.path().to_str().unwrap();
    let document = run(home.path(), ["check", "--json", "--lessons", from]).exits(3).document();
    let other = &document["unnoticed"][0];
    assert_eq!((&other["port"], &other["pid"]), (&port.into(), &std::process::id().into()), "{document}");
    // The tap that is offered is taken, and what somebody else's client says through it counts.
    let ends = other["tap"].as_str().unwrap().strip_prefix("netlab tap ").unwrap();
    let (tap_port, _) = ends.split_once('=').unwrap();
    let tap = Running::start(home.path(), ["tap", ends]);
    tap.line_with("listening on");
    let unnoticed = run(home.path(), ["check", "--json", "--lessons", from]).exits(3).document();
    assert_eq!(unnoticed["unnoticed"], serde_json::json!([]), "a tap leads there now");
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        server
    });
    let mut client = std::net::TcpStream::connect(format!("127.0.0.1:{tap_port}")).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let _ = client.read_to_end(&mut Vec::new());
    drop(client);
    let server = answering.join().unwrap();
    tap.line_with("over:");
    tap.terminate();
    checked(port).exits(0).says(&["Passed", "recorded by tap"]);
    drop(server);
    run(home.path(), ["reset", "own", "--lessons", from]);
    let quiet = checked(port).exits(3);
    assert!(!quiet.text().contains("can't be seen from here"), "{}", quiet.text());
}

#[test]
fn what_happened_before_the_step_does_not_count() {
    let home = home();
    let lesson = lesson("roles");
    let first = lesson.steps.iter().find(|step| !step.read_only).unwrap();
    first.commands().for_each(|command| drop(typed(home.path(), command)));
    run(home.path(), ["learn"]).exits(0);
    assert_eq!(place(home.path())["step"], first.slug.as_str(), "the course begins with something to do");
    run(home.path(), ["check"]).exits(3).says(&["not seen yet"]);
    first.commands().for_each(|command| drop(typed(home.path(), command)));
    run(home.path(), ["check"]).exits(0).says(&["seen:", "recorded by"]);
}

#[test]
fn going_back_to_a_lesson_begins_it_again_and_loses_nothing() {
    let home = home();
    let lesson = lesson("roles");
    let first = lesson.steps.iter().find(|step| !step.read_only).unwrap();
    run(home.path(), ["learn"]).exits(0);
    first.commands().for_each(|command| drop(typed(home.path(), command)));
    run(home.path(), ["check"]).exits(0);
    let before = place(home.path());
    run(home.path(), ["learn", "names"]).exits(0);
    run(home.path(), ["learn", "1"]).exits(0);
    assert_eq!(place(home.path())["lesson"], before["lesson"]);
    let list = run(home.path(), ["lessons", "--json"]).exits(0).document();
    assert_eq!(list["lessons"][0]["passed"], 1, "{list}");
    run(home.path(), ["learn", "nothing"]).exits(2).says(&["there is no lesson nothing", "roles"]);
}

#[test]
fn the_first_screen_says_where_to_begin_and_later_where_one_is() {
    let home = home();
    run::<&str>(home.path(), []).exits(0).says(&["The course begins with lesson", "netlab learn"]);
    run(home.path(), ["learn"]).exits(0);
    run::<&str>(home.path(), []).exits(0).says(&["You are in lesson", "netlab learn"]);
}

#[test]
fn a_lesson_from_a_folder_is_a_lesson_and_a_broken_one_is_named() {
    let home = home();
    let folder = home.path().join("own");
    std::fs::create_dir(&folder).unwrap();
    let text = "---\nid: mine\ntitle: Mine\nminutes: 1\n---\n## Look (read-only)\nProse.\n";
    std::fs::write(folder.join("01-mine.md"), text).unwrap();
    let folder = folder.to_str().unwrap();
    run(home.path(), ["lessons", "--lessons", folder]).exits(0).says(&["Mine"]);
    run(home.path(), ["learn", "--lessons", folder]).exits(0).says(&["Prose."]);
    run(home.path(), ["check", "--lessons", folder]).exits(0).says(&["the last step that was open"]);
    std::fs::write(Path::new(folder).join("02-broken.md"), "no front matter").unwrap();
    run(home.path(), ["lessons", "--lessons", folder]).exits(2).says(&["02-broken.md:1:"]);
    run(home.path(), ["lessons", "--lessons", "no/such/folder"]).exits(2);
}

#[test]
fn going_to_the_lesson_one_is_in_loses_no_evidence() {
    let home = home();
    run(home.path(), ["learn", "roles"]).exits(0);
    run(home.path(), ["connect", "time.test"]).exits(0);
    run(home.path(), ["learn", "roles"]).exits(0);
    run(home.path(), ["check"]).exits(0);
}

// languages

/// netlab with these words, for a learner whose terminal says these things about languages.
fn in_language(words: &[&str], environment: &[(&str, &str)]) -> Ran {
    let home = home();
    let mut command = netlab(home.path(), words);
    command.envs(environment.iter().copied());
    finish(command, b"").exits(0)
}

/// Words that the first step of lesson 1 has in English and in Hindi.
const ENGLISH: &str = "Let somebody else begin";
const HINDI: &str = "Shuruaat kisi aur ko karne do";

#[test]
fn a_translated_lesson_is_shown_in_the_language_asked_for() {
    let learn = ["learn", "--step", "--language", "hi"];
    in_language(&learn, &[]).says(&["Client aur server roles hain", HINDI, "netlab connect time.test"]);
    in_language(&["--language", "hi"], &[]).says(&["Client aur server roles hain"]);
    in_language(&["lessons", "--language", "hi"], &[])
        .says(&["Client aur server roles hain", "The hello server"]);
    let document = in_language(&[&learn[..], &["--json"]].concat(), &[]).document();
    assert_eq!(
        (document["step"].as_str(), document["title"].as_str()),
        (Some("let-somebody-else-begin"), Some(HINDI))
    );
}

#[test]
fn a_lesson_without_a_translation_is_shown_as_it_was_written() {
    in_language(&["learn", "--step", "--language", "mr"], &[]).says(&[ENGLISH]);
    in_language(&["learn", "names", "--step", "--language", "hi"], &[]).says(&["Names are not addresses"]);
}

#[test]
fn the_language_is_the_wish_and_else_that_of_the_terminal() {
    let step = &["learn", "--step"];
    #[rustfmt::skip]
    let terminals: [(&[(&str, &str)], &str); 9] = [
        (&[], ENGLISH),
        (&[("LANG", "hi_IN.UTF-8")], HINDI),
        (&[("LANG", "C"), ("LC_MESSAGES", "hi@latin")], HINDI),
        (&[("LANG", "hi"), ("LC_MESSAGES", "hi"), ("LC_ALL", "C.UTF-8")], ENGLISH),
        (&[("LC_ALL", ""), ("LANG", "hi")], HINDI),
        (&[("LANG", "en_GB.UTF-8")], ENGLISH),
        (&[("LANG", "POSIX"), ("NETLAB_LANGUAGE", "hi-Latn")], HINDI),
        (&[("LANG", "hi_IN"), ("NETLAB_LANGUAGE", "en")], ENGLISH),
        (&[("LANG", "hi_IN"), ("NETLAB_LANGUAGE", "")], HINDI),
    ];
    for (environment, title) in terminals {
        let shown = in_language(step, environment).text();
        assert!(shown.contains(title), "{environment:?}: {shown}");
    }
    let wish = ["learn", "--step", "--language", "en"];
    assert!(in_language(&wish, &[("NETLAB_LANGUAGE", "hi")]).text().contains(ENGLISH));
}

#[test]
fn progress_does_not_depend_on_the_language() {
    let home = home();
    let in_hindi = |words: &[&str]| {
        let mut command = netlab(home.path(), words);
        command.env("NETLAB_LANGUAGE", "hi");
        finish(command, b"")
    };
    in_hindi(&["learn", "--step"]).exits(0).says(&[HINDI]);
    run(home.path(), ["connect", "time.test"]).exits(0);
    in_hindi(&["check"]).exits(0).says(&["pehla byte server ne bheja"]);
    run(home.path(), ["learn", "--step"]).exits(0).says(&["Now begin yourself"]);
}

#[test]
fn a_broken_translation_is_noted_once_and_its_lesson_shown() {
    let (home, folder) = (home(), home_of_another());
    let lesson = "---\nid: a\ntitle: A lesson\nminutes: 1\n---\n## Why (read-only)\nBecause.\n\n```recall\nWho?\n(x) I | a | b\n( ) you | c | d\n```\n";
    std::fs::write(folder.path().join("01-a.md"), lesson).unwrap();
    let broken = "---\nid: a\ntitle: Ek lesson\nlanguage: hi\n---\n## Kyun\n<!-- what -->\n";
    std::fs::write(folder.path().join("01-a.hi.md"), broken).unwrap();
    let from = folder.path().to_str().unwrap();
    let ran = run(home.path(), ["learn", "--step", "--language", "hi", "--lessons", from]).exits(0);
    assert_eq!(ran.complaint().matches("01-a.hi.md:6: the lesson has no step what").count(), 1);
    ran.says(&["A lesson", "Because."]);

    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for named in [file("01-a.md"), file("01-a.hi.md")] {
        let document =
            run(home.path(), ["lessons", "lint", "--static", "--json", &named]).exits(3).document();
        assert_eq!(document["findings"][0]["file"].as_str(), Some(file("01-a.hi.md").as_str()));
        assert_eq!(document["findings"][0]["line"], 6);
    }
    std::fs::write(file("01-a.hi.md"), broken.replace("what", "why")).unwrap();
    let document =
        run(home.path(), ["lessons", "lint", "--static", "--json", &file("01-a.hi.md")]).exits(0).document();
    let untranslated = "prose 1 of \"Why\" is not translated; the original is shown";
    assert_eq!(document["untranslated"][0]["what"], untranslated);
    run(home.path(), ["lessons", "lint", "--static", &file("01-a.md")])
        .exits(0)
        .says(&[&format!("01-a.hi.md:6: {untranslated}"), "hold; 2 parts not translated"]);
    std::fs::remove_file(file("01-a.md")).unwrap();
    let ran = run(home.path(), ["lessons", "lint", &file("01-a.hi.md")]).exits(2);
    assert!(ran.complaint().contains("translates a lesson that is not there"));
}
