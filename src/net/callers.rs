//! The waiting end of UDP: one socket, and a conversation for each address that sends to it.
//!
//! UDP has no connections, so nothing tells when a caller has gone. At most [`CALLERS`] are remembered;
//! then the one that has been silent longest is forgotten, and is a new one when it sends again.

use std::net::SocketAddr;

use tokio::net::UdpSocket;

use super::datagram::{DATAGRAM_LIMIT, note_cut};
use crate::evidence::{Opening, Recorder, Recording, Transport, Trouble};

/// How many callers are remembered at once.
pub const CALLERS: usize = 1024;

/// Somebody who has sent a datagram.
#[derive(Clone)]
pub struct Caller {
    /// Counts the callers of this socket, from 1.
    pub number: u64,
    /// Where it sends from, and is answered.
    pub address: SocketAddr,
    /// Where the conversation is written down.
    pub recording: Recording,
}

/// A socket that takes datagrams from everybody.
pub struct Callers {
    socket: UdpSocket,
    server: SocketAddr,
    recorder: Recorder,
    by: &'static str,
    /// Room for a datagram of any length.
    buffer: Vec<u8>,
    /// Whether each datagram begins a conversation of its own.
    apart: bool,
    /// The one that spoke last stands last.
    known: Vec<Caller>,
    met: u64,
}

impl Callers {
    /// Waits at `address`; port 0 lets the system choose.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn open(recorder: &Recorder, by: &'static str, address: SocketAddr) -> Result<Self, Trouble> {
        let socket = UdpSocket::bind(address).await.map_err(|error| Trouble::from(&error))?;
        Self::of(recorder, by, socket)
    }

    /// The same on a socket that is bound already.
    ///
    /// # Errors
    /// When the system does not say where that is.
    pub fn of(recorder: &Recorder, by: &'static str, socket: UdpSocket) -> Result<Self, Trouble> {
        let server = socket.local_addr().map_err(|error| Trouble::from(&error))?;
        let (recorder, buffer) = (recorder.clone(), vec![0; DATAGRAM_LIMIT]);
        Ok(Self { socket, server, recorder, by, buffer, apart: false, known: Vec::new(), met: 0 })
    }

    /// The same, remembering nobody: each datagram with what is sent in answer is a conversation of its own.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// The address it really has.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server
    }

    /// Waits for one datagram with room for `room` bytes, gives it to `met` if its sender is new, and writes
    /// it down. May be dropped while it waits; then no datagram is lost.
    ///
    /// # Errors
    /// When the system reports trouble with the socket, such as an earlier answer that nobody took.
    pub async fn receive(
        &mut self,
        room: usize,
        met: impl Fn(&Caller),
    ) -> Result<(Caller, Vec<u8>), Trouble> {
        let room = room.min(DATAGRAM_LIMIT);
        let mut whole = 0;
        if room < DATAGRAM_LIMIT {
            // A look first: a read with too little room tells neither that it cut nor how much.
            let seen = self.socket.peek_from(&mut self.buffer).await;
            (whole, _) = seen.map_err(|error| Trouble::from(&error))?;
        }
        let read = self.socket.recv_from(&mut self.buffer[..room]).await;
        let (len, from) = read.map_err(|error| Trouble::from(&error))?;
        let bytes = self.buffer[..len].to_vec();
        let caller = self.caller(from, met);
        caller.recording.read(&bytes, room);
        note_cut(&caller.recording, whole, room);
        Ok((caller, bytes))
    }

    /// Sends one datagram to a caller.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn send(&self, caller: &Caller, bytes: &[u8]) -> Result<(), Trouble> {
        match self.socket.send_to(bytes, caller.address).await {
            Ok(_) => {
                caller.recording.wrote(bytes);
                Ok(())
            }
            Err(error) => {
                let trouble = Trouble::from(&error);
                caller.recording.failed(trouble);
                Err(trouble)
            }
        }
    }

    /// Those who are remembered; the one that spoke last stands last.
    #[must_use]
    pub fn known(&self) -> &[Caller] {
        &self.known
    }

    fn caller(&mut self, from: SocketAddr, met: impl Fn(&Caller)) -> Caller {
        if let Some(at) = self.known.iter().position(|caller| caller.address == from) {
            let caller = self.known.remove(at);
            self.known.push(caller.clone());
            return caller;
        }
        if self.known.len() >= CALLERS {
            self.known.remove(0);
        }
        self.met += 1;
        let opening = Opening::answering(Transport::Udp, from, self.server, self.by);
        let caller = Caller { number: self.met, address: from, recording: self.recorder.open(&opening) };
        met(&caller);
        caller.recording.opened(None);
        if !self.apart {
            self.known.push(caller.clone());
        }
        caller
    }
}
