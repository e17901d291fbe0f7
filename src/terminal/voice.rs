//! Speaking while somebody types: lines appear above the prompt, and what is being typed stays whole.
//!
//! Whoever speaks never waits: a thread hands the text to the line editor, or to standard output when no line is
//! being edited.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use anstream::adapter::strip_str;
use rustyline::ExternalPrinter;

/// How long [`Voice::drained`] waits at most.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// The way to speak. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    to: Sender<Said>,
}

/// One thing said.
enum Said {
    Text(String),
    /// Asks for a word when everything before it has been said.
    Drained(SyncSender<()>),
}

impl Voice {
    /// Speaks through the line editor's printer, or plainly when the terminal is too simple for one.
    #[must_use]
    pub fn new(printer: Option<impl ExternalPrinter + Send + 'static>) -> Self {
        let (to, said) = channel();
        std::thread::spawn(move || match printer {
            Some(mut printer) => speak(&said, |text| {
                // A terminal that is gone has nobody to speak to.
                let _ = printer.print(text);
            }),
            None => speak(&said, |text| {
                let mut out = io::stdout().lock();
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }),
        });
        Self { to }
    }

    /// A writer that speaks what it is given, each time it is flushed; plainly is without colour.
    #[must_use]
    pub fn sink(&self, plainly: bool) -> Sink {
        Sink { voice: self.clone(), text: Vec::new(), plainly }
    }

    /// Waits until everything said so far has been handed to the terminal, so that another program may write to it.
    pub fn drained(&self) {
        let (to, done) = sync_channel(1);
        if self.to.send(Said::Drained(to)).is_ok() {
            let _ = done.recv_timeout(DRAIN_LIMIT);
        }
    }
}

/// Lines that have come together meanwhile are printed together, so that the prompt is redrawn once for all.
fn speak(said: &Receiver<Said>, mut print: impl FnMut(String)) {
    for first in said {
        let mut together = String::new();
        for one in std::iter::once(first).chain(said.try_iter()) {
            match one {
                Said::Text(text) => together.push_str(&text),
                Said::Drained(to) => {
                    if !together.is_empty() {
                        print(std::mem::take(&mut together));
                    }
                    // Whoever asked may have stopped waiting.
                    let _ = to.send(());
                }
            }
        }
        if !together.is_empty() {
            print(together);
        }
    }
}

/// Collects what is written and speaks it when flushed.
pub struct Sink {
    voice: Voice,
    text: Vec<u8>,
    plainly: bool,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
        let text = if self.plainly { strip_str(&text).to_string() } else { text };
        if !text.is_empty() {
            // Without the thread there is no terminal either.
            let _ = self.voice.to.send(Said::Text(text));
        }
        Ok(())
    }
}
