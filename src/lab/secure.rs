//! A door where TLS is spoken from the first byte.
//!
//! The handshake runs in the connection's own task, so that a client that takes its time keeps nobody else waiting.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::ca::Authority;
use crate::evidence::TroubleKind;
use crate::net::link::Link;
use crate::net::link::handshake::{NoTls, answer};

/// How long a client without TLS may take to read why it gets no answer.
const LINGER: Duration = Duration::from_secs(2);
/// How much is still read from it. Closing with bytes unread would send RST, which destroys what is on its way.
const LINGER_BYTES: usize = 256 * 1024;

/// The link once the handshake is done. Nothing when it fails; a client that speaks in the open is told so in the words
/// `to_the_open`.
pub async fn secured(link: Link, authority: &Authority, to_the_open: &[u8]) -> Option<Link> {
    let config = match authority.server() {
        Ok(config) => config,
        Err(why) => {
            link.recording().note(format!("the lab has no certificate to show: {why}"));
            return None;
        }
    };
    match answer(link, config).await {
        Ok(link) => Some(link),
        Err(NoTls::Fault(fault, link)) => {
            let words = if fault.kind == TroubleKind::NotTls { to_the_open } else { &[] };
            part(*link, words).await;
            None
        }
        Err(NoTls::Below(_)) => None,
    }
}

/// Says the last words, and waits a moment until the client has finished. What goes wrong with them is in the record.
async fn part(mut link: Link, words: &[u8]) {
    let parting = async {
        link.write_all(words).await?;
        link.shutdown().await?;
        let (mut room, mut left) = ([0; 4096], LINGER_BYTES);
        while left > 0 {
            match link.read(&mut room).await? {
                0 => break,
                len => left = left.saturating_sub(len),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout(LINGER, parting).await;
}
