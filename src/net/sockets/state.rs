//! What a socket is at: the states of TCP, and the two that a UDP socket can be said to have.

/// The state of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// TCP, waiting for calls.
    Listen,
    /// TCP, calling.
    SynSent,
    /// TCP, being called.
    SynReceived,
    /// TCP, open both ways.
    Established,
    /// TCP, our FIN is on its way.
    FinWait1,
    /// TCP, our FIN has arrived.
    FinWait2,
    /// TCP, the other side has finished.
    CloseWait,
    /// TCP, both FINs crossed.
    Closing,
    /// TCP, the last FIN is on its way.
    LastAck,
    /// TCP, over.
    TimeWait,
    /// TCP, no connection.
    Closed,
    /// UDP, open to everybody.
    Unconnected,
    /// UDP, open to one partner.
    Connected,
}

impl State {
    /// Its name: the RFC's for TCP; UDP has no states, and a word for what the system keeps.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
            Self::Closed => "CLOSED",
            Self::Unconnected => "unconnected",
            Self::Connected => "connected",
        }
    }

    /// Where it is laid down.
    #[must_use]
    pub fn rfc(self) -> &'static str {
        match self {
            Self::Unconnected | Self::Connected => "RFC 768",
            _ => "RFC 9293 §3.3.2",
        }
    }

    /// What it means, as a sentence part.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Listen => "a program waits for calls to this address and port",
            Self::SynSent => "it has called (SYN) and nobody has answered yet",
            Self::SynReceived => "it was called and has answered; the caller's confirmation is still to come",
            Self::Established => "the connection is open: bytes may flow both ways",
            Self::FinWait1 => "this side has finished (FIN), and does not know yet whether that has arrived",
            Self::FinWait2 => {
                "this side has finished and the other knows; the other may still send, and has not finished yet"
            }
            Self::CloseWait => {
                "the other side has finished; the program here has not closed yet, and one that forgets to leaves it so"
            }
            Self::Closing => "both sides finished at the same time, and the last confirmation is on its way",
            Self::LastAck => "both sides have finished, and the confirmation of our FIN is on its way",
            Self::TimeWait => {
                "the connection is over; the side that closed first remembers it for a while, so that late packets harm nobody"
            }
            Self::Closed => "there is no connection",
            Self::Unconnected => {
                "UDP has no connections and no states: this socket takes datagrams from anybody"
            }
            Self::Connected => {
                "UDP has no connections and no states: this socket has chosen one partner and hears nobody else"
            }
        }
    }
}
