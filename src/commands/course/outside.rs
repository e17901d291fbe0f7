//! Other tools in a proof: started by a shell's line, fed with what a learner types, and ended as a learner ends them.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::time::{Instant, interval, timeout};

use super::namespace::Namespace;

/// After how long a silence a learner takes it that nothing more comes, and presses Ctrl-D.
const QUIET: Duration = Duration::from_millis(1200);
/// After how long a silence behind that a learner presses Ctrl-C. A tool may be slow to begin.
const LONGER: Duration = Duration::from_secs(5);
/// How long a tool that keeps running may take to have a socket.
const SETTLE: Duration = Duration::from_secs(3);
/// How long a program may take to end when it is interrupted.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often is looked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The most that is kept of what is printed, in bytes.
const KEPT: usize = 1024 * 1024;

/// A line for the shell, and what is typed into what it starts.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line.
    pub text: String,
    /// What is typed.
    pub typed: Vec<String>,
}

/// What has been printed, in all terminals of a room.
#[derive(Debug, Clone, Default)]
pub struct Printed(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    text: Vec<u8>,
    at: Option<Instant>,
    followed: usize,
}

impl Printed {
    /// All of it, up to a limit.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept().text).into_owned()
    }

    /// Something that was printed as whole lines.
    pub fn add(&self, text: &str) {
        self.bytes(text.as_bytes());
        if !text.ends_with('\n') {
            self.bytes(b"\n");
        }
    }

    /// Keeps what a stream gives from now on.
    pub fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let Some(mut stream) = stream else { return };
        let printed = self.clone();
        printed.kept().followed += 1;
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(len @ 1..) = stream.read(&mut buffer).await {
                printed.bytes(buffer.get(..len).unwrap_or_default());
            }
            printed.kept().followed -= 1;
        });
    }

    /// How many streams are followed.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.kept().followed
    }

    /// Waits until no more than so many streams are followed, because the others have ended; or gives up.
    pub async fn ended_but(&self, many: usize) {
        let until = Instant::now() + FAREWELL;
        let mut again = interval(LOOK_AGAIN);
        while self.followed() > many && Instant::now() < until {
            again.tick().await;
        }
    }

    /// Waits until nothing more comes: whoever presses Ctrl-C has seen what there was to see.
    pub async fn is_quiet(&self) {
        let from = Instant::now();
        let mut again = interval(LOOK_AGAIN);
        while self.quiet_since(from).elapsed() < QUIET {
            again.tick().await;
        }
    }

    fn bytes(&self, bytes: &[u8]) {
        let mut kept = self.kept();
        let room = KEPT.saturating_sub(kept.text.len());
        kept.text.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        kept.at = Some(Instant::now());
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Since when nothing has been printed; `from` when nothing has been printed since then.
    fn quiet_since(&self, from: Instant) -> Instant {
        self.kept().at.map_or(from, |at| at.max(from))
    }
}

/// Types into a tool what is to be typed, and waits for its end. Where nothing comes any more its input ends, and where
/// that does not end it, it is interrupted.
pub async fn use_up(mut child: Child, line: &Line, printed: &Printed, patience: Duration) {
    let until = Instant::now() + patience;
    let typed: String = line.typed.iter().map(|line| format!("{line}\n")).collect();
    if let Some(input) = &mut child.stdin {
        // A tool that does not read has closed its end, and that is its right.
        let _ = input.write_all(typed.as_bytes()).await;
    }
    let mut from = Instant::now();
    loop {
        if timeout(LOOK_AGAIN, child.wait()).await.is_ok() {
            return;
        }
        let now = Instant::now();
        let quiet = now.duration_since(printed.quiet_since(from));
        if now >= until || (quiet >= LONGER && child.stdin.is_none()) {
            return interrupt(child).await;
        }
        if quiet >= QUIET && child.stdin.is_some() {
            drop(child.stdin.take());
            from = now;
        }
    }
}

/// Waits until a tool that keeps running has a socket that listens or is connected, or has ended, or takes too long.
/// One that only tries to connect, as to the first of two addresses, is not there yet.
/// `before`: the sockets there were when it was started.
pub async fn settle(child: &mut Child, network: Option<&Namespace>, before: &BTreeSet<String>) {
    let until = Instant::now() + SETTLE;
    let mut again = interval(LOOK_AGAIN);
    while Instant::now() < until && sockets(network).is_subset(before) && matches!(child.try_wait(), Ok(None))
    {
        again.tick().await;
    }
}

/// The sockets of a network that listen or are connected, as Linux lists them: each with both its ends. Of UDP all.
#[must_use]
pub fn sockets(network: Option<&Namespace>) -> BTreeSet<String> {
    /// TCP's states ESTABLISHED and LISTEN.
    const STANDING: [&str; 2] = ["01", "0A"];
    let process = network.map_or_else(|| "self".to_owned(), |network| network.process().to_string());
    let mut all = BTreeSet::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
        for row in text.lines().skip(1) {
            let mut columns = row.split_whitespace().skip(1);
            let (Some(local), Some(remote), Some(state)) = (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            if table.starts_with("udp") || STANDING.contains(&state) {
                all.insert(format!("{table} {local} {remote} {state}"));
            }
        }
    }
    all
}

/// Ctrl-C, and what helps where that does not.
pub async fn interrupt(mut child: Child) {
    #[cfg(unix)]
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
        use nix::sys::signal::{Signal, kill, killpg};
        use nix::unistd::{Pid, getpgid};
        // Where a shell has started all this in the background, Ctrl-C is ignored by whoever does not ask for it. A
        // learner's terminal has no such rule.
        let signal = if ignores_interrupts(id) { Signal::SIGTERM } else { Signal::SIGINT };
        let id = Pid::from_raw(id);
        // A shell's line leads a group of its own, a command of netlab's is alone. One that is gone needs no signal.
        let _ = if getpgid(Some(id)) == Ok(id) { killpg(id, signal) } else { kill(id, signal) };
    }
    if timeout(FAREWELL, child.wait()).await.is_err() {
        // One that has ended meanwhile needs no more.
        let _ = child.kill().await;
    }
}

/// Whether a process ignores SIGINT, as Linux tells.
#[cfg(unix)]
fn ignores_interrupts(id: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The lowest bit is signal 1.
    mask.is_some_and(|mask| mask >> (nix::libc::SIGINT - 1) & 1 == 1)
}
