//! A terminal with netlab in it: a real pseudo-terminal, and a screen that shows what a person would see.
//!
//! Text is looked for without its spaces and line ends, because a sentence may wrap at any column. What is waited
//! for comes after the line that was typed last, unless a test says from where.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::run::{DEADLINE, NOT_INHERITED};

/// Lines that are kept above the screen; no test prints more.
const SCROLLBACK: usize = 50_000;

/// What a terminal is like.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub rows: u16,
    pub columns: u16,
    pub term: &'static str,
    pub no_colour: bool,
}

/// The terminal most people have.
pub const USUAL: Kind = Kind { rows: 40, columns: 80, term: "xterm-256color", no_colour: false };

/// What has come out so far.
struct Output {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A terminal with a program in it. Dropping it ends the program.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<(Mutex<Output>, Condvar)>,
    kind: Kind,
    /// The line, counted from the very first, on which the last line was typed.
    mark: usize,
}

/// netlab in a terminal, for the learner whose folder this is.
pub fn netlab(home: &Path, kind: Kind, args: &[&str]) -> Terminal {
    netlab_behind(&[], home, kind, args)
}

/// The same, started by the program whose words stand in front.
pub fn netlab_behind(before: &[String], home: &Path, kind: Kind, args: &[&str]) -> Terminal {
    let program = env!("CARGO_BIN_EXE_netlab").to_owned();
    let words: Vec<&String> = before.iter().chain([&program]).collect();
    let mut command = CommandBuilder::new(words[0]);
    command.args(&words[1..]);
    command.args(args);
    Terminal::start(command, home, kind)
}

/// A line of the shell's in a terminal. `$NETLAB` is netlab.
pub fn shell(home: &Path, kind: Kind, line: &str) -> Terminal {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", line]);
    command.env("NETLAB", env!("CARGO_BIN_EXE_netlab"));
    Terminal::start(command, home, kind)
}

impl Terminal {
    /// Starts a program.
    pub fn start(mut command: CommandBuilder, home: &Path, kind: Kind) -> Self {
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        command.env("NETLAB_HOME", home);
        command.env("TERM", kind.term);
        command.env("SHELL", "/bin/sh");
        if kind.no_colour {
            command.env("NO_COLOR", "1");
        }
        let pair = native_pty_system().openpty(size(kind.rows, kind.columns)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // The end of the output is seen only when nobody but the program holds this side.
        drop(pair.slave);
        let parser = vt100::Parser::new(cells(kind.rows), cells(kind.columns), SCROLLBACK);
        let output = Output { parser, raw: Vec::new(), ended: false };
        let output = Arc::new((Mutex::new(output), Condvar::new()));
        let reader = pair.master.try_clone_reader().unwrap();
        let into = output.clone();
        thread::spawn(move || show(reader, &into));
        let keys = pair.master.take_writer().unwrap();
        Self { master: pair.master, keys, child, output, kind, mark: 0 }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        lock(&self.output.0)
    }

    /// The process id of the program.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// The line the cursor is on, counted from the very first.
    pub fn here(&self) -> usize {
        let output = self.output();
        let screen = output.parser.screen();
        screen.scrollback_len() + usize::from(screen.cursor_position().0)
    }

    /// The line on which the last line was typed.
    pub fn marked(&self) -> usize {
        self.mark
    }

    /// From now on waiting looks only at what comes behind this moment's line.
    pub fn mark(&mut self) {
        self.mark = self.here();
    }

    /// Presses keys.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Presses one key that answers something.
    pub fn press(&mut self, key: char) {
        self.mark();
        self.keys(&key.to_string());
    }

    /// Presses a key together with Ctrl.
    pub fn ctrl(&mut self, letter: char) {
        self.keys.write_all(&[letter as u8 & 0x1f]).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types a line and Enter.
    pub fn type_line(&mut self, line: &str) {
        self.mark();
        self.keys(&format!("{line}\r"));
    }

    /// Makes the window another size.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.output().parser.set_size(cells(rows), cells(columns));
        self.master.resize(size(rows, columns)).unwrap();
    }

    /// What the screen shows now, a line each.
    pub fn screen(&self) -> Vec<String> {
        let output = self.output();
        let screen = output.parser.screen();
        screen.rows(0, screen.size().1.get()).collect()
    }

    /// Whether the program wants a paste to be marked as one.
    pub fn bracketed_paste(&self) -> bool {
        self.output().parser.screen().bracketed_paste()
    }

    /// The line the cursor is on, as far as the cursor.
    pub fn before_cursor(&self) -> String {
        let output = self.output();
        let screen = output.parser.screen();
        let (row, column) = screen.cursor_position();
        screen.rows(0, column).nth(usize::from(row)).unwrap_or_default()
    }

    /// All lines from `from` on, above the screen and on it.
    pub fn lines(&self, from: usize) -> Vec<String> {
        self.output().lines(from)
    }

    /// Lines on the screen that were longer than it is wide, so that the terminal broke them, each as its first row.
    pub fn overlong(&self) -> Vec<String> {
        let output = self.output();
        let screen = output.parser.screen();
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let wraps = |row: &u16| screen.row_wrapped(*row) && (*row == 0 || !screen.row_wrapped(row - 1));
        let text = |row: u16| screen.rows(0, columns).nth(usize::from(row)).unwrap_or_default();
        (0..rows).filter(wraps).map(text).collect()
    }

    /// Every byte that has come out.
    pub fn raw(&self) -> Vec<u8> {
        self.output().raw.clone()
    }

    /// Waits until something holds of the lines from `from` on.
    #[track_caller]
    pub fn wait_until(&self, from: usize, what: &str, holds: impl Fn(&[String]) -> bool) {
        let began = Instant::now();
        let mut output = self.output();
        loop {
            let lines = output.lines(from);
            if holds(&lines) {
                return;
            }
            let left = DEADLINE.saturating_sub(began.elapsed());
            assert!(!left.is_zero() && !output.ended, "{what} did not come:\n{}", lines.join("\n"));
            output = self.output.1.wait_timeout(output, left).unwrap().0;
        }
    }

    /// Waits for text after the line that was typed last.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_from(self.mark, text);
    }

