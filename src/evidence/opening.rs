//! What is known of a conversation before it begins.

use super::end::End;
use super::event::Side;
use super::id::FlowId;
use super::layer::Transport;

/// What is known of a conversation before it begins.
///
/// A client that is about to call knows no address of its own yet; a server that has accepted knows both:
///
/// ```
/// use netlab::evidence::{Opening, Transport};
/// # let at = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
/// # let (client, server) = (at(50_000), at(7_777));
/// let called = Opening::calling(Transport::Tcp, server, "raw-get").speaking("http");
/// let accepted = Opening::answering(Transport::Tcp, client, server, "lab/hello");
/// ```
#[derive(Debug, Clone)]
pub struct Opening<'a> {
    /// TCP or UDP.
    pub transport: Transport,
    /// The client's end, if known yet.
    pub client: Option<End>,
    /// The server's end.
    pub server: End,
    /// Which side this program is.
    pub seen: Side,
    /// The verb or lab service that records.
    pub by: &'a str,
    /// The flow on whose account this one is opened: a relay's client, the lookup for a connect.
    pub because: Option<FlowId>,
    /// The protocol that is going to be spoken, where the program knows.
    pub speaks: Option<&'static str>,
}

impl<'a> Opening<'a> {
    /// The recorded program calls `server`.
    pub fn calling(transport: Transport, server: impl Into<End>, by: &'a str) -> Self {
        let server = server.into();
        Self { transport, client: None, server, seen: Side::Client, by, because: None, speaks: None }
    }

    /// The recorded program is called by `client` at `server`.
    pub fn answering(
        transport: Transport,
        client: impl Into<End>,
        server: impl Into<End>,
        by: &'a str,
    ) -> Self {
        Self { client: Some(client.into()), seen: Side::Server, ..Self::calling(transport, server, by) }
    }

    /// The same, because of another flow.
    #[must_use]
    pub fn because(self, of: FlowId) -> Self {
        Self { because: Some(of), ..self }
    }

    /// The same, to speak this protocol.
    #[must_use]
    pub fn speaking(self, protocol: &'static str) -> Self {
        Self { speaks: Some(protocol), ..self }
    }
}
