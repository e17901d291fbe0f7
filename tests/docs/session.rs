//! Conversations of several commands, some of which keep running.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use netlab::lessons::console::{self, Command, compare};
use netlab::lessons::finding::At;

use super::home::{Home, root};
use super::markdown::Fence;

/// The learner's port, as the documents write it.
const PORT: &str = "7777";
/// How long a command may take to say what it should.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the commands in order and compares what each printed on standard output. Each conversation has a learner
/// of its own.
pub fn play(document: &str, fence: &Fence) {
    play_in(&Home::new(), root(), document, fence);
}

/// The same, for a learner and in a folder that other conversations have too.
pub fn play_in(home: &Home, folder: &Path, document: &str, fence: &Fence) {
    let lines: Vec<&str> = fence.text.lines().collect();
    let session = console::parse(At { file: document, line: fence.line + 1 }, &lines).unwrap();
    let port = free_port();
    let mut running = Vec::new();
    for command in session.commands() {
        let mut child = start(home, folder, command, &port);
        let printed = listen(&mut child);
        if command.keeps_running {
            let first = printed.recv_timeout(PATIENCE).unwrap_or_default();
            running.push(Running { child, command, printed, so_far: first });
        } else {
            let mut input = child.stdin.take().unwrap();
            // A command that does not read has closed its end, and that is its right.
            let _ = command.typed.iter().try_for_each(|line| writeln!(input, "{line}"));
            drop(input);
            let all: String = printed.iter().collect();
            child.wait().unwrap();
            agree(document, command, &all.replace(&port, PORT)).unwrap();
        }
    }
    for mut one in running {
        let result = one.until_it_agrees(document, &port);
        one.child.kill().unwrap();
        one.child.wait().unwrap();
        result.unwrap();
    }
}

struct Running<'a> {
    child: Child,
    command: &'a Command,
    printed: Receiver<String>,
    so_far: String,
}

impl Running<'_> {
    /// A server may print a line a moment after its client has ended.
    fn until_it_agrees(&mut self, document: &str, port: &str) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let result = agree(document, self.command, &self.so_far.replace(port, PORT));
            let left = deadline.saturating_duration_since(Instant::now());
            if result.is_ok() || left.is_zero() {
                return result;
            }
            match self.printed.recv_timeout(left) {
                Ok(line) => self.so_far += &line,
                Err(_) => return agree(document, self.command, &self.so_far.replace(port, PORT)),
            }
        }
    }
}

fn start(home: &Home, folder: &Path, command: &Command, port: &str) -> Child {
    let words: Vec<String> = command.words.iter().skip(1).map(|word| word.replace(PORT, port)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(command.words[0], "netlab", "a session has netlab's own commands only");
    let mut child = home.command(&words);
    child
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Standard output, line by line as it comes.
fn listen(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines() {
            let Ok(line) = line else { break };
            if sender.send(line + "\n").is_err() {
                break;
            }
        }
    });
    receiver
}

fn agree(document: &str, command: &Command, printed: &str) -> Result<(), String> {
    compare(&command.expected, printed).map_err(|mismatch| {
        let wanted = command.expected.get(mismatch.expected).map_or("the end", String::as_str);
        let found = mismatch.found.unwrap_or_else(|| "the end".to_owned());
        format!(
            "{document}:{}: {}: wanted {wanted:?}, found {found:?} in\n{printed}",
            command.line, command.text
        )
    })
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
