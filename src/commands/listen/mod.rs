//! `netlab listen`: the other end of a connection, by hand.

mod floor;
mod place;
mod tcp;
mod typed;
mod udp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::connect::raw_output;
use super::context::{Context, JOB_VARIABLE, asked_to_stop};
use super::conversation::{Manners, framing, our_end};
use crate::cli::Listen;
use crate::cli::values::Sleepy;
use crate::error::{Exit, Failure};
use crate::evidence::{Listener, Recorder, Transport, Trouble, TroubleKind};
use crate::lab::serve::bind_all;
use crate::lab::serve::listening_on;
use crate::net::callers::Callers;
use crate::net::sockets::listeners::{datagram_holder, holder};
use crate::render::teller::clients::Clients;
use place::{Place, place};

/// The verb's name in evidence.
const BY: &str = "listen";
/// How long other machines may come in. Who wants them longer starts again.
const EXPOSED_FOR: Duration = Duration::from_hours(1);

/// What the ways of listening share.
struct Ear {
    manners: Manners,
    echo: bool,
    clients: Arc<Clients>,
    recorder: Recorder,
    /// Whether standard input is the person's: that of a job is its session's.
    takes_lines: bool,
}

/// Listens until it is asked to stop.
///
/// # Errors
/// When the port cannot be had.
pub async fn run(args: Listen, context: &Context) -> Result<Exit, Failure> {
    let place = place(&args.place, args.expose)?;
    if args.udp && args.sleepy == Some(Sleepy::Finished) {
        return Err(Failure::usage(
            "over UDP nobody ever finishes",
            "UDP has no way to say that there is no more, so a reader that sleeps until then would not wake",
        )
        .or_try("give a time: --sleepy 500ms"));
    }
    let output = if args.manners.raw { Some(raw_output()?) } else { None };
    let manners = Manners { sleepy: args.sleepy, counts: true, ..Manners::of(&args.manners) };
    let (raw, frame) = (args.manners.raw, args.frame.map(framing));
    let clients = Arc::new(Clients::new(context.screen.clone(), raw, frame, our_end(&manners)));
    let recorder = context.recorder_telling(Some(clients.clone() as Arc<dyn Listener>));
    let takes_lines = std::env::var_os(JOB_VARIABLE).is_none();
    let ear = Ear { manners, echo: args.echo, clients, recorder, takes_lines };
    let stop = asked_to_stop();
    if args.udp {
        let address = SocketAddr::new(place.hosts[0], place.port);
        let callers = Callers::open(&ear.recorder, BY, address).await.map_err(|trouble| {
            ear.recorder.not_bound(Transport::Udp, address, BY, trouble);
            refused(Transport::Udp, address, trouble, datagram_holder(address).as_deref())
        })?;
        begin(&ear.clients, &[callers.address()], Transport::Udp, &place);
        udp::serve(&ear, callers, until(stop, &place)).await;
    } else {
        let listeners = bind_all(&place.hosts, place.port).map_err(|(address, error)| {
            let trouble = Trouble::from(&error);
            ear.recorder.not_bound(Transport::Tcp, address, BY, trouble);
            refused(Transport::Tcp, address, trouble, holder(address).as_deref())
        })?;
        if let Some(backlog) = args.backlog {
            shorten(&listeners, backlog)?;
        }
        begin(&ear.clients, &listening_on(&listeners), Transport::Tcp, &place);
        match output {
            _ if args.no_accept => {
                ear.clients.note("netlab accepts nobody. The kernel does the handshakes by itself all the same: clients connect, and what they send waits in the kernel, unread");
                until(stop, &place).await;
                drop(listeners);
            }
            Some(output) => tcp::pipe(&ear, listeners, output, until(stop, &place)).await?,
            None => tcp::serve(&ear, listeners, until(stop, &place)).await,
        }
    }
    ear.clients.stopped();
    Ok(Exit::Done)
}

/// Lets the kernel keep fewer connections that nobody has accepted. Saying so again on a socket that listens
/// already is all it takes.
fn shorten(listeners: &[TcpListener], backlog: u16) -> Result<(), Failure> {
    let shortened =
        listeners.iter().try_for_each(|listener| SockRef::from(listener).listen(i32::from(backlog)));
    shortened.map_err(|error| {
        Failure::machine("the queue of the listening socket keeps its length", error.to_string())
    })
}

fn begin(clients: &Clients, addresses: &[SocketAddr], transport: Transport, place: &Place) {
    clients.listening(addresses, transport);
    if place.exposed {
        clients.exposed(&format!(
            "everybody who can reach this machine over a network can now connect, and send what they like; this ends by itself after {} minutes",
            EXPOSED_FOR.as_secs() / 60
        ));
    }
}

fn refused(transport: Transport, address: SocketAddr, trouble: Trouble, holder: Option<&str>) -> Failure {
    let failure = Failure::bind(address, trouble, holder);
    if trouble.kind != TroubleKind::AddressInUse {
        return failure;
    }
    let next = address.port().checked_add(1).unwrap_or_default();
    let udp = if transport == Transport::Udp { " --udp" } else { "" };
    let try_this = vec![
        format!("take another port: netlab listen {next}{udp}"),
        format!("let the system choose a free one: netlab listen 0{udp}"),
    ];
    Failure { try_this, ..failure }
}

/// Resolves when it is time to stop.
async fn until(stop: impl Future<Output = ()>, place: &Place) {
    let enough = async {
        if place.exposed {
            sleep(EXPOSED_FOR).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = stop => {}
        () = enough => {}
    }
}
