//! `netlab send` and the other end of it: writes, reads and messages are three cuts of the same bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;

use std::io::Read;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::mpsc::channel;

use netlab::evidence::journal::since;
use netlab::evidence::{Flow, Side, What};
use netlab::net::tcp_info;
use peer::{reset, server};
use run::{DEADLINE, Ran, Running, finish, home, ipv6, netlab, run, skipped, tool};
use serde_json::Value;
use tempfile::TempDir;

/// A listener that tells what happens in JSON, its address, and the folder both ends share.
struct Ear {
    running: Running,
    address: SocketAddr,
    home: TempDir,
}

fn listen(options: &[&str]) -> Ear {
    let home = home();
    let running = Running::start(home.path(), ["listen", "127.0.0.1:0", "--json"].iter().chain(options));
    let first: Value = serde_json::from_str(&running.line()).unwrap();
    let address = first["listening"][0].as_str().unwrap().parse().unwrap();
    Ear { running, address, home }
}

impl Ear {
    fn send(&self, options: &[&str]) -> Ran {
        send(&self.home, self.address, options)
    }

    /// What the listener says when a connection is over.
    fn ended(&self) -> Value {
        serde_json::from_str::<Value>(&self.running.line_with("{\"ended\"")).unwrap()["ended"].clone()
    }

    /// The flows both ends have written down.
    fn recorded(self) -> Vec<Flow> {
        let (_, _, _, _) = self.running.terminate();
        since(self.home.path(), "").unwrap().sightings.into_iter().map(|sighting| sighting.flow).collect()
    }
}

