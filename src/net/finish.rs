//! Learning that the other side has finished while everything it sent is still unread.
//!
//! A read tells of the FIN only behind the last byte. The kernel knows it as soon as it has come, and it
//! comes behind all bytes: whoever has heard of it knows that they are all there.

use std::io;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How often to look. The kernel tells when bytes come and not again for as long as they are there.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Watches a connection that something else reads.
pub struct Lookout {
    stream: TcpStream,
}

impl Lookout {
    /// For this connection.
    ///
    /// # Errors
    /// When there is no file descriptor left for it.
    pub fn beside(stream: &TcpStream) -> io::Result<Self> {
        let same = SockRef::from(stream).try_clone()?;
        Ok(Self { stream: TcpStream::from_std(same.into())? })
    }

    /// Waits until the other side has finished or broken off, for as long as `patience` at the most. Gives
    /// whether it has.
    pub async fn finished(&self, patience: Duration) -> bool {
        let watch = async {
            loop {
                match self.stream.ready(Interest::READABLE).await {
                    Ok(ready) if !ready.is_read_closed() => sleep(LOOK_EVERY).await,
                    // What went wrong a read will say.
                    _ => return,
                }
            }
        };
        timeout(patience, watch).await.is_ok()
    }
}
