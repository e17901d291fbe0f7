//! The end of a conversation that a server finishes: whether its last words arrived.
//!
//! A write hands bytes to this kernel, and closing tells nothing of what became of them. So whoever has said all looks on
//! for a moment: until the other side's FIN has come, or its RST, or until its kernel has acknowledged everything.
//! What it was is written down.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use super::link::Link;
use super::tcp_info;
use crate::evidence::{Trouble, TroubleKind};

/// How long the other side may take. On one machine it takes some microseconds.
pub const LAST_WORDS: Duration = Duration::from_millis(200);

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Finishes, and waits until it is known what became of the last words, for [`LAST_WORDS`] at the most.
///
/// # Errors
/// When finishing fails: the other side has gone.
pub async fn part(stream: &mut Link) -> io::Result<()> {
    let finished = stream.shutdown().await;
    last_words(stream).await;
    finished
}

/// Waits until it is known what became of what was said, without finishing.
pub async fn last_words(stream: &mut Link) {
    let until = Instant::now() + LAST_WORDS;
    while !is_known(stream) && Instant::now() < until {
        sleep(LOOK_EVERY).await;
    }
}

/// Whether it is known by now; what it was is written down.
fn is_known(stream: &Link) -> bool {
    let Some(socket) = stream.socket() else { return true };
    let waits = match tcp_info::counters(socket) {
        Ok(counters) => counters.send_queue.is_some_and(|bytes| bytes > 0),
        // Both sides have finished and acknowledged that, or it was broken off.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotConnected | io::ErrorKind::NotFound) => false,
        // The system does not tell.
        Err(_) => return true,
    };
    // Behind a FIN, a read says that all is over and nothing of the RST that came later.
    if let Ok(Some(error)) = socket.take_error() {
        let kind = match Trouble::from(&error).kind {
            TroubleKind::BrokenPipe => TroubleKind::Reset,
            kind => kind,
        };
        stream.bottom().failed(kind.into());
        return true;
    }
    if !waits {
        stream.bottom().acknowledged();
    }
    !waits
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::part;
    use crate::evidence::{Opening, Recorder, Side, Transport, What};
    use crate::net::link::Link;
    use crate::net::tap::Tap;

    /// A server that answers a client that has finished: once the client still listens, once it has gone.
    async fn answered(client_stays: bool) -> Vec<What> {
        let recorder = Recorder::keeping(|| 0, Vec::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(server).await.unwrap();
        let (accepted, from) = listener.accept().await.unwrap();
        let recording = recorder.open(&Opening::answering(Transport::Tcp, from, server, "test"));
        let mut link = Link::Tcp(Tap::new(accepted, recording));
        client.shutdown().await.unwrap();
        let client = client_stays.then_some(client);
        link.write_all(b"an answer").await.unwrap();
        let _ = part(&mut link).await;
        drop(client);
        let flow = recorder.flows().remove(0);
        let known =
            flow.events.into_iter().filter(|event| matches!(event.what, What::Acknowledged | What::Reset));
        known
            .inspect(|event| assert_eq!(event.side == Side::Client, event.what == What::Reset))
            .map(|one| one.what)
            .collect()
    }

    #[tokio::test]
    async fn an_answer_that_somebody_waits_for_is_acknowledged() {
        assert_eq!(answered(true).await, [What::Acknowledged]);
    }

    #[tokio::test]
    async fn an_answer_to_one_who_has_gone_is_met_with_rst() {
        assert_eq!(answered(false).await, [What::Reset]);
    }
}
