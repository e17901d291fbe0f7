//! Echo: sends back what it gets (RFC 862).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::serve::{Conn, Service};

/// How long a silent client is kept.
const IDLE: Duration = Duration::from_mins(5);

/// The echo service.
pub struct Echo;

impl Service for Echo {
    fn name(&self) -> &'static str {
        "lab/echo"
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
