//! Datagrams: one socket for everybody, and no connections.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Ear;
use super::typed::{To, read};
use crate::cli::values::Sleepy;
use crate::commands::speech::{Ending, lines};
use crate::net::callers::{Caller, Callers};

/// How long to leave the socket alone when it is in trouble.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Takes datagrams until `stop`.
pub(super) async fn serve(ear: &Ear, mut callers: Callers, stop: impl Future<Output = ()>) {
    let mut lines = ear.takes_lines.then(|| lines(Ending::Edge));
    let mut waiting: Vec<Vec<u8>> = Vec::new();
    let met = |caller: &Caller| ear.clients.arrived(&caller.recording.flow(), caller.number);
    let mut awake = Instant::now();
    tokio::pin!(stop);
    loop {
        let take = async {
            sleep_until(awake).await;
            callers.receive(ear.manners.room, met).await
        };
        let line = async {
            match &mut lines {
                Some(lines) => lines.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut stop => return,
            taken = take => {
                let pause = match taken {
                    Ok((caller, datagram)) => {
                        answer(ear, &callers, &caller, &datagram).await;
                        for line in waiting.drain(..) {
                            send(&callers, &caller, &line).await;
                        }
                        match ear.manners.sleepy {
                            Some(Sleepy::For(pause)) => pause,
                            _ => Duration::ZERO,
                        }
                    }
                    // Trouble with one datagram is no trouble with the next; but the loop may not spin.
                    Err(_) => BACK_OFF,
                };
                awake = Instant::now() + pause;
            }
            line = line, if waiting.is_empty() => match line {
                Some(line) => waiting.extend(say(ear, &callers, line).await),
                None => lines = None,
            },
        }
    }
}

/// The first words to one that has not been spoken to, and the echo.
async fn answer(ear: &Ear, callers: &Callers, caller: &Caller, datagram: &[u8]) {
    let fresh = caller.recording.flow().lengths(crate::evidence::Side::Client).count() == 1;
    if fresh && !ear.manners.first.is_empty() {
        send(callers, caller, &ear.manners.first).await;
    }
    if ear.echo {
        send(callers, caller, datagram).await;
    }
}

/// Sends a typed line to whom it is for. Gives it back when there is nobody yet.
async fn say(ear: &Ear, callers: &Callers, line: Vec<u8>) -> Option<Vec<u8>> {
    let (to, text) = read(line);
    let known = callers.known();
    let whom: Vec<&Caller> = match to {
        To::Latest => known.last().into_iter().collect(),
        To::All => known.iter().collect(),
        To::One(number) => known.iter().filter(|caller| caller.number == number).collect(),
    };
    match (whom.is_empty(), to) {
        (true, To::One(number)) => {
            ear.clients
                .note(&format!("there is no client {number}: nobody with that number has sent a datagram"));
            None
        }
        (true, _) => {
            ear.clients
                .note("nobody has sent a datagram yet, so there is no address to send to: the line waits");
            Some(text)
        }
        _ => {
            for caller in whom {
                send(callers, caller, &text).await;
            }
            None
        }
    }
}

async fn send(callers: &Callers, caller: &Caller, bytes: &[u8]) {
    // What went wrong has been written down and shown.
    let _ = callers.send(caller, bytes).await;
}
