//! Daytime: says the date and time and closes (RFC 867). The client need not say a word.
//!
//! The line carries a personal value too, so that a learner can show whose greeting it was.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use super::nonce::{DAYTIME, Nonces};
use super::row::{Bound, Clock, Ingredients, Task};
use super::serve::{Conn, Service};
use crate::error::Failure;
use crate::net::parting::part;

/// The daytime service.
pub struct Daytime {
    /// The learner's own values.
    pub nonces: Nonces,
    /// The time it tells.
    pub clock: Clock,
}

/// Starts it.
///
/// # Errors
/// None.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    let daytime = Daytime { nonces: with.nonces.clone(), clock: with.clock.clone() };
    Ok(with.talk(&Arc::new(daytime), &mut bound))
}

impl Service for Daytime {
    fn name(&self) -> &'static str {
        "lab/daytime"
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let now = httpdate::fmt_http_date((self.clock)());
        let line = format!("{now} nonce={}\r\n", (self.nonces)(DAYTIME));
        conn.stream.write_all(line.as_bytes()).await?;
        part(&mut conn.stream).await
    }
}
