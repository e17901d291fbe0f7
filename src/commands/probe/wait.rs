//! Waiting until somebody listens: by trying again, because nothing tells when a server has started.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::BY;
use crate::commands::refused::unconnected;
use crate::error::Failure;
use crate::evidence::{Recorder, Trouble, TroubleKind};
use crate::net::dial::dial_any;
use crate::net::tap::Tap;
use crate::render::text::screen::Screen;

/// The pause behind the first attempt that is refused; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_millis(500);

/// The first connection that is taken. It is the one the first question goes out on: a server that minds a client
/// without a word would mind one that only looked whether somebody is there.
///
/// # Errors
/// When nobody does within `limit`, or the trouble is not one that ends by waiting.
pub async fn listening(
    recorder: &Recorder,
    addresses: &[SocketAddr],
    limit: Duration,
    screen: &Screen,
) -> Result<Tap<TcpStream>, Failure> {
    let last = match attempt(recorder, addresses).await {
        Ok(stream) => return Ok(stream),
        Err(trouble) => trouble,
    };
    let refused = last.is_some_and(|(_, trouble)| trouble.kind == TroubleKind::Refused);
    if !refused || limit.is_zero() {
        return Err(unconnected(last));
    }
    let places: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    screen.note(&format!(
        "waiting up to {} s for somebody to listen on {}",
        limit.as_secs_f64(),
        places.join(" or ")
    ));
    let mut latest = last;
    let again = async {
        let mut pause = FIRST;
        loop {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
            match attempt(recorder, addresses).await {
                Ok(stream) => return stream,
                Err(trouble) => latest = trouble,
            }
        }
    };
    timeout(limit, again).await.map_err(|_| unconnected(latest).or_try(LONGER))
}

const LONGER: &str = "start it first, or wait longer: --wait 30s";

/// What is said to somebody who did not want to wait any longer.
pub fn stopped() -> Failure {
    Failure::network("you stopped it before anybody listened", "nothing was asked, so nothing is judged")
}

async fn attempt(
    recorder: &Recorder,
    addresses: &[SocketAddr],
) -> Result<Tap<TcpStream>, Option<(SocketAddr, Trouble)>> {
    dial_any(recorder, BY, addresses).await
}
