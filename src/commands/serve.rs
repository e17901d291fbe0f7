//! `netlab serve`: the lesson's hello server. It is the lab's hello service on a port of the learner's choice.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use super::context::{Context, asked_to_stop};
use crate::cli::Serve;
use crate::error::{Exit, Failure};
use crate::evidence::Trouble;
use crate::lab::hello::answer::{Elsewhere, GREETING, Site};
use crate::lab::hello::{Hello, Patience};
use crate::lab::log::{Entry, Log};
use crate::lab::serve::{bind_all, run as serve};
use crate::lab::up::listening_on;
use crate::net::sockets::listeners::holder;
use crate::render::server;

/// Serves until it is asked to stop.
///
/// # Errors
/// When the port cannot be had.
pub async fn run(args: Serve, context: &Context) -> Result<Exit, Failure> {
    let local = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let listeners = bind_all(&local, args.port).map_err(|(address, error)| {
        Failure::bind(address, Trouble::from(&error), holder(address).as_deref())
    })?;
    let asked_to_stop = asked_to_stop();
    server::listening(&context.screen, &listening_on(&listeners));
    let site = Site {
        greeting: args.say.unwrap_or_else(|| GREETING.to_owned()),
        nonces: None,
        elsewhere: if args.strict { Elsewhere::NotFound } else { Elsewhere::Default },
    };
    let hello = Arc::new(Hello { name: "serve", site, patience: Patience::PROGRAM });
    let answered = Arc::new(AtomicU64::new(0));
    let (stop, stopping) = watch::channel(false);
    let serving = serve(hello, listeners, context.watched_recorder(), log(context, &answered), stopping);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = asked_to_stop => {
            stop.send_replace(true);
            serving.await;
        }
    }
    server::stopped(&context.screen, answered.load(Ordering::Relaxed));
    Ok(Exit::Done)
}

fn log(context: &Context, answered: &Arc<AtomicU64>) -> Log {
    let (screen, answered) = (context.screen.clone(), answered.clone());
    Arc::new(move |entry| {
        if matches!(entry, Entry::Request(_)) {
            answered.fetch_add(1, Ordering::Relaxed);
        }
        server::entry(&screen, &entry);
    })
}