fn send(home: &TempDir, address: SocketAddr, options: &[&str]) -> Ran {
    let place = address.to_string();
    finish(netlab(home.path(), ["send", &place].iter().chain(options)), b"")
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

#[test]
fn three_writes_are_one_read_for_a_reader_that_waits_until_they_are_over() {
    // No clock is in this: the reader begins when the FIN has come, and the FIN comes behind all bytes.
    let ear = listen(&["--sleepy", "finished"]);
    for options in [&[][..], &["--nodelay"], &["--cork"], &["--pause", "20ms"]] {
        let options = [&["--writes", "3", "--size", "10", "--json"], options].concat();
        let sent = ear.send(&options).exits(0).document();
        let (sent, heard) = (&sent["ended"]["writes"], ear.ended());
        assert_eq!(numbers(&sent["sizes"]), [10, 10, 10]);
        assert_eq!(numbers(&heard["reads"]["sizes"]), [30], "{options:?}");
        assert_eq!(sent["bytes"], heard["reads"]["bytes"]);
    }
    let flows = ear.recorded();
    let of = |seen: Side| flows.iter().filter(move |flow| flow.seen == seen);
    for (sent, heard) in of(Side::Client).zip(of(Side::Server)) {
        assert_eq!(sent.lengths(Side::Client).collect::<Vec<_>>(), [10, 10, 10]);
        assert_eq!(heard.lengths(Side::Client).collect::<Vec<_>>(), [30]);
        assert_eq!(sent.from_client.bytes, heard.from_client.bytes);
    }
    assert_eq!((of(Side::Client).count(), of(Side::Server).count()), (4, 4));
}

#[test]
fn both_ends_tell_the_segments_that_their_kernels_counted() {
    let ear = listen(&[]);
    let sent = ear.send(&["--writes", "3", "--nodelay", "--json"]).exits(0).document();
    let (sender, receiver) = (sent["ended"]["counted"].clone(), ear.ended()["counted"].clone());
    if let Some(why) = tcp_info::missing() {
        skipped(&why);
        return assert!(sender.is_null() && receiver.is_null());
    }
    let number = |counted: &Value, name: &str| counted[name].as_u64().unwrap();
    let data = number(&sender, "data_segments_out");
    assert!((1..=3).contains(&data), "three writes, each of which may leave at once: {sender}");
    assert_eq!(data, number(&receiver, "data_segments_in"));
    assert_eq!((number(&sender, "data_segments_in"), number(&receiver, "data_segments_out")), (0, 0));
    // SYN, the acknowledgement that ends the handshake, and the FIN. The other end has at least its own FIN.
    assert!(number(&sender, "segments_out") >= data + 3, "{sender}");
    assert!(number(&receiver, "segments_out") >= 1, "{receiver}");
    let flows = ear.recorded();
    let counted = |flow: &Flow| flow.events.iter().any(|event| matches!(event.what, What::Counted(_)));
    assert!(flows.iter().all(counted), "it is evidence, too");
}

#[test]
fn the_counts_of_segments_are_told_in_words_at_both_ends() {
    let home = home();
    let running = Running::start(home.path(), ["listen", "0"]);
    let place = running.line().split(' ').nth(2).unwrap().to_owned();
    let sent = finish(netlab(home.path(), ["send", &place, "--writes", "1"]), b"").exits(0);
    if let Some(why) = tcp_info::missing() {
        skipped(&why);
        sent.says(&["segments: not known here"]);
        running.line_with("1 segments: not known here");
        return;
    }
    sent.says(&["segments: ", " sent, 1 of them with data; ", " received, none with data", "SYN-ACK"]);
    let heard = running.line_with("1 segments: ");
    assert!(heard.contains("sent, none with data; ") && heard.contains("1 of them with data"), "{heard}");
    running.line_with("the SYN-ACK it sent is not");
}

#[test]
fn one_write_is_many_reads_for_a_reader_with_little_room() {
    let ear = listen(&["--sleepy", "finished", "--read", "3"]);
    let sent = ear.send(&["--writes", "1", "--size", "10", "--json"]).exits(0).document();
    let heard = ear.ended();
    assert_eq!(numbers(&sent["ended"]["writes"]["sizes"]), [10]);
    assert_eq!((numbers(&heard["reads"]["sizes"]), &heard["reads"]["room"]), (vec![3, 3, 3, 1], &3.into()));
}

#[test]
fn a_plant_that_is_cut_in_two_is_shown_as_what_it_is() {
    let home = home();
    let running = Running::start(home.path(), ["listen", "0", "--read", "3"]);
    let place = running.line().split(' ').nth(2).unwrap().to_owned();
    finish(netlab(home.path(), ["send", &place, "--text", "🌱"]), b"").exits(0).says(&[
        "> 🌱",
        "you wrote 4 bytes in 1 write, and read nothing",
        "nothing marks where it ended",
    ]);
    running.line_with("1 < \\xf0\\x9f\\x8c");
    running.line_with("1 < \\xb1");
    running.line_with("1 in all: you read 4 bytes in 2 reads (3, 1; room for 3), and wrote nothing");
    running.line_with("1 read 1 ended inside a character: 🌱 is 4 bytes (f0 9f 8c b1), and 3 of them");
}

#[test]
fn messages_come_out_whole_wherever_reads_cut_them() {
    for framing in ["newline", "length"] {
        for room in ["1", "3", "7", "16384"] {
            let ear = listen(&["--sleepy", "finished", "--read", room, "--frame", framing]);
            let texts = ["--text", "one", "--text", "", "--text", "🌱 two"];
            let sent = ear.send(&[&texts[..], &["--frame", framing, "--json"]].concat()).exits(0).document();
            let heard = ear.ended();
            for messages in [&sent["ended"]["writes"]["messages"], &heard["reads"]["messages"]] {
                let values: Vec<&str> =
                    messages.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
                assert_eq!(values, ["one", "", "🌱 two"], "{framing}, room for {room}");
            }
            assert_eq!(sent["ended"]["writes"]["messages"][2]["first"], 3, "each in a write of its own");
            let last = &heard["reads"]["messages"][2]["last"];
            assert_eq!(last, &heard["reads"]["many"], "{framing}, room for {room}");
        }
    }
}

#[test]
fn a_picture_shows_both_cuts_of_the_same_bytes() {
    let home = home();
    let options = ["listen", "0", "--sleepy", "finished", "--read", "5", "--frame", "newline"];
    let running = Running::start(home.path(), options);
    let place = running.line().split(' ').nth(2).unwrap().to_owned();
    let ran = finish(
        netlab(home.path(), ["send", &place, "--text", "hi", "--text", "🌱", "--frame", "newline"]),
        b"",
    );
    let picture = "\
bytes     68 69 0a f0 9f 8c b1 0a
text       h  i \\n 🌱          \\n
writes   |1-------|2-------------|
messages |1----===|2----------===|
message 1: 2 bytes, in write 1: hi
message 2: 4 bytes, in write 2: 🌱
";
    let text = ran.exits(0).text();
    assert!(text.contains(picture), "{text}");
    assert_eq!(running.line_with("1 reads"), "1 reads    |1-------------|2-------|");
    assert_eq!(running.line(), "1 messages |1----===|2----------===|");
    assert_eq!(running.line(), "1 message 1: 2 bytes, in read 1: hi");
    assert_eq!(running.line(), "1 message 2: 4 bytes, in reads 1 and 2: 🌱");
}

#[test]
fn what_is_no_message_is_said_to_be_none() {
    for (framing, bytes, says) in [
        ("length", "hello\\n", "has no length: in its place stands hell, which as a number is 1,751,477,356"),
        ("length", "\\0\\0\\0\\x09abc", "is cut short: its length says 9 bytes, and 3 came"),
        ("length", "\\0\\0", "has no length: the stream ended inside the four bytes of it"),
        ("newline", "no end", "has no end: 6 bytes came, and no newline"),
    ] {
        let ear = listen(&["--frame", framing]);
        ear.send(&["--text", bytes]).exits(0);
        let heard = ear.ended();
        let fault = heard["reads"]["messages"][0]["fault"].as_str().unwrap();
        assert!(fault.starts_with(says), "{fault}");
    }
    let home = home();
    run(home.path(), ["send", "localhost:1", "--size", "65537", "--frame", "length"])
        .exits(2)
        .says(&["A message has 65,536 bytes at most"]);
    run(home.path(), ["send", "localhost:1", "--text", ""])
        .exits(2)
        .says(&["an empty text is nothing to write"]);
    run(home.path(), ["send", "localhost:1", "--size", "3", "--text", "x"])
        .exits(2)
        .says(&["cannot be used with"]);
    run(home.path(), ["listen", "0", "--udp", "--sleepy", "finished"])
        .exits(2)
        .says(&["over UDP nobody ever finishes"]);
    let ear = listen(&[]);
    ear.send(&["--frame", "newline", "--text", r"a\nb"]).exits(0).says(&["more messages than texts"]);
}

#[test]
fn an_echo_comes_back_and_is_counted_too() {
    let home = home();
    let ran = run(home.path(), ["send", "echo.test", "--writes", "4", "--size", "5", "--json"]).exits(0);
    let document = ran.document();
    assert_eq!(numbers(&document["ended"]["writes"]["sizes"]), [5, 5, 5, 5]);
    assert_eq!(document["ended"]["reads"]["bytes"], 20);
    assert_eq!(document["small_writes"], "nagle");
    let letters =
        document["flows"].as_array().unwrap().last().unwrap()["readings"][1]["fields"][1]["value"].clone();
    assert_eq!(letters, "aaaaabbbbbcccccddddd");
}

#[test]
fn every_write_is_made_to_one_who_has_finished_and_to_one_who_stays() {
    let (sender, heard) = channel();
    let address = server(move |mut stream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        sender.send(all.len()).unwrap();
    });
    let home = home();
    send(&home, address, &["--writes", "50", "--pause", "1ms"]).exits(0);
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), 500);
    let (sender, open) = channel();
    let address = server(move |stream| sender.send(stream).unwrap());
    send(&home, address, &["--wait", "50ms"]).exits(0).says(&["has not finished for 0.05 s; leaving"]);
    drop(open);
}

