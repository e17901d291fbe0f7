//! A UDP conversation with one server, recorded datagram by datagram.
//!
//! The socket is connected, so the kernel drops datagrams from anyone else and reports a closed port
//! (ICMP port unreachable) as "refused".

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

use super::origin::{Origin, Snag};
use crate::evidence::{End, FlowId, Opening, Recorder, Recording, Transport, Trouble};

/// The largest datagram UDP can carry (RFC 768: a 16-bit length).
pub const DATAGRAM_LIMIT: usize = 65_535;

/// Writes down that a datagram was longer than the room it was given.
pub(super) fn note_cut(recording: &Recording, whole: usize, room: usize) {
    if whole > room {
        recording.note(format!(
            "that datagram was {whole} bytes long and the read had room for {room}: the rest is lost, no further read returns it"
        ));
    }
}

/// One end of the conversation.
pub struct Datagrams {
    socket: UdpSocket,
    recording: Recording,
}

impl Datagrams {
    /// Takes a fresh port and fixes the server. Nothing is sent yet.
    ///
    /// # Errors
    /// When there is no socket to be had or no route to the server.
    pub async fn open(recorder: &Recorder, by: &str, server: SocketAddr) -> Result<Self, Trouble> {
        Self::open_from(recorder, by, server, Origin::default()).await.map_err(Snag::trouble)
    }

    /// The same from an address or port of the caller's choice.
    ///
    /// # Errors
    /// Which end the trouble is at, and what it is.
    pub async fn open_from(
        recorder: &Recorder,
        by: &str,
        server: SocketAddr,
        origin: Origin,
    ) -> Result<Self, Snag> {
        Self::opened(recorder, &Opening::calling(Transport::Udp, server, by), server, origin).await
    }

    /// The same because of another flow, whose datagrams are sent on here.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_because(
        recorder: &Recorder,
        by: &str,
        server: SocketAddr,
        of: FlowId,
    ) -> Result<Self, Trouble> {
        let opening = Opening::calling(Transport::Udp, server, by).because(of);
        Self::opened(recorder, &opening, server, Origin::default()).await.map_err(Snag::trouble)
    }

    async fn opened(
        recorder: &Recorder,
        opening: &Opening<'_>,
        server: SocketAddr,
        origin: Origin,
    ) -> Result<Self, Snag> {
        let recording = recorder.open(opening);
        let failed = |error: io::Error| {
            let trouble = Trouble::from(&error);
            recording.failed(trouble);
            trouble
        };
        let local = origin.local(server);
        let socket = UdpSocket::bind(local).await.map_err(|error| Snag::Origin(local, failed(error)))?;
        socket.connect(server).await.map_err(|error| Snag::Server(server, failed(error)))?;
        recording.opened(socket.local_addr().ok().map(End::from));
        Ok(Self { socket, recording })
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// When the system refuses; the refusal may belong to the datagram before.
    pub async fn send(&self, bytes: &[u8]) -> Result<(), Trouble> {
        match self.socket.send(bytes).await {
            Ok(_) => {
                self.recording.wrote(bytes);
                Ok(())
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Waits for one datagram.
    ///
    /// # Errors
    /// When the system reports that nothing can come, such as a closed port.
    pub async fn receive(&self) -> Result<Vec<u8>, Trouble> {
        let mut buffer = vec![0; DATAGRAM_LIMIT];
        match self.socket.recv(&mut buffer).await {
            Ok(len) => {
                buffer.truncate(len);
                self.recording.read(&buffer, DATAGRAM_LIMIT);
                Ok(buffer)
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Waits for one datagram with room for `room` bytes. What does not fit is lost, and a note says how much.
    ///
    /// # Errors
    /// When the system reports that nothing can come, such as a closed port.
    pub async fn receive_within(&self, room: usize) -> Result<Vec<u8>, Trouble> {
        let room = room.min(DATAGRAM_LIMIT);
        let mut buffer = vec![0; DATAGRAM_LIMIT];
        // A look first: a read with too little room tells neither that it cut nor how much.
        let whole = self.socket.peek(&mut buffer).await.map_err(|error| self.failed(&error))?;
        buffer.truncate(room);
        let len = self.socket.recv(&mut buffer).await.map_err(|error| self.failed(&error))?;
        buffer.truncate(len);
        self.recording.read(&buffer, room);
        note_cut(&self.recording, whole, room);
        Ok(buffer)
    }

    /// Where it is written down.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    fn failed(&self, error: &io::Error) -> Trouble {
        let trouble = Trouble::from(error);
        self.recording.failed(trouble);
        trouble
    }
}
