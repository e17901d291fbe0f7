//! How runs end: the five exit codes and the sentences that go with them, and the ends nobody planned.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;

use std::net::TcpListener;
use std::process::{Command, Stdio};

use run::{DEADLINE, drain, finish, home, netlab, run, skipped};

#[test]
fn code_0_is_done() {
    let home = home();
    run(home.path(), ["resolve", "garden.test"]).exits(0).says(&["127.0.0.4", "embedded lab"]);
    run(home.path(), ["--help"]).exits(0).says(&["Learn networking by doing", "raw-get"]);
    run(home.path(), ["--version"]).exits(0).says(&["netlab 0."]);
    run::<&str>(home.path(), []).exits(0).says(&["netlab learn"]);
}

#[test]
fn code_1_is_the_network_saying_no() {
    let home = home();
    run(home.path(), ["resolve", "nothing.test"]).exits(1).says(&[
        "error: there is no name nothing.test",
        "answered NXDOMAIN",
        "try: one of the lab's names",
    ]);
    let closed = peer::closed_port();
    run(home.path(), ["connect", &closed.to_string()]).exits(1).says(&[
        &format!("error: nothing listens on {closed}"),
        "RST came back at once",
        "try: check the port",
    ]);
    run(home.path(), ["raw-get", &format!("http://{closed}/")])
        .exits(1)
        .says(&[&format!("error: nothing listens on {closed}")]);
}

#[test]
fn code_2_is_a_command_line_that_makes_no_sense() {
    let home = home();
    run(home.path(), ["resolve", "--type", "NONSENSE", "a.test"])
        .exits(2)
        .says(&["error: NONSENSE is no record type", "try: one of A, AAAA"]);
    run(home.path(), ["connect", "localhost"]).exits(2).says(&[
        "error: localhost is not a place to connect to",
        "there is no port",
        "try: a host and a port",
    ]);
    run(home.path(), ["connect", "localhost:0"]).exits(2).says(&["A port is a number from 1 to 65535."]);
    run(home.path(), ["raw-get", "ftp://a.test/"]).exits(2).says(&["Its scheme is ftp"]);
    run(home.path(), ["raw-get", "-k", "https://192.0.2.1/"])
        .exits(2)
        .says(&["-k is for servers on this machine only"]);
    run(home.path(), ["resolve", "127.0.0.1"]).exits(2).says(&["try: netlab resolve -x 127.0.0.1"]);
    run(home.path(), ["explain", "no/such/file"]).exits(2).says(&["error: reading no/such/file failed"]);
    run(home.path(), ["frobnicate"]).exits(2).says(&["frobnicate", "Usage"]);
    run(home.path(), ["serve", "--port", "65536"]).exits(2).says(&["65536"]);
    run(home.path(), ["--json", "--plain"]).exits(2).says(&["cannot be used with"]);
    finish(netlab(home.path(), ["explain"]), b"").exits(2).says(&["error: there are no bytes to explain"]);
}

#[test]
fn code_3_is_a_check_that_has_not_passed() {
    let home = home();
    run(home.path(), ["check"]).exits(3).says(&["not seen yet", "This step begins now"]);
}

#[test]
fn code_4_is_this_machine_that_would_not() {
    let home = home();
    run(home.path(), ["lab", "status"]).exits(4).says(&["error: the lab is not up", "try: start it"]);
}

#[cfg(unix)]
#[test]
fn without_file_descriptors_it_is_said_and_nothing_panics() {
    let home = home();
    let closed = peer::closed_port().to_string();
    let mut said = 0;
    // With four the system can just about start a program.
    for limit in 4..24 {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" connect {closed}")]);
        command.arg(env!("CARGO_BIN_EXE_netlab")).env("NETLAB_HOME", home.path());
        let ran = finish(command, b"");
        let text = ran.complaint();
        assert!(!text.contains("panicked"), "{limit}: {text}");
        assert!(matches!(ran.code, Some(1 | 4)), "{limit}: {ran:?}");
        said += usize::from(text.contains("very socket takes a file descriptor and there is none left"));
    }
    assert!(said > 0, "the limit was felt");
}

#[test]
fn a_taken_port_names_its_holder_and_a_next_step() {
    let home = home();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let ran = run(home.path(), ["serve", "--port", &port.to_string()]).exits(4);
    let text = ran.complaint();
    assert!(text.contains(&format!("error: port {port} on 127.0.0.1 is taken by ")), "{text}");
    assert!(text.contains("--port 0"), "{text}");
    if cfg!(target_os = "linux") {
        assert!(text.contains(&format!("(pid {})", std::process::id())), "{text}");
    } else {
        skipped("who has a port is only told on Linux");
    }
}

#[cfg(unix)]
#[test]
fn a_port_of_the_administrators_is_explained() {
    let home = home();
    if TcpListener::bind("127.0.0.1:81").is_ok() {
        return skipped("this user may listen on every port, so none can be refused");
    }
    run(home.path(), ["serve", "--port", "81"]).exits(4).says(&["may not listen on port 81", "1024"]);
}

