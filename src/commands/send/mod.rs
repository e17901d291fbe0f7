//! `netlab send`: a known number of writes, and what this end knows about them when it is over.

mod follow;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::connect::target::target;
use super::context::{Context, shares_terminal};
use super::conversation::{Ends, Manners, Parting, ROOM, converse, framing};
use super::door::Door;
use super::refused::snagged;
use super::route::route;
use super::speech::WAITING;
use crate::cli::Send;
use crate::error::{Exit, Failure};
use crate::evidence::{Flow, Side, TroubleKind};
use crate::net::dial::{CONNECT_LIMIT, dial_any_from};
use crate::net::leaving::Leaving;
use crate::net::origin::Origin;
use crate::net::receipts::Receipt;
use crate::net::route::Route;
use crate::net::tap::Tap;
use crate::proto::framed::MESSAGE_LIMIT;
use crate::render::json;
use crate::render::teller::dialogue::Dialogue;
use crate::render::teller::handovers::{self, Ended};
use crate::render::teller::narrator::{Detail, OurEnd};
use crate::render::teller::receipts;
use crate::render::text::look::Form;
use crate::render::text::words::{count, number};
use crate::render::tree::flows;
use follow::Follower;
use plan::Plan;

/// The verb's name in evidence.
const BY: &str = "send";
/// How long a silence is waited out after our side has finished, as by `connect`.
const AFTERWARDS: Duration = Duration::from_secs(30);
/// Of many writes and reads the first are told, and of long ones the beginning. All are counted.
const DETAIL: Detail = Detail { many: 20, bytes: 200 };

/// Connects, writes as often as was asked for, and says what became of it.
///
/// # Errors
/// When there is no connection to be had, or it breaks off.
pub async fn run(args: Send, context: &Context) -> Result<Exit, Failure> {
    let (host, port) = target(&args.target)?;
    let plan = Plan::of(&args);
    if plan.has_empty() {
        return Err(Failure::usage(
            "an empty text is nothing to write",
            "a write of no bytes leaves no trace in a stream: nobody could tell that it was there",
        )
        .or_try("frame it: an empty message between its newlines, or behind the length 0, does exist"));
    }
    if args.frame.is_some() && plan.longest() > MESSAGE_LIMIT {
        return Err(Failure::usage(
            "that is too long for one message",
            format!("a message has {} bytes at most: a reader must be able to refuse a length before it makes room for it", number(MESSAGE_LIMIT as u64)),
        )
        .or_try("make the writes smaller, or leave --frame out: a stream may have any length"));
    }
    if args.receipts && (plan.writes > follow::WRITES || plan.bytes() > follow::BYTES) {
        return Err(Failure::usage(
            "that is too much to follow write by write",
            format!(
                "--receipts follows {} writes of {} bytes in all at most: the kernel keeps few receipts",
                follow::WRITES,
                number(follow::BYTES as u64)
            ),
        )
        .or_try("make fewer or smaller writes, or leave --receipts out"));
    }
    let ours = OurEnd { by_role: shares_terminal(), ..OurEnd::default() };
    let dialogue = Arc::new(Dialogue::new(context.screen.clone(), BY).told_as(DETAIL).of(ours));
    let recorder = context.recorder(Some(dialogue.clone())).clone();
    context.note_proxies();
    let mut door = None;
    let route = route(context, &recorder, &mut door, &host, port).await?;
    let mut receipts = None;
    let result = write_all(&args, &plan, &route, context, &dialogue, &mut receipts).await;
    show(&args, &plan, context, &dialogue, &Outcome { result: result.as_ref(), receipts });
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result.map(|()| Exit::Done)
}

async fn write_all(
    args: &Send,
    plan: &Plan,
    route: &Route,
    context: &Context,
    dialogue: &Dialogue,
    receipts: &mut Option<Vec<Receipt>>,
) -> Result<(), Failure> {
    let recorder = &route.recorder(context.recorder(None));
    let origin = Origin::default();
    let stream =
        dial_any_from(recorder, BY, &route.addresses, origin, CONNECT_LIMIT).await.map_err(snagged)?;
    let server = stream.recording().server();
    leave(&stream, leaving(args), dialogue);
    if plan.splits() {
        dialogue.note(
            "a text holds a newline, and here a newline ends a message: the other end will find more messages than texts",
        );
    }
    let patience = args.wait.unwrap_or(AFTERWARDS);
    let manners = Manners {
        room: args.read.map_or(ROOM, |room| usize::try_from(room).unwrap_or(ROOM)),
        first: Vec::new(),
        close_after: None,
        parting: if args.reset { Parting::Reset } else { Parting::Close },
        // All writes are made, also to one who has said all it has to say.
        keep: true,
        sleepy: None,
        patience: Some(patience),
        counts: true,
    };
    let follower = if args.receipts { follower(&stream, dialogue) } else { None };
    let words = words(plan.clone(), args.pause);
    let ends = Ends { words, echo: None, heard: None, spoke: &|| {} };
    let ended = tokio::select! {
        ended = converse(stream.into(), &manners, ends) => ended,
        () = following(follower.as_ref()) => Ok(()),
    };
    *receipts = follower.map(Follower::all);
    match ended {
        // Everything was written; that the other side stays is its own business.
        Err(trouble) if trouble.kind == TroubleKind::TimedOut && trouble.errno.is_none() => {
            let waited = patience.as_secs_f64();
            dialogue.note(&format!("the other side has not finished for {waited} s; leaving"));
            Ok(())
        }
        result => result.map_err(|trouble| Failure::broken_off(&server, trouble)),
    }
}

