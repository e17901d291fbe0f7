//! Waiting until somebody listens: by trying again, because nothing tells when a server has started.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::BY;
use crate::commands::refused::unconnected;
use crate::error::Failure;
use crate::evidence::{Recorder, Trouble, TroubleKind};
use crate::net::dial::dial_any;
use crate::render::text::screen::Screen;

/// The pause behind the first attempt that is refused; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_millis(500);

/// The address that takes a connection first.
///
/// # Errors
/// When nobody does within `limit`, or the trouble is not one that ends by waiting.
pub async fn listening(
    recorder: &Recorder,
    addresses: &[SocketAddr],
    limit: Duration,
    screen: &Screen,
) -> Result<SocketAddr, Failure> {
    let last = match attempt(recorder, addresses).await {
        Ok(server) => return Ok(server),
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
                Ok(server) => return server,
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
) -> Result<SocketAddr, Option<(SocketAddr, Trouble)>> {
    let stream = dial_any(recorder, BY, addresses).await?;
    // Only to see that somebody is there; what is judged has connections of its own.
    Ok(stream.recording().flow().server)
}
