//! A conversation in datagrams: each line is one, and each that comes is shown on its own.

use std::io::IsTerminal;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{BY, origin};
use crate::cli::Connect;
use crate::commands::conversation::Manners;
use crate::commands::refused::{snagged, unheard};
use crate::commands::speech::{Ending, lines};
use crate::error::Failure;
use crate::evidence::{Recorder, Trouble};
use crate::net::datagram::Datagrams;
use crate::net::origin::Snag;
use crate::net::route::Route;
use crate::render::teller::dialogue::Dialogue;

/// How long to wait for one more datagram when there is nothing more to send. Nothing says that a
/// conversation over UDP has ended.
const AFTERWARDS: Duration = Duration::from_secs(1);

pub(super) async fn talk(
    args: &Connect,
    route: &Route,
    recorder: &Recorder,
    dialogue: &Dialogue,
) -> Result<(), Failure> {
    let origin = origin(args);
    // There is no handshake that could fail, so there is no second address to try.
    let server = route.addresses.iter().copied().find(|server| origin.reaches(*server));
    let server = server.ok_or_else(|| snagged(Snag::NoAddress))?;
    let socket = Datagrams::open_from(&route.recorder(recorder), BY, server, origin).await.map_err(
        |snag| match snag {
            Snag::Server(server, trouble) => unheard(server, trouble),
            other => snagged(other),
        },
    )?;
    let manners = Manners::of(&args.manners);
    let patience = args.wait.unwrap_or(AFTERWARDS);
    if std::io::stdin().is_terminal() {
        dialogue.note("type a line and Enter to send it as one datagram; Ctrl-D ends your side");
    }
    exchange(&socket, &manners, patience, dialogue).await.map_err(|trouble| unheard(server, trouble))
}

async fn exchange(
    socket: &Datagrams,
    manners: &Manners,
    patience: Duration,
    dialogue: &Dialogue,
) -> Result<(), Trouble> {
    if !manners.first.is_empty() {
        socket.send(&manners.first).await?;
    }
    let mut lines = lines(Ending::Edge);
    let mut left = manners.close_after.unwrap_or(u64::MAX);
    let mut typing = true;
    let mut until = Instant::now();
    loop {
        tokio::select! {
            line = lines.recv(), if typing => if let Some(line) = line {
                socket.send(&line).await?;
            } else {
                typing = false;
                until = Instant::now() + patience;
            },
            datagram = socket.receive_within(manners.room) => {
                let len = u64::try_from(datagram?.len()).unwrap_or(u64::MAX);
                left = left.saturating_sub(len);
                if left == 0 {
                    return Ok(());
                }
                until = Instant::now() + patience;
            }
            () = sleep_until(until), if !typing && !manners.keep => {
                dialogue.note(&format!(
                    "nothing more has come for {} s; UDP has no way to say that a conversation is over",
                    patience.as_secs_f64()
                ));
                return Ok(());
            }
        }
    }
}
