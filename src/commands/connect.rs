//! `netlab connect`: a raw TCP connection by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::context::Context;
use super::door::Door;
use super::refused::unconnected;
use super::route::route;
use crate::cli::Connect;
use crate::error::{Exit, Failure};
use crate::evidence::{Trouble, TroubleKind};
use crate::lab::up::usual_port;
use crate::lab::zone::is_lab_name;
use crate::net::dial::dial_any;
use crate::net::tap::Tap;
use crate::render::dialogue::Dialogue;
use crate::render::look::Form;
use crate::render::{flows, json};

/// The verb's name in evidence.
const BY: &str = "connect";
/// How long to listen after our side has finished; servers answer in less.
const AFTERWARDS: Duration = Duration::from_secs(30);
/// The longest line that is sent in one piece.
const LINE_LIMIT: usize = 64 * 1024;

/// Connects, and carries lines one way and bytes the other until both sides have finished.
///
/// # Errors
/// When there is no connection to be had, or it breaks off.
pub async fn run(args: Connect, context: &Context) -> Result<Exit, Failure> {
    let (host, port) = target(&args.target)?;
    let dialogue = Arc::new(Dialogue::new(context.screen.clone()));
    let recorder = context.recorder(Some(dialogue.clone())).clone();
    let mut door = None;
    let route = route(context, &recorder, &mut door, &host, port).await?;
    let mut stream = dial_any(&recorder, BY, &route.addresses).await.map_err(unconnected)?;
    let server = stream.recording().flow().server;
    let buffer = vec![0; usize::try_from(args.chunk).unwrap_or(1)];
    let ending = if args.lf { &b"\n"[..] } else { b"\r\n" };
    let result = talk(&mut stream, buffer, ending, &dialogue).await;
    drop(stream);
    if context.screen.look.form == Form::Json {
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        let failure =
            result.as_ref().err().map(|trouble| json::failure(&Failure::broken_off(server, *trouble)));
        json::document(&context.screen, BY, json!({ "flows": flows, "failure": failure }));
    }
    if context.screen.look.wants_fields() {
        flows::show(&context.screen, &context.flows());
    }
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result.map(|()| Exit::Done).map_err(|trouble| Failure::broken_off(server, trouble))
}

/// `host:port`, `[::1]:port`, or a lab name, which knows its port.
fn target(typed: &str) -> Result<(String, u16), Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("{typed} is not a place to connect to"), why.to_owned())
            .or_try("a host and a port with a colon between: localhost:7777, 127.0.0.1:7777 or [::1]:7777")
            .or_try("a lab name alone: netlab connect time.test")
    };
    if let Ok(address) = typed.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), address.port()));
    }
    match typed.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !host.contains(':') => {
            let port = port.parse().map_err(|_| wrong("a port is a number from 1 to 65535"))?;
            if port == 0 {
                Err(wrong("a port is a number from 1 to 65535"))
            } else {
                Ok((host.to_owned(), port))
            }
        }
        Some((host, _)) if host.contains(':') => {
            Err(wrong("an IPv6 address with a port needs brackets around it"))
        }
        None if is_lab_name(typed) => Ok((typed.to_owned(), usual_port(typed))),
        _ => Err(wrong("a connection goes to an address and a port, and there is no port")),
    }
}

/// Both directions at once, each to its own end.
async fn talk(
    stream: &mut Tap<TcpStream>,
    mut buffer: Vec<u8>,
    ending: &[u8],
    dialogue: &Dialogue,
) -> Result<(), Trouble> {
    let mut lines = lines();
    let mut typing = true;
    let mut until: Option<Instant> = None;
    loop {
        let patience = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            line = lines.recv(), if typing => if let Some(line) = line { send(stream, &line, ending).await? } else {
                typing = false;
                until = Some(Instant::now() + AFTERWARDS);
                stream.shutdown().await.map_err(|error| Trouble::from(&error))?;
            },
            read = stream.read(&mut buffer) => match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return Err(Trouble::from(&error)),
            },
            () = patience => {
                dialogue.note("the server has not finished its side for 30 seconds; leaving");
                return Err(TroubleKind::TimedOut.into());
            }
        }
    }
    if typing {
        // The server has finished first; there is nobody left to type for.
        let _ = stream.shutdown().await;
    }
    Ok(())
}

/// Sends a line with the wanted line end; a last line that was not ended is sent as it is.
async fn send(stream: &mut Tap<TcpStream>, line: &[u8], ending: &[u8]) -> Result<(), Trouble> {
    let mut bytes = line.to_vec();
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
        bytes.extend_from_slice(ending);
    }
    stream.write_all(&bytes).await.map_err(|error| Trouble::from(&error))
}

/// Lines of standard input, until it ends. A line longer than the limit comes in pieces.
fn lines() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut input = BufReader::new(tokio::io::stdin());
        let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
        loop {
            let mut line = Vec::new();
            match (&mut input).take(limit).read_until(b'\n', &mut line).await {
                Ok(1..) if sender.send(line).await.is_ok() => {}
                _ => break,
            }
        }
    });
    receiver
}
