//! Opening a TCP connection, recorded from before the first packet.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::origin::{Origin, Snag};
use super::sockets::waiting::waiting;
use super::tap::Tap;
use crate::evidence::{End, FlowId, Opening, Recorder, Recording, Transport, Trouble, TroubleKind, Waiting};

/// How long a connect may take before netlab gives up. TCP itself would retry for minutes.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Connects to `server`. The attempt is written down whether or not it succeeds.
///
/// # Errors
/// What went wrong, as recorded.
pub async fn dial(recorder: &Recorder, by: &str, server: SocketAddr) -> Result<Tap<TcpStream>, Trouble> {
    dial_from(recorder, by, server, Origin::default(), CONNECT_LIMIT).await.map_err(Snag::trouble)
}

/// The same from an address or port of the caller's choice, with a `limit` for the handshake.
///
/// # Errors
/// Which end the trouble is at, and what it is.
pub async fn dial_from(
    recorder: &Recorder,
    by: &str,
    server: SocketAddr,
    origin: Origin,
    limit: Duration,
) -> Result<Tap<TcpStream>, Snag> {
    dial_for(recorder, &Opening::calling(Transport::Tcp, server, by), server, origin, limit).await
}

/// The same for another flow, of which this connection is the other leg: what goes over it is that one's story, so that
/// here it is counted and not told again.
///
/// # Errors
/// What went wrong, as recorded.
pub async fn dial_leg(
    recorder: &Recorder,
    by: &str,
    server: SocketAddr,
    of: FlowId,
) -> Result<Tap<TcpStream>, Trouble> {
    let opening = Opening::calling(Transport::Tcp, server, by).because(of);
    let leg = dial_for(recorder, &opening, server, Origin::default(), CONNECT_LIMIT).await;
    let leg = leg.map_err(Snag::trouble)?;
    leg.recording().is_told_elsewhere();
    Ok(leg)
}

async fn dial_for(
    recorder: &Recorder,
    opening: &Opening<'_>,
    server: SocketAddr,
    origin: Origin,
    limit: Duration,
) -> Result<Tap<TcpStream>, Snag> {
    let recording = recorder.open(opening);
    // A server that takes one call and no more listens before it, and not after.
    let around = around(server);
    let look_around = |recording: &Recording| around.iter().for_each(|all| recording.waiting(all.clone()));
    let failed = |trouble: Trouble| {
        recording.failed(trouble);
        look_around(&recording);
        trouble
    };
    let socket = origin
        .socket(server)
        .map_err(|error| Snag::Origin(origin.local(server), failed(Trouble::from(&error))))?;
    match timeout(limit, socket.connect(server)).await {
        Ok(Ok(stream)) => {
            let stream = opened(stream, recording);
            look_around(stream.recording());
            Ok(stream)
        }
        Ok(Err(error)) => Err(origin.blame(server, failed(Trouble::from(&error)))),
        Err(_) => Err(Snag::Server(server, failed(TroubleKind::TimedOut.into()))),
    }
}

/// Tries addresses in order until one accepts.
///
/// # Errors
/// The last address and what went wrong with it; nothing when there was no address.
pub async fn dial_any(
    recorder: &Recorder,
    by: &str,
    servers: &[SocketAddr],
) -> Result<Tap<TcpStream>, Option<(SocketAddr, Trouble)>> {
    dial_any_from(recorder, by, servers, Origin::default(), CONNECT_LIMIT).await.map_err(|snag| match snag {
        Snag::Origin(address, trouble) | Snag::Server(address, trouble) => Some((address, trouble)),
        Snag::NoAddress => None,
    })
}

/// The same from an address or port of the caller's choice, with a `limit` for each handshake; addresses of the other kind (IPv4, IPv6) are
/// passed over.
///
/// # Errors
/// What went wrong with the last one; where the same went wrong with all, with the first.
pub async fn dial_any_from(
    recorder: &Recorder,
    by: &str,
    servers: &[SocketAddr],
    origin: Origin,
    limit: Duration,
) -> Result<Tap<TcpStream>, Snag> {
    let mut last = Snag::NoAddress;
    for &server in servers.iter().filter(|server| origin.reaches(**server)) {
        match dial_from(recorder, by, server, origin, limit).await {
            Ok(stream) => return Ok(stream),
            Err(snag) if last.is_like(&snag) => {}
            Err(snag) => last = snag,
        }
    }
    Err(last)
}

/// Who waits on the server's port of this machine, at whatever address, so that it is known of a refused call whether
/// somebody listened next door, and of two calls whether one server took both. Of other machines this one's tables say
/// nothing.
fn around(server: SocketAddr) -> Option<Vec<Waiting>> {
    server.ip().to_canonical().is_loopback().then(|| waiting(server.port()))
}

fn opened(stream: TcpStream, recording: Recording) -> Tap<TcpStream> {
    // What is typed should leave at once; waiting for more is another lesson. Losing the option loses no byte.
    let _ = stream.set_nodelay(true);
    recording.opened(stream.local_addr().ok().map(End::from));
    Tap::new(stream, recording)
}
