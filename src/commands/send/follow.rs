//! Following writes on their way out, while they are made.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::net::receipts::{Receipt, Receipts};

/// How many writes can be followed; the kernel holds a few hundred receipts until they are taken.
pub const WRITES: u32 = 100;
/// How many bytes all of them may have. While the kernel has no room for more, waiting for room and for receipts
/// would get into each other's way.
pub const BYTES: usize = 64 * 1024;
/// How often receipts are taken.
const EVERY: Duration = Duration::from_millis(1);

/// Gathers the receipts of one connection.
pub struct Follower {
    receipts: Receipts,
    gathered: Mutex<Vec<Receipt>>,
}

impl Follower {
    /// Follows what is written from now on.
    ///
    /// # Errors
    /// When this system gives no receipts.
    pub fn of(stream: &TcpStream) -> std::io::Result<Self> {
        Ok(Self { receipts: Receipts::ask(stream)?, gathered: Mutex::default() })
    }

    /// Takes what has come.
    pub fn take(&self) {
        let new = self.receipts.take();
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
    }

    /// Goes on taking. Ends when it is dropped.
    pub async fn follow(&self) {
        loop {
            self.take();
            sleep(EVERY).await;
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> Vec<Receipt> {
        self.take();
        self.gathered.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
