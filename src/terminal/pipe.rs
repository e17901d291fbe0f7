//! Standard input and output as pipes: bytes untouched, a bounded number on their way.
//!
//! Each has a thread of its own, because reading and writing files may block, and what it blocks may not be
//! the network.

use std::io::{self, IsTerminal, Read, Write};

use tokio::sync::{mpsc, oneshot};

/// How many pieces may be on their way. More would only take memory.
const PIECES: usize = 4;

/// The bytes of standard input in pieces of at most `room`, until it ends.
#[must_use]
pub fn input(room: usize) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(PIECES);
    std::thread::spawn(move || {
        let mut source = source();
        loop {
            let mut piece = vec![0; room];
            match source.read(&mut piece) {
                Ok(len @ 1..) => {
                    piece.truncate(len);
                    if sender.blocking_send(piece).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
    });
    receiver
}

/// Standard output, for bytes of strangers that are wanted as they are.
pub struct Output {
    pieces: mpsc::Sender<Vec<u8>>,
    written: oneshot::Receiver<io::Result<()>>,
}

impl Output {
    /// Opens it; nothing if it is a terminal, which would obey such bytes.
    #[must_use]
    pub fn open() -> Option<Self> {
        if io::stdout().is_terminal() {
            return None;
        }
        let (pieces, mut waiting) = mpsc::channel::<Vec<u8>>(PIECES);
        let (done, written) = oneshot::channel();
        std::thread::spawn(move || {
            let mut sink = sink();
            let mut result = Ok(());
            while let Some(piece) = waiting.blocking_recv() {
                result = sink.write_all(&piece);
                if result.is_err() {
                    break;
                }
            }
            // Nobody asks any more when the verb has failed.
            let _ = done.send(result.and_then(|()| sink.flush()));
        });
        Some(Self { pieces, written })
    }

    /// Where pieces go in.
    #[must_use]
    pub fn pieces(&self) -> mpsc::Sender<Vec<u8>> {
        self.pieces.clone()
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// What kept it from being written; a reader that has gone away is none.
    pub async fn close(self) -> io::Result<()> {
        drop(self.pieces);
        match self.written.await {
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }
}

/// Standard output for one writer that may wait; nothing if it is a terminal, which would obey bytes of strangers.
#[must_use]
pub fn output() -> Option<Box<dyn Write + Send>> {
    (!io::stdout().is_terminal()).then(sink)
}

/// Past the buffers of the standard library, which would copy every piece once more.
#[cfg(unix)]
fn source() -> Box<dyn Read> {
    use std::os::fd::AsFd;
    match io::stdin().as_fd().try_clone_to_owned() {
        Ok(own) => Box::new(std::fs::File::from(own)),
        Err(_) => Box::new(io::stdin()),
    }
}

#[cfg(unix)]
pub(super) fn sink() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(own) => Box::new(std::fs::File::from(own)),
        Err(_) => Box::new(io::stdout()),
    }
}

#[cfg(not(unix))]
fn source() -> Box<dyn Read> {
    Box::new(io::stdin())
}

#[cfg(not(unix))]
pub(super) fn sink() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}
