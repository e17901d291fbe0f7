//! `netlab tap`: stand between a client and a server, and lose some of what they say.

mod ends;

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;

use super::context::{Context, asked_to_stop};
use super::door::Door;
use super::route::route;
use crate::cli::Tap;
use crate::cli::tap::Share;
use crate::error::{Exit, Failure};
use crate::evidence::{Trouble, TroubleKind};
use crate::lab::faults::{Faults, Odds};
use crate::lab::relay::{IDLE, Plan, Relay};
use crate::net::sockets::listeners::datagram_holder;
use crate::render::teller::relay as shown;
use ends::{Ends, ends, off_this_machine};

/// Seeds that netlab chooses itself are below this, so that they are quickly typed again.
const SEEDS: u64 = 10_000;

/// Relays until it is asked to stop.
///
/// # Errors
/// When the ends make no sense, or the port cannot be had.
pub async fn run(args: Tap, context: &Context) -> Result<Exit, Failure> {
    if !args.udp {
        return Err(Failure::usage(
            "this tap carries datagrams, and --udp says so",
            "a tap for TCP connections, which would show what goes through them, is still to come",
        )
        .or_try(format!("add the word: netlab tap --udp {}", args.ends)));
    }
    let faults = faults(&args)?;
    let Ends { listen, target } = ends(&args.ends)?;
    let mut door = None;
    let server = server(context, &mut door, &target).await?;
    if listen == server {
        return Err(Failure::usage(
            format!("the tap would lead from {server} to {server}"),
            "it would send datagrams to itself, round and round",
        )
        .or_try("let it listen on another port: netlab tap --udp 7054=7053"));
    }
    let screen = context.screen.clone();
    let tell = Arc::new(move |told: &_| shown::told(&screen, server, told));
    let plan = Plan { listen, server, faults, delay: args.delay.unwrap_or_default(), idle: IDLE };
    let recorder = context.watched_recorder();
    let relay = Relay::open(plan, &recorder, tell).await.map_err(|trouble| refused(listen, trouble))?;
    let stop = asked_to_stop();
    shown::listening(&context.screen, relay.address(), &plan);
    if let Some(Door::Here(_)) = door {
        context.screen.note("the lab was started for this tap and ends with it; other programs reach it through the tap alone");
    }
    let summary = relay.run(stop).await;
    shown::stopped(&context.screen, &summary);
    if let Some(door) = door {
        door.close().await;
    }
    Ok(Exit::Done)
}

fn faults(args: &Tap) -> Result<Faults, Failure> {
    let share = |share: Option<Share>| share.unwrap_or_default().0;
    let odds = Odds { drop: share(args.drop), twice: share(args.dup), hold: share(args.reorder) };
    if !odds.fit() {
        return Err(Failure::usage(
            "the shares come to more than 100%",
            "one datagram has one fate: it is dropped, or passed twice, or held back, or passed",
        )
        .or_try("make them smaller: --drop 30% --dup 5% --reorder 10% leaves 55% that simply pass"));
    }
    let seed = args.seed.unwrap_or_else(|| RandomState::new().hash_one(std::process::id()) % SEEDS);
    Ok(Faults { odds, seed })
}

/// The one address the tap leads to. A lab that has to be started for it stays in `door`.
async fn server(
    context: &Context,
    door: &mut Option<Door>,
    (host, port): &(String, u16),
) -> Result<SocketAddr, Failure> {
    let route = route(context, context.recorder(None), door, host, *port).await?;
    let server = route.addresses.first().copied().ok_or_else(Failure::no_address)?;
    if !server.ip().is_loopback() {
        return Err(off_this_machine(&server.ip().to_string()));
    }
    Ok(server)
}

fn refused(listen: SocketAddr, trouble: Trouble) -> Failure {
    let failure = Failure::bind(listen, trouble, datagram_holder(listen).as_deref());
    if trouble.kind != TroubleKind::AddressInUse {
        return failure;
    }
    let try_this = vec![
        "take another port in front of the equals sign".to_owned(),
        "let the system choose a free one: put 0 in front of the equals sign".to_owned(),
    ];
    Failure { try_this, ..failure }
}
