//! Running netlab as a person would: the built program, a home of its own, a deadline on every wait.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The longest any test waits for something that should happen at once.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Variables that change what netlab prints; a test sets the ones it is about.
pub const NOT_INHERITED: [&str; 21] = [
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "TERM",
    "CI",
    "COLUMNS",
    "LINES",
    "NETLAB_HOME",
    "NETLAB_CLASS",
    "NETLAB_LANGUAGE",
    "NETLAB_LESSONS",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
];

/// Says, past the capture of test output, what a test could not try and why.
pub fn skipped(why: &str) {
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Says, past the capture of test output, what a test has counted.
pub fn told(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// A fresh learner's folder.
pub fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// netlab with these arguments, for the learner whose folder this is.
pub fn netlab<S: AsRef<OsStr>>(home: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netlab"));
    command.args(args);
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    command.env("NETLAB_HOME", home);
    command
}

/// How a run ended and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
}

impl Ran {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    /// Standard error as text, its lines joined: sentences are wrapped to the width of the terminal.
    pub fn complaint(&self) -> String {
        let text = String::from_utf8(self.err.clone()).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The one JSON document on standard output.
    pub fn document(&self) -> serde_json::Value {
        let text = self.text();
        assert_eq!(text.lines().count(), 1, "one document on one line: {text:?} {}", self.complaint());
        serde_json::from_str(&text).unwrap()
    }

    /// The exit code, which must be this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", String::from_utf8_lossy(&self.out), self.complaint());
        self
    }

    /// Standard output and standard error hold these pieces of text.
    #[track_caller]
    pub fn says(self, pieces: &[&str]) -> Self {
        let out = String::from_utf8_lossy(&self.out).split_whitespace().collect::<Vec<_>>().join(" ");
        let all = format!("{out}\n{}", self.complaint());
        for piece in pieces {
            assert!(all.contains(piece), "{piece:?} is not in:\n{all}");
        }
        self
    }
}

/// Runs to the end with nothing on standard input.
pub fn run<S: AsRef<OsStr>>(home: &Path, args: impl IntoIterator<Item = S>) -> Ran {
    finish(netlab(home, args), b"")
}

/// Runs to the end with these bytes on standard input.
pub fn finish(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    thread::spawn(move || {
        // A program that does not read its input is a program that does not need it.
        let _ = stdin.write_all(&input);
    });
    let out = drain(child.stdout.take().unwrap());
    let err = drain(child.stderr.take().unwrap());
    let ended = (out.recv_timeout(DEADLINE), err.recv_timeout(DEADLINE));
    let (Ok(out), Ok(err)) = ended else {
        let _ = child.kill();
        panic!("{command:?} did not end in {DEADLINE:?}");
    };
    Ran { code: child.wait().unwrap().code(), out, err }
}

/// Everything a stream gives, once it has ended.
pub fn drain(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        // A pseudo-terminal ends with an error; what came before it is what there is.
        let _ = stream.read_to_end(&mut all);
        let _ = sender.send(all);
    });
    receiver
}

/// netlab while it runs. Dropping it ends it.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    err: Receiver<Vec<u8>>,
}

impl Running {
    /// Starts it.
    pub fn start<S: AsRef<OsStr>>(home: &Path, args: impl IntoIterator<Item = S>) -> Self {
        Self::of(netlab(home, args))
    }

    /// Starts a command.
    pub fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            stdout
                .split(b'\n')
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(String::from_utf8_lossy(&line).into_owned()))
        });
        let err = drain(child.stderr.take().unwrap());
        Self { stdin: child.stdin.take(), child, lines, err }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of standard output.
    #[track_caller]
    pub fn line(&self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("no further line in {DEADLINE:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                let err = self.err.recv_timeout(DEADLINE).unwrap_or_default();
                panic!("ended without a further line: {}", String::from_utf8_lossy(&err))
            }
        }
    }

    /// The first line of standard output that holds `piece`.
    #[track_caller]
    pub fn line_with(&self, piece: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(piece) {
                return line;
            }
        }
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Ends the input, as Ctrl-D does.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Asks it to stop as the system does (SIGTERM), and waits; gives how long that took.
    #[cfg(unix)]
    pub fn terminate(self) -> (ExitStatus, Duration, Vec<String>, String) {
        let began = Instant::now();
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.wait(began)
    }

    /// Waits for its end.
    pub fn ended(mut self) -> (ExitStatus, Duration, Vec<String>, String) {
        self.end_input();
        self.wait(Instant::now())
    }

    fn wait(mut self, began: Instant) -> (ExitStatus, Duration, Vec<String>, String) {
        let err = self.err.recv_timeout(DEADLINE).expect("it ends when it is asked to");
        let status = self.child.wait().unwrap();
        let took = began.elapsed();
        let rest = std::iter::from_fn(|| self.lines.recv_timeout(DEADLINE).ok()).collect();
        (status, took, rest, String::from_utf8_lossy(&err).into_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program at hand, if this machine has it.
pub fn tool(name: &str, probe: &str) -> bool {
    let found = Command::new(name).arg(probe).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        skipped(&format!("{name} is not on this machine"));
    }
    found
}

/// Whether this machine has IPv6 loopback.
pub fn ipv6() -> bool {
    let has = std::net::TcpListener::bind("[::1]:0").is_ok();
    if !has {
        skipped("this machine has no IPv6 loopback");
    }
    has
}
