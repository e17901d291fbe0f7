//! Connections: what both sides say is shown as it goes by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;

use super::circle::circle;
use super::ends::Ends;
use super::{note_own_lab, refused};
use crate::cli::Tap;
use crate::commands::context::{Context, asked_to_stop};
use crate::commands::door::Door;
use crate::error::Failure;
use crate::evidence::{Listener, Transport, Trouble};
use crate::lab::entry::{Entry, Log};
use crate::lab::serve::{Room, bind_all, listening_on, run_in};
use crate::lab::splice::{CONNECTIONS, NAME, Plan, Splice, Told};
use crate::net::sockets::listeners::holder;
use crate::render::teller::between::Between;

/// Relays connections until it is asked to stop.
///
/// # Errors
/// When the port cannot be had, or the way leads back here.
pub async fn run(
    args: &Tap,
    ends: &Ends,
    servers: Vec<SocketAddr>,
    context: &Context,
    door: Option<&Door>,
) -> Result<(), Failure> {
    let both = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let one = [ends.listen.ip()];
    let hosts = if ends.alone[0] { &both[..] } else { &one };
    let between = Arc::new(Between::new(context.screen.clone()));
    let recorder = context.recorder_told_to(between.clone() as Arc<dyn Listener>);
    let listeners = bind_all(hosts, ends.listen.port()).map_err(|(address, error)| {
        let trouble = Trouble::from(&error);
        recorder.not_bound(Transport::Tcp, address, NAME, trouble);
        refused(address, trouble, holder(address).as_deref())
    })?;
    let addresses = listening_on(&listeners);
    if let (Some(here), Some(server)) = (addresses.first(), servers.first()) {
        circle(Transport::Tcp, here.port(), server.port())?;
    }
    let split = args.split.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let plan = Plan { servers, delay: args.delay.unwrap_or_default(), split, cut: args.cut };
    let stop = asked_to_stop();
    between.listening(&addresses, &plan);
    note_own_lab(context, door);
    let tell = {
        let between = between.clone();
        Arc::new(move |told: &Told<'_>| between.tell(told))
    };
    let splice = Arc::new(Splice::new(plan, tell));
    let (stopper, stopping) = watch::channel(false);
    let room = Room { connections: CONNECTIONS, ..Room::default() };
    let serving = run_in(room, splice, listeners, recorder, log(&between), stopping);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = stop => {}
    }
    stopper.send_replace(true);
    serving.await;
    between.stopped();
    Ok(())
}

/// What the accept loop has to say.
fn log(between: &Arc<Between>) -> Log {
    let between = between.clone();
    Arc::new(move |entry| {
        if let Entry::Limit(limit) = entry {
            between.limit(&limit);
        }
    })
}
