//! Datagrams: some are lost, repeated, held back, all by a seed.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;

use super::circle::{circle, comes_back};
use super::ends::Ends;
use super::{note_own_lab, refused};
use crate::cli::Tap;
use crate::cli::tap::Share;
use crate::commands::context::{Context, asked_to_stop};
use crate::commands::door::Door;
use crate::error::Failure;
use crate::evidence::Transport;
use crate::lab::faults::{Faults, Odds};
use crate::lab::relay::{IDLE, Plan, Relay};
use crate::net::sockets::listeners::datagram_holder;
use crate::render::teller::relay as shown;

/// Seeds that netlab chooses itself are below this, so that they are quickly typed again.
const SEEDS: u64 = 10_000;

/// Relays datagrams until it is asked to stop.
///
/// # Errors
/// When the port cannot be had, or the way leads back here.
pub async fn run(
    args: &Tap,
    ends: &Ends,
    server: SocketAddr,
    context: &Context,
    door: Option<&Door>,
) -> Result<(), Failure> {
    let (faults, listen) = (faults(args)?, ends.listen);
    let screen = context.screen.clone();
    let tell = Arc::new(move |told: &_| shown::told(&screen, server, told));
    let plan = Plan { listen, server, faults, delay: args.delay.unwrap_or_default(), idle: IDLE };
    let recorder = context.watched_recorder();
    let relay = Relay::open(plan, &recorder, tell)
        .await
        .map_err(|trouble| refused(listen, trouble, datagram_holder(listen).as_deref()))?;
    circle(Transport::Udp, relay.address().port(), server.port())?;
    let stop = asked_to_stop();
    shown::listening(&context.screen, relay.address(), &plan);
    note_own_lab(context, door);
    let summary = relay.run(stop).await;
    shown::stopped(&context.screen, &summary);
    if summary.goes_round {
        return Err(comes_back(server));
    }
    Ok(())
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
