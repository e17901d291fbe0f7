//! Tally: counts what it is sent, and says the number when the client has finished its side.
//!
//! It cannot answer earlier, because only then it knows how many bytes there are. So whoever wants the answer
//! has to close one direction of the connection and go on listening on the other.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::nonce::{Nonces, TALLY};
use super::row::{Bound, Ingredients, Task};
use super::serve::{Conn, Service};
use crate::error::Failure;
use crate::net::parting::part;

/// How long a silent client is kept.
const IDLE: Duration = Duration::from_mins(5);

/// The service.
pub struct Tally {
    /// The learner's own values.
    pub nonces: Nonces,
}

/// Starts it.
///
/// # Errors
/// None.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    Ok(with.talk(&Arc::new(Tally { nonces: with.nonces.clone() }), &mut bound))
}

impl Service for Tally {
    fn name(&self) -> &'static str {
        "lab/tally"
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        let mut many: u64 = 0;
        loop {
            let read = tokio::select! {
                read = timeout(IDLE, conn.stream.read(&mut buffer)) => read,
                _ = conn.stopping.changed() => break,
            };
            match read {
                Ok(Ok(0)) => {
                    let bytes = if many == 1 { "byte" } else { "bytes" };
                    let nonce = (self.nonces)(TALLY);
                    let line = format!("{many} {bytes} came before you finished\r\nnonce={nonce}\r\n");
                    conn.stream.write_all(line.as_bytes()).await?;
                    break;
                }
                Ok(Ok(len)) => many = many.saturating_add(len as u64),
                Ok(Err(error)) => return Err(error),
                Err(_) => break,
            }
        }
        part(&mut conn.stream).await
    }
}
