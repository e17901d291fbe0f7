//! Jobs: verbs that go on while the learner types other things, such as `serve`.
//!
//! A job's standard input is held open from here. When it closes, because the job is stopped or this process is
//! gone however it went, the job ends and its port is free.

use std::borrow::Cow;
use std::io;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin};
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};

use super::place::Program;
use crate::commands::context::JOB_VARIABLE;
use crate::render::course::session as shown;
use crate::render::text::screen::Screen;
use crate::terminal::voice::Voice;

/// How many jobs may run at once.
pub const JOBS: usize = 16;

/// How long jobs may take to end when the sitting does.
const STOP_LIMIT: Duration = Duration::from_secs(4);

/// The jobs of a sitting.
pub struct Jobs {
    voice: Voice,
    program: Program,
    list: Vec<Job>,
    next: usize,
    running: JoinSet<usize>,
}

/// One of them.
pub struct Job {
    /// Its number, which is never given twice.
    pub number: usize,
    /// What to type for it, behind the word netlab.
    pub text: String,
    /// The step in which it was started.
    pub step: String,
    /// Its process, as long as the system tells.
    pub pid: Option<u32>,
    input: Option<ChildStdin>,
}

impl Jobs {
    /// None yet.
    #[must_use]
    pub fn new(voice: Voice, program: Program) -> Self {
        Self { voice, program, list: Vec::new(), next: 1, running: JoinSet::new() }
    }

    /// How this program is run.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Those that run.
    pub fn list(&mut self) -> &[Job] {
        while let Some(ended) = self.running.try_join_next() {
            self.list.retain(|job| ended.as_ref().map_or(true, |&number| number != job.number));
        }
        &self.list
    }

    /// Starts a verb as a job in a step; its lines appear above the prompt with its number.
    ///
    /// # Errors
    /// When it cannot be started, or there are too many.
    pub fn start(&mut self, words: &[String], screen: Screen, step: &str) -> io::Result<usize> {
        if self.list().len() >= JOBS {
            return Err(io::Error::other(format!("{JOBS} jobs run already")));
        }
        let number = self.next;
        let mut command = self.program.run(&self.program.program);
        command
            .args(words)
            .env(JOB_VARIABLE, "1")
            .env("COLUMNS", shown::job_width(&screen, number).to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        // Ctrl-C at the prompt is not for jobs.
        command.process_group(0);
        let mut child = command.spawn()?;
        self.next += 1;
        let (text, step, pid) = (typed(words), step.to_owned(), child.id());
        self.list.push(Job { number, text, step, pid, input: child.stdin.take() });
        self.running.spawn(follow(child, number, screen));
        Ok(number)
    }

    /// Asks a job to end. False when there is none of that number.
    pub fn stop(&mut self, number: usize) -> bool {
        let job = self.list.iter_mut().find(|job| job.number == number);
        // Closing its input is the asking.
        job.is_some_and(|job| job.input.take().is_some())
    }

    /// Ends all of them.
    pub async fn stop_all(&mut self) {
        self.list.clear();
        let all = async { while self.running.join_next().await.is_some() {} };
        // Those that take too long are ended by force when the set is dropped.
        let _ = timeout(STOP_LIMIT, all).await;
        self.voice.drained();
    }
}

/// Words as a line that means them at the prompt: those that would be read differently stand in quotes.
#[must_use]
pub fn typed(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> Cow<'_, str> {
    match shlex::split(word) {
        Some(read) if read == [word] => Cow::Borrowed(word),
        // Between these every byte but their own stands for itself.
        _ if !word.contains('\'') => Cow::Owned(format!("'{word}'")),
        _ => shlex::try_quote(word).unwrap_or(Cow::Borrowed(word)),
    }
}

/// Shows what a job says until it ends.
async fn follow(mut child: Child, number: usize, screen: Screen) -> usize {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    tokio::join!(tell(out, number, &screen), tell(err, number, &screen));
    let status = child.wait().await.ok();
    shown::job_ended(&screen, number, status.and_then(|status| status.code()));
    number
}

async fn tell(stream: Option<impl AsyncRead + Unpin>, number: usize, screen: &Screen) {
    let Some(stream) = stream else { return };
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        shown::job_line(screen, number, &line);
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn a_job_is_named_by_a_line_that_starts_it() {
        for line in [
            "serve --port 7777",
            "tap --udp 7778=7777 --drop 100%",
            r"listen 7777 --say-first 'HTTP/1.1 200 OK\r\n\r\n🌱 Plant'",
            "serve --hosts a.test=my.routes --say ''",
            r#"serve --say "it's here""#,
        ] {
            let words = shlex::split(line).unwrap_or_default();
            assert_eq!(typed(&words), line);
        }
    }
}
