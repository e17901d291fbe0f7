//! What a dissector is given: the bytes of one direction, and the little around them it may know.

/// Which end sent the bytes. The client is the one that opened the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The end that opened the conversation.
    Client,
    /// The end that was waiting.
    Server,
}

impl Sender {
    /// Its place in a pair that has something for each end: the client's is first.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self == Self::Server)
    }
}

/// How the transport hands the bytes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// One datagram: its edges are the message's edges.
    Datagram,
    /// A stream of bytes (TCP): the protocol must find its own message edges.
    Stream,
}

/// What a dissector may know of the bytes it is given, beside the bytes themselves.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The bytes sent the other way; an HTTP response cannot be read without its request.
    pub other: &'a [u8],
    /// Who sent the bytes.
    pub sender: Sender,
    /// Datagram or stream.
    pub carriage: Carriage,
    /// Whether the sender is known to have finished: no more bytes will follow.
    pub ended: bool,
}

/// Bytes and what is around them: the input of a dissector. Everything in it was sent or received; nothing is assumed.
#[derive(Debug, Clone, Copy)]
pub struct Stream<'a> {
    /// The bytes sent in this direction, from the first on.
    pub bytes: &'a [u8],
    /// The bytes sent the other way; an HTTP response cannot be read without its request.
    pub other: &'a [u8],
    /// Who sent `bytes`.
    pub sender: Sender,
    /// Datagram or stream.
    pub carriage: Carriage,
    /// Whether the sender is known to have finished: no more bytes will follow these.
    pub ended: bool,
}

impl<'a> Stream<'a> {
    /// What is around the bytes.
    #[must_use]
    pub fn around(&self) -> Around<'a> {
        let Self { other, sender, carriage, ended, .. } = *self;
        Around { other, sender, carriage, ended }
    }

    /// Bytes seen on their own, as from a file: a finished stream from `sender`, nothing known of the other end.
    #[must_use]
    pub fn alone(bytes: &'a [u8], sender: Sender, carriage: Carriage) -> Self {
        Self { bytes, other: &[], sender, carriage, ended: true }
    }
}
