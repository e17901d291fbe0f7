//! `netlab connect`: a raw TCP connection, or a conversation in datagrams, by hand.

pub(super) mod target;
mod udp;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::context::Context;
use super::conversation::{Ends, Manners, converse, our_end};
use super::door::Door;
use super::refused::snagged;
use super::route::route;
use super::secure::Secrecy;
use super::speech::{Ending, lines};
use crate::cli::Connect;
use crate::error::{Exit, Failure};
use crate::evidence::TroubleKind;
use crate::lab::table::usual_port_over_tls;
use crate::net::dial::{CONNECT_LIMIT, dial_any_from};
use crate::net::origin::{Origin, Snag};
use crate::net::route::Route;
use crate::render::json;
use crate::render::teller::dialogue::Dialogue;
use crate::render::text::look::Form;
use crate::render::tree::flows;
use crate::terminal::pipe;

/// The verb's name in evidence.
const BY: &str = "connect";
/// How long a silence is waited out after our side has finished; servers answer in less.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// Connects, and carries words one way and bytes the other until both sides have finished.
///
/// # Errors
/// When there is no connection to be had, or it breaks off.
pub async fn run(args: Connect, context: &Context) -> Result<Exit, Failure> {
    let (host, port) = target::target(&args.target)?;
    // A lab name alone knows its port, and its web sites have another one for TLS.
    let port = if args.tls && host == args.target { usual_port_over_tls(&host) } else { port };
    if !args.tls && (args.beliefs.insecure || args.beliefs.cacert.is_some()) {
        return Err(Failure::usage(
            "--cacert and -k say whom to believe over TLS, and this connection is in the open",
            "without TLS nobody shows a certificate",
        )
        .or_try("speak TLS: add --tls"));
    }
    let output = if args.manners.raw { Some(raw_output()?) } else { None };
    let dialogue = match &output {
        None => Dialogue::new(context.screen.clone(), BY),
        Some(_) => Dialogue::beside_bytes(context.screen.clone(), BY),
    };
    let dialogue = Arc::new(dialogue.of(our_end(&Manners::of(&args.manners))));
    let recorder = context.recorder(Some(dialogue.clone())).clone();
    context.note_proxies();
    let mut door = None;
    let route = route(context, &recorder, &mut door, &host, port).await?;
    let result = if args.udp {
        udp::talk(&args, &route, &recorder, &dialogue).await
    } else {
        talk(&args, (&host, &route), context, door.as_ref(), (&dialogue, output)).await
    };
    show(context, &result);
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result.map(|()| Exit::Done)
}

/// The document, or with fields wanted what the bytes meant.
fn show(context: &Context, result: &Result<(), Failure>) {
    if context.screen.look.form == Form::Json {
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        let failure = result.as_ref().err().map(json::failure);
        json::document(&context.screen, BY, json!({ "flows": flows, "failure": failure }));
    }
    if context.screen.look.wants_fields() {
        flows::show(&context.screen, &context.flows());
    }
}

async fn talk(
    args: &Connect,
    (host, route): (&str, &Route),
    context: &Context,
    door: Option<&Door>,
    (dialogue, output): (&Dialogue, Option<pipe::Output>),
) -> Result<(), Failure> {
    let recorder = &route.recorder(context.recorder(None));
    let secrecy = || Secrecy::of(&args.beliefs, context, door, &route.addresses, &[]);
    let secrecy = args.tls.then(secrecy).transpose()?;
    let limit = args.connect_timeout.unwrap_or(CONNECT_LIMIT);
    let stream = dial_any_from(recorder, BY, &route.addresses, origin(args), limit)
        .await
        .map_err(|snag| unanswered(snag, limit))?;
    let server = stream.recording().server();
    if output.is_none() && std::io::stdin().is_terminal() {
        dialogue.note("type a line and Enter to send it; Ctrl-D ends your side");
    }
    let stream = match &secrecy {
        Some(secrecy) => secrecy.begin(stream.into(), host).await?,
        None => stream.into(),
    };
    let patience = args.wait.unwrap_or(AFTERWARDS);
    let manners = Manners { patience: Some(patience), ..Manners::of(&args.manners) };
    let ending = if args.lf { Ending::Lf } else { Ending::CrLf };
    let words = match &output {
        Some(_) => pipe::input(manners.room),
        None => lines(ending),
    };
    let heard = output.as_ref().map(pipe::Output::pieces);
    let ends = Ends { words, echo: None, heard, spoke: &|| {} };
    let result = converse(stream, &manners, ends).await;
    if let Some(output) = output {
        output.close().await.map_err(|error| Failure::output(&error))?;
    }
    result.map_err(|trouble| match trouble.kind {
        // With a number it is the system's: packets were lost and not acknowledged. Without, it is our patience.
        TroubleKind::TimedOut if trouble.errno.is_none() => Failure::unfinished(&server, patience),
        _ => Failure::broken_off(&server, trouble),
    })
}

/// Standard output for bytes as they are.
///
/// # Errors
/// When it is a terminal.
pub(in crate::commands) fn raw_output() -> Result<pipe::Output, Failure> {
    pipe::Output::open().ok_or_else(|| {
        Failure::usage(
            "raw bytes do not go to a terminal",
            "a terminal obeys some of them: they could move the cursor, hide text or type for you",
        )
        .or_try("send them into a file or a program: add > FILE or | xxd")
        .or_try("leave --raw out: then every byte is shown, and none is obeyed")
    })
}

/// Why there is no connection; when nothing came back, for how long that was waited for.
fn unanswered(snag: Snag, limit: Duration) -> Failure {
    match snag {
        Snag::Server(server, trouble) if trouble.kind == TroubleKind::TimedOut && trouble.errno.is_none() => {
            Failure::silent(server, limit)
        }
        other => snagged(other),
    }
}

fn origin(args: &Connect) -> Origin {
    Origin { address: args.bind, port: args.source_port.unwrap_or(0) }
}
