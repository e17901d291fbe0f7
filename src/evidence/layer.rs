//! Which layer a flow is on: a conversation inside another one is a flow of its own.

use serde::{Deserialize, Serialize};

/// The transport at the bottom of a conversation, whatever is carried in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A stream of bytes each way (RFC 9293).
    Tcp,
    /// Datagrams with edges (RFC 768).
    Udp,
}

impl Transport {
    /// The word for it, as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

/// The layer of a flow. Each has words of its own: TCP has reads, writes and a FIN; TLS has records and `close_notify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A stream of bytes each way (RFC 9293).
    Tcp,
    /// Datagrams with edges (RFC 768).
    Udp,
    /// A stream inside another one, enciphered, in records (RFC 8446).
    Tls,
    /// Messages inside a stream (RFC 6455).
    WebSocket,
    /// A stream that a proxy carries on (RFC 9110 §9.3.6).
    Tunnel,
    /// One that a later netlab has written down and this one has no word for.
    #[serde(other)]
    Other,
}

impl Layer {
    /// The word a lesson's check compares with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Tls => "tls",
            Self::WebSocket => "web-socket",
            Self::Tunnel => "tunnel",
            Self::Other => "other",
        }
    }

    /// The word for it, as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Tls => "TLS",
            Self::WebSocket => "WebSocket",
            Self::Tunnel => "a tunnel",
            Self::Other => "another layer",
        }
    }

    /// Whether the bytes of the flow outside cannot be read by anybody between the two ends.
    #[must_use]
    pub fn enciphers(self) -> bool {
        self == Self::Tls
    }
}

impl From<Transport> for Layer {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::Tcp,
            Transport::Udp => Self::Udp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Layer;

    #[test]
    fn the_word_in_the_journal_is_the_word_in_a_check_and_an_unknown_one_is_read_too() {
        for layer in [Layer::Tcp, Layer::Udp, Layer::Tls, Layer::WebSocket, Layer::Tunnel] {
            let written = serde_json::to_string(&layer).expect("it is a word");
            assert_eq!(written, format!("\"{}\"", layer.word()));
            assert_eq!(serde_json::from_str::<Layer>(&written).ok(), Some(layer));
        }
        assert_eq!(serde_json::from_str::<Layer>("\"quic\"").ok(), Some(Layer::Other));
    }
}
