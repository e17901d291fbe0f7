//! A network of one's own: loopback and nothing else, where ports 7777 and 7080 are free whatever the rest of the
//! machine does. Linux calls it a network namespace (`network_namespaces(7)`).
//!
//! A process that has threads cannot leave its user namespace, so a fresh one does: `unshare` (util-linux) as root, or
//! as anybody where user namespaces are allowed. `ip` (iproute2) raises loopback. The process then waits, and keeps the
//! network alive until its input ends, which it does when this program ends, however that happens. `nsenter`
//! starts programs in it.

use std::ffi::OsStr;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long making a network may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What the first process in it does: raise loopback, say so, and wait for the end of its input. The text is fixed.
const WAIT_INSIDE: &str = "ip link set lo up && echo up && exec cat";

/// A network of one's own. It is gone when this is dropped and the programs in it have ended.
#[derive(Debug)]
pub struct Namespace {
    holder: Child,
    with_user: bool,
}

impl Namespace {
    /// Makes one.
    ///
    /// # Errors
    /// Why this machine does not allow it, in one line.
    pub fn new() -> Result<Self, String> {
        Self::with(false).or_else(|_| Self::with(true))
    }

    fn with(with_user: bool) -> Result<Self, String> {
        let mut command = Command::new("unshare");
        command.args(if with_user { &["--user", "--map-root-user", "--net"][..] } else { &["--net"] });
        command.args(["sh", "-c", WAIT_INSIDE]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().map_err(|error| format!("unshare: {error}"))?;
        let (out, err) = (holder.stdout.take(), holder.stderr.take());
        let made = Self { holder, with_user };
        let (sender, said) = mpsc::channel();
        thread::spawn(move || {
            let mut word = [0; 3];
            let up = out.is_some_and(|mut out| out.read_exact(&mut word).is_ok());
            let mut why = String::new();
            if let (false, Some(mut err)) = (up, err) {
                // What came before a failed read is what there is.
                let _ = err.read_to_string(&mut why);
            }
            // Nobody waits any more when it took too long.
            let _ = sender.send(if up { Ok(()) } else { Err(why) });
        });
        match said.recv_timeout(LIMIT) {
            Ok(Ok(())) => Ok(made),
            Ok(Err(why)) => Err(why.lines().next().unwrap_or("unshare said nothing").to_owned()),
            Err(_) => Err(format!("it took longer than {} s", LIMIT.as_secs())),
        }
    }

    /// A program that will run in it.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut words = self.entering();
        let mut command = Command::new(words.remove(0));
        command.args(words).arg(program);
        command
    }

    /// A process in it, by whose number the system tells about this network.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.holder.id()
    }

    /// The words before a program and its arguments that start it in this network. The program keeps the process that
    /// these begin.
    #[must_use]
    pub fn entering(&self) -> Vec<String> {
        let target = format!("--target={}", self.holder.id());
        let user = self.with_user.then_some(["--user", "--preserve-credentials"]);
        let words = ["nsenter", &target, "--net"].into_iter().chain(user.into_iter().flatten());
        words.chain(["--"]).map(str::to_owned).collect()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
