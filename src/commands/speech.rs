//! What the person types becomes what is sent.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc;

/// The longest line that is sent in one piece.
pub const LINE_LIMIT: usize = 64 * 1024;
/// How many lines may wait to be sent.
pub const WAITING: usize = 16;

/// How a line that was ended is ended when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// CR LF, as most protocols of lines have it.
    CrLf,
    /// LF alone.
    Lf,
    /// Nothing: a datagram has edges of its own.
    Edge,
}

impl Ending {
    /// The line as it is sent. A last line that was not ended stays as it is.
    #[must_use]
    pub fn of(self, mut line: Vec<u8>) -> Vec<u8> {
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
            line.extend_from_slice(match self {
                Self::CrLf => b"\r\n",
                Self::Lf => b"\n",
                Self::Edge => b"",
            });
        }
        line
    }
}

/// Lines of standard input, each with its ending, until it ends. A line longer than the limit comes in pieces.
#[must_use]
pub fn lines(ending: Ending) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut input = BufReader::new(tokio::io::stdin());
        let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
        loop {
            let mut line = Vec::new();
            match (&mut input).take(limit).read_until(b'\n', &mut line).await {
                Ok(1..) if sender.send(ending.of(line)).await.is_ok() => {}
                _ => break,
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::Ending;

    #[test]
    fn a_line_gets_the_ending_that_was_asked_for() {
        for (ending, wanted) in [(Ending::CrLf, "a\r\n"), (Ending::Lf, "a\n"), (Ending::Edge, "a")] {
            assert_eq!(ending.of(b"a\n".to_vec()), wanted.as_bytes());
            assert_eq!(ending.of(b"a\r\n".to_vec()), wanted.as_bytes());
            assert_eq!(ending.of(b"a".to_vec()), b"a");
        }
        assert_eq!(Ending::Edge.of(b"\n".to_vec()), b"");
    }
}
