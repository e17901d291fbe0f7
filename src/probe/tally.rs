//! Counting the answers of a conversation while they come, each byte looked at once.

use crate::proto::http::cut::{HttpCut, Part};
use crate::proto::stream::Sender;

/// What one connection has brought so far.
#[derive(Debug, Default)]
pub struct Tally {
    cut: HttpCut,
    heads: usize,
    answers: usize,
    came: u64,
    /// The answer at hand is an interim one (1xx).
    is_interim: bool,
}

impl Tally {
    /// These bytes were sent: what is asked decides where the answer ends.
    pub fn sent(&mut self, bytes: &[u8]) {
        // Where requests end nobody asks here, and many of them are broken on purpose.
        let _ = crate::proto::cut::ends(&mut self.cut, Sender::Client, bytes, false, |_| ());
    }

    /// These came; none are the end of what the server says.
    pub fn came(&mut self, bytes: &[u8]) {
        self.came += bytes.len() as u64;
        let mut at = 0;
        loop {
            let piece = self.cut.piece(Sender::Server, &bytes[at..], bytes.is_empty());
            at += piece.used;
            if let Part::Head(said) = piece.part {
                self.heads += 1;
                self.is_interim = said.is_interim;
            }
            self.answers += usize::from(piece.whole && !self.is_interim);
            if at == bytes.len() || piece.broken.is_some() {
                return;
            }
        }
    }

    /// How many heads have come whole, interim ones too.
    #[must_use]
    pub fn heads(&self) -> usize {
        self.heads
    }

    /// How many final answers have.
    #[must_use]
    pub fn answers(&self) -> usize {
        self.answers
    }

    /// How many bytes came.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.came
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn final_answers_are_counted_when_they_are_whole() {
        let mut tally = Tally::default();
        tally.sent(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n!HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        );
        tally.came(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
        assert_eq!((tally.heads(), tally.answers()), (2, 0));
        tally.came(b"kHTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n");
        assert_eq!((tally.heads(), tally.answers()), (3, 2));
        tally.came(b"HTTP/1.0 400 Bad Request\r\n\r\nno length");
        assert_eq!((tally.heads(), tally.answers(), tally.bytes()), (4, 2, 147));
        tally.came(b"");
        assert_eq!(tally.answers(), 3, "its content ends with the connection");
    }
}