    /// Waits for text from a line on.
    #[track_caller]
    pub fn wait_from(&self, from: usize, text: &str) {
        let wanted = squeezed(text);
        self.wait_until(from, &format!("{text:?}"), |lines| squeezed(&lines.concat()).contains(&wanted));
    }

    /// Waits for a line that is exactly this, after the line that was typed last.
    #[track_caller]
    pub fn wait_for_line(&self, wanted: &str) {
        self.wait_until(self.mark + 1, wanted, |lines| lines.iter().any(|line| line == wanted));
    }

    /// Waits for any of these texts, and says which it was: the first of those that are there.
    #[track_caller]
    pub fn wait_for_any(&self, texts: &[&str]) -> usize {
        let which = |lines: &[String]| {
            let all = squeezed(&lines.concat());
            texts.iter().position(|text| all.contains(&squeezed(text)))
        };
        self.wait_until(self.mark, &format!("any of {texts:?}"), |lines| which(lines).is_some());
        which(&self.lines(self.mark)).unwrap()
    }

    /// Waits for an empty prompt behind the line that was typed last.
    #[track_caller]
    pub fn prompt(&self) {
        self.wait_until(self.mark + 1, "a prompt", |lines| self.has_prompt(lines));
    }

    /// Waits for one of two texts after the line that was typed last; whether the first one is there. A prompt would be
    /// no sign: what a job says late draws it anew.
    #[track_caller]
    pub fn either(&self, text: &str, other: &str) -> bool {
        let wanted = [text, other].map(squeezed);
        let has_come = |lines: &[String], which: usize| squeezed(&lines.concat()).contains(&wanted[which]);
        self.wait_until(self.mark + 1, &format!("{text:?} or {other:?}"), |lines| {
            has_come(lines, 0) || has_come(lines, 1)
        });
        has_come(&self.lines(self.mark + 1), 0)
    }

    /// Whether an empty prompt is among lines. The simplest terminal shows what comes meanwhile behind its prompt.
    fn has_prompt(&self, lines: &[String]) -> bool {
        let prompts = ["netlab>", "netlab (play)>"];
        lines.iter().any(|line| match self.kind.term {
            "dumb" => prompts.iter().any(|prompt| line.starts_with(prompt)),
            _ => prompts.contains(&line.trim_end()),
        })
    }

    /// Whether text has come after the line that was typed last.
    pub fn shows(&self, text: &str) -> bool {
        squeezed(&self.lines(self.mark).concat()).contains(&squeezed(text))
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        let mut output = self.output();
        while !output.ended {
            let left = DEADLINE.saturating_sub(began.elapsed());
            assert!(!left.is_zero(), "it did not end:\n{}", output.lines(self.mark).join("\n"));
            output = self.output.1.wait_timeout(output, left).unwrap().0;
        }
        drop(output);
        self.child.wait().unwrap()
    }

    /// Sends the program a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Ends the program without giving it a chance to tidy up.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn lines(&mut self, from: usize) -> Vec<String> {
        let screen = self.parser.screen_mut();
        let (above, (rows, columns)) = (screen.scrollback_len(), screen.size());
        let all = above + usize::from(rows.get());
        let mut lines = Vec::new();
        while from + lines.len() < all {
            screen.set_scrollback(above.saturating_sub(from + lines.len()));
            let top = above - screen.scrollback();
            lines.extend(screen.rows(0, columns.get()).skip(from + lines.len() - top));
        }
        screen.set_scrollback(0);
        lines
    }
}

/// Puts what comes out on the screen, until nothing comes any more.
fn show(mut reader: Box<dyn Read + Send>, output: &(Mutex<Output>, Condvar)) {
    let mut buffer = [0; 4096];
    loop {
        // A pseudo-terminal ends with an error.
        let len = reader.read(&mut buffer).unwrap_or(0);
        let mut now = lock(&output.0);
        now.raw.extend_from_slice(&buffer[..len]);
        now.parser.process(&buffer[..len]);
        now.ended = len == 0;
        output.1.notify_all();
        if len == 0 {
            break;
        }
    }
}

/// A test that failed while it looked has left what there is to be looked at.
fn lock(output: &Mutex<Output>) -> MutexGuard<'_, Output> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Text without its spaces and line ends.
pub fn squeezed(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

fn size(rows: u16, columns: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(many: u16) -> NonZeroU16 {
    NonZeroU16::new(many).unwrap()
}
