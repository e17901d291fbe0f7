//! `netlab tap`: stand between a client and a server, show what they say, and do to it what a bad network does.
//!
//! [`tcp`] carries connections, [`udp`] datagrams; [`ends`] is where the tap stands, and [`circle`] finds out that it would
//! lead to itself.

pub mod circle;
mod ends;
mod tcp;
mod udp;

use std::net::SocketAddr;

use super::context::Context;
use super::door::Door;
use super::route::route;
use crate::cli::Tap;
use crate::error::{Exit, Failure};
use crate::evidence::{Trouble, TroubleKind};
use ends::{Ends, ends, off_this_machine};

/// Relays until it is asked to stop.
///
/// # Errors
/// When the ends make no sense, or the port cannot be had.
pub async fn run(args: Tap, context: &Context) -> Result<Exit, Failure> {
    let ends = ends(&args.ends)?;
    let mut door = None;
    let servers = servers(context, &mut door, &ends).await?;
    if servers.contains(&ends.listen) {
        return Err(Failure::usage(
            format!("the tap would lead from {} to {}", ends.listen, ends.listen),
            "it would talk to itself, round and round",
        )
        .or_try(format!("let it listen on another port: netlab tap {}8777=7777", option(args.udp))));
    }
    let outcome = if args.udp {
        udp::run(&args, &ends, servers[0], context, door.as_ref()).await
    } else {
        tcp::run(&args, &ends, servers, context, door.as_ref()).await
    };
    if let Some(door) = door {
        door.close().await;
    }
    outcome.map(|()| Exit::Done)
}

/// Says that a lab was started for this tap alone.
fn note_own_lab(context: &Context, door: Option<&Door>) {
    if let Some(Door::Here(_)) = door {
        context.screen.note("the lab was started for this tap and ends with it; other programs reach it through the tap alone");
    }
}

/// The option that says what is carried, as it is typed.
fn option(udp: bool) -> &'static str {
    if udp { "--udp " } else { "" }
}

/// Where the tap leads to, at least one address. A lab that has to be started for it stays in `door`.
async fn servers(
    context: &Context,
    door: &mut Option<Door>,
    ends: &Ends,
) -> Result<Vec<SocketAddr>, Failure> {
    let (host, port) = &ends.target;
    let route = route(context, context.recorder(None), door, host, *port).await?;
    let mut servers = route.addresses;
    if ends.alone[1] {
        servers.push(SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), *port));
    }
    if servers.is_empty() {
        return Err(Failure::no_address());
    }
    match servers.iter().find(|server| !server.ip().is_loopback()) {
        Some(server) => Err(off_this_machine(&server.ip().to_string())),
        None => Ok(servers),
    }
}

fn refused(listen: SocketAddr, trouble: Trouble, holder: Option<&str>) -> Failure {
    let failure = Failure::bind(listen, trouble, holder);
    if trouble.kind != TroubleKind::AddressInUse {
        return failure;
    }
    let try_this = vec![
        "take another port in front of the equals sign".to_owned(),
        "let the system choose a free one: put 0 in front of the equals sign".to_owned(),
    ];
    Failure { try_this, ..failure }
}
