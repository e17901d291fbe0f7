//! Daytime: says the date and time and closes (RFC 867). The client need not say a word.
//!
//! The line carries a personal value too, so that a learner can show whose greeting it was.

use std::io;
use std::time::SystemTime;

use tokio::io::AsyncWriteExt;

use super::nonce::{DAYTIME, Nonces};
use super::serve::{Conn, Service};

/// The daytime service.
pub struct Daytime {
    /// The learner's own values.
    pub nonces: Nonces,
}

impl Service for Daytime {
    fn name(&self) -> &'static str {
        "lab/daytime"
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let now = httpdate::fmt_http_date(SystemTime::now());
        let line = format!("{now} nonce={}\r\n", (self.nonces)(DAYTIME));
        conn.stream.write_all(line.as_bytes()).await?;
        conn.stream.shutdown().await
    }
}
