//! A UDP conversation with one server, recorded datagram by datagram.
//!
//! The socket is connected, so the kernel drops datagrams from anyone else and reports a closed port
//! (ICMP port unreachable) as "refused".

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::UdpSocket;

use crate::evidence::{Opening, Recorder, Recording, Side, Transport, Trouble};

/// The largest datagram UDP can carry (RFC 768: a 16-bit length).
pub const DATAGRAM_LIMIT: usize = 65_535;

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
        let opening = Opening { transport: Transport::Udp, client: None, server, seen: Side::Client, by };
        let recording = recorder.open(&opening);
        let any = match server {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let connect = async {
            let socket = UdpSocket::bind(any).await?;
            socket.connect(server).await?;
            Ok::<_, io::Error>(socket)
        };
        match connect.await {
            Ok(socket) => {
                recording.opened(socket.local_addr().ok());
                Ok(Self { socket, recording })
            }
            Err(error) => {
                let trouble = Trouble::from(&error);
                recording.failed(trouble);
                Err(trouble)
            }
        }
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
