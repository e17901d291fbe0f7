//! Here: says which address was called, and from where. It waits on one port of several addresses of this
//! machine, and says another personal value at each, so that a learner can show which of them was reached.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use super::nonce::{HERE, HERE_OTHER, HERE_SIX, Nonces};
use super::row::{Bound, Ingredients, Task};
use super::serve::{Conn, Service};
use crate::error::Failure;
use crate::net::parting::part;

/// Where it waits, each with what its value is asked for as. The first one every machine has.
pub const PLACES: [(IpAddr, &str); 3] = [
    (IpAddr::V4(Ipv4Addr::LOCALHOST), HERE),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), HERE_OTHER),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), HERE_SIX),
];

/// The service.
pub struct Here {
    /// The learner's own values.
    pub nonces: Nonces,
}

/// Starts it.
///
/// # Errors
/// None.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    Ok(with.talk(&Arc::new(Here { nonces: with.nonces.clone() }), &mut bound))
}

impl Service for Here {
    fn name(&self) -> &'static str {
        "lab/here"
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let (server, client) = (conn.server, conn.client);
        let subject = PLACES.iter().find(|(ip, _)| *ip == server.ip()).map_or(HERE, |(_, subject)| subject);
        let line = format!(
            "you called {} port {}, from {} port {}\r\nnonce={}\r\n",
            server.ip(),
            server.port(),
            client.ip(),
            client.port(),
            (self.nonces)(subject)
        );
        conn.stream.write_all(line.as_bytes()).await?;
        part(&mut conn.stream).await
    }
}
