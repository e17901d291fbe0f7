//! Echo: sends back what it gets, over TCP and in datagrams (RFC 862).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::answers::{Answers, Asked};
use super::row::{Bound, Ingredients, Task};
use super::serve::{Conn, Service};
use crate::error::Failure;
use crate::net::parting::part;

/// Its name in evidence.
const NAME: &str = "lab/echo";

/// How long a silent client is kept.
const IDLE: Duration = Duration::from_mins(5);

/// The echo service.
pub struct Echo;

/// Starts it.
///
/// # Errors
/// When a socket has no address.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    let echo = Arc::new(Echo);
    let mut tasks = with.talk(&echo, &mut bound);
    tasks.extend(with.answer(&echo, &mut bound)?);
    Ok(tasks)
}

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
        part(&mut conn.stream).await
    }
}

impl Answers for Echo {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The datagram itself. One that claims to come from an echo is left alone: the two would send it to and fro for ever.
    async fn answer(&self, asked: &Asked) -> Option<Vec<u8>> {
        (asked.client.port() != asked.server.port()).then(|| asked.bytes.clone())
    }
}
