//! Echo: sends back what it gets, over TCP and in datagrams (RFC 862).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::serve::{Conn, Service};
use crate::net::callers::Callers;
use crate::net::datagram::DATAGRAM_LIMIT;

/// Its name in evidence.
pub const NAME: &str = "lab/echo";
/// How long to leave the socket alone when it is in trouble.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How long a silent client is kept.
const IDLE: Duration = Duration::from_mins(5);

/// The echo service.
pub struct Echo;

impl Service for Echo {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = tokio::select! {
                read = timeout(IDLE, conn.stream.read(&mut buffer)) => read,
                _ = conn.stopping.changed() => break,
            };
            match read {
                Ok(Ok(0)) | Err(_) => break,
                Ok(Ok(len)) => conn.stream.write_all(&buffer[..len]).await?,
                Ok(Err(error)) => return Err(error),
            }
        }
        conn.stream.shutdown().await
    }
}

/// Sends every datagram back to whom it came from, until `stopping` turns true. One that claims to come from an
/// echo itself is left alone: the two would send it to and fro for ever.
pub async fn run_datagrams(mut callers: Callers, mut stopping: watch::Receiver<bool>) {
    let own_port = callers.address().port();
    while !*stopping.borrow() {
        let received = tokio::select! {
            received = callers.receive(DATAGRAM_LIMIT, |_| {}) => received,
            _ = stopping.changed() => break,
        };
        match received {
            Ok((caller, _)) if caller.address.port() == own_port => {}
            Ok((caller, bytes)) => {
                // What went wrong has been written down; the next datagram is another matter.
                let _ = callers.send(&caller, &bytes).await;
            }
            Err(_) => sleep(BACK_OFF).await,
        }
    }
}