#[test]
fn a_folder_that_cannot_be_written_costs_the_memory_and_not_the_answer() {
    let home = home();
    let file = home.path().join("a-file-in-the-way");
    std::fs::write(&file, "").unwrap();
    run(&file, ["resolve", "garden.test"]).exits(0).says(&["127.0.0.4", "nothing will be remembered"]);
    run(&file, ["check"]).exits(4).says(&["error: progress cannot be kept", "try: name one: NETLAB_HOME="]);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let home = home();
    let request = b"GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n".repeat(2000);
    let many = home.path().join("many");
    std::fs::write(&many, request).unwrap();
    let many = many.to_str().unwrap();
    for args in [
        &["explain", many][..],
        &["explain", many, "--json"],
        &["resolve", "big.test", "--bytes"],
        &["raw-get", "http://hello.test/", "--bytes"],
        &["lessons"],
        &["--help"],
    ] {
        let mut command = netlab(home.path(), args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let err = drain(child.stderr.take().unwrap()).recv_timeout(DEADLINE).expect("it ends");
        let err = String::from_utf8_lossy(&err);
        assert!(child.wait().unwrap().success(), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{args:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_code_4() {
    let home = home();
    for args in [&["resolve", "garden.test"][..], &["lessons"], &["resolve", "garden.test", "--json"]] {
        let mut command = netlab(home.path(), args);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command.stdout(std::fs::File::create("/dev/full").unwrap());
        let mut child = command.spawn().unwrap();
        let err = drain(child.stderr.take().unwrap()).recv_timeout(DEADLINE).expect("it ends");
        let err = String::from_utf8_lossy(&err);
        assert_eq!(child.wait().unwrap().code(), Some(4), "{args:?}: {err}");
        assert!(err.contains("error: writing the result failed"), "{args:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_saved_is_code_4() {
    let home = home();
    let address = peer::says(
        [&b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"[..], &vec![b'x'; 100_000]].concat(),
    );
    run(home.path(), ["raw-get", &format!("http://{address}/"), "--save", "/dev/full"])
        .exits(4)
        .says(&["error: writing /dev/full failed", "The disk is full."]);
    run(home.path(), ["raw-get", &format!("http://{address}/"), "--save", "no/such/folder/x"])
        .exits(2)
        .says(&["error: writing no/such/folder/x failed"]);
}

#[test]
fn a_failure_is_a_document_too() {
    let home = home();
    let closed = peer::closed_port().to_string();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    for (args, code, verb) in [
        (&["resolve", "nothing.test"][..], 1, "resolve"),
        (&["connect", &closed], 1, "connect"),
        (&["resolve", "--type", "X", "a.test"], 2, "resolve"),
        (&["explain", "no/such/file"], 2, "explain"),
        (&["glossary", "flux"], 2, "glossary"),
        (&["serve", "--port", &port], 4, "serve"),
        (&["lab", "status"], 4, "lab"),
        (&["raw-get", &closed], 1, "raw-get"),
    ] {
        let ran = run(home.path(), ["--json"].iter().chain(args)).exits(code);
        let document = ran.document();
        assert_eq!(document["verb"], verb, "{args:?}");
        assert_eq!(document["schema"], 1, "{args:?}");
        let failure = &document["failure"];
        assert_eq!(failure["exit"], code, "{args:?}: {document}");
        assert!(failure["what"].as_str().is_some_and(|what| !what.is_empty()), "{document}");
        assert!(failure["why"].is_string() && failure["try"].is_array(), "{document}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_text_are_mistakes_and_not_accidents() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = home();
    let long = vec![b'a'; 100_000];
    for bytes in
        [&b"\xff\xfe"[..], b"\x1b[2J", b"", b"--", b"-", "\u{202e}".as_bytes(), "🌱".as_bytes(), &long]
    {
        let odd = OsStr::from_bytes(bytes);
        for verb in ["resolve", "raw-get", "connect", "learn", "frobnicate"] {
            let ran = run(home.path(), [OsStr::new(verb), odd]);
            assert!(matches!(ran.code, Some(0..=2)), "{verb} {odd:?}: {ran:?}");
            assert!(!ran.err.contains(&0x1b) && !ran.complaint().contains("panicked"), "{verb} {odd:?}");
        }
    }
    // A file may be called anything.
    let file = home.path().join(OsStr::from_bytes(b"\xff\x1b"));
    std::fs::write(&file, "GET / HTTP/1.1\r\n\r\n").unwrap();
    run(home.path(), [OsStr::new("explain"), file.as_os_str()]).exits(0).says(&["GET"]);
}

#[cfg(unix)]
#[test]
fn a_widthless_or_wordless_environment_changes_nothing_that_matters() {
    let home = home();
    for (name, value) in [
        ("COLUMNS", "0"),
        ("COLUMNS", "1"),
        ("COLUMNS", "99999"),
        ("COLUMNS", "x"),
        ("LANG", "C"),
        ("TERM", ""),
    ] {
        let mut command = netlab(home.path(), ["resolve", "garden.test", "--bytes"]);
        command.env(name, value);
        finish(command, b"").exits(0).says(&["127.0.0.4"]);
    }
}
