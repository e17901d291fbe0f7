//! Connections: many at once, or one whose bytes pass through.

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use super::floor::Floor;
use super::{BY, Ear};
use crate::commands::conversation::{Ends, Manners, converse};
use crate::commands::speech::{Ending, WAITING, lines};
use crate::error::Failure;
use crate::lab::entry::{Log, silent};
use crate::lab::serve::{Conn, Service, only_one, run};
use crate::net::sockets::waiting::waiting;
use crate::render::teller::clients::Clients;
use crate::terminal::pipe;

/// What is said on one connection: what the person types, or an echo.
struct ByHand {
    manners: Manners,
    echo: bool,
    floor: Arc<Floor>,
    clients: Arc<Clients>,
}

impl Service for ByHand {
    fn name(&self) -> &'static str {
        BY
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let recording = conn.stream.recording().clone();
        let flow = recording.flow();
        self.clients.arrived(&flow, conn.number);
        recording.waiting(waiting(conn.server.port()));
        let (words, spoken) = mpsc::channel(WAITING);
        self.floor.enter(conn.number, words.clone());
        let spoke = || self.floor.spoke(conn.number);
        let echo = self.echo.then_some(words);
        let ends = Ends { words: spoken, echo, heard: None, spoke: &spoke };
        tokio::select! {
            // The tap has written down and shown what went wrong.
            _ = converse(conn.stream, &self.manners, ends) => {}
            _ = conn.stopping.changed() => recording.finished_writing(),
        }
        self.floor.leave(conn.number);
        self.clients.gone(&recording.flow());
        Ok(())
    }
}

/// Serves everybody who comes, until `stop`.
pub(super) async fn serve(ear: &Ear, listeners: Vec<TcpListener>, stop: impl Future<Output = ()>) {
    let floor = Arc::new(Floor::default());
    let service = Arc::new(ByHand {
        manners: ear.manners.clone(),
        echo: ear.echo,
        floor: floor.clone(),
        clients: ear.clients.clone(),
    });
    let (stopper, stopping) = watch::channel(false);
    let serving = run(service, listeners, ear.recorder.clone(), log(&ear.clients), stopping);
    let typing = typed(ear, &floor);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = typing => {}
        () = stop => {}
    }
    stopper.send_replace(true);
    serving.await;
}

/// Hands on what is typed. Goes on when there is no more.
async fn typed(ear: &Ear, floor: &Floor) {
    if ear.takes_lines {
        let mut lines = lines(Ending::CrLf);
        while let Some(line) = lines.recv().await {
            floor.say(line, |note| ear.clients.note(note)).await;
        }
    }
    std::future::pending::<()>().await;
}

fn log(clients: &Arc<Clients>) -> Log {
    let clients = clients.clone();
    Arc::new(move |entry| clients.log(&entry))
}

/// Serves one client, whose bytes go to standard output and to which those of standard input go.
///
/// # Errors
/// When the connection breaks off, or the output cannot be written.
pub(super) async fn pipe(
    ear: &Ear,
    listeners: Vec<TcpListener>,
    output: pipe::Output,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let (stopper, stopping) = watch::channel(false);
    let talk = async {
        let accepted = only_one(listeners, &ear.recorder, BY, &silent(), stopping).await;
        let Ok(Some(conn)) = accepted else { return Ok(()) };
        let flow = conn.stream.recording().flow();
        ear.clients.arrived(&flow, conn.number);
        let words = pipe::input(ear.manners.room);
        let ends = Ends { words, echo: None, heard: Some(output.pieces()), spoke: &|| {} };
        let result = converse(conn.stream, &ear.manners, ends).await;
        output.close().await.map_err(|error| Failure::output(&error))?;
        result.map_err(|trouble| Failure::broken_off(conn.client, trouble))
    };
    let result = tokio::select! {
        result = talk => result,
        () = stop => Ok(()),
    };
    drop(stopper);
    result
}