#[test]
fn a_connection_that_breaks_off_is_a_failure_and_what_was_done_is_told() {
    let home = home();
    let address = server(|mut stream| {
        stream.read_exact(&mut [0]).unwrap();
        reset(stream);
    });
    send(&home, address, &["--writes", "100", "--pause", "5ms"])
        .exits(1)
        .says(&["in all: you wrote", "broke off"]);
    run(home.path(), ["send", ""]).exits(2).says(&["an empty text is not a place to connect to"]);
    let closed = peer::closed_port();
    send(&home, closed, &[]).exits(1).says(&[&format!("nothing listens on {closed}")]);
    let address = server(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    send(&home, address, &["--reset"]).exits(0).says(&["you broke the connection off (RST)"]);
}

#[test]
fn many_writes_are_counted_and_not_all_told() {
    let ear = listen(&[]);
    let ran = ear.send(&["--writes", "2000", "--size", "3"]).exits(0);
    let text = ran.text();
    assert!(text.contains("in all: you wrote 6,000 bytes in 2,000 writes (2,000×3)"), "{text}");
    assert_eq!(text.matches("write: 3 bytes").count(), 20);
}

#[test]
fn an_acknowledgement_needs_a_kernel_and_no_program() {
    // Nobody accepts the connection, so nobody can have read a byte of it.
    let ear = listen(&["--no-accept"]);
    let options = ["--writes", "3", "--nodelay", "--receipts", "--wait", "50ms"];
    let sent = ear.send(&[&options[..], &["--json"]].concat()).exits(0).document();
    let Some(receipts) = sent["receipts"].as_array() else {
        return run::skipped("this system gives no receipts for writes");
    };
    let ends: Vec<u64> = receipts.iter().map(|receipt| receipt["to"].as_u64().unwrap()).collect();
    assert_eq!(ends, [10, 20, 30]);
    for receipt in receipts {
        let [queued, sent, acknowledged] =
            ["queued_us", "sent_us", "acknowledged_us"].map(|stage| receipt[stage].as_u64().unwrap());
        assert!(queued <= sent && sent <= acknowledged, "{receipt}");
    }
    let said = ear.send(&options).exits(0);
    said.says(&[
        "write 3, up to byte 30: queued",
        "the receiver's kernel has it and says so; no program need have read it",
    ]);
    // Corked, they leave as one, and the last one's receipts are everybody's.
    let corked = ear.send(&["--cork", "--receipts", "--wait", "50ms"]).exits(0);
    corked.says(&["write 1, up to byte 10: no receipt of its own, it left together with a later write"]);
    ear.send(&["--receipts", "--writes", "101"]).exits(2).says(&["too much to follow write by write"]);
}

#[test]
fn receipts_come_over_ipv6_too() {
    if !ipv6() {
        return;
    }
    let address = peer::server_at("[::1]:0", |mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let home = home();
    let sent = send(&home, address, &["--writes", "1", "--receipts", "--json"]).exits(0).document();
    match sent["receipts"].as_array() {
        Some(receipts) => assert!(receipts[0]["acknowledged_us"].is_u64(), "{receipts:?}"),
        None => run::skipped("this system gives no receipts for writes"),
    }
}

#[test]
fn python_and_socat_receive_the_same_bytes() {
    if tool("python3", "--version") {
        let script = "import socket\n\
            l = socket.create_server(('127.0.0.1', 0)); l.settimeout(20); print(l.getsockname()[1], flush=True)\n\
            s, _ = l.accept(); s.settimeout(20); f = s.makefile('rb'); out = []\n\
            while True:\n\
            \x20   p = f.read(4)\n\
            \x20   if not p: break\n\
            \x20   out.append(f.read(int.from_bytes(p, 'big')).decode())\n\
            print(out)";
        let mut command = Command::new("python3");
        command.args(["-u", "-c", script]);
        let python = Running::of(command);
        let place = format!("127.0.0.1:{}", python.line());
        let home = home();
        let texts = ["--text", "🌱", "--text", "two", "--frame", "length", "--wait", "20s"];
        finish(netlab(home.path(), ["send", &place].iter().chain(&texts)), b"");
        assert_eq!(python.line(), "['🌱', 'two']");
    }
    if tool("socat", "-V") {
        let (home, port) = (home(), peer::closed_port().port());
        let mut command = Command::new("socat");
        command.args(["-u", &format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr"), "STDOUT"]);
        let socat = Running::of(command);
        let began = std::time::Instant::now();
        // socat does not say when it listens, so it is called until it does.
        while began.elapsed() < DEADLINE {
            let place = format!("127.0.0.1:{port}");
            if finish(netlab(home.path(), ["send", &place, "--text", r"one\n", "--text", r"two\n"]), b"").code
                == Some(0)
            {
                break;
            }
        }
        assert_eq!((socat.line().as_str(), socat.line().as_str()), ("one", "two"));
    }
}
