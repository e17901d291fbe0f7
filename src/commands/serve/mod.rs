//! `netlab serve`: the lesson's hello server. It is the lab's hello service on a port of the learner's choice.

mod place;
mod site;

use std::num::NonZero;
use std::sync::Arc;
use std::thread::{JoinHandle, available_parallelism};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::context::{Context, asked_to_stop};
use crate::cli::Serve;
use crate::error::{Exit, Failure};
use crate::evidence::{Transport, Trouble};
use crate::lab::hello::site::Site;
use crate::lab::hello::{Hello, Patience};
use crate::lab::log::{Reader, Requests};
use crate::lab::serve::{Room, bind_all, listening_on, run_in};
use crate::lab::window::Window;

use crate::lab::watch::PLACE;
use crate::lab::watch::site::{Off, Watched};
use crate::lab::workers::Workers;
use crate::net::descriptors;
use crate::net::sockets::listeners::holder;
use crate::render::lab::{exposed as exposure, faulty, server};
use crate::render::page::shows;

/// The verb's name in evidence.
const BY: &str = "serve";

/// Descriptors that are no connections: listeners, event loops, the journal.
const OTHER_DESCRIPTORS: u32 = 64;

/// Serves until it is asked to stop.
///
/// # Errors
/// When the port cannot be had.
pub async fn run(args: Serve, context: &Context) -> Result<Exit, Failure> {
    // Each connection is a descriptor; with a limit that cannot be raised, reaching it is told. Before there are
    // threads, room costs nothing.
    descriptors::raise();
    descriptors::make_room(args.connections.saturating_add(OTHER_DESCRIPTORS));
    let (requests, reader) = Requests::told();
    let sites = site::of(&args, &requests.log())?;
    let hosts = place::of(&args)?;
    let recorder = context.watched_recorder();
    let several = if args.hosts.is_empty() { server::Sites::One } else { server::Sites::Several };
    let telling = tell(context, reader, several);
    let cores = available_parallelism().map_or(1, NonZero::get);
    let workers = args.workers.map_or(cores, usize::from);
    if workers == 1 {
        // The threads there are by now only write to files and to the terminal.
        descriptors::own_table();
    }
    let listeners = bind_all(&hosts, args.port).map_err(|(address, error)| {
        let trouble = Trouble::from(&error);
        recorder.not_bound(Transport::Tcp, address, BY, trouble);
        Failure::bind(address, trouble, holder(address).as_deref())
    })?;
    let workers = Workers::start(workers).map_err(|error| {
        Failure::machine("this machine gave netlab no more threads", error.to_string())
            .or_try("do with one: netlab serve --workers 1")
    })?;
    let asked_to_stop = asked_to_stop();
    let addresses = listening_on(&listeners);
    let exposed = addresses.iter().any(|address| !address.ip().to_canonical().is_loopback());
    let connections = usize::try_from(args.connections).unwrap_or(usize::MAX);
    let room = Room { connections, workers, exposed, tls: None };
    let site = sites.site.clone();
    let (site, requests) = match (args.no_watch, exposed && !args.watch) {
        (true, _) => (Arc::new(Watched::off(site, Off::Asked)), requests),
        (_, true) => (Arc::new(Watched::off(site, Off::Exposed)), requests),
        _ => wired(site, requests),
    };
    let page = site.is_on().then_some(PLACE);
    let reachable = if exposed { place::reachable(&addresses) } else { Vec::new() };
    server::listening(&context.screen, &addresses, &reachable, page);
    if let Some(at) = addresses.first() {
        let names: Vec<&str> = args.hosts.iter().map(|host| host.name.as_str()).collect();
        server::hosts(&context.screen, &names, *at);
    }
    if exposed {
        exposure::show(&context.screen, &reachable, args.minutes);
    }
    faulty::show(&context.screen, &site::faults(&args.faults));
    let patience = Patience { keep_alive: args.keep_alive, ..Patience::PROGRAM };
    let hello = Arc::new(Hello { name: BY, site, patience, requests: requests.clone() });
    let (stop, stopping) = watch::channel(false);
    let serving = run_in(room, hello, listeners, recorder, requests.log(), stopping);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = sites.watch() => {}
        () = asked_to_stop => {
            stop.send_replace(true);
            serving.await;
        }
        () = hour(exposed, args.minutes) => {
            context.screen.note("it has been exposed for as long as it was to be, and stops");
            stop.send_replace(true);
            serving.await;
        }
    }
    let many = requests.many();
    drop((requests, sites));
    // Everything that was answered is told before the last line.
    let _ = telling.join();
    server::stopped(&context.screen, many);
    Ok(Exit::Done)
}

/// Resolves when a server that others can reach has been there for its time.
async fn hour(exposed: bool, minutes: u16) {
    if exposed {
        sleep(Duration::from_mins(u64::from(minutes))).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// The site with the page that shows its requests.
fn wired(site: Arc<dyn Site>, requests: Requests) -> (Arc<Watched>, Requests) {
    let window = Arc::new(Window::new());
    let requests = requests.shown_in(window.clone());
    (Arc::new(Watched::on(site, window, requests.left_out(), shows())), requests)
}

/// Tells what the server logs, from a thread of its own: a terminal may be slow.
fn tell(context: &Context, reader: Reader, sites: server::Sites) -> JoinHandle<()> {
    let screen = context.screen.clone();
    std::thread::spawn(move || reader.each(|entry| server::entry(&screen, entry, sites)))
}
