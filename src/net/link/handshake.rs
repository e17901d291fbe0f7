//! How TLS begins on a link: the handshake (RFC 8446 §4), in the task of whoever talks on it.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};
use tokio::time::timeout;

use super::Link;
use super::secured::{Pulled, Secured};
use crate::evidence::{Layer, Recording, Trouble, TroubleKind};
use crate::net::tap::Tap;
use crate::net::tls::fault::Fault;

/// How long a handshake may take. Two round trips and a signature take milliseconds.
pub const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

/// Why there is no TLS on a link.
pub enum NoTls {
    /// TLS itself failed. The link is as it was left.
    Fault(Fault, Box<Link>),
    /// The link failed, as recorded there.
    Below(Trouble),
}

/// Begins TLS as a client that calls `name`.
///
/// # Errors
/// Why there is none.
pub async fn call(link: Link, config: Arc<ClientConfig>, name: ServerName<'static>) -> Result<Link, NoTls> {
    let session = ClientConnection::new(config, name).map(Connection::Client);
    begin(link, session).await
}

/// Begins TLS as a server.
///
/// # Errors
/// Why there is none.
pub async fn answer(link: Link, config: Arc<ServerConfig>) -> Result<Link, NoTls> {
    let session = ServerConnection::new(config).map(Connection::Server);
    begin(link, session).await
}

async fn begin(link: Link, session: Result<Connection, rustls::Error>) -> Result<Link, NoTls> {
    let recording = link.recording().inside(Layer::Tls, None);
    let session = match session {
        Ok(session) => session,
        Err(error) => return Err(failed(&recording, Fault::from_rustls(&error, &[]), link)),
    };
    let mut secured = Secured::new(link, session);
    let shaken = timeout(HANDSHAKE_LIMIT, poll_fn(|context| secured.poll_handshake(context))).await;
    let trouble = match shaken {
        Ok(Ok(())) => {
            recording.opened(None);
            return Ok(Link::Tls(Box::new(Tap::new(secured, recording))));
        }
        Ok(Err(error)) => Trouble::from(&error),
        Err(_) => TroubleKind::TimedOut.into(),
    };
    match secured.fault.take() {
        Some(fault) => Err(failed(&recording, fault, secured.below)),
        None if trouble.kind == TroubleKind::TimedOut => {
            Err(failed(&recording, Fault::of(trouble.kind), secured.below))
        }
        None => Err(NoTls::Below(trouble)),
    }
}

/// Writes down what went wrong and what more is known of it.
fn failed(recording: &Recording, fault: Fault, link: Link) -> NoTls {
    if let Some(note) = fault.note() {
        recording.note(note);
    }
    recording.failed(fault.kind.into());
    NoTls::Fault(fault, Box::new(link))
}

impl Secured {
    /// Goes on with the handshake as far as it goes.
    fn poll_handshake(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.is_handshaking() {
            if !self.try_flush()? {
                ready!(self.below.poll_write_ready(context))?;
                continue;
            }
            match self.pull() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.below.poll_read_ready(context))?;
                }
                Ok(Pulled::End) => return Poll::Ready(Err(self.fails(Fault::of(TroubleKind::Truncated)))),
                other => _ = other?,
            }
        }
        self.poll_flushed(context)
    }
}
