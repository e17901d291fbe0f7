//! Opening a TCP connection, recorded from before the first packet.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::tap::Tap;
use crate::evidence::{Opening, Recorder, Recording, Side, Transport, Trouble, event::TroubleKind};

/// How long a connect may take before netlab gives up. TCP itself would retry for minutes.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Connects to `server`. The attempt is written down whether or not it succeeds.
///
/// # Errors
/// What went wrong, as recorded.
pub async fn dial(recorder: &Recorder, by: &str, server: SocketAddr) -> Result<Tap<TcpStream>, Trouble> {
    let recording = recorder.open(&opening(by, server));
    let attempt = match timeout(CONNECT_LIMIT, TcpStream::connect(server)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(Trouble::from(&error)),
        Err(_) => Err(Trouble::from(TroubleKind::TimedOut)),
    };
    attempt.map(|stream| opened(stream, recording.clone())).inspect_err(|trouble| recording.failed(*trouble))
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
    let mut last = None;
    for &server in servers {
        match dial(recorder, by, server).await {
            Ok(stream) => return Ok(stream),
            Err(trouble) => last = Some((server, trouble)),
        }
    }
    Err(last)
}

fn opened(stream: TcpStream, recording: Recording) -> Tap<TcpStream> {
    // What is typed should leave at once; waiting for more is another lesson. Losing the option loses no byte.
    let _ = stream.set_nodelay(true);
    recording.opened(stream.local_addr().ok());
    Tap::new(stream, recording)
}

fn opening(by: &str, server: SocketAddr) -> Opening<'_> {
    Opening { transport: Transport::Tcp, client: None, server, seen: Side::Client, by }
}