fn follower(stream: &Tap<TcpStream>, dialogue: &Dialogue) -> Option<Follower> {
    let follower = Follower::of(stream.inner());
    if let Err(error) = &follower {
        dialogue.note(&format!("this system gives no receipts for writes ({error}); going on without"));
    }
    follower.ok()
}

/// Never resolves.
async fn following(follower: Option<&Follower>) {
    match follower {
        Some(follower) => follower.follow().await,
        None => std::future::pending().await,
    }
}

fn leaving(args: &Send) -> Leaving {
    match (args.nodelay, args.cork) {
        (true, _) => Leaving::AtOnce,
        (_, true) => Leaving::Corked,
        _ => Leaving::Nagle,
    }
}

/// Says when small writes leave, unless it is as always.
fn leave(stream: &Tap<TcpStream>, leaving: Leaving, dialogue: &Dialogue) {
    let set = leaving.set(stream.inner());
    let recording = stream.recording();
    match (leaving, set) {
        (_, Err(error)) => {
            dialogue.note(&format!(
                "this system has no {} for a connection ({error}); small writes leave as TCP likes",
                leaving.name()
            ));
        }
        (Leaving::Nagle, Ok(())) => {}
        (Leaving::AtOnce, Ok(())) => {
            recording.note("TCP_NODELAY: the kernel sends each write at once, however small");
        }
        (Leaving::Corked, Ok(())) => recording
            .note("TCP_CORK: the kernel sends full segments only, and the rest when this side finishes"),
    }
}

/// The writes one after another, with the pauses between them.
fn words(plan: Plan, pause: Option<Duration>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        for number in 0..plan.writes {
            if let (Some(pause), 1..) = (pause, number) {
                sleep(pause).await;
            }
            if sender.send(plan.write(number)).await.is_err() {
                break;
            }
        }
    });
    receiver
}

/// What came of it.
struct Outcome<'a> {
    result: Result<&'a (), &'a Failure>,
    receipts: Option<Vec<Receipt>>,
}

/// What this end handed over and what came back; or the document.
fn show(args: &Send, plan: &Plan, context: &Context, dialogue: &Dialogue, outcome: &Outcome<'_>) {
    let flows = context.flows();
    let spoke = |flow: &&Flow| flow.by == BY && flow.seen == Side::Client && flow.client.is_some();
    let flow = flows.iter().rfind(spoke);
    let ended = flow.map(|flow| Ended { flow, told: dialogue.told(), framing: args.frame.map(framing) });
    if context.screen.look.form == Form::Json {
        let members = json!({
            "flows": flows.iter().map(json::flow).collect::<Vec<_>>(),
            "failure": outcome.result.err().map(json::failure),
            "asked_writes": plan.writes,
            "small_writes": leaving(args).name(),
            "ended": ended.as_ref().map(handovers::as_json),
            "receipts": flow.zip(outcome.receipts.as_ref()).map(|(flow, all)| receipts::as_json(flow, all)),
        });
        return json::document(&context.screen, BY, members);
    }
    let pieces = dialogue.told().writes;
    if outcome.result.is_ok() && pieces > u64::from(plan.writes) {
        dialogue.note(&format!(
            "{} were asked for and the kernel took them in {pieces} pieces: where it had no room for all of one, the rest was handed over again",
            count(u64::from(plan.writes), "write")
        ));
    }
    if let Some(ended) = ended {
        handovers::tell(&dialogue.narrator(), &ended, true);
    }
    if let (Some(flow), Some(all)) = (flow, &outcome.receipts) {
        receipts::tell(&dialogue.narrator(), flow, all);
    }
    if context.screen.look.wants_fields() {
        flows::show(&context.screen, &flows);
    }
}
